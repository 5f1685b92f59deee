"""The plan of a whole portfolio in one pass: safety stock, orders, closing stock, pipeline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smile_xl.core.arrivals import land, landing_months
from smile_xl.core.checks import Array, by_item, by_month, same_shape
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.orders import order_and_close, order_multiple
from smile_xl.core.pipeline import in_transit
from smile_xl.core.safety import average_safety, exact_safety
from smile_xl.core.units import HORIZON, TRANSIT_WEEKS

CHUNK = 16_384
"""Items computed at a time: their buffers stay in the processor's cache."""

SAFETY_METHODS = {"average": average_safety, "exact": exact_safety}


@dataclass(frozen=True)
class Portfolio:
    """Inputs of all items, one row each; quantities in tonnes."""

    opening: Array
    """Stock on hand when month 0 starts, shape (items,)."""
    transit: Array
    """Stock in transit due in each of the next eight weeks, shape (items, 8)."""
    demand: Array
    """Forecast demand, shape (items, 12 months or more)."""
    confirmed: Array
    """Confirmed orders, shape (items, 12), NaN where none."""
    weeks_cover: Array
    """Wanted weeks of safety cover, shape (items,)."""
    landing: np.ndarray
    """Month in which each transit week lands, shape (items, 8)."""
    frozen: np.ndarray
    """Months that can't be re-planned, shape (items,)."""
    pipeline_months: np.ndarray
    """Months in transit before landing, shape (items,)."""
    proposes: np.ndarray
    """False for items that run out, shape (items,)."""
    holds_safety: np.ndarray
    """False for items without safety stock, shape (items,)."""
    moq: Array
    """Minimum order, 0 for none, shape (items,)."""
    multiple: Array
    """Order multiple, 0 for none, shape (items,)."""

    def __len__(self) -> int:
        return len(self.demand)


@dataclass(frozen=True)
class Plan:
    """Results of all items, each of shape (items, 12), in tonnes."""

    safety: Array
    orders: Array
    closing: Array
    pipeline: Array


def plan_portfolio(portfolio: Portfolio, *, method: str = "exact", net_transit: bool = False) -> Plan:
    """Safety stock, orders, closing stock and pipeline of every item.

    ``method`` is the safety policy, "exact" or "average"; ``net_transit`` nets late transit from the orders. Raises
    DomainError or ShapeError where an input is out of range. Items do not influence one another.
    """
    if method not in SAFETY_METHODS:
        raise DomainError(f"method is {method!r}, want one of {', '.join(sorted(SAFETY_METHODS))}")
    _check(portfolio)
    shape = (len(portfolio), HORIZON)
    plan = Plan(*(np.empty(shape) for _ in range(4)))
    for start in range(0, len(portfolio), CHUNK):
        _plan_chunk(portfolio, plan, slice(start, start + CHUNK), method=method, net_transit=net_transit)
    return plan


def _plan_chunk(portfolio: Portfolio, plan: Plan, items: slice, *, method: str, net_transit: bool) -> None:
    demand = portfolio.demand[items]
    weeks = np.where(portfolio.holds_safety[items], portfolio.weeks_cover[items], 0.0)
    safety = SAFETY_METHODS[method](demand, weeks)
    landed = np.zeros((HORIZON, len(demand)))
    land(landed, portfolio.transit[items].T, portfolio.landing[items].T)
    orders, closing = order_and_close(
        portfolio.opening[items],
        landed,
        np.ascontiguousarray(demand[:, :HORIZON].T),
        np.ascontiguousarray(safety.T),
        np.ascontiguousarray(portfolio.confirmed[items].T),
        portfolio.frozen[items],
        portfolio.proposes[items],
        portfolio.moq[items],
        portfolio.multiple[items],
        net_transit=net_transit,
    )
    plan.safety[items] = safety
    plan.orders[items] = orders.T
    plan.closing[items] = closing.T
    plan.pipeline[items] = in_transit(orders, portfolio.pipeline_months[items]).T


def _check(portfolio: Portfolio) -> None:
    demand = by_month("demand", portfolio.demand)
    items = len(demand)
    if demand.shape[1] < HORIZON:
        raise ShapeError(f"demand has {demand.shape[1]} months, want {HORIZON} or more")
    same_shape("confirmed", by_month("confirmed", portfolio.confirmed, blanks=True), "demand", demand[:, :HORIZON])
    if by_month("transit", portfolio.transit).shape != (items, TRANSIT_WEEKS):
        raise ShapeError(f"transit has shape {portfolio.transit.shape}, want ({items}, {TRANSIT_WEEKS})")
    landing_months(portfolio.landing, items)
    by_item("opening", portfolio.opening, items, signed=True)
    order_multiple(portfolio.multiple, items)
    for name in ("weeks_cover", "moq", "frozen", "pipeline_months"):
        by_item(name, getattr(portfolio, name), items)
