"""A new workbook file from pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smile_xl.books.xlsx.archive import Archive, zip_of
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.render import render
from smile_xl.reports.page import Page


def create_book(path: Path, pages: Sequence[Page]) -> XlsxBook:
    """Write a workbook with the pages as its sheets, and open it."""
    rendered = Archive(render(pages), path.name)
    path.write_bytes(zip_of({name: rendered.read(name) for name in rendered}))
    return XlsxBook(path)
