"""Faults of files and of the machine: damage, locks, permissions, disks. Exit 2, one clear line, and an untouched book."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
from bad_input.judging import LATER, assert_refused, edit, untouched

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SRM_XML = "xl/worksheets/sheet2.xml"


def rewrite(path, change):
    """Change the parts of a book: a function gets them as {name: bytes} and changes, adds and removes."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)


# Files that can't be read --------------------------------------------------------------------------------------------


def write(content):
    return lambda path: path.write_bytes(content)


def part(name, old, new):
    """Replace a pattern in a part."""

    def change(parts):
        parts[name], count = re.subn(old, new, parts[name], count=1, flags=re.DOTALL)
        assert count == 1

    return lambda path: rewrite(path, change)


def cell(xml):
    return part(SRM_XML, rb'<c r="N7"[^>]*>.*?</c>', xml)


def flip(path):
    """Change one byte of a part's content and leave its checksum as it was."""
    with zipfile.ZipFile(path) as source:
        entry = source.getinfo(SRM_XML)
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0x10
    path.write_bytes(content)


def lock_bit(path):
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)


def twice(path):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as target:
        target.writestr(SRM_XML, b"<worksheet/>")


def added(name, content=b"<a/>"):
    return lambda path: rewrite(path, lambda parts: parts.update({name: content}))


def removed(name):
    return lambda path: rewrite(path, lambda parts: parts.pop(name))


def beside(name):
    return lambda path: path.with_name(name).write_bytes(b"")


def other_zip(path):
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("letter.txt", "Dear planner")


def folder_instead(path):
    path.unlink()
    path.mkdir()


UNREADABLE = [
    pytest.param(Path.unlink, "plan.xlsx is not there", id="no such file"),
    pytest.param(folder_instead, "plan.xlsx is a folder", id="a folder"),
    pytest.param(write(b""), "plan.xlsx is damaged", id="an empty file"),
    pytest.param(write(b"Country;SAP code\n"), "plan.xlsx is damaged", id="a text file named .xlsx"),
    pytest.param(write(OLE + bytes(600)), "plan.xlsx is in the old .xls format", id="an old .xls named .xlsx"),
    pytest.param(
        write(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")), "plan.xlsx has a password", id="a password"
    ),
    pytest.param(lock_bit, "plan.xlsx has a password", id="a zip with a password"),
    pytest.param(lambda path: path.write_bytes(path.read_bytes()[:9000]), "plan.xlsx is damaged", id="a truncated zip"),
    pytest.param(other_zip, "plan.xlsx holds no Excel workbook", id="a zip without a workbook"),
    pytest.param(removed("[Content_Types].xml"), "plan.xlsx holds no Excel workbook", id="no content types"),
    pytest.param(removed(SRM_XML), f"plan.xlsx is damaged \\(at {SRM_XML}\\)", id="a sheet's part that is missing"),
    pytest.param(flip, f"plan.xlsx is damaged \\(at {SRM_XML}\\)", id="a bad checksum"),
    pytest.param(twice, f"plan.xlsx holds the part {SRM_XML} twice", id="a part twice"),
    pytest.param(added("../out.xml"), "plan.xlsx holds a part with an unsafe name", id="a part that leaves the folder"),
    pytest.param(added("xl/a.xml", b"<!DOCTYPE a><a/>"), "plan.xlsx declares a document type", id="a document type"),
    pytest.param(cell(b'<c r="N7"><v>1</v>'), "plan.xlsx is damaged", id="a cell that does not end"),
    pytest.param(cell(b'<c r="N7" t="s"><v>99999</v></c>'), "plan.xlsx is damaged", id="a text that is not there"),
    pytest.param(cell(b'<c r="XFD1048576"><v>1</v></c>'), "plan.xlsx, sheet SRM: its cells reach", id="a cell far off"),
    pytest.param(part(SRM_XML, b"<sheetData>.*", b""), "plan.xlsx, sheet SRM: it is written", id="a sheet cut short"),
    pytest.param(part("xl/workbook.xml", b"<sheets>.*</sheets>", b"<sheets/>"), "plan.xlsx is damaged", id="no sheet"),
    pytest.param(beside("~$plan.xlsx"), "plan.xlsx is open in Excel", id="a book that is open in Excel"),
    pytest.param(beside(".~lock.plan.xlsx#"), "plan.xlsx is open in LibreOffice", id="a book open in LibreOffice"),
]


@pytest.mark.parametrize("command", ["check", "refresh", "report"])
@pytest.mark.parametrize(("spoil", "want"), UNREADABLE)
def test_a_file_is_refused(command, spoil, want, book, smile):
    spoil(book)
    arguments = ("report", "srm", book) if command == "report" else (command, book)
    assert_refused(smile, book.parent, f"^{want}", *arguments)


@pytest.mark.parametrize("name", ["plan.xls", "plan.xlsb", "plan.csv", "plan"])
def test_another_type_of_file_is_refused(name, book, smile):
    other = book.rename(book.with_name(name))
    for command in ("check", "refresh"):
        assert_refused(smile, book.parent, f"^{re.escape(name)} is not an Excel workbook", command, other)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("check", "{long}"), id="to check"),
        pytest.param(("new", "{long}"), id="for a new book"),
        pytest.param(("refresh", "plan.xlsx", "--output", "{long}"), id="for the output"),
    ],
)
def test_a_name_too_long_is_refused(arguments, book, smile, monkeypatch):
    monkeypatch.chdir(book.parent)
    long = "a" * 300 + ".xlsx"
    assert_refused(smile, book.parent, "aaa", *(argument.format(long=long) for argument in arguments))


def test_a_file_that_the_system_keeps_from_us_is_refused(book, smile, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with untouched(book.parent), monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        for command in ("check", "refresh"):
            code, out, err = smile(command, book)
            assert (code, out, len(err)) == (2, [], 1)
            assert err[0].startswith("plan.xlsx can't be read (Permission denied)")


# Books that can be read and not written ------------------------------------------------------------------------------


def chart_as_report(path):
    def change(workbook):
        workbook.create_chartsheet("DSR")

    edit(path, change)


UNWRITABLE = [
    pytest.param(lambda path: edit(path, lambda workbook: workbook["SRM"].merge_cells("BF6:BG6")),
                 "plan.xlsx, sheet SRM: B[FG]6 is part of a merged cell", id="a merge in the results"),
    pytest.param(chart_as_report, "plan.xlsx: DSR is a chart or macro sheet", id="a chart where a report goes"),
    pytest.param(added("_xmlsignatures/sig1.xml"), "plan.xlsx is digitally signed", id="a signature"),
    pytest.param(added("xl/revisions/log.xml"), "plan.xlsx is a shared workbook", id="a shared workbook"),
    pytest.param(lambda path: path.chmod(0o444), "plan.xlsx is marked as read-only", id="a read-only file"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "want"), UNWRITABLE)
def test_a_book_that_can_not_be_written_is_refused_when_it_is_refreshed(spoil, want, book, smile):
    spoil(book)
    assert smile("check", book)[0] == 0
    assert_refused(smile, book.parent, f"^{want}", "refresh", book, *LATER)


@pytest.mark.parametrize(
    ("error", "want"),
    [
        pytest.param(
            PermissionError(errno.EACCES, "Permission denied"), "you may not write to", id="a folder of others"
        ),
        pytest.param(OSError(errno.EROFS, "Read-only file system"), "Read-only file system", id="a read-only disk"),
        pytest.param(OSError(errno.ENOSPC, "No space left"), "no space is left", id="a full disk"),
    ],
)
@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_failed_save_leaves_the_book_and_nothing_else(step, error, want, book, smile, monkeypatch):
    original = getattr(Path, step)

    def fail(path, *arguments, **options):
        if path.name.endswith(".tmp"):
            raise error
        return original(path, *arguments, **options)

    with untouched(book.parent), monkeypatch.context() as patch:
        patch.setattr(Path, step, fail)
        code, _, err = smile("refresh", book, *LATER)
    assert (code, len(err)) == (2, 1)
    assert err[0].startswith("plan.xlsx can't be saved")
    assert want in err[0]


@pytest.fixture
def stranger(good, data, smile):
    """A folder of ours with a book, and a block in which we are somebody else, so that its modes hold for root too."""
    folder = Path(tempfile.mkdtemp(prefix="smile-"))
    path = Path(shutil.copy(good, folder / "plan.xlsx"))
    shutil.copytree(data, folder / "data")
    (folder / "data").chmod(0o755)
    smile("refresh", path, "--output", folder / "warm.xlsx")  # what is imported late may lie where strangers can't read
    (folder / "warm.xlsx").unlink()

    @contextlib.contextmanager
    def other():
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(user)

    yield path, other
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="modes of folders are those of POSIX")
def test_a_read_only_folder_is_refused(stranger, smile):
    path, other = stranger
    path.parent.chmod(0o555)
    with untouched(path.parent):
        with other():
            refreshed = smile("refresh", path, *LATER)
            made = smile("new", path.with_name("other.xlsx"), "--data", path.with_name("data"))
        assert refreshed[0] == made[0] == 2
        assert [line.partition(":")[0] for line in (*refreshed[2], *made[2])] == [
            "plan.xlsx can't be saved",
            "other.xlsx can't be saved",
        ]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="modes of folders are those of POSIX")
@pytest.mark.parametrize("command", ["check", "refresh", "new"])
def test_a_folder_that_may_not_be_entered_is_refused(command, stranger, smile):
    path, other = stranger
    path.parent.chmod(0o600)
    with other():
        code, out, err = smile(command, path)
    assert (code, out, len(err)) == (2, [], 1)
    assert err[0].startswith("plan.xlsx ")
