"""Gaps: stock against target by country and sub-category, by driver and by month, and against the last projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smile_xl.language import say
from smile_xl.planning.bridge import Bridge
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.drivers import DRIVERS
from smile_xl.planning.months import month_name
from smile_xl.planning.steering.causes import cause_of
from smile_xl.planning.steering.gaps import GAP_DRIVERS, TOTAL, Gaps, bridge_from_last, find_gaps
from smile_xl.reports.page import Block, Chart, Column, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, said
from smile_xl.reports.stamp import Stamp

UNEXPLAINED = 0.1
"""Share of its target from which a gap without a cause is amber."""

TRACE = 5e-3
"""Currency under which a figure is a trace of rounding."""

GAP_COLUMN = 5
"""Column of the gap in the table of the last closed month."""

CHART_ROWS = 17
"""Empty rows that make room for the chart."""


def gaps(cycle: Cycle, stamp: Stamp) -> Page:
    """The present gaps, largest first, with cause and comment; every month; what the last cycle had projected."""
    found, last = find_gaps(cycle), bridge_from_last(cycle)
    blocks = [_months(cycle, found), _now(cycle, found)]
    spoken = cycle.inputs.settings.language
    lines = [
        _said(cycle, "unit", first=month_name(found.months[0], spoken)),
        _said(cycle, "target"),
        _said(cycle, "write", sheet=say("headers.sheet.gap_causes", spoken)),
    ]
    if found.projected is not None and cycle.last is not None:
        then = month_name(cycle.last.said.start, spoken)
        lines.append(_said(cycle, "since", first=month_name(found.months[0], spoken), then=then))
    if last is None:
        lines.append(_said(cycle, "no_last"))
    else:
        blocks.append(_last(cycle, last))
    page = make_page(cycle, stamp, "gaps", lines, blocks, labels=2)
    top, count = page.first_row(), len(GAP_DRIVERS)
    series = [Series(month_name(found.months[0], spoken), (top, 0, top + count - 1, 0), (top, 2, top + count - 1, 2))]
    chart = Chart(
        _said(cycle, "chart", first=month_name(found.months[0], spoken)),
        *(cycle.inputs.settings.currency, series, top + len(blocks[0].rows) + 1, 0),
        width=760,
        height=320,
        least=_axis_start(found),
    )
    return make_page(cycle, stamp, "gaps", lines, blocks, labels=2, charts=[chart])


def _said(cycle: Cycle, key: str, **values: object) -> str:
    settings = cycle.inputs.settings
    return say(f"governance.gaps.{key}", settings.language, currency=settings.currency, **values)


def _axis_start(found: Gaps) -> float:
    """Where the axis begins: a round figure under the most negative driver."""
    lowest = min(float(found.terms[driver][:, 0].sum()) for driver in GAP_DRIVERS)
    if lowest > -TRACE:
        return 0.0
    unit = 10.0 ** np.floor(np.log10(-lowest))
    return float(np.floor(lowest / unit) * unit)


def _shown(values: np.ndarray) -> list[float]:
    """Figures without traces of rounding, which would be shown as -0."""
    shown: list[float] = np.where(np.abs(values) < TRACE, 0.0, values).tolist()
    return shown


def _now(cycle: Cycle, found: Gaps) -> Block:
    """The last closed month by country and sub-category, ranked by the size of the gap."""
    columns = [header(cycle, "country"), header(cycle, "sub_category")]
    columns += [Column(_said(cycle, f"column.{name}"), "cash") for name in ("projected", "stock", "target", "gap")]
    columns += [Column(_said(cycle, f"driver.{driver}"), "cash") for driver in GAP_DRIVERS]
    columns += [header(cycle, "cause"), header(cycle, "comment", "long_text")]
    parts = (found.stock, found.target, found.gap, *(found.terms[driver] for driver in GAP_DRIVERS))
    figures = np.column_stack([values[:, 0] for values in parts])
    projected: list[float] | list[None] = [None] * len(figures)
    if found.projected is not None:
        projected = _shown(found.projected)
    rows: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    spoken, start = cycle.inputs.settings.language, cycle.inputs.months[0]
    for place in np.argsort(-np.abs(figures[:, 2]), kind="stable"):
        key = found.groups.keys[place]
        cause = cause_of(cycle.inputs.steering.causes, start, key[0], key[1])
        name = say(f"headers.cause.{cause.cause}", spoken) if cause and cause.cause else None
        if name is None and abs(figures[place, 2]) > UNEXPLAINED * figures[place, 1]:
            marks[len(rows), GAP_COLUMN] = "warning"
        rows.append([*key, projected[place], *_shown(figures[place]), name, cause.comment if cause else None])
    roles: dict[int, Role] = {len(rows): "total"}
    then = None if found.projected is None else float(found.projected.sum())
    sums = _shown(figures.sum(axis=0))
    rows.append([said(cycle, "grand_total"), said(cycle, "total"), then, *sums, None, None])
    title = _said(cycle, "now", first=month_name(found.months[0], spoken))
    return Block(columns, rows, title, roles=roles, marks=marks, filtered=True)


def _months(cycle: Cycle, found: Gaps) -> Block:
    """All countries: every driver, and the gap that they add up to, for each month."""
    columns = [Column(_said(cycle, f"column.{name}"), "text") for name in ("step", "meaning")]
    columns += [Column(month, "cash") for month in found.months]
    sums = {**found.terms, TOTAL: found.gap}
    rows: list[list[object]] = [
        [_said(cycle, f"driver.{name}"), _said(cycle, f"meaning.{name}"), *_shown(sums[name].sum(axis=0))]
        for name in (*GAP_DRIVERS, TOTAL)
    ]
    return Block(columns, rows, _said(cycle, "months"), roles={len(rows) - 1: "total"}, gap=CHART_ROWS)


def _last(cycle: Cycle, found: Bridge) -> Block:
    """What the last cycle projected for the end of this month, and the drivers that have moved it since."""
    spoken = cycle.inputs.settings.language
    columns = [header(cycle, "country"), header(cycle, "sub_category")]
    columns += [Column(_said(cycle, f"column.{name}"), "cash") for name in ("before", "after", "change")]
    moving = [driver for driver in DRIVERS if (np.abs(found.terms[driver][:, 0]) > TRACE).any()]
    columns += [Column(say(f"headers.driver.{driver}", spoken), "cash") for driver in moving]
    parts: Sequence[np.ndarray] = (found.before, found.after, found.change, *(found.terms[one] for one in moving))
    figures = np.column_stack([values[:, 0] for values in parts])
    order = np.argsort(-np.abs(figures[:, 2]), kind="stable")
    rows: list[list[object]] = [[*found.keys[place], *_shown(figures[place])] for place in order]
    rows.append([said(cycle, "grand_total"), said(cycle, "total"), *_shown(figures.sum(axis=0))])
    names = {"month": month_name(found.months[0], spoken), "then": month_name(found.then, spoken)}
    return Block(columns, rows, _said(cycle, "last", **names), roles={len(rows) - 1: "total"})
