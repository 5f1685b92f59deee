"""A list's own totals: where it states a sum, its lines must add up to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

NEAR = 500
"""Other totals, before and after one, that its lines may begin or end at."""


@dataclass(frozen=True)
class Figure:
    """A number of a list, as it stands there."""

    row: int
    field: str
    value: float
    unit: str
    """In the form in which units are compared; blank where none is known."""
    decimals: int | None
    """Decimals shown; None for a number of a workbook, which has them all."""


@dataclass(frozen=True)
class Mismatch:
    """A sum that a list states, and what its lines give instead."""

    row: int
    field: str
    stated: float
    found: float
    first: int
    last: int
    """Rows of the lines."""
    unit: str = ""


def mismatches(stated: Sequence[Figure], lines: Sequence[Figure]) -> list[Mismatch]:
    """Stated sums that no run of lines gives.

    A total may stand below or above its lines, count all of them, those since any earlier total or up to any later
    one, and name a unit: then the lines of that unit alone. Lines that show fewer decimals than their sum may differ
    from it by what rounding hides.
    """
    found = []
    edges = sorted({0, len(lines), *(_place(lines, one.row) for one in stated)})
    for name in dict.fromkeys(one.field for one in stated):
        for unit in dict.fromkeys(one.unit for one in stated if one.field == name):
            own = [one for one in stated if (one.field, one.unit) == (name, unit)]
            counts = [line.field == name and (not unit or not line.unit or line.unit == unit) for line in lines]
            found += _mismatches(own, lines, np.array(counts, dtype=bool), np.array(edges))
    return sorted(found, key=lambda one: (one.row, one.field))


def _mismatches(
    stated: Iterable[Figure], lines: Sequence[Figure], counts: np.ndarray, edges: np.ndarray
) -> list[Mismatch]:
    found = []
    sums = _running(np.array([line.value for line in lines]) * counts)
    shown = max((line.decimals for line in lines if line.decimals is not None), default=None)
    slacks: dict[int | None, np.ndarray] = {}
    for one in stated:
        if one.decimals not in slacks:
            slacks[one.decimals] = _running(np.array([hidden(line.decimals, one.decimals) for line in lines]) * counts)
        slack, place = slacks[one.decimals], _place(lines, one.row)
        middle = int(np.searchsorted(edges, place))
        near = edges[max(0, middle - NEAR) : middle + NEAR]
        starts = np.concatenate(([0, 0], np.minimum(near, place)))
        ends = np.concatenate(([len(lines), place], np.maximum(near, place)))
        difference = np.abs(sums[ends] - sums[starts] - one.value)
        allowed = slack[ends] - slack[starts] + hidden(one.decimals, shown) + 1e-6 * max(1.0, abs(one.value))
        if not (difference <= allowed).any():
            start = int(edges[middle - 1]) if middle else 0
            found.append(_mismatch(one, lines, counts, sums, (start, place if middle else len(lines))))
    return found


def _mismatch(
    one: Figure, lines: Sequence[Figure], counts: np.ndarray, sums: np.ndarray, span: tuple[int, int]
) -> Mismatch:
    """What the lines right above a total give; all lines, where none of its unit stands there."""
    rows: list[int] = []
    for start, end in (span, (0, len(lines))):
        rows = [line.row for line, is_own in zip(lines[start:end], counts[start:end], strict=True) if is_own]
        if rows:
            return Mismatch(one.row, one.field, one.value, float(sums[end] - sums[start]), rows[0], rows[-1], one.unit)
    return Mismatch(one.row, one.field, one.value, 0.0, one.row, one.row, one.unit)


def _running(values: np.ndarray) -> np.ndarray:
    return np.concatenate(([0.0], np.cumsum(values)))


def hidden(shown: int | None, wanted: int | None) -> float:
    """What a number with fewer decimals than another may hide by rounding."""
    if shown is None:
        return 0.0
    return 0.5 * 10.0**-shown if wanted is None or shown < wanted else 0.0


def _place(lines: Sequence[Figure], row: int) -> int:
    """How many lines stand above a row."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        if lines[middle].row < row:
            low = middle + 1
        else:
            high = middle
    return low
