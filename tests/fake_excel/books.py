"""Workbooks and their sheets, as Excel holds them."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from fake_excel.cells import Cell
from fake_excel.errors import com_error

if TYPE_CHECKING:
    from fake_excel.application import Excel


@dataclass
class Chart:
    series: list[str]


@dataclass
class Worksheet:
    name: str
    book: Workbook
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    charts: list[Chart] = field(default_factory=list)
    widths: dict[str, float] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)
    filter: str | None = None
    hidden_rows: set[int] = field(default_factory=set)
    window: object = None
    """Panes, gridlines and print set-up: they stay with the sheet, and come along only when a whole sheet is copied."""
    protected: bool = False
    is_chart: bool = False
    calculates: bool = True

    def seen(self) -> dict[str, object]:
        """What a reader sees."""
        names = ("cells", "charts", "widths", "rules", "lists", "levels", "filter", "hidden_rows", "window")
        return pickle.loads(pickle.dumps({name: getattr(self, name) for name in names}))

    def values(self) -> dict[str, object]:
        return {f"{get_column_letter(c)}{r}": cell.value for (r, c), cell in sorted(self.cells.items()) if cell.value is not None}  # fmt: skip


@dataclass
class Workbook:
    excel: Excel
    name: str
    handle: int
    sheets: list[Worksheet] = field(default_factory=list)
    active: Worksheet | None = None
    visible: bool = True
    saved: bool = True
    protected: bool = False
    path: str = ""

    def sheet(self, name: str) -> Worksheet:
        for sheet in self.sheets:
            if sheet.name.casefold() == name.casefold():
                return sheet
        raise com_error(f"Subscript out of range: {name}")

    def add(self, name: str, place: int | None = None) -> Worksheet:
        sheet = Worksheet(name, self)
        self.sheets.insert(len(self.sheets) if place is None else place, sheet)
        self.active = sheet
        return sheet


@dataclass
class Both:
    sheet: Worksheet
    area: tuple[int, int, int, int]


def block(cells, what) -> object:
    row, column, rows, columns = cells.area
    found = tuple(
        tuple(what(cells.sheet.cells.get((r, c)) or Cell()) for c in range(column, column + columns))
        for r in range(row, row + rows)
    )
    return found[0][0] if rows == columns == 1 else found
