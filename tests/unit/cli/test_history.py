import pytest
from pydantic import BaseModel

from skillwright.agents.history import overview, read_history
from skillwright.core.errors import NotFound


class OtherConfig(BaseModel):
    size: int


def test_a_run_that_has_done_nothing_has_an_empty_history(journal, fresh_run):
    history = read_history(journal, fresh_run)
    assert (history.plan, history.generations, history.finals, history.held_out, history.skill) == (
        None, [], [], [], None
    )  # fmt: skip


def test_the_request_is_read_from_the_stored_config(journal, fresh_run):
    assert read_history(journal, fresh_run).overview.request.text == "balance [the] pole"


def test_a_generation_in_training_holds_what_is_trained_so_far(journal, unfinished_run):
    [generation] = read_history(journal, unfinished_run).generations
    assert [one.candidate_id for one in generation.trained] == ["g0-c00", "g0-c01"]
    assert len(generation.candidates) == 4
    assert generation.reflection == ""


def test_a_finished_run_is_read_whole(journal, finished_run):
    history = read_history(journal, finished_run)
    assert [one.candidate_id for one in history.generations[0].trained] == ["g0-c00", "g0-c01", "g0-c03"]
    assert [one.candidate_id for one in history.finals] == ["g0-c01", "reference"]
    assert history.generations[0].reflection == "It went well."
    assert history.skill.lineage.run_id == finished_run


def test_the_beginning_of_an_id_is_enough(journal, fresh_run):
    assert read_history(journal, fresh_run[:12]).overview.id == fresh_run


def test_an_unknown_run_is_not_found(journal, fresh_run):
    with pytest.raises(NotFound, match=f"did you mean '{fresh_run}'"):
        read_history(journal, f"x{fresh_run}")


def test_a_run_of_another_version_is_summed_up_without_its_request(journal):
    run = journal.start_run(kind="run", config=OtherConfig(size=3), seed=0)
    assert overview(run).request is None
