"""Matching: the proposed opportunities with a column to accept them in, and what they gain over the usual choice."""

from __future__ import annotations

import numpy as np

from smile_xl.core import DSR_MONTHS
from smile_xl.core.checks import Array
from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import group
from smile_xl.planning.months import month_name
from smile_xl.planning.steering.matching import Cover, Matching, match
from smile_xl.reports.page import Block, Chart, Column, Kind, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, own, said
from smile_xl.reports.stamp import Stamp

MOST_LINES = 300
"""Lines that the page lists; the rest is one row."""

CHART_ROWS = 9
"""Empty rows that make room for the chart."""

TRACE = 0.5
"""Money under which a risk is a trace of rounding."""


def matching(cycle: Cycle, stamp: Stamp) -> Page:
    """What the best lines cover by month, each line, and the risk before and after by country and sub-category."""
    return matching_page(cycle, match(cycle), stamp)


def matching_page(cycle: Cycle, found: Matching, stamp: Stamp) -> Page:
    """The same of a matching that was made already."""
    blocks = [_months(cycle, found), _lines(cycle, found), _groups(cycle, found)]
    sheet = say("headers.sheet.opportunities", cycle.inputs.settings.language)
    lines = [
        said(cycle, "matching.unit", sheet=sheet),
        _rules(cycle),
        *matching_text(cycle, found, cycle.inputs.settings.language),
    ]
    top = make_page(cycle, stamp, "matching", lines, blocks, labels=1).first_row()
    months = (top, 0, top + DSR_MONTHS - 1, 0)
    series = [
        Series(said(cycle, f"matching.{name}"), months, (top, column, top + DSR_MONTHS - 1, column))
        for name, column in (("before", 4), ("after", 6))
    ]
    title, unit = said(cycle, "matching.chart"), cycle.inputs.settings.currency
    chart = Chart(title, unit, series, row=top - 2, column=10, width=520, height=250)
    return make_page(cycle, stamp, "matching", lines, blocks, labels=1, charts=[chart])


def matching_text(cycle: Cycle, found: Matching, spoken: Language) -> list[str]:
    """What the lines cover, what they gain over the usual choice, and how good they are."""
    risk = float(found.open_risk.sum(axis=1) @ cycle.inputs.landed_cost)
    covered = float(found.optimal.cash.sum())
    if not len(found.optimal):
        return [_words(cycle, spoken, "nothing" if risk > TRACE else "no_risk")]
    amounts = {"covered": covered, "risk": risk, "cost": float(found.optimal.cost.sum()), "gain": found.gain}
    shown = {name: money(value, spoken) for name, value in amounts.items()}
    share = _percent(np.floor(1000 * found.optimal.value / found.most) / 1000 if found.most else 1.0, spoken)
    told = (
        _words(cycle, spoken, "covers", lines=len(found.optimal), share=_percent(covered / risk, spoken), **shown),
        _words(cycle, spoken, "proved" if found.is_proved else "bounded", share=share),
        _words(cycle, spoken, "gain" if found.gain > TRACE else "no_gain", **shown),
    )
    return [" ".join(told)]


def _words(cycle: Cycle, spoken: Language, key: str, **values: object) -> str:
    return say(f"reports.matching.{key}", spoken, currency=cycle.inputs.settings.currency, **values)


def _rules(cycle: Cycle) -> str:
    return said(cycle, "matching.keeps" if cycle.inputs.settings.keep_safety else "matching.gives_all")


def money(number: float, spoken: Language) -> str:
    """An amount as a sentence shows it."""
    text = f"{number:,.0f}"
    return text.replace(",", "\u202f") if spoken == "fr" else text


def _percent(share: float, spoken: Language) -> str:
    return f"{share * 100:.1f}".replace(".", ",") + "\u00a0%" if spoken == "fr" else f"{share:.1%}"


def _cash(cycle: Cycle, tonnes: Array) -> Array:
    return np.asarray(tonnes * cycle.inputs.landed_cost[:, np.newaxis])


def _months(cycle: Cycle, found: Matching) -> Block:
    """All countries: risk before, what is covered, risk after, and the same for the usual choice."""
    items = len(cycle.inputs.items)
    columns = [header(cycle, "month"), *[Column("", "text")] * 3]
    columns += [own(cycle, name, "cash") for name in ("risk", "covered", "net", "moving", "covered_usual")]
    risk, covered, usual = (
        _cash(cycle, tonnes).sum(axis=0)
        for tonnes in (found.open_risk, found.optimal.covered(items), found.greedy.covered(items))
    )
    cost = np.bincount(found.optimal.month, weights=found.optimal.cost, minlength=DSR_MONTHS)
    figures = np.column_stack((risk, covered, risk - covered, cost, usual))
    spoken = cycle.inputs.settings.language
    rows: list[list[object]] = [
        [month_name(month, spoken), None, None, None, *line]
        for month, line in zip(cycle.inputs.months, figures.tolist(), strict=False)
    ]
    rows.append([said(cycle, "total"), None, None, None, *figures.sum(axis=0).tolist()])
    return Block(columns, rows, said(cycle, "matching.months"), roles={DSR_MONTHS: "total"}, gap=CHART_ROWS)


def _lines(cycle: Cycle, found: Matching) -> Block:
    """The lines, the most valuable first, with a column to accept them in; marks of the same lines stay."""
    inputs, cover = cycle.inputs, found.optimal
    spoken = inputs.settings.language
    yes, no = (say(f"headers.value.{name}", spoken) for name in ("yes", "no"))
    columns = [own(cycle, "line", "whole"), header(cycle, "month", "month"), header(cycle, "country")]
    columns += [header(cycle, "risk_code"), own(cycle, "risk_name", "long_text"), header(cycle, "donor_country")]
    columns += [header(cycle, "donor_code"), own(cycle, "donor_name", "long_text"), header(cycle, "tonnes", "tonnes")]
    columns += [own(cycle, "cash", "cash"), own(cycle, "moving", "cash")]
    columns.append(Column(str(header(cycle, "accept").header), "text", is_input=True, choices=(yes, no)))
    texts = inputs.items[["country", "sap_code", "description"]].to_numpy(dtype=object)
    accepted = {(one.month, one.risk, one.donor): one for one in inputs.steering.shown if one.accepted}
    rows: list[list[object]] = []
    for place in range(min(len(cover), MOST_LINES)):
        month, risk, donor = inputs.months[cover.month[place]], int(cover.risk[place]), int(cover.donor[place])
        tonnes = float(cover.tonnes[place])
        mark = accepted.get((month, risk, donor))
        answer = yes if mark and mark.is_line(month, risk, donor, tonnes) else None
        money = float(cover.cash[place]), float(cover.cost[place])
        rows.append([float(place + 1), month, *texts[risk], *texts[donor], tonnes, *money, answer])
    roles: dict[int, Role] = {}
    if len(cover) > MOST_LINES:
        rest = said(cycle, "matching.others", count=len(cover) - MOST_LINES)
        rows.append([None, None, rest, *[None] * 5, *(_sum(column[MOST_LINES:]) for column in _amounts(cover)), None])
    if rows:
        roles[len(rows)] = "total"
        rows.append([None, None, said(cycle, "total"), *[None] * 5, *map(_sum, _amounts(cover)), None])
    else:
        rows.append([None, None, said(cycle, "matching.none")])
    return Block(columns, rows, said(cycle, "matching.lines"), roles=roles)


def _amounts(cover: Cover) -> tuple[Array, Array, Array]:
    return cover.tonnes, cover.cash, cover.cost


def _sum(numbers: Array) -> float:
    return float(numbers.sum())


def _groups(cycle: Cycle, found: Matching) -> Block:
    """Risk before, covered and after by country and sub-category, where there is a risk."""
    items = len(cycle.inputs.items)
    groups = group(cycle.inputs.items, ("country", "sub_category"))
    risk, covered = found.open_risk.sum(axis=1), found.optimal.covered(items).sum(axis=1)
    landed = cycle.inputs.landed_cost
    columns = [header(cycle, "country"), header(cycle, "sub_category"), Column("", "text"), Column("", "text")]
    kinds: list[tuple[str, Kind]] = [("tonnes", "tonnes"), ("cash", "cash")]
    columns += [own(cycle, name, kind) for _, kind in kinds for name in ("risk", "covered", "net")]
    bands = [(said(cycle, f"matching.{name}"), 4 + 3 * place, 6 + 3 * place) for place, (name, _) in enumerate(kinds)]
    parts = [groups.sum(part * worth) for worth in (1.0, landed) for part in (risk, covered, risk - covered)]
    figures = np.column_stack(parts)
    rows: list[list[object]] = []
    roles: dict[int, Role] = {}
    marks: dict[tuple[int, int], Mark] = {}
    at_risk = figures[:, 3] > TRACE
    for country in dict.fromkeys(key[0] for key in groups.keys):
        places = [place for place, key in enumerate(groups.keys) if key[0] == country and at_risk[place]]
        if not places:
            continue
        for place in places:
            if figures[place, 5] > TRACE:
                marks[len(rows), 9] = "risk"
            rows.append([*groups.keys[place], None, None, *figures[place].tolist()])
        roles[len(rows)] = "subtotal"
        rows.append([country, said(cycle, "total"), None, None, *figures[places].sum(axis=0).tolist()])
    roles[len(rows)] = "total"
    totals = figures.sum(axis=0).tolist()
    rows.append([said(cycle, "grand_total"), said(cycle, "total"), None, None, *totals])
    return Block(columns, rows, said(cycle, "matching.groups"), bands, roles, marks)
