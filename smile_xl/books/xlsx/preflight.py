"""Checks before a workbook is read: the reader behind them can end the whole process on a file made to do so."""

from __future__ import annotations

import re
from pathlib import Path

from smile_xl.book import BookError
from smile_xl.books.xlsx.archive import Archive
from smile_xl.books.xlsx.package import Package, Sheet
from smile_xl.books.xlsx.sheetdata import LAST_COLUMN, LAST_ROW, SheetData

SUFFIXES = (".xlsx", ".xlsm")
MAX_FILE = 500 << 20
"""Bytes of the file itself."""
MAX_CELLS = 16_000_000
"""Cells of the rectangle from A1 to a sheet's last cell: the reader takes memory for each, filled or not."""

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XML_SUFFIXES = (".xml", ".rels", ".vml")
# Every way to write it that a reader may understand: UTF-8, and UTF-16 and UTF-32 with their zero bytes between.
_DTD = re.compile(b"<\0{0,3}!\0{0,3}(?:" + b"\0{0,3}".join(b"%c" % c for c in b"DOCTYPE") + b"|E\0{0,3}N\0{0,3}T)")


def check(path: Path) -> Package:
    """The parts of a workbook that is safe to read."""
    if not path.exists():
        raise BookError("no_file", file=path.name)
    if path.is_dir():
        raise BookError("is_folder", file=path.name or str(path))
    if path.suffix.casefold() not in SUFFIXES:
        raise BookError("other_type", file=path.name)
    refuse_locked(path)
    try:
        if path.stat().st_size > MAX_FILE:
            raise BookError("too_large", file=path.name, part=path.name)
        data = path.read_bytes()
    except OSError as error:
        raise BookError("not_readable", file=path.name, reason=error.strerror or str(error)) from error
    if data.startswith(_OLE):
        raise BookError("encrypted" if _OLE_ENCRYPTED in data else "old_format", file=path.name)
    return check_bytes(data, path.name)


def check_bytes(data: bytes, file: str) -> Package:
    """The parts of a workbook held in memory, each read once for its checksum and for document types."""
    archive = Archive(data, file)
    for name in archive:
        part = archive.read(name)
        if name.casefold().endswith(_XML_SUFFIXES):
            plain = b"<!DOCTYPE" in part or b"<!ENTITY" in part
            if plain or (b"\0" in part and _DTD.search(part)):
                raise BookError("dtd", file=file, part=name)
    package = Package(archive)
    if not package.sheets:
        raise BookError("damaged", file=file, part=package.workbook)
    return package


def check_extent(package: Package, sheet: Sheet) -> SheetData:
    """Refuse a sheet whose cells lie too far apart, or outside the grid."""
    data = SheetData(package.read(sheet.part), package.file, sheet.name)
    if data.is_near():
        return data
    rows, columns = data.extent()
    height, width = max(rows, default=-1) + 1, max(columns, default=-1) + 1
    if height > LAST_ROW or width > LAST_COLUMN or height * width > MAX_CELLS or min(rows, default=0) < 0:
        raise BookError("too_wide", file=package.file, sheet=sheet.name, rows=height, columns=width)
    return data


def refuse_locked(path: Path) -> None:
    """Refuse a workbook that a program has open: what it saves later would undo ours."""
    for lock, program in ((f"~${path.name}", "Excel"), (f".~lock.{path.name}#", "LibreOffice")):
        if path.with_name(lock).exists():
            raise BookError("locked", file=path.name, program=program)


def refuse_unwritable(package: Package) -> None:
    """Refuse a workbook whose signature or change history no new content could honour."""
    folder = package.workbook.rpartition("/")[0].casefold()
    for part in package.parts():
        if part.casefold().startswith("_xmlsignatures/"):
            raise BookError("signed", file=package.file)
        if part.casefold().startswith(f"{folder}/revisions/"):
            raise BookError("shared", file=package.file)
