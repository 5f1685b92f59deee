"""The ribbon's commands that fill a workbook and lead from one cycle to the next: import, archive, bridge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smile_xl.excel.call import TITLE, Call, Message
from smile_xl.excel.dialogs import ask_text, choose_files, choose_folder
from smile_xl.language import say
from smile_xl.planning.grid import address

if TYPE_CHECKING:
    from smile_xl.books.archive.store import Version
    from smile_xl.books.live.book import LiveBook
    from smile_xl.planning.bridge import BridgeError
    from smile_xl.planning.cycle import Cycle
    from smile_xl.planning.grid import Home
    from smile_xl.planning.imports.allocate import Import
    from smile_xl.planning.imports.listing import ListError, RawList

LINES, WIDTH = 24, 150
"""Lines of a preview that a message shows, and characters of each."""
CYCLES = 12
"""Cycles that a question lists."""

Told = dict[str, Any]
"""What the user has said of the lists: decimal sign, order of day and month, name of a map."""


def import_lists(call: Call) -> Message | None:
    """Choose exported lists, show what they would change, and write it into the open workbook after a yes."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.lists.reading import read_list  # noqa: PLC0415
    from smile_xl.planning.written import import_cells  # noqa: PLC0415
    from smile_xl.reports.import_preview import preview_lines  # noqa: PLC0415

    kinds = {"kind": call.say("lists"), "every": call.say("every_file")}
    files = choose_files(call.app, call.say("choose_lists"), **kinds)
    if not files:
        return None
    step = call.steps(2)
    step("read")
    lists = [read_list(file) for file in files]
    book = call.live
    cycle, found = _recognised(call, book, lists)
    preview = _shortened(call, preview_lines(found, call.spoken))
    question = say("imports.preview.question", call.spoken, file=book.name)
    if not call.ask(f"{preview}\n\n{question}"):
        return Message(say("imports.preview.declined", call.spoken))
    step("save")
    cells = import_cells(cycle, found)
    _refuse_formula(book, list(cells))
    commands.write_import(book, cycle, found, dt.datetime.now())
    book.save(undoable=True)
    count = {
        "cells": len(cells),
        "items": len({(home.sheet, home.row) for home in cells}),
        "quarantined": len(found.quarantined),
    }
    sheet = say("headers.sheet.quarantine", cycle.inputs.settings.language)
    return Message(call.say("imported", sheet=sheet, **count))


def _recognised(call: Call, book: LiveBook, lists: Sequence[Sequence[RawList]]) -> tuple[Cycle, Import]:
    """What the lists hold; what they leave open is asked, each question once."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.planning.imports.listing import ListError  # noqa: PLC0415

    told: Told = {}
    while True:
        try:
            cycle, found = commands.read_import(book, lists, **told)
        except ListError as error:
            answer = _answer(call, error, told)
            if answer is None:
                raise
            told |= answer
            continue
        swapped = next((entry for entry in found.quarantined if entry.reason == "date_order"), None)
        if swapped is None or "order" in told:
            return cycle, found
        answered = call.app.alert(call.say("which_order", text=swapped.line.text), TITLE, buttons="yes_no_cancel")
        told["order"] = {"yes": "dmy", "no": "mdy"}.get(str(answered))


def _answer(call: Call, error: ListError, told: Mapping[str, Any]) -> Told | None:
    """What the user says to a question that a list leaves open; None where there is none, or they don't know."""
    if error.code == "decimal_open" and "decimal" not in told:
        text = call.say("which_decimal", file=error.values["file"], numbers=error.values["numbers"])
        answered = call.app.alert(text, TITLE, buttons="yes_no_cancel")
        return {"decimal": "," if answered == "yes" else "."} if answered in ("yes", "no") else None
    if error.code == "no_header" and "map_name" not in told:
        name = ask_text(call.app, f"{error.text(call.spoken)}\n\n{call.say('which_map')}")
        return {"map_name": name} if name else None
    return None


def _shortened(call: Call, lines: Sequence[str]) -> str:
    shown = [line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…" for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(call.say("more", count=len(lines) - LINES))
    return "\n".join(shown)


def _refuse_formula(book: LiveBook, cells: Sequence[Home]) -> None:
    """Refuse an import into a cell with a formula: Excel would calculate it, and the value would not be written."""
    from smile_xl.planning.imports.listing import ListError  # noqa: PLC0415

    for sheet in dict.fromkeys(home.sheet for home in cells):
        place = book.formula_among(sheet, [(home.row, home.column) for home in cells if home.sheet == sheet])
        if place:
            raise ListError("input_formula", sheet=sheet, cell=address(*place))


def archive(call: Call) -> Message | None:
    """Keep the cycle of the open workbook as it is now."""
    from smile_xl.books.archive.automatic import kept_text  # noqa: PLC0415
    from smile_xl.books.archive.past import has_parquet  # noqa: PLC0415
    from smile_xl.planning.cycle import make_cycle  # noqa: PLC0415

    if not has_parquet():
        return Message(say("cycles.no_parquet", call.spoken), critical=True)
    from smile_xl.books.archive import store  # noqa: PLC0415

    step = call.steps(2)
    step("read")
    book = call.live
    cycle = make_cycle(book)
    folder = _folder(call, book)
    if folder is None:
        return None
    step("save")
    version, added = store.keep(cycle, call.book.name, folder, dt.datetime.now())
    return Message(kept_text(cycle, call.book.name, version, call.spoken, added=added))


def after_refresh(call: Call, cycle: Cycle) -> str:
    """What to tell of the archive after a refresh: blank where the Settings don't ask for it."""
    if not cycle.inputs.settings.archive:
        return ""
    from smile_xl.books.archive.automatic import keep_refreshed  # noqa: PLC0415

    return keep_refreshed(cycle, call.live.file, call.book.name, dt.datetime.now(), call.spoken)


def bridge(call: Call) -> Message | None:
    """Choose an archived cycle, and write the page that says why the projection has moved since."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.archive.past import has_parquet  # noqa: PLC0415
    from smile_xl.planning.bridge import BridgeError  # noqa: PLC0415
    from smile_xl.reports.bridge import change_text, sentences  # noqa: PLC0415

    if not has_parquet():
        return Message(say("cycles.no_parquet", call.spoken), critical=True)
    from smile_xl.books.archive import store  # noqa: PLC0415

    step = call.steps(2)
    step("read")
    book = call.live
    folder = _folder(call, book)
    if folder is None:
        return None
    version = _version(call, folder)
    if version is None:
        return None
    old, when = store.book_of(version), dt.datetime.now()
    rate = None
    while True:
        try:
            found = commands.bridge(book, old, when, rate, write=True)
            break
        except BridgeError as error:
            rate = None if rate is not None else _rate(call, error)
            if rate is None:
                raise
    step("save")
    book.save(undoable=True)
    spoken, sheet = call.spoken, say("headers.sheet.bridge", found.cycle.inputs.settings.language)
    call.session.place = (call.book.name, sheet, "A1")
    told = [change_text(found.cycle, found.bridge, spoken), *sentences(found.cycle, found.bridge, spoken).values()]
    return Message("\n".join([*told, "", call.say("written", sheet=sheet)]))


def _folder(call: Call, book: LiveBook) -> Path | None:
    """The archive of the open workbook; where it has no folder on this machine, the one that the user chooses."""
    return book.archive_folder() or choose_folder(call.app, call.say("choose_archive"))


def _version(call: Call, folder: Path) -> Version | None:
    """The newest version of the cycle that the user names, of those that the archive holds."""
    from smile_xl.books.archive import store  # noqa: PLC0415
    from smile_xl.planning.months import month_said  # noqa: PLC0415
    from smile_xl.planning.tables import month_text  # noqa: PLC0415

    kept = list(dict.fromkeys(one.cycle for one in store.versions(folder)))[::-1]
    if not kept:
        raise store.ArchiveError("nothing_kept", folder=folder)
    known = ", ".join(kept[:CYCLES])
    said = ask_text(call.app, call.say("which_cycle", cycles=known), kept[min(1, len(kept) - 1)])
    if not said:
        return None
    month = month_said(said)
    if month is None:
        raise store.ArchiveError("cycle_wrong", text=said)
    return store.find(folder, month_text(month))


def _rate(call: Call, error: BridgeError) -> float | None:
    """What one unit of the old currency is worth, where the currency has changed."""
    if error.code != "other_currency":
        return None
    said = ask_text(call.app, call.say("which_rate", **error.values))
    try:
        rate = float((said or "").replace(",", "."))
    except ValueError:
        return None
    return rate if 0 < rate < float("inf") else None
