"""A table in the team's own layout, as the reader of tables wants it: our headers, their rows, their cells' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from smile_xl.language import say
from smile_xl.planning.grid import Grid, Home, Sheets
from smile_xl.planning.layout.fields import BLOCKS, KINDS
from smile_xl.planning.layout.mapping import Layout
from smile_xl.planning.layout.part import Name, PartReader, Source
from smile_xl.planning.srm import ITEM_COLUMNS, STOCK_COLUMNS
from smile_xl.planning.tables import Month, Notebook


@dataclass(frozen=True)
class AdoptedGrid(Grid):
    """A table put together from the sheets that hold it; places are those of the team's own cells."""

    head: int = 1
    sources: list[Source] = field(default_factory=list)
    mapping: Grid = field(default_factory=lambda: Grid("", ()))
    fixed_column: int = 0
    """Column of the fixed values in the sheet Mapping."""

    def place(self, row: int, column: int) -> tuple[str, str]:
        """Sheet and name of the team's cell; of the sheet Mapping for a value that it gives."""
        if row < 0 or not self.sources:
            return self.sheet, ""
        source, own = self._source(row)
        if column >= 0 and source.columns[column] is None and source.lines[column] >= 0:
            return self.mapping.place(source.lines[column], self.fixed_column)
        return source.grid.place(own, (source.columns[column] or 0) if column >= 0 else 0)

    def home_row(self, row: int) -> tuple[str, int]:
        """The team's sheet and row."""
        source, own = self._source(row)
        return source.grid.sheet, own

    def home(self, row: int, column: int) -> Home | None:
        """The team's cell; None for a value that no cell of the sheet holds."""
        source, own = self._source(row)
        place = source.columns[column]
        return None if place is None else Home(source.grid.sheet, own, place)

    def origin(self, row: int, column: int) -> Home | None:
        """The team's cell, or that of the sheet Mapping for a value that it gives."""
        source, _ = self._source(row)
        if source.columns[column] is None and source.lines[column] >= 0:
            return Home(self.mapping.sheet, source.lines[column], self.fixed_column)
        return self.home(row, column)

    def in_own_unit(self, row: int, column: int, value: float) -> float:
        """A figure in the unit of the team's column."""
        source, own = self._source(row)
        factor = source.factors[column]
        return value / (factor if isinstance(factor, float) else factor[source.rows.index(own)])

    def _source(self, row: int) -> tuple[Source, int]:
        """The part of a row, and the row there."""
        if row < self.head:
            return self.sources[0], self.sources[0].header
        place = row - self.head
        for source in self.sources:
            if place < len(source.rows):
                return source, source.rows[place]
            place -= len(source.rows)
        raise IndexError(row)


def adopted(book: Sheets, layout: Layout, table: str, notes: Notebook) -> Grid | None:
    """A table as the sheet Mapping lays it out; None where it does not name it, or can't be read by it."""
    parts = layout.of(table)
    if not parts:
        return None
    own = Notebook()
    read = [PartReader(book.read(part.sheet), part, layout, own) for part in parts]
    columns = _columns(table, read)
    sources = [part.source(columns) for part in read]
    rows: list[Sequence[object]] = _headers(table, columns)
    head = len(rows)
    for part, source in zip(read, sources, strict=True):
        rows += part.values(columns, source)
    notes.findings += own.findings
    if own.has_errors():
        return None
    return AdoptedGrid(parts[0].sheet, rows, head, sources, layout.grid, layout.columns["fixed"])


def _columns(table: str, parts: Sequence[PartReader]) -> list[Name]:
    """Our columns: each field or month that one of the parts has."""
    if table != "srm":
        return [("", name) for name in KINDS[table].fields if any(part.has(name) for part in parts)]
    first = list(parts[0].months("forecast"))
    for part in parts[1:]:
        months = list(part.months("forecast"))
        if months != first and months and first:
            part.fault("map_months_differ", "forecast", first=parts[0].sheet)
    blocks: dict[str, list[str | Month]] = {
        "item": [name for name in ITEM_COLUMNS if any(part.has(name) for part in parts)],
        "forecast": [*first],
        "stock": [name for name in STOCK_COLUMNS if any(part.has(_field(name)) for part in parts)],
    }
    for block in BLOCKS[1:]:
        blocks[block] = sorted({month for part in parts for month in part.months(block)})
    return [(block, name) for block, names in blocks.items() for name in names]


def _field(name: str | Month) -> str:
    """The field of the sheet Mapping that a column of the block Stock belongs to."""
    return "transit" if name in STOCK_COLUMNS[1:] else str(name)


def _headers(table: str, columns: Sequence[Name]) -> list[Sequence[object]]:
    names = [say(f"headers.column.{name}", "en") if isinstance(name, str) else name for _, name in columns]
    if table != "srm":
        return [names]
    blocks = [block for block, _ in columns]
    first = [not place or blocks[place - 1] != block for place, block in enumerate(blocks)]
    bands = [say(f"headers.block.{block}", "en") if new else None for block, new in zip(blocks, first, strict=True)]
    return [bands, names]
