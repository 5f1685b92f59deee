"""The commands that plan: new, refresh, check, report, functions."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import FOUND, Frame, RefusedError, moment, progress_bar, tell
from smile_xl.language import Language, say
from smile_xl.planning.findings import count_of
from smile_xl.planning.steering.levels import STOCK_LEVELS
from smile_xl.reports import REFRESHED, STEERING

if TYPE_CHECKING:
    import pandas as pd

    from smile_xl.planning.cycle import Cycle
    from smile_xl.planning.grid import Sheets
    from smile_xl.reports.page import Page

REPORTS = (
    "summary",
    "srm",
    "availability",
    "imports",
    "dsr",
    "projections",
    "overstock",
    "simulation",
    "segments",
    "stock",
    "states",
    "targets",
    "gaps",
    "budget",
    "indicators",
    "matching",
    "checks",
)


def add(frame: Frame) -> None:
    """Add the commands to the group."""

    @frame.command("new")
    @frame.book
    @click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help=frame.text("data"))
    @click.option("--from", "dataset", type=click.Path(path_type=Path), metavar="DATASET", help=frame.text("new_from"))
    @click.option("--where", multiple=True, metavar="NAME=VALUE", help=frame.text("new_where"))
    @frame.stamp
    @frame.lang
    def new(book: Path, data: Path | None, dataset: Path | None, where: tuple[str, ...], stamp: str | None) -> int:
        if data and dataset:
            raise RefusedError(say("dataset.data_and_from", frame.spoken))
        if where and not dataset:
            raise RefusedError(say("dataset.where_alone", frame.spoken))
        when = moment(stamp, frame.spoken)
        if dataset:
            from smile_xl.cli.scale import new_from  # noqa: PLC0415

            return new_from(book, dataset, where, when, frame.spoken)
        return _new(book, data, when, frame.spoken)

    @frame.command("refresh")
    @frame.book
    @click.option("--output", type=click.Path(path_type=Path), metavar="OUT", help=frame.text("output"))
    @click.option("--values", is_flag=True, help=frame.text("values"))
    @click.option(
        "--report", "reports", multiple=True, metavar="NAME", type=click.Choice((*REFRESHED, *STEERING)),
        help=frame.text("only", names=", ".join((*REFRESHED, *STEERING))),
    )  # fmt: skip
    @frame.stamp
    @frame.lang
    def refresh(book: Path, output: Path | None, values: bool, reports: tuple[str, ...], stamp: str | None) -> int:
        return _refresh(book, output, values, reports, moment(stamp, frame.spoken), frame.spoken)

    @frame.command("check")
    @frame.book
    @frame.lang
    def check(book: Path) -> int:
        return _check(book, frame.spoken)

    @frame.command("report", names=", ".join(REPORTS))
    @click.argument("name", type=click.Choice(REPORTS), metavar="NAME")
    @frame.book
    @click.option("--by", metavar="LEVELS", help=frame.text("by", levels=", ".join(STOCK_LEVELS)))
    @frame.form
    @frame.lang
    def report(name: str, book: Path, by: str | None, form: str) -> int:
        return _report(name, book, by, form, frame.spoken)

    @frame.command("functions")
    @click.argument("name", required=False)
    @frame.lang
    def functions(name: str | None) -> int:
        return _functions(name, frame.spoken)


def _new(path: Path, data: Path | None, when: dt.datetime, spoken: Language) -> int:
    from smile_xl.books.csvs import example_folder, read_folder  # noqa: PLC0415

    check_new(path, spoken)
    return create_master(path, read_folder(data or example_folder(), spoken, path.name), (), when, spoken)


def check_new(path: Path, spoken: Language) -> None:
    """Refuse a book that can't be made, or is there already."""
    if path.suffix.casefold() != ".xlsx":
        raise RefusedError(say("commands.other_type", spoken, file=path.name, suffix=".xlsx"))
    if path.exists():
        raise RefusedError(say("commands.exists", spoken, file=path.name))


def create_master(path: Path, tables: Sheets, more: Sequence[Page], when: dt.datetime, spoken: Language) -> int:
    """Make a Master File from input tables, with some further pages."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.archive.past import folder_of, past_in  # noqa: PLC0415
    from smile_xl.books.xlsx.create import create_book  # noqa: PLC0415
    from smile_xl.planning.rule_tables import settings_in  # noqa: PLC0415

    pages = [*commands.master_file(tables, when), *more]
    with tempfile.TemporaryDirectory() as folder:
        book = create_book(Path(folder) / path.name, pages)
        book.past = past_in(folder_of(path, settings_in(book).archive_folder))  # of the file that it becomes
        cycle = commands.refresh(book, when, (*REFRESHED, *STEERING))
        book.save(path)
    tell(
        say("commands.created", spoken, file=path.name, items=len(cycle.inputs.items), cycle=_cycle_name(cycle, spoken))
    )
    return 0


def _refresh(
    path: Path, output: Path | None, values: bool, reports: Sequence[str], when: dt.datetime, spoken: Language
) -> int:
    if values and (output is None or os.path.realpath(output) == os.path.realpath(path)):
        raise RefusedError(say("commands.values_in_place", spoken))
    started = time.perf_counter()
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    book = XlsxBook(path)  # its reading begins while the planning's modules load
    from smile_xl import commands  # noqa: PLC0415

    reports = reports or commands.refreshed(book)
    with progress_bar(len(reports) + 2, spoken) as progress:
        cycle = commands.refresh(book, when, reports, progress)
        progress("save")
        book.save(output, values_only=values)
        progress("done")
    _tell_refreshed(cycle, output or path, reports, started, spoken)
    if cycle.inputs.settings.archive:
        from smile_xl.books.archive.automatic import keep_refreshed  # noqa: PLC0415

        tell(keep_refreshed(cycle, path, path.name, when, spoken))
    return 0


def _tell_refreshed(cycle: Cycle, written: Path, reports: Sequence[str], started: float, spoken: Language) -> None:
    count = count_of(cycle.findings)
    tell(
        say(
            "commands.refreshed",
            spoken,
            file=written.name,
            items=len(cycle.inputs.items),
            cycle=_cycle_name(cycle, spoken),
            reports=len(reports),
            seconds=f"{time.perf_counter() - started:.1f}".replace(".", "," if spoken == "fr" else "."),
            checks=say("headers.sheet.checks", cycle.inputs.settings.language),
            **count,
        )
    )


def _check(path: Path, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    findings = commands.check(XlsxBook(path))
    for finding in findings:
        click.echo(finding.line(spoken))
    count = count_of(findings)
    tell(say("commands.counted", spoken, file=path.name, **count))
    return FOUND if count["errors"] else 0


def _report(name: str, path: Path, by: str | None, form: str, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    levels = None if by is None else _levels(name, by, spoken)
    print_rows(commands.report(XlsxBook(path), name, levels), form)
    return 0


def _levels(name: str, by: str, spoken: Language) -> tuple[str, ...]:
    """The levels that the stock is to be summed by; "total" is none."""
    from smile_xl.planning.settings import levels_of  # noqa: PLC0415

    if name != "stock":
        raise RefusedError(say("commands.by_stock", spoken, name=name))
    levels = () if by.strip().casefold() == "total" else levels_of(by)
    if levels is None:
        raise RefusedError(say("commands.by_unknown", spoken, text=by, levels=", ".join(STOCK_LEVELS)))
    return levels


def print_rows(rows: pd.DataFrame, form: str) -> None:
    """Print tidy rows: a table to read, csv or json."""
    if form == "csv":
        click.echo(rows.to_csv(index=False), nl=False)
    elif form == "json":
        lines = [{name: _json_value(value) for name, value in row.items()} for row in rows.to_dict("records")]
        click.echo("[" + ",\n ".join(json.dumps(line, ensure_ascii=False) for line in lines) + "]")
    else:
        click.echo(rows.to_string(index=False, float_format=lambda number: f"{number:,.3f}", na_rep=""))


def _json_value(value: object) -> object:
    """JSON has no NaN: what is not a number is null."""
    return None if isinstance(value, float) and value != value else value


def _functions(name: str | None, spoken: Language) -> int:
    from smile_xl.registry import FUNCTIONS, reference  # noqa: PLC0415

    if name is None:
        for function in FUNCTIONS.values():
            click.echo(f"{function.usage}\n    {function.help}\n")
        return 0
    if name.upper() not in FUNCTIONS:
        raise RefusedError(say("commands.no_function", spoken, name=name))
    click.echo(reference(FUNCTIONS[name.upper()]))
    return 0


def _cycle_name(cycle: Cycle, spoken: Language) -> str:
    from smile_xl.planning.months import month_name  # noqa: PLC0415

    return month_name(cycle.inputs.months[0], spoken)
