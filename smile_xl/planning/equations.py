"""Equations of one item's figures, with their numbers: terms that add up to the figure, and the rules that applied.

Arguments are as in ``smile_xl.core``, for one item: a row of months, a row of eight weeks, single numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from smile_xl.core import (
    AVAILABILITY_MONTHS,
    HORIZON,
    WEEKS_PER_MONTH,
    DomainError,
    arrivals,
    average_cover,
    average_safety,
    closing_stock,
    exact_cover,
    exact_safety,
    projected_value,
    proposed_orders,
)
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH, NOISE


@dataclass(frozen=True)
class Source:
    """A cell that a term comes from: its block or column, and the month or week there, counted from 0."""

    block: str
    place: int = 0


@dataclass(frozen=True)
class Term:
    """One signed part of a figure; its label is ``explain.term.<label>`` in the catalogue."""

    label: str
    value: float
    sources: tuple[Source, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    """What the label names; ``month`` counts from 0."""


@dataclass(frozen=True)
class Rule:
    """A rule that applied; its text is ``explain.rule.<key>`` in the catalogue."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Equation:
    """A figure of one item in one month, the terms that add up to it, and the rules that applied."""

    report: str
    month: int
    value: float
    """Infinite where there is no demand to cover."""
    terms: list[Term]
    rules: list[Rule]


def safety(month: int, demand: Array, weeks_cover: float, method: str = "exact") -> Equation:
    """Safety stock: the demand of the wanted weeks."""
    policy = {"exact": exact_safety, "average": average_safety}[method]
    value = float(_of_month(policy([demand], weeks_cover)[0], month))
    rules = [Rule(f"safety_{method}", {"weeks": weeks_cover})]
    if method == "average":
        counted = demand[:HORIZON]
        factor = weeks_cover / WEEKS_PER_MONTH / len(counted)
        terms = [
            Term("mean_part", one * factor, (Source("forecast", place),), {"month": place, "demand": one})
            for place, one in enumerate(counted.tolist())
        ]
        return Equation("safety", month, value, terms, [*rules, Rule("mean_factor", {"factor": factor})])
    terms, beyond = _following(month, demand, weeks_cover)
    return Equation("safety", month, value, terms, rules + beyond)


def _following(month: int, demand: Array, weeks: float) -> tuple[list[Term], list[Rule]]:
    """The demand of the weeks after a month, month by month; beyond the demand given, at its mean."""
    if weeks <= 0:
        return [Term("no_weeks", 0.0, (Source("weeks_cover"),))], []
    left, terms = weeks, []
    for place in range(month + 1, len(demand)):
        if left <= 0:
            break
        part = min(left, WEEKS_PER_MONTH)
        values = {"month": place, "weeks": part, "demand": float(demand[place])}
        terms.append(Term("later", part / WEEKS_PER_MONTH * float(demand[place]), (Source("forecast", place),), values))
        left -= part
    if left <= 0:
        return terms, []
    mean = float(np.mean(demand[:HORIZON]))
    sources = tuple(Source("forecast", place) for place in range(len(demand[:HORIZON])))
    terms.append(Term("later_mean", left / WEEKS_PER_MONTH * mean, sources, {"weeks": left, "mean": mean}))
    return terms, [Rule("beyond", {"months": len(demand)})]


def orders(
    month: int,
    opening: float,
    transit: Array,
    landing: Array,
    demand: Array,
    safety: Array,
    confirmed: Array | None = None,
    *,
    frozen: int = 2,
    proposes: bool = True,
    moq: float = 0.0,
    multiple: float = 0.0,
    net_transit: bool = False,
) -> Equation:
    """Orders: the confirmed quantity, else what is firm in a frozen month, else what restores the safety stock."""
    landed = arrivals([transit], landing, len(demand))
    path = proposed_orders(
        [opening], landed, [demand], [safety], None if confirmed is None else [confirmed],
        frozen=frozen, proposes=proposes, moq=moq, multiple=multiple, net_transit=net_transit,
    )  # fmt: skip
    value = float(_of_month(path[0], month))
    if confirmed is not None and not math.isnan(confirmed[month]):
        term = Term("confirmed", value, (Source("confirmed", month),), {"month": month})
        return Equation("orders", month, value, [term], [Rule("confirmed")])
    if not proposes or month < frozen:
        rules = [] if proposes else [Rule("no_proposals")]
        rules += [Rule("frozen", {"months": frozen})] if month < frozen else []
        if month < FIRST_ORDER_MONTH:
            return Equation("orders", month, value, _landing(month, transit, landing), [*rules, Rule("firm_transit")])
        nothing = Term("nothing_confirmed", 0.0, (Source("confirmed", month),), {"month": month})
        return Equation("orders", month, value, [nothing], rules)
    stock = closing_stock([opening], landed, [demand], path)[0]
    usable = max(opening if month == 0 else float(stock[month - 1]), 0.0)
    carried, lost = _carried(month, opening, stock, minimum=True)
    terms = [
        Term("demand", float(demand[month]), (Source("forecast", month),), {"month": month}),
        Term("safety", float(safety[month]), (Source("safety", month),), {"month": month}),
        Term(carried.label, -usable, carried.sources, carried.values),
    ]
    if net_transit and month >= FIRST_ORDER_MONTH:
        terms += [Term(one.label, -one.value, one.sources, one.values) for one in _landing(month, transit, landing)]
    need = sum(term.value for term in terms)
    if need <= NOISE * float(demand[month] + safety[month]):
        terms += [Term("enough", -need)] if need else []
        return Equation("orders", month, value, terms, [*lost, Rule("enough")])
    return Equation("orders", month, value, terms + _lots(need, value, moq, multiple), [*lost, Rule("proposed")])


def _lots(need: float, value: float, moq: float, multiple: float) -> list[Term]:
    """What the minimum order and the multiple add to a need."""
    raised = max(need, moq)
    terms = [Term("moq", raised - need, (Source("moq"),), {"moq": moq})] if raised > need else []
    if multiple:
        terms.append(Term("multiple", value - raised, (Source("multiple"),), {"multiple": multiple}))
    return terms


def closing(
    month: int,
    opening: float,
    transit: Array,
    landing: Array,
    demand: Array,
    orders: Array,
    *,
    backorders: bool = False,
) -> Equation:
    """Closing stock: what is there, what arrives, what is ordered, less the demand."""
    landed = arrivals([transit], landing, len(demand))
    path = closing_stock([opening], landed, [demand], [orders], backorders=backorders)[0]
    value = float(_of_month(path, month))
    carried, rules = _carried(month, opening, path, minimum=month > 0 and not backorders)
    terms = [carried, *_landing(month, transit, landing)]
    if month >= FIRST_ORDER_MONTH:
        terms.append(Term("orders", float(orders[month]), (Source("orders", month),), {"month": month}))
    else:
        rules.append(Rule("orders_are_transit"))
    terms.append(Term("demand", -float(demand[month]), (Source("forecast", month),), {"month": month}))
    if value < 0:
        rules.append(Rule("shortage"))
    return Equation("closing", month, value, terms, rules)


def _carried(month: int, opening: float, path: Array, *, minimum: bool) -> tuple[Term, list[Rule]]:
    """The stock that a month starts with, a shortage counting 0 where there is a ``minimum``; with the rule for it."""
    if month == 0:
        stock, term = opening, Term("opening", max(opening, 0.0) if minimum else opening, (Source("opening"),))
    else:
        stock = float(path[month - 1])
        value = max(stock, 0.0) if minimum else stock
        term = Term("stock", value, (Source("closing", month - 1),), {"month": month - 1})
    return term, [Rule("lost", {"tonnes": -stock})] if minimum and stock < 0 else []


def _landing(month: int, transit: Array, landing: Array) -> list[Term]:
    """The weeks whose transit lands in a month."""
    return [
        Term("lands", float(transit[week]), (Source("transit", week),), {"week": week, "month": month})
        for week in np.flatnonzero(landing == month).tolist()
    ]


def cover(month: int, stock: float, demand: Array, method: str = "exact") -> Equation:
    """Weeks that a stock at the start of a month lasts; ``demand`` is that of all months, from 0 on."""
    ahead = demand[month:]
    if not len(ahead):
        raise DomainError(f"month is {month}, want 0 to {len(demand) - 1}")
    source = Source("opening") if month == 0 else Source("closing", month - 1)
    rules = [Rule("cover_stock", {"tonnes": max(stock, 0.0)})]
    if method == "average":
        window = ahead[:AVAILABILITY_MONTHS]
        value = float(average_cover([[stock]], [ahead])[0, 0])
        if not math.isfinite(value):
            return Equation("cover", month, math.inf, [], [*rules, Rule("no_demand")])
        sources = (source, *(Source("forecast", month + place) for place in range(len(window))))
        values = {"stock": max(stock, 0.0), "mean": float(window.mean())}
        return Equation("cover", month, value, [Term("stock_over_mean", value, sources, values)], rules)
    weeks, capped = exact_cover([[stock]], [ahead])
    left, wanted_so_far, terms = max(stock, 0.0), 0.0, []
    for place, wanted in enumerate(ahead.tolist(), start=month):
        wanted_so_far += wanted
        short = wanted - left > NOISE * wanted_so_far
        part = left / wanted if short else 1.0
        values = {"month": place, "demand": wanted, "left": left}
        terms.append(Term("lasts", part * WEEKS_PER_MONTH, (Source("forecast", place),), values))
        if short:
            break
        left = max(left - wanted, 0.0)
    if not ahead.any():
        rules.append(Rule("no_demand"))
    if capped[0, 0]:
        rules.append(Rule("capped", {"months": len(ahead), "weeks": float(weeks[0, 0])}))
    return Equation("cover", month, float(weeks[0, 0]), terms, rules)


def projection(
    month: int,
    closing: float,
    pipeline: float,
    unit_cost: float,
    landed_cost: float,
    coming: Sequence[tuple[int, float]] | None = None,
) -> Equation:
    """Value of the stock; ``coming`` gives the orders that the pipeline consists of, by month."""
    value = float(projected_value([[closing]], [[pipeline]], unit_cost, landed_cost)[0, 0])
    on_hand = max(closing, 0.0)
    here = (Source("closing", month), Source("unit_cost"))
    terms = [Term("on_hand", on_hand * unit_cost, here, {"tonnes": on_hand, "cost": unit_cost, "month": month})]
    if coming is None:
        terms.append(Term("in_transit", pipeline * landed_cost, (), {"tonnes": pipeline, "cost": landed_cost}))
    for later, tonnes in coming or ():
        values = {"month": later, "tonnes": tonnes, "cost": landed_cost}
        terms.append(Term("coming", tonnes * landed_cost, (Source("orders", later), Source("landed_cost")), values))
    return Equation("projection", month, value, terms, [Rule("worthless")] if closing < 0 else [])


def _of_month(values: Array, month: int) -> float:
    if not 0 <= month < len(values):
        raise DomainError(f"month is {month}, want 0 to {len(values) - 1}")
    return float(values[month])
