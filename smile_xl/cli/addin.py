"""The commands around Excel's add-in: build, install, uninstall, doctor."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import FOUND, Frame, RefusedError, tell
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.excel.doctor import Point

STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def add(frame: Frame) -> None:
    """Add the commands to the group."""
    group = frame.subgroup("addin")

    @frame.command("build", within=group)
    @click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help=frame.text("addin_output"))
    @click.option("--python", metavar="PATH", help=frame.text("addin_python"))
    @click.option("--vba", is_flag=True, help=frame.text("addin_vba"))
    @frame.lang
    def build(output: Path | None, python: str | None, vba: bool) -> int:
        return _write_vba(frame.spoken) if vba else _build(output, python, frame.spoken)

    @frame.command("install", within=group)
    @frame.lang
    def install() -> int:
        return _install(frame.spoken)

    @frame.command("uninstall", within=group)
    @frame.lang
    def uninstall() -> int:
        return _uninstall(frame.spoken)

    @frame.command("doctor", within=group)
    @frame.lang
    def doctor() -> int:
        return _doctor(frame.spoken)


def _build(output: Path | None, python: str | None, spoken: Language) -> int:
    from smile_xl.books.xlsx.atomic import replace_file  # noqa: PLC0415
    from smile_xl.excel import addin  # noqa: PLC0415
    from smile_xl.excel.machine import Machine  # noqa: PLC0415

    _need_xlwings(spoken)
    machine = Machine()
    here = machine.interpreter if machine.is_windows else addin.Interpreter()
    interpreter = addin.Interpreter(python) if python else here
    path = output or Path(addin.FILE)
    if path.suffix.casefold() != ".xlam":
        raise RefusedError(say("commands.other_type", spoken, file=path.name, suffix=".xlam"))
    replace_file(path, addin.build(interpreter))
    tell(say("addin.built", spoken, file=path, python=interpreter.python))
    return 0


def _write_vba(spoken: Language) -> int:
    from smile_xl.excel import vba  # noqa: PLC0415

    if not vba.SOURCE.is_dir():
        raise RefusedError(say("addin.only_sources", spoken))
    texts = vba.generated()
    for name, text in texts.items():
        (vba.SOURCE / name).write_text(text, encoding="ascii", newline="\n")
    tell(say("addin.written", spoken, folder=vba.SOURCE, files=", ".join(texts)))
    return 0


def _install(spoken: Language) -> int:
    from smile_xl.excel.install import InstallError, install  # noqa: PLC0415
    from smile_xl.excel.machine import Machine  # noqa: PLC0415

    machine = Machine()
    if machine.is_windows or machine.is_mac:
        _need_xlwings(spoken)
    try:
        install(machine)
    except InstallError as error:
        raise RefusedError(say(f"addin.{error.code}", spoken, **error.values)) from None
    tell(say("addin.installed_on_mac" if machine.is_mac else "addin.installed", spoken, file=machine.addin))
    return 0


def _uninstall(spoken: Language) -> int:
    from smile_xl.excel.install import InstallError, uninstall  # noqa: PLC0415
    from smile_xl.excel.machine import Machine  # noqa: PLC0415

    machine = Machine()
    try:
        removed = uninstall(machine)
    except InstallError as error:
        raise RefusedError(say(f"addin.{error.code}", spoken, **error.values)) from None
    tell(say("addin.removed" if removed else "addin.not_there", spoken, file=machine.addin))
    return 0


def _doctor(spoken: Language) -> int:
    from smile_xl.excel.doctor import examine  # noqa: PLC0415
    from smile_xl.excel.machine import Machine  # noqa: PLC0415

    points = examine(Machine())
    _show(points, spoken)
    states = [point.state for point in points]
    tell(say("addin.verdict", spoken, problems=states.count("problem"), warnings=states.count("warning")))
    return FOUND if "problem" in states else 0


def _show(points: list[Point], spoken: Language) -> None:
    """A table of the points; long texts wrap, in a file as well as on a screen."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("state", "point", "found", "todo"):
        table.add_column(say(f"addin.column.{name}", spoken), overflow="fold")
    for point in points:
        key = f"addin.doctor.{point.name}.{point.case}"
        table.add_row(
            f"[{STYLES[point.state]}]{say(f'addin.state.{point.state}', spoken)}[/]",
            say(f"addin.point.{point.name}", spoken),
            _plain(say(f"{key}.found", spoken, **point.values)),
            "" if point.state == "ok" else _plain(say(f"{key}.todo", spoken)),
        )
    console = Console()
    if not console.is_terminal:
        console.width = 160
    console.print(table)


def _plain(text: str) -> str:
    """A text in which rich sees no markup."""
    from rich.markup import escape  # noqa: PLC0415

    return escape(text)


def _need_xlwings(spoken: Language) -> None:
    from smile_xl.excel.machine import Machine  # noqa: PLC0415

    if not Machine().has_module("xlwings"):
        raise RefusedError(say("addin.no_xlwings", spoken, version=_wanted_xlwings()))


def _wanted_xlwings() -> str:
    """The version of xlwings that this product is made for."""
    try:
        wanted = [line for line in requires("smile-xl") or [] if line.startswith("xlwings==")]
    except PackageNotFoundError:
        wanted = []
    return wanted[0].removeprefix("xlwings==").split(";")[0].strip() if wanted else ""
