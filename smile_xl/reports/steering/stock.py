"""Stock: why each tonne is there, in which state, and where it lies, from the total down to the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON
from smile_xl.core.architecture import STOCK_TYPES
from smile_xl.core.checks import Array
from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.months import month_name
from smile_xl.planning.settings import numbers_text
from smile_xl.planning.steering.stock import (
    ALL_STATES,
    AT_RISK,
    indicators,
    layers,
    level_names,
    state_cash,
    state_layers,
    weeks,
)
from smile_xl.reports.page import Block, Chart, Column, Kind, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, month_columns, own, said
from smile_xl.reports.stamp import Stamp

LABELS = 3
"""Columns before the figures: a name, a second one, and what it means."""

MOST_NODES = 200
"""Nodes of a level that are listed, the largest by value; the others of a node are one row below it."""

CHART_ROWS = 18
"""Empty rows that make room for the chart below the types by month."""

RISKY = 0.5
"""Share at risk from which a row is amber."""


def stock_page(cycle: Cycle, stamp: Stamp) -> Page:
    """Indicators, stock by type and month, by state, and from the total down to the item."""
    found = layers(cycle)
    cash = found * cycle.inputs.unit_cost[:, np.newaxis]
    by_month = _types(cycle, cash.sum(axis=1), "cash", gap=CHART_ROWS)
    blocks = [
        _indicators(cycle, found),
        by_month,
        _types(cycle, found.sum(axis=1), "tonnes"),
        _types(cycle, _weeks_of_types(cycle, found), "weeks"),
        _states(cycle),
        _tree(cycle, found[:, :, 0], cash[:, :, 0]),
    ]
    lines = [said(cycle, "stock.unit")]
    page = make_page(cycle, stamp, "stock", lines, blocks, labels=1)
    top = page.first_row(1)
    heads = (top - 1, LABELS, top - 1, LABELS + HORIZON - 1)
    series = [
        Series(str(by_month.rows[place][0]), heads, (top + place, LABELS, top + place, LABELS + HORIZON - 1))
        for place in range(len(STOCK_TYPES))
    ]
    below = top + len(by_month.rows) + 1
    title, currency = said(cycle, "stock.chart"), cycle.inputs.settings.currency
    chart = Chart(title, currency, series, below, 0, "stacked", 900, 320)
    return replace(page, charts=[chart])


def _indicators(cycle: Cycle, found: Array) -> Block:
    """What the stock as a whole says, each with its definition."""
    spoken, settings = cycle.inputs.settings.language, cycle.inputs.settings
    tolerance = numbers_text([100 * cycle.inputs.steering.answers.count_tolerance], spoken)
    values = indicators(cycle, found)
    counted = f"{values.pop('counted'):.0f}"
    units = {"value": settings.currency, "tonnes": "t", "at_risk": "%", "accuracy": "%"}
    rows: list[list[object]] = []
    for name, value in values.items():
        unit = units.get(name, said(cycle, f"stock.unit_of.{name}") if name in ("cover", "turns") else "")
        shown = value * 100 if unit == "%" else value
        missing = said(cycle, f"stock.none.{name}") if np.isnan(value) else shown
        meaning = said(cycle, f"stock.meaning.{name}", tolerance=tolerance, counted=counted)
        rows.append([said(cycle, f"stock.indicator.{name}"), unit, meaning, missing])
    columns = [own(cycle, "figure", "text"), own(cycle, "unit", "text"), own(cycle, "meaning", "long_text")]
    columns.append(own(cycle, "value", "cost"))
    return Block(columns, rows, said(cycle, "stock.indicators", month=_month(cycle)))


def _month(cycle: Cycle) -> str:
    return month_name(cycle.inputs.months[0], cycle.inputs.settings.language)


def _types(cycle: Cycle, figures: Array, kind: Kind, gap: int = 0) -> Block:
    """Stock by type at the start of each month, (types, months), with its total."""
    columns = [own(cycle, "type", "text"), own(cycle, "share_now", "share"), own(cycle, "meaning", "long_text")]
    columns += month_columns(cycle, HORIZON, kind)
    total = figures.sum(axis=0)
    shares = (figures[:, 0] / total[0] if 0 < total[0] < np.inf else np.zeros(len(STOCK_TYPES))).tolist()
    rows: list[list[object]] = [
        [said(cycle, f"stock.type.{name}"), share, said(cycle, f"stock.rule.{name}"), *line]
        for name, share, line in zip(STOCK_TYPES, shares, figures.tolist(), strict=True)
    ]
    rows.append([said(cycle, "total"), sum(shares), None, *total.tolist()])
    return Block(columns, rows, said(cycle, f"stock.by_type_{kind}"), roles={len(rows) - 1: "total"}, gap=gap)


def _weeks_of_types(cycle: Cycle, found: Array) -> Array:
    """Weeks of all demand, its mean of 12 months, in each type, (types, months)."""
    tonnes = found.sum(axis=1)
    monthly = cycle.inputs.portfolio.demand[:, :HORIZON].sum() / HORIZON
    return weeks(tonnes, np.full_like(tonnes, monthly))


def _states(cycle: Cycle) -> Block:
    """What is on its way, and the states of the stock on hand, now."""
    inputs = cycle.inputs
    tonnes = state_layers(inputs)
    cash = state_cash(inputs, tonnes).sum(axis=1)
    totals = tonnes.sum(axis=1)
    monthly = inputs.portfolio.demand[:, :HORIZON].sum() / HORIZON
    figures = np.column_stack((totals, cash, weeks(totals, np.full_like(totals, monthly))))
    kinds: list[tuple[str, Kind]] = [("tonnes", "tonnes"), ("cash", "cash"), ("weeks", "weeks")]
    columns = [own(cycle, "state", "text"), own(cycle, "share_on_hand", "share"), own(cycle, "meaning", "long_text")]
    columns += [own(cycle, name, kind) for name, kind in kinds]
    on_hand = float(totals[1:].sum())
    rows: list[list[object]] = []
    for name, line in zip(ALL_STATES, figures.tolist(), strict=True):
        share = line[0] / on_hand if on_hand and name != ALL_STATES[0] else None
        rows.append([_state(cycle, name), share, said(cycle, f"stock.state.{name}"), *line])
    rows.append([said(cycle, "stock.on_hand"), 1.0 if on_hand else None, None, *figures[1:].sum(axis=0).tolist()])
    roles: dict[int, Role] = {len(rows) - 1: "total"}
    return Block(columns, rows, said(cycle, "stock.by_state", month=_month(cycle)), roles=roles)


def _state(cycle: Cycle, name: str) -> str:
    if name == ALL_STATES[0]:
        return said(cycle, "stock.in_transit")
    return say(f"headers.value.{name}", cycle.inputs.settings.language)


def _tree(cycle: Cycle, tonnes: Array, cash: Array) -> Block:
    """Cash by type now, from the total down the levels of the settings, each part below its whole."""
    inputs = cycle.inputs
    levels, spoken = inputs.settings.stock_levels, inputs.settings.language
    columns = [own(cycle, "level", "text"), own(cycle, "node", "text"), header(cycle, "description")]
    columns += [Column(said(cycle, f"stock.type.{name}"), "cash") for name in STOCK_TYPES]
    kinds: list[tuple[str, Kind]] = [("cash", "cash"), ("tonnes", "tonnes"), ("weeks", "weeks")]
    kinds.append(("share_at_risk", "share"))
    columns += [own(cycle, name, kind) for name, kind in kinds]
    monthly = inputs.portfolio.demand[:, :HORIZON].mean(axis=1)
    figures = np.column_stack((cash.T, cash.sum(axis=0), tonnes.sum(axis=0), monthly))
    risky = [STOCK_TYPES.index(name) for name in AT_RISK]
    rows: list[list[object]] = []
    depths: list[int] = []
    marks: dict[tuple[int, int], Mark] = {}
    names = inputs.items["description"].tolist()
    for node in _nodes(cycle, levels, figures):
        value = float(node.sums[len(STOCK_TYPES)])
        share = float(node.sums[risky].sum()) / value if value else None
        cover = float(weeks(node.sums[-2:-1], node.sums[-1:])[0])
        level = levels[node.depth - 1] if node.depth else ""
        if share is not None and share >= RISKY:
            marks[len(rows), len(columns) - 1] = "warning"
        text = names[node.item] if level == "item" and node.count == 1 else None
        name = node.name or said(cycle, "others", count=node.count)
        shown = said(cycle, "no_demand") if np.isinf(cover) else cover
        kind = say(f"headers.level.{level}", spoken) if level else said(cycle, "grand_total")
        rows.append([kind, "   " * max(node.depth - 1, 0) + name, text, *node.sums[:-1].tolist(), shown, share])
        depths.append(node.depth)
    roles: dict[int, Role] = {0: "total"}
    path = " > ".join(say(f"headers.level.{level}", spoken) for level in levels)
    title = said(cycle, "stock.tree", month=_month(cycle), levels=path)
    return Block(columns, rows, title, roles=roles, marks=marks, levels=depths)


@dataclass(frozen=True)
class _Node:
    """One row of the tree."""

    path: tuple[tuple[int, str], ...]
    """What it is sorted by: the names from the first level on; what is not listed by name comes last."""
    name: str
    """Blank for the parts of a node that are not listed by name."""
    count: int
    """Items in it."""
    item: int
    """The first of them."""
    sums: Array

    @property
    def depth(self) -> int:
        """0 for the total."""
        return len(self.path)


def _nodes(cycle: Cycle, levels: Sequence[str], figures: Array) -> list[_Node]:
    """The total, and of each level the largest parts of what is listed above, each node followed by its parts."""
    total = _Node((), said(cycle, "total"), len(figures), 0, figures.sum(axis=0))
    found = [total]
    listed = {0: total}
    place = np.zeros(len(figures), dtype=np.int64)
    for level in levels:
        codes, names = pd.factorize(level_names(cycle.inputs, level))
        _, first, now = np.unique(place * max(len(names), 1) + codes, return_index=True, return_inverse=True)
        parent, count = place[first], np.bincount(now, minlength=len(first))
        sums = np.zeros((len(first), figures.shape[1]))
        np.add.at(sums, now, figures)
        candidates = np.flatnonzero(np.isin(parent, list(listed)))
        ranked = candidates[np.argsort(-sums[candidates, len(STOCK_TYPES)], kind="stable")]
        above, listed = listed, {}
        for node in ranked[:MOST_NODES].tolist():
            name = str(names[codes[first[node]]])
            path = (*above[int(parent[node])].path, (0, name))
            listed[node] = _Node(path, name, int(count[node]), int(first[node]), sums[node])
        found += listed.values()
        left = ranked[MOST_NODES:]
        for one in np.unique(parent[left]).tolist():
            rest = left[parent[left] == one]
            path = (*above[one].path, (1, ""))
            found.append(_Node(path, "", int(count[rest].sum()), int(first[rest[0]]), sums[rest].sum(axis=0)))
        place = now
    return sorted(found, key=lambda node: node.path)
