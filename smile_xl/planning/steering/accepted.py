"""Accepted lines of a matching: they become rows of Opportunities, below those that are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smile_xl.language import SaidError
from smile_xl.planning.cycle import Cycle, with_inputs
from smile_xl.planning.grid import Grid, Sheets, is_blank
from smile_xl.planning.steering.acceptance import LINE_COLUMNS
from smile_xl.planning.steering.matching import Matching
from smile_xl.planning.tables import Table, cell, month_text

MARKED, ALL = "marked", "all"
"""Which lines are accepted, beside some by their numbers: those marked with yes, or all."""


class AcceptanceError(SaidError):
    """Lines that can't be accepted as asked; the text stands in the catalogue as ``steering.<code>``."""

    topic = "steering"


@dataclass(frozen=True)
class Accepted:
    """A cycle with its accepted lines among the chosen opportunities."""

    cycle: Cycle
    places: list[int]
    """Places of the lines in the matching."""
    row: int
    """Row of Opportunities, counted from 0, of the first line; 0 where the book has no such table."""
    rows: list[dict[int, object]]
    """What goes into the rows from there on, by column."""


def chosen_places(cycle: Cycle, found: Matching, which: str) -> list[int]:
    """Places of the lines that are to be accepted.

    Raises AcceptanceError where a line is no longer what the sheet Matching shows, or there is none of that number.
    """
    cover, shown = found.optimal, cycle.inputs.steering.shown
    lines = zip(cover.month.tolist(), cover.risk.tolist(), cover.donor.tolist(), cover.tonnes.tolist(), strict=True)
    proposed = [(cycle.inputs.months[month], risk, donor, tonnes) for month, risk, donor, tonnes in lines]
    if which == ALL:
        return list(range(len(proposed)))
    if which == MARKED:
        marked = [(number, one) for number, one in enumerate(shown, start=1) if one.accepted]
        if not marked:
            raise AcceptanceError("none_marked")
        places = {place: number for number, one in marked for place, line in enumerate(proposed) if one.is_line(*line)}
        stale = sorted({number for number, _ in marked} - set(places.values()))
        if stale:
            raise AcceptanceError("stale", lines=", ".join(map(str, stale)))
        return sorted(places)
    numbers = sorted({int(text) for text in which.split(",")})
    unknown = [number for number in numbers if not 1 <= number <= len(proposed)]
    if unknown:
        raise AcceptanceError("no_line", lines=", ".join(map(str, unknown)), count=len(proposed))
    stale = [one for one in numbers if one <= len(shown) and not shown[one - 1].is_line(*proposed[one - 1])]
    if stale:
        raise AcceptanceError("stale", lines=", ".join(map(str, stale)))
    return [number - 1 for number in numbers]


def is_choice(text: str) -> bool:
    """Text that says which lines to accept: marked, all, or numbers such as 1,3."""
    return text in (MARKED, ALL) or all(part.isdecimal() and len(part) < 9 for part in text.split(","))


def with_lines(cycle: Cycle, found: Matching, places: Sequence[int], book: Sheets) -> Accepted:
    """The cycle with some lines among its chosen opportunities.

    Raises InputError where the checks then find an error.
    """
    inputs = cycle.inputs
    table = inputs.opportunity_table
    row = _next_row(table) if table else 0
    new = [replace(one, row=row + place) for place, one in enumerate(found.optimal.opportunities(places))]
    place_of = table or Table(Grid("", ()), 0, dict(zip(LINE_COLUMNS, range(len(LINE_COLUMNS)), strict=True)), [])
    changed = with_inputs(
        cycle, replace(inputs, opportunities=[*inputs.opportunities, *new], opportunity_table=place_of), book
    )
    keys = inputs.items[["country", "sap_code"]].to_numpy(dtype=object)
    if "donor_country" not in place_of.columns and any(keys[one.risk][0] != keys[one.donor][0] for one in new):
        raise AcceptanceError("no_donor_country", sheet=place_of.grid.sheet)
    as_dates = table is not None and _shows_dates(table)
    rows: list[dict[int, object]] = []
    for one in new:
        month = inputs.months[one.month]
        values = (month if as_dates else month_text(month), *keys[one.risk], *keys[one.donor], one.tonnes)
        named = dict(zip(LINE_COLUMNS, values, strict=True))
        rows.append({column: named[name] for name, column in place_of.columns.items() if name in named})
    return Accepted(changed, list(places), row, rows)


def _next_row(table: Table) -> int:
    """The first row below all that the table's columns hold."""
    rows = table.grid.rows
    columns = table.columns.values()
    filled = [row for row in range(len(rows)) if any(not is_blank(cell(table.grid, row, one)) for one in columns)]
    return max([table.header, *filled]) + 1


def _shows_dates(table: Table) -> bool:
    """The last month of the table is a date, so that the next one will look like it."""
    last = cell(table.grid, table.rows[-1], table.columns["month"]) if table.rows else None
    return isinstance(last, dt.date) and bool(table.rows) and table.rows[-1] + 1 == _next_row(table)
