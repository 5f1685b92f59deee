"""SMILE_ formulas against what they show, against their neighbours, and in themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from smile_xl.audit.differences import Audit, Reason, Unchecked, same
from smile_xl.audit.recalculation import Recalculation, mentions_own
from smile_xl.formulas.cells import CellFormula, FormulaBook, Span
from smile_xl.formulas.evaluate import NotEvaluatedError, tree
from smile_xl.formulas.parse import Call, Reference, calls
from smile_xl.formulas.tokens import FormulaError, moved, relative
from smile_xl.planning.grid import CellError
from smile_xl.registry import FUNCTIONS

_GAP = 3
"""Cells without a formula between two formulas that still belong together."""
_ALIKE = 3
"""Formulas side by side from which one that differs from the others is odd."""
_PER_ITEM = {"months", "months or blank", "number per item", "text per item"}


def check_formulas(audit: Audit, recalculation: Recalculation) -> None:
    """Compare what every SMILE_ formula shows with what it gives."""
    for sheet in recalculation.sheets():
        for formula in recalculation.own(sheet):
            try:
                fresh = recalculation.fresh(sheet, formula)
            except NotEvaluatedError as error:
                place = f"{sheet}!{formula.span.name}"
                audit.unchecked.append(Unchecked(place, error.code, error.values))
                continue
            audit.formulas += 1
            for row, line in enumerate(fresh, start=formula.span.top):
                for column, value in enumerate(line, start=formula.span.left):
                    cached = recalculation.cached(sheet, row, column)
                    if not same(cached, value):
                        never = isinstance(cached, CellError) and not cached.text
                        code = (
                            "never" if never else "stale_array" if formula.span.top < formula.span.bottom else "stale"
                        )
                        audit.differ(sheet, row, column, cached, value, Reason(code))


def _why(formula: CellFormula, cached: object) -> str:
    if isinstance(cached, CellError) and not cached.text:
        return "never"
    return "stale_array" if formula.span.top < formula.span.bottom else "stale"


def check_asides(audit: Audit, book: FormulaBook) -> None:
    """Name the SMILE_ calls that no cell shows a value of: there is nothing to compare."""
    for aside in book.asides():
        if mentions_own(aside.text):
            audit.unchecked.append(Unchecked(f"{aside.sheet}!{aside.cells}", aside.kind, {"formula": aside.text}))
    for (sheet, name), text in book.defined_names().items():
        if mentions_own(text):
            place = f"{sheet}!{name}" if sheet else name
            audit.unchecked.append(Unchecked(place, "defined_name", {"formula": text}))


def check_neighbours(audit: Audit, recalculation: Recalculation) -> None:
    """Name formulas that differ from those around them, and values between formulas that are alike."""
    for sheet in recalculation.sheets():
        judged: set[CellFormula] = set()
        own = recalculation.own(sheet)
        single = [one for one in own if one.span.top == one.span.bottom]
        for down in (True, False):
            for run in _runs([one for one in single if one not in judged], down=down):
                if len(run) >= _ALIKE:
                    judged |= set(run)
                    _check_run(audit, recalculation, sheet, run, down=down)
        for formula in own:
            _check_rows(audit, recalculation, sheet, formula)


def _runs(formulas: Sequence[CellFormula], *, down: bool) -> Iterator[list[CellFormula]]:
    """Formulas below or beside one another, small gaps between them allowed."""
    lines: dict[tuple[int, int], list[CellFormula]] = {}
    for one in formulas:
        key = (one.span.left, one.span.right) if down else (one.span.top, 0)
        lines.setdefault(key, []).append(one)
    for line in lines.values():
        run: list[CellFormula] = []
        for one in sorted(line, key=lambda one: one.span):
            if run and _distance(run[-1], one, down=down) > _GAP + 1:
                yield run
                run = []
            run.append(one)
        yield run


def _distance(one: CellFormula, other: CellFormula, *, down: bool) -> int:
    return other.span.top - one.span.top if down else other.span.left - one.span.right


def _check_run(
    audit: Audit, recalculation: Recalculation, sheet: str, run: Sequence[CellFormula], *, down: bool
) -> None:
    forms = [_form(one) for one in run]
    usual, count = Counter(forms).most_common(1)[0]
    if count * 2 <= len(run):
        return  # no form that most of them have
    model = run[forms.index(usual)]
    for one, form in zip(run, forms, strict=True):
        if form != usual:
            want = _moved_to(model, one.span)
            _differ(audit, recalculation, sheet, one.span, Reason("neighbours", {"formula": one.text, "want": want}))
    with_formula = {(one.span.top, one.span.left) for one in recalculation.formulas(sheet)}
    for one, other in pairwise(run):
        for step in range(1, _distance(one, other, down=down)):
            row = one.span.top + step * down
            left = one.span.left if down else one.span.right + step
            right = one.span.right if down else left
            for column in range(left, right + 1):
                cached = recalculation.cached(sheet, row, column)
                if isinstance(cached, float | int) and (row, column) not in with_formula:
                    _typed_over(audit, recalculation, sheet, model, Span(row, left, row, right), column, cached)


def _typed_over(
    audit: Audit,
    recalculation: Recalculation,
    sheet: str,
    model: CellFormula,
    span: Span,
    column: int,
    cached: object,
) -> None:
    """Name a value between formulas, with what the formula of its neighbours gives there."""
    text = _moved_to(model, span)
    try:
        fresh = recalculation.calculated(sheet, CellFormula(span, text, model.is_array))[0][column - span.left]
    except NotEvaluatedError:
        fresh = None
    audit.differ(sheet, span.top, column, cached, fresh, Reason("typed_over", {"formula": text}))


def _form(formula: CellFormula) -> str:
    try:
        return relative(formula.text, formula.span.top, formula.span.left)
    except FormulaError:
        return formula.text


def _moved_to(model: CellFormula, span: Span) -> str:
    try:
        return moved(model.text, span.top - model.span.top, span.left - model.span.left)
    except FormulaError:
        return model.text


def _check_rows(audit: Audit, recalculation: Recalculation, sheet: str, formula: CellFormula) -> None:
    """Name a call whose arguments, one row per item, are not of the same rows."""
    try:
        node = tree(formula.text)
    except NotEvaluatedError:
        return  # said already
    for call in calls(node):
        given = {name: one.span for name, one in item_ranges(call) if one.sheet in ("", sheet)}
        rows = {name: (span.top, span.bottom) for name, span in given.items() if span.top < span.bottom}
        if not rows:
            continue
        (top, bottom), count = Counter(rows.values()).most_common(1)[0]
        for name, own in rows.items():
            # What overlaps is shifted by mistake; another table elsewhere on the sheet is not.
            if own != (top, bottom) and count > 1 and own[0] <= bottom and top <= own[1]:
                values = {"argument": name, "got": given[name].name, "top": top + 1, "bottom": bottom + 1}
                _differ(audit, recalculation, sheet, formula.span, Reason("rows", values))


def item_ranges(call: Call) -> Iterator[tuple[str, Reference]]:
    """Arguments of a SMILE_ call that are ranges with one row per item, by name."""
    function = FUNCTIONS.get(call.name)
    for parameter, node in zip(function.parameters if function else (), call.arguments, strict=False):
        if parameter.kind in _PER_ITEM and isinstance(node, Reference):
            yield parameter.name, node


def _differ(audit: Audit, recalculation: Recalculation, sheet: str, span: Span, reason: Reason) -> None:
    """Name the first cell of a formula for what its formula is."""
    cached = recalculation.cached(sheet, span.top, span.left)
    audit.differ(sheet, span.top, span.left, cached, cached, reason)
