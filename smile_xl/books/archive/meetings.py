"""The tables of the meetings as Parquet: causes of gaps, decisions, actions, the register; columns as in the CSVs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import pyarrow as pa

from smile_xl.planning.steering.causes import CAUSE_COLUMNS
from smile_xl.planning.steering.commitments import COMMITMENT_COLUMNS
from smile_xl.planning.steering.register import REGISTER_COLUMNS
from smile_xl.planning.steering.tables import Steering
from smile_xl.planning.tables import month_text

_NUMBERS = ("expected", "probability", "impact", "actual_impact")
_FLAGS = ("came_true",)
_ATTRIBUTES = {"decision": "text", "action": "text", "event": "text", "decision_number": "decision"}
"""Columns that a row has under another name."""


def meeting_tables(steering: Steering) -> dict[str, pa.Table]:
    """Every table by its name, one row each as the sheet has it."""
    return {
        "gap_causes": _table(CAUSE_COLUMNS, steering.causes),
        "decisions": _table(COMMITMENT_COLUMNS["decisions"], steering.decisions),
        "actions": _table(COMMITMENT_COLUMNS["actions"], steering.actions),
        "register": _table(REGISTER_COLUMNS, steering.register),
    }


def _table(columns: Sequence[str], rows: Sequence[object]) -> pa.Table:
    arrays = {}
    for name in columns:
        values = [_value(getattr(row, _ATTRIBUTES.get(name, name)), name) for row in rows]
        kind = pa.float64() if name in _NUMBERS else pa.bool_() if name in _FLAGS else pa.string()
        arrays[name] = pa.array(values, kind)
    return pa.table(arrays)


def _value(value: object, name: str) -> object:
    """What is kept of a value: months and days as text, blank as nothing."""
    if isinstance(value, dt.date):
        return value.isoformat() if name == "due" else month_text(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if value == "" else value
