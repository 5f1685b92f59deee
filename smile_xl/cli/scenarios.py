"""The command for what-ifs: scenario."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import Frame, RefusedError, moment, progress_bar, tell
from smile_xl.cli.planning import print_rows
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from smile_xl.planning.cycle import Cycle
    from smile_xl.planning.steering.comparison import Comparison


def add(frame: Frame) -> None:
    """Add the command to the group."""

    @frame.command("scenario")
    @frame.book
    @click.argument("names", nargs=-1, metavar="[NAME ...]")
    @click.option("--add", "added", metavar="NAME", help=frame.text("scenario_add"))
    @click.option("--what", metavar="WHAT", help=frame.text("scenario_what"))
    @click.option("--where", default="", metavar="WHERE", help=frame.text("scenario_where"))
    @click.option("--change", metavar="CHANGE", help=frame.text("scenario_change"))
    @click.option("--drop", "dropped", metavar="NAME", help=frame.text("scenario_drop"))
    @click.option("--promote", "promoted", metavar="NAME", help=frame.text("scenario_promote"))
    @frame.form
    @frame.stamp
    @frame.lang
    def scenario(
        book: Path,
        names: tuple[str, ...],
        added: str | None,
        what: str | None,
        where: str,
        change: str | None,
        dropped: str | None,
        promoted: str | None,
        form: str,
        stamp: str | None,
    ) -> int:
        when, spoken = moment(stamp, frame.spoken), frame.spoken
        asked = [one for one in (added, dropped, promoted) if one is not None]
        if len(asked) > 1 or (asked and names):
            raise RefusedError(say("scenarios.one_thing", spoken))
        if (added is not None) != (what is not None and change is not None) or (where and added is None):
            raise RefusedError(say("scenarios.add_needs", spoken))
        if added is not None:
            return _add(book, added, what or "", where, change or "", spoken)
        if dropped is not None:
            return _drop(book, dropped, spoken)
        if promoted is not None:
            return _promote(book, promoted, when, spoken)
        return _compare(book, names, form, spoken)


def _refused(spoken: Language, action: Callable[[], Cycle]) -> Cycle:
    """What an action gives; what it refuses is said in one line."""
    from smile_xl.planning.scenarios import ScenarioError  # noqa: PLC0415

    try:
        return action()
    except ScenarioError as error:
        raise RefusedError(error.text(spoken)) from error


def _compare(path: Path, names: tuple[str, ...], form: str, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.scenarios import ScenarioError  # noqa: PLC0415
    from smile_xl.planning.steering.comparison import rows  # noqa: PLC0415

    try:
        cycle, found = commands.compare_scenarios(XlsxBook(path), names)
    except ScenarioError as error:
        raise RefusedError(error.text(spoken)) from error
    base = say("scenarios.base", spoken)
    if len(found.sides) == 1:
        tell(say("scenarios.none", spoken, sheet=say("headers.sheet.scenarios", cycle.inputs.settings.language)))
    if form == "table":
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None  # a file has long lines
        click.echo(_side_by_side(cycle, found, base, spoken).to_string(line_width=width))
    else:
        print_rows(rows(found, base), form)
    return 0


def _side_by_side(cycle: Cycle, found: Comparison, base: str, spoken: Language) -> pd.DataFrame:
    """Figures down, the base and the scenarios across, each scenario with its difference from the base."""
    import pandas as pd  # noqa: PLC0415

    from smile_xl.planning.steering.comparison import SUMS, totals  # noqa: PLC0415

    sums = [totals(side) for side in found.sides]
    currency = cycle.inputs.settings.currency
    names = [say(f"scenarios.{name}", spoken, currency=currency) for name in SUMS]
    table: dict[str, list[str]] = {}
    for side, figures in zip(found.sides, sums, strict=True):
        table[side.name or base] = [_shown(figures[name], spoken) for name in SUMS]
        if side.name:
            table[f"{side.name} -/+"] = [_shown(figures[name] - sums[0][name], spoken, sign="+") for name in SUMS]
    return pd.DataFrame(table, index=names)


def _shown(number: float, spoken: Language, sign: str = "") -> str:
    text = f"{round(number) + 0:{sign},}"
    return text.replace(",", "\u202f") if spoken == "fr" else text


def _add(path: Path, name: str, what: str, where: str, change: str, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415
    from smile_xl.planning.scenarios import change_of  # noqa: PLC0415
    from smile_xl.planning.steering.whatif import change_text  # noqa: PLC0415

    if not name.strip():
        raise RefusedError(say("scenarios.add_needs", spoken))
    book = XlsxBook(path)
    cycle = _refused(spoken, lambda: commands.add_scenario(book, name.strip(), change_of(what, where, _typed(change))))
    book.save()
    made = cycle.inputs.steering.scenarios[-1].change
    tell(say("scenarios.added", spoken, file=path.name, name=name.strip(), change=change_text(made, spoken)))
    return 0


def _typed(change: str) -> object:
    """A change as a cell would hold it: weeks as a number, all else as text."""
    try:
        return float(change.replace(",", "."))
    except ValueError:
        return change


def _drop(path: Path, name: str, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    book = XlsxBook(path)
    _refused(spoken, lambda: commands.drop_scenario(book, name))
    book.save()
    tell(say("scenarios.dropped", spoken, file=path.name, name=name))
    return 0


def _promote(path: Path, name: str, when: dt.datetime, spoken: Language) -> int:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    book = XlsxBook(path)
    with progress_bar(len(commands.refreshed(book)) + 2, spoken) as progress:
        _refused(spoken, lambda: commands.promote_scenario(book, name, when, progress))
        progress("save")
        book.save()
        progress("done")
    tell(say("scenarios.promoted", spoken, file=path.name, name=name))
    return 0
