"""A refresh of Master Files full of other people's content: what the product does not own stays as it was."""

from __future__ import annotations

import re
import shutil
import zipfile
from types import SimpleNamespace

import openpyxl
import pytest
import python_calamine
from books import foreign_books
from books.foreign_books import WRITERS
from books.foreign_parts import MAIN, OFFICE, parts, reachable, sheet_parts, zipped
from lxml import etree
from openpyxl.utils import range_boundaries
from small_books import small_book

from smile_xl import cli
from smile_xl.language import say
from smile_xl.reports import REFRESHED, STEERING, sheet_key

STAMP, LATER = "2030-01-01T00:00", "2030-02-01T00:00"
REPORTS = {say(f"headers.sheet.{sheet_key(name)}", "en") for name in (*REFRESHED, *STEERING) if name != "srm"}
USUAL = REPORTS - {say(f"headers.sheet.{sheet_key(name)}", "en") for name in STEERING}
"""What a refresh makes where it is missing; the pages of stock steering are only renewed."""
"""Names of the report sheets."""
TYPES, WORKBOOK, LINKS, STYLES = (
    "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
)  # fmt: skip
CHAIN = "xl/calcChain.xml"
POOLS = ("numFmts", "fonts", "fills", "borders", "cellXfs", "dxfs")
"""Collections of a stylesheet that formats of reports are added to."""


def refresh(path, stamp=STAMP):
    return cli.run(["refresh", str(path), "--stamp", stamp], "en")


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The same book from every writer, before a refresh, after it, and after another one a month later."""
    folder = tmp_path_factory.mktemp("books")
    reports = (*REFRESHED, "gaps", "matching")
    good = small_book(folder / "good.xlsx", foreign_books.write_data(folder), reports)
    made = {}

    def book(writer):
        if writer not in made:
            before = {**WRITERS, "LibreOffice": foreign_books.by_libreoffice}[writer](good, folder)
            once = before.with_stem(f"{before.stem}-once")
            shutil.copy(before, once)
            assert refresh(once) == 0
            twice = before.with_stem(f"{before.stem}-twice")
            shutil.copy(once, twice)
            assert refresh(twice, LATER) == 0
            made[writer] = SimpleNamespace(
                before=parts(before), once=parts(once), twice=parts(twice), paths=(before, once, twice)
            )
        return made[writer]

    return book


@pytest.fixture(params=[*WRITERS, pytest.param("LibreOffice", marks=pytest.mark.libreoffice)])
def book(request, books):
    return books(request.param)


@pytest.fixture(params=["once", "twice"])
def refreshed(request, book):
    """Parts before, and after one refresh or two."""
    return book.before, getattr(book, request.param)


def owned_by_reports(content):
    """Report sheets, and what hangs on them: drawings, charts."""
    sheets = sheet_parts(content)
    return reachable(content, [sheets[name] for name in REPORTS & set(sheets)])


def canonical(element):
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)


def local(element):
    return etree.QName(element).localname


# What stays ---------------------------------------------------------------------------------------------------------


def test_every_part_that_the_product_does_not_own_stays_byte_for_byte(refreshed):
    before, after = refreshed
    owned = {TYPES, WORKBOOK, LINKS, STYLES, CHAIN, sheet_parts(before)["SRM"]} | owned_by_reports(before)
    foreign = [name for name in before if name not in owned]
    assert len(foreign) > 10
    assert [name for name in foreign if after.get(name) != before[name]] == []
    assert [name for name in after if name in foreign] == foreign


def test_nothing_is_added_but_report_sheets(refreshed):
    before, after = refreshed
    assert set(after) - set(before) <= owned_by_reports(after)


def test_the_file_has_each_part_once_and_whole(book):
    for path in book.paths[1:]:
        with zipfile.ZipFile(path) as source:
            assert source.testzip() is None
            names = source.namelist()
        assert len(names) == len({name.casefold() for name in names})


def test_a_second_refresh_at_the_same_time_gives_the_same_bytes(book, tmp_path):
    for path, stamp in zip(book.paths[1:], (STAMP, LATER), strict=True):
        again = tmp_path / path.name
        shutil.copy(path, again)
        assert refresh(again, stamp) == 0
        assert again.read_bytes() == path.read_bytes()


# The workbook part, its links and types -----------------------------------------------------------------------------


def test_the_workbook_keeps_its_attributes_elements_and_their_order(refreshed):
    before, after = (etree.fromstring(content[WORKBOOK]) for content in refreshed)
    assert dict(after.attrib) == dict(before.attrib)
    assert after.nsmap == before.nsmap
    kept = [local(element) for element in after if local(element) in {local(old) for old in before}]
    assert kept == [local(element) for element in before]
    assert {local(element) for element in after} - {local(element) for element in before} <= {"definedNames", "calcPr"}
    for old in before:
        if local(old) not in ("sheets", "definedNames", "calcPr"):
            assert canonical(after.find(old.tag)) == canonical(old)


def test_sheets_keep_their_order_state_and_ids_and_new_reports_are_last(refreshed):
    before, after = (
        [dict(sheet.attrib) for sheet in etree.fromstring(content[WORKBOOK]).iter(f"{{{MAIN}}}sheet")]
        for content in refreshed
    )
    assert after[: len(before)] == before
    assert {sheet["name"] for sheet in after[len(before) :]} <= REPORTS
    for key in ("name", "sheetId", f"{{{OFFICE}}}id"):
        assert len({sheet[key].casefold() for sheet in after}) == len(after)


def test_names_of_the_team_stay_and_every_name_is_there_once(refreshed):
    trees = [etree.fromstring(content[WORKBOOK]) for content in refreshed]
    tabs = [sheet.get("name") for sheet in trees[1].iter(f"{{{MAIN}}}sheet")]

    def owned(name):
        place = name.get("localSheetId")
        return name.get("name").startswith("_xlnm.") and place is not None and tabs[int(place)] in REPORTS

    before, after = (list(tree.iter(f"{{{MAIN}}}definedName")) for tree in trees)
    assert [canonical(n) for n in after if not owned(n)] == [canonical(n) for n in before if not owned(n)]
    assert len({(n.get("name"), n.get("localSheetId")) for n in after}) == len(after)
    assert all(int(n.get("localSheetId", 0)) < len(tabs) for n in after)


def test_the_calculation_settings_only_gain_the_order_to_calculate(refreshed):
    before, after = (etree.fromstring(content[WORKBOOK]).find(f"{{{MAIN}}}calcPr") for content in refreshed)
    old, new = ({} if element is None else dict(element.attrib) for element in (before, after))
    assert {**old, "fullCalcOnLoad": "1"} == {"fullCalcOnLoad": "1", **new}


@pytest.mark.parametrize("part", [TYPES, LINKS])
def test_types_and_links_of_the_team_stay_first_and_in_order(refreshed, part):
    def entries(content):
        found = [tuple(sorted(element.attrib.items())) for element in etree.fromstring(content[part])]
        return [entry for entry in found if "calcChain" not in str(entry)]

    def of_reports(entry):
        return any(value.lstrip("/") in reports or f"xl/{value}" in reports for _, value in entry)

    reports = set().union(*map(owned_by_reports, refreshed))
    before, after = map(entries, refreshed)
    assert [entry for entry in after if not of_reports(entry)] == [entry for entry in before if not of_reports(entry)]
    assert len(set(after)) == len(after)


def test_no_link_leads_nowhere_and_every_part_has_a_type(refreshed):
    before, after = refreshed
    types = etree.fromstring(after[TYPES])
    named = {entry.get("PartName").casefold() for entry in types if entry.get("PartName")}
    extensions = {entry.get("Extension").casefold() for entry in types if entry.get("Extension")}
    assert {name for name in named if name[1:] not in {part.casefold() for part in after}} == set()
    assert {
        name
        for name in set(after) - set(before)
        if f"/{name}".casefold() not in named and name.rpartition(".")[2] not in extensions
    } == set()
    assert set(sheet_parts(after).values()) <= set(after)


def test_the_calculation_chain_is_whole_or_gone_with_its_link_and_type(refreshed):
    before, after = refreshed
    if CHAIN in after:
        assert after[CHAIN] == before[CHAIN]
    else:
        assert b"calcChain" not in after[TYPES] + after[LINKS]


# Styles -------------------------------------------------------------------------------------------------------------


def test_styles_only_grow_at_the_end_of_each_collection(refreshed):
    before, after = (etree.fromstring(content[STYLES]) for content in refreshed)
    assert dict(after.attrib) == dict(before.attrib)
    assert after.nsmap == before.nsmap
    old_names = [local(element) for element in before]
    assert [local(element) for element in after if local(element) in old_names] == old_names
    assert {local(element) for element in after} - set(old_names) <= set(POOLS)
    for old in before:
        new = after.find(old.tag)
        if local(old) not in POOLS:
            assert canonical(new) == canonical(old)
            continue
        assert [canonical(item) for item in new][: len(old)] == [canonical(item) for item in old]
        assert {k: v for k, v in new.attrib.items() if k != "count"} == {
            k: v for k, v in old.attrib.items() if k != "count"
        }


def test_styles_are_counted_and_point_to_styles_that_are_there(refreshed):
    root = etree.fromstring(refreshed[1][STYLES])
    length = {name: len(root.find(f"{{{MAIN}}}{name}")) for name in POOLS if root.find(f"{{{MAIN}}}{name}") is not None}
    for name, count in length.items():
        assert root.find(f"{{{MAIN}}}{name}").get("count", str(count)) == str(count)
    numbers = [
        entry.get("numFmtId") for entry in root.iter(f"{{{MAIN}}}numFmt") if local(entry.getparent()) == "numFmts"
    ]
    assert len(set(numbers)) == len(numbers)
    for style in root.find(f"{{{MAIN}}}cellXfs"):
        for key, pool in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            assert int(style.get(key, 0)) < length[pool]
        assert int(style.get("numFmtId", 0)) < 164 or style.get("numFmtId") in numbers
    for name, part in sheet_parts(refreshed[1]).items():
        used = {int(number) for number in re.findall(rb'<(?:c|row) [^<>]*?\bs="(\d+)"', refreshed[1][part])}
        assert max(used, default=0) < length["cellXfs"], name


def test_a_third_refresh_adds_no_style(book):
    assert book.twice[STYLES] == book.once[STYLES]


# SRM ----------------------------------------------------------------------------------------------------------------


def without_results(content):
    """SRM with the values and types of the result cells taken out; how many there are."""
    xml = content[sheet_parts(content)["SRM"]]
    areas = [
        range_boundaries(reference.decode())
        for tag, formula in re.findall(rb"<f((?:\s[^<>]*)?)>([^<]*)</f>", xml)
        if b"SMILE_" in formula and (reference := re.search(rb'ref="([^"]*)"', tag)[1])
    ]
    if not areas:  # a book of the product's without a formula in it
        areas = [range_boundaries("AT6:CC9")]
    count = 0

    def plain(match):
        nonlocal count
        left, top, *_ = range_boundaries(match[2].decode())
        if not any(a <= left <= c and b <= top <= d for a, b, c, d in areas):
            return match[0]
        count += 1
        cell = re.sub(rb' t="\w+"', b"", match[1]) + b">" + (match[3] or b"")
        return re.sub(rb"<v\s*/>|<v>[^<]*</v>", b"", cell) + b"</c>"

    return re.sub(rb'(<c r="([A-Z]+[0-9]+)"[^<>]*?)(?:/>|>(.*?)</c>)', plain, xml, flags=re.DOTALL), count


def test_in_srm_only_the_values_of_result_cells_change(refreshed):
    before, count = without_results(refreshed[0])
    after, count_after = without_results(refreshed[1])
    assert after == before
    assert count == count_after >= 36 * 3


def test_the_results_are_there(book):
    values = [
        cell.value for row in openpyxl.load_workbook(book.paths[1], data_only=True)["SRM"]["AT6:CC8"] for cell in row
    ]
    assert len(values) == 108
    assert all(isinstance(value, (int, float)) for value in values)
    assert len(set(values)) > 10


# Other readers ------------------------------------------------------------------------------------------------------


def test_openpyxl_and_calamine_read_what_they_read_before_and_the_reports(book):
    before, once, twice = (openpyxl.load_workbook(path, keep_vba=True) for path in book.paths)
    calamine = [python_calamine.CalamineWorkbook.from_path(path) for path in book.paths]
    assert set(once.sheetnames) == set(before.sheetnames) | USUAL == set(twice.sheetnames)
    worksheets = {sheet.title for sheet in before.worksheets} - REPORTS - {"SRM"}
    for name in worksheets:
        rows = [[[getattr(c.value, "text", c.value) for c in row] for row in wb[name]] for wb in (before, once, twice)]
        assert rows[0] == rows[1] == rows[2]
        values = [wb.get_sheet_by_name(name).to_python() for wb in calamine]
        assert values[0] == values[1] == values[2]
    for name in REPORTS & set(once.sheetnames):
        assert len(calamine[1].get_sheet_by_name(name).to_python()) > 4


@pytest.mark.libreoffice
def test_libreoffice_opens_them_all_in_one_run(books, tmp_path):
    files = [shutil.copy(path, tmp_path / path.name) for name in WRITERS for path in books(name).paths[1:]]
    foreign_books.convert([tmp_path / file.name for file in files], tmp_path / "out", CSV)
    for file in files:
        found = {path.stem.removeprefix(f"{file.stem}-") for path in (tmp_path / "out").glob(f"{file.stem}-*.csv")}
        assert USUAL | {"SRM"} <= found, file.name
        srm = (tmp_path / "out" / f"{file.stem}-SRM.csv").read_text(encoding="utf-8").splitlines()
        assert "Morocco" in srm[5]


CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


# Small things that real files have ----------------------------------------------------------------------------------

ODDITIES = {
    "a byte order mark in the workbook": (WORKBOOK, lambda xml: b"\xef\xbb\xbf" + xml),
    "a comment between elements of the workbook": (
        WORKBOOK,
        lambda xml: xml.replace(b"<sheets>", b"<!-- x --><sheets>"),
    ),
    "a comment among the sheets": (WORKBOOK, lambda xml: xml.replace(b"<sheets>", b"<sheets><!-- x -->")),
    "a comment among the types": (TYPES, lambda xml: xml.replace(b"</Types>", b"<!-- x --></Types>")),
    "a comment among the links": (LINKS, lambda xml: xml.replace(b"</Relationships>", b"<!-- x --></Relationships>")),
    "a comment among the styles": (STYLES, lambda xml: xml.replace(b"</cellXfs>", b"<!-- x --></cellXfs>")),
    "no list of names": (WORKBOOK, lambda xml: re.sub(rb"<definedNames>.*</definedNames>", b"", xml)),
    "no calculation settings": (WORKBOOK, lambda xml: re.sub(rb"<calcPr[^<>]*>", b"", xml)),
    "absolute targets": (LINKS, lambda xml: xml.replace(b'Target="worksheets', b'Target="/xl/worksheets')),
    "types in other letters": (TYPES, lambda xml: xml.replace(b"/xl/worksheets/sheet8", b"/XL/Worksheets/Sheet8")),
    "styles with known fonts and no counts": (
        STYLES,
        lambda xml: re.sub(rb'(<(?:fonts|fills|cellXfs)) count="\d+"', rb"\1", xml).replace(
            b"<styleSheet ",
            b'<styleSheet xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac" '
            b'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" ',
        ),
    ),
    "no named styles": (STYLES, lambda xml: re.sub(rb"<(cellStyles|cellStyleXfs)\b.*?</\1>", b"", xml)),
    "line breaks between elements": (WORKBOOK, lambda xml: xml.replace(b"><", b">\r\n  <")),
    "a processing instruction in a sheet": (
        "Costs",
        lambda xml: xml.replace(b"<sheetData>", b"<?go x?><sheetData>"),
    ),
}


@pytest.mark.parametrize(("part", "change"), ODDITIES.values(), ids=ODDITIES)
def test_a_book_is_refreshed_in_spite_of(part, change, books, tmp_path):
    content = parts(books("by hand").paths[0].parent / "good.xlsx")
    sheets = sheet_parts(content)
    part = sheets.get(part, part)
    changed = change(content[part])
    assert changed != content[part]
    path = zipped(tmp_path / "odd.xlsx", {**content, part: changed})
    assert refresh(path) == 0
    after = parts(path)
    owned = {TYPES, WORKBOOK, LINKS, STYLES, sheets["SRM"]} | owned_by_reports(content)
    assert all(after[name] == ({**content, part: changed})[name] for name in set(content) - owned)
    assert set(after) == set(content)
    once = path.read_bytes()
    assert refresh(path) == 0
    assert path.read_bytes() == once
    assert python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("Checks").to_python()[0][0]
