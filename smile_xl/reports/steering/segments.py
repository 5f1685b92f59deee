"""Segments: the items by value and volatility, the policy proposed for each segment, and every item's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smile_xl.core import DEMAND_CLASSES, HORIZON, NO_DEMAND, WEEKS_PER_MONTH
from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.settings import numbers_text
from smile_xl.planning.steering.attributes import FLOWS
from smile_xl.planning.steering.segments import (
    LEAD_CLASSES,
    SEASONS,
    Segments,
    proposed_method,
    proposed_weeks,
    segments,
)
from smile_xl.reports.page import Block, Chart, Column, Kind, Page, Role, Series
from smile_xl.reports.parts import header, make_page, own, said
from smile_xl.reports.stamp import Stamp

LABELS = 3
"""Columns before the figures: country, SAP code, description of an item; or what a class is and means."""

MOST_ITEMS = 300
"""Items listed, the largest by value; the others are one row."""

CHART_ROWS = 17
"""Empty rows that make room for the charts below the matrix."""

CLASSES = ("A", "B", "C")
STEADINESS = ("X", "Y", "Z", NO_DEMAND)
NAMES = tuple(abc + xyz for abc in CLASSES for xyz in STEADINESS[:3])
"""The segments."""
DEMAND = (*DEMAND_CLASSES, NO_DEMAND)
YES_NO = ((True, "yes"), (False, "no"))


def segments_page(cycle: Cycle, stamp: Stamp) -> Page:
    """The matrix of value and volatility, the policy of each segment, other classes, and the items."""
    found = segments(cycle.inputs)
    proposed = proposed_weeks(cycle.inputs, found)
    blocks = [
        _matrix(cycle, found),
        _policies(cycle, found, proposed),
        _others(cycle, found),
        _items(cycle, found, proposed),
    ]
    settings, spoken = cycle.inputs.settings, cycle.inputs.settings.language
    cuts = {
        "abc": numbers_text([100 * cut for cut in settings.abc_cuts], spoken),
        "xyz": numbers_text(settings.volatility_cuts, spoken),
        "scope": said(cycle, f"segments.scope.{settings.abc_scope}"),
        "sheet": say("headers.sheet.questionnaire", spoken),
    }
    lines = [said(cycle, "segments.unit", **cuts), said(cycle, "segments.rule", **cuts)]
    page = make_page(cycle, stamp, "segments", lines, blocks, labels=1)
    return replace(page, charts=[_value_chart(cycle, page), _weeks_chart(cycle, page, blocks[1])])


def _labels(cycle: Cycle, *names: tuple[str, Kind]) -> list[Column]:
    """The first columns of a block."""
    return [own(cycle, name, kind) for name, kind in names]


def _matrix(cycle: Cycle, found: Segments) -> Block:
    """Items, tonnes and cash of a year: classes of value down, of volatility across."""
    tonnes = cycle.inputs.portfolio.demand[:, :HORIZON].sum(axis=1)
    measures: list[tuple[str, Kind, np.ndarray]] = [
        ("items", "whole", np.ones(len(tonnes))),
        ("tonnes_year", "tonnes", tonnes),
        ("cash_year", "cash", found.worth),
    ]
    columns = _labels(cycle, ("class", "text"), ("share_cash", "share"), ("meaning", "long_text"))
    bands, parts = [], []
    row, place = (np.searchsorted(names, of) for names, of in ((CLASSES, found.abc), (STEADINESS[:3], found.xyz)))
    place = np.where(found.xyz == NO_DEMAND, len(STEADINESS) - 1, place)
    for name, kind, values in measures:
        bands.append((said(cycle, f"segments.{name}"), len(columns), len(columns) + len(STEADINESS)))
        columns += [Column(_said_class(cycle, one), kind) for one in STEADINESS]
        columns.append(Column(said(cycle, "total"), kind))
        sums = np.zeros((len(CLASSES), len(STEADINESS)))
        np.add.at(sums, (row, place), values)
        parts.append(np.column_stack((sums, sums.sum(axis=1))))
    figures = np.hstack(parts)
    figures = np.vstack((figures, figures.sum(axis=0)))
    total = float(figures[-1, -1])
    shares = (figures[:, -1] / total if total else figures[:, -1] * 0.0).tolist()
    names = [*CLASSES, said(cycle, "total")]
    low, high = (_percent(cut, cycle.inputs.settings.language) for cut in cycle.inputs.settings.abc_cuts)
    meanings = [*(said(cycle, f"segments.class.{name}", low=low, high=high) for name in CLASSES), None]
    rows: list[list[object]] = [list(line) for line in zip(names, shares, meanings, *figures.T.tolist(), strict=True)]
    return Block(columns, rows, said(cycle, "segments.matrix"), bands, {len(rows) - 1: "total"}, gap=CHART_ROWS)


def _said_class(cycle: Cycle, name: str) -> str:
    return said(cycle, "no_demand") if name == NO_DEMAND else name


def _policies(cycle: Cycle, found: Segments, proposed: np.ndarray) -> Block:
    """What the method proposes for each segment, beside the covers that hold today."""
    inputs, answers = cycle.inputs, cycle.inputs.steering.answers
    kinds: list[tuple[str, Kind]] = [
        ("items", "whole"), ("held", "whole"), ("service", "share"), ("method", "text"), ("weeks_now", "weeks"),
        ("weeks_proposed", "weeks"), ("change_t", "tonnes"), ("change_cash", "cash"), ("at_limit", "whole"),
    ]  # fmt: skip
    columns = _labels(cycle, ("segment", "text"), ("owner", "text"), ("rule", "long_text"))
    columns += [own(cycle, name, kind) for name, kind in kinds]
    monthly = inputs.portfolio.demand[:, :HORIZON].mean(axis=1)
    now = inputs.portfolio.weeks_cover
    held = ~np.isnan(proposed)
    limited = held & (proposed >= answers.longest_cover)
    rows: list[list[object]] = []
    changes = np.zeros(2)
    for name in NAMES:
        here = found.segment == name
        stocked = here & held
        change = np.where(stocked, (proposed - now) * monthly / WEEKS_PER_MONTH, 0.0)
        change_of = np.array([change.sum(), (change * inputs.unit_cost).sum()])
        changes += change_of
        weeks = [_mean(values[stocked], monthly[stocked]) for values in (now, proposed)]
        rule = "none" if not here.any() else "demand" if name == "CZ" and not answers.stock_cz else name[1]
        owner = answers.owner(name[0]) or said(cycle, "segments.no_owner")
        method = said(cycle, f"segments.method.{proposed_method(name)}")
        counts = [float(here.sum()), float(stocked.sum()), answers.service(name[0])]
        figures = [*weeks, *change_of.tolist(), float((here & limited).sum())]
        rows.append([name, owner, said(cycle, f"segments.policy.{rule}"), *counts, method, *figures])
    total = [float((found.xyz != NO_DEMAND).sum()), float(held.sum()), None, None, None, None, *changes.tolist()]
    rows.append([said(cycle, "total"), None, None, *total, float(limited.sum())])
    return Block(columns, rows, said(cycle, "segments.policies"), roles={len(rows) - 1: "total"})


def _mean(values: np.ndarray, weights: np.ndarray) -> float | None:
    """Mean by tonnes; None of nothing."""
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else None


def _others(cycle: Cycle, found: Segments) -> Block:
    """Items, tonnes and cash of a year by each other class."""
    inputs = cycle.inputs
    tonnes = inputs.portfolio.demand[:, :HORIZON].sum(axis=1)
    flags = {True: said(cycle, "segments.yes"), False: said(cycle, "segments.no")}
    flow = np.array(inputs.steering.attributes.flow, dtype=object)
    strategic = inputs.steering.attributes.strategic
    parts: list[tuple[str, list[tuple[str, str, np.ndarray]]]] = [
        ("flow", [(_flow(cycle, name), f"flow.{name}", flow == name) for name in FLOWS]),
        ("demand_class", _classes(cycle, "demand", DEMAND, found.demand_class)),
        ("season", _classes(cycle, "season", SEASONS, found.season)),
        ("lead_class", _classes(cycle, "lead", LEAD_CLASSES, found.lead_class)),
        ("strategic", [(flags[flag], f"strategic.{key}", strategic == flag) for flag, key in YES_NO]),
    ]
    leads = {"medium": inputs.steering.answers.medium_lead, "long": inputs.steering.answers.long_lead}
    weeks = {name: numbers_text([number], inputs.settings.language) for name, number in leads.items()}
    columns = _labels(cycle, ("attribute", "text"), ("class", "text"), ("meaning", "long_text"))
    kinds: list[tuple[str, Kind]] = [("items", "whole"), ("tonnes", "tonnes"), ("cash", "cash")]
    kinds.append(("share_cash", "share"))
    columns += [own(cycle, name, kind) for name, kind in kinds]
    total = float(found.worth.sum())
    rows: list[list[object]] = []
    for attribute, of in parts:
        for name, key, here in of:
            meaning = said(cycle, f"segments.meaning.{key}", **weeks)
            cash = float(found.worth[here].sum())
            share = cash / total if total else 0.0
            title = said(cycle, f"column.{attribute}")
            rows.append([title, name, meaning, float(here.sum()), float(tonnes[here].sum()), cash, share])
    return Block(columns, rows, said(cycle, "segments.others"))


def _classes(cycle: Cycle, topic: str, names: Sequence[str], of: np.ndarray) -> list[tuple[str, str, np.ndarray]]:
    """Each class as it is said, the key of its meaning, and the items in it."""
    return [(_named(cycle, topic, name), f"{topic}.{name.replace(' ', '_')}", of == name) for name in names]


def _items(cycle: Cycle, found: Segments, proposed: np.ndarray) -> Block:
    """The largest items with their classes; the others are one row, so that the value adds up."""
    inputs = cycle.inputs
    kinds: list[tuple[str, Kind]] = [
        ("flow", "text"), ("segment", "text"), ("value_year", "cash"), ("share_cash", "share"), ("volatility", "cost"),
        ("demand_class", "text"), ("adi", "cost"), ("cv2", "cost"), ("basis", "text"), ("season", "text"),
        ("strength", "share"), ("lead_time", "weeks"), ("lead_class", "text"), ("strategic", "text"),
        ("weeks_now", "weeks"), ("weeks_proposed", "weeks"),
    ]  # fmt: skip
    columns = [header(cycle, name) for name in ("country", "sap_code", "description")]
    columns += [own(cycle, name, kind) for name, kind in kinds]
    keys = inputs.items[["country", "sap_code", "description"]]
    ranked = np.argsort(-found.worth, kind="stable")
    shown, rest = ranked[:MOST_ITEMS], ranked[MOST_ITEMS:]
    total = float(found.worth.sum())
    attributes = inputs.steering.attributes
    texts = keys.to_numpy()
    flags = {True: said(cycle, "segments.yes"), False: said(cycle, "segments.no")}
    rows: list[list[object]] = [
        [
            *texts[item].tolist(),
            _flow(cycle, attributes.flow[item]),
            _said_class(cycle, str(found.segment[item])),
            float(found.worth[item]),
            float(found.worth[item]) / total if total else 0.0,
            _number(found.volatility[item]),
            _named(cycle, "demand", str(found.demand_class[item])),
            _number(found.interval[item]),
            _number(found.variation[item]),
            _named(cycle, "basis", str(found.basis[item])),
            _named(cycle, "season", str(found.season[item])),
            _number(found.strength[item]),
            float(found.lead_time[item]),
            _named(cycle, "lead", str(found.lead_class[item])),
            flags[bool(attributes.strategic[item])],
            float(inputs.portfolio.weeks_cover[item]),
            _number(proposed[item]),
        ]
        for item in shown.tolist()
    ]
    if len(rest):
        cash = float(found.worth[rest].sum())
        share = cash / total if total else 0.0
        rows.append([said(cycle, "others", count=len(rest)), None, None, None, None, cash, share])
    roles: dict[int, Role] = {len(rows): "total"}
    rows.append([said(cycle, "grand_total"), None, None, None, None, total, 1.0 if total else 0.0])
    rows = [[*line, *[None] * (len(columns) - len(line))] for line in rows]
    return Block(columns, rows, said(cycle, "segments.items_title"), roles=roles, filtered=True)


def _flow(cycle: Cycle, flow: str) -> str:
    return say(f"headers.value.{flow}", cycle.inputs.settings.language)


def _named(cycle: Cycle, topic: str, name: str) -> str:
    return said(cycle, f"segments.{topic}.{name.replace(' ', '_')}")


def _percent(share: float, spoken: Language) -> str:
    return f"{share:.0%}".replace("%", " %" if spoken == "fr" else "%")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _value_chart(cycle: Cycle, page: Page) -> Chart:
    """Cash of a year by class of value, divided by volatility."""
    top = page.first_row()
    last = top + len(CLASSES) - 1
    first = LABELS + 2 * (len(STEADINESS) + 1)
    series = [
        Series(_said_class(cycle, name), (top, 0, last, 0), (top, first + place, last, first + place))
        for place, name in enumerate(STEADINESS)
    ]
    below = last + 3
    return Chart(said(cycle, "segments.chart"), cycle.inputs.settings.currency, series, below, 0, "stacked", 520, 300)


def _weeks_chart(cycle: Cycle, page: Page, policies: Block) -> Chart:
    """Weeks of cover by segment, today and as proposed."""
    top = page.first_row(1)
    last = top + len(NAMES) - 1
    now = LABELS + 4
    series = [
        Series(str(policies.columns[column].header), (top, 0, last, 0), (top, column, last, column))
        for column in (now, now + 1)
    ]
    below = page.first_row() + len(CLASSES) + 2
    title, unit = said(cycle, "segments.weeks_chart"), said(cycle, "availability.weeks")
    return Chart(title, unit, series, below, LABELS, "column", 520, 300)
