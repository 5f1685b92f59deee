"""The sheet Mapping: which of a team's own sheets holds which table, and under which header each field stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from smile_xl import language
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import Grid, Sheets, is_blank
from smile_xl.planning.layout.fields import BLOCKS, FAMILIES, KINDS, family_of, field_said, reading_of, topic_of
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.tables import Notebook, Table, cell, find_table

SUMS = "sums"
"""Stands for sums without a name among the labels of rows left out."""

COLUMNS = ("sheet", "table", "field", "header", "fixed", "reading", "evidence")
"""Columns of the sheet Mapping."""
ORDERS = ("dmy", "mdy", "ymd", "my", "ym", "serial", "swapped")
"""Readings of months."""


@dataclass(frozen=True)
class Spot:
    """Where a field of a table stands in a sheet: under a header, or as one value for all rows."""

    field: str
    header: str = ""
    fixed: object = None
    unit: str = ""
    """The unit of its figures, "" for ours."""
    order: str = ""
    """How its months are read, "" for dates and names."""
    line: int = -1
    """Row of the sheet Mapping; below 0 for what is only proposed."""

    @property
    def empty(self) -> bool:
        """True where the book has no such column."""
        return not self.header and is_blank(self.fixed)


@dataclass(frozen=True)
class Part:
    """One sheet that holds a table, or a part of it below others."""

    sheet: str
    table: str
    depth: int
    """Header rows."""
    left_out: tuple[str, ...]
    """Labels of rows that are no items: totals."""
    spots: dict[str, Spot]
    line: int = -1

    def said(self) -> dict[str, tuple[object, ...]]:
        """What its rows of the sheet Mapping say, by field."""
        return {name: (one.header, one.fixed, one.unit, one.order) for name, one in self.spots.items()}

    def spot(self, name: str) -> Spot | None:
        """Where a field stands; None where the book has no such column."""
        found = self.spots.get(name)
        return None if found is None or found.empty else found


@dataclass(frozen=True)
class Layout:
    """What the sheet Mapping says."""

    grid: Grid
    columns: dict[str, int] = field(default_factory=dict)
    """Columns of the sheet Mapping."""
    parts: list[Part] = field(default_factory=list)
    own: dict[str, int] = field(default_factory=dict)
    """Sheets that are to be left alone, with their row."""

    def of(self, table: str) -> list[Part]:
        """The sheets of a table, in their order."""
        return [part for part in self.parts if part.table == table]

    def holds(self, sheet: str) -> bool:
        """True for a sheet of the team's own that it names."""
        return sheet.casefold() in {name.casefold() for name in (*self.own, *(part.sheet for part in self.parts))}


def own_name(name: str) -> str:
    """The name that a sheet of ours gets where one of the team's own has ours."""
    return f"{name} SMILE"


def mapping_sheet(sheet_names: Sequence[str]) -> str | None:
    """The sheet Mapping, if a book has one."""
    wanted = {plain(name) for name in language.names("headers.sheet.mapping")}
    return next((name for name in sheet_names if plain(name) in wanted), None)


def read_layout(book: Sheets, notes: Notebook) -> Layout | None:
    """What the sheet Mapping of a book says, its faults being noted; None for a book without one."""
    sheet = mapping_sheet(book.sheet_names())
    if sheet is None:
        return None
    grid = book.read(sheet)
    table = find_table(grid, notes, ("sheet", "table", "field"), ("header", "fixed", "reading"))
    if table is None:
        return Layout(grid)
    return _Reader(book, notes, table).layout()


class _Reader:
    """Reads the rows of the sheet Mapping."""

    def __init__(self, book: Sheets, notes: Notebook, table: Table) -> None:
        self._notes = notes
        self._table = table
        self._names = {name.casefold(): name for name in book.sheet_names()}
        self._parts: dict[tuple[str, str], Part] = {}
        self._own: dict[str, int] = {}

    def layout(self) -> Layout:
        texts = {name: self._table.texts(name) for name in COLUMNS if name != "fixed"}
        for place, row in enumerate(self._table.rows):
            self._read(row, {name: column[place] for name, column in texts.items()})
        return Layout(self._table.grid, self._table.columns, list(self._parts.values()), self._own)

    def _read(self, row: int, said: dict[str, str]) -> None:
        sheet = self._names.get(said["sheet"].casefold())
        if sheet is None:
            self._fault("map_sheet_gone", row, "sheet", text=said["sheet"])
            return
        if not said["table"]:
            self._own[sheet] = row
            return
        table = next((key for key in KINDS if plain(said["table"]) in _names_of_table(key)), None)
        if table is None:
            names = tuple(Label(f"headers.sheet.{key}") for key in KINDS)
            self._fault("map_table_unknown", row, "table", text=said["table"], names=names)
            return
        part = self._parts.setdefault((sheet, table), Part(sheet, table, 1, (), {}, row))
        fixed = cell(self._table.grid, row, self._table.columns["fixed"])
        special = next((key for key in ("header_rows", "left_out") if plain(said["field"]) in _row_names(key)), None)
        if special == "header_rows":
            depth = int(fixed) if isinstance(fixed, float | int) and fixed in (1, 2, 3) else 0
            if not depth:
                self._fault("map_header_rows", row, "fixed", text=as_text(fixed))
            self._parts[sheet, table] = _with(part, depth=depth or 1)
        elif special == "left_out":
            texts = [text.strip() for text in as_text(fixed).split(";") if text.strip()]
            labels = tuple(SUMS if plain(text) in _sums() else text for text in texts)
            self._parts[sheet, table] = _with(part, left_out=labels)
        else:
            self._field(part, row, said, fixed)

    def _field(self, part: Part, row: int, said: dict[str, str], fixed: object) -> None:
        name = field_said(part.table, said["field"])
        if name is None:
            names = tuple(Label(f"{topic_of(part.table, one)}.{one}") for one in KINDS[part.table].fields)
            self._fault("map_field_unknown", row, "field", text=said["field"], names=names)
            return
        if name in part.spots:
            self._fault("map_twice", row, "field", first=self._cell(part.spots[name].line, "field"))
            return
        readings = [reading_of(text) for text in said["reading"].split(";") if text.strip()]
        units = tuple(FAMILIES.get(family_of(part.table, name), ()))
        orders = ORDERS if part.table == "srm" and name in BLOCKS else ()
        if any(reading not in (*units, *orders) for reading in readings):
            names = tuple(Label(f"layout.reading.{one}") for one in (*units, *orders))
            self._fault("map_reading_unknown", row, "reading", text=said["reading"], names=names)
            return
        unit = next((reading for reading in readings if reading in units), "") or ""
        order = next((reading for reading in readings if reading in orders), "") or ""
        if isinstance(fixed, str) and fixed.strip().startswith("="):
            fixed = _number_or_text(fixed.strip()[1:].strip())
        part.spots[name] = Spot(name, said["header"], None if is_blank(fixed) else fixed, unit, order, row)
        if said["header"] and not is_blank(fixed):
            self._fault("map_both", row, "fixed")

    def _cell(self, row: int, column: str) -> str:
        return self._table.grid.place(row, self._table.columns[column])[1]

    def _fault(self, code: str, row: int, column: str, **values: object) -> None:
        self._notes.note("error", code, self._table.grid, row, self._table.columns[column], **values)


def _with(part: Part, **changes: object) -> Part:
    return Part(**{**vars(part), **changes})


def _number_or_text(text: str) -> object:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _names_of_table(key: str) -> set[str]:
    return {plain(name) for name in (key, *language.names(f"headers.sheet.{key}"))}


def _sums() -> set[str]:
    return {plain(name) for name in (SUMS, *language.names("layout.total.sums"))}


def _row_names(key: str) -> set[str]:
    return {plain(name) for name in (key, *language.names(f"layout.row.{key}"))}
