"""The command line ``smile-xl``: 0 done, 1 a defect of ours, 2 bad usage or input, 3 errors or differences found.

numpy, pandas and the file adapters are imported by the commands that need them: help and usage errors come at once.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import click

from smile_xl import language
from smile_xl.cli import (
    addin,
    adopt,
    audit,
    cycles,
    imports,
    libreoffice,
    match,
    native,
    pack,
    planning,
    scale,
    scenarios,
    simulate,
)
from smile_xl.cli.frame import DEFECT, REFUSED, Frame, RefusedError, tell
from smile_xl.defects import log_defect
from smile_xl.language import Language, say


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(500_000)  # a run is short and makes many objects: the usual 700 costs a tenth of it
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # a code page that lacks a letter is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments, _spoken(arguments)))


def run(arguments: list[str], spoken: Language) -> int:
    """Run a command and return its exit code; every failure is one clear line on standard error."""
    from smile_xl.book import BookError  # noqa: PLC0415
    from smile_xl.planning.findings import InputError, count_of, errors_of  # noqa: PLC0415

    try:
        code = build(spoken).main(arguments, prog_name="smile-xl", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        tell(error.format_message())
    except click.UsageError as error:
        tell(_usage_text(error, spoken))
    except BookError as error:
        tell(error.text(spoken))
    except RefusedError as error:
        tell(str(error))
    except InputError as error:
        for finding in errors_of(error.findings):
            tell(finding.line(spoken))
        tell(say("commands.refused", spoken, file=error.book, errors=count_of(error.findings)["errors"]))
    except OSError as error:
        name = Path(str(error.filename or arguments[-1])).name
        tell(say("book.not_readable", spoken, file=name, reason=error.strerror or error))
    except (KeyboardInterrupt, click.Abort):
        tell(say("commands.interrupted", spoken))
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left, as with "| head"
        return 0
    except Exception as error:
        log = log_defect(str(arguments), traceback.format_exc())
        tell(say("commands.defect", spoken, error=f"{type(error).__name__}: {error}", log=log))
        return DEFECT
    return REFUSED


@cache
def build(spoken: Language) -> click.Group:
    """The commands with their help in a language."""
    frame = Frame(spoken)
    planning.add(frame)
    native.add(frame)
    addin.add(frame)
    audit.add(frame)
    simulate.add(frame)
    scenarios.add(frame)
    match.add(frame)
    cycles.add(frame)
    scale.add(frame)
    libreoffice.add(frame)
    imports.add(frame)
    pack.add(frame)
    adopt.add(frame)
    return frame.group


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
            what = say("commands.usage_missing", spoken, what=_name(parameter))
        case click.NoSuchOption():
            what = say("commands.usage_option", spoken, what=error.option_name)
        case click.BadParameter(param=click.Parameter(type=click.Choice() as choice) as parameter):
            choices = ", ".join(map(str, choice.choices))
            what = say("commands.usage_choice", spoken, what=_name(parameter), choices=choices)
        case click.BadParameter(param=click.Option(type=click.IntRange(min=int() as least, max=most)) as parameter):
            key = "usage_at_least" if most is None else "usage_range"
            what = say(f"commands.{key}", spoken, what=_name(parameter), least=least, most=most)
        case _:
            what = say("commands.usage_other", spoken, what=error.format_message().rstrip("."))
    path = error.ctx.command_path.split()[1:] if error.ctx else []
    see = say("commands.see_help", spoken, command="".join(f"{part} " for part in path))
    return f"{what}. {see}"


def _name(parameter: click.Parameter) -> str:
    """An option as it is typed, an argument as the help shows it."""
    return parameter.opts[-1] if isinstance(parameter, click.Option) else (parameter.name or "").upper()
