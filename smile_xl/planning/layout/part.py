"""One sheet of the team's own that holds a table: its columns found, its rows read in our units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from smile_xl.planning.findings import Label
from smile_xl.planning.grid import Grid, is_blank
from smile_xl.planning.layout.fields import BLOCKS, FAMILIES, KINDS, family_of, own_unit, topic_of
from smile_xl.planning.layout.heads import Head
from smile_xl.planning.layout.mapping import Layout, Part
from smile_xl.planning.layout.months import MONTH, read_as
from smile_xl.planning.layout.places import locate
from smile_xl.planning.layout.rows import Rows, rows_of
from smile_xl.planning.months import month_said
from smile_xl.planning.names import plain
from smile_xl.planning.srm import RESULT_BLOCKS, STOCK_COLUMNS
from smile_xl.planning.tables import Month, Notebook, column_values

Name = tuple[str, str | Month]
"""A column of ours: its block (of SRM), and its field or month."""

Factor = float | list[float]
"""What a figure in the sheet is worth in our unit: for all rows, or for each; NaN where that can't be said."""

WEIGHT = "net_case_weight"


def _is_nearly_month(head: Head, month: Head) -> bool:
    """True for a header that has digits where the other has its month."""
    around = plain(month.path[-1].replace(MONTH, " "))
    words = plain(head.path[-1])
    return any(letter.isdigit() for letter in words) and (not around or words.startswith(around))


@dataclass(frozen=True)
class Source:
    """Where the rows of one part come from."""

    grid: Grid
    header: int
    rows: list[int]
    columns: list[int | None]
    """By column of ours; None for a value that the sheet Mapping gives, or that the part does not have."""
    lines: list[int]
    """By column of ours the row of the sheet Mapping that speaks of it; below 0 where none does."""
    factors: list[Factor]
    """By column of ours."""


class PartReader:
    """Reads one part; what does not fit is noted."""

    def __init__(self, grid: Grid, part: Part, layout: Layout, notes: Notebook) -> None:
        self.sheet = part.sheet
        self._grid = grid
        self._part = part
        self._layout = layout
        self._notes = notes
        found = locate(grid, part)
        self._row = found.row
        self._every = found.every
        self._heads: dict[str, list[Head]] = {}
        self._check_needs()
        wanted = [name for name, spot in part.spots.items() if spot.header]
        if found.row < 0 and wanted:
            self._note("map_no_headers", part.line, "sheet", sheet=part.sheet)
            return
        for name in wanted:
            if name in found.heads:
                self._take(name, found.heads[name])
            else:
                self.fault("map_header_gone", name, sheet=part.sheet, header=part.spots[name].header)

    def _check_needs(self) -> None:
        """What a plan needs must stand in the sheet or in the mapping."""
        for name in KINDS[self._part.table].required:
            if self._part.spot(name) is None:
                spot = self._part.spots.get(name)
                label = Label(f"{topic_of(self._part.table, name)}.{name}")
                line = spot.line if spot else self._part.line
                self._note("map_empty", line, "header" if spot else "sheet", sheet=self.sheet, field=label)
        for name in BLOCKS if self._part.table == "srm" else ():
            spot = self._part.spots.get(name)
            if spot and not is_blank(spot.fixed):
                self.fault("map_block_fixed", name, field=Label(f"{topic_of('srm', name)}.{name}"))

    def _take(self, name: str, heads: list[Head]) -> None:
        """The columns under a field's header, if they are what the field needs."""
        part, spot = self._part, self._part.spots[name]
        values = {"sheet": part.sheet, "header": spot.header}
        if part.table == "srm" and name in BLOCKS:
            if name in RESULT_BLOCKS and spot.unit not in ("", "t"):
                self.fault("map_result_unit", name, **values)
            months = read_as([head.months for head in heads], spot.order)
            if months is None:
                odd = next(head for head in heads if read_as([head.months], spot.order) is None)
                cell = self._grid.place(self._row, odd.column)[1]
                self.fault("map_month_unread", name, cell=cell, **values)
            elif len(set(months)) < len(months):
                self.fault("map_header_twice", name, **values)
            else:
                self._heads[name] = heads
                self._note_odd_months(name, heads)
        elif name == "transit":
            weeks = sorted(head.week for head in heads)
            if weeks != list(range(1, len(STOCK_COLUMNS))):
                self.fault("map_weeks", name, **values)
            else:
                self._heads[name] = sorted(heads, key=lambda head: head.week)
        elif len(heads) > 1:
            self.fault("map_header_twice", name, **values)
        else:
            self._heads[name] = heads

    def _note_odd_months(self, name: str, heads: list[Head]) -> None:
        """Columns among or beside the months of a block that should be one: a month with a slip in its header."""
        named = {head.column: head for head in self._every}
        band = heads[0].path[:-1]
        label = Label(f"headers.block.{name}")
        columns = [head.column for head in heads]
        for column in range(max(min(columns) - 1, 0), max(columns) + 2):
            head = named.get(column)
            odd = head is not None and not head.months and head.path[:-1] == band and _is_nearly_month(head, heads[0])
            if odd and head is not None:
                self._notes.note("error", "month_not_date", self._grid, self._row, column, text=head.path[-1])
            elif head is None and self._has_figures(column):
                self._notes.note("error", "map_unnamed", self._grid, self._row, column, block=label)

    def _has_figures(self, column: int) -> bool:
        below = column_values(self._grid, range(self._row + 1, len(self._grid.rows)), column)
        return any(type(value) is float and value for value in below)

    def has(self, name: str) -> bool:
        """True for a field that the part has a column or a value for."""
        return self._part.spot(name) is not None

    def months(self, block: str) -> dict[Month, int]:
        """Column of each month of a block."""
        heads = self._heads.get(block, [])
        months = read_as([head.months for head in heads], self._part.spots[block].order) if heads else []
        return {month: head.column for month, head in zip(months or [], heads, strict=True)}

    @cached_property
    def rows(self) -> Rows:
        """The rows below the headers; what was left out is noted."""
        if self._row < 0:
            return Rows()
        table = self._part.table
        known = [name for name in self._heads if name not in RESULT_BLOCKS]  # a result is there for every row
        is_figure = {name: bool(family_of(table, name)) for name in known}
        texts = {name: self._heads[name][0].column for name in known if not is_figure[name]}
        figures = [head.column for name in known if is_figure[name] for head in self._heads[name]]
        found = rows_of(self._grid, self._row, texts, figures, KINDS[table].key, self._part.left_out)
        if found.left_out:
            self._notes.note("info", "map_left_out", self._grid, found.left_out[0], 0, count=len(found.left_out))
        return found

    def source(self, columns: Sequence[Name]) -> Source:
        """Where each of our columns stands in the sheet."""
        fields = [self._field(one) for one in columns]
        lines = [self._part.spots[name].line if name in self._part.spots else -1 for name in fields]
        places = [self._column(one) for one in columns]
        return Source(self._grid, self._row, self.rows.items, places, lines, [self._factor(name) for name in fields])

    def _field(self, column: Name) -> str:
        block, name = column
        if not isinstance(name, str):
            return block
        return "transit" if block == "stock" and name in STOCK_COLUMNS[1:] else name

    def _column(self, column: Name) -> int | None:
        block, name = column
        if not isinstance(name, str):
            return self.months(block).get(name)
        heads = self._heads.get(self._field(column), [])
        if block == "stock" and name in STOCK_COLUMNS[1:]:
            return heads[STOCK_COLUMNS.index(name) - 1].column if heads else None
        return heads[0].column if heads else None

    def _factor(self, name: str) -> Factor:
        """What the figures of a field are worth in our unit."""
        spot, family = self._part.spots.get(name), family_of(self._part.table, name)
        if spot is None or not family:
            return 1.0
        unit = spot.unit or own_unit(self._part.table, name)
        factor = FAMILIES[family][unit]
        return factor if unit != "cases" else [weight * factor for weight in self._weights]

    @cached_property
    def _weights(self) -> list[float]:
        """Net case weight of each row in kg, NaN where none is given."""
        spot = self._part.spot(WEIGHT)
        if spot is None:
            return [math.nan] * len(self.rows.items)
        factor = FAMILIES["weight"].get(spot.unit, 1.0)
        heads = self._heads.get(WEIGHT)
        given = (
            column_values(self._grid, self.rows.items, heads[0].column)
            if heads
            else [spot.fixed] * len(self.rows.items)
        )
        return [value * factor if isinstance(value, float | int) and value > 0 else math.nan for value in given]

    def values(self, columns: Sequence[Name], source: Source) -> list[Sequence[object]]:
        """The rows in our columns and units."""
        lists = [self._values(place, one, source) for place, one in enumerate(columns)]
        return list(zip(*lists, strict=True)) if lists else []

    def _values(self, place: int, column: Name, source: Source) -> list[object]:
        own, factor = source.columns[place], source.factors[place]
        spot = self._part.spots.get(self._field(column))
        if own is None:
            values: list[object] = [spot.fixed if spot else None] * len(source.rows)
        else:
            values = column_values(self._grid, source.rows, own)
        if isinstance(factor, list):
            return [self._of_cases(row, own, value, each)
                    for row, value, each in zip(source.rows, values, factor, strict=True)]  # fmt: skip
        if factor != 1.0:
            return [value * factor if type(value) in (float, int) else value for value in values]  # type: ignore[operator]
        if column[1] == "month":
            return [month_said(value) or value if isinstance(value, str) and value else value for value in values]
        return values

    def _of_cases(self, row: int, column: int | None, value: object, factor: float) -> object:
        if type(value) not in (float, int):
            return value
        if math.isnan(factor) and value:
            label = Label(f"headers.column.{WEIGHT}")
            self._notes.note("error", "map_no_weight", self._grid, row, column or 0, column=label)
        return 0.0 if not value else value * factor  # type: ignore[operator]

    def fault(self, code: str, name: str, **values: object) -> None:
        """Note an error at a field's row of the sheet Mapping."""
        spot = self._part.spots[name]
        self._note(code, spot.line, "header" if spot.header else "fixed", **values)

    def _note(self, code: str, line: int, column: str, **values: object) -> None:
        place = self._layout.columns.get(column, 0)
        self._notes.note("error", code, self._layout.grid, line, place, **values)
