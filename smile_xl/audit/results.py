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
from smile_xl.planning.grid import address, column_name
from smile_xl.planning.inputs import sheets_of
from smile_xl.planning.srm import RESULT_BLOCKS
from smile_xl.planning.tables import Notebook, Table, find_table
from smile_xl.registry import FUNCTIONS

_TABLES = {"rules": ("countries", "country", "frozen"), "statuses": ("statuses", "status", "proposes")}


def check_results(audit: Audit, recalculation: Recalculation, cycle: Cycle) -> None:
    """Name result cells that the plan does not give, and formulas that are not over the block's own inputs."""
    srm = cycle.inputs.srm
    sheet = srm.table.grid.sheet
    formulas = {
        block: {
            (row, column): recalculation.own_at(sheet, row, column)
            for row in srm.table.rows
            for column in srm.results[block].values()
        }
        for block in RESULT_BLOCKS
        if block in srm.results
    }
    calculated = {block for block, cells in formulas.items() if any(cells.values())}
    for block, cells in formulas.items():
        for one in dict.fromkeys(cells.values()):
            if one:
                _check_ranges(audit, recalculation, cycle, one)
        if calculated and cells and block not in calculated:  # in a copy with values, no block has formulas
            (row, column), _ = next(iter(cells.items()))
            cached = recalculation.cached(sheet, row, column)
            audit.differ(sheet, row, column, cached, cached, Reason("no_formula"))
        _check_cells(audit, recalculation, cycle, block, cells, live=block in calculated)


def _check_cells(
    audit: Audit,
    recalculation: Recalculation,
    cycle: Cycle,
    block: str,
    formulas: Mapping[tuple[int, int], CellFormula | None],
    *,
    live: bool,
) -> None:
    """Compare a block with the plan; one that is ``live`` has formulas."""
    srm, values = cycle.inputs.srm, getattr(cycle.plan, block)
    sheet = srm.table.grid.sheet
    for item, row in enumerate(srm.table.rows):
        for month, column in srm.results[block].items():
            cached, want = recalculation.cached(sheet, row, column), float(values[item, month])
            formula = formulas[row, column]
            if formula is not None:
                _compare(audit, recalculation, (sheet, row, column), formula, cached, want)
            elif live:
                audit.differ(sheet, row, column, cached, want, Reason("uncovered"))
            elif not same(cached, want):
                audit.differ(sheet, row, column, cached, want, Reason("result"))


def _compare(
    audit: Audit,
    recalculation: Recalculation,
    place: tuple[str, int, int],
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


def _check_ranges(audit: Audit, recalculation: Recalculation, cycle: Cycle, formula: CellFormula) -> None:
    """Name the first cell of a formula whose ranges are not those of its rows, months and tables."""
    sheet = cycle.inputs.srm.table.grid.sheet
    try:
        node = tree(formula.text)
    except NotEvaluatedError:
        return
    for call in calls(node):
        for reason in (*_odd_inputs(cycle, formula, call), *_odd_tables(recalculation, call)):
            top, left = formula.span.top, formula.span.left
            cached = recalculation.cached(sheet, top, left)
            audit.differ(sheet, top, left, cached, cached, reason)


def _odd_inputs(cycle: Cycle, formula: CellFormula, call: Call) -> Iterator[Reason]:
    """Arguments whose columns or rows are not those that the block of their name has."""
    srm = cycle.inputs.srm
    sheet = srm.table.grid.sheet
    wanted = _columns(cycle, call.name)
    for name, node in item_ranges(call):
        columns = wanted.get(name)
        if columns is None or node.sheet.casefold() not in ("", sheet.casefold()):
            continue
        top, bottom = formula.span.top, formula.span.bottom
        span = node.span
        right = {columns[-1]} if name != "demand" else set(srm.demand_columns[len(columns) - 1 :])
        if (span.left, span.top, span.bottom) != (columns[0], top, bottom) or span.right not in right:
            want = f"{address(top, columns[0])}:{address(bottom, columns[-1])}"
            yield Reason("range", {"argument": name, "got": span.name, "want": want})


def _columns(cycle: Cycle, function: str) -> dict[str, list[int]]:
    """Columns of SRM that each argument of a function takes."""
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
    return {name: places for name, places in columns.items() if places} if function in FUNCTIONS else {}


def _odd_tables(recalculation: Recalculation, call: Call) -> Iterator[Reason]:
    """Rules and statuses that are not the whole table."""
    function = FUNCTIONS.get(call.name)
    for parameter, node in zip(function.parameters if function else (), call.arguments, strict=False):
        if parameter.name not in _TABLES or not isinstance(node, Reference):
            continue
        key, *columns = _TABLES[parameter.name]
        table = _table(recalculation, key, columns)
        if table is None:
            continue
        sheet, span = table.grid.sheet, node.span
        missing = [row for row in table.rows if not span.top <= row <= span.bottom]
        if node.sheet.casefold() != sheet.casefold():
            yield Reason("other_sheet", {"argument": parameter.name, "got": node.sheet, "want": sheet})
        elif missing or span.left != min(table.columns.values()):
            rows = ", ".join(str(row + 1) for row in missing) or column_name(min(table.columns.values()))
            yield Reason("table", {"argument": parameter.name, "got": span.name, "sheet": sheet, "rows": rows})


def _table(recalculation: Recalculation, key: str, columns: Sequence[str]) -> Table | None:
    sheets = sheets_of(key, recalculation.sheets())
    return find_table(recalculation.grid(sheets[0]), Notebook(), tuple(columns), ()) if sheets else None
