"""Cells with a formula, and what else of a workbook formulas refer to: names and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from smile_xl.planning.grid import Sheets, address


class Span(NamedTuple):
    """A rectangle of cells, both corners included; rows and columns count from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """Its address: A1 or A1:B9."""
        corners = address(self.top, self.left), address(self.bottom, self.right)
        return ":".join(dict.fromkeys(corners))

    def holds(self, row: int, column: int) -> bool:
        """True for a cell of the rectangle."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True)
class CellFormula:
    """A formula, without its equals sign, over the cells that show its result."""

    span: Span
    """One cell, or the range of an array formula."""
    text: str
    is_array: bool = False


@dataclass(frozen=True)
class Aside:
    """A formula that is no cell's: of a conditional format or of a data validation."""

    sheet: str
    cells: str
    kind: str
    """conditional or validation."""
    text: str


@dataclass(frozen=True)
class TableRange:
    """A table of the workbook, as structured references name it."""

    name: str
    sheet: str
    span: Span
    headers: int
    totals: int
    columns: Sequence[str]


@runtime_checkable
class FormulaFinder(Protocol):
    """A workbook that is asked cell by cell whether it holds a formula, as an open one is."""

    def formula_among(self, sheet: str, places: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """The first of some cells, rows and columns counted from 0, that holds a formula."""
        ...


@runtime_checkable
class FormulaBook(Sheets, Protocol):
    """A workbook whose formulas can be read."""

    def formulas(self, sheet: str) -> list[CellFormula]:
        """Cells of a sheet with a formula, shared formulas written out."""
        ...

    def asides(self) -> list[Aside]:
        """Formulas of conditional formats and data validations."""
        ...

    def defined_names(self) -> Mapping[tuple[str, str], str]:
        """Formulas of the defined names, by sheet ("" for the whole workbook) and name, both in lower case."""
        ...

    def tables(self) -> list[TableRange]:
        """The workbook's tables."""
        ...


@runtime_checkable
class CellBook(Sheets, Protocol):
    """A workbook that tells the formula of one cell at a time."""

    def formula(self, sheet: str, row: int, column: int) -> CellFormula | None:
        """The formula whose result a cell shows; None for a cell without one."""
        ...


def own_formulas(book: Sheets) -> Callable[[str, int, int], bool]:
    """Tells whether a cell, by sheet, row and column, shows the result of a SMILE_ formula."""
    known: dict[str, list[Span]] = {}

    def has_own(sheet: str, row: int, column: int) -> bool:
        if isinstance(book, FormulaBook):
            if sheet not in known:
                known[sheet] = [one.span for one in book.formulas(sheet) if "SMILE_" in one.text.upper()]
            return any(span.holds(row, column) for span in known[sheet])
        found = book.formula(sheet, row, column) if isinstance(book, CellBook) else None
        return found is not None and "SMILE_" in found.text.upper()

    return has_own
