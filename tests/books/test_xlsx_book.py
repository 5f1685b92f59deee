"""A workbook file as a book: read, refreshed and saved as a planner's team would have it."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import sys
import time
import types
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from smile_xl.book import BookError
from smile_xl.books.xlsx import book as module
from smile_xl.books.xlsx.atomic import ABANDONED, replace_file
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.consequences import is_ours
from smile_xl.planning.grid import CellError

PAGE = types.SimpleNamespace  # a page is plain data; the renderer below looks at these names only


@pytest.fixture(autouse=True)
def renderer(monkeypatch):
    """A renderer of one number a page, in place of the product's."""

    def render(pages, **_):
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
            for page in pages:
                sheet = workbook.add_worksheet(page.sheet)
                sheet.write(0, 0, page.value, workbook.add_format({"num_format": "0.0"}))
                if hasattr(page, "formula"):
                    sheet.write_array_formula("B1:B2", page.formula, None, 4)
        return out.getvalue()

    monkeypatch.setitem(sys.modules, "smile_xl.books.xlsx.render", types.SimpleNamespace(render=render))


@pytest.fixture
def path(tmp_path):
    """SRM with results of the product, an older report, and a sheet of the team's own with a chart."""
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_calc_mode("auto", 191029)
        srm = workbook.add_worksheet("SRM")
        srm.write_row(0, 0, ["item", 1.5])
        srm.write_array_formula("C1:D1", "{=SMILE_CLOSING(A1:B1)}", None, 1)
        srm.write_number("D1", 2)
        workbook.add_worksheet("DSR").write(0, 0, "an older report")
        own = workbook.add_worksheet("Own")
        own.write_formula("A1", "=SUM(B1:B3)", None, 7)
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=Own!$B$1:$B$3"})
        own.insert_chart("C3", chart)
    strip_recalculation(path)
    return path


def parts(path):
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def rewrite(path, **changes):
    """Put other bytes into parts, named with _ for what is no letter."""
    found = parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in found.items():
            change = changes.get(re.sub(r"\W", "_", name))
            out.writestr(name, change(data) if change else data)


def strip_recalculation(path):
    """XlsxWriter asks for a calculation on opening; Excel's own files do not."""
    rewrite(path, xl_workbook_xml=lambda data: data.replace(b' fullCalcOnLoad="1"', b""))


def with_formula(path, formula, sheet=3):
    """Put another formula into the team's own sheet."""
    rewrite(path, **{f"xl_worksheets_sheet{sheet}_xml": lambda data: data.replace(b"SUM(B1:B3)", formula.encode())})


def refresh(path, **options):
    book = XlsxBook(path)
    book.write_page(PAGE(sheet="DSR", value=3.5))
    book.renew_values("SRM", 0, 2, np.array([[10, 20.5]]))
    book.save(**options)


def recalculates(path):
    return b"fullCalcOnLoad" in parts(path)["xl/workbook.xml"]


# Reading ------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_from_a1_on_with_its_errors_dates_and_blanks(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("SRM")
        sheet.write_row(1, 1, ["00123", 1.5, 2, True])
        sheet.write_datetime(1, 5, dt.datetime(2019, 4, 1), workbook.add_format({"num_format": "mmm-yy"}))
        sheet.write_formula(1, 6, "=1/0", None, "#DIV/0!")
        sheet.write_number(1, 7, 1.75, workbook.add_format({"num_format": "[h]:mm"}))
        sheet.write_formula(3, 8, "=NA()", None, "#N/A")
    grid = XlsxBook(path).read("srm")
    assert grid.sheet == "SRM"
    row = grid.rows[1]
    assert row[:5] == ["", "00123", 1.5, 2.0, True]
    assert (row[5].year, row[5].month, row[5].day) == (2019, 4, 1)
    assert row[6] == CellError("#DIV/0!")
    assert row[7] == 1.75
    assert grid.rows[3][8] == CellError("#N/A")
    assert len(grid.rows) == 4


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_errors_in_cells_without_references_are_found(path, prefix):
    cell = f"<{prefix}c t='e'><{prefix}f>1/0</{prefix}f><{prefix}v>#REF!</{prefix}v></{prefix}c>"
    row = f"<{prefix}row><{prefix}c/>{cell}</{prefix}row>"
    name = f":{prefix[:-1]}" if prefix else ""
    space = f'xmlns{name}="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = f"<{prefix}worksheet {space}><{prefix}sheetData>{row}</{prefix}sheetData></{prefix}worksheet>"
    rewrite(path, xl_worksheets_sheet1_xml=lambda _: sheet.encode())
    assert XlsxBook(path).read("SRM").rows[0][1] == CellError("#REF!")


def test_dates_of_the_1904_calendar_are_right(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as workbook:
        month = workbook.add_format({"num_format": "mmm-yy"})
        workbook.add_worksheet("SRM").write_datetime(0, 0, dt.datetime(2019, 4, 1), month)
    value = XlsxBook(path).read("SRM").rows[0][0]
    assert (value.year, value.month, value.day) == (2019, 4, 1)


def test_an_empty_sheet_has_no_rows(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "plan.xlsx")) as workbook:
        workbook.add_worksheet("SRM")
    assert list(XlsxBook(tmp_path / "plan.xlsx").read("SRM").rows) == []


def test_a_sheet_is_read_once(path):
    book = XlsxBook(path)
    assert book.read("SRM") is book.read("srm")


def test_names_are_those_of_the_tabs_and_the_file(path):
    book = XlsxBook(str(path))
    assert (book.name, book.sheet_names()) == ("plan.xlsx", ["SRM", "DSR", "Own"])


@pytest.mark.parametrize("action", ["read", "renew"])
def test_a_sheet_that_is_not_there_is_refused(path, action):
    book = XlsxBook(path)
    with pytest.raises(BookError) as raised:
        book.read("None") if action == "read" else book.renew_values("None", 0, 0, np.ones((1, 1)))
    assert raised.value.code == "no_sheet"


# Refreshing ---------------------------------------------------------------------------------------------------------


def test_a_refresh_changes_the_report_and_the_results_and_nothing_else(path):
    before = parts(path)
    refresh(path)
    after = parts(path)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml"}
    assert list(before) == list(after)
    values = openpyxl.load_workbook(path, data_only=True)
    assert [values["SRM"][cell].value for cell in ("C1", "D1")] == [10, 20.5]
    assert values["DSR"]["A1"].value == 3.5
    assert values["Own"]["A1"].value == 7
    assert openpyxl.load_workbook(path)["SRM"]["C1"].value.text == "=SMILE_CLOSING(A1:B1)"
    assert XlsxBook(path).read("DSR").rows[0][0] == 3.5


def test_a_second_refresh_gives_the_same_bytes(path):
    refresh(path)
    once = path.read_bytes()
    refresh(path)
    assert path.read_bytes() == once


def test_nothing_to_write_gives_the_same_bytes(path, tmp_path):
    book = XlsxBook(path)
    book.renew_values("SRM", 0, 2, np.array([[1.0, 2.0]]))
    book.save(tmp_path / "copy.xlsx")
    assert (tmp_path / "copy.xlsx").read_bytes() == path.read_bytes()


def test_an_output_leaves_the_book_itself_as_it_is(path, tmp_path):
    before = path.read_bytes()
    refresh(path, output=tmp_path / "copy.xlsx")
    assert path.read_bytes() == before
    assert XlsxBook(tmp_path / "copy.xlsx").read("DSR").rows[0][0] == 3.5


def test_a_book_is_read_anew_after_it_was_saved(path):
    book = XlsxBook(path)
    book.read("SRM")
    book.renew_values("SRM", 0, 2, np.array([[10, 20.5]]))
    book.save()
    assert book.read("SRM").rows[0][2:4] == [10.0, 20.5]
    book.renew_values("SRM", 0, 2, np.array([[11, 21]]))
    book.save()
    assert XlsxBook(path).read("SRM").rows[0][2:4] == [11.0, 21.0]


def test_values_only_replaces_formulas_of_the_product_and_no_others(path, tmp_path):
    refresh(path, output=tmp_path / "copy.xlsx", values_only=True)
    copy = openpyxl.load_workbook(tmp_path / "copy.xlsx")
    assert [copy["SRM"][cell].value for cell in ("C1", "D1")] == [10, 20.5]
    assert copy["Own"]["A1"].value == "=SUM(B1:B3)"
    assert b"SMILE_" not in b"".join(parts(tmp_path / "copy.xlsx").values())


def test_values_only_holds_for_a_new_report_with_formulas_as_well(path, tmp_path):
    book = XlsxBook(path)
    book.write_page(PAGE(sheet="Simulation", value=1, formula="{=SMILE_CV(A1:A2)}"))
    book.save()
    assert openpyxl.load_workbook(path)["Simulation"]["B1"].value.text == "=SMILE_CV(A1:A2)"
    book.write_page(PAGE(sheet="Projections", value=1, formula="{=SMILE_CV(A1:A2)}"))
    book.save(tmp_path / "copy.xlsx", values_only=True)
    copy = openpyxl.load_workbook(tmp_path / "copy.xlsx")
    assert copy["Simulation"]["B1"].value == copy["Projections"]["B1"].value == 4


def test_a_macro_book_keeps_its_macros(path, tmp_path):
    macro = tmp_path / "plan.xlsm"
    with zipfile.ZipFile(macro, "w") as out:
        for name, data in parts(path).items():
            out.writestr(name, data)
        out.writestr("xl/vbaProject.bin", b"\x00\xffmacros")
    refresh(macro)
    assert parts(macro)["xl/vbaProject.bin"] == b"\x00\xffmacros"


# Consequences -------------------------------------------------------------------------------------------------------


def calculation_chain(path):
    chain = (
        '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.calcChain+xml"/></Types>'
    )
    link = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" '
        'Target="calcChain.xml"/></Relationships>'
    )
    rewrite(
        path,
        _Content_Types__xml=lambda data: data.replace(b"</Types>", chain.encode()),
        xl__rels_workbook_xml_rels=lambda data: data.replace(b"</Relationships>", link.encode()),
    )
    with zipfile.ZipFile(path, "a") as out:
        out.writestr("xl/calcChain.xml", '<calcChain><c r="C1" i="1"/></calcChain>')


def test_the_calculation_chain_stays_while_formulas_stay(path):
    calculation_chain(path)
    refresh(path)
    assert "xl/calcChain.xml" in parts(path)


@pytest.mark.parametrize("how", ["values only", "a report with formulas"])
def test_the_calculation_chain_goes_when_formulas_go(path, how):
    calculation_chain(path)
    if how == "a report with formulas":
        formula = b'<c r="B1"><f>1+1</f><v>2</v></c></row>'
        rewrite(path, xl_worksheets_sheet2_xml=lambda data: data.replace(b"</row>", formula))
    refresh(path, values_only=how == "values only")
    found = parts(path)
    assert "xl/calcChain.xml" not in found
    assert b"calcChain" not in found["[Content_Types].xml"] + found["xl/_rels/workbook.xml.rels"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(B1:B3)", False),
        ("SMILE_CV(SRM!A1:D1)", False),
        ("[1]!SMILE_CV(SRM!A1:D1)", False),
        ("DSR_OF_OURS+1", False),
        ("SUM(SRM!C1:D1)", True),
        ("SUM('SRM'!C1:D1)", True),
        ("srm!C1", True),
        ("DSR!A1*2", True),
        ("SMILE_CV(A1)+SRM!C1", True),
        ("SUM(SMILE_CV(SRM!C1))", True),
        ('INDIRECT("A"&amp;1)', True),
        ("OFFSET(A1,1,1)", True),
        ("SUM(Own:Last!A1)", True),
        ("Results*2", True),
    ],
)
def test_excel_calculates_on_opening_where_a_formula_of_others_may_depend_on_a_change(path, formula, expected):
    names = (
        b'<definedNames><definedName name="Block">SRM!$C$1</definedName><definedName name="Results">Block</definedName>'
    )
    rewrite(path, xl_workbook_xml=lambda data: data.replace(b"<calcPr", names + b"</definedNames><calcPr"))
    with_formula(path, formula)
    refresh(path)
    assert recalculates(path) == expected
    once = path.read_bytes()
    refresh(path)
    assert path.read_bytes() == once


def test_a_formula_of_others_in_the_results_sheet_makes_excel_calculate(path):
    cell = b'<c r="F1"><f>SUM(C1:D1)</f><v>3</v></c></row>'
    rewrite(path, xl_worksheets_sheet1_xml=lambda data: data.replace(b"</row>", cell))
    refresh(path)
    assert recalculates(path)


def test_a_refresh_that_changes_no_value_does_not_make_excel_calculate(path):
    with_formula(path, "SUM(SRM!C1:D1)")
    book = XlsxBook(path)
    book.renew_values("SRM", 0, 2, np.array([[1, 2]]))
    book.save()
    assert not recalculates(path)


@pytest.mark.parametrize(
    ("formula", "ours"),
    [
        ("smile_version()", True),
        ("'c:\\x (1)\\smile.xlam'!smile_cv(a1,f(b1))", True),
        ('smile_orders(")",a1)', True),
        ("_xll.smile_cv(a1)", True),
        ("smile_cv(a1)-smile_cv(b1)", False),
        ("if(a1,smile_cv(a1))", False),
        ("smile_cv", False),
        ("smile_cv(((", False),
    ],
)
def test_only_a_call_and_nothing_around_it_is_ours(formula, ours):
    assert is_ours(formula) == ours


@pytest.mark.parametrize(
    ("source", "refreshed"),
    [('ref="A1:B2" sheet="SRM"', True), ('name="Block"', True), ('ref="A1" sheet="Own"', False)],
)
def test_a_pivot_on_changed_cells_is_refreshed_on_opening(path, source, refreshed):
    names = b'<definedNames><definedName name="Block">SRM!$A$1:$D$9</definedName></definedNames><calcPr'
    link = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'pivotCacheDefinition" Target="pivotCache/pivotCacheDefinition1.xml"/></Relationships>'
    )
    rewrite(
        path,
        xl_workbook_xml=lambda data: data.replace(b"<calcPr", names),
        xl__rels_workbook_xml_rels=lambda data: data.replace(b"</Relationships>", link.encode()),
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    place = f"<cacheSource><worksheetSource {source}/></cacheSource>"
    cache = f'<pivotCacheDefinition xmlns="{space}">{place}</pivotCacheDefinition>'
    with zipfile.ZipFile(path, "a") as out:
        out.writestr("xl/pivotCache/pivotCacheDefinition1.xml", cache)
    refresh(path)
    assert (b'refreshOnLoad="1"' in parts(path)["xl/pivotCache/pivotCacheDefinition1.xml"]) == refreshed


# Refusals -----------------------------------------------------------------------------------------------------------


def refused(path, code, action):
    """``action`` ends with the refusal; the folder holds the same files with the same bytes."""
    before = {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(BookError) as raised:
        action()
    assert raised.value.code == code
    assert {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()} == before


def test_a_book_opened_in_excel_after_it_was_read_is_refused(path):
    book = XlsxBook(path)
    book.write_page(PAGE(sheet="DSR", value=1))
    path.with_name("~$plan.xlsx").write_bytes(b"")
    refused(path, "locked", book.save)


def test_a_locked_output_is_refused(path, tmp_path):
    (tmp_path / "copy.xlsx").write_bytes(b"theirs")
    (tmp_path / "~$copy.xlsx").write_bytes(b"")
    refused(path, "locked", lambda: refresh(path, output=tmp_path / "copy.xlsx"))


def test_a_book_changed_by_someone_else_since_it_was_read_is_refused(path):
    book = XlsxBook(path)
    book.write_page(PAGE(sheet="DSR", value=1))
    refresh(path)
    refused(path, "changed_meanwhile", book.save)


def test_an_output_of_another_type_is_refused(path, tmp_path):
    refused(path, "other_suffix", lambda: refresh(path, output=tmp_path / "copy.xlsm"))


def test_an_obstacle_leaves_the_whole_book_as_it_is(path):
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="C1:D1"/></mergeCells>'
    rewrite(path, xl_worksheets_sheet1_xml=lambda data: data.replace(b"</sheetData>", merge))
    refused(path, "merged", lambda: refresh(path))


def test_a_full_disk_leaves_the_book_as_it_is(path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    refused(path, "disk_full", lambda: refresh(path))


def test_a_defect_while_saving_leaves_the_book_as_it_is(path, monkeypatch):
    monkeypatch.setattr(module, "graft", lambda *_: 1 / 0)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        refresh(path)
    assert path.read_bytes() == before


def test_what_a_killed_save_left_is_swept_away_after_an_hour(tmp_path: Path) -> None:
    old, young, foreign = (
        tmp_path / name for name in (".a.xlsx.0123abcd.tmp", ".a.xlsx.99999999.tmp", ".b.xlsx.0123abcd.tmp")
    )
    for path in (old, young, foreign):
        path.write_bytes(b"half a book")
    hours_ago = time.time() - 2 * ABANDONED
    for path in (old, foreign):
        os.utime(path, (hours_ago, hours_ago))
    replace_file(tmp_path / "a.xlsx", b"a book")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, foreign.name, "a.xlsx"]
