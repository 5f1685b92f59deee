"""Take a team's items out of a dataset, for a book that can give them back."""

from __future__ import annotations

from pathlib import Path

from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.origin import Source, fingerprint, origin_page
from smile_xl.books.dataset.slices import MOST_ROWS, book_of_rows, items_only, keys_of, slices
from smile_xl.books.dataset.source import open_dataset, open_file
from smile_xl.books.memory import MemoryBook
from smile_xl.language import Language
from smile_xl.planning.findings import InputError
from smile_xl.planning.scenarios import Selector
from smile_xl.reports.page import Page


def take(path: Path, where: Selector, spoken: Language) -> tuple[MemoryBook, Page]:
    """The items that a selector picks as the tables of a book, and the sheet that says where they come from.

    Raises InputError where the dataset has errors, DatasetError where there is no such item, or too many.
    """
    dataset = open_dataset(path)
    if any(one.severity == "error" for one in dataset.findings):
        raise InputError(dataset.path.name, list(dataset.findings))
    tables, sources, keys = [], [], set()
    count = 0
    for part in slices(dataset, where):
        count += len(part.rows)
        if count > MOST_ROWS:
            raise DatasetError("many_rows", path=path, count=f"{count:,}+", most=f"{MOST_ROWS:,}")
        whole = open_file(part.piece.file).read_row_group(part.piece.group)
        sources.append(Source(part.piece.file.name, part.piece.group, fingerprint(whole)))
        tables.append(part.table)
        keys |= keys_of(part.table)
    if not tables:
        raise DatasetError("no_row", path=path, where=", ".join(f"{name}={value}" for name, value in where))
    book = book_of_rows(dataset, tables, spoken, keep=items_only(keys))
    return book, origin_page(sources, path, where, spoken)
