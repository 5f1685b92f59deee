"""The native twin: the inputs, and every result as formulas of plain Excel next to the values that the core computes.

The formulas are written from the equations, not from the core, and use what Excel 2007 has, nothing volatile. One item
stands on the same row of SRM, of the costs and of its native sheet.
"""

from __future__ import annotations

from dataclasses import replace

from smile_xl.planning.cycle import Cycle
from smile_xl.planning.rules import BUILT_IN_COUNTRIES, BUILT_IN_STATUSES, country_rows, status_rows
from smile_xl.reports.master import master_pages
from smile_xl.reports.native.availability import availability_sheet
from smile_xl.reports.native.groups import dsr_sheet, projection_sheet, total_sheet
from smile_xl.reports.native.items import item_sheet
from smile_xl.reports.native.overview import legend_page, overview_page, switch_cells, total_line
from smile_xl.reports.native.parts import LINES, told
from smile_xl.reports.native.references import Inputs
from smile_xl.reports.page import Block, Page
from smile_xl.reports.stamp import Stamp


def native_pages(cycle: Cycle, stamp: Stamp) -> list[Page]:
    """The pages of the twin: overview, native sheets, legend, input sheets."""
    stamped, cycle = stamp.line(cycle), _with_tables(cycle)
    pages = _input_pages(cycle)
    inputs = Inputs(cycle, pages)
    items = item_sheet(cycle, inputs, switch_cells(cycle))
    projections = projection_sheet(cycle, items)
    sheets = [
        items,
        availability_sheet(cycle, inputs, items),
        dsr_sheet(cycle, items),
        projections,
        total_sheet(cycle, projections),
    ]
    return [
        overview_page(cycle, stamped, inputs, sheets),
        *(sheet.page(total_line(cycle, sheets, sheet)) for sheet in sheets),
        legend_page(cycle, sheets),
        *pages,
    ]


def _with_tables(cycle: Cycle) -> Cycle:
    """The cycle with every country and status in its tables that the items name: built-in ones have two languages."""
    inputs = cycle.inputs
    named = {*inputs.items["country"], *inputs.items["status"]}
    spoken = inputs.settings.language
    own = {row.name for row in country_rows(spoken)} | {row.name for row in status_rows(spoken)}
    countries = {key: rule for key, rule in inputs.countries.items() if rule.name in named | own}
    statuses = {key: rule for key, rule in inputs.statuses.items() if rule.name in named | own}
    given = replace(
        inputs,
        countries=countries if inputs.countries is BUILT_IN_COUNTRIES else inputs.countries,
        statuses=statuses if inputs.statuses is BUILT_IN_STATUSES else inputs.statuses,
    )
    return replace(cycle, inputs=given)


def _input_pages(cycle: Cycle) -> list[Page]:
    """The input sheets; what SRM computes as values; an item on one row of SRM, of Costs and of the native sheet."""
    srm, costs, *others = master_pages(cycle)
    block = srm.blocks[0]
    values = Block(block.columns, block.rows, bands=block.bands)
    note = [told(cycle, "srm_note", sheet=told(cycle, "sheet.items"))]
    srm_lines = [*srm.lines, *note, *[""] * LINES][:LINES]
    return [
        replace(srm, blocks=[values], lines=srm_lines),
        replace(costs, lines=[*costs.lines, *[""] * LINES][: LINES + 1]),
        *others,
    ]
