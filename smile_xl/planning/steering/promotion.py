"""What a scenario changes in the inputs of a book, cell by cell, when the team makes it its plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from smile_xl.core import HORIZON, TRANSIT_WEEKS
from smile_xl.core.lateness import LONGEST_DELAY, late_landing
from smile_xl.language import say
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.rule_tables import WEEKS
from smile_xl.planning.rules import CountryRule
from smile_xl.planning.scenarios import Scenario, ScenarioError, with_changes
from smile_xl.planning.sheets import table_grid
from smile_xl.planning.tables import Notebook, find_table

Cells = dict[str, dict[tuple[int, int], float]]
"""New numbers by sheet, then by row and column counted from 0."""


@dataclass(frozen=True)
class Promotion:
    """A scenario as new inputs, and how they come into the book."""

    inputs: Inputs
    cells: Cells = field(default_factory=dict)
    policies: bool = False
    """The table of safety policies is to be written anew."""


def promotion_of(inputs: Inputs, scenario: Scenario, book: Sheets) -> Promotion:
    """What makes a scenario the plan of a book; raises ScenarioError where no input can say it."""
    changed = with_changes(inputs, scenario.changes)
    srm = inputs.srm
    rows = srm.table.rows
    cells: Cells = {}
    old, new = inputs.portfolio, changed.portfolio
    blocks = [(old.demand, new.demand, srm.demand_columns)]
    blocks += [
        (old.confirmed[:, [month]], new.confirmed[:, [month]], [column])
        for month, column in srm.confirmed_columns.items()
    ]
    cover = srm.table.columns["weeks_cover"]
    blocks.append((old.weeks_cover[:, np.newaxis], new.weeks_cover[:, np.newaxis], [cover]))
    lost = ~np.isclose(old.confirmed, new.confirmed, equal_nan=True)
    lost[:, list(srm.confirmed_columns)] = False
    if lost.any():
        raise ScenarioError("no_confirmed_column", name=scenario.name)
    transit, rules = _late(inputs, changed, scenario)
    blocks.append((old.transit, transit, srm.transit_columns))
    for before, after, columns in blocks:
        for item, place in np.argwhere((before != after) & ~np.isnan(after)).tolist():
            _put(cells, srm.table.grid, rows[item], columns[place], float(after[item, place]))
    _costs(inputs, changed, book, cells)
    _countries(rules, scenario, book, cells)
    by_rule = np.array([plain(name) in rules for name in inputs.items["country"]], dtype=np.bool_)
    landing = np.where(by_rule[:, np.newaxis], new.landing, old.landing)
    promoted = replace(
        changed,
        portfolio=replace(new, transit=transit, landing=landing),
        countries={**inputs.countries, **rules} if rules else inputs.countries,
    )
    cells = {name: found for name, found in cells.items() if found}
    return Promotion(promoted, cells, changed.policies != inputs.policies)


def _late(inputs: Inputs, changed: Inputs, scenario: Scenario) -> tuple[np.ndarray, dict[str, CountryRule]]:
    """The transit as it comes in after the delays, or new rules of countries whose goods are all as late.

    A delay of some weeks moves each week's transit by as many: week 8 takes what would come after it, which lands in
    the same month. Where the months of an order change as well, only the rule of a whole country can say so.
    """
    old, new = inputs.portfolio, changed.portfolio
    transit = old.transit.copy()
    rules: dict[str, CountryRule] = {}
    names = inputs.items["country"].to_numpy()
    moved = np.flatnonzero((old.landing != new.landing).any(axis=1))
    longer = (old.frozen != new.frozen) | (old.pipeline_months != new.pipeline_months)
    for country in sorted({*names[moved].tolist(), *names[longer].tolist()}):
        own = names == country
        if longer[own].any():
            key = plain(country)
            found = {
                (int(new.frozen[item]), tuple(new.landing[item].tolist()), int(new.pipeline_months[item]))
                for item in np.flatnonzero(own)
            }
            if len(found) > 1:
                raise ScenarioError("delay_partial", name=scenario.name, country=country)
            frozen, landing, pipeline = found.pop()
            if max(landing) >= HORIZON:
                raise ScenarioError("delay_long", name=scenario.name, country=country)
            rules[key] = CountryRule(inputs.countries[key].name, frozen, landing, pipeline)
        else:
            for item in np.intersect1d(moved, np.flatnonzero(own)).tolist():
                transit[item] = _shifted(old.landing[item], new.landing[item], old.transit[item], scenario, country)
    return transit, rules


def _shifted(
    landing: np.ndarray, late: np.ndarray, transit: np.ndarray, scenario: Scenario, country: str
) -> np.ndarray:
    """The weeks of an item's transit, so many weeks later that they land by the old rule as they do by the late one."""
    for weeks in range(1, LONGEST_DELAY + 1):
        places = np.minimum(np.arange(TRANSIT_WEEKS) + weeks, TRANSIT_WEEKS - 1)
        if (late_landing(landing[np.newaxis], weeks)[0] == late).all() and (landing[places] == late).all():
            moved = np.zeros(TRANSIT_WEEKS)
            np.add.at(moved, places, transit)
            return moved
    raise ScenarioError("delay_partial", name=scenario.name, country=country)


def _costs(inputs: Inputs, changed: Inputs, book: Sheets, cells: Cells) -> None:
    """New costs in the rows of Costs."""
    moved = {
        name: np.flatnonzero(getattr(inputs, name) != getattr(changed, name)) for name in ("unit_cost", "landed_cost")
    }
    if not any(len(items) for items in moved.values()):
        return
    grid = table_grid(book, "costs")
    table = find_table(grid, Notebook(), ("country", "sap_code"), ("unit_cost", "landed_cost")) if grid else None
    if table is None:  # it was read a moment ago
        raise ScenarioError("no_costs", name=say("headers.sheet.costs", inputs.settings.language))
    keys = zip(table.texts("country"), table.texts("sap_code"), strict=True)
    row_of = {(plain(country), join_key(code)): row for row, (country, code) in zip(table.rows, keys, strict=True)}
    items_of = zip(inputs.srm.table.texts("country"), inputs.srm.table.texts("sap_code"), strict=True)
    own = [(plain(name), join_key(code)) for name, code in items_of]
    for name, items in moved.items():
        for item in items.tolist():
            _put(cells, table.grid, row_of[own[item]], table.columns[name], float(getattr(changed, name)[item]))


def _countries(rules: dict[str, CountryRule], scenario: Scenario, book: Sheets, cells: Cells) -> None:
    """New rules in the rows of Countries."""
    if not rules:
        return
    grid = table_grid(book, "countries")
    table = find_table(grid, Notebook(), ("country", "frozen"), ("pipeline", *WEEKS)) if grid else None
    if table is None:
        raise ScenarioError("no_countries", name=scenario.name)
    for row, name in zip(table.rows, table.texts("country"), strict=True):
        rule = rules.get(plain(name))
        if rule is not None:
            numbers = zip(("frozen", *WEEKS, "pipeline"), (rule.frozen, *rule.landing, rule.pipeline), strict=True)
            for column, number in numbers:
                _put(cells, table.grid, row, table.columns[column], float(number))


def _put(cells: Cells, grid: Grid, row: int, column: int, value: float) -> None:
    """A new number for the cell of the book that a table's cell is, in the unit that the book has it in."""
    home = grid.home(row, column)
    if home is None:
        sheet, cell = grid.place(row, column)
        raise ScenarioError("no_cell", sheet=sheet, cell=cell)
    cells.setdefault(home.sheet, {})[home.row, home.column] = grid.in_own_unit(row, column, value)


def blocks_of(cells: dict[tuple[int, int], float]) -> list[tuple[int, int, np.ndarray]]:
    """The new numbers of a sheet as blocks of one column: first row, column, values of shape (rows, 1)."""
    blocks: list[tuple[int, int, list[float]]] = []
    for (row, column), value in sorted(cells.items(), key=lambda pair: (pair[0][1], pair[0][0])):
        if blocks and blocks[-1][1] == column and blocks[-1][0] + len(blocks[-1][2]) == row:
            blocks[-1][2].append(value)
        else:
            blocks.append((row, column, [value]))
    return [(row, column, np.array(values)[:, np.newaxis]) for row, column, values in blocks]
