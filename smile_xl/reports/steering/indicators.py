"""Indicators: what the S&OP is measured by, with each figure's definition and source, or what it needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smile_xl.core import HORIZON
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.group_rows import ALL_COUNTRIES
from smile_xl.planning.grouping import group
from smile_xl.planning.months import month_name
from smile_xl.planning.steering.indicators import MONEY, RATES, SHARES, Indicator, indicators, scope_name
from smile_xl.planning.tables import Month
from smile_xl.reports.page import Block, Chart, Column, Kind, Page, Role, Series
from smile_xl.reports.parts import header, make_page, said
from smile_xl.reports.stamp import Stamp

MOST_COUNTRIES = 8
"""Countries with a column of their own; all countries are in the total."""

MOST_MONTHS = 12
"""Past months that are shown."""

MOST_GROUPS = 200
"""Sub-categories that are listed, those with most working capital."""

CHART_ROWS = 2
"""Empty rows that make room for the chart."""

_GROUPED: tuple[tuple[str, Kind], ...] = (
    ("working_capital", "cash"),
    ("turns", "weeks"),
    ("days_of_inventory", "weeks"),
    ("wmape", "share"),
    ("bias", "share"),
)

Figures = dict[tuple[str, str, Month | None], float]
"""Values by indicator, scope and month."""


def indicators_page(cycle: Cycle, stamp: Stamp) -> Page:
    """Shares, money and rates in all and by country; by month; by sub-category."""
    found = indicators(cycle)
    figures: Figures = {(one.name, one.scope, one.month): one.value for one in found}
    months = cycle.inputs.months[:HORIZON]
    money = _by_month(cycle, figures, ("working_capital", "lost_sales"), months, "cash", "plan")
    blocks = [
        _scores(cycle, figures, _with_lags(found), "share", "shares"),
        _scores(cycle, figures, RATES, "weeks", "rates"),
        _scores(cycle, figures, MONEY, "cash", "money"),
        money,
    ]
    past = sorted({one.month for one in found if one.name in SHARES and one.month is not None})[-MOST_MONTHS:]
    if past:
        measured = [name for name in SHARES if any((name, ALL_COUNTRIES, month) in figures for month in past)]
        blocks.append(_by_month(cycle, figures, measured, past, "share", "past"))
    blocks.append(_groups(cycle, figures))
    settings = cycle.inputs.settings
    lines = [said(cycle, "indicators.unit", early=f"{settings.early_days:g}", late=f"{settings.late_days:g}")]
    page = make_page(cycle, stamp, "indicators", lines, blocks, labels=1)
    top = page.first_row(3)
    last = top + len(months) - 1
    series = [
        Series(str(money.columns[column].header), (top, 0, last, 0), (top, column, last, column)) for column in (1, 2)
    ]
    chart = Chart(said(cycle, "indicators.chart"), settings.currency, series, top - 1, 4, width=760, height=290)
    return make_page(cycle, stamp, "indicators", lines, blocks, labels=1, charts=[chart])


def _with_lags(found: Sequence[Indicator]) -> list[str]:
    """The shares, each forecast's followed by those of the archive, the shortest lag first."""
    lags = {one.name for one in found if " lag " in one.name}
    names: list[str] = []
    for name in SHARES:
        own = [one for one in lags if one.startswith(f"{name} lag ")]
        names += [name, *sorted(own, key=lambda one: int(one.rsplit(" ", 1)[1]))]
    return names


def _scores(cycle: Cycle, figures: Figures, names: Sequence[str], kind: Kind, title: str) -> Block:
    """One row per indicator: in all, by country, what it means, where it is from."""
    countries = sorted(set(cycle.inputs.items["country"]))[:MOST_COUNTRIES]
    scopes = (ALL_COUNTRIES, *countries)
    columns = [Column(said(cycle, "indicators.indicator"), "long_text"), Column(said(cycle, "grand_total"), kind)]
    columns += [Column(country, kind) for country in countries]
    columns.append(Column(said(cycle, "indicators.meaning"), "any"))
    rows: list[list[object]] = []
    for name in names:
        values = [_latest(figures, name, scope, cycle.inputs.months[0]) for scope in scopes]
        measured = not np.isnan(values[0])
        shown: list[object] = [*_shown(values)]
        if not measured:
            shown[0] = said(cycle, "indicators.not_measured")
        rows.append([_name(cycle, name), *shown, _meaning(cycle, name, measured=measured)])
    return Block(columns, rows, said(cycle, f"indicators.{title}"))


def _latest(figures: Figures, name: str, scope: str, start: Month) -> float:
    """The figure of no month, or that of the current one."""
    return figures.get((name, scope, None), figures.get((name, scope, start), np.nan))


def _name(cycle: Cycle, name: str) -> str:
    plain, _, lag = name.partition(" lag ")
    text = said(cycle, f"indicators.name.{plain}")
    if not lag:
        return text
    ahead = said(cycle, "indicators.same_month") if lag == "0" else said(cycle, "indicators.lag", lag=lag)
    return f"{text}, {ahead}"


def _meaning(cycle: Cycle, name: str, *, measured: bool) -> str:
    plain, _, lag = name.partition(" lag ")
    key = f"{plain}_lag" if lag else plain
    told = said(cycle, f"indicators.meaning_of.{key}")
    needs = said(cycle, f"indicators.needs.{plain}")
    return told if measured else f"{told} {needs}"


def _by_month(
    cycle: Cycle, figures: Figures, names: Sequence[str], months: Sequence[Month], kind: Kind, title: str
) -> Block:
    """All countries, a row per month."""
    spoken = cycle.inputs.settings.language
    columns = [header(cycle, "month", "long_text"), *(Column(_name(cycle, name), kind) for name in names)]
    rows: list[list[object]] = [
        [month_name(month, spoken), *_shown([figures.get((name, ALL_COUNTRIES, month), np.nan) for name in names])]
        for month in months
    ]
    return Block(columns, rows, said(cycle, f"indicators.{title}"), gap=CHART_ROWS if title == "plan" else 0)


def _shown(values: Sequence[float]) -> list[float | None]:
    """Values, blank where they are not measured."""
    return [None if np.isnan(value) else value for value in values]


def _groups(cycle: Cycle, figures: Figures) -> Block:
    """By country and sub-category, those with most working capital first."""
    start = cycle.inputs.months[0]
    columns = [header(cycle, "country", "long_text"), header(cycle, "sub_category")]
    columns += [Column(said(cycle, f"indicators.name.{name}"), kind) for name, kind in _GROUPED]
    found: list[tuple[float, list[object]]] = []
    for country, sub_category in group(cycle.inputs.items, ("country", "sub_category")).keys:
        scope = scope_name(country, sub_category)
        months = [start if name == "working_capital" else None for name, _ in _GROUPED]
        values = [figures.get((name, scope, month), np.nan) for (name, _), month in zip(_GROUPED, months, strict=True)]
        found.append((values[0], [country, sub_category, *_shown(values)]))
    found.sort(key=lambda one: -one[0])
    rows = [row for _, row in found[:MOST_GROUPS]]
    left = [capital for capital, _ in found[MOST_GROUPS:]]
    if left:
        others = said(cycle, "indicators.others", count=len(left))
        rows.append([others, None, sum(left), *[None] * (len(_GROUPED) - 1)])
    months = [start if name == "working_capital" else None for name, _ in _GROUPED]
    shown = _shown(
        [figures.get((name, ALL_COUNTRIES, month), np.nan) for (name, _), month in zip(_GROUPED, months, strict=True)]
    )
    roles: dict[int, Role] = {len(rows): "total"}
    rows.append([said(cycle, "grand_total"), said(cycle, "total"), *shown])
    return Block(columns, rows, said(cycle, "indicators.groups"), roles=roles)
