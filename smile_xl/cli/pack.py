"""The command ``pack``: the papers of a meeting as a PDF or as slides."""

from __future__ import annotations

import datetime as dt
import importlib.util
import tempfile
from pathlib import Path

import click

from smile_xl.cli.frame import Frame, RefusedError, moment, tell
from smile_xl.cli.libreoffice import said
from smile_xl.language import Language, say
from smile_xl.planning.steering.month import MEETINGS


def add(frame: Frame) -> None:
    """Add the command to the group."""

    @frame.command("pack", names=", ".join(MEETINGS))
    @frame.book
    @click.option(
        "--meeting",
        required=True,
        type=click.Choice(MEETINGS),
        metavar="NAME",
        help=frame.text("meeting", names=", ".join(MEETINGS)),
    )
    @click.option("--pdf", is_flag=True, help=frame.text("pack_pdf"))
    @click.option("--pptx", is_flag=True, help=frame.text("pack_pptx"))
    @click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help=frame.text("pack_output"))
    @frame.stamp
    @frame.lang
    def pack(book: Path, meeting: str, pdf: bool, pptx: bool, output: Path | None, stamp: str | None) -> int:
        suffix = ".pdf" if pdf else ".pptx"
        if pdf == pptx:
            raise RefusedError(say("governance.pack.one_form", frame.spoken))
        if output is not None and output.suffix.casefold() != suffix:
            raise RefusedError(say("commands.other_type", frame.spoken, file=output.name, suffix=suffix))
        return _pack(book, meeting, suffix, output, moment(stamp, frame.spoken), frame.spoken)


def _pack(path: Path, meeting: str, suffix: str, output: Path | None, when: dt.datetime, spoken: Language) -> int:
    if suffix == ".pptx" and importlib.util.find_spec("pptx") is None:
        raise RefusedError(say("governance.pack.no_slides", spoken))
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.atomic import replace_file  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.tables import month_text  # noqa: PLC0415

    papers = commands.pack(XlsxBook(path), meeting, when)
    month = month_text(papers.cycle.inputs.months[0])
    target = output or path.with_name(f"{path.stem}-{meeting}-{month}{suffix}")
    if suffix == ".pdf":
        from smile_xl.libreoffice.printing import pdf_of  # noqa: PLC0415

        with said(spoken), tempfile.TemporaryDirectory() as folder:
            printed = pdf_of(papers.pages, Path(folder) / f"{path.stem}.xlsx")
    else:
        from smile_xl.books.slides import slides  # noqa: PLC0415

        printed = slides(papers.title, papers.subtitle, papers.pages, when)
    replace_file(target, printed)
    sheets = ", ".join(page.sheet for page in papers.pages)
    tell(say("governance.pack.written", spoken, file=target.name, pages=sheets))
    return 0
