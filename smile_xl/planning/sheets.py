"""The sheets of a book by what they hold: by their name in either language, or by the sheet Mapping."""

from __future__ import annotations

from collections.abc import Callable

from smile_xl.language import Language, names
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.layout.adopted import adopted
from smile_xl.planning.layout.mapping import Layout, own_name, read_layout
from smile_xl.planning.names import plain
from smile_xl.planning.tables import Notebook

STEERING_SHEETS = (
    *("item_attributes", "stock_by_state", "questionnaire", "policies", "transfers", "scenarios"),
    *("gap_causes", "decisions", "actions", "register"),
)
"""The input sheets of the steering loop, in the order of their tabs."""


INPUT_SHEETS = (
    *("srm", "costs", "countries", "statuses", "targets", "opportunities", "safety_policies"),
    *STEERING_SHEETS,
    *("actual_demand", "receipts", "snoozed", "settings"),
)
"""The input sheets of a Master File, in the order of their tabs."""


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


def sheet_of(book: Sheets, notes: Notebook) -> Callable[[str], Grid | None]:
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


def language_of(sheet_names: list[str]) -> Language:
    """French for a book whose sheets have French names, where Settings does not say."""
    french = [
        key
        for key in ("costs", "countries", "settings", "targets", "mapping")
        if names(f"headers.sheet.{key}")[1] in sheet_names
    ]
    return "fr" if french else "en"


def required(grid: Grid | None, key: str, notes: Notebook) -> Grid | None:
    if grid is None:
        sheet = Label(f"headers.sheet.{key}")
        notes.note("error", "sheet_missing", Grid(names(f"headers.sheet.{key}")[0], ()), sheet=sheet)
    return grid


def optional(grid: Grid | None, key: str, notes: Notebook) -> Grid | None:
    if grid is None:
        sheet = Label(f"headers.sheet.{key}")
        notes.note("info", "table_missing", Grid(names(f"headers.sheet.{key}")[0], ()), sheet=sheet)
    return grid
