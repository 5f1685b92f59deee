"""The stock budget: targets turned into money by type and month, against what the plan projects and what there is.

Months are month ends. The first is the one before the plan: what the stock is now. Cash on hand is at unit cost, in
transit at landed cost, so the projections add up to those of the report Projections.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core import PROJECTION_MONTHS, WEEKS_PER_MONTH, stock_target
from smile_xl.core.checks import Array
from smile_xl.core.units import NOISE
from smile_xl.language import SaidError
from smile_xl.planning.cycle import Cycle, inputs_of
from smile_xl.planning.findings import InputError
from smile_xl.planning.grouping import group
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.gaps import wanted_stock
from smile_xl.planning.steering.targets import item_targets
from smile_xl.planning.tables import Month, month_after, month_text

BUDGET_TYPES = ("on hand", "in transit")
"""What the stock is divided into: each tonne is of one type."""

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
    the months that goods are under way, for items that are ordered.
    """
    inputs, plan = cycle.inputs, cycle.plan
    portfolio = inputs.portfolio
    goal = item_targets(cycle).goal[:, :MOMENTS]
    held = np.where(np.isnan(goal), wanted_stock(cycle), goal)
    way = stock_target(portfolio.pipeline_months * WEEKS_PER_MONTH, "weeks", portfolio.demand)[:, :MOMENTS]
    way *= portfolio.proposes[:, np.newaxis]
    ahead = slice(None, PROJECTION_MONTHS)
    nothing = np.full((len(held), 1), np.nan)
    projected = (np.maximum(plan.closing[:, ahead], 0.0), plan.pipeline[:, ahead])
    cost = np.stack((inputs.unit_cost, inputs.landed_cost))[:, :, np.newaxis]
    return Budget(
        months=[month_after(inputs.months[0], -1), *inputs.months[:PROJECTION_MONTHS]],
        budget=np.stack((held, way)) * cost,
        projection=np.stack([np.hstack((nothing, amount)) for amount in projected]) * cost,
        actual=actual_cash(inputs),
    )


def actual_cash(inputs: Inputs) -> Array:
    """Cash in the opening stock and in transit of each item, shape (types, items)."""
    portfolio = inputs.portfolio
    tonnes = np.stack((np.maximum(portfolio.opening, 0.0), portfolio.transit.sum(axis=1)))
    return np.asarray(tonnes * np.stack((inputs.unit_cost, inputs.landed_cost)))


def earlier_actuals(cycle: Cycle) -> list[tuple[Month, Inputs]]:
    """The inputs of the last kept cycles, each with the month at whose end its opening stock was; the oldest first.

    A cycle that can't be read is left out: the checks say so.
    """
    found = []
    for kept in cycle.earlier()[-EARLIER_CYCLES:]:
        try:
            found.append((month_after(kept.month, -1), inputs_of(cycle.past.book(kept.month))))
        except (SaidError, InputError):
            continue
    return found


def rows(cycle: Cycle) -> pd.DataFrame:
    """One row per country, sub-category, month and type; months of earlier cycles have an actual figure alone."""
    frames = [_rows(inputs, [month], actual_cash(inputs)[:, :, np.newaxis]) for month, inputs in earlier_actuals(cycle)]
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
    empty = np.full(actual.shape, np.nan)
    figures = {"budget": budget, "projection": projection, "actual": actual}
    columns = {
        name: np.stack([groups.sum(part) for part in (empty if values is None else values)], axis=-1).ravel()
        for name, values in figures.items()
    }
    each = len(months) * types
    return pd.DataFrame(
        {
            "country": np.repeat([country for country, _ in groups.keys], each),
            "sub_category": np.repeat([sub_category for _, sub_category in groups.keys], each),
            "month": np.tile(np.repeat([month_text(month) for month in months], types), count),
            "type": np.tile(BUDGET_TYPES, count * len(months)),
            **columns,
        }
    )


def strayed(figure: Array, budget: Array, share: float) -> np.ndarray:
    """Where a figure is off its budget by more than a share of it, either way; a little noise is not."""
    return np.asarray(np.abs(figure - budget) > share * budget + NOISE * np.maximum(np.abs(figure), budget))
