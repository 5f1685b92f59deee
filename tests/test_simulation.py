"""Two safety-stock policies compared item by item, and the rule under which to adopt one."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import oracle
import pandas as pd
import pytest
from books_of_items import book_of

from smile_xl.core import adoption
from smile_xl.planning import simulation, tidy
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.policies import POLICIES, basis_of, safety_of

STATUSES = list(oracle.STATUSES)
COLUMNS = ["country", "sap_code", "month", "weeks_cover", "volatility", "old_t", "new_t", "difference_t", "difference_cash"]  # fmt: skip


def portfolio(seed: int, count: int = 40, months: int = 12) -> list[oracle.Item]:
    """Items of every kind: no cover, no demand, one month of demand, delisted, more months than planned."""
    draw = random.Random(seed)
    items = []
    for number in range(count):
        shape = draw.choice(["steady", "wild", "none", "single", "rising"])
        demand = {
            "steady": lambda: [draw.uniform(90, 110) for _ in range(months)],
            "wild": lambda: [draw.choice([0, 0, draw.uniform(0, 500)]) for _ in range(months)],
            "none": lambda: [0.0] * months,
            "single": lambda: [0.0] * (months - 1) + [draw.uniform(1, 90)],
            "rising": lambda: [10.0 + 7 * month for month in range(months)],
        }[shape]()
        items.append(
            oracle.Item(
                country=draw.choice(list(oracle.RULES)),
                sap_code=f"{number:06d}",
                status=draw.choice(STATUSES),
                weeks_cover=draw.choice([0.0, 1.0, 4.25, 4.3, 8.5, 12.75, 13.0, 60.0]),
                sub_category=draw.choice(["Hair", "Fabric"]),
                brand=draw.choice(["A", "B"]),
                demand=demand,
                unit_cost=draw.uniform(500, 2000),
                landed_cost=2000.0,
            )
        )
    return items


def slow_rows(items: list[oracle.Item], old: str, new: str) -> list[dict]:
    """The comparison by plain loops over plain lists."""
    rows = []
    for item in items:
        flags = oracle.STATUSES[item.status]
        before, after = (oracle.safety_stock(item, flags, method) for method in (old, new))
        for month in range(oracle.HORIZON):
            difference = before[month] - after[month]
            rows.append(
                {
                    "country": item.country,
                    "sap_code": item.sap_code,
                    "month": month,
                    "weeks_cover": item.weeks_cover,
                    "volatility": oracle.cv(item.demand),
                    "old_t": before[month],
                    "new_t": after[month],
                    "difference_t": difference,
                    "difference_cash": difference * item.unit_cost,
                }
            )
    return rows


def cycle_of(items: list[oracle.Item]) -> Cycle:
    return make_cycle(book_of(items))


def one_item(demand: list[float], weeks_cover: float) -> simulation.Comparison:
    item = oracle.Item("Morocco", "1", "Regular", weeks_cover, sub_category="S", brand="B", demand=demand, unit_cost=1000, landed_cost=1100)  # fmt: skip
    return simulation.compare(cycle_of([item]))


# --------------------------------------------------------------------------------------------------------- comparison


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("old", "new"), [("average", "exact"), ("exact", "average")])
def test_the_comparison_equals_plain_loops_on_random_portfolios(seed: int, old: str, new: str) -> None:
    items = portfolio(seed, months=12 + seed % 3)
    rows = simulation.rows(simulation.compare(cycle_of(items), old, new))
    assert list(rows.columns) == COLUMNS
    expected = slow_rows(items, old, new)
    assert rows["month"].tolist()[:2] == ["2023-08", "2023-09"]
    for name in ("country", "sap_code"):
        assert rows[name].tolist() == [line[name] for line in expected]
    for name in COLUMNS[3:]:
        wanted = [np.nan if line[name] is None else line[name] for line in expected]
        np.testing.assert_allclose(rows[name], wanted, rtol=1e-12, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", simulation.SPLITS)
def test_the_sum_over_any_split_equals_the_total(seed: int, by: str) -> None:
    comparison = simulation.compare(cycle_of(portfolio(seed)))
    parts, total = (simulation.split(comparison, name) for name in (by, "total"))
    for name in ("items", "negative", "old_t", "new_t", "difference_t", "old_cash", "new_cash", "difference_cash"):
        assert parts[name].sum() == pytest.approx(total[name][0], rel=1e-12, abs=1e-9)
    assert total["items"][0] == 40
    assert total["difference_t"][0] == pytest.approx(simulation.rows(comparison)["difference_t"].sum() / 12, rel=1e-12)
    by_month = simulation.by_country_and_month(comparison)
    assert by_month["difference_cash"].sum() / 12 == pytest.approx(total["difference_cash"][0], rel=1e-12)


def test_each_item_stands_in_its_interval_and_class() -> None:
    items = portfolio(1, count=200)
    comparison = simulation.compare(cycle_of(items))
    slow = pd.DataFrame(slow_rows(items, "average", "exact")).groupby("sap_code")
    asks_more = [bool(group["difference_t"].sum() < -1e-9) for _, group in slow]
    intervals = [min(place for place, edge in enumerate((4.25, 8.5, 12.75, math.inf)) if item.weeks_cover <= edge) for item in items]  # fmt: skip
    cover = simulation.split(comparison, "cover")
    assert cover["name"].tolist() == ["0-4.25", "4.25-8.5", "8.5-12.75", "12.75+"]
    for place in range(4):
        inside = [more for more, interval in zip(asks_more, intervals, strict=True) if interval == place]
        assert (cover["items"][place], cover["negative"][place]) == (len(inside), sum(inside))
        assert cover["negative_share"][place] == pytest.approx(sum(inside) / len(inside))
    spread = [oracle.cv(item.demand) for item in items]
    classes = ["no demand" if cv is None else "steady" if cv <= 0.5 else "variable" if cv <= 1 else "erratic" for cv in spread]  # fmt: skip
    volatility = simulation.split(comparison, "volatility").set_index("name")["items"]
    assert {name: int(count) for name, count in volatility.items()} == {name: classes.count(name) for name in simulation.VOLATILITY_CLASSES}  # fmt: skip


def test_intervals_and_cuts_come_from_the_settings() -> None:
    book = book_of(portfolio(1))
    rows = [*book.read("Settings").rows, ["Cover intervals", "2; 10"], ["Volatility cuts", "0,1 0,2"]]
    cycle = make_cycle(type(book)({name: rows if name == "Settings" else book.read(name).rows for name in book.sheet_names()}))  # fmt: skip
    assert cycle.inputs.settings.volatility_cuts == (0.1, 0.2)
    assert simulation.split(simulation.compare(cycle), "cover")["name"].tolist() == ["0-2", "2-10", "10+"]


def test_flat_demand_makes_no_difference() -> None:
    for weeks, level in itertools.product((0.5, 3, 4.25, 17, 51, 60), (0.1, 33.3, 1e5)):
        assert abs(one_item([level] * 12, weeks).difference_t).max() <= 1e-12 * level * max(weeks, 1)
        assert not one_item([level] * 12, weeks).negative.any()


def test_no_wanted_cover_means_no_stock() -> None:
    comparison = one_item([5.0, 90.0] * 6, 0)
    assert not comparison.old_t.any()
    assert not comparison.new_t.any()
    assert not POLICIES["statistical"](comparison.basis).any()


def test_rising_demand_asks_for_more_and_falling_demand_for_less() -> None:
    """Over the year: the demand that follows a month is above the mean where it rises, below it where it falls."""
    for weeks in (1, 4.25, 8, 12):
        rising = one_item([10.0 * month for month in range(1, 13)] + [130.0, 140.0, 150.0], weeks)
        falling = one_item([10.0 * month for month in range(15, 0, -1)], weeks)
        assert rising.negative.all()
        assert rising.difference_t.sum() < 0
        assert not falling.negative.any()
        assert falling.difference_t.sum() > 0


def test_the_statistical_policy_is_the_textbook_formula_of_the_book() -> None:
    items = portfolio(5)
    basis = basis_of(cycle_of(items).inputs)
    stock = safety_of(basis, "statistical")
    for item, held in zip(items, stock, strict=True):
        mean, lead = oracle.mean_demand(item.demand), oracle.RULES[item.country].pipeline
        level = 1.6448536269514722 * math.sqrt(lead * (0.3 * mean) ** 2 + (mean / 4.25) ** 2)
        holds = item.weeks_cover > 0 and oracle.STATUSES[item.status][1]
        np.testing.assert_allclose(held, level if holds else 0.0, rtol=1e-12)


def test_a_choice_by_item_takes_each_items_own_policy() -> None:
    basis = basis_of(cycle_of(portfolio(2)).inputs)
    names = [list(POLICIES)[place % 3] for place in range(40)]
    chosen = safety_of(basis, names)
    for place, name in enumerate(names):
        np.testing.assert_array_equal(chosen[place], POLICIES[name](basis)[place])


def test_the_report_has_the_rows_of_the_default_comparison() -> None:
    cycle = cycle_of(portfolio(3))
    pd.testing.assert_frame_equal(tidy.REPORTS["simulation"](cycle), simulation.rows(simulation.compare(cycle)))


# --------------------------------------------------------------------------------------------------------------- rule


def random_choice(seed: int, cap: float, items: int = 30) -> tuple[dict, adoption.Choice]:
    rng = np.random.default_rng(seed)
    given = {
        "weeks_cover": rng.choice([0.0, 2, 4.25, 6, 8.5, 13], items),
        "volatility": np.where(rng.random(items) < 0.1, np.nan, np.round(rng.random(items) * 1.4, 2)),
        "gain": rng.normal(0, 100, items),
        "lost": rng.normal(0, 5, items),
        "demand": rng.random(items) * 100,
    }
    return given, adoption.Choice(**given, cap=cap)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("cap", [0.0, 0.002, 0.1])
def test_no_pair_of_thresholds_frees_more_within_the_cap(seed: int, cap: float) -> None:
    given, choice = random_choice(seed, cap)
    most = 0.0
    for weeks, hundredths in itertools.product([0, 2, 4.25, 6, 8.5, 13], [*range(5, 145, 5), 10**6]):
        inside = [
            place
            for place in range(30)
            if given["weeks_cover"][place] <= weeks and given["volatility"][place] <= hundredths / 100
        ]
        if sum(given["lost"][inside]) <= cap * sum(given["demand"]) and sum(given["gain"][inside]) > most:
            most = sum(given["gain"][inside])
    rule = choice.best()
    adopted = choice.adopts(rule)
    assert given["gain"][adopted].sum() == pytest.approx(most, rel=1e-9, abs=1e-9)
    assert given["lost"][adopted].sum() <= cap * given["demand"].sum() + 1e-9
    assert (rule is None) == (most == 0)


def test_what_frees_everywhere_without_risk_is_adopted_everywhere() -> None:
    choice = adoption.Choice(np.array([2.0, 9.0]), np.array([0.1, 2.0]), np.ones(2), np.zeros(2), np.ones(2), cap=0.0)
    assert choice.best() == adoption.Rule(math.inf, math.inf)
    assert choice.stability(choice.best(), 50, seed=1).same_choice == 1


def test_what_only_asks_for_more_is_adopted_nowhere() -> None:
    choice = adoption.Choice(np.array([2.0, 9.0]), np.array([0.1, 2.0]), -np.ones(2), -np.ones(2), np.ones(2), cap=1.0)
    assert choice.best() is None
    assert not choice.adopts(None).any()
    stability = choice.stability(None, 50, seed=1)
    assert (stability.same_rule, stability.gain, stability.risk) == (1, (0, 0), (0, 0))


def test_items_without_demand_adopt_only_where_there_is_no_threshold() -> None:
    given = {"gain": np.array([5.0, 0.0]), "lost": np.zeros(2), "demand": np.array([9.0, 0.0])}
    choice = adoption.Choice(np.array([3.0, 3.0]), np.array([0.2, np.nan]), **given, cap=0.0)
    assert choice.adopts(choice.best()).tolist() == [True, False]


def test_the_cap_decides_how_far_the_rule_goes() -> None:
    """Longer covers free more and risk more: the wider the cap, the higher the threshold."""
    weeks = np.array([2.0, 4.0, 6.0, 8.0])
    common = {"weeks_cover": weeks, "volatility": np.full(4, 0.1), "gain": np.ones(4), "demand": np.full(4, 25.0)}
    choices = [adoption.Choice(**common, lost=np.array([0.0, 1.0, 2.0, 4.0]), cap=cap) for cap in (0.0, 0.01, 0.03, 0.07)]  # fmt: skip
    assert [choice.best().weeks_cover for choice in choices] == [2, 4, 6, math.inf]


def test_a_portfolio_drawn_anew_shows_how_stable_the_rule_is() -> None:
    """An item that alone carries the gain is missing in (1 - 1/n)^n of the samples."""
    items = 40
    gain = np.zeros(items)
    gain[7] = 10.0
    weeks = np.arange(items, dtype=float)
    choice = adoption.Choice(weeks, np.full(items, 0.3), gain, np.zeros(items), np.ones(items), cap=0.0)
    stability = choice.stability(choice.best(), 4000, seed=2)
    assert stability.same_rule == pytest.approx(1 - (1 - 1 / items) ** items, abs=0.03)
    assert stability.gain == (0, 30)
    assert stability == choice.stability(choice.best(), 4000, seed=2)
    assert stability.within_cap == 1


def test_a_rule_is_found_among_very_many_covers() -> None:
    rng = np.random.default_rng(1)
    items = 2000
    weeks = rng.random(items) * 20
    choice = adoption.Choice(weeks, rng.random(items), np.where(weeks < 8, 1.0, -1.0), np.zeros(items), np.ones(items), cap=0.0)  # fmt: skip
    assert choice.best().weeks_cover == pytest.approx(8, abs=0.3)
