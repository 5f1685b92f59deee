"""Overstock and residuals: stock that the demand will not use in time, or at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month, same_shape
from smile_xl.core.cover import exact_cover
from smile_xl.core.errors import ShapeError
from smile_xl.core.safety import exact_safety
from smile_xl.core.units import FIRST_ORDER_MONTH, HORIZON, NOISE, WEEKS_PER_MONTH


def overstock(closing: ArrayLike, demand: ArrayLike, weeks_cover: ArrayLike, limit: ArrayLike | None = None) -> Array:
    """Closing stock above the demand of the wanted cover and one month, or above a limit of its own.

    Parameters
    ----------
    closing : array_like, shape (items, months), t
        Closing stock.
    demand : array_like, shape (items, months), t / month
        Forecast demand from month 0 on, as many months as closing has or more.
    weeks_cover : array_like, one number or shape (items,), weeks
        Wanted weeks of safety cover.
    limit : array_like, shape of closing, t, optional
        Stock up to which nothing is overstock; NaN where the wanted cover and one month decide.

    Returns
    -------
    array, shape of closing, t

    Notes
    -----
    max(0, C[i] - demand of the (nc + 4.25) weeks after month i), the demand counted as in the exact safety stock.
    What is below 1e-9 of the closing stock is rounding noise and counts as 0.

    Examples
    --------
    >>> overstock([[100, 30]], [[20, 20]], 4.25)
    array([[60.,  0.]])
    """
    closing, demand, target = _target(closing, demand, weeks_cover)
    excess = closing - _limits(exact_safety(demand, target)[:, : closing.shape[1]], limit)
    return np.where(excess > NOISE * closing, np.maximum(excess, 0.0), 0.0)


def weeks_above_target(
    closing: ArrayLike, demand: ArrayLike, weeks_cover: ArrayLike, limit: ArrayLike | None = None
) -> Array:
    """Weeks by which the closing stock lasts longer than the wanted cover and one month, or than a limit of its own;
    infinite without demand.

    Shapes as in :func:`overstock`. The cover is counted month by month from month i+1, beyond the demand given at its
    mean; 0 where there is no overstock.

    >>> weeks_above_target([[100, 30]], [[20, 20]], 4.25)
    array([[12.75,  0.  ]])
    """
    closing, demand, target = _target(closing, demand, weeks_cover)
    allowed = np.repeat(target[:, np.newaxis], closing.shape[1], axis=1)
    if limit is not None:
        own = np.broadcast_to(np.asarray(limit, dtype=np.float64), closing.shape)
        allowed = np.where(np.isnan(own), allowed, _lasts(np.nan_to_num(own), demand))
    lasts = _lasts(closing, demand)
    above = np.maximum(lasts - allowed, 0.0, out=np.zeros_like(lasts), where=lasts > allowed)
    return np.where(overstock(closing, demand, weeks_cover, limit) > 0, above, 0.0)


def _lasts(stock: Array, demand: Array) -> Array:
    """Weeks that the stock at the end of each month lasts, beyond the demand given at its mean; infinite without."""
    mean = demand[:, :HORIZON].mean(axis=1)
    given = demand.shape[1]
    weeks = np.zeros(stock.shape)
    ahead = np.cumsum(demand, axis=1)
    for month in range(stock.shape[1]):
        later = demand[:, month + 1 :]
        left = np.maximum(stock[:, month], 0.0)
        if later.shape[1]:
            weeks[:, month] = exact_cover(left[:, np.newaxis], later)[0][:, 0]
        beyond = np.maximum(left - (ahead[:, given - 1] - ahead[:, month]), 0.0)
        weeks[:, month] += WEEKS_PER_MONTH * np.divide(
            beyond, mean, out=np.where(beyond > 0, np.inf, 0.0), where=mean > 0
        )
    return weeks


def _limits(usual: Array, limit: ArrayLike | None) -> Array:
    """The limit of each item and month: its own where it has one."""
    if limit is None:
        return usual
    own = np.broadcast_to(np.asarray(limit, dtype=np.float64), usual.shape)
    return np.where(np.isnan(own), usual, own)


def residual_stock(opening: ArrayLike, transit: ArrayLike, confirmed: ArrayLike, demand: ArrayLike) -> Array:
    """What remains of stock, transit and confirmed orders after all forecast demand.

    Parameters
    ----------
    opening : array_like, one number or shape (items,), t
        Stock on hand when month 0 starts.
    transit : array_like, shape (items, 8), t
        Stock in transit due in each of the next eight weeks.
    confirmed : array_like, shape (items, 12), t / month
        Confirmed orders, NaN where none; months 2 to 11 count, the first two are the transit.
    demand : array_like, shape (items, months), t / month
        Forecast demand, all that is given.

    Returns
    -------
    array, shape (items,), t

    Examples
    --------
    >>> residual_stock([100], [[5] * 8], [[9, 9, 20]], [[10] * 12])
    array([40.])
    """
    transit = by_month("transit", transit)
    confirmed = np.nan_to_num(by_month("confirmed", confirmed, blanks=True))
    demand = by_month("demand", demand)
    items = len(demand)
    for name, array in (("transit", transit), ("confirmed", confirmed)):
        if len(array) != items:
            raise ShapeError(f"{name} has {len(array)} items, demand {items}")
    supply = (
        by_item("opening", opening, items, signed=True)
        + transit.sum(axis=1)
        + confirmed[:, FIRST_ORDER_MONTH:HORIZON].sum(axis=1)
    )
    return np.asarray(np.maximum(supply - demand.sum(axis=1), 0.0))


def _target(closing: ArrayLike, demand: ArrayLike, weeks_cover: ArrayLike) -> tuple[Array, Array, Array]:
    closing = by_month("closing", closing, signed=True)
    demand = by_month("demand", demand)
    same_shape("demand", demand[:, : closing.shape[1]], "closing", closing)
    if closing.shape[1] > HORIZON:
        raise ShapeError(f"closing has {closing.shape[1]} months, at most {HORIZON}")
    return closing, demand, by_item("weeks_cover", weeks_cover, len(closing)) + WEEKS_PER_MONTH
