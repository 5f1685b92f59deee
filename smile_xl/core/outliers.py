"""Values out of line with an item's own others: months far above its usual level, and jumps from month to month."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_month

FEWEST = 6
"""Positive values of an item from which its usual level is known."""

Z_LIMIT = 3.5
"""Modified z-score above which a value is an outlier."""

FULL_SHARE = 0.75
"""Share of months with demand from which an item sells all the time: only then is a change of its demand a jump."""

USUAL = 3.0
"""A jump is more than this many times the item's usual change."""


def usual_level(values: ArrayLike) -> tuple[Array, Array]:
    """Median of each item's positive values, and their median absolute deviation from it.

    Parameters
    ----------
    values : array_like, shape (items, months), t / month
        Demand; zeros and NaN do not count.

    Returns
    -------
    tuple of two arrays, shape (items,)
        NaN for an item with fewer than six positive values.

    Examples
    --------
    >>> level, spread = usual_level([[10, 12, 0, 11, 9, 10, 11], [0, 0, 5, 0, 0, 0, 0]])
    >>> level, spread
    (array([10.5,  nan]), array([0.5, nan]))
    """
    values = by_month("values", values, signed=True, blanks=True)
    known = values > 0
    counts = known.sum(axis=1)
    median = _median(np.where(known, values, np.inf), counts)
    spread = _median(np.where(known, np.abs(values - median[:, np.newaxis]), np.inf), counts)
    return median, spread


def far_above(values: ArrayLike, level: ArrayLike, spread: ArrayLike, factor: float) -> np.ndarray:
    """Values far above an item's usual level.

    Parameters
    ----------
    values : array_like, shape (items, months), t / month
    level, spread : array_like, shape (items,)
        Median and median absolute deviation, as ``usual_level`` gives them; NaN where they are not known.
    factor : float
        How many times its level a value must exceed as well: a steady item has hardly any spread.

    Returns
    -------
    array of bool, shape (items, months)

    Notes
    -----
    A value is far above where it is over ``factor`` times the median, and its modified z-score
    0.6745 (value - median) / MAD is over 3.5. 0.6745 makes the MAD of normal values their standard deviation.

    References
    ----------
    B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers, ASQC Quality Press (1993), section 3.3.

    Examples
    --------
    >>> far_above([[10, 12, 11_000, 9]], [10.5], [0.5], factor=5)
    array([[False, False,  True, False]])
    """
    values = by_month("values", values, signed=True, blanks=True)
    level, spread = (np.asarray(part, dtype=np.float64)[:, np.newaxis] for part in (level, spread))
    found: np.ndarray = (values > factor * level) & (0.6745 * (values - level) > Z_LIMIT * spread)
    return found


def jumps(demand: ArrayLike, factor: float) -> np.ndarray:
    """Changes of demand from one month to the next that are large, and larger than the item's usual ones.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
    factor : float
        How many times a month's demand must be that of the other, up or down.

    Returns
    -------
    array of bool, shape (items, months - 1)
        The first column is the change from month 0 to month 1.

    Notes
    -----
    Changes are compared as abs(log(D[i+1] / D[i])), a fall like a rise; one to or from 0 is the largest. A jump is at
    least log(factor) and over three times the median of the item's changes. An item without demand in more than a
    quarter of its months jumps by its nature, and has none.

    Examples
    --------
    >>> jumps([[10, 11, 10, 100, 110, 100], [10, 0, 90, 0, 10, 0]], factor=5)
    array([[False, False,  True, False, False],
           [False, False, False, False, False]])
    """
    demand = by_month("demand", demand)
    if demand.shape[1] < 2:
        return np.zeros((len(demand), 0), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.abs(np.diff(np.log(demand), axis=1))
    change[np.isnan(change)] = 0.0  # from 0 to 0
    usual = _median(change, np.full(len(change), change.shape[1]), fewest=1)
    sells = (demand > 0).mean(axis=1) >= FULL_SHARE
    large = (change >= np.log(factor)) & (change > USUAL * usual[:, np.newaxis])
    found: np.ndarray = large & sells[:, np.newaxis]
    return found


def _median(values: Array, counts: np.ndarray, fewest: int = FEWEST) -> Array:
    """Median of the ``counts`` smallest values of each row; NaN where they are fewer than ``fewest``."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)
    middle = np.stack((np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, values.shape[1] - 1)), axis=1)
    pair = np.take_along_axis(ordered, middle, axis=1)
    return np.where(counts >= fewest, pair.mean(axis=1), np.nan)
