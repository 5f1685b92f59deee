"""New rows below a table: texts, numbers and months put into blank cells; every other byte stays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from smile_xl.book import BookError, NewRows
from smile_xl.books.xlsx.package import Package, Sheet
from smile_xl.books.xlsx.sheetdata import Area, Row, SheetData
from smile_xl.books.xlsx.values import refuse_obstacles, with_dimension, with_spans
from smile_xl.planning.grid import address

_STYLE = re.compile(rb"""\ss\s*=\s*["'](\d+)["']""")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_ZERO, _ZERO_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)


def add_rows(package: Package, sheet: Sheet, first: int, rows: NewRows) -> None:
    """Put rows into a sheet from row ``first`` on, in the formats of the row above; refused, nothing is written."""
    data = SheetData(package.read(sheet.part), package.file, sheet.name)
    areas = [Area(first + place, min(row), first + place, max(row)) for place, row in enumerate(rows) if row]
    refuse_obstacles(package, sheet, data, areas)
    package.write(sheet.part, added(data, first, rows, _ZERO_1904 if package.from_1904 else _ZERO))


def added(data: SheetData, first: int, rows: NewRows, zero: dt.date = _ZERO) -> bytes:
    """The sheet's XML with the new rows; days are counted from ``zero``."""
    wanted = {first + place: row for place, row in enumerate(rows) if row}
    styles: dict[int, bytes] = {}
    pieces: list[bytes] = []
    done = data.start
    for row in data.rows():
        if row.number == first - 1:
            styles = {cell.column: found[1] for cell in data.cells(row) if (found := _STYLE.search(cell.attributes))}
        for number in sorted(number for number in wanted if number < row.number):
            pieces += [data.xml[done : row.start], _row(data, None, number, wanted.pop(number), styles, zero)]
            done = row.start
        if row.number in wanted:
            pieces += [data.xml[done : row.start], _row(data, row, row.number, wanted.pop(row.number), styles, zero)]
            done = row.end
    rest = [_row(data, None, number, row, styles, zero) for number, row in sorted(wanted.items())]
    if rest:
        pieces += [data.xml[done : data.end], *rest]
        done = data.end
    head, tail = data.xml[: data.start], data.xml[done:]
    if data.empty:
        tag = data.xml[data.tag[0] : data.tag[1]].removesuffix(b"/>").rstrip()
        head, tail = data.xml[: data.tag[0]] + tag + b">", b"</%bsheetData>" % data.prefix + tail
    areas = [Area(first + place, min(row), first + place, max(row)) for place, row in enumerate(rows) if row]
    return b"".join([with_dimension(head, data.prefix, areas), *pieces, tail])


def _row(
    data: SheetData,
    row: Row | None,
    number: int,
    values: Mapping[int, object],
    styles: Mapping[int, bytes],
    zero: dt.date,
) -> bytes:
    """A row with the values in it; its other cells, and its own formats, stay."""
    cells: dict[int, bytes] = {}
    own: dict[int, bytes] = {}
    for cell in data.cells(row) if row else ():
        if cell.column not in values:
            cells[cell.column] = data.xml[cell.start : cell.end]
        elif cell.inside and re.search(rb"<(?:[^\s<>/:!?]+:)?(?:f|v|is)[\s/>]", cell.inside):
            raise BookError("not_blank", file=data.file, sheet=data.sheet, cell=address(number, cell.column))
        elif found := _STYLE.search(cell.attributes):
            own[cell.column] = found[1]
    style_of = {**styles, **own}
    cells |= {
        column: _cell(data, number, column, value, style_of.get(column), zero) for column, value in values.items()
    }
    attributes = with_spans(row.attributes.rstrip(), list(values)) if row else b' r="%d"' % (number + 1)
    p = data.prefix
    return b"".join([b"<%brow%b>" % (p, attributes), *(cells[column] for column in sorted(cells)), b"</%brow>" % p])


def _cell(data: SheetData, row: int, column: int, value: object, style: bytes | None, zero: dt.date) -> bytes:
    p = data.prefix
    head = b'<%bc r="%b"' % (p, address(row, column).encode()) + (b' s="%b"' % style if style else b"")
    if isinstance(value, str):
        text = escape(_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", value)).encode()
        return b'%b t="inlineStr"><%bis><%bt xml:space="preserve">%b</%bt></%bis></%bc>' % (head, p, p, text, p, p, p)
    number = (value - zero).days if isinstance(value, dt.date) else float(value)  # type: ignore[arg-type]
    return b"%b><%bv>%b</%bv></%bc>" % (head, p, repr(number).removesuffix(".0").encode(), p, p)
