"""The SRM sheet: two header rows (block, column), one row per item, the results beside the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from smile_xl.core import HORIZON, TRANSIT_WEEKS
from smile_xl.core.checks import Array
from smile_xl.core.units import SMALLEST_MULTIPLE
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, key_of
from smile_xl.planning.tables import (
    LARGEST,
    Month,
    Notebook,
    Table,
    as_month,
    column_labels,
    filled_rows,
    find_header,
    header_columns,
    month_after,
    month_text,
    note_odd,
    read_numbers,
)

ITEM_REQUIRED = ("country", "sap_code", "status", "weeks_cover", "sub_category", "brand")
ITEM_COLUMNS = (
    *("country", "sap_code", "description", "status", "net_case_weight", "sourcing_unit", "weeks_cover"),
    *("category", "sub_category", "brand", "moq", "multiple"),
)
STOCK_COLUMNS = ("opening", *(f"W{week}" for week in range(1, TRANSIT_WEEKS + 1)))
RESULT_BLOCKS = ("safety", "orders", "closing")


@dataclass(frozen=True)
class SrmSheet:
    """What the SRM sheet holds, one row per item."""

    table: Table
    months: list[Month]
    """Months of the forecast, 12 or more."""
    demand: Array
    demand_columns: list[int]
    """Column of each month of the forecast."""
    opening: Array
    opening_column: int
    stock_columns: dict[str, int]
    """Column of the opening stock and of each week of transit."""
    transit: Array
    transit_columns: list[int]
    """Column of each of the eight weeks."""
    confirmed: Array
    """Shape (items, 12), NaN where nothing is confirmed."""
    confirmed_columns: dict[int, int]
    """Column of each planned month's confirmed order."""
    weeks_cover: Array
    moq: Array
    multiple: Array
    net_case_weight: Array
    results: dict[str, dict[int, int]]
    """Column of each planned month, by result block."""


def read_srm(grid: Grid, notes: Notebook) -> SrmSheet | None:
    """The SRM sheet; None when it can't be read further, the errors being noted."""
    header = find_header(grid, ("country", "sap_code"))
    if header is None:
        notes.note("error", "header_missing", grid, columns=column_labels(("country", "sap_code")))
        return None
    blocks = _blocks(grid, header)
    columns = {
        block: header_columns(grid, notes, header, keys, blocks.get(block, []))
        for block, keys in (("item", ITEM_COLUMNS), ("stock", STOCK_COLUMNS))
    }
    missing = _missing(notes, grid, header, blocks, columns)
    forecast = _month_columns(grid, notes, header, blocks, "forecast")
    months = _forecast_months(grid, notes, header, forecast, blocks["forecast"]) if "forecast" in blocks else []
    if missing or len(months) < HORIZON:
        return None
    known = [*columns["item"].values(), *columns["stock"].values(), *forecast.values()]
    table = Table(grid, header, columns["item"], filled_rows(grid, header + 1, known))
    if not table.rows:
        notes.note("error", "no_rows", grid, header)
        return None
    confirmed_columns = _planned_columns(grid, notes, header, blocks, "confirmed", months)
    return SrmSheet(
        table=table,
        months=months,
        demand=_quantities(table, notes, "forecast", list(forecast.values()), months),
        demand_columns=list(forecast.values()),
        opening=_stock(table, notes, columns["stock"], STOCK_COLUMNS[:1], signed=True)[:, 0],
        opening_column=columns["stock"]["opening"],
        stock_columns=columns["stock"],
        transit=_stock(table, notes, columns["stock"], STOCK_COLUMNS[1:]),
        transit_columns=[columns["stock"][week] for week in STOCK_COLUMNS[1:]],
        confirmed=_confirmed(table, notes, confirmed_columns, months),
        confirmed_columns=confirmed_columns,
        weeks_cover=_item_numbers(table, notes, "weeks_cover", blank_is_error=True),
        moq=np.nan_to_num(_item_numbers(table, notes, "moq")),
        multiple=_multiple(table, notes),
        net_case_weight=_item_numbers(table, notes, "net_case_weight"),
        results={
            block: _planned_columns(grid, notes, header, blocks, block, months)
            for block in RESULT_BLOCKS
            if block in blocks
        },
    )


def _blocks(grid: Grid, header: int) -> dict[str, list[int]]:
    """Columns of each block: from its name in the row above the headers to the next name; at first the item's."""
    names = grid.rows[header - 1] if header else []
    found: dict[str, list[int]] = {}
    block: str | None = "item"
    for column in range(len(grid.rows[header])):
        name = names[column] if column < len(names) else None
        if isinstance(name, str) and name.strip():
            block = key_of("block", name)
        if block is not None:
            found.setdefault(block, []).append(column)
    return found


def _missing(
    notes: Notebook,
    grid: Grid,
    header: int,
    blocks: dict[str, list[int]],
    columns: dict[str, dict[str, int]],
) -> bool:
    """Note what the sheet lacks; True when it can't be read without."""
    absent = [block for block in ("item", "forecast", "stock") if block not in blocks]
    for block in absent:
        notes.note("error", "block_missing", grid, max(header - 1, 0), -1, block=Label(f"headers.block.{block}"))
    if "confirmed" not in blocks:
        notes.note("warning", "confirmed_missing", grid, block=Label("headers.block.confirmed"))
    lacking = [column for column in ITEM_REQUIRED if column not in columns["item"]] if "item" in blocks else []
    if "stock" in blocks:
        lacking += [column for column in STOCK_COLUMNS if column not in columns["stock"]]
    for column in lacking:
        notes.note("error", "column_missing", grid, header, -1, column=Label(f"headers.column.{column}"))
    return bool(absent or lacking)


def _month_columns(
    grid: Grid, notes: Notebook, header: int, blocks: dict[str, list[int]], block: str
) -> dict[Month, int]:
    """Column of each month of a block; words there are left alone, anything else that is not a month is an error."""
    found: dict[Month, int] = {}
    label = Label(f"headers.block.{block}")
    for column in blocks.get(block, []):
        value = grid.rows[header][column]
        month = as_month(value)
        if month is None:
            if isinstance(value, CellError):
                note_odd(notes, grid, header, column, value, label)
            elif not is_blank(value) and any(letter.isdigit() for letter in as_text(value)):
                notes.note("error", "month_not_date", grid, header, column, text=as_text(value))
        elif month in found:
            notes.note("error", "month_twice", grid, header, column, month=month_text(month), block=label)
        else:
            found[month] = column
    return found


def _forecast_months(
    grid: Grid, notes: Notebook, header: int, columns: dict[Month, int], block: list[int]
) -> list[Month]:
    """The months of the forecast, one after another; a gap or fewer than 12 is an error."""
    months = list(columns)
    if any(not is_blank(grid.rows[header][column]) for column in block if column not in columns.values()):
        odd = [one for one in notes.findings if one.severity == "error" and one.order[0] == header]
        if odd:
            return []  # said already, cell by cell
    for before, month in pairwise(months):
        want = month_after(before)
        if month != want:
            texts = {"before": month_text(before), "got": month_text(month), "want": month_text(want)}
            notes.note("error", "month_gap", grid, header, columns[month], **texts)
            return []
    if len(months) < HORIZON:
        notes.note("error", "months_few", grid, header, block[0], got=len(months))
    return months


def _planned_columns(
    grid: Grid, notes: Notebook, header: int, blocks: dict[str, list[int]], block: str, months: Sequence[Month]
) -> dict[int, int]:
    """Column of each planned month, counted from 0; a month outside the plan is an error."""
    planned = {month: index for index, month in enumerate(months[:HORIZON])}
    found: dict[int, int] = {}
    for month, column in _month_columns(grid, notes, header, blocks, block).items():
        if month in planned:
            found[planned[month]] = column
        else:
            span = {"first": month_text(months[0]), "last": month_text(months[HORIZON - 1])}
            label = Label(f"headers.block.{block}")
            notes.note("error", "month_outside", grid, header, column, month=month_text(month), block=label, **span)
    return found


def _quantities(table: Table, notes: Notebook, block: str, columns: list[int], months: Sequence[Month]) -> Array:
    numbers = read_numbers(table, notes, columns, [month_text(month) for month in months])
    return _blank_is_zero(table, notes, block, numbers)


def _stock(
    table: Table, notes: Notebook, columns: dict[str, int], keys: Sequence[str], *, signed: bool = False
) -> Array:
    labels = column_labels(keys)
    numbers = read_numbers(table, notes, [columns[key] for key in keys], labels, signed=signed)
    return _blank_is_zero(table, notes, "stock", numbers)


def _blank_is_zero(table: Table, notes: Notebook, block: str, numbers: Array) -> Array:
    count = int(np.isnan(numbers).sum())
    if count:
        notes.note("info", "blanks", table.grid, count=count, block=Label(f"headers.block.{block}"))
    return np.nan_to_num(numbers)


def _confirmed(table: Table, notes: Notebook, columns: dict[int, int], months: Sequence[Month]) -> Array:
    confirmed = np.full((len(table.rows), HORIZON), np.nan)
    if columns:
        labels = [month_text(months[index]) for index in columns]
        confirmed[:, list(columns)] = read_numbers(table, notes, list(columns.values()), labels)
        count = int(np.isnan(confirmed).sum())
        if count:
            notes.note("info", "unconfirmed", table.grid, count=count)
    return confirmed


def _multiple(table: Table, notes: Notebook) -> Array:
    """Order multiples, 0 for none; one too small to divide by is an error."""
    multiple = np.nan_to_num(_item_numbers(table, notes, "multiple"))
    for place in np.flatnonzero((multiple > 0) & (multiple < SMALLEST_MULTIPLE)).tolist():
        label, column = Label("headers.column.multiple"), table.columns["multiple"]
        values = {"value": float(multiple[place]), "low": SMALLEST_MULTIPLE, "high": LARGEST, "column": label}
        notes.note("error", "out_of_range", table.grid, table.rows[place], column, **values)
    return multiple


def _item_numbers(table: Table, notes: Notebook, column: str, *, blank_is_error: bool = False) -> Array:
    if column not in table.columns:
        return np.full(len(table.rows), np.nan)
    places = [table.columns[column]]
    return read_numbers(table, notes, places, column_labels([column]), blank_is_error=blank_is_error)[:, 0]
