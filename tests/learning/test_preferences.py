"""A synthetic teacher's choices between clips of random behaviour are enough to swing the pendulum up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, Problem, RewardSource, ScoredBlock, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.sac import PopulationSAC
from skillwright.rewards.judge import Judge
from skillwright.rewards.preferences import FittedPreferences, OracleChooser, load_preference_reward
from skillwright.rewards.preferences.collecting import Session
from skillwright.rewards.preferences.episodes import Shelf, record_random_episodes
from skillwright.rewards.preferences.records import Footage, Shot
from skillwright.rewards.sources import EnvReward

pytestmark = [pytest.mark.learning, pytest.mark.slow]

CARD = find_card("Pendulum-v1")
NUM_PAIRS = 700
NUM_EPISODES = 100
CLIP_STEPS = 25
TIMESTEPS = 10_000
JUDGED_ON = range(2_000_000_000, 2_000_000_100)


class Nothing(BaseModel):
    """The config of a run that needs none."""


class Zero:
    """The control: tells a policy nothing."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        zero = np.zeros(block.num_transitions, np.float32)
        return ScoredBlock(zero, {"zero": zero})


@dataclass
class Outcome:
    fitted: FittedPreferences
    true: float
    learned: float
    control: float


def choose(path: Path, seed: int) -> tuple[Session, FittedPreferences]:
    home = Home.open(path)
    journal, shelf = Journal(Database.open(home)), Shelf(ArtifactStore(home.artifacts))
    episodes = record_random_episodes(CARD, [1000 * seed + number for number in range(NUM_EPISODES)])
    shots = [
        Shot(episode=shelf.put(episode), num_transitions=episode.block.num_transitions, held_out=number % 5 == 4)
        for number, episode in enumerate(episodes)
    ]
    run = journal.start_run(kind="test", config=Nothing(), seed=seed)
    footage, steps = Footage(shots=shots, clip_steps=CLIP_STEPS), Steps(journal, run.id)
    session = Session(card=CARD, footage=footage, shelf=shelf, steps=steps, prefix="preferences/0", seed=seed)
    return session, session.fit(session.collect(OracleChooser(EnvReward(), shelf), NUM_PAIRS))


def true_returns(rewards: list[RewardSource], seed: int) -> list[float]:
    """Trains a policy on each reward with one budget, and judges all by the true one."""
    problem = Problem(card=CARD, score_episodes=Judge(CARD, "swing_up").score)
    plan = TrainingPlan(total_timesteps=TIMESTEPS, report=lambda *_: None)
    learner = PopulationSAC.create({"share_replay": False}, where="test")
    trained = learner.train(problem, [Entrant(reward, seed) for reward in rewards], plan)
    played = play_episodes(CARD, [one.policy for one in trained if one.policy], JUDGED_ON)
    return [float(np.mean([episode.env_reward.sum() for episode in episodes])) for episodes in played]


def learn(path: Path, seed: int) -> Outcome:
    session, fitted = choose(path, seed)
    learned = load_preference_reward(session.shelf.store, fitted.model, CARD)
    return Outcome(fitted, *true_returns([EnvReward(), learned, Zero()], seed))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return learn(tmp_path_factory.mktemp("home"), seed=0)


def test_the_learned_reward_agrees_with_held_out_choices(outcome: Outcome) -> None:
    held_out = outcome.fitted.held_out
    assert held_out.num_pairs == NUM_PAIRS // 5
    assert held_out.rate is not None
    assert held_out.rate >= 0.95, held_out


def test_a_policy_trained_on_it_is_within_a_tenth_of_one_trained_on_the_true_reward(outcome: Outcome) -> None:
    assert outcome.true >= -200, outcome
    assert outcome.learned >= 1.1 * outcome.true, outcome


def test_without_a_reward_the_same_training_fails(outcome: Outcome) -> None:
    assert outcome.control <= 4 * outcome.true, outcome
