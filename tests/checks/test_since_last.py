"""Findings against the last cycle: stock that is not what was projected, frozen months that moved, other forecasts."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import oracle
import pytest
from books_of_items import START, book_of, month
from checks.books import STEADY, Remembered, book, found, item, only
from hypothesis import given, settings
from hypothesis import strategies as st
from test_portfolio import RULES, portfolio

from smile_xl.books.archive import store
from smile_xl.books.archive.past import past_in
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import make_cycle, with_policies
from smile_xl.planning.last_cycle import said
from smile_xl.planning.past import NOTHING_KEPT, UNREADABLE
from smile_xl.planning.since_last import KINDS

SEPTEMBER = month(1)
PROJECTED = 100.0 + 30 - 50  # opening and the first four weeks of transit, less the demand of August


def after(now: oracle.Item, was: oracle.Item = STEADY, **options: object) -> MemoryBook:
    """A book of September whose last cycle, August, had the steady item."""
    past = Remembered({START: book([was])})
    return book([now], past=past, start=SEPTEMBER, **options)


AS_PLANNED = replace(STEADY, opening=PROJECTED, transit=[0.0] * 8, demand=[*STEADY.demand[1:], 50.0])


def test_a_cycle_that_went_as_planned_has_no_such_finding() -> None:
    cycle = make_cycle(after(AS_PLANNED))
    assert cycle.last is not None
    assert {one.code for one in cycle.findings} & set(KINDS) == set()


def test_stock_other_than_projected_puts_the_miss_at_stake() -> None:
    one = only(after(replace(AS_PLANNED, opening=30.0)), "opening_missed")
    assert one.cash == pytest.approx((PROJECTED - 30) * 1000)
    assert one.text("en") == (
        "the opening stock of Morocco 68000001 is 30 t, cycle 2023-08 (kept by Ana) projected 80 t"
    )
    assert "le cycle 2023-08 (conservé par Ana) projetait 80 t" in one.text("fr")
    assert found(after(replace(AS_PLANNED, opening=PROJECTED - 15)), "opening_missed") == []  # within the tolerance
    strict = after(replace(AS_PLANNED, opening=PROJECTED - 15), settings={"Cycle tolerance": 0.1})
    assert only(strict, "opening_missed").cash == pytest.approx(15_000)


def test_a_projected_shortage_has_left_nothing() -> None:
    short = replace(STEADY, opening=0.0, transit=[0.0] * 8)
    assert found(after(replace(AS_PLANNED, opening=0.0), short), "opening_missed") == []
    assert only(after(replace(AS_PLANNED, opening=25.0), short), "opening_missed").cash == pytest.approx(25_000)


def test_supply_that_moved_in_a_frozen_month_names_what_moved_and_who_plans_now() -> None:
    """September was frozen in August, with the transit of W5 to W7; October was not."""
    was = replace(STEADY, transit=[10.0, 0.0, 0.0, 20.0, 40.0, 0.0, 0.0, 0.0])
    came = replace(AS_PLANNED, transit=[40.0, 0.0, 0.0, 0.0, 90.0, 0.0, 0.0, 0.0])
    assert found(after(came, was), "frozen_supply") == []
    moved = replace(AS_PLANNED, transit=[0.0, 0.0, 0.0, 0.0, 40.0, 0.0, 0.0, 0.0])
    one = only(after(moved, was, settings={"Planner": "Ben"}), "frozen_supply")
    assert one.cash == 40 * 1200
    assert one.text("en") == (
        "0 t of Morocco 68000001 land in 2023-09, frozen in cycle 2023-08 (kept by Ana) with 40 t; planner now: Ben"
    )
    assert one.text("fr").endswith("avec 40 t ; planificateur actuel : Ben")
    assert one.cell == "A3"  # the row: transit and orders both make it


def test_an_order_that_was_confirmed_for_a_frozen_month_must_come() -> None:
    """In Tunisia the third month is frozen too: its confirmed order is supply."""
    orders = [None, None, 35.0, *[None] * 9]
    tunisian = replace(STEADY, country="Tunisia", transit=[0.0] * 8, confirmed=orders)
    now = replace(tunisian, opening=50.0, demand=AS_PLANNED.demand, confirmed=[None] * 12)
    one = only(after(now, tunisian), "frozen_supply")
    assert (one.values["month"], one.values["tonnes"], one.values["was"]) == ("2023-10", 0, 35)
    assert one.cash == 35 * 1200
    there = replace(now, confirmed=[None, 35.0, *[None] * 10])
    assert len(found(after(there, tunisian), "frozen_supply")) == 1  # what is typed for it is not in transit
    in_transit = replace(now, transit=[0.0] * 4 + [35.0] + [0.0] * 3)
    assert found(after(in_transit, tunisian), "frozen_supply") == []


def test_demand_that_moved_in_a_frozen_month_is_told_apart_from_later_forecasts() -> None:
    now = replace(AS_PLANNED, demand=[90.0, *AS_PLANNED.demand[1:4], 400.0, 500.0, *AS_PLANNED.demand[6:]])
    frozen, later = (only(after(now), code) for code in ("frozen_demand", "forecast_changed"))
    assert (frozen.values["month"], frozen.cash, frozen.cell) == ("2023-09", (90 - 52) * 1000, "J3")
    assert (later.values["month"], later.cell) == ("2024-02", "O3")
    assert later.cash == pytest.approx((400 - 50 + 500 - 53) * 1000)
    assert later.text("en") == (
        "the demand of Morocco 68000001 in 2024-02 (other months too: 1) is 500 t, cycle 2023-08 (kept by Ana) had 53 t"
    )


def test_a_forecast_that_jumped_in_a_frozen_month_is_noted_once() -> None:
    now = after(replace(AS_PLANNED, demand=[520.0, *AS_PLANNED.demand[1:]]))
    assert only(now, "frozen_demand").values["was"] == 52
    assert found(now, "forecast_changed") == []


def test_the_latest_cycle_before_the_book_counts_and_never_its_own_or_a_later_one() -> None:
    old, own = book([replace(STEADY, opening=900.0)], start=month(-1)), book([item(opening=7.0)], start=SEPTEMBER)
    past = Remembered({month(-1): old, START: book([STEADY]), SEPTEMBER: own, month(2): own})
    assert only(book([replace(AS_PLANNED, opening=30.0)], past=past, start=SEPTEMBER), "opening_missed")
    assert make_cycle(book([AS_PLANNED], past=past, start=SEPTEMBER)).last.said.start == START
    alone = make_cycle(book([AS_PLANNED], past=Remembered({SEPTEMBER: own}), start=SEPTEMBER))
    assert alone.last is None


def test_cycles_without_a_month_in_common_are_not_compared() -> None:
    past = Remembered({month(-11): book([replace(STEADY, opening=9e4)], start=month(-11))})
    cycle = make_cycle(book([AS_PLANNED], past=past, start=SEPTEMBER))
    assert cycle.last is not None
    assert {one.code for one in cycle.findings} & set(KINDS) == set()


def test_a_new_item_and_one_that_has_gone_are_not_compared() -> None:
    past = Remembered({START: book([item("1", opening=5e3), item("2", opening=5e3)])})
    codes = {one.code for one in make_cycle(book([item("3")], past=past, start=SEPTEMBER)).findings}
    assert codes & set(KINDS) == set()


def test_the_same_item_in_the_other_language_and_with_leading_zeros_is_compared() -> None:
    french = book([replace(AS_PLANNED, country="Maroc", sap_code="068000001", opening=30.0)], start=SEPTEMBER,
                  past=Remembered({START: book([STEADY])}),
                  sheets={"Countries": [["Country", "Frozen months", *[f"W{week}" for week in range(1, 9)], "Pipeline months"],
                                        ["Maroc", 2.0, *[0.0] * 4, *[1.0] * 3, 2.0, 1.0]]})  # fmt: skip
    assert only(french, "opening_missed").country == "Maroc"


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), later=st.integers(1, 4))
def test_misses_of_random_portfolios_are_those_of_the_slow_reference(seed: int, later: int) -> None:
    items = portfolio(seed, 15)
    chance = random.Random(seed)
    now = [replace(one, opening=chance.choice([one.opening, one.opening * 3, 0.0])) for one in items]
    past = Remembered({START: book_of(items, RULES)})
    tables = book_of(now, RULES, start=month(later))
    settings_rows = [*tables.read("Settings").rows, ["Findings shown", 1000.0]]
    source = MemoryBook(
        {**{name: tables.read(name).rows for name in tables.sheet_names()}, "Settings": settings_rows}, past=past
    )
    expected = {}
    for one, was, plan in zip(now, items, oracle.plan(items, RULES, oracle.STATUSES, "exact"), strict=True):
        projected = max(plan["closing"][later - 1], 0.0)
        miss = abs(one.opening - projected)
        if miss > 0.2 * max(abs(one.opening), projected, sum(was.demand) / 12):
            expected[one.sap_code] = miss * one.unit_cost
    missed = {one.sap_code: one.cash for one in found(source, "opening_missed")}
    assert missed == pytest.approx(expected)


# -------------------------------------------------------------------------------------------------------- the archive


def test_what_an_archived_cycle_said_is_read_from_its_tables_as_it_was_planned(tmp_path: Path) -> None:
    cycle = make_cycle(book_of(portfolio(3, 25, 14), RULES))
    store.keep(cycle, "plan.xlsx", tmp_path, dt.datetime(2023, 8, 4))
    read, planned = past_in(tmp_path).said(START), said(cycle.inputs, cycle.plan)
    assert (read.start, read.keys) == (planned.start, planned.keys)
    for name in ("demand", "supply", "closing", "frozen"):
        np.testing.assert_array_equal(getattr(read, name), getattr(planned, name))


def test_a_cycle_whose_countries_are_named_in_another_language_than_its_sheets_is_read(tmp_path: Path) -> None:
    tables = book([STEADY, item("2", country="Maroc")])
    without = MemoryBook({name: tables.read(name).rows for name in tables.sheet_names() if name != "Countries"})
    cycle = make_cycle(without)
    store.keep(cycle, "plan.xlsx", tmp_path, dt.datetime(2023, 8, 4))
    read = past_in(tmp_path).said(START)
    assert read.keys == [("morocco", "68000001"), ("morocco", "2")]
    np.testing.assert_array_equal(read.frozen, cycle.inputs.portfolio.frozen)


def test_the_archive_beside_a_book_is_compared_with_and_says_who_kept_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "Ana")
    store.keep(make_cycle(book([STEADY])), "plan.xlsx", tmp_path, dt.datetime(2023, 8, 4))
    now = book([replace(AS_PLANNED, opening=30.0)], past=past_in(tmp_path), start=SEPTEMBER)
    assert "(kept by Ana)" in only(now, "opening_missed").text("en")


def test_a_damaged_cycle_is_one_note_and_everything_else_is_checked(tmp_path: Path) -> None:
    version, _ = store.keep(make_cycle(book([STEADY])), "plan.xlsx", tmp_path, dt.datetime(2023, 8, 4))
    (version.path / "results.parquet").write_bytes(b"PAR1")
    now = book([replace(AS_PLANNED, opening=-5.0)], past=past_in(tmp_path), start=SEPTEMBER)
    one = only(now, "past_damaged")
    assert one.severity == "info"
    assert "results.parquet is not what was written" in one.text("en")
    assert "results.parquet n'est pas ce qui a été écrit" in one.text("fr")
    assert found(now, "opening_negative")


def test_a_kept_book_that_can_no_longer_be_planned_is_one_note() -> None:
    broken = book([replace(STEADY, status="Gone")])
    one = only(book([AS_PLANNED], past=Remembered({START: broken}), start=SEPTEMBER), "past_damaged")
    assert 'the status "Gone" has no row in Statuses' in one.text("en")


def test_an_archive_without_its_library_is_one_note_and_no_archive_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smile_xl.books.archive.past.has_parquet", lambda: False)
    assert past_in(tmp_path) is UNREADABLE
    assert past_in(tmp_path / "none") is NOTHING_KEPT
    assert only(book([AS_PLANNED], past=UNREADABLE), "past_unreadable").severity == "info"
    assert found(book([AS_PLANNED]), "past_unreadable") == []


def test_new_policies_keep_what_was_noted_and_compared() -> None:
    source = after(replace(AS_PLANNED, opening=30.0, landed_cost=900.0))
    before = make_cycle(source)
    again = with_policies(before, {0: "average"}, source)
    kept = {"opening_missed", "landed_below_unit"}
    assert {one.code for one in again.findings} & kept == {one.code for one in before.findings} & kept == kept
