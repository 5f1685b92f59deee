"""Scenarios: what if demand, delays, policy or costs of some items were different. The base is never touched.

A scenario is a list of changes, each of which names the items that it is for. ``apply`` gives what the changed items
are planned with, vectorised over any number of items; the arrays that no change touches are those of the base.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smile_xl.core import HORIZON, SAFETY_METHODS, Portfolio, late_landing, late_months, late_orders
from smile_xl.core.checks import Array
from smile_xl.core.lateness import LONGEST_DELAY
from smile_xl.language import Language, SaidError, say
from smile_xl.planning.findings import Label, said_values
from smile_xl.planning.names import as_text, join_key, key_of, plain

if TYPE_CHECKING:
    import pandas as pd

    from smile_xl.planning.inputs import Inputs

RELATIVE = ("demand", "unit_cost", "landed_cost")
"""What is changed by a percentage; 0.1 is +10 %."""

IN_WEEKS = ("delay", "weeks_cover")
"""What is changed by a number of weeks."""

WHAT = ("demand", "delay", "policy", "weeks_cover", "unit_cost", "landed_cost")
"""What a change can be of."""

ATTRIBUTES = ("country", "sap_code", "description", "status", "sourcing_unit", "category", "sub_category", "brand")
"""By what a change picks its items."""

MOST_WEEKS = 520.0
"""Weeks of cover beyond which a change is a mistake: ten years."""


class ScenarioError(SaidError):
    """A change that can't be understood; its text stands in the catalogue as ``scenarios.<code>``."""

    topic = "scenarios"

    def text(self, language: Language) -> str:
        """The text in a language, with the words of that language for what can be chosen."""
        return say(f"scenarios.{self.code}", language, **said_values(self.values, language))


Selector = tuple[tuple[str, str], ...]
"""Pairs of attribute and value; none picks every item, an attribute that stands twice picks either value."""


@dataclass(frozen=True)
class Change:
    """One change of some items; as :func:`change_of` reads it, it is in range.

    ============================== ====================================================================
    what                           effect on each item picked
    ============================== ====================================================================
    demand, unit_cost, landed_cost times ``factor``
    weeks_cover                    plus ``shift`` weeks, at least 0
    policy                         the safety stock is that of ``policy``: exact or average
    delay                          what is under way comes ``shift`` weeks later; new orders take longer
    ============================== ====================================================================

    A delay of n whole weeks: transit due in week k lands where that of week k + n would (``core.late_landing``). What
    is known by month moves by n / 4.25 months, to the nearest whole number: confirmed orders of month 2 and later land
    later (``core.late_orders``); the frozen months and the pipeline months grow by as much, since an order that is
    placed now is longer under way. So a delay of one or two weeks moves the transit alone.
    """

    what: str
    where: Selector = ()
    factor: float = 1.0
    shift: float = 0.0
    policy: str = ""


@dataclass(frozen=True)
class Scenario:
    """A named list of changes, which are made one after the other."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Labels:
    """An attribute of all items: its distinct values, and each item's place among them."""

    names: Sequence[str]
    places: NDArray[np.integer]

    @classmethod
    def of(cls, values: Sequence[str]) -> Labels:
        """The labels of a column of texts."""
        names = list(dict.fromkeys(values))
        position = {name: place for place, name in enumerate(names)}
        return cls(names, np.array([position[value] for value in values], dtype=np.intp))


Attributes = Mapping[str, Labels]


@dataclass(frozen=True)
class Case:
    """What a portfolio is planned with, and valued at."""

    portfolio: Portfolio
    unit_cost: Array
    """Shape (items,), money / t."""
    landed_cost: Array
    average: NDArray[np.bool_]
    """True for items whose safety stock is the average policy's, False for the exact one's, shape (items,)."""


def change_of(what: object, where: object, change: object) -> Change:
    """A change as people write it; raises ScenarioError.

    Parameters
    ----------
    what : text
        One of WHAT, under any of its names in English or French.
    where : text
        Attributes and values, such as ``country=Morocco; brand=B1``; blank for every item.
    change : number or text
        Demand and costs: ``+10 %`` or ``-5 %``, as a number 0.1 or -0.05 (so a cell holds a percentage); a number above
        1 is refused: whoever types 10 means 10 %. Delay and
        weeks of cover: weeks, such as ``2``, ``+1.5``. Policy: ``exact`` or ``average``.
    """
    kind = key_of("what", as_text(what), WHAT)
    if kind is None:
        raise ScenarioError("what_unknown", text=as_text(what), known=_labels("what", WHAT))
    selector = selector_of(as_text(where))
    if kind == "policy":
        policy = key_of("value", as_text(change), SAFETY_METHODS)
        if policy is None:
            raise ScenarioError("policy_unknown", text=as_text(change), known=_labels("value", SAFETY_METHODS))
        return Change(kind, selector, policy=policy)
    number, percent = _number(change)
    if kind in RELATIVE:
        share = number / 100 if percent else number
        what_label = Label(f"headers.what.{kind}")
        if not -1 <= share <= 100 or (isinstance(change, str) and not percent):
            raise ScenarioError("share_wrong", what=what_label, text=as_text(change))
        if share > 1 and not percent:
            raise ScenarioError("share_unclear", what=what_label, text=as_text(change))
        return Change(kind, selector, factor=1 + share)
    if kind == "delay" and not (number.is_integer() and 0 <= number <= LONGEST_DELAY and not percent):
        raise ScenarioError("delay_wrong", text=as_text(change), most=LONGEST_DELAY)
    if percent or not abs(number) <= MOST_WEEKS:
        raise ScenarioError("weeks_wrong", text=as_text(change), most=f"{MOST_WEEKS:g}")
    return Change(kind, selector, shift=number)


def _labels(topic: str, keys: Sequence[str]) -> list[Label]:
    return [Label(f"headers.{topic}.{key}") for key in keys]


def selector_of(text: str, known: tuple[str, ...] = ATTRIBUTES) -> Selector:
    """Pairs of attribute and value from text such as ``country=Morocco; brand=B1``; raises ScenarioError."""
    return tuple(_pair(part, known) for part in text.split(";") if part.strip())


def _pair(text: str, known: tuple[str, ...]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    attribute = key_of("column", name, known)
    if not equals or not value.strip() or attribute is None:
        raise ScenarioError("where_wrong", text=text.strip(), known=_labels("column", known))
    return attribute, value.strip()


_NUMBER = re.compile(r"([+-]?)\s*(\d+(?:[.,]\d+)?)\s*(%?)")


def _number(value: object) -> tuple[float, bool]:
    """A number, and whether it is said in percent; NaN for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), False
    found = _NUMBER.fullmatch(as_text(value).replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " "))
    if not found:
        return math.nan, False
    return float(found[1] + found[2].replace(",", ".")), bool(found[3])


def picked(attributes: Attributes, where: Selector) -> NDArray[np.bool_] | None:
    """The items that a selector picks, shape (items,); None for every item."""
    if not where:
        return None
    wanted: dict[str, set[str]] = {}
    for attribute, value in where:
        wanted.setdefault(attribute, set()).add(comparable(attribute, value))
    chosen: NDArray[np.bool_] | None = None
    for attribute, values in wanted.items():
        labels = attributes[attribute]
        good = np.fromiter(
            (comparable(attribute, name) in values for name in labels.names), np.bool_, len(labels.names)
        )
        these = good[labels.places] if len(good) else np.zeros(len(labels.places), dtype=np.bool_)
        chosen = these if chosen is None else chosen & these
    return chosen


def comparable(attribute: str, text: str) -> str:
    """The form in which values of an attribute are compared: countries, statuses and flows in either language."""
    if attribute in ("country", "status"):
        return key_of(attribute, text) or plain(text)
    if attribute == "flow":
        return key_of("value", text) or text.strip().casefold()
    return join_key(text.strip()) if attribute == "sap_code" else text.strip().casefold()


def apply(case: Case, attributes: Attributes, changes: Sequence[Change]) -> Case:
    """What the items are planned with after some changes, one after the other; shares what none of them touches."""
    for change in changes:
        chosen = picked(attributes, change.where)
        if chosen is not None and chosen.all():
            chosen = None
        if chosen is None or chosen.any():
            case = _EFFECTS[change.what](case, change, chosen)
    return case


def touched(attributes: Attributes, changes: Sequence[Change]) -> NDArray[np.bool_] | None:
    """The items that any of the changes picks, shape (items,); None for every item."""
    masks = [picked(attributes, change.where) for change in changes]
    given = [mask for mask in masks if mask is not None]
    return None if len(given) < len(masks) else np.logical_or.reduce(given)


def part_of(case: Case, items: NDArray[np.intp]) -> Case:
    """Some items of a case."""

    def some(values: np.ndarray) -> np.ndarray:
        return values.T.take(items, axis=-1).T  # month by month

    portfolio = Portfolio(**{name: some(values) for name, values in vars(case.portfolio).items()})
    return Case(portfolio, some(case.unit_cost), some(case.landed_cost), some(case.average))


Chosen = NDArray[np.bool_] | None
_Effect = Callable[[Case, Change, Chosen], Case]


def _where(chosen: Chosen, new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """The new values of the chosen items, the old ones of the others; rows are items."""
    if chosen is None:
        return new
    return np.where(chosen.reshape(-1, *(1,) * (old.ndim - 1)), new, old)


def _demand(case: Case, change: Change, chosen: Chosen) -> Case:
    portfolio = case.portfolio
    factor = change.factor if chosen is None else np.where(chosen, change.factor, 1.0)[:, np.newaxis]
    return replace(case, portfolio=replace(portfolio, demand=portfolio.demand * factor))


def _delay(case: Case, change: Change, chosen: Chosen) -> Case:
    portfolio, weeks = case.portfolio, int(change.shift)
    months = late_months(weeks)
    late = replace(portfolio, landing=_where(chosen, late_landing(portfolio.landing, weeks), portfolio.landing))
    if months:
        late = replace(
            late,
            confirmed=_where(chosen, late_orders(portfolio.confirmed, weeks), portfolio.confirmed),
            **{
                name: _where(chosen, np.minimum(getattr(portfolio, name) + months, HORIZON), getattr(portfolio, name))
                for name in ("frozen", "pipeline_months")
            },
        )
    return replace(case, portfolio=late)


def _policy(case: Case, change: Change, chosen: Chosen) -> Case:
    wanted = np.full(len(case.average), change.policy == "average")
    return replace(case, average=_where(chosen, wanted, case.average))


def _weeks_cover(case: Case, change: Change, chosen: Chosen) -> Case:
    old = case.portfolio.weeks_cover
    weeks = _where(chosen, np.maximum(old + change.shift, 0.0), old)
    return replace(case, portfolio=replace(case.portfolio, weeks_cover=weeks))


def _unit_cost(case: Case, change: Change, chosen: Chosen) -> Case:
    return replace(case, unit_cost=_where(chosen, case.unit_cost * change.factor, case.unit_cost))


def _landed_cost(case: Case, change: Change, chosen: Chosen) -> Case:
    return replace(case, landed_cost=_where(chosen, case.landed_cost * change.factor, case.landed_cost))


_EFFECTS: dict[str, _Effect] = {
    "demand": _demand,
    "delay": _delay,
    "policy": _policy,
    "weeks_cover": _weeks_cover,
    "unit_cost": _unit_cost,
    "landed_cost": _landed_cost,
}


def case_of(inputs: Inputs) -> Case:
    """What the items of a book are planned with."""
    average = np.fromiter((method == "average" for method in inputs.safety_methods), np.bool_, len(inputs.items))
    return Case(inputs.portfolio, inputs.unit_cost, inputs.landed_cost, average)


def attributes_of(items: pd.DataFrame, names: Iterable[str] = ATTRIBUTES) -> Attributes:
    """Some attributes of the items of a book."""
    return {name: Labels.of(items[name].tolist()) for name in names}


def picks_none(items: pd.DataFrame, where: Selector) -> bool:
    """True where a selector picks none of the items of a book."""
    chosen = picked(attributes_of(items, {attribute for attribute, _ in where}), where)
    return chosen is not None and not chosen.any()


def with_changes(inputs: Inputs, changes: Sequence[Change]) -> Inputs:
    """The inputs of a book after some changes; ``planning.cycle.plan_of`` plans them."""
    base = case_of(inputs)
    asked = {attribute for change in changes for attribute, _ in change.where}
    case = apply(base, attributes_of(inputs.items, asked), changes)
    policies = inputs.policies
    if case.average is not base.average:
        names = ("exact", "average")
        policies = {item: names[average] for item, average in enumerate(case.average.tolist())}
    return replace(
        inputs, portfolio=case.portfolio, unit_cost=case.unit_cost, landed_cost=case.landed_cost, policies=policies
    )
