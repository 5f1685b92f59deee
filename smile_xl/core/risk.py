"""Risk and opportunity: the two sides of a closing stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_month


def shortage_risk(closing: ArrayLike) -> Array:
    """Tonnes short at the end of each month: risk[i] = -min(C[i], 0), the shape of ``closing`` (items, months).

    >>> shortage_risk([[5, -3]])
    array([[0., 3.]])
    """
    return np.maximum(-by_month("closing", closing, signed=True), 0.0) + 0.0


def opportunity(closing: ArrayLike) -> Array:
    """Tonnes that could cover another item's shortage: max(C[i], 0), the shape of ``closing`` (items, months).

    >>> opportunity([[5, -3]])
    array([[5., 0.]])
    """
    return np.maximum(by_month("closing", closing, signed=True), 0.0) + 0.0
