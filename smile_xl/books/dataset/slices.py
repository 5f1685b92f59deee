"""Some rows of a dataset: all columns that a workbook has, from the row groups that hold them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from smile_xl.books.archive.columns import NUMBERS, TEXTS, WEEKS, month_names
from smile_xl.books.archive.restore import write_csv, write_csvs
from smile_xl.books.csvs import read_folder
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.keys import labels_of
from smile_xl.books.dataset.source import TABLES, Dataset, Piece, open_file
from smile_xl.books.memory import MemoryBook
from smile_xl.core import HORIZON
from smile_xl.language import Language, say
from smile_xl.planning.names import as_text, join_key, key_of
from smile_xl.planning.scenarios import Selector, comparable, picked

MOST_ROWS = 1_000_000
"""Items that a sheet can hold, with its headers."""


@dataclass(frozen=True)
class Slice:
    """The rows of a row group that a selector picks."""

    piece: Piece
    rows: np.ndarray
    """Their places in the row group, rising."""
    table: pa.Table
    """As they stand in the file."""


def slices(dataset: Dataset, where: Selector) -> Iterator[Slice]:
    """The rows that a selector picks, row group by row group; raises DatasetError where a column is missing."""
    for attribute, _ in where:
        if attribute not in dataset.schema.texts:
            raise DatasetError("no_attribute", attribute=attribute, known=", ".join(dataset.schema.texts))
    columns = list(dict.fromkeys(attribute for attribute, _ in where))
    for piece in dataset.pieces:
        rows = np.arange(piece.rows)
        if where:
            file = open_file(piece.file, columns)
            table = file.read_row_group(piece.group, columns=columns).combine_chunks()
            chosen = picked({name: labels_of(_whole(table.column(name))) for name in columns}, where)
            rows = rows if chosen is None else np.flatnonzero(chosen)
        if len(rows):
            yield Slice(piece, rows, open_file(piece.file).read_row_group(piece.group).take(rows))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def canonical(table: pa.Table, months: int) -> pa.Table:
    """The columns of an archived cycle's items, blank where the table has none."""
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    for names, kind in ((TEXTS, pa.string()), (item_numbers(months), pa.float64())):
        for name in names:
            known = name in table.column_names
            columns[name] = table.column(name).cast(kind) if known else pa.nulls(len(table), kind)
    return pa.table(columns)


def item_numbers(months: int) -> Sequence[str]:
    """Columns of numbers of an item with so many months of forecast."""
    return (*NUMBERS, *WEEKS, *month_names("demand", months), *month_names("confirmed", HORIZON))


Keep = Callable[[str, Mapping[str, object]], bool]


def everything(_: str, __: Mapping[str, object]) -> bool:
    """Keeps every row of a small table."""
    return True


def book_of_rows(
    dataset: Dataset, tables: Sequence[pa.Table], spoken: Language, *, keep: Keep = everything
) -> MemoryBook:
    """Rows of a dataset with its small tables, as a book that plans as the dataset does.

    ``keep`` says of a small table's name and row whether the book needs it. The language of the book is that of the
    settings, else ``spoken``.
    """
    items = pa.concat_tables([canonical(table, dataset.schema.months) for table in tables])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csvs({"items": items}, dataset.start, folder)
        for table in TABLES:
            sheet = say(f"headers.sheet.{table}", "en")
            if sheet in dataset.tables.sheet_names():
                header, *rows = dataset.tables.read(sheet).rows
                kept = [row for row in rows if keep(table, dict(zip(_keys(header), row, strict=False)))]
                write_csv(folder / f"{table}.csv", header, kept)
        return read_folder(folder, spoken, dataset.path.name)


def _keys(header: Sequence[object]) -> list[str]:
    """Columns of a header by their keys."""
    return [key_of("column", name) or str(name) for name in header]


def items_only(keys: Collection[tuple[str, str]]) -> Keep:
    """Keeps the rows of small tables that name these items alone, by country and code as they are joined."""

    def key(country: object, code: object) -> tuple[str, str]:
        return comparable("country", as_text(country)), join_key(as_text(code))

    def keep(table: str, row: Mapping[str, object]) -> bool:
        if table == "safety_policies":
            return key(row.get("country"), row.get("sap_code")) in keys
        if table == "opportunities":
            own = row.get("country")
            donor = row.get("donor_country") or own
            return key(own, row.get("risk_code")) in keys and key(donor, row.get("donor_code")) in keys
        return True

    return keep


def keys_of(table: pa.Table) -> set[tuple[str, str]]:
    """The items of a table, by country and code as they are joined."""
    pairs = zip(table.column("country").to_pylist(), table.column("sap_code").to_pylist(), strict=True)
    return {(comparable("country", as_text(country)), join_key(as_text(code))) for country, code in pairs}
