"""Rendered sheets put into another workbook with their formats, charts, tables and links."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import python_calamine
import xlsxwriter

from smile_xl.book import BookError
from smile_xl.books.xlsx import preflight
from smile_xl.books.xlsx.graft import graft

SOFFICE = shutil.which("soffice")
libreoffice = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not on this machine"),
]
STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"),
)


def rendered(first=1.5, names=("DSR", "Overstock")):
    """A workbook as the renderer makes it: each sheet with all that a report may have."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True, "num_format": "0.0 t", "bg_color": "#123456", "border": 1})
        month = workbook.add_format({"num_format": "mmm-yy", "font_color": "red"})
        red = workbook.add_format({"bg_color": "#FFC7CE", "num_format": "0.000"})
        for name in names:
            sheet = workbook.add_worksheet(name)
            sheet.set_column(0, 1, 20, month)
            sheet.set_row(1, 30, bold)
            sheet.write(0, 0, first, bold)
            sheet.write(0, 1, 43556, month)
            sheet.write(1, 0, "  Coût & <stock>  ")
            sheet.write_rich_string(1, 1, "plain ", bold, "bold", " end")
            sheet.write_string(1, 2, "=not a formula", bold)
            sheet.write_string(2, 0, '=1+1" s="99"')
            sheet.write_array_formula("C3:C4", "{=SMILE_CV(A1:B1)}", bold, 0.5)
            sheet.write_url(4, 0, "https://example.com/a?b=c&d", string="link")
            sheet.conditional_format("A1:A9", {"type": "cell", "criteria": "<", "value": 0, "format": red})
            sheet.data_validation("D1", {"validate": "list", "source": ["a", "b"]})
            sheet.merge_range("E1:F1", "merged", bold)
            sheet.set_row(6, None, None, {"level": 1})
            sheet.repeat_rows(0, 1)
            sheet.print_area("A1:F9")
            sheet.autofilter("A2:B4")
            sheet.set_footer("&CPage &P")
            sheet.add_table("H1:I3", {"columns": [{"header": "a", "format": bold}, {"header": "b"}]})
            sheet.write_comment("A1", "a comment")
            chart = workbook.add_chart({"type": "line"})
            chart.add_series({"values": f"={name}!$A$1:$B$1"})
            sheet.insert_chart("K3", chart)
    return out.getvalue()


def by_xlsxwriter(path):
    with xlsxwriter.Workbook(str(path)) as workbook:
        percent = workbook.add_format({"num_format": "0.0 %"})
        srm = workbook.add_worksheet("SRM")
        srm.write_row(0, 0, ["text", 0.5], percent)
        srm.add_table("D1:E3")
        srm.write_comment("A1", "theirs")
        chart = workbook.add_chart({"type": "bar"})
        chart.add_series({"values": "=SRM!$A$1:$B$1"})
        srm.insert_chart("G3", chart)
        srm.repeat_rows(0)
        workbook.add_worksheet("dsr").write(0, 0, "an older report")
        workbook.add_worksheet("Costs").write(0, 0, 1, percent)
        workbook.get_worksheet_by_name("Costs").activate()
        workbook.define_name("Prices", "=Costs!$A$1")


def by_openpyxl(path):
    workbook = openpyxl.Workbook()
    workbook.active.title = "SRM"
    workbook.active["A1"] = "text"
    workbook.active["B1"] = 0.5
    workbook.active["B1"].number_format = "0.0 %"
    workbook.create_sheet("DSR")["A1"] = "an older report"
    workbook.create_sheet("Costs")["A1"] = 1
    workbook.active = 2
    workbook.save(path)


def by_libreoffice(path):
    by_xlsxwriter(path)
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = [SOFFICE, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(path.parent / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    shutil.move(path.parent / "out" / path.name, path)


def by_hand_with_prefix(path):
    """As some generators write: a prefix, own part names, no styles, no shared strings, no references."""
    main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    spread = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    cells = '<x:c t="inlineStr"><x:is><x:t>text</x:t></x:is></x:c><x:c><x:v>0.5</x:v></x:c>'
    sheet = f"<x:worksheet {main}><x:sheetData><x:row>{cells}</x:row></x:sheetData></x:worksheet>"
    tabs = list(enumerate(["SRM", "DSR", "Costs"], 1))
    link = '<Relationship Id="s{0}" Type="{1}/worksheet" Target="data/part{0}.xml"/>'
    links = "".join(link.format(n, office) for n, _ in tabs)
    sheets = "".join(f'<x:sheet name="{name}" sheetId="{n}" r:id="s{n}"/>' for n, name in tabs)
    root = f'<Relationship Id="a" Type="{office}/officeDocument" Target="/xl/workbook.xml"/>'
    view = '<x:bookViews><x:workbookView activeTab="2"/></x:bookViews>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="xml" ContentType="{spread}.worksheet+xml"/>'
        f'<Default Extension="rels" ContentType="{rels}"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{spread}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<x:workbook {main} xmlns:r="{office}">{view}<x:sheets>{sheets}</x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
        **{f"xl/data/part{n}.xml": sheet for n, _ in tabs},
    }
    with zipfile.ZipFile(path, "w") as out:
        for name, text in parts.items():
            out.writestr(name, text)


def by_strict_writer(path):
    by_xlsxwriter(path)
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as out:
        for name, data in parts.items():
            for transitional, strict in STRICT:
                data = data.replace(transitional.encode(), strict.encode())
            out.writestr(name, data)


WRITERS = [
    by_xlsxwriter,
    by_openpyxl,
    by_hand_with_prefix,
    by_strict_writer,
    pytest.param(by_libreoffice, marks=libreoffice),
]


@pytest.fixture(scope="module", params=WRITERS)
def written(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("written") / "plan.xlsx"
    request.param(path)
    return path


@pytest.fixture
def book(written, tmp_path):
    return Path(shutil.copy(written, tmp_path))


@pytest.fixture
def own_book(tmp_path):
    path = tmp_path / "plan.xlsx"
    by_xlsxwriter(path)
    return path


def grafted(path, data=None, names=("DSR", "Overstock")):
    package = preflight.check(path)
    graft(package, data or rendered(), names)
    path.write_bytes(package.to_bytes())
    return preflight.check(path)


def parts(path):
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def part_of(package, name):
    return package.sheet(name).part


def test_what_is_not_replaced_stays_byte_for_byte(book):
    before = parts(book)
    report = preflight.check(book).sheet("DSR").part
    grafted(book)
    after = parts(book)
    assert set(before) <= set(after)
    changed = {name for name in before if before[name] != after[name]}
    allowed = r"\[Content_Types\]\.xml|xl/(_rels/)?workbook\.xml(\.rels)?|xl/styles\.xml"
    assert {name for name in changed if not re.fullmatch(allowed, name)} == {report}


def test_a_second_refresh_changes_no_byte(book):
    grafted(book)
    once = book.read_bytes()
    grafted(book)
    assert book.read_bytes() == once


def test_a_refresh_with_other_figures_and_back_gives_the_same_bytes(book):
    grafted(book)
    once = book.read_bytes()
    grafted(book, rendered(first=2.5))
    assert book.read_bytes() != once
    grafted(book)
    assert book.read_bytes() == once


def test_a_sheet_is_replaced_where_it_is_and_a_new_one_is_last(book):
    before = [sheet.name for sheet in preflight.check(book).sheets]
    package = grafted(book)
    assert [sheet.name for sheet in package.sheets] == [*before, "Overstock"]


def test_other_readers_see_the_new_sheets(book):
    grafted(book)
    reader = python_calamine.CalamineWorkbook.from_path(book)
    for name in (reader.sheet_names[1], "Overstock"):
        rows = reader.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert rows[0][0] == 1.5
        assert rows[1][:3] == ["  Coût & <stock>  ", "plain bold end", "=not a formula"]
        assert rows[2][0] == '=1+1" s="99"'
    assert reader.get_sheet_by_name("SRM").to_python()[0][:2] == ["text", 0.5]


def test_formats_arrive_as_rendered(book, request):
    if "strict" in request.node.name:
        pytest.skip("openpyxl does not read strict workbooks")
    grafted(book)
    workbook = openpyxl.load_workbook(book, rich_text=True)
    sheet = workbook["Overstock"]
    assert sheet["A1"].number_format == "0.0 t"
    assert sheet["A1"].font.bold
    assert sheet["A1"].fill.fgColor.rgb == "FF123456"
    assert sheet["A1"].border.left.style == "thin"
    assert sheet["B1"].number_format == "mmm-yy"
    assert sheet["B1"].is_date
    assert [str(run) for run in sheet["B2"].value] == ["plain ", "bold", " end"]
    assert sheet["A5"].hyperlink.target == "https://example.com/a?b=c&d"
    rule = next(iter(sheet.conditional_formatting)).rules[0]
    assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"
    assert rule.dxf.numFmt.formatCode == "0.000"
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.auto_filter.ref == "A2:B4"
    assert sheet.merged_cells.ranges
    assert sheet.row_dimensions[7].outlineLevel == 1
    assert sheet.oddFooter.center.text == "Page &P"
    assert len(sheet._charts) == 1
    assert sheet["A1"].comment.text == "a comment"
    if "hand" not in request.node.name:
        assert workbook["SRM"]["B1"].number_format in ("0.0 %", "0.0\\ %")


def test_no_name_id_or_type_is_used_twice(book):
    package = grafted(book)
    tables = [package.tree(part) for part in package.parts() if "/tables/" in part]
    for key in ("id", "name", "displayName"):
        assert len({table.get(key) for table in tables}) == len(tables) >= 2
    for part in ["", *package.parts()]:
        links = package.relations(part)
        assert len({link.id for link in links}) == len(links)
        assert all(link.external or package.has(link.target) for link in links), part
    typed = [entry.get("PartName") for entry in package.tree("[Content_Types].xml") if entry.get("PartName")]
    assert len({name.casefold() for name in typed}) == len(typed)
    assert all(package.has(name.lstrip("/")) for name in typed)
    assert all(package.content_type(part) for part in package.parts() if part != "[Content_Types].xml")
    sheet_ids = [sheet.get("sheetId") for sheet in package.children("sheets")]
    assert len(set(sheet_ids)) == len(sheet_ids)
    names = [(name.get("name"), name.get("localSheetId")) for name in package.children("definedNames")]
    assert len(set(names)) == len(names)


def test_formats_are_appended_once_and_counted(book):
    before = preflight.check(book)
    links = [link.target for link in before.relations(before.workbook) if link.kind == "styles"]
    package = grafted(book)
    after = package.tree(next(link.target for link in package.relations(package.workbook) if link.kind == "styles"))
    for collection in after:
        assert collection.get("count") in (None, str(len(collection)))
    if links:
        for old in before.tree(links[0]):
            new = after.find(old.tag)
            kept = [dict(element.attrib) for element in new][: len(old)]
            assert kept == [dict(element.attrib) for element in old]


def test_the_parts_of_a_replaced_sheet_go(own_book):
    first = grafted(own_book)
    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain) as workbook:
        workbook.add_worksheet("DSR").write(0, 0, 1)
    package = grafted(own_book, plain.getvalue(), ["DSR"])
    gone = set(first.parts()) - set(package.parts())
    assert {part.rpartition("/")[0] for part in gone} >= {"xl/charts", "xl/drawings", "xl/tables"}
    assert package.has("xl/charts/chart1.xml")  # of SRM
    assert not package.has("xl/worksheets/_rels/sheet2.xml.rels")
    typed = [entry.get("PartName") for entry in package.tree("[Content_Types].xml") if entry.get("PartName")]
    assert all(package.has(name.lstrip("/")) for name in typed)
    assert openpyxl.load_workbook(own_book)["dsr"]["A1"].value == 1


def test_a_part_that_another_sheet_uses_as_well_stays(own_book):
    package = preflight.check(own_book)
    package.relate("xl/worksheets/sheet2.xml", "drawing", "xl/drawings/drawing1.xml")
    own_book.write_bytes(package.to_bytes())
    assert grafted(own_book).has("xl/drawings/drawing1.xml")


def test_names_of_ranges_of_other_sheets_stay(own_book):
    package = grafted(own_book)
    names = {(name.get("name"), name.get("localSheetId")): name.text for name in package.children("definedNames")}
    assert names["Prices", None] == "Costs!$A$1"
    assert names["_xlnm.Print_Titles", "0"] == "SRM!$1:$1"
    assert names["_xlnm.Print_Titles", "1"] == "DSR!$1:$2"
    assert names["_xlnm._FilterDatabase", "3"] == "Overstock!$A$2:$B$4"


def test_the_active_tab_stays(own_book):
    package = grafted(own_book)
    selected = [sheet.name for sheet in package.sheets if b"tabSelected" in package.read(sheet.part)]
    assert selected == ["Costs"]
    assert openpyxl.load_workbook(own_book).active.title == "Costs"


def test_a_replaced_active_tab_stays_active_and_known_to_macros(own_book):
    package = preflight.check(own_book)
    sheet = package.read("xl/worksheets/sheet2.xml")
    marked = sheet.replace(b"<dimension", b'<sheetPr codeName="Sheet7"/><dimension').replace(
        b"<sheetView ", b'<sheetView tabSelected="1" '
    )
    package.write("xl/worksheets/sheet2.xml", marked)
    own_book.write_bytes(package.to_bytes())
    after = grafted(own_book).read("xl/worksheets/sheet2.xml")
    assert after.count(b'tabSelected="1"') == 1
    assert after.count(b'codeName="Sheet7"') == 1


def test_a_chart_sheet_of_that_name_is_refused(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("SRM")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=SRM!$A$1:$B$1"})
        workbook.add_chartsheet("DSR").set_chart(chart)
    before = path.read_bytes()
    with pytest.raises(BookError) as raised:
        grafted(path)
    assert raised.value.code == "not_a_worksheet"
    assert path.read_bytes() == before


@pytest.mark.parametrize("writer", [by_xlsxwriter, by_openpyxl])
@pytest.mark.libreoffice
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not on this machine")
def test_libreoffice_opens_the_result(writer, tmp_path):
    path = tmp_path / "plan.xlsx"
    writer(path)
    grafted(path)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    filters = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [SOFFICE, profile, "--headless", "--convert-to", filters, "--outdir", str(tmp_path / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    csv = (tmp_path / "out" / "plan-Overstock.csv").read_text(encoding="utf-8").splitlines()
    assert csv[0].startswith("1.5,")
    assert csv[1].startswith("  Coût & <stock>  ,plain bold end,=not a formula")
