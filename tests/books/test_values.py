"""Cached values renewed in a sheet that is not the product's: every other byte stays."""

from __future__ import annotations

import re
import zipfile

import numpy as np
import openpyxl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from smile_xl.book import BookError
from smile_xl.books.xlsx import preflight
from smile_xl.books.xlsx.sheetdata import SheetData
from smile_xl.books.xlsx.values import Block, renew_values, spliced, without_formulas
from smile_xl.language import LANGUAGES, say

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROW = (
    b'<row r="3" spans="1:4" x14ac:dyDescent="0.25"><c r="A3" s="1"><v>1</v></c>'
    b'<c r="B3" s="2" cm="1"><f t="array" ref="B3:D3">SMILE_CLOSING(A3)</f><v>5</v></c>'
    b'<c r="C3" s="2"><v>6.5</v></c><c r="D3" s="2"><v>7</v></c></row>'
)


def sheet(rows=ROW, tail=b"", head=b'<dimension ref="A3:D3"/>'):
    space = f'xmlns="{MAIN}" xmlns:x14ac="u"'.encode()
    return b"<worksheet %b>%b<sheetData>%b</sheetData>%b</worksheet>" % (space, head, rows, tail)


def renewed(xml, row, column, values):
    """The sheet with new values from (row, column) on."""
    values = np.atleast_2d(np.asarray(values, dtype=float))
    return spliced(SheetData(xml, "plan.xlsx", "SRM"), [Block(row, column, values)])


def cells(xml):
    """Cells by name: the whole element."""
    found = re.findall(rb'<(?:x:)?c r="([A-Z]+\d+)"[^<>]*?(?:/>|>.*?</(?:x:)?c>)', xml)
    whole = re.findall(rb"<(?:x:)?c r[^<>]*?(?:/>|>.*?</(?:x:)?c>)", xml)
    return dict(zip(found, whole, strict=True))


def test_only_the_values_change():
    assert renewed(sheet(), 2, 1, [10, 11.25, -3]) == sheet(
        ROW.replace(b"<v>5<", b"<v>10<").replace(b"<v>6.5<", b"<v>11.25<").replace(b"<v>7<", b"<v>-3<")
    )


def test_values_that_are_there_already_change_no_byte():
    xml = sheet()
    assert renewed(xml, 2, 1, [5, 6.5, 7]) is xml


def test_the_same_number_in_other_digits_keeps_its_text():
    xml = sheet(ROW.replace(b"<v>5<", b"<v>0.10000000000000001<").replace(b"<v>7<", b"<v>1E-3<"))
    assert renewed(xml, 2, 1, [0.1, 6.5, 0.001]) is xml


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, b"3"), (-0.0, b"0"), (0.1, b"0.1"), (1e21, b"1e+21"), (1e16, b"1e+16"), (1 / 3, b"0.3333333333333333")],
)
def test_numbers_are_written_as_their_shortest_text(value, text):
    assert b'<c r="D3" s="2"><v>%b</v></c>' % text in renewed(sheet(), 2, 3, value)


def test_infinity_is_the_error_na_and_the_formula_stays():
    found = cells(renewed(sheet(), 2, 1, [np.inf, 1, -np.inf]))
    formula = b'<f t="array" ref="B3:D3">SMILE_CLOSING(A3)</f>'
    assert found[b"B3"] == b'<c r="B3" s="2" cm="1" t="e">' + formula + b"<v>#N/A</v></c>"
    assert found[b"C3"] == b'<c r="C3" s="2"><v>1</v></c>'
    assert found[b"D3"] == b'<c r="D3" s="2" t="e"><v>#N/A</v></c>'


def test_nan_is_a_blank_cell_with_its_format_and_formula():
    found = cells(renewed(sheet(), 2, 1, [np.nan, np.nan, 4]))
    assert found[b"B3"] == b'<c r="B3" s="2" cm="1"><f t="array" ref="B3:D3">SMILE_CLOSING(A3)</f></c>'
    assert found[b"C3"] == b'<c r="C3" s="2"/>'


def test_errors_and_blanks_become_numbers_again():
    odd = renewed(sheet(), 2, 1, [np.inf, np.nan, np.inf])
    assert renewed(odd, 2, 1, [np.inf, np.nan, np.inf]) is odd
    assert renewed(odd, 2, 1, [5, 6.5, 7]) == sheet()


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="C3" s="2" t="str"><v>a</v></c>',
        b'<c r="C3" t="e" s="2"><v>#NAME?</v></c>',
        b'<c r="C3" s="2" t="s"><v>1</v></c>',
        b'<c r="C3" s="2" t="inlineStr"><is><t>a</t></is></c>',
        b'<c r="C3" s="2" t="b"><v>1</v></c>',
        b'<c r="C3" s="2"/>',
        b'<c r="C3" s="2" />',
        b'<c r="C3" s="2"></c>',
        b"<c r='C3' s=\"2\"><v></v></c>",
    ],
)
def test_whatever_a_cell_held_becomes_the_number(cell):
    after = renewed(sheet(ROW.replace(b'<c r="C3" s="2"><v>6.5</v></c>', cell)), 2, 1, [5, 1, 7])
    assert after.replace(b"'", b'"') == sheet(ROW.replace(b"6.5", b"1"))


def test_missing_cells_come_in_order_with_spans_and_dimension():
    xml = sheet(b'<row r="3" spans="1:3" ht="20"><c r="A3"><v>1</v></c><c r="C3"><v>3</v></c></row>')
    assert renewed(xml, 2, 1, [2, 3, 4, 5]) == sheet(
        b'<row r="3" spans="1:5" ht="20"><c r="A3"><v>1</v></c><c r="B3"><v>2</v></c><c r="C3"><v>3</v></c>'
        b'<c r="D3"><v>4</v></c><c r="E3"><v>5</v></c></row>',
        head=b'<dimension ref="A3:E3"/>',
    )


def test_missing_rows_come_in_order():
    after = renewed(sheet(), 0, 0, np.arange(5.0)[:, None])
    assert re.findall(rb'<row r="(\d)"', after) == [b"1", b"2", b"3", b"4", b"5"]
    assert b'<dimension ref="A1:D5"/>' in after
    assert b'<row r="5"><c r="A5"><v>4</v></c></row></sheetData>' in after


@pytest.mark.parametrize("rows", [b"", b'<row r="3"/>', b'<row r="3"></row>', b'<row r="7"/>'])
def test_an_empty_sheet_or_row_takes_values(rows):
    after = renewed(sheet(rows, head=b""), 2, 0, [1, 2])
    assert b'<row r="3"><c r="A3"><v>1</v></c><c r="B3"><v>2</v></c></row>' in after


def test_a_self_closing_sheet_takes_values():
    xml = f'<worksheet xmlns="{MAIN}"><sheetData/><pageMargins/></worksheet>'.encode()
    after = renewed(xml, 0, 0, 1)
    assert b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><pageMargins/>' in after


def test_another_error_becomes_na_where_the_value_is_infinite():
    xml = sheet(ROW.replace(b'<c r="D3" s="2"><v>7</v></c>', b'<c r="D3" s="2" t="e"><v>#NAME?</v></c>'))
    assert cells(renewed(xml, 2, 3, np.inf))[b"D3"] == b'<c r="D3" s="2" t="e"><v>#N/A</v></c>'


def test_a_missing_cell_stays_missing_where_the_value_is_blank():
    xml = sheet()
    assert renewed(xml, 4, 6, [np.nan]) is xml


def test_cells_and_rows_without_references_are_counted():
    xml = sheet(b"<row><c><v>1</v></c></row><row><c/><c s='1'><v>2</v></c><c><v>3</v></c></row>", head=b"")
    assert renewed(xml, 1, 1, [20, 30, 40]) == sheet(
        b"<row><c><v>1</v></c></row><row><c/><c s='1'><v>20</v></c><c><v>30</v></c><c r=\"D2\"><v>40</v></c></row>",
        head=b"",
    )


def test_a_prefix_of_the_main_namespace_is_kept():
    xml = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>SMILE_CV(B1)</x:f><x:v>1</x:v></x:c>'
        '<x:c r="B1" t="e"><x:v>#N/A</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    ).encode()
    after = renewed(xml, 0, 0, [[2, 3, 4], [5, np.inf, 7]])
    assert cells(after)[b"A1"] == b'<x:c r="A1"><x:f>SMILE_CV(B1)</x:f><x:v>2</x:v></x:c>'
    assert cells(after)[b"B1"] == b'<x:c r="B1"><x:v>3</x:v></x:c>'
    assert after.endswith(
        b'<x:c r="C1"><x:v>4</x:v></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>5</x:v></x:c>'
        b'<x:c r="B2" t="e"><x:v>#N/A</x:v></x:c><x:c r="C2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )


def test_a_sheet_with_comments_or_cdata_is_refused():
    for odd in (b"<!-- <c r='A1'/> -->", b"<row><c r='A1' t='str'><v><![CDATA[a]]></v></c></row>"):
        with pytest.raises(BookError) as raised:
            renewed(sheet(odd), 0, 0, 1)
        assert raised.value.code == "unusual_sheet"


numbers = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, -0.0, 1.0, 5.0]))


@given(
    st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(0, 5),
    st.integers(0, 5),
    st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=4),
)
def test_what_is_written_is_read_back_and_written_again_changes_nothing(first, row, column, second):
    once = renewed(sheet(), row, column, first)
    assert renewed(once, row, column, first) == once
    twice = renewed(once, row, column, second)
    assert b"inf" not in twice
    assert b"nan" not in twice
    found = cells(twice)
    for down, values in enumerate(second):
        for right, value in enumerate(values):
            name = f"{'ABCDEFGHI'[column + right]}{row + down + 1}".encode()
            text = re.search(rb"<v>(.*?)</v>", found.get(name, b""))
            if np.isnan(value):
                assert text is None
            elif np.isinf(value):
                assert text[1] == b"#N/A"
                assert b't="e"' in found[name]
            else:
                assert float(text[1]) == value
    order = [(int(name[1:]), name[:1]) for name in found]
    assert order == sorted(order)


# What must not be written over -------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        srm = workbook.add_worksheet("SRM")
        srm.write_row(0, 0, range(10))
        srm.merge_range("B3:C4", 5)
        srm.merge_range("E3:E4", 5)
        srm.add_table("B7:D9")
        srm.write_array_formula("G3:I4", "{=A1:C2*2}")
        srm.write_array_formula("G6:I6", "{=SMILE_CLOSING(A1:C1)}")
    return path


def change_sheet(path, old, new):
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert old in parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new)
    with zipfile.ZipFile(path, "w") as out:
        for name, data in parts.items():
            out.writestr(name, data)


def renew(path, row, column, shape):
    package = preflight.check(path)
    renew_values(package, package.sheets[0], [Block(row, column, np.ones(shape))])
    return package


@pytest.mark.parametrize(
    ("row", "column", "shape", "code", "cell"),
    [
        pytest.param(2, 1, (1, 2), "merged", "C3", id="beside the first cell of a merge"),
        pytest.param(3, 0, (1, 9), "merged", "B4", id="below the first cell of a merge"),
        pytest.param(2, 4, (2, 1), "merged", "E4", id="below, in a merge of one column"),
        pytest.param(5, 1, (9, 1), "table_header", "B7", id="the header row of a table"),
        pytest.param(3, 8, (1, 1), "array", "I4", id="the last cell of a foreign array formula"),
        pytest.param(0, 6, (9, 1), "array", "G3", id="the first cell of a foreign array formula"),
    ],
)
def test_an_obstacle_is_refused_with_its_cell(book, row, column, shape, code, cell):
    with pytest.raises(BookError) as raised:
        renew(book, row, column, shape)
    assert (raised.value.code, raised.value.values["cell"]) == (code, cell)
    for language in LANGUAGES:
        assert cell in say(f"book.{code}", language, **raised.value.values)


@pytest.mark.parametrize(
    ("row", "column", "shape"),
    [
        pytest.param(2, 1, (1, 1), id="the first cell of a merge"),
        pytest.param(7, 1, (2, 3), id="the body of a table"),
        pytest.param(5, 6, (1, 3), id="an array formula of the product"),
        pytest.param(0, 0, (2, 10), id="beside all of them"),
        pytest.param(2, 1, (0, 3), id="no rows"),
    ],
)
def test_cells_beside_obstacles_are_written(book, row, column, shape):
    renew(book, row, column, shape)


def test_a_shared_formula_is_refused_at_its_master_only(book):
    shared = b'<c r="A1"><f t="shared" ref="A1:A9" si="0">B1*2</f><v>0</v></c>'
    change_sheet(book, b'<c r="A1"><v>0</v></c>', shared)
    with pytest.raises(BookError) as raised:
        renew(book, 0, 0, (1, 1))
    assert (raised.value.code, raised.value.values["cell"]) == ("shared_formula", "A1")
    renew(book, 1, 0, (1, 1))


def test_a_pivot_table_is_refused(book):
    package = preflight.check(book)
    pivot = f'<pivotTableDefinition xmlns="{MAIN}"><location ref="K1:M5"/></pivotTableDefinition>'
    package.write("xl/pivotTables/pivotTable1.xml", pivot.encode())
    package.relate(package.sheets[0].part, "pivotTable", "xl/pivotTables/pivotTable1.xml")
    book.write_bytes(package.to_bytes())
    with pytest.raises(BookError) as raised:
        renew(book, 2, 9, (1, 2))
    assert (raised.value.code, raised.value.values["cell"]) == ("pivot", "K3")


def test_other_readers_see_the_new_values(book):
    package = renew(book, 5, 6, (1, 3))
    book.write_bytes(package.to_bytes())
    assert python_calamine.CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()[5][6:9] == [1.0] * 3
    assert openpyxl.load_workbook(book, data_only=True)["SRM"]["H6"].value == 1
    assert openpyxl.load_workbook(book)["SRM"]["G6"].value.text == "=SMILE_CLOSING(A1:C1)"


# Values in place of formulas ----------------------------------------------------------------------------------------


def valued(rows):
    return without_formulas(SheetData(sheet(rows), "plan.xlsx", "SRM"))


@pytest.mark.parametrize(
    "formula",
    [
        b"<f>SMILE_CV(A1:B1)</f>",
        b"<f>[1]!SMILE_CV(A1:B1)</f>",
        b"<f>_xll.SMILE_CV(A1:B1)</f>",
        b"<f>'C:\\add-ins\\smile.xlam'!SMILE_CV(A1:B1)</f>",
        b"<f>smile_cv(A1:B1)</f>",
        b'<f t="array" ref="A1:C1">SMILE_CV(A1:B1)</f>',
        b'<f t="shared" ref="A1:A9" si="4">IF(B1&gt;0,SMILE_CV(A1:B1),0)</f>',
    ],
)
def test_formulas_of_the_product_give_way_to_their_values(formula):
    cell = b'<c r="A1" s="3"%b>%b<v>5</v></c>'
    assert valued(b"<row>" + cell % (b' cm="1"', formula) + b"</row>") == sheet(
        b"<row>" + cell % (b"", b"") + b"</row>"
    )


def test_cells_that_share_a_formula_of_the_product_keep_their_values_as_well():
    master = b'<c r="A1"><f t="shared" ref="A1:A2" si="4">SMILE_CV(B1)</f><v>5</v></c>'
    rows = master + b'<c r="A2"><f t="shared" si="4"/><v>6</v></c>'
    assert valued(rows) == sheet(b'<c r="A1"><v>5</v></c><c r="A2"><v>6</v></c>')


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1" cm="1"><f t="array" ref="A1:A2">B1*2</f><v>5</v></c>',
        b'<c r="A1" t="str"><f>"SMILE"</f><v>SMILE_</v></c>',
        b'<c r="A1"><f t="shared" si="4"/><v>6</v></c>',
        b'<c r="A1" t="inlineStr"><is><t>SMILE_CV(A1)</t></is></c>',
    ],
)
def test_other_formulas_and_texts_stay(cell):
    kept = b'<c r="B9"><f t="shared" ref="B9:B10" si="5">SMILE_CV(B1)</f><v>5</v></c>'
    assert valued(cell + kept) == sheet(cell + b'<c r="B9"><v>5</v></c>')
