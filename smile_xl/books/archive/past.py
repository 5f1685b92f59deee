"""The archive beside a workbook as its past: looked up when it is asked for, so that a refresh without one is free."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl.planning.past import NOTHING_KEPT, UNREADABLE, Kept, Past
from smile_xl.planning.tables import Month

if TYPE_CHECKING:
    from smile_xl.books.archive.store import Version
    from smile_xl.books.memory import MemoryBook
    from smile_xl.planning.last_cycle import Said

SUFFIX = ".cycles"
"""Ends the name of the archive beside a workbook."""


def has_parquet() -> bool:
    """The Parquet library is installed: an extra, since where it is there pandas loads it at each start."""
    return importlib.util.find_spec("pyarrow") is not None


def folder_of(book: Path, folder: str = "") -> Path:
    """The archive of a book: the folder of its Settings, else the one beside it that bears its name."""
    return book.parent / Path(folder).expanduser() if folder else book.with_name(book.stem + SUFFIX)


def past_in(folder: Path) -> Past:
    """The cycles in an archive's folder; none where there is no such folder, or no library that reads it."""
    if not folder.is_dir():
        return NOTHING_KEPT
    return ArchivedPast(folder) if has_parquet() else UNREADABLE


class ArchivedPast:
    """The newest version of each cycle in an archive; damaged versions are passed over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = cache(self._find)
        self._book = cache(self._read)

    def cycles(self) -> Sequence[Kept]:
        """The cycles that can be read, the oldest first."""
        return [
            Kept(month, one.manifest["made"], one.manifest.get("user") or "") for month, one in self._versions().items()
        ]

    def book(self, month: Month) -> MemoryBook:
        """The inputs of a cycle; raises ArchiveError where its files are damaged."""
        return self._book(month)

    def said(self, month: Month) -> Said:
        """What a cycle said; raises ArchiveError where its files are damaged."""
        from smile_xl.books.archive.said import said_by  # noqa: PLC0415

        return said_by(self._versions()[month])

    def _find(self) -> dict[Month, Version]:
        from smile_xl.books.archive.store import FORMAT, versions  # noqa: PLC0415

        return {one.start: one for one in versions(self.folder) if one.manifest.get("format") == FORMAT}

    def _read(self, month: Month) -> MemoryBook:
        from smile_xl.books.archive.store import book_of  # noqa: PLC0415

        return book_of(self._versions()[month])
