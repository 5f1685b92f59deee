"""Excel on a Mac: what AppleScript, and so xlwings, has no word for there, through VBA of the add-in.

xlwings reads and writes blocks of values by AppleScript, which does not say which cells show errors, and knows neither
folds nor filters. So the add-in has one VBA procedure, ``SmileMacDo``, which carries out the few requests below and
nothing else; AppleScript can call procedures. Where a cell's value can't be read surely, the sheet is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from smile_xl.book import BookError
from smile_xl.books.live.values import ERROR_NAMES, Rows, cell_value, rows_of
from smile_xl.planning.grid import CellError, address

if TYPE_CHECKING:
    import xlwings

    from smile_xl.books.live.windows import Formula, Selection

PROCEDURE = "'smile_xl.xlam'!SmileMacDo"
LINE, FIELD = "\n", "\t"
REFUSED = "!"
"""First character of an answer that says why a request was not carried out."""
MOST_CELLS = 250_000
"""Cells that one answer of AppleScript holds safely: a large one is refused by the system."""
_YES = "1"


class MacError(Exception):
    """What Excel says of a request that it did not carry out."""


class Mac:
    """Excel through xlwings and the add-in's VBA; each method as in ``Windows``."""

    def is_french(self, app: xlwings.App) -> bool:
        return _ask(app, "french") == _YES

    def is_pending(self, app: xlwings.App) -> bool:  # noqa: ARG002
        return True  # not told: what is calculated already takes no time

    def add_from(self, app: xlwings.App, file: str) -> str:
        return _ask(app, "new", file)

    def selection(self, app: xlwings.App) -> Selection | None:
        found = _ask(app, "selection")
        if not found:
            return None
        book, sheet, cells, row, column = found.split(FIELD)
        return book, sheet, cells, int(row), int(column)

    def go_to(self, book: xlwings.Book, sheet: str, cells: str) -> None:
        _ask(book.app, "go to", book.name, sheet, cells)

    def copies_objects(self, app: xlwings.App) -> bool:
        return _ask(app, "copies objects") == _YES

    def copy_objects(self, app: xlwings.App, value: bool) -> None:
        _ask(app, "copy objects", _YES if value else "")

    def folder(self, book: xlwings.Book) -> str:
        return _ask(book.app, "folder", book.name)

    def identity(self, book: xlwings.Book) -> list[str]:
        """Its full name: windows have no number on a Mac. So undo ends where a workbook is saved under another name."""
        return [_ask(book.app, "identity", book.name)]

    def hide(self, book: xlwings.Book) -> None:
        _ask(book.app, "hide", book.name)

    def seal(self, book: xlwings.Book) -> None:
        _ask(book.app, "seal", book.name)

    def mark_saved(self, book: xlwings.Book) -> None:
        _ask(book.app, "saved", book.name)

    def has_locked_structure(self, book: xlwings.Book) -> bool:
        return _ask(book.app, "structure", book.name) == _YES

    def all_sheets(self, book: xlwings.Book) -> list[str]:
        return _ask(book.app, "sheets", book.name).split(LINE)

    def copy_sheets(self, source: xlwings.Book, names: Sequence[str], target: xlwings.Book) -> None:
        _ask(source.app, "copy sheets", source.name, LINE.join(names), target.name)

    def is_protected(self, sheet: xlwings.Sheet) -> bool:
        return _ask_sheet(sheet, "protected") == _YES

    def empty(self, sheet: xlwings.Sheet) -> None:
        _ask_sheet(sheet, "empty")

    def copy_cells(self, source: xlwings.Sheet, target: xlwings.Sheet) -> None:
        _ask_sheet(source, "copy cells", target.book.name, target.name)

    def own_charts(self, sheet: xlwings.Sheet, source: str) -> None:
        _ask_sheet(sheet, "own charts", f"[{source}]")

    def fold(self, sheet: xlwings.Sheet, first: int, last: int, level: int) -> None:
        _ask_sheet(sheet, "fold", f"{first}:{last}", str(level + 1))

    def filter(self, sheet: xlwings.Sheet) -> str:
        return _ask_sheet(sheet, "filter")

    def filter_by(self, sheet: xlwings.Sheet, cells: str) -> None:
        _ask_sheet(sheet, "filter by", cells)

    def read(self, cells: xlwings.Range) -> Rows:
        """Values of a range, each told twice: by AppleScript, with and without its format, and by VBA if an error."""
        rows: Rows = []
        for part in _parts(cells):
            rows += _read(part)
        return rows

    def write(self, cells: xlwings.Range, rows: Sequence[Sequence[object]]) -> None:
        cells.raw_value = [["" if value is None else value for value in row] for row in rows]

    def calculate(self, cells: xlwings.Range) -> None:
        pass  # the SMILE_ functions need Windows: the values that a refresh has left would become #N/A

    def spills(self, cells: xlwings.Range) -> bool:
        return _ask_sheet(cells.sheet, "spills", cells.address) == _YES

    def formula(self, cell: xlwings.Range) -> Formula:
        *area, text = _ask_sheet(cell.sheet, "formula", cell.address).split(FIELD, 4)
        row, column, rows, columns = map(int, area)
        return text, (row, column, rows, columns) if rows else None


def _ask(app: xlwings.App, request: str, *arguments: str) -> str:
    answer = app.impl.run(PROCEDURE, (request, *arguments, *[""] * (4 - len(arguments))))
    if not isinstance(answer, str):
        raise MacError(f"{PROCEDURE} {request}: {answer!r}")
    if answer.startswith(REFUSED):
        raise MacError(answer.removeprefix(REFUSED))
    return answer


def _ask_sheet(sheet: xlwings.Sheet, request: str, *arguments: str) -> str:
    return _ask(sheet.book.app, request, sheet.book.name, sheet.name, *arguments)


def _parts(cells: xlwings.Range) -> Iterator[xlwings.Range]:
    """A range in pieces that are small enough to be told at once."""
    rows, columns = cells.shape
    step = max(MOST_CELLS // columns, 1)
    for start in range(0, rows, step):
        top, bottom = cells.row + start, cells.row + min(start + step, rows) - 1
        yield cells.sheet.range((top, cells.column), (bottom, cells.column + columns - 1))


def _read(cells: xlwings.Range) -> Rows:
    shown, plain = (_block(cells, what) for what in ("value", "value2"))
    errors = dict(_errors(cells))
    rows: Rows = []
    for row, (values, numbers) in enumerate(zip(shown, plain, strict=True)):
        line: list[object] = []
        for column, (value, number) in enumerate(zip(values, numbers, strict=True)):
            line.append(errors.pop((row, column), None) or _certain(cells, row, column, value, number))
        rows.append(line)
    if errors:
        raise _unsure(cells, *next(iter(errors)))
    return rows


def _block(cells: xlwings.Range, what: str) -> Rows:
    """A block as it is told, as rows and columns; refused where it is not all there."""
    found = getattr(cells.api, what).get()
    if isinstance(found, list) and not (found and isinstance(found[0], list)):
        found = [found]
    rows = rows_of(found)
    if [len(row) for row in rows] != [cells.shape[1]] * cells.shape[0]:
        raise _unsure(cells, 0, 0)
    return rows


def _errors(cells: xlwings.Range) -> Iterator[tuple[tuple[int, int], CellError]]:
    """The cells that show errors, as VBA sees them: place in the range, counted from 0, and error."""
    for line in filter(None, _ask_sheet(cells.sheet, "errors", cells.address).split(LINE)):
        row, column, number = map(int, line.split(FIELD))
        yield (row - 1, column - 1), CellError(ERROR_NAMES.get(number, "#VALUE!"))


def _certain(cells: xlwings.Range, row: int, column: int, value: Any, number: Any) -> object:
    """A cell's value, where both ways tell the same; a date is told as a date and as a number of days."""
    if isinstance(value, bool | str) or isinstance(number, bool | str):
        if type(value) is type(number) and value == number:
            return value if value != "" else None
    elif isinstance(number, int | float):
        if isinstance(value, dt.datetime):
            return cell_value(value)
        if isinstance(value, int | float):
            return float(number)  # with all its decimals, where the format is a currency
    raise _unsure(cells, row, column)


def _unsure(cells: xlwings.Range, row: int, column: int) -> BookError:
    place = address(cells.row - 1 + row, cells.column - 1 + column)
    return BookError("unsure", file=cells.sheet.book.name, sheet=cells.sheet.name, cell=place)
