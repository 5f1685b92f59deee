"""What a refresh replaces, kept so that it can be put back.

Excel's own undo ends at the first change that a program makes. So the sheets and values that are about to be replaced
are first copied, as they are, into a workbook that stays open unseen in the same Excel, until the next refresh or until
Excel is closed. Nothing of it is ever saved, in the workbook or beside it, and a workbook that has no file yet has its
own as well. Whose it is follows from the workbook's windows: names change, and two folders may have the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smile_xl.books.live.host import host
from smile_xl.books.live.sheets import close, copy_sheets, replace_sheet, with_objects

if TYPE_CHECKING:
    import xlwings

_MARK = "SMILE undo"
_BEFORE, _AFTER = "SMILE before", "SMILE after"
"""Sheets with the values of single cells before and after, each at its own address."""

Cells = tuple[str, str]
"""Sheet and address of some cells."""


@dataclass(frozen=True)
class Previous:
    """Sheets and values before a refresh."""

    target: xlwings.Book
    kept: xlwings.Book
    """The unseen workbook."""
    replaced: list[str]
    created: list[str]
    values: list[Cells]

    @classmethod
    def keep(
        cls, target: xlwings.Book, replaced: Sequence[str], created: Sequence[str], values: Sequence[Cells]
    ) -> Previous:
        """Copy what is about to be replaced: whole sheets, and some cells of one more sheet."""
        kept = target.app.books.add()
        try:
            host(kept).hide(kept)
            for sheet in list(kept.sheets)[1:]:
                sheet.delete()
            mark = kept.sheets[0]
            mark.name = _MARK
            rows = [("replaced", name, "") for name in replaced]
            rows += [("created", name, "") for name in created]
            rows += [("values", *cells) for cells in values]
            rows += [("window", handle, "") for handle in host(target).identity(target)]
            cells = mark.range((1, 1), (len(rows), 3))
            cells.number_format = "@"
            host(kept).write(cells, rows)
            for title in (_BEFORE, _AFTER) if values else ():
                kept.sheets.add(title, before=mark)
            for name, address in values:
                target.sheets[name].range(address).copy(kept.sheets[_BEFORE].range(address))
            if replaced:
                copy_sheets(target, replaced, kept)
            host(kept).seal(kept)
        except BaseException:
            close(kept)
            raise
        return cls(target, kept, list(replaced), list(created), list(values))

    @classmethod
    def find(cls, target: xlwings.Book) -> Previous | None:
        """What the last refresh of a workbook has kept."""
        windows = set(host(target).identity(target))
        for kept in reversed(list(target.app.books)):
            rows = _mark_of(kept)
            if windows.intersection(name for kind, name, _ in rows if kind == "window"):
                named = {kind: [name for one, name, _ in rows if one == kind] for kind in ("replaced", "created")}
                values = [(sheet, address) for kind, sheet, address in rows if kind == "values"]
                return cls(target, kept, named["replaced"], named["created"], values)
        return None

    def written(self) -> None:
        """Remember what the refresh has written, to see later whether it still stands there."""
        for sheet, address in self.values:
            self.target.sheets[sheet].range(address).copy(self.kept.sheets[_AFTER].range(address))
        host(self.kept).mark_saved(self.kept)

    def moved(self) -> list[str]:
        """Sheets whose single cells are no longer those that the refresh wrote."""
        after = self.kept.sheets[_AFTER] if self.values else None
        changed = [
            sheet
            for sheet, address in self.values
            if after is not None
            and self.target.sheets[sheet].range(address).raw_value != after.range(address).raw_value
        ]
        return list(dict.fromkeys(changed))

    def put_back(self, leave: Sequence[str] = ()) -> None:
        """Put everything back, but for the single cells of the sheets to ``leave``, and forget it."""
        sheets = {sheet.name.casefold(): sheet for sheet in self.target.sheets}
        with with_objects(self.target.app):
            for name in self.replaced:
                if name.casefold() in sheets:
                    source = self.kept.sheets[name]
                    replace_sheet(source, sheets[name.casefold()])
                    cells = host(source).filter(source)
                    if cells:
                        host(source).filter_by(sheets[name.casefold()], cells)
        for name in self.created:
            if name.casefold() in sheets:
                sheets[name.casefold()].delete()
        for sheet, address in self.values:
            if sheet not in leave and sheet.casefold() in sheets:
                self.kept.sheets[_BEFORE].range(address).copy(self.target.sheets[sheet].range(address))
        self.forget()

    def forget(self) -> None:
        """Close the unseen workbook."""
        close(self.kept)


def forget_closed(app: xlwings.App) -> None:
    """Close what was kept of workbooks that are no longer open."""
    books = list(app.books)
    marks = {book.name: _mark_of(book) for book in books}
    windows = {handle for book in books if not marks[book.name] for handle in host(book).identity(book)}
    for book in books:
        own = {name for kind, name, _ in marks[book.name] if kind == "window"}
        if own and not own & windows:
            close(book)


def _mark_of(book: xlwings.Book) -> list[tuple[str, str, str]]:
    """The list in an unseen workbook of ours; empty in all others."""
    with suppress(Exception):
        if _MARK in (sheet.name for sheet in book.sheets):
            used = book.sheets[_MARK].used_range.raw_value
            return [(str(kind), str(name), str(address or "")) for kind, name, address in used]
    return []
