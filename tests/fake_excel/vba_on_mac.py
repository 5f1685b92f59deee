"""What the add-in's VBA module SmileMac answers, told again in Python: each request as Excel on Windows does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import xlwings

from fake_excel import front
from fake_excel.areas import area_of, places
from fake_excel.cells import Cell
from fake_excel.errors import ERRORS, Error, com_error
from smile_xl.books.live.windows import Windows

if TYPE_CHECKING:
    from fake_excel.application import Excel

YES, LINE, FIELD = "1", "\n", "\t"
HOST = Windows()


def answer(excel: Excel, request: str, one: str, two: str, three: str, four: str) -> str:
    """The answer of SmileMacDo."""
    try:
        found = _carried_out(excel, request, one, two, three, four)
    except com_error as error:
        return f"!{error.args[2][2] if len(error.args) > 2 else error}"
    return found if isinstance(found, str) else YES if found else ""


def _carried_out(excel: Excel, request: str, one: str, two: str, three: str, four: str) -> object:
    app = xlwings.App(impl=front.App(excel))
    if request in OF_APPLICATION:
        return OF_APPLICATION[request](app, one)
    book = app.books[one]
    if request in OF_BOOK:
        return OF_BOOK[request](book, two, three)
    return OF_SHEET[request](book.sheets[two], three, four)


def _selection(app: xlwings.App) -> str:
    try:
        found = HOST.selection(app)
    except com_error as error:
        if "Member not found" not in str(error):
            raise
        return ""
    return FIELD.join(map(str, found or ()))


def _errors(sheet: xlwings.Sheet, cells: str) -> str:
    worksheet, area = sheet.impl.sheet, area_of(cells)
    shown = {place: worksheet.cells.get(place, Cell()).value for place in places(area)}
    return LINE.join(
        FIELD.join(map(str, (row - area[0] + 1, column - area[1] + 1, ERRORS[value.text])))
        for (row, column), value in shown.items()
        if isinstance(value, Error)
    )


def _formula(sheet: xlwings.Sheet, cell: str) -> str:
    text, area = HOST.formula(sheet.range(cell))
    return FIELD.join([*map(str, area or (0, 0, 0, 0)), text])


OF_APPLICATION: dict[str, Callable[[xlwings.App, str], object]] = {
    "french": lambda app, _: HOST.is_french(app),
    "new": HOST.add_from,
    "selection": lambda app, _: _selection(app),
    "copies objects": lambda app, _: HOST.copies_objects(app),
    "copy objects": lambda app, value: HOST.copy_objects(app, value == YES),
}
OF_BOOK: dict[str, Callable[[xlwings.Book, str, str], object]] = {
    "go to": HOST.go_to,
    "folder": lambda book, *_: HOST.folder(book),
    "identity": lambda book, *_: f"{book.impl.book.path or book.name}",
    "hide": lambda book, *_: HOST.hide(book),
    "seal": lambda book, *_: HOST.seal(book),
    "saved": lambda book, *_: HOST.mark_saved(book),
    "structure": lambda book, *_: HOST.has_locked_structure(book),
    "sheets": lambda book, *_: LINE.join(HOST.all_sheets(book)),
    "copy sheets": lambda book, names, target: HOST.copy_sheets(book, names.split(LINE), book.app.books[target]),
}
OF_SHEET: dict[str, Callable[[xlwings.Sheet, str, str], object]] = {
    "protected": lambda sheet, *_: HOST.is_protected(sheet),
    "empty": lambda sheet, *_: HOST.empty(sheet),
    "copy cells": lambda sheet, book, name: HOST.copy_cells(sheet, sheet.book.app.books[book].sheets[name]),
    "own charts": lambda sheet, source, _: HOST.own_charts(sheet, source.strip("[]")),
    "fold": lambda sheet, rows, level: HOST.fold(sheet, *map(int, rows.split(":")), int(level) - 1),
    "filter": lambda sheet, *_: HOST.filter(sheet),
    "filter by": lambda sheet, cells, _: HOST.filter_by(sheet, cells),
    "errors": lambda sheet, cells, _: _errors(sheet, cells),
    "spills": lambda sheet, cells, _: HOST.spills(sheet.range(cells)),
    "formula": lambda sheet, cell, _: _formula(sheet, cell),
}
