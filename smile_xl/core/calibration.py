"""Calibration: how well the probabilities that somebody stated have fitted what came true."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import by_item
from smile_xl.core.errors import DomainError


def brier_score(probability: ArrayLike, came_true: ArrayLike) -> float:
    """How far stated probabilities were from what happened: 0 is perfect, 0.25 is what always saying 50 % earns.

    Parameters
    ----------
    probability : array_like, shape (events,)
        Stated probability of each event, 0 to 1.
    came_true : array_like of bool, shape (events,)
        Whether it happened.

    Returns
    -------
    float
        Between 0 and 1; NaN without any event.

    Raises
    ------
    DomainError
        A probability outside of 0 to 1.

    Notes
    -----
    Mean of (p - o)^2, o being 1 for what came true and 0 for what did not.

    References
    ----------
    G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950), in its
    common form for events that happen or do not.

    Examples
    --------
    Rain was forecast with 70 % and it rained; with 30 %, and it did not:

    >>> round(brier_score([0.7, 0.3], [True, False]), 4)
    0.09
    """
    happened = np.asarray(came_true, dtype=np.float64).reshape(-1)
    stated = by_item("probability", probability, len(happened))
    if (stated > 1).any():
        raise DomainError(f"probability is {stated[stated > 1][0]:g}, want 0 to 1")
    return float(np.mean((stated - happened) ** 2)) if len(happened) else float("nan")
