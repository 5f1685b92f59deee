"""The call of a sheet function as an equation: its arguments, for one item, are those of the function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

import numpy as np

from smile_xl import arguments as given
from smile_xl.core import HORIZON, DomainError, ShapeError
from smile_xl.planning import equations
from smile_xl.planning.equations import Equation
from smile_xl.planning.explanation import REPORTS, in_short, report_of
from smile_xl.planning.names import as_text

LONGEST = 255
"""Characters of a text that every edge to a spreadsheet can give back."""

Call = Callable[..., Equation]


def explanation(report: object, month: object, arguments: Sequence[object]) -> str:
    """The equation of one figure as text; ``arguments`` as those of the function explained, None where omitted."""
    named = report_of(as_text(given.single("report", report)))
    if named is None:
        raise DomainError(f"report is {as_text(report)!r}, want one of {', '.join(REPORTS)}")
    key, spoken = named
    return in_short(equation_of(key, given.whole("month", month, 0, HORIZON - 1), arguments), spoken, LONGEST)


def equation_of(report: str, month: int, arguments: Sequence[object]) -> Equation:
    """The equation of one figure of one item."""
    call = CALLS[report]
    while arguments and arguments[-1] is None:
        arguments = arguments[:-1]
    _, *wanted = inspect.signature(call).parameters.values()
    if len(arguments) > len(wanted):
        raise ShapeError(f"{report} has {len(arguments)} arguments, want at most {len(wanted)}")
    missing = [one.name for one in wanted[len(arguments) :] if one.default is one.empty]
    if missing:
        raise ShapeError(f"{missing[0]} is missing")
    return call(month, *arguments)


def _safety(month: int, demand: object, weeks_cover: object, method: object = None) -> Equation:
    policy = "exact" if method is None else given.option("method", method, ("exact", "average"))
    return equations.safety(month, given.one_item("demand", demand), given.number("weeks_cover", weeks_cover), policy)


def _orders(
    month: int,
    country: object,
    opening: object,
    transit: object,
    demand: object,
    safety: object,
    confirmed: object = None,
    status: object = None,
    moq: object = None,
    multiple: object = None,
    rules: object = None,
    statuses: object = None,
    net_transit: object = None,
) -> Equation:
    rule = given.country_rules(country, rules, 1)[0]
    return equations.orders(
        month,
        given.number("opening", opening),
        given.one_item("transit", transit),
        np.array(rule.landing),
        given.one_item("demand", demand),
        given.one_item("safety", safety),
        None if confirmed is None else given.one_item("confirmed", confirmed, blank=np.nan),
        frozen=rule.frozen,
        proposes=True if status is None else given.status_rules(status, statuses, 1)[0].proposes,
        moq=given.number("moq", moq),
        multiple=given.number("multiple", multiple),
        net_transit=given.flag("net_transit", net_transit),
    )


def _closing(
    month: int,
    country: object,
    opening: object,
    transit: object,
    demand: object,
    orders: object,
    rules: object = None,
    backorders: object = None,
) -> Equation:
    return equations.closing(
        month,
        given.number("opening", opening),
        given.one_item("transit", transit),
        np.array(given.country_rules(country, rules, 1)[0].landing),
        given.one_item("demand", demand),
        given.one_item("orders", orders),
        backorders=given.flag("backorders", backorders),
    )


def _cover(month: int, stock: object, demand: object, method: object = None) -> Equation:
    policy = "exact" if method is None else given.option("method", method, ("exact", "average"))
    stocks, wanted = given.one_item("stock", stock), given.one_item("demand", demand)
    if month >= len(stocks):
        raise DomainError(f"month is {month}, stock has {len(stocks)} months")
    # The average looks at the first months of the demand, whichever stock it covers.
    ahead = wanted if policy == "exact" else np.concatenate((np.zeros(month), wanted))
    return equations.cover(month, float(stocks[month]), ahead, policy)


def _projection(month: int, closing: object, pipeline: object, unit_cost: object, landed_cost: object) -> Equation:
    stocks, coming = given.one_item("closing", closing), given.one_item("pipeline", pipeline)
    if month >= min(len(stocks), len(coming)):
        raise DomainError(f"month is {month}, closing has {len(stocks)} months, pipeline {len(coming)}")
    costs = (given.number("unit_cost", unit_cost), given.number("landed_cost", landed_cost))
    return equations.projection(month, float(stocks[month]), float(coming[month]), *costs)


CALLS: dict[str, Call] = {
    "safety": _safety,
    "orders": _orders,
    "closing": _closing,
    "cover": _cover,
    "projection": _projection,
}
"""What makes the equation of each report."""
