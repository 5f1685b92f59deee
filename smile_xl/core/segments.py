"""Segments of items: by value, by volatility, by how customers order, by season."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smile_xl.core.checks import Array, by_month
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.gain import VOLATILITY_CUTS, volatility_class

Texts = NDArray[np.str_]
"""An array of short texts."""

ABC_CUTS = (0.8, 0.95)
"""Shares of the value that the A items, and the A and B items, together reach."""

INTERVAL_CUT, SIZE_CUT = 1.32, 0.49
"""Mean months between demands, and squared variation of their sizes, from which demand is intermittent, or erratic."""

NO_DEMAND = "no demand"
"""Class of an item without demand, where a class needs some."""

DEMAND_CLASSES = ("smooth", "erratic", "intermittent", "lumpy")
"""By size within interval: (frequent, even), (frequent, uneven), (rare, even), (rare, uneven)."""

SEASON = 12
"""Months of a season."""

FEWEST_SEASON_MONTHS = 2 * SEASON
"""Months of demand from which a season can be told from chance."""

ROUNDING = 9
"""Decimals of a share that decide: a share of 0.7999999999999999 has reached a cut of 0.8."""


def abc_class(values: ArrayLike, cuts: tuple[float, float] = ABC_CUTS) -> Texts:
    """Class of each value: the A items are the fewest, largest ones that together reach the first share of the total.

    Parameters
    ----------
    values : array_like, shape (items,)
        What an item is worth: its demand of a year in cash. Zero or more.
    cuts : two shares, rising, above 0 and up to 1
        Share of the total that the A items reach, and share that the A and B items reach.

    Returns
    -------
    array of "A", "B", "C", shape (items,)

    Notes
    -----
    An item is A while the items that are worth more hold less than the first share, so that the item which crosses the
    cut belongs to the better class, and one item that holds nearly everything is A. Items of equal value are in one
    class: the order of the rows never counts. An item worth nothing is C.

    References
    ----------
    E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, 4th ed., section 2.2:
    items ranked by annual dollar usage. J. Heizer, B. Render, C. Munson, Operations Management, chapter 12, example 1.

    Examples
    --------
    >>> abc_class([60, 30, 6, 4]).tolist()
    ['A', 'A', 'B', 'C']
    """
    low, high = cuts
    if not 0 < low <= high <= 1:
        raise DomainError(f"the cuts are {low:g} and {high:g}, want shares above 0 and up to 1, the smaller one first")
    worth = np.asarray(values, dtype=np.float64)
    if worth.ndim != 1:
        raise ShapeError(f"values has {worth.ndim} axes, want 1: items")
    if not np.isfinite(worth).all() or (worth < 0).any():
        raise DomainError("values holds one that is negative or no number, want zero or more")
    rising = np.sort(worth)
    upto = np.concatenate(([0.0], np.cumsum(rising)))
    total = upto[-1]
    larger = total - upto[np.searchsorted(rising, worth, side="right")]
    share = np.round(np.divide(larger, total, out=np.ones_like(larger), where=total > 0), ROUNDING)
    place = np.where(worth > 0, (share >= low).astype(np.int64) + (share >= high), 2)
    return np.array(["A", "B", "C"])[place]


def xyz_class(volatility: ArrayLike, cuts: tuple[float, float] = VOLATILITY_CUTS) -> Texts:
    """Class of a coefficient of variation: X steady, Y variable, Z erratic; "no demand" where it is NaN.

    Parameters
    ----------
    volatility : array_like, shape (items,)
        Coefficients of variation.
    cuts : two numbers
        The largest that is X, and the largest that is Y.

    Examples
    --------
    >>> xyz_class([0.5, 1.0, 1.2, np.nan]).tolist()
    ['X', 'Y', 'Z', 'no demand']
    """
    classes = volatility_class(volatility, cuts)
    return np.array(["X", "Y", "Z", NO_DEMAND])[np.where(np.isnan(classes), 4, classes).astype(np.int64) - 1]


def segment(abc: ArrayLike, xyz: ArrayLike) -> Texts:
    """Both letters of each item: AX, BZ; "no demand" where there is none.

    >>> segment(["A", "C"], ["X", "no demand"]).tolist()
    ['AX', 'no demand']
    """
    letters, others = np.asarray(abc, dtype=np.str_), np.asarray(xyz, dtype=np.str_)
    return np.where(others == NO_DEMAND, NO_DEMAND, np.strings.add(letters, others))


def demand_pattern(demand: ArrayLike) -> tuple[Array, Array]:
    """Mean interval between months with demand, and squared coefficient of variation of the demand in them.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Demand; all months count.

    Returns
    -------
    intervals, variations : arrays, shape (items,)
        Months over months with demand (ADI), and variance over squared mean of the demand that is not 0 (CV^2), as the
        whole population; NaN where there is no demand.

    Examples
    --------
    >>> intervals, variations = demand_pattern([[0, 10, 0, 30], [0, 0, 0, 0]])
    >>> intervals.tolist(), variations.tolist()
    ([2.0, nan], [0.25, nan])
    """
    demand = by_month("demand", demand)
    if not demand.shape[1]:
        raise ShapeError("demand has no month, want one or more")
    sold = demand > 0
    count = sold.sum(axis=1)
    some = count > 0
    nothing = np.full(len(demand), np.nan)
    mean = np.divide(demand.sum(axis=1), count, out=nothing.copy(), where=some)
    spread = np.where(sold, demand - mean[:, np.newaxis], 0.0)
    variance = np.divide((spread**2).sum(axis=1), count, out=nothing.copy(), where=some)
    intervals = np.divide(demand.shape[1], count, out=nothing.copy(), where=some)
    return intervals, np.divide(variance, mean**2, out=nothing, where=some)


def demand_class(demand: ArrayLike) -> Texts:
    """How customers order an item: smooth, erratic, intermittent or lumpy; "no demand" where they do not.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Demand; all months count.

    Returns
    -------
    array of texts, shape (items,)

    Notes
    -----
    ADI = months / months with demand; CV^2 of the demand that is not 0. Smooth: ADI < 1.32 and CV^2 < 0.49; erratic:
    ADI < 1.32, CV^2 >= 0.49; intermittent: ADI >= 1.32, CV^2 < 0.49; lumpy: both at or above.

    References
    ----------
    A. A. Syntetos, J. E. Boylan, J. D. Croston, "On the categorization of demand patterns", Journal of the Operational
    Research Society 56 (2005), 495-503.

    Examples
    --------
    >>> demand_class([[10, 12, 9, 11], [0, 10, 0, 10], [1, 9, 1, 9], [0, 1, 0, 9], [0, 0, 0, 0]]).tolist()
    ['smooth', 'intermittent', 'erratic', 'lumpy', 'no demand']
    """
    return class_of_pattern(*demand_pattern(demand))


def class_of_pattern(intervals: Array, variations: Array) -> Texts:
    """The demand class of mean intervals and squared variations, as ``demand_pattern`` gives them."""
    place = 2 * (np.round(intervals, ROUNDING) >= INTERVAL_CUT) + (np.round(variations, ROUNDING) >= SIZE_CUT)
    return np.array([*DEMAND_CLASSES, NO_DEMAND])[np.where(np.isnan(intervals), len(DEMAND_CLASSES), place)]


def seasonality(demand: ArrayLike) -> Array:
    """Strength of the season: the share of the demand's variation, trend aside, that the month of the year explains.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Past demand, at least 24 months, one after another.

    Returns
    -------
    array, shape (items,)
        0 no season, 1 nothing but season; 0 where demand does not vary.

    Notes
    -----
    max(0, 1 - var(R) / var(S + R)): demand is a linear trend, a level S for each of the 12 months and a remainder R, by
    least squares. The variances divide by their degrees of freedom (months - 13, months - 2): otherwise the twelve
    levels would explain half the variation of pure chance over two years.

    References
    ----------
    R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 4.3: the same measure with
    an STL decomposition, which two years do not carry.

    Examples
    --------
    >>> summer = [1, 1, 1, 1, 1, 5, 9, 5, 1, 1, 1, 1]
    >>> seasonality([summer * 2, [3] * 24]).round(6).tolist()
    [1.0, 0.0]
    """
    demand = by_month("demand", demand)
    months = demand.shape[1]
    if months < FEWEST_SEASON_MONTHS:
        raise ShapeError(f"demand has {months} months, want {FEWEST_SEASON_MONTHS} or more")
    time = np.arange(months)
    levels = (time[:, np.newaxis] % SEASON == np.arange(SEASON)).astype(np.float64)
    design = np.column_stack((levels, time - time.mean()))
    found = np.linalg.lstsq(design, demand.T, rcond=None)[0]
    remainder = demand - (design @ found).T
    without_trend = demand - np.outer(found[-1], time - time.mean())
    without_trend = without_trend - without_trend.mean(axis=1, keepdims=True)
    around = (remainder**2).sum(axis=1) / (months - SEASON - 1)
    varying = (without_trend**2).sum(axis=1) / (months - 2)
    scale = (demand**2).sum(axis=1)
    varies = varying > 1e-12 * np.maximum(scale, 1e-300)
    left = np.divide(around, varying, out=np.ones_like(around), where=varies)
    return np.asarray(np.clip(1.0 - left, 0.0, 1.0))
