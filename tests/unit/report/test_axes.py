import pytest

from skillwright.report.axes import domain_of, make_axis


def test_ticks_are_round_numbers_inside_the_domain() -> None:
    axis = make_axis((-231.0, 260.0), (0.0, 100.0))
    assert [tick.label for tick in axis.ticks] == ["−200", "0", "200"]


def test_the_ends_of_the_domain_fall_on_the_ends_of_the_span() -> None:
    axis = make_axis((2.0, 6.0), (240.0, 12.0))
    assert (axis.place(2.0), axis.place(4.0), axis.place(6.0)) == (240.0, 126.0, 12.0)


def test_a_domain_of_a_single_value_is_widened() -> None:
    axis = make_axis((3.0, 3.0), (0.0, 100.0))
    assert axis.place(3.0) == 50.0


def test_no_values_give_the_unit_domain() -> None:
    assert domain_of([]) == (0.0, 1.0)


def test_a_few_wild_low_values_do_not_flatten_the_rest() -> None:
    values = [-100_000.0, *(float(v) for v in range(100))]
    low, high = domain_of(values, ignored_share=0.02)
    assert (low, high) == pytest.approx((-4.88, 104.88))
