"""New rows in a sheet that is not the product's: they look like the row above, and every other byte stays."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.table import Table

from smile_xl.book import BookError
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.rows import added
from smile_xl.books.xlsx.sheetdata import SheetData
from smile_xl.reports.page import Block, Column, Page

ABOVE = b'<row r="2" spans="1:3"><c r="A2" s="4"><v>45139</v></c><c r="C2" s="7"><v>5</v></c></row>'


def sheet(rows: bytes, head: bytes = b'<dimension ref="A2:C2"/>', prefix: bytes = b"") -> bytes:
    p = prefix
    name = b"xmlns:x" if p else b"xmlns"
    return b'<%bworksheet %b="u">%b<%bsheetData>%b</%bsheetData></%bworksheet>' % (p, name, head, p, rows, p, p)


def with_rows(xml: bytes, first: int, *rows: dict[int, object]) -> bytes:
    return added(SheetData(xml, "plan.xlsx", "Opportunities"), first, rows)


def test_rows_take_the_formats_of_the_row_above() -> None:
    new = b'<row r="3"><c r="A3" s="4"><v>45170</v></c><c r="C3" s="7"><v>1.5</v></c></row>'
    found = with_rows(sheet(ABOVE), 2, {0: dt.date(2023, 9, 1), 2: 1.5})
    assert found == sheet(ABOVE + new, b'<dimension ref="A2:C3"/>')


def test_a_cell_of_the_row_keeps_its_own_format_and_other_cells_stay() -> None:
    own = b'<row r="3" spans="2:9" ht="20"><c r="B3" s="9"/><c r="I3" t="s"><v>3</v></c></row>'
    found = with_rows(sheet(ABOVE + own), 2, {0: 1.0, 1: "x"})
    assert found.endswith(
        b'<row r="3" spans="1:9" ht="20"><c r="A3" s="4"><v>1</v></c><c r="B3" s="9" t="inlineStr"><is>'
        b'<t xml:space="preserve">x</t></is></c><c r="I3" t="s"><v>3</v></c></row></sheetData></worksheet>'
    )


def test_rows_between_others_come_in_order_and_prefixes_are_kept() -> None:
    rows = b'<x:row r="2"/><x:row r="5"><x:c r="A5"><x:v>1</x:v></x:c></x:row>'
    found = with_rows(sheet(rows, b"", b"x:"), 2, {0: 1.0}, {0: "a"})
    new = (
        b'<x:row r="3"><x:c r="A3"><x:v>1</x:v></x:c></x:row><x:row r="4"><x:c r="A4" t="inlineStr"><x:is>'
        b'<x:t xml:space="preserve">a</x:t></x:is></x:c></x:row>'
    )
    assert found == sheet(rows.replace(b'<x:row r="5">', new + b'<x:row r="5">'), b"", b"x:")


def test_an_empty_sheet_takes_rows() -> None:
    xml = b'<worksheet xmlns="u"><sheetData/></worksheet>'
    assert with_rows(xml, 0, {0: 2.0}) == sheet(b'<row r="1"><c r="A1"><v>2</v></c></row>', b"")


@pytest.mark.parametrize("inside", [b"<v>1</v>", b"<f>A1</f>", b'<f t="shared" si="0"/><v></v>', b"<is><t>a</t></is>"])
def test_a_cell_that_holds_something_is_never_written_over(inside: bytes) -> None:
    with pytest.raises(BookError) as caught:
        with_rows(sheet(b'<row r="3"><c r="A3">%b</c></row>' % inside), 2, {0: 1.0})
    assert (caught.value.code, caught.value.values["cell"]) == ("not_blank", "A3")


def test_text_of_control_characters_and_escapes_comes_back_as_it_was(tmp_path) -> None:
    path = tmp_path / "plan.xlsx"
    openpyxl.Workbook().save(path)
    book = XlsxBook(path)
    book.add_rows("Sheet", 0, [{0: "a\x07b _x0041_ <&> "}])
    book.save()
    assert XlsxBook(path).read("Sheet").rows[0][0] == "a\x07b _x0041_ <&> "


def test_dates_written_into_a_book_of_the_1904_calendar_are_read_back(tmp_path):
    """As rows of a table and on a page, by our reader and by openpyxl."""
    path, month = tmp_path / "plan.xlsx", dt.date(2019, 4, 1)
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as workbook:
        format_ = workbook.add_format({"num_format": "mmm-yy"})
        workbook.add_worksheet("Table").write_datetime(0, 0, dt.datetime(2019, 3, 1), format_)
    book = XlsxBook(path)
    book.add_rows("Table", 1, [{0: month}])
    block = Block([Column(month, "tonnes"), Column("Month", "month")], [[1.0, month]])
    book.write_page(Page("Report", "Title", [], [block], "en"))
    book.save()
    read = XlsxBook(path)
    opened = openpyxl.load_workbook(path)
    for name, cells in (("Table", ["A2"]), ("Report", ["A3", "B4"])):
        for cell in cells:
            row, column = int(cell[1:]) - 1, ord(cell[0]) - ord("A")
            assert str(read.read(name).rows[row][column])[:10] == "2019-04-01"
            assert str(opened[name][cell].value)[:10] == "2019-04-01"


def test_a_merge_or_a_table_header_below_is_refused_and_nothing_written(tmp_path) -> None:
    for case, code in (("merge", "merged"), ("table", "table_header")):
        path = tmp_path / f"{case}.xlsx"
        workbook = openpyxl.Workbook()
        workbook.active["A1"] = "Month"
        if case == "merge":
            workbook.active.merge_cells("A2:B3")
        else:
            workbook.active.append(["x", "y"])
            workbook.active.append([1, 2])
            workbook.active.add_table(Table(displayName="Notes", ref="A2:B3"))
        workbook.save(path)
        before = path.read_bytes()
        book = XlsxBook(path)
        book.add_rows("Sheet", 1, [{0: 1.0, 1: 2.0}])
        with pytest.raises(BookError) as caught:
            book.save()
        assert caught.value.code == code
        assert path.read_bytes() == before
