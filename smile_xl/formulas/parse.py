"""Formulas read into trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smile_xl.formulas.cells import Span
from smile_xl.formulas.tokens import (
    LAST_COLUMN,
    LAST_ROW,
    FormulaError,
    Token,
    corner_place,
    function_name,
    tokens,
)
from smile_xl.planning.grid import CellError

_BINARY = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))
"""Operators from the loosest to the tightest."""


@dataclass(frozen=True)
class Literal:
    """A number, a text, TRUE or FALSE, an error, or a constant array of these; None for an omitted argument."""

    value: object


@dataclass(frozen=True)
class Reference:
    """Cells of a sheet; "" is the formula's own."""

    sheet: str
    span: Span


@dataclass(frozen=True)
class Named:
    """A defined name, of a sheet if one is given."""

    sheet: str
    name: str


@dataclass(frozen=True)
class Structured:
    """A structured reference, such as Items[Opening]; "" is the table around the formula."""

    table: str
    inside: str


@dataclass(frozen=True)
class Call:
    """A call of a function; its name is in capitals."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Operation:
    """An operator before, between or after its operands."""

    operator: str
    operands: tuple[Node, ...]


Node = Literal | Reference | Named | Structured | Call | Operation


def parse(formula: str) -> Node:
    """The tree of a formula; raises FormulaError.

    >>> parse("SMILE_RISK(-A1)").arguments
    (Operation(operator='-', operands=(Reference(sheet='', span=Span(top=0, left=0, bottom=0, right=0)),)),)
    """
    reader = _Reader([one for one in tokens(formula.removeprefix("=")) if one.kind != "space"])
    node = reader.expression()
    if reader.next is not None:
        raise FormulaError(reader.next.text)
    return node


def calls(node: Node) -> Iterator[Call]:
    """All calls of a tree, the outer before the inner."""
    if isinstance(node, Call):
        yield node
        for one in node.arguments:
            yield from calls(one)
    elif isinstance(node, Operation):
        for one in node.operands:
            yield from calls(one)


def names_in(formula: str) -> set[str]:
    """Defined names that a formula may mention, in lower case; none for a formula that can't be read."""
    try:
        return {one.text.rpartition("!")[2].casefold() for one in tokens(formula) if one.kind == "name"}
    except FormulaError:
        return set()


class _Reader:
    def __init__(self, given: list[Token]) -> None:
        self._tokens = given
        self._place = 0

    @property
    def next(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _take(self, *texts: str) -> str | None:
        token = self.next
        if token is not None and token.kind == "operator" and token.text in texts:
            self._place += 1
            return token.text
        return None

    def _expect(self, text: str) -> None:
        if self._take(text) is None:
            raise FormulaError(self.next.text if self.next else f"{text} is missing")

    def expression(self, level: int = 0) -> Node:
        if level == len(_BINARY):
            return self._signed()
        node = self.expression(level + 1)
        while operator := self._take(*_BINARY[level]):
            node = Operation(operator, (node, self.expression(level + 1)))
        return node

    def _signed(self) -> Node:
        if operator := self._take("-", "+", "@"):
            return Operation(operator, (self._signed(),))
        node = self._value()
        while operator := self._take("%", "#"):
            node = Operation(operator, (node,))
        return node

    def _value(self) -> Node:
        token = self.next
        if token is None:
            raise FormulaError("the end is missing")
        if self._take("("):
            node = self.expression()
            if self.next is not None and self.next.text == ",":
                raise FormulaError("a union of ranges")
            self._expect(")")
            return node
        if self._take("{"):
            return self._array()
        self._place += 1
        match token.kind:
            case "number":
                return Literal(float(token.text))
            case "text":
                return Literal(token.text[1:-1].replace('""', '"'))
            case "error":
                return Literal(CellError(token.text))
            case "call":
                return Call(function_name(token.text), self._arguments())
            case "range":
                return _reference(token.text)
            case "table":
                table, _, inside = token.text.partition("[")
                return Structured(table, inside[:-1])
            case "name":
                return _named(token.text)
        raise FormulaError(token.text)

    def _arguments(self) -> tuple[Node, ...]:
        if self._take(")"):
            return ()
        found: list[Node] = []
        while True:
            empty = self.next is not None and self.next.kind == "operator" and self.next.text in ",)"
            found.append(Literal(None) if empty else self.expression())
            if self._take(")"):
                return tuple(found)
            self._expect(",")

    def _array(self) -> Node:
        rows: list[list[object]] = [[]]
        while True:
            sign = -1.0 if self._take("-") else 1.0
            value = self._value()
            if not isinstance(value, Literal):
                raise FormulaError("a constant array of anything but constants")
            rows[-1].append(sign * value.value if isinstance(value.value, float) else value.value)
            if self._take("}"):
                return Literal(rows)
            if self._take(";"):
                rows.append([])
            else:
                self._expect(",")


def _named(text: str) -> Node:
    sheet, _, name = text.rpartition("!")
    if name.upper() in ("TRUE", "FALSE") and not sheet:
        return Literal(name.upper() == "TRUE")
    return Named(_sheet(sheet), name)


def _reference(text: str) -> Reference:
    sheet, _, cells = text.rpartition("!")
    places = [corner_place(corner) for corner in cells.split(":")]
    rows = [row for row, _ in places if row is not None] or [0, LAST_ROW - 1]
    columns = [column for _, column in places if column is not None] or [0, LAST_COLUMN - 1]
    if max(rows) >= LAST_ROW or max(columns) >= LAST_COLUMN:
        raise FormulaError(text)
    return Reference(_sheet(sheet), Span(min(rows), min(columns), max(rows), max(columns)))


def _sheet(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
