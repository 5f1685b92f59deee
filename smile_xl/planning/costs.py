"""The Costs table: unit and landed cost of each item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smile_xl.planning.findings import Batch, tonnes
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.srm import SrmSheet
from smile_xl.planning.tables import Notebook, Table, column_labels, find_table, item_keys, read_numbers


def no_costs(items: int) -> tuple[np.ndarray, np.ndarray]:
    """Costs that nobody knows."""
    nothing = np.full(items, np.nan)
    return nothing, nothing


def _read(grid: Grid, notes: Notebook) -> tuple[Table, list[tuple[str, str]], np.ndarray] | None:
    """The Costs table: its rows' keys and costs, shape (rows, 2)."""
    table = find_table(grid, notes, ("country", "sap_code"), ("unit_cost", "landed_cost"))
    if table is None:
        return None
    keys = item_keys(table, notes)
    kinds = ("unit_cost", "landed_cost")
    places = [table.columns[kind] for kind in kinds]
    costs = read_numbers(table, notes, places, column_labels(kinds), blank_is_error=True)
    return table, [(plain(name), join_key(code)) for name, code in keys], costs


def check_costs(grid: Grid, notes: Notebook) -> None:
    """Note what is wrong with the table of a book whose items can't be read."""
    read = _read(grid, notes)
    if read is not None:
        table, _, costs = read
        _check_landed(table, notes, costs, np.full(len(costs), np.nan))


def item_costs(grid: Grid, notes: Notebook, srm: SrmSheet, items: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Unit and landed cost of each item, shape (items,); an item without costs is noted as an error."""
    read = _read(grid, notes)
    if read is None:
        return no_costs(len(items))
    table, keys, costs = read
    place = {key: row for row, key in enumerate(keys)}
    found = [
        place.get((plain(name), join_key(code)), -1)
        for name, code in zip(srm.table.texts("country"), srm.table.texts("sap_code"), strict=True)
    ]
    pairs = zip(items["country"].tolist(), items["sap_code"].tolist(), strict=True)
    held = np.nan_to_num(np.maximum(srm.opening, 0.0) + srm.transit.sum(axis=1))
    for item, (row, position, (name, code)) in enumerate(zip(srm.table.rows, found, pairs, strict=True)):
        if position < 0 and name and code:
            where = srm.table.columns["sap_code"]
            values = {"country": name, "sap_code": code, "table": table.grid.sheet, "tonnes": tonnes(held[item])}
            notes.note("error", "cost_missing", srm.table.grid, row, where, **values)
    unused = len(set(range(len(keys))) - set(found))
    if unused:
        notes.note("info", "cost_unused", table.grid, count=unused)
    on_row = np.zeros(len(costs) + 1)
    on_row[found] = held
    _check_landed(table, notes, costs, on_row[:-1])
    known = np.append(costs, [[np.nan, np.nan]], axis=0)[found]
    return known[:, 0], known[:, 1]


def _check_landed(table: Table, notes: Notebook, costs: np.ndarray, held: np.ndarray) -> None:
    """A landed cost holds the goods as well; at stake is the difference on the stock and transit of the item."""
    rows = np.flatnonzero((costs[:, 1] < costs[:, 0]) & np.isfinite(costs).all(axis=1))
    if not rows.size:
        return

    def values(place: int) -> dict[str, object]:
        unit, landed = costs[rows[place]].tolist()
        return {"unit": unit, "landed": landed}

    batch = Batch(
        severity="warning",
        code="landed_below_unit",
        grid=table.grid,
        rows=np.array(table.rows)[rows],
        columns=np.full(len(rows), table.columns["landed_cost"]),
        countries=np.array(table.texts("country"), dtype=object)[rows],
        codes=np.array(table.texts("sap_code"), dtype=object)[rows],
        cash=(costs[rows, 0] - costs[rows, 1]) * held[rows],
        values=values,
    )
    notes.batches.append(batch)
