"""The report pages of a book against what a refresh would write, cell by cell, the time of the stamp left out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from smile_xl import commands
from smile_xl.audit.differences import Audit, Reason, Unchecked, same
from smile_xl.audit.recalculation import Recalculation
from smile_xl.book import NewRows
from smile_xl.formulas.cells import CellFormula, FormulaBook, Span, TableRange
from smile_xl.formulas.evaluate import Evaluator, Home, NotEvaluatedError
from smile_xl.formulas.native import Rows
from smile_xl.formulas.tokens import FormulaError, relative
from smile_xl.language import LANGUAGES, Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import Grid, address
from smile_xl.planning.past import Past
from smile_xl.reports.page import Computed, Link, Page


@dataclass
class Rewritten:
    """A book as a refresh sees it: it reads the book, and keeps what it would write."""

    book: FormulaBook
    pages: dict[str, Page] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """File name, as messages show it."""
        return self.book.name

    def sheet_names(self) -> list[str]:
        """Names of the worksheets."""
        return self.book.sheet_names()

    @property
    def past(self) -> Past:
        """Earlier cycles of the book."""
        return self.book.past

    def read(self, sheet: str) -> Grid:
        """Values of a sheet."""
        return self.book.read(sheet)

    def write_page(self, page: Page) -> None:
        """Keep the page."""
        self.pages[page.sheet] = page

    def renew_values(self, sheet: str, row: int, column: int, values: np.ndarray) -> None:
        """Nothing: results are compared with the plan."""

    def add_rows(self, sheet: str, row: int, rows: NewRows) -> None:
        """Nothing: a refresh adds no rows."""


def rewritten(book: FormulaBook) -> tuple[Cycle, dict[str, Page]]:
    """The cycle of a book's inputs, and the pages that a refresh would write; raises InputError."""
    target = Rewritten(book)
    cycle = commands.refresh(target, dt.datetime.min)
    return cycle, target.pages


def check_pages(audit: Audit, recalculation: Recalculation, pages: Mapping[str, Page]) -> None:
    """Name the cells of report sheets that a refresh would write otherwise."""
    for page in pages.values():
        if page.sheet not in recalculation.sheets():
            audit.unchecked.append(Unchecked(page.sheet, "no_sheet"))
            continue
        audit.pages += 1
        _Comparison(audit, recalculation, page).run()


class _Comparison:
    """One page with its sheet."""

    def __init__(self, audit: Audit, recalculation: Recalculation, page: Page) -> None:
        self._audit = audit
        self._recalculation = recalculation
        self._page = page
        self._cells = page.cells()
        self._stamp = len(page.lines)
        self._formulas = {(one.span.top, one.span.left): one for one in recalculation.formulas(page.sheet)}
        self._inputs = self._input_cells()
        self._as_written = True
        """The reader's choices are those that a refresh writes."""
        self._blank = {place for place in self._inputs if self._cells[place[0]][place[1]] is None}
        """Where a refresh leaves the choice open."""
        for row, column in self._inputs:
            cached = recalculation.cached(page.sheet, row, column)
            self._as_written &= same(cached, self._cells[row][column])
            self._cells[row][column] = cached
        self._evaluator = Evaluator(_PageCells(page.sheet, self._cells), _no_call)

    def run(self) -> None:
        """Compare every cell that the page or the sheet has."""
        sheet = self._page.sheet
        shown = self._recalculation.grid(sheet).rows
        for row in range(max(len(shown), len(self._cells))):
            wanted = self._cells[row] if row < len(self._cells) else []
            width = max(len(wanted), len(shown[row]) if row < len(shown) else 0)
            for column in range(width):
                self._compare(row, column, wanted[column] if column < len(wanted) else None)

    def _compare(self, row: int, column: int, wanted: object) -> None:
        sheet = self._page.sheet
        cached = self._recalculation.cached(sheet, row, column)
        if (row, column) in self._inputs:
            choices = self._inputs[row, column]
            open_choice = cached in (None, "") and (row, column) in self._blank
            if choices and cached not in choices and not open_choice:
                self._audit.differ(sheet, row, column, cached, choices[0], Reason("choice"))
        elif (row, column) == (self._stamp, 0):
            self._compare_stamp(row, column, cached, str(wanted))
        elif isinstance(wanted, Computed):
            self._compare_formula(row, column, cached, wanted)
        else:
            wanted = wanted.text if isinstance(wanted, Link) else wanted
            wanted = None if isinstance(wanted, float) and np.isnan(wanted) else wanted
            if not same(cached, wanted):
                extra = row >= len(self._cells) or column >= len(self._cells[row])
                self._audit.differ(sheet, row, column, cached, wanted, Reason("not_ours" if extra else "report"))

    def _compare_stamp(self, row: int, column: int, cached: object, wanted: str) -> None:
        """The cycle, version and inputs of the last refresh; when it took place does not matter."""
        got, want = _stamp_parts(cached), _stamp_parts(wanted)
        if want is None or got is None:
            self._audit.differ(self._page.sheet, row, column, cached, wanted, Reason("stamp"))
            return
        for part, code in (("fingerprint", "inputs"), ("cycle", "cycle"), ("version", "version")):
            if got[part] != want[part]:
                values = {"got": got[part], "want": want[part], "when": got["when"]}
                self._audit.differ(self._page.sheet, row, column, got[part], want[part], Reason(code, values))

    def _compare_formula(self, row: int, column: int, cached: object, wanted: Computed) -> None:
        """A formula of plain Excel on the page: its text, and its value for what the reader chose."""
        sheet = self._page.sheet
        home = Home(sheet, row, column, is_array=False)
        try:
            value = wanted.value if self._as_written else self._evaluator.formula(wanted.formula, home)
        except NotEvaluatedError as error:
            self._audit.unchecked.append(Unchecked(f"{sheet}!{address(row, column)}", error.code, error.values))
            return
        formula = self._formulas.get((row, column))
        if formula is None:
            self._audit.differ(sheet, row, column, cached, value, Reason("page_formula_gone"))
        elif not _alike(formula, wanted.formula):
            self._audit.differ(sheet, row, column, cached, value, Reason("page_formula", {"want": wanted.formula}))
        elif not same(cached, value):
            self._audit.differ(sheet, row, column, cached, value, Reason("stale"))

    def _input_cells(self) -> dict[tuple[int, int], Sequence[str]]:
        """Cells in which the reader chooses, with the choices."""
        found = {}
        for place, block in enumerate(self._page.blocks):
            top = self._page.first_row(place)
            for column, kind in enumerate(block.columns):
                if kind.is_input:
                    choices = kind.choices if not isinstance(kind.choices, str) else ()
                    rows = [
                        row for row, cells in enumerate(block.rows) if row not in block.roles and column < len(cells)
                    ]
                    found.update({(top + row, column): choices for row in rows})
        return found


@dataclass(frozen=True)
class _PageCells:
    """The page's own cells, for its formulas."""

    sheet: str
    rows: Sequence[Sequence[object]]

    def values(self, _: str, span: Span) -> Rows:
        """Values of cells."""
        return [
            [self._value(row, column) for column in range(span.left, span.right + 1)]
            for row in range(span.top, span.bottom + 1)
        ]

    def _value(self, row: int, column: int) -> object:
        value = self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None
        return value.text if isinstance(value, Link) else value.value if isinstance(value, Computed) else value

    def extent(self, sheet: str) -> tuple[int, int] | None:
        """Rows and columns of the page."""
        return (len(self.rows), max(map(len, self.rows), default=0)) if sheet == self.sheet else None

    def name(self, sheet: str, name: str) -> None:
        """None: pages use no names."""

    def table(self, name: str) -> TableRange | None:
        """None: pages use no tables."""

    def table_around(self, sheet: str, row: int, column: int) -> TableRange | None:
        """None: pages use no tables."""


def _no_call(name: str, _: Sequence[object]) -> object:
    raise NotEvaluatedError("function", function=name)


def _alike(formula: CellFormula, wanted: str) -> bool:
    if formula.text == wanted:
        return True
    try:
        return relative(formula.text, *formula.span[:2]) == relative(wanted, *formula.span[:2])
    except FormulaError:
        return False


def _stamp_parts(text: object) -> dict[str, str] | None:
    """What a stamp says, in either language."""
    for spoken in LANGUAGES:
        found = _stamp_pattern(spoken).fullmatch(str(text).strip())
        if found:
            return found.groupdict()
    return None


def _stamp_pattern(spoken: Language) -> re.Pattern[str]:
    parts = {name: f"<{name}>" for name in ("cycle", "when", "version", "fingerprint")}
    text = re.escape(say("reports.stamp", spoken, **parts))
    return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>.*?)", text))
