"""Pages as slides: a .pptx file with a table a slide, and charts that PowerPoint can change.

A slide has room for some rows: of a long block it shows the totals, or else the first rows, and says how many more the
sheet has.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import PP_ALIGN
from pptx.util import Emu, Inches, Pt

from smile_xl.books.xlsx.archive import zip_of
from smile_xl.language import Language, say
from smile_xl.planning.months import month_name
from smile_xl.reports.page import SHOWN_LEVELS, Block, Chart, Computed, Kind, Link, Mark, Page

ROWS = 15
"""Rows of a table that a slide has room for."""

LETTERS = {14: 107, 12: 125, 10: 150, 8: 195}
"""Letters of a row that a slide has room for, by the size of the font in points."""

_WIDTH, _HEIGHT, _MARGIN, _TOP = Inches(13.333), Inches(7.5), Inches(0.5), Inches(1.25)
_DARK, _INK = RGBColor(0x1F, 0x38, 0x64), RGBColor(0x1F, 0x29, 0x37)
_BAND, _WHITE = RGBColor(0xD9, 0xE2, 0xF3), RGBColor(0xFF, 0xFF, 0xFF)
_COLOURS = ("1F3864", "2E75B6", "9DC3E6", "C55A11", "F4B183", "7F7F7F", "548235", "A9D18E")
_MARKS: dict[Mark, str] = {"risk": "F8CBCB", "risk_capped": "F8CBCB", "warning": "FFE8B3", "warning_capped": "FFE8B3"}
_DECIMALS: dict[Kind, int] = {"tonnes": 1, "cash": 0, "cost": 2, "weeks": 1, "whole": 0, "any": 1, "difference": 1}
_LEFT: tuple[Kind, ...] = ("text", "long_text", "sentence")
_BLANK_LAYOUT = 6
_CLOCK = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_CHARTS = {
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "scatter": XL_CHART_TYPE.XY_SCATTER_LINES,
}


def slides(title: str, subtitle: str, pages: Sequence[Page], when: dt.datetime) -> bytes:
    """The pages as a presentation, after a slide with its title; the same pages give the same bytes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDTH, _HEIGHT
    deck.core_properties.title, deck.core_properties.author = title, "smile_xl"
    deck.core_properties.created = deck.core_properties.modified = when
    first = _slide(deck)
    _text(first, title, _MARGIN, Inches(2.6), size=40, bold=True)
    _text(first, subtitle, _MARGIN, Inches(3.7), size=20)
    for page in pages:
        cells = page.cells()
        for block in page.blocks:
            _table_slide(deck, page, block)
        for chart in page.charts:
            _chart_slide(deck, page, chart, cells)
    file = io.BytesIO()
    deck.save(file)
    return zip_of(_without_clock(file.getvalue(), when))


def _without_clock(package: bytes, when: dt.datetime) -> dict[str, bytes]:
    """The parts of a package, those of the workbooks in it as well, with one time in place of that of their making."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        found = {name: parts.read(name) for name in parts.namelist()}
    for name, data in found.items():
        if name.endswith(".xlsx"):
            found[name] = zip_of(_without_clock(data, when))
        elif name == "docProps/core.xml":
            found[name] = _CLOCK.sub(when.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), data)
    return found


def _slide(deck: Any) -> Any:
    return deck.slides.add_slide(deck.slide_layouts[_BLANK_LAYOUT])


def _text(slide: Any, text: str, left: Emu, top: Emu, *, size: int, bold: bool = False) -> None:
    frame = slide.shapes.add_textbox(left, top, Emu(_WIDTH - 2 * _MARGIN), Inches(0.6)).text_frame
    frame.word_wrap = True
    run = frame.paragraphs[0].add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, _DARK


def _table_slide(deck: Any, page: Page, block: Block) -> None:
    """A block as a table; one that has nothing to show, or that waits for a reader's choice, has no slide."""
    rows = _shown_rows(block)
    if not rows or (len(rows) == 1 and len(block.rows[0]) < len(block.columns)) or _is_chosen(block):
        return
    heads, columns = _heads(block, page.language), _columns(block)
    texts = {
        (row, place): _shown(_cell(block.rows[row], place), block.columns[place].kind, page.language)
        for row in rows
        for place in columns
    }
    needed = {
        place: max(*map(len, heads[place].split()), *(len(texts[row, place]) for row in rows), 4) + 2
        for place in columns
    }
    if sum(needed.values()) > max(LETTERS.values()):
        columns = [place for place in columns if not _is_empty(block, place)]
    lengths = [needed[place] for place in columns]
    size, fitting = _fitting(lengths)
    slide = _slide(deck)
    _text(slide, page.title, _MARGIN, Inches(0.3), size=24, bold=True)
    _text(slide, block.title, _MARGIN, Inches(0.8), size=14)
    width = Emu(_WIDTH - 2 * _MARGIN)
    table = slide.shapes.add_table(len(rows) + 1, fitting, _MARGIN, _TOP, width, Inches(0.3)).table
    for index, place in enumerate(columns[:fitting]):
        table.columns[index].width = Emu(int(width * lengths[index] / sum(lengths[:fitting])))
        left = block.columns[place].kind in _LEFT
        _fill(table.cell(0, index), heads[place], left=left, ink=_WHITE, paper=_DARK, bold=True, size=size)
        for line, row in enumerate(rows, start=1):
            mark, bold = block.marks.get((row, place)), row in block.roles
            paper = RGBColor.from_string(_MARKS[mark]) if mark in _MARKS else _BAND if bold else _WHITE
            _fill(table.cell(line, index), texts[row, place], left=left, ink=_INK, paper=paper, bold=bold, size=size)
    hidden = {"rows": len(block.rows) - len(rows), "columns": len(columns) - fitting}
    key = "_".join(name for name, count in hidden.items() if count)
    if key:
        note = say(f"governance.pack.more_{key}", page.language, sheet=page.sheet, **hidden)
        _text(slide, note, _MARGIN, Inches(6.95), size=10)


def _is_chosen(block: Block) -> bool:
    """It asks a reader to choose, or shows what was chosen: that lives in the workbook alone."""
    if len(block.rows) == 1 and any(column.choices for column in block.columns):
        return True
    return all(isinstance(value, Computed) for row in block.rows for value in row)


def _columns(block: Block) -> list[int]:
    return [place for place, column in enumerate(block.columns) if column.header != ""]


def _is_empty(block: Block, place: int) -> bool:
    """Nothing stands in the column but zeros."""
    return all(_cell(row, place) in (None, 0, "") for row in block.rows)


def _fitting(lengths: Sequence[int]) -> tuple[int, int]:
    """The largest font in which a row fits, and how many of its columns do."""
    for size, room in LETTERS.items():
        if sum(lengths) <= room:
            return size, len(lengths)
    size, room = list(LETTERS.items())[-1]
    return size, max(1, sum(end <= room for end in accumulate(lengths)))


def _shown_rows(block: Block) -> list[int]:
    """Rows that a slide shows: all that fit, else the totals, else the first with the totals."""
    everything = list(range(len(block.rows)))
    if len(everything) <= ROWS:
        return everything
    if block.levels:
        return [row for row, level in enumerate(block.levels) if level <= SHOWN_LEVELS][:ROWS]
    totals = sorted(block.roles)
    if 1 < len(totals) <= ROWS:
        return totals
    first = [row for row in everything if row not in block.roles][: ROWS - min(len(totals), ROWS)]
    return sorted([*first, *totals[:ROWS]])[:ROWS]


def _heads(block: Block, language: Language) -> dict[int, str]:
    """Headers, each with the name of its band where one stands above it."""
    heads = {}
    for place, column in enumerate(block.columns):
        text = month_name(column.header, language) if isinstance(column.header, dt.date) else column.header
        band = next((name for name, first, last in block.bands if first <= place <= last), "")
        heads[place] = f"{band}: {text}" if band else text
    return heads


def _cell(row: Sequence[object], place: int) -> object:
    value = row[place] if place < len(row) else None
    if isinstance(value, Link):
        return value.text
    return value.value if isinstance(value, Computed) else value


def _shown(value: object, kind: Kind, language: Language) -> str:
    """A value as the sheet's format shows it."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return month_name(value, language) if kind == "month" else value.strftime("%Y-%m-%d")
    if isinstance(value, bool | str) or not isinstance(value, int | float):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return "#N/A"
    if kind == "share":
        text = f"{value:.1%}"
    else:
        decimals = _DECIMALS.get(kind, 0)
        text = f"{round(value, decimals) + 0.0:,.{decimals}f}"  # never -0
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text


def _fill(cell: Any, text: str, *, left: bool, ink: RGBColor, paper: RGBColor, bold: bool, size: int) -> None:
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.margin_left = cell.margin_right = Inches(0.05)
    cell.fill.solid()
    cell.fill.fore_color.rgb = paper
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT if left else PP_ALIGN.RIGHT
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, ink


def _chart_slide(deck: Any, page: Page, chart: Chart, cells: Sequence[Sequence[object]]) -> None:
    """A chart of the page, with its figures inside the presentation."""
    slide = _slide(deck)
    _text(slide, page.title, _MARGIN, Inches(0.3), size=24, bold=True)
    unit = f" ({chart.unit})"
    _text(
        slide,
        chart.title if not chart.unit or unit in chart.title else chart.title + unit,
        _MARGIN,
        Inches(0.8),
        size=14,
    )
    data = _xy_data(chart, cells) if chart.kind == "scatter" else _category_data(chart, cells, page.language)
    frame = slide.shapes.add_chart(_CHARTS[chart.kind], _MARGIN, _TOP, Emu(_WIDTH - 2 * _MARGIN), Inches(5.8), data)
    drawn = frame.chart
    drawn.has_title = False
    drawn.has_legend = True
    drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    drawn.font.size, drawn.font.color.rgb = Pt(11), _INK
    drawn.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW  # under bars below zero as well
    axis = drawn.value_axis
    axis.minimum_scale = chart.least if chart.least else None
    axis.tick_labels.number_format = "0%" if chart.shares else "#,##0"
    axis.tick_labels.number_format_is_linked = False
    for place, (series, plotted) in enumerate(zip(chart.series, drawn.series, strict=True)):
        colour = RGBColor.from_string(_COLOURS[place % len(_COLOURS)])
        if chart.kind in ("line", "scatter"):
            plotted.format.line.color.rgb = colour
            plotted.smooth = False
        elif series.clear:
            plotted.format.fill.background()
        else:
            plotted.format.fill.solid()
            plotted.format.fill.fore_color.rgb = colour


def _category_data(chart: Chart, cells: Sequence[Sequence[object]], language: Language) -> CategoryChartData:
    data = CategoryChartData(number_format="#,##0")
    names = _area(cells, chart.series[0].categories)
    data.categories = [month_name(one, language) if isinstance(one, dt.date) else str(one or "") for one in names]
    for series in chart.series:
        data.add_series(series.name, [_number(one) for one in _area(cells, series.values)])
    return data


def _xy_data(chart: Chart, cells: Sequence[Sequence[object]]) -> XyChartData:
    data = XyChartData()
    for series in chart.series:
        added = data.add_series(series.name)
        for across, up in zip(_area(cells, series.categories), _area(cells, series.values), strict=True):
            x, y = _number(across), _number(up)
            if x is not None and y is not None:
                added.add_data_point(x, y)
    return data


def _area(cells: Sequence[Sequence[object]], area: tuple[int, int, int, int]) -> list[object]:
    """Values of an area of the sheet, row by row."""
    top, left, bottom, right = area
    return [_cell(cells[row], place) for row in range(top, bottom + 1) for place in range(left, right + 1)]


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        return None
    return float(value)
