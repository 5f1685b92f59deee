"""How late goods arrive: a table of equally likely delays, from a stated mean and deviation or from what was observed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array
from smile_xl.core.errors import DomainError

DELAY_POINTS = 4096
"""Delays in a table: a draw picks one of them."""

_GRID = 4000


def gamma_delays(mean: float, deviation: float) -> Array:
    """Equally likely delays of a gamma distribution, the shortest first.

    Parameters
    ----------
    mean, deviation : float, zero or more
        Mean and standard deviation of the delay, in any unit of time. A deviation of 0 is a fixed delay.

    Returns
    -------
    array, shape (4096,), in the unit of the mean

    Notes
    -----
    The quantiles at (i + 1/2) / 4096. With a deviation equal to the mean it is the exponential distribution.

    Examples
    --------
    The median of an exponential delay of mean 1 is ln 2:

    >>> round(float(np.median(gamma_delays(1, 1))), 3)
    0.693
    """
    if not (math.isfinite(mean) and math.isfinite(deviation) and mean >= 0 and deviation >= 0):
        raise DomainError(f"delay has mean {mean:g} and deviation {deviation:g}, want zero or more")
    if deviation == 0:
        return np.full(DELAY_POINTS, float(mean))
    if mean == 0:
        raise DomainError(f"delay has mean 0 and deviation {deviation:g}: a delay that varies has a mean above 0")
    shape, scale = (mean / deviation) ** 2, deviation**2 / mean
    lowest = (math.log(1 / (4 * DELAY_POINTS)) + math.lgamma(shape + 1)) / shape  # P(x) is near x**shape / gamma there
    highest = math.log(shape + 12 * math.sqrt(shape) + 12)
    steps = np.exp(np.linspace(max(lowest, -600.0), highest, _GRID))
    return np.interp(_chances(), _gamma_share(shape, steps), steps) * scale


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
    return known[(_chances() * known.size).astype(np.intp)]


def _chances() -> Array:
    return (np.arange(DELAY_POINTS) + 0.5) / DELAY_POINTS


def _gamma_share(shape: float, steps: Array) -> Array:
    """Share of a gamma distribution of scale 1 below each step: the series of the incomplete gamma function."""
    term = np.exp(shape * np.log(steps) - steps - math.lgamma(shape + 1))
    share = term.copy()
    count = shape
    while (term > 1e-13 * share).any():
        count += 1
        term = term * steps / count
        share += term
    return np.minimum(share, 1.0)
