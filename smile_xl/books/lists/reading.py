"""A file that a system has exported, as rows: its form is told by its bytes, whatever its name says."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from smile_xl.book import BookError
from smile_xl.books.xlsx import preflight
from smile_xl.planning.imports.listing import ListError, RawList

LARGEST_TEXT = 20 << 20
"""Bytes of the largest text that is read."""
MOST_CELLS = 4_000_000
"""Cells of the largest sheet that is read, empty ones between included."""

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_FORMS = {"|": "pipes", "\t": "tabs", ";": "semicolons", ",": "commas"}


def read_list(path: Path) -> list[RawList]:
    """The list of a text file, or the sheets of a workbook; raises BookError or ListError."""
    if not path.exists():
        raise BookError("no_file", file=path.name)
    if path.is_dir():
        raise BookError("is_folder", file=path.name)
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith(b"PK"):
            return _workbook(path)
        if head.startswith(_OLE):
            raise BookError("old_format", file=path.name)
        if path.stat().st_size > LARGEST_TEXT:
            raise ListError("too_large", file=path.name, size=LARGEST_TEXT >> 20)
        data = path.read_bytes()
    except OSError as error:
        raise BookError("not_readable", file=path.name, reason=error.strerror or str(error)) from error
    text, encoding = _decoded(data, path.name)
    return [_text_list(path.name, text, encoding)]


def _decoded(data: bytes, file: str) -> tuple[str, str]:
    """Text and the name of its encoding; bytes that are no text are refused."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked is None and data[1:200:2].count(0) > len(data[1:200:2]) / 2:
        marked = "utf-16-le"
    names = [marked] if marked else ["utf-8", "cp1252"]
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        return text, {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(name, name)
    raise ListError("no_text", file=file)


def _text_list(file: str, text: str, encoding: str) -> RawList:
    lines = text.splitlines()
    if re.match(r"\s*(<\?xml|<!doctype|<html|mime-version)", text, re.IGNORECASE):
        raise ListError("html", file=file)
    if sum(line.lstrip().startswith("|") for line in lines) >= 2:
        rows = [(number, _cells(line)) for number, line in enumerate(lines, 1) if line.strip(" -|\t")]
        return RawList(file, _FORMS["|"], encoding, rows)
    counts = {separator: sum(line.count(separator) for line in lines) for separator in "\t;,"}
    separator = next((one for one in "\t;" if counts[one] >= max(len(lines) // 2, 1)), ",")
    if not counts[separator]:
        raise ListError("no_table", file=file)
    try:
        quoting: Literal[0, 3] = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
        return RawList(file, _FORMS[separator], encoding, _numbered(reader))
    except csv.Error as error:
        raise ListError("no_csv", file=file, row=reader.line_num) from error


def _numbered(reader: Iterable[Sequence[str]]) -> list[tuple[int, Sequence[str]]]:
    rows = []
    number = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append((number, cells))
        number = getattr(reader, "line_num", number) + 1
    return rows


def _cells(line: str) -> list[str]:
    """Cells of a line between pipes; a line without them is one cell, a title."""
    line = line.strip()
    # The spaces before a name stay: they are how deep it stands in a tree.
    return [cell.rstrip() for cell in line.removeprefix("|").removesuffix("|").split("|")]


def _workbook(path: Path) -> list[RawList]:
    # Here, not above: text needs no reader of workbooks.
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    package = preflight.check(path)
    for sheet in package.sheets:
        if sheet.kind == "worksheet":
            rows, columns = preflight.check_extent(package, sheet).extent()
            height, width = max(rows, default=-1) + 1, max(columns, default=-1) + 1
            if height * width > MOST_CELLS:
                raise BookError("too_wide", file=path.name, sheet=sheet.name, rows=height, columns=width)
    book = XlsxBook(path)
    sheets = {name: book.read(name).rows for name in book.sheet_names()}
    filled = {name: rows for name, rows in sheets.items() if any(map(any, rows))}
    if not filled:
        raise ListError("no_table", file=path.name)
    return [
        RawList(path.name if len(filled) == 1 else f"{path.name} [{name}]", "workbook", name,
                [(number, row) for number, row in enumerate(rows, 1) if any(row)])
        for name, rows in filled.items()
    ]  # fmt: skip
