"""The input sheets that a workbook lacks, made to fit those that it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.layout.mapping import own_name
from smile_xl.planning.settings import Settings
from smile_xl.planning.sheets import INPUT_SHEETS, has_table, language_of, table_grid
from smile_xl.planning.tables import Notebook, as_month, find_header, find_table
from smile_xl.reports.master import master_pages, settings_page
from smile_xl.reports.page import SPARE_ROWS, Page
from smile_xl.reports.steering.tables import BY_ITEM

_POINTED_AT = ("countries", "statuses", "safety_policies", "settings")
"""Sheets that the formulas of a new SRM point at, where a new Master File has them."""


def missing_pages(book: Sheets, example: Cycle, leave: Sequence[str] = ()) -> list[Page]:
    """The input sheets that a book lacks, but for those to ``leave``.

    Where the book has its own items, Costs lists them without costs, and nothing of the example goes in.
    """
    pages = dict(zip(INPUT_SHEETS, master_pages(example), strict=True))
    if has_table(book, "srm"):
        grid = table_grid(book, "srm")
        pages["costs"] = _with_rows(pages["costs"], _items(grid) if grid else [])
        for key in ("targets", "opportunities", "safety_policies", "snoozed", *BY_ITEM):
            pages[key] = _with_rows(pages[key], [])
        pages["settings"] = settings_page(example.inputs.settings, _first_month(grid) if grid else None)
    elif any(has_table(book, key) for key in _POINTED_AT):
        pages["srm"] = _without_references(pages["srm"])
    return [_named(book, page) for key, page in pages.items() if key not in leave and not has_table(book, key)]


def missing_settings(book: Sheets) -> list[Page]:
    """The Settings sheet with the defaults, if a book lacks it."""
    if has_table(book, "settings"):
        return []
    grid = table_grid(book, "srm")
    settings = Settings(language=language_of(book.sheet_names()))
    return [_named(book, settings_page(settings, _first_month(grid) if grid else None))]


def _named(book: Sheets, page: Page) -> Page:
    """The page under another name where a sheet of the team's own has its name."""
    taken = {name.casefold() for name in book.sheet_names()}
    return page.named(own_name(page.sheet)) if page.sheet.casefold() in taken else page


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
