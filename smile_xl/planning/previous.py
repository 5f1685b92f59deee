"""The last cycle's projection, as the Projections sheet of a book still holds it when a new cycle is refreshed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smile_xl import language
from smile_xl.core import PROJECTION_MONTHS
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.names import key_of, plain
from smile_xl.planning.sheets import own_sheets
from smile_xl.planning.tables import Month, as_month


@dataclass(frozen=True)
class Previous:
    """What the last cycle projected for the months of this one."""

    cycle: Month
    """First month of the last cycle."""
    totals: dict[str, list[float | None]]
    """Value by country and for all, for each of the ten months of this cycle; None where the last one ended."""


def read_previous(book: Sheets, months: Sequence[Month]) -> Previous | None:
    """The last cycle's totals by country, or None where the book does not hold them.

    The sheet of an earlier cycle gives its own totals. That of this cycle keeps those of the last one in a block of
    their own, so that a second refresh still finds them.
    """
    sheets = own_sheets(book, "projections")
    tables = _tables(book.read(sheets[0])) if sheets else []
    if not tables:
        return None
    own_months, own_rows = tables[0]
    if own_months[0] < months[0]:
        found = {str(row[0]): row[2:] for row in own_rows if plain(row[1]) in _TOTALS}
        return Previous(own_months[0], _by_month(found, own_months, months)) if found else None
    if len(tables) < 2 or own_months[0] != months[0]:
        return None
    kept_months, kept_rows = tables[1]
    cycle = next((month for row in kept_rows if (month := as_month(row[1]))), None)
    found = {str(row[0]): row[2:] for row in kept_rows}
    return Previous(cycle, _by_month(found, kept_months, months)) if cycle and cycle < months[0] else None


_TOTALS = {plain(name) for name in language.names("reports.total")}


def _tables(grid: Grid) -> list[tuple[list[Month], list[Sequence[object]]]]:
    """Months and rows of each table of the sheet: a row that starts with Country and has months, and what follows."""
    tables: list[tuple[list[Month], list[Sequence[object]]]] = []
    inside = False
    for row in grid.rows:
        months = [month for value in row[2:] if (month := as_month(value))]
        if row and key_of("column", row[0] or "", ("country",)) and months:
            tables.append((months, []))
            inside = True
        elif not row or not isinstance(row[0], str) or not row[0] or len(row) < 3:
            inside = False
        elif inside:
            tables[-1][1].append(row)
    return tables


def _by_month(
    rows: dict[str, Sequence[object]], given: Sequence[Month], wanted: Sequence[Month]
) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for name, values in rows.items():
        numbers = {
            month: float(value)
            for month, value in zip(given, values, strict=False)
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        found[name] = [numbers.get(month) for month in wanted[:PROJECTION_MONTHS]]
    return found
