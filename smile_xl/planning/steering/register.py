"""The register of risks and opportunities: what may happen, how likely, what it would do; settled when it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core.calibration import brier_score
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import plain
from smile_xl.planning.steering.reading import (
    note_twice,
    optional_table,
    read_amounts,
    read_choice,
    read_month,
    read_scope,
    read_yes,
    scopes_of,
)
from smile_xl.planning.tables import Month, Notebook, column_labels

KINDS = ("risk", "opportunity")
REGISTER_COLUMNS = (
    *("number", "kind", "event", "country", "sub_category", "owner", "month", "probability", "impact"),
    *("settles", "came_true", "actual_impact"),
)
"""Columns of the sheet Register."""


@dataclass(frozen=True)
class Event:
    """A risk or an opportunity."""

    number: str
    kind: str
    """One of ``KINDS``."""
    text: str
    country: str
    """Blank for all countries."""
    sub_category: str
    owner: str
    month: Month | None
    """Start of the cycle in which it was entered."""
    probability: float
    """0 to 1, as its owner stated it; NaN where nothing is said."""
    impact: float
    """What it would cost, or bring, in money; NaN where nothing is said."""
    settles: Month | None
    """Month at whose end it is known what has happened."""
    came_true: bool | None
    """None until that is known."""
    actual_impact: float
    """What it did cost, or bring; NaN where nothing is said."""
    row: int
    """Row of its sheet."""

    @property
    def weight(self) -> float:
        """Probability times impact, in money; 0 where one of them is not said."""
        weighted = self.probability * self.impact
        return 0.0 if np.isnan(weighted) else weighted


@dataclass(frozen=True)
class Calibration:
    """How an owner's probabilities fitted what came true."""

    owner: str
    events: tuple[str, ...]
    """Numbers of the events that are settled."""
    stated: float
    """Mean of the stated probabilities."""
    happened: float
    """Share of the events that came true."""
    brier: float
    """Brier score: 0 is perfect, 0.25 is what 50 % always earns."""
    expected: float
    """Sum of probability times impact, in money."""
    actual: float
    """What the events did cost or bring, in money, where that is said."""


def read_register(grid: Grid | None, notes: Notebook, items: pd.DataFrame) -> list[Event]:
    """The rows of the sheet Register; what can't be read is noted as an error."""
    table = optional_table(grid, notes, ("number", "event"), (), REGISTER_COLUMNS)
    if table is None:
        return []
    for column in ("number", "event"):
        table.note_blanks(notes, column)
    note_twice(table, notes, "number")
    texts = {name: table.texts(name) for name in ("number", "event", "owner")}
    probabilities, impacts, actuals = (
        read_amounts(table, notes, name) for name in ("probability", "impact", "actual_impact")
    )
    scopes, found = scopes_of(items), []
    for place, row in enumerate(table.rows):
        probability = probabilities[place]
        if probability > 1:
            values = {"value": probability, "low": 0, "high": 1, "column": Label("headers.column.probability")}
            notes.note("error", "out_of_range", table.grid, row, table.columns["probability"], **values)
        country, sub_category = read_scope(table, notes, row, scopes)
        found.append(
            Event(
                number=texts["number"][place],
                kind=read_choice(table, notes, row, "kind", KINDS) or KINDS[0],
                text=texts["event"][place],
                country=country,
                sub_category=sub_category,
                owner=texts["owner"][place],
                month=read_month(table, notes, row, "month"),
                probability=probability,
                impact=impacts[place],
                settles=read_month(table, notes, row, "settles"),
                came_true=read_yes(table, notes, row, "came_true"),
                actual_impact=actuals[place],
                row=row,
            )
        )
    return found


def to_settle(events: Sequence[Event], start: Month) -> list[Event]:
    """Events whose month has passed when a cycle starts, and of which nobody has said whether they came true."""
    return [one for one in events if one.came_true is None and one.settles is not None and one.settles < start]


def note_unsettled(events: Sequence[Event], start: Month, grid: Grid, notes: Notebook) -> None:
    """Note the events that are to be settled."""
    for event in to_settle(events, start):
        notes.note("warning", "event_unsettled", grid, event.row, -1, number=event.number, owner=event.owner or "-")


def note_incomplete(events: Sequence[Event], grid: Grid, notes: Notebook) -> None:
    """Note the open events that lack what weighs them, settles them, or tells whose they are."""
    for event in (one for one in events if one.came_true is None):
        lacks = {
            "owner": not event.owner,
            "probability": np.isnan(event.probability),
            "impact": np.isnan(event.impact),
            "settles": event.settles is None,
        }
        missing = [name for name, is_missing in lacks.items() if is_missing]
        if missing:
            columns = column_labels(missing)
            notes.note("warning", "event_incomplete", grid, event.row, -1, number=event.number, columns=columns)


def calibrations(events: Sequence[Event]) -> list[Calibration]:
    """One row per owner with settled events that had a probability, the most events first."""
    owners: dict[str, list[Event]] = {}
    for event in events:
        if event.came_true is not None and not np.isnan(event.probability):
            owners.setdefault(plain(event.owner), []).append(event)
    rows = [_calibration(own) for own in owners.values()]
    return sorted(rows, key=lambda one: (-len(one.events), one.owner))


def _calibration(events: Sequence[Event]) -> Calibration:
    stated = np.array([event.probability for event in events])
    happened = np.array([bool(event.came_true) for event in events])
    return Calibration(
        owner=events[0].owner,
        events=tuple(event.number for event in events),
        stated=float(stated.mean()),
        happened=float(happened.mean()),
        brier=brier_score(stated, happened),
        expected=sum(event.weight for event in events),
        actual=float(np.nansum([event.actual_impact for event in events if event.came_true])),
    )
