"""All inputs of a book: every table read and checked in one pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from smile_xl.core import DSR_MONTHS, HORIZON, SAFETY_METHODS, TRANSIT_WEEKS, Portfolio
from smile_xl.language import Language, names
from smile_xl.planning.costs import check_costs, item_costs, no_costs
from smile_xl.planning.findings import Label, label
from smile_xl.planning.grid import CellError, Grid, Sheets, is_blank
from smile_xl.planning.layout.adopted import adopted
from smile_xl.planning.layout.mapping import Layout, own_name, read_layout
from smile_xl.planning.measured import Measured, read_measured
from smile_xl.planning.names import NO_NAME, as_text, join_key, key_of, nearest, plain
from smile_xl.planning.quarantined import note_overdue_orders
from smile_xl.planning.rules import (
    BUILT_IN_COUNTRIES,
    BUILT_IN_STATUSES,
    Countries,
    CountryRule,
    Statuses,
    StatusRule,
    countries,
    statuses,
)
from smile_xl.planning.settings import Settings, read_settings
from smile_xl.planning.snoozes import SnoozeTable, read_snoozes
from smile_xl.planning.srm import SrmSheet, read_srm
from smile_xl.planning.steering.resolve import Resolution, resolution_of
from smile_xl.planning.steering.tables import STEERING_SHEETS, Steering, read_steering
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
    read_flags,
    read_numbers,
    read_whole,
)

WEEKS = tuple(f"W{week}" for week in range(1, TRANSIT_WEEKS + 1))

INPUT_SHEETS = (
    *("srm", "costs", "countries", "statuses", "targets", "opportunities", "safety_policies"),
    *STEERING_SHEETS,
    *("actual_demand", "receipts", "snoozed", "settings"),
)
"""The input sheets of a Master File, in the order of their tabs."""


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

    @property
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


def sheets_of(key: str, sheet_names: list[str]) -> list[str]:
    """The sheets that the catalogue names ``key`` in either language."""
    spelt = names(f"headers.sheet.{key}")
    wanted = {plain(name) for name in (*spelt, *map(own_name, spelt))}
    return [name for name in sheet_names if plain(name) in wanted]


def own_sheets(book: Sheets, key: str, layout: Layout | None = None) -> list[str]:
    """The sheets of ours that have a table's or a report's name: without those that the sheet Mapping says are not."""
    layout = layout or read_layout(book, Notebook())
    return [name for name in sheets_of(key, book.sheet_names()) if not (layout and layout.holds(name))]


def table_grid(book: Sheets, key: str) -> Grid | None:
    """The sheet of a table in our form: as the sheet Mapping lays it out, or else by its name; None for none."""
    notes = Notebook()
    layout = read_layout(book, notes)
    if layout and layout.of(key):
        return adopted(book, layout, key, notes)
    found = own_sheets(book, key, layout)
    return book.read(found[0]) if found else None


def table_sheets(book: Sheets, key: str) -> list[str]:
    """The sheets that hold a table, under its name or by the sheet Mapping."""
    layout = read_layout(book, Notebook())
    return [part.sheet for part in layout.of(key)] if layout and layout.of(key) else own_sheets(book, key, layout)


def has_table(book: Sheets, key: str) -> bool:
    """True where a sheet of the book holds a table, under its name or by the sheet Mapping."""
    return bool(table_sheets(book, key))


def _sheet_of(book: Sheets, notes: Notebook) -> Callable[[str], Grid | None]:
    """Reads the sheet of a key, None where the book has none; further ones are noted."""
    sheet_names = book.sheet_names()
    layout = read_layout(book, notes)
    laid_out: dict[str, Grid | None] = {}

    def sheet(key: str) -> Grid | None:
        if layout and layout.of(key):
            if key not in laid_out:
                laid_out[key] = adopted(book, layout, key, notes)
            return laid_out[key]
        found = own_sheets(book, key, layout) if layout else sheets_of(key, sheet_names)
        for other in found[1:]:
            notes.note("warning", "sheet_twice", Grid(other, ()), first=found[0])
        return book.read(found[0]) if found else None

    return sheet


def read_rules(book: Sheets, notes: Notebook) -> tuple[Settings, Countries, Statuses]:
    """The settings, country rules and statuses of a book, the built-in ones where it has no such sheet."""
    sheet = _sheet_of(book, notes)
    settings = _settings(sheet("settings"), notes, language_of(book.sheet_names()))
    return settings, _countries(sheet("countries"), notes), _statuses(sheet("statuses"), notes)


def read_targets(book: Sheets, notes: Notebook, items: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Target weeks by country and brand of some items, or of one row for each country and brand."""
    return _targets(_sheet_of(book, notes)("targets"), notes, items, noted=True)


def read_policies(book: Sheets, notes: Notebook, items: pd.DataFrame) -> dict[int, str]:
    """Safety method of the items that a book's table names, by their position."""
    return _policies(_sheet_of(book, notes)("safety_policies"), notes, items)


def read_inputs(book: Sheets, notes: Notebook) -> Read:
    """All inputs of a book, as far as they can be read."""
    sheet = _sheet_of(book, notes)
    settings, rules, kinds = read_rules(book, notes)
    snoozes = read_snoozes(sheet("snoozed"), notes)
    srm_grid, cost_grid = sheet("srm"), sheet("costs")
    for key, grid in (("srm", srm_grid), ("costs", cost_grid)):
        if not has_table(book, key):  # else its faults are said already
            _required(grid, key, notes)
    srm = read_srm(srm_grid, notes) if srm_grid else None
    if srm is None:
        if cost_grid:
            check_costs(cost_grid, notes)
        return Read(settings, snoozes, None)
    items, country_rules, status_rules = _items(srm, notes, rules, kinds)
    unit_cost, landed_cost = item_costs(cost_grid, notes, srm, items) if cost_grid else no_costs(len(items))
    start = srm.months[0] if srm.months else None
    steering = read_steering(sheet, notes, items, rules, start, srm.opening)
    targets = _targets(sheet("targets"), notes, items, noted=not steering.policies.rules)
    opportunity_table, opportunities = _opportunities(sheet("opportunities"), notes, srm, items)
    policies = _policies(sheet("safety_policies"), notes, items)
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


def language_of(sheet_names: list[str]) -> Language:
    """French for a book whose sheets have French names, where Settings does not say."""
    french = [
        key
        for key in ("costs", "countries", "settings", "targets", "mapping")
        if names(f"headers.sheet.{key}")[1] in sheet_names
    ]
    return "fr" if french else "en"


def _required(grid: Grid | None, key: str, notes: Notebook) -> Grid | None:
    if grid is None:
        sheet = Label(f"headers.sheet.{key}")
        notes.note("error", "sheet_missing", Grid(names(f"headers.sheet.{key}")[0], ()), sheet=sheet)
    return grid


def _optional(grid: Grid | None, key: str, notes: Notebook) -> Grid | None:
    if grid is None:
        sheet = Label(f"headers.sheet.{key}")
        notes.note("info", "table_missing", Grid(names(f"headers.sheet.{key}")[0], ()), sheet=sheet)
    return grid


def _settings(grid: Grid | None, notes: Notebook, spoken: Language) -> Settings:
    default = Settings(language=spoken)
    if _optional(grid, "settings", notes) is None or grid is None:
        return default
    table = find_table(grid, notes, ("setting", "value"), ())
    return read_settings(table, notes, default) if table else default


def settings_in(book: Sheets) -> Settings:
    """The settings of a book whose other sheets don't matter; those that can't be understood have their defaults."""
    return _settings(table_grid(book, "settings"), Notebook(), language_of(book.sheet_names()))


def _countries(grid: Grid | None, notes: Notebook) -> Countries:
    if _optional(grid, "countries", notes) is None or grid is None:
        return BUILT_IN_COUNTRIES
    table = find_table(grid, notes, ("country", "frozen"), ("pipeline", *WEEKS))
    if table is None:
        return BUILT_IN_COUNTRIES
    texts = _unique_names(table, notes, "country")
    frozen = read_whole(table, notes, "frozen", 0, HORIZON)
    landing = zip(*(read_whole(table, notes, week, 0, HORIZON - 1) for week in WEEKS), strict=True)
    pipeline = read_whole(table, notes, "pipeline", 0, HORIZON)
    return countries([CountryRule(*row) for row in zip(texts, frozen, landing, pipeline, strict=True)])


def _statuses(grid: Grid | None, notes: Notebook) -> Statuses:
    if _optional(grid, "statuses", notes) is None or grid is None:
        return BUILT_IN_STATUSES
    table = find_table(grid, notes, ("status", "proposes"), ("holds_safety",))
    if table is None:
        return BUILT_IN_STATUSES
    texts = _unique_names(table, notes, "status")
    proposes, holds = (read_flags(table, notes, column) for column in ("proposes", "holds_safety"))
    return statuses([StatusRule(*row) for row in zip(texts, proposes, holds, strict=True)])


def _unique_names(table: Table, notes: Notebook, column: str) -> list[str]:
    """A column of names, none blank and none twice."""
    place = table.columns[column]
    seen: dict[str, int] = {}
    texts = table.texts(column)
    table.note_blanks(notes, column)
    for row, text in zip(table.rows, texts, strict=True):
        if not text:
            continue
        if plain(text) in seen:
            first = table.grid.place(seen[plain(text)], place)[1]
            notes.note("error", "twice", table.grid, row, place, what=text, first=first)
        else:
            seen[plain(text)] = row
    return texts


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


def _targets(grid: Grid | None, notes: Notebook, items: pd.DataFrame, *, noted: bool) -> dict[tuple[str, str], float]:
    """Target weeks by country and brand as the items spell them; a brand without target is ``noted`` if asked for."""
    given: dict[tuple[str, str], float] = {}
    label = Label("headers.sheet.targets")
    if _optional(grid, "targets", notes) is not None and grid is not None:
        table = find_table(grid, notes, ("country", "brand"), ("target",))
        if table is None:
            return {}
        place = table.columns["target"]
        weeks = read_numbers(table, notes, [place], column_labels(["target"]), blank_is_error=True)[:, 0]
        seen: dict[tuple[str, str], int] = {}
        pairs = zip(table.rows, table.texts("country"), table.texts("brand"), weeks.tolist(), strict=True)
        for row, country, brand, number in pairs:
            key = (plain(country), brand.casefold())
            if key in seen:
                first = table.grid.place(seen[key], table.columns["brand"])[1]
                what = f"{country} {brand}"
                notes.note("error", "twice", table.grid, row, table.columns["brand"], what=what, first=first)
            seen.setdefault(key, row)
            given.setdefault(key, number)
    targets = {}
    where = grid or Grid(names("headers.sheet.targets")[0], ())
    for country, brand in sorted(set(zip(items["country"].tolist(), items["brand"].tolist(), strict=True))):
        key = (plain(country), brand.casefold())
        if key in given:
            targets[country, brand] = given[key]
        elif grid is not None and country and noted:
            notes.note("warning", "target_missing", where, country=country, brand=brand, table=label)
    return targets


def _opportunities(
    grid: Grid | None, notes: Notebook, srm: SrmSheet, items: pd.DataFrame
) -> tuple[Table | None, list[Opportunity]]:
    """The chosen opportunities, their items found in SRM; blank donor countries are the risk's."""
    if _optional(grid, "opportunities", notes) is None or grid is None:
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


def _policies(grid: Grid | None, notes: Notebook, items: pd.DataFrame) -> dict[int, str]:
    """Safety method of the items that the table names; no table, or a blank method, leaves that of the settings."""
    table = find_table(grid, notes, ("country", "sap_code", "policy"), ()) if grid else None
    if table is None:
        return {}
    position = {(plain(name), join_key(code)): place for place, (name, code) in enumerate(_pairs(items))}
    place = table.columns["policy"]
    found: dict[int, str] = {}
    for row, (name, code), text in zip(table.rows, item_keys(table, notes), table.texts("policy"), strict=True):
        value = cell(table.grid, row, place)
        method = key_of("value", text, SAFETY_METHODS)
        item = position.get((plain(name), join_key(code)))
        if isinstance(value, CellError) or (text and method is None):
            values = {"setting": Label("headers.column.policy"), "want": ", ".join(SAFETY_METHODS)}
            notes.note("error", "setting_value", table.grid, row, place, text=as_text(value), **values)
        elif item is None and name and code:
            notes.note(
                "warning", "policy_unused", table.grid, row, table.columns["sap_code"], country=name, sap_code=code
            )
        elif item is not None and method:
            found[item] = method
    return found


def _check_start(notes: Notebook, settings: Settings, srm: SrmSheet, grid: Grid | None) -> None:
    if grid is None or settings.start in (None, srm.months[0]):
        return
    table = find_table(grid, Notebook(), ("setting", "value"), ())
    column = table.columns["value"] if table else -1
    rows = [row for row in table.rows if as_month(cell(grid, row, column)) == settings.start] if table else []
    texts = {"start": month_text(settings.start or srm.months[0]), "first": month_text(srm.months[0])}
    notes.note("error", "start_mismatch", grid, rows[0] if rows else -1, column, **texts)
