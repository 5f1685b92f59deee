"""What a sheet could be: its best header row for a table, and the columns that each field could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from smile_xl.core import HORIZON
from smile_xl.planning.grid import Grid, is_blank
from smile_xl.planning.layout.fields import EXACT, KINDS, NEAR, fields_of
from smile_xl.planning.layout.heads import DEPTHS, Head, heads
from smile_xl.planning.layout.months import readings_of
from smile_xl.planning.layout.places import header_rows
from smile_xl.planning.names import as_text

_STOCK_FIELDS = ("opening", "transit", "weeks_cover", "status")
"""A list of items with months is a plan where one of these stands beside them."""


@dataclass(frozen=True)
class Option:
    """A header under which a field may stand, with all its columns."""

    heads: Sequence[Head]
    rank: int

    @property
    def text(self) -> str:
        """The header as the sheet Mapping names it."""
        return self.heads[0].text

    @property
    def columns(self) -> list[int]:
        """Its columns."""
        return [head.column for head in self.heads]


@dataclass(frozen=True)
class Candidate:
    """A sheet as a table: its header rows, and where each field may stand."""

    grid: Grid
    table: str
    row: int
    depth: int
    heads: list[Head]
    options: dict[str, list[Option]] = field(default_factory=dict)
    runs: list[Option] = field(default_factory=list)
    """Runs of 12 months and more that have the name of no block."""
    unread: list[Option] = field(default_factory=list)
    """Columns named as confirmed orders whose months can't be read."""

    @property
    def found(self) -> list[str]:
        """The fields that a plan needs and that were found."""
        named = [name for name in KINDS[self.table].required if self.options.get(name)]
        return named + (["forecast"] if self.runs and "forecast" not in named and self.table == "srm" else [])

    def titles(self) -> list[str]:
        """Texts above the headers."""
        above = self.grid.rows[: self.row - self.depth + 1]
        return [as_text(value) for line in above for value in line if isinstance(value, str) and not is_blank(value)]


def examine(grid: Grid, table: str) -> Candidate | None:
    """A sheet as a table, by its best header row; None where it does not show what tells the table."""
    best: tuple[tuple[int, ...], Candidate] | None = None
    for row in header_rows(grid, table):
        for depth in DEPTHS:
            if depth > row + 1:
                break
            found = _candidate(grid, table, row, depth)
            ranks = sum(options[0].rank for options in found.options.values())
            score = (len(found.found), len(found.options), -ranks, -depth, -row)
            if best is None or score > best[0]:
                best = score, found
    return best[1] if best and _shows(best[1]) else None


def _shows(found: Candidate) -> bool:
    """True where a sheet has the signs of its table."""
    if not all(sign in found.found or found.options.get(sign) for sign in KINDS[found.table].signs):
        return False
    return found.table != "srm" or any(found.options.get(name) for name in _STOCK_FIELDS)


def _candidate(grid: Grid, table: str, row: int, depth: int) -> Candidate:
    found = heads(grid, row, depth)
    options: dict[str, list[Option]] = {}
    runs: list[Option] = []
    unread: list[Option] = []
    for group in _groups(found):
        named = fields_of(table, group[0])
        months = [head.months for head in group]
        if table == "srm" and group[0].months:
            if not readings_of(months, gaps="forecast" not in named):
                unread += [Option(group, rank) for name, rank in named.items() if name == "confirmed"]
                continue
            if len(group) >= HORIZON and not named:
                runs.append(Option(group, NEAR))
            named = {name: rank for name, rank in named.items() if name != "forecast" or len(group) >= HORIZON}
        elif table == "srm" and group[0].week:
            if sorted(head.week for head in group) != list(range(1, 9)):
                continue
        elif len(group) > 1:
            continue
        least = min(named.values(), default=EXACT)
        for name, rank in named.items():
            if rank == least:
                options.setdefault(name, []).append(Option(group, rank))
    for name, own in options.items():
        own.sort(key=lambda option: option.rank)
        if own[0].rank == EXACT:
            options[name] = [option for option in own if option.rank < NEAR]
    return Candidate(grid, table, row, depth, found, options, runs, unread)


def _groups(found: Sequence[Head]) -> list[list[Head]]:
    """Columns that one header of the sheet Mapping names: all months or weeks of a run, or one column."""
    groups: dict[tuple[str, int], list[Head]] = {}
    for head in found:
        groups.setdefault((head.key, head.time), []).append(head)
    return list(groups.values())
