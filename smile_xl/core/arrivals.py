"""Arrivals: the stock in transit, by the month in which it lands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_month
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.units import HORIZON, TRANSIT_WEEKS


def arrivals(transit: ArrayLike, landing: ArrayLike, months: int = HORIZON) -> Array:
    """Tonnes that land in each month.

    Parameters
    ----------
    transit : array_like, shape (items, 8), t
        Stock in transit due in each of the next eight weeks, zero or more.
    landing : array_like of int, shape (8,) or (items, 8)
        Month in which each week's transit lands, customs clearance included.
    months : int
        Length of the horizon; what lands beyond it is not counted.

    Returns
    -------
    array, shape (items, months), t

    Notes
    -----
    A[k] = sum of the weeks that land in month k.

    Examples
    --------
    In Algeria the fourth week clears customs in the next month:

    >>> arrivals([[5, 0, 0, 12, 0, 0, 0, 3]], [0, 0, 0, 1, 1, 1, 1, 2], months=4)
    array([[ 5., 12.,  3.,  0.]])
    """
    transit = by_month("transit", transit)
    if transit.shape[1] != TRANSIT_WEEKS:
        raise ShapeError(f"transit has {transit.shape[1]} weeks, want {TRANSIT_WEEKS}")
    landing = landing_months(landing, len(transit))
    landed = np.zeros((months, len(transit)))
    land(landed, transit.T, landing.T)
    return landed.T


def landing_months(landing: ArrayLike, items: int) -> np.ndarray:
    """The landing row of each item, shape (items, 8)."""
    rows = np.asarray(landing)
    if rows.shape not in ((TRANSIT_WEEKS,), (items, TRANSIT_WEEKS)):
        raise ShapeError(f"landing has shape {rows.shape}, want ({TRANSIT_WEEKS},) or ({items}, {TRANSIT_WEEKS})")
    if (rows != np.floor(rows)).any() or (rows < 0).any():
        raise DomainError("landing months are whole numbers, zero or more")
    return np.broadcast_to(rows.astype(np.int64), (items, TRANSIT_WEEKS))


def land(landed: Array, transit: Array, landing: np.ndarray) -> None:
    """Add each week's transit to its month, in place: landed is (months, items), transit and landing (8, items).

    ``landing`` may be (8, 1), the same for all items.
    """
    if not landing.size:
        return
    for week in range(TRANSIT_WEEKS):
        first, last = int(landing[week].min()), int(landing[week].max())
        for month in range(first, min(last + 1, len(landed))):
            landed[month] += transit[week] if first == last else transit[week] * (landing[week] == month)
