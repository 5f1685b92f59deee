"""The bridge: its terms add up, its ends are the two projections, and each change stands under its own driver."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import oracle
import pandas as pd
import pytest
from books_of_items import book_of, month
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl.books.memory import MemoryBook
from smile_xl.planning import tidy
from smile_xl.planning.bridge import TOTAL, Bridge, BridgeError, bridge, rows
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.drivers import DRIVERS
from smile_xl.reports.bridge import change_text, sentences

Items = list[oracle.Item]


def random_item(chance: random.Random, number: int, months: int = 14) -> oracle.Item:
    return oracle.Item(
        country=chance.choice(list(oracle.RULES)),
        sap_code=f"{number:06d}",
        status=chance.choice(list(oracle.STATUSES)),
        weeks_cover=chance.choice([0.0, 2.0, 6.0, 9.5]),
        category="C",
        sub_category=chance.choice(["Hair", "Oral", "HHC"]),
        brand="B",
        moq=chance.choice([None, 25.0]),
        multiple=chance.choice([None, 10.0]),
        opening=chance.choice([-10.0, 0.0, chance.uniform(0, 300)]),
        transit=[chance.choice([0.0, chance.uniform(0, 60)]) for _ in range(8)],
        demand=[chance.choice([0.0, chance.uniform(0, 100)]) for _ in range(months)],
        confirmed=[chance.choice([None, None, None, chance.uniform(0, 90)]) for _ in range(12)],
        unit_cost=chance.uniform(500, 2000),
        landed_cost=chance.uniform(2000, 3000),
    )


def random_items(seed: int, count: int = 12, months: int = 14) -> Items:
    chance = random.Random(seed)
    return [random_item(chance, number, months) for number in range(count)]


def cycle_of(items: Items, later: int = 0, **options: object) -> Cycle:
    return make_cycle(book_of(items, start=month(later), **options))


def cross(old: Cycle, new: Cycle, rate: float | None = None) -> Bridge:
    return bridge(old.inputs, new.inputs, rate)


def moving(found: Bridge) -> set[str]:
    """Drivers that add more than rounding."""
    scale = max(np.abs(found.before).max(), np.abs(found.after).max(), 1.0)
    return {driver for driver, term in found.terms.items() if np.abs(term).max() > 1e-12 * scale}


def plans_of(items: Items) -> list[oracle.Plan]:
    return oracle.plan(items, oracle.RULES, oracle.STATUSES, "exact")


def value_of(items: Items) -> float:
    """Mean projected value of ten months, by the slow reference."""
    total = [row["value"] for row in oracle.projections(items, plans_of(items)) if row["country"] == "Total"]
    return float(np.mean(total))


def random_pair(seed: int, later: int, months: int) -> tuple[Cycle, Cycle, float | None]:
    """Two cycles between which items come, go, move and change, rules and methods too, and at times the currency."""
    chance = random.Random(seed)
    before = random_items(seed, months=14)
    after = [
        random_item(chance, number, months)
        if chance.random() < 0.3
        else replace(random_item(chance, number, months), country=item.country, sub_category=item.sub_category)
        for number, item in enumerate(before)
        if chance.random() < 0.9
    ]
    after += [random_item(chance, 100 + number, months) for number in range(2)]
    methods = [chance.choice(["exact", "average"]) for _ in range(2)]
    old = cycle_of(before, method=methods[0], net_transit=chance.random() < 0.5)
    rules = {**oracle.RULES, "Algeria": oracle.Rule(3, (0, 0, 1, 1, 1, 2, 2, 3), 1)}
    new = cycle_of(after, later, method=methods[1], rules=chance.choice([oracle.RULES, rules]))
    rate = chance.choice([None, 0.1, 9.8])
    if rate is not None:
        new = replace(new, inputs=replace(new.inputs, settings=replace(new.inputs.settings, currency="MAD")))
    return old, new, rate


def test_random_pairs_of_cycles_move_every_driver() -> None:
    found = [cross(*random_pair(seed, later=seed % 3, months=12)) for seed in range(8)]
    assert set().union(*map(moving, found)) == set(DRIVERS)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), later=st.integers(0, 9), months=st.integers(12, 16))
def test_the_terms_add_up_and_the_ends_are_the_projections_on_random_pairs_of_cycles(
    seed: int, later: int, months: int
) -> None:
    old, new, rate = random_pair(seed, later, months)
    found = cross(old, new, rate)

    for cycle, values in ((old, found.before), (new, found.after)):
        projected = tidy.projections(cycle).set_index(["country", "sub_category", "month"])["value"]
        for key, line in zip(found.keys, values.tolist(), strict=True):
            for at, value in zip(found.months, line, strict=True):
                assert value == projected.get((*key, f"{at:%Y-%m}"), 0.0)
    table = rows(found)
    sums = table[table["driver"] != TOTAL].groupby(["country", "sub_category", "month"])["value"].sum()
    change = table[table["driver"] == TOTAL].set_index(["country", "sub_category", "month"])["value"]
    scale = np.maximum(np.abs(found.before), np.abs(found.after)).max()
    assert np.abs(sums - change.reindex(sums.index)).max() <= 1e-9 * max(scale, 1.0)


CHANGES: dict[str, Callable[[oracle.Item], dict[str, object]]] = {
    "opening": lambda item: {"opening": item.opening + 40},
    "demand": lambda item: {"demand": [1.2 * tonnes + 3 for tonnes in item.demand]},
    "supply": lambda item: {"transit": [tonnes + 5 for tonnes in item.transit], "confirmed": [30.0] * 12},
    "policy": lambda item: {"weeks_cover": item.weeks_cover + 3, "moq": 40.0, "multiple": None, "status": "Regular"},
    "cost": lambda item: {"unit_cost": item.unit_cost * 1.1, "landed_cost": item.landed_cost + 100},
}


@pytest.mark.parametrize("driver", CHANGES)
@pytest.mark.parametrize("seed", range(3))
def test_what_changes_alone_stands_under_its_driver_alone(driver: str, seed: int) -> None:
    before = random_items(seed)
    after = [replace(item, **CHANGES[driver](item)) for item in before]
    found = cross(cycle_of(before), cycle_of(after))
    assert moving(found) == {driver}
    np.testing.assert_allclose(found.terms[driver], found.change, rtol=0, atol=1e-9 * found.before.max())


def test_each_step_is_the_plan_of_the_slow_reference_with_the_changes_so_far() -> None:
    items = random_items(7)
    found_items, levels = items, [value_of(items)]
    for change in CHANGES.values():
        found_items = [replace(item, **change(item)) for item in found_items]
        levels.append(value_of(found_items))
    found = cross(cycle_of(items), cycle_of(found_items))
    for driver, term in zip(CHANGES, np.diff(levels), strict=True):
        assert found.terms[driver].mean(axis=1).sum() == pytest.approx(term, rel=1e-9)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"method": "average"}, id="the safety method"),
        pytest.param({"net_transit": True}, id="late transit netted"),
        pytest.param({"rules": {**oracle.RULES, "Algeria": oracle.Rule(3, (0,) * 8, 3)}}, id="a country's rule"),
    ],
)
def test_a_rule_of_the_book_is_policy(options: dict[str, object]) -> None:
    items = random_items(3, 30)
    assert moving(cross(cycle_of(items), cycle_of(items, **options))) == {"policy"}


def test_an_item_that_is_new_or_gone_brings_or_takes_its_whole_projection() -> None:
    items = random_items(5)
    found = cross(cycle_of(items[:10]), cycle_of(items[2:]))
    assert moving(found) == {"new", "delisted"}
    assert found.terms["new"].mean(axis=1).sum() == pytest.approx(value_of(items[10:]))
    assert found.terms["delisted"].mean(axis=1).sum() == pytest.approx(-value_of(items[:2]))


def test_an_item_under_another_sub_category_moves_its_value_and_changes_no_total() -> None:
    items = random_items(6)
    moved = [replace(items[0], sub_category="Elsewhere"), *items[1:]]
    found = cross(cycle_of(items), cycle_of(moved))
    assert moving(found) == {"moved"}
    assert np.abs(found.terms["moved"].sum(axis=0)).max() <= 1e-9 * found.before.max()


def carried_out(items: Items, later: int) -> Items:
    """The book of some months later, had everything gone as planned; all of it computed by the slow reference."""
    found = []
    for item, plan in zip(items, plans_of(items), strict=True):
        rule = oracle.RULES[item.country]
        landed = oracle.arrivals(item, rule)
        due = [landed[later + at] if later + at < 12 else 0.0 for at in range(3)]
        due[:2] = [due[at] + (plan["orders"][later + at] if later + at >= 2 else 0.0) for at in range(2)]
        transit = [0.0] * 8
        for at in range(3):
            transit[rule.landing.index(at)] = due[at]
        confirmed = [*item.confirmed[later:], *[None] * later]
        for at in range(2, rule.frozen):
            confirmed[at] = plan["orders"][later + at]
        opening = max(plan["closing"][later - 1], 0.0)
        demand = [*item.demand[later:], *[55.0] * later]
        found.append(replace(item, opening=opening, transit=transit, confirmed=confirmed, demand=demand))
    return found


@pytest.mark.parametrize("later", [1, 2, 3])
@pytest.mark.parametrize("driver", [None, *CHANGES])
def test_a_plan_carried_out_leaves_the_calendar_and_what_changed(later: int, driver: str | None) -> None:
    items = random_items(11, 25, months=12)
    after = carried_out(items, later)
    if driver:
        after = [replace(item, **CHANGES[driver](item)) for item in after]
    if driver == "demand":  # the months that only the new cycle holds are the calendar's
        after = [replace(item, demand=[*item.demand[:-later], *[55.0] * later]) for item in after]
    found = cross(cycle_of(items), cycle_of(after, later))
    assert moving(found) - {"calendar"} == ({driver} if driver else set())


@pytest.mark.parametrize("later", [1, 2])
def test_in_the_months_that_are_fixed_already_the_calendar_moves_no_stock(later: int) -> None:
    items = [replace(item, landed_cost=0.0) for item in random_items(12, 25)]  # goods in transit are worth nothing
    found = cross(cycle_of(items), cycle_of(carried_out(items, later), later))
    assert np.abs(found.terms["calendar"][:, :2]).max() <= 1e-9 * found.before.max()


def in_currency(items: Items, currency: str) -> Cycle:
    book = book_of(items)
    sheets = {name: book.read(name).rows for name in book.sheet_names()}
    sheets["Settings"] = [*sheets["Settings"], ["Currency", currency]]
    return make_cycle(MemoryBook(sheets))


def test_a_change_of_currency_needs_its_rate_and_is_then_a_driver() -> None:
    items = random_items(8)
    dearer = [replace(item, unit_cost=10.8 * item.unit_cost, landed_cost=10.8 * item.landed_cost) for item in items]
    old, new = cycle_of(items), in_currency(dearer, "MAD")
    with pytest.raises(BridgeError) as refused:
        cross(old, new)
    assert refused.value.code == "other_currency"
    found = cross(old, new, 10.8)
    assert moving(found) == {"currency"}
    np.testing.assert_allclose(found.terms["currency"], 9.8 * found.before)
    with pytest.raises(BridgeError) as refused:
        cross(old, old, 10.8)
    assert refused.value.code == "same_currency"


def test_an_item_that_goes_with_a_change_of_currency_takes_its_value_in_the_new_one() -> None:
    items = random_items(5, count=4)
    dearer = [replace(item, unit_cost=item.unit_cost * 10.8, landed_cost=item.landed_cost * 10.8) for item in items]
    found = cross(cycle_of(items), in_currency(dearer[1:], "MAD"), 10.8)
    assert moving(found) == {"currency", "delisted"}
    gone = value_of(items) - value_of(items[1:])
    assert float(found.terms["delisted"].sum(axis=0).mean()) == pytest.approx(-10.8 * gone)


def test_the_safety_methods_are_listed_once_not_once_for_each_item() -> None:
    """A bridge asks for them item by item: of 10 000 items it took 20 seconds."""
    inputs = make_cycle(book_of([oracle.Item("Morocco", "1", "Regular", 4.0)])).inputs
    assert inputs.safety_methods is inputs.safety_methods


@pytest.mark.parametrize(("later", "code"), [(-1, "later"), (10, "apart")])
def test_cycles_without_a_common_month_are_refused(later: int, code: str) -> None:
    items = random_items(9)
    with pytest.raises(BridgeError) as refused:
        cross(cycle_of(items), cycle_of(items, later))
    assert refused.value.code == code


def test_the_last_common_month_alone_is_a_bridge() -> None:
    items = random_items(9)
    assert [f"{at:%Y-%m}" for at in cross(cycle_of(items), cycle_of(items, 9)).months] == ["2024-05"]


def test_every_driver_and_the_change_have_a_row_for_each_group_and_month() -> None:
    items = random_items(10)
    table: pd.DataFrame = rows(cross(cycle_of(items), cycle_of(items, 2)))
    assert list(table.columns) == ["country", "sub_category", "month", "driver", "value"]
    counts = table.groupby(["country", "sub_category", "month"])["driver"].agg(list)
    assert all(drivers == [*DRIVERS, TOTAL] for drivers in counts)
    assert set(table["month"]) == {f"{month(at):%Y-%m}" for at in range(2, 10)}


def test_each_driver_has_a_sentence_in_either_language() -> None:
    items = random_items(13)
    new = cycle_of([replace(item, opening=item.opening + 40) for item in items])
    found = cross(cycle_of(items), new)
    for spoken, nothing, why in (
        ("en", "Demand: nothing moved.", "The stock at"),
        ("fr", "Demande : rien", "Le stock au"),
    ):
        told = sentences(new, found, spoken)
        assert list(told) == list(DRIVERS)
        assert told["demand"].startswith(nothing)
        assert told["opening"].startswith(why)
        amount = f"{found.change.mean(axis=1).sum():+,.0f}".replace(",", "," if spoken == "en" else "\u202f")
        assert amount in told["opening"]
        assert amount in change_text(new, found, spoken)
        assert "{" not in "".join(told.values())
