import pytest
from pydantic import BaseModel

from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps


class Number(BaseModel):
    value: float


@pytest.fixture
def journal(home) -> Journal:
    return Journal(Database.open(Home.open(home)))


def start(journal: Journal) -> Steps:
    return Steps(journal, journal.start_run(kind="test", config=Number(value=0), seed=0).id)


def test_a_step_is_taken_once(journal):
    steps, made = start(journal), []
    for _ in range(2):
        assert steps.once("a", Number, lambda: made.append(1) or Number(value=len(made))).value == 1
    assert made == [1]


def test_steps_of_two_runs_have_nothing_to_do_with_each_other(journal):
    first, second = start(journal), start(journal)
    first.once("a", Number, lambda: Number(value=1))
    assert second.find("a", Number) is None
    assert second.once("a", Number, lambda: Number(value=2)).value == 2


def test_what_was_not_taken_is_not_found(journal):
    assert start(journal).find("a", Number) is None


def test_what_was_taken_is_found_by_another_sitting(journal, home):
    steps = start(journal)
    steps.once("a", Number, lambda: Number(value=0.1))
    later = Steps(Journal(Database.open(Home.open(home))), steps.run_id)
    assert later.find("a", Number) == Number(value=0.1)


def test_a_step_that_fails_was_not_taken(journal):
    steps = start(journal)
    with pytest.raises(ZeroDivisionError):
        steps.once("a", Number, lambda: Number(value=1 / 0))
    assert steps.find("a", Number) is None
    assert steps.once("a", Number, lambda: Number(value=3)).value == 3
