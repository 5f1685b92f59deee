"""CSV files as the sheets of a book: what ``smile-xl new --data`` makes a Master File from."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from smile_xl.book import BookError
from smile_xl.books.memory import MemoryBook
from smile_xl.core import HORIZON
from smile_xl.language import Language, say
from smile_xl.planning.grid import Grid, column_name
from smile_xl.planning.names import join_key, key_of, meanings, plain
from smile_xl.planning.sheets import STEERING_SHEETS
from smile_xl.planning.srm import ITEM_COLUMNS, STOCK_COLUMNS
from smile_xl.planning.tables import Month, as_month, month_after, month_text

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"^\s*(-?\d+),(\d+)\s*$")
_REQUIRED = ("master.csv", "forecast_t.csv", "transit_t.csv")
_TABLES = {
    "targets.csv": "targets",
    "opportunities.csv": "opportunities",
    "countries.csv": "countries",
    "statuses.csv": "statuses",
    "safety_policies.csv": "safety_policies",
    "actual_demand.csv": "actual_demand",
    "receipts.csv": "receipts",
    **{f"{key}.csv": key for key in STEERING_SHEETS},
    "snoozed.csv": "snoozed",
    "settings.csv": "settings",
}
_COUNTRY_COLUMNS = ("country", "donor_country", "from_country", "to_country")
_TEXT_COLUMNS = ("country", "sap_code", "description", "status", "sourcing_unit", "category", "sub_category", "brand")


def example_folder() -> Path:
    """Where the example data stands, in an installation or in a checkout of the sources."""
    package = Path(__file__).parents[1]
    installed = package / "example_data"
    return installed if installed.is_dir() else package.parent / "workbook" / "data"


def example_tables(spoken: Language, start: Month, items: int = 2) -> MemoryBook:
    """The first items of the example data, planned from a month on."""
    book = read_folder(example_folder(), spoken)
    srm, costs = (book.read(say(f"headers.sheet.{key}", "en")) for key in ("srm", "costs"))
    first = next(month for value in srm.rows[1] if (month := as_month(value)))
    months = {month_after(first, count): month_after(start, count) for count in range(len(srm.rows[1]))}
    heads = [months.get(as_month(value) or start, value) if as_month(value) else value for value in srm.rows[1]]
    settings = [["Setting", "Value"], [say("headers.setting.language", "en"), spoken]]
    rows = {
        srm.sheet: [srm.rows[0], heads, *srm.rows[2 : 2 + items]],
        costs.sheet: costs.rows[: 1 + items],
        say("headers.sheet.settings", "en"): settings,
    }
    return MemoryBook(rows, name="example")


@dataclass(frozen=True)
class _File:
    """A CSV file: its header and its rows as text, and the line of the file on which each row ends."""

    name: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def column(self, key: str) -> int | None:
        return next((place for place, name in enumerate(self.header) if key_of("column", name, (key,))), None)

    def need(self, key: str) -> int:
        place = self.column(key)
        if place is None:
            raise BookError("csv_column", file=self.name, column=key)
        return place

    def months(self) -> dict[Month | str, int]:
        """Columns by month; a header that is none stays text, for the checks to see."""
        keys = {self.need("country"), self.need("sap_code")}
        return {as_month(name) or name: place for place, name in enumerate(self.header) if place not in keys}


@dataclass(frozen=True)
class _CsvGrid(Grid):
    """A grid whose cells come from CSV files: places are named by file, row and column."""

    places: tuple[tuple[tuple[str, int, int], ...], ...] = ()

    def place(self, row: int, column: int) -> tuple[str, str]:
        if row < 0 or row >= len(self.places) or not self.places[row]:
            return self.sheet, ""
        file, line, place = self.places[row][min(max(column, 0), len(self.places[row]) - 1)]
        return file, f"{column_name(place)}{line}" if line else ""


def read_folder(folder: Path, spoken: Language, name: str = "csv") -> MemoryBook:
    """The CSV files of a folder as a book in a language; raises BookError naming file, row and column."""
    if not folder.is_dir():
        raise BookError("csv_folder", folder=folder)
    missing = [name for name in _REQUIRED if not (folder / name).is_file()]
    if missing:
        raise BookError("csv_missing", folder=folder, files=", ".join(missing))
    master, forecast, transit = (_read(folder / name) for name in _REQUIRED)
    confirmed_path = folder / "confirmed_orders_t.csv"
    confirmed = _read(confirmed_path) if confirmed_path.is_file() else None
    grids = [_srm(master, forecast, transit, confirmed), _costs(master)]
    for name_of_file, key in _TABLES.items():
        own = folder / f"{Path(name_of_file).stem}.{spoken}.csv"  # texts that a reader types, in the language
        path = own if own.is_file() else folder / name_of_file
        file = _read(path) if path.is_file() else None
        if key == "settings":
            file = file or _File(name_of_file, ["Setting", "Value"], [], [])
            if not any(key_of("setting", line[0], ("language",)) for line in file.rows if line):
                row = ["Language" if place == file.column("setting") else spoken for place in range(2)]
                file = replace(file, rows=[*file.rows, row], lines=[*file.lines, 0])
        if file is not None:
            grids.append(_table(file, key))
    return MemoryBook([replace(grid, rows=_translated(grid, spoken)) for grid in grids], name=name)


def _is_named(header: object) -> bool:
    """A column that names countries or statuses."""
    return isinstance(header, str) and bool(header) and bool(key_of("column", header, (*_COUNTRY_COLUMNS, "status")))


def read_table(path: Path, key: str) -> Grid:
    """One small table from its CSV file; raises BookError naming file, row and column."""
    return _table(_read(path), key)


def read_rows(path: Path) -> tuple[list[str], list[tuple[int, list[object]]]]:
    """Header of a CSV file, and its rows with the line on which each ends; a number is a float."""
    file = _read(path)
    width = len(file.header)
    values = [[value_of(text) for text in [*line, *[""] * (width - len(line))]] for line in file.rows]
    return file.header, list(zip(file.lines, values, strict=True))


def _translated(grid: Grid, spoken: Language) -> list[list[object]]:
    """Rows of a grid, the built-in countries and statuses in them named in a language."""
    names = {name: key for key in ("country", "status") for name in meanings(key)}

    def said(value: object) -> object:
        topic = names.get(plain(value)) if isinstance(value, str) else None
        return say(f"headers.{topic}.{key_of(topic, value)}", spoken) if topic else value

    header = next((row for row in grid.rows if any(_is_named(name) for name in row)), None)
    columns = [place for place, name in enumerate(header or ()) if _is_named(name)]
    rows = [list(row) for row in grid.rows]
    for row in rows:
        if row is not header:
            for place in columns:
                row[place : place + 1] = [said(value) for value in row[place : place + 1]]
    return rows


def _read(path: Path) -> _File:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BookError("csv_encoding", file=path.name, byte=error.start) from None
    except OSError as error:
        raise BookError("csv_unreadable", file=path.name, reason=error.strerror or error) from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        numbered = [(reader.line_num, line) for line in reader if any(line)]
    except csv.Error as error:
        raise BookError("csv_unreadable", file=path.name, reason=f"{error}, line {reader.line_num}") from None
    if not numbered:
        raise BookError("csv_empty", file=path.name)
    (_, header), *rows = numbered
    named = [month_text(month) if (month := as_month(name)) else plain(name) for name in header if name.strip()]
    for name in named:
        if named.count(name) > 1:
            raise BookError("csv_column_twice", file=path.name, column=name)
    for number, line in rows:
        if any(line[len(header) :]):
            raise BookError("csv_long", file=path.name, row=number, got=len(line), want=len(header))
    if reader.dialect.delimiter == ";":  # as a French Excel saves it: decimals have a comma
        rows = [(number, [_COMMA.sub(r"\1.\2", text) for text in line]) for number, line in rows]
    return _File(path.name, header, [line for _, line in rows], [number for number, _ in rows])


def value_of(text: str) -> object:
    """A number as a float, anything else as it stands; blank as None."""
    if not text.strip():
        return None
    return float(text) if _NUMBER.fullmatch(text.strip()) else text


def _table(file: _File, key: str) -> Grid:
    """A CSV file as the sheet of the same table."""
    keys = (*_TEXT_COLUMNS, "risk_code", "donor_country", "donor_code", "site")
    texts = {place for key in keys if (place := file.column(key)) is not None}
    rows: list[list[object]] = [list(file.header)]
    rows += [[text if place in texts else value_of(text) for place, text in enumerate(line)] for line in file.rows]
    places = tuple(
        tuple((file.name, number, column) for column in range(len(line)))
        for number, line in zip((1, *file.lines), rows, strict=True)
    )
    return _CsvGrid(say(f"headers.sheet.{key}", "en"), rows, places)


def _costs(master: _File) -> Grid:
    keys = ("country", "sap_code", "unit_cost", "landed_cost")
    columns = [master.need(key) for key in keys]
    rows: list[list[object]] = [[say(f"headers.column.{key}", "en") for key in keys]]
    for line in master.rows:
        cells = [_cell(line, column) for column in columns]
        rows.append([*cells[:2], *(value_of(text) for text in cells[2:])])
    places = tuple(tuple((master.name, number, column) for column in columns) for number in (1, *master.lines))
    return _CsvGrid(say("headers.sheet.costs", "en"), rows, places)


_Place = tuple[str, int, int]
_Fetch = Callable[[int, tuple[str, str]], tuple[object, _Place]]
"""Value and place of a column's cell for an item, by its row in the master file and its key."""


def _srm(master: _File, forecast: _File, transit: _File, confirmed: _File | None) -> Grid:
    """The SRM sheet joined from the files by country and SAP code, in the order of the master file."""
    months = forecast.months()
    first = next((month for month in months if isinstance(month, dt.date)), None)
    if first is None:
        raise BookError("csv_months", file=forecast.name)
    planned = [month_after(first, count) for count in range(HORIZON)]
    keys = _keys(master)
    blocks: list[tuple[str, list[tuple[object, _Place, _Fetch]]]] = [
        ("item", [_from_master(master, key) for key in ITEM_COLUMNS if master.column(key) is not None]),
        ("forecast", _from_file(forecast, keys, months)),
        ("stock", [_from_master(master, "opening")]),
        ("", _from_file(transit, keys, {week: transit.need(week) for week in STOCK_COLUMNS[1:]})),
    ]
    if confirmed:
        blocks.append(("confirmed", _from_orders(confirmed, keys, planned)))
    columns = [column for _, block in blocks for column in block]
    names: list[object] = []
    for block, block_columns in blocks:
        names += [say(f"headers.block.{block}", "en") if block else None] + [None] * (len(block_columns) - 1)
    cells = [[fetch(row, key) for _, _, fetch in columns] for row, key in enumerate(keys)]
    rows = [names, [header for header, _, _ in columns], *([value for value, _ in line] for line in cells)]
    places = [(), tuple(place for _, place, _ in columns), *(tuple(place for _, place in line) for line in cells)]
    return _CsvGrid(say("headers.sheet.srm", "en"), rows, tuple(places))


def _from_master(master: _File, key: str) -> tuple[object, _Place, _Fetch]:
    """A column of the master file under the header that the sheet has."""
    column = master.need(key)

    def fetch(row: int, _: tuple[str, str]) -> tuple[object, _Place]:
        text = _cell(master.rows[row], column)
        return (text if key in _TEXT_COLUMNS else value_of(text)), (master.name, master.lines[row], column)

    return say(f"headers.column.{key}", "en"), (master.name, 1, column), fetch


def _from_file(
    file: _File, keys: list[tuple[str, str]], columns: Mapping[Month | str, int]
) -> list[tuple[object, _Place, _Fetch]]:
    """Columns of a file with one row per item; an item without row is blank."""
    known = set(keys)
    found: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(_keys(file)):
        _claim(found, file, row, key, known=key in known)

    def column_of(column: int) -> _Fetch:
        def fetch(_: int, key: tuple[str, str]) -> tuple[object, _Place]:
            row = found.get(key)
            if row is None:
                return None, (file.name, 0, 0)
            return value_of(_cell(file.rows[row], column)), (file.name, file.lines[row], column)

        return fetch

    return [(header, (file.name, 1, column), column_of(column)) for header, column in columns.items()]


def _from_orders(file: _File, keys: list[tuple[str, str]], planned: list[Month]) -> list[tuple[object, _Place, _Fetch]]:
    """Confirmed orders, one row per item and month, as a column per planned month."""
    known = set(keys)
    month_column, tonnes_column = file.need("month"), file.need("tonnes")
    found: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(_keys(file)):
        text = _cell(file.rows[row], month_column)
        month = as_month(text)
        if month not in planned:
            span = {"first": month_text(planned[0]), "last": month_text(planned[-1])}
            raise BookError("csv_month", file=file.name, row=file.lines[row], month=text, **span)
        _claim(found, file, row, (*key, month), known=key in known)

    def column_of(month: Month) -> _Fetch:
        def fetch(_: int, key: tuple[str, str]) -> tuple[object, _Place]:
            row = found.get((*key, month))
            if row is None:
                return None, (file.name, 0, 0)
            return value_of(_cell(file.rows[row], tonnes_column)), (file.name, file.lines[row], tonnes_column)

        return fetch

    return [(month, (file.name, 1, tonnes_column), column_of(month)) for month in planned]


def _claim(
    found: dict[tuple[object, ...], int], file: _File, row: int, key: tuple[object, ...], *, known: bool
) -> None:
    """Note a row's key; one that the master lacks, or that stands twice, is an error."""
    where = {"file": file.name, "row": file.lines[row], "item": " ".join(file.rows[row][:2])}
    if not known:
        raise BookError("csv_unknown_item", **where)
    if key in found:
        raise BookError("csv_twice", **where)
    found[key] = row


def _cell(line: list[str], column: int) -> str:
    return line[column] if column < len(line) else ""


def _keys(file: _File) -> list[tuple[str, str]]:
    """Country and SAP code of each row, in the form in which they are joined."""
    country, code = file.need("country"), file.need("sap_code")
    return [(plain(_cell(line, country)), join_key(_cell(line, code).strip())) for line in file.rows]
