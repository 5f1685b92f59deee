"""The input sheets that a workbook lacks, made to fit those that it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.inputs import INPUT_SHEETS, language_of, sheets_of
from smile_xl.planning.settings import Settings
from smile_xl.planning.tables import Notebook, as_month, find_header, find_table
from smile_xl.reports.master import master_pages, settings_page
from smile_xl.reports.page import SPARE_ROWS, Page
from smile_xl.reports.steering.tables import BY_ITEM

_POINTED_AT = ("countries", "statuses", "safety_policies", "settings")
"""Sheets that the formulas of a new SRM point at, where a new Master File has them."""

_ANCHORS = {
    "srm": ("country", "sap_code", "status"),
    "costs": ("country", "sap_code", "unit_cost"),
    "countries": ("country", "frozen"),
    "statuses": ("status", "proposes"),
    "targets": ("country", "brand", "target"),
    "opportunities": ("risk_code", "donor_code"),
    "safety_policies": ("country", "sap_code", "policy"),
    "item_attributes": ("country", "sap_code", "flow"),
    "transfers": ("from_country", "to_country"),
    "gap_causes": ("cause", "comment"),
    "decisions": ("number", "decision"),
    "actions": ("number", "action"),
    "register": ("number", "event"),
    "snoozed": ("kind", "until"),
    "policies": ("where", "goal"),
    "scenarios": ("scenario", "what"),
    "settings": ("setting", "value"),
}
"""Headers that tell what a sheet of another name holds."""


def missing_pages(book: Sheets, example: Cycle) -> list[Page]:
    """The input sheets that a book lacks.

    Where the book has its own items, Costs lists them without costs, and nothing of the example goes in.
    """
    names = book.sheet_names()
    pages = dict(zip(INPUT_SHEETS, master_pages(example), strict=True))
    srm = sheets_of("srm", names)
    if srm:
        grid = book.read(srm[0])
        pages["costs"] = _with_rows(pages["costs"], _items(grid))
        for key in ("targets", "opportunities", "safety_policies", "snoozed", *BY_ITEM):
            pages[key] = _with_rows(pages[key], [])
        pages["settings"] = settings_page(example.inputs.settings, _first_month(grid))
    elif any(sheets_of(key, names) for key in _POINTED_AT):
        pages["srm"] = _without_references(pages["srm"])
    return [page for key, page in pages.items() if not sheets_of(key, names)]


def missing_settings(book: Sheets) -> list[Page]:
    """The Settings sheet with the defaults, if a book lacks it."""
    names = book.sheet_names()
    if sheets_of("settings", names):
        return []
    srm = sheets_of("srm", names)
    return [settings_page(Settings(language=language_of(names)), _first_month(book.read(srm[0])) if srm else None)]


def lookalikes(book: Sheets) -> dict[str, str]:
    """Sheets under other names that hold the headers of an input sheet that the book lacks, by its key."""
    names = book.sheet_names()
    known = {name for key in INPUT_SHEETS for name in sheets_of(key, names)}
    found: dict[str, str] = {}
    for name in [name for name in names if name not in known]:
        grid = book.read(name)
        for key, anchors in _ANCHORS.items():
            if key not in found and not sheets_of(key, names) and find_header(grid, anchors) is not None:
                found[key] = name
                break
    return found


def _items(grid: Grid) -> list[list[object]]:
    """Country, SAP code and description of the items in SRM, and room for two costs."""
    table = find_table(grid, Notebook(), ("country", "sap_code"), (), ("description",))
    if table is None:
        return []
    texts = (table.texts(column) for column in ("country", "sap_code", "description"))
    return [[*texts_of_item, None, None] for texts_of_item in zip(*texts, strict=True)]


def _first_month(grid: Grid) -> dt.date | None:
    header = find_header(grid, ("country", "sap_code"))
    months = [] if header is None else [month for value in grid.rows[header] if (month := as_month(value))]
    return months[0] if months else None


def _with_rows(page: Page, rows: Sequence[Sequence[object]]) -> Page:
    """A page of one table with these rows, or with empty ones to type into."""
    (block,) = page.blocks
    return replace(page, blocks=[replace(block, rows=rows or [[None] * len(block.columns)] * SPARE_ROWS)])


def _without_references(page: Page) -> Page:
    """SRM with plain values: the team's own sheets need not have their tables where its formulas would look."""
    (block,) = page.blocks
    columns = [replace(column, choices=()) if isinstance(column.choices, str) else column for column in block.columns]
    return replace(page, blocks=[replace(block, columns=columns, formulas=())])
