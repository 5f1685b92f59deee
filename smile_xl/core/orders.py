"""Orders: confirmed quantities, and proposals that restore the safety stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    for name, array in (("arrivals", arrivals), ("safety", safety)):
        same_shape(name, array, "demand", demand)
    if confirmed is not None:
        confirmed = by_month("confirmed", confirmed, blanks=True)
        same_shape("confirmed", confirmed, "demand", demand)
    opening = by_item("opening", opening, items, signed=True)
    frozen = by_item("frozen months", frozen, items)
    moq = by_item("moq", moq, items)
    multiple = order_multiple(multiple, items)
    proposes = np.asarray(proposes, dtype=bool)
    if proposes.shape not in ((), (items,)):
        raise ShapeError(f"proposes has shape {proposes.shape}, want one value or one per item: ({items},)")
    book = OrderBook(opening, frozen, proposes, moq, multiple, net_transit=net_transit)
    orders = np.empty(demand.shape[::-1])
    closing = np.empty(items)
    for month, row in enumerate(orders):
        given = None if confirmed is None else confirmed[:, month]
        book.plan(month, arrivals[:, month], demand[:, month], safety[:, month], given, row, closing)
    return orders.T


def order_multiple(multiple: ArrayLike, items: int) -> Array:
    """Order multiples as an array (items,): 0 for none, or enough to divide by."""
    checked = by_item("multiple", multiple, items)
    if ((checked > 0) & (checked < SMALLEST_MULTIPLE)).any():
        raise DomainError(f"multiple is below {SMALLEST_MULTIPLE:g} t, want 0 or more than that")
    return checked


class OrderBook:
    """Orders and closing stock of items that move together, one month after the other, from month 0 on.

    A choice between two quantities is written as a product with yes or no (1 or 0): several times faster than a
    masked copy. What no item has (lots, confirmed quantities, months to re-plan) is skipped.
    """

    def __init__(
        self,
        opening: Array,
        frozen: Array,
        proposes: NDArray[np.bool_],
        moq: Array,
        multiple: Array,
        *,
        net_transit: bool,
        stock: Array | None = None,
    ) -> None:
        """All of shape (items,); net_transit as in :func:`proposed_orders`; ``stock`` is room for the attribute."""
        self._stock, self._usable = opening, np.maximum(opening, 0.0, out=stock)
        self._frozen, self._proposes = frozen, np.broadcast_to(proposes, opening.shape)
        self._first_open = (
            float(frozen.min()) if frozen.size else 0.0
        )  # month from which some, or all, can be re-planned
        self._all_open = float(frozen.max(initial=0.0))
        self._lots = Lots(moq, multiple)
        self._net_transit = net_transit
        self._required, self._wanted = np.empty(len(opening)), np.empty(len(opening), dtype=np.bool_)

    def plan(
        self,
        month: int,
        landed: Array | None,
        demand: Array,
        safety: Array,
        confirmed: Array | None,
        orders: Array,
        closing: Array,
    ) -> None:
        """The next month's orders and closing stock, in place; rows of shape (items,), None where there is nothing."""
        required, wanted = self._required, self._wanted
        changeable = self._proposes if month >= self._all_open else self._proposes & (self._frozen <= month)
        if month >= self._first_open:
            np.add(demand, safety, out=required)
            need = np.subtract(required, self._usable, out=orders)
            if self._net_transit and landed is not None and month >= FIRST_ORDER_MONTH:
                need -= landed
            np.greater(need, np.multiply(required, NOISE, out=required), out=wanted)
            self._lots.round_up(need)
            orders *= np.logical_and(wanted, changeable, out=wanted)
        else:
            changeable = np.zeros_like(wanted)
            orders.fill(0.0)
        if landed is not None and month < FIRST_ORDER_MONTH:
            orders += landed * ~changeable
        if confirmed is not None:
            orders *= np.isnan(confirmed, out=wanted)
            orders += np.fmax(confirmed, 0.0, out=required)  # fmax: a blank counts 0

        if landed is None:
            np.subtract(self._stock, demand, out=closing)
        else:
            np.add(self._stock, landed, out=closing)
            closing -= demand
        if month >= FIRST_ORDER_MONTH:
            closing += orders
        self._stock = np.maximum(closing, 0.0, out=self._usable)

    @property
    def stock(self) -> Array:
        """Stock that enters the next month: the closing stock without shortages, shape (items,)."""
        return self._stock


class Lots:
    """Minimum orders and multiples of some items."""

    def __init__(self, moq: Array, multiple: Array) -> None:
        self._moq: Array | float = moq if moq.any() else 0.0
        self._rounded = np.flatnonzero(multiple)
        self._multiple = multiple[self._rounded]
        self._part = np.empty(len(self._rounded))

    def round_up(self, need: Array) -> None:
        """Raise a need to the minimum order and up to the next multiple, in place; below 0 counts as 0."""
        np.maximum(need, self._moq, out=need)
        if len(self._rounded):
            lots = np.take(need, self._rounded, out=self._part, mode="clip")
            lots /= self._multiple
            lots *= 1 - NOISE
            np.ceil(lots, out=lots)
            lots *= self._multiple
            need[self._rounded] = lots
