"""A learned preference counts beside every candidate's terms, and not beside the reference's."""

import pytest

from skillwright.core.serialising import to_json
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.records import REFERENCE, Preference, Program, TrainedShard
from skillwright.rewards.sources import EnvReward
from skillwright.rewards.training import Job, TrainingRequest, train_shard

SMALL = {"num_envs": 2, "num_steps": 32, "num_epochs": 1, "minibatch_size": 32}
PROGRAM = Program(source="def reward(s, a, n):\n    return {'up': n.cos}\n")


@pytest.fixture
def trained(session, pendulum, episodes, tmp_path):
    fitted = session.fit(session.collect(OracleChooser(EnvReward(), session.shelf), 20))
    card = pendulum.model_copy(update={"learner": pendulum.learner.model_copy(update={"settings": SMALL})})
    request = TrainingRequest(
        card=card, task=next(iter(card.tasks)),
        jobs=[Job(candidate_id=name, program=PROGRAM, seed=1) for name in ("g0-c00", REFERENCE)],
        total_timesteps=128, num_selection=2, artifacts=str(tmp_path / "artifacts"),
        preference=Preference(model=fitted.model, weight=2.0),
    )  # fmt: skip
    return TrainedShard.model_validate_json(train_shard(to_json(request), lambda text: None)).trained


def test_candidates_have_the_term_and_the_reference_has_not(trained):
    candidate, reference = trained
    assert set(candidate.curve[-1].terms) == {"up", "preference"}
    assert set(reference.curve[-1].terms) == {"up"}
