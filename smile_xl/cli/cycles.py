"""The commands that go from one cycle to the next: archive, history, restore, bridge."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import click

from smile_xl.cli.frame import FOUND, Frame, RefusedError, moment, tell
from smile_xl.cli.planning import print_rows
from smile_xl.language import Language, say

HISTORY = (
    *("cycle", "version", "made", "user", "machine", "product", "book", "items", "currency", "value", "fingerprint"),
    "state",
)


def add(frame: Frame) -> None:
    """Add the commands to the group."""
    source = click.argument("source", type=click.Path(path_type=Path), metavar="BOOK|FOLDER")

    @frame.command("archive")
    @frame.book
    @click.option("--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", help=frame.text("archive_to"))
    @frame.stamp
    @frame.lang
    def archive(book: Path, folder: Path | None, stamp: str | None) -> int:
        return _archive(book, folder, moment(stamp, frame.spoken), frame.spoken)

    @frame.command("history")
    @source
    @frame.form
    @frame.lang
    def history(source: Path, form: str) -> int:
        return _history(source, form, frame.spoken)

    @frame.command("restore")
    @source
    @click.argument("cycle", metavar="CYCLE")
    @click.option(
        "--data", type=click.Path(path_type=Path), metavar="DIR", required=True, help=frame.text("restore_to")
    )
    @click.option("--version", "number", type=click.IntRange(1), metavar="N", help=frame.text("restore_version"))
    @frame.lang
    def restore(source: Path, cycle: str, data: Path, number: int | None) -> int:
        return _restore(source, cycle, data, number, frame.spoken)

    @frame.command("bridge")
    @frame.book
    @click.option("--from", "since", metavar="CYCLE", required=True, help=frame.text("bridge_from"))
    @click.option("--archive", type=click.Path(path_type=Path), metavar="FOLDER", help=frame.text("bridge_archive"))
    @click.option("--rate", type=float, metavar="R", help=frame.text("bridge_rate"))
    @click.option("--write", is_flag=True, help=frame.text("bridge_write"))
    @frame.form
    @frame.stamp
    @frame.lang
    def bridge(
        book: Path, since: str, archive: Path | None, rate: float | None, write: bool, form: str, stamp: str | None
    ) -> int:
        when = moment(stamp, frame.spoken)
        return _bridge(book, since, archive, rate, write, form, when, frame.spoken)

    @frame.command("accuracy")
    @frame.book
    @click.option("--archive", type=click.Path(path_type=Path), metavar="FOLDER", help=frame.text("bridge_archive"))
    @frame.form
    @frame.lang
    def accuracy(book: Path, archive: Path | None, form: str) -> int:
        return _accuracy(book, archive, form, frame.spoken)


def _archive(path: Path, folder: Path | None, when: dt.datetime, spoken: Language) -> int:
    _need_parquet(spoken)
    from smile_xl.books.archive import store  # noqa: PLC0415
    from smile_xl.books.archive.automatic import kept_text  # noqa: PLC0415
    from smile_xl.books.archive.past import folder_of  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.cycle import make_cycle  # noqa: PLC0415

    cycle = make_cycle(XlsxBook(path))
    folder = folder or folder_of(path, cycle.inputs.settings.archive_folder)
    with _refusals(spoken):
        version, added = store.keep(cycle, path.name, folder, when)
    tell(kept_text(cycle, path.name, version, spoken, added=added))
    manifests = [one.manifest for one in store.versions(folder) if one.cycle == version.cycle and one.manifest]
    others = sorted({manifest["book"] for manifest in manifests} - {path.name})
    if others:
        tell(say("cycles.other_book", spoken, cycle=version.cycle, files=", ".join(others)))
    return 0


def _history(source: Path, form: str, spoken: Language) -> int:
    _need_parquet(spoken)
    import pandas as pd  # noqa: PLC0415

    from smile_xl.books.archive import store  # noqa: PLC0415

    folder = _folder(source, spoken)
    found = store.versions(folder)
    if not found:
        tell(say("cycles.empty", spoken, folder=folder))
    lines = []
    for one in found:
        manifest = one.manifest
        line: dict[str, object] = {"cycle": one.cycle, "version": one.number, "state": "damaged"}
        if manifest:
            line |= {name: manifest.get(name) for name in ("made", "user", "machine", "product", "book", "fingerprint")}
            line |= {"items": manifest["counts"]["items"], "currency": manifest["settings"]["currency"]}
            line |= {"value": manifest["totals"]["value"][0], "state": "kept"}
        lines.append(line)
    if not lines and form == "table":
        return 0
    print_rows(pd.DataFrame(lines, columns=list(HISTORY)), form)
    return FOUND if any(not one.manifest for one in found) else 0


def _restore(source: Path, cycle: str, data: Path, number: int | None, spoken: Language) -> int:
    _need_parquet(spoken)
    from smile_xl.books.archive import store  # noqa: PLC0415

    with _refusals(spoken):
        version = store.find(_folder(source, spoken), _cycle(cycle, spoken), number)
        files = store.restore(version, data)
    values = {"cycle": version.cycle, "number": version.number, "files": len(files)}
    tell(say("cycles.restored", spoken, folder=data, **values))
    return 0


def _bridge(
    path: Path,
    since: str,
    archive: Path | None,
    rate: float | None,
    write: bool,
    form: str,
    when: dt.datetime,
    spoken: Language,
) -> int:
    _need_parquet(spoken)
    if rate is not None and not 0 < rate < float("inf"):
        raise RefusedError(say("cycles.rate_wrong", spoken, rate=f"{rate:g}"))
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.archive import store  # noqa: PLC0415
    from smile_xl.books.archive.past import folder_of, past_in  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.bridge import rows  # noqa: PLC0415
    from smile_xl.planning.rule_tables import settings_in  # noqa: PLC0415
    from smile_xl.reports.bridge import change_text, sentences  # noqa: PLC0415

    book = XlsxBook(path)
    with _refusals(spoken):
        version = store.find(archive or folder_of(path, settings_in(book).archive_folder), _cycle(since, spoken))
        past = past_in(archive) if archive else None
        found = commands.bridge(book, store.book_of(version), when, rate, write=write, past=past)
    if write:
        book.save()
    print_rows(rows(found.bridge), form)
    tell(change_text(found.cycle, found.bridge, spoken))
    for sentence in sentences(found.cycle, found.bridge, spoken).values():
        tell(f"  {sentence}")
    if not _as_archived(found.bridge.before.sum(axis=0).tolist(), version.manifest["totals"]["value"]):
        tell(say("cycles.shifted", spoken, product=version.manifest["product"]))
    if write:
        tell(say("cycles.written", spoken, file=path.name, sheet=say("headers.sheet.bridge", spoken)))
    return 0


def _accuracy(path: Path, archive: Path | None, form: str, spoken: Language) -> int:
    _need_parquet(spoken)
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.archive.past import past_in  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.accuracy import rows  # noqa: PLC0415
    from smile_xl.reports.accuracy import accuracy_lines  # noqa: PLC0415

    with _refusals(spoken):
        found = commands.accuracy(XlsxBook(path), past_in(archive) if archive else None)
    lines = rows(found)
    if len(lines) or form != "table":
        print_rows(lines, form)
    for line in accuracy_lines(found, spoken):
        tell(line)
    return 0


def _as_archived(before: list[float], archived: list[float]) -> bool:
    """Whether the old projection is what was archived with its inputs."""
    common = archived[len(archived) - len(before) :]
    return all(abs(now - then) <= 1e-9 * max(abs(then), 1.0) for now, then in zip(before, common, strict=True))


def _need_parquet(spoken: Language) -> None:
    """Refuse where the Parquet library is missing."""
    from smile_xl.books.archive.past import has_parquet  # noqa: PLC0415

    if not has_parquet():
        raise RefusedError(say("cycles.no_parquet", spoken))


def _folder(source: Path, spoken: Language) -> Path:
    """The archive itself, or that of a workbook; beside a workbook that is gone its archive may still be."""
    from smile_xl.books.archive.past import folder_of  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.rule_tables import settings_in  # noqa: PLC0415

    if source.is_dir():
        return source
    folder = folder_of(source, settings_in(XlsxBook(source)).archive_folder if source.exists() else "")
    if not source.exists() and not folder.is_dir():
        raise RefusedError(say("cycles.no_archive", spoken, file=source))
    return folder


def _cycle(text: str, spoken: Language) -> str:
    from smile_xl.planning.months import month_said  # noqa: PLC0415
    from smile_xl.planning.tables import month_text  # noqa: PLC0415

    month = month_said(text)
    if month is None:
        raise RefusedError(say("cycles.cycle_wrong", spoken, text=text))
    return month_text(month)


@contextlib.contextmanager
def _refusals(spoken: Language) -> Iterator[None]:
    """What an archive or two cycles refuse, said in one line."""
    from smile_xl.books.archive.store import ArchiveError  # noqa: PLC0415
    from smile_xl.planning.bridge import BridgeError  # noqa: PLC0415

    try:
        yield
    except (ArchiveError, BridgeError) as error:
        raise RefusedError(error.text(spoken)) from error
