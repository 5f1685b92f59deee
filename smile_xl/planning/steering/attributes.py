"""What the steering loop has to know about an item beyond SRM: how it flows, where it lies, why it is held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core.checks import Array
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import NO_NAME
from smile_xl.planning.steering.reading import optional_table, read_choice, read_month, read_yes, rows_of_items
from smile_xl.planning.tables import Month, Notebook, column_labels, read_numbers

FLOWS = ("mts", "mto", "ato", "project")
"""How an item is supplied: made to stock, made to order, assembled to order, for a project."""

ATTRIBUTE_COLUMNS = ("country", "sap_code", "flow", "site", "strategic", "launch", "lead_time", "anticipation")
"""Columns of the sheet Item attributes."""


@dataclass(frozen=True)
class Attributes:
    """Attributes of each item; what the sheet does not say has its default."""

    flow: list[str]
    """One of ``FLOWS``; made to stock where nothing is said."""
    site: list[str]
    """Warehouse or plant that holds the item, "-" where nothing is said."""
    strategic: np.ndarray
    """True for an item that must not run out whatever its value, shape (items,)."""
    launch: list[Month | None]
    """First month of sales."""
    lead_time: Array
    """Weeks from an order to its arrival, NaN where nothing is said, shape (items,)."""
    anticipation: list[Month | None]
    """Last month whose demand is stocked ahead, before a peak or a closure."""
    given: tuple[int, ...] = ()
    """Items that the sheet names, in the order of the items."""

    def fingerprint(self) -> bytes:
        """What changes with any of the attributes; nothing where none is given."""
        if not self.given:
            return b""
        columns = (self.flow, self.site, self.strategic, self.launch, self.lead_time, self.anticipation)
        return repr([[str(column[item]) for column in columns] for item in self.given]).encode()


def default_attributes(count: int) -> Attributes:
    """What holds for items of which nothing is said."""
    nothing: list[Month | None] = [None] * count
    return Attributes(
        flow=[FLOWS[0]] * count,
        site=[NO_NAME] * count,
        strategic=np.zeros(count, dtype=bool),
        launch=nothing.copy(),
        lead_time=np.full(count, np.nan),
        anticipation=nothing.copy(),
    )


def read_attributes(grid: Grid | None, notes: Notebook, items: pd.DataFrame) -> Attributes:
    """The attributes of the items; what can't be read is noted as an error."""
    attributes = default_attributes(len(items))
    table = optional_table(grid, notes, ATTRIBUTE_COLUMNS[:3], (), ATTRIBUTE_COLUMNS[3:])
    if table is None:
        return attributes
    weeks = dict.fromkeys(table.rows, np.nan)
    if "lead_time" in table.columns:
        read = read_numbers(table, notes, [table.columns["lead_time"]], column_labels(["lead_time"]))[:, 0]
        weeks = dict(zip(table.rows, read.tolist(), strict=True))
    sites = dict(zip(table.rows, table.texts("site"), strict=True))
    given = []
    for row, item in rows_of_items(table, notes, items):
        given.append(item)
        attributes.flow[item] = read_choice(table, notes, row, "flow", FLOWS) or FLOWS[0]
        attributes.site[item] = sites[row] or NO_NAME
        attributes.strategic[item] = bool(read_yes(table, notes, row, "strategic"))
        attributes.launch[item] = read_month(table, notes, row, "launch")
        attributes.lead_time[item] = weeks[row]
        attributes.anticipation[item] = read_month(table, notes, row, "anticipation")
    return Attributes(**{**vars(attributes), "given": tuple(sorted(given))})
