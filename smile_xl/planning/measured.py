"""What was measured of the past: demand against its forecast, receipts against their dates. Both are optional."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from smile_xl.core.checks import Array
from smile_xl.language import say
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.steering.reading import read_yes
from smile_xl.planning.tables import (
    HEADER_ROWS,
    Month,
    Notebook,
    Table,
    as_date,
    as_month,
    cell,
    column_labels,
    find_header,
    find_table,
    note_odd,
    read_numbers,
)

FEWEST_MONTHS = 3
"""Months of an item from which its forecast error is measured."""

FEWEST_RECEIPTS = 5
"""Receipts of a lane from which its delays are measured."""

MEASURED_COLUMNS = {
    "actual_demand": ("country", "sap_code", "month", "forecast", "actual"),
    "receipts": ("country", "sourcing_unit", "planned", "received", "ordered_t", "received_t", "cancelled"),
}
"""Columns of each sheet."""

OPTIONAL = ("ordered_t", "received_t", "cancelled")
"""Columns that a sheet may lack: the indicators need them, the simulation does not."""

_RECEIVED_TONNES = re.compile(r"\s*(received|reçue?s?)\s*\(t\)\s*", re.IGNORECASE)

Lane = tuple[str, str]
"""Sourcing unit and country, in the form in which names are compared."""


@dataclass(frozen=True)
class Awaited:
    """Receipts without a received date: where they stand, and when they were planned on each lane."""

    table: Table
    planned: dict[Lane, list[tuple[dt.date, int]]]
    """Planned date and row of the sheet."""


@dataclass(frozen=True)
class Measured:
    """What the book's past says about its items."""

    demand_error: Array
    """Standard deviation of the demand around its forecast over that forecast, NaN where not measured, (items,)."""
    delays: dict[Lane, Array]
    """Received minus planned date of the receipts of each lane that has enough of them, in weeks."""
    lanes: list[Lane]
    """The lane of each item."""
    rows: dict[str, list[list[object]]]
    """What each sheet holds, in the order of ``MEASURED_COLUMNS``."""
    actuals: dict[tuple[int, Month], float]
    """Actual demand by item and month, t."""
    awaited: Awaited | None = None
    """Receipts that have not come yet."""

    @property
    def delay_sd(self) -> Array:
        """Standard deviation of each item's arrivals around their plan, in weeks, NaN where not measured, (items,)."""
        spread = {lane: float(delays.std()) for lane, delays in self.delays.items()}
        return np.array([spread.get(lane, np.nan) for lane in self.lanes])

    def fingerprint(self) -> bytes:
        """What changes with any of the figures; nothing where nothing was measured."""
        if not any(self.rows.values()):
            return b""
        delays = [(lane, delays.tolist()) for lane, delays in sorted(self.delays.items())]
        return repr((self.demand_error.tolist(), delays, self.rows)).encode()


def lane_of(sourcing_unit: str, country: str) -> Lane:
    """The lane of goods."""
    return plain(sourcing_unit), plain(country)


def read_measured(actuals: Grid | None, receipts: Grid | None, notes: Notebook, items: pd.DataFrame) -> Measured:
    """The tables of actual demand and of receipts; what can't be read is noted as an error."""
    lanes = [lane_of(*pair) for pair in zip(items["sourcing_unit"].tolist(), items["country"].tolist(), strict=True)]
    rows: dict[str, list[list[object]]] = {"actual_demand": [], "receipts": []}
    error, sold = _demand_error(_table(actuals, "actual_demand", notes), notes, items, rows["actual_demand"])
    awaited: dict[Lane, list[tuple[dt.date, int]]] = {}
    arrivals = _table(receipts, "receipts", notes)
    return Measured(
        demand_error=error,
        actuals=sold,
        delays=_delays(arrivals, notes, set(lanes), rows["receipts"], awaited),
        lanes=lanes,
        rows=rows,
        awaited=Awaited(arrivals, awaited) if arrivals and awaited else None,
    )


def _table(grid: Grid | None, key: str, notes: Notebook) -> Table | None:
    """The table of a sheet; a sheet of the same name with other headers is somebody else's, and is left alone."""
    if grid is None:
        return None
    anchors = MEASURED_COLUMNS[key][:2]
    columns = tuple(name for name in MEASURED_COLUMNS[key][2:] if name not in OPTIONAL)
    if find_header(grid, anchors) is None:
        notes.note("warning", "measured_unread", grid, columns=column_labels(anchors))
        return None
    return find_table(_with_quantities(grid) if key == "receipts" else grid, notes, anchors, columns, OPTIONAL)


def _with_quantities(grid: Grid) -> Grid:
    """The sheet of receipts with "Received (t)" as a quantity: elsewhere a unit in brackets does not count."""
    name = say("headers.column.received_t", "en")
    rows = [
        [name if isinstance(value, str) and _RECEIVED_TONNES.fullmatch(value) else value for value in row]
        if place < HEADER_ROWS
        else row
        for place, row in enumerate(grid.rows)
    ]
    return replace(grid, rows=rows)


def _demand_error(
    table: Table | None, notes: Notebook, items: pd.DataFrame, kept: list[list[object]]
) -> tuple[Array, dict[tuple[int, Month], float]]:
    """Root mean square of actual minus forecast, over the mean forecast, for items with enough months; the actuals."""
    error = np.full(len(items), np.nan)
    if table is None:
        return error, {}
    columns = ("forecast", "actual")
    places = [table.columns[column] for column in columns]
    numbers = read_numbers(table, notes, places, column_labels(columns), blank_is_error=True)
    keys = list(zip(items["country"].tolist(), items["sap_code"].tolist(), strict=True))
    position = {(plain(country), join_key(code)): item for item, (country, code) in enumerate(keys)}
    seen: dict[tuple[int, Month], int] = {}
    sold: dict[tuple[int, Month], float] = {}
    months: dict[int, list[int]] = {}
    unused = 0
    for column in ("country", "sap_code", "month"):
        table.note_blanks(notes, column)
    codes = zip(table.texts("country"), table.texts("sap_code"), strict=True)
    for place, (row, (country, code)) in enumerate(zip(table.rows, codes, strict=True)):
        item = position.get((plain(country), join_key(code)))
        month = _date(table, notes, row, "month", as_month)
        if month is None:
            continue
        kept.append([country, code, month, *numbers[place].tolist()])
        if item is None:
            unused += 1
        elif (item, month) in seen:
            first = table.grid.place(seen[item, month], table.columns["month"])[1]
            what = f"{country} {code} {as_text(month)[:7]}"
            notes.note("error", "twice", table.grid, row, table.columns["month"], what=what, first=first)
        else:
            seen[item, month] = row
            sold[item, month] = numbers[place, 1].item()
            months.setdefault(item, []).append(place)
    if unused:
        notes.note("info", "measured_unused", table.grid, count=unused)
    for item, rows in months.items():
        forecast, actual = numbers[rows].T
        if len(rows) >= FEWEST_MONTHS and forecast.sum() > 0:
            error[item] = np.sqrt(np.mean((actual - forecast) ** 2)) / forecast.mean()
    return error, sold


def _delays(
    table: Table | None,
    notes: Notebook,
    lanes: set[Lane],
    kept: list[list[object]],
    awaited: dict[Lane, list[tuple[dt.date, int]]],
) -> dict[Lane, Array]:
    """Delays of the lanes with enough receipts, in weeks; a receipt that has not come yet goes into ``awaited``."""
    if table is None:
        return {}
    found: dict[Lane, list[float]] = {}
    unused = 0
    for column in ("country", "sourcing_unit", "planned"):
        table.note_blanks(notes, column)
    names = zip(table.texts("country"), table.texts("sourcing_unit"), strict=True)
    quantities = (_quantity(table, notes, column) for column in OPTIONAL[:2])
    has_quantities = all(column in table.columns for column in OPTIONAL[:2])
    for row, (country, unit), *tonnes in zip(table.rows, names, *quantities, strict=True):
        planned, received = (_date(table, notes, row, column, as_date) for column in ("planned", "received"))
        lane = lane_of(unit, country)
        cancelled = read_yes(table, notes, row, "cancelled")
        kept.append([country, unit, planned, received, *tonnes, cancelled])
        ordered, came = tonnes
        if has_quantities and received is not None and not cancelled and (ordered is None) != (came is None):
            missing = OPTIONAL[came is None]
            label = Label(f"headers.column.{missing}")
            notes.note("warning", "receipt_half", table.grid, row, table.columns[missing], column=label)
        if (
            not cancelled
            and planned is not None
            and is_blank(cell(table.grid, row, table.columns["received"]))
            and lane in lanes
        ):
            awaited.setdefault(lane, []).append((planned, row))
        if planned is None or received is None:
            continue
        if lane not in lanes:
            unused += 1
        else:
            found.setdefault(lane, []).append((received - planned).days / 7)
    if unused:
        notes.note("info", "measured_unused", table.grid, count=unused)
    return {lane: np.array(weeks) for lane, weeks in found.items() if len(weeks) >= FEWEST_RECEIPTS}


def _quantity(table: Table, notes: Notebook, column: str) -> list[float | None]:
    if column not in table.columns:
        return [None] * len(table.rows)
    found = read_numbers(table, notes, [table.columns[column]], column_labels([column]))[:, 0].tolist()
    return [None if np.isnan(number) else number for number in found]


def _date(
    table: Table, notes: Notebook, row: int, column: str, read: Callable[[object], dt.date | None]
) -> dt.date | None:
    """The date of a cell; None where it is blank or, noted as an error, none."""
    place = table.columns[column]
    value = cell(table.grid, row, place)
    if is_blank(value):
        return None
    date = read(value)
    if date is None:
        label = Label(f"headers.column.{column}")
        if isinstance(value, CellError):
            note_odd(notes, table.grid, row, place, value, label)
        else:
            notes.note("error", "date_unknown", table.grid, row, place, text=as_text(value), column=label)
    return date
