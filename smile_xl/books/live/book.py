"""A workbook that is open in Excel as a ``Book``: read and written in blocks, through xlwings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl.book import BookError, NewRows
from smile_xl.books.archive.past import folder_of, past_in
from smile_xl.books.live.host import host
from smile_xl.books.live.previous import Previous
from smile_xl.books.live.sheets import copy_sheets, fold_and_filter, rendered, replace_sheet, with_objects
from smile_xl.books.live.values import parts_without_formula, rows_of, written
from smile_xl.formulas.cells import CellFormula, Span
from smile_xl.planning.grid import Grid, address, is_blank
from smile_xl.planning.past import NOTHING_KEPT, Past

if TYPE_CHECKING:
    import numpy as np
    import xlwings

    from smile_xl.reports.page import Page

MAX_CELLS = 16_000_000
"""Cells of the rectangle from A1 to a sheet's last cell that are worth reading."""


@dataclass(frozen=True)
class _Block:
    """Values to be put into the cells from a row and column on."""

    sheet: str
    row: int
    column: int
    values: np.ndarray

    def cells(self, row: int = 0, column: int = 0, rows: int = 0, columns: int = 0) -> str:
        """Address of the block, or of a part of it."""
        top, left = self.row + row, self.column + column
        height, width = rows or self.values.shape[0], columns or self.values.shape[1]
        return f"{address(top, left)}:{address(top + height - 1, left + width - 1)}"


class LiveBook:
    """An open workbook. Pages and values are collected, and written together by ``save``.

    It is known by its place in Excel alone, never by a path: it may be in a cloud or have no file at all.
    """

    def __init__(self, book: xlwings.Book) -> None:
        self.book = book
        self.name: str = book.name
        """Name of the workbook, as messages show it."""
        self._grids: dict[str, Grid] = {}
        self._pages: dict[str, Page] = {}
        self._blocks: list[_Block] = []
        self._rows: list[tuple[str, int, NewRows]] = []

    @property
    def file(self) -> Path | None:
        """Where the workbook's file is on this machine; None where it has none, or is in a cloud."""
        folder = host(self.book).folder(self.book)
        return Path(folder) / self.name if folder and Path(folder).is_dir() else None

    def archive_folder(self) -> Path | None:
        """The archive that the Settings name, else the one beside the file; None where neither is on this machine."""
        from smile_xl.planning.rule_tables import settings_in  # noqa: PLC0415 - late, as pandas is

        named = settings_in(self).archive_folder
        if self.file is None and not Path(named).expanduser().is_absolute():
            return None
        return folder_of(self.file or Path(self.name), named)

    @property
    def past(self) -> Past:
        """The cycles in the workbook's archive."""
        folder = self.archive_folder()
        return NOTHING_KEPT if folder is None else past_in(folder)

    def formula_among(self, sheet: str, places: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """The first of some cells, rows and columns counted from 0, that holds a formula."""
        name = self._worksheet(sheet)
        for column in sorted({column for _, column in places}):
            rows = sorted(row for row, place in places if place == column)
            formulas = rows_of(
                self.book.sheets[name].range((rows[0] + 1, column + 1), (rows[-1] + 1, column + 1)).formula
            )
            for row in rows:
                if str(formulas[row - rows[0]][0]).startswith("="):
                    return row, column
        return None

    def sheet_names(self) -> list[str]:
        """Names of the worksheets, in the order of their tabs."""
        return [sheet.name for sheet in self.book.sheets]

    def read(self, sheet: str) -> Grid:
        """Values of a sheet from A1 on, as Excel shows them now; a cell that shows an error is a ``CellError``."""
        name = self._worksheet(sheet)
        if name not in self._grids:
            found = self.book.sheets[name]
            used = found.used_range
            rows, columns = used.row + used.shape[0] - 1, used.column + used.shape[1] - 1
            if rows * columns > MAX_CELLS:
                raise BookError("too_wide", file=self.name, sheet=name, rows=rows, columns=columns)
            self._grids[name] = Grid(name, host(self.book).read(found.range((1, 1), (rows, columns))))
        return self._grids[name]

    def formula(self, sheet: str, row: int, column: int) -> CellFormula | None:
        """The formula whose result a cell shows, over all the cells that it fills; None for a cell without one."""
        cell = self.book.sheets[self._worksheet(sheet)].range((row + 1, column + 1))
        text, area = host(self.book).formula(cell)
        if not text.startswith("="):
            return None
        top, left, rows, columns = area or (row + 1, column + 1, 1, 1)
        return CellFormula(Span(top - 1, left - 1, top + rows - 2, left + columns - 2), text[1:], is_array=bool(area))

    def write_page(self, page: Page) -> None:
        """Write a page as the sheet ``page.sheet``, whole, at the next ``save``."""
        self._pages[page.sheet.casefold()] = page

    def renew_values(self, sheet: str, row: int, column: int, values: np.ndarray) -> None:
        """Put values, shape (rows, columns), into existing cells from (row, column) on, at the next ``save``.

        A cell with a formula keeps it and is calculated by Excel.
        """
        self._blocks.append(_Block(self._worksheet(sheet), row, column, values))

    def add_rows(self, sheet: str, row: int, rows: NewRows) -> None:
        """Put values into blank cells from ``row`` on, in the formats of the row above, at the next ``save``."""
        name = self._worksheet(sheet)
        lines = self.read(name).rows
        for place, values in enumerate(rows, start=row):
            for column in values:
                if place < len(lines) and column < len(lines[place]) and not is_blank(lines[place][column]):
                    raise BookError("not_blank", file=self.name, sheet=name, cell=address(place, column))
        self._rows.append((name, row, rows))

    def save(self, *, undoable: bool = False) -> None:
        """Write what was collected into the open workbook: all or, after any failure, nothing; no file is saved.

        If ``undoable``, what was there before stays at hand for ``undo``.
        """
        names = {name.casefold(): name for name in self.sheet_names()}
        pages = list(self._pages.values())
        old = [page.named(names[page.sheet.casefold()]) for page in pages if page.sheet.casefold() in names]
        new = [page for page in pages if page.sheet.casefold() not in names]
        plain = [part for block in self._blocks for part in self._parts(block)]
        added = [column for rows in self._rows for column in _new_columns(*rows)]
        written_to = [*(block.sheet for block, _, _ in plain), *(column.sheet for column in added)]
        self._refuse_protected([*(page.sheet for page in old), *written_to])
        self._refuse_names([page.sheet for page in new])
        before = Previous.find(self.book)
        previous = Previous.keep(
            self.book,
            [page.sheet for page in old],
            [page.sheet for page in new],
            [
                *((block.sheet, cells) for block, cells, _ in plain),
                *((column.sheet, column.cells) for column in added),
            ],
        )
        try:
            self._put_pages(old, new)
            for block, cells, values in plain:
                host(self.book).write(self.book.sheets[block.sheet].range(cells), values)
            for column in added:
                self._put_column(column)
            for block in self._blocks:
                host(self.book).calculate(self.book.sheets[block.sheet].range(block.cells()))
            previous.written()
        except BaseException as error:
            self._put_back(previous, error)
            raise
        if not undoable:
            previous.forget()
        elif before:
            before.forget()
        self._pages.clear()
        self._blocks.clear()
        self._rows.clear()
        self._grids.clear()

    def _put_back(self, previous: Previous, cause: BaseException) -> None:
        """Undo a save that failed; where Excel refuses that as well, it stays at hand for ``undo``."""
        try:
            previous.put_back()
        except Exception:
            raise BookError("half_written", file=self.name) from cause

    def _put_pages(self, old: list[Page], new: list[Page]) -> None:
        if not old and not new:
            return
        with rendered(self.book.app, [*old, *new]) as source, with_objects(self.book.app):
            for page in old:
                sheet = self.book.sheets[page.sheet]
                replace_sheet(source.sheets[page.sheet], sheet)
                fold_and_filter(sheet, page)
            if new:
                copy_sheets(source, [page.sheet for page in new], self.book)

    def _put_column(self, column: _NewColumn) -> None:
        """One column of new rows, in the format of the cell above them."""
        cells = self.book.sheets[column.sheet].range(column.cells)
        if any(isinstance(value, str) for value in column.values):
            cells.number_format = "@"  # or Excel takes digits for a number, and = for a formula
        else:
            cells.number_format = self.book.sheets[column.sheet].range(column.above).number_format
        host(self.book).write(cells, [[_as_com(value)] for value in column.values])

    def _parts(self, block: _Block) -> list[tuple[_Block, str, list[list[float | str | None]]]]:
        """The parts of a block that hold no formula, with the values that go there."""
        cells = self.book.sheets[block.sheet].range(block.cells())
        if host(self.book).spills(cells):
            return []
        values = written(block.values)
        return [
            (
                block,
                block.cells(*part),
                [line[part[1] : part[1] + part[3]] for line in values[part[0] : part[0] + part[2]]],
            )
            for part in parts_without_formula(rows_of(cells.formula))
        ]

    def _refuse_protected(self, sheets: list[str]) -> None:
        """Refuse sheets that can't be written, before anything is."""
        for name in dict.fromkeys(sheets):
            if host(self.book).is_protected(self.book.sheets[name]):
                raise BookError("protected_sheet", file=self.name, sheet=name)

    def _refuse_names(self, new: list[str]) -> None:
        """Refuse new sheets that the workbook can't take."""
        if not new:
            return
        if host(self.book).has_locked_structure(self.book):
            raise BookError("protected_structure", file=self.name)
        taken = {name.casefold() for name in host(self.book).all_sheets(self.book)}
        for name in new:
            if name.casefold() in taken:
                raise BookError("not_a_worksheet", file=self.name, sheet=name)

    def _worksheet(self, name: str) -> str:
        """The sheet's name as the workbook spells it."""
        for found in self.sheet_names():
            if found.casefold() == name.casefold():
                return found
        raise BookError("no_sheet", file=self.name, sheet=name)


@dataclass(frozen=True)
class _NewColumn:
    """Cells below one another in new rows, the cell above them, and what goes into them."""

    sheet: str
    cells: str
    above: str
    values: list[object]


def _new_columns(sheet: str, first: int, rows: NewRows) -> list[_NewColumn]:
    """The columns of new rows, all of which fill the same ones."""
    last = first + len(rows) - 1
    return [
        _NewColumn(
            sheet,
            f"{address(first, column)}:{address(last, column)}",
            address(max(first - 1, 0), column),
            [row[column] for row in rows],
        )
        for column in (rows[0] if rows else ())
    ]


def _as_com(value: object) -> object:
    """COM knows moments, no days."""
    return dt.datetime(value.year, value.month, value.day) if isinstance(value, dt.date) else value


def undo(book: xlwings.Book) -> list[str] | None:
    """Put back what the last refresh replaced: sheets whose values were changed since and stay; None for nothing."""
    previous = Previous.find(book)
    if previous is None:
        return None
    moved = previous.moved()
    previous.put_back(leave=moved)
    return moved
