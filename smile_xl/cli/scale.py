"""The commands for datasets: plan, publish."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from smile_xl.cli.frame import FOUND, Frame, RefusedError, moment, progress_bar, tell
from smile_xl.cli.planning import check_new, create_master
from smile_xl.language import Language, say
from smile_xl.planning.findings import count_of

REPORTS = (
    *("plan", "summary", "availability", "imports", "dsr", "projections"),
    *("srm", "overstock", "simulation", "checks"),
)
USUAL = ("plan", "summary", "availability", "imports", "dsr", "projections", "checks")


def add(frame: Frame) -> None:
    """Add the commands to the group."""
    path = click.Path(path_type=Path)

    @frame.command("plan")
    @click.argument("dataset", type=path)
    @click.option("--output", type=path, metavar="DIR", required=True, help=frame.text("plan_output"))
    @click.option(
        "--report", "reports", multiple=True, metavar="NAME", type=click.Choice(REPORTS),
        help=frame.text("plan_report", names=", ".join(REPORTS)),
    )  # fmt: skip
    @click.option("--scenario", "scenarios", multiple=True, metavar="NAME|FILE", help=frame.text("plan_scenario"))
    @click.option(
        "--engine", type=click.Choice(["local", "dask"]), default="local", metavar="local|dask",
        help=frame.text("plan_engine"),
    )  # fmt: skip
    @click.option("--scheduler", metavar="ADDRESS", help=frame.text("plan_scheduler"))
    @click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help=frame.text("plan_workers"))
    @click.option("--resume", is_flag=True, help=frame.text("plan_resume"))
    @click.option("--keep-going", is_flag=True, help=frame.text("plan_keep_going"))
    @frame.stamp
    @frame.lang
    def plan(
        dataset: Path,
        output: Path,
        reports: tuple[str, ...],
        scenarios: tuple[str, ...],
        engine: str,
        scheduler: str | None,
        workers: int | None,
        resume: bool,
        keep_going: bool,
        stamp: str | None,
    ) -> int:
        if scheduler and engine != "dask":
            raise RefusedError(say("dataset.only_dask", frame.spoken))
        options: dict[str, object] = {"engine": engine, "scheduler": scheduler, "workers": workers}
        options |= {"reports": reports or USUAL, "resume": resume, "keep_going": keep_going}
        return _plan(dataset, output, scenarios, options, moment(stamp, frame.spoken), frame.spoken)

    @frame.command("publish")
    @frame.book
    @click.option("--into", type=path, metavar="DATASET", required=True, help=frame.text("publish_into"))
    @frame.lang
    def publish(book: Path, into: Path) -> int:
        return _publish(book, into, frame.spoken)


def _plan(
    path: Path,
    output: Path,
    scenarios: tuple[str, ...],
    options: dict[str, Any],
    when: dt.datetime,
    spoken: Language,
) -> int:
    need_parquet(spoken)
    started = time.perf_counter()
    if options["engine"] == "dask" and not options["scheduler"]:
        from smile_xl.books.dataset.forking import prepare_workers  # noqa: PLC0415

        prepare_workers()
    from smile_xl.books.dataset.outcome import Wish  # noqa: PLC0415
    from smile_xl.books.dataset.run import plan_dataset  # noqa: PLC0415
    from smile_xl.books.dataset.source import open_dataset  # noqa: PLC0415
    from smile_xl.books.dataset.what_if import read_scenarios  # noqa: PLC0415
    from smile_xl.books.dataset.workplace import work_folder  # noqa: PLC0415
    from smile_xl.planning.findings import InputError  # noqa: PLC0415

    with refusals(spoken):
        dataset = open_dataset(path)
        asked = read_scenarios(scenarios, path if path.is_dir() else path.parent)
        wish = Wish(scenarios=asked, **options)
        try:
            with progress_bar(len(dataset.pieces) + 2, spoken) as progress:
                done = plan_dataset(dataset, output, wish, when, progress)
                progress("done")
        except InputError:
            if work_folder(output).is_dir():
                tell(say("dataset.kept_for_resume", spoken))
            raise
    seconds = f"{time.perf_counter() - started:.1f}".replace(".", "," if spoken == "fr" else ".")
    count = count_of(done.findings)
    values = {"items": done.items, "pieces": done.pieces, "seconds": seconds}
    tell(say("dataset.planned", spoken, path=output, **values, warnings=count["warnings"], notes=count["notes"]))
    if done.left_out:
        for finding in done.left_out:
            tell(finding.line(spoken))
        tell(say("dataset.incomplete", spoken, path=output, count=len(done.left_out)))
        return FOUND
    return 0


def new_from(path: Path, source: Path, where: tuple[str, ...], when: dt.datetime, spoken: Language) -> int:
    """Make a Master File from some items of a dataset; it remembers the row groups that they come from."""
    need_parquet(spoken)
    check_new(path, spoken)
    from smile_xl.books.dataset.taking import take  # noqa: PLC0415
    from smile_xl.planning.scenarios import ScenarioError, selector_of  # noqa: PLC0415

    try:
        selector = tuple(pair for text in where for pair in selector_of(text))
    except ScenarioError as error:
        raise RefusedError(error.text(spoken)) from error
    with refusals(spoken):
        tables, page = take(source, selector, spoken)
    return create_master(path, tables, [page], when, spoken)


def _publish(path: Path, into: Path, spoken: Language) -> int:
    need_parquet(spoken)
    from smile_xl.books.dataset.publish import publish  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    book = XlsxBook(path)
    with refusals(spoken):
        done = publish(book, into)
    if done.renewed:
        book.save()
    values = {"path": into, "file": path.name, "items": done.items, "changed": done.changed, "files": done.files}
    tell(say(f"dataset.{'published' if done.changed else 'unchanged'}", spoken, **values))
    return 0


def need_parquet(spoken: Language) -> None:
    """Refuse where the library that reads datasets is missing."""
    if importlib.util.find_spec("pyarrow") is None:
        raise RefusedError(say("dataset.no_parquet", spoken))


@contextlib.contextmanager
def refusals(spoken: Language) -> Iterator[None]:
    """What a dataset refuses, said in one line."""
    from smile_xl.books.dataset.errors import DatasetError  # noqa: PLC0415

    try:
        yield
    except DatasetError as error:
        raise RefusedError(error.text(spoken)) from error
