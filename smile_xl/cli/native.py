"""The command ``native``: the twin of a book in plain formulas."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from smile_xl.cli.frame import Frame, RefusedError, moment, tell
from smile_xl.language import Language, say


def add(frame: Frame) -> None:
    """Add the command to the group."""

    @frame.command("native")
    @frame.book
    @click.option("--output", type=click.Path(path_type=Path), metavar="OUT", required=True, help=frame.text("twin"))
    @frame.stamp
    @frame.lang
    def native(book: Path, output: Path, stamp: str | None) -> int:
        return _native(book, output, moment(stamp, frame.spoken), frame.spoken)


def _native(path: Path, output: Path, when: dt.datetime, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.books.xlsx.create import write_computed_book  # noqa: PLC0415
    from smile_xl.planning.months import month_name  # noqa: PLC0415

    if output.suffix.casefold() != ".xlsx":
        raise RefusedError(say("commands.other_type", spoken, file=output.name, suffix=".xlsx"))
    if os.path.realpath(output) == os.path.realpath(path):
        raise RefusedError(say("native.same_file", spoken))
    cycle, pages = commands.native(XlsxBook(path), when)
    write_computed_book(output, pages)
    items, month = len(cycle.inputs.items), month_name(cycle.inputs.months[0], spoken)
    tell(say("native.created", spoken, file=output.name, items=items, cycle=month))
    return 0
