"""Which rule of the Policies table each item has: the most specific of those that hold and select it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from smile_xl.planning.findings import Label
from smile_xl.planning.scenarios import Attributes, Labels, picked
from smile_xl.planning.steering.policies import LEVELS, PolicyRule
from smile_xl.planning.tables import Month, Notebook

if TYPE_CHECKING:
    from smile_xl.planning.inputs import Inputs

NO_RULE = -1

CLASSES = ("segment", "abc", "xyz", "demand_class")
"""Attributes that follow from the demand and the costs, as in the report Segments."""


@dataclass(frozen=True)
class Tie:
    """Two equally specific rules, more specific than all others, that select the same item."""

    first: int
    """Place of the rule among the rules."""
    second: int
    item: int


@dataclass(frozen=True)
class Resolution:
    """The rule of each item."""

    of_item: np.ndarray
    """Place of each item's rule among the rules, ``NO_RULE`` where none selects it, shape (items,)."""
    ties: tuple[Tie, ...] = ()
    """One for each two rules; the earlier one stands in ``of_item``."""
    unused: tuple[int, ...] = ()
    """Rules that hold, but select no item at all."""


def resolve(rules: Sequence[PolicyRule], attributes: Attributes, items: int, month: Month) -> Resolution:
    """The rules of all items in a month.

    From the least to the most specific rule, each takes the items that it selects; so the last one stays.
    """
    chosen = np.full(items, NO_RULE, dtype=np.int64)
    rival = np.full(items, NO_RULE, dtype=np.int64)
    valid = sorted((rule.rank, place) for place, rule in enumerate(rules) if rule.holds(month))
    unused = []
    for _, group in groupby(valid, key=lambda pair: pair[0]):
        taken = np.full(items, NO_RULE, dtype=np.int64)
        for _, place in group:
            selected = picked(attributes, rules[place].where)
            selected = np.ones(items, dtype=np.bool_) if selected is None else selected
            if not selected.any():
                unused.append(place)
            first = selected & (taken == NO_RULE)
            rival[first] = NO_RULE
            rival[selected & ~first & (rival == NO_RULE)] = place
            taken[first] = place
        chosen = np.where(taken == NO_RULE, chosen, taken)
    ties: dict[tuple[int, int], int] = {}
    for item in np.flatnonzero(rival != NO_RULE).tolist():
        ties.setdefault((int(chosen[item]), int(rival[item])), item)
    found = tuple(Tie(first, second, item) for (first, second), item in ties.items())
    return Resolution(chosen, found, tuple(sorted(unused)))


def resolution_of(inputs: Inputs) -> Resolution:
    """The rules of a book's items in its first month."""
    rules = inputs.steering.policies.rules
    wanted = {attribute for rule in rules for attribute, _ in rule.where}
    classes = {}
    if wanted & set(CLASSES):  # they cost a little, and few books select by them
        from smile_xl.planning.steering.segments import segments  # noqa: PLC0415

        found = segments(inputs)
        classes = {name: getattr(found, name).tolist() for name in CLASSES}
    attributes = {name: Labels.of(classes.get(name) or _column(inputs, name)) for name in wanted}
    return resolve(rules, attributes, len(inputs.items), inputs.months[0])


def _column(inputs: Inputs, attribute: str) -> Sequence[str]:
    """An attribute of all items."""
    if attribute in ("flow", "site"):
        column: Sequence[str] = getattr(inputs.steering.attributes, attribute)
        return column
    return list(inputs.items[attribute])


def check_policies(inputs: Inputs, notes: Notebook) -> None:
    """Note ties, which nobody but the planner can decide, rules that select nothing, and targets without a cost."""
    policies, resolution = inputs.steering.policies, inputs.resolution
    table = policies.table
    if table is None:
        return
    place = table.columns["where"]
    label = Label("headers.sheet.policies")
    for tie in resolution.ties:
        first, second = policies.rules[tie.first], policies.rules[tie.second]
        item = {name: inputs.items[name].iloc[tie.item] for name in ("country", "sap_code")}
        where = table.grid.place(first.row, place)[1]
        notes.note("error", "policy_tie", table.grid, second.row, place, first=where, **item)
    for number in resolution.unused:
        notes.note("warning", "policy_no_item", table.grid, policies.rules[number].row, place, table=label)
    free = set(resolution.of_item[inputs.unit_cost == 0].tolist()) - {NO_RULE}
    for rule in (policies.rules[number] for number in sorted(free)):
        if rule.unit == "cash":
            notes.note("warning", "policy_no_cost", table.grid, rule.row, table.columns[LEVELS[1]])
