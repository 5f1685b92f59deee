"""Budget: targets in money by month, against projection and actual, with working capital, service and what-ifs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from smile_xl.core.architecture import STOCK_TYPES
from smile_xl.core.checks import Array
from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import Groups, group
from smile_xl.planning.months import month_name
from smile_xl.planning.steering.budget import (
    KEYS,
    Budget,
    actual_cash,
    budget_of,
    earlier_actuals,
    strayed,
)
from smile_xl.planning.steering.comparison import SUMS, compare, totals
from smile_xl.planning.steering.segments import segments
from smile_xl.planning.steering.whatif import scenarios_of
from smile_xl.reports.page import Block, Chart, Column, Kind, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, said
from smile_xl.reports.stamp import Stamp

SHOWN = (1, -1)
"""Moments that the tables by group show: the end of the first month and of the last."""

SMALL_TYPE = 0.1
"""Share of all stock's budget up to which a type is small: the band and the alert are then of that share."""


def budget(cycle: Cycle, stamp: Stamp) -> Page:
    """The total by month, then by type, by country and sub-category, site and segment; service; scenarios."""
    found = budget_of(cycle)
    settings = cycle.inputs.settings
    shares = {"tolerance": f"{settings.budget_tolerance:.0%}", "alert": f"{settings.budget_alert:.0%}"}
    lines = [_said(cycle, "unit", rate=f"{settings.carrying_rate:.0%}", **shares)]
    items = cycle.inputs.items
    sites = pd.DataFrame({"site": cycle.inputs.steering.attributes.site}, dtype=object)
    classes = pd.DataFrame({"segment": segments(cycle.inputs).segment}, dtype=object)
    blocks = [
        _months(cycle, found),
        _types(cycle, found),
        _groups(cycle, found, "groups", KEYS, group(items, KEYS)),
        _groups(cycle, found, "sites", ("site",), group(sites, ("site",))),
        _groups(cycle, found, "segments", ("segment",), group(classes, ("segment",))),
    ]
    curve = cycle.curve()
    if curve:
        blocks.append(_curve(cycle))
    if cycle.inputs.steering.scenarios:
        blocks.append(_scenarios(cycle))
    page = make_page(cycle, stamp, "budget", lines, blocks, labels=2)
    return make_page(cycle, stamp, "budget", lines, blocks, labels=2, charts=_charts(cycle, page, bool(curve)))


def _said(cycle: Cycle, name: str, **values: object) -> str:
    return said(cycle, f"budget.{name}", **values)


def _own(cycle: Cycle, name: str, kind: Kind = "cash") -> Column:
    return Column(_said(cycle, f"column.{name}"), kind)


def _mark(cycle: Cycle, figure: Array, wanted: Array, least: Array | float = 0.0) -> list[Mark | None]:
    """Red beyond the alert threshold, amber beyond the tolerance band, of the budget or at least of ``least``."""
    settings = cycle.inputs.settings
    known = ~np.isnan(figure)
    red = known & strayed(figure, wanted, settings.budget_alert, least)
    amber = known & strayed(figure, wanted, settings.budget_tolerance, least)
    return [
        "risk" if bad else "warning" if odd else None for bad, odd in zip(red.tolist(), amber.tolist(), strict=True)
    ]


def _months(cycle: Cycle, found: Budget) -> Block:
    """All stock by month end: earlier cycles, now, the projected months; working capital and what it costs."""
    settings = cycle.inputs.settings
    names = ("budget", "low", "high", "projection", "actual", "gap")
    columns = [_own(cycle, "month", "text"), _own(cycle, "kind", "text"), *(_own(cycle, name) for name in names)]
    columns += [_own(cycle, "gap_share", "share"), _own(cycle, "capital"), _own(cycle, "change")]
    columns.append(_own(cycle, "carrying"))
    budget = found.budget.sum(axis=(0, 1))
    figure = found.projection.sum(axis=(0, 1))
    figure[0] = found.actual.sum()
    past = [(month, actual_cash(inputs)) for month, inputs in earlier_actuals(cycle)]
    capital = [*(value for _, value in past), *figure.tolist()]
    change = [None, *(after - before for before, after in pairwise(capital))]
    carrying = [value * settings.carrying_rate / 12 for value in capital]
    values: list[list[object]] = []
    for place, (month, value) in enumerate(past):
        texts = [month_name(month, settings.language), _said(cycle, "kind.actual")]
        values.append([*texts, None, None, None, None, value, None, None, value, change[place], carrying[place]])
    marks: dict[tuple[int, int], Mark] = {}
    for place, mark in enumerate(_mark(cycle, figure, budget)):
        row = len(values)
        wanted, value = float(budget[place]), float(figure[place])
        kind = "projection" if place else "actual"
        shown = [None, value] if kind == "actual" else [value, None]
        share = (value - wanted) / wanted if wanted else None
        band = [wanted, wanted * (1 - settings.budget_tolerance), wanted * (1 + settings.budget_tolerance)]
        texts = [month_name(found.months[place], settings.language), _said(cycle, f"kind.{kind}")]
        values.append([*texts, *band, *shown, value - wanted, share, value, change[row], carrying[row]])
        if mark:
            marks |= {(row, 6 if kind == "actual" else 5): mark, (row, 8): mark}
    return Block(columns, values, _said(cycle, "months"), marks=marks, gap=max(0, 16 - len(values)))


def _types(cycle: Cycle, found: Budget) -> Block:
    """Budget, projection and their difference by type, month by month, with what is on hand and all of it."""
    columns = [_own(cycle, "type", "text"), _own(cycle, "figure", "text")]
    columns += [Column(month, "cash") for month in found.months]
    now = np.concatenate((found.actual.sum(axis=1)[:, np.newaxis], found.projection.sum(axis=1)[:, 1:]), axis=1)
    wanted = found.budget.sum(axis=1)
    small = SMALL_TYPE * wanted.sum(axis=0)
    values: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    roles: dict[int, Role] = {}
    held = slice(0, len(STOCK_TYPES))
    parts: list[tuple[str, slice, Role | None]] = [
        (f"stock.type.{name}", slice(place, place + 1), None) for place, name in enumerate(STOCK_TYPES)
    ]
    parts += [("stock.on_hand", held, "subtotal"), ("budget.type.in_transit", slice(held.stop, None), None)]
    parts.append(("grand_total", slice(None), "total"))
    for name, types, role in parts:
        budget, figure = wanted[types].sum(axis=0), now[types].sum(axis=0)
        lines = {"budget": budget, "expected": figure, "gap": figure - budget}
        for key, line in lines.items():
            if role:
                roles[len(values)] = role
            values.append([said(cycle, name), _said(cycle, f"figure.{key}"), *line.tolist()])
        for place, mark in enumerate(_mark(cycle, figure, budget, small)):
            if mark:
                marks[len(values) - 1, 2 + place] = mark
    return Block(columns, values, _said(cycle, "types"), roles=roles, marks=marks)


def _groups(cycle: Cycle, found: Budget, title: str, keys: tuple[str, ...], groups: Groups) -> Block:
    """Budget and projection of each group, at the end of the first month and of the last."""
    spoken = cycle.inputs.settings.language
    columns = [header(cycle, name) for name in keys] + [_own(cycle, "items", "whole")] * (2 - len(keys))
    bands = []
    sums = []
    for moment in SHOWN:
        first = len(columns)
        columns += [
            _own(cycle, "budget"),
            _own(cycle, "projection"),
            _own(cycle, "gap"),
            _own(cycle, "gap_share", "share"),
        ]
        bands.append((_said(cycle, "end_of", month=month_name(found.months[moment], spoken)), first, first + 3))
        wanted, figure = (groups.sum(part[:, :, moment].sum(axis=0)) for part in (found.budget, found.projection))
        sums.append((wanted, figure))
    counts = groups.sum(np.ones(len(groups.of_item)))
    values: list[list[object]] = []
    roles: dict[int, Role] = {}
    marks: dict[tuple[int, int], Mark] = {}

    def line(names: list[object], places: np.ndarray) -> None:
        cells: list[object] = [*names, *[float(counts[places].sum())] * (2 - len(names))]
        for band, (wanted, figure) in enumerate(sums):
            budget, value = (np.array([part[places].sum()]) for part in (wanted, figure))
            mark = _mark(cycle, value, budget)[0]
            if mark:
                marks[len(values), 2 + 4 * band + 1] = marks[len(values), 2 + 4 * band + 3] = mark
            gap = float(value[0] - budget[0])
            cells += [float(budget[0]), float(value[0]), gap, gap / float(budget[0]) if budget[0] else None]
        values.append(cells)

    leads = np.array([key[0] for key in groups.keys], dtype=object)
    for lead in dict.fromkeys(leads.tolist()):
        own_places = np.flatnonzero(leads == lead)
        for place in own_places.tolist():
            line(list(groups.keys[place]), np.array([place]))
        if len(keys) > 1:
            roles[len(values)] = "subtotal"
            line([lead, said(cycle, "total")], own_places)
    roles[len(values)] = "total"
    line([said(cycle, "grand_total"), *[said(cycle, "total")] * (len(keys) - 1)], np.arange(len(leads)))
    return Block(columns, values, _said(cycle, title), bands, roles, marks)


def _curve(cycle: Cycle) -> Block:
    """The trade-off of the book's last simulation."""
    columns = [_own(cycle, "factor", "share"), _own(cycle, "today", "text")]
    columns += [_own(cycle, "mean_cash"), _own(cycle, "fill_rate", "share")]
    today = _said(cycle, "today")
    rows = [[point.factor, today if point.today else None, point.cash, point.fill_rate] for point in cycle.curve()]
    return Block(columns, rows, _said(cycle, "curve"), gap=max(0, 16 - len(rows)))


def _scenarios(cycle: Cycle) -> Block:
    """The base and every scenario side by side."""
    spoken, currency = cycle.inputs.settings.language, cycle.inputs.settings.currency
    scenarios = scenarios_of(cycle.inputs.steering.scenarios)
    found = compare(cycle, scenarios)
    columns = [header(cycle, "scenario"), _own(cycle, "changes", "whole")]
    for name in SUMS:
        kind: Kind = "tonnes" if name.endswith("_t") else "cash"
        columns.append(Column(say(f"scenarios.{name}", spoken, currency=currency), kind))
    columns.append(_own(cycle, "difference"))
    rows: list[list[object]] = []
    base = totals(found.sides[0])
    counts = [0, *(len(scenario.changes) for scenario in scenarios)]
    for side, count in zip(found.sides, counts, strict=True):
        figures = totals(side)
        less = figures["value_mean"] - base["value_mean"] if side.name else None
        rows.append([side.name or say("scenarios.base", spoken), float(count), *figures.values(), less])
    return Block(columns, rows, _said(cycle, "scenarios"), roles={0: "subtotal"})


def _charts(cycle: Cycle, page: Page, has_curve: bool) -> list[Chart]:
    """The stock against its budget with the band; the trade-off where there is one."""
    top, count = page.first_row(), len(page.blocks[0].rows)
    months = (top, 0, top + count - 1, 0)

    def line(column: int, *, dashed: bool = False) -> Series:
        name = str(page.blocks[0].columns[column].header)
        return Series(name, months, (top, column, top + count - 1, column), line=True, dashed=dashed)

    unit = cycle.inputs.settings.currency
    series = [line(2), line(3, dashed=True), line(4, dashed=True), line(9)]
    charts = [Chart(_said(cycle, "chart"), unit, series, top - 2, 13, "line", width=620, height=330)]
    if has_curve:
        place = len(page.blocks) - 1 - bool(cycle.inputs.steering.scenarios)
        first, points = page.first_row(place), page.blocks[place].rows
        last = first + len(points) - 1
        spots = [(first, last), *((first + row, first + row) for row, point in enumerate(points) if point[1])]
        names = [_said(cycle, "curve_all"), _said(cycle, "today")]
        curves = [
            Series(name, (low, 2, high, 2), (low, 3, high, 3)) for name, (low, high) in zip(names, spots, strict=False)
        ]
        least = float(np.floor(min(float(str(point[3])) for point in points) * 20) / 20)
        title, across = _said(cycle, "curve"), _said(cycle, "column.mean_cash")
        heading = str(page.blocks[place].columns[3].header)
        charts.append(
            Chart(title, heading, curves, first - 2, 6, "scatter", 520, 300, across=across, shares=True, least=least)
        )
    return charts
