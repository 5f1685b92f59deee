"""The SMILE_ formulas of a book calculated afresh: each over the fresh values of those that it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from smile_xl import arguments, cells
from smile_xl.formulas.book_cells import BookCells
from smile_xl.formulas.cells import CellFormula, FormulaBook, Span
from smile_xl.formulas.evaluate import OMITTED, Evaluator, Home, NotEvaluatedError
from smile_xl.formulas.native import Rows
from smile_xl.formulas.parse import names_in
from smile_xl.planning.grid import CellError

_OWN = "SMILE_"
_NOT_AVAILABLE = CellError("#N/A")


def mentions_own(text: str) -> bool:
    """True for a formula with a SMILE_ function."""
    return _OWN in text.upper()


class Recalculation(BookCells):
    """A book's cells, its SMILE_ formulas calculated afresh when they are asked for."""

    def __init__(self, book: FormulaBook) -> None:
        super().__init__(book)
        self._own: dict[str, list[CellFormula]] = {}
        self._by_row: dict[str, dict[int, list[CellFormula]]] = {}
        self._blocks: dict[str, list[CellFormula]] = {}
        self._fresh: dict[tuple[str, Span], Rows | NotEvaluatedError | None] = {}
        self._evaluator = Evaluator(self, _call)

    def own(self, sheet: str) -> list[CellFormula]:
        """Cells of a sheet with a SMILE_ function in the formula, or in a name that it uses."""
        if sheet not in self._own:
            self._own[sheet] = [one for one in self.formulas(sheet) if self._is_own(one.text)]
            rows: dict[int, list[CellFormula]] = {}
            for one in self._own[sheet]:
                if one.span.top == one.span.bottom:
                    rows.setdefault(one.span.top, []).append(one)
            self._by_row[sheet] = rows
            self._blocks[sheet] = [one for one in self._own[sheet] if one.span.top < one.span.bottom]
        return self._own[sheet]

    def own_at(self, sheet: str, row: int, column: int) -> CellFormula | None:
        """The SMILE_ formula that a cell shows a result of."""
        self.own(sheet)
        for one in [*self._blocks[sheet], *self._by_row[sheet].get(row, [])]:
            if one.span.holds(row, column):
                return one
        return None

    def _is_own(self, text: str) -> bool:
        return mentions_own(text) or bool(self.own_names and self.own_names & names_in(text))

    @cached_property
    def own_names(self) -> set[str]:
        """Defined names with a SMILE_ function, or with such a name, in lower case."""
        found = {name for (_, name), text in self.names.items() if mentions_own(text)}
        while more := {name for (_, name), text in self.names.items() if not found.isdisjoint(names_in(text))} - found:
            found |= more
        return found

    # Fresh values ---------------------------------------------------------------------------------------------------

    def fresh(self, sheet: str, formula: CellFormula) -> Rows:
        """What a SMILE_ formula gives now, in the shape of its cells; raises NotEvaluatedError."""
        key = (sheet, formula.span)
        if key not in self._fresh:
            self._fresh[key] = None
            try:
                self._fresh[key] = self.calculated(sheet, formula)
            except NotEvaluatedError as error:
                self._fresh[key] = error
        found = self._fresh[key]
        if found is None:
            raise NotEvaluatedError("circular")
        if isinstance(found, NotEvaluatedError):
            raise found
        return found

    def calculated(self, sheet: str, formula: CellFormula) -> Rows:
        """What any formula gives in its cells; raises NotEvaluatedError."""
        span = formula.span
        home = Home(sheet, span.top, span.left, formula.is_array)
        result = self._evaluator.formula(formula.text, home)
        if not formula.is_array:
            result = result[0][0] if isinstance(result, list) else result
        return _filled(result, span.bottom - span.top + 1, span.right - span.left + 1)

    def values(self, sheet: str, span: Span, /) -> Rows:
        """Values of cells, fresh where a SMILE_ formula gives them."""
        sheet = self._sheets[sheet.casefold()]
        rows = super().values(sheet, span)
        for formula in self._within(sheet, span):
            try:
                fresh = self.fresh(sheet, formula)
            except NotEvaluatedError as error:
                if error.code == "circular":
                    raise
                continue  # the value that the file has, as of any other program's formula
            _put(rows, span, fresh, formula.span)
        return rows

    def _within(self, sheet: str, span: Span) -> Iterator[CellFormula]:
        self.own(sheet)
        for one in self._blocks[sheet]:
            if not (one.span.bottom < span.top or span.bottom < one.span.top):
                yield from (one,) if _across(one.span, span) else ()
        by_row = self._by_row[sheet]
        rows = range(span.top, span.bottom + 1) if span.bottom - span.top < len(by_row) else by_row
        for row in rows:
            if span.top <= row <= span.bottom:
                yield from (one for one in by_row.get(row, ()) if _across(one.span, span))


def _call(name: str, values: Sequence[object]) -> object:
    if name == "SMILE_WHY" and any(isinstance(one, CellError) for one in values):
        raise NotEvaluatedError("why")
    given = [arguments.OMITTED if one is OMITTED else one for one in values]
    answer = cells.evaluate(name, given)
    if isinstance(answer, cells.Fault):
        return CellError(answer.error)
    if cells.holds_text(answer):
        return answer.tolist()
    if isinstance(answer, np.ndarray):
        return [[value if np.isfinite(value) else _NOT_AVAILABLE for value in row] for row in answer.tolist()]
    return answer


def _across(one: Span, other: Span) -> bool:
    return not (one.right < other.left or other.right < one.left)


def _put(rows: Rows, span: Span, fresh: Rows, place: Span) -> None:
    for row in range(max(span.top, place.top), min(span.bottom, place.bottom) + 1):
        for column in range(max(span.left, place.left), min(span.right, place.right) + 1):
            rows[row - span.top][column - span.left] = fresh[row - place.top][column - place.left]


def _filled(result: object, height: int, width: int) -> Rows:
    """A result over the cells of its formula: one row or column is repeated, what is missing is #N/A, a blank 0."""
    rows = result if isinstance(result, list) else [[result]]

    def cell(row: int, column: int) -> object:
        row = 0 if len(rows) == 1 else row
        column = 0 if len(rows[0]) == 1 else column
        value = rows[row][column] if row < len(rows) and column < len(rows[0]) else _NOT_AVAILABLE
        return 0.0 if value is None else value

    return [[cell(row, column) for column in range(width)] for row in range(height)]
