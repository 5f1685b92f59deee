"""Service against stock, as the Simulation sheet of a book still holds it: a refresh does not simulate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smile_xl import language
from smile_xl.planning.grid import Sheets
from smile_xl.planning.names import plain
from smile_xl.planning.sheets import sheets_of

_PLACES = {"factor": 1, "cash": 3, "fill_rate": 6}
"""Columns of the simulation's block, after the country."""


@dataclass(frozen=True)
class Point:
    """One point of the curve, of all countries together."""

    factor: float
    """Safety stock held, over that of today."""
    cash: float
    """Mean cash in stock."""
    fill_rate: float
    """Share of the demand that is met."""
    today: bool


def read_curve(book: Sheets) -> tuple[Point, ...]:
    """The points of the curve in the order of the sheet; none where the book has no simulation."""
    sheets = sheets_of("simulation", book.sheet_names())
    return curve_of(book.read(sheets[0]).rows) if sheets else ()


def curve_of(grid: Sequence[Sequence[object]]) -> tuple[Point, ...]:
    """The points of the curve among the rows of a sheet Simulation."""
    titles = {plain(name) for name in language.names("simulation.block.curve")}
    totals = {plain(name) for name in language.names("reports.grand_total")}
    start = next((place for place, row in enumerate(grid) if row and plain(row[0] or "") in titles), None)
    points: list[Point] = []
    for row in grid[start + 2 :] if start is not None else ():
        if not row or plain(row[0] or "") not in totals:
            break
        numbers = {name: row[place] if place < len(row) else None for name, place in _PLACES.items()}
        given = {name: float(value) for name, value in numbers.items() if isinstance(value, int | float)}
        if len(given) == len(_PLACES):
            today = len(row) > 1 + max(_PLACES.values()) + 1 and bool(row[8])
            points.append(Point(**given, today=today))
    return tuple(points)
