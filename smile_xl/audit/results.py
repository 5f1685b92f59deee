"""The result blocks of SRM against the plan that follows from the input tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from smile_xl.audit.differences import Audit, Reason, same
from smile_xl.audit.formulas import item_ranges
from smile_xl.audit.recalculation import Recalculation
from smile_xl.formulas.cells import CellFormula
from smile_xl.formulas.evaluate import NotEvaluatedError, tree
from smile_xl.formulas.parse import Call, Reference, calls
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import Home, address, column_name
from smile_xl.planning.sheets import table_grid
from smile_xl.planning.srm import RESULT_BLOCKS
from smile_xl.planning.tables import Notebook, Table, find_table
from smile_xl.registry import FUNCTIONS

_TABLES = {"rules": ("countries", "country", "frozen"), "statuses": ("statuses", "status", "proposes")}


def check_results(audit: Audit, recalculation: Recalculation, cycle: Cycle) -> None:
    """Name result cells that the plan does not give, and formulas that are not over the block's own inputs."""
    srm = cycle.inputs.srm
    cells = {block: _cells(cycle, block) for block in RESULT_BLOCKS if block in srm.results}
    formulas = {block: {home: recalculation.own_at(*home) for home in homes.values()} for block, homes in cells.items()}
    calculated = {block for block, found in formulas.items() if any(found.values())}
    for block, found in formulas.items():
        for sheet, one in dict.fromkeys((home.sheet, one) for home, one in found.items()):
            if one:
                _check_ranges(audit, recalculation, cycle, sheet, one)
        if calculated and found and block not in calculated:  # in a copy with values, no block has formulas
            home = next(iter(found))
            cached = recalculation.cached(*home)
            audit.differ(*home, cached, cached, Reason("no_formula"))
        _check_cells(audit, recalculation, cycle, block, cells[block], found, live=block in calculated)


def _cells(cycle: Cycle, block: str) -> dict[tuple[int, int], Home]:
    """The cell of each item and month of a result block."""
    srm = cycle.inputs.srm
    grid = srm.table.grid
    return {
        (item, month): home
        for item, row in enumerate(srm.table.rows)
        for month, column in srm.results[block].items()
        if (home := grid.home(row, column)) is not None
    }


def _check_cells(
    audit: Audit,
    recalculation: Recalculation,
    cycle: Cycle,
    block: str,
    cells: Mapping[tuple[int, int], Home],
    formulas: Mapping[Home, CellFormula | None],
    *,
    live: bool,
) -> None:
    """Compare a block with the plan; one that is ``live`` has formulas."""
    values = getattr(cycle.plan, block)
    for (item, month), home in cells.items():
        cached, want = recalculation.cached(*home), float(values[item, month])
        formula = formulas[home]
        if formula is not None:
            _compare(audit, recalculation, home, formula, cached, want)
        elif live:
            audit.differ(*home, cached, want, Reason("uncovered"))
        elif not same(cached, want):
            audit.differ(*home, cached, want, Reason("result"))


def _compare(
    audit: Audit,
    recalculation: Recalculation,
    place: Home,
    formula: CellFormula,
    cached: object,
    want: float,
) -> None:
    """Compare a cell with the plan, and say where the formula itself gives something else."""
    sheet, row, column = place
    try:
        given = recalculation.fresh(sheet, formula)[row - formula.span.top][column - formula.span.left]
    except NotEvaluatedError:
        if not same(cached, want):
            audit.differ(sheet, row, column, cached, want, Reason("result"))
        return
    if not same(given, want):
        values = {"given": given, "want": want}
        audit.differ(sheet, row, column, cached, want, Reason("not_the_plan", values))


def _check_ranges(audit: Audit, recalculation: Recalculation, cycle: Cycle, sheet: str, formula: CellFormula) -> None:
    """Name the first cell of a formula whose ranges are not those of its rows, months and tables."""
    try:
        node = tree(formula.text)
    except NotEvaluatedError:
        return
    for call in calls(node):
        for reason in (*_odd_inputs(cycle, sheet, formula, call), *_odd_tables(recalculation, call)):
            top, left = formula.span.top, formula.span.left
            cached = recalculation.cached(sheet, top, left)
            audit.differ(sheet, top, left, cached, cached, reason)


def _odd_inputs(cycle: Cycle, sheet: str, formula: CellFormula, call: Call) -> Iterator[Reason]:
    """Arguments whose columns or rows are not those that the block of their name has."""
    wanted = _columns(cycle, sheet, call.name)
    every = _in_sheet(cycle, sheet, cycle.inputs.srm.demand_columns)
    for name, node in item_ranges(call):
        columns = wanted.get(name)
        if columns is None or node.sheet.casefold() not in ("", sheet.casefold()):
            continue
        top, bottom = formula.span.top, formula.span.bottom
        span = node.span
        right = {columns[-1]} if name != "demand" else set(every[len(columns) - 1 :])
        if (span.left, span.top, span.bottom) != (columns[0], top, bottom) or span.right not in right:
            want = f"{address(top, columns[0])}:{address(bottom, columns[-1])}"
            yield Reason("range", {"argument": name, "got": span.name, "want": want})


def _columns(cycle: Cycle, sheet: str, function: str) -> dict[str, list[int]]:
    """Columns of a sheet that each argument of a function takes."""
    srm = cycle.inputs.srm
    months = len(cycle.inputs.planned)
    columns = {
        "demand": srm.demand_columns[:months],
        "opening": [srm.opening_column],
        "transit": srm.transit_columns,
        "confirmed": [srm.confirmed_columns[month] for month in sorted(srm.confirmed_columns)],
        **{name: [places[month] for month in sorted(places)] for name, places in srm.results.items()},
        **{name: [place] for name, place in srm.table.columns.items()},
    }
    own = {name: _in_sheet(cycle, sheet, places) for name, places in columns.items()}
    return {name: places for name, places in own.items() if places} if function in FUNCTIONS else {}


def _in_sheet(cycle: Cycle, sheet: str, columns: Sequence[int]) -> list[int]:
    """Columns of the items' table as they stand in a sheet."""
    table = cycle.inputs.srm.table
    row = next((row for row in table.rows if table.grid.home_row(row)[0] == sheet), None)
    homes = [] if row is None else [table.grid.home(row, column) for column in columns]
    return [home.column for home in homes if home is not None]


def _odd_tables(recalculation: Recalculation, call: Call) -> Iterator[Reason]:
    """Rules and statuses that are not the whole table."""
    function = FUNCTIONS.get(call.name)
    for parameter, node in zip(function.parameters if function else (), call.arguments, strict=False):
        if parameter.name not in _TABLES or not isinstance(node, Reference):
            continue
        key, *columns = _TABLES[parameter.name]
        table = _table(recalculation, key, columns)
        if table is None or not table.rows:
            continue
        cells = [table.grid.home(row, column) for row in table.rows for column in table.columns.values()]
        homes = [home for home in cells if home is not None]
        sheet, span, left = homes[0].sheet, node.span, min(home.column for home in homes)
        missing = sorted({home.row for home in homes if not span.top <= home.row <= span.bottom})
        if node.sheet.casefold() != sheet.casefold():
            yield Reason("other_sheet", {"argument": parameter.name, "got": node.sheet, "want": sheet})
        elif missing or span.left != left:
            rows = ", ".join(str(row + 1) for row in missing) or column_name(left)
            yield Reason("table", {"argument": parameter.name, "got": span.name, "sheet": sheet, "rows": rows})


def _table(recalculation: Recalculation, key: str, columns: Sequence[str]) -> Table | None:
    grid = table_grid(recalculation.book, key)
    return find_table(grid, Notebook(), tuple(columns), ()) if grid else None
