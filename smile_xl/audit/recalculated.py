"""A book against the same book recalculated by another program: every formula, whoever wrote it."""

from __future__ import annotations

from smile_xl.audit.differences import Audit, Reason, Unchecked, same
from smile_xl.formulas.book_cells import BookCells
from smile_xl.formulas.cells import FormulaBook
from smile_xl.formulas.tokens import FormulaError, function_name, tokens

_VOLATILE = {"NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"}
"""Functions that give something else each time."""


def check_recalculated(audit: Audit, book: FormulaBook, recalculated: FormulaBook) -> None:
    """Compare what every formula shows with what it shows in the recalculated copy."""
    before, after = BookCells(book), BookCells(recalculated)
    for sheet in before.sheets():
        for formula in before.formulas(sheet):
            span = formula.span
            if _is_volatile(formula.text):
                audit.unchecked.append(Unchecked(f"{sheet}!{span.name}", "volatile"))
                continue
            audit.formulas += 1
            for row in range(span.top, span.bottom + 1):
                for column in range(span.left, span.right + 1):
                    cached, fresh = before.cached(sheet, row, column), after.cached(sheet, row, column)
                    if not same(cached, fresh):
                        audit.differ(sheet, row, column, cached, fresh, Reason("recalculated"))


def _is_volatile(text: str) -> bool:
    try:
        return any(one.kind == "call" and function_name(one.text) in _VOLATILE for one in tokens(text))
    except FormulaError:
        return False
