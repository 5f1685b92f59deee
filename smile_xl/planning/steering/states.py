"""Stock by ERP state: what is blocked or in quality inspection, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core.checks import Array
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.steering.reading import item_positions, optional_table, read_choice
from smile_xl.planning.tables import Notebook, Table, column_labels, read_numbers

STATES = ("unrestricted", "quality", "blocked")
"""States of the stock on hand; what is in transit stands in SRM."""

STATE_COLUMNS = ("country", "sap_code", "state", "tonnes", "counted")
"""Columns of the sheet Stock by state."""

KILOGRAM = 1e-3
"""Tonnes by which the states of an item may differ from its opening stock."""


@dataclass(frozen=True)
class StockStates:
    """What the sheet says; without it all stock on hand is unrestricted and nothing was counted."""

    item: np.ndarray
    """Item of each row, shape (rows,)."""
    state: list[str]
    """One of ``STATES`` for each row."""
    tonnes: Array
    """Recorded stock, shape (rows,)."""
    counted: Array
    """Counted stock, NaN where it was not counted, shape (rows,)."""

    def given(self, state: str, items: int) -> Array:
        """Recorded tonnes of each item in a state, shape (items,)."""
        found = np.zeros(items)
        here = np.array([one == state for one in self.state], dtype=bool)
        np.add.at(found, self.item[here], self.tonnes[here])
        return found

    def fingerprint(self) -> bytes:
        """What changes with any figure; nothing without rows."""
        if not len(self.item):
            return b""
        return repr((self.item.tolist(), self.state, self.tonnes.tolist(), self.counted.tolist())).encode()


def read_states(grid: Grid | None, notes: Notebook, items: pd.DataFrame, opening: Array) -> StockStates:
    """The stock by state; what can't be read is noted as an error, what differs from ``opening`` as a warning."""
    nothing = StockStates(np.zeros(0, dtype=np.int64), [], np.zeros(0), np.zeros(0))
    table = optional_table(grid, notes, STATE_COLUMNS[:3], ("tonnes",), ("counted",))
    if table is None:
        return nothing
    numbers = [name for name in ("tonnes", "counted") if name in table.columns]
    read = read_numbers(table, notes, [table.columns[name] for name in numbers], column_labels(numbers))
    for column in STATE_COLUMNS[:4]:
        table.note_blanks(notes, column)
    counted = read[:, 1] if len(numbers) > 1 else np.full(len(read), np.nan)
    position = item_positions(items)
    kept: list[tuple[int, int, str]] = []
    keys = zip(table.texts("country"), table.texts("sap_code"), strict=True)
    for place, (row, (country, code)) in enumerate(zip(table.rows, keys, strict=True)):
        item, state = position.get((plain(country), join_key(code))), read_choice(table, notes, row, "state", STATES)
        if item is None and country and code:
            where = table.columns["sap_code"]
            notes.note("warning", "row_unused", table.grid, row, where, country=country, sap_code=code)
        elif item is not None and state and not np.isnan(read[place, 0]):
            kept.append((place, item, state))
    places = [place for place, _, _ in kept]
    found = StockStates(
        item=np.array([item for _, item, _ in kept], dtype=np.int64),
        state=[state for _, _, state in kept],
        tonnes=read[places, 0],
        counted=counted[places],
    )
    _note_differences(table, notes, items, found, opening, [table.rows[place] for place in places])
    return found


def _note_differences(
    table: Table, notes: Notebook, items: pd.DataFrame, found: StockStates, opening: Array, rows: list[int]
) -> None:
    """Items whose states do not add up to their opening stock, at their first row."""
    total = np.zeros(len(items))
    np.add.at(total, found.item, found.tonnes)
    first: dict[int, int] = {}
    for item, row in zip(found.item.tolist(), rows, strict=True):
        first.setdefault(item, row)
    keys = items[["country", "sap_code"]].to_numpy()
    for item, row in first.items():
        if abs(total[item] - max(opening[item], 0.0)) > KILOGRAM:
            values = {"country": keys[item][0], "sap_code": keys[item][1]}
            sums = {"total": round(float(total[item]), 3), "opening": round(float(opening[item]), 3)}
            notes.note("warning", "states_differ", table.grid, row, table.columns["tonnes"], **values, **sums)
