"""A new workbook file from pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.render import render
from smile_xl.reports.page import Page


def create_book(path: Path, pages: Sequence[Page]) -> XlsxBook:
    """Write a workbook with the pages as its sheets, and open it."""
    path.write_bytes(render(pages))
    return XlsxBook(path)
