"""The command that proposes which surplus covers which shortage: match."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import Frame, RefusedError, moment, progress_bar, tell
from smile_xl.cli.planning import print_rows
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.commands import Matched


def add(frame: Frame) -> None:
    """Add the command to the group."""

    @frame.command("match")
    @frame.book
    @click.option(
        "--accept", is_flag=False, flag_value="marked", metavar="[marked|all|N,N]", help=frame.text("match_accept")
    )
    @click.option("--output", type=click.Path(path_type=Path), metavar="OUT", help=frame.text("output"))
    @frame.form
    @frame.stamp
    @frame.lang
    def match(book: Path, accept: str | None, output: Path | None, form: str, stamp: str | None) -> int:
        return _match(book, accept, output, form, moment(stamp, frame.spoken), frame.spoken)


def _match(path: Path, accept: str | None, output: Path | None, form: str, when: dt.datetime, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.steering.accepted import AcceptanceError, is_choice  # noqa: PLC0415
    from smile_xl.planning.steering.matching import numbered_rows  # noqa: PLC0415

    if accept is not None and not is_choice(accept):
        raise RefusedError(say("steering.accept_wrong", spoken, text=accept))
    book = XlsxBook(path)
    steps = 2 if accept is None else len(commands.refreshed(book)) + 1
    with progress_bar(steps + 1, spoken) as progress:
        try:
            matched = commands.match(book, when, accept, progress=progress)
        except AcceptanceError as error:
            raise RefusedError(error.text(spoken)) from error
        progress("save")
        book.save(output)
        progress("done")
    rows = numbered_rows(matched.cycle, matched.found)
    print_rows(rows.iloc[matched.accepted] if accept else rows, form)
    for line in _told(matched, (output or path).name, accept is not None, spoken):
        tell(line)
    return 0


def _told(matched: Matched, file: str, accepted: bool, spoken: Language) -> list[str]:
    from smile_xl.reports.steering.matching import matching_text, money  # noqa: PLC0415

    settings = matched.cycle.inputs.settings
    if accepted:
        sheet = say("headers.sheet.opportunities", settings.language)
        cash = money(float(matched.found.optimal.cash[matched.accepted].sum()), spoken)
        values = {"count": len(matched.accepted), "sheet": sheet, "cash": cash, "currency": settings.currency}
        return [say("steering.accepted", spoken, file=file, **values)]
    sheet = say("headers.sheet.matching", settings.language)
    lines = matching_text(matched.cycle, matched.found, spoken)
    return [*lines, say("steering.proposed", spoken, file=file, sheet=sheet)]
