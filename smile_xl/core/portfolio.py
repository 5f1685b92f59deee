"""The plan of a whole portfolio in one pass: safety stock, orders, closing stock, pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from smile_xl.core.checks import Array
from smile_xl.core.errors import ShapeError
from smile_xl.core.gain import check_methods
from smile_xl.core.items import Chunk, ChunkReader, Flags, Portfolio
from smile_xl.core.orders import OrderBook
from smile_xl.core.pipeline import in_transit
from smile_xl.core.safety import DemandAfter
from smile_xl.core.units import HORIZON, WEEKS_PER_MONTH


@dataclass(frozen=True)
class Plan:
    """Results of all items, each of shape (items, 12), in tonnes; in memory, the items of a month lie together."""

    safety: Array
    orders: Array
    closing: Array
    pipeline: Array


def plan_portfolio(portfolio: Portfolio, *, method: str | Sequence[str] = "exact", net_transit: bool = False) -> Plan:
    """Safety stock, orders, closing stock and pipeline of every item.

    ``method`` is the safety policy, "exact" or "average", one for all or one per item; ``net_transit`` nets late
    transit from the orders. Raises DomainError or ShapeError where an input is out of range. Items do not influence
    one another.
    """
    reader = ChunkReader(portfolio)
    average = average_items(method, reader.items)
    safety, orders, closing, pipeline = (np.empty((HORIZON, reader.items)) for _ in range(4))
    for items in reader.slices():
        chunk = reader.read(items)
        policy, book = safety_policy(chunk, average[items]), order_book(chunk, net_transit)
        for month in range(HORIZON):
            policy(month, safety[month, items])
            plan_month(chunk, book, month, safety[month, items], orders[month, items], closing[month, items])
        in_transit(orders[:, items], chunk.pipeline_months, out=pipeline[:, items])
    return Plan(safety.T, orders.T, closing.T, pipeline.T)


def average_items(method: str | Sequence[str] | Flags, items: int) -> Flags:
    """True for the items whose policy is "average", False for "exact", from one name, or a name or flag per item."""
    if isinstance(method, str):
        check_methods(method)
        return np.broadcast_to(np.bool_(method == "average"), items)
    if len(method) != items:
        raise ShapeError(f"method has {len(method)} names, want one or one per item: {items}")
    if isinstance(method, np.ndarray):
        return method
    check_methods(method)
    return np.fromiter((name == "average" for name in method), np.bool_, items)


def safety_policy(chunk: Chunk, average: Flags) -> Callable[[int, Array], object]:
    """A function of a month and a row (items,), which it fills with that month's safety stock."""
    weeks = chunk.weeks_cover * chunk.holds_safety
    if not average.any():
        return DemandAfter(chunk.demand, weeks, chunk.mean_demand).month
    level = chunk.mean_demand / WEEKS_PER_MONTH * weeks
    if average.all():
        return lambda _, row: np.copyto(row, level)
    after = DemandAfter(chunk.demand, weeks, chunk.mean_demand)

    def by_item(month: int, row: Array) -> None:
        np.copyto(after.month(month, row), level, where=average)

    return by_item


def order_book(chunk: Chunk, net_transit: bool, stock: Array | None = None) -> OrderBook:
    """The order book of a chunk; it keeps the stock that enters the next month in ``stock``, if given."""
    rules = (chunk.frozen, chunk.proposes, chunk.moq, chunk.multiple)
    return OrderBook(chunk.opening, *rules, net_transit=net_transit, stock=stock)


def plan_month(chunk: Chunk, book: OrderBook, month: int, safety: Array, orders: Array, closing: Array) -> None:
    """Orders and closing stock of the next month from its safety stock, in place; rows of shape (items,)."""
    landed = chunk.arrivals[month] if month < len(chunk.arrivals) else None
    book.plan(month, landed, chunk.demand[month], safety, chunk.confirmed[month], orders, closing)
