"""Where a dataset lies: its files and row groups in a fixed order, and the small tables beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from smile_xl.books.csvs import read_table, value_of
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.schema import Schema, schema_of
from smile_xl.books.memory import MemoryBook
from smile_xl.language import say
from smile_xl.planning.findings import Finding
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.rule_tables import read_policies, read_rules
from smile_xl.planning.rules import Countries, Statuses
from smile_xl.planning.settings import Settings
from smile_xl.planning.sheets import STEERING_SHEETS
from smile_xl.planning.tables import Month, Notebook, as_month, find_table, item_keys, month_after

TABLES = ("countries", "statuses", "targets", "opportunities", "safety_policies", "settings")
"""Small tables that may lie beside the items, as Parquet or CSV files."""

NOT_ITEMS = frozenset((*TABLES, *STEERING_SHEETS, "results", "scenarios"))
"""Parquet files that hold no items, by their name without ending."""

_CYCLE = re.compile(r"cycle=(\d{4}-\d{2})")
_MAGIC = b"PAR1"


@dataclass(frozen=True)
class DataFile:
    """One Parquet file, as it was when the dataset was opened."""

    name: str
    """Below the dataset's folder."""
    path: str
    size: int
    changed: int
    """Time of its last change, ns."""
    footer: str
    """SHA-256 of its footer."""
    rows: tuple[int, ...]
    """Rows of each row group."""


@dataclass(frozen=True)
class Piece:
    """One row group: what is planned at a time, and kept or left out as a whole."""

    number: int
    """Place in the dataset: sums are merged in this order."""
    file: DataFile
    group: int
    """Row group, counted from 0."""

    @property
    def rows(self) -> int:
        """Rows of the row group."""
        return self.file.rows[self.group]

    @property
    def name(self) -> str:
        """The file and row group, as messages show them: row groups count from 1."""
        return f"{self.file.name} ({self.group + 1})"

    @property
    def fingerprint(self) -> str:
        """Changes when the file does."""
        file = self.file
        return _digest(f"{file.footer} {file.size} {file.changed} {self.group}".encode())[:16]


@dataclass(frozen=True)
class Dataset:
    """A dataset whose files have been listed and whose tables have been read; no row of an item has."""

    path: Path
    files: tuple[DataFile, ...]
    pieces: tuple[Piece, ...]
    schema: Schema
    tables: MemoryBook
    """The small tables."""
    settings: Settings
    countries: Countries
    statuses: Statuses
    policies: dict[tuple[str, str], str]
    """Safety method of the items that have one of their own, by country and code as they are joined."""
    start: Month
    findings: tuple[Finding, ...]
    """What is wrong with files, columns and small tables; with an error among them, nothing can be planned."""

    @property
    def months(self) -> list[Month]:
        """The months of the forecast."""
        return [month_after(self.start, count) for count in range(self.schema.months)]

    @property
    def items(self) -> int:
        """Rows in all files."""
        return sum(piece.rows for piece in self.pieces)


def open_dataset(path: Path) -> Dataset:
    """List a dataset's files and read its small tables; raises DatasetError where there is none."""
    folder = path if path.is_dir() else path.parent
    paths = _item_files(path)
    findings: list[Finding] = []
    files = []
    for one in paths:
        try:
            files.append(_data_file(one, folder))
        except (OSError, pa.ArrowException) as error:
            values = {"reason": _one_line(error)}
            findings.append(Finding("error", "dataset_file", one.relative_to(folder).as_posix(), values=values))
    schema, wrong = schema_of([(file.name, _metadata(file).schema.to_arrow_schema()) for file in files])
    tables = tables_beside(folder)
    notes = Notebook()
    settings, rules, kinds = read_rules(tables, notes)
    policies = _policies(tables, notes)
    start = settings.start or _start_of(path)
    if start is None:
        raise DatasetError("no_start", folder=folder)
    numbered = [(file, group) for file in files for group, rows in enumerate(file.rows) if rows]
    pieces = tuple(Piece(number, file, group) for number, (file, group) in enumerate(numbered))
    kept = [one for one in notes.findings if one.code != "table_missing" or one.severity != "info"]
    found = (*findings, *wrong, *kept)
    return Dataset(path, tuple(files), pieces, schema, tables, settings, rules, kinds, policies, start, found)


def _item_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DatasetError("no_dataset", path=path)
    if (path / "items.parquet").is_file():
        return [path / "items.parquet"]
    inner = path / "items" if (path / "items").is_dir() else path
    found = sorted(
        one
        for one in inner.rglob("*.parquet")
        if one.is_file()
        and not any(part.startswith((".", "_")) for part in one.relative_to(path).parts)
        and one.stem not in NOT_ITEMS
    )
    if not found:
        raise DatasetError("no_files", path=path)
    return found


def _data_file(path: Path, folder: Path) -> DataFile:
    size, changed, footer = state_of(path)
    metadata = pq.ParquetFile(path).metadata
    rows = tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
    return DataFile(path.relative_to(folder).as_posix(), str(path.absolute()), size, changed, footer, rows)


def state_of(path: Path) -> tuple[int, int, str]:
    """Size of a file, time of its last change, and hash of its footer; raises OSError where it has none."""
    with path.open("rb") as file:
        size, changed = (stat := path.stat()).st_size, stat.st_mtime_ns
        file.seek(max(size - 8, 0))
        end = file.read(8)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != _MAGIC or length + 8 > size:
            raise OSError("no Parquet file, or one that was cut off")
        file.seek(size - 8 - length)
        return size, changed, _digest(file.read(length))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=64)
def _metadata(file: DataFile) -> pq.FileMetaData:
    return pq.read_metadata(file.path)


def open_file(file: DataFile, texts: Sequence[str] = ()) -> pq.ParquetFile:
    """A file of a dataset; raises DatasetError where it has changed since the dataset was opened."""
    stat = Path(file.path).stat()
    if (stat.st_size, stat.st_mtime_ns) != (file.size, file.changed):
        raise DatasetError("changed", file=file.name)
    # buffered: a column of a large row group is read page by page, not as a whole
    return pq.ParquetFile(file.path, metadata=_metadata(file), read_dictionary=list(texts), buffer_size=1 << 20)


def _start_of(path: Path) -> Month | None:
    """The cycle that a folder of the archive is of."""
    found = [match[1] for part in path.absolute().parts if (match := _CYCLE.fullmatch(part))]
    return as_month(found[-1]) if found else None


def tables_beside(folder: Path) -> MemoryBook:
    """The small tables of a dataset as the sheets of a book."""
    grids = []
    for name in TABLES:
        stored, text = folder / f"{name}.parquet", folder / f"{name}.csv"
        if stored.is_file() and text.is_file():
            raise DatasetError("table_twice", first=stored.name, second=text.name)
        if stored.is_file():
            grids.append(parquet_grid(stored, say(f"headers.sheet.{name}", "en")))
        elif text.is_file():
            grids.append(read_table(text, name))
    return MemoryBook(grids, name=folder.name)


def parquet_grid(path: Path, sheet: str) -> Grid:
    """A small table of a Parquet file as a sheet."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError("table_unread", file=path.name, reason=_one_line(error)) from error
    texts = path.stem == "settings"  # the archive keeps every setting as text
    rows = [[_cell(value, texts) for value in row.values()] for row in table.to_pylist()]
    return Grid(sheet, [list(table.column_names), *rows])


def _cell(value: object, texts: bool) -> object:
    if isinstance(value, str) and texts:
        return value_of(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _policies(tables: MemoryBook, notes: Notebook) -> dict[tuple[str, str], str]:
    sheet = say("headers.sheet.safety_policies", "en")
    if sheet not in tables.sheet_names():
        return {}
    table = find_table(tables.read(sheet), Notebook(), ("country", "sap_code"), ())
    keys = item_keys(table, Notebook()) if table else []
    found = read_policies(tables, notes, keys)
    return {(plain(keys[place][0]), join_key(keys[place][1])): method for place, method in found.items()}


def _one_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split())[:200].rstrip(".")
