"""A sheet as the adapters hand it over: its values from A1 on, and the names of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from smile_xl.planning.past import Past


@dataclass(frozen=True)
class CellError:
    """An error that a cell shows, such as #REF!; without text, a formula that was never calculated."""

    text: str = ""

    def __str__(self) -> str:
        return self.text


class Home(NamedTuple):
    """A cell of the workbook; row and column count from 0."""

    sheet: str
    row: int
    column: int


@dataclass(frozen=True)
class Grid:
    """Values of a sheet, ``rows[0][0]`` being A1; rows may differ in length.

    A value is a float, text, True or False, a date or datetime, a ``CellError``; blank is None or "".
    """

    sheet: str
    rows: Sequence[Sequence[object]]

    def place(self, row: int, column: int) -> tuple[str, str]:
        """Sheet and name of a cell; of a whole row for a negative column, of the sheet for a negative row."""
        if row < 0:
            return self.sheet, ""
        return self.sheet, address(row, max(column, 0))

    def home_row(self, row: int) -> tuple[str, int]:
        """Where a row stands in the workbook: sheet and row."""
        return self.sheet, row

    def home(self, row: int, column: int) -> Home | None:
        """Where a cell stands in the workbook; None for one that stands nowhere."""
        return Home(self.sheet, row, column)

    def origin(self, row: int, column: int) -> Home | None:
        """The cell that gives a value: its home, or one that gives it for many rows."""
        return self.home(row, column)

    def in_own_unit(self, row: int, column: int, value: float) -> float:
        """A figure of ours in the unit that the workbook has it in."""
        del row, column
        return value


class Sheets(Protocol):
    """What planning needs of a workbook: to read its sheets."""

    @property
    def name(self) -> str:
        """File name, as messages show it."""
        ...

    def sheet_names(self) -> list[str]:
        """Names of the worksheets, in the order of their tabs."""
        ...

    @property
    def past(self) -> Past:
        """Earlier cycles of this book, where they were kept."""
        ...

    def read(self, sheet: str) -> Grid:
        """Values of a sheet from A1 on; a cell that shows an error is a ``CellError``."""
        ...


def column_name(column: int) -> str:
    """Letters of a column that counts from 0.

    >>> column_name(0), column_name(27), column_name(16383)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Name of the cell in a row and column that count from 0.

    >>> address(4, 27)
    'AB5'
    """
    return f"{column_name(column)}{row + 1}"


def is_blank(value: object) -> bool:
    """True for None and for text of spaces only."""
    return value is None or (isinstance(value, str) and not value.strip(" \u00a0\u202f\t"))
