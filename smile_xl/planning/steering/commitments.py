"""Decisions of the meetings, and the actions that follow from them: who does what until when, to what effect."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from smile_xl.planning.drivers import DRIVERS
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import plain
from smile_xl.planning.steering.month import MEETINGS
from smile_xl.planning.steering.reading import (
    note_twice,
    optional_table,
    read_amounts,
    read_choice,
    read_day,
    read_month,
    read_scope,
    scopes_of,
)
from smile_xl.planning.tables import Month, Notebook, month_text

PROGRESS = ("open", "done", "dropped")
"""How far a decision or an action is."""

_COMMON = ("country", "sub_category", "driver", "owner", "due", "expected", "status")
COMMITMENT_COLUMNS = {
    "decisions": ("number", "month", "meeting", "decision", *_COMMON),
    "actions": ("number", "month", "decision_number", "action", *_COMMON),
}
"""Columns of each sheet."""


@dataclass(frozen=True)
class Commitment:
    """A decision or an action."""

    number: str
    month: Month | None
    """Start of the cycle in which it was taken."""
    meeting: str
    """Where a decision was taken, one of ``MEETINGS``; blank for an action."""
    decision: str
    """Number of the decision that an action follows from; blank for a decision."""
    text: str
    country: str
    """Whose stock it changes; blank for all countries."""
    sub_category: str
    driver: str
    """What of the stock it changes, one of the drivers of the bridge; blank for everything."""
    owner: str
    due: dt.date | None
    expected: float
    """What it is to change the projected value of the stock by, in money; NaN where nothing is said."""
    status: str
    """One of ``PROGRESS``."""
    row: int
    """Row of its sheet."""

    def overdue(self, today: dt.date) -> bool:
        """Open, and due before a day."""
        return self.status == "open" and self.due is not None and self.due < today


def read_commitments(key: str, grid: Grid | None, notes: Notebook, items: pd.DataFrame) -> list[Commitment]:
    """The rows of the sheet Decisions or Actions; what can't be read is noted as an error."""
    columns = COMMITMENT_COLUMNS[key]
    what = columns[3]
    table = optional_table(grid, notes, ("number", what), (), columns)
    if table is None:
        return []
    for column in ("number", what):
        table.note_blanks(notes, column)
    note_twice(table, notes, "number")
    texts = {name: table.texts(name) for name in ("number", "decision_number", what, "owner")}
    expected = read_amounts(table, notes, "expected", signed=True)
    scopes, found = scopes_of(items), []
    for place, row in enumerate(table.rows):
        country, sub_category = read_scope(table, notes, row, scopes)
        owner = texts["owner"][place]
        if not owner and texts["number"][place]:
            notes.note("warning", "owner_missing", table.grid, row, table.columns.get("owner", -1))
        found.append(
            Commitment(
                number=texts["number"][place],
                month=read_month(table, notes, row, "month"),
                meeting=read_choice(table, notes, row, "meeting", MEETINGS, topic="meeting") or "",
                decision=texts["decision_number"][place] if what == "action" else "",
                text=texts[what][place],
                country=country,
                sub_category=sub_category,
                driver=read_choice(table, notes, row, "driver", DRIVERS, topic="driver") or "",
                owner=owner,
                due=read_day(table, notes, row, "due"),
                expected=expected[place],
                status=read_choice(table, notes, row, "status", PROGRESS, topic="progress") or "open",
                row=row,
            )
        )
    return found


def note_months(rows: list[Commitment], start: Month, grid: Grid, notes: Notebook) -> None:
    """Note the rows whose effect will never be measured: without their cycle, or of a later one."""
    for one in rows:
        if one.status == "dropped":
            continue
        if one.month is None:
            notes.note("warning", "month_missing", grid, one.row, -1, number=one.number)
        elif one.month > start:
            notes.note("warning", "month_ahead", grid, one.row, -1, number=one.number, month=month_text(one.month))


def note_loose_actions(actions: list[Commitment], decisions: list[Commitment], grid: Grid, notes: Notebook) -> None:
    """Note the actions that name a decision which the book does not have."""
    known = {plain(one.number) for one in decisions}
    for action in actions:
        if action.decision and plain(action.decision) not in known:
            notes.note("warning", "decision_unknown", grid, action.row, -1, number=action.decision)
