"""Excel on a Mac: what xlwings' own objects for it (``xlwings._xlmac``) ask of appscript, over the same workbooks.

An error cell comes as a missing value, like nothing at all; a blank as an empty text; currency with four decimals; whole
numbers beyond 32 bits are lost. What has no word here has none in Excel's dictionary for AppleScript, as far as we use it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import xlwings

from fake_excel import application, front
from fake_excel.areas import address_of, area_of
from fake_excel.books import Both, Workbook, Worksheet, block
from fake_excel.cells import Cell, given, given2
from fake_excel.errors import Error, com_error
from fake_excel.vba_on_mac import answer


@dataclass(frozen=True)
class Keyword:
    """A word of Excel's dictionary."""

    AS_name: str


class Keywords:
    def __getattr__(self, name: str) -> Keyword:
        if name.startswith("__"):
            raise AttributeError(name)
        return Keyword(name)


k = Keywords()


class CommandError(Exception):
    """What appscript raises."""

    def __init__(self, text: str, errornumber: int = -50) -> None:
        super().__init__(text)
        self.errornumber = errornumber


def _refused(name: str) -> None:
    """Other programs are none of our business, and need rights of their own."""
    raise CommandError(f"not allowed to control {name}", -1743)


@contextlib.contextmanager
def xlmac() -> Iterator[ModuleType]:
    """xlwings' module for Macs, over stand-ins for what it needs of one."""
    reference = SimpleNamespace(CommandError=CommandError, Reference=object)
    contents: dict[str, dict[str, Any]] = {
        "aem": {
            "kae": SimpleNamespace(typeKernelProcessID=b"kpid"),
            "aemsend": SimpleNamespace(EventError=CommandError),
        },
        "appscript": {
            "k": k,
            "its": SimpleNamespace(unix_id=0),
            "mactypes": None,
            "app": _refused,
            "reference": reference,
            "__path__": [],
        },
        "appscript.reference": vars(reference),
        "osax": {"OSAX": Additions},
        "psutil": {"process_iter": list, "NoSuchProcess": KeyError},
    }
    before = {name: sys.modules.get(name) for name in [*contents, "xlwings._xlmac"]}
    sys.modules.pop("xlwings._xlmac", None)
    for name, content in contents.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(content)
    try:
        yield importlib.import_module("xlwings._xlmac")
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


class MacExcel(application.Excel):
    """The application; its objects are those that xlwings makes on a Mac. To be made within ``xlmac()``."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__()
        self.module = module
        Additions.excel = self

    @property
    def app(self) -> xlwings.App:
        return xlwings.App(impl=self.module.App(xl=AppReference(self)))

    def xlwings_book(self, book: Workbook) -> xlwings.Book:
        return xlwings.Book(impl=self.module.Book(self.app.impl, book.name))

    def told(self, name: str) -> None:
        """A call by AppleScript."""
        try:
            self.call(name)
        except com_error as error:
            raise CommandError(str(error.args[2][2]) if len(error.args) > 2 else str(error)) from None


class Additions:
    """The dialogs of AppleScript's Standard Additions."""

    excel: MacExcel

    def __init__(self, pid: int) -> None:
        assert pid == MacExcel.pid

    def activate(self) -> None:
        pass

    def display_alert(self, title: str, message: str, buttons: str | list[str], as_: Keyword) -> dict[Keyword, str]:
        self.excel.alerts.append((message, {k.informational: "info"}.get(as_, as_.AS_name)))
        answered = self.excel.answers.pop(0) if self.excel.answers and buttons != "OK" else None
        return {k.button_returned: (answered or (buttons if isinstance(buttons, str) else buttons[0])).title()}

    def _chosen(self, *asked: str) -> Any:
        self.excel.asked.append(asked)
        if not self.excel.chosen or self.excel.chosen[0] is False:
            raise CommandError("User canceled.", -128)
        return self.excel.chosen.pop(0)

    def choose_file(self, with_prompt: str, multiple_selections_allowed: bool) -> list[SimpleNamespace]:
        assert multiple_selections_allowed
        return [SimpleNamespace(path=name) for name in self._chosen(with_prompt)]

    def choose_folder(self, with_prompt: str) -> SimpleNamespace:
        return SimpleNamespace(path=self._chosen(with_prompt))

    def display_dialog(self, text: str, default_answer: str, with_title: str) -> dict[Keyword, str]:
        return {k.button_returned: "OK", k.text_returned: self._chosen(text, default_answer)}


class Property:
    """A property: read with get, written with set."""

    def __init__(self, excel: MacExcel, name: str, get: Callable[[], Any], put: Callable[[Any], None] | None = None):
        self.excel, self.name, self._get, self._put = excel, name, get, put

    def get(self) -> Any:
        self.excel.told(self.name)
        return self._get()

    def set(self, value: Any) -> None:
        self.excel.told(f"{self.name} =")
        if self._put is None:
            raise CommandError(f"can't set {self.name}", -10006)
        try:
            self._put(value)
        except com_error as error:
            raise CommandError(str(error)) from None


class AppReference:
    def __init__(self, excel: MacExcel) -> None:
        self.excel = excel
        target = SimpleNamespace(coerce=lambda _: SimpleNamespace(data=struct.pack("i", excel.pid)))
        self.AS_appdata = SimpleNamespace(target=lambda: SimpleNamespace(addressdesc=target))

    def _state(self, name: str) -> Property:
        def put(value: object) -> None:
            self.excel.state[name] = value
            if name == "status_bar":
                self.excel.status.append(value)

        return Property(self.excel, f"App.{name}", lambda: self.excel.state[name], put)

    screen_updating = property(lambda self: self._state("screen_updating"))
    enable_events = property(lambda self: self._state("enable_events"))
    display_alerts = property(lambda self: self._state("display_alerts"))
    status_bar = property(lambda self: self._state("status_bar"))

    @property
    def calculation(self) -> Property:
        state = self.excel.state
        return Property(
            self.excel,
            "App.calculation",
            lambda: Keyword(f"calculation_{state['calculation']}"),
            lambda value: state.update(calculation=value.AS_name.removeprefix("calculation_")),
        )

    @property
    def version(self) -> Property:
        return Property(self.excel, "App.version", lambda: "16.89")

    @property
    def active_workbook(self) -> BookReference:
        return BookReference(self.excel, lambda: self.excel.active)

    @property
    def workbooks(self) -> Elements:
        def find(name: str | int) -> Workbook | None:
            if isinstance(name, int):
                return self.excel.books[name - 1]
            return next((book for book in self.excel.books if book.name == name), None)

        return Elements(lambda name: BookReference(self.excel, lambda: find(name)))

    def count(self, each: Keyword) -> int:
        assert each == k.workbook
        return len(self.excel.books)

    def make(self, new: Keyword) -> BookReference:
        assert new == k.workbook
        self.excel.told("Books.add")
        book = self.excel.add()
        return BookReference(self.excel, lambda: book)

    def open_workbook(self, workbook_file_name: str, **_: object) -> None:
        self.excel.told("Books.open")
        self.excel.opened.append(workbook_file_name)
        self.excel.load(workbook_file_name)

    def calculate(self) -> None:
        self.excel.told("App.calculate")
        self.excel.pending = False

    def run_VB_macro(self, macro: str, **arguments: str) -> object:
        self.excel.told("App.run")
        assert macro == "'smile_xl.xlam'!SmileMacDo"
        return answer(self.excel, *(arguments[f"arg{place}"] for place in range(1, len(arguments) + 1)))


class Elements:
    """Elements of an object, by name or number."""

    def __init__(self, find: Callable[[Any], Any]) -> None:
        self._find = find

    def __getitem__(self, name: Any) -> Any:
        return self._find(name)


class BookReference:
    def __init__(self, excel: MacExcel, find: Callable[[], Workbook | None]) -> None:
        self.excel, self._find = excel, find

    @property
    def book(self) -> Workbook:
        book = self._find()
        if book is None:
            raise CommandError("no such workbook", -1728)
        return book

    @property
    def name(self) -> Property:
        return Property(self.excel, "Book.name", lambda: (self._find() and self.book.name) or k.missing_value)

    def exists(self) -> bool:
        return self._find() is not None

    def close(self, saving: Keyword) -> None:
        assert saving == k.no
        self.excel.told("Book.close")
        self.excel.close(self.book)

    @property
    def _worksheets(self) -> list[Worksheet]:
        return [sheet for sheet in self.book.sheets if not sheet.is_chart]

    @property
    def worksheets(self) -> Elements:
        def find(name: str | int) -> Worksheet:
            return self._worksheets[name - 1] if isinstance(name, int) else self.book.sheet(name)

        return Elements(lambda name: SheetReference(self.excel, lambda: find(name)))

    def count(self, each: Keyword) -> int:
        assert each == k.worksheet
        self.excel.told("Sheets.Count")
        return len(self._worksheets)

    def make(self, new: Keyword, at: Callable[[], int]) -> SheetReference:
        assert new == k.worksheet
        self.excel.told("Sheets.add")
        sheet = self.book.add(f"New{len(self.book.sheets)}", at())
        return SheetReference(self.excel, lambda: sheet)


class SheetReference:
    def __init__(self, excel: MacExcel, find: Callable[[], Worksheet]) -> None:
        self.excel, self._find = excel, find

    @property
    def sheet(self) -> Worksheet:
        try:
            return self._find()
        except com_error as error:
            raise CommandError(str(error), -1728) from None

    @property
    def name(self) -> Property:
        return Property(
            self.excel, "Sheet.name", lambda: self.sheet.name, lambda name: setattr(self.sheet, "name", name)
        )

    @property
    def before(self) -> Callable[[], int]:
        return lambda: self.sheet.book.sheets.index(self.sheet)

    @property
    def used_range(self) -> RangeReference:
        self.excel.told("Sheet.used_range")
        return RangeReference(self, front.Sheet(self.sheet).used_range.area)

    @property
    def cells(self) -> Elements:
        return Elements(lambda cells: RangeReference(self, area_of(cells)))

    @property
    def rows(self) -> Elements:
        return Elements(
            lambda row: SimpleNamespace(columns=Elements(lambda column: RangeReference(self, (row, column, 1, 1))))
        )

    def delete(self) -> None:
        front.Sheet(self.sheet).delete()


class RangeReference:
    def __init__(self, sheet: SheetReference, area: tuple[int, int, int, int]) -> None:
        self._sheet, self.area, self.excel = sheet, area, sheet.excel

    @property
    def cells(self) -> front.Range:
        """The same cells on Windows."""
        return front.Range(self._sheet.sheet, self.area)

    def _block(self, what: Callable[[Cell], object]) -> object:
        found = block(Both(self._sheet.sheet, self.area), what)
        return [list(row) for row in found] if isinstance(found, tuple) else found

    @property
    def value(self) -> Property:
        def shown(cell: Cell) -> object:
            if isinstance(cell.value, Error):
                return k.missing_value
            value = given(cell)
            return "" if value is None else value if isinstance(value, str | bool) else _plain(value)

        return Property(self.excel, "Range.Value", lambda: self._block(shown), self._write)

    def _write(self, value: object) -> None:
        rows = value if isinstance(value, list | tuple) else [[value]]
        for one in (one for row in rows for one in row):
            if not isinstance(one, str | float | bool | dt.datetime):
                raise CommandError(f"appscript hands on no {one!r}", -1700)
        self.cells.raw_value = [[None if one == "" else one for one in row] for row in rows]

    @property
    def value2(self) -> Property:
        def plain(cell: Cell) -> object:
            if isinstance(cell.value, Error):
                return k.missing_value
            value = given2(cell)
            return "" if value is None else value

        return Property(self.excel, "Range.Value2", lambda: self._block(plain))

    @property
    def formula(self) -> Property:
        def rows() -> object:
            found = self.cells.formula
            return [list(row) for row in found] if isinstance(found, tuple) else found

        return Property(self.excel, "Range.formula", rows)

    @property
    def number_format(self) -> Property:
        def put(value: str) -> None:
            self.cells.number_format = value

        return Property(self.excel, "Range.number_format", lambda: self.cells.number_format, put)

    def get_address(self, **_: object) -> str:
        return address_of(self.area)

    @property
    def first_row_index(self) -> Property:
        return Property(self.excel, "Range.row", lambda: self.area[0])

    @property
    def first_column_index(self) -> Property:
        return Property(self.excel, "Range.column", lambda: self.area[1])

    def count(self, each: Keyword) -> int:
        return self.area[2] if each == k.row else self.area[3]

    def copy_range(self, destination: RangeReference) -> None:
        self.excel.told("Range.copy")
        self.cells.copy(destination.cells)


def _plain(value: Any) -> object:
    """A number, rounded where Windows would say currency; a date without a zone."""
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else float(value)
