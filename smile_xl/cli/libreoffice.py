"""Commands that need LibreOffice: the Calc add-in, and recalculation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from smile_xl.cli.frame import Frame, RefusedError, tell
from smile_xl.language import Language, say


def add(frame: Frame) -> None:
    """Add the commands ``recalc`` and ``libreoffice``."""
    spoken = frame.spoken
    file = click.Path(path_type=Path)

    @frame.command("recalc")
    @frame.book
    @click.option("--output", type=file, metavar="OUT", help=frame.text("output"))
    @click.option("--pdf", type=file, metavar="FILE", help=frame.text("pdf"))
    @frame.lang
    def recalc(book: Path, output: Path | None, pdf: Path | None) -> int:
        return _recalc(book, output, pdf, spoken)

    group = frame.subgroup("libreoffice")

    @frame.command("install", group)
    @frame.lang
    def install() -> int:
        return _install(spoken)

    @frame.command("uninstall", group)
    @frame.lang
    def uninstall() -> int:
        return _uninstall(spoken)

    @frame.command("build", group)
    @click.option("--output", type=file, metavar="OUT", help=frame.text("oxt_output"))
    @frame.lang
    def build(output: Path | None) -> int:
        return _build(output, spoken)


@contextlib.contextmanager
def said(spoken: Language) -> Iterator[None]:
    """What LibreOffice can't do, said in the user's language."""
    from smile_xl.libreoffice.installed import OfficeError  # noqa: PLC0415

    try:
        yield
    except OfficeError as error:
        raise RefusedError(error.text(spoken)) from error


def _recalc(book: Path, output: Path | None, pdf: Path | None, spoken: Language) -> int:
    from smile_xl.libreoffice.recalculation import recalculate  # noqa: PLC0415

    with said(spoken):
        done = recalculate(book, output, pdf)
    seconds = f"{done.seconds:.1f}".replace(".", "," if spoken == "fr" else ".")
    file = (output or book).name
    tell(say("libreoffice.recalculated", spoken, file=file, formulas=done.formulas, seconds=seconds))
    return 0


def _install(spoken: Language) -> int:
    from smile_xl.libreoffice.installation import install  # noqa: PLC0415

    with said(spoken):
        folder = install()
    tell(say("libreoffice.installed" if folder is None else "libreoffice.installed_for_all", spoken, folder=folder))
    return 0


def _uninstall(spoken: Language) -> int:
    from smile_xl.libreoffice.installation import uninstall  # noqa: PLC0415

    with said(spoken):
        uninstall()
    tell(say("libreoffice.uninstalled", spoken))
    return 0


def _build(output: Path | None, spoken: Language) -> int:
    from smile_xl.books.xlsx.atomic import replace_file  # noqa: PLC0415
    from smile_xl.libreoffice.extension import FILE_NAME, extension_file  # noqa: PLC0415

    target = output or Path(FILE_NAME)
    if target.suffix.casefold() != ".oxt":
        raise RefusedError(say("commands.other_type", spoken, file=target.name, suffix=".oxt"))
    replace_file(target, extension_file())
    tell(say("libreoffice.built", spoken, file=target.name))
    return 0
