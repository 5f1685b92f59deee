"""Volatility of demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_month
from smile_xl.core.errors import ShapeError
from smile_xl.core.units import HORIZON


def coefficient_of_variation(demand: ArrayLike) -> Array:
    """Standard deviation of the demand over its mean; NaN where there is no demand.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Forecast demand; the first 12 months count, as the whole population (STDEV.P / AVERAGE).

    Returns
    -------
    array, shape (items,)

    Examples
    --------
    >>> coefficient_of_variation([[10, 30], [20, 20], [0, 0]])
    array([0.5, 0. , nan])
    """
    demand = by_month("demand", demand)[:, :HORIZON]
    if not demand.shape[1]:
        raise ShapeError("demand has no month, want one or more")
    mean = demand.mean(axis=1)
    return np.asarray(np.divide(demand.std(axis=1), mean, out=np.full(len(demand), np.nan), where=mean > 0))
