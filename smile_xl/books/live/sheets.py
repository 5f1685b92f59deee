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
            book.api.Windows(1).Visible = False
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
    before = app.api.CopyObjectsWithCells
    app.api.CopyObjectsWithCells = True
    try:
        yield
    finally:
        app.api.CopyObjectsWithCells = before


def replace_sheet(source: xlwings.Sheet, target: xlwings.Sheet) -> None:
    """Put all cells and charts of a sheet in place of those of another."""
    for chart in reversed(list(target.charts)):
        chart.delete()
    target.api.AutoFilterMode = False
    target.api.Cells.EntireRow.Hidden = False
    target.api.Cells.ClearOutline()
    target.clear()
    source.api.Cells.Copy(Destination=target.api.Cells)
    _own_charts(target, source.book.name)


def copy_sheets(source: xlwings.Book, names: Sequence[str], target: xlwings.Book) -> None:
    """Copy whole sheets to the end of a workbook, together, so that they go on pointing at each other."""
    last = target.api.Sheets(target.api.Sheets.Count)
    source.api.Worksheets(tuple(names)).Copy(Before=None, After=last)
    for name in names:
        _own_charts(target.sheets[name], source.name)


def _own_charts(sheet: xlwings.Sheet, source: str) -> None:
    """Let charts that came from another workbook show the cells of their own sheet."""
    for chart in sheet.charts:
        series = chart.api[1].SeriesCollection()
        for place in range(1, series.Count + 1):
            formula = series(place).Formula
            if f"[{source}]" in formula:
                series(place).Formula = formula.replace(f"[{source}]", "")


def fold_and_filter(sheet: xlwings.Sheet, page: Page) -> None:
    """What copied cells do not bring along: rows that fold under their sub-totals, and the filter."""
    for start, block in zip(page.starts(), page.blocks, strict=True):
        top = start + block.head
        for first, last in _runs(block.folded):
            sheet.range(f"{top + first + 1}:{top + last + 1}").api.OutlineLevel = 2
        if block.filter_rows:
            last_cell = address(top + block.filter_rows - 1, len(block.columns) - 1)
            filter_by(sheet, f"{address(top - 1, 0)}:{last_cell}")


def filter_by(sheet: xlwings.Sheet, cells: str) -> None:
    """Offer the filter of a range."""
    if not sheet.api.AutoFilterMode:
        sheet.range(cells).api.AutoFilter()


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of rows."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
