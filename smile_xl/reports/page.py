"""A page: what a sheet shows, as plain data that every book can write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from smile_xl.language import Language

Kind = Literal[
    "text",
    "long_text",
    "sentence",
    "any",
    "tonnes",
    "cash",
    "cost",
    "weeks",
    "share",
    "whole",
    "month",
    "date",
    "difference",
]
"""What a column holds ("any": values of several kinds; "sentence": text that may run over into the empty cells to its
right); it decides the number format, the alignment and the width."""

SPARE_ROWS = 40
"""Rows below a table that formulas and lists of choices already cover, so that a new row just works."""

LONGEST_FOLDED = 200
"""Rows from which a block's sub-totals have nothing to fold."""

SHOWN_LEVELS = 2
"""Levels of a block's rows that are not folded at first."""

Mark = Literal["risk", "warning", "capped", "risk_capped", "warning_capped"]
"""What a cell is marked as: at risk (red), to be looked at (amber), "at least" (51+)."""

Role = Literal["total", "subtotal"]
"""What a row is, beyond an ordinary one."""


@dataclass(frozen=True)
class Column:
    """One column of a block. A month is headed by its date."""

    header: str | dt.date
    kind: Kind
    is_input: bool = False
    """The planner types here."""
    choices: Sequence[str] | str = ()
    """What may be typed, as texts or as a range; nothing else then."""
    formula: str = ""
    """What every cell of the column computes in plain Excel, # standing for its row; the block's values are cached."""


@dataclass(frozen=True)
class Link:
    """A cell that leads to another sheet."""

    sheet: str
    text: str


@dataclass(frozen=True)
class Computed:
    """A cell with a formula of plain Excel, and the value that it has now."""

    formula: str
    value: float | str


@dataclass(frozen=True)
class Rule:
    """A mark that follows the cells as they change: where the formula, said for the first cell, is true."""

    row: int
    column: int
    rows: int
    columns: int
    formula: str
    mark: Mark


@dataclass(frozen=True)
class Series:
    """One series of a chart: its name's cell, and its categories and values as rows and columns of the sheet."""

    name: str
    categories: tuple[int, int, int, int]
    values: tuple[int, int, int, int]
    line: bool = False
    """Drawn as a line over the columns."""
    dashed: bool = False
    clear: bool = False
    """Not to be seen: a column that the next one of the stack stands on."""


@dataclass(frozen=True)
class Chart:
    """A chart beside or below the blocks, its place and the cells of its series counted from 0 in the sheet."""

    title: str
    unit: str
    series: Sequence[Series]
    row: int
    column: int
    kind: Literal["line", "column", "stacked", "scatter"] = "column"
    """A scatter joins points whose categories are numbers."""
    width: int = 620
    height: int = 300
    across: str = ""
    """What the categories are."""
    least: float = 0.0
    """Where the axis of the values begins."""
    shares: bool = False
    """The values are shares, shown in percent."""


@dataclass(frozen=True)
class Formula:
    """An array formula over a rectangle of a block's rows, counted from its first row and column."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True)
class Block:
    """A titled table. Values are text, numbers, dates, ``Link``, ``Computed``, or None for an empty cell.

    Infinity shows the error #N/A.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    title: str = ""
    bands: Sequence[tuple[str, int, int]] = ()
    """Names above the headers: text, first and last column."""
    roles: dict[int, Role] = field(default_factory=dict)
    """Rows that are totals."""
    marks: dict[tuple[int, int], Mark] = field(default_factory=dict)
    """Cells that are marked, by row and column."""
    formulas: Sequence[Formula] = ()
    rules: Sequence[Rule] = ()
    gap: int = 0
    """Empty rows below it, for a chart that stands beside it."""
    filtered: bool = False
    """The reader can filter it; one block of a page."""
    levels: Sequence[int] = ()
    """How deep each row stands under those above it, 0 to 7: the parts of a row follow it and can be folded."""

    @property
    def head(self) -> int:
        """Rows above the first row of values: title, bands, headers."""
        return bool(self.title) + bool(self.bands) + 1

    @property
    def folded(self) -> list[int]:
        """Rows that the reader can fold away under their sub-totals."""
        if "subtotal" not in self.roles.values() or len(self.rows) >= LONGEST_FOLDED:
            return []
        return [row for row in range(len(self.rows)) if row not in self.roles]

    @property
    def outline(self) -> list[tuple[int, int, bool]]:
        """Rows that fold, how deep they stand, and whether they are folded away at first."""
        if self.levels:
            return [(row, level, level > SHOWN_LEVELS) for row, level in enumerate(self.levels) if level]
        return [(row, 1, False) for row in self.folded]

    @property
    def filter_rows(self) -> int:
        """Rows that the reader can filter: all but a total at the end; 0 for none."""
        return len(self.rows) - (self.roles.get(len(self.rows) - 1) == "total") if self.filtered else 0


@dataclass(frozen=True)
class Page:
    """A whole sheet: title, lines of explanation, blocks one below the other with an empty row between."""

    sheet: str
    title: str
    lines: Sequence[str | Computed]
    blocks: Sequence[Block]
    language: Language
    labels: int = 1
    """First columns, which stay in sight when the reader scrolls."""
    charts: Sequence[Chart] = ()

    def named(self, sheet: str) -> Page:
        """The page under another sheet name."""
        return replace(self, sheet=sheet)

    def linked(self, names: Mapping[str, str]) -> Page:
        """The page with links to sheets under other names."""
        blocks = [replace(block, rows=[[_linked(value, names) for value in row] for row in block.rows])
                  for block in self.blocks]  # fmt: skip
        return replace(self, blocks=blocks)

    def starts(self) -> list[int]:
        """Row, counted from 0, on which each block's head starts."""
        rows = []
        row = len(self.lines) + 2
        for block in self.blocks:
            rows.append(row)
            row += block.head + len(block.rows) + block.gap + 1
        return rows

    def first_row(self, block: int = 0) -> int:
        """Row, counted from 0, of a block's first values."""
        return self.starts()[block] + self.blocks[block].head

    def cells(self) -> list[list[object]]:
        """Values of the sheet from A1 on, as the blocks hold them."""
        rows: list[list[object]] = [[text] for text in (self.title, *self.lines)]
        for start, block in zip(self.starts(), self.blocks, strict=True):
            rows += [[] for _ in range(start - len(rows))]
            if block.title:
                rows.append([block.title])
            if block.bands:
                names = {first: text for text, first, _ in block.bands}
                rows.append([names.get(column) for column in range(max(names) + 1)])
            rows.append([column.header for column in block.columns])
            rows += [list(values) for values in block.rows]
        return rows


def _linked(value: object, names: Mapping[str, str]) -> object:
    return Link(names[value.sheet], value.text) if isinstance(value, Link) and value.sheet in names else value
