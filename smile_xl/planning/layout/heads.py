"""Headers of a sheet: what stands above each column in one to three rows, whatever of it is merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from smile_xl.planning.grid import Grid, is_blank
from smile_xl.planning.layout.months import MONTH, Readings, month_in
from smile_xl.planning.names import as_text, plain

DEPTHS = (1, 2, 3)
"""Header rows that a table may have."""

WEEK = "{week}"
BETWEEN = " / "
"""Joins the header rows of a column."""

_LONGEST = 120
_WEEK = re.compile(r"(?<![^\W\d_])(week|wk|w|semaine|sem|s)\.?[\s\-+]*0?([1-8])(?!\d)", re.IGNORECASE)
_BRACKETS = re.compile(r"[()\[\]]")
_TIMES = re.compile(r"^(.*?) \[(\d+)\]$")


@dataclass(frozen=True)
class Head:
    """What stands above one column."""

    column: int
    path: tuple[str, ...]
    """Texts from top to bottom, months and weeks replaced by what stands for them."""
    months: Readings = field(default_factory=dict)
    week: int = 0
    time: int = 1
    """Which of the columns, or runs of months, with this text it belongs to."""
    repeated: bool = False

    @property
    def text(self) -> str:
        """The header as the sheet Mapping names it."""
        text = BETWEEN.join(self.path)
        return f"{text} [{self.time}]" if self.repeated else text

    @property
    def key(self) -> str:
        """The form in which headers are compared: a unit in brackets counts."""
        return key_of_header(BETWEEN.join(self.path))


@lru_cache(8192)
def key_of_header(text: str) -> str:
    """A header without case, accents and punctuation; what stands in brackets counts, braces stay."""
    text = text.replace(MONTH, " xmonthx ").replace(WEEK, " xweekx ")
    return plain(_BRACKETS.sub(" ", text))


def split_time(text: str) -> tuple[str, int]:
    """A header of the sheet Mapping, and which of several equal ones it means: 0 where it does not say."""
    found = _TIMES.match(text.strip())
    return (found[1], int(found[2])) if found else (text.strip(), 0)


def heads(grid: Grid, row: int, depth: int) -> list[Head]:
    """The headers whose lowest row is ``row``; a text in a higher row holds up to the next one there."""
    lines = [grid.rows[place] for place in range(row - depth + 1, row + 1)]
    width = max(map(len, lines), default=0)
    held: list[object] = [None] * depth
    found: list[Head] = []
    for column in range(width):
        own = [line[column] if column < len(line) else None for line in lines]
        for level, value in enumerate(own[:-1]):
            if not is_blank(value):
                held[level:-1] = [value, *[None] * (depth - 2 - level)]
        # A header merged downwards stands in its first row.
        values = own[:-1] if is_blank(own[-1]) else [*held[:-1], own[-1]]
        head = head_of(column, values)
        if head is not None:
            found.append(head)
    return _numbered(found)


def head_of(column: int, values: Sequence[object]) -> Head | None:
    """What stands above a column, from the values of its header rows from top to bottom; None for nothing."""
    path: list[str] = []
    months: Readings = {}
    week = 0
    for value in values:
        if is_blank(value):
            continue
        text = " ".join(as_text(value).split())
        month = month_in(value) if not months else None
        if month and month[1]:
            text, months = month
        elif weeks := list(_WEEK.finditer(text)):
            week = int(weeks[-1][2])
            text = f"{text[: weeks[-1].start(2)].rstrip('0')}{WEEK}{text[weeks[-1].end() :]}"
        if len(text) > _LONGEST:
            return None
        if not path or path[-1] != text:
            path.append(text)
    return Head(column, tuple(path), months, 0 if months else week) if path else None


def _numbered(found: list[Head]) -> list[Head]:
    """Equal headers told apart: single ones by their number, months and weeks by their runs."""
    groups: dict[str, list[int]] = {}
    for place, head in enumerate(found):
        groups.setdefault(head.key, []).append(place)
    for places in groups.values():
        times = _times([found[place] for place in places])
        if max(times) > 1:
            for place, time in zip(places, times, strict=True):
                found[place] = replace(found[place], time=time, repeated=True)
    return found


def _times(heads: Sequence[Head]) -> list[int]:
    times: list[int] = []
    seen: list[object] = []
    for head in heads:
        what: object = tuple(sorted(head.months.items())) if head.months else head.week
        if what in seen:
            seen = []
            times.append(times[-1] + 1)
        else:
            times.append(times[-1] if times else 1)
        seen.append(what)
    return times
