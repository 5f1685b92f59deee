"""The application: its workbooks and its state, the calls that it gets, and the one that is to fail."""

from __future__ import annotations

from pathlib import Path

import xlwings

from fake_excel.books import Workbook, Worksheet
from fake_excel.errors import com_error
from fake_excel.files import sheets_of
from fake_excel.front import App, Book


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
        self.chosen: list[object] = []
        self.asked: list[tuple[str, ...]] = []
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
        book.sheets = [Worksheet(one, book, **parts) for one, parts in sheets_of(Path(path))]
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
