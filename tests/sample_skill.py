"""A skill as a run would have made it; what matters to a test is said there."""

from skillwright.core.artifacts import ArtifactStore
from skillwright.skills.skill import Evidence, Lineage, Skill

EVIDENCE = Evidence(
    first_seed=2_000_000_000,
    num_episodes=100,
    success_rate=0.97,
    success_interval=(0.915, 0.99),
    fitness=0.9,
    fitness_interval=(0.88, 0.92),
    required_success_rate=0.95,
    training_timesteps=1_000_000,
    wall_time_s=61.0,
)
LINEAGE = Lineage(
    run_id="20260101-000000-aaaa",
    task_text="balance [the] pole",
    planner="CardPlanner",
    proposer="search",
    model="none",
    candidate_id="g1-c00",
    generation=1,
    parents=("g0-c01",),
)


def sample_skill(artifacts: ArtifactStore, **fields: object) -> Skill:
    """Makes a skill for CartPole whose artifacts are stored; the library does not have it yet.

    Args:
        artifacts: get its card and its policy.
        fields: what is otherwise than in the sample.
    """
    values = {
        "name": "balance-the-pole",
        "version": 1,
        "status": "verified",
        "description": "Balances [the] pole.",
        "env_id": "classic_control/CartPole-v1",
        "task": "balance",
        "step_limit": 500,
        "card": artifacts.put(b"a card that is long enough to be cut"),
        "policy": artifacts.put(b"a policy"),
        "reward_source": "def reward(s, a, n):\n    return {'upright': -abs(n.angle)}\n",
        "reward_weights": {"upright": 2.5},
        "evidence": EVIDENCE,
        "lineage": LINEAGE,
        "created_at": "2026-01-01T00:00:00+00:00",
    }
    return Skill(**{**values, **fields})
