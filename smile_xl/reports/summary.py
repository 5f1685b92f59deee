"""Summary: the cover sheet with the figures that a manager asks for and the ways to the pages behind them."""

from __future__ import annotations

import numpy as np

from smile_xl.core import PROJECTION_MONTHS
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.findings import count_of
from smile_xl.planning.months import month_name
from smile_xl.reports.page import Block, Chart, Column, Link, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, own, said
from smile_xl.reports.stamp import Stamp

_PAGES = {
    "stock_value": "projections",
    "stock_value_end": "projections",
    "brands_at_risk": "availability",
    "net_risk": "dsr",
    "excess": "overstock",
}
"""The report behind each figure."""


def summary(cycle: Cycle, stamp: Stamp) -> Page:
    """Five figures with their pages, the checks' counts, and the stock by sub-category and country."""
    blocks = [_figures(cycle), _stock(cycle)]
    page = make_page(cycle, stamp, "summary", [said(cycle, "summary.unit")], blocks, labels=1)
    top = page.first_row(1)
    stock = blocks[1]
    last = top + len(stock.rows) - 2
    series = [
        Series(str(column.header), (top, 0, last, 0), (top, place, last, place))
        for place, column in list(enumerate(stock.columns))[1:-1]
    ]
    title = stock.title
    chart = Chart(title, cycle.inputs.settings.currency, series, top - 2, len(stock.columns) + 1, "stacked", 560, 340)
    lines = [said(cycle, "summary.unit")]
    return make_page(cycle, stamp, "summary", lines, blocks, labels=1, charts=[chart])


def _figures(cycle: Cycle) -> Block:
    spoken = cycle.inputs.settings.language
    columns = [own(cycle, "figure", "long_text"), own(cycle, "value", "cash"), own(cycle, "unit", "text")]
    columns.append(own(cycle, "page", "text"))
    months = {
        "first": month_name(cycle.inputs.months[0], spoken),
        "last": month_name(cycle.inputs.months[PROJECTION_MONTHS - 1], spoken),
    }
    rows: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for figure, value, unit in tidy.summary(cycle).itertuples(index=False, name=None):
        sheet = say(f"headers.sheet.{_PAGES[figure]}", spoken)
        if figure in {"brands_at_risk", "net_risk"} and value > 0:
            marks[len(rows), 1] = "risk"
        rows.append([said(cycle, f"summary.{figure}", **months), value, unit, Link(sheet, sheet)])
    warnings = count_of(cycle.findings)["warnings"]
    sheet = say("headers.sheet.checks", spoken)
    if warnings:
        marks[len(rows), 1] = "warning"
    rows.append([said(cycle, "summary.warnings"), float(warnings), "", Link(sheet, sheet)])
    return Block(columns, rows, marks=marks)


def _stock(cycle: Cycle) -> Block:
    """Value of the stock at the end of the current month: sub-categories down, countries across."""
    rows = tidy.projections(cycle)
    now = rows[rows["month"] == rows["month"].iloc[0]]
    parts = now[(now["sub_category"] != tidy.TOTAL) & (now["country"] != tidy.ALL_COUNTRIES)]
    table = parts.pivot_table(index="sub_category", columns="country", values="value", aggfunc="sum", fill_value=0.0)
    figures = table.to_numpy()
    columns = [header(cycle, "sub_category"), *(Column(country, "cash") for country in table.columns)]
    columns.append(Column(said(cycle, "grand_total"), "cash"))
    values: list[list[object]] = [
        [name, *line, float(np.sum(line))] for name, line in zip(table.index, figures.tolist(), strict=True)
    ]
    values.append([said(cycle, "total"), *figures.sum(axis=0).tolist(), float(figures.sum())])
    roles: dict[int, Role] = {len(values) - 1: "total"}
    month = month_name(cycle.inputs.months[0], cycle.inputs.settings.language)
    return Block(columns, values, said(cycle, "summary.stock", month=month), roles=roles)
