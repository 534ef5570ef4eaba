import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillwright.learners import Race


def test_the_best_go_on_and_those_without_fitness_go_first():
    race = Race(heats=(0.5,))
    assert race.survivors([0.1, None, 0.9, 0.5]) == [2, 3]
    assert race.survivors([None, None, None]) == [0, 1]


def test_a_fitness_that_is_not_finite_has_its_place():
    race, inf, nan = Race(heats=(0.5,)), float("inf"), float("nan")
    assert race.survivors([None, -inf, nan, 0.0]) == [1, 3]
    assert race.survivors([None, nan, None, None]) == [0, 1]
    assert race.survivors([nan, 0.0, inf, -1.0]) == [1, 2]


@given(fitness=st.lists(st.none() | st.floats(-1, 1), min_size=1, max_size=40), keep=st.floats(0.01, 1.0))
def test_nobody_who_goes_on_is_worse_than_one_who_does_not(fitness, keep):
    kept = Race(heats=(0.5,), keep=keep).survivors(fitness)
    scores = [-2.0 if value is None else value for value in fitness]
    lost = [scores[index] for index in range(len(scores)) if index not in kept]
    assert kept and min(scores[index] for index in kept) >= max(lost, default=-3.0)


def test_a_heat_ends_once_and_never_with_the_training():
    race = Race(heats=(0.25, 0.5, 0.999))
    assert [update for update in range(1, 101) if race.ends_at(update, 100)] == [25, 50]


def test_the_counted_updates_are_those_of_the_heats():
    assert Race().count_updates(8, 100) == 800
    assert Race(heats=(0.4,)).count_updates(8, 100) == 8 * 40 + 4 * 60
    assert Race(heats=(0.25, 0.5)).count_updates(8, 100) == 8 * 25 + 4 * 25 + 2 * 50
    assert Race(heats=(0.4,)).count_updates(3, 2) == 3 + 2


@pytest.mark.parametrize("values", [{"heats": (0.5, 0.5)}, {"heats": (0.6, 0.2)}, {"heats": (1.0,)}, {"keep": 0.0}])
def test_a_race_that_cannot_be_run_is_refused(values):
    with pytest.raises(ValueError, match="must"):
        Race(**values)
