"""The command line ``smile-xl``: 0 done, 1 a defect of ours, 2 bad usage or input, 3 errors or differences found."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smile_xl import __version__, language
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.commands import Progress
    from smile_xl.planning.cycle import Cycle
    from smile_xl.planning.findings import Finding

# pandas, numpy and the file adapters are imported by the commands that need them: --help and usage errors come at once.

DEFECT, REFUSED, FOUND = 1, 2, 3
"""Exit codes beside 0."""

REPORTS = ("summary", "srm", "availability", "imports", "dsr", "projections", "overstock", "checks")
REFRESHED = ("srm", "summary", "availability", "dsr", "projections", "overstock", "checks")
EXAMPLE_DATA = Path(__file__).parent / "example_data"
SOURCE_DATA = Path(__file__).parent.parent / "workbook" / "data"
"""Where the example data stands in an installation, and in a checkout of the sources."""


class RefusedError(Exception):
    """Bad usage or input that the command line itself notices; the text is ready to be shown."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # a code page that lacks a letter is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments, _spoken(arguments)))


def run(arguments: list[str], spoken: Language) -> int:
    """Run a command and return its exit code; every failure is one clear line on standard error."""
    from smile_xl.book import BookError  # noqa: PLC0415
    from smile_xl.planning.findings import InputError  # noqa: PLC0415

    try:
        code = build(spoken).main(arguments, prog_name="smile-xl", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        _tell(error.format_message())
    except click.UsageError as error:
        _tell(_usage_text(error, spoken))
    except BookError as error:
        _tell(say(f"book.{error.code}", spoken, **error.values))
    except RefusedError as error:
        _tell(str(error))
    except InputError as error:
        errors = [finding for finding in error.findings if finding.severity == "error"]
        for finding in errors:
            _tell(finding.line(spoken))
        _tell(say("commands.refused", spoken, file=error.book, errors=len(errors)))
    except OSError as error:
        name = Path(str(error.filename or arguments[-1])).name
        _tell(say("book.not_readable", spoken, file=name, reason=error.strerror or error))
    except (KeyboardInterrupt, click.Abort):
        _tell(say("commands.interrupted", spoken))
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left, as with "| head"
        return 0
    except Exception as error:
        _tell(say("commands.defect", spoken, error=f"{type(error).__name__}: {error}", log=_log(arguments)))
        return DEFECT
    return REFUSED


def _log(arguments: list[str]) -> str:
    """Name of a file with the traceback of the exception being handled; "-" where none can be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="smile-xl-error-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.write(f"smile-xl {__version__} {arguments}\n{traceback.format_exc()}\n")
            return file.name
    except OSError:
        return "-"


def build(spoken: Language) -> click.Group:
    """The commands with their help in a language."""

    def text(name: str) -> str:
        return say(f"commands.help.{name}", spoken)

    class Formatter(click.HelpFormatter):
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or say("commands.heading.Usage", spoken))

        def write_heading(self, heading: str) -> None:
            super().write_heading(say(f"commands.heading.{heading}", spoken))

    class Context(click.Context):
        formatter_class = Formatter

    class Command(click.Command):
        context_class = Context

    class Group(click.Group):
        context_class = Context
        command_class = Command

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            command = super().get_command(ctx, cmd_name)
            if command is None:
                raise RefusedError(say("commands.no_command", spoken, name=cmd_name, names=", ".join(self.commands)))
            return command

    settings = {"help_option_names": ["--help", "-h"], "max_content_width": 100}
    show_help = click.help_option("--help", "-h", help=text("help"))
    lang = click.option(
        "--lang", type=click.Choice(language.LANGUAGES), expose_value=False, metavar="en|fr", help=text("lang")
    )
    book = click.argument("book", type=click.Path(path_type=Path))
    stamp = click.option("--stamp", metavar="TIME", help=text("stamp"))

    @click.group(cls=Group, context_settings=settings, help=text("main"), no_args_is_help=True)
    @show_help
    @click.version_option(__version__, "--version", message="smile-xl %(version)s", help=text("version"))
    @lang
    def smile_xl() -> None:
        pass

    @smile_xl.command(help=text("new"))
    @show_help
    @book
    @click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help=text("data"))
    @stamp
    @lang
    def new(book: Path, data: Path | None, stamp: str | None) -> int:
        return _new(book, data, _when(stamp, spoken), spoken)

    @smile_xl.command(help=text("refresh"))
    @show_help
    @book
    @click.option("--output", type=click.Path(path_type=Path), metavar="OUT", help=text("output"))
    @click.option("--values", is_flag=True, help=text("values"))
    @click.option(
        "--report", "reports", multiple=True, metavar="NAME", type=click.Choice(REFRESHED),
        help=text("only").format(names=", ".join(REFRESHED)),
    )  # fmt: skip
    @stamp
    @lang
    def refresh(book: Path, output: Path | None, values: bool, reports: tuple[str, ...], stamp: str | None) -> int:
        return _refresh(book, output, values, reports or REFRESHED, _when(stamp, spoken), spoken)

    @smile_xl.command(help=text("check"))
    @show_help
    @book
    @lang
    def check(book: Path) -> int:
        return _check(book, spoken)

    @smile_xl.command(help=text("report").format(names=", ".join(REPORTS)))
    @show_help
    @click.argument("name", type=click.Choice(REPORTS), metavar="NAME")
    @book
    @click.option(
        "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", metavar="table|csv|json",
        help=text("format"),
    )  # fmt: skip
    @lang
    def report(name: str, book: Path, form: str) -> int:
        return _report(name, book, form)

    @smile_xl.command(help=text("functions"))
    @show_help
    @click.argument("name", required=False)
    @lang
    def functions(name: str | None) -> int:
        return _functions(name, spoken)

    return smile_xl


def _new(path: Path, data: Path | None, when: dt.datetime, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.csvs import read_folder  # noqa: PLC0415
    from smile_xl.books.xlsx.create import create_book  # noqa: PLC0415

    if path.suffix.casefold() != ".xlsx":
        raise RefusedError(say("commands.other_type", spoken, file=path.name))
    if path.exists():
        raise RefusedError(say("commands.exists", spoken, file=path.name))
    tables = read_folder(data or (EXAMPLE_DATA if EXAMPLE_DATA.is_dir() else SOURCE_DATA), spoken, path.name)
    pages = commands.master_file(tables, when)
    with tempfile.TemporaryDirectory() as folder:
        book = create_book(Path(folder) / path.name, pages)
        cycle = commands.refresh(book, when)
        book.save(path)
    _tell(
        say("commands.created", spoken, file=path.name, items=len(cycle.inputs.items), cycle=_cycle_name(cycle, spoken))
    )
    return 0


def _refresh(
    path: Path, output: Path | None, values: bool, reports: Sequence[str], when: dt.datetime, spoken: Language
) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    if values and (output is None or os.path.realpath(output) == os.path.realpath(path)):
        raise RefusedError(say("commands.values_in_place", spoken))
    started = time.perf_counter()
    with _progress(len(reports) + 2, spoken) as progress:
        book = XlsxBook(path)
        cycle = commands.refresh(book, when, reports, progress)
        progress("save")
        book.save(output, values_only=values)
        progress("done")
    count = _count(cycle.findings)
    _tell(
        say(
            "commands.refreshed",
            spoken,
            file=(output or path).name,
            items=len(cycle.inputs.items),
            cycle=_cycle_name(cycle, spoken),
            reports=len(reports),
            seconds=f"{time.perf_counter() - started:.1f}".replace(".", "," if spoken == "fr" else "."),
            checks=say("headers.sheet.checks", cycle.inputs.settings.language),
            **count,
        )
    )
    return 0


def _check(path: Path, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    findings = commands.check(XlsxBook(path))
    for finding in findings:
        click.echo(finding.line(spoken))
    count = _count(findings)
    _tell(say("commands.counted", spoken, file=path.name, **count))
    return FOUND if count["errors"] else 0


def _report(name: str, path: Path, form: str) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    rows = commands.report(XlsxBook(path), name)
    if form == "csv":
        click.echo(rows.to_csv(index=False), nl=False)
    elif form == "json":
        lines = [{name: _json_value(value) for name, value in row.items()} for row in rows.to_dict("records")]
        click.echo("[" + ",\n ".join(json.dumps(line, ensure_ascii=False) for line in lines) + "]")
    else:
        click.echo(rows.to_string(index=False, float_format=lambda number: f"{number:,.3f}", na_rep=""))
    return 0


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


@contextlib.contextmanager
def _progress(steps: int, spoken: Language) -> Iterator[Progress]:
    """A progress bar on standard error."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=steps)
        begun = False

        def step(name: str) -> None:
            nonlocal begun
            bar.update(task, advance=1 if begun else 0, description=say(f"commands.step.{name}", spoken))
            begun = True

        try:
            yield step
        except BaseException:
            bar.live.transient = True  # what failed leaves its message alone on the screen
            raise
    if not console.is_terminal:
        console.print(bar.get_renderable())


def _when(stamp: str | None, spoken: Language) -> dt.datetime:
    if stamp is None:
        return dt.datetime.now()
    try:
        return dt.datetime.fromisoformat(stamp)
    except ValueError:
        raise RefusedError(say("commands.stamp_wrong", spoken, text=stamp)) from None


def _count(findings: Sequence[Finding]) -> dict[str, int]:
    count = Counter(finding.severity for finding in findings)
    return {"errors": count["error"], "warnings": count["warning"], "notes": count["info"]}


def _cycle_name(cycle: Cycle, spoken: Language) -> str:
    from smile_xl.reports.stamp import month_name  # noqa: PLC0415

    return month_name(cycle.inputs.months[0], spoken)


def _spoken(arguments: Sequence[str]) -> Language:
    """The language that ``--lang`` asks for, wherever it stands, else the machine's."""
    for place, argument in enumerate(arguments):
        asked = argument.removeprefix("--lang=")
        if argument == "--lang" and place + 1 < len(arguments):
            asked = arguments[place + 1]
        if argument.startswith("--lang") and asked in language.LANGUAGES:
            return "fr" if asked == "fr" else "en"
    return language.of_locale()


def _usage_text(error: click.UsageError, spoken: Language) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as parameter):
            what = say("commands.usage_missing", spoken, what=(parameter.name or "").upper())
        case click.NoSuchOption():
            what = say("commands.usage_option", spoken, what=error.option_name)
        case click.BadParameter(param=click.Parameter(type=click.Choice() as choice) as parameter):
            name = parameter.opts[0] if isinstance(parameter, click.Option) else (parameter.name or "").upper()
            what = say("commands.usage_choice", spoken, what=name, choices=", ".join(map(str, choice.choices)))
        case _:
            what = say("commands.usage_other", spoken, what=error.format_message().rstrip("."))
    path = error.ctx.command_path.split()[1:] if error.ctx else []
    see = say("commands.see_help", spoken, command="".join(f"{part} " for part in path))
    return f"{what}. {see}"


def _tell(line: Any) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
