"""The Policies table: rules that say how much stock items are to hold, who owns them, and until when they hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from smile_xl.core.targets import TARGET_UNITS
from smile_xl.language import Language, say
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, key_of
from smile_xl.planning.scenarios import ScenarioError, Selector, selector_of
from smile_xl.planning.steering.reading import optional_table, read_choice, read_day
from smile_xl.planning.tables import Month, Notebook, Table, cell, column_labels, month_after, note_odd, read_numbers

SELECTORS = (
    *("sap_code", "brand", "sub_category", "category", "segment", "abc", "xyz", "demand_class"),
    *("flow", "status", "site", "sourcing_unit", "country"),
)
"""Attributes that a rule may select items by, the most specific first."""

LEVELS = ("minimum", "goal", "maximum")
"""What a rule may give: the least, the wanted and the most stock."""

POLICY_COLUMNS = ("rule", "where", "unit", "goal", "minimum", "maximum", "owner", "valid_from", "valid_to", "reviewed")
"""Columns of the sheet Policies."""

MOST_WEEKS = 520.0
"""Weeks beyond which a target is a mistake: ten years."""


@dataclass(frozen=True)
class PolicyRule:
    """One row of the table."""

    row: int
    """Row of the sheet, counted from 0."""
    name: str
    """As typed; empty where the selector has to speak for it."""
    where: Selector
    """Pairs of attribute and value; an attribute that stands twice takes either value."""
    unit: str
    """One of ``TARGET_UNITS``."""
    goal: float
    """NaN where the rule gives none; so are the two others."""
    minimum: float
    maximum: float
    owner: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    reviewed: dt.date | None

    def holds(self, month: Month) -> bool:
        """True where the rule is valid on the first day of a month."""
        return (self.valid_from is None or self.valid_from <= month) and (
            self.valid_to is None or month <= self.valid_to
        )

    def state(self, month: Month, interval: int) -> str:
        """What a reader has to know in a month: valid, overdue (to be reviewed), future or expired."""
        if not self.holds(month):
            return "future" if self.valid_from is not None and self.valid_from > month else "expired"
        due = self.due(interval)
        return "overdue" if due is None or due < month else "valid"

    def due(self, interval: int) -> dt.date | None:
        """First day of the month in which it is to be reviewed; None where it never was."""
        return None if self.reviewed is None else month_after(self.reviewed.replace(day=1), interval)

    @property
    def rank(self) -> tuple[bool, int, tuple[bool, ...]]:
        """How specific it is: a SAP code before all else, then the number of attributes, then their order."""
        named = {attribute for attribute, _ in self.where}
        order = tuple(attribute in named for attribute in SELECTORS)
        return "sap_code" in named, len(named), order

    def shown(self, spoken: Language) -> str:
        """Its name, or else its selector in words."""
        return self.name or selector_text(self.where, spoken) or say("reports.item_targets.all_items", spoken)


@dataclass(frozen=True)
class Policies:
    """The rules of a book, in the order of their rows."""

    rules: tuple[PolicyRule, ...] = ()
    table: Table | None = None

    def fingerprint(self) -> bytes:
        """What changes with any rule; nothing where there is none."""
        return repr(self.rules).encode() if self.rules else b""


def selector_text(where: Selector, spoken: Language) -> str:
    """A selector as people write it, in a language: ``Country = Morocco; Flow type = MTS``."""
    return "; ".join(f"{say(f'headers.column.{name}', spoken)} = {_said(name, value, spoken)}" for name, value in where)


def _said(attribute: str, value: str, spoken: Language) -> str:
    """A value that the catalogue knows, in a language; any other as it stands."""
    topic = "value" if attribute == "flow" else attribute
    key = key_of(topic, value) if attribute in ("country", "status", "flow") else None
    return say(f"headers.{topic}.{key}", spoken) if key else value


def read_policies(grid: Grid | None, notes: Notebook) -> Policies:
    """The rules of a sheet; what can't be read is noted as an error."""
    table = optional_table(grid, notes, ("where", "goal"), (), POLICY_COLUMNS)
    if table is None:
        return Policies()
    levels = _levels(table, notes)
    texts = {name: table.texts(name) for name in ("rule", "owner")}
    rules = []
    for place, row in enumerate(table.rows):
        unit = read_choice(table, notes, row, "unit", TARGET_UNITS) or TARGET_UNITS[0]
        rule = PolicyRule(
            row=row,
            name=texts["rule"][place],
            where=read_selector(table, notes, row, SELECTORS),
            unit=unit,
            goal=float(levels["goal"][place]),
            minimum=float(levels["minimum"][place]),
            maximum=float(levels["maximum"][place]),
            owner=texts["owner"][place],
            valid_from=read_day(table, notes, row, "valid_from"),
            valid_to=read_day(table, notes, row, "valid_to"),
            reviewed=read_day(table, notes, row, "reviewed"),
        )
        _check(table, notes, rule)
        rules.append(rule)
    return Policies(tuple(rules), table)


def read_selector(table: Table, notes: Notebook, row: int, known: tuple[str, ...]) -> Selector:
    """The items that the column ``where`` of a row picks; what it can't mean is noted as an error."""
    value = cell(table.grid, row, table.columns["where"])
    if isinstance(value, CellError):
        note_odd(notes, table.grid, row, table.columns["where"], value, Label("headers.column.where"))
        return ()
    try:
        return selector_of(as_text(value), known)
    except ScenarioError as error:
        values = {"text": error.values["text"], "known": column_labels(known)}
        notes.note("error", "selector", table.grid, row, table.columns["where"], **values)
        return ()


def _levels(table: Table, notes: Notebook) -> dict[str, np.ndarray]:
    """The three levels of every row, NaN where it gives none."""
    nothing = np.full(len(table.rows), np.nan)
    given = [name for name in LEVELS if name in table.columns]
    read = read_numbers(table, notes, [table.columns[name] for name in given], column_labels(given))
    return {**dict.fromkeys(LEVELS, nothing), **{name: read[:, place] for place, name in enumerate(given)}}


def _check(table: Table, notes: Notebook, rule: PolicyRule) -> None:
    """Note a rule that says nothing, or that contradicts itself."""
    given = {name: getattr(rule, name) for name in LEVELS if not np.isnan(getattr(rule, name))}
    row, grid = rule.row, table.grid
    places = [table.columns[name] for name in LEVELS if name in table.columns]
    if all(is_blank(cell(grid, row, place)) for place in places):
        notes.note("error", "policy_empty", grid, row, table.columns["goal"])
    for lower, higher in (("minimum", "goal"), ("goal", "maximum"), ("minimum", "maximum")):
        if lower in given and higher in given and given[lower] > given[higher]:
            labels = {"lower": Label(f"headers.column.{lower}"), "higher": Label(f"headers.column.{higher}")}
            values = {"low": given[lower], "high": given[higher]}
            notes.note("error", "policy_order", grid, row, table.columns[higher], **labels, **values)
    if not rule.owner:
        notes.note("warning", "owner_missing", grid, row, table.columns.get("owner", -1))
    for name, value in given.items():
        if rule.unit == "weeks" and value > MOST_WEEKS:
            label = Label(f"headers.column.{name}")
            values = {"value": value, "low": 0, "high": MOST_WEEKS}
            notes.note("error", "out_of_range", grid, row, table.columns[name], **values, column=label)
    if rule.valid_from and rule.valid_to and rule.valid_from > rule.valid_to:
        texts = {"first": rule.valid_from.isoformat(), "last": rule.valid_to.isoformat()}
        notes.note("error", "policy_dates", grid, row, table.columns["valid_to"], **texts)
