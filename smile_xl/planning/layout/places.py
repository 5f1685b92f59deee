"""Where the headers of the sheet Mapping stand in a sheet now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from smile_xl.planning.grid import Grid
from smile_xl.planning.layout.fields import KINDS, fields_of
from smile_xl.planning.layout.heads import BETWEEN, Head, head_of, heads, key_of_header, split_time
from smile_xl.planning.layout.mapping import Part, Spot
from smile_xl.planning.layout.months import month_in
from smile_xl.planning.names import plain
from smile_xl.planning.tables import HEADER_ROWS

FEWEST = 2
"""Columns that the lowest header row has at the least."""


@dataclass(frozen=True)
class Found:
    """The header row of a part, and the columns under the header of each field."""

    row: int
    heads: dict[str, list[Head]]
    every: list[Head] = field(default_factory=list)
    """The headers of all columns."""


def locate(grid: Grid, part: Part) -> Found:
    """The header row under which most of a part's headers stand, the first of equals; row -1 where none does."""
    wanted = {name: _wanted(spot) for name, spot in part.spots.items() if spot.header}
    best = Found(-1, {})
    leaves = {key.rpartition(" ")[2] for key, _ in wanted.values() if key}
    for row in range(part.depth - 1, min(HEADER_ROWS, len(grid.rows))):
        if not _may_be(grid, row, part.depth, leaves):
            continue
        every = heads(grid, row, part.depth)
        found = under(every, wanted)
        if len(found) > len(best.heads):
            best = Found(row, found, every)
            if len(found) == len(wanted):
                break
    return best


def under(heads: Sequence[Head], wanted: dict[str, tuple[str, int]]) -> dict[str, list[Head]]:
    """The columns under the wanted header of each field, of those that have columns."""
    by_key: dict[str, list[Head]] = {}
    for head in heads:
        by_key.setdefault(head.key, []).append(head)
    found = {}
    for name, (key, time) in wanted.items():
        own = [head for head in by_key.get(key, []) if time in (0, head.time)]
        if own:
            found[name] = own
    return found


def _wanted(spot: Spot) -> tuple[str, int]:
    text, time = split_time(spot.header)
    return key_of_header(BETWEEN.join(part.strip() for part in text.split(BETWEEN))), time


def _may_be(grid: Grid, row: int, depth: int, leaves: set[str]) -> bool:
    """True for rows in which a wanted word or a month stands: most rows of figures have none."""
    for line in grid.rows[row - depth + 1 : row + 1]:
        for value in line:
            if value and not isinstance(value, float | bool):
                words = plain(value).split() if isinstance(value, str) else ()
                if (words and words[-1] in leaves) or not isinstance(value, str) or month_in(value):
                    return True
                if isinstance(value, str) and leaves.intersection(key_of_header(value).split()):
                    return True
            elif isinstance(value, float) and month_in(value):
                return True
    return False


def header_rows(grid: Grid, table: str) -> list[int]:
    """Rows that may be the lowest header row of a table: those in which fields or months are named."""
    found = []
    for row, line in enumerate(grid.rows[:HEADER_ROWS]):
        named = sum(1 for value in line if value and _names(table, value))
        if named >= FEWEST or (named and _is_key(table, line)):
            found.append(row)
    return found


def _is_key(table: str, line: Sequence[object]) -> bool:
    key = KINDS[table].key
    return any(isinstance(value, str) and key in fields_of(table, _alone(value)) for value in line)


def _names(table: str, value: object) -> bool:
    if isinstance(value, str):
        head = _alone(value)
        return bool(fields_of(table, head)) or (table == "srm" and bool(head.months))
    return not isinstance(value, bool) and month_in(value) is not None and table == "srm"


def _alone(text: str) -> Head:
    """The header that a text alone would be."""
    return head_of(0, [text]) or Head(0, ())
