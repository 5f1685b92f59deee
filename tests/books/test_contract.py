"""What every adapter of the port does, whatever stands behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import openpyxl
import pytest
from fake_excel import Excel, appscript

from smile_xl.book import Book, BookError
from smile_xl.books.live.book import LiveBook
from smile_xl.books.memory import MemoryBook
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.planning.grid import CellError
from smile_xl.reports.page import Block, Column, Page

ROWS = [
    ["Country", "SAP code", None, dt.datetime(2023, 8, 1)],
    [],
    ["Morocco", "00123", None, 1.5],
    [None, None, None, True],
]
PAGE = Page(
    "Report",
    "A title",
    ["a line"],
    [Block([Column("Name", "text"), Column(dt.date(2023, 8, 1), "tonnes")], [["a", 1.25], ["b", None]], "A block")],
    "en",
)


class Saved:
    """An open workbook into which all is written before each look."""

    def __init__(self, path: Path) -> None:
        excel = Excel()
        self.book = LiveBook(excel.xlwings_book(excel.load(path)))

    def __call__(self) -> Book:
        self.book.save()
        return self.book


class Reopened:
    """A file that is saved and opened again before each look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = XlsxBook(path)

    def __call__(self) -> Book:
        self.book.save()
        self.book = XlsxBook(self.path)
        return self.book


class SavedOnMac(Saved):
    """The same in an Excel on a Mac."""

    def __init__(self, path: Path, module: ModuleType) -> None:
        excel = appscript.MacExcel(module)
        self.book = LiveBook(excel.xlwings_book(excel.load(path)))


@pytest.fixture(params=["memory", "xlsx", "live", "mac"])
def opened(request: pytest.FixtureRequest, tmp_path: Path):
    """A function that gives the book with everything that was written so far."""
    if request.param == "memory":
        book = MemoryBook({"Data": ROWS, "Other": [[1.0]]}, name="book")
        return lambda: book
    workbook = openpyxl.Workbook()
    workbook.active.title = "Data"
    for row, values in enumerate(ROWS, start=1):
        for column, value in enumerate(values, start=1):
            workbook["Data"].cell(row, column).value = value
    workbook.create_sheet("Other")["A1"] = 1.0
    path = tmp_path / "book.xlsx"
    workbook.save(path)
    if request.param == "mac":
        return SavedOnMac(path, request.getfixturevalue("xlmac"))
    return Saved(path) if request.param == "live" else Reopened(path)


@pytest.fixture
def xlmac() -> Iterator[ModuleType]:
    """xlwings' module for Macs."""
    with appscript.xlmac() as module:
        yield module


def filled(book: Book, sheet: str) -> dict[tuple[int, int], object]:
    rows = book.read(sheet).rows
    return {
        (r, c): plain(value) for r, row in enumerate(rows) for c, value in enumerate(row) if value not in (None, "")
    }


def plain(value: object) -> object:
    """A date at midnight and a date are the same to a reader."""
    return value.date() if isinstance(value, dt.datetime) else value


def test_sheets_are_named_in_order(opened) -> None:
    assert opened().sheet_names() == ["Data", "Other"]


def test_values_stand_where_they_are(opened) -> None:
    assert filled(opened(), "Data") == {
        (0, 0): "Country",
        (0, 1): "SAP code",
        (0, 3): dt.date(2023, 8, 1),
        (2, 0): "Morocco",
        (2, 1): "00123",
        (2, 3): 1.5,
        (3, 3): True,
    }


def test_a_sheet_that_is_not_there_is_refused(opened) -> None:
    with pytest.raises(BookError) as caught:
        opened().read("Nowhere")
    assert caught.value.code == "no_sheet"


def test_a_page_becomes_the_last_sheet_and_is_replaced_in_place(opened) -> None:
    opened().write_page(PAGE)
    book = opened()
    assert book.sheet_names() == ["Data", "Other", "Report"]
    values = filled(book, "Report")
    first = PAGE.first_row()
    assert values[0, 0] == "A title"
    assert (values[first, 0], values[first, 1], values[first + 1, 0]) == ("a", 1.25, "b")
    book.write_page(Page("Report", "Another", [], [Block([Column("Name", "text")], [])], "en"))
    book = opened()
    assert book.sheet_names() == ["Data", "Other", "Report"]
    assert filled(book, "Report") == {(0, 0): "Another", (2, 0): "Name"}


def test_renewed_values_replace_only_their_cells(opened) -> None:
    before = filled(opened(), "Data")
    opened().renew_values("Data", 2, 3, np.array([[7.25, np.inf], [np.nan, 0.1 + 0.2]]))
    after = filled(opened(), "Data")
    assert after.pop((2, 3)) == 7.25
    assert after.pop((2, 4)) == CellError("#N/A")
    assert after.pop((3, 4)) == 0.1 + 0.2
    del before[2, 3], before[3, 3]
    assert after == before


def test_new_rows_take_texts_numbers_and_months_and_nothing_else_changes(opened) -> None:
    before = filled(opened(), "Data")
    rows = [{0: "Algérie", 1: "00045", 3: dt.date(2023, 9, 1)}, {0: "=1+1", 1: "<a> & b", 3: 0.1 + 0.2}]
    opened().add_rows("Data", 4, rows)
    after = filled(opened(), "Data")
    new = {place: after.pop(place) for place in list(after) if place[0] >= 4}
    assert after == before
    month = new.pop((4, 3))
    assert new == {(4, 0): "Algérie", (4, 1): "00045", (5, 0): "=1+1", (5, 1): "<a> & b", (5, 3): 0.1 + 0.2}
    # Where the row above shows no date, a file's month is seen as its number.
    assert month in (dt.date(2023, 9, 1), 45170.0)


def test_new_rows_never_write_over_something(opened) -> None:
    with pytest.raises(BookError) as caught:
        opened().add_rows("Data", 3, [{0: "Algeria", 3: 1.0}])
        opened()
    assert (caught.value.code, caught.value.values["cell"]) == ("not_blank", "D4")
