"""XlsxWriter's classes as the product needs them: exact numbers, large blocks written as text, parts kept unpacked."""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.utility import _preserve_whitespace, xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

LARGE = 200
"""Rows from which a block is worth writing in bulk. Charts find the values of cells written one by one only."""

_LONGEST = 16_000
"""Characters of a text that surely fits a cell, whatever they are; the writer itself cuts longer ones."""
_ROWS_AT_ONCE = 1024

_FUNCTION_NAME = re.compile(r"[A-Z0-9._]+(?=\()")
_OLD_FUNCTIONS = frozenset(
    {"ABS", "AND", "COUNTIF", "IF", "INDEX", "ISNUMBER", "MATCH", "MAX", "MIN", "OR", "SUM", "SUMPRODUCT"}
)
"""Functions that Excel has always had: in a formula of these alone XlsxWriter need not look for 150 newer ones."""

Place = tuple[int, int]
"""Row and column of a cell, counted from the first of its block."""


class ExactWorkbook(Workbook):
    """A workbook that gives its parts without packing them: a graft would only unpack them again."""

    def __init__(self, **options: object) -> None:
        super().__init__(io.BytesIO(), {**options, "in_memory": True})
        self._kept = _KeptParts()

    def to_parts(self) -> dict[str, bytes]:
        """The parts of the workbook, now closed, by name."""
        self.close()
        return self._kept.parts

    def _get_packager(self) -> Packager:
        return self._kept


class _KeptParts(Packager):
    """Keeps the parts, and leaves XlsxWriter none to pack."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[str, bytes] = {}

    def _create_package(self) -> list[Any]:
        for content, name, is_binary in super()._create_package():
            self.parts[name] = content.getvalue() if is_binary else content.getvalue().encode()
            content.close()
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            strings = _PlainStrings()
            strings.string_table = self.workbook.str_table
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            strings._assemble_xml_file()


class _PlainStrings(SharedStrings):
    """Texts as they are: XlsxWriter takes one that begins with ``<r>`` for markup of its own."""

    def _write_si(self, string: str) -> None:
        text = self._escape_control_characters(string)
        self._xml_si_element(text, [("xml:space", "preserve")] if _preserve_whitespace(text) else [])


@dataclass(frozen=True)
class _Body:
    """The cells of a block: what follows the format in each, by column; None where a cell is written by itself."""

    top: int
    left: int
    height: int
    tails: Sequence[Sequence[str | None]]
    styles: Sequence[Format]
    exceptions: Mapping[Place, Format]
    formulas: Mapping[int, str]

    @property
    def end(self) -> int:
        return self.top + self.height


class ExactWorksheet(Worksheet):
    """A worksheet that writes every digit of a number: XlsxWriter's own 16 do not give the same number back."""

    def __init__(self) -> None:
        super().__init__()
        self.fh: Any = None
        self.dim_rowmin: Any = None
        self.dim_rowmax: Any = None
        self._bodies: list[_Body] = []
        self._spans_known = False

    def write_block(
        self,
        top: int,
        left: int,
        rows: Sequence[Sequence[object]],
        styles: Sequence[Format],
        exceptions: Mapping[Place, Format],
        formulas: Mapping[int, str] = MappingProxyType({}),
    ) -> list[Place]:
        """Write rows of texts, numbers and blanks at once: a format for each column, and for single cells another.

        A column may have a formula, # standing for the row; its values are then what the formula gives now.
        What else a cell may hold is left to the caller, with the places returned. A cell written by itself, before or
        after, lies on top of the block's.
        """
        width = len(styles)
        if not rows or not width:
            return []
        if any(body.top < top + len(rows) and top < body.end for body in self._bodies):
            raise ValueError(f"row {top} is in another block")
        if self._check_dimensions(top, left) or self._check_dimensions(top + len(rows) - 1, left + width - 1):
            raise ValueError(f"{len(rows)} rows from {top} on do not fit the sheet")
        full = [row if len(row) == width else [*row, *[None] * (width - len(row))] for row in rows]
        tails = [self._tails(values, place in formulas) for place, values in enumerate(zip(*full, strict=True))]
        self._bodies.append(_Body(top, left, len(rows), tails, styles, exceptions, formulas))
        return [(row, place) for place, column in enumerate(tails) for row, tail in enumerate(column) if tail is None]

    def _tails(self, values: Sequence[object], computed: bool) -> Sequence[str | None]:
        """What follows the format of each cell in a column, its formula left out if it is computed."""
        kinds = set(map(type, values))
        if kinds == {float}:
            text = repr([value + 0.0 for value in values])[1:-1]  # type: ignore[operator]  # -0.0 becomes 0.0
            if "n" not in text:  # nan and inf
                return [f"><v>{number}</v></c>" for number in (text + ", ").replace(".0, ", ", ")[:-2].split(", ")]
        return [_computed_tail(value) if computed else self._tail(value) for value in values]

    def _tail(self, value: object) -> str | None:
        if value is None:
            return "/>"
        if isinstance(value, str) and len(value) <= _LONGEST:
            return f' t="s"><v>{self.str_table._get_shared_string_index(str(value))}</v></c>'
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
            return f"><v>{_exact(float(value) + 0.0)}</v></c>"
        return None

    def _write_rows(self) -> None:
        self._calculate_spans()
        first, last = self.dim_rowmin, self.dim_rowmax
        try:
            for body in sorted(self._bodies, key=lambda body: body.top):
                self.dim_rowmax = body.top - 1
                super()._write_rows()
                self._write_body(body)
                self.dim_rowmin = body.end
            self.dim_rowmax = last
            super()._write_rows()
            self._bodies.clear()  # a large sheet's texts are not needed while it is packed
        finally:
            self.dim_rowmin, self.dim_rowmax = first, last

    def _write_body(self, body: _Body) -> None:
        # Formats are numbered as they are met, row by row.
        for place, style in enumerate(body.styles):
            body.exceptions.get((0, place), style)._get_xf_index()
        exceptions = sorted(body.exceptions.items(), key=lambda item: item[0])
        numbers = {place: style._get_xf_index() for place, style in exceptions}
        places = [place for place, _ in exceptions]
        for start in range(0, body.height, _ROWS_AT_ONCE):
            end = min(start + _ROWS_AT_ONCE, body.height)
            names = [str(body.top + row + 1) for row in range(start, end)]
            columns = []
            for place, (tails, style) in enumerate(zip(body.tails, body.styles, strict=True)):
                begin, middle = f'<c r="{xl_col_to_name(body.left + place)}', f'" s="{style._get_xf_index()}"'
                part = tails[start:end]
                if place in body.formulas:
                    part = _with_formula(part, body.formulas[place], names)
                columns.append(
                    [
                        f"{begin}{name}{middle}{tail}" if tail is not None else ""
                        for name, tail in zip(names, part, strict=True)
                    ]
                )
            for row, place in places[bisect_left(places, (start, 0)) : bisect_left(places, (end, 0))]:
                tail, column = body.tails[place][row], xl_col_to_name(body.left + place)
                if place in body.formulas:
                    tail = _with_formula([tail], body.formulas[place], [names[row - start]])[0]
                if tail is not None:
                    number = numbers[row, place]
                    columns[place][row - start] = f'<c r="{column}{names[row - start]}" s="{number}"{tail}'
            for row, cells in enumerate(zip(*columns, strict=True), body.top + start):
                self._write_body_row(row, cells, body.left)

    def _write_body_row(self, row: int, cells: Sequence[str], left: int) -> None:
        self._write_row(row, self.row_spans.get(row // 16), self.row_info.get(row))
        single = self.table.get(row)
        if single:
            by_column = dict(enumerate(cells, left))
            by_column.update({column: self._cell_text(row, column, cell) for column, cell in single.items()})
            cells = [by_column[column] for column in sorted(by_column)]
        self.fh.write("".join(cells) + "</row>")

    def _cell_text(self, row: int, column: int, cell: object) -> str:
        out, self.fh = self.fh, io.StringIO()
        try:
            self._write_cell(row, column, cell)
            text: str = self.fh.getvalue()
        finally:
            self.fh = out
        return text

    def _calculate_spans(self) -> None:
        """First and last column of each 16 rows, as XlsxWriter has them, without a look at every place."""
        if self._spans_known:
            return
        spans: dict[int, tuple[int, int]] = {}
        ends = [(row // 16, min(cells), max(cells)) for held in (self.table, self.comments)
                for row, cells in held.items() if cells]  # fmt: skip
        for body in self._bodies:
            blocks = range(body.top // 16, (body.end - 1) // 16 + 1)
            ends += [(block, body.left, body.left + len(body.styles) - 1) for block in blocks]
        for block, left, right in ends:
            before = spans.get(block, (left, right))
            spans[block] = min(before[0], left), max(before[1], right)
        self.row_spans = {block: f"{left + 1}:{right + 1}" for block, (left, right) in spans.items()}
        self._spans_known = True

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        if _OLD_FUNCTIONS.issuperset(_FUNCTION_NAME.findall(formula)):
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")
        prepared: str = super()._prepare_formula(formula, expand_future_functions)
        return prepared

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, object]] = ()) -> None:
        named = "".join(f' {name}="{value}"' for name, value in attributes)
        self.fh.write(f"<c{named}><v>{_exact(number)}</v></c>")


def _computed_tail(value: object) -> str:
    """What follows the format of a computed cell, its formula left out: a number or a text."""
    if isinstance(value, str):
        return f' t="str"><v>{escape(_PlainStrings()._escape_control_characters(value))}</v></c>'
    return f"><v>{_exact(float(value) + 0.0)}</v></c>"  # type: ignore[arg-type]


def _with_formula(tails: Sequence[str | None], formula: str, rows: Sequence[str]) -> list[str | None]:
    """The tails with the formula of each row before its value."""
    pieces = f"><f>{escape(formula)}</f>".split("#")
    return [tail and tail.replace(">", row.join(pieces), 1) for row, tail in zip(rows, tails, strict=True)]


def _exact(number: float) -> str:
    return repr(number).removesuffix(".0")
