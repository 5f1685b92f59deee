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


def in_transit(orders: Array, months: Array, out: Array | None = None) -> Array:
    """Pipeline of orders (months, items), into ``out`` if given."""
    pipeline = np.empty_like(orders) if out is None else out
    everywhere, longest = (int(months.min()), int(months.max())) if months.size else (0, 0)
    reaches = {ahead: months >= ahead for ahead in range(everywhere + 1, min(longest, len(orders)) + 1)}
    some = np.empty(orders.shape[1])
    for month, row in enumerate(pipeline):
        row.fill(0.0)
        for ahead, later in enumerate(orders[month + 1 : month + 1 + longest], start=1):
            row += later if ahead <= everywhere else np.multiply(later, reaches[ahead], out=some)
    return pipeline
