"""What the input tables of the steering loop have in common: all are optional, and most name items."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, join_key, key_of, plain
from smile_xl.planning.tables import (
    Month,
    Notebook,
    Table,
    as_flag,
    as_month,
    cell,
    column_labels,
    find_header,
    find_table,
    item_keys,
    note_odd,
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


def read_choice(table: Table, notes: Notebook, row: int, column: str, choices: tuple[str, ...]) -> str | None:
    """Which of the ``choices`` a cell names; None where it is blank or, noted as an error, something else."""
    value = _filled(table, notes, row, column)
    if value is None:
        return None
    found = key_of("value", as_text(value), choices)
    if found is None:
        want = [Label(f"headers.value.{one}") for one in choices]
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
