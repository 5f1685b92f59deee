"""Sheets of one open workbook put into another, with all that lies on them.

Pages are rendered by XlsxWriter into a temporary workbook, as for files, which Excel opens unseen and copies from. So a
page looks the same wherever it is written, its texts never pass through Excel's parser (one that begins with = stays a
text), and a page takes a dozen calls instead of one for each format. An existing sheet is cleared and filled again,
never deleted: formulas elsewhere, names and macros that point at it stay right; its window and print set-up stay as
they are. A new one is copied as a whole sheet, with these.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl.books.live.host import host
from smile_xl.planning.grid import address
from smile_xl.reports.page import Page

if TYPE_CHECKING:
    import xlwings

_ATTEMPTS = 3


@contextmanager
def rendered(app: xlwings.App, pages: Sequence[Page]) -> Iterator[xlwings.Book]:
    """The pages as a workbook of their own in the same Excel, unseen, gone at the end."""
    from smile_xl.books.xlsx.render import render  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="smile-xl-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"{Path(folder).name}.xlsx"  # Excel opens no two workbooks of one name
        path.write_bytes(render(pages))
        book = app.books.open(path, update_links=False, read_only=True, add_to_mru=False)
        try:
            host(book).hide(book)
            yield book
        finally:
            close(book)


def close(book: xlwings.Book) -> None:
    """Close a workbook of ours, unsaved; Excel may be busy for a moment."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(Exception):
            book.close()
            return
    book.close()


@contextmanager
def with_objects(app: xlwings.App) -> Iterator[None]:
    """Charts are copied with the cells that they lie on, whatever the user has chosen."""
    before = host(app).copies_objects(app)
    host(app).copy_objects(app, True)
    try:
        yield
    finally:
        host(app).copy_objects(app, before)


def replace_sheet(source: xlwings.Sheet, target: xlwings.Sheet) -> None:
    """Put all cells and charts of a sheet in place of those of another."""
    here = host(target)
    here.empty(target)
    here.copy_cells(source, target)
    here.own_charts(target, source.book.name)


def copy_sheets(source: xlwings.Book, names: Sequence[str], target: xlwings.Book) -> None:
    """Copy whole sheets to the end of a workbook, together, so that they go on pointing at each other."""
    host(target).copy_sheets(source, names, target)
    for name in names:
        host(target).own_charts(target.sheets[name], source.name)


def fold_and_filter(sheet: xlwings.Sheet, page: Page) -> None:
    """What copied cells do not bring along: rows that fold under their sub-totals, and the filter."""
    for start, block in zip(page.starts(), page.blocks, strict=True):
        top = start + block.head
        for level in sorted({level for _, level, _ in block.outline}):
            for first, last in _runs([row for row, depth, _ in block.outline if depth == level]):
                host(sheet).fold(sheet, top + first + 1, top + last + 1, level)
        if block.filter_rows:
            last_cell = address(top + block.filter_rows - 1, len(block.columns) - 1)
            host(sheet).filter_by(sheet, f"{address(top - 1, 0)}:{last_cell}")


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of rows."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
