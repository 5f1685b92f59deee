"""The twin's first pages: what all differences come to, the settings as switches, and what each formula does."""

from __future__ import annotations

from collections.abc import Sequence

from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.reports.native.parts import NativeSheet, told
from smile_xl.reports.native.references import Inputs, Switches, quoted
from smile_xl.reports.page import Block, Column, Computed, Link, Page, Rule

_FIGURES = ("largest", "total", "differ", "values")
"""What the first block says of all differences."""
_LINES = 5
_COUNT, _TOTAL, _LARGEST, _DIFFER = "B", "C", "D", "E"
"""Columns of the block of comparisons."""


def switch_cells(cycle: Cycle) -> Switches:
    """The cells of the overview's switches."""
    top = _skeleton().first_row(1) + 1
    sheet = quoted(told(cycle, "sheet.overview"))
    return Switches(f"{sheet}!$B${top}", f"{sheet}!$B${top + 1}")


def overview_page(cycle: Cycle, stamped: str, inputs: Inputs, sheets: Sequence[NativeSheet]) -> Page:
    """What all differences come to, the switches, and the differences part by part."""
    lines = [told(cycle, f"lines.{name}") for name in ("overview", "recalculate", "change", "equal")]
    blocks = [_figures(cycle, sheets), _switches(cycle, inputs), _comparisons(cycle, sheets)]
    spoken = cycle.inputs.settings.language
    title = told(cycle, "title.overview")
    return Page(told(cycle, "sheet.overview"), title, [*lines, stamped], blocks, spoken)


def total_line(cycle: Cycle, sheets: Sequence[NativeSheet], sheet: NativeSheet) -> Computed:
    """What the differences of a sheet come to, in words."""
    parts = [(one, part.key) for one in sheets for part in one.parts if part.compared]
    own = [row for row, (one, _) in enumerate(parts, start=_skeleton().first_row(2) + 1) if one is sheet]
    name = quoted(told(cycle, "sheet.overview"))
    total, largest = (f"{name}!${column}${own[0]}:${column}${own[-1]}" for column in (_TOTAL, _LARGEST))
    words = [told(cycle, "line.total"), told(cycle, "line.largest")]
    return Computed(f'"{words[0]} "&SUM({total})&"{words[1]} "&MAX({largest})', f"{words[0]} 0{words[1]} 0")


def legend_page(cycle: Cycle, sheets: Sequence[NativeSheet]) -> Page:
    """What each column of the native sheets does, in words and as the formula of its first row."""
    columns = [Column(told(cycle, f"column.{name}"), "long_text") for name in ("sheet", "columns", "does")]
    rows: list[list[object]] = []
    for sheet in sheets:
        for part in sheet.parts:
            name = told(cycle, f"part.{part.key}")
            formulas = sheet.examples(part)
            if part.single:
                meanings = [told(cycle, f"meaning.{part.key}_{one}") for one in part.single]
                names = [told(cycle, "line.column", part=name, column=header) for header in part.headers]
                for line, meaning, formula in zip(names, meanings, formulas, strict=True):
                    rows += [[sheet.name, line, meaning], [None, None, formula]]
            else:
                rows.append([sheet.name, name, told(cycle, f"meaning.{part.key}")])
                rows += [[None, None, formula] for formula in formulas]
    spoken = cycle.inputs.settings.language
    notes = [told(cycle, "lines.legend"), told(cycle, "lines.words")]
    return Page(told(cycle, "sheet.legend"), told(cycle, "title.legend"), notes, [Block(columns, rows)], spoken, 2)


def _skeleton() -> Page:
    """Where the blocks stand: only the first two have a fixed number of rows."""
    figures = Block([], [[]] * len(_FIGURES), title="-")
    switches = Block([], [[]] * 2, title="-")
    return Page("", "", [""] * _LINES, [figures, switches, Block([], [], title="-")], "en")


def _figures(cycle: Cycle, sheets: Sequence[NativeSheet]) -> Block:
    compared = [(sheet, part) for sheet in sheets for part in sheet.parts if part.compared]
    top = _skeleton().first_row(2) + 1
    last = top + len(compared) - 1
    count = float(sum(sheet.count(part) for sheet, part in compared))
    cells: dict[str, object] = {
        "largest": Computed(f"MAX({_LARGEST}{top}:{_LARGEST}{last})", 0.0),
        "total": Computed(f"SUM({_TOTAL}{top}:{_TOTAL}{last})", 0.0),
        "differ": Computed(f"SUM({_DIFFER}{top}:{_DIFFER}{last})", 0.0),
        "values": Computed(f"SUM({_COUNT}{top}:{_COUNT}{last})", count),
    }
    columns = [Column(told(cycle, "column.figure"), "long_text"), Column(told(cycle, "column.value"), "difference")]
    rows = [[told(cycle, f"figure.{name}"), cells[name]] for name in _FIGURES]
    rule = Rule(0, 1, 3, 1, "{cell}<>0", "risk")
    return Block(columns, rows, told(cycle, "block.figures"), rules=[rule])


def _switches(cycle: Cycle, inputs: Inputs) -> Block:
    spoken, settings = cycle.inputs.settings.language, cycle.inputs.settings
    method, net = inputs.setting("safety_method"), inputs.setting("net_transit")
    average, exact, yes = (say(f"headers.value.{name}", spoken) for name in ("average", "exact", "yes"))
    formulas = {
        "average": f'IF({method}="{average}",1,IF({method}="{exact}",0,NA()))',
        "net_transit": f'IF(OR({net}=TRUE,{net}="{yes}"),1,0)',
    }
    now = {"average": settings.safety_method == "average", "net_transit": settings.net_transit}
    columns = [Column(told(cycle, "column.switch"), "long_text"), Column(told(cycle, "column.value"), "whole")]
    rows = [[told(cycle, f"switch.{name}"), Computed(formula, float(now[name]))] for name, formula in formulas.items()]
    return Block(columns, rows, told(cycle, "block.switches"))


def _comparisons(cycle: Cycle, sheets: Sequence[NativeSheet]) -> Block:
    names = ("columns", "values", "total", "largest", "differ", "sheet")
    columns = [
        Column(told(cycle, f"column.{name}"), kind)  # type: ignore[arg-type]
        for name, kind in zip(
            names, ("long_text", "whole", "difference", "difference", "whole", "long_text"), strict=True
        )
    ]
    rows: list[list[object]] = []
    for sheet in sheets:
        for part in sheet.parts:
            if part.compared:
                cells = sheet.differences(part)
                rows.append(
                    [
                        told(cycle, f"part.{part.key}"),
                        float(sheet.count(part)),
                        Computed(f"SUMPRODUCT(ABS({cells}))", 0.0),
                        Computed(f"MAX(MAX({cells}),0-MIN({cells}))", 0.0),
                        Computed(f"SUMPRODUCT(--({cells}<>0))", 0.0),
                        Link(sheet.name, sheet.name),
                    ]
                )
    rule = Rule(0, 2, len(rows), 3, "{cell}<>0", "risk")
    return Block(columns, rows, told(cycle, "block.comparisons"), rules=[rule])
