"""Cached values of all kinds of formulas in a sheet renewed: formulas, formats and every other byte stay."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

from smile_xl.books.xlsx.sheetdata import Cell, SheetData, area
from smile_xl.planning.grid import CellError

Value = float | str | bool | CellError
"""What a formula gives: a number, text, TRUE or FALSE, or an error."""
Place = tuple[int, int]
"""Row and column of a cell, from 0."""

_KIND = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_ARRAY = re.compile(rb"""\st\s*=\s*["']array["']""")
_DATA_TABLE = re.compile(rb"""\st\s*=\s*["']dataTable["']""")
_REF = re.compile(rb"""\sref\s*=\s*["']([^"']+)["']""")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class FormulaCell:
    """A cell whose value a formula gives, and what the file says that it shows."""

    place: Place
    kind: str
    """Type of its value in the file: n, str, b, e; empty where it has none."""
    text: str
    """Its value as it is written there."""


def formula_cells(data: SheetData) -> list[FormulaCell]:
    """Cells whose value a formula gives: their own, or an array formula that covers them. Data tables are left out."""
    tags = [
        (tag, covered) for tag in _formulas(data) if (reference := _REF.search(tag)) and (covered := area(reference[1]))
    ]
    arrays = [covered for tag, covered in tags if _ARRAY.search(tag)]
    tables = [covered for tag, covered in tags if _DATA_TABLE.search(tag)]
    cells = []
    for row in data.rows():
        in_arrays = [one for one in arrays if one.top <= row.number <= one.bottom]
        in_tables = [one for one in tables if one.top <= row.number <= one.bottom]
        for cell in data.cells(row):
            inside = cell.inside or b""
            formula = b"f" in inside and _formula_in(data.prefix).search(inside)
            if not formula and not any(one.left <= cell.column <= one.right for one in in_arrays):
                continue
            if any(one.left <= cell.column <= one.right for one in in_tables):
                continue
            value = _value_in(data.prefix).search(inside)
            kind = _KIND.search(cell.attributes)
            text = value[1].decode() if value else ""
            shown = (kind[1].decode() if kind else "n") if text else ""
            cells.append(FormulaCell((row.number, cell.column), shown, text))
    return cells


def with_formula_values(data: SheetData, values: Mapping[Place, Value]) -> bytes:
    """The sheet's XML with new values of its formulas; the same object where all are there already."""
    pieces, done = [], 0
    for row, cell in _cells(data):
        value = values.get((row, cell.column))
        if value is not None and not _shows(data, cell, value):
            pieces += [data.xml[done : cell.start], _renewed(data, cell, value)]
            done = cell.end
    return b"".join([*pieces, data.xml[done:]]) if pieces else data.xml


def _cells(data: SheetData) -> Iterator[tuple[int, Cell]]:
    for row in data.rows():
        for cell in data.cells(row):
            yield row.number, cell


def _formulas(data: SheetData) -> list[bytes]:
    """Start tags of formulas."""
    found: list[bytes] = re.findall(rb"<%bf\s[^<>]*>" % re.escape(data.prefix), data.xml[data.start : data.end])
    return found


@cache
def _formula_in(prefix: bytes) -> re.Pattern[bytes]:
    p = re.escape(prefix)
    return re.compile(rb"<%bf(?=[\s/>])[^<>]*?(?:/>|>[^<]*</%bf>)" % (p, p))


@cache
def _value_in(prefix: bytes) -> re.Pattern[bytes]:
    p = re.escape(prefix)
    return re.compile(rb"<%bv(?:\s[^<>]*)?>([^<]*)</%bv>" % (p, p))


def _written(value: Value) -> tuple[bytes, bytes]:
    """Type and text of a value in a file."""
    match value:
        case bool():
            return b"b", b"1" if value else b"0"
        case CellError():
            return b"e", value.text.encode()
        case str():
            return b"str", escape(_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", value)).encode()
        case _:
            if not math.isfinite(value):
                raise ValueError(f"{value} is no value of a cell")
            return b"n", repr(value + 0.0).removesuffix(".0").encode()  # adding 0 turns negative zero into zero


def _shows(data: SheetData, cell: Cell, value: Value) -> bool:
    """True where the cell has this value already, however it is written."""
    kind = _KIND.search(cell.attributes)
    found = _value_in(data.prefix).search(cell.inside or b"")
    new_kind, text = _written(value)
    if found is None or (kind[1] if kind else b"n") != new_kind:
        return False
    try:
        return float(found[1]) == value if new_kind == b"n" else found[1] == text
    except ValueError:
        return False


def _renewed(data: SheetData, cell: Cell, value: Value) -> bytes:
    p = data.prefix
    kind, text = _written(value)
    attributes = _KIND.sub(b"", cell.attributes).rstrip()
    if kind != b"n":
        attributes += b' t="%b"' % kind
    formula = _formula_in(p).search(cell.inside or b"")
    space = b' xml:space="preserve"' if text != text.strip() else b""
    inside = (formula[0] if formula else b"") + b"<%bv%b>%b</%bv>" % (p, space, text, p)
    return b"<%bc%b>%b</%bc>" % (p, attributes, inside, p)
