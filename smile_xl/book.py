"""The port to a workbook: read a sheet, write a report, renew result values. Nothing else.

Adapters live in ``smile_xl.books``: files, memory (tests), Excel itself. One contract test serves all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from smile_xl.language import SaidError
from smile_xl.planning.grid import Sheets
from smile_xl.reports.page import Page

NewRows = Sequence[Mapping[int, object]]
"""Values of each new row by their columns, the same in all: texts, numbers, or dates of months."""


class BookError(SaidError):
    """A workbook that can't be read or written as asked; its text stands in the catalogue as ``book.<code>``."""

    topic = "book"


class Book(Sheets, Protocol):
    """A workbook that the product reads and refreshes. Rows and columns count from 0."""

    def write_page(self, page: Page) -> None:
        """Write a page as the sheet ``page.sheet``, whole: replaced where it exists, else added at the end."""
        ...

    def renew_values(self, sheet: str, row: int, column: int, values: np.ndarray) -> None:
        """Put values, shape (rows, columns), into existing cells from (row, column) on; formulas stay.

        An infinite value is written as the error #N/A.
        """
        ...

    def add_rows(self, sheet: str, row: int, rows: NewRows) -> None:
        """Put texts, numbers and months into blank cells from ``row`` on, in the formats of the row above.

        Raises BookError, at the latest when the book is saved, where a cell is not blank.
        """
        ...
