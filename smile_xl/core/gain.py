"""What a safety-stock policy frees against another, and the class of an item's volatility."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.safety import average_safety, exact_safety

SAFETY_METHODS = ("average", "exact")
"""Policies that need no more than demand and weeks of cover."""

VOLATILITY_CUTS = (0.5, 1.0)
"""Coefficients of variation up to which demand is steady, and variable."""

_METHODS = {"average": average_safety, "exact": exact_safety}


def safety_stock(demand: ArrayLike, weeks_cover: ArrayLike, method: str | Sequence[str] = "exact") -> Array:
    """Safety stock of each item by its policy.

    Parameters
    ----------
    demand : array_like, shape (items, months), t / month
        Forecast demand, as :func:`exact_safety` takes it.
    weeks_cover : array_like, one number or shape (items,), weeks
        Wanted weeks of safety cover.
    method : "exact" or "average", one for all or one per item

    Returns
    -------
    array, shape (items, planned months), t

    Examples
    --------
    >>> safety_stock([[0, 85], [0, 85]], 4.25, ["exact", "average"])
    array([[85. , 42.5],
           [42.5, 42.5]])
    """
    check_methods(method)
    if isinstance(method, str):
        return _METHODS[method](demand, weeks_cover)
    demand = by_month("demand", demand)
    if len(method) != len(demand):
        raise ShapeError(f"method has {len(method)} rows, want one text or a column of {len(demand)}")
    weeks_cover = by_item("weeks_cover", weeks_cover, len(demand))
    methods = np.array(method)
    safety = average_safety(demand, weeks_cover)
    exact = methods == "exact"
    safety[exact] = exact_safety(demand[exact], weeks_cover[exact])
    return safety


def check_methods(method: str | Sequence[str]) -> None:
    """Raise DomainError unless every name is a policy that the plan knows."""
    for name in {method} if isinstance(method, str) else sorted(set(method)):
        if name not in SAFETY_METHODS:
            raise DomainError(f"method is {str(name)!r}, want one of {', '.join(sorted(SAFETY_METHODS))}")


def safety_gain(
    demand: ArrayLike, weeks_cover: ArrayLike, old: str | Sequence[str] = "average", new: str | Sequence[str] = "exact"
) -> Array:
    """Safety stock that a new policy frees: the old one's less the new one's.

    Parameters
    ----------
    demand, weeks_cover :
        As in :func:`safety_stock`.
    old, new : "exact" or "average", one for all or one per item

    Returns
    -------
    array, shape (items, planned months), t
        Negative where the new policy asks for more.

    Examples
    --------
    Demand that falls needs less than its mean:

    >>> safety_gain([[85, 51, 17]], 4.25)
    array([[ 0., 34.,  0.]])
    """
    return safety_stock(demand, weeks_cover, old) - safety_stock(demand, weeks_cover, new)


def volatility_class(volatility: ArrayLike, cuts: tuple[float, float] = VOLATILITY_CUTS) -> Array:
    """Class of a coefficient of variation: 1 steady, 2 variable, 3 erratic; NaN where there is no demand.

    Parameters
    ----------
    volatility : array_like
        Coefficients of variation.
    cuts : two numbers
        The largest that is steady, and the largest that is variable.

    Returns
    -------
    array, same shape

    Examples
    --------
    >>> volatility_class([0.5, 0.51, 1.2])
    array([1., 2., 3.])
    """
    low, high = cuts
    if not 0 <= low <= high:
        raise DomainError(f"the cuts are {low:g} and {high:g}, want zero or more, the smaller one first")
    volatility = np.asarray(volatility, dtype=np.float64)
    return np.asarray(np.where(np.isnan(volatility), np.nan, 1.0 + (volatility > low) + (volatility > high)))
