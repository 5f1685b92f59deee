"""What is refused before a workbook is read, with a text in both languages that says what to do."""

from __future__ import annotations

import ast
import io
import re
import struct
import tomllib
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter

from smile_xl.book import BookError
from smile_xl.books.xlsx import archive, preflight
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.language import LANGUAGES, say

SOURCES = Path(preflight.__file__).parent
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("SRM").write_row(0, 0, ["item", 1.5])
        workbook.add_worksheet("Costs").write(0, 0, 2)
    return path


def parts(path):
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def rezip(path, entries):
    """Write a zip of (name, bytes) pairs: a list, since names may repeat."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in entries:
            out.writestr(name, data)


def with_part(path, name, data):
    rezip(path, [*(item for item in parts(path).items() if item[0] != name), (name, data)])


def with_sheet(path, sheet_data, head=b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"):
    with_part(path, "xl/worksheets/sheet1.xml", head + b"<sheetData>" + sheet_data + b"</sheetData></worksheet>")


def refusal(path, code, action=preflight.check):
    """The refusal that ``action`` ends with; the file is as it was and the text can be said in both languages."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BookError) as raised:
        action(path)
    assert raised.value.code == code
    for language in LANGUAGES:
        assert "{" not in say(f"book.{code}", language, **raised.value.values)
    assert before is None or path.read_bytes() == before
    return raised.value


def read_first(path):
    book = XlsxBook(path)
    return book.read(book.sheet_names()[0])


def test_a_sound_workbook_passes(book):
    assert [sheet.name for sheet in preflight.check(book).sheets] == ["SRM", "Costs"]


def test_a_missing_file_is_refused(tmp_path):
    refusal(tmp_path / "none.xlsx", "no_file")


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "plan.xlsx").mkdir()
    refusal(tmp_path / "plan.xlsx", "is_folder")


@pytest.mark.parametrize("name", ["plan.xls", "plan.csv", "plan.xlsb", "plan"])
def test_another_type_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"a")
    refusal(tmp_path / name, "other_type")


@pytest.mark.parametrize(("lock", "program"), [("~$plan.xlsx", "Excel"), (".~lock.plan.xlsx#", "LibreOffice")])
def test_a_locked_book_is_refused(book, lock, program):
    book.with_name(lock).write_bytes(b"")
    assert refusal(book, "locked").values["program"] == program


def test_an_encrypted_book_is_refused(tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600))
    refusal(path, "encrypted")


def test_an_old_workbook_under_a_new_name_is_refused(tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(OLE + bytes(600))
    refusal(path, "old_format")


def test_a_zip_with_a_password_is_refused(book):
    data = bytearray(book.read_bytes())
    central = data.rfind(b"PK\1\2")
    data[central + 8] |= 1
    book.write_bytes(data)
    refusal(book, "encrypted")


@pytest.mark.parametrize("data", [b"", b"not a workbook", b"PK\3\4 cut short"])
def test_a_file_that_is_no_zip_is_refused(tmp_path, data):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(data)
    refusal(path, "damaged")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_book_is_refused(book, kept):
    data = book.read_bytes()
    book.write_bytes(data[: int(len(data) * kept)])
    refusal(book, "damaged")


def test_a_flipped_byte_anywhere_in_a_part_is_refused_or_read_as_damaged(book):
    data = book.read_bytes()
    with zipfile.ZipFile(book) as source:
        entry = source.getinfo("xl/worksheets/sheet1.xml")
    start = entry.header_offset + 30 + len(entry.filename)
    for position in range(start, start + entry.compress_size, 7):
        changed = bytearray(data)
        changed[position] ^= 0x10
        book.write_bytes(changed)
        refusal(book, "damaged")


def test_any_cut_or_flip_is_a_refusal_and_never_a_traceback(book):
    data = book.read_bytes()
    for position in range(0, len(data), 37):
        changed = bytearray(data)
        changed[position] ^= 0xFF
        book.write_bytes(changed)
        try:
            opened = XlsxBook(book)
            for sheet in opened.sheet_names():
                opened.read(sheet)
        except BookError as error:
            assert say(f"book.{error.code}", "en", **error.values)


def test_a_part_longer_than_it_says_is_refused(book):
    # A sheet cut at the declared size, with a checksum that fits the cut: zipfile calls this good.
    with zipfile.ZipFile(book) as source:
        entry = source.getinfo("xl/worksheets/sheet1.xml")
        sheet = source.read(entry)
    data = bytearray(book.read_bytes())
    central = data.find(b"PK\1\2")
    while data[central + 46 : central + 46 + len(entry.filename)] != entry.filename.encode():
        central = data.find(b"PK\1\2", central + 4)
    data[central + 16 : central + 20] = struct.pack("<L", zlib.crc32(sheet[:-20]))
    data[central + 24 : central + 28] = struct.pack("<L", len(sheet) - 20)
    book.write_bytes(data)
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        assert source.testzip() is None
    refusal(book, "damaged")


def test_two_parts_whose_names_differ_in_case_only_are_refused(book):
    rezip(book, [*parts(book).items(), ("XL/Workbook.xml", b"<a/>")])
    refusal(book, "duplicate_part")


@pytest.mark.parametrize("name", ["../evil.xml", "xl/../../evil.xml", "/xl/evil.xml", "xl\\evil.xml", "C:/evil.xml"])
def test_a_part_name_that_leaves_the_package_is_refused(book, name):
    rezip(book, [*parts(book).items(), (name, b"<a/>")])
    refusal(book, "unsafe_name")


def test_a_bomb_is_refused_unpacked(book, monkeypatch):
    with_part(book, "xl/media/image1.xml", bytes(archive.RATIO_FREE + 1))
    monkeypatch.setattr(archive.Archive, "read", lambda *_: pytest.fail("was unpacked"))
    refusal(book, "too_large")


def test_too_much_in_all_is_refused(book, monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 1000)
    refusal(book, "too_large")


def test_overlapping_parts_are_refused(book):
    data = bytearray(book.read_bytes())
    second = data.find(b"PK\1\2", data.find(b"PK\1\2") + 4)
    data[second + 42 : second + 46] = bytes(4)
    book.write_bytes(data)
    refusal(book, "damaged")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["<!DOCTYPE a>", '<!DOCTYPE a [<!ENTITY b "c">]>'])
def test_a_document_type_is_refused_in_any_encoding(book, encoding, text):
    with_part(book, "customXml/item1.xml", f"<?xml version='1.0'?>{text}<a/>".encode(encoding))
    refusal(book, "dtd")


def test_custom_xml_in_utf_16_passes(book):
    with_part(book, "customXml/item1.xml", "<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16"))
    assert preflight.check(book)


@pytest.mark.parametrize("missing", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"])
def test_a_zip_without_a_workbook_is_refused(book, missing):
    rezip(book, [item for item in parts(book).items() if item[0] != missing])
    refusal(book, "not_a_workbook")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "_rels/.rels"]
)
def test_broken_xml_is_refused(book, part):
    with_part(book, part, parts(book)[part][:-30])
    refusal(book, "damaged", read_first)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_missing_part_is_refused(book, part):
    rezip(book, [item for item in parts(book).items() if item[0] != part])
    try:
        read_first(book)
    except BookError as error:
        assert error.code == "damaged"


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>", id="the last cell of the grid"),
        pytest.param(b"<row r='1'><c r='A1'><v>1</v></c><c r='XFE1'><v>1</v></c></row>", id="a column beyond the grid"),
        pytest.param(b"<row r='1'><c r='ZZZZZZZZ1'><v>1</v></c></row>", id="a column far beyond the grid"),
        pytest.param(b"<row r='1'><c r='A1048577'><v>1</v></c></row>", id="a row beyond the grid"),
        pytest.param(b"<row r='4294967295'><c r='A4294967295'><v>1</v></c></row>", id="a row far beyond the grid"),
        pytest.param(b"<row r='1'><c r='A0'><v>1</v></c></row>", id="a row before the grid"),
        pytest.param(b"<row r='1048576'><c><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>", id="with no reference"),
        pytest.param(b"<row r='1048576'>" + b"<c><v>1</v></c>" * 99 + b"</row>", id="a row number and no references"),
        pytest.param(
            b"<row r='4'><c><v>1</v></c><c r='A1048577'><v>1</v></c></row>",
            id="a far one beside one without a reference",
        ),
        pytest.param(
            b"<row r='1'><c r='A1'/></row><row r='400001'><c r='AN400001'/></row>", id="sixteen million cells"
        ),
        pytest.param(b"<row><x:c s='1' r = 'XFD1048576'><v>1</v></x:c></row>", id="a cell with another prefix"),
        pytest.param(b'<row r="1"><c s="0" r="xfd1048576"><v>1</v></c></row>', id="small letters"),
    ],
)
def test_cells_too_far_apart_are_refused_before_the_reader_sees_them(book, cells, monkeypatch):
    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", lambda _: pytest.fail("was read"))
    with_sheet(book, cells)
    assert refusal(book, "too_wide", read_first).values["sheet"] == "SRM"


def test_a_formatted_empty_row_at_the_end_of_the_grid_passes(book):
    with_sheet(book, b'<row r="1"><c r="B1"><v>1</v></c></row><row r="1048576" s="1" customFormat="1"/>')
    assert read_first(book).rows == [["", 1.0]]


def test_a_sheet_in_utf_16_is_refused(book):
    text = "<?xml version='1.0' encoding='UTF-16'?><worksheet><sheetData/></worksheet>"
    with_part(book, "xl/worksheets/sheet1.xml", text.encode("utf-16"))
    refusal(book, "unusual_sheet", read_first)


def test_a_date_without_end_is_a_refusal(tmp_path):
    """The reader panics at it, when it hands over the cells."""
    path = tmp_path / "dates.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("SRM").write_number(0, 0, 45000, workbook.add_format({"num_format": "yyyy-mm-dd"}))
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as package:
        sheet = package.read(name)
    with_part(path, name, sheet.replace(b"<v>45000</v>", b"<v>-Infinity</v>"))
    refusal(path, "damaged", read_first)


def test_a_failing_reader_is_a_refusal(book, monkeypatch):
    class Panic(BaseException):
        pass

    def fail(_):
        raise Panic

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", fail)
    refusal(book, "damaged", read_first)


@pytest.mark.parametrize(
    ("part", "code"),
    [("_xmlsignatures/sig1.xml", "signed"), ("xl/revisions/revisionHeaders.xml", "shared")],
)
def test_a_signed_or_shared_book_can_be_read_and_not_written(book, part, code, tmp_path):
    with_part(book, part, b"<a/>")
    assert read_first(book).rows == [["item", 1.5]]
    refusal(book, code, lambda path: XlsxBook(path).save())
    refusal(book, code, lambda path: XlsxBook(path).save(tmp_path / "copy.xlsx"))
    assert not (tmp_path / "copy.xlsx").exists()


# The catalogue ------------------------------------------------------------------------------------------------------

BY_NAME = ("merged", "table_header", "pivot", "array", "shared_formula")


def raised_codes():
    """Each code that the adapter raises, with the names of its values."""
    for source in sorted(SOURCES.glob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BookError":
                names = tuple(keyword.arg for keyword in node.keywords)
                codes = [item.value for item in ast.walk(node.args[0]) if isinstance(item, ast.Constant)]
                for code in codes or BY_NAME:
                    yield pytest.param(code, names, id=f"{source.stem}-{code}-{node.lineno}")


@pytest.mark.parametrize(("code", "names"), list(raised_codes()))
def test_every_refusal_has_a_text_in_both_languages(code, names):
    for language in LANGUAGES:
        text = say(f"book.{code}", language, **{name: f"<{name}>" for name in names})
        assert text.endswith(".")
        assert "\n" not in text
        assert "<file>" in text


def test_no_text_is_without_a_refusal():
    raised = {param.values[0] for param in raised_codes()}
    elsewhere = "".join(path.read_text(encoding="utf-8") for path in SOURCES.parents[1].rglob("*.py"))
    catalogue = tomllib.loads((SOURCES.parents[1] / "language" / "book.toml").read_text(encoding="utf-8"))
    assert [key for key in catalogue if key not in raised and not re.search(rf'"{key}"', elsewhere)] == []
