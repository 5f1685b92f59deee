"""A cell with a SMILE_ formula explained: the call that gives its value, for its row and its month."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from smile_xl.explaining.calls import CALLS, equation_of
from smile_xl.formulas.cells import CellFormula
from smile_xl.formulas.evaluate import Cells, Evaluator, Home, NotEvaluatedError, tree
from smile_xl.formulas.parse import Call, Literal, Node, Reference
from smile_xl.language import Language, say
from smile_xl.planning.explanation import in_short, report_of
from smile_xl.planning.grid import address

_WHOLE = ("rules", "statuses")
"""Arguments that hold for all items."""
_WRAPPERS = ("IFERROR", "IFNA")
_MONTH = 3
"""Place of the month among the arguments of SMILE_SAFETYSTOCK."""
_LONG = 4000


def formula_explanation(
    cells: Cells, sheet: str, formula: CellFormula, row: int, column: int, spoken: Language
) -> str | None:
    """The text for a cell of a formula; None for one that gives no figure that can be explained.

    Raises NotEvaluatedError where an argument is not evaluated here, DomainError, ShapeError, NotNumberError or
    UnknownNameError where the arguments are wrong.
    """
    call = _call(tree(formula.text))
    named = report_of(call.name) if call else None
    if call is None or named is None:
        return None
    report, _ = named
    item, month = row - formula.span.top, column - formula.span.left
    evaluator = Evaluator(cells, _no_call)
    home = Home(sheet, formula.span.top, formula.span.left, formula.is_array)
    values = [None if one == Literal(None) else evaluator.value(one, home) for one in call.arguments]
    if report == "safety" and len(values) > _MONTH:
        chosen = values[_MONTH]
        month = int(chosen) if isinstance(chosen, float) else month
        values = values[:_MONTH]
    names = list(inspect.signature(CALLS[report]).parameters)[1:]
    given = [_of_item(name, value, item) for name, value in zip(names, values, strict=False)]
    text = in_short(equation_of(report, month, given), spoken, _LONG)
    sources = [
        f"{name} {_place(one, sheet, name, item)}"
        for name, one in zip(names, call.arguments, strict=False)
        if isinstance(one, Reference)
    ]
    place = f"{sheet}!{address(row, column)}"
    return say("explain.selected", spoken, place=place, function=call.name, text=text, sources=", ".join(sources))


def _call(node: Node) -> Call | None:
    """The call whose result the cell shows."""
    if isinstance(node, Call) and node.name in _WRAPPERS and node.arguments:
        return _call(node.arguments[0])
    return node if isinstance(node, Call) else None


def _of_item(name: str, value: object, item: int) -> object:
    """An argument for one item: its row of a block, or the one value that holds for all."""
    if name in _WHOLE or not isinstance(value, list):
        return value
    row = value[item] if len(value) > 1 and item < len(value) else value[0]
    return row[0] if len(row) == 1 else row


def _place(node: Reference, sheet: str, name: str, item: int) -> str:
    span = node.span
    if name not in _WHOLE and span.bottom > span.top:
        span = span._replace(top=span.top + item, bottom=span.top + item)
    return f"{node.sheet or sheet}!{span.name}"


def _no_call(name: str, _: Sequence[object]) -> object:
    raise NotEvaluatedError("nested", function=name)
