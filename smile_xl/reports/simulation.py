"""Simulation: what a new safety-stock policy frees, the service it really gives, and where to adopt it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from smile_xl.core import HORIZON
from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.months import month_name
from smile_xl.planning.service import ALL_COUNTRIES, TOTAL
from smile_xl.planning.simulation import (
    Comparison,
    Decision,
    Outcome,
    by_country_and_month,
    cover_intervals,
    item_figures,
    split,
)
from smile_xl.reports.page import Block, Chart, Column, Kind, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, month_columns
from smile_xl.reports.stamp import Stamp

CHART_ROWS = 16
"""Empty rows that make room for the charts below a block."""

TRACE = 1e-6
"""Currency under which a difference is a trace of rounding."""

COUNTRY_CHARTS = 6
"""Countries with a chart of their own: those that hold the most."""

_CHART_COLUMNS = (0, 4, 9)
"""Columns in which charts side by side begin."""

_SPLITS: tuple[tuple[str, Kind], ...] = (
    ("items", "whole"),
    ("negative", "whole"),
    ("negative_share", "share"),
    ("old_t", "tonnes"),
    ("new_t", "tonnes"),
    ("difference_t", "tonnes"),
    ("old_cash", "cash"),
    ("new_cash", "cash"),
    ("difference_cash", "cash"),
)
_POLICIES: tuple[tuple[str, Kind], ...] = (
    ("safety_t", "tonnes"),
    ("safety_cash", "cash"),
    ("cycle_service", "share"),
    ("cycle_service_pm", "cost"),
    ("fill_rate", "share"),
    ("fill_rate_pm", "cost"),
    ("lost_t", "tonnes"),
    ("lost_cash", "cash"),
    ("mean_t", "tonnes"),
    ("mean_cash", "cash"),
    ("peak_cash", "cash"),
)
_CURVE: tuple[tuple[str, Kind], ...] = (
    ("factor", "share"),
    ("mean_t", "tonnes"),
    ("mean_cash", "cash"),
    ("cycle_service", "share"),
    ("cycle_service_pm", "cost"),
    ("fill_rate", "share"),
    ("fill_rate_pm", "cost"),
)
_CONVERGENCE: tuple[tuple[str, Kind], ...] = (
    ("runs", "whole"),
    ("cycle_service", "share"),
    ("cycle_service_pm", "cost"),
    ("fill_rate", "share"),
    ("fill_rate_pm", "cost"),
    ("lost_t", "tonnes"),
    ("lost_t_pm", "tonnes"),
)
_ITEMS: tuple[tuple[str, Kind], ...] = (
    ("weeks_cover", "weeks"),
    ("volatility", "cost"),
    ("old_t", "tonnes"),
    ("new_t", "tonnes"),
    ("difference_t", "tonnes"),
    ("old_cash", "cash"),
    ("new_cash", "cash"),
    ("difference_cash", "cash"),
    ("added_t", "cost"),
)
_ATTRIBUTES = ("status", "brand", "description")
"""What the reader can filter the items by; the long one is last, right of the months."""


def simulation(outcome: Outcome, stamp: Stamp) -> Page:
    """The decision first, then what it rests on: service, cash by country and month, splits, trade-off, items."""
    comparison = outcome.comparison
    cycle = comparison.cycle
    cover, volatility = (_split_block(comparison, by, gap=CHART_ROWS) for by in ("cover", "volatility"))
    blocks = [
        _decision(comparison, outcome.decision),
        _policies(outcome),
        _months(comparison),
        cover,
        volatility,
        *(_split_block(comparison, by) for by in ("country", "sub_category", "sourcing_unit", "status")),
        _curve(outcome),
        _convergence(outcome),
        _items(outcome),
    ]
    names = {name: _policy(cycle, getattr(comparison, name)) for name in ("old", "new")}
    lines = [
        _said(cycle, "unit", **names),
        _said(cycle, "note", samples=outcome.decision.stability.samples),
        rule_text(comparison, outcome.decision, cycle.inputs.settings.language),
    ]
    page = make_page(cycle, stamp, "simulation", lines, blocks, labels=2)
    charts = [
        *_country_charts(comparison, page, 2),
        *_share_charts(cycle, page, 3, "weeks"),
        *_share_charts(cycle, page, 4, "volatility"),
        *_curve_charts(outcome, page, len(blocks) - 3),
    ]
    return make_page(cycle, stamp, "simulation", lines, blocks, labels=2, charts=charts)


def _said(cycle: Cycle, key: str, **values: object) -> str:
    settings = cycle.inputs.settings
    return say(f"simulation.{key}", settings.language, currency=settings.currency, **values)


def _policy(cycle: Cycle, name: str) -> str:
    return _said(cycle, f"policy.{name}")


def _column(cycle: Cycle, name: str, kind: Kind) -> Column:
    if name in cycle.inputs.items:
        return header(cycle, name, kind)
    if name.endswith("_pm"):
        name = "points" if kind == "cost" else "error"
    return Column(_said(cycle, f"column.{name}"), kind)


def _number(number: float, spoken: Language) -> str:
    text = f"{number:g}"
    return text.replace(".", ",") if spoken == "fr" else text


def _share(cycle: Cycle, share: float) -> str:
    return f"{_number(round(share * 100, 6), cycle.inputs.settings.language)} %"


def rule_text(comparison: Comparison, decision: Decision, spoken: Language) -> str:
    """The rule in words."""
    rule = decision.rule
    names = {role: say(f"simulation.policy.{getattr(comparison, role)}", spoken) for role in ("old", "new")}
    if rule is None:
        return say("simulation.decision.none", spoken, **names)
    limits = {"weeks": rule.weeks_cover, "volatility": rule.volatility}
    conditions = [
        say(f"simulation.decision.{name}", spoken, **{name: _number(limit, spoken)})
        for name, limit in limits.items()
        if np.isfinite(limit)
    ]
    if not conditions:
        return say("simulation.decision.all", spoken, **names)
    joined = say("simulation.decision.and", spoken).join(conditions)
    return say("simulation.decision.rule", spoken, conditions=joined, **names)


def _decision(comparison: Comparison, decision: Decision) -> Block:
    """Figures of the rule, with their spread over portfolios drawn anew from these items."""
    cycle, stability = comparison.cycle, decision.stability
    columns = [_column(cycle, "figure", "text")]
    columns += [_column(cycle, name, "cash") for name in ("value", "low", "high")]

    def line(name: str, *values: object) -> list[object]:
        return [_said(cycle, f"decision.{name}"), *values, *[None] * (3 - len(values))]

    def share(value: float) -> str:
        return _share(cycle, round(value, 4))

    rows = [
        line("adopted", float(decision.adopted.sum())),
        line("gain", decision.gain, *stability.gain),
        line("risk", share(decision.risk), *map(share, stability.risk)),
        line("cap", share(decision.cap)),
        line("lost", decision.lost),
        line("all_gain", decision.all_gain),
        line("all_risk", share(decision.all_risk)),
        line("same_rule", share(stability.same_rule)),
        line("same_choice", share(stability.same_choice)),
        line("within_cap", share(stability.within_cap)),
    ]
    return Block(columns, rows, _said(cycle, "block.decision"))


def _policies(outcome: Outcome) -> Block:
    cycle = outcome.comparison.cycle
    spoken = cycle.inputs.settings.language
    columns = [_column(cycle, "policy", "text"), _column(cycle, "role", "text")]
    columns += [_column(cycle, name, kind) for name, kind in _POLICIES]
    rows: list[list[object]] = []
    for line in outcome.policies.to_dict("records"):
        name = _policy(cycle, line["policy"]) if line["policy"] else ""
        rows.append([name, _said(cycle, f"role.{line['role']}"), *_points(line, _POLICIES)])
    months = outcome.months
    title = _said(
        cycle,
        "block.policies",
        runs=outcome.runs,
        seed=outcome.seed,
        first=month_name(months[0], spoken),
        last=month_name(months[-1], spoken),
    )
    return Block(columns, rows, title)


def _points(line: dict[Hashable, Any], columns: Sequence[tuple[str, Kind]]) -> list[object]:
    """Figures of a line, blank where nothing was asked for; the half width of a share is in percentage points."""
    shares = {f"{name}_pm" for name, kind in columns if kind == "share"}
    figures = [line[name] * (100 if name in shares else 1) for name, _ in columns]
    return [None if np.isnan(figure) else figure for figure in figures]


def _months(comparison: Comparison) -> Block:
    """Cash of either policy and what is freed, by country and month, and of all countries."""
    cycle = comparison.cycle
    table = by_country_and_month(comparison)
    columns = [header(cycle, "country"), _column(cycle, "role", "text"), *month_columns(cycle, HORIZON, "cash")]
    parts = {name: table[f"{name}_cash"].to_numpy().reshape(-1, HORIZON) for name in ("old", "new", "difference")}
    parts["difference"] = np.where(np.abs(parts["difference"]) < TRACE, 0.0, parts["difference"])
    labels = {
        "old": _said(cycle, "role.old"),
        "new": _said(cycle, "role.new"),
        "difference": _said(cycle, "role.freed"),
    }
    rows: list[list[object]] = []
    roles: dict[int, Role] = {}
    for place, country in enumerate(table["country"].unique()):
        for name, figures in parts.items():
            rows.append([country, labels[name], *figures[place].tolist()])
    for name, figures in parts.items():
        roles[len(rows)] = "total"
        rows.append([say("reports.grand_total", cycle.inputs.settings.language), labels[name], *figures.sum(axis=0)])
    charts = -(-min(table["country"].nunique(), COUNTRY_CHARTS) // len(_CHART_COLUMNS))
    return Block(columns, rows, _said(cycle, "block.months"), roles=roles, gap=CHART_ROWS * charts)


def _split_block(comparison: Comparison, by: str, gap: int = 0) -> Block:
    """One split with its total."""
    cycle = comparison.cycle
    settings = cycle.inputs.settings
    table = split(comparison, by)
    names = [str(name) for name in table["name"]]
    if by == "cover":
        names = [_interval(cycle, low, high) for low, high in cover_intervals(settings.cover_edges)]
    if by == "volatility":
        low, high = (_number(cut, settings.language) for cut in settings.volatility_cuts)
        names = [_said(cycle, f"class.{name.replace(' ', '_')}", low=low, high=high) for name in names]
    first = _column(cycle, {"cover": "weeks_cover"}.get(by, by), "text")
    columns = [first, *(_column(cycle, name, kind) for name, kind in _SPLITS)]
    keys = [name for name, _ in _SPLITS]
    rows: list[list[object]] = [
        [name, *figures] for name, figures in zip(names, table[keys].to_numpy().tolist(), strict=True)
    ]
    total = split(comparison, "total")[keys].to_numpy().tolist()[0]
    rows.append([say("reports.grand_total", settings.language), *total])
    roles: dict[int, Role] = {len(rows) - 1: "total"}
    return Block(columns, rows, _said(cycle, f"block.{by}"), roles=roles, gap=gap)


def _interval(cycle: Cycle, low: float, high: float) -> str:
    spoken = cycle.inputs.settings.language
    if np.isinf(high):
        return _said(cycle, "interval.above", low=_number(low, spoken))
    return _said(cycle, "interval.inside", low=_number(low, spoken), high=_number(high, spoken))


def _below(page: Page, block: int, charts: int = 0) -> int:
    """First empty row below a block, or below so many rows of charts there."""
    return page.first_row(block) + len(page.blocks[block].rows) + 1 + charts * CHART_ROWS


def _country_charts(comparison: Comparison, page: Page, block: int) -> list[Chart]:
    """Old against new by month, for the countries that hold the most."""
    cycle = comparison.cycle
    held = split(comparison, "country").reset_index().sort_values("old_cash", ascending=False, kind="stable")
    top = page.first_row(block)
    months = (top - 1, 2, top - 1, 1 + HORIZON)
    charts = []
    for number, place in enumerate(held["index"].tolist()[:COUNTRY_CHARTS]):
        line, column = divmod(number, len(_CHART_COLUMNS))
        row = top + 3 * place
        series = [
            Series(_said(cycle, f"role.{role}"), months, (row + part, 2, row + part, 1 + HORIZON), line=True)
            for part, role in enumerate(("old", "new"))
        ]
        title = _said(cycle, "chart.country", country=page.blocks[block].rows[3 * place][0])
        where = (_below(page, block, line), _CHART_COLUMNS[column])
        charts.append(Chart(title, cycle.inputs.settings.currency, series, *where, "line", width=430))
    return charts


def _share_charts(cycle: Cycle, page: Page, block: int, across: str) -> list[Chart]:
    """Items and those that ask for more, and their share, by interval or class."""
    top = page.first_row(block)
    last = top + len(page.blocks[block].rows) - 2
    names = (top, 0, last, 0)

    def series(column: str) -> Series:
        place = 1 + [name for name, _ in _SPLITS].index(column)
        return Series(_said(cycle, f"column.{column}"), names, (top, place, last, place))

    def chart(name: str, lines: list[Series], column: int, *, shares: bool = False) -> Chart:
        title, where = _said(cycle, f"chart.{name}"), _said(cycle, f"chart.{across}")
        return Chart(title, "", lines, _below(page, block), column, width=430, across=where, shares=shares)

    return [
        chart("items", [series("items"), series("negative")], _CHART_COLUMNS[0]),
        chart("share", [series("negative_share")], _CHART_COLUMNS[1], shares=True),
    ]


def _items(outcome: Outcome) -> Block:
    """Every item with what either policy holds and which one is chosen, what frees most first."""
    comparison = outcome.comparison
    cycle = comparison.cycle
    table = item_figures(outcome)
    columns = [header(cycle, "country"), header(cycle, "sap_code")]
    columns += [_column(cycle, name, kind) for name, kind in _ITEMS]
    columns += [_column(cycle, "chosen", "text"), *(header(cycle, name) for name in _ATTRIBUTES)]
    nothing = say("reports.no_demand", cycle.inputs.settings.language)
    rows: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for line in table.to_dict("records"):
        figures = [line[name] for name, _ in _ITEMS]
        if np.isnan(figures[1]):
            figures[1] = nothing
        if line["negative"]:
            marks[len(rows), 6] = marks[len(rows), 9] = "risk"
        rows.append(
            [
                line["country"],
                line["sap_code"],
                *figures,
                _policy(cycle, line["chosen"]),
                *(line[name] for name in _ATTRIBUTES),
            ]
        )
    return Block(columns, rows, _said(cycle, "block.items"), marks=marks, filtered=True)


def _curve(outcome: Outcome) -> Block:
    """Service and stock with more or less of today's safety stock: in total, then by country."""
    cycle = outcome.comparison.cycle
    columns = [header(cycle, "country"), *(_column(cycle, name, kind) for name, kind in _CURVE), Column("", "text")]
    table = outcome.curve[outcome.curve["sub_category"] == TOTAL]
    rows: list[list[object]] = []
    for country in [ALL_COUNTRIES, *(name for name in table["country"].unique() if name != ALL_COUNTRIES)]:
        name = say("reports.grand_total", cycle.inputs.settings.language) if country == ALL_COUNTRIES else country
        for line in table[table["country"] == country].to_dict("records"):
            today = _said(cycle, "curve.today") if line["today"] else None
            rows.append([name, *_points(line, _CURVE), today])
    return Block(columns, rows, _said(cycle, "block.curve"), gap=CHART_ROWS)


def _curve_charts(outcome: Outcome, page: Page, block: int) -> list[Chart]:
    """Fill rate against the cash in stock, with today's point: of all countries together, and of each."""
    cycle = outcome.comparison.cycle
    rows, top = page.blocks[block].rows, page.first_row(block)
    points = len(outcome.curve["factor"].unique())
    today = next(place for place, row in enumerate(rows) if row[-1])
    cash, fill = (1 + [name for name, _ in _CURVE].index(name) for name in ("mean_cash", "fill_rate"))

    known = [figure for row in rows if isinstance(figure := row[fill], float)]
    least = float(np.floor(min(known, default=0.0) * 20) / 20)

    def series(name: str, first: int, last: int) -> Series:
        return Series(name, (top + first, cash, top + last, cash), (top + first, fill, top + last, fill))

    def chart(title: str, lines: list[Series], column: int) -> Chart:
        return Chart(
            title,
            _said(cycle, "column.fill_rate"),
            lines,
            row=_below(page, block),
            column=column,
            kind="scatter",
            width=430,
            across=_said(cycle, "column.mean_cash"),
            shares=True,
            least=least,
        )

    whole = [series(str(rows[0][0]), 0, points - 1), series(_said(cycle, "curve.today"), today, today)]
    parts = [
        series(str(rows[first][0]), first, first + points - 1)
        for first in range(points, min(len(rows), (COUNTRY_CHARTS + 1) * points), points)
    ]
    return [
        chart(_said(cycle, "chart.curve"), whole, _CHART_COLUMNS[0]),
        chart(_said(cycle, "chart.curve_countries"), parts, _CHART_COLUMNS[1]),
    ]


def _convergence(outcome: Outcome) -> Block:
    """The estimates after a part of the runs, then more of them."""
    cycle = outcome.comparison.cycle
    columns = [_column(cycle, "policy", "text"), _column(cycle, "role", "text")]
    columns += [_column(cycle, name, kind) for name, kind in _CONVERGENCE]
    names = {role: _policy(cycle, getattr(outcome.comparison, role)) for role in ("old", "new")}
    rows = [
        [names[line["role"]], _said(cycle, f"role.{line['role']}"), *_points(line, _CONVERGENCE)]
        for line in outcome.convergence.to_dict("records")
    ]
    return Block(columns, rows, _said(cycle, "block.convergence"))
