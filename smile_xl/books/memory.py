"""A workbook in memory: for tests, and for tables that come from elsewhere than a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from smile_xl.book import BookError, NewRows
from smile_xl.planning.grid import CellError, Grid, address, is_blank
from smile_xl.planning.past import NOTHING_KEPT, Past
from smile_xl.reports.page import Page


class MemoryBook:
    """Sheets as lists of rows; pages and renewed values are kept for whoever looks at them."""

    def __init__(
        self,
        sheets: Mapping[str, Sequence[Sequence[object]]] | Sequence[Grid],
        name: str = "memory",
        past: Past = NOTHING_KEPT,
    ) -> None:
        grids = [Grid(name, rows) for name, rows in sheets.items()] if isinstance(sheets, Mapping) else sheets
        self.name = name
        self.pages: dict[str, Page] = {}
        self.past = past
        self._grids = {grid.sheet: grid for grid in grids}

    def sheet_names(self) -> list[str]:
        """Names of the sheets."""
        return list(self._grids)

    def read(self, sheet: str) -> Grid:
        """Values of a sheet."""
        if sheet not in self._grids:
            raise BookError("no_sheet", file=self.name, sheet=sheet)
        return self._grids[sheet]

    def write_page(self, page: Page) -> None:
        """Keep the page, and its values as the sheet's."""
        rows = [[_shown(value) for value in row] for row in page.cells()]
        self.pages[page.sheet] = page
        self._grids[page.sheet] = Grid(page.sheet, rows)

    def renew_values(self, sheet: str, row: int, column: int, values: np.ndarray) -> None:
        """Put values into existing cells."""
        rows = [list(line) for line in self.read(sheet).rows]
        for place, line in enumerate(values.tolist(), start=row):
            rows += [[] for _ in range(place + 1 - len(rows))]
            rows[place] += [None] * (column + len(line) - len(rows[place]))
            rows[place][column : column + len(line)] = [_shown(value) for value in line]
        self._grids[sheet] = Grid(sheet, rows)

    def add_rows(self, sheet: str, row: int, rows: NewRows) -> None:
        """Put values into blank cells."""
        lines = [list(line) for line in self.read(sheet).rows]
        for place, values in enumerate(rows, start=row):
            lines += [[] for _ in range(place + 1 - len(lines))]
            for column, value in values.items():
                lines[place] += [None] * (column + 1 - len(lines[place]))
                if not is_blank(lines[place][column]):
                    raise BookError("not_blank", file=self.name, sheet=sheet, cell=address(place, column))
                lines[place][column] = value
        self._grids[sheet] = Grid(sheet, lines)


def _shown(value: object) -> object:
    """A value as a cell shows it: infinity is #N/A, NaN is blank."""
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else CellError("#N/A")
    return value
