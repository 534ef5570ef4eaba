import pytest

from skillwright.core.errors import ConfigError
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.preferences.collecting import FIRST_BATCH
from skillwright.rewards.sources import EnvReward

pytest.importorskip("torch")


class Counting:
    """An oracle that counts, and that stops or is interrupted after some answers."""

    def __init__(self, shelf, *, stops_after=10_000, interrupted_after=10_000):
        self.oracle = OracleChooser(EnvReward(), shelf)
        self.asked = []
        self.stops_after = stops_after
        self.interrupted_after = interrupted_after

    def choose(self, pair):
        if len(self.asked) == self.interrupted_after:
            raise KeyboardInterrupt
        if len(self.asked) == self.stops_after:
            return None
        self.asked.append(pair.id)
        return self.oracle.choose(pair)


def test_every_pair_is_asked_about_once(session, shelf):
    chooser = Counting(shelf)

    choices = session.collect(chooser, 12)

    assert [choice.pair.id for choice in choices] == chooser.asked == [f"{number:04d}" for number in range(12)]


def test_a_second_sitting_asks_only_what_is_missing(session, shelf):
    first = session.collect(Counting(shelf, stops_after=5), 12)
    second = Counting(shelf)

    choices = session.collect(second, 12)

    assert len(first) == 5
    assert second.asked == [f"{number:04d}" for number in range(5, 12)]
    assert choices[:5] == first


def test_ctrl_c_keeps_what_was_chosen(session, shelf):
    with pytest.raises(KeyboardInterrupt):
        session.collect(Counting(shelf, interrupted_after=3), 12)

    assert [choice.pair.id for choice in session.choices(12)] == ["0000", "0001", "0002"]


def test_an_interrupted_session_ends_as_an_unbroken_one(session, shelf):
    num = FIRST_BATCH + 4
    for answers in (7, 9, 100):
        session.collect(Counting(shelf, stops_after=answers), num)
    unbroken = session.collect(Counting(shelf), num)

    assert session.choices(num) == unbroken
    assert session.fit(session.choices(num)) == session.fit(unbroken)


def test_all_chosen_nobody_is_asked_any_more(session, shelf):
    session.collect(Counting(shelf), 6)

    assert len(session.collect(Counting(shelf, interrupted_after=0), 6)) == 6


def test_the_second_batch_depends_on_what_was_chosen_in_the_first(session, shelf):
    class Contrary(Counting):
        def choose(self, pair):
            choice = super().choose(pair)
            return choice.model_copy(update={"preferred": "b" if choice.preferred == "a" else "a"})

    def second_batch(chooser, prefix):
        from dataclasses import replace

        choices = replace(session, prefix=prefix).collect(chooser, FIRST_BATCH + 10)
        return [choice.pair for choice in choices if not choice.pair.held_out][FIRST_BATCH * 4 // 5 :]

    assert second_batch(Counting(shelf), "one") == second_batch(Counting(shelf), "two")
    assert second_batch(Counting(shelf), "one") != second_batch(Contrary(shelf), "three")


def test_a_person_who_can_tell_nothing_is_still_asked_on(session):
    class Undecided(Counting):
        def choose(self, pair):
            return super().choose(pair).model_copy(update={"preferred": "skip"})

    choices = session.collect(Undecided(session.shelf), FIRST_BATCH + 2)

    assert len(choices) == FIRST_BATCH + 2
    with pytest.raises(ConfigError, match="0 choices are too few"):
        session.fit(choices)


def test_a_fit_is_stored_with_how_well_it_is_known(session, shelf):
    choices = session.collect(Counting(shelf), 15)

    fitted = session.fit(choices)

    assert fitted.model in shelf.store
    assert (fitted.num_choices, fitted.num_fitted, fitted.held_out.num_pairs) == (15, 12, 3)
    assert fitted.env_id == "classic_control/Pendulum-v1"
