"""Scenarios side by side with the base: stock, transit, orders and shortages, in tonnes and cash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, Plan
from smile_xl.core.checks import Array
from smile_xl.planning.cycle import Cycle, plan_of
from smile_xl.planning.grouping import group
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.scenarios import Scenario, with_changes
from smile_xl.planning.tables import month_text

MEASURES = ("stock", "transit", "orders", "shortage")
"""What is compared: closing stock and stock in transit at the end of a month, its orders, its shortage."""

COLUMNS = tuple(f"{measure}_{unit}" for measure in MEASURES for unit in ("t", "cash"))


@dataclass(frozen=True)
class Side:
    """What a plan comes to, per country and month: each array of shape (countries, 12)."""

    name: str
    """Name of the scenario, empty for the base."""
    figures: dict[str, Array]
    """By the names of ``COLUMNS``."""

    @property
    def value(self) -> Array:
        """Value of the stock as the projections count it: on hand and in transit."""
        return self.figures["stock_cash"] + self.figures["transit_cash"]


@dataclass(frozen=True)
class Comparison:
    """The base and some scenarios, on the countries of the book."""

    countries: list[str]
    months: list[str]
    sides: list[Side]


def compare(cycle: Cycle, scenarios: Sequence[Scenario]) -> Comparison:
    """The base and each scenario, planned afresh; the cycle stays as it is."""
    inputs = cycle.inputs
    countries = group(inputs.items, ("country",))
    within = (countries.of_item == np.arange(len(countries.keys))[:, np.newaxis]).astype(np.float64)
    sides = [_side("", inputs, cycle.plan, within)]
    for scenario in scenarios:
        changed = with_changes(inputs, scenario.changes)
        sides.append(_side(scenario.name, changed, plan_of(changed), within))
    return Comparison([key[0] for key in countries.keys], [month_text(month) for month in inputs.planned], sides)


def _side(name: str, inputs: Inputs, plan: Plan, within: Array) -> Side:
    """The figures of a plan; ``within`` is 1 where an item is of a country, shape (countries, items)."""
    unit, landed = inputs.unit_cost, inputs.landed_cost
    tonnes = {
        "stock": (np.maximum(plan.closing, 0.0), unit),
        "transit": (plan.pipeline, landed),
        "orders": (plan.orders, landed),
        "shortage": (np.maximum(-plan.closing, 0.0), landed),
    }
    figures = {}
    for measure, (amount, cost) in tonnes.items():
        figures[f"{measure}_t"] = within @ amount
        figures[f"{measure}_cash"] = (within * cost) @ amount
    return Side(name, figures)


def rows(found: Comparison, base: str) -> pd.DataFrame:
    """One row per scenario, country and month, the base first under the name given."""
    frames = []
    count = len(found.countries)
    for side in found.sides:
        frame = {
            "scenario": side.name or base,
            "country": np.repeat(found.countries, HORIZON),
            "month": found.months * count,
        }
        figures = {name: side.figures[name].ravel() for name in COLUMNS}
        frames.append(pd.DataFrame({**frame, **figures, "value": side.value.ravel()}))
    return pd.concat(frames, ignore_index=True)


SUMS = ("value_end", "value_mean", "stock_t", "orders_t", "orders_cash", "shortage_t", "shortage_cash")
"""Figures of a side in one number each: see ``totals``."""


def totals(side: Side) -> dict[str, float]:
    """Value of the stock at the end of the first month and on average, mean stock, sums of orders and shortages."""
    value = side.value.sum(axis=0)
    figures = {name: side.figures[name].sum(axis=0) for name in COLUMNS}
    sums = {name: float(figures[name].sum()) for name in ("orders_t", "orders_cash", "shortage_t", "shortage_cash")}
    sums |= {"value_end": float(value[0]), "value_mean": float(value.mean())}
    sums["stock_t"] = float(figures["stock_t"].mean())
    return {name: sums[name] for name in SUMS}
