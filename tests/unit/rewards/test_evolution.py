"""The loop on a small CartPole: real screens, real training, real judges; proposals and workers are scripted."""

import json
from collections import Counter

import numpy as np
import pytest

from skillwright.compute import Loss, Result
from skillwright.core import ArtifactStore, EnvError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.serialising import to_json
from skillwright.core.statistics import lower_confidence_bound
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard, find_card
from skillwright.learners.worlds import HELD_OUT_SEED, PLAY_OFF_SEED, selection_seeds, training_seed
from skillwright.rewards import training
from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.evolution import REFERENCE, Evolution, EvolutionParts
from skillwright.rewards.progress import Silent
from skillwright.rewards.records import Judgement, Judgements, Program, Proposal, Trained, TrainedShard

SMALL = {"num_envs": 2, "num_steps": 32, "num_epochs": 1, "minibatch_size": 32}
NUM_TIMESTEPS = 128
RECORDED = 16 * 200
"""More transitions than a rollout has, and fewer than the recorded ones on which programs are screened."""


def proposal(expression: str, other: str = "0.01 * n.vx") -> Proposal:
    source = f'def reward(s, a, n):\n    return {{"main": {expression}, "other": {other}}}\n'
    return Proposal(operator="fresh", rationale="Because.", program=Program(source=source))


GOOD = [
    proposal(expression)
    for expression in ("1.0 - np.abs(n.angle)", "3.0 - np.abs(n.x)", "n.vx", "np.cos(n.angle)", "s.x - n.vx")
]
UNKNOWN_FIELD = proposal("n.height")
CONSTANT = proposal("1.0", "0.5")
FAILS_IN_TRAINING = proposal(f"n.x + 0.0 * n.vx[{RECORDED}]")


class ScriptedProposer:
    """Hands in what it was given, in that order."""

    name = "scripted"

    def __init__(self, proposals):
        self.waiting = list(proposals)
        self.asked = []
        self.histories = []

    def propose(self, view, num_candidates, *, seed):
        self.asked.append(num_candidates)
        self.histories.append(list(view.history))
        handed, self.waiting = self.waiting[:num_candidates], self.waiting[num_candidates:]
        return handed


class OwnProcess:
    """Runs tasks here, one after another, and keeps their requests."""

    num_workers = 1

    def __init__(self):
        self.requests = []

    def run(self, tasks, report):
        for index, task in enumerate(tasks):
            self.requests.append(json.loads(task.request))
            function = getattr(training, task.function.partition(":")[2])
            yield index, Result(text=function(task.request, lambda text, index=index: report(index, text)))

    def close(self):
        pass

    @property
    def jobs(self):
        return [job for request in self.requests for job in request.get("jobs", [])]


class Results(OwnProcess):
    """Gives every policy the fitness a table has for it; a missing number is a failure."""

    def __init__(self, fitness):
        super().__init__()
        self.fitness = {name: iter(values) for name, values in fitness.items()}

    def run(self, tasks, report):
        for index, task in enumerate(tasks):
            request = json.loads(task.request)
            self.requests.append(request)
            if "policies" in request:
                judged = [judgement(float(policy.rpartition(" ")[2])) for policy in request["policies"]]
                yield index, Result(text=to_json(Judgements(judgements=judged)))
            else:
                trained = [self.result(job) for job in request["jobs"]]
                yield index, Result(text=to_json(TrainedShard(trained=trained)))

    def result(self, job):
        value = next(self.fitness[job["candidate_id"]])
        trained = Trained(
            candidate_id=job["candidate_id"], seed=job["seed"], timesteps=NUM_TIMESTEPS, policy=None, curve=[],
            judgement=None, failure="it blew up",
        )  # fmt: skip
        if value is None:
            return trained
        policy = f"{job['candidate_id']} at {value}"
        return trained.model_copy(update={"policy": policy, "judgement": judgement(value), "failure": ""})


class Losing(OwnProcess):
    """Loses every worker that is given certain jobs.

    Args:
        is_final: of the stage in which workers are lost.
        candidate_id: of one of the jobs.
    """

    def __init__(self, *, is_final, candidate_id):
        super().__init__()
        self.is_final, self.candidate_id = is_final, candidate_id

    def run(self, tasks, report):
        position = 0
        while position < len(tasks):
            request = json.loads(tasks[position].request)
            names = [job["candidate_id"] for job in request.get("jobs", [])]
            if self.candidate_id in names and request["is_final"] == self.is_final:
                yield position, Loss(reason="gone")
            else:
                [(_, outcome)] = super().run([tasks[position]], lambda _, text, at=position: report(at, text))
                yield position, outcome
            position += 1


LOST_TWICE = "its worker was lost twice: gone"


def judgement(fitness: float) -> Judgement:
    return Judgement(
        num_episodes=2, success_rate=0.0, success_interval=(0, 1), fitness=fitness,
        fitness_interval=(fitness, fitness), env_return=0.0, episode_length=1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def card() -> EnvCard:
    card = find_card("CartPole-v1")
    return card.model_copy(update={"learner": card.learner.model_copy(update={"settings": SMALL})})


@pytest.fixture
def steps(home) -> Steps:
    journal = Journal(Database.open(Home.open(home)))
    return Steps(journal, journal.start_run(kind="test", config=proposal("n.x"), seed=0).id)


@pytest.fixture
def evolve(card, steps, home):
    def run(proposer, executor, *, reference="np.cos(n.angle) - np.abs(n.x)", extras=(), **sizes):
        defaults = {
            "seed": 3, "num_candidates": 2, "num_generations": 1, "search_timesteps": NUM_TIMESTEPS,
            "final_timesteps": NUM_TIMESTEPS, "num_final_seeds": 2, "num_selection": 3, "num_held_out": 4, "heats": (),
        }  # fmt: skip
        parts = EvolutionParts(
            card=card, task="balance", task_text="Balance.", proposer=proposer, executor=executor, steps=steps,
            reference=reference and proposal(reference).program, artifacts=str(Home.open(home).artifacts),
            observer=Silent(), **dict(extras),
        )  # fmt: skip
        return Evolution(EvolutionConfig(**{**defaults, **sizes}), parts).run()

    return run


def test_what_the_screens_refuse_is_replaced_by_further_proposals(evolve):
    proposer = ScriptedProposer([UNKNOWN_FIELD, GOOD[0], CONSTANT, GOOD[1]])
    [generation] = evolve(proposer, OwnProcess()).generations
    assert proposer.asked == [2, 1, 1]
    assert [screening.accepted for screening in generation.screenings] == [False, True, False, True]
    assert [one.candidate_id for one in generation.trained] == ["g0-c01", "g0-c03"]
    assert "no field 'height'" in generation.screenings[0].reason


def test_a_proposer_that_only_repeats_itself_is_not_asked_forever(evolve):
    proposer = ScriptedProposer([GOOD[0]] * 20)
    [generation] = evolve(proposer, OwnProcess(), num_candidates=3).generations
    assert len(proposer.asked) == 4
    assert [one.candidate_id for one in generation.trained] == ["g0-c00"]
    assert "the same as g0-c00" in generation.screenings[1].reason


def test_a_proposer_that_hands_in_more_than_was_asked_for_is_not_asked_for_less_than_nothing(evolve):
    class Eager(ScriptedProposer):
        def propose(self, view, num_candidates, *, seed):
            super().propose(view, 0, seed=seed)
            self.asked[-1] = num_candidates
            return GOOD[:3]

    proposer = Eager([])
    evolve(proposer, OwnProcess(), num_candidates=2)
    assert proposer.asked == [2]


def test_a_later_generation_repeats_no_reward_of_an_earlier_one(evolve):
    proposer = ScriptedProposer([*GOOD[:2], GOOD[0], GOOD[2], GOOD[3]])
    second = evolve(proposer, OwnProcess(), num_generations=2).generations[1]
    assert [screening.accepted for screening in second.screenings] == [False, True, True]


def test_a_reward_that_fails_in_training_ends_its_candidate_with_the_reason_and_no_other(evolve):
    result = evolve(ScriptedProposer([FAILS_IN_TRAINING, GOOD[0]]), OwnProcess())
    ended, trained = result.generations[0].trained
    assert result.generations[0].screenings[0].accepted
    assert ended.policy is None and ended.judgement is None
    assert "IndexError" in ended.failure and str(RECORDED) in ended.failure
    assert trained.policy is not None and trained.failure == ""
    assert result.ranking == ["g0-c01"] and result.winner.id == "g0-c01"


def test_the_reflection_says_why_candidates_were_refused_and_ended(evolve):
    result = evolve(ScriptedProposer([CONSTANT, FAILS_IN_TRAINING, GOOD[0]]), OwnProcess())
    text = result.generations[0].reflection
    assert "g0-c00 (fresh): not trained: the reward is the same for every transition" in text
    assert "g0-c01 (fresh): ended: line 2: IndexError" in text
    assert "g0-c02 (fresh): fitness 0." in text


def test_the_next_proposal_is_asked_for_with_the_reflection_in_view(evolve):
    proposer = ScriptedProposer(GOOD[:4])
    evolve(proposer, OwnProcess(), num_generations=2)
    assert [len(history) for history in proposer.histories] == [0, 1]
    assert "## Generation 0" in proposer.histories[1][0].reflection


def test_what_a_proposer_was_shown_does_not_change_behind_its_back(evolve):
    class Keeper(ScriptedProposer):
        def propose(self, view, num_candidates, *, seed):
            self.first = getattr(self, "first", view)
            return super().propose(view, num_candidates, seed=seed)

    proposer = Keeper(GOOD[:4])
    evolve(proposer, OwnProcess(), num_generations=2)
    assert list(proposer.first.history) == []


def test_rewards_rank_by_the_lower_bound_over_their_final_seeds_and_the_best_policy_is_the_skill(evolve):
    search = {"g0-c00": 0.9, "g0-c01": 0.8, "g0-c02": 0.1}
    finals = {"g0-c00": [1.0, 0.0, 0.9], "g0-c01": [0.5, 0.6, 0.55]}
    table = {name: [fitness, *finals.get(name, [])] for name, fitness in search.items()}
    table[REFERENCE] = [1.0, 1.0, 1.0]
    result = evolve(ScriptedProposer(GOOD[:3]), Results(table), num_candidates=3, num_final_seeds=3)
    bounds = {name: lower_confidence_bound(np.array(values)) for name, values in finals.items()}
    assert bounds["g0-c01"] > bounds["g0-c00"]
    assert result.ranking == ["g0-c01", "g0-c00", "g0-c02"]
    assert (result.winner.id, result.winner_policy) == ("g0-c00", "g0-c00 at 1.0")
    assert [one.policy for one in result.play_off] == [
        "g0-c00 at 1.0", "g0-c00 at 0.9", "g0-c00 at 0.9", "g0-c01 at 0.8", "g0-c01 at 0.6", "g0-c01 at 0.55",
    ]  # fmt: skip


def test_a_finalist_that_fails_on_one_seed_ranks_below_one_that_does_not(evolve):
    table = {"g0-c00": [0.9, 1.0, None], "g0-c01": [0.2, 0.1, 0.3], REFERENCE: [0.5, 0.5]}
    assert evolve(ScriptedProposer(GOOD[:2]), Results(table)).ranking == ["g0-c01", "g0-c00"]


def test_finalists_come_from_all_generations(evolve):
    table = {
        "g0-c00": [0.9, 0.9, 0.9], "g0-c01": [0.1], "g1-c00": [0.2], "g1-c01": [0.5, 0.5, 0.5], REFERENCE: [1.0, 1.0],
    }  # fmt: skip
    result = evolve(ScriptedProposer(GOOD[:4]), Results(table), num_generations=2, has_screens=False)
    assert {one.candidate_id for one in result.finals} == {"g0-c00", "g1-c01", REFERENCE}
    assert result.ranking == ["g0-c00", "g1-c01", "g1-c00", "g0-c01"]


def test_the_reference_is_trained_and_judged_and_never_ranked(evolve):
    result = evolve(ScriptedProposer(GOOD[:2]), OwnProcess())
    assert Counter(one.candidate_id for one in result.finals)[REFERENCE] == 2
    assert result.reference_held_out is not None
    assert sorted(result.ranking) == ["g0-c00", "g0-c01"]


@pytest.mark.parametrize("fitness", [[None, None], [None, 0.4]])
def test_a_reference_that_fails_stops_nobody(evolve, fitness):
    table = {"g0-c00": [0.9, 1.0, 1.0], "g0-c01": [0.2, 0.1, 0.3], REFERENCE: fitness}
    result = evolve(ScriptedProposer(GOOD[:2]), Results(table))
    assert result.winner.id == "g0-c00"
    assert (result.reference_held_out is None) == (fitness == [None, None])


def test_a_task_without_a_reference_needs_none(evolve):
    result = evolve(ScriptedProposer(GOOD[:2]), OwnProcess(), reference=None)
    assert result.reference_held_out is None
    assert REFERENCE not in {one.candidate_id for one in result.finals}


def test_if_the_screens_refuse_everything_the_error_says_why(evolve):
    with pytest.raises(EnvError, match=r"not one candidate could be trained: .*no field 'height'"):
        evolve(ScriptedProposer([UNKNOWN_FIELD] * 20), OwnProcess())


def test_if_everything_fails_in_training_the_error_says_why(evolve):
    with pytest.raises(EnvError, match=r"not one candidate could be trained: .*IndexError"):
        evolve(ScriptedProposer([FAILS_IN_TRAINING, FAILS_IN_TRAINING]), OwnProcess())


def test_many_refusals_for_one_reason_do_not_hide_what_failed_in_training(evolve):
    proposer = ScriptedProposer([*[UNKNOWN_FIELD] * 9, FAILS_IN_TRAINING])
    with pytest.raises(EnvError, match="IndexError"):
        evolve(proposer, OwnProcess(), num_candidates=3)


def test_finalists_that_failed_on_some_seeds_stand_by_what_is_left(evolve):
    table = {"g0-c00": [0.9, None, None], "g0-c01": [0.2, None, 0.1], REFERENCE: [1.0, 1.0]}
    result = evolve(ScriptedProposer(GOOD[:2]), Results(table))
    assert result.ranking == ["g0-c01", "g0-c00"] and result.winner_policy == "g0-c00 at 0.9"


def test_finals_have_seeds_of_their_own(evolve):
    executor = OwnProcess()
    result = evolve(ScriptedProposer(GOOD[:4]), executor, num_generations=2)
    searched = {one.seed for generation in result.generations for one in generation.trained}
    final = {one.seed for one in result.finals}
    assert len(searched) == 2 and len(final) == 2
    assert not searched & final


def test_candidates_of_one_generation_meet_the_same_worlds(evolve):
    [generation] = evolve(ScriptedProposer(GOOD[:2]), OwnProcess()).generations
    assert len({one.seed for one in generation.trained}) == 1


def test_held_out_worlds_are_met_neither_in_training_nor_in_selection(evolve):
    executor = OwnProcess()
    evolve(ScriptedProposer(GOOD[:4]), executor, num_generations=2)
    judged = [tuple(request["seeds"]) for request in executor.requests if "seeds" in request]
    assert set(judged) == {(PLAY_OFF_SEED, 100), (HELD_OUT_SEED, 4)} and judged.index((HELD_OUT_SEED, 4)) >= 2
    held_out = {*range(HELD_OUT_SEED, HELD_OUT_SEED + 4), *range(PLAY_OFF_SEED, PLAY_OFF_SEED + 100)}
    selection = {seed for request in executor.requests for seed in selection_seeds(request.get("num_selection", 0))}
    trained = {training_seed(job["seed"], env) for job in executor.jobs for env in range(SMALL["num_envs"])}
    assert len(selection) == 3 and len(trained) > 4
    assert not held_out & (selection | trained) and not selection & trained


def test_the_same_seed_gives_the_same_evolution(evolve, steps):
    first = evolve(ScriptedProposer(GOOD[:2]), OwnProcess())
    again = Steps(steps.journal, steps.journal.start_run(kind="test", config=proposal("n.x"), seed=0).id)
    object.__setattr__(steps, "run_id", again.run_id)
    assert evolve(ScriptedProposer(GOOD[:2]), OwnProcess()) == first


def test_a_finished_evolution_is_read_back_without_asking_anyone_again(evolve):
    first = evolve(ScriptedProposer(GOOD[:2]), OwnProcess())
    proposer, executor = ScriptedProposer([]), OwnProcess()
    assert evolve(proposer, executor) == first
    assert proposer.asked == [] and executor.requests == []


def test_only_a_shard_that_is_missing_is_trained(evolve, home):
    class OneShard(OwnProcess):
        def run(self, tasks, report):
            yield next(super().run(tasks, report))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evolve(ScriptedProposer(GOOD[:2]), OneShard(), num_workers=2)
    executor = OwnProcess()
    evolve(ScriptedProposer([]), executor, num_workers=2)
    assert [job["candidate_id"] for job in executor.requests[0]["jobs"]] == ["g0-c01"]
    assert not {"g0-c00"} & {job["candidate_id"] for job in executor.requests[0]["jobs"]}


def test_the_winners_policy_is_in_the_store(evolve, home):
    result = evolve(ScriptedProposer(GOOD[:2]), OwnProcess())
    assert result.winner_policy in ArtifactStore(Home.open(home).artifacts)
    everything = [*result.finals, *(one for generation in result.generations for one in generation.trained)]
    assert result.winner_policy in {one.policy for one in everything if one.candidate_id == result.winner.id}


def test_the_env_steps_add_up(evolve):
    result = evolve(ScriptedProposer(GOOD[:2]), OwnProcess())
    assert result.total_timesteps == NUM_TIMESTEPS * (2 + (2 + 1) * 2)


def test_a_candidate_that_is_dropped_on_the_way_is_ranked_and_its_env_steps_are_saved(evolve):
    sizes = {"num_candidates": 4, "search_timesteps": 320, "heats": (0.4,), "num_finalists": 1}
    result = evolve(ScriptedProposer(GOOD[:4]), OwnProcess(), **sizes)
    trained = result.generations[0].trained
    assert sorted(one.timesteps for one in trained) == [128, 128, 320, 320]
    assert all(one.judgement for one in trained) and len(result.ranking) == 4
    assert "dropped after 128 env steps" in result.generations[0].reflection


def test_candidates_whose_worker_was_lost_twice_have_failed_and_all_others_go_on(evolve):
    executor = Losing(is_final=False, candidate_id="g0-c00")
    result = evolve(ScriptedProposer(GOOD[:4]), executor, num_candidates=4, num_workers=2)
    failures = {one.candidate_id: one.failure for one in result.generations[0].trained}
    assert failures == {"g0-c00": LOST_TWICE, "g0-c01": "", "g0-c02": LOST_TWICE, "g0-c03": ""}
    assert sorted(result.ranking) == ["g0-c01", "g0-c03"]
    assert f"g0-c00 (fresh): ended: {LOST_TWICE}" in result.generations[0].reflection


def test_finals_whose_worker_was_lost_twice_have_failed_and_the_run_ends(evolve):
    """Two finalists and the reference in three shards: each has the two seeds of one of them."""
    executor = Losing(is_final=True, candidate_id="g0-c00")
    result = evolve(ScriptedProposer(GOOD[:2]), executor, num_workers=3)
    failed = {one.candidate_id for one in result.finals if one.failure == LOST_TWICE}
    assert failed == {"g0-c00"} and sum(bool(one.failure) for one in result.finals) == 2
    assert result.ranking == ["g0-c01", "g0-c00"]
    assert {one.candidate_id for one in result.play_off} == {"g0-c00", "g0-c01"}


def test_if_all_workers_are_lost_the_error_says_why(evolve):
    with pytest.raises(EnvError, match=f"not one candidate could be trained: {LOST_TWICE}"):
        evolve(ScriptedProposer(GOOD[:2]), Losing(is_final=False, candidate_id="g0-c00"))


def test_device_stretches_and_patience_reach_the_workers(evolve):
    class Keeping(Results):
        def run(self, tasks, report):
            patience_s.update(task.patience_s for task in tasks)
            return super().run(tasks, report)

    patience_s = set()
    executor = Keeping({"g0-c00": [0.9] * 3, "g0-c01": [0.2] * 3, REFERENCE: [0.5] * 2})
    extras = {"device": "cuda:1", "stretch_timesteps": 777, "patience_s": 33.0}
    evolve(ScriptedProposer(GOOD[:2]), executor, extras=extras)
    trainings = [request for request in executor.requests if "jobs" in request]
    assert len(trainings) == 2
    assert {(one["device"], one["stretch_timesteps"]) for one in trainings} == {("cuda:1", 777)}
    assert patience_s == {33.0}


def test_the_networks_are_computed_where_the_request_says(evolve):
    with pytest.raises(RuntimeError, match="no_such_device"):
        evolve(ScriptedProposer(GOOD[:2]), OwnProcess(), extras={"device": "no_such_device"})
