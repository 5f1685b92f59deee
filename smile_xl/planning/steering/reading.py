"""What the input tables of the steering loop have in common: all are optional, and most name items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, join_key, key_of, plain
from smile_xl.planning.tables import (
    Month,
    Notebook,
    Table,
    as_date,
    as_flag,
    as_month,
    cell,
    column_labels,
    find_header,
    find_table,
    item_keys,
    note_odd,
    read_numbers,
)


def optional_table(
    grid: Grid | None,
    notes: Notebook,
    anchors: tuple[str, ...],
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
) -> Table | None:
    """The table of a sheet; a sheet of the same name with other headers is somebody else's, and is left alone."""
    if grid is None:
        return None
    if find_header(grid, anchors) is None:
        notes.note("warning", "sheet_unread", grid, columns=column_labels(anchors))
        return None
    return find_table(grid, notes, anchors, required, optional)


def item_positions(items: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Position of each item by its country and SAP code, in the form in which they are joined."""
    keys = zip(items["country"].tolist(), items["sap_code"].tolist(), strict=True)
    return {(plain(country), join_key(code)): place for place, (country, code) in enumerate(keys)}


def rows_of_items(table: Table, notes: Notebook, items: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Row and item of a table with one row per item; rows of items that are not planned are noted, and left out."""
    position = item_positions(items)
    for row, (country, code) in zip(table.rows, item_keys(table, notes), strict=True):
        item = position.get((plain(country), join_key(code)))
        if item is not None:
            yield row, item
        elif country and code:
            where = table.columns["sap_code"]
            notes.note("warning", "row_unused", table.grid, row, where, country=country, sap_code=code)


def read_choice(
    table: Table, notes: Notebook, row: int, column: str, choices: tuple[str, ...], *, topic: str = "value"
) -> str | None:
    """Which of the ``choices`` a cell names; None where it is blank or, noted as an error, something else.

    Their names stand in ``topic`` of the catalogue's headers.
    """
    value = _filled(table, notes, row, column)
    if value is None:
        return None
    found = key_of(topic, as_text(value), choices)
    if found is None:
        want = [Label(f"headers.{topic}.{one}") for one in choices]
        _note(table, notes, row, column, value, "choice_unknown", want=want)
    return found


def read_yes(table: Table, notes: Notebook, row: int, column: str) -> bool | None:
    """Yes or no; None where the cell is blank or, noted as an error, neither."""
    value = _filled(table, notes, row, column)
    if value is None:
        return None
    flag = as_flag(value)
    if flag is None:
        _note(table, notes, row, column, value, "flag_unknown")
    return flag


def read_month(table: Table, notes: Notebook, row: int, column: str) -> Month | None:
    """The month of a cell; None where it is blank or, noted as an error, no month."""
    value = _filled(table, notes, row, column)
    if value is None:
        return None
    month = as_month(value)
    if month is None:
        _note(table, notes, row, column, value, "date_unknown")
    return month


def read_day(table: Table, notes: Notebook, row: int, column: str) -> dt.date | None:
    """The day of a cell; None where it is blank or, noted as an error, no date."""
    value = _filled(table, notes, row, column)
    if value is None:
        return None
    day = as_date(value)
    if day is None:
        _note(table, notes, row, column, value, "date_unknown")
    return day


def read_amounts(table: Table, notes: Notebook, column: str, *, signed: bool = False) -> list[float]:
    """The numbers of a column, NaN where blank or where the table lacks it; anything else is noted as an error."""
    if column not in table.columns:
        return [float("nan")] * len(table.rows)
    places = [table.columns[column]]
    numbers: list[float] = read_numbers(table, notes, places, column_labels([column]), signed=signed)[:, 0].tolist()
    return numbers


Scopes = dict[str, dict[str, str]]
"""Names of the countries and of the sub-categories, by the form in which names are compared."""


def scopes_of(items: pd.DataFrame) -> Scopes:
    """The countries and sub-categories that items have."""
    return {column: {plain(one): one for one in items[column].unique()} for column in ("country", "sub_category")}


def read_scope(table: Table, notes: Notebook, row: int, scopes: Scopes) -> tuple[str, str]:
    """Country and sub-category that a row is about, as the items spell them; blank for all of them."""
    scope = []
    for column, known in scopes.items():
        value = _filled(table, notes, row, column)
        name = ""
        if value is not None:
            name = known.get(plain(as_text(value)), "")
            if not name:
                _note(table, notes, row, column, value, "scope_unknown")
        scope.append(name)
    return scope[0], scope[1]


def note_twice(table: Table, notes: Notebook, column: str) -> None:
    """Note what stands in a column a second time as an error."""
    seen: dict[str, int] = {}
    place = table.columns[column]
    for row, text in zip(table.rows, table.texts(column), strict=True):
        if text and plain(text) in seen:
            first = table.grid.place(seen[plain(text)], place)[1]
            notes.note("error", "twice", table.grid, row, place, what=text, first=first)
        seen.setdefault(plain(text), row)


def _filled(table: Table, notes: Notebook, row: int, column: str) -> object:
    """What a cell holds; None where it is blank, the table lacks the column or, noted, it shows an error."""
    if column not in table.columns:
        return None
    value = cell(table.grid, row, table.columns[column])
    if isinstance(value, CellError):
        note_odd(notes, table.grid, row, table.columns[column], value, Label(f"headers.column.{column}"))
        return None
    return None if is_blank(value) else value


def _note(table: Table, notes: Notebook, row: int, column: str, value: object, code: str, **values: object) -> None:
    label = Label(f"headers.column.{column}")
    notes.note("error", code, table.grid, row, table.columns[column], text=as_text(value), column=label, **values)
