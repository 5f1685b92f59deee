"""The Scenarios table: named what-ifs of a book, one change a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from smile_xl.core import SAFETY_METHODS
from smile_xl.language import Language, say
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, Grid, is_blank
from smile_xl.planning.names import plain
from smile_xl.planning.scenarios import IN_WEEKS, RELATIVE, Change, Scenario, ScenarioError, change_of, picks_none
from smile_xl.planning.steering.policies import selector_text
from smile_xl.planning.steering.reading import optional_table
from smile_xl.planning.tables import Notebook, cell, note_odd

SCENARIO_COLUMNS = ("scenario", "what", "where", "change")
"""Columns of the sheet Scenarios."""


@dataclass(frozen=True)
class ScenarioLine:
    """One row of the table: a change of a scenario."""

    name: str
    change: Change


def read_scenarios(grid: Grid | None, notes: Notebook, items: pd.DataFrame) -> tuple[ScenarioLine, ...]:
    """The rows of a sheet; what can't be read is noted as an error, a change of no item as a warning."""
    table = optional_table(
        grid, notes, ("scenario", "what"), ("where", "change")
    )  # without "where", a change would be of all items
    if table is None:
        return ()
    table.note_blanks(notes, "scenario")
    lines = []
    for row, name in zip(table.rows, table.texts("scenario"), strict=True):
        cells = {column: cell(table.grid, row, table.columns[column]) for column in table.columns}
        broken = [column for column, value in cells.items() if isinstance(value, CellError)]
        for column in broken:
            note_odd(notes, table.grid, row, table.columns[column], cells[column], Label(f"headers.column.{column}"))
        if broken or not name:
            continue
        given = [None if is_blank(cells.get(column)) else cells[column] for column in ("what", "where", "change")]
        try:
            change = change_of(*given)
        except ScenarioError as error:
            column = {"what_unknown": "what", "where_wrong": "where"}.get(error.code, "change")
            notes.note("error", "scenario_wrong", table.grid, row, table.columns[column], reason=error)
            continue
        lines.append(ScenarioLine(name, change))
        if change.where and picks_none(items, change.where):
            notes.note("warning", "scenario_no_item", table.grid, row, table.columns["where"])
    return tuple(lines)


def scenarios_of(lines: Sequence[ScenarioLine]) -> list[Scenario]:
    """The scenarios in the order of their first rows, each with its changes in the order of the rows."""
    found: dict[str, tuple[str, list[Change]]] = {}
    for line in lines:
        found.setdefault(plain(line.name), (line.name, []))[1].append(line.change)
    return [Scenario(name, tuple(changes)) for name, changes in found.values()]


def find_scenario(lines: Sequence[ScenarioLine], name: str) -> Scenario:
    """A scenario by its name; raises ScenarioError."""
    known = scenarios_of(lines)
    for scenario in known:
        if plain(scenario.name) == plain(name):
            return scenario
    raise ScenarioError("no_scenario", name=name, known=", ".join(one.name for one in known) or "-")


def without(lines: Sequence[ScenarioLine], name: str) -> tuple[ScenarioLine, ...]:
    """The rows of all other scenarios."""
    return tuple(line for line in lines if plain(line.name) != plain(name))


def what_text(change: Change, spoken: Language) -> str:
    """What is changed, in words."""
    return say(f"headers.what.{change.what}", spoken)


def amount_text(change: Change, spoken: Language) -> str:
    """How it is changed, as people write it and as ``change_of`` reads it: +10 %, 2, average."""
    if change.what in RELATIVE:
        text = f"{100 * (change.factor - 1):+.10g} %"
    elif change.what in IN_WEEKS:
        text = f"{change.shift:.10g}" if change.what == "delay" else f"{change.shift:+.10g}"
    else:
        return say(f"headers.value.{change.policy}", spoken) if change.policy in SAFETY_METHODS else change.policy
    return text.replace(".", ",") if spoken == "fr" else text


def change_text(change: Change, spoken: Language) -> str:
    """A change in one line: ``Demand +10 % (Country = Morocco)``."""
    text = f"{what_text(change, spoken)} {amount_text(change, spoken)}"
    where = selector_text(change.where, spoken)
    return f"{text} ({where})" if where else text
