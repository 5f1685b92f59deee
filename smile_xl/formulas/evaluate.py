"""Formulas evaluated over the values of a workbook: what is not surely the same in a spreadsheet is not evaluated.

A value is one cell's (float, text, bool, None for a blank, CellError) or rows of these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from smile_xl.formulas.cells import Span, TableRange
from smile_xl.formulas.native import NATIVE, Rows, broadcast, first_error, number, scalar_text
from smile_xl.formulas.parse import Call, Literal, Named, Node, Operation, Reference, Structured, parse
from smile_xl.formulas.tokens import LAST_COLUMN, LAST_ROW, FormulaError, moved
from smile_xl.language import SaidError
from smile_xl.planning.grid import CellError

_FIRST_DAY = dt.date(1899, 12, 30)
_LAZY = ("IF", "IFERROR", "IFNA")


class NotEvaluatedError(SaidError):
    """A formula that is not evaluated here; its text is ``audit.unchecked.<code>``."""

    topic = "audit.unchecked"


@dataclass(frozen=True)
class Home:
    """The cell whose formula is evaluated."""

    sheet: str
    row: int
    column: int
    is_array: bool
    """Ranges are calculated with cell by cell; in an ordinary formula they are only handed on."""


class Cells(Protocol):
    """What formulas refer to."""

    def values(self, sheet: str, span: Span, /) -> Rows:
        """Values of cells of a sheet that exists."""
        ...

    def extent(self, sheet: str) -> tuple[int, int] | None:
        """Rows and columns of a sheet that may hold something; None for a sheet that does not exist."""
        ...

    def name(self, sheet: str, name: str) -> str | None:
        """Formula of a defined name, of the sheet if it has one."""
        ...

    def table(self, name: str) -> TableRange | None:
        """A table by its name."""
        ...

    def table_around(self, sheet: str, row: int, column: int) -> TableRange | None:
        """The table that a cell is in."""
        ...


Own = Callable[[str, Sequence[object]], object]
"""The result of a SMILE_ function; ``OMITTED`` stands for an argument that is left out."""


class Omitted:
    """Stands for an argument that is left out."""


OMITTED = Omitted()


class Evaluator:
    """Evaluates formulas over some cells."""

    def __init__(self, cells: Cells, own: Own) -> None:
        self._cells = cells
        self._own = own
        self._depth = 0

    def formula(self, text: str, home: Home) -> object:
        """Value of a formula in its cell; raises NotEvaluatedError."""
        self._depth += 1
        try:
            if self._depth > 100:
                raise NotEvaluatedError("deep")
            return self.value(tree(text), home)
        finally:
            self._depth -= 1

    def value(self, node: Node, home: Home) -> object:
        """Value of a part of a formula."""
        match node:
            case Literal():
                return node.value
            case Reference():
                return self._reference(node, home)
            case Named():
                return self._named(node, home)
            case Structured():
                return self._structured(node, home)
            case Operation():
                return self._operation(node, home)
            case Call():
                return self._call(node, home)

    def _reference(self, node: Reference, home: Home) -> object:
        sheet = node.sheet or home.sheet
        extent = self._cells.extent(sheet)
        if extent is None:
            raise NotEvaluatedError("sheet", sheet=sheet)
        top, left, bottom, right = node.span
        if top == 0 and bottom == LAST_ROW - 1:
            bottom = max(extent[0] - 1, 0)
        if left == 0 and right == LAST_COLUMN - 1:
            right = max(extent[1] - 1, 0)
        rows = [[_plain(value) for value in row] for row in self._cells.values(sheet, Span(top, left, bottom, right))]
        return rows[0][0] if (top, left) == (bottom, right) else rows

    def _named(self, node: Named, home: Home) -> object:
        text = self._cells.name(node.sheet or home.sheet, node.name)
        if text is None:
            raise NotEvaluatedError("name", name=node.name)
        if moved(text, 1, 1) != text:
            raise NotEvaluatedError("relative_name", name=node.name)
        return self.formula(text, home)

    def _structured(self, node: Structured, home: Home) -> object:
        table = self._cells.table(node.table) if node.table else None
        if not node.table:
            table = self._cells.table_around(home.sheet, home.row, home.column)
        span = None if table is None else table_span(table, node.inside, home.row)
        if table is None or span is None:
            raise NotEvaluatedError("table", table=f"{node.table}[{node.inside}]")
        return self._reference(Reference(table.sheet, span), home)

    def _operation(self, node: Operation, home: Home) -> object:
        if node.operator in ("@", "#"):
            raise NotEvaluatedError("operator", operator=node.operator)
        operands = [self._calculated(one, home) for one in node.operands]
        try:
            return broadcast(lambda *cells: _operated(node.operator, cells), operands)
        except NotImplementedError:
            raise NotEvaluatedError("operator", operator=node.operator) from None

    def _calculated(self, node: Node, home: Home) -> object:
        """An operand; a range in an ordinary formula would be cut down to one cell, by rules that differ."""
        value = self.value(node, home)
        if isinstance(value, list) and not home.is_array:
            raise NotEvaluatedError("range")
        return value

    def _call(self, node: Call, home: Home) -> object:
        if node.name.startswith("SMILE_"):
            given = [OMITTED if one == Literal(None) else self.value(one, home) for one in node.arguments]
            return self._own(node.name, given)
        if node.name in _LAZY:
            return self._chosen(node, home)
        if node.name not in NATIVE:
            raise NotEvaluatedError("function", function=node.name)
        native = NATIVE[node.name]
        given = [
            self.value(one, home) if native.takes_range(place) else self._calculated(one, home)
            for place, one in enumerate(node.arguments)
        ]
        try:
            return native.call(*given)
        except (NotImplementedError, TypeError):  # a kind or number of arguments that it does not take here
            raise NotEvaluatedError("arguments", function=node.name) from None

    def _chosen(self, node: Call, home: Home) -> object:
        """IF, IFERROR, IFNA: cell by cell for rows, else only the branch that is taken."""
        count = len(node.arguments)
        if node.name != "IF":
            if count != 2:
                raise NotEvaluatedError("arguments", function=node.name)
            errors = ("#N/A",) if node.name == "IFNA" else None
            tried = self.value(node.arguments[0], home)
            if first_error(tried, errors) is None:
                return tried
            other = self.value(node.arguments[1], home)
            return broadcast(lambda one, two: two if first_error(one, errors) else one, [tried, other])
        if count not in (2, 3):
            raise NotEvaluatedError("arguments", function=node.name)
        test = self._calculated(node.arguments[0], home)
        if not isinstance(test, list):
            holds = _truth(test)
            return holds if isinstance(holds, CellError) else self._branch(node, 1 if holds else 2, home)
        both = [self._branch(node, place, home) for place in (1, 2)]
        return broadcast(_picked, [test, *both])

    def _branch(self, node: Call, place: int, home: Home) -> object:
        if place == len(node.arguments):
            return False
        value = self.value(node.arguments[place], home)
        return 0.0 if value is None and isinstance(node.arguments[place], Literal) else value


@cache
def tree(text: str) -> Node:
    """The tree of a formula; raises NotEvaluatedError."""
    try:
        return parse(text)
    except FormulaError as error:
        raise NotEvaluatedError("unreadable", text=str(error)) from None


def table_span(table: TableRange, inside: str, row: int) -> Span | None:
    """Cells that a structured reference names; None where it is not understood."""
    top, bottom = table.span.top + table.headers, table.span.bottom - table.totals
    parts = [part.strip() for part in _parts(inside)]
    if parts and parts[0].startswith("@"):
        parts = ["#This Row", *([parts[0][1:].strip("[]")] if len(parts[0]) > 1 else []), *parts[1:]]
    columns = [part for part in parts if not part.startswith("#")]
    match [part.casefold() for part in parts if part.startswith("#")]:
        case []:
            pass
        case ["#data"]:
            pass
        case ["#all"]:
            top, bottom = table.span.top, table.span.bottom
        case ["#headers"]:
            top, bottom = table.span.top, table.span.top + table.headers - 1
        case ["#totals"]:
            top, bottom = bottom + 1, table.span.bottom
        case ["#this row"] if top <= row <= bottom:
            top = bottom = row
        case _:
            return None
    names = [name.casefold() for name in table.columns]
    wanted = [column.casefold() for column in columns]
    if top > bottom or len(wanted) > 2 or not all(name in names for name in wanted):
        return None
    places = [names.index(name) for name in wanted] or [0, len(names) - 1]
    return Span(top, table.span.left + min(places), bottom, table.span.left + max(places))


def _parts(inside: str) -> list[str]:
    """Pieces of a structured reference: [#All],[A]:[B] gives #All, A, B; an apostrophe takes what follows as it is."""
    parts, depth, piece, taken = [], 0, "", False
    for letter in inside:
        if taken:
            piece, taken = piece + letter, False
        elif letter == "'":
            taken = True
        elif letter in "[]":
            depth += 1 if letter == "[" else -1
        elif letter in ",:" and depth == 0:
            parts.append(piece)
            piece = ""
        else:
            piece += letter
    return [part for part in (*parts, piece) if part.strip()]


def _plain(value: object) -> object:
    """A cell's value as formulas calculate with it: a date is its number of days, an empty text of a file a blank."""
    if isinstance(value, dt.datetime):
        day = dt.datetime(_FIRST_DAY.year, _FIRST_DAY.month, _FIRST_DAY.day)
        return (value - day) / dt.timedelta(days=1)
    if isinstance(value, dt.date):
        return float((value - _FIRST_DAY).days)
    return None if value == "" else value


def _truth(value: object) -> bool | CellError:
    try:
        found = number(value)
    except NotImplementedError:
        raise NotEvaluatedError("arguments", function="IF") from None
    return found if isinstance(found, CellError) else found != 0


def _picked(test: object, one: object, two: object) -> object:
    holds = _truth(test)
    if isinstance(holds, CellError):
        return holds
    return one if holds else two


def _operated(operator: str, cells: Sequence[object]) -> object:
    for cell in cells:
        if isinstance(cell, CellError):
            return cell
    if operator == "&":
        return "".join(scalar_text(cell) for cell in cells)
    if operator in _COMPARED:
        return _COMPARED[operator](_order(cells[0], cells[1]))
    numbers = []
    for cell in cells:
        found = number(cell)
        if isinstance(found, CellError):
            return found
        numbers.append(found)
    try:
        result = _CALCULATED[operator, len(numbers)](*numbers)
    except ZeroDivisionError:
        return CellError("#DIV/0!")
    except OverflowError:
        return CellError("#NUM!")
    return CellError("#NUM!") if isinstance(result, complex) else result


_COMPARED: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "<>": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}
_CALCULATED: dict[tuple[str, int], Callable[..., float]] = {
    ("-", 1): lambda a: -a,
    ("+", 1): lambda a: a,
    ("%", 1): lambda a: a / 100,
    ("+", 2): lambda a, b: a + b,
    ("-", 2): lambda a, b: a - b,
    ("*", 2): lambda a, b: a * b,
    ("/", 2): lambda a, b: a / b,
    ("^", 2): lambda a, b: a**b,
}


def _order(one: object, two: object) -> int:
    """Below, at or above 0 as the first is less than, equal to or more than the second; numbers, texts, truths."""
    blank = {float: 0.0, str: "", bool: False}
    if one is None:
        one = blank.get(type(two), 0.0)
    if two is None:
        two = blank.get(type(one), 0.0)
    ranks = [2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0 for value in (one, two)]
    if ranks[0] != ranks[1]:
        return ranks[0] - ranks[1]
    first, second = (value.casefold() if isinstance(value, str) else value for value in (one, two))
    return int(first > second) - int(first < second)  # type: ignore[operator]
