"""Tables are found by the text of their headers, wherever they stand, and read with every finding in one pass."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np

from smile_xl.core.checks import Array
from smile_xl.planning.findings import Batch, Finding, Label, Severity
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, join_key, key_of, plain

HEADER_ROWS = 200
"""Rows from the top among which a header row is looked for."""

LARGEST = 1e12
"""A quantity or cost beyond this is a mistake, and would swamp all others in a sum."""

YEARS = range(1900, 3000)
"""Years that a month may be in."""

_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-\d{2})?(?:[ T].*)?$")

Month = dt.date
"""A month is the date of its first day."""


@dataclass
class Notebook:
    """Collects findings while tables are read."""

    findings: list[Finding] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    """Findings on many rows, none of them an error."""

    def note(
        self, severity: Severity, code: str, grid: Grid, row: int = -1, column: int = -1, /, **values: object
    ) -> None:
        """Add a finding at a cell of a sheet, at a row (column < 0) or at the sheet (row < 0)."""
        sheet, cell = grid.place(row, column)
        self.findings.append(Finding(severity, code, sheet, cell, values, (row, column)))

    def copy(self) -> Notebook:
        """The same findings, to which others can be added."""
        return Notebook(list(self.findings), list(self.batches))

    def has_errors(self) -> bool:
        """True when an error was found."""
        return any(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True)
class Table:
    """A table in a sheet: where its columns stand and which rows hold data."""

    grid: Grid
    header: int
    columns: dict[str, int]
    rows: list[int]

    def texts(self, column: str) -> list[str]:
        """A column as text, blank where the table does not have it or the cell shows an error."""
        if column not in self.columns:
            return [""] * len(self.rows)
        values = column_values(self.grid, self.rows, self.columns[column])
        if {str, float, type(None)}.issuperset(map(type, values)):  # others may be equal without being the same
            texts = {value: as_text(value) for value in set(values)}
            return [texts[value] for value in values]
        return ["" if isinstance(value, CellError) else as_text(value) for value in values]

    def note_blanks(self, notes: Notebook, column: str, severity: Severity = "error") -> None:
        """Note the cells of a column that are blank; those that show an error are errors in any case."""
        label = Label(f"headers.column.{column}")
        values = column_values(self.grid, self.rows, self.columns[column])
        if {str, float}.issuperset(map(type, values)) and not any(map(is_blank, set(values))):
            return
        for row, value in zip(self.rows, values, strict=True):
            if isinstance(value, CellError):
                note_odd(notes, self.grid, row, self.columns[column], value, label)
            elif is_blank(value):
                notes.note(severity, "blank", self.grid, row, self.columns[column], column=label)


def cell(grid: Grid, row: int, column: int) -> object:
    """Value of a cell; blank beyond the end of its row."""
    values = grid.rows[row]
    return values[column] if column < len(values) else None


def column_values(grid: Grid, rows: Iterable[int], column: int) -> list[object]:
    """Values of a column in some rows; blank beyond the end of a row."""
    lines = grid.rows
    rows = list(rows)
    try:
        return list(map(itemgetter(column), map(lines.__getitem__, rows)))  # most sheets: rows of one length
    except IndexError:
        return [lines[row][column] if column < len(lines[row]) else None for row in rows]


def find_table(
    grid: Grid, notes: Notebook, anchors: tuple[str, ...], required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Table | None:
    """The table whose header row holds the ``anchors``; what is missing or twice is noted as an error."""
    header = find_header(grid, anchors)
    if header is None:
        notes.note("error", "header_missing", grid, columns=column_labels(anchors))
        return None
    columns = header_columns(grid, notes, header, (*anchors, *required, *optional))
    missing = [column for column in required if column not in columns]
    for column in missing:
        notes.note("error", "column_missing", grid, header, column=Label(f"headers.column.{column}"))
    if missing:
        return None
    return Table(grid, header, columns, filled_rows(grid, header + 1, list(columns.values())))


def find_header(grid: Grid, anchors: tuple[str, ...]) -> int | None:
    """The first row that names all the anchors."""
    for row, values in enumerate(grid.rows[:HEADER_ROWS]):
        texts = [value for value in values if isinstance(value, str) and value]
        if all(any(key_of("column", text, (anchor,)) for text in texts) for anchor in anchors):
            return row
    return None


def header_columns(
    grid: Grid, notes: Notebook, header: int, keys: Iterable[str], among: Iterable[int] | None = None
) -> dict[str, int]:
    """Where each of the ``keys`` stands in a header row, or ``among`` some columns of it; a name twice is an error."""
    keys = tuple(dict.fromkeys(keys))
    found: dict[str, int] = {}
    for column in range(len(grid.rows[header])) if among is None else among:
        value = grid.rows[header][column]
        key = key_of("column", value, keys) if isinstance(value, str) and value else None
        if key is None:
            continue
        if key in found:
            label, first = Label(f"headers.column.{key}"), grid.place(header, found[key])[1]
            notes.note("error", "column_twice", grid, header, column, column=label, first=first)
        else:
            found[key] = column
    return found


def filled_rows(grid: Grid, start: int, columns: Sequence[int]) -> list[int]:
    """Rows from ``start`` on in which one of the columns is filled in."""
    filled = []
    for row, values in enumerate(grid.rows[start:], start):
        for column in columns:
            if column < len(values) and not is_blank(values[column]):
                filled.append(row)
                break
    return filled


def column_labels(keys: Iterable[str]) -> tuple[Label, ...]:
    """The columns' names, to be said in the reader's language."""
    return tuple(Label(f"headers.column.{key}") for key in keys)


def read_numbers(
    table: Table,
    notes: Notebook,
    columns: Sequence[int],
    labels: Sequence[object],
    *,
    signed: bool = False,
    blank_is_error: bool = False,
) -> Array:
    """Numbers of some columns, shape (rows, columns), NaN where blank; what is not a number is noted as an error."""
    grid, rows = table.grid, table.rows
    numbers, odd = _numbers(grid, rows, columns)
    for place, index, value in odd:
        note_odd(notes, grid, rows[place], columns[index], value, labels[index])
    with np.errstate(invalid="ignore"):
        large = np.abs(numbers) > LARGEST
        negative = (numbers < 0) & ~large & (not signed)
    for code, wrong in (("too_large", large), ("negative", negative)):
        for place, index in np.argwhere(wrong):
            value = float(numbers[place, index])
            notes.note("error", code, grid, rows[place], columns[index], value=value, column=labels[index])
    if blank_is_error:
        unread = {(place, index) for place, index, _ in odd}
        for place, index in np.argwhere(np.isnan(numbers)):
            if (place, index) not in unread:
                notes.note("error", "blank", grid, rows[place], columns[index], column=labels[index])
    return numbers


def _numbers(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> tuple[Array, list[tuple[int, int, object]]]:
    """Numbers of some columns, and what is neither a number nor blank, by row and column."""
    width = len(columns)
    numbers = np.full((len(rows), width), np.nan)
    odd: list[tuple[int, int, object]] = []
    for index, column in enumerate(columns):
        values = column_values(grid, rows, column)
        if not {float}.issuperset(map(type, values)):
            for place, value in enumerate(values):
                if type(value) is not float and type(value) is not int:
                    values[place] = np.nan
                    if value != "" and not is_blank(value):
                        odd.append((place, index, value))
        numbers[:, index] = values
    return numbers, sorted(odd, key=lambda one: one[:2])


def read_whole(table: Table, notes: Notebook, column: str, low: int, high: int) -> list[int]:
    """A column of whole numbers between ``low`` and ``high``; ``low`` stands in for what is noted as an error."""
    label = Label(f"headers.column.{column}")
    place = table.columns[column]
    numbers = read_numbers(table, notes, [place], [label], signed=True, blank_is_error=True)[:, 0]
    whole: list[int] = []
    for row, number in zip(table.rows, numbers.tolist(), strict=True):
        good = False
        if not np.isnan(number):
            if abs(number) > LARGEST:
                pass  # noted already
            elif not number.is_integer():
                notes.note("error", "not_whole", table.grid, row, place, value=number, column=label)
            elif not low <= number <= high:
                notes.note(
                    "error", "out_of_range", table.grid, row, place, value=number, low=low, high=high, column=label
                )
            else:
                good = True
        whole.append(int(number) if good else low)
    return whole


def read_flags(table: Table, notes: Notebook, column: str) -> list[bool]:
    """A column of yes and no; anything else is noted as an error."""
    label = Label(f"headers.column.{column}")
    flags = []
    for row in table.rows:
        flag = as_flag(cell(table.grid, row, table.columns[column]))
        if flag is None:
            text = as_text(cell(table.grid, row, table.columns[column]))
            notes.note("error", "flag_unknown", table.grid, row, table.columns[column], text=text, column=label)
        flags.append(bool(flag))
    return flags


def as_flag(value: object) -> bool | None:
    """Yes or no as a cell may say it in either language; None for anything else."""
    if isinstance(value, bool):
        return value
    key = key_of("value", as_text(value), ("yes", "no"))
    return None if key is None else key == "yes"


def as_month(value: object) -> Month | None:
    """The month of a date, or of text like 2023-08; None for anything else."""
    year, month = 0, 0
    if isinstance(value, dt.datetime | dt.date):
        year, month = value.year, value.month
    elif isinstance(value, str) and (match := _ISO_MONTH.match(value.strip())):
        year, month = int(match[1]), int(match[2])
    return dt.date(year, month, 1) if year in YEARS and 1 <= month <= 12 else None


def as_date(value: object) -> dt.date | None:
    """The day of a date, or of text like 2023-08-15; None for anything else."""
    day: dt.date | None = None
    if isinstance(value, dt.datetime | dt.date):
        day = dt.date(value.year, value.month, value.day)
    elif isinstance(value, str):
        try:
            day = dt.date.fromisoformat(value.strip()[:10])
        except ValueError:
            return None
    return day if day is not None and day.year in YEARS else None


def month_after(month: Month, count: int = 1) -> Month:
    """The month ``count`` months later.

    >>> month_after(dt.date(2023, 11, 1), 3)
    datetime.date(2024, 2, 1)
    """
    years, index = divmod(month.month - 1 + count, 12)
    return dt.date(month.year + years, index + 1, 1)


def months_between(first: Month, last: Month) -> int:
    """Months from one to another."""
    return (last.year - first.year) * 12 + last.month - first.month


def month_text(month: Month) -> str:
    """A month as tidy rows show it: 2023-08."""
    return f"{month.year:04d}-{month.month:02d}"


def item_keys(
    table: Table, notes: Notebook, *, country: str = "country", code: str = "sap_code"
) -> list[tuple[str, str]]:
    """Country and SAP code of each row; blanks and pairs that stand twice are noted as errors."""
    keys = list(zip(table.texts(country), table.texts(code), strict=True))
    for column in (country, code):
        table.note_blanks(notes, column)
    seen: dict[tuple[str, str], int] = {}
    for row, (name, sap_code) in zip(table.rows, keys, strict=True):
        if not (name and sap_code):
            continue
        key = (plain(name), join_key(sap_code))
        if key in seen:
            first = table.grid.place(seen[key], table.columns[code])[1]
            what = f"{name} {sap_code}"
            notes.note("error", "twice", table.grid, row, table.columns[code], what=what, first=first)
        else:
            seen[key] = row
    return keys


def note_odd(notes: Notebook, grid: Grid, row: int, column: int, value: object, label: object) -> None:
    """Note a cell that should hold a number, or at least no error."""
    if isinstance(value, CellError) and not value.text:
        notes.note("error", "uncalculated", grid, row, column, column=label)
    elif isinstance(value, CellError):
        notes.note("error", "error_cell", grid, row, column, error=value.text, column=label)
    else:
        notes.note("error", "not_a_number", grid, row, column, text=as_text(value), column=label)
