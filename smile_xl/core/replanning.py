"""Some items month by month in many runs: orders are placed, fall due, and land, some of them late.

Arrays are months first, then items, then runs; what is the same in all runs has one column in place of the runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smile_xl.core.checks import Array
from smile_xl.core.orders import Lots
from smile_xl.core.units import FIRST_ORDER_MONTH, HORIZON, NOISE


@dataclass(frozen=True)
class Slab:
    """Items of one frozen horizon, and what is known of them before any run; rows of shape (items, 1)."""

    items: NDArray[np.intp]
    frozen: int
    lots: tuple[Array, Array] | None
    """Minimum order and order multiple, t, shape (items,) each; None where no item has any."""
    forecast: Array
    """Shape (12, items, 1), t; so are the next ones."""
    landing: Array
    """Transit by the month in which it should land."""
    confirmed: Array
    proposes: NDArray[np.bool_]
    error: NDArray[np.float32]
    lanes: NDArray[np.intp]
    """The lanes of the slab."""
    lane: NDArray[np.intp] | None
    """Position of each item's lane among them; None where there is one only."""
    latest: int
    """Months after which even the latest goods have begun to land."""
    groups: NDArray[np.intp]
    """Groups that have items in the slab."""
    member: Array
    """Shape (groups of the slab, items), 1 or 0."""
    unit_cost: Array
    landed_cost: Array


class OrderDesk:
    """The orders of a slab under one policy, and when they are due."""

    def __init__(
        self, slab: Slab, safety: Array, shape: tuple[int, int], *, net_transit: bool, backorders: bool
    ) -> None:
        self._slab, self._backorders, self._net_transit = slab, backorders, net_transit
        self._required = slab.forecast + safety
        # without lots, what rounding noise orders is noise
        self._lots = Lots(*(np.repeat(column, shape[1]) for column in slab.lots)) if slab.lots else None
        orders = np.nan_to_num(slab.confirmed)
        orders[:FIRST_ORDER_MONTH] = 0.0
        self._firm = slab.landing + orders
        self._placed = [np.empty(shape) for _ in range(slab.frozen + 1)] if slab.frozen < HORIZON else []
        self._wanted, self._projected = np.empty(shape, dtype=bool), np.empty(shape)
        self._all_propose = bool(slab.proposes.all())

    def due(self, month: int) -> Array:
        """What should land in a month, (items, runs) or (items, 1)."""
        settled = month < max(self._slab.frozen, FIRST_ORDER_MONTH)
        due: Array = self._firm[month] if settled else self._placed[month % len(self._placed)]
        return due

    def order(self, month: int, stock: Array, overdue: Array | None) -> None:
        """Place the order for the month that leaves the frozen horizon, from the stock at the start of this one."""
        slab = self._slab
        target = month + slab.frozen
        if not FIRST_ORDER_MONTH <= target < HORIZON:
            return
        left = self._projected
        np.copyto(left, stock) if overdue is None else np.add(stock, overdue, out=left)
        for ahead in range(month, target):
            left += self.due(ahead)
            left -= slab.forecast[ahead]
            if not self._backorders:
                np.maximum(left, 0.0, out=left)
        if month == target and not self._backorders:
            np.maximum(left, 0.0, out=left)
        required = self._required[target]
        need = np.subtract(required, left, out=self._placed[target % len(self._placed)])
        if self._net_transit:
            need -= slab.landing[target]
        if self._lots is None:
            np.maximum(need, 0.0, out=need)
        else:
            np.greater(need, NOISE * required, out=self._wanted)
            self._lots.round_up(need.reshape(-1))
            need *= self._wanted
        if not self._all_propose:
            need *= slab.proposes
        given = np.flatnonzero(~np.isnan(slab.confirmed[target]))
        if given.size:
            need[given] = slab.confirmed[target][given]
        if slab.landing[target].any():
            need += slab.landing[target]


class Harbour:
    """Goods of a slab that are due but have not landed."""

    def __init__(self, slab: Slab, shares: list[Array] | None, shape: tuple[int, int]) -> None:
        self._shares, self._lane = shares, slab.lane
        self._coming = [np.zeros(shape) for _ in range(slab.latest + 1)] if shares else []
        self._part, self._weight = np.empty(shape), np.empty(shape)
        self.overdue: Array | None = np.zeros(shape) if shares else None
        """Goods due in earlier months that have not landed, t."""

    def land(self, month: int, due: Array) -> Array:
        """What lands in a month, of the goods due then and of those that are late; valid until the next call."""
        if self._shares is None or self.overdue is None:
            return due
        ring = len(self._coming)
        for late, share in enumerate(self._shares[month]):
            if self._lane is not None:
                share = np.take(share, self._lane, axis=0, out=self._weight, mode="clip")
            coming = self._coming[(month + late) % ring]
            if late + 1 == ring:  # the first goods for that month: its place held what landed last month
                np.multiply(share, due, out=coming)
            else:
                coming += np.multiply(share, due, out=self._part)
        landed = self._coming[month % ring]
        self.overdue += due
        self.overdue -= landed
        return landed
