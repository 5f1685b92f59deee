"""Archived inputs as the CSV files that a Master File is made from."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from smile_xl.books.archive.columns import NUMBERS, TEXTS, WEEKS, month_names
from smile_xl.core import HORIZON
from smile_xl.planning.sheets import STEERING_SHEETS
from smile_xl.planning.tables import Month, month_after, month_text

KEYS = TEXTS[:2]
SMALL = ("countries", "statuses", "targets", "opportunities", "safety_policies", *STEERING_SHEETS, "settings")
"""Tables that are CSV files of their own as they stand; those of the steering loop are there if they say something."""


def write_csvs(tables: dict[str, pa.Table], start: Month, folder: Path) -> list[Path]:
    """Write the inputs of a cycle that starts with a month into a folder; numbers keep every digit."""
    items = tables["items"]
    demand = [name for name in items.column_names if re.fullmatch(r"demand_\d+", name)]
    months = {name: month_text(month_after(start, place)) for place, name in enumerate(demand)}
    written = [
        write_csv(folder / "master.csv", [*TEXTS, *NUMBERS], _rows(items, [*TEXTS, *NUMBERS])),
        write_csv(folder / "forecast_t.csv", [*KEYS, *months.values()], _rows(items, [*KEYS, *months])),
        write_csv(folder / "transit_t.csv", [*KEYS, *WEEKS], _rows(items, [*KEYS, *WEEKS])),
        write_csv(folder / "confirmed_orders_t.csv", [*KEYS, "month", "tonnes"], _confirmed(items, start)),
    ]
    for name in SMALL:
        table = tables.get(name)
        if table is not None and table.num_rows:
            names = table.column_names
            written.append(write_csv(folder / f"{name}.csv", names, _rows(table, names)))
    return written


def _confirmed(items: pa.Table, start: Month) -> Iterable[list[object]]:
    names = month_names("confirmed", HORIZON)
    for country, code, *quantities in _rows(items, [*KEYS, *names]):
        for place, tonnes in enumerate(quantities):
            if tonnes is not None:
                yield [country, code, month_text(month_after(start, place)), tonnes]


def _rows(table: pa.Table, names: Sequence[str]) -> Iterable[tuple[object, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def write_csv(path: Path, header: Sequence[object], rows: Iterable[Sequence[object]]) -> Path:
    """Write a new CSV file as ``read_folder`` takes it."""
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_text(value) for value in row] for row in rows)
    return path


def _text(value: object) -> object:
    return str(value).upper() if isinstance(value, bool) else value
