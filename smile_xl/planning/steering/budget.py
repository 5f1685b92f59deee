"""The stock budget: targets turned into money by type and month, against what the plan projects and what there is.

Months are month ends. The first is the one before the plan: what the stock is now. Cash on hand is at unit cost, in
transit at landed cost, so the projections add up to those of the report Projections. Types are those of the report
Stock: the stock at a month's end is divided as what the next month starts with, the target by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core import PROJECTION_MONTHS, WEEKS_PER_MONTH, stock_target
from smile_xl.core.architecture import STOCK_TYPES
from smile_xl.core.checks import Array
from smile_xl.core.units import NOISE
from smile_xl.language import SaidError
from smile_xl.planning.cycle import Cycle, kept_inputs, plan_of
from smile_xl.planning.findings import InputError
from smile_xl.planning.grouping import group
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.gaps import wanted_stock
from smile_xl.planning.steering.stock import divided, opening_stock
from smile_xl.planning.steering.targets import item_targets
from smile_xl.planning.tables import Month, month_after, month_text

BUDGET_TYPES = (*STOCK_TYPES, "in_transit")
"""What the stock is divided into, what is on hand first: each tonne is of one type."""

MOMENTS = 1 + PROJECTION_MONTHS
"""Now, and the ends of the ten months that are projected."""

EARLIER_CYCLES = 6
"""Kept cycles whose opening stock is shown as actual."""

KEYS = ("country", "sub_category")


@dataclass(frozen=True)
class Budget:
    """Budget and projection of every item, shape (types, items, 11), in cash; what there is now stands first."""

    months: list[Month]
    budget: Array
    projection: Array
    """NaN at the first moment: what there is is no projection."""
    actual: Array
    """What there is now, shape (types, items)."""


def budget_of(cycle: Cycle) -> Budget:
    """The budget of a cycle.

    On hand: the item's target, or the safety stock that the plan aims at where it has none. In transit: the demand of
    the months that goods are under way, for items that are ordered. What there is, is projected and aimed at on hand is
    divided into types by the same limits.
    """
    inputs, plan = cycle.inputs, cycle.plan
    portfolio = inputs.portfolio
    goal = item_targets(cycle).goal[:, :MOMENTS]
    held = np.where(np.isnan(goal), wanted_stock(cycle), goal)
    way = stock_target(portfolio.pipeline_months * WEEKS_PER_MONTH, "weeks", portfolio.demand)[:, :MOMENTS]
    way *= portfolio.proposes[:, np.newaxis]
    transit = np.column_stack((portfolio.transit.sum(axis=1), plan.pipeline[:, :PROJECTION_MONTHS]))
    stock = _cash(inputs, plan.safety, opening_stock(cycle)[:, :MOMENTS], transit)
    actual = stock[:, :, 0].copy()
    stock[:, :, 0] = np.nan
    return Budget(
        months=[month_after(inputs.months[0], -1), *inputs.months[:PROJECTION_MONTHS]],
        budget=_cash(inputs, plan.safety, held, way),
        projection=stock,
        actual=actual,
    )


def _cash(inputs: Inputs, safety: Array, on_hand: Array, transit: Array) -> Array:
    """Cash by type in what is on hand and in transit at the first moments, shape (types, items, moments)."""
    cash = np.empty((len(BUDGET_TYPES), *on_hand.shape))
    np.multiply(divided(inputs, safety, on_hand), inputs.unit_cost[:, np.newaxis], out=cash[:-1])
    np.multiply(transit, inputs.landed_cost[:, np.newaxis], out=cash[-1])
    return cash


def actual_cash(inputs: Inputs) -> float:
    """Cash in all the stock that a cycle opens with and all that is in transit."""
    portfolio = inputs.portfolio
    on_hand, transit = np.maximum(portfolio.opening, 0.0), portfolio.transit.sum(axis=1)
    return float(on_hand @ inputs.unit_cost + transit @ inputs.landed_cost)


def _actual_types(inputs: Inputs) -> Array:
    """The same by type and item, shape (types, items, 1)."""
    portfolio = inputs.portfolio
    on_hand = np.maximum(portfolio.opening, 0.0)[:, np.newaxis]
    return _cash(inputs, plan_of(inputs).safety, on_hand, portfolio.transit.sum(axis=1)[:, np.newaxis])


def earlier_actuals(cycle: Cycle) -> list[tuple[Month, Inputs]]:
    """The inputs of the last kept cycles, each with the month at whose end its opening stock was; the oldest first.

    A cycle that can't be read is left out: the checks say so.
    """
    found = []
    for kept in cycle.earlier()[-EARLIER_CYCLES:]:
        try:
            found.append((month_after(kept.month, -1), kept_inputs(cycle, kept.month)))
        except (SaidError, InputError):
            continue
    return found


def rows(cycle: Cycle) -> pd.DataFrame:
    """One row per country, sub-category, month and type; months of earlier cycles have an actual figure alone."""
    frames = [_rows(inputs, [month], _actual_types(inputs)) for month, inputs in earlier_actuals(cycle)]
    found = budget_of(cycle)
    actual = np.full(found.budget.shape, np.nan)
    actual[:, :, 0] = found.actual
    frames.append(_rows(cycle.inputs, found.months, actual, found.budget, found.projection))
    return pd.concat(frames, ignore_index=True)


def _rows(
    inputs: Inputs, months: list[Month], actual: Array, budget: Array | None = None, projection: Array | None = None
) -> pd.DataFrame:
    groups = group(inputs.items, KEYS)
    types, count = len(BUDGET_TYPES), len(groups.keys)
    each = len(months) * types
    empty = np.full(count * each, np.nan)
    figures = {"budget": budget, "projection": projection, "actual": actual}
    columns = {
        name: empty if values is None else groups.sum(np.moveaxis(values, 0, -1)).ravel()
        for name, values in figures.items()
    }
    return pd.DataFrame(
        {
            "country": np.repeat([country for country, _ in groups.keys], each),
            "sub_category": np.repeat([sub_category for _, sub_category in groups.keys], each),
            "month": np.tile(np.repeat([month_text(month) for month in months], types), count),
            "type": np.tile(BUDGET_TYPES, count * len(months)),
            **columns,
        }
    )


def strayed(figure: Array, budget: Array, share: float, least: Array | float = 0.0) -> np.ndarray:
    """Where a figure is off its budget by more than a share of it, either way; a little noise is not.

    Of a budget below ``least``, the share is of that: what is small beside the whole is no alarm.
    """
    allowed = share * np.maximum(budget, least)
    return np.asarray(np.abs(figure - budget) > allowed + NOISE * np.maximum(np.abs(figure), budget))
