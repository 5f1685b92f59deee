"""Where the inputs and results of an item stand in its book: sheet and cell."""

from __future__ import annotations

from collections.abc import Iterable

from smile_xl.planning.cycle import Cycle
from smile_xl.planning.equations import Source
from smile_xl.planning.grid import Sheets, address
from smile_xl.planning.names import as_text, join_key, key_of, plain
from smile_xl.planning.sheets import table_grid
from smile_xl.planning.srm import RESULT_BLOCKS
from smile_xl.planning.tables import Notebook, Table, cell, find_table

Place = tuple[str, int, int]
"""Sheet, row and column, which count from 0."""

_RULES = {"country_row": ("countries", "country", "frozen"), "status_row": ("statuses", "status", "proposes")}
_SETTINGS = ("safety_method", "net_transit")
_BY_ITEM = {"unit_cost": "costs", "landed_cost": "costs", "policy": "safety_policies"}
"""Sheet of the columns that stand in a table of their own, one row per item."""


class Places:
    """Finds the cells of a cycle's book."""

    def __init__(self, book: Sheets, cycle: Cycle) -> None:
        self._book = book
        self._inputs = cycle.inputs
        self._srm = cycle.inputs.srm
        self._tables: dict[str, tuple[Table | None, dict[tuple[str, str], int]]] = {}

    def named(self, item: int, sources: Iterable[Source]) -> str:
        """Names of cells, those side by side as one range: SRM!M12:X12, Costs!D12."""
        found = list(dict.fromkeys(place for source in sources if (place := self.of(item, source))))
        runs: list[list[Place]] = []
        for sheet, row, column in found:
            if runs and runs[-1][-1] == (sheet, row, column - 1):
                runs[-1].append((sheet, row, column))
            else:
                runs.append([(sheet, row, column)])
        return ", ".join(_name(run) for run in runs)

    def of(self, item: int, source: Source) -> Place | None:
        """Cell of a source, None where the book has none."""
        if source.block in _BY_ITEM:
            return self._item_row(item, source.block)
        if source.block in _RULES:
            return self._rule(item, source.block)
        if source.block in _SETTINGS:
            return self._setting(source.block)
        column = self._column(source)
        return None if column is None else _home(self._srm.table, self._srm.table.rows[item], column)

    def _column(self, source: Source) -> int | None:
        """Column of a source in SRM."""
        srm = self._srm
        match source.block:
            case "forecast":
                return srm.demand_columns[source.place]
            case "opening":
                return srm.opening_column
            case "transit":
                return srm.transit_columns[source.place]
            case "confirmed":
                return srm.confirmed_columns.get(source.place)
            case block if block in RESULT_BLOCKS:
                return srm.results.get(block, {}).get(source.place)
            case column:
                return srm.table.columns.get(column)

    def _item_row(self, item: int, column: str) -> Place | None:
        table, rows = self._items(_BY_ITEM[column])
        names = self._inputs.items.iloc[item]
        row = rows.get((plain(names["country"]), join_key(names["sap_code"])))
        return _home(table, row, table.columns[column]) if table and row is not None else None

    def _rule(self, item: int, kind: str) -> Place | None:
        key, column, other = _RULES[kind]
        table = self._table(key, (column, other))
        if table is None:
            return None
        wanted = plain(self._inputs.items.iloc[item][column])
        rows = [row for row, name in zip(table.rows, table.texts(column), strict=True) if plain(name) == wanted]
        return _home(table, rows[0], table.columns[column]) if rows else None

    def _setting(self, name: str) -> Place | None:
        table = self._table("settings", ("setting", "value"))
        for row in table.rows if table else ():
            if table and key_of("setting", as_text(cell(table.grid, row, table.columns["setting"]))) == name:
                return _home(table, row, table.columns["value"])
        return None

    def _items(self, key: str) -> tuple[Table | None, dict[tuple[str, str], int]]:
        """A table with one row per item, and the row of each."""
        if key not in self._tables:
            columns = [column for column, sheet in _BY_ITEM.items() if sheet == key]
            table = self._table(key, ("country", "sap_code", *columns))
            keys = zip(table.texts("country"), table.texts("sap_code"), strict=True) if table else ()
            rows = zip(table.rows if table else (), keys, strict=True)
            self._tables[key] = table, {(plain(name), join_key(code)): row for row, (name, code) in rows}
        return self._tables[key]

    def _table(self, key: str, columns: tuple[str, ...]) -> Table | None:
        grid = table_grid(self._book, key)
        return find_table(grid, Notebook(), columns, ()) if grid else None


def _home(table: Table, row: int, column: int) -> Place | None:
    """The team's own cell of a table's; the sheet Mapping's where that gives the value."""
    return table.grid.origin(row, column)


def _name(run: list[Place]) -> str:
    (sheet, row, first), (_, _, last) = run[0], run[-1]
    return f"{sheet}!{address(row, first)}" + (f":{address(row, last)}" if last > first else "")
