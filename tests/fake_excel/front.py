"""What stands behind xlwings' own objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlwings import base_classes

from fake_excel.areas import address_of, area_of, places
from fake_excel.books import Both, Chart, Workbook, Worksheet, block
from fake_excel.cells import Cell, given, given2, parsed
from fake_excel.com_books import AppApi, BookApi, BooksApi, RangeApi, SheetApi
from fake_excel.com_charts import ChartApi, ChartObjectApi
from fake_excel.errors import com_error

if TYPE_CHECKING:
    from fake_excel.application import Excel


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
        if buttons in ("yes_no", "yes_no_cancel"):
            default = {"yes_no": "no", "yes_no_cancel": "cancel"}[buttons]
            return self.excel.answers.pop(0) if self.excel.answers else default
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
