"""The commands that audit a book: explain, verify."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import FOUND, REFUSED, Frame, RefusedError, tell
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.books.xlsx.book import XlsxBook

ENGINES = ("core", "libreoffice")
EXPLAINED = ("closing", "orders", "safety", "cover", "projection")


def add(frame: Frame) -> None:
    """Add the commands to the group."""

    @frame.command("explain")
    @frame.book
    @click.option("--item", required=True, metavar="CODE", help=frame.text("item"))
    @click.option("--country", required=True, metavar="NAME", help=frame.text("country"))
    @click.option("--month", required=True, metavar="MONTH", help=frame.text("month"))
    @click.option(
        "--report", type=click.Choice(EXPLAINED), default=EXPLAINED[0], metavar="NAME",
        help=frame.text("figure", names=", ".join(EXPLAINED)),
    )  # fmt: skip
    @frame.lang
    def explain(book: Path, item: str, country: str, month: str, report: str) -> int:
        return _explain(book, report, country, item, month, frame.spoken)

    @frame.command("verify")
    @frame.book
    @click.option(
        "--with", "engine", type=click.Choice(ENGINES), default=ENGINES[0], metavar="core|libreoffice",
        help=frame.text("engine"),
    )  # fmt: skip
    @frame.lang
    def verify(book: Path, engine: str) -> int:
        return _verify(book, engine, frame.spoken)


def _verify(path: Path, engine: str, spoken: Language) -> int:
    from smile_xl.audit.verify import verify  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    book = XlsxBook(path)
    audit = verify(book, _recalculated(path, spoken) if engine == "libreoffice" else None)
    found = audit.differences(book.sheet_names())
    for difference in found:
        click.echo(difference.line(spoken))
    for finding in audit.input_errors:
        tell(finding.line(spoken))
    for unchecked in audit.unchecked:
        tell(unchecked.line(spoken))
    counts = {"formulas": audit.formulas, "pages": audit.pages, "unchecked": len(audit.unchecked)}
    outcome = "differs" if found else "refused" if audit.input_errors else "agrees"
    tell(say(f"audit.{outcome}", spoken, file=path.name, cells=len(found), **counts))
    if found:
        return FOUND
    return REFUSED if audit.input_errors else 0


def _recalculated(path: Path, spoken: Language) -> XlsxBook:
    """The book as LibreOffice recalculates it."""
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.libreoffice.installed import OfficeError  # noqa: PLC0415
    from smile_xl.libreoffice.recalculation import recalculate  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="smile-xl-verify-") as folder:
        copy = Path(folder) / path.name
        try:
            recalculate(path, copy)
        except OfficeError as error:
            raise RefusedError(error.text(spoken)) from error
        return XlsxBook(copy)


def _explain(path: Path, report: str, country: str, item: str, month: str, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.selection import NotFoundError  # noqa: PLC0415

    try:
        click.echo(commands.explain(XlsxBook(path), report, country, item, month, spoken))
    except NotFoundError as error:
        raise RefusedError(error.text(spoken)) from None
    return 0
