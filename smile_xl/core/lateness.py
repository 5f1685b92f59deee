"""Goods that come some weeks later than planned: where transit and confirmed orders then land."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.arrivals import landing_months
from smile_xl.core.checks import Array, by_month
from smile_xl.core.errors import DomainError
from smile_xl.core.units import FIRST_ORDER_MONTH, TRANSIT_WEEKS, WEEKS_PER_MONTH

LONGEST_DELAY = 52
"""Weeks: a longer delay moves everything beyond the horizon."""


def late_months(weeks: int) -> int:
    """Whole months in a delay of some weeks, to the nearest: what is known by month moves by these.

    >>> [late_months(weeks) for weeks in (0, 2, 3, 6, 7)]
    [0, 0, 1, 1, 2]
    """
    if not (isinstance(weeks, int | np.integer) and 0 <= weeks <= LONGEST_DELAY):
        raise DomainError(f"the delay is {weeks} weeks, want a whole number from 0 to {LONGEST_DELAY}")
    return round(weeks / WEEKS_PER_MONTH)


def late_landing(landing: ArrayLike, weeks: int) -> np.ndarray:
    """Month in which each week's transit lands when it comes some weeks late.

    Parameters
    ----------
    landing : array_like of int, shape (items, 8)
        Month in which each week's transit lands when it is on time.
    weeks : int
        How late, 0 to 52.

    Returns
    -------
    array of int, shape (items, 8)

    Notes
    -----
    Week k lands where week k + n would. Weeks after the eighth follow it at 4.25 to a month: week 8 + j lands
    floor(j / 4.25) months after week 8.

    Examples
    --------
    Morocco, two weeks late:

    >>> late_landing([[0, 0, 0, 0, 1, 1, 1, 2]], 2)
    array([[0, 0, 1, 1, 1, 2, 2, 2]])
    """
    late_months(weeks)
    rows = np.asarray(landing)
    rows = landing_months(rows, len(rows))
    after = np.arange(1, weeks + 1) // WEEKS_PER_MONTH
    beyond = rows[:, -1:] + after.astype(np.int64)
    return np.hstack((rows, beyond))[:, weeks : weeks + TRANSIT_WEEKS]


def late_orders(confirmed: ArrayLike, weeks: int) -> Array:
    """Confirmed orders when they come some weeks late.

    Parameters
    ----------
    confirmed : array_like, shape (items, months), t / month
        Confirmed orders by the month in which they should land, NaN where none.
    weeks : int
        How late, 0 to 52.

    Returns
    -------
    array, shape (items, months), t / month

    Notes
    -----
    Orders are known by month, so they move by n / 4.25 months, to the nearest whole number. The first two months stay:
    their arrivals are the transit. A month whose order has moved away is confirmed with 0, so that nothing is ordered
    in its place; one that orders move into is confirmed with their sum; what leaves the horizon is not counted.

    Examples
    --------
    >>> late_orders([[5, 6, 7, np.nan, 1, np.nan]], 4)
    array([[5., 6., 0., 7., 0., 1.]])
    """
    moved = by_month("confirmed", confirmed, blanks=True).copy()
    months = late_months(weeks)
    if not months:
        return moved
    given = moved[:, FIRST_ORDER_MONTH:].copy()
    moved[:, FIRST_ORDER_MONTH:] = np.where(np.isnan(given), np.nan, 0.0)
    for month in range(given.shape[1] - months):
        late, into = given[:, month], moved[:, FIRST_ORDER_MONTH + month + months]
        np.copyto(into, np.nan_to_num(into) + late, where=~np.isnan(late))
    return moved
