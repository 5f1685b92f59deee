"""What lies over the cells of a page: charts, and marks that follow the cells as they change."""

from __future__ import annotations

from collections.abc import Callable

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from smile_xl.planning.grid import address
from smile_xl.reports.page import Chart, Mark, Rule, Series

# Told apart by brightness as well as by hue, so that they can be without colour vision or colour print.
_COLOURS = ("#1F3864", "#2E75B6", "#9DC3E6", "#C55A11", "#F4B183", "#7F7F7F", "#548235", "#A9D18E")
_TARGET = "#C55A11"
_INK, _LINE = "#44546A", "#D9D9D9"


def draw_chart(book: Workbook, sheet: Worksheet, chart: Chart, month_format: str) -> None:
    """Put a chart onto the sheet."""
    columns = [series for series in chart.series if not series.line]
    lines = [series for series in chart.series if series.line]
    subtypes = {"stacked": ("column", "stacked"), "scatter": ("scatter", "straight_with_markers")}
    kind, subtype = subtypes.get(chart.kind, (chart.kind, None))
    drawn = book.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})
    first = lines if chart.kind == "line" else columns
    for place, series in enumerate(first):
        drawn.add_series(_series(sheet, series, _COLOURS[place % len(_COLOURS)], chart.kind))
    if lines and chart.kind != "line":
        over = book.add_chart({"type": "line"})
        for series in lines:
            marker = {"type": "long_dash", "size": 14, "fill": {"color": _TARGET}, "border": {"color": _TARGET}}
            over.add_series({**_series(sheet, series, _TARGET, "line"), "line": {"none": True}, "marker": marker})
        drawn.combine(over)
    font = {"color": _INK, "size": 9}
    drawn.set_title({"name": chart.title, "name_font": {"size": 12, "color": "#1F3864"}, "overlay": False})
    unseen = [place for place, series in enumerate(first) if series.clear]
    drawn.set_legend({"position": "bottom", "font": font, **({"delete_series": unseen} if unseen else {})})
    x_axis = {"num_font": font, "line": {"color": _LINE}, "label_position": "low"}  # under bars below zero as well
    if chart.across:
        x_axis |= {"name": chart.across, "name_font": {**font, "bold": False}}
    if chart.kind == "scatter":
        x_axis |= {"num_format": "#,##0", "major_gridlines": {"visible": False}}
    else:
        x_axis |= {"num_format": month_format, "text_axis": True}
    drawn.set_x_axis(x_axis)
    y_axis = {
        "num_font": font,
        "num_format": "0%" if chart.shares else "#,##0",
        "name": chart.unit,
        "name_font": {**font, "bold": False},
        "major_gridlines": {"visible": True, "line": {"color": _LINE, "width": 0.5}},
        "line": {"none": True},
        "min": chart.least,
    }
    drawn.set_y_axis({**y_axis, "max": 1} if chart.shares else y_axis)
    drawn.set_chartarea({"border": {"color": _LINE}})
    drawn.set_size({"width": chart.width, "height": chart.height})
    sheet.insert_chart(chart.row, chart.column, drawn, {"description": chart.title})


def _series(sheet: Worksheet, series: Series, colour: str, kind: str) -> dict[str, object]:
    options: dict[str, object] = {
        "name": series.name,
        "categories": [sheet.get_name(), *series.categories],
        "values": [sheet.get_name(), *series.values],
    }
    if kind in {"line", "scatter"}:
        size = 5
        if kind == "scatter" and series.values[:2] == series.values[2:]:  # a point to look at
            colour, size = _TARGET, 10
        marker = {"type": "circle", "size": size, "fill": {"color": colour}, "border": {"color": colour}}
        line = {"color": colour, "width": 2.25, "dash_type": "dash" if series.dashed else "solid"}
        return {**options, "smooth": False, "line": line, "marker": {"type": "none"} if series.dashed else marker}
    if series.clear:
        return {**options, "fill": {"none": True}, "border": {"none": True}, "gap": 70}
    return {**options, "fill": {"color": colour}, "border": {"none": True}, "gap": 70}


def set_rule(sheet: Worksheet, top: int, rule: Rule, style: Callable[[Mark], Format]) -> None:
    """Mark the cells of a rule whose block's values start in row ``top`` where its formula is true."""
    row, column = top + rule.row, rule.column
    target = f"$C{row + 1}"
    formula = rule.formula.format(cell=address(row, column), target=target)
    options = {"type": "formula", "criteria": f"={formula}", "format": style(rule.mark)}
    sheet.conditional_format(row, column, row + rule.rows - 1, column + rule.columns - 1, options)
