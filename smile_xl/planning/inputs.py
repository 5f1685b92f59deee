"""All inputs of a book: every table read and checked in one pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from smile_xl.core import DSR_MONTHS, HORIZON, TRANSIT_WEEKS, Portfolio
from smile_xl.planning.costs import check_costs, item_costs, no_costs
from smile_xl.planning.findings import Label, label
from smile_xl.planning.grid import CellError, Grid, Sheets, is_blank
from smile_xl.planning.measured import Measured, read_measured
from smile_xl.planning.names import NO_NAME, as_text, join_key, nearest, plain
from smile_xl.planning.quarantined import note_overdue_orders
from smile_xl.planning.rule_tables import policies_of, read_rules, targets_of
from smile_xl.planning.rules import (
    Countries,
    CountryRule,
    Statuses,
    StatusRule,
)
from smile_xl.planning.settings import Settings
from smile_xl.planning.sheets import has_table, optional, required, sheet_of
from smile_xl.planning.snoozes import SnoozeTable, read_snoozes
from smile_xl.planning.srm import SrmSheet, read_srm
from smile_xl.planning.steering.resolve import Resolution, resolution_of
from smile_xl.planning.steering.tables import Steering, read_steering
from smile_xl.planning.tables import (
    Month,
    Notebook,
    Table,
    as_month,
    cell,
    column_labels,
    find_table,
    item_keys,
    month_text,
    read_numbers,
)


@dataclass(frozen=True)
class Opportunity:
    """One chosen opportunity: a donor's tonnes that cover a risk."""

    month: int
    """0 to 2."""
    risk: int
    """Position of the item at risk."""
    donor: int
    """Position of the item that gives."""
    tonnes: float
    row: int
    """Row of the Opportunities sheet."""


@dataclass(frozen=True)
class Inputs:
    """Inputs of all items, checked: nothing in it is noted as an error."""

    settings: Settings
    months: list[Month]
    """Months of the forecast; the first 12 are planned."""
    items: pd.DataFrame
    """One row per item: country, sap_code, description, status, sourcing_unit, category, sub_category, brand, ..."""
    portfolio: Portfolio
    unit_cost: np.ndarray
    landed_cost: np.ndarray
    countries: Countries
    statuses: Statuses
    targets: dict[tuple[str, str], float]
    """Target weeks by country and brand."""
    opportunities: list[Opportunity]
    srm: SrmSheet
    opportunity_table: Table | None
    measured: Measured
    steering: Steering
    policies: dict[int, str] = field(default_factory=dict)
    """Safety method of the items that have one of their own, by their position."""
    snoozes: SnoozeTable | None = None
    """Findings that are not listed until a month."""

    @cached_property
    def safety_methods(self) -> list[str]:
        """Safety method of each item: its own, or else that of the settings."""
        default = self.settings.safety_method
        return [self.policies.get(item, default) for item in range(len(self.items))]

    @cached_property
    def resolution(self) -> Resolution:
        """The rule of Policies that each item has."""
        return resolution_of(self)

    @property
    def planned(self) -> list[Month]:
        """The 12 months of the plan."""
        return self.months[:HORIZON]

    def fingerprint(self) -> str:
        """Twelve letters that change with any input."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        """Worked out once: every page bears it."""
        digest = hashlib.sha256(repr(self.settings).encode())
        digest.update(repr([month_text(month) for month in self.months]).encode())
        for part in (self.countries, self.statuses, self.targets):
            digest.update(repr(sorted(part.items())).encode())
        digest.update("\x1f".join(self.items.select_dtypes(exclude="number").to_numpy().ravel().tolist()).encode())
        for array in (*vars(self.portfolio).values(), self.unit_cost, self.landed_cost):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(repr([(one.month, one.risk, one.donor, one.tonnes) for one in self.opportunities]).encode())
        digest.update(repr(sorted(self.policies.items())).encode() if self.policies else b"")
        digest.update(self.measured.fingerprint())
        digest.update(self.steering.fingerprint())
        return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Read:
    """What was read of a book."""

    settings: Settings
    snoozes: SnoozeTable | None
    inputs: Inputs | None
    """None when an error was noted."""
    start: Month | None = None
    """First month of the forecast, where it could be read."""


def read_inputs(book: Sheets, notes: Notebook) -> Read:
    """All inputs of a book, as far as they can be read."""
    sheet = sheet_of(book, notes)
    settings, rules, kinds = read_rules(book, notes)
    snoozes = read_snoozes(sheet("snoozed"), notes)
    srm_grid, cost_grid = sheet("srm"), sheet("costs")
    for key, grid in (("srm", srm_grid), ("costs", cost_grid)):
        if not has_table(book, key):  # else its faults are said already
            required(grid, key, notes)
    srm = read_srm(srm_grid, notes) if srm_grid else None
    if srm is None:
        if cost_grid:
            check_costs(cost_grid, notes)
        return Read(settings, snoozes, None)
    items, country_rules, status_rules = _items(srm, notes, rules, kinds)
    unit_cost, landed_cost = item_costs(cost_grid, notes, srm, items) if cost_grid else no_costs(len(items))
    start = srm.months[0] if srm.months else None
    steering = read_steering(sheet, notes, items, rules, start, srm.opening)
    brands = list(zip(items["country"].tolist(), items["brand"].tolist(), strict=True))
    targets = targets_of(sheet("targets"), notes, brands, noted=not steering.policies.rules)
    opportunity_table, opportunities = _opportunities(sheet("opportunities"), notes, srm, items)
    policies = policies_of(sheet("safety_policies"), notes, _pairs(items))
    measured = read_measured(sheet("actual_demand"), sheet("receipts"), notes, items)
    note_overdue_orders(sheet("quarantine"), notes, items, landed_cost, srm.months[0])
    _check_start(notes, settings, srm, sheet("settings"))
    if notes.has_errors():
        return Read(settings, snoozes, None, srm.months[0])
    inputs = Inputs(
        settings=settings,
        months=srm.months,
        items=items,
        portfolio=Portfolio(
            opening=srm.opening,
            transit=srm.transit,
            demand=srm.demand,
            confirmed=srm.confirmed,
            weeks_cover=srm.weeks_cover,
            landing=np.array([rule.landing for rule in country_rules], dtype=np.int64).reshape(-1, TRANSIT_WEEKS),
            frozen=np.array([rule.frozen for rule in country_rules], dtype=np.int64),
            pipeline_months=np.array([rule.pipeline for rule in country_rules], dtype=np.int64),
            proposes=np.array([rule.proposes for rule in status_rules], dtype=bool),
            holds_safety=np.array([rule.holds_safety for rule in status_rules], dtype=bool),
            moq=srm.moq,
            multiple=srm.multiple,
        ),
        unit_cost=unit_cost,
        landed_cost=landed_cost,
        countries=rules,
        statuses=kinds,
        targets=targets,
        opportunities=opportunities,
        srm=srm,
        opportunity_table=opportunity_table,
        measured=measured,
        steering=steering,
        policies=policies,
        snoozes=snoozes,
    )
    return Read(settings, snoozes, inputs, srm.months[0])


def _items(
    srm: SrmSheet, notes: Notebook, rules: Countries, kinds: Statuses
) -> tuple[pd.DataFrame, list[CountryRule], list[StatusRule]]:
    """The items' attributes and the rules that hold for each, unknown countries and statuses being noted."""
    table = srm.table
    keys = item_keys(table, notes)
    placeholder = CountryRule("", 0, (0,) * TRANSIT_WEEKS, 0)
    country_rules = []
    for row, (name, _) in zip(table.rows, keys, strict=True):
        rule = rules.get(plain(name))
        if rule is None and name:
            sheet = Label("headers.sheet.countries")
            values = {"text": name, "table": sheet, "near": _near(name, rules.values())}
            notes.note("error", "country_unknown", table.grid, row, table.columns["country"], **values)
        country_rules.append(rule or placeholder)
    status_rules = []
    table.note_blanks(notes, "status")
    for row, name in zip(table.rows, table.texts("status"), strict=True):
        kind = kinds.get(plain(name))
        if kind is None and name:
            sheet = Label("headers.sheet.statuses")
            values = {"text": name, "table": sheet, "near": _near(name, kinds.values())}
            notes.note("error", "status_unknown", table.grid, row, table.columns["status"], **values)
        status_rules.append(kind or StatusRule("", proposes=False, holds_safety=False))
    items = pd.DataFrame(
        {
            "country": [rule.name for rule in country_rules],
            "sap_code": [code for _, code in keys],
            "description": table.texts("description"),
            "status": [kind.name for kind in status_rules],
            "sourcing_unit": table.texts("sourcing_unit"),
            "category": table.texts("category"),
            "sub_category": _named(table, notes, "sub_category"),
            "brand": _named(table, notes, "brand"),
        },
        dtype=object,
    )
    return items.assign(weeks_cover=srm.weeks_cover, net_case_weight=srm.net_case_weight), country_rules, status_rules


def _near(text: str, rules: Iterable[CountryRule | StatusRule]) -> Label | str:
    """The name that a misspelt one probably stands for."""
    name = nearest(text, tuple(rule.name for rule in rules))
    return label("findings.near", name=name) if name else ""


def _named(table: Table, notes: Notebook, column: str) -> list[str]:
    table.note_blanks(notes, column, "warning")
    return [text or NO_NAME for text in table.texts(column)]


def _pairs(items: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(items["country"].tolist(), items["sap_code"].tolist(), strict=True))


def _opportunities(
    grid: Grid | None, notes: Notebook, srm: SrmSheet, items: pd.DataFrame
) -> tuple[Table | None, list[Opportunity]]:
    """The chosen opportunities, their items found in SRM; blank donor countries are the risk's."""
    if optional(grid, "opportunities", notes) is None or grid is None:
        return None, []
    table = find_table(grid, notes, ("risk_code", "donor_code"), ("month", "country", "tonnes"), ("donor_country",))
    if table is None:
        return None, []
    position = {(plain(name), join_key(code)): place for place, (name, code) in enumerate(_pairs(items))}
    months = {month: index for index, month in enumerate(srm.months[:DSR_MONTHS])}
    span = {"first": month_text(srm.months[0]), "last": month_text(srm.months[DSR_MONTHS - 1])}
    place = table.columns["tonnes"]
    tonnes = read_numbers(table, notes, [place], column_labels(["tonnes"]), blank_is_error=True)[:, 0]
    countries_named = table.texts("country")
    donors_named = [donor or own for donor, own in zip(table.texts("donor_country"), countries_named, strict=True)]
    lines = []
    for column in ("month", "country", "risk_code", "donor_code"):
        table.note_blanks(notes, column)
    for index, row in enumerate(table.rows):
        value = cell(grid, row, table.columns["month"])
        month = as_month(value)
        if month not in months and not is_blank(value) and not isinstance(value, CellError):
            shown = month_text(month) if month else as_text(value)
            notes.note("error", "donor_month", grid, row, table.columns["month"], month=shown, **span)
        found = []
        for country, column in ((countries_named[index], "risk_code"), (donors_named[index], "donor_code")):
            code = table.texts(column)[index]
            item = position.get((plain(country), join_key(code)))
            if item is None and country and code:
                values = {"country": country, "sap_code": code, "column": Label(f"headers.column.{column}")}
                notes.note("error", "item_unknown", grid, row, table.columns[column], **values)
            found.append(-1 if item is None else item)
        lines.append(Opportunity(months.get(month, -1) if month else -1, found[0], found[1], float(tonnes[index]), row))
    return table, lines


def _check_start(notes: Notebook, settings: Settings, srm: SrmSheet, grid: Grid | None) -> None:
    if grid is None or settings.start in (None, srm.months[0]):
        return
    table = find_table(grid, Notebook(), ("setting", "value"), ())
    column = table.columns["value"] if table else -1
    rows = [row for row in table.rows if as_month(cell(grid, row, column)) == settings.start] if table else []
    texts = {"start": month_text(settings.start or srm.months[0]), "first": month_text(srm.months[0])}
    notes.note("error", "start_mismatch", grid, rows[0] if rows else -1, column, **texts)
