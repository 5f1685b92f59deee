"""Equations of the figures of a cycle's items, with the rows of the rules that applied."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from smile_xl.core import AVAILABILITY_MONTHS, HORIZON, PROJECTION_MONTHS
from smile_xl.planning import equations, tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.equations import Equation, Rule, Source
from smile_xl.planning.names import plain
from smile_xl.planning.tables import month_text

MONTHS = {"safety": HORIZON, "orders": HORIZON, "closing": HORIZON, "cover": HORIZON, "projection": PROJECTION_MONTHS}
"""Months of which each figure can be explained."""


def item_equation(cycle: Cycle, report: str, item: int, month: int) -> Equation:
    """The equation of an item's figure in a month, counted from 0."""
    return _EQUATIONS[report](cycle, item, month)


def _safety(cycle: Cycle, item: int, month: int) -> Equation:
    portfolio, method = cycle.inputs.portfolio, cycle.inputs.safety_methods[item]
    weeks = float(portfolio.weeks_cover[item]) if portfolio.holds_safety[item] else 0.0
    equation = equations.safety(month, portfolio.demand[item], weeks, method)
    first, *others = equation.rules
    chosen = Source("policy") if item in cycle.inputs.policies else Source("safety_method")
    method_rule = replace(first, sources=(Source("weeks_cover"), chosen))
    return replace(equation, rules=[method_rule, *others, _status_row(cycle, item)])


def _orders(cycle: Cycle, item: int, month: int) -> Equation:
    portfolio, settings = cycle.inputs.portfolio, cycle.inputs.settings
    equation = equations.orders(
        month,
        float(portfolio.opening[item]),
        portfolio.transit[item],
        portfolio.landing[item],
        portfolio.demand[item, :HORIZON],
        cycle.plan.safety[item],
        portfolio.confirmed[item],
        frozen=int(portfolio.frozen[item]),
        proposes=bool(portfolio.proposes[item]),
        moq=float(portfolio.moq[item]),
        multiple=float(portfolio.multiple[item]),
        net_transit=settings.net_transit,
    )
    net = [Rule("net_transit", sources=(Source("net_transit"),))] if settings.net_transit else []
    return replace(equation, rules=[*equation.rules, *net, _country_row(cycle, item), _status_row(cycle, item)])


def _closing(cycle: Cycle, item: int, month: int) -> Equation:
    portfolio = cycle.inputs.portfolio
    equation = equations.closing(
        month,
        float(portfolio.opening[item]),
        portfolio.transit[item],
        portfolio.landing[item],
        portfolio.demand[item, :HORIZON],
        cycle.plan.orders[item],
    )
    return replace(equation, rules=[*equation.rules, _country_row(cycle, item)])


def _cover(cycle: Cycle, item: int, month: int) -> Equation:
    portfolio = cycle.inputs.portfolio
    stock = float(portfolio.opening[item]) if month == 0 else float(cycle.plan.closing[item, month - 1])
    equation = equations.cover(month, stock, portfolio.demand[item])
    source = Source("opening") if month == 0 else Source("closing", month - 1)
    first, *others = equation.rules
    brand = [_brand_cover(cycle, item, month)] if month < AVAILABILITY_MONTHS else []
    return replace(equation, rules=[replace(first, sources=(source,)), *others, *brand])


def _projection(cycle: Cycle, item: int, month: int) -> Equation:
    inputs, plan = cycle.inputs, cycle.plan
    last = month + int(inputs.portfolio.pipeline_months[item])
    coming = [(later, float(plan.orders[item, later])) for later in range(month + 1, min(last + 1, HORIZON))]
    equation = equations.projection(
        month,
        float(plan.closing[item, month]),
        float(plan.pipeline[item, month]),
        float(inputs.unit_cost[item]),
        float(inputs.landed_cost[item]),
        coming,
    )
    tail = [Rule("tail", {"count": last - HORIZON + 1})] if last >= HORIZON else []
    return replace(equation, rules=[*equation.rules, *tail, _country_row(cycle, item)])


def _country_row(cycle: Cycle, item: int) -> Rule:
    rule = cycle.inputs.countries[plain(cycle.inputs.items.iloc[item]["country"])]
    values = {
        "country": rule.name,
        "frozen": rule.frozen,
        "landing": " ".join(map(str, rule.landing)),
        "pipeline": rule.pipeline,
    }
    return Rule("country_row", values, (Source("country_row"),))


def _status_row(cycle: Cycle, item: int) -> Rule:
    rule = cycle.inputs.statuses[plain(cycle.inputs.items.iloc[item]["status"])]
    key = f"status_{'proposes' if rule.proposes else 'runs_out'}_{'holds' if rule.holds_safety else 'bare'}"
    return Rule(key, {"status": rule.name}, (Source("status"), Source("status_row")))


def _brand_cover(cycle: Cycle, item: int, month: int) -> Rule:
    """What the Availability report shows for the item's brand."""
    row = cycle.inputs.items.iloc[item]
    rows = tidy.availability(cycle)
    rows = rows[(rows["stock"] == tidy.STOCKS[0]) & (rows["method"] == "exact")]
    rows = rows[(rows["country"] == row["country"]) & (rows["brand"] == row["brand"])]
    one = rows[rows["month"] == month_text(cycle.inputs.months[month])].iloc[0]
    values = {"brand": row["brand"], "country": row["country"], "weeks": float(one["weeks"])}
    if math.isnan(one["weeks"]):
        return Rule("brand_no_demand", values)
    if math.isnan(one["target"]):
        return Rule("brand_cover", values)
    return Rule("brand_cover_target", {**values, "target": float(one["target"])})


_EQUATIONS: dict[str, Callable[[Cycle, int, int], Equation]] = {
    "safety": _safety,
    "orders": _orders,
    "closing": _closing,
    "cover": _cover,
    "projection": _projection,
}
