"""What a stock target means in tonnes, by a slow count in fractions and by the weeks of cover that it gives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from smile_xl import functions
from smile_xl.core import DomainError, ShapeError, exact_cover, stock_target

DEMANDS = st.lists(st.integers(0, 60), min_size=1, max_size=15)


def counted(weeks: Fraction, demand: list[int], start: int) -> Fraction:
    """Demand of some weeks from a month on, month by month in fractions: 17/4 weeks each."""
    month = Fraction(17, 4)
    mean = Fraction(sum(demand[:12]), len(demand[:12]))
    total = Fraction(0)
    while weeks > 0:
        part = min(weeks, month)
        total += part / month * (demand[start] if start < len(demand) else mean)
        weeks, start = weeks - part, start + 1
    return total


@given(DEMANDS, st.integers(0, 70 * 4))
@budget(max_examples=40)
def test_weeks_are_the_demand_of_so_many_weeks_from_then_on(demand: list[int], quarters: int) -> None:
    weeks = Fraction(quarters, 4)
    (found,) = stock_target([float(weeks)], "weeks", [demand])
    assert len(found) == 1 + min(len(demand), 12)
    np.testing.assert_allclose(found, [float(counted(weeks, demand, start)) for start in range(len(found))], rtol=1e-12)


@given(st.lists(st.integers(1, 60), min_size=12, max_size=12), st.integers(0, 51 * 4))
@budget(max_examples=25)
def test_a_stock_of_its_target_covers_the_weeks_of_the_target(demand: list[int], quarters: int) -> None:
    weeks = quarters / 4
    (found,) = stock_target([weeks], "weeks", [demand])
    assert exact_cover(found[:1, np.newaxis], [demand])[0][0, 0] == pytest.approx(weeks, rel=1e-12)
    assert functions.SMILE_WEEKSCOVER(functions.SMILE_TARGET(weeks, demand), demand) == pytest.approx(weeks, rel=1e-12)


def test_each_item_has_its_own_unit_and_a_blank_target_is_none() -> None:
    units = ["weeks", "tonnes", "cash", "cash", "weeks"]
    found = stock_target([4.25, 7, 600, 600, np.nan], units, [[10, 20, 30]] * 5, [0, 0, 200, 0, 1])
    np.testing.assert_array_equal(found[0], [10, 20, 30, 20])
    np.testing.assert_array_equal(found[1], [7] * 4)
    np.testing.assert_array_equal(found[2], [3] * 4)
    assert np.isnan(found[3:]).all()


def test_a_column_of_targets_takes_units_in_either_language() -> None:
    block = [[10, 20, 30], [1, 2, 3]]
    assert functions.SMILE_TARGET([[4.25], [90]], block, [["semaines"], ["valeur"]], [[1], [30]]).tolist() == [
        [10],
        [3],
    ]
    assert functions.SMILE_TARGET(None, [10, 20]) == 0


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        pytest.param(
            lambda: stock_target(1, "cash", [[1]]), DomainError, "needs the unit cost", id="cash without a cost"
        ),
        pytest.param(lambda: stock_target(np.inf, "weeks", [[1]]), DomainError, "inf", id="endless"),
        pytest.param(
            lambda: stock_target(1, ["weeks"] * 2, [[1]]), ShapeError, "unit has 2", id="two units for one item"
        ),
        pytest.param(lambda: stock_target(1, "weeks", [[]]), ShapeError, "no month", id="no month"),
    ],
)
def test_what_is_no_target_is_refused(call, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        call()
