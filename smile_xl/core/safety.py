"""Safety stock: today's policy, the exact one, and the textbook's for comparison."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.units import HORIZON, WEEKS_PER_MONTH


def average_safety(demand: ArrayLike, weeks_cover: ArrayLike) -> Array:
    """Safety stock of the average policy: the same in every month.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Forecast demand; the first 12 months count.
    weeks_cover : array_like, one number or shape (items,), weeks
        Wanted weeks of safety cover.

    Returns
    -------
    array, shape (items, planned months), t
        At most 12 months.

    Notes
    -----
    S = mean(D[0..11]) / 4.25 * nc.

    Examples
    --------
    >>> average_safety([[85, 0, 170]], [2])
    array([[40., 40., 40.]])
    """
    demand = _some_months(demand)
    weeks_cover = by_item("weeks_cover", weeks_cover, len(demand))
    level = mean_demand(demand.T) / WEEKS_PER_MONTH * weeks_cover
    return np.repeat(level[:, np.newaxis], min(demand.shape[1], HORIZON), axis=1)


def exact_safety(demand: ArrayLike, weeks_cover: ArrayLike) -> Array:
    """Safety stock of the exact policy: the demand of the weeks that follow each month.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Forecast demand, 12 months or more; months beyond it count as the mean of the first 12.
    weeks_cover : array_like, one number or shape (items,), weeks
        Wanted weeks of safety cover.

    Returns
    -------
    array, shape (items, planned months), t
        At most 12 months.

    Notes
    -----
    S[i] = sum over k of min(4.25, max(nc - 4.25 k, 0)) * D[i+1+k] / 4.25.

    Examples
    --------
    Six weeks in the first month are the second month and 1.75 weeks of the third:

    >>> exact_safety([[0, 100, 170, 0]], [6])[0, 0]
    np.float64(170.0)
    """
    demand = _some_months(demand)
    weeks_cover = by_item("weeks_cover", weeks_cover, len(demand))
    demand = np.ascontiguousarray(demand.T)
    return demand_after(demand, weeks_cover, mean_demand(demand)).T


class DemandAfter:
    """Demand of the given weeks after a month, for items that move together: months are rows."""

    def __init__(self, demand: Array, weeks: Array, mean: Array) -> None:
        """``demand`` is (months, items); months beyond it count as ``mean`` (items,); ``weeks`` is (items,)."""
        self._demand, self._mean = demand, mean
        self._months = weeks / WEEKS_PER_MONTH
        shortest = float(self._months.min()) if weeks.size else 0.0
        self._longest = float(self._months.max(initial=0.0))
        # the share of the first, second, ... month that follows; None is the whole month for every item
        self._shares = [
            None if shortest >= ahead + 1 else np.clip(self._months - ahead, 0.0, 1.0)
            for ahead in range(min(int(np.ceil(self._longest)), len(demand) - 1))
        ]
        self._part = np.empty(len(weeks))

    def month(self, month: int, out: Array) -> Array:
        """Sum over k of share[k] * D[month+1+k], into ``out`` (items,)."""
        part = self._part
        later = self._demand[month + 1 : month + 1 + len(self._shares)]
        for ahead, (share, demand) in enumerate(zip(self._shares, later, strict=False)):
            if not ahead:
                np.multiply(1.0 if share is None else share, demand, out=out)
            else:
                out += demand if share is None else np.multiply(share, demand, out=part)
        if not len(later):
            out.fill(0.0)
        given = max(len(self._demand) - 1 - month, 0)  # months of demand after this one
        if self._longest > given:
            np.subtract(self._months, given, out=part)
            np.maximum(part, 0.0, out=part)
            part *= self._mean
            out += part
        return out


def demand_after(demand: Array, weeks: Array, mean: Array, out: Array | None = None) -> Array:
    """Demand of the given weeks after each planned month, (months, items), into ``out`` if given."""
    following = np.empty((min(len(demand), HORIZON), demand.shape[1])) if out is None else out
    after = DemandAfter(demand, weeks, mean)
    for month, row in enumerate(following):
        after.month(month, row)
    return following


def mean_demand(demand: Array, out: Array | None = None) -> Array:
    """Mean of the first 12 months of demand (months, items): one number per item, into ``out`` if given.

    Month is added to month, not with numpy's sum: its order of additions depends on the number of items.
    """
    mean = np.empty(demand.shape[1]) if out is None else out
    np.copyto(mean, demand[0])
    for month in demand[1:HORIZON]:
        mean += month
    mean /= len(demand[:HORIZON])
    return mean


def months_on_mean(months_given: int, weeks_cover: ArrayLike) -> np.ndarray:
    """How many planned months of each item use the mean because the demand given ends too early.

    >>> months_on_mean(12, [0, 4, 6])
    array([0, 1, 2])
    """
    weeks = np.asarray(weeks_cover, dtype=np.float64)
    planned = min(months_given, HORIZON)
    needed = np.ceil(weeks / WEEKS_PER_MONTH)
    return np.asarray(np.clip(needed - (months_given - planned), 0, planned).astype(np.int64))


def statistical_safety(
    service_level: ArrayLike,
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    lead_time_mean: ArrayLike,
    lead_time_sd: ArrayLike,
) -> Array:
    """Textbook safety stock for normal demand and lead time, for comparison.

    Parameters
    ----------
    service_level : array_like
        Cycle service level, between 0 and 1, both excluded.
    demand_mean, demand_sd : array_like
        Mean and standard deviation of the demand per period.
    lead_time_mean, lead_time_sd : array_like
        Mean and standard deviation of the lead time, in the same periods.

    Returns
    -------
    array, the common shape, in the unit of demand

    Notes
    -----
    Z * sqrt(R * sigma_D^2 + D^2 * sigma_R^2), Z being the normal quantile of the service level. It misses its
    nominal service when the lead time is not normal.

    References
    ----------
    Chopra and Meindl, Supply Chain Management, "Impact of supply uncertainty on safety inventory".

    Examples
    --------
    >>> round(float(statistical_safety(0.9, 2500, 500, 7, 7)))
    22491
    """
    arrays = [
        np.asarray(value, dtype=np.float64)
        for value in (service_level, demand_mean, demand_sd, lead_time_mean, lead_time_sd)
    ]
    try:
        level, mean, deviation, time, time_deviation = np.broadcast_arrays(*arrays)
    except ValueError:
        raise ShapeError("service level, demand and lead time have different numbers of rows or columns") from None
    if not ((level > 0) & (level < 1)).all():
        raise DomainError("service_level is between 0 and 1, both excluded")
    for name, array in zip(("demand_mean", "demand_sd", "lead_time_mean", "lead_time_sd"), arrays[1:], strict=True):
        if not (np.isfinite(array) & (array >= 0)).all():
            raise DomainError(f"{name} is a number, zero or more")
    quantile = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])(level)
    return np.asarray(quantile * np.sqrt(time * deviation**2 + mean**2 * time_deviation**2))


def _some_months(demand: ArrayLike) -> Array:
    demand = by_month("demand", demand)
    if not demand.shape[1]:
        raise ShapeError("demand has no month, want one or more")
    return demand
