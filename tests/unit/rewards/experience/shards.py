"""A shard of two candidates for CartPole whose episodes are kept."""

from pathlib import Path

from skillwright.core.serialising import to_json
from skillwright.rewards.experience import KeepRequest
from skillwright.rewards.records import Program, TrainedShard
from skillwright.rewards.training import Job, TrainingRequest, train_shard

SMALL = {"num_envs": 4, "num_steps": 64, "num_epochs": 2, "minibatch_size": 64}
UPRIGHT = 'def reward(s, a, n):\n    return {"upright": 1.0 - np.abs(n.angle), "still": -0.1 * np.abs(n.vx)}\n'
CENTRED = 'def reward(s, a, n):\n    return {"centred": 2.0 - np.abs(n.x), "alive": 1.0 - n.terminated}\n'


def make_request(card, folder: Path, **changed: object) -> TrainingRequest:
    keep = KeepRequest(folder=str(folder / "experience"), run_id="run-a", stage="balance-g0", max_mb=100.0)
    request = TrainingRequest(
        card=card, task="balance", total_timesteps=2048, num_selection=10, artifacts=str(folder / "artifacts"),
        jobs=[
            Job(candidate_id="g0-c00", program=Program(source=UPRIGHT), seed=1),
            Job(candidate_id="g0-c01", program=Program(source=CENTRED), seed=1),
        ],
        keep=keep,
    )  # fmt: skip
    return request.model_copy(update=changed)


def train(request: TrainingRequest) -> TrainedShard:
    return TrainedShard.model_validate_json(train_shard(to_json(request), lambda _: None))
