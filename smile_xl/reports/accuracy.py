"""Forecast error and bias by lag: the blocks of the page Bridge, and the sentences of the command."""

from __future__ import annotations

import math
from collections.abc import Callable

from smile_xl.language import Language, say
from smile_xl.planning.accuracy import Accuracy, Measure, measures
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.group_rows import ALL_COUNTRIES, TOTAL
from smile_xl.reports.page import Block, Column, Role
from smile_xl.reports.parts import header

LAGS = 6
"""Months ahead that the page shows by country and sub-category."""


def accuracy_blocks(cycle: Cycle, found: Accuracy) -> list[Block]:
    """All countries by lag with tonnes, then error and bias of every group; none where nothing is measured."""
    every = measures(found)
    return [_by_lag(cycle, every), _by_group(cycle, every)] if every else []


def accuracy_lines(found: Accuracy, spoken: Language) -> list[str]:
    """Where the demand that came is from, and how far off the forecast was at each lag."""
    every = measures(found)
    if not every:
        return [say("accuracy.none", spoken, cycles=len(found.cycles))]
    lines = [say("accuracy.meaning", spoken), say(f"accuracy.source_{found.source}", spoken)]
    lines += [say("accuracy.sentence", spoken, **_shown(one, spoken)) for one in _totals(every)]
    worst = _worst(every)
    if worst is not None:
        lines.append(say("accuracy.worst", spoken, **_shown(worst, spoken)))
    return lines


def _worst(every: list[Measure]) -> Measure | None:
    """The country and sub-category that was missed by most tonnes, one month ahead where that is measured."""
    lags = sorted({one.lag for one in every})
    lag = 1 if 1 in lags else lags[0]
    groups = [one for one in every if one.lag == lag and one.sub_category != TOTAL and one.actual > 0]
    return max(groups, key=lambda one: one.error, default=None)


def _totals(every: list[Measure]) -> list[Measure]:
    return [one for one in every if one.country == ALL_COUNTRIES]


def _by_lag(cycle: Cycle, every: list[Measure]) -> Block:
    columns = [
        Column(_said(cycle, "column.lag"), "whole"),
        Column(_said(cycle, "column.months"), "whole"),
        *(Column(_said(cycle, f"column.{name}"), "tonnes") for name in ("actual", "forecast", "error")),
        *(Column(_said(cycle, f"column.{name}"), "share") for name in ("wmape", "bias")),
    ]
    rows = [
        [one.lag, one.months, one.actual, one.forecast, one.error, *(_cell(cycle, one, name) for name in _MEASURES)]
        for one in _totals(every)
    ]
    return Block(columns, rows, _said(cycle, "title"))


def _by_group(cycle: Cycle, every: list[Measure]) -> Block:
    lags = sorted({one.lag for one in every})[:LAGS]
    found = {(one.country, one.sub_category, one.lag): one for one in every}
    keys = list(dict.fromkeys((one.country, one.sub_category) for one in every))
    ahead = [Column(_said(cycle, "column.ahead", lag=lag), "share") for lag in lags]
    columns = [header(cycle, "country"), header(cycle, "sub_category"), *ahead, *ahead]
    rows: list[list[object]] = []
    roles: dict[int, Role] = {}
    for key in keys:
        if key[1] == TOTAL:
            roles[len(rows)] = "total" if key[0] == ALL_COUNTRIES else "subtotal"
        cells = [_cell(cycle, found.get((*key, lag)), name) for name in _MEASURES for lag in lags]
        rows.append([*_named(cycle, key), *cells])
    bands = [
        (_said(cycle, f"column.{name}"), 2 + place * len(lags), 1 + (place + 1) * len(lags))
        for place, name in enumerate(_MEASURES)
    ]
    return Block(columns, rows, _said(cycle, "groups"), bands=bands, roles=roles)


_MEASURES: dict[str, Callable[[Measure], float]] = {"wmape": lambda one: one.wmape, "bias": lambda one: one.bias}


def _named(cycle: Cycle, key: tuple[str, str]) -> tuple[str, str]:
    """A group as the page names it."""
    spoken = cycle.inputs.settings.language
    country = say("reports.grand_total", spoken) if key[0] == ALL_COUNTRIES else key[0]
    return country, say("reports.total", spoken) if key[1] == TOTAL else key[1]


def _cell(cycle: Cycle, one: Measure | None, name: str) -> object:
    if one is None:
        return None
    value = _MEASURES[name](one)
    return _said(cycle, "no_demand") if math.isnan(value) else value


def _shown(one: Measure, spoken: Language) -> dict[str, object]:
    values = {"wmape": _share(one.wmape, spoken), "bias": _share(one.bias, spoken, signed=True)}
    tonnes = f"{one.actual:,.0f}"
    values["actual"] = tonnes.replace(",", "\u202f") if spoken == "fr" else tonnes
    return {**vars(one), **values}


def _share(value: float, spoken: Language, *, signed: bool = False) -> str:
    if math.isnan(value):
        return say("accuracy.no_demand", spoken)
    text = f"{value:+.1%}" if signed else f"{value:.1%}"
    return text.replace(".", ",").replace("%", "\u202f%") if spoken == "fr" else text


def _said(cycle: Cycle, key: str, **values: object) -> str:
    return say(f"accuracy.{key}", cycle.inputs.settings.language, **values)
