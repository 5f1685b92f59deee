"""The ribbon's commands that make sheets: those that a workbook lacks, beside the team's own, and Settings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from smile_xl.excel.call import Call, Message, lines_of, place_of
from smile_xl.language import say
from smile_xl.reports import REFRESHED, STEERING, sheet_key

if TYPE_CHECKING:
    from smile_xl.books.live.book import LiveBook
    from smile_xl.planning.layout.proposal import Proposal


def add_sheets(call: Call) -> Message:
    """Map the team's own sheets as far as they are clear, then make the sheets that are missing."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.csvs import example_tables  # noqa: PLC0415
    from smile_xl.planning.findings import InputError, errors_of  # noqa: PLC0415
    from smile_xl.planning.sheets import (  # noqa: PLC0415
        INPUT_SHEETS,
        has_table,
        language_of,
        own_sheets,
    )

    book = call.live
    before = book.sheet_names()
    found = commands.propose_layout(book)
    lines, place = _mapped(call, book, found)
    is_ours = any(has_table(book, key) for key in INPUT_SHEETS)
    example = example_tables(language_of(before) if is_ours else call.spoken, dt.date.today().replace(day=1))
    open_tables = [question.key[1] for question in found.questions if not question.key[0]]
    if commands.add_input_sheets(book, example, open_tables):
        book.save()
    pages = (name for name in (*REFRESHED, *STEERING) if name != "srm")
    reports = [name for name in pages if not own_sheets(book, sheet_key(name))]
    try:
        if reports:
            commands.refresh(book, dt.datetime.now(), reports, call.steps(len(reports) + 1))
            book.save()
    except InputError as error:
        errors = errors_of(error.findings)
        lines += ["", call.say("then_refresh", lines=lines_of(errors, call.spoken))]
        place = place or place_of(errors)
    new = [name for name in book.sheet_names() if name not in before]
    if new:
        call.session.place = (call.book.name, new[0], "A1")
    lines.insert(0, call.say("added", sheets=", ".join(new)) if new else call.say("nothing_missing"))
    return Message("\n".join(lines), place)


def _mapped(call: Call, book: LiveBook, found: Proposal) -> tuple[list[str], tuple[str, str] | None]:
    """Store what is clear in the sheet Mapping: what to say of it, and the first cell that is left to the team."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.planning.layout.mapping import mapping_sheet  # noqa: PLC0415
    from smile_xl.reports.mapping import first_open, need_lines, question_lines  # noqa: PLC0415

    lines: list[str] = []
    place = None
    if found.is_new:
        page = commands.write_layout(book, found, call.spoken)
        book.save()
        tables = ", ".join(
            dict.fromkeys(
                f"{draft.part.sheet} = {say(f'headers.sheet.{draft.part.table}', call.spoken)}"
                for draft in found.drafts
            )
        )
        if tables:
            lines += ["", call.say("mapped", tables=tables, mapping=page.sheet)]
        cell = first_open(page)
        place = (page.sheet, cell) if cell else None
    if found.questions or found.needs:
        said = [line for question in found.questions for line in question_lines(question, call.spoken)]
        said += need_lines(found, call.spoken)
        mapping = mapping_sheet(book.sheet_names()) or say("headers.sheet.mapping", call.spoken)
        lines += ["", call.say("to_decide", mapping=mapping, lines="\n".join(said))]
    return lines, place


def settings(call: Call) -> None:
    """Show the sheet Settings, made where the workbook has none."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.planning.sheets import table_sheets  # noqa: PLC0415

    book = call.live
    if commands.add_settings(book):
        book.save()
    call.session.place = (call.book.name, table_sheets(book, "settings")[0], "A1")
