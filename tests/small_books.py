"""Master Files of few sheets, for what is done to a book hundreds of times: opening all sheets would take most of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from smile_xl import commands
from smile_xl.books.csvs import read_folder
from smile_xl.books.xlsx.create import create_book

STAMP = dt.datetime(2029, 1, 1)
INPUTS = ("Summary", "SRM", "Costs", "Countries", "Statuses", "Targets", "Opportunities", "Policies", "Scenarios",
          "Settings")  # fmt: skip
REPORTS = ("srm", "summary", "availability", "dsr", "checks")


def small_book(path: Path, data: Path, reports: Sequence[str] = REPORTS) -> Path:
    """A book of CSV files as ``smile-xl new`` makes it, with some of its sheets: each kind of part is among them."""
    pages = commands.master_file(read_folder(data, "en"), STAMP)
    book = create_book(path, [page for page in pages if page.sheet in INPUTS])
    commands.refresh(book, STAMP, reports)
    book.save(path)
    return path
