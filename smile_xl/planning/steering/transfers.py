"""What may be moved from one country to another, at what cost, from which quantity on, and how long it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from smile_xl.core import WEEKS_PER_MONTH
from smile_xl.core.checks import Array
from smile_xl.core.matching import Places
from smile_xl.planning.findings import Label, label
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import nearest, plain
from smile_xl.planning.rules import Countries
from smile_xl.planning.settings import Settings
from smile_xl.planning.steering.reading import optional_table, read_yes
from smile_xl.planning.tables import Notebook, Table, column_labels, read_numbers

TRANSFER_COLUMNS = ("from_country", "to_country", "allowed", "cost_per_t", "minimum_t", "transfer_weeks")
"""Columns of the sheet Transfers."""

LONGEST = 52.0
"""Weeks beyond which a transfer is a mistake."""


@dataclass(frozen=True)
class Transfer:
    """One row of the table: what holds for goods that go from one country to another, or stay within one."""

    source: str
    target: str
    allowed: bool
    cost: float
    """Money per tonne, NaN where the row is blank."""
    minimum: float
    """Tonnes, NaN where the row is blank."""
    weeks: float
    """NaN where the row is blank."""


@dataclass(frozen=True)
class Transfers:
    """The rows of the table by the countries that they name."""

    rows: dict[tuple[str, str], Transfer] = field(default_factory=dict)

    def fingerprint(self) -> bytes:
        """What changes with any of the rows; nothing where there is none."""
        return repr(sorted(self.rows.items())).encode() if self.rows else b""


@dataclass(frozen=True)
class Ways:
    """Ways between countries, shape (from, to) each."""

    allowed: np.ndarray
    cost: Array
    """Money per tonne."""
    minimum: Array
    """Tonnes."""
    months: Places
    """Months between the month in which goods leave and the one in which they help."""


def read_transfers(grid: Grid | None, notes: Notebook, countries: Countries, items: pd.DataFrame) -> Transfers:
    """The table of transfers; what can't be read is noted as an error, a way that no item can take as a warning."""
    table = optional_table(grid, notes, TRANSFER_COLUMNS[:2], (), TRANSFER_COLUMNS[2:])
    if table is None:
        return Transfers()
    cost, minimum, weeks = (_numbers(table, notes, column) for column in TRANSFER_COLUMNS[3:])
    for row, number in zip(table.rows, weeks, strict=True):
        if number > LONGEST:
            place, what = table.columns["transfer_weeks"], Label("headers.column.transfer_weeks")
            values = {"value": number, "low": 0, "high": LONGEST, "column": what}
            notes.note("error", "out_of_range", table.grid, row, place, **values)
    rows: dict[tuple[str, str], Transfer] = {}
    first: dict[tuple[str, str], int] = {}
    planned = {plain(name) for name in items["country"].unique()}
    named = [_countries(table, notes, column, countries, planned) for column in TRANSFER_COLUMNS[:2]]
    for index, row in enumerate(table.rows):
        source, target = (column[index] for column in named)
        allowed = read_yes(table, notes, row, "allowed")
        if not (source and target):
            continue
        key = (plain(source), plain(target))
        if key in rows:
            place = table.columns["to_country"]
            values = {"what": f"{source} - {target}", "first": table.grid.place(first[key], place)[1]}
            notes.note("error", "twice", table.grid, row, place, **values)
            continue
        first[key] = row
        rows[key] = Transfer(source, target, allowed is not False, cost[index], minimum[index], weeks[index])
    return Transfers(rows)


def ways(names: Sequence[str], transfers: Transfers, countries: Countries, settings: Settings) -> Ways:
    """The ways between the named countries.

    Without a row, goods may change hands within a country at once and for nothing, and do not leave it.
    """
    shape = (len(names), len(names))
    allowed, cost = np.eye(len(names), dtype=bool), np.zeros(shape)
    minimum, months = np.full(shape, settings.transfer_minimum), np.zeros(shape, dtype=np.int64)
    place = {plain(name): number for number, name in enumerate(names)}
    for (source, target), row in transfers.rows.items():
        if source not in place or target not in place:
            continue
        way = place[source], place[target]
        allowed[way] = row.allowed
        cost[way] = np.nan_to_num(row.cost)
        minimum[way] = settings.transfer_minimum if math.isnan(row.minimum) else row.minimum
        usual = 0.0 if source == target else settings.transfer_weeks
        months[way] = months_on_the_way(usual if math.isnan(row.weeks) else row.weeks, countries[target].landing)
    return Ways(allowed, cost, minimum, months)


def months_on_the_way(weeks: float, landing: Sequence[int]) -> int:
    """Month, counted from the one in which goods leave, in which they have landed: as the country's transit weeks do.

    Goods that take three weeks land like stock in transit that is due in the third week; beyond the eighth, a month has
    4.25 weeks.

    >>> [months_on_the_way(weeks, (0, 0, 0, 1, 1, 1, 1, 2)) for weeks in (0, 3, 3.5, 8, 13)]
    [0, 0, 1, 2, 3]
    """
    week = math.ceil(weeks)
    if week == 0:
        return 0
    if week <= len(landing):
        return max(landing[:week])
    return max(*landing, int(weeks / WEEKS_PER_MONTH))


def _numbers(table: Table, notes: Notebook, column: str) -> list[float]:
    if column not in table.columns:
        return [math.nan] * len(table.rows)
    numbers: list[float] = read_numbers(table, notes, [table.columns[column]], column_labels([column]))[:, 0].tolist()
    return numbers


def _countries(table: Table, notes: Notebook, column: str, countries: Countries, planned: set[str]) -> list[str]:
    """A column of countries; a blank one or one without rules is noted as an error, and blank in the result.

    One without items is noted as a warning: its rules may be built in, under its name in the other language.
    """
    table.note_blanks(notes, column)
    found = []
    for row, text in zip(table.rows, table.texts(column), strict=True):
        rule = countries.get(plain(text))
        if rule is None and text:
            close = nearest(text, tuple(one.name for one in countries.values()))
            near = label("findings.near", name=close) if close else ""
            sheet = Label("headers.sheet.countries")
            values = {"text": text, "table": sheet, "near": near}
            notes.note("error", "country_unknown", table.grid, row, table.columns[column], **values)
        elif rule and plain(text) not in planned:
            notes.note("warning", "transfer_no_item", table.grid, row, table.columns[column], country=rule.name)
        found.append(rule.name if rule else "")
    return found
