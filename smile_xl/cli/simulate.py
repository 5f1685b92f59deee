"""The command that compares two safety-stock policies: simulate."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import Decorator, Frame, RefusedError, moment, progress_bar, tell
from smile_xl.cli.planning import print_rows
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.planning.simulation import Outcome

POLICIES = ("average", "exact", "statistical")
PLANNED = ("average", "exact")
"""Policies that SRM can plan with."""

RUNS, SEED, MOST_RUNS = 1000, 1, 100_000


def add(frame: Frame) -> None:
    """Add the command to the group."""

    def policy(name: str, default: str) -> Decorator:
        text = frame.text(f"policy_{name}", policies=", ".join(POLICIES))
        return click.option(f"--{name}", type=click.Choice(POLICIES), default=default, metavar="POLICY", help=text)

    @frame.command("simulate")
    @frame.book
    @policy("old", "average")
    @policy("new", "exact")
    @click.option("--runs", type=click.IntRange(2, MOST_RUNS), default=RUNS, metavar="N", help=frame.text("runs"))
    @click.option("--seed", type=click.IntRange(0), default=SEED, metavar="S", help=frame.text("seed"))
    @click.option("--accept", is_flag=True, help=frame.text("accept"))
    @click.option("--output", type=click.Path(path_type=Path), metavar="OUT", help=frame.text("output"))
    @frame.form
    @frame.stamp
    @frame.lang
    def simulate(
        book: Path,
        old: str,
        new: str,
        runs: int,
        seed: int,
        accept: bool,
        output: Path | None,
        form: str,
        stamp: str | None,
    ) -> int:
        if old == new:
            raise RefusedError(say("simulation.same", frame.spoken, policy=old))
        if accept and not {old, new} <= set(PLANNED):
            raise RefusedError(say("simulation.not_planned", frame.spoken, policies=", ".join(PLANNED)))
        when = moment(stamp, frame.spoken)
        from smile_xl.planning.simulation import figures  # noqa: PLC0415

        outcome = _simulate(book, output, old, new, runs, seed, accept, when, frame.spoken)
        print_rows(figures(outcome), form)
        for line in _told(outcome, (output or book).name, accept, frame.spoken):
            tell(line)
        return 0


def _simulate(
    path: Path,
    output: Path | None,
    old: str,
    new: str,
    runs: int,
    seed: int,
    accept: bool,
    when: dt.datetime,
    spoken: Language,
) -> Outcome:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    book = XlsxBook(path)
    with progress_bar(3 + accept * len(commands.refreshed(book)), spoken) as progress:
        outcome = commands.simulate(book, when, old, new, runs=runs, seed=seed, accept=accept, progress=progress)
        progress("save")
        book.save(output)
        progress("done")
    return outcome


def _told(outcome: Outcome, file: str, accept: bool, spoken: Language) -> list[str]:
    """The rule, what it frees and adds, and what was written."""
    from smile_xl.reports.simulation import rule_text  # noqa: PLC0415

    decision, currency = outcome.decision, outcome.comparison.cycle.inputs.settings.currency
    adopted = int(decision.adopted.sum())
    words = {"file": file, "sheet": say("headers.sheet.simulation", spoken)}
    lines = [
        rule_text(outcome.comparison, decision, spoken),
        say(
            "simulation.frees",
            spoken,
            cash=_thousands(decision.gain, spoken),
            currency=currency,
            tonnes=_thousands(decision.lost, spoken),
            items=len(decision.adopted),
            adopted=adopted,
        ),
        say("simulation.written", spoken, **words),
    ]
    if accept:
        policies = say("headers.sheet.safety_policies", spoken)
        counts = {"adopted": adopted, "kept": len(decision.adopted) - adopted}
        names = {role: say(f"simulation.policy.{getattr(outcome.comparison, role)}", spoken) for role in ("old", "new")}
        lines.append(say("simulation.accepted", spoken, sheet=policies, **counts, **names))
    return lines


def _thousands(number: float, spoken: Language) -> str:
    text = f"{number:,.0f}"
    return text.replace(",", "\u202f") if spoken == "fr" else text
