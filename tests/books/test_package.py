"""Parts, types and links of a workbook file; what is not changed is saved byte for byte."""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from smile_xl.book import BookError
from smile_xl.books.xlsx import atomic, preflight
from smile_xl.books.xlsx.atomic import replace_file
from smile_xl.books.xlsx.package import Package, relations_name
from smile_xl.language import say

STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("SRM").write_row(0, 0, ["item", 1.5])
        costs = workbook.add_worksheet("Costs")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=Costs!$A$1:$A$2"})
        costs.insert_chart("C3", chart)
    return path


def entries(path):
    """Everything that the zip says of each part, and its bytes."""
    with zipfile.ZipFile(path) as source:
        return {
            entry.filename: (entry.date_time, entry.external_attr, entry.create_system, entry.CRC, source.read(entry))
            for entry in source.infolist()
        }


def rewritten(path, change):
    """The workbook written again with ``change`` of each part's name and bytes."""
    with zipfile.ZipFile(path) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts:
            out.writestr(*change(name, data))


def test_a_package_with_no_change_is_the_file_itself(book):
    package = preflight.check(book)
    package.tree(package.workbook)
    package.tree("[Content_Types].xml")
    package.write("xl/styles.xml", package.read("xl/styles.xml"))
    assert package.to_bytes() == book.read_bytes()


def test_untouched_parts_keep_bytes_order_date_and_attributes(book):
    before = entries(book)
    package = preflight.check(book)
    package.write("docProps/core.xml", b"<a/>")
    package.add_sheet("New", b"<worksheet/>")
    book.write_bytes(package.to_bytes())
    after = entries(book)
    changed = {"docProps/core.xml", "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
    assert {name for name in before if before[name] != after[name]} == changed
    assert list(after) == [*before, "xl/worksheets/sheet3.xml"]
    assert all(after[name][0] == (1980, 1, 1, 0, 0, 0) for name in changed)


def test_a_streamed_part_is_copied(book, tmp_path):
    class OneWay:
        def __init__(self, file):
            self.write, self.flush = file.write, file.flush

    with (
        zipfile.ZipFile(book) as source,
        (tmp_path / "streamed.xlsx").open("wb") as file,
        zipfile.ZipFile(OneWay(file), "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in source.namelist():
            out.writestr(name, source.read(name))
    package = preflight.check(tmp_path / "streamed.xlsx")
    package.write("docProps/core.xml", b"<a/>")
    book.write_bytes(package.to_bytes())
    with zipfile.ZipFile(book) as source:
        assert source.testzip() is None
        assert not any(entry.flag_bits & 8 for entry in source.infolist())


def test_names_extras_and_comments_of_the_zip_are_kept(book):
    with zipfile.ZipFile(book, "a") as out:
        entry = zipfile.ZipInfo("xl/média/été.bin", (2020, 2, 3, 4, 5, 6))
        entry.comment, entry.extra = b"a comment", b"\x20\xa2\x02\x00ab"
        out.writestr(entry, b"1")
        out.comment = b"of the file"
    package = preflight.check(book)
    package.write("docProps/core.xml", b"<a/>")
    book.write_bytes(package.to_bytes())
    with zipfile.ZipFile(book) as source:
        kept = source.getinfo("xl/média/été.bin")
        assert (kept.comment, kept.extra, kept.date_time) == (
            b"a comment",
            b"\x20\xa2\x02\x00ab",
            (2020, 2, 3, 4, 5, 6),
        )
        assert source.comment == b"of the file"


def test_part_names_are_found_in_any_case(book):
    def other_case(name, data):
        return name, data.replace(b"worksheets/sheet1.xml", b"Worksheets/SHEET1.XML")

    rewritten(book, other_case)
    package = preflight.check(book)
    assert package.read(package.sheets[0].part).startswith(b"<?xml")
    package.write("XL/WORKSHEETS/sheet1.xml", b"<a/>")
    assert "XL/WORKSHEETS/sheet1.xml" not in package.parts()
    assert package.changed() == {"xl/worksheets/sheet1.xml"}


def test_absolute_and_escaped_targets_are_found(book):
    def absolute(name, data):
        return name, data.replace(b'Target="worksheets/sheet1.xml"', b'Target="/xl/work%73heets/sheet1.xml"')

    rewritten(book, absolute)
    assert preflight.check(book).sheets[0].part == "xl/worksheets/sheet1.xml"


def test_a_new_sheet_is_last_and_has_free_numbers(book):
    package = preflight.check(book)
    package.add_sheet("New", package.read("xl/worksheets/sheet1.xml"))
    book.write_bytes(package.to_bytes())
    assert [(sheet.name, sheet.part) for sheet in preflight.check(book).sheets] == [
        ("SRM", "xl/worksheets/sheet1.xml"),
        ("Costs", "xl/worksheets/sheet2.xml"),
        ("New", "xl/worksheets/sheet3.xml"),
    ]
    assert openpyxl.load_workbook(book).sheetnames == ["SRM", "Costs", "New"]


def test_a_strict_workbook_gets_strict_links(book):
    def strict(name, data):
        for transitional, other in STRICT:
            data = data.replace(transitional.encode(), other.encode())
        return name, data

    rewritten(book, strict)
    package = preflight.check(book)
    assert package.strict
    package.add_sheet("New", b"<worksheet/>")
    links = package.read("xl/_rels/workbook.xml.rels")
    assert links.count(b"http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet") == 3
    assert b"schemas.openxmlformats.org/officeDocument" not in links
    assert [sheet.name for sheet in package.sheets] == ["SRM", "Costs", "New"]


def test_a_prefixed_workbook_keeps_its_prefix_and_what_may_be_ignored(book):
    workbook = (
        '<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:xr="urn:xr" '
        'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main" '
        'xmlns:rel="http://schemas.openxmlformats.org/officeDocument/2006/relationships" mc:Ignorable="x15 xr" '
        'xr:uid="{1}"><x:sheets><x:sheet name="SRM" sheetId="7" rel:id="rId1"/></x:sheets><x15:a/><x:extLst/>'
        "</x:workbook>"
    )
    rewritten(book, lambda name, data: (name, workbook.encode() if name == "xl/workbook.xml" else data))
    package = preflight.check(book)
    package.add_sheet("New", b"<worksheet/>")
    package.element("calcPr").set("fullCalcOnLoad", "1")
    assert package.read("xl/workbook.xml").decode() == "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n" + (
        workbook.replace(
            "</x:sheets>", '<x:sheet name="New" sheetId="8" rel:id="rId6"/></x:sheets><x:calcPr fullCalcOnLoad="1"/>'
        )
    )


def test_a_removed_part_takes_its_links_and_type_along(book):
    package = preflight.check(book)
    package.unrelate("xl/worksheets/sheet2.xml", "xl/drawings/drawing1.xml")
    package.remove("xl/drawings/drawing1.xml")
    book.write_bytes(package.to_bytes())
    package = preflight.check(book)
    assert not package.has("xl/drawings/drawing1.xml")
    assert not package.has(relations_name("xl/drawings/drawing1.xml"))
    assert b"drawing1" not in package.read("[Content_Types].xml")
    assert b"chart1" in package.read("[Content_Types].xml")


def test_a_part_removed_and_put_back_leaves_no_trace(book):
    package = preflight.check(book)
    data = package.read("xl/charts/chart1.xml")
    package.remove("xl/charts/chart1.xml")
    package.write("xl/charts/chart1.xml", data, "application/vnd.openxmlformats-officedocument.drawingml.chart+xml")
    assert package.to_bytes() == book.read_bytes()


def test_a_new_part_does_not_take_the_place_of_one_that_is_missing(book):
    """A drawing whose chart was lost shows nothing; it must not show another sheet's chart."""
    package = preflight.check(book)
    assert package.free_name("xl/charts/chart.xml") == "xl/charts/chart2.xml"
    package.remove("xl/charts/chart1.xml")
    assert package.free_name("xl/charts/chart.xml") == "xl/charts/chart2.xml"
    package.unrelate("xl/drawings/drawing1.xml", "xl/charts/chart1.xml")
    assert package.free_name("xl/charts/chart.xml") == "xl/charts/chart1.xml"


def test_entities_are_not_resolved(book, tmp_path):
    (tmp_path / "secret").write_text("secret")
    evil = f'<!DOCTYPE a [<!ENTITY b SYSTEM "file://{tmp_path}/secret">]><a>&b;</a>'.encode()
    package = Package(preflight.check(book).archive)
    package.write("xl/evil.xml", evil)
    with pytest.raises(BookError) as raised:
        package.tree("xl/evil.xml")
    assert raised.value.code == "dtd"


# Saving -------------------------------------------------------------------------------------------------------------


def refused(code, path, data=b"new"):
    with pytest.raises(BookError) as raised:
        replace_file(path, data)
    assert raised.value.code == code
    assert "{" not in say(f"book.{code}", "fr", **raised.value.values)


def test_a_saved_file_keeps_its_mode_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_usual_mode(tmp_path):
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "plan.xlsx", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "plan.xlsx").stat().st_mode) == 0o640


def test_a_link_to_a_book_stays_a_link(tmp_path):
    (tmp_path / "real.xlsx").write_bytes(b"old")
    (tmp_path / "plan.xlsx").symlink_to(tmp_path / "real.xlsx")
    replace_file(tmp_path / "plan.xlsx", b"new")
    assert (tmp_path / "plan.xlsx").is_symlink()
    assert (tmp_path / "real.xlsx").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (PermissionError(errno.EACCES, "Permission denied"), "no_permission"),
        (OSError(errno.EIO, "Input/output error"), "not_saved"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, error, code, step):
    def fail(*_):
        raise error

    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr(*((atomic.os, "fsync", fail) if step == "fsync" else (Path, "replace", fail)))
    refused(code, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr(atomic.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_refused(tmp_path):
    refused("no_folder", tmp_path / "none" / "plan.xlsx")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "plan.xlsx").mkdir()
    refused("is_folder", tmp_path / "plan.xlsx")


def test_a_read_only_file_is_refused(tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o444)
    refused("read_only", path)
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o555)
    try:
        refused("no_permission", tmp_path / "plan.xlsx")
    finally:
        tmp_path.chmod(0o755)
