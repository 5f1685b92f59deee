"""Gaps to target: the drivers add up, and each says what it should on a case small enough to work out by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import oracle
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steering.meeting_books import Remembered, book, item

from smile_xl.planning.bridge import bridge
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.steering.gaps import GAP_DRIVERS, bridge_from_last, find_gaps, gaps

COST = 100.0
RULE = {"Policies": [["Rule", "Applies to", "Unit", "Target"], ["all", None, "weeks", 4.25]]}
"""Every item is to hold the weeks that the plan aims at."""


def gap(one: oracle.Item, month: int) -> dict[str, float]:
    """Each driver of the only item's gap in a month (0: the last closed one), in money, without those of 0."""
    found = find_gaps(make_cycle(book(items=[one], more=RULE)))
    terms = {name: float(found.terms[name][0, month]) for name in GAP_DRIVERS}
    assert sum(terms.values()) == pytest.approx(found.gap[0, month], abs=1e-9)
    return {name: round(value, 6) for name, value in terms.items() if abs(value) > 1e-9}


def product(**values) -> oracle.Item:
    """Ten tonnes a month, 4.25 weeks of cover: a target of ten tonnes; transit brings each month's demand."""
    base = {"weeks_cover": 4.25, "opening": 10.0, "transit": [10.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0]}
    return item("Morocco", "1", **(base | values))


def test_stock_at_its_target_has_no_gap() -> None:
    assert all(gap(product(), month) == {} for month in range(11))


def test_more_stock_than_the_target_is_what_the_opening_brings() -> None:
    assert gap(product(opening=13.0), 0) == {"opening": 3 * COST}
    assert gap(product(opening=13.0), 2) == {"opening": 3 * COST}
    assert gap(product(opening=13.0), 3) == {}, "the next order takes the surplus back"


def test_a_target_below_the_safety_stock_is_a_matter_of_policy() -> None:
    rule = {"Policies": [["Rule", "Applies to", "Unit", "Target"], ["all", None, "tonnes", 7.0]]}
    found = find_gaps(make_cycle(book(items=[product()], more=rule)))
    np.testing.assert_allclose(found.terms["policy"][0], np.full(11, 3 * COST))
    np.testing.assert_allclose(found.gap[0], np.full(11, 3 * COST))


def test_a_confirmed_order_above_the_need_is_fixed_supply() -> None:
    confirmed = [float("nan")] * 3 + [14.0] + [float("nan")] * 8
    assert gap(product(confirmed=confirmed), 4) == {"supply": 4 * COST}
    assert gap(product(confirmed=confirmed), 5) == {}


def test_a_minimum_order_is_a_matter_of_lots() -> None:
    assert gap(product(moq=15.0), 3) == {"lots": 5 * COST}


def test_an_item_that_runs_out_has_all_of_its_gap_there() -> None:
    found = gap(product(status="To be delisted", opening=13.0), 0)
    assert set(found) <= {"delisted"}


def test_an_item_without_forecast_has_all_of_its_gap_there() -> None:
    assert gap(product(demand=[0.0] * 12, opening=13.0), 0) == {"demand": 13 * COST}


def test_a_new_item_has_all_of_its_gap_there() -> None:
    assert gap(product(status="Innovation", opening=13.0), 0) == {"new": 3 * COST}


def test_an_item_is_new_for_three_months_from_its_launch() -> None:
    heads = ["Country", "SAP code", "Flow type", "Launch month"]

    def drivers(launch: dt.date) -> set[str]:
        sheet = [heads, ["Morocco", "1", "MTS", launch]]
        found = find_gaps(make_cycle(book(items=[product(opening=13.0)], more=RULE | {"Item attributes": sheet})))
        return {name for name in GAP_DRIVERS if abs(found.terms[name][0, 0]) > 1e-9}

    assert drivers(dt.date(2023, 6, 1)) == {"new"}
    assert drivers(dt.date(2023, 5, 1)) == {"opening"}


quantity = st.floats(0, 500)


@st.composite
def random_items(draw: st.DrawFn) -> list[oracle.Item]:
    items = []
    for place in range(draw(st.integers(1, 4))):
        confirmed = draw(st.lists(st.one_of(st.just(float("nan")), quantity), min_size=12, max_size=12))
        items.append(
            item(
                draw(st.sampled_from(["Morocco", "Algeria", "Tunisia"])),
                str(place + 1),
                draw(st.sampled_from(["SOS", "POP"])),
                status=draw(st.sampled_from(["Regular", "Innovation", "To be delisted", "Delisted"])),
                weeks_cover=draw(st.floats(0, 20)),
                demand=draw(st.lists(quantity, min_size=12, max_size=12)),
                opening=draw(st.floats(-50, 500)),
                transit=draw(st.lists(quantity, min_size=8, max_size=8)),
                confirmed=confirmed,
                moq=draw(st.sampled_from([0.0, 30.0])),
                multiple=draw(st.sampled_from([0.0, 7.0])),
                unit_cost=draw(st.floats(1, 3000)),
                landed_cost=3000.0,
            )
        )
    return items


def rows_add_up(cycle: Cycle) -> None:
    rows = gaps(cycle)
    is_total = rows["driver"] == "total"
    keys = ["country", "sub_category", "month"]
    parts = rows[~is_total].groupby(keys)["value"].sum()
    totals = rows[is_total].set_index(keys)["value"].sort_index()
    pd.testing.assert_index_equal(parts.index, totals.index)
    scale = max(float(rows["value"].abs().max()), 1.0)
    np.testing.assert_allclose(parts, totals, rtol=0, atol=1e-9 * scale)


@given(random_items())
@settings(max_examples=25, deadline=None)
def test_the_drivers_add_up_to_the_gap_and_the_gap_is_stock_minus_target(items: list[oracle.Item]) -> None:
    cycle = make_cycle(book(items=items))
    rows_add_up(cycle)
    found = find_gaps(cycle)
    closing = np.maximum(np.column_stack((cycle.inputs.portfolio.opening, cycle.plan.closing[:, :10])), 0.0)
    value = (closing * cycle.inputs.unit_cost[:, np.newaxis]).sum()
    assert found.stock.sum() == pytest.approx(value, rel=1e-12)
    assert (found.target >= 0).all()


def test_the_rows_have_the_promised_columns() -> None:
    rows = gaps(make_cycle(book()))
    assert list(rows.columns) == ["country", "sub_category", "month", "driver", "value"]
    assert rows["month"].iloc[0] == "2023-07", "the last closed month comes first"
    assert set(rows["driver"]) == {*GAP_DRIVERS, "total"}


def test_the_last_kept_cycle_is_compared_with() -> None:
    july, august = dt.date(2023, 7, 1), dt.date(2023, 8, 1)
    then = book(items=[product(opening=50.0)], start=july)
    now = book(items=[product(opening=13.0)], start=august, past=Remembered({july: then}))
    found = bridge_from_last(make_cycle(now))
    expected = bridge(make_cycle(then).inputs, make_cycle(now).inputs)
    assert found is not None
    np.testing.assert_array_equal(found.change, expected.change)


def test_without_a_kept_cycle_or_one_that_can_be_compared_there_is_none() -> None:
    assert bridge_from_last(make_cycle(book())) is None
    long_ago = dt.date(2021, 1, 1)
    past = Remembered({long_ago: book(start=long_ago)})
    assert bridge_from_last(make_cycle(book(past=past))) is None


def test_a_later_cycle_is_no_last_one() -> None:
    later = dt.date(2023, 9, 1)
    cycle = make_cycle(book(past=Remembered({later: book(start=later)})))
    assert bridge_from_last(cycle) is None
    assert bridge_from_last(replace(cycle, past=Remembered({}))) is None


JULY, AUGUST = dt.date(2023, 7, 1), dt.date(2023, 8, 1)
SALES = ["Country", "SAP code", "Month", "Forecast", "Actual"]


def after_july(sold: list[list[object]], **then) -> Cycle:
    """August opens with 13 t of the only product; July had projected what its own figures come to."""
    july = book(items=[product(**then)], start=JULY, more=RULE)
    sheets = {**RULE, "Actual demand": [SALES, *sold]} if sold else RULE
    now = book(items=[product(opening=13.0)], start=AUGUST, past=Remembered({JULY: july}), more=sheets)
    return make_cycle(now)


def closed(cycle: Cycle) -> dict[str, float]:
    found = find_gaps(cycle)
    terms = {name: float(found.terms[name][0, 0]) for name in GAP_DRIVERS}
    assert sum(terms.values()) == pytest.approx(found.gap[0, 0], abs=1e-9)
    return {name: round(value, 6) for name, value in terms.items() if abs(value) > 1e-9}


def test_sales_under_the_forecast_leave_stock_by_the_driver_demand() -> None:
    """July: 10 t, 10 t land, 10 t forecast: 10 t projected, the target. 7 t were sold, and 13 t are there."""
    cycle = after_july([["Morocco", "1", JULY, 10.0, 7.0]])
    assert closed(cycle) == {"demand": 3 * COST}
    assert find_gaps(cycle).projected == pytest.approx([10 * COST])


def test_what_sales_do_not_explain_is_supply() -> None:
    """12 t were sold where 10 t were forecast, and still 3 t more than projected are there: 5 t more have come."""
    assert closed(after_july([["Morocco", "1", JULY, 10.0, 12.0]])) == {"demand": -2 * COST, "supply": 5 * COST}
    assert closed(after_july([])) == {"supply": 3 * COST}, "nobody says what was sold"


def test_what_july_had_planned_beyond_the_target_is_the_opening() -> None:
    """July opened with 12 t and so projected 12 t, 2 t over the target; 1 t more is there."""
    assert closed(after_july([], opening=12.0)) == {"opening": 2 * COST, "supply": 1 * COST}


def test_later_months_and_books_without_a_last_cycle_keep_their_drivers() -> None:
    cycle = after_july([["Morocco", "1", JULY, 10.0, 7.0]])
    alone = make_cycle(book(items=[product(opening=13.0)], more=RULE))
    for name in GAP_DRIVERS:
        np.testing.assert_array_equal(find_gaps(cycle).terms[name][:, 1:], find_gaps(alone).terms[name][:, 1:])
    assert find_gaps(alone).projected is None


def test_an_item_that_the_last_cycle_did_not_have_is_no_change_of_supply() -> None:
    july = book(items=[item("Morocco", "9")], start=JULY, more=RULE)
    now = book(items=[product(opening=13.0)], start=AUGUST, past=Remembered({JULY: july}), more=RULE)
    assert closed(make_cycle(now)) == {"opening": 3 * COST}
