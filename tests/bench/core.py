"""What the core costs per item, against the ways in which it would usually be written, in one run.

    python tests/bench/core.py [ITEMS ...]          default: 1000 10000 100000 1000000

All compute the plan of every item and twelve sums by group (country and sub-category), and all must agree to 1e-9.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import oracle

from smile_xl import core

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SAMPLE = 1_000
"""Items of the slow ways, whose cost per item does not depend on their number."""
COUNTRIES, SUB_CATEGORIES = tuple(oracle.RULES), 20
GROUPS = len(COUNTRIES) * SUB_CATEGORIES
SUMS = [
    "opening",
    "demand",
    "safety",
    "orders",
    "closing",
    "pipeline",
    "value",
    "shortage_t",
    "shortage_cash",
    "opportunity",
    "overstock_t",
    "overstock_cash",
]
Sums = dict[str, np.ndarray]


class Case:
    """A portfolio such as the SRM of three countries: minimum orders, multiples, confirmed orders, run-outs."""

    def __init__(self, items: int, *, by_group: bool) -> None:
        chance = np.random.default_rng(2019)
        self.group = chance.integers(0, GROUPS, items)
        if by_group:
            self.group.sort()
        rules = [oracle.RULES[name] for name in COUNTRIES]
        country = self.group // SUB_CATEGORIES
        level = chance.gamma(2, 20, items)
        confirmed = np.full((items, 12), np.nan)
        firm = chance.random((items, 3)) < 0.3
        confirmed[:, :3][firm] = chance.uniform(0, 50, firm.sum())
        self.unit_cost, self.landed_cost = chance.uniform(100, 3000, (2, items))
        self.portfolio = core.Portfolio(
            opening=level * chance.uniform(0, 3, items),
            transit=level[:, None] / 4 * chance.uniform(0, 1, (items, 8)),
            demand=level[:, None] * chance.uniform(0.2, 1.8, (items, 12)),
            confirmed=confirmed,
            weeks_cover=chance.choice([2, 3, 4, 4.25, 6, 8], items),
            landing=np.array([rule.landing for rule in rules])[country],
            frozen=np.array([rule.frozen for rule in rules])[country],
            pipeline_months=np.array([rule.pipeline for rule in rules])[country],
            proposes=chance.random(items) < 0.9,
            holds_safety=chance.random(items) < 0.95,
            moq=np.where(chance.random(items) < 0.3, 30.0, 0.0),
            multiple=np.where(chance.random(items) < 0.2, 5.0, 0.0),
        )


def ours(case: Case, *, with_plan: bool = False) -> Sums:
    """The product."""
    summary = core.summarise_portfolio(
        case.portfolio,
        case.group,
        GROUPS,
        unit_cost=case.unit_cost,
        landed_cost=case.landed_cost,
        with_plan=with_plan,
    )
    return {name: getattr(summary, name) for name in SUMS}


def straight(case: Case) -> Sums:
    """Numpy as a numerate colleague writes it: whole (items, months) arrays, a loop over months, fresh temporaries."""
    p, unit, landed_cost = case.portfolio, case.unit_cost[:, None], case.landed_cost[:, None]
    shape = (len(p), 12)
    arrivals = np.zeros(shape)
    for week in range(8):
        for month in range(p.landing[:, week].max() + 1):
            arrivals[:, month] += np.where(p.landing[:, week] == month, p.transit[:, week], 0.0)
    mean = p.demand.mean(axis=1, keepdims=True)

    def demand_after(weeks: np.ndarray) -> np.ndarray:
        longest = int(np.ceil(weeks.max() / 4.25))
        demand = np.hstack([p.demand, np.repeat(mean, longest, axis=1)])
        total = np.zeros(shape)
        for ahead in range(longest):
            total += np.clip(weeks - 4.25 * ahead, 0, 4.25)[:, None] * demand[:, 1 + ahead : 13 + ahead] / 4.25
        return total

    safety = np.where(p.holds_safety[:, None], demand_after(p.weeks_cover), 0.0)
    opening, orders, closing, pipeline = (np.zeros(shape) for _ in range(4))
    stock = p.opening
    multiple = np.where(p.multiple > 0, p.multiple, 1.0)
    for month in range(12):
        opening[:, month] = np.maximum(stock, 0)
        required = p.demand[:, month] + safety[:, month]
        need = required - opening[:, month]
        quantity = np.maximum(need, p.moq)
        quantity = np.where(p.multiple > 0, np.ceil(quantity / multiple * (1 - 1e-9)) * multiple, quantity)
        quantity = np.where(need > 1e-9 * required, quantity, 0.0)
        firm = arrivals[:, month] if month < 2 else 0.0
        quantity = np.where((p.frozen <= month) & p.proposes, quantity, firm)
        orders[:, month] = np.where(np.isnan(p.confirmed[:, month]), quantity, p.confirmed[:, month])
        closing[:, month] = stock + arrivals[:, month] - p.demand[:, month]
        if month >= 2:
            closing[:, month] += orders[:, month]
        stock = np.maximum(closing[:, month], 0)
    for ahead in range(1, p.pipeline_months.max() + 1):
        pipeline[:, :-ahead] += np.where(p.pipeline_months[:, None] >= ahead, orders[:, ahead:], 0.0)
    positive = np.maximum(closing, 0)
    shortage = np.maximum(-closing, 0)
    overstock = closing - demand_after(p.weeks_cover + 4.25)
    overstock = np.where(overstock > 1e-9 * closing, np.maximum(overstock, 0), 0.0)
    figures = {
        "opening": opening,
        "demand": p.demand,
        "safety": safety,
        "orders": orders,
        "closing": positive,
        "pipeline": pipeline,
        "value": positive * unit + pipeline * landed_cost,
        "shortage_t": shortage,
        "shortage_cash": shortage * landed_cost,
        "opportunity": positive,
        "overstock_t": overstock,
        "overstock_cash": overstock * unit,
    }
    return {
        name: np.column_stack([np.bincount(case.group, values[:, month], GROUPS) for month in range(12)])
        for name, values in figures.items()
    }


def plain_python(case: Case) -> Sums:
    """Loops over items and months: the reference of the tests."""
    return _sums(case, [_figures(_item(case, row)) for row in range(len(case.portfolio))])


def pandas_apply(case: Case) -> Sums:
    """One row of a table at a time."""
    p = case.portfolio
    table = pd.DataFrame(p.demand, columns=[f"demand {month}" for month in range(12)])
    for name, block in (("transit", p.transit), ("confirmed", p.confirmed)):
        table[[f"{name} {column}" for column in range(block.shape[1])]] = block
    for name in ("opening", "weeks_cover", "moq", "multiple", "proposes", "holds_safety"):
        table[name] = getattr(p, name)
    table = table.assign(group=case.group, unit_cost=case.unit_cost, landed_cost=case.landed_cost)

    def figures(row: pd.Series) -> Plan:
        item = oracle.Item(
            country=COUNTRIES[row["group"] // SUB_CATEGORIES],
            sap_code="",
            status=_status(row["proposes"], row["holds_safety"]),
            weeks_cover=row["weeks_cover"],
            moq=row["moq"],
            multiple=row["multiple"],
            opening=row["opening"],
            transit=[row[f"transit {week}"] for week in range(8)],
            demand=[row[f"demand {month}"] for month in range(12)],
            confirmed=[
                None if np.isnan(row[f"confirmed {month}"]) else row[f"confirmed {month}"] for month in range(12)
            ],
            unit_cost=row["unit_cost"],
            landed_cost=row["landed_cost"],
        )
        return _figures(item)

    return _sums(case, list(table.apply(figures, axis=1)))


Plan = dict[str, list[float]]
STATUSES = {**oracle.STATUSES, "Launch": (True, False)}


def _status(proposes: bool, holds_safety: bool) -> str:
    return next(name for name, flags in STATUSES.items() if flags == (bool(proposes), bool(holds_safety)))


def _item(case: Case, row: int) -> oracle.Item:
    p = case.portfolio
    return oracle.Item(
        country=COUNTRIES[case.group[row] // SUB_CATEGORIES],
        sap_code="",
        status=_status(p.proposes[row], p.holds_safety[row]),
        weeks_cover=float(p.weeks_cover[row]),
        moq=float(p.moq[row]),
        multiple=float(p.multiple[row]),
        opening=float(p.opening[row]),
        transit=p.transit[row].tolist(),
        demand=p.demand[row].tolist(),
        confirmed=[None if np.isnan(quantity) else quantity for quantity in p.confirmed[row].tolist()],
        unit_cost=float(case.unit_cost[row]),
        landed_cost=float(case.landed_cost[row]),
    )


def _figures(item: oracle.Item) -> Plan:
    plan = oracle.plan([item], oracle.RULES, STATUSES, "exact")[0]
    closing = plan["closing"]
    shortage = oracle.risk(closing)
    overstock = oracle.overstock(closing, item.demand, item.weeks_cover)
    return {
        **plan,
        "opening": [oracle.opening_of_month(item, plan, month) for month in range(12)],
        "demand": item.demand,
        "closing": oracle.opportunity(closing),
        "value": oracle.projection(closing, plan["pipeline"], item.unit_cost, item.landed_cost),
        "shortage_t": shortage,
        "shortage_cash": [tonnes * item.landed_cost for tonnes in shortage],
        "opportunity": oracle.opportunity(closing),
        "overstock_t": overstock,
        "overstock_cash": [tonnes * item.unit_cost for tonnes in overstock],
    }


def _sums(case: Case, figures: list[Plan]) -> Sums:
    sums = {name: [[0.0] * 12 for _ in range(GROUPS)] for name in SUMS}
    for group, item in zip(case.group.tolist(), figures, strict=True):
        for name, totals in sums.items():
            for month, value in enumerate(item[name]):
                totals[group][month] += value
    return {name: np.array(totals) for name, totals in sums.items()}


def best(run: Callable[[], object], seconds: float = 2.0) -> float:
    """Shortest of three runs or more, in seconds."""
    times: list[float] = []
    while len(times) < 3 or (sum(times) < seconds and len(times) < 50):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def agree(first: Sums, second: Sums) -> None:
    """Raise AssertionError unless both agree to 1e-9."""
    for name in SUMS:
        np.testing.assert_allclose(first[name], second[name], rtol=1e-9, atol=1e-6, err_msg=name)


def peak() -> float:
    """Largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: list[int]) -> None:
    """Print the table."""
    sample = Case(SAMPLE, by_group=False)
    agree(plain_python(sample), ours(sample))
    agree(pandas_apply(sample), ours(sample))
    slow = {"pandas apply": pandas_apply, "plain Python": plain_python}
    cost = {name: best(lambda way=way: way(sample), 0) / SAMPLE for name, way in slow.items()}  # type: ignore[misc]
    print(f"{'items':>9} {'way':34} {'ns per item':>12} {'seconds':>9} {'of ours':>8} {'peak MB':>8}")
    for items in sizes:
        mixed, by_group = Case(items, by_group=False), Case(items, by_group=True)
        ways: dict[str, Callable[[], object]] = {
            "sums, items by group": lambda: ours(by_group),  # noqa: B023
            "sums": lambda: ours(mixed),  # noqa: B023
            "plan only": lambda: core.plan_portfolio(mixed.portfolio),  # noqa: B023
            "sums and plan": lambda: ours(mixed, with_plan=True),  # noqa: B023
            "straight numpy, items by group": lambda: straight(by_group),  # noqa: B023
            "straight numpy": lambda: straight(mixed),  # noqa: B023
        }
        seconds = {}
        peaks = {}
        for name, run in ways.items():
            seconds[name] = best(run)
            peaks[name] = f"{peak():8.0f}"
        agree(straight(mixed), ours(mixed))
        agree(straight(by_group), ours(by_group))
        seconds |= {name: each * items for name, each in cost.items()}
        for name, spent in seconds.items():
            ratio = spent / seconds["sums, items by group" if "by group" in name else "sums"]
            print(
                f"{items:>9,} {name:34} {spent / items * 1e9:>12,.0f} {spent:>9.3f} {ratio:>8.1f} {peaks.get(name, ''):>8}"
            )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
