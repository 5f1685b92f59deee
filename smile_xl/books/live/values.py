"""Values of cells as Excel hands them over, and blocks of cells to be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from smile_xl.planning.grid import CellError

ERROR_BASE = -2146828288
"""COM hands over the error that VBA calls CVErr(2042) as this number plus 2042."""

ERROR_NAMES = {
    2000: "#NULL!",
    2007: "#DIV/0!",
    2015: "#VALUE!",
    2023: "#REF!",
    2029: "#NAME?",
    2036: "#NUM!",
    2042: "#N/A",
    2043: "#GETTING_DATA",
    2045: "#SPILL!",
    2046: "#CONNECT!",
    2047: "#BLOCKED!",
    2048: "#UNKNOWN!",
    2049: "#FIELD!",
    2050: "#CALC!",
}
"""Excel's errors by their number in VBA."""

_ZERO = dt.datetime(1899, 12, 30)
_FIRST_DATE = dt.datetime(1900, 1, 1)
_DAY = dt.timedelta(days=1)

Rows = list[list[Any]]

Part = tuple[int, int, int, int]
"""A rectangle of cells: first row and column, rows, columns."""


def rows_of(block: Any) -> Rows:
    """What Excel gives for a range, always as rows: for one cell it gives the value alone."""
    return [list(row) for row in block] if isinstance(block, tuple | list) else [[block]]


def read_cells(block: Any, exact: Callable[[], Rows]) -> Rows:
    """Values that COM gives for a range, as a ``Grid`` holds them; ``exact`` reads numbers without their format."""
    rows = rows_of(block)
    if any(isinstance(value, Decimal) for row in rows for value in row):
        for row, numbers in zip(rows, exact(), strict=True):
            row[:] = [
                number if isinstance(value, Decimal) else value for value, number in zip(row, numbers, strict=True)
            ]
    for row in rows:
        if not {float, str, type(None)}.issuperset(map(type, row)):
            row[:] = map(cell_value, row)
    return rows


def cell_value(value: Any) -> object:
    """One value as a ``Grid`` holds it; all numbers come as floats, so that an integer is an error's number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return CellError(ERROR_NAMES.get(value - ERROR_BASE, "#VALUE!"))
    if isinstance(value, dt.datetime):
        date = dt.datetime(
            value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond
        )
        return date if date >= _FIRST_DATE else (date - _ZERO) / _DAY  # hours are a part of a day
    return value


def written(values: np.ndarray) -> list[list[float | str | None]]:
    """Values as Excel takes them: it reads #N/A as that error; NaN is a blank."""
    return [[_written(value) for value in row] for row in values.tolist()]


def _written(value: float) -> float | str | None:
    if np.isfinite(value):
        return float(value)
    return None if np.isnan(value) else "#N/A"


def parts_without_formula(formulas: Sequence[Sequence[object]]) -> list[Part]:
    """The rectangles of a block in which no cell has a formula, as few as a row-wise look finds."""
    open_parts: dict[tuple[int, int], int] = {}
    parts: list[Part] = []
    for row, line in enumerate([*formulas, ()]):
        runs = set(_runs(line))
        for run in [run for run in open_parts if run not in runs]:
            first = open_parts.pop(run)
            parts.append((first, run[0], row - first, run[1]))
        for run in runs:
            open_parts.setdefault(run, row)
    return sorted(parts)


def _runs(line: Sequence[object]) -> list[tuple[int, int]]:
    """Start and length of each run of cells without formula."""
    runs: list[tuple[int, int]] = []
    for column, formula in enumerate(line):
        if isinstance(formula, str) and formula.startswith("="):
            continue
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs
