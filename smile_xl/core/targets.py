"""Stock targets: what a target in weeks, in tonnes or in cash means in tonnes, now and at the end of each month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.safety import DemandAfter, mean_demand
from smile_xl.core.units import HORIZON

TARGET_UNITS = ("weeks", "tonnes", "cash")
"""What a stock target may be given in."""


def stock_target(
    target: ArrayLike, unit: str | Sequence[str], demand: ArrayLike, unit_cost: ArrayLike | None = None
) -> Array:
    """Stock to hold when month 0 starts, and at the end of each planned month.

    Parameters
    ----------
    target : array_like, one number or shape (items,), weeks, t or money
        What to hold, zero or more; NaN for none.
    unit : text, one or one per item
        "weeks", "tonnes" or "cash".
    demand : array_like, shape (items, months), t / month
        Forecast demand from month 0 on; months beyond it count as the mean of the first 12.
    unit_cost : array_like, one number or shape (items,), money / t
        Needed for targets in cash.

    Returns
    -------
    array, shape (items, 1 + planned months), t
        First the start of month 0, then the end of each month, at most 12; NaN where there is no target, and for cash
        where the unit cost is 0.

    Notes
    -----
    weeks: the demand of so many weeks from then on, counted as in the exact safety stock: a stock of it has an exact
    cover of these weeks. tonnes: as given. cash: target / unit cost.

    Examples
    --------
    Six weeks are one month and 1.75 weeks of the next:

    >>> stock_target([6, 40], ["weeks", "tonnes"], [[100, 170, 0], [1, 1, 1]])[:, :2]
    array([[170., 170.],
           [ 40.,  40.]])
    """
    demand = by_month("demand", demand)
    items, months = demand.shape
    if not months:
        raise ShapeError("demand has no month, want one or more")
    wanted = _amounts(target, items)
    units = _units(unit, items)
    planned = 1 + min(months, HORIZON)
    stock = np.full((planned, items), np.nan)
    weeks = units == TARGET_UNITS.index("weeks")
    if weeks.any():
        # a row in front moves every month by one: "after month -1" is from the start of month 0 on
        later = np.zeros((1 + months, items))
        later[1:] = demand.T
        after = DemandAfter(later, np.where(weeks, np.nan_to_num(wanted), 0.0), mean_demand(later[1:]))
        for row in range(planned):
            after.month(row, stock[row])
    constant = np.where(units == TARGET_UNITS.index("tonnes"), wanted, np.nan)
    cash = units == TARGET_UNITS.index("cash")
    if cash.any():
        if unit_cost is None:
            raise DomainError("a target in cash needs the unit cost")
        cost = by_item("unit_cost", unit_cost, items)
        np.divide(wanted, cost, out=constant, where=cash & (cost > 0))
    stock = np.where(weeks, stock, constant)
    return np.ascontiguousarray(np.where(np.isnan(wanted), np.nan, stock).T)


def _amounts(target: ArrayLike, items: int) -> Array:
    given = np.asarray(target, dtype=np.float64)
    by_item("target", np.nan_to_num(given, posinf=np.inf, neginf=-np.inf), items)
    return np.broadcast_to(given, (items,))


def _units(unit: str | Sequence[str], items: int) -> np.ndarray:
    """Place of each item's unit among TARGET_UNITS, shape (items,)."""
    names = [unit] if isinstance(unit, str) else list(unit)
    if len(names) != items and not isinstance(unit, str):
        raise ShapeError(f"unit has {len(names)} names, want one or one per item: {items}")
    unknown = sorted(set(names) - set(TARGET_UNITS))
    if unknown:
        raise DomainError(f"unit is {unknown[0]!r}, want one of {', '.join(TARGET_UNITS)}")
    place = {name: index for index, name in enumerate(TARGET_UNITS)}
    return np.broadcast_to(np.array([place[name] for name in names], dtype=np.int64), (items,))
