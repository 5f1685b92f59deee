"""Financial projection: what the stock is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month, same_shape


def projected_value(closing: ArrayLike, pipeline: ArrayLike, unit_cost: ArrayLike, landed_cost: ArrayLike) -> Array:
    """Value of the stock on hand and in transit at the end of each month.

    Parameters
    ----------
    closing, pipeline : array_like, shape (items, months), t
        Closing stock (a shortage is worth 0) and stock in transit.
    unit_cost, landed_cost : array_like, one number or shape (items,), EUR / t
        Stock on hand is valued at the unit cost, what is in transit at the landed cost.

    Returns
    -------
    array, shape (items, months), EUR, not rounded

    Notes
    -----
    P[i] = max(C[i], 0) * u + T[i] * l.

    Examples
    --------
    >>> projected_value([[10, -5]], [[4, 4]], 1000, 1200)
    array([[14800.,  4800.]])
    """
    closing = by_month("closing", closing, signed=True)
    pipeline = by_month("pipeline", pipeline)
    same_shape("pipeline", pipeline, "closing", closing)
    unit_cost = by_item("unit_cost", unit_cost, len(closing))
    landed_cost = by_item("landed_cost", landed_cost, len(closing))
    return np.asarray(np.maximum(closing, 0.0) * unit_cost[:, np.newaxis] + pipeline * landed_cost[:, np.newaxis])
