"""A new workbook file from pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smile_xl.books.xlsx.archive import zip_of
from smile_xl.books.xlsx.atomic import replace_file
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.preflight import refuse_locked
from smile_xl.books.xlsx.render import rendered_parts
from smile_xl.reports.page import Page


def create_book(path: Path, pages: Sequence[Page]) -> XlsxBook:
    """Write a workbook with the pages as its sheets, and open it."""
    path.write_bytes(zip_of(rendered_parts(pages)))
    return XlsxBook(path)


def write_computed_book(path: Path, pages: Sequence[Page]) -> None:
    """Write a workbook of plain formulas whole or not at all, in place of the one there is; Excel recalculates it."""
    refuse_locked(path)
    replace_file(path, zip_of(rendered_parts(pages, recalculated=True)))
