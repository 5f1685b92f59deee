"""Indicators of supply and stock: orders honoured, on time in full, adherence to a plan, turns."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_month
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.units import NOISE

DAYS_A_YEAR = 365
"""Days that turns are a year of."""


def stock_turns(cost_of_sales: ArrayLike, stock: ArrayLike) -> Array:
    """How often the stock is sold in a year: its cost of sales over its mean value.

    Parameters
    ----------
    cost_of_sales : array_like, shape (items, months), money
        What is sold in the year, at the cost of the stock; its months are added up.
    stock : array_like, shape (items, months), money
        Value of the stock; the mean of its months counts.

    Returns
    -------
    array, shape (items,), a year
        NaN where there is no stock.

    Notes
    -----
    turns = sum of the cost of sales / mean of the stock; 365 / turns are the days of inventory.

    References
    ----------
    APICS Dictionary, "inventory turnover": cost of sales over average inventory; SCOR AM.1.1, days of inventory.

    Examples
    --------
    >>> stock_turns([[600_000]], [[100_000, 150_000]])
    array([4.8])
    """
    sold, held = by_month("cost_of_sales", cost_of_sales), by_month("stock", stock)
    if len(sold) != len(held):
        raise ShapeError(f"stock has {len(held)} items, cost_of_sales {len(sold)}")
    mean = held.mean(axis=1) if held.shape[1] else np.zeros(len(held))
    return np.asarray(np.divide(sold.sum(axis=1), mean, out=np.full(len(sold), np.nan), where=mean > 0))


def in_full_and_on_time(
    ordered: ArrayLike,
    received: ArrayLike,
    planned: ArrayLike,
    arrived: ArrayLike,
    early_days: float = 0.0,
    late_days: float = 0.0,
) -> np.ndarray:
    """Whether each order came in full, within its window of days.

    Parameters
    ----------
    ordered, received : array_like, shape (orders,), t
        What was ordered, and what came of it; NaN where nothing came.
    planned, arrived : array_like, shape (orders,), days
        Days as numbers; NaN in ``arrived`` where nothing has come.
    early_days, late_days : float
        Days before and after the planned day that still are on time.

    Returns
    -------
    array of bool, shape (orders,)

    Notes
    -----
    planned - early_days <= arrived <= planned + late_days, and received >= ordered, but for rounding.
    """
    want, got, due, came = (np.asarray(one, dtype=np.float64) for one in (ordered, received, planned, arrived))
    for name, array in (("received", got), ("planned", due), ("arrived", came)):
        if array.shape != want.shape:
            raise ShapeError(f"{name} has {array.size} orders, ordered {want.size}")
    for name, days in (("early_days", early_days), ("late_days", late_days)):
        if not 0 <= days < np.inf:
            raise DomainError(f"{name} is {days:g}, want zero or more")
    for name, array in (("ordered", want), ("received", got)):
        if (array < 0).any():
            raise DomainError(f"{name} is {array[array < 0][0]:g}, want zero or more")
    full = np.nan_to_num(got) >= want * (1 - NOISE)
    return np.asarray(full & (came >= due - early_days) & (came <= due + late_days))


def plan_adherence(planned: ArrayLike, actual: ArrayLike) -> Array:
    """How closely a plan was followed, from 0 to 1: what went another way in either direction counts against it.

    Parameters
    ----------
    planned, actual : array_like, shape (plans, months), t
        What was to come in each month, and what came.

    Returns
    -------
    array, shape (plans,)
        1 for a plan that was followed exactly; NaN where nothing was planned.

    Notes
    -----
    adherence = max(0, 1 - sum |actual - planned| / sum planned).

    Examples
    --------
    >>> plan_adherence([[100, 100]], [[90, 105]])
    array([0.925])
    """
    plan, came = by_month("planned", planned), by_month("actual", actual)
    if plan.shape != came.shape:
        raise ShapeError(f"actual has shape {came.shape}, planned {plan.shape}")
    total = plan.sum(axis=1)
    missed = np.divide(np.abs(came - plan).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    return np.asarray(np.maximum(1.0 - missed, 0.0))
