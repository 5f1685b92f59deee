"""Which proposed lines a planner has accepted: marked with yes in the sheet Matching."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smile_xl.planning.grid import Grid
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.steering.reading import item_positions
from smile_xl.planning.tables import Month, Notebook, as_flag, as_month, cell, find_header, find_table

LINE_COLUMNS = ("month", "country", "risk_code", "donor_country", "donor_code", "tonnes")
"""Columns that tell a line, as in the sheet Opportunities."""

_SAME = 1e-6
"""Tonnes within which a line is the same."""


@dataclass(frozen=True)
class Shown:
    """A line as the sheet shows it."""

    month: Month
    risk: int
    """Position of the item at risk."""
    donor: int
    """Position of the item that gives."""
    tonnes: float
    accepted: bool

    def is_line(self, month: Month, risk: int, donor: int, tonnes: float) -> bool:
        """It shows that line."""
        return (self.month, self.risk, self.donor) == (month, risk, donor) and abs(self.tonnes - tonnes) <= _SAME


def read_shown(grid: Grid | None, items: pd.DataFrame) -> tuple[Shown, ...]:
    """The lines that the sheet shows, in its order; none where it was never written. What is no line is left out."""
    anchors = ("risk_code", "donor_code", "accept")
    if grid is None or find_header(grid, anchors) is None:
        return ()
    table = find_table(grid, Notebook(), anchors, tuple(name for name in LINE_COLUMNS if name not in anchors))
    if table is None:
        return ()
    position = item_positions(items)
    texts = [table.texts(column) for column in ("country", "risk_code", "donor_country", "donor_code")]
    found = []
    for row, country, risk_code, donor_country, donor_code in zip(table.rows, *texts, strict=True):
        month = as_month(cell(grid, row, table.columns["month"]))
        tonnes = cell(grid, row, table.columns["tonnes"])
        risk = position.get((plain(country), join_key(risk_code)))
        donor = position.get((plain(donor_country), join_key(donor_code)))
        if month is None or risk is None or donor is None or not isinstance(tonnes, int | float):
            continue
        accepted = as_flag(cell(grid, row, table.columns["accept"])) is True
        found.append(Shown(month, risk, donor, float(tonnes), accepted))
    return tuple(found)
