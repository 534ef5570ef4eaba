from hypothesis import given
from hypothesis import strategies as st

from skillwright.report.axes import domain_of, make_axis

values = st.floats(-1e12, 1e12).map(lambda value: round(value, 6))


@given(st.lists(values, max_size=20), st.integers(2, 8))
def test_an_axis_over_any_values_holds_them_and_has_few_ticks_in_order(shown: list[float], num_ticks: int) -> None:
    axis = make_axis(domain_of(shown), (0.0, 300.0), num_ticks=num_ticks)
    assert all(0.0 <= axis.place(value) <= 300.0 for value in shown)
    positions = [tick.position for tick in axis.ticks]
    assert positions == sorted(positions)
    assert len(positions) <= num_ticks + 1
    assert all(0.0 <= position <= 300.0 for position in positions)
