"""Workbook files as a ``Book``: read with python-calamine, written part by part."""

from __future__ import annotations

import datetime
import io
import os
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import python_calamine

from smile_xl.book import BookError, NewRows
from smile_xl.books.archive.past import folder_of, past_in
from smile_xl.books.xlsx import preflight
from smile_xl.books.xlsx.archive import Archive
from smile_xl.books.xlsx.atomic import replace_file
from smile_xl.books.xlsx.consequences import (
    drop_calculation_chain,
    has_formulas,
    recalculate_if_needed,
    refresh_pivots,
)
from smile_xl.books.xlsx.formula_values import FormulaCell, Place, Value, formula_cells, with_formula_values
from smile_xl.books.xlsx.formulas import asides, defined_names, formulas_of, tables
from smile_xl.books.xlsx.graft import graft
from smile_xl.books.xlsx.package import Package, Sheet
from smile_xl.books.xlsx.rows import add_rows
from smile_xl.books.xlsx.sheetdata import Cell, SheetData
from smile_xl.books.xlsx.values import SMILE, Block, renew_values, without_formulas
from smile_xl.formulas.cells import Aside, CellFormula, TableRange
from smile_xl.planning.grid import CellError, Grid
from smile_xl.planning.past import Past

if TYPE_CHECKING:
    import numpy as np

    from smile_xl.reports.page import Page

_ERROR_CELL = re.compile(rb"""\st\s*=\s*["']e["']""")
_TEXT_CELL = re.compile(rb"""\st\s*=\s*["']str["']""")
_FORMULA = re.compile(rb"<(?:[^\s<>/:!?]+:)?f[\s>/]")
_CELL_VALUE = re.compile(rb"<(?:[^\s<>/:!?]+:)?v(?:\s[^<>]*)?>([^<]*)</")
# An error's type, or a formula's end that no value follows.
_SUSPECT = re.compile(rb"""\st\s*=\s*["']e["']|(?:</(?:[^\s<>/:!?]+:)?f>|<(?:[^\s<>/:!?]+:)?f(?:\s[^<>]*)?/>)\s*"""
                      rb"""(?:</|<(?:[^\s<>/:!?]+:)?v(?:\s[^<>]*)?(?:/>|></))""")  # fmt: skip
# The same where no element has a prefix: patterns that begin with a text are found ten times as fast.
_PLAIN_SUSPECTS = (
    re.compile(rb'"e"'),
    re.compile(rb"'e'"),
    re.compile(rb"</f>\s*(?:</|<v(?:\s[^<>]*)?(?:/>|></))"),
    re.compile(rb"<f(?:\s[^<>]*)?/>\s*(?:</|<v(?:\s[^<>]*)?(?:/>|></))"),
)
_WORTH_READING_AHEAD = 4 << 20
"""Bytes of a sheet from which it is read beside what else is to be done."""
_DAY = datetime.timedelta(days=1)
_TIMES = {datetime.time, datetime.timedelta}


class XlsxBook:
    """A workbook file. Pages and values are collected, and written together by ``save``."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._package = preflight.check(self.path)
        self._sheets = self._package.sheets  # asked for a thousand times in a refresh; the package stays as it is read
        self._stamp = _stamp(self.path)
        self._reader: python_calamine.CalamineWorkbook | None = None
        self._ahead = self._read_ahead()
        self._grids: dict[str, Grid] = {}
        self._pages: dict[str, Page] = {}
        self._blocks: dict[str, list[Block]] = {}
        self._rows: list[tuple[str, int, NewRows]] = []
        self._formula_values: dict[str, Mapping[Place, Value]] = {}

    @property
    def package(self) -> Package:
        """The parts of the file as it was read."""
        return self._package

    @cached_property
    def past(self) -> Past:
        """The cycles in the archive that the Settings name, else in the one beside the file."""
        from smile_xl.planning.rule_tables import settings_in  # noqa: PLC0415 - late: the reading has begun before

        return past_in(folder_of(self.path, settings_in(self).archive_folder))

    @property
    def name(self) -> str:
        """File name, as messages show it."""
        return self.path.name

    def sheet_names(self) -> list[str]:
        """Names of the worksheets, in the order of their tabs."""
        return [sheet.name for sheet in self._sheets if sheet.kind == "worksheet"]

    def read(self, sheet: str) -> Grid:
        """Values of a sheet from A1 on, as they are in the file; a cell that shows an error is a ``CellError``."""
        found = self._worksheet(sheet)
        if found.name not in self._grids:
            self._grids[found.name] = self._read(found)
        return self._grids[found.name]

    def formulas(self, sheet: str) -> list[CellFormula]:
        """Cells of a sheet with a formula, shared formulas written out."""
        return list(formulas_of(self._data(self._worksheet(sheet))))

    def asides(self) -> list[Aside]:
        """Formulas of conditional formats and data validations."""
        sheets = [sheet for sheet in self._sheets if sheet.kind == "worksheet"]
        return [one for sheet in sheets for one in asides(sheet.name, self._data(sheet))]

    def defined_names(self) -> dict[tuple[str, str], str]:
        """Formulas of the defined names, by sheet ("" for the whole workbook) and name, both in lower case."""
        return defined_names(self._package)

    def tables(self) -> list[TableRange]:
        """The workbook's tables."""
        return list(tables(self._package))

    def _data(self, sheet: Sheet) -> SheetData:
        return SheetData(self._package.read(sheet.part), self.name, sheet.name)

    def write_page(self, page: Page) -> None:
        """Write a page as the sheet ``page.sheet``, whole, at the next ``save``."""
        self._pages[page.sheet.casefold()] = page

    def renew_values(self, sheet: str, row: int, column: int, values: np.ndarray) -> None:
        """Put values, shape (rows, columns), into existing cells from (row, column) on, at the next ``save``."""
        self._blocks.setdefault(self._worksheet(sheet).name, []).append(Block(row, column, values))

    def add_rows(self, sheet: str, row: int, rows: NewRows) -> None:
        """Put values into blank cells from ``row`` on, in the formats of the row above, at the next ``save``."""
        self._rows.append((self._worksheet(sheet).name, row, rows))

    def formula_cells(self, sheet: str) -> list[FormulaCell]:
        """Cells of a sheet whose value a formula gives."""
        return formula_cells(preflight.check_extent(self._package, self._worksheet(sheet)))

    def renew_formulas(self, values: Mapping[str, Mapping[Place, Value]]) -> None:
        """Put values of all formulas, by sheet and place, into the file at the next ``save``; formulas stay."""
        self._formula_values = {self._worksheet(sheet).name: renewed for sheet, renewed in values.items()}

    def save(self, output: Path | None = None, *, values_only: bool = False) -> None:
        """Write what was collected, in place or to ``output``, where the file itself then stays as it is.

        With ``values_only`` the SMILE_ formulas give way to their values, for readers without the add-in.
        """
        target = self.refuse_target(output)
        in_place = os.path.realpath(target) == os.path.realpath(self.path)
        data = self._saved(values_only)
        preflight.refuse_locked(target)
        if in_place and _stamp(self.path) != self._stamp:
            raise BookError("changed_meanwhile", file=self.name)
        if not (in_place and data == self._package.archive.data):
            replace_file(target, data)
        if in_place:
            self._package = Package(Archive(data, self.name))
            self._sheets = self._package.sheets
            self._stamp = _stamp(self.path)
            self._reader = self._ahead = None
            self._grids.clear()
        self._pages.clear()
        self._blocks.clear()
        self._rows.clear()
        self._formula_values.clear()

    def refuse_target(self, output: Path | None = None) -> Path:
        """The file that a ``save`` would write; refused where it surely could not."""
        target = self.path if output is None else Path(output)
        if target.suffix.casefold() != self.path.suffix.casefold():
            raise BookError("other_suffix", file=target.name, suffix=self.path.suffix)
        preflight.refuse_unwritable(self._package)
        preflight.refuse_locked(target)
        return target

    def _saved(self, values_only: bool) -> bytes:
        """Bytes of the workbook with what was collected; the package that is read from stays as it is."""
        package = Package(self._package.archive)
        before = {sheet.part for sheet in package.sheets if sheet.kind == "worksheet" and package.has(sheet.part)}
        if self._pages:
            # Here, not above: a workbook that is only read needs no writer.
            from smile_xl.books.xlsx.render import render  # noqa: PLC0415

            pages = list(self._pages.values())
            graft(package, render(pages, from_1904=package.from_1904), [page.sheet for page in pages])
        for name, blocks in self._blocks.items():
            renew_values(package, self._worksheet(name), blocks)
        for name, row, rows in self._rows:
            add_rows(package, self._worksheet(name), row, rows)
        for name, values in self._formula_values.items():
            part = self._worksheet(name).part
            data = SheetData(package.read(part), self.name, name)
            xml = with_formula_values(data, values)
            if xml is not data.xml:
                package.write(part, xml)
        if values_only:
            for sheet in package.sheets:
                xml = package.read(sheet.part) if sheet.kind == "worksheet" else b""
                if SMILE.search(xml):
                    package.write(sheet.part, without_formulas(SheetData(xml, self.name, sheet.name)))
        self._follow_up(package, before, values_only)
        return package.to_bytes()

    def _follow_up(self, package: Package, before: set[str], values_only: bool) -> None:
        parts = package.changed()
        changed = [sheet for sheet in package.sheets if sheet.part in parts]
        rendered = [sheet for sheet in package.sheets if sheet.name.casefold() in self._pages]
        gone = [sheet for sheet in changed if sheet.part in before and (values_only or sheet in rendered)]
        if any(has_formulas(self._package.read(sheet.part)) for sheet in gone):
            drop_calculation_chain(package)
        refresh_pivots(package, changed)
        if not self._formula_values:  # else every formula is fresh
            recalculate_if_needed(package, changed, rendered)

    def _worksheet(self, name: str) -> Sheet:
        sheet = next((sheet for sheet in self._sheets if sheet.name.casefold() == name.casefold()), None)
        if sheet is None or sheet.kind != "worksheet":
            raise BookError("no_sheet", file=self.name, sheet=name)
        return sheet

    def _read_ahead(self) -> _Reading | None:
        """A reading of the largest sheet, begun: the reader needs no Python, so that modules load meanwhile."""
        archive = self._package.archive
        sizes = {sheet: archive.size(sheet.part) for sheet in self._sheets if sheet.part in archive}
        largest = max(sizes, key=lambda sheet: sizes[sheet], default=None)
        if largest is None or sizes[largest] < _WORTH_READING_AHEAD or largest.kind != "worksheet":
            return None
        try:
            return _Reading(self._package, largest, None, threaded=True)
        except BookError:
            return None  # said when the sheet is wanted

    def _read(self, sheet: Sheet) -> Grid:
        reading = self._ahead
        if reading and reading.sheet == sheet:
            self._ahead = None
        else:
            reading = _Reading(self._package, sheet, self._reader)
        rows = reading.rows()
        self._reader = self._reader or reading.reader
        return Grid(sheet.name, rows)


class _Reading:
    """One sheet being read, if ``threaded`` beside the caller."""

    def __init__(
        self,
        package: Package,
        sheet: Sheet,
        reader: python_calamine.CalamineWorkbook | None,
        *,
        threaded: bool = False,
    ) -> None:
        self.sheet = sheet
        self.reader = reader
        self._file = package.file
        self._source = package.archive.data
        self._data = preflight.check_extent(package, sheet)
        self._found: python_calamine.CalamineSheet | BaseException | None = None
        self._thread = threading.Thread(target=self._try) if threaded else None
        if self._thread:
            self._thread.start()

    def rows(self) -> list[list[object]]:
        """Values of the sheet from A1 on."""
        suspects = _suspects(self._data)
        if self._thread:
            self._thread.join()
        else:
            self._try()
        if self._found is None or isinstance(self._found, BaseException):
            raise self._found or self._damaged()
        try:
            # Without its empty area a sheet would not start at A1.
            rows = cast("list[list[object]]", self._found.to_python(skip_empty_area=False))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # an infinite date makes the reader panic
            raise self._damaged() from error
        for row in rows:
            if not _TIMES.isdisjoint(map(type, row)):
                row[:] = map(_value, row)
        _overlay_errors(self._data, rows, suspects)
        return rows

    def _try(self) -> None:
        try:
            if self.reader is None:
                self.reader = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self._source))
            self._found = self.reader.get_sheet_by_name(self.sheet.name)
        except (KeyboardInterrupt, SystemExit) as error:
            self._found = error
        except BaseException as error:  # a panic of the reader is no Exception
            self._found = self._damaged()
            self._found.__cause__ = error

    def _damaged(self) -> BookError:
        return BookError("damaged", file=self._file, part=self.sheet.part)


def _suspects(data: SheetData) -> list[re.Pattern[bytes]]:
    """What to look for in the rows of a sheet to find its errors and formulas without a value; nothing in most."""
    plain = not data.prefix and all(data.xml.find(element, data.start, data.end) < 0 for element in (b":f", b":v"))
    patterns = _PLAIN_SUSPECTS if plain else (_SUSPECT,)
    return [pattern for pattern in patterns if pattern.search(data.xml, data.start, data.end)]


def _overlay_errors(data: SheetData, grid: list[list[object]], suspects: Sequence[re.Pattern[bytes]]) -> None:
    """Put errors and formulas without a value where they are: the reader gives them as blanks."""
    for row in data.rows() if suspects else ():
        if row.inside is None or not any(pattern.search(data.xml, *row.inside) for pattern in suspects):
            continue
        for cell in data.cells(row):
            error = _error_of(cell)
            if error is not None:
                grid += [[] for _ in range(row.number + 1 - len(grid))]
                line = grid[row.number]
                line += [""] * (cell.column + 1 - len(line))
                line[cell.column] = error


def _error_of(cell: Cell) -> CellError | None:
    """The error that a cell shows, the one without text for a formula that has no value, else None."""
    inside = cell.inside or b""
    if _ERROR_CELL.search(cell.attributes):
        found = _CELL_VALUE.search(inside)
        return CellError(found[1].decode() if found else "")
    if _FORMULA.search(inside) and not _TEXT_CELL.search(cell.attributes):
        found = _CELL_VALUE.search(inside)
        return None if found and found[1] else CellError()
    return None


def _value(value: object) -> object:
    """A value as a ``Grid`` holds it: hours and durations are the number of days that the cell has."""
    if isinstance(value, datetime.time):
        value = datetime.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
    if isinstance(value, datetime.timedelta):
        return value / _DAY
    return value


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
