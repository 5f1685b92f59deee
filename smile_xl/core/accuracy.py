"""Forecast accuracy: how far off the forecast was, and in which direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_month, same_shape


def wmape(actual: ArrayLike, forecast: ArrayLike) -> Array:
    """Forecast error: what the forecast missed, over or under, as a share of the actual demand.

    Parameters
    ----------
    actual : array_like, shape (items, months), t / month
        Actual demand, zero or more; NaN where it is not known, and the month does not count.
    forecast : array_like, shape (items, months), t / month
        Forecast demand of the same months, zero or more; NaN where there was none, and the month does not count.

    Returns
    -------
    array, shape (items,)
        A fraction: 0 for a perfect forecast, over 1 where the misses exceed the demand; NaN where there was no actual
        demand in the months that count.

    Notes
    -----
    WMAPE = sum |A - F| / sum A: the mean absolute percentage error weighted by the actual demand, also called the
    MAD/mean ratio. Months without demand have no percentage error of their own and still count here.

    References
    ----------
    SAP Help, Demand Planning, "Weighted mean absolute percentage error (WMAPE)"; S. Kolassa, W. Schütz, "Advantages of
    the MAD/Mean ratio over the MAPE", Foresight 6 (2007).

    Examples
    --------
    >>> wmape([[1000, 10], [0, 0]], [[950, 25], [5, 0]]).round(3)
    array([0.064,   nan])
    """
    actual, forecast = _months_that_count(actual, forecast)
    return _over_actual(np.abs(actual - forecast), actual)


def bias(actual: ArrayLike, forecast: ArrayLike) -> Array:
    """Forecast bias: what the forecast exceeded the actual demand by, in all, as a share of it; negative is too low.

    Parameters
    ----------
    actual : array_like, shape (items, months), t / month
        Actual demand, zero or more; NaN where it is not known, and the month does not count.
    forecast : array_like, shape (items, months), t / month
        Forecast demand of the same months, zero or more; NaN where there was none, and the month does not count.

    Returns
    -------
    array, shape (items,)
        A fraction, -1 or more: 0.1 is a forecast that was 10 % too high; NaN where there was no actual demand in the
        months that count.

    Notes
    -----
    bias = sum (F - A) / sum A. Misses in opposite directions cancel out, so its size is never over the WMAPE.

    Examples
    --------
    >>> bias([[65, 60, 63], [0, 0, 0]], [[60, 62, 60], [5, 0, 0]]).round(4)
    array([-0.0319,     nan])
    """
    actual, forecast = _months_that_count(actual, forecast)
    return _over_actual(forecast - actual, actual)


def _months_that_count(actual: ArrayLike, forecast: ArrayLike) -> tuple[Array, Array]:
    """Both as arrays, 0 in the months in which either is not known."""
    actual, forecast = by_month("actual", actual, blanks=True), by_month("forecast", forecast, blanks=True)
    same_shape("forecast", forecast, "actual", actual)
    known = ~(np.isnan(actual) | np.isnan(forecast))
    return np.where(known, actual, 0.0), np.where(known, forecast, 0.0)


def _over_actual(misses: Array, actual: Array) -> Array:
    demand = actual.sum(axis=1)
    return np.asarray(np.divide(misses.sum(axis=1), demand, out=np.full(len(demand), np.nan), where=demand > 0))
