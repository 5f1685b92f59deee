"""The cells, names and tables of a book, as formulas refer to them."""

from __future__ import annotations

from functools import cached_property

from smile_xl.formulas.cells import CellFormula, FormulaBook, Span, TableRange
from smile_xl.formulas.native import Rows
from smile_xl.planning.grid import Grid, Sheets


class BookCells:
    """What a book holds; each sheet is read once. One that can't tell has no formulas, names and tables."""

    def __init__(self, book: Sheets) -> None:
        self._book = book
        self._sheets: dict[str, str] = {name.casefold(): name for name in book.sheet_names()}
        self._grids: dict[str, Grid] = {}
        self._formulas: dict[str, list[CellFormula]] = {}

    @property
    def book(self) -> Sheets:
        """The book itself."""
        return self._book

    def sheets(self) -> list[str]:
        """Names of the sheets, in the order of their tabs."""
        return list(self._sheets.values())

    def grid(self, sheet: str) -> Grid:
        """Values of a sheet as the book has them."""
        if sheet not in self._grids:
            self._grids[sheet] = self._book.read(sheet)
        return self._grids[sheet]

    def cached(self, sheet: str, row: int, column: int) -> object:
        """Value that a cell shows."""
        rows = self.grid(sheet).rows
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else None

    def formulas(self, sheet: str) -> list[CellFormula]:
        """Cells of a sheet with a formula."""
        if sheet not in self._formulas:
            self._formulas[sheet] = self._book.formulas(sheet) if isinstance(self._book, FormulaBook) else []
        return self._formulas[sheet]

    def values(self, sheet: str, span: Span, /) -> Rows:
        """Values of cells, blanks where the sheet ends."""
        rows: Rows = []
        width = span.right - span.left + 1
        for line in self.grid(self._sheets[sheet.casefold()]).rows[span.top : span.bottom + 1]:
            cut = list(line[span.left : span.right + 1])
            rows.append(cut + [None] * (width - len(cut)))
        return rows + [[None] * width for _ in range(span.bottom + 1 - span.top - len(rows))]

    def extent(self, sheet: str) -> tuple[int, int] | None:
        """Rows and columns of a sheet, None where there is no such sheet."""
        name = self._sheets.get(sheet.casefold())
        if name is None:
            return None
        rows = self.grid(name).rows
        return len(rows), max(map(len, rows), default=0)

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """Formulas of the defined names."""
        return dict(self._book.defined_names()) if isinstance(self._book, FormulaBook) else {}

    @cached_property
    def _tables(self) -> list[TableRange]:
        return self._book.tables() if isinstance(self._book, FormulaBook) else []

    def name(self, sheet: str, name: str) -> str | None:
        """Formula of a defined name, of the sheet if it has one."""
        keys = ((sheet.casefold(), name.casefold()), ("", name.casefold()))
        return next((self.names[key] for key in keys if key in self.names), None)

    def table(self, name: str) -> TableRange | None:
        """A table by its name."""
        return next((one for one in self._tables if one.name.casefold() == name.casefold()), None)

    def table_around(self, sheet: str, row: int, column: int) -> TableRange | None:
        """The table that a cell is in."""
        return next((one for one in self._tables if one.sheet == sheet and one.span.holds(row, column)), None)
