"""Scenarios of a dataset: tables of changes in files, beside the items or anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from smile_xl.books.csvs import read_rows
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.language import names
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.scenarios import Change, Scenario, ScenarioError, change_of

COLUMNS = ("scenario", "what", "where", "change")
"""Columns of a table of changes, under any of the names that the sheet Scenarios may give them."""

BASE = "base"
"""Name of what no scenario changes."""


def read_scenarios(asked: Sequence[str], folder: Path) -> tuple[Scenario, ...]:
    """Scenarios by name, from the table beside the items, or all those of a file; raises DatasetError."""
    found: dict[str, Scenario] = {}
    for text in asked:
        path = Path(text)
        if path.suffix.casefold() in (".csv", ".parquet"):
            if not path.is_file():
                raise DatasetError("no_scenario_file", file=text)
            more = _read(path)
        else:
            beside = _beside(folder)
            more = {name: one for name, one in beside.items() if plain(name) == plain(text)}
            if not more:
                raise DatasetError("no_scenario", name=text, known=", ".join(beside) or "-")
        for name, scenario in more.items():
            if plain(name) == BASE or any(plain(name) == plain(other) for other in found):
                raise DatasetError("scenario_twice", name=name)
            found[name] = scenario
    return tuple(found.values())


def _beside(folder: Path) -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    for ending in (".csv", ".parquet"):
        path = folder / f"scenarios{ending}"
        if path.is_file():
            found |= _read(path)
    return found


def _read(path: Path) -> dict[str, Scenario]:
    """The scenarios of a file, in the order in which they come."""
    header, rows = _rows(path)
    titles = [plain(name) for name in header]
    columns = {}
    for key in COLUMNS:
        known = {plain(name) for name in (*names(f"headers.column.{key}"), key)}
        columns[key] = next((place for place, title in enumerate(titles) if title in known), -1)
    missing = [key for key, place in columns.items() if place < 0]  # without ``where``, a change would be of all items
    if missing:
        raise DatasetError("scenario_column", file=path.name, column=", ".join(missing))
    changes: dict[str, list[Change]] = {}
    for number, row in rows:
        scenario, what, where, change = (row[columns[key]] for key in COLUMNS)
        name = as_text(scenario)
        if not name:
            raise DatasetError("scenario_blank", file=path.name, row=number)
        try:
            changes.setdefault(name, []).append(change_of(what, where, change))
        except ScenarioError as error:
            raise DatasetError("scenario_wrong", file=path.name, row=number, error=error) from error
    return {name: Scenario(name, tuple(lines)) for name, lines in changes.items()}


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[object]]]]:
    """Header and numbered rows of a table."""
    if path.suffix.casefold() == ".csv":
        return read_rows(path)
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError("table_unread", file=path.name, reason=" ".join(str(error).split())[:200]) from error
    return list(table.column_names), [(row, list(one.values())) for row, one in enumerate(table.to_pylist(), start=1)]
