"""The classes of items against worked examples of named sources, a slow implementation and laws."""

from __future__ import annotations

from statistics import fmean, pstdev, pvariance

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl import functions
from smile_xl.core import (
    DomainError,
    ShapeError,
    abc_class,
    coefficient_of_variation,
    demand_class,
    seasonality,
    segment,
    xyz_class,
)

SILICON_CHIPS = {
    "10286": (1000, 90.00, "A"),
    "11526": (500, 154.00, "A"),
    "12760": (1550, 17.00, "B"),
    "10867": (350, 42.86, "B"),
    "10500": (1000, 12.50, "B"),
    "12572": (600, 14.17, "C"),
    "14075": (2000, 0.60, "C"),
    "01036": (100, 8.50, "C"),
    "01307": (1200, 0.42, "C"),
    "10572": (250, 0.60, "C"),
}
"""Volume a year, unit cost and class of each item: Heizer, Render, Munson, Operations Management, chapter 12, example 1."""

worths = st.lists(st.integers(0, 20).map(float) | st.floats(0, 1e9), min_size=1, max_size=30)


def slow_abc(values: list[float], cuts: tuple[float, float] = (0.8, 0.95)) -> list[str]:
    """Item by item, as the rule is told."""
    total = sum(values)
    classes = []
    for value in values:
        above = sum(other for other in values if other > value)
        if value == 0:
            classes.append("C")
        elif round(above / total, 9) < cuts[0]:
            classes.append("A")
        else:
            classes.append("B" if round(above / total, 9) < cuts[1] else "C")
    return classes


def test_the_ten_items_of_silicon_chips() -> None:
    worth = [volume * cost for volume, cost, _ in SILICON_CHIPS.values()]
    assert round(sum(worth)) == 232_057
    assert abc_class(worth, (0.7, 0.95)).tolist() == [kind for *_, kind in SILICON_CHIPS.values()]


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        pytest.param([80, 15, 5], "ABC", id="a share that is reached is reached"),
        pytest.param([79, 16, 5], "AAC", id="the item that crosses a cut is in the better class"),
        pytest.param([99, 1], "AC", id="one item that holds nearly everything is A"),
        pytest.param([10, 10, 10, 10], "AAAA", id="equal values are in one class"),
        pytest.param([50, 30, 10, 10], "AABB", id="equal values at a cut are in the better class"),
        pytest.param([0, 0], "CC", id="no value at all"),
        pytest.param([7, 0], "AC", id="nothing is C"),
        pytest.param([5], "A", id="one item"),
        pytest.param([], "", id="no item"),
    ],
)
def test_the_rule_of_value(values: list[float], classes: str) -> None:
    assert "".join(abc_class(values)) == classes


@given(worths)
@settings(max_examples=60)
def test_classes_of_value_equal_those_told_item_by_item(values: list[float]) -> None:
    assert abc_class(values).tolist() == slow_abc(values)


@given(worths, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_the_items_does_not_count_and_the_a_items_are_the_fewest(values: list[float], random) -> None:
    classes = dict(zip(values, abc_class(values).tolist(), strict=True))
    shuffled = list(values)
    random.shuffle(shuffled)
    assert abc_class(shuffled).tolist() == [classes[value] for value in shuffled]
    best = [value for value in values if classes[value] == "A"]
    if sum(values) > 0:
        assert sum(best) >= 0.8 * sum(values) * (1 - 1e-8)
        assert sum(value for value in best if value > min(best)) < 0.8 * sum(values)


@pytest.mark.parametrize("cuts", [(0.95, 0.8), (0.0, 0.9), (0.8, 1.1), (80, 95)])
def test_cuts_that_are_no_rising_shares_are_refused(cuts: tuple[float, float]) -> None:
    with pytest.raises(DomainError, match="cuts"):
        abc_class([1, 2], cuts)


def test_a_negative_value_and_a_block_are_refused() -> None:
    with pytest.raises(DomainError, match="negative"):
        abc_class([1, -2])
    with pytest.raises(ShapeError, match="axes"):
        abc_class([[1, 2]])


# ------------------------------------------------------------------------------------------------------ volatility


@given(st.lists(st.floats(0, 1e6), min_size=12, max_size=12))
@settings(max_examples=40)
def test_volatility_classes_follow_the_population_deviation(demand: list[float]) -> None:
    mean = fmean(demand)
    if mean < 1e-3:
        return
    ratio = pstdev(demand) / mean
    if min(abs(ratio - 0.5), abs(ratio - 1)) < 1e-9:
        return
    assert functions.SMILE_XYZ(demand) == ("X" if ratio <= 0.5 else "Y" if ratio <= 1 else "Z")


def test_the_cuts_of_volatility_belong_to_the_steadier_class() -> None:
    assert xyz_class([0.5, 1.0, np.nan]).tolist() == ["X", "Y", "no demand"]
    assert functions.SMILE_XYZ([10, 30]) == "X"  # exactly 0.5
    assert functions.SMILE_XYZ([[10, 30], [0, 0]], [0.1, 0.4]).tolist() == [["Z"], ["no demand"]]


def test_a_segment_is_both_letters() -> None:
    assert segment(["A", "B", "C"], ["X", "Z", "no demand"]).tolist() == ["AX", "BZ", "no demand"]
    assert segment([], []).tolist() == []


# --------------------------------------------------------------------------------------------------- demand classes


@pytest.mark.parametrize(
    ("demand", "kind"),
    [
        pytest.param([10] * 25 + [0] * 8, "intermittent", id="33 months over 25 are 1.32, which is intermittent"),
        pytest.param([10] * 26 + [0] * 8, "smooth", id="34 months over 26 are 1.31"),
        pytest.param([3, 17], "erratic", id="sizes of 3 and 17 vary by 0.49, which is erratic"),
        pytest.param([3.01, 17], "smooth", id="just below 0.49"),
        pytest.param([3, 17, 0], "lumpy", id="rare and uneven"),
        pytest.param([0, 0, 5], "intermittent", id="one demand does not vary"),
        pytest.param([0, 0, 0], "no demand", id="none"),
    ],
)
def test_the_limits_of_syntetos_boylan_and_croston(demand: list[float], kind: str) -> None:
    """A value on a limit is in the higher class, as in their figure: "p < 1.32" and "CV^2 < 0.49" are smooth."""
    assert functions.SMILE_DEMANDCLASS(demand) == kind


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.0, 5.0, 40.0]), min_size=1, max_size=30))
@settings(max_examples=60)
def test_demand_classes_equal_those_told_month_by_month(demand: list[float]) -> None:
    sold = [one for one in demand if one]
    if not sold:
        expected = "no demand"
    else:
        rare = len(demand) / len(sold) >= 1.32
        uneven = pvariance(sold) / fmean(sold) ** 2 >= 0.49
        expected = {(0, 0): "smooth", (0, 1): "erratic", (1, 0): "intermittent", (1, 1): "lumpy"}[rare, uneven]
    assert demand_class([demand]).tolist() == [expected]


# -------------------------------------------------------------------------------------------------------- seasonality


def slow_seasonality(demand: list[float]) -> float:
    """Two years: the slope is the mean change of a month over the year, the levels are means; sums by hand."""
    first, second = demand[:12], demand[12:]
    slope = fmean(after - before for before, after in zip(first, second, strict=True)) / 12
    flat = [value - slope * place for place, value in enumerate(demand)]
    levels = [(flat[month] + flat[month + 12]) / 2 for month in range(12)]
    around = sum((value - levels[place % 12]) ** 2 for place, value in enumerate(flat)) / 11
    spread = sum((value - fmean(flat)) ** 2 for value in flat) / 22
    return 0.0 if spread < 1e-9 else min(1.0, max(0.0, 1 - around / spread))


@given(st.lists(st.integers(0, 100).map(float), min_size=24, max_size=24))
@settings(max_examples=40)
def test_the_season_of_two_years_equals_the_sums_by_hand(demand: list[float]) -> None:
    assert seasonality([demand])[0] == pytest.approx(slow_seasonality(demand), abs=1e-9)


def test_a_season_on_a_trend_is_all_season_and_a_trend_alone_is_none() -> None:
    season = [5, 1, 1, 1, 1, 2, 4, 9, 4, 2, 1, 1]
    trend = [100 + 3 * month for month in range(36)]
    both = [level + slope for level, slope in zip(season * 3, trend, strict=True)]
    assert seasonality([both, trend]).tolist() == pytest.approx([1, 0], abs=1e-9)


def test_chance_over_two_years_is_not_taken_for_a_season() -> None:
    noise = np.random.default_rng(8).gamma(4, 25, (2000, 24))
    strength = seasonality(noise)
    assert np.mean(strength) < 0.2
    assert np.mean(strength >= 0.64) < 0.02


def test_less_than_two_years_are_refused() -> None:
    with pytest.raises(ShapeError, match="23 months, want 24"):
        seasonality([[1.0] * 23])


# ---------------------------------------------------------------------------------------------------- sheet functions


def test_a_segment_in_a_sheet_is_that_of_its_parts() -> None:
    demand = np.random.default_rng(3).gamma(0.7, 20, (40, 12))
    cost = np.random.default_rng(4).uniform(1, 9, (40, 1))
    found = functions.SMILE_SEGMENT(demand, cost)
    abc = functions.SMILE_ABC(demand.sum(axis=1, keepdims=True) * cost)
    xyz = xyz_class(coefficient_of_variation(demand))
    assert found.shape == abc.shape == (40, 1)
    assert found.ravel().tolist() == [value + steady for value, steady in zip(abc.ravel(), xyz, strict=True)]
    assert len(set(found.ravel())) > 4


def test_what_is_asked_decides_the_shape() -> None:
    assert functions.SMILE_ABC([[60, 30], [6, 4]]).tolist() == [["A", "A"], ["B", "C"]]
    assert functions.SMILE_ABC(5) == "A"
    assert functions.SMILE_ABC([5, None]).tolist() == ["A", "C"]
    assert functions.SMILE_ABC([[5]]).tolist() == [["A"]]


@pytest.mark.parametrize("cuts", [[0.7, 0.95], [[0.7], [0.95]], np.array([[0.7, 0.95]])])
def test_cuts_may_stand_side_by_side_or_one_below_the_other(cuts: object) -> None:
    assert functions.SMILE_ABC([70, 25, 5], cuts).tolist() == ["A", "B", "C"]
    assert functions.SMILE_ABC([75, 25], cuts).tolist() == ["A", "B"]
    assert functions.SMILE_ABC([75, 25], " ").tolist() == ["A", "A"]


@pytest.mark.parametrize("cuts", [[0.8], [0.7, 0.8, 0.9], [0.8, None]])
def test_two_cuts_are_wanted(cuts: list[float | None]) -> None:
    with pytest.raises((ShapeError, DomainError), match="two"):
        functions.SMILE_ABC([1, 2], cuts)
