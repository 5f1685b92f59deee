"""The Snoozed table: findings that are not listed until a month, because somebody knows about them."""

from __future__ import annotations

from dataclasses import dataclass

from smile_xl.planning.findings import Finding, Label
from smile_xl.planning.grid import Grid, is_blank
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.tables import Month, Notebook, Table, as_month, cell, find_table

SNOOZE_COLUMNS = ("kind", "country", "sap_code", "place", "until", "reason", "by")
"""Columns of the table."""


@dataclass(frozen=True)
class Snooze:
    """One row: which findings, until when, why, and who says so. What is blank does not limit them."""

    kind: str
    country: str
    sap_code: str
    place: str
    """Sheet, or sheet and cell."""
    until: Month
    """The last cycle, by its start month, in which they are snoozed."""
    reason: str
    by: str
    row: int
    """Row of the sheet."""

    def item_key(self) -> tuple[str, str]:
        """Country and code in the form in which they are joined."""
        return plain(self.country), join_key(self.sap_code)

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is one of them."""
        if self.kind != finding.code:
            return False
        if self.sap_code:
            return self.item_key() == (plain(finding.country), join_key(finding.sap_code))
        in_country = not self.country or plain(self.country) == plain(finding.country)
        return in_country and (not self.place or self.place.casefold() in _places(finding.sheet, finding.place))

    def values(self) -> list[object]:
        """The row as the sheet shows it."""
        return [self.kind, self.country, self.sap_code, self.place, self.until, self.reason, self.by]


@dataclass(frozen=True)
class SnoozeTable:
    """The rows of the table and the sheet that they stand in."""

    grid: Grid
    rows: list[Snooze]


def read_snoozes(grid: Grid | None, notes: Notebook) -> SnoozeTable | None:
    """The Snoozed table; a row without kind or month, or with a kind that no check has, is noted."""
    table = find_table(grid, notes, ("kind", "until"), ("country", "sap_code"), SNOOZE_COLUMNS) if grid else None
    if table is None:
        return None
    table.note_blanks(notes, "kind")
    texts = zip(*(table.texts(column) for column in SNOOZE_COLUMNS), strict=True)
    rows = []
    for row, (kind, country, code, place, _, reason, by) in zip(table.rows, texts, strict=True):
        until = _until(table, notes, row)
        if kind and until:
            rows.append(Snooze(kind, country, code, place.replace("$", ""), until, reason, by, row))
    return SnoozeTable(table.grid, rows)


def _until(table: Table, notes: Notebook, row: int) -> Month | None:
    """The month of a row; what is none is noted as an error."""
    place = table.columns["until"]
    value = cell(table.grid, row, place)
    month = as_month(value)
    if month is None:
        column = Label("headers.column.until")
        if is_blank(value):
            notes.note("error", "blank", table.grid, row, place, column=column)
        else:
            notes.note("error", "date_unknown", table.grid, row, place, text=as_text(value), column=column)
    return month


def _places(sheet: str, place: str) -> tuple[str, str]:
    return sheet.casefold(), place.casefold()
