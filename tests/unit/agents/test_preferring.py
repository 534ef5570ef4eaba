import numpy as np
import pytest
from pydantic import BaseModel

from skillwright.agents.preferring import find_preferences, open_session
from skillwright.core import ArtifactStore, ConfigError, Home, NotFound
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.envs import EnvCard, find_card
from skillwright.learners import Policy, PolicySpec
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.records import Judgement, Screened, Trained, TrainedShard
from skillwright.rewards.sources import EnvReward

pytest.importorskip("gymnasium")

HORIZON = 40


class Config(BaseModel):
    """What a run is stored with, as far as preferences look at it."""

    card: EnvCard
    other: int = 1


def policy(card, seed):
    random = np.random.default_rng(seed)
    spec = PolicySpec(env_id=card.id, observation_size=3, action_kind="continuous", num_layers=1)
    shapes = {"weight_0": (3, 1), "bias_0": (1,)}
    tensors = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    fixed = {"mean": np.zeros(3), "scale": np.ones(3), "low": np.array([-2.0]), "high": np.array([2.0])}
    return Policy(spec=spec, tensors=tensors | {name: value.astype(np.float32) for name, value in fixed.items()})


def trained(card, store, number):
    judgement = Judgement(
        num_episodes=1, success_rate=None, success_interval=None, fitness=float(number), fitness_interval=(0, 9),
        env_return=0.0, episode_length=HORIZON,
    )  # fmt: skip
    sha = store.put(policy(card, number).to_bytes())
    return Trained(candidate_id=f"g0-c{number:02d}", seed=0, timesteps=1, policy=sha, curve=[], judgement=judgement)


class World:
    """A home with a run that has trained ten policies, of fitness 0 to 9, in two shards."""

    def __init__(self, home, *, num_policies=10):
        self.home = home
        self.store = ArtifactStore(home.artifacts)
        self.journal = Journal(Database.open(home))
        card = find_card("Pendulum-v1").model_copy(update={"horizon": HORIZON})
        self.run_id = self.journal.start_run(kind="run", config=Config(card=card), seed=0).id
        self.trained = [trained(card, self.store, number) for number in range(num_policies)]
        self.journal.once(self.run_id, "g0/screened", Screened, lambda: Screened(candidates=[], screenings=[]))
        for number, shard in enumerate([self.trained[::2], self.trained[1::2]] if num_policies else []):
            record = TrainedShard(trained=shard)
            self.journal.once(self.run_id, f"g0/shard-{number}", TrainedShard, lambda record=record: record)

    def session(self, seed=0):
        return open_session(self.home, self.run_id, seed=seed)

    def players(self, session):
        shas = [session.shelf.episode(shot.episode).spec.player for shot in session.footage.shots]
        return list(dict.fromkeys(shas))


@pytest.fixture
def world():
    return World(Home.open())


def test_clips_are_cut_from_the_best_policy_down_to_the_median_and_from_random_actions(world):
    session = world.session()

    assert world.players(session) == ["random", *(world.trained[number].policy for number in (9, 8, 7, 6, 5, 4))]
    assert len(session.footage.shots) == 7 * 3


def test_one_episode_of_every_player_is_held_out(world):
    session = world.session()
    held_out = [session.shelf.episode(shot.episode).spec for shot in session.footage.shots if shot.held_out]

    assert len({spec.player for spec in held_out}) == len(held_out) == 7


def test_clips_last_a_second_and_a_half_of_the_worlds_clock_at_most_an_episode(world):
    assert world.session().footage.clip_steps == HORIZON


def test_opened_again_a_session_is_the_same(world):
    first, second = world.session(), world.session()

    assert first.footage == second.footage


def test_another_seed_is_another_session(world):
    first = world.session()
    first.collect(OracleChooser(EnvReward(), first.shelf), 3)

    assert world.session(seed=1).choices(3) == []
    assert len(world.session().choices(3)) == 3


def test_a_run_that_has_trained_nothing_has_no_clips(home):
    empty = World(Home.open(), num_policies=0)

    with pytest.raises(ConfigError, match="has not trained any policy yet"):
        empty.session()


def test_a_learned_reward_is_found_by_its_hash_and_by_its_run(world):
    pytest.importorskip("torch")
    session = world.session()
    fitted = session.fit(session.collect(OracleChooser(EnvReward(), session.shelf), 10))

    assert find_preferences(world.home, fitted.model) == fitted.model
    assert find_preferences(world.home, world.run_id) == fitted.model


def test_of_a_run_the_newest_learned_reward_is_meant(world):
    pytest.importorskip("torch")
    session = world.session()
    oracle = OracleChooser(EnvReward(), session.shelf)
    fitted = [session.fit(session.collect(oracle, num)) for num in (10, 5)]

    assert find_preferences(world.home, world.run_id) == fitted[-1].model


def test_a_run_nobody_chose_from_has_no_learned_reward(world):
    with pytest.raises(NotFound, match="skillwright prefer"):
        find_preferences(world.home, world.run_id)


def test_an_unknown_hash_is_not_found(world):
    with pytest.raises(NotFound):
        find_preferences(world.home, "0" * 64)
