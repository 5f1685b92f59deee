"""Weeks of cover: how long a stock lasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smile_xl.core.checks import Array, by_month
from smile_xl.core.errors import ShapeError
from smile_xl.core.units import AVAILABILITY_MONTHS, NOISE, WEEKS_PER_MONTH


def average_cover(stock: ArrayLike, demand: ArrayLike) -> Array:
    """Weeks of cover at the mean demand; infinite where there is none.

    Parameters
    ----------
    stock : array_like, shape (items, any), t
        Stock; negative counts as 0.
    demand : array_like, shape (items, months), t / month
        Forecast demand; the first 7 months count, the current one included.

    Returns
    -------
    array, shape of stock, weeks

    Notes
    -----
    stock / (sum of D over the 7 months / 7) * 4.25.

    Examples
    --------
    >>> average_cover([[60]], [[20, 40, 30, 30, 30, 30, 30]])
    array([[8.5]])
    """
    stock, demand = _stock_and_demand(stock, demand)
    window = demand[:, :AVAILABILITY_MONTHS]
    mean = window.mean(axis=1, keepdims=True)
    weeks = np.full(stock.shape, np.inf)
    np.divide(stock * WEEKS_PER_MONTH, mean, out=weeks, where=mean > 0)
    return weeks


def exact_cover(stock: ArrayLike, demand: ArrayLike) -> tuple[Array, NDArray[np.bool_]]:
    """Weeks until the demand uses up the stock, month by month, the last one pro rata.

    Parameters
    ----------
    stock : array_like, shape (items, months to cover), t
        Stock at the start of each month; negative counts as 0.
    demand : array_like, shape (items, months), t / month
        Forecast demand from the month in which the first stock opens; the stock of month i meets D[i], D[i+1], ...

    Returns
    -------
    weeks : array, shape of stock, weeks
        At most 4.25 weeks for each month of demand given; a month without demand counts 4.25 weeks.
    capped : array of bool, shape of stock
        True where the stock covers all the demand given, so that the cover is "at least".

    Notes
    -----
    A stock that falls short of the demand so far by 1e-9 of it or less covers it: what is left of a difference of
    equal quantities is rounding noise, and months without demand that follow must not hang on it.

    Examples
    --------
    3.875 months:

    >>> weeks, capped = exact_cover([[100]], [[25, 30, 10, 40, 90]])
    >>> weeks / 4.25, capped
    (array([[3.875]]), array([[False]]))
    """
    stock, demand = _stock_and_demand(stock, demand)
    if stock.shape[1] > demand.shape[1]:
        raise ShapeError(f"stock has {stock.shape[1]} months, demand {demand.shape[1]}")
    months = np.zeros(stock.shape)
    capped = np.ones(stock.shape, dtype=bool)
    for start in range(stock.shape[1]):
        left = stock[:, start].copy()
        lasts = np.ones(len(stock), dtype=bool)
        wanted_so_far = np.zeros(len(stock))
        for month in range(start, demand.shape[1]):
            wanted = demand[:, month]
            wanted_so_far += wanted
            short = wanted - left > NOISE * wanted_so_far
            share = np.divide(left, wanted, out=np.ones_like(left), where=short)
            months[:, start] += np.where(lasts, share, 0.0)
            lasts &= ~short
            left = np.maximum(left - wanted, 0.0)
        capped[:, start] = lasts
    return months * WEEKS_PER_MONTH, capped


def _stock_and_demand(stock: ArrayLike, demand: ArrayLike) -> tuple[Array, Array]:
    stock = np.maximum(by_month("stock", stock, signed=True), 0.0)
    demand = by_month("demand", demand)
    if len(stock) != len(demand):
        raise ShapeError(f"stock has {len(stock)} items, demand {len(demand)}")
    if not demand.shape[1]:
        raise ShapeError("demand has no month, want one or more")
    return stock, demand
