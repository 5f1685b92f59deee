"""Closing stock, month after month."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month, same_shape
from smile_xl.core.units import FIRST_ORDER_MONTH


def closing_stock(
    opening: ArrayLike, arrivals: ArrayLike, demand: ArrayLike, orders: ArrayLike, *, backorders: bool = False
) -> Array:
    """Stock at the end of each month; negative is a shortage.

    Parameters
    ----------
    opening : array_like, one number or shape (items,), t
        Stock on hand when month 0 starts.
    arrivals : array_like, shape (items, months), t
        Stock in transit by the month in which it lands.
    demand : array_like, shape (items, months), t / month
        Forecast demand, zero or more.
    orders : array_like, shape (items, months), t / month
        Ordered quantity by the month in which it lands; months 0 and 1 are not added, they are the transit.
    backorders : bool
        True carries a shortage into the next month; by default it is lost.

    Returns
    -------
    array, shape (items, months), t

    Notes
    -----
    C[i] = (O if i = 0 else max(C[i-1], 0)) + A[i] + (Q[i] if i >= 2 else 0) - D[i].

    Examples
    --------
    >>> closing_stock([100], [[20, 0, 0]], [[60, 70, 50]], [[0, 0, 80]])
    array([[ 60., -10.,  30.]])
    """
    demand = by_month("demand", demand)
    arrivals = by_month("arrivals", arrivals)
    orders = by_month("orders", orders)
    same_shape("arrivals", arrivals, "demand", demand)
    same_shape("orders", orders, "demand", demand)
    opening = by_item("opening", opening, len(demand), signed=True)
    closing = np.empty(demand.shape[::-1])
    stock = opening
    for month, row in enumerate(closing):
        np.add(stock, arrivals[:, month], out=row)
        row -= demand[:, month]
        if month >= FIRST_ORDER_MONTH:
            row += orders[:, month]  # last, as in the plan of a portfolio: the same sum to the last bit
        stock = row if backorders else np.maximum(row, 0.0)
    return closing.T
