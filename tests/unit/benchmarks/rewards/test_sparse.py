import numpy as np
from benchmarks.rewards.sparse import EpisodeFitness

from skillwright.core.seeding import generator
from skillwright.envs import TransitionBlock, find_card, make_vector_env
from skillwright.learners import EpisodeScore
from skillwright.learners.episodes import EpisodeRecorder
from skillwright.rewards.judge import Judge


def lengths(episodes) -> list[EpisodeScore]:
    return [EpisodeScore(None, float(one.num_transitions), 0.0, one.num_transitions) for one in episodes]


def walk(states, *, terminated=(), truncated=()) -> TransitionBlock:
    """Makes transitions from pairs of states."""
    pairs = np.array(states, np.float32)
    num = len(pairs)
    ends = [np.isin(np.arange(num), rows) for rows in (terminated, truncated)]
    return TransitionBlock(pairs[:, :1], np.zeros(num, np.int64), pairs[:, 1:], *ends, np.zeros(num, np.float32))


def test_an_episode_is_paid_at_its_last_step_alone():
    block = walk([(1, 2), (2, 3), (3, 4)], terminated=[2])

    assert EpisodeFitness(lengths).score(block).reward.tolist() == [0, 0, 3]


def test_the_time_limit_pays_as_the_world_does():
    block = walk([(1, 2), (2, 3)], truncated=[1])

    assert EpisodeFitness(lengths).score(block).reward.tolist() == [0, 2]


def test_episodes_that_are_woven_together_are_told_apart():
    block = walk([(1, 2), (10, 11), (2, 3), (11, 12), (3, 4)], terminated=[3, 4])

    assert EpisodeFitness(lengths).score(block).reward.tolist() == [0, 0, 0, 2, 3]


def test_an_episode_goes_on_in_the_next_rollout():
    source = EpisodeFitness(lengths)

    before = source.score(walk([(1, 2), (2, 3)]))
    after = source.score(walk([(3, 4), (5, 6)], terminated=[0]))

    assert (before.reward.tolist(), after.reward.tolist()) == ([0, 0], [3, 0])


def test_an_episode_that_its_world_left_behind_is_forgotten():
    source = EpisodeFitness(lengths)

    source.score(walk([(1, 2), (2, 3)]))
    source.score(walk([(7, 8)]))

    assert source.score(walk([(3, 4)], terminated=[0])).reward.tolist() == [1]


def test_real_rollouts_are_paid_what_the_judge_of_the_task_says():
    card = find_card("classic_control/CartPole-v1")
    judge, random = Judge(card, "balance"), generator(0, "actions")
    env = make_vector_env(card, range(4))
    source, recorder, paid, judged = EpisodeFitness(judge.score), EpisodeRecorder(4), [], []
    state = env.reset()
    for _ in range(3):
        states, steps = [state], []
        for _ in range(50):
            action = random.integers(2, size=4)
            batch = env.step(action)
            steps.append((action, batch))
            states.append(state := batch.observation)
        columns = [np.stack([getattr(batch, name) for _, batch in steps]) for name in ("terminated", "truncated")]
        reward, is_reset = (np.stack([getattr(batch, name) for _, batch in steps]) for name in ("reward", "is_reset"))
        actions = np.stack([action for action, _ in steps])
        rollout = TransitionBlock(np.stack(states[:-1]), actions, np.stack(states[1:]), *columns, reward)
        scored = source.score(rollout.at(~is_reset)).reward
        paid += scored[scored > 0].tolist()
        finished = recorder.record(rollout, is_reset)
        judged += [score.fitness for score in judge.score([TransitionBlock.join(one) for one in finished])]
    env.close()

    assert len(judged) > 10
    np.testing.assert_allclose(sorted(paid), sorted(judged), rtol=1e-6)
