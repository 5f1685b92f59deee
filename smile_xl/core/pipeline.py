"""Pipeline: the stock in transit at the end of each month."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month


def pipeline_stock(orders: ArrayLike, months: ArrayLike) -> Array:
    """Stock in transit at the end of each month.

    Parameters
    ----------
    orders : array_like, shape (items, months), t / month
        Ordered quantity by the month in which it lands.
    months : array_like of int, one number or shape (items,)
        Months that goods are in transit before they land.

    Returns
    -------
    array, shape (items, months), t

    Notes
    -----
    T[i] = Q[i+1] + ... + Q[i + pipeline months]; orders beyond the horizon count as 0.

    Examples
    --------
    >>> pipeline_stock([[1, 2, 4, 8]], 2)
    array([[ 6., 12.,  8.,  0.]])
    """
    orders = by_month("orders", orders)
    months = by_item("pipeline months", months, len(orders))
    return in_transit(orders.T, months).T


def in_transit(orders: Array, months: Array) -> Array:
    """Pipeline of orders (months, items)."""
    pipeline = np.zeros_like(orders)
    longest = int(months.max(initial=0))
    for ahead in range(1, min(longest, len(orders) - 1) + 1):
        pipeline[:-ahead] += np.where(months >= ahead, orders[ahead:], 0.0)
    return pipeline
