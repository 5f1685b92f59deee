"""Cached values of all kinds of formulas in a sheet renewed: formulas, formats and every other byte stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

import numpy as np

from smile_xl.books.xlsx.sheetdata import Area, Cell, SheetData, area
from smile_xl.books.xlsx.values import Block, formula_pattern, spliced, value_pattern
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
    element = b"<%bf" % data.prefix
    if data.xml.find(element, data.start, data.end) < 0:
        return []
    references = [(tag, found[1]) for tag in _formulas(data) if (found := _REF.search(tag))]
    tags = [(tag, covered) for tag, reference in references if (covered := area(reference))]
    arrays = [covered for tag, covered in tags if _ARRAY.search(tag)]
    tables = [covered for tag, covered in tags if _DATA_TABLE.search(tag)]
    cells = []
    for row in data.rows():
        in_arrays = _columns(arrays, row.number)
        if not in_arrays and (row.inside is None or data.xml.find(element, *row.inside) < 0):
            continue
        in_tables = _columns(tables, row.number)
        for cell in data.cells(row):
            inside = cell.inside or b""
            formula = element in inside and formula_pattern(data.prefix).search(inside)
            if (not formula and cell.column not in in_arrays) or cell.column in in_tables:
                continue
            value = value_pattern(data.prefix).search(inside)
            kind = _KIND.search(cell.attributes)
            text = value[1].decode() if value else ""
            shown = (kind[1].decode() if kind else "n") if text else ""
            cells.append(FormulaCell((row.number, cell.column), shown, text))
    return cells


def _columns(areas: Sequence[Area], row: int) -> set[int]:
    return {column for one in areas if one.top <= row <= one.bottom for column in range(one.left, one.right + 1)}


def with_formula_values(data: SheetData, values: Mapping[Place, Value]) -> bytes:
    """The sheet's XML with new values of its formulas; the same object where all are there already."""
    # Numbers side by side are what large sheets hold, and are put in as blocks.
    numbers = {place: value for place, value in values.items() if isinstance(value, float)}
    blocks = [
        Block(one.top, one.left, np.array([[numbers[row, column] for column in range(one.left, one.right + 1)]
                                           for row in range(one.top, one.bottom + 1)]))
        for one in areas_of(sorted(numbers))
    ]  # fmt: skip
    data = SheetData(spliced(data, blocks), data.file, data.sheet) if blocks else data
    others = {place: value for place, value in values.items() if not isinstance(value, float)}
    rows = {row for row, _ in others}
    pieces, done = [], 0
    for line in data.rows() if rows else ():
        for cell in data.cells(line) if line.number in rows else ():
            value = others.get((line.number, cell.column))
            if value is not None and not _shows(data, cell, value):
                pieces += [data.xml[done : cell.start], _renewed(data, cell, value)]
                done = cell.end
    return b"".join([*pieces, data.xml[done:]]) if pieces else data.xml


def areas_of(places: Sequence[Place]) -> Iterator[Area]:
    """Rectangles that hold exactly these cells, which are given row by row."""
    waiting: dict[tuple[int, int], tuple[int, int]] = {}  # first and last column: first and last row
    for row, line in groupby(places, key=lambda place: place[0]):
        runs = list(_runs([column for _, column in line]))
        for run in [run for run, (_, bottom) in waiting.items() if run not in runs or bottom != row - 1]:
            top, bottom = waiting.pop(run)
            yield Area(top, run[0], bottom, run[1])
        for run in runs:
            waiting[run] = (waiting[run][0] if run in waiting else row, row)
    for run, (top, bottom) in waiting.items():
        yield Area(top, run[0], bottom, run[1])


def _runs(columns: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(columns), key=lambda one: one[1] - one[0]):
        line = [column for _, column in run]
        yield line[0], line[-1]


def _formulas(data: SheetData) -> list[bytes]:
    """Start tags of formulas."""
    found: list[bytes] = re.findall(rb"<%bf\s[^<>]*>" % re.escape(data.prefix), data.xml[data.start : data.end])
    return found


def _written(value: str | bool | CellError) -> tuple[bytes, bytes]:
    """Type and text of a value in a file."""
    if isinstance(value, bool):
        return b"b", b"1" if value else b"0"
    if isinstance(value, CellError):
        return b"e", value.text.encode()
    return b"str", escape(_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", value)).encode()


def _shows(data: SheetData, cell: Cell, value: str | bool | CellError) -> bool:
    """True where the cell has this value already."""
    kind = _KIND.search(cell.attributes)
    found = value_pattern(data.prefix).search(cell.inside or b"")
    return found is not None and ((kind[1] if kind else b"n"), found[1]) == _written(value)


def _renewed(data: SheetData, cell: Cell, value: str | bool | CellError) -> bytes:
    p = data.prefix
    kind, text = _written(value)
    attributes = _KIND.sub(b"", cell.attributes).rstrip() + b' t="%b"' % kind
    formula = formula_pattern(p).search(cell.inside or b"")
    space = b' xml:space="preserve"' if text != text.strip() else b""
    inside = (formula[0] if formula else b"") + b"<%bv%b>%b</%bv>" % (p, space, text, p)
    return b"<%bc%b>%b</%bc>" % (p, attributes, inside, p)
