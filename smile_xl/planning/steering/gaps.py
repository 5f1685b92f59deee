"""Gaps: stock against its target, explained by what in this plan makes it; the drivers add up to the gap.

An item whose gap has one reason of its own (it is new, it is run out, it has no forecast) has all of its gap under that
driver. For every other item, constraints are taken out of the plan one after another, and the plan is calculated each
time: a driver is the difference between two neighbouring plans. The stock that the last month closed with is nobody's
plan any more: what the last kept cycle had projected for it stands between it and the target.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, PROJECTION_MONTHS, Portfolio, plan_portfolio
from smile_xl.core.checks import Array
from smile_xl.core.targets import stock_target
from smile_xl.planning.bridge import Bridge, BridgeError, bridge
from smile_xl.planning.cycle import Cycle, kept_inputs, once
from smile_xl.planning.findings import InputError
from smile_xl.planning.grouping import Groups, group
from smile_xl.planning.last_cycle import ItemKey, item_keys_of
from smile_xl.planning.names import key_of
from smile_xl.planning.steering.targets import item_targets
from smile_xl.planning.tables import Month, month_after, month_text, months_between

GAP_DRIVERS = ("policy", "opening", "lots", "supply", "demand", "new", "delisted")
"""The drivers, in the order in which they are added up."""

TOTAL = "total"
"""Stands for the gap itself."""

NEW_MONTHS = 3
"""An item is new until it has been sold for so many months."""


@dataclass(frozen=True)
class Gaps:
    """Value of the stock on hand against that of its target; month 0 is the last closed month, the actual one."""

    months: list[Month]
    """The last closed month, then the projected ones."""
    groups: Groups
    """Country and sub-category."""
    stock: Array
    """Value of the stock at the end of each month, shape (groups, months)."""
    projected: Array | None
    """What the last kept cycle had projected for the last closed month, shape (groups,); None where none had."""
    target: Array
    terms: dict[str, Array]
    """What each driver adds, in the order of ``GAP_DRIVERS``."""

    @property
    def gap(self) -> Array:
        """What the terms add up to."""
        return self.stock - self.target


@once
def find_gaps(cycle: Cycle) -> Gaps:
    """The gaps of a cycle: the stock that the last month closed with, and ten projected months."""
    inputs = cycle.inputs
    portfolio = inputs.portfolio
    cost = inputs.unit_cost[:, np.newaxis]
    held = _held(portfolio.opening, cycle.plan.closing)
    wanted = wanted_stock(cycle)
    goal = item_targets(cycle).goal[:, : 1 + PROJECTION_MONTHS]
    target = np.where(np.isnan(goal), wanted, goal)
    free = replace(portfolio, moq=np.zeros_like(portfolio.moq), multiple=np.zeros_like(portfolio.multiple))
    without_lots = _held(portfolio.opening, _replanned(cycle, free))
    free = replace(free, confirmed=np.full_like(free.confirmed, np.nan), frozen=np.zeros_like(free.frozen))
    unbound = _held(portfolio.opening, _replanned(cycle, free))
    steps = {
        "policy": wanted - target,
        "opening": unbound - wanted,
        "lots": held - without_lots,
        "supply": without_lots - unbound,
    }
    projected = _projected(cycle)
    if projected is not None:
        known = ~np.isnan(projected)
        sold = np.where(known, _sold_off_forecast(cycle), 0.0)
        moved = np.where(known, held[:, 0] - np.nan_to_num(projected), 0.0)
        steps["opening"][:, 0] -= moved
        steps["demand"] = np.zeros_like(held)
        steps["demand"][:, 0] = -sold
        steps["supply"][:, 0] += moved + sold
    reasons = _own_reason(cycle)
    groups = group(inputs.items, ("country", "sub_category"))
    terms = {}
    for driver in GAP_DRIVERS:
        own = (reasons == driver)[:, np.newaxis]
        step = np.where((reasons == "")[:, np.newaxis], steps[driver], 0.0) if driver in steps else 0.0
        terms[driver] = groups.sum(np.where(own, held - target, step) * cost)
    first = month_after(inputs.months[0], -1)
    return Gaps(
        months=[first, *inputs.months[:PROJECTION_MONTHS]],
        groups=groups,
        stock=groups.sum(held * cost),
        projected=None if projected is None else groups.sum(np.nan_to_num(projected) * cost[:, 0]),
        target=groups.sum(target * cost),
        terms=terms,
    )


def gaps(cycle: Cycle) -> pd.DataFrame:
    """One row per country, sub-category, month and driver, the gap itself last: stock minus target, in money."""
    found = find_gaps(cycle)
    names = [*GAP_DRIVERS, TOTAL]
    values = np.stack([*(found.terms[name] for name in GAP_DRIVERS), found.gap], axis=2)
    months = [month_text(month) for month in found.months]
    each = len(months) * len(names)
    return pd.DataFrame(
        {
            "country": np.repeat([country for country, _ in found.groups.keys], each),
            "sub_category": np.repeat([sub_category for _, sub_category in found.groups.keys], each),
            "month": np.tile(np.repeat(months, len(names)), len(found.groups.keys)),
            "driver": np.tile(names, len(found.groups.keys) * len(found.months)),
            "value": values.ravel(),
        }
    )


def bridge_from_last(cycle: Cycle) -> Bridge | None:
    """Why the projection has moved since the last kept cycle; None where none was kept or can be compared."""
    earlier = cycle.earlier()
    if not earlier:
        return None
    try:
        return bridge(kept_inputs(cycle, earlier[-1].month), cycle.inputs)
    except (BridgeError, InputError):
        return None


def _projected(cycle: Cycle) -> Array | None:
    """What the last kept cycle had projected to be on hand when this one starts, NaN for items that it did not have.

    Shape (items,), t; None where no cycle was kept that had projected it.
    """
    if cycle.last is None:
        return None
    said = cycle.last.said
    passed = months_between(said.start, cycle.inputs.months[0])
    if not 1 <= passed <= said.closing.shape[1]:
        return None
    then = dict(zip(said.keys, np.maximum(said.closing[:, passed - 1], 0.0).tolist(), strict=True))
    return np.array([then.get(key, np.nan) for key in _keys(cycle)])


def _sold_off_forecast(cycle: Cycle) -> Array:
    """What was sold since the last kept cycle beyond its forecast, 0 where Actual demand does not say, (items,), t."""
    if cycle.last is None:
        return np.zeros(len(cycle.inputs.items))
    said, start = cycle.last.said, cycle.inputs.months[0]
    row_of = {key: row for row, key in enumerate(said.keys)}
    beyond = np.zeros(len(cycle.inputs.items))
    for item, key in enumerate(_keys(cycle)):
        for place in range(months_between(said.start, start)):
            actual = cycle.inputs.measured.actuals.get((item, month_after(said.start, place)))
            if key in row_of and actual is not None:
                beyond[item] += actual - said.demand[row_of[key], place]
    return beyond


def _keys(cycle: Cycle) -> list[ItemKey]:
    items = cycle.inputs.items
    return item_keys_of(items["country"].tolist(), items["sap_code"].tolist())


def _held(opening: Array, closing: Array) -> Array:
    """Stock on hand at the end of the last month and of each projected one, at least 0, shape (items, 11)."""
    return np.maximum(np.column_stack((opening, closing[:, :PROJECTION_MONTHS])), 0.0)


def _replanned(cycle: Cycle, portfolio: Portfolio) -> Array:
    inputs = cycle.inputs
    plan = plan_portfolio(portfolio, method=inputs.safety_methods, net_transit=inputs.settings.net_transit)
    return plan.closing


def wanted_stock(cycle: Cycle) -> Array:
    """The safety stock that the plan aims at, from the end of the last month on, shape (items, 11)."""
    portfolio = cycle.inputs.portfolio
    weeks = np.where(portfolio.holds_safety, portfolio.weeks_cover, 0.0)
    exact = np.array(cycle.inputs.safety_methods) == "exact"
    safety = cycle.plan.safety[:, :PROJECTION_MONTHS]
    at_start = stock_target(weeks, "weeks", portfolio.demand)[:, 0]
    return np.column_stack((np.where(exact, at_start, safety[:, 0]), safety))


def _own_reason(cycle: Cycle) -> np.ndarray:
    """The driver that has all of an item's gap, blank where there is none, shape (items,)."""
    inputs = cycle.inputs
    new = inputs.items["status"].map(_is_new).to_numpy(dtype=bool) | _launched(cycle)
    reason = np.where(inputs.portfolio.demand[:, :HORIZON].sum(axis=1) == 0, "demand", "")
    reason = np.where(new, "new", reason)
    return np.where(inputs.portfolio.proposes, reason, "delisted")


def _is_new(status: str) -> bool:
    return key_of("status", status) == "innovation"


def _launched(cycle: Cycle) -> np.ndarray:
    """Items whose first month of sales is at most three months back, or still to come, shape (items,)."""
    since = month_after(cycle.inputs.months[0], -NEW_MONTHS)
    launches = cycle.inputs.steering.attributes.launch
    return np.array([launch is not None and launch > since for launch in launches], dtype=bool)
