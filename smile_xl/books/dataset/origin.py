"""The sheet that says where a book comes from: row groups of a dataset, with fingerprints of what they held."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smile_xl.books.archive.columns import TEXTS
from smile_xl.books.dataset.slices import item_numbers
from smile_xl.language import Language, say
from smile_xl.planning.grid import Sheets
from smile_xl.planning.names import as_text
from smile_xl.planning.scenarios import Selector
from smile_xl.planning.sheets import sheets_of
from smile_xl.planning.tables import Notebook, find_table, read_whole
from smile_xl.reports.page import Block, Column, Page

COLUMNS = ("file", "row_group", "fingerprint")


@dataclass(frozen=True)
class Source:
    """A row group that items of a book come from."""

    file: str
    """Below the dataset's folder."""
    group: int
    """Counted from 0."""
    fingerprint: str


def fingerprint(table: pa.Table) -> str:
    """Changes with any value of the columns that a plan has, and with nothing else of the file."""
    digest = hashlib.sha256(str(len(table)).encode())
    names = set(table.column_names)
    for name in TEXTS:
        if name in names:
            values = table.column(name).cast(pa.string()).to_pylist()
            digest.update(f"\x1d{name}\x1e".encode())
            digest.update("\x1f".join("\x00" if value is None else value for value in values).encode())
    months = sum(1 for name in names if name.startswith("demand_"))
    for name in item_numbers(months):
        if name in names:
            column = table.column(name).cast(pa.float64())
            digest.update(f"\x1d{name}\x1e".encode())
            digest.update(np.packbits(pc.is_null(column, nan_is_null=True).to_numpy()).tobytes())
            digest.update(np.nan_to_num(pc.fill_null(column, 0.0).to_numpy()).tobytes())
    return digest.hexdigest()[:32]


def origin_page(sources: Sequence[Source], dataset: Path, where: Selector, spoken: Language) -> Page:
    """The sheet Origin; row groups count from 1."""
    columns = [
        Column(say("headers.column.file", spoken), "long_text"),
        Column(say("headers.column.row_group", spoken), "whole"),
        Column(say("headers.column.fingerprint", spoken), "long_text"),
    ]
    rows: list[list[object]] = [[one.file, one.group + 1, one.fingerprint] for one in sources]
    named = [f"{say(f'headers.column.{name}', spoken)} = {value}" for name, value in where]
    picked = "; ".join(named) or say("dataset.origin.all", spoken)
    line = say("dataset.origin.line", spoken, path=dataset.name, where=picked)
    sheet = say("headers.sheet.origin", spoken)
    return Page(sheet, say("dataset.origin.title", spoken), [line], [Block(columns, rows)], spoken)


def read_origin(book: Sheets) -> tuple[str, list[Source]] | None:
    """The name of a book's sheet Origin and what it says; None where it was not made from a dataset."""
    sheets = sheets_of("origin", book.sheet_names())
    if not sheets:
        return None
    grid, notes = book.read(sheets[0]), Notebook()
    table = find_table(grid, notes, COLUMNS, ())
    if table is None or not table.rows:
        return None
    groups = read_whole(table, notes, "row_group", 1, 2**31)
    if notes.has_errors():
        return None
    files, prints = ([as_text(text) for text in table.texts(name)] for name in ("file", "fingerprint"))
    return sheets[0], [Source(*one) for one in zip(files, [group - 1 for group in groups], prints, strict=True)]
