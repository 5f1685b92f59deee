"""Stock by type: why each tonne is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month, same_shape
from smile_xl.core.errors import ShapeError
from smile_xl.core.safety import demand_after, mean_demand
from smile_xl.core.units import HORIZON

STOCK_TYPES = ("obsolete", "launch", "strategic", "safety", "cycle", "anticipation", "slow_moving")
"""The types, in the order in which they take their part of the stock."""


def stock_by_type(
    opening: ArrayLike,
    demand: ArrayLike,
    safety: ArrayLike,
    *,
    lot: ArrayLike = 0.0,
    runs_out: ArrayLike = 0.0,
    launch_months: ArrayLike = 0.0,
    strategic_weeks: ArrayLike = 0.0,
    anticipated: ArrayLike = 0.0,
) -> Array:
    """The stock at the start of each month, divided into the types: each tonne is of one type.

    Parameters
    ----------
    opening : array_like, shape (items, months), t
        Stock on hand at the start of each of up to 12 months; zero or more.
    demand : array_like, shape (items, months or more), t / month
        Forecast demand of these months and of later ones.
    safety : array_like, shape (items, months), t
        Safety stock to hold at the end of each month.
    lot : one number or shape (items,), t
        What an order at least brings: minimum quantity or multiple; 0 for none.
    runs_out : shape (items,)
        1 for an item that is not ordered any more.
    launch_months : shape (items,)
        Months from the first one on in which the item is being launched; 0 for none.
    strategic_weeks : shape (items,)
        Weeks of demand that the item holds in reserve; 0 for none.
    anticipated : shape (items,)
        Months from the first one on whose demand is stocked ahead; 0 for none.

    Returns
    -------
    array, shape (7, items, months), t
        One layer for each of ``STOCK_TYPES``; they add up to the opening stock.

    Notes
    -----
    In order, each type takes what is left up to its limit in month i:

    - obsolete: what an item that runs out has beyond all its demand from month i on
    - launch: everything, while the item is being launched
    - strategic: the demand of the strategic weeks from month i on
    - safety: S[i]
    - cycle: D[i], or the lot where that is more and there is demand ahead
    - anticipation: the demand of the months after i that is stocked ahead
    - slow-moving: the rest

    Safety is below cycle: it is what should be there just before goods arrive. Safety and cycle together are what the
    order of a month fills up to, D[i] + S[i].

    References
    ----------
    E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, 4th ed., section 2.3:
    cycle, safety, anticipation, and other functions of stock.

    Examples
    --------
    >>> layers = stock_by_type([[50]], [[20, 5]], [[12]])
    >>> dict(zip(STOCK_TYPES, layers[:, 0, 0].tolist()))["slow_moving"]
    18.0
    """
    opening, demand, safety = by_month("opening", opening), by_month("demand", demand), by_month("safety", safety)
    same_shape("safety", safety, "opening", opening)
    count, months = opening.shape
    if len(demand) != count or not months <= demand.shape[1] or months > HORIZON:
        raise ShapeError(f"demand is {demand.shape}, want the {count} items and at least the months of opening, to 12")
    lot, runs_out, launch_months, strategic_weeks, anticipated = (
        by_item(name, value, count)[:, np.newaxis]
        for name, value in (
            *(("lot", lot), ("runs_out", runs_out), ("launch_months", launch_months)),
            *(("strategic_weeks", strategic_weeks), ("anticipated", anticipated)),
        )
    )
    month = np.arange(months)
    upto = np.concatenate((np.zeros((count, 1)), np.cumsum(demand, axis=1)), axis=1)
    ahead = np.maximum(upto[:, -1:] - upto[:, :months], 0.0)
    last = np.clip(anticipated.astype(np.int64), 0, demand.shape[1])
    later = np.maximum(np.take_along_axis(upto, last, axis=1) - upto[:, 1 : months + 1], 0.0)
    shifted = np.concatenate((np.zeros((1, count)), demand.T))  # what follows month i - 1 begins with month i
    reserve = demand_after(shifted, strategic_weeks[:, 0], mean_demand(demand.T)).T[:, :months] if count else opening
    limits = (
        np.where(runs_out > 0, np.maximum(opening - ahead, 0.0), 0.0),
        np.where(month < launch_months, opening, 0.0),
        reserve,
        safety,
        np.maximum(demand[:, :months], np.where(ahead > 0, lot, 0.0)),
        later,
    )
    layers = np.empty((len(STOCK_TYPES), count, months))
    rest = opening.copy()
    for place, limit in enumerate(limits):
        np.minimum(rest, limit, out=layers[place])
        rest -= layers[place]
    layers[-1] = rest
    return layers


def stock_by_state(opening: ArrayLike, quality: ArrayLike, blocked: ArrayLike) -> Array:
    """The stock on hand by state: unrestricted, in quality inspection, blocked, shape (3, items); they add up to it.

    What is recorded as blocked counts first, then what is in inspection, both up to the stock that there is.

    >>> stock_by_state([50, 10], [8, 0], [4, 20]).tolist()
    [[38.0, 0.0], [8.0, 0.0], [4.0, 10.0]]
    """
    stock = np.asarray(opening, dtype=np.float64)
    held = np.minimum(by_item("blocked", blocked, len(stock)), stock)
    inspected = np.minimum(by_item("quality", quality, len(stock)), stock - held)
    return np.stack((stock - held - inspected, inspected, held))
