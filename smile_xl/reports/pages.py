"""The report pages, one function each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from smile_xl.core import DSR_MONTHS, HORIZON, PROJECTION_MONTHS
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.findings import count_of
from smile_xl.planning.grouping import group
from smile_xl.planning.months import month_name
from smile_xl.reports.availability import availability
from smile_xl.reports.page import Block, Chart, Column, Kind, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, month_columns, own, said
from smile_xl.reports.stamp import Stamp
from smile_xl.reports.steering.budget import budget
from smile_xl.reports.steering.gaps import gaps
from smile_xl.reports.steering.indicators import indicators_page
from smile_xl.reports.steering.matching import matching
from smile_xl.reports.steering.meetings import meetings
from smile_xl.reports.steering.segments import segments_page
from smile_xl.reports.steering.stock import stock_page
from smile_xl.reports.steering.targets import targets
from smile_xl.reports.summary import summary

TRACE = 1e-6
"""Tonnes or currency under which a risk is a trace of rounding, not worth a red cell."""

DSR_CHART_ROWS = 8
"""Empty rows that make room for the chart of the risks."""


def dsr(cycle: Cycle, stamp: Stamp) -> Page:
    """Risks, opportunities and net risks for three months: by sub-category in tonnes and cash, and by item."""
    rows = tidy.dsr(cycle)
    sheet = say("headers.sheet.opportunities", cycle.inputs.settings.language)
    tonnes = [("risk", "risk_t"), ("opportunity", "opportunity_t"), ("used", "used_t"), ("net", "net_t")]
    cash = [("risk", "risk_cash"), ("used", "used_cash"), ("net", "net_cash")]
    blocks = [
        _dsr_months(cycle, rows),
        _dsr_block(cycle, rows, said(cycle, "dsr.tonnes"), tonnes, "tonnes"),
        _dsr_block(cycle, rows, said(cycle, "dsr.cash"), cash, "cash"),
        _dsr_items(cycle),
    ]
    lines = [said(cycle, "dsr.unit", sheet=sheet)]
    top = make_page(cycle, stamp, "dsr", lines, blocks, labels=2).first_row()
    months = (top, 0, top + DSR_MONTHS - 1, 0)
    series = [
        Series(said(cycle, f"dsr.{name}"), months, (top, column, top + DSR_MONTHS - 1, column))
        for name, column in (("before", 4), ("after", 6))
    ]
    chart = Chart(said(cycle, "dsr.chart"), cycle.inputs.settings.currency, series, row=top - 2, column=8, height=240)
    return make_page(cycle, stamp, "dsr", lines, blocks, labels=2, charts=[chart])


def _dsr_months(cycle: Cycle, rows: pd.DataFrame) -> Block:
    """Risk before and after the chosen opportunities, all countries, by month; room for a chart beside it."""
    spoken = cycle.inputs.settings.language
    columns = [header(cycle, "month"), *[Column("", "text")] * 3]
    columns += [own(cycle, name, "cash") for name in ("risk", "used", "net")]
    sums = rows.groupby("month", sort=False)[["risk_cash", "used_cash", "net_cash"]].sum().to_numpy()
    values: list[list[object]] = [
        [month_name(month, spoken), None, None, None, *line]
        for month, line in zip(cycle.inputs.months, sums.tolist(), strict=False)
    ]
    return Block(columns, values, said(cycle, "dsr.months"), gap=DSR_CHART_ROWS)


def _dsr_block(cycle: Cycle, rows: pd.DataFrame, title: str, measures: Sequence[tuple[str, str]], kind: Kind) -> Block:
    columns = [header(cycle, "country"), header(cycle, "sub_category"), Column("", "text"), Column("", "text")]
    bands = []
    for month in range(DSR_MONTHS):
        first = len(columns)
        columns += [own(cycle, name, kind) for name, _ in measures]
        bands.append((month_name(cycle.inputs.months[month], cycle.inputs.settings.language), first, len(columns) - 1))
    names = [name for _, name in measures]
    figures = rows[names].to_numpy().reshape(-1, DSR_MONTHS * len(names))
    keys = rows[["country", "sub_category"]].to_numpy()[::DSR_MONTHS]
    values: list[list[object]] = []
    roles: dict[int, Role] = {}
    marks: dict[tuple[int, int], Mark] = {}
    for country in dict.fromkeys(keys[:, 0]):
        places = np.flatnonzero(keys[:, 0] == country)
        for place in places:
            for month in range(DSR_MONTHS):
                net = (month + 1) * len(names) - 1
                if figures[place, net] > TRACE:
                    marks[len(values), 4 + net] = "risk"
            values.append([country, keys[place, 1], None, None, *figures[place].tolist()])
        roles[len(values)] = "subtotal"
        values.append([country, said(cycle, "total"), None, None, *figures[places].sum(axis=0).tolist()])
    roles[len(values)] = "total"
    values.append([said(cycle, "grand_total"), said(cycle, "total"), None, None, *figures.sum(axis=0).tolist()])
    return Block(columns, values, title, bands, roles, marks)


def _dsr_items(cycle: Cycle) -> Block:
    inputs = cycle.inputs
    labels = ("country", "sub_category", "sap_code", "description")
    columns = [header(cycle, name) for name in labels]
    bands = []
    for name in ("gross", "demand", "potential", "chosen"):
        bands.append((said(cycle, f"dsr.{name}"), len(columns), len(columns) + DSR_MONTHS - 1))
        columns += month_columns(cycle, DSR_MONTHS, "tonnes")
    closing = cycle.plan.closing[:, :DSR_MONTHS]
    chosen = tidy.used_opportunities(cycle)
    for line in inputs.opportunities:
        chosen[line.donor, line.month] -= line.tonnes
    figures = np.hstack(
        (np.maximum(-closing, 0.0), inputs.portfolio.demand[:, :DSR_MONTHS], np.maximum(closing, 0.0), chosen)
    )
    order = inputs.items.sort_values(list(labels[:3]), kind="stable").index.to_numpy()
    texts = inputs.items[list(labels)].to_numpy()
    values = [[*texts[item].tolist(), *figures[item].tolist()] for item in order]
    open_risk = closing + np.maximum(chosen, 0.0) < -TRACE
    marks: dict[tuple[int, int], Mark] = {
        (row, 4 + month): "risk" for row, item in enumerate(order) for month in np.flatnonzero(open_risk[item]).tolist()
    }
    return Block(columns, values, said(cycle, "dsr.items"), bands, marks=marks, filtered=True)


def projections(cycle: Cycle, stamp: Stamp) -> Page:
    """Value of the stock for ten months, with totals."""
    rows = tidy.projections(cycle)
    columns = [header(cycle, "country"), header(cycle, "sub_category")]
    columns += month_columns(cycle, PROJECTION_MONTHS, "cash")
    figures = rows["value"].to_numpy().reshape(-1, PROJECTION_MONTHS)
    keys = rows[["country", "sub_category"]].to_numpy()[::PROJECTION_MONTHS]
    roles: dict[int, Role] = {
        row: "subtotal" for row, (_, sub_category) in enumerate(keys) if sub_category == tidy.TOTAL
    }
    roles[len(keys) - 1] = "total"
    names = {tidy.TOTAL: said(cycle, "total"), tidy.ALL_COUNTRIES: said(cycle, "grand_total")}
    values = [
        [*(names.get(text, text) for text in key), *line]
        for key, line in zip(keys.tolist(), figures.tolist(), strict=True)
    ]
    blocks = [Block(columns, values, said(cycle, "projections.value"), roles=roles), *_previous_blocks(cycle, rows)]
    lines = [said(cycle, "projections.unit")]
    page = make_page(cycle, stamp, "projections", lines, blocks, labels=2)
    last = 1 + PROJECTION_MONTHS
    heads = (page.first_row() - 1, 2, page.first_row() - 1, last)

    def line(row: int, name: str, end: int = last, *, dashed: bool = False) -> Series:
        return Series(name, heads, (row, 2, row, end), line=True, dashed=dashed)

    series = [line(page.first_row() + row, str(values[row][0])) for row in roles]
    if len(blocks) > 1:
        row = page.first_row(1) + len(blocks[1].rows) - 1
        known = sum(value is not None for value in blocks[1].rows[-1][2:])
        series.append(line(row, said(cycle, "projections.last_total"), 1 + known, dashed=True))
    title, unit = said(cycle, "projections.chart"), cycle.inputs.settings.currency
    below = page.starts()[-1] + blocks[-1].head + len(blocks[-1].rows) + 1
    chart = Chart(title, unit, series, below, 0, "line", width=900, height=340)
    return make_page(cycle, stamp, "projections", lines, blocks, labels=2, charts=[chart])


def _previous_blocks(cycle: Cycle, rows: pd.DataFrame) -> list[Block]:
    """What the last cycle projected for the same months, by country, and how the projection has changed since."""
    previous = cycle.previous
    if previous is None:
        return []
    totals = rows[rows["sub_category"] == tidy.TOTAL]
    columns = [header(cycle, "country"), own(cycle, "cycle", "month")]
    columns += month_columns(cycle, PROJECTION_MONTHS, "cash")
    before: list[list[object]] = []
    change: list[list[object]] = []
    for country in totals["country"].unique():
        name = said(cycle, "grand_total") if country == tidy.ALL_COUNTRIES else country
        now = totals.loc[totals["country"] == country, "value"].tolist()
        then = previous.totals.get(name, [None] * PROJECTION_MONTHS)
        before.append([name, previous.cycle, *then])
        change.append([name, None, *(None if old is None else new - old for new, old in zip(now, then, strict=True))])
    roles: dict[int, Role] = {len(before) - 1: "total"}
    months = {
        "last": month_name(previous.cycle, cycle.inputs.settings.language),
        "this": month_name(cycle.inputs.months[0], cycle.inputs.settings.language),
    }
    return [
        Block(columns, before, said(cycle, "projections.before", **months), roles=roles),
        Block(columns, change, said(cycle, "projections.change", **months), roles=roles),
    ]


def overstock(cycle: Cycle, stamp: Stamp) -> Page:
    """Overstock and residuals: by country, sub-category and brand, by item, and stock without forecast."""
    rate = f"{cycle.inputs.settings.carrying_rate:.0%}"
    excess = tidy.excess(cycle)
    month = month_name(cycle.inputs.months[0], cycle.inputs.settings.language)
    silent = excess[excess["reason"] == "no demand"]
    others = excess[(excess["reason"] != "no demand") & (excess["reason"] != "")]
    blocks = [
        _overstock_groups(cycle, excess, said(cycle, "overstock.groups", month=month)),
        _overstock_items(cycle, others, said(cycle, "overstock.items", month=month), filtered=not others.empty),
        _overstock_items(cycle, silent, said(cycle, "overstock.silent")),
    ]
    return make_page(cycle, stamp, "overstock", [said(cycle, "overstock.unit", rate=rate)], blocks, labels=2)


def _overstock_groups(cycle: Cycle, excess: pd.DataFrame, title: str) -> Block:
    columns = [header(cycle, name) for name in ("country", "sub_category", "brand")]
    measures = ("overstock_cash", "residual_cash", "no_demand_cash", "excess_cash", "carrying")
    columns += [own(cycle, name, "cash") for name in measures]
    groups = group(excess, ("country", "sub_category", "brand"))
    cash, reason = excess["excess_cash"].to_numpy(), excess["reason"].to_numpy()
    split = [np.where(reason == name, cash, 0.0) for name in ("overstock", "residual", "no demand")]
    figures = np.column_stack([groups.sum(part) for part in (*split, cash, excess["carrying"].to_numpy())])
    found = np.flatnonzero(figures[:, 3] > 0).tolist()
    order = sorted(found, key=lambda place: (-figures[place, 3], groups.keys[place]))
    values: list[list[object]] = [[*groups.keys[place], *figures[place].tolist()] for place in order]
    values.append([said(cycle, "grand_total"), said(cycle, "total"), None, *figures.sum(axis=0).tolist()])
    return Block(columns, values, title, roles={len(values) - 1: "total"})


def _overstock_items(cycle: Cycle, excess: pd.DataFrame, title: str, *, filtered: bool = False) -> Block:
    texts = ("country", "sap_code", "description", "status", "sub_category", "brand")
    columns = [header(cycle, name) for name in texts] + [own(cycle, "reason", "text")]
    kinds: list[tuple[str, Kind]] = [
        ("overstock_t", "tonnes"),
        ("weeks_above", "weeks"),
        ("overstock_cash", "cash"),
        ("residual_t", "tonnes"),
        ("residual_cash", "cash"),
        ("carrying", "cash"),
    ]
    columns += [own(cycle, name, kind) for name, kind in kinds]
    band = (said(cycle, "overstock.path"), len(columns), len(columns) + HORIZON - 1)
    columns += month_columns(cycle, HORIZON, "tonnes")
    nothing = said(cycle, "no_demand")
    values: list[list[object]] = []
    for line in excess[[*texts, "reason", *(name for name, _ in kinds), "path"]].itertuples(index=False, name=None):
        *cells, path = line
        cells[6] = said(cycle, f"reason.{cells[6].replace(' ', '_')}")
        values.append([*(nothing if cell == np.inf else cell for cell in cells), *path])
    roles: dict[int, Role] = {}
    if values:
        sums = excess[[name for name, _ in kinds]].sum()
        path = np.sum(excess["path"].tolist(), axis=0).tolist()
        totals = [None if name == "weeks_above" else float(sums[name]) for name, _ in kinds]
        roles[len(values)] = "total"
        values.append([said(cycle, "grand_total"), *[None] * 6, *totals, *path])
    else:
        values.append([said(cycle, "overstock.none")])
    return Block(columns, values, title, [band], roles, filtered=filtered)


def checks(cycle: Cycle, stamp: Stamp) -> Page:
    """What the checks of the inputs found."""
    spoken = cycle.inputs.settings.language
    line = said(cycle, "checks.unit", snoozed=say("headers.sheet.snoozed", spoken), **count_of(cycle.findings))
    columns = [own(cycle, name, "text") for name in ("severity", "sheet", "cell")]
    columns += [own(cycle, "at_stake", "cash"), *(own(cycle, name, "long_text") for name in ("finding", "action"))]
    key = len(columns)
    columns += [header(cycle, name) for name in ("kind", "country", "sap_code")]
    values: list[list[object]] = [
        [
            say(f"findings.severity.{one.severity}", spoken),
            one.sheet,
            one.cell,
            one.cash,
            one.text(spoken),
            one.action(spoken),
            one.kind,
            one.country or None,
            one.sap_code or None,
        ]
        for one in cycle.findings
    ]
    marks: dict[tuple[int, int], Mark] = {
        (row, 0): "warning" for row, one in enumerate(cycle.findings) if one.severity == "warning"
    }
    rows = values or [[said(cycle, "checks.none")]]
    bands = [(said(cycle, "checks.key"), key, len(columns) - 1)]
    block = Block(columns, rows, said(cycle, "checks.block"), bands, marks=marks, filtered=bool(values))
    return make_page(cycle, stamp, "checks", [line], [block], labels=3)


PAGES: dict[str, Callable[[Cycle, Stamp], Page]] = {
    "summary": summary,
    "availability": availability,
    "dsr": dsr,
    "projections": projections,
    "overstock": overstock,
    "checks": checks,
    "segments": segments_page,
    "stock": stock_page,
    "targets": targets,
    "gaps": gaps,
    "meetings": meetings,
    "budget": budget,
    "indicators": indicators_page,
    "matching": matching,
}
"""The pages that a refresh writes, by the name of their report; then those of the steering loop."""
