"""How late goods arrive: a table of equally likely delays, from a stated spread or from what was observed."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array
from smile_xl.core.errors import DomainError

DELAY_POINTS = 4096
"""Delays in a table: a draw picks one of them."""

CHANCES = (np.arange(DELAY_POINTS) + 0.5) / DELAY_POINTS
"""Where a table holds the quantiles of a distribution."""


def stated_delays(deviation: float) -> Array:
    """Equally likely delays of arrivals that are normal around their plan; an early one counts as on time.

    Parameters
    ----------
    deviation : float, zero or more
        Standard deviation of an arrival around its plan, in any unit of time.

    Returns
    -------
    array, shape (4096,), in the unit of the deviation, the shortest first

    Examples
    --------
    Half of the arrivals are on time; one in forty is more than two deviations late:

    >>> delays = stated_delays(1)
    >>> float((delays == 0).mean()), round(float((delays > 1.96).mean()), 3)
    (0.5, 0.025)
    """
    if not (np.isfinite(deviation) and deviation >= 0):
        raise DomainError(f"the deviation of arrivals is {deviation:g}, want zero or more")
    quantile = NormalDist().inv_cdf
    return deviation * np.array([max(quantile(chance), 0.0) for chance in CHANCES.tolist()])


def observed_delays(delays: ArrayLike) -> Array:
    """Equally likely delays as they were observed; an early arrival counts as on time.

    Parameters
    ----------
    delays : array_like
        Received minus planned date of each receipt, in any unit of time.

    Returns
    -------
    array, shape (4096,), in the unit of the delays, the shortest first

    Examples
    --------
    >>> float(observed_delays([-3, 0, 0, 4]).mean())
    1.0
    """
    known = np.sort(np.maximum(np.asarray(delays, dtype=np.float64), 0.0))
    if not known.size or not np.isfinite(known).all():
        raise DomainError("observed delays are one number or more")
    return known[(CHANCES * known.size).astype(np.intp)]
