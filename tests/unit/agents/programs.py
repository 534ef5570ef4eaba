"""Skills for programs to call, made by hand: one balances CartPole, one only pushes."""

from datetime import UTC, datetime

import numpy as np

from skillwright.agents.acting import Troupe
from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.serialising import to_json
from skillwright.envs import find_card
from skillwright.learners import Policy
from skillwright.learners.policy import PolicySpec
from skillwright.skills import Evidence, Lineage, Skill
from skillwright.skills.library import Library

CARD = find_card("classic_control/CartPole-v1")
[TASK] = CARD.tasks
BALANCE, PUSH = (1.0, 1.7, 20.0, 3.0), (0.0, 0.0, 0.0, 0.0)
"""How much the push to the right is worth more than the one to the left, per value of the observation."""


def policy(weights: tuple[float, ...], bias: float = 0.0) -> Policy:
    weight = np.zeros((4, 2), np.float32)
    weight[:, 1] = weights
    return Policy(
        spec=PolicySpec(env_id=CARD.id, observation_size=4, action_kind="discrete", num_layers=1),
        tensors={
            "mean": np.zeros(4, np.float32),
            "scale": np.ones(4, np.float32),
            "weight_0": weight,
            "bias_0": np.array([0.0, bias], np.float32),
        },
    )


def troupe_in(home: Home) -> Troupe:
    """Opens a library with the two skills."""
    artifacts = ArtifactStore(home.artifacts)
    library = Library(Database.open(home), artifacts)
    for name, acts, limit in (("balance", policy(BALANCE), 500), ("push-right", policy(PUSH, 1.0), 3)):
        library.store(skill(name, artifacts.put(acts.to_bytes()), artifacts, limit))
    return Troupe(library=library, artifacts=artifacts)


def skill(name: str, acts: str, artifacts: ArtifactStore, step_limit: int) -> Skill:
    evidence = Evidence(
        first_seed=0, num_episodes=10, success_rate=1.0, success_interval=(0.7, 1.0), fitness=1.0,
        fitness_interval=(1.0, 1.0), required_success_rate=0.95, training_timesteps=0, wall_time_s=0.0,
    )  # fmt: skip
    lineage = Lineage(
        run_id=f"made-{name}", task_text=name, planner="none", proposer="person", model="none", candidate_id="none",
        generation=0, parents=(),
    )  # fmt: skip
    return Skill(
        name=name, version=1, status="verified", description=f"{name}.", env_id=CARD.id, task=TASK,
        step_limit=step_limit, card=artifacts.put(to_json(CARD).encode()), policy=acts, reward_source="",
        reward_weights={}, evidence=evidence, lineage=lineage, created_at=datetime.now(UTC).isoformat(),
    )  # fmt: skip
