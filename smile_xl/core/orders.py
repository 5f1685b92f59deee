"""Orders: confirmed quantities, and proposals that restore the safety stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from smile_xl.core.checks import Array, by_item, by_month, same_shape
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.units import FIRST_ORDER_MONTH, NOISE, SMALLEST_MULTIPLE


def proposed_orders(
    opening: ArrayLike,
    arrivals: ArrayLike,
    demand: ArrayLike,
    safety: ArrayLike,
    confirmed: ArrayLike | None = None,
    *,
    frozen: ArrayLike = 2,
    proposes: ArrayLike = True,
    moq: ArrayLike = 0.0,
    multiple: ArrayLike = 0.0,
    net_transit: bool = False,
) -> Array:
    """Quantity ordered for each month, by the month in which it lands.

    Parameters
    ----------
    opening : array_like, one number or shape (items,), t
        Stock on hand when month 0 starts.
    arrivals, demand, safety : array_like, shape (items, months), t
        Transit by landing month, forecast demand, safety stock to hold.
    confirmed : array_like, shape (items, months), t, optional
        Quantities agreed with the supplier; NaN where none is. They win over the proposal in any month.
    frozen : array_like of int, one number or shape (items,)
        First months that can't be re-planned: nothing is proposed there.
    proposes : array_like of bool, one value or shape (items,)
        False for items that run out: nothing is proposed. Where nothing is confirmed nor proposed, months 0 and 1
        take the arrivals, later ones 0.
    moq, multiple : array_like, one number or shape (items,), t
        Minimum order and order multiple; 0 for none.
    net_transit : bool
        True subtracts what lands from transit in months 2 and later from the need.

    Returns
    -------
    array, shape (items, months), t

    Notes
    -----
    Q[i] = max(0, D[i] + S[i] - max(C[i-1], 0)); with minimum and multiple, a need above 0 becomes
    ceil(max(need, moq) / multiple) * multiple. A need below 1e-9 of D[i] + S[i] is rounding noise and counts as 0, and
    a quotient within 1e-9 above a whole number counts as that number, so that noise never orders one multiple more.

    Examples
    --------
    >>> proposed_orders([100], [[0, 0, 0, 0]], [[40, 40, 40, 40]], [[30, 30, 30, 30]], moq=60)
    array([[ 0.,  0., 60., 60.]])
    """
    demand = by_month("demand", demand)
    arrivals = by_month("arrivals", arrivals)
    safety = by_month("safety", safety)
    items = len(demand)
    confirmed = np.full(demand.shape, np.nan) if confirmed is None else by_month("confirmed", confirmed, blanks=True)
    for name, array in (("arrivals", arrivals), ("safety", safety), ("confirmed", confirmed)):
        same_shape(name, array, "demand", demand)
    opening = by_item("opening", opening, items, signed=True)
    frozen = by_item("frozen months", frozen, items)
    moq = by_item("moq", moq, items)
    multiple = order_multiple(multiple, items)
    proposes = np.asarray(proposes, dtype=bool)
    if proposes.shape not in ((), (items,)):
        raise ShapeError(f"proposes has shape {proposes.shape}, want one value or one per item: ({items},)")
    orders, _ = order_and_close(
        opening, arrivals.T, demand.T, safety.T, confirmed.T, frozen, proposes, moq, multiple, net_transit=net_transit
    )
    return orders.T


def order_multiple(multiple: ArrayLike, items: int) -> Array:
    """Order multiples as an array (items,): 0 for none, or enough to divide by."""
    checked = by_item("multiple", multiple, items)
    if ((checked > 0) & (checked < SMALLEST_MULTIPLE)).any():
        raise DomainError(f"multiple is below {SMALLEST_MULTIPLE:g} t, want 0 or more than that")
    return checked


def order_and_close(
    opening: Array,
    arrivals: Array,
    demand: Array,
    safety: Array,
    confirmed: Array,
    frozen: Array,
    proposes: np.ndarray,
    moq: Array,
    multiple: Array,
    *,
    net_transit: bool,
) -> tuple[Array, Array]:
    """Orders and the closing stock that they lead to, month after month; blocks are (months, items)."""
    orders = np.empty_like(demand)
    closing = np.empty_like(demand)
    start = opening
    for month in range(len(demand)):
        required = demand[month] + safety[month]
        need = required - np.maximum(start, 0.0)
        if net_transit and month >= FIRST_ORDER_MONTH:
            need -= arrivals[month]
        need[need <= NOISE * required] = 0.0
        firm = arrivals[month] if month < FIRST_ORDER_MONTH else 0.0
        unconfirmed = np.where((frozen > month) | ~proposes, firm, lot(need, moq, multiple))
        orders[month] = np.where(np.isnan(confirmed[month]), unconfirmed, confirmed[month])

        closing[month] = start + arrivals[month] - demand[month]
        if month >= FIRST_ORDER_MONTH:
            closing[month] += orders[month]
        start = np.maximum(closing[month], 0.0)
    return orders, closing


def lot(need: Array, moq: Array, multiple: Array) -> Array:
    """The need raised to the minimum order and up to the next multiple; no need, no order."""
    quantity = np.maximum(need, moq)
    lots = np.divide(quantity, multiple, out=np.zeros_like(quantity), where=multiple > 0)
    quantity = np.where(multiple > 0, np.ceil(lots * (1 - NOISE)) * multiple, quantity)
    return np.where(need > 0, quantity, 0.0)
