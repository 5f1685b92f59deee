"""Excel on Windows: what xlwings has no word for, through Excel's own objects (COM)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from smile_xl.books.live.values import Rows, read_cells, rows_of

if TYPE_CHECKING:
    import xlwings

_CALCULATED = 0
_MENU_LANGUAGE = 2
_FRENCH, _PRIMARY = 0x0C, 0x3FF
"""Bits of a language's number that tell French in any country."""

Selection = tuple[str, str, str, int, int]
"""Workbook, sheet, address, first row and first column, counted from 1, of the selected cells."""

Formula = tuple[str, tuple[int, int, int, int] | None]
"""Text of a cell's formula; first row and column, rows and columns of the cells that it fills, if these are several."""


class Windows:
    """Excel's objects as xlwings' ``api`` gives them."""

    # The application and what is selected ---------------------------------------------------------------------------

    def is_french(self, app: xlwings.App) -> bool:
        """Excel's menus are French."""
        return int(app.api.LanguageSettings.LanguageID(_MENU_LANGUAGE)) & _PRIMARY == _FRENCH

    def is_pending(self, app: xlwings.App) -> bool:
        """Something is waiting to be calculated."""
        return bool(app.api.CalculationState != _CALCULATED)

    def add_from(self, app: xlwings.App, file: str) -> str:
        """Open a copy of a file as a workbook without a file of its own; its name."""
        return str(app.books.api.Add(file).Name)

    def selection(self, app: xlwings.App) -> Selection | None:
        """The selected cells; None, or an exception, where something else is selected.

        From Excel's own object: xlwings counts the cells first, which are too many where a whole sheet is selected.
        """
        cells = app.api.Selection
        sheet = cells.Worksheet
        return sheet.Parent.Name, sheet.Name, cells.Address, cells.Row, cells.Column

    def go_to(self, book: xlwings.Book, sheet: str, cells: str) -> None:
        """Select cells, through Excel's own objects: xlwings would bring its window to the front first."""
        book.api.Activate()
        book.sheets[sheet].api.Activate()
        book.sheets[sheet].range(cells).api.Select()

    def copies_objects(self, app: xlwings.App) -> bool:
        """What lies on cells is copied with them."""
        return bool(app.api.CopyObjectsWithCells)

    def copy_objects(self, app: xlwings.App, value: bool) -> None:
        """Copy what lies on cells with them, or don't."""
        app.api.CopyObjectsWithCells = value

    # Workbooks ------------------------------------------------------------------------------------------------------

    def folder(self, book: xlwings.Book) -> str:
        """Folder of a workbook's file: blank without one, an address in a cloud."""
        return str(book.api.Path)

    def identity(self, book: xlwings.Book) -> list[str]:
        """What tells a workbook from others as long as it is open: its windows, whatever it is called and saved as."""
        windows = book.api.Windows
        return [str(int(windows(place).Hwnd)) for place in range(1, windows.Count + 1)]

    def hide(self, book: xlwings.Book) -> None:
        """Hide a workbook."""
        book.api.Windows(1).Visible = False

    def seal(self, book: xlwings.Book) -> None:
        """Let a workbook calculate nothing, or Excel would ask to save it."""
        for sheet in book.sheets:
            sheet.api.EnableCalculation = False
        self.mark_saved(book)

    def mark_saved(self, book: xlwings.Book) -> None:
        """Let Excel close a workbook without a question."""
        book.api.Saved = True

    def has_locked_structure(self, book: xlwings.Book) -> bool:
        """No sheet can be added."""
        return bool(book.api.ProtectStructure)

    def all_sheets(self, book: xlwings.Book) -> list[str]:
        """Names of all sheets, those of charts too."""
        return [str(sheet.Name) for sheet in book.api.Sheets]

    def copy_sheets(self, source: xlwings.Book, names: Sequence[str], target: xlwings.Book) -> None:
        """Copy whole sheets to the end of a workbook, together."""
        last = target.api.Sheets(target.api.Sheets.Count)
        source.api.Worksheets(tuple(names)).Copy(Before=None, After=last)

    # Sheets ---------------------------------------------------------------------------------------------------------

    def is_protected(self, sheet: xlwings.Sheet) -> bool:
        """Its cells can't be changed."""
        return bool(sheet.api.ProtectContents)

    def empty(self, sheet: xlwings.Sheet) -> None:
        """Clear a sheet of cells, charts, folds and filter."""
        for chart in reversed(list(sheet.charts)):
            chart.delete()
        sheet.api.AutoFilterMode = False
        sheet.api.Cells.EntireRow.Hidden = False
        sheet.api.Cells.ClearOutline()
        sheet.clear()

    def copy_cells(self, source: xlwings.Sheet, target: xlwings.Sheet) -> None:
        """Copy all cells of a sheet, with what lies on them."""
        source.api.Cells.Copy(Destination=target.api.Cells)

    def own_charts(self, sheet: xlwings.Sheet, source: str) -> None:
        """Let charts that came from another workbook show the cells of their own sheet."""
        for chart in sheet.charts:
            series = chart.api[1].SeriesCollection()
            for place in range(1, series.Count + 1):
                formula = series(place).Formula
                if f"[{source}]" in formula:
                    series(place).Formula = formula.replace(f"[{source}]", "")

    def fold(self, sheet: xlwings.Sheet, first: int, last: int, level: int) -> None:
        """Let rows, counted from 1, fold: at level 1 under a row that does not, at 2 under one of 1."""
        sheet.range(f"{first}:{last}").api.OutlineLevel = level + 1

    def filter(self, sheet: xlwings.Sheet) -> str:
        """Address of the sheet's filter; blank where it has none."""
        return str(sheet.api.AutoFilter.Range.Address) if sheet.api.AutoFilterMode else ""

    def filter_by(self, sheet: xlwings.Sheet, cells: str) -> None:
        """Offer the filter of a range, unless the sheet has one."""
        if not sheet.api.AutoFilterMode:
            sheet.range(cells).api.AutoFilter()

    # Cells ----------------------------------------------------------------------------------------------------------

    def read(self, cells: xlwings.Range) -> Rows:
        """Values of a range, as a ``Grid`` holds them.

        ``.Value`` knows dates from numbers, but rounds a cell with a currency format to four decimals; then the
        numbers are read once more from ``.Value2``.
        """
        return read_cells(cells.raw_value, lambda: rows_of(cells.api.Value2))

    def write(self, cells: xlwings.Range, rows: Sequence[Sequence[object]]) -> None:
        """Put values into a range; None is a blank."""
        cells.raw_value = rows

    def calculate(self, cells: xlwings.Range) -> None:
        """Calculate a range."""
        cells.api.Calculate()

    def spills(self, cells: xlwings.Range) -> bool:
        """Some of the cells show the values that a formula spills."""
        return _spills(cells.api)

    def formula(self, cell: xlwings.Range) -> Formula:
        """Formula of a cell and the cells that it fills."""
        found = cell.api
        text = str(found.Formula)
        area = None
        if text.startswith("="):
            area = (
                found.SpillParent.SpillingToRange if _spills(found) else found.CurrentArray if found.HasArray else None
            )
        return text, area and (int(area.Row), int(area.Column), int(area.Rows.Count), int(area.Columns.Count))


def _spills(cells: Any) -> bool:
    """An Excel that knows no spilling says an error."""
    with suppress(Exception):
        return cells.HasSpill is not False  # None where some do and some do not
    return False
