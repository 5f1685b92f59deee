"""Causes of gaps, as the team has found them: a cause from a list and a comment, kept from refresh to refresh."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smile_xl.planning.grid import Grid
from smile_xl.planning.steering.reading import optional_table, read_choice, read_month, read_scope, scopes_of
from smile_xl.planning.tables import Month, Notebook, Table

CAUSES = (
    *("forecast_high", "forecast_low", "late_supply", "early_supply", "minimum_order", "stock_count", "launch"),
    *("delisting", "promotion", "price", "decision", "data_error", "other"),
)
"""The causes to choose from."""

CAUSE_COLUMNS = ("month", "country", "sub_category", "cause", "comment")
"""Columns of the sheet Gap causes."""


@dataclass(frozen=True)
class Cause:
    """Why a country and sub-category are off their target."""

    month: Month | None
    """Start of the cycle whose gap it explains; None for every cycle."""
    country: str
    """Blank for all countries."""
    sub_category: str
    cause: str
    """One of ``CAUSES``; blank where only a comment is given."""
    comment: str


def read_causes(grid: Grid | None, notes: Notebook, items: pd.DataFrame) -> list[Cause]:
    """The rows of the sheet Gap causes; what can't be read is noted as an error."""
    table = optional_table(grid, notes, ("cause", "comment"), (), CAUSE_COLUMNS)
    if table is None:
        return []
    scopes, comments = scopes_of(items), table.texts("comment")
    causes = [
        Cause(
            read_month(table, notes, row, "month"),
            *read_scope(table, notes, row, scopes),
            read_choice(table, notes, row, "cause", CAUSES, topic="cause") or "",
            comment,
        )
        for row, comment in zip(table.rows, comments, strict=True)
    ]
    _note_twice(table, notes, causes)
    return causes


def _note_twice(table: Table, notes: Notebook, causes: list[Cause]) -> None:
    """Note the rows for a month, country and sub-category that an earlier row is for."""
    place = table.columns["cause"]
    first: dict[tuple[Month | None, str, str], int] = {}
    for row, one in zip(table.rows, causes, strict=True):
        key = one.month, one.country, one.sub_category
        if key in first:
            notes.note("warning", "cause_twice", table.grid, row, place, first=table.grid.place(first[key], place)[1])
        first.setdefault(key, row)


def cause_of(causes: list[Cause], start: Month, country: str, sub_category: str) -> Cause | None:
    """What a cycle has for a country and sub-category: a row for exactly these before one for all of a kind."""
    fitting = [
        one
        for one in causes
        if one.month in (None, start) and one.country in ("", country) and one.sub_category in ("", sub_category)
    ]
    return max(fitting, key=lambda one: (bool(one.country) + bool(one.sub_category), bool(one.month)), default=None)
