"""Cached values of a sheet renewed by splicing its XML: formulas, formats and every other byte stay."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from smile_xl.book import BookError
from smile_xl.books.xlsx.package import Package, Sheet, whole_number
from smile_xl.books.xlsx.sheetdata import Area, Cell, Row, SheetData, area
from smile_xl.planning.grid import address, column_name

SMILE = re.compile(rb"SMILE_\w+\s*\(", re.IGNORECASE)
_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_REF = re.compile(rb"""\sref\s*=\s*["']([^"']+)["']""")
_SHARED = re.compile(rb"""\st\s*=\s*["']shared["']""")
_SHARED_ID = re.compile(rb"""\ssi\s*=\s*["'](\d+)["']""")
_CELL_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+[0-9]+)["']""")
_ERROR = b"#N/A"


@dataclass(frozen=True)
class Block:
    """New values, shape (rows, columns), for the cells from (row, column) on."""

    row: int
    column: int
    values: np.ndarray

    @cached_property
    def area(self) -> Area:
        """The cells that the block covers."""
        height, width = self.values.shape
        return Area(self.row, self.column, self.row + height - 1, self.column + width - 1)


def renew_values(package: Package, sheet: Sheet, blocks: Sequence[Block]) -> None:
    """Put new values into the cells of a sheet; refused, nothing is written."""
    blocks = [block for block in blocks if block.values.size]
    data = SheetData(package.read(sheet.part), package.file, sheet.name)
    refuse_obstacles(package, sheet, data, [block.area for block in blocks])
    xml = spliced(data, blocks)
    if xml is not data.xml:
        package.write(sheet.part, xml)


def spliced(data: SheetData, blocks: Sequence[Block]) -> bytes:
    """The sheet's XML with the values of ``blocks``; the same object where all of them are there already."""
    wanted: dict[int, list[tuple[_Run, list[float]]]] = {}
    for block in _joined(blocks):
        run = _Run(data.prefix, block.column, block.values.shape[1])
        # Adding 0 turns negative zero into zero.
        rows = dict(enumerate((np.asarray(block.values, dtype=float) + 0.0).tolist(), block.row))
        xml, done = run.renewed_everywhere(data, rows)
        if xml is not data.xml:
            data = SheetData(xml, data.file, data.sheet)
        for number, values in rows.items():
            if number not in done:
                wanted.setdefault(number, []).append((run, values))
    return _spliced(data, blocks, wanted) if wanted else data.xml


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, those side by side made one."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before and (before.row, before.area.bottom, before.area.right + 1) == (
            block.row,
            block.area.bottom,
            block.column,
        ):
            joined[-1] = Block(before.row, before.column, np.hstack((before.values, block.values)))
        else:
            joined.append(block)
    return joined


def _spliced(data: SheetData, blocks: Sequence[Block], wanted: dict[int, list[tuple[_Run, list[float]]]]) -> bytes:
    """The sheet's XML with values by row, row by row."""
    pieces, done = [], data.start
    waiting = sorted(wanted, reverse=True)
    grown = False
    for row in data.rows():
        while waiting and waiting[-1] < row.number:
            new = _new_row(data, waiting[-1], _by_column(wanted[waiting.pop()]))
            pieces += [data.xml[done : row.start], new]
            done, grown = row.start, grown or bool(new)
        if not waiting:
            break
        if waiting[-1] == row.number:
            before = data.xml[row.start : row.end]
            after, longer = _renewed(data, row, wanted[waiting.pop()])
            if after != before:
                pieces += [data.xml[done : row.start], after]
                done, grown = row.end, grown or longer
    rest = [_new_row(data, number, _by_column(wanted[number])) for number in reversed(waiting)]
    if any(rest):
        pieces += [data.xml[done : data.end], *rest]
        done, grown = data.end, True
    if not pieces:
        return data.xml
    head, tail = data.xml[: data.start], data.xml[done:]
    if data.empty:
        tag = data.xml[data.tag[0] : data.tag[1]].removesuffix(b"/>").rstrip()
        head, tail = data.xml[: data.tag[0]] + tag + b">", b"</%bsheetData>" % data.prefix + tail
    if grown:
        head = with_dimension(head, data.prefix, [block.area for block in blocks])
    return b"".join([head, *pieces, tail])


def without_formulas(data: SheetData) -> bytes:
    """The sheet's XML with the values of SMILE_ formulas in their place; the same object where there are none."""
    if not SMILE.search(data.xml):
        return data.xml
    prefix = re.escape(data.prefix)
    formula = rb"<%bf(?=[\s>])([^<>]*)>([^<]*)</%bf>" % (prefix, prefix)
    shared = {
        number[1]
        for attributes, text in re.findall(formula, data.xml)
        if SMILE.search(text) and _SHARED.search(attributes) and (number := _SHARED_ID.search(attributes))
    }

    def valued(match: re.Match[bytes]) -> bytes:
        cell, attributes, text = match[1], match[2], match[3] or b""
        number = _SHARED_ID.search(attributes) if _SHARED.search(attributes) else None
        if not SMILE.search(text) and not (number and number[1] in shared):
            return match[0]
        # Without its formula a cell is no dynamic array any more.
        return re.sub(rb"""\scm\s*=\s*["']\d+["']""", b"", cell)

    pattern = rb"(<%bc\s[^<>]*>)<%bf(?=[\s/>])([^<>]*?)(?:/>|>([^<]*)</%bf>)" % (prefix, prefix, prefix)
    return re.sub(pattern, valued, data.xml)


class _Run:
    """A row's cells of one block, side by side."""

    def __init__(self, prefix: bytes, column: int, width: int) -> None:
        self.column = column
        self.width = width
        self.first = b'<%bc r="%b' % (prefix, column_name(column).encode())
        p = re.escape(prefix)
        inner = rb"(?:<%bf(?:\s[^<>]*)?(?:/>|>[^<]*</%bf>))?<%bv>" % (p, p, p)
        cells = [
            rb'<%bc r="%b%b"(?: (?:s|cm|vm)="[0-9]+")*>%b' % (p, column_name(at).encode(), row, inner)
            for row, at in zip([rb"([0-9]+)", *[rb"\2"] * (width - 1)], range(column, column + width), strict=True)
        ]
        end = rb"</%bv></%bc>" % (p, p)
        # Only the numbers are groups apart, so that the rest goes out as it came in.
        between = rb")([^<]*)(%b" % end
        self._pattern = re.compile(rb"(" + between.join(cells) + rb")([^<]*)(%b)" % end)

    def renewed_everywhere(self, data: SheetData, rows: dict[int, list[float]]) -> tuple[bytes, set[int]]:
        """The sheet's XML with new values in those rows where each is a plain number before and after; these rows."""
        pieces: list[bytes] = []
        renewed: set[int] = set()
        end = data.start
        for found in self._pattern.finditer(data.xml, data.start, data.end):
            number = int(found[2]) - 1
            values = rows.get(number)
            if values is None or number in renewed:
                continue
            parts = self._with(found, values)
            if parts is not None:
                renewed.add(number)
                if parts:
                    pieces.append(b"".join([data.xml[end : found.start()], *parts]))
                    end = found.end()
        return b"".join([data.xml[: data.start], *pieces, data.xml[end:]]) if pieces else data.xml, renewed

    def _with(self, found: re.Match[bytes], values: list[float]) -> list[bytes] | None:
        """Cells found with new values; none where they have them, None where one is no plain number."""
        parts = list(found.groups())
        del parts[1]  # the row's number, matched for the cells after the first
        old = parts[1::2]
        try:
            numbers = list(map(float, old))
        except ValueError:
            return None
        if numbers == values:
            return []
        text = repr(values)[1:-1].encode()
        if b"n" in text:  # nan or inf
            return None
        # Excel writes 17 digits: the same number keeps its text.
        new = zip(old, _short(text).split(b", "), numbers, values, strict=True)
        parts[1::2] = [a if before == after else b for a, b, before, after in new]
        return parts

    def renewed(self, cells: bytes, row: int, values: list[float]) -> bytes | None:
        """A row's cells with new values, where each is a plain number before and after; else None."""
        start = cells.find(b'%b%d"' % (self.first, row + 1))
        found = self._pattern.match(cells, start) if start >= 0 else None
        parts = self._with(found, values) if found else None
        if found is None or not parts:
            return cells if parts == [] else None
        return b"".join([cells[:start], *parts, cells[found.end() :]])


def _short(numbers: bytes) -> bytes:
    """Numbers as Excel writes them: whole ones without ``.0``."""
    return (numbers + b", ").replace(b".0, ", b", ")[:-2]


def _renewed(data: SheetData, row: Row, blocks: list[tuple[_Run, list[float]]]) -> tuple[bytes, bool]:
    """A row with new values, and whether it has new cells."""
    if row.inside is not None:
        cells: bytes | None = data.xml[row.inside[0] : row.inside[1]]
        for run, values in blocks:
            cells = run.renewed(cells, row.number, values) if cells is not None else None
        if cells is not None:
            return b"".join([data.xml[row.start : row.inside[0]], cells, data.xml[row.inside[1] : row.end]]), False
    return _rebuilt(data, row, _by_column(blocks))


def _rebuilt(data: SheetData, row: Row, values: dict[int, float]) -> tuple[bytes, bool]:
    """A row with new values, cell by cell: for errors, blanks, cells that are missing or have no reference."""
    begin, finish = row.inside or (row.end, row.end)
    pieces, done = [], begin
    waiting = sorted(values, reverse=True)
    added: list[int] = []

    def add(column: int) -> None:
        new = _new_cell(data, row.number, column, values[column])
        if new:
            pieces.append(new)
            added.append(column)

    for cell in data.cells(row, min(values)):
        if not waiting:
            break
        while waiting and waiting[-1] < cell.column:
            pieces.append(data.xml[done : cell.start])
            done = cell.start
            add(waiting.pop())
        if waiting and waiting[-1] == cell.column:
            pieces += [data.xml[done : cell.start], _renewed_cell(data, cell, values[waiting.pop()])]
            done = cell.end
    pieces.append(data.xml[done:finish])
    for column in reversed(waiting):
        add(column)
    if row.inside is None and not added:
        return data.xml[row.start : row.end], False
    tag = b"<%brow%b>" % (data.prefix, with_spans(row.attributes.rstrip(), added))
    return b"".join([tag, *pieces, b"</%brow>" % data.prefix]), bool(added)


def _renewed_cell(data: SheetData, cell: Cell, value: float) -> bytes:
    p = data.prefix
    raw = data.xml[cell.start : cell.end]
    if _shows(cell, p, value):
        return raw
    attributes = _TYPE.sub(b"", cell.attributes).rstrip()
    formula = formula_pattern(p).search(cell.inside or b"")
    inside = (formula[0] if formula else b"") + _value(p, value)
    if math.isinf(value):
        attributes += b' t="e"'
    return b"<%bc%b>%b</%bc>" % (p, attributes, inside, p) if inside else b"<%bc%b/>" % (p, attributes)


@cache
def formula_pattern(prefix: bytes) -> re.Pattern[bytes]:
    """The formula inside a cell."""
    p = re.escape(prefix)
    return re.compile(rb"<%bf(?=[\s/>])[^<>]*?(?:/>|>[^<]*</%bf>)" % (p, p))


@cache
def value_pattern(prefix: bytes) -> re.Pattern[bytes]:
    """The value inside a cell, its text in a group."""
    p = re.escape(prefix)
    return re.compile(rb"<%bv(?:\s[^<>]*)?>([^<]*)</%bv>" % (p, p))


def _shows(cell: Cell, prefix: bytes, value: float) -> bool:
    """True where the cell has this value already."""
    kind = _TYPE.search(cell.attributes)
    inside = cell.inside or b""
    found = value_pattern(prefix).search(inside)
    if math.isnan(value):
        return b"<%bv" % prefix not in inside and b"<%bis" % prefix not in inside
    if found is None:
        return False
    if math.isinf(value):
        return kind is not None and kind[1] == b"e" and found[1] == _ERROR
    try:
        return (kind is None or kind[1] == b"n") and float(found[1]) == value
    except ValueError:
        return False


def _new_cell(data: SheetData, row: int, column: int, value: float) -> bytes:
    if math.isnan(value):
        return b""
    kind = b' t="e"' if math.isinf(value) else b""
    p = data.prefix
    return b'<%bc r="%b"%b>%b</%bc>' % (p, address(row, column).encode(), kind, _value(p, value), p)


def _new_row(data: SheetData, number: int, values: dict[int, float]) -> bytes:
    cells = b"".join(_new_cell(data, number, column, values[column]) for column in sorted(values))
    return b'<%brow r="%d">%b</%brow>' % (data.prefix, number + 1, cells, data.prefix) if cells else b""


def _value(prefix: bytes, value: float) -> bytes:
    if math.isnan(value):
        return b""
    text = _ERROR if math.isinf(value) else _short(repr(value).encode())
    return b"<%bv>%b</%bv>" % (prefix, text, prefix)


def _by_column(blocks: list[tuple[_Run, list[float]]]) -> dict[int, float]:
    return {column: value for run, values in blocks for column, value in enumerate(values, run.column)}


def with_spans(attributes: bytes, added: list[int]) -> bytes:
    """A row's attributes, its hint on first and last cell made to hold with the cells added."""
    found = re.search(rb"""\sspans\s*=\s*["'](\d+):(\d+)["']""", attributes)
    if found is None or not added:
        return attributes
    first, last = min(int(found[1]), min(added) + 1), max(int(found[2]), max(added) + 1)
    return attributes[: found.start()] + b' spans="%d:%d"' % (first, last) + attributes[found.end() :]


def with_dimension(head: bytes, prefix: bytes, areas: Iterable[Area]) -> bytes:
    """The sheet's head with a dimension that holds the areas as well; a sheet without one stays without."""
    found = re.search(rb"""(<%bdimension\s[^<>]*?ref\s*=\s*["'])([^"']*)""" % re.escape(prefix), head)
    old = area(found[2]) if found else None
    if found is None or old is None:
        return head
    all_areas = [old, *areas]
    top, left = min(a.top for a in all_areas), min(a.left for a in all_areas)
    bottom, right = max(a.bottom for a in all_areas), max(a.right for a in all_areas)
    new = f"{address(top, left)}:{address(bottom, right)}".encode()
    return head[: found.start(2)] + new + head[found.end(2) :]


# What must not be written over -------------------------------------------------------------------------------------


def refuse_obstacles(package: Package, sheet: Sheet, data: SheetData, areas: Sequence[Area]) -> None:
    """Refuse to write where a merge, a table's header, a pivot or somebody else's formula stands."""
    for code, obstacle in _obstacles(package, sheet, data):
        for one in areas:
            if obstacle.meets(one):
                cell = address(max(obstacle.top, one.top), max(obstacle.left, one.left))
                raise BookError(code, file=package.file, sheet=sheet.name, cell=cell)


def _obstacles(package: Package, sheet: Sheet, data: SheetData) -> Iterator[tuple[str, Area]]:
    for merge in _merges(data):
        # A merged cell shows its first cell's value; the other cells must stay empty.
        if merge.right > merge.left:
            yield "merged", merge._replace(left=merge.left + 1, bottom=merge.top)
        if merge.bottom > merge.top:
            yield "merged", merge._replace(top=merge.top + 1)
    for link in package.relations(sheet.part):
        if link.kind == "table" and not link.external:
            root = package.tree(link.target)
            height = whole_number(root, "headerRowCount", 1)
            table = area((root.get("ref") or "").encode())
            if table and height:
                yield "table_header", table._replace(bottom=table.top + height - 1)
        if link.kind == "pivotTable" and not link.external:
            place = package.tree(link.target).find("{*}location")
            pivot = area((place.get("ref") or "").encode()) if place is not None else None
            if pivot:
                yield "pivot", pivot
    yield from _foreign_formulas(data)


def _merges(data: SheetData) -> Iterator[Area]:
    pattern = rb"""<%bmergeCell\s[^<>]*?ref\s*=\s*["']([^"']+)""" % re.escape(data.prefix)
    return (found for text in re.findall(pattern, data.xml[data.end :]) if (found := area(text)))


def _foreign_formulas(data: SheetData) -> Iterator[tuple[str, Area]]:
    """Formulas with a range that the product does not own: the range, or the master's cell of a shared one."""
    p = re.escape(data.prefix)
    pattern = re.compile(rb"<%bf(\s(?:[^<>]*?\s)?ref\s*=[^<>]*?)(?:/>|>([^<]*)</%bf>)" % (p, p))
    for found in pattern.finditer(data.xml, data.start, data.end):
        reference = _REF.search(found[1])
        covered = area(reference[1]) if reference and not SMILE.search(found[2] or b"") else None
        if covered and _SHARED.search(found[1]):
            yield "shared_formula", _cell_before(data, found.start()) or covered
        elif covered:
            yield "array", covered


def _cell_before(data: SheetData, position: int) -> Area | None:
    """The cell whose element holds what is at ``position``."""
    start = data.xml.rfind(b"<%bc " % data.prefix, data.start, position)
    return area(found[1]) if (found := _CELL_REFERENCE.search(data.xml[max(start, 0) : position])) else None
