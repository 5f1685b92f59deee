"""Whether a table is understood by its name and headers alone."""

from __future__ import annotations

from smile_xl.planning.grid import Grid
from smile_xl.planning.layout.fields import KINDS, total_word
from smile_xl.planning.srm import read_srm
from smile_xl.planning.tables import Notebook, find_table

_SHAPE = frozenset(
    ("header_missing", "column_missing", "column_twice", "block_missing", "months_few", "month_gap", "month_not_date",
     "month_twice", "month_outside", "no_rows")
)  # fmt: skip
"""Findings that say that a sheet is not laid out as ours."""

_ANCHORS = {
    "costs": ("country", "sap_code"),
    "opportunities": ("risk_code", "donor_code"),
    "actual_demand": ("country", "sap_code", "month"),
}


def is_readable(grid: Grid, table: str) -> bool:
    """True for a sheet that is laid out as ours, without rows of totals."""
    notes = Notebook()
    kind = KINDS[table]
    if table == "srm":
        srm = read_srm(grid, notes)
        found = srm.table if srm else None
    else:
        anchors = _ANCHORS.get(table, kind.signs)
        found = find_table(grid, notes, anchors, tuple(name for name in kind.required if name not in anchors))
    if found is None or any(finding.code in _SHAPE for finding in notes.findings):
        return False
    place = found.columns[kind.key]
    for row in found.rows:
        values = grid.rows[row]
        own = values[place] if place < len(values) else None
        if total_word(own) or (
            not own and any(total_word(value) for value in values[: max(found.columns.values()) + 1])
        ):
            return False
    return True
