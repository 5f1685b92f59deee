"""The small tables of rules: settings, countries, statuses, targets, safety policies of items."""

from __future__ import annotations

from collections.abc import Sequence

from smile_xl.core import HORIZON, SAFETY_METHODS, TRANSIT_WEEKS
from smile_xl.language import Language, names
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, Sheets
from smile_xl.planning.names import as_text, join_key, key_of, plain
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
from smile_xl.planning.sheets import language_of, optional, sheet_of, table_grid
from smile_xl.planning.tables import (
    Notebook,
    Table,
    cell,
    column_labels,
    find_table,
    item_keys,
    read_flags,
    read_numbers,
    read_whole,
)

WEEKS = tuple(f"W{week}" for week in range(1, TRANSIT_WEEKS + 1))

Pairs = Sequence[tuple[str, str]]
"""Country and SAP code, or brand, of some rows."""


def read_rules(book: Sheets, notes: Notebook) -> tuple[Settings, Countries, Statuses]:
    """The settings, country rules and statuses of a book, the built-in ones where it has no such sheet."""
    sheet = sheet_of(book, notes)
    settings = _settings(sheet("settings"), notes, language_of(book.sheet_names()))
    return settings, _countries(sheet("countries"), notes), _statuses(sheet("statuses"), notes)


def settings_in(book: Sheets) -> Settings:
    """The settings of a book whose other sheets don't matter; those that can't be understood have their defaults."""
    return _settings(table_grid(book, "settings"), Notebook(), language_of(book.sheet_names()))


def read_targets(book: Sheets, notes: Notebook, brands: Pairs) -> dict[tuple[str, str], float]:
    """Target weeks by country and brand, of those given."""
    return targets_of(sheet_of(book, notes)("targets"), notes, brands, noted=True)


def read_policies(book: Sheets, notes: Notebook, items: Pairs) -> dict[int, str]:
    """Safety method of the items that a book's table names, by their position."""
    return policies_of(sheet_of(book, notes)("safety_policies"), notes, items)


def _settings(grid: Grid | None, notes: Notebook, spoken: Language) -> Settings:
    default = Settings(language=spoken)
    if optional(grid, "settings", notes) is None or grid is None:
        return default
    table = find_table(grid, notes, ("setting", "value"), ())
    return read_settings(table, notes, default) if table else default


def _countries(grid: Grid | None, notes: Notebook) -> Countries:
    if optional(grid, "countries", notes) is None or grid is None:
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
    if optional(grid, "statuses", notes) is None or grid is None:
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


def targets_of(grid: Grid | None, notes: Notebook, brands: Pairs, *, noted: bool) -> dict[tuple[str, str], float]:
    """Target weeks by country and brand as the items spell them; a brand without target is ``noted`` if asked for."""
    given: dict[tuple[str, str], float] = {}
    label = Label("headers.sheet.targets")
    if optional(grid, "targets", notes) is not None and grid is not None:
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
    for country, brand in sorted(set(brands)):
        key = (plain(country), brand.casefold())
        if key in given:
            targets[country, brand] = given[key]
        elif grid is not None and country and noted:
            notes.note("warning", "target_missing", where, country=country, brand=brand, table=label)
    return targets


def policies_of(grid: Grid | None, notes: Notebook, items: Pairs) -> dict[int, str]:
    """Safety method of the items that the table names; no table, or a blank method, leaves that of the settings."""
    table = find_table(grid, notes, ("country", "sap_code", "policy"), ()) if grid else None
    if table is None:
        return {}
    position = {(plain(name), join_key(code)): place for place, (name, code) in enumerate(items)}
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
