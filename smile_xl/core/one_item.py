"""The equations for one item alone, in plain floats: what the array forms give, to the last bit.

An operation of numpy takes as long for one number as for a hundred, and a year has dozens of them: for one item,
Python's own floats are 10 to 30 times faster. The array forms are the definition; the tests hold these functions
against them.

A row is a sequence of floats, one per month. Nothing is checked here: the caller gives finite numbers below
``LARGEST``, none negative where the array forms want none, and rows that fit together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from smile_xl.core.units import (
    AVAILABILITY_MONTHS,
    FIRST_ORDER_MONTH,
    HORIZON,
    NOISE,
    WEEKS_PER_MONTH,
)

Row = Sequence[float]

NORMAL = NormalDist()

LARGEST = 1e300
"""Below it, no sum of a few rows can become infinite, which arrays and plain floats treat differently."""


def arrivals(transit: Row, landing: Sequence[int], months: int) -> list[float]:
    """As :func:`smile_xl.core.arrivals`."""
    landed = [0.0] * months
    for week, month in zip(transit, landing, strict=True):
        if month < months:
            landed[month] += week
    return landed


def closing_stock(opening: float, arrivals: Row, demand: Row, orders: Row, *, backorders: bool) -> list[float]:
    """As :func:`smile_xl.core.closing_stock`."""
    closing, stock = [], opening
    for month, (landed, needed, ordered) in enumerate(zip(arrivals, demand, orders, strict=True)):
        left = stock + landed - needed
        if month >= FIRST_ORDER_MONTH:
            left += ordered
        closing.append(left)
        stock = left if backorders or left > 0.0 else 0.0
    return closing


def proposed_orders(
    opening: float,
    arrivals: Row,
    demand: Row,
    safety: Row,
    confirmed: Sequence[float | None] | None,
    *,
    frozen: int,
    proposes: bool,
    moq: float,
    multiple: float,
    net_transit: bool,
) -> list[float]:
    """As :func:`smile_xl.core.proposed_orders`; None where nothing is confirmed."""
    orders, stock, usable = [], opening, opening if opening > 0.0 else 0.0
    for month, (landed, needed, wanted) in enumerate(zip(arrivals, demand, safety, strict=True)):
        changeable = proposes and month >= frozen
        agreed = None if confirmed is None else confirmed[month]
        if agreed is not None:
            ordered = agreed
        elif changeable:
            ordered = _proposal(needed + wanted, usable, landed if net_transit else 0.0, month, moq, multiple)
        else:
            ordered = 0.0
        if agreed is None and not changeable and month < FIRST_ORDER_MONTH:
            ordered = landed
        orders.append(ordered)
        left = stock + landed - needed
        if month >= FIRST_ORDER_MONTH:
            left += ordered
        stock = usable = left if left > 0.0 else 0.0
    return orders


def _proposal(required: float, usable: float, netted: float, month: int, moq: float, multiple: float) -> float:
    need = required - usable
    if month >= FIRST_ORDER_MONTH:
        need -= netted
    if not need > required * NOISE:
        return 0.0
    need = max(need, moq)
    return math.ceil(need / multiple * (1 - NOISE)) * multiple if multiple else need


def pipeline_stock(orders: Row, months: int) -> list[float]:
    """As :func:`smile_xl.core.pipeline_stock`."""
    pipeline = []
    for month in range(1, len(orders) + 1):
        ahead = 0.0
        for later in orders[month : month + months]:
            ahead += later
        pipeline.append(ahead)
    return pipeline


def average_safety(demand: Row, weeks_cover: float) -> list[float]:
    """As :func:`smile_xl.core.average_safety`."""
    return [_mean_demand(demand) / WEEKS_PER_MONTH * weeks_cover] * min(len(demand), HORIZON)


def exact_safety(demand: Row, weeks_cover: float) -> list[float]:
    """As :func:`smile_xl.core.exact_safety`."""
    months, mean = weeks_cover / WEEKS_PER_MONTH, _mean_demand(demand)
    return [_demand_from(start, demand, months, mean) for start in range(1, min(len(demand), HORIZON) + 1)]


def stock_target(target: float, unit: str, demand: Row, unit_cost: float) -> float:
    """The first figure of :func:`smile_xl.core.stock_target`, at the start of month 0."""
    if unit == "weeks":
        return _demand_from(0, demand, target / WEEKS_PER_MONTH, _mean_demand(demand))
    return target / unit_cost if unit == "cash" else target


def _demand_from(start: int, demand: Row, months: float, mean: float) -> float:
    """Demand of so many months from one on; those beyond the demand given count as the mean."""
    whole, given = int(months), len(demand) - start
    wanted = 0.0
    for later in demand[start : start + whole]:
        wanted += later
    if whole < months and whole < given:
        wanted += (months - whole) * demand[start + whole]
    if months > given:
        wanted += (months - given) * mean
    return wanted


def _mean_demand(demand: Row) -> float:
    total = 0.0
    for month in demand[:HORIZON]:  # not sum(), which rounds otherwise
        total += month
    return total / min(len(demand), HORIZON)


def statistical_safety(
    service_level: float, demand_mean: float, demand_sd: float, lead_time_mean: float, lead_time_sd: float
) -> float:
    """As :func:`smile_xl.core.statistical_safety`."""
    variance = lead_time_mean * (demand_sd * demand_sd) + (demand_mean * demand_mean) * (lead_time_sd * lead_time_sd)
    return NORMAL.inv_cdf(service_level) * math.sqrt(variance)


def safety_gain(old: Row, new: Row) -> list[float]:
    """As :func:`smile_xl.core.safety_gain`, from the safety stock of either policy."""
    return [before - after for before, after in zip(old, new, strict=True)]


def projected_value(closing: Row, pipeline: Row, unit_cost: float, landed_cost: float) -> list[float]:
    """As :func:`smile_xl.core.projected_value`."""
    return [
        (stock if stock > 0.0 else 0.0) * unit_cost + transit * landed_cost
        for stock, transit in zip(closing, pipeline, strict=True)
    ]


def shortage_risk(closing: Row) -> list[float]:
    """As :func:`smile_xl.core.shortage_risk`."""
    return [-stock if stock < 0.0 else 0.0 for stock in closing]


def opportunity(closing: Row) -> list[float]:
    """As :func:`smile_xl.core.opportunity`."""
    return [stock if stock > 0.0 else 0.0 for stock in closing]


def overstock(closing: Row, demand: Row, weeks_cover: float) -> list[float]:
    """As :func:`smile_xl.core.overstock`."""
    excess = []
    for stock, wanted in zip(closing, exact_safety(demand, weeks_cover + WEEKS_PER_MONTH), strict=False):
        above = stock - wanted
        excess.append(above if above > NOISE * stock and above > 0.0 else 0.0)
    return excess


def exact_cover(stock: Row, demand: Row) -> list[float]:
    """Weeks as in :func:`smile_xl.core.exact_cover`."""
    cover = []
    for start, left in enumerate(stock):
        months = wanted_so_far = 0.0
        left = left if left > 0.0 else 0.0
        for wanted in demand[start:]:
            wanted_so_far += wanted
            if wanted - left > NOISE * wanted_so_far:
                months += left / wanted
                break
            months += 1.0
            left = left - wanted if left > wanted else 0.0
        cover.append(months * WEEKS_PER_MONTH)
    return cover


def average_cover(stock: Row, demand: Row) -> list[float] | None:
    """As :func:`smile_xl.core.average_cover`; None where there is no demand."""
    mean = float(np.array(demand[:AVAILABILITY_MONTHS]).mean())  # numpy's own order of additions
    return [(one if one > 0.0 else 0.0) * WEEKS_PER_MONTH / mean for one in stock] if mean > 0.0 else None


def coefficient_of_variation(demand: Row) -> float | None:
    """As :func:`smile_xl.core.coefficient_of_variation`; None where there is no demand."""
    year = np.array(demand[:HORIZON])
    mean = float(np.add.reduce(year)) / len(year)  # numpy's own order of additions, as in its std
    if not mean > 0.0:
        return None
    year -= mean
    year *= year
    return math.sqrt(float(np.add.reduce(year)) / len(year)) / mean
