"""What goes back into the team's own cells: results and imported figures, by sheet and cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import Home, Sheets
from smile_xl.planning.imports.allocate import Import
from smile_xl.planning.imports.listing import ListError
from smile_xl.planning.srm import RESULT_BLOCKS
from smile_xl.planning.tables import column_values, month_text


class CellBlock(NamedTuple):
    """Values for the cells of a sheet from a row and column on."""

    sheet: str
    row: int
    column: int
    values: np.ndarray


def result_blocks(cycle: Cycle) -> Iterator[CellBlock]:
    """Fresh values for the result blocks that the book has."""
    srm = cycle.inputs.srm
    grid = srm.table.grid
    homes = [grid.home_row(row) for row in srm.table.rows]
    for name in RESULT_BLOCKS:
        values, columns = getattr(cycle.plan, name), srm.results.get(name, {})
        for sheet, group in groupby(range(len(homes)), key=lambda item: homes[item][0]):
            items = list(group)
            first = srm.table.rows[items[0]]
            places = {month: grid.home(first, column) for month, column in sorted(columns.items())}
            own = [(month, home.column) for month, home in places.items() if home is not None]
            for months, across in _runs(own):
                for part, rows in _runs([(item, homes[item][1]) for item in items]):
                    block = values[part[0] : part[-1] + 1, months[0] : months[-1] + 1]
                    yield CellBlock(sheet, rows[0], across[0], np.ascontiguousarray(block))


def find_result(cycle: Cycle, sheet: str, row: int, column: int) -> tuple[str, int, int] | None:
    """The result block, item and month that a cell of the book shows; None for another cell."""
    srm = cycle.inputs.srm
    grid, wanted = srm.table.grid, (sheet.casefold(), row)
    for item, place in enumerate(srm.table.rows):
        own, line = grid.home_row(place)
        if (own.casefold(), line) == wanted:
            for name, columns in srm.results.items():
                for month, one in columns.items():
                    home = grid.home(place, one)
                    if home and home.column == column:
                        return name, item, month
    return None


def import_cells(cycle: Cycle, found: Import) -> dict[Home, float]:
    """The cells of the new values of an import, with these in the unit that the sheet has; raises ListError."""
    srm, months = cycle.inputs.srm, {month_text(month): place for place, month in enumerate(cycle.inputs.planned)}
    grid = srm.table.grid
    cells = {}
    for (item, field), tonnes in found.cells.items():
        column = srm.confirmed_columns[months[field]] if field in months else srm.stock_columns[field]
        row = srm.table.rows[item]
        home = grid.home(row, column)
        if home is None:
            sheet, cell = grid.place(row, column)
            raise ListError("input_no_cell", sheet=sheet, cell=cell, field=field)
        cells[home] = grid.in_own_unit(row, column, tonnes)
    return cells


def import_blocks(book: Sheets, cycle: Cycle, cells: dict[Home, float]) -> Iterator[CellBlock]:
    """The same as blocks of one column: the items' cells between get the values that they have already."""
    srm = cycle.inputs.srm
    items: dict[str, list[int]] = {}
    for row in srm.table.rows:
        sheet, own = srm.table.grid.home_row(row)
        items.setdefault(sheet, []).append(own)
    for sheet, column in sorted({(home.sheet, home.column) for home in cells}):
        rows = [home.row for home in cells if (home.sheet, home.column) == (sheet, column)]
        between = [row for row in items[sheet] if min(rows) <= row <= max(rows)]
        grid = book.read(sheet)
        for _, span in _runs([(row, row) for row in between]):
            old = [value if isinstance(value, float) else np.nan for value in column_values(grid, span, column)]
            pairs = zip(span, old, strict=True)
            new = [[cells.get(Home(sheet, row, column), value)] for row, value in pairs]
            yield CellBlock(sheet, span[0], column, np.array(new))


def _runs(pairs: Sequence[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    """Pairs split where either number does not simply go up by one."""
    numbered = [(first, second, place) for place, (first, second) in enumerate(pairs)]
    runs = []
    for _, run in groupby(numbered, key=lambda one: (one[0] - one[2], one[1] - one[2])):
        lines = list(run)
        runs.append(([line[0] for line in lines], [line[1] for line in lines]))
    return runs
