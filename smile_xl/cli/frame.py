"""What all commands share: exit codes, messages, common options, help in the user's language, the progress bar."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smile_xl import __version__, language
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.commands import Progress

DEFECT, REFUSED, FOUND = 1, 2, 3
"""Exit codes beside 0."""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class RefusedError(Exception):
    """Bad usage or input that the command line itself notices; the text is ready to be shown."""


class Frame:
    """The group of commands in a language, and what its commands have in common."""

    def __init__(self, spoken: Language) -> None:
        self.spoken = spoken
        self.show_help = click.help_option("--help", "-h", help=self.text("help"))
        self.lang = click.option(
            "--lang", type=click.Choice(language.LANGUAGES), expose_value=False, metavar="en|fr", help=self.text("lang")
        )
        self.book = click.argument("book", type=click.Path(path_type=Path))
        self.stamp = click.option("--stamp", metavar="TIME", help=self.text("stamp"))
        self.form = click.option(
            "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", metavar="table|csv|json",
            help=self.text("format"),
        )  # fmt: skip
        self.group = self._group()

    def text(self, name: str, **values: object) -> str:
        """Help text of a command or an option."""
        return say(f"commands.help.{name}", self.spoken, **values)

    def command(self, name: str, within: click.Group | None = None, **values: object) -> Decorator:
        """Decorator that adds a command, with the help ``commands.help.<name>``, to a group."""
        group = within or self.group
        key = f"{group.name}_{name}" if within else name

        def add(call: Callable[..., Any]) -> Callable[..., Any]:
            text = self.text(key, **values)
            return group.command(name, help=text, short_help=_first_sentence(text))(self.show_help(call))

        return add

    def subgroup(self, name: str) -> click.Group:
        """A new group of commands; the help of each is ``commands.help.<name>_<command>``."""

        @self.group.group(name, cls=type(self.group), help=self.text(name), no_args_is_help=True)
        @self.show_help
        @self.lang
        def group() -> None:
            pass

        return group

    def _group(self) -> click.Group:
        spoken = self.spoken

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
                    names = ", ".join(self.commands)
                    raise RefusedError(say("commands.no_command", spoken, name=cmd_name, names=names))
                return command

        settings = {"help_option_names": ["--help", "-h"], "max_content_width": 100}

        @click.group("smile-xl", cls=Group, context_settings=settings, help=self.text("main"), no_args_is_help=True)
        @self.show_help
        @click.version_option(__version__, "--version", message="smile-xl %(version)s", help=self.text("version"))
        @self.lang
        def group() -> None:
            pass

        return group


def _first_sentence(text: str) -> str:
    return text.split(". ", maxsplit=1)[0].rstrip(".") + "."


def tell(line: Any) -> None:
    """Say a line on standard error."""
    click.echo(line, err=True)


@contextlib.contextmanager
def progress_bar(steps: int, spoken: Language) -> Iterator[Progress]:
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


def moment(stamp: str | None, spoken: Language) -> dt.datetime:
    """The time that ``--stamp`` gives, else now."""
    if stamp is None:
        return dt.datetime.now()
    try:
        return dt.datetime.fromisoformat(stamp)
    except ValueError:
        raise RefusedError(say("commands.stamp_wrong", spoken, text=stamp)) from None
