"""The command that fills a book from lists of other systems: import."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import Frame, RefusedError, moment, tell
from smile_xl.cli.planning import print_rows
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.books.xlsx.book import XlsxBook
    from smile_xl.planning.cycle import Cycle
    from smile_xl.planning.imports.allocate import Import
    from smile_xl.planning.imports.dates import Order
    from smile_xl.planning.imports.numbers import Sign

SIGNS = ("comma", "point")


def add(frame: Frame) -> None:
    """Add the command to the group."""

    @frame.command("import")
    @click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
    @click.option("--into", "book", type=click.Path(path_type=Path), metavar="BOOK", required=True,
                  help=frame.text("into"))  # fmt: skip
    @click.option("--map", "map_name", metavar="NAME", help=frame.text("map"))
    @click.option("--preview", is_flag=True, help=frame.text("preview"))
    @click.option("--yes", is_flag=True, help=frame.text("yes"))
    @click.option("--decimal", type=click.Choice(SIGNS), metavar="comma|point", help=frame.text("decimal"))
    @click.option("--dates", type=click.Choice(["dmy", "mdy"]), metavar="dmy|mdy", help=frame.text("dates"))
    @frame.form
    @frame.stamp
    @frame.lang
    def import_lists(
        files: tuple[Path, ...],
        book: Path,
        map_name: str | None,
        preview: bool,
        yes: bool,
        decimal: str | None,
        dates: Order | None,
        form: str,
        stamp: str | None,
    ) -> int:
        from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
        from smile_xl.planning.imports.listing import ListError  # noqa: PLC0415

        when = moment(stamp, frame.spoken)
        try:
            into = XlsxBook(book)
            cycle, found = _read(into, files, map_name, decimal, dates)
            _show(found, preview, form, frame.spoken)
            if preview:
                return 0
            return _write(into, cycle, found, when, yes, frame.spoken)
        except ListError as error:
            raise RefusedError(error.text(frame.spoken)) from error


def _read(
    book: XlsxBook, files: tuple[Path, ...], map_name: str | None, decimal: str | None, dates: Order | None
) -> tuple[Cycle, Import]:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.lists.reading import read_list  # noqa: PLC0415
    from smile_xl.planning.imports.listing import ListError  # noqa: PLC0415

    seen: set[str] = set()
    for file in files:
        if os.path.realpath(file) in seen:
            raise ListError("file_twice", file=file.name)
        seen.add(os.path.realpath(file))
    lists = [read_list(file) for file in files]
    sign: Sign | None = "," if decimal == "comma" else "." if decimal else None
    return commands.read_import(book, lists, map_name=map_name, decimal=sign, order=dates)


def _show(found: Import, preview: bool, form: str, spoken: Language) -> None:
    """The preview: what was recognised, by which evidence, and what becomes of it."""
    from smile_xl.reports.import_preview import preview_lines  # noqa: PLC0415

    if preview and form != "table":
        print_rows(found.rows(spoken), form)
        return
    for line in preview_lines(found, spoken):
        click.echo(line) if preview else tell(line)
    if preview:
        print_rows(found.rows(spoken), "table")


def _write(book: XlsxBook, cycle: Cycle, found: Import, when: dt.datetime, yes: bool, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.planning.grid import address  # noqa: PLC0415
    from smile_xl.planning.imports.listing import ListError  # noqa: PLC0415
    from smile_xl.planning.written import import_cells  # noqa: PLC0415

    if not yes:
        if not sys.stdin.isatty():
            raise RefusedError(say("imports.preview.no_terminal", spoken))
        if not click.confirm(say("imports.preview.question", spoken, file=book.name), err=True):
            tell(say("imports.preview.declined", spoken))
            return 0
    cells = import_cells(cycle, found)
    for sheet in dict.fromkeys(home.sheet for home in cells):
        places = {(home.row, home.column) for home in cells if home.sheet == sheet}
        formula = next((one.place for one in book.formula_cells(sheet) if one.place in places), None)
        if formula:
            raise ListError("input_formula", sheet=sheet, cell=address(*formula))
    commands.write_import(book, cycle, found, when)
    book.save()
    count = {
        "cells": len(cells),
        "items": len({(home.sheet, home.row) for home in cells}),
        "quarantined": len(found.quarantined),
    }
    sheet = say("headers.sheet.quarantine", cycle.inputs.settings.language)
    tell(say("imports.preview.done", spoken, file=book.name, sheet=sheet, **count))
    return 0
