"""Large blocks are written at once, read ahead and packed in pieces: the same file as cell by cell."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

from smile_xl.book import BookError
from smile_xl.books.xlsx import archive, render
from smile_xl.books.xlsx import book as module
from smile_xl.books.xlsx.archive import Archive, zip_of
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.bulk import LARGE, ExactWorkbook, ExactWorksheet
from smile_xl.reports.page import Block, Column, Formula, Page

ODD = [
    *("", " a ", "a & b <c>", '"', "=1+1", "é ✓ 😀", "\x01", "_x0041_", "two\nlines", "<r>x</r>", "x" * 20_000),
    *(0.0, -0.0, 0.1 + 0.2, 1e300, 5e-324, 17, 2**60, True, False, None, float("inf"), dt.date(2023, 8, 1)),
]


def page(rows=LARGE + 5):
    """A page of two large blocks that hold everything a page can hold."""
    kinds = ["text", "tonnes", "cash", "any", "weeks"]
    columns = [Column(kind, kind, is_input=kind == "cash") for kind in kinds]
    values = [[f"item {row}", row / 7, float(row), ODD[row % len(ODD)], ODD[-row % len(ODD)]] for row in range(rows)]
    values[-1] = ["Total"]  # shorter than the others
    marks = {(row, 1): "risk" for row in range(0, rows, 3)} | {(5, 4): "capped", (9, 0): "warning"}
    roles = {4: "subtotal", rows - 1: "total"}
    numbers = [[f"item {row}", 1.5 * row, 2.0, 3.0, -1.0 / (row + 1)] for row in range(rows)]
    formula = Formula(1, 3, 2, 2, "SMILE_CLOSING(B1:C9)")
    blocks = [Block(columns, values, "Odd", roles=roles, marks=marks), Block(columns, numbers, formulas=[formula])]
    return Page("Page", "A page", ["a line"], blocks, "en", labels=2)


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return {name: source.read(name) for name in source.namelist()}


def test_a_page_is_the_same_as_written_cell_by_cell(monkeypatch):
    at_once = parts(render.render([page()]))
    monkeypatch.setattr(render, "LARGE", 10**9)
    by_cell = parts(render.render([page()]))
    assert at_once.keys() == by_cell.keys()
    assert {name for name in at_once if at_once[name] != by_cell[name]} <= {
        "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
    }  # fmt: skip
    one, other = (openpyxl.load_workbook(io.BytesIO(zip_of(found)))["Page"] for found in (at_once, by_cell))
    assert one.dimensions == other.dimensions
    for row, expected_row in zip(one.iter_rows(), other.iter_rows(), strict=True):
        for cell, expected in zip(row, expected_row, strict=True):
            if isinstance(expected.value, openpyxl.worksheet.formula.ArrayFormula):
                assert cell.value.text == expected.value.text
            else:
                assert (cell.value, cell.data_type) == (expected.value, expected.data_type), cell.coordinate
            for look in ("number_format", "fill", "font", "border", "alignment"):
                assert repr(getattr(cell, look)) == repr(getattr(expected, look)), cell.coordinate


def test_numbers_and_texts_alone_give_the_same_bytes(monkeypatch):
    columns = [Column("Item", "text"), Column("Tonnes", "tonnes")]
    values = [[f"item {row % 50}", row / 7] for row in range(LARGE)]
    plain = Page("Page", "A page", [], [Block(columns, values, "Items", marks={(3, 1): "risk"})], "en")
    at_once = parts(render.render([plain]))["xl/worksheets/sheet1.xml"]
    monkeypatch.setattr(render, "LARGE", 10**9)
    by_cell = parts(render.render([plain]))["xl/worksheets/sheet1.xml"]
    assert at_once == by_cell


def test_a_large_page_is_grafted_with_its_texts_in_the_cells(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("Own").write(0, 0, "kept")
    book = XlsxBook(path)
    book.write_page(page())
    book.save()
    found = parts(path.read_bytes())
    assert b't="s"' not in found["xl/worksheets/sheet2.xml"]
    top = page().first_row()
    cells = openpyxl.load_workbook(path)["Page"]
    for row, value in enumerate(ODD):
        if isinstance(value, str) and len(value) < 100:
            escaped = {"\x01": "_x0001_", "_x0041_": "_x005F_x0041_"}.get(value, value)
            assert (cells.cell(top + row + 1, 4).value or "") == escaped
    assert [cells.cell(top + row + 1, 2).value for row in range(9)] == [row / 7 for row in range(9)]


@pytest.mark.parametrize("rows", [3, LARGE])
def test_a_computed_column_has_its_formula_and_its_value_on_every_row(rows):
    texts = ["a & b <c>", "\x01", "é", "", "=1+1"]
    values = [[float(row), row / 7, texts[row % 5]] for row in range(rows)]
    columns = [
        Column("x", "tonnes"),
        Column("y", "tonnes", formula="A#/7"),
        Column("z", "text", formula='IF(B#<1,"<",A#)'),
    ]
    plain = Page("Page", "A page", [], [Block(columns, values, marks={(1, 1): "risk"})], "en")
    data = zip_of(render.rendered_parts([plain], recalculated=True))
    assert b'fullCalcOnLoad="1"' in parts(data)["xl/workbook.xml"]
    formulas, cached = (openpyxl.load_workbook(io.BytesIO(data), data_only=only)["Page"] for only in (False, True))
    for row, (number, ratio, text) in enumerate(values, start=plain.first_row() + 1):
        assert [cell.value for cell in formulas[row]] == [number, f"=A{row}/7", f'=IF(B{row}<1,"<",A{row})']
        assert cached.cell(row, 2).value == ratio
        assert (cached.cell(row, 3).value or "").replace("_x0001_", "\x01") == text
    assert (
        formulas.cell(plain.first_row() + 2, 2).fill.bgColor.rgb
        != formulas.cell(plain.first_row() + 1, 2).fill.bgColor.rgb
    )


def test_a_cell_written_by_itself_lies_on_top_before_and_after():
    workbook = ExactWorkbook()
    sheet = workbook.add_worksheet("Page", worksheet_class=ExactWorksheet)
    style = workbook.add_format({"bold": True})
    sheet.write_number(2, 1, 7)
    assert sheet.write_block(1, 1, [[1.0, "a"], [2.0, True], [None]], [style, style], {}) == [(1, 1)]
    sheet.write_string(3, 4, "beside")
    sheet.write_string(9, 0, "below")
    cells = openpyxl.load_workbook(io.BytesIO(zip_of(workbook.to_parts())))["Page"]
    assert [[cell.value for cell in row] for row in cells["B2:E4"]] == [
        [1, "a", None, None],
        [7, None, None, None],
        [None, None, None, "beside"],
    ]
    assert cells["A10"].value == "below"


@pytest.mark.parametrize("top", [0, 1, 2, 1_048_575])
def test_a_block_on_another_one_or_beyond_the_sheet_is_refused(top):
    workbook = ExactWorkbook()
    sheet = workbook.add_worksheet("Page", worksheet_class=ExactWorksheet)
    style = workbook.add_format({"bold": True})
    sheet.write_block(1, 0, [[1.0], [2.0]], [style], {})
    with pytest.raises(ValueError, match="row"):
        sheet.write_block(top, 0, [[1.0], [2.0]], [style], {})


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 5000])
def test_a_part_packed_in_pieces_is_one_part(size, monkeypatch):
    monkeypatch.setattr(archive, "_PIECE", 1000)
    data = bytes(range(256)) * 20
    packed = zip_of({"a.xml": data[:size], "b.xml": b"other"})
    with zipfile.ZipFile(io.BytesIO(packed)) as source:
        assert source.testzip() is None
        assert source.read("a.xml") == data[:size]
    assert Archive(packed, "book").read("a.xml") == data[:size]


def test_a_part_is_read_the_same_again_whatever_is_kept(monkeypatch):
    monkeypatch.setattr(archive, "_KEPT", 10)
    source = Archive(zip_of({"a": b"1" * 20, "b": b"2" * 6, "c": b"3" * 6}), "book")
    for _ in range(2):
        assert [source.read(name) for name in "abc"] == [b"1" * 20, b"2" * 6, b"3" * 6]


def test_a_sheet_read_ahead_is_the_sheet(tmp_path, monkeypatch):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name in ("A", "B"):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, [name, 1.5, 2])
            sheet.write_formula(1, 0, "=NA()", None, "#N/A")
    without = [XlsxBook(path).read(name).rows for name in ("A", "B")]
    monkeypatch.setattr(module, "_WORTH_READING_AHEAD", 0)
    assert [XlsxBook(path).read(name).rows for name in ("A", "B")] == without
    assert XlsxBook(path).read("B").rows == without[1]


def test_a_sheet_that_may_not_be_read_is_refused_when_it_is_wanted_and_not_before(tmp_path, monkeypatch):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("Wide").write_row(0, 0, range(50))
        workbook.add_worksheet("Own").write(0, 0, 1)
    found = parts(path.read_bytes())
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace(b'r="B1"', b'r="XFD1048577"')
    path.write_bytes(zip_of(found))
    monkeypatch.setattr(module, "_WORTH_READING_AHEAD", 0)
    book = XlsxBook(path)
    assert book.read("Own").rows[0][0] == 1
    with pytest.raises(BookError) as raised:
        book.read("Wide")
    assert raised.value.code == "too_wide"


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        pytest.param("=IF(A1>0,MAX(A1:A9),0)", "IF(A1&gt;0,MAX(A1:A9),0)", id="functions that Excel has always had"),
        pytest.param("=IF(A1>0,XLOOKUP(1,A:A,B:B),0)", "IF(A1&gt;0,_xlfn.XLOOKUP(1,A:A,B:B),0)", id="a newer one among them"),
        pytest.param("=A1+1", "A1+1", id="no function"),
    ],
)  # fmt: skip
def test_a_newer_function_has_the_name_that_excel_knows_in_a_file(formula, written):
    book = ExactWorkbook()
    sheet = book.add_worksheet("S", worksheet_class=ExactWorksheet)
    sheet.write_formula("C1", formula)
    sheet.write_array_formula("C2:C2", f"{{{formula}}}")
    sheet.conditional_format("A1:A9", {"type": "formula", "criteria": formula})
    xml = book.to_parts()["xl/worksheets/sheet1.xml"].decode()
    assert xml.count(f">{written}</f") == 3


def test_of_the_parts_read_last_as_many_are_kept_as_have_room(monkeypatch):
    monkeypatch.setattr(archive, "_KEPT", 10)
    found = Archive(zip_of({"a": b"aaaa", "b": b"bbbb", "c": b"cccc", "large": b"x" * 11}), "book.xlsx")
    unpacked = []
    unpack = Archive._unpacked
    monkeypatch.setattr(Archive, "_unpacked", lambda self, name: unpacked.append(name) or unpack(self, name))
    for name in ("a", "b", "a", "c", "a", "b", "large", "large", "b"):
        found.read(name)
    assert unpacked == ["a", "b", "c", "b", "large", "large", "b"]
