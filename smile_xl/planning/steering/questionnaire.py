"""The questions of the method that no data answers, and what is taken until the team answers them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smile_xl.planning.findings import Label, label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, key_of
from smile_xl.planning.steering.reading import optional_table
from smile_xl.planning.tables import Notebook, Table, as_flag, cell

QUESTION_COLUMNS = ("question", "answer", "used_for")
"""Columns of the sheet Questionnaire; the last one explains and is not read."""


@dataclass(frozen=True)
class Answers:
    """One answer per question; the defaults hold where the book gives none."""

    service_a: float = 0.98
    """Service wanted for A items: share of the order cycles without a shortage."""
    service_b: float = 0.95
    service_c: float = 0.9
    service_strategic: float = 0.99
    """Service wanted for strategic items, whatever their value."""
    longest_cover: float = 13.0
    """Weeks of safety cover beyond which none is proposed: a quarter of a year."""
    strategic_weeks: float = 2.0
    """Weeks of demand that a strategic item holds in reserve, beside its safety stock."""
    stock_cz: bool = True
    """Small items of erratic demand (CZ) are held in stock, and not ordered on demand."""
    launch_months: float = 3.0
    """Months from its launch month on in which an item's stock is launch stock."""
    medium_lead: float = 4.25
    """Weeks from which a lead time is medium."""
    long_lead: float = 8.5
    """Weeks from which a lead time is long."""
    count_tolerance: float = 0.02
    """Difference between a counted and a recorded stock, over the recorded one, up to which the record is right."""
    owner_a: str = ""
    """Who owns the stock policy of the A items."""
    owner_b: str = ""
    owner_c: str = ""

    def service(self, abc: str, *, strategic: bool = False) -> float:
        """Service wanted for a class of value."""
        wanted: float = getattr(self, f"service_{abc.lower()}")
        return max(wanted, self.service_strategic) if strategic else wanted

    def owner(self, abc: str) -> str:
        """Owner of the policies of a class of value."""
        found: str = getattr(self, f"owner_{abc.lower()}")
        return found

    def fingerprint(self) -> bytes:
        """What changes with any answer; nothing where all are the defaults."""
        return b"" if self == Answers() else repr(self).encode()


QUESTIONS = tuple(vars(Answers()))
"""The questions in the order of the sheet."""

_RANGES = {
    **dict.fromkeys(("service_a", "service_b", "service_c", "service_strategic"), (0.5, 0.9999)),
    **dict.fromkeys(("longest_cover", "strategic_weeks"), (0.0, 52.0)),
    "launch_months": (0.0, 12.0),
    **dict.fromkeys(("medium_lead", "long_lead"), (0.0, 104.0)),
    "count_tolerance": (0.0, 1.0),
}
"""Smallest and largest of the answers that are numbers."""


def wanted(question: str) -> str | Label | list[Label]:
    """What a question takes, as messages and the sheet say it; blank for any text."""
    if question == "stock_cz":
        return [Label("headers.value.yes"), Label("headers.value.no")]
    if question == "launch_months":
        return "0, 1, ... 12"
    if question not in _RANGES:
        return ""
    low, high = _RANGES[question]
    return label("headers.range.between", low=low, high=high)


def read_answers(grid: Grid | None, notes: Notebook) -> Answers:
    """The answers of the questionnaire; one that can't be is noted as an error, a blank one takes the default."""
    table = optional_table(grid, notes, QUESTION_COLUMNS[:2])
    if table is None:
        return Answers()
    chosen: dict[str, object] = {}
    rows: dict[str, int] = {}
    asked, answered = table.columns["question"], table.columns["answer"]
    for row, text in zip(table.rows, table.texts("question"), strict=True):
        question = key_of("question", text, QUESTIONS)
        value = cell(table.grid, row, answered)
        if question is None:
            notes.note("warning", "question_unknown", table.grid, row, asked, text=text)
        elif question in rows:
            first = table.grid.place(rows[question], asked)[1]
            notes.note("error", "twice", table.grid, row, asked, what=text, first=first)
        else:
            rows[question] = row
            if not is_blank(value):
                understood = None if isinstance(value, CellError) else _understand(question, value)
                if understood is None:
                    values = {"text": as_text(value), "question": Label(f"headers.question.{question}")}
                    notes.note("error", "answer_wrong", table.grid, row, answered, **values, want=wanted(question))
                else:
                    chosen[question] = understood
    answers = Answers(**chosen)  # type: ignore[arg-type]
    if answers.medium_lead > answers.long_lead:
        _note_leads(table, notes, rows)
    return answers


def _note_leads(table: Table, notes: Notebook, rows: dict[str, int]) -> None:
    row = rows.get("long_lead", rows.get("medium_lead", table.header))
    notes.note("error", "leads_fall", table.grid, row, table.columns["answer"])


def _understand(question: str, value: object) -> object | None:
    if question == "stock_cz":
        return as_flag(value)
    if question not in _RANGES:
        return as_text(value)
    low, high = _RANGES[question]
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if question == "launch_months" and not number.is_integer():
        return None
    return number if low <= number <= high else None
