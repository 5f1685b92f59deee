"""An Excel for tests: behind the real xlwings front end, the objects that the live book and the macros use of it.

It is as strict as Excel where it matters: references break when a sheet is deleted, copies between workbooks point back
at the workbook that they come from, a text that is typed in is parsed, a part of an array can't be changed, currency is
rounded to four decimals, error cells come as integers. Each call across the process border is counted, and one of them
can be made to fail.
"""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import openpyxl
import xlwings
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.formula import ArrayFormula
from xlwings import base_classes

ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042}
SHEET_REFERENCE = re.compile(r"(?<![\]\w])('(?:[^']|'')+'|[A-Za-zÀ-ÿ_][\w.À-ÿ]*)!")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class com_error(Exception):  # noqa: N801, N818
    """What pywin32 raises."""


@dataclass
class Cell:
    value: object = None
    formula: str = ""
    array: str = ""
    """Address of the array that the formula fills."""
    format: str = "General"
    look: object = None
    """Whatever else it looks like."""


@dataclass
class Chart:
    series: list[str]


@dataclass
class Worksheet:
    name: str
    book: Workbook
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    charts: list[Chart] = field(default_factory=list)
    widths: dict[str, float] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)
    filter: str | None = None
    hidden_rows: set[int] = field(default_factory=set)
    window: object = None
    """Panes, gridlines and print set-up: they stay with the sheet, and come along only when a whole sheet is copied."""
    protected: bool = False
    is_chart: bool = False
    calculates: bool = True

    def seen(self) -> dict[str, object]:
        """What a reader sees."""
        names = ("cells", "charts", "widths", "rules", "lists", "levels", "filter", "hidden_rows", "window")
        return pickle.loads(pickle.dumps({name: getattr(self, name) for name in names}))

    def values(self) -> dict[str, object]:
        return {f"{get_column_letter(c)}{r}": cell.value for (r, c), cell in sorted(self.cells.items()) if cell.value is not None}  # fmt: skip


@dataclass
class Workbook:
    excel: Excel
    name: str
    handle: int
    sheets: list[Worksheet] = field(default_factory=list)
    active: Worksheet | None = None
    visible: bool = True
    saved: bool = True
    protected: bool = False
    path: str = ""

    def sheet(self, name: str) -> Worksheet:
        for sheet in self.sheets:
            if sheet.name.casefold() == name.casefold():
                return sheet
        raise com_error(f"Subscript out of range: {name}")

    def add(self, name: str, place: int | None = None) -> Worksheet:
        sheet = Worksheet(name, self)
        self.sheets.insert(len(self.sheets) if place is None else place, sheet)
        self.active = sheet
        return sheet


class Excel:
    """The application; ``book`` gives xlwings' object for a workbook of it."""

    pid = 4711

    def __init__(self) -> None:
        self.books: list[Workbook] = []
        self.active: Workbook | None = None
        self.selected: tuple[Worksheet, str] | None = None
        self.state: dict[str, object] = {
            "calculation": "automatic", "screen_updating": True, "enable_events": True, "display_alerts": True,
            "status_bar": False,
        }  # fmt: skip
        self.objects_copied = False
        self.pending = False
        self.language = 1033
        self.calls: list[str] = []
        self.fail_at: int | None = None
        self.stuck_on = ""
        self.is_stuck = False
        self.status: list[object] = []
        self.alerts: list[tuple[str, str]] = []
        self.answers: list[str] = []
        self.opened: list[str] = []
        self.calculated: list[str] = []
        self.handles = iter(range(1000, 9999))

    def call(self, name: str) -> None:
        self.calls.append(name)
        self.is_stuck |= name == self.stuck_on
        if self.is_stuck or len(self.calls) == self.fail_at:
            raise com_error(-2147352567, "Exception occurred.", (0, "Microsoft Excel", f"planted at {name}", "", 0, 0), None)  # fmt: skip

    @property
    def app(self) -> xlwings.App:
        return xlwings.App(impl=App(self))

    def xlwings_book(self, book: Workbook) -> xlwings.Book:
        return xlwings.Book(impl=Book(book))

    def add(self, name: str = "") -> Workbook:
        book = Workbook(self, name or f"Book{len(self.books) + 1}", next(self.handles))
        book.add("Sheet1")
        self.books.append(book)
        self._show(book)
        return book

    def _show(self, book: Workbook) -> None:
        self.active = book
        self.selected = (book.active, "$A$1") if book.active else None

    def load(self, path: Path | str, name: str = "") -> Workbook:
        """Open a file."""
        book = Workbook(self, name or Path(path).name, next(self.handles), path=str(path))
        book.sheets = [Worksheet(one, book, **parts) for one, parts in _sheets_of(Path(path))]
        book.active = book.sheets[0]
        self.books.append(book)
        self._show(book)
        return book

    def close(self, book: Workbook) -> None:
        self.books.remove(book)
        shown = [one for one in self.books if one.visible]
        if self.active is book:
            self.active = None
            if shown:
                self._show(shown[-1])

    def user_books(self) -> list[str]:
        return [book.name for book in self.books if book.visible]


_READ: dict[tuple[str, int], bytes] = {}


def _sheets_of(path: Path) -> list[tuple[str, dict[str, object]]]:
    """Names and contents of a file's sheets, read once."""
    key = (str(path), path.stat().st_mtime_ns)
    if key not in _READ:
        formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        sheets = []
        for place, source in enumerate(formulas.worksheets):
            sheet = Worksheet(source.title, None)
            _fill(sheet, source, values.worksheets[place])
            sheets.append((source.title, sheet.seen()))
        _READ[key] = pickle.dumps(sheets)
    return pickle.loads(_READ[key])


def _fill(sheet: Worksheet, source, values) -> None:
    for row in source.iter_rows():
        for found in row:
            if found.value is None and not found.has_style:
                continue
            value = values.cell(found.row, found.column).value
            look = [
                found.font.b,
                found.font.color and found.font.color.rgb,
                found.fill.fgColor.rgb,
                found.border.bottom.style,
            ]
            cell = Cell(_stored(value, found.data_type), format=found.number_format, look=str(look))
            if isinstance(found.value, ArrayFormula):
                cell.formula, cell.array = found.value.text, found.value.ref
            elif found.data_type == "f":
                cell.formula = found.value
            sheet.cells[found.row, found.column] = cell
    for cell in [cell for cell in sheet.cells.values() if cell.array]:
        left, top, right, bottom = range_boundaries(cell.array)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                other = sheet.cells.setdefault((row, column), Cell())
                other.formula, other.array = cell.formula, cell.array
                other.value = _stored(values.cell(row, column).value, "n")
    for chart in source._charts:
        parts = [chart, *getattr(chart, "_charts", [])]
        series = {id(one): one for part in parts for one in part.series}
        sheet.charts.append(Chart([_series(one) for one in series.values()]))
    sheet.widths = {letter: one.width for letter, one in source.column_dimensions.items()}
    sheet.rules = [
        f"{one.sqref} {','.join(rule.formula)}" for one in source.conditional_formatting for rule in one.rules
    ]
    sheet.lists = [f"{one.sqref} {one.formula1}" for one in source.data_validations.dataValidation]
    sheet.levels = {row: one.outlineLevel + 1 for row, one in source.row_dimensions.items() if one.outlineLevel}
    sheet.filter = source.auto_filter.ref and address_of(area_of(source.auto_filter.ref))
    sheet.window = (source.freeze_panes, source.sheet_view.showGridLines, source.print_title_rows, source.page_setup.orientation)  # fmt: skip


def _series(one) -> str:
    name = one.tx.strRef.f if one.tx and one.tx.strRef else f'"{one.tx.v if one.tx else ""}"'
    categories = one.cat.strRef or one.cat.numRef
    return f"=SERIES({name},{categories.f},{one.val.numRef.f},1)"


def _stored(value: object, kind: str) -> object:
    """A value as Excel has it: numbers are floats, an error is itself."""
    if isinstance(value, str) and value in ERRORS:
        return Error(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value


@dataclass(frozen=True)
class Error:
    text: str


def given(cell: Cell) -> object:
    """A cell's ``.Value``."""
    if isinstance(cell.value, Error):
        return -2146828288 + ERRORS[cell.value.text]
    if isinstance(cell.value, float) and "€" in cell.format:
        return Decimal(cell.value).quantize(Decimal("0.0001"))
    if isinstance(cell.value, dt.datetime):
        return cell.value.replace(tzinfo=dt.UTC)  # pywin32 says UTC for what has no zone
    return cell.value


def given2(cell: Cell) -> object:
    """A cell's ``.Value2``."""
    if isinstance(cell.value, dt.datetime):
        return (cell.value - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    return -2146828288 + ERRORS[cell.value.text] if isinstance(cell.value, Error) else cell.value


def parsed(value: object, form: str) -> tuple[object, str]:
    """Value and formula of what is typed into a cell."""
    if isinstance(value, str):
        if form == "@":
            return value, ""
        if value[:1] in "=+-@" and len(value) > 1:
            return Error("#NAME?"), "=" + value.lstrip("=+@")
        if value in ERRORS:
            return Error(value), ""
        try:
            return float(value), ""
        except ValueError:
            return value or None, ""
    if value is None or isinstance(value, float | bool | dt.datetime):
        return value, ""
    if isinstance(value, int):
        return float(value), ""
    raise com_error(f"type mismatch: {type(value)}")


def pointing(formula: str, source: str, within: set[str]) -> str:
    """A formula that came from another workbook, its references to sheets that did not come along pointing back."""

    def changed(found: re.Match[str]) -> str:
        name = found[1].strip("'")
        if name in within:
            return found[0]
        return f"'[{source}]{name}'!" if found[1].startswith("'") else f"[{source}]{name}!"

    return SHEET_REFERENCE.sub(changed, formula)


# Objects of COM -----------------------------------------------------------------------------------------------------


class Com:
    """An object of Excel: ``get_X`` and ``set_X`` stand for its property X, ``do_X`` for its method; each counts."""

    def __init__(self, excel: Excel, **parts: object) -> None:
        self.__dict__.update(excel=excel, **parts)

    def __getattr__(self, name: str):
        if name.startswith(("get_", "set_", "do_", "_")):
            raise AttributeError(name)
        get, do = getattr(type(self), f"get_{name}", None), getattr(type(self), f"do_{name}", None)
        if get is None and do is None:
            raise com_error(f"Member not found: {type(self).__name__}.{name}")
        self.excel.call(f"{type(self).__name__}.{name}")
        return get(self) if get else lambda *args, **named: do(self, *args, **named)

    def __setattr__(self, name: str, value: object) -> None:
        put = getattr(type(self), f"set_{name}", None)
        if put is None:
            raise com_error(f"can't set {type(self).__name__}.{name}")
        self.excel.call(f"{type(self).__name__}.{name} =")
        put(self, value)


class AppApi(Com):
    def get_CopyObjectsWithCells(self):
        return self.excel.objects_copied

    def set_CopyObjectsWithCells(self, value):
        self.excel.objects_copied = value

    def get_CalculationState(self):
        return 2 if self.excel.pending else 0

    def get_Selection(self):
        if self.excel.selected is None:
            return ChartObjectApi(self.excel)
        sheet, address = self.excel.selected
        return RangeApi(self.excel, sheet=sheet, area=area_of(address))

    def get_LanguageSettings(self):
        return LanguageApi(self.excel)


class LanguageApi(Com):
    def do_LanguageID(self, which):
        assert which == 2
        return self.excel.language


class BooksApi(Com):
    def do_Add(self, template):
        book = self.excel.load(template, f"{Path(template).stem}1")
        book.path = ""
        return BookApi(self.excel, book=book)


class BookApi(Com):
    def get_Windows(self):
        return WindowsApi(self.excel, book=self.book)

    def get_Sheets(self):
        return SheetsApi(self.excel, book=self.book)

    def do_Worksheets(self, names):
        return GroupApi(self.excel, sheets=[self.book.sheet(name) for name in names])

    def get_Name(self):
        return self.book.name

    def get_ProtectStructure(self):
        return self.book.protected

    def get_Saved(self):
        return self.book.saved

    def set_Saved(self, value):
        self.book.saved = value

    def do_Activate(self):
        self.excel._show(self.book)


class WindowsApi(Com):
    def get_Count(self):
        return 1

    def __call__(self, place):
        self.excel.call("Windows()")
        return WindowApi(self.excel, book=self.book)


class WindowApi(Com):
    def get_Hwnd(self):
        return self.book.handle

    def set_Visible(self, value):
        self.book.visible = value
        if not value and self.excel.active is self.book:
            shown = [one for one in self.excel.books if one.visible]
            self.excel.active = None
            if shown:
                self.excel._show(shown[-1])


class SheetsApi(Com):
    def get_Count(self):
        return len(self.book.sheets)

    def __call__(self, place):
        self.excel.call("Sheets()")
        return SheetApi(self.excel, sheet=self.book.sheets[place - 1])

    def __iter__(self) -> Iterator[SheetApi]:
        return iter([SheetApi(self.excel, sheet=sheet) for sheet in self.book.sheets])


class GroupApi(Com):
    def do_Copy(self, Before=None, After=None):
        assert Before is None
        after, names = After.sheet, {sheet.name for sheet in self.sheets}
        book = after.book
        place = book.sheets.index(after) + 1
        for source in self.sheets:
            taken = {sheet.name for sheet in book.sheets}
            new = Worksheet(source.name if source.name not in taken else f"{source.name} (2)", book)
            for key, value in source.seen().items():
                setattr(new, key, value)
            new.rules, new.lists = (
                [pointing(one, source.book.name, names) for one in part] for part in (new.rules, new.lists)
            )
            for cell in new.cells.values():
                cell.formula = pointing(cell.formula, source.book.name, names)
            book.sheets.insert(place, new)
            place += 1
        book.saved = False
        book.active = book.sheets[place - len(self.sheets)]
        self.excel._show(book)


class SheetApi(Com):
    def get_Name(self):
        return self.sheet.name

    def get_Parent(self):
        return BookApi(self.excel, book=self.sheet.book)

    def set_EnableCalculation(self, value):
        self.sheet.calculates = value

    def get_ProtectContents(self):
        return self.sheet.protected

    def get_AutoFilterMode(self):
        return self.sheet.filter is not None

    def set_AutoFilterMode(self, value):
        assert value is False
        self.sheet.filter = None
        self.sheet.hidden_rows.clear()

    def get_AutoFilter(self):
        return FilterApi(self.excel, sheet=self.sheet)

    def get_Cells(self):
        return RangeApi(self.excel, sheet=self.sheet, area=(1, 1, LAST_ROW, LAST_COLUMN))

    def do_Activate(self):
        if self.sheet.book is not self.excel.active:
            raise com_error("the sheet's workbook is not active")
        self.sheet.book.active = self.sheet
        self.excel.selected = (self.sheet, "$A$1")


class FilterApi(Com):
    def get_Range(self):
        return RangeApi(self.excel, sheet=self.sheet, area=area_of(self.sheet.filter))


class RangeApi(Com):
    def get_Worksheet(self):
        return SheetApi(self.excel, sheet=self.sheet)

    def get_Formula(self):
        cell = self.sheet.cells.get(self.area[:2], Cell())
        return cell.formula or ("" if cell.value is None else str(cell.value))

    def get_HasArray(self):
        return bool(self.sheet.cells.get(self.area[:2], Cell()).array)

    def get_CurrentArray(self):
        return RangeApi(self.excel, sheet=self.sheet, area=area_of(self.sheet.cells[self.area[:2]].array))

    def get_Rows(self):
        return CountApi(self.excel, count=self.area[2])

    def get_Columns(self):
        return CountApi(self.excel, count=self.area[3])

    def get_Row(self):
        return self.area[0]

    def get_Column(self):
        return self.area[1]

    def get_EntireRow(self):
        return self

    def set_Hidden(self, value):
        assert value is False
        self.sheet.hidden_rows.clear()

    def do_ClearOutline(self):
        self.sheet.levels.clear()

    def get_Address(self):
        return address_of(self.area)

    def get_Value2(self):
        return block(self, given2)

    def get_HasSpill(self):
        return any(self.sheet.cells.get(place, Cell()).look == "spilled" for place in places(self.area))

    def do_Calculate(self):
        self.excel.calculated.append(f"{self.sheet.name}!{address_of(self.area)}")

    def set_OutlineLevel(self, value):
        for row in range(self.area[0], self.area[0] + self.area[2]):
            self.sheet.levels[row] = value

    def do_AutoFilter(self):
        self.sheet.filter = None if self.sheet.filter else address_of(self.area)

    def do_Select(self):
        if self.sheet.book.active is not self.sheet or self.excel.active is not self.sheet.book:
            raise com_error("Select method of Range class failed")
        self.excel.selected = (self.sheet, address_of(self.area))

    def do_Copy(self, Destination=None):
        whole = self.area[2] == LAST_ROW
        source, target = self.sheet, Destination.sheet
        if target.protected:
            raise com_error("the sheet is protected")
        down, right = Destination.area[0] - self.area[0], Destination.area[1] - self.area[1]
        foreign = source.book is not target.book
        if whole:
            target.cells.clear()
            target.widths, target.rules, target.lists = dict(source.widths), list(source.rules), list(source.lists)
            if self.excel.objects_copied:
                for chart in source.charts:
                    target.charts.append(Chart([pointing(one, source.book.name, set()) if foreign else one for one in chart.series]))  # fmt: skip
        for (row, column), cell in source.cells.items():
            if inside((row, column), self.area):
                new = copy.copy(cell)
                new.formula = pointing(cell.formula, source.book.name, set()) if foreign else cell.formula
                target.cells[row + down, column + right] = new
        for place in places(self.area) if not whole else ():
            if place not in source.cells:
                target.cells.pop((place[0] + down, place[1] + right), None)
        target.book.saved = False


class CountApi(Com):
    def get_Count(self):
        return self.count


class ChartObjectApi(Com):
    pass


class ChartApi(Com):
    def do_SeriesCollection(self):
        return SeriesCollectionApi(self.excel, chart=self.chart)


class SeriesCollectionApi(Com):
    def get_Count(self):
        return len(self.chart.series)

    def __call__(self, place):
        self.excel.call("SeriesCollection()")
        return SeriesApi(self.excel, chart=self.chart, place=place - 1)


class SeriesApi(Com):
    def get_Formula(self):
        return self.chart.series[self.place]

    def set_Formula(self, value):
        self.chart.series[self.place] = value


def area_of(address: str) -> tuple[int, int, int, int]:
    text = address.replace("$", "")
    if re.fullmatch(r"\d+:\d+", text):
        first, last = map(int, text.split(":"))
        return first, 1, last - first + 1, LAST_COLUMN
    left, top, right, bottom = range_boundaries(text)
    return top, left, bottom - top + 1, right - left + 1


def address_of(area: tuple[int, int, int, int]) -> str:
    row, column, rows, columns = area
    first = f"${get_column_letter(column)}${row}"
    last = f"${get_column_letter(column + columns - 1)}${row + rows - 1}"
    return first if first == last else f"{first}:{last}"


def places(area: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
    row, column, rows, columns = area
    return ((r, c) for r in range(row, row + rows) for c in range(column, column + columns))


def inside(place: tuple[int, int], area: tuple[int, int, int, int]) -> bool:
    return area[0] <= place[0] < area[0] + area[2] and area[1] <= place[1] < area[1] + area[3]


def block(cells, what) -> object:
    row, column, rows, columns = cells.area
    found = tuple(
        tuple(what(cells.sheet.cells.get((r, c)) or Cell()) for c in range(column, column + columns))
        for r in range(row, row + rows)
    )
    return found[0][0] if rows == columns == 1 else found


# What stands behind xlwings' own objects -----------------------------------------------------------------------------


def state(name: str) -> property:
    def get(self):
        self.excel.call(f"App.{name}")
        return self.excel.state[name]

    def put(self, value):
        self.excel.call(f"App.{name} =")
        self.excel.state[name] = value
        if name == "status_bar":
            self.excel.status.append(value)

    return property(get, put)


class Engine:
    name = "excel"
    type = "desktop"


class App(base_classes.App):
    calculation, screen_updating, enable_events = state("calculation"), state("screen_updating"), state("enable_events")
    display_alerts, status_bar = state("display_alerts"), state("status_bar")
    engine = Engine()

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @property
    def api(self):
        return AppApi(self.excel)

    @property
    def pid(self):
        self.excel.call("App.pid")
        return self.excel.pid

    @property
    def version(self):
        return "16.0"

    @property
    def books(self):
        return Books(self.excel)

    def calculate(self):
        self.excel.call("App.calculate")
        self.excel.pending = False

    def alert(self, prompt, title, buttons, mode, callback):
        self.excel.alerts.append((prompt, mode or ""))
        if buttons == "yes_no":
            return self.excel.answers.pop(0) if self.excel.answers else "no"
        return "ok"


class Books(base_classes.Books):
    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @property
    def app(self):
        return App(self.excel)

    @property
    def api(self):
        return BooksApi(self.excel)

    @property
    def active(self):
        self.excel.call("Books.active")
        return Book(self.excel.active) if self.excel.active else None

    def __call__(self, name):
        self.excel.call("Books()")
        for place, book in enumerate(self.excel.books, start=1):
            if name in (place, book.name):
                return Book(book)
        raise KeyError(name)

    def __len__(self):
        return len(self.excel.books)

    def __iter__(self):
        self.excel.call("Books iter")
        return iter([Book(book) for book in self.excel.books])

    def add(self):
        self.excel.call("Books.add")
        return Book(self.excel.add())

    def open(self, fullname, *_):
        self.excel.call("Books.open")
        self.excel.opened.append(fullname)
        return Book(self.excel.load(fullname))


class Book(base_classes.Book):
    def __init__(self, book: Workbook) -> None:
        self.book, self.excel = book, book.excel

    @property
    def api(self):
        return BookApi(self.excel, book=self.book)

    @property
    def name(self):
        self.excel.call("Book.name")
        return self.book.name

    @property
    def fullname(self):
        raise AssertionError("a path from FullName is an address in the cloud for many")

    @property
    def app(self):
        return App(self.excel)

    @property
    def sheets(self):
        return Sheets(self.book)

    def close(self):
        self.excel.call("Book.close")
        self.excel.close(self.book)


class Sheets(base_classes.Sheets):
    def __init__(self, book: Workbook) -> None:
        self.book, self.excel = book, book.excel

    @property
    def _worksheets(self) -> list[Worksheet]:
        return [sheet for sheet in self.book.sheets if not sheet.is_chart]

    @property
    def active(self):
        self.excel.call("Sheets.active")
        return Sheet(self.book.active)

    def __call__(self, name):
        self.excel.call("Sheets()")
        return Sheet(self._worksheets[name - 1] if isinstance(name, int) else self.book.sheet(name))

    def __len__(self):
        self.excel.call("Sheets.Count")
        return len(self._worksheets)

    def __iter__(self):
        self.excel.call("Sheets iter")
        return iter([Sheet(sheet) for sheet in self._worksheets])

    def add(self, before=None, after=None, name=None):
        self.excel.call("Sheets.add")
        sheet = self.book.add(f"New{len(self.book.sheets)}", self.book.sheets.index(before.sheet) if before else 0)
        if name:
            sheet.name = name
        return Sheet(sheet)


class Sheet(base_classes.Sheet):
    def __init__(self, sheet: Worksheet) -> None:
        self.sheet, self.excel = sheet, sheet.book.excel

    @property
    def api(self):
        return SheetApi(self.excel, sheet=self.sheet)

    @property
    def name(self):
        self.excel.call("Sheet.name")
        return self.sheet.name

    @name.setter
    def name(self, value):
        self.excel.call("Sheet.name =")
        self.sheet.name = value

    @property
    def book(self):
        return Book(self.sheet.book)

    @property
    def charts(self):
        return Charts(self.sheet)

    def range(self, first, second=None):
        if isinstance(first, str):
            return Range(self.sheet, area_of(first))
        second = second or first
        return Range(self.sheet, (*first, second[0] - first[0] + 1, second[1] - first[1] + 1))

    @property
    def used_range(self):
        self.excel.call("Sheet.used_range")
        rows = [row for row, _ in self.sheet.cells] or [1]
        columns = [column for _, column in self.sheet.cells] or [1]
        top, left = min(rows), min(columns)
        return Range(self.sheet, (top, left, max(rows) - top + 1, max(columns) - left + 1))

    def clear(self):
        self.excel.call("Sheet.clear")
        if self.sheet.protected:
            raise com_error("the sheet is protected")
        self.sheet.cells.clear()
        self.sheet.rules.clear()
        self.sheet.lists.clear()

    def delete(self):
        self.excel.call("Sheet.delete")
        book = self.sheet.book
        book.sheets.remove(self.sheet)
        for sheet in book.sheets:
            for cell in sheet.cells.values():
                cell.formula = cell.formula.replace(f"{self.sheet.name}!", "#REF!")
        if book.active is self.sheet:
            book.active = book.sheets[0]
            if self.excel.active is book:
                self.excel._show(book)


class Charts(base_classes.Charts):
    def __init__(self, sheet: Worksheet) -> None:
        self.sheet, self.excel = sheet, sheet.book.excel

    def __len__(self):
        return len(self.sheet.charts)

    def __iter__(self):
        self.excel.call("Charts iter")
        return iter([OneChart(self.sheet, chart) for chart in self.sheet.charts])


class OneChart(base_classes.Chart):
    def __init__(self, sheet: Worksheet, chart: Chart) -> None:
        self.sheet, self.chart, self.excel = sheet, chart, sheet.book.excel

    @property
    def api(self):
        return ChartObjectApi(self.excel), ChartApi(self.excel, chart=self.chart)

    def delete(self):
        self.excel.call("Chart.delete")
        self.sheet.charts = [chart for chart in self.sheet.charts if chart is not self.chart]


class Range(base_classes.Range):
    def __init__(self, sheet: Worksheet, area: tuple[int, int, int, int]) -> None:
        self._sheet, self.area, self.excel = sheet, area, sheet.book.excel

    @property
    def api(self):
        return RangeApi(self.excel, sheet=self._sheet, area=self.area)

    @property
    def sheet(self):
        return Sheet(self._sheet)

    @property
    def row(self):
        return self.area[0]

    @property
    def column(self):
        return self.area[1]

    @property
    def shape(self):
        return self.area[2:]

    def __len__(self):
        count = self.area[2] * self.area[3]
        if count > 2**31:
            raise com_error("Overflow")
        return count

    @property
    def address(self):
        return address_of(self.area)

    @property
    def raw_value(self):
        self.excel.call("Range.Value")
        return block(Both(self._sheet, self.area), given)

    @raw_value.setter
    def raw_value(self, value):
        self.excel.call("Range.Value =")
        if self._sheet.protected:
            raise com_error("the sheet is protected")
        rows = value if isinstance(value, list | tuple) else [[value]]
        for place, one in zip(places(self.area), (one for row in rows for one in row), strict=True):
            cell = self._sheet.cells.setdefault(place, Cell())
            if cell.array:
                raise com_error("You can't change part of an array.")
            cell.value, cell.formula = parsed(one, cell.format)
        self._sheet.book.saved = False

    @property
    def formula(self):
        self.excel.call("Range.Formula")

        def text(cell: Cell) -> object:
            value = given2(cell)
            return cell.formula or ("" if value is None else value if isinstance(value, str) else str(value))

        return block(Both(self._sheet, self.area), text)

    @property
    def number_format(self):
        return self._sheet.cells.get(self.area[:2], Cell()).format

    @number_format.setter
    def number_format(self, value):
        self.excel.call("Range.NumberFormat =")
        for place in places(self.area):
            self._sheet.cells.setdefault(place, Cell()).format = value

    def copy(self, destination=None):
        self.api.Copy(Destination=destination.api if destination else None)


@dataclass
class Both:
    sheet: Worksheet
    area: tuple[int, int, int, int]
