"""Rows and cells of a worksheet's XML as bytes: an element tree of 10 000 rows takes seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from smile_xl.book import BookError
from smile_xl.planning.grid import address

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_ROOT = re.compile(rb"<((?:[^\s<>/:!?]+:)?)worksheet[\s>]")
_ROW_NUMBER = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*([0-9]+)""")
_CELL_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*([A-Za-z]+)([0-9]+)""")
# Whatever the prefix: the reader behind the preflight does not look at it.
_ANY_CELL = re.compile(rb"<(?:[^\s<>/:!?]+:)?c[\s>/]")
_ANY_REFERENCE = re.compile(rb"""<(?:[^\s<>/:!?]+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']\s*([A-Za-z]+)([0-9]+)""")
_PREFIXED_CELL = re.compile(rb":c[\s>/]")
_NOT_NEAR = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,2}(?:[1-9][0-9]{0,3}|[1-3][0-9]{4})")')
_NOT_LONG = re.compile(rb'<c(?=[\s/>])(?! r="(?:[A-Z]|[A-D][A-Z])(?:[1-9][0-9]{0,4}|1[0-9]{5})")')
_PLAIN_COLUMN = re.compile(rb'<c r="([A-Z]+)')
_PLAIN_ROW = re.compile(rb'<c r="[A-Z]+([0-9]+)"')


class Cell(NamedTuple):
    """A cell's place and text; ``inside`` is None for a self-closing element."""

    column: int
    attributes: bytes
    inside: bytes | None
    start: int
    end: int


class Area(NamedTuple):
    """A rectangle of cells, both corners included; rows and columns count from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def meets(self, other: Area) -> bool:
        """True where the rectangles have a cell in common."""
        return not (
            self.bottom < other.top or other.bottom < self.top or self.right < other.left or other.right < self.left
        )


@dataclass(frozen=True)
class Row:
    """A row's number from 0, its start tag and where its content lies in the sheet; a self-closing one has none."""

    number: int
    attributes: bytes
    start: int
    inside: tuple[int, int] | None
    end: int


class SheetData:
    """The cells of a sheet, from ``start`` to ``end`` in its XML; its elements have the ``prefix`` ``x:`` or none."""

    def __init__(self, xml: bytes, file: str, sheet: str) -> None:
        self.xml = xml
        self.file = file
        self.sheet = sheet
        root = _ROOT.search(xml, 0, 20_000)
        # UTF-16 has no such tag in bytes; a comment or CDATA could hold what looks like cells.
        if root is None or b"<!" in xml or not _says_utf8(xml):
            raise BookError("unusual_sheet", file=file, sheet=sheet)
        self.prefix = root[1]
        begin = re.search(rb"<%bsheetData(?:\s[^<>]*?)?(/?)>" % re.escape(self.prefix), xml)
        if begin is None:
            raise BookError("unusual_sheet", file=file, sheet=sheet)
        self.tag = begin.span()
        self.empty = bool(begin[1])
        self.start = begin.end()
        self.end = self.start if self.empty else xml.find(b"</%bsheetData" % self.prefix, self.start)
        if self.end < 0:
            raise BookError("unusual_sheet", file=file, sheet=sheet)

    def rows(self) -> Iterator[Row]:
        """Rows from top to bottom; one without a number follows the one above."""
        xml, close = self.xml, b"</%brow>" % self.prefix
        number = -1
        for tag in _row_tag(self.prefix).finditer(xml, self.start, self.end):
            given = _ROW_NUMBER.search(tag[1])
            number = int(given[1][:8]) - 1 if given else number + 1
            if tag[2]:
                yield Row(number, tag[1], tag.start(), None, tag.end())
            else:
                end = xml.find(close, tag.end(), self.end)
                end = self.end if end < 0 else end
                yield Row(number, tag[1], tag.start(), (tag.end(), end), end + len(close))

    def cells(self, row: Row, first: int = 0) -> Iterator[Cell]:
        """Cells of a row from left to right; one without a reference follows the one before.

        Those left of ``first`` may be left out, where that is quick.
        """
        if row.inside is None:
            return
        start, end = row.inside
        known = self.xml.find(b'<%bc r="%b"' % (self.prefix, address(row.number, first).encode()), start, end)
        start = max(start, known)
        column = -1
        for match in cell_pattern(self.prefix).finditer(self.xml, start, end):
            given = _CELL_REFERENCE.search(match[1])
            column = column_number(given[1]) if given else column + 1
            yield Cell(column, match[1], match[2], *match.span())

    def is_near(self) -> bool:
        """True where all cells surely lie in 702 columns and 39 999 rows, or 130 and 199 999: one quick look each."""
        if _PREFIXED_CELL.search(self.xml, self.start, self.end):
            return False
        return any(not far.search(self.xml, self.start, self.end) for far in (_NOT_NEAR, _NOT_LONG))

    def extent(self) -> tuple[set[int], set[int]]:
        """Rows and columns in which cells lie."""
        plain = not _PREFIXED_CELL.search(self.xml)
        if plain:  # the common case, three times as fast
            columns = _PLAIN_COLUMN.findall(self.xml, self.start, self.end)
            rows = _PLAIN_ROW.findall(self.xml, self.start, self.end)
            if len(columns) == len(rows) == self.xml.count(b"<c", self.start, self.end):
                return {int(digits[:8]) - 1 for digits in set(rows)}, {column_number(name) for name in set(columns)}
        references = _ANY_REFERENCE.findall(self.xml, self.start, self.end)
        letters, digits = {name for name, _ in references}, {number for _, number in references}
        down, across = {int(number[:8]) - 1 for number in digits}, {column_number(name) for name in letters}
        if len(references) < sum(1 for _ in _ANY_CELL.finditer(self.xml, self.start, self.end)):
            # Cells without a reference follow from those before them; others may name any row, wherever they stand.
            places = [(row.number, cell.column) for row in self.rows() for cell in self.cells(row)]
            down |= {row for row, _ in places}
            across |= {column for _, column in places}
        return down, across


@cache
def cell_pattern(prefix: bytes) -> re.Pattern[bytes]:
    """A cell: its attributes, then what is inside."""
    p = re.escape(prefix)
    return re.compile(rb"<%bc(?=[\s/>])([^<>]*?)(?:/>|>(.*?)</%bc>)" % (p, p), re.DOTALL)


@cache
def _row_tag(prefix: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<%brow(?=[\s/>])([^<>]*?)(/?)>" % re.escape(prefix))


@cache
def column_number(letters: bytes) -> int:
    """Column that letters name, from 0; case free. Beyond the grid, a number beyond it.

    >>> column_number(b"A"), column_number(b"ab"), column_number(b"XFD")
    (0, 27, 16383)
    """
    number = 0
    for letter in letters.upper()[:6]:
        number = number * 26 + letter - 64
    return number - 1


def area(reference: bytes) -> Area | None:
    """The rectangle that a reference such as ``B2:D9`` names; None where it names none."""
    cells = re.findall(rb"([A-Za-z]+)([0-9]+)", reference.replace(b"$", b""))
    if not cells:
        return None
    rows = [int(digits) - 1 for _, digits in cells]
    columns = [column_number(letters) for letters, _ in cells]
    return Area(min(rows), min(columns), max(rows), max(columns))


def _says_utf8(xml: bytes) -> bool:
    declared = re.match(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']+)""", xml)
    return declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii")
