"""Item targets: the stock of every item against its target, and the rules that gave the targets."""

from __future__ import annotations

import numpy as np

from smile_xl.core import AVAILABILITY_MONTHS
from smile_xl.core.checks import Array
from smile_xl.core.units import NOISE
from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import Groups, group
from smile_xl.planning.months import month_name
from smile_xl.planning.steering.resolve import NO_RULE
from smile_xl.planning.steering.targets import (
    BUILT_IN,
    STATES,
    ItemTargets,
    item_targets,
    rule_names,
    state_of,
    stock_path,
)
from smile_xl.reports.page import Block, Chart, Column, Kind, Mark, Page, Role, Series
from smile_xl.reports.parts import header, make_page, month_columns, said
from smile_xl.reports.stamp import Stamp

LISTED = 200
"""Items that the page lists; the rest is summed in one row."""

PATH_MONTHS = AVAILABILITY_MONTHS - 1
"""Month ends that the page looks at, as many as Availability does."""

KEY = "item_targets"


def targets(cycle: Cycle, stamp: Stamp) -> Page:
    """Stock against target by country, the rules with their reviews, and the items with the largest gaps."""
    spoken = cycle.inputs.settings.language
    found, stock = item_targets(cycle), stock_path(cycle)
    month = month_name(cycle.inputs.months[0], spoken)
    lines = [_said(cycle, "unit", sheet=say("headers.sheet.policies", spoken), month=month)]
    blocks = [_countries(cycle, found, stock), _rules(cycle, found, stock), _items(cycle, found, stock)]
    top = make_page(cycle, stamp, KEY, lines, blocks, labels=2).first_row()
    last = top + len(blocks[0].rows) - 2
    series = [
        Series(str(blocks[0].columns[column].header), (top, 0, last, 0), (top, column, last, column))
        for column in (3, 4)
    ]
    unit = cycle.inputs.settings.currency
    chart = Chart(_said(cycle, "chart"), unit, series, row=top - 2, column=9, height=240, width=460)
    return make_page(cycle, stamp, KEY, lines, blocks, labels=2, charts=[chart])


def _said(cycle: Cycle, name: str, **values: object) -> str:
    return said(cycle, f"{KEY}.{name}", **values)


def _own(cycle: Cycle, name: str, kind: Kind) -> Column:
    return Column(_said(cycle, f"column.{name}"), kind)


def _gap(found: ItemTargets, stock: Array) -> Array:
    """Stock less target at each moment, NaN where there is no target, shape (items, 13), t."""
    gap = stock - found.goal
    return np.where(np.abs(gap) <= NOISE * np.maximum(stock, found.goal), 0.0, gap)  # never -0.0 of rounding


def _cash(cycle: Cycle, tonnes: Array) -> Array:
    """Tonnes at the unit cost, those of items without target as 0."""
    return np.asarray(np.nan_to_num(tonnes) * cycle.inputs.unit_cost)


def _countries(cycle: Cycle, found: ItemTargets, stock: Array) -> Block:
    groups = group(cycle.inputs.items, ("country",))
    state = state_of(stock, found, 0)
    counts = [groups.sum((state == STATES.index(name)).astype(np.float64)) for name in STATES[:2]]
    figures = np.column_stack(
        (
            groups.sum(np.ones(len(state))),
            groups.sum(_cash(cycle, found.goal[:, 0])),
            groups.sum(_cash(cycle, np.where(np.isnan(found.goal[:, 0]), 0.0, stock[:, 0]))),
            groups.sum(_cash(cycle, _gap(found, stock)[:, 0])),
            *counts,
        )
    )
    kinds: list[tuple[str, Kind]] = [
        ("items", "whole"),
        ("largest", "long_text"),
        ("goal_cash", "cash"),
        ("stock_cash", "cash"),
        ("gap_cash", "cash"),
        ("under_minimum", "whole"),
        ("over_maximum", "whole"),
    ]
    columns = [header(cycle, "country"), *(_own(cycle, name, kind) for name, kind in kinds)]
    sizes = np.abs(_cash(cycle, _gap(found, stock)[:, 0]))
    items = cycle.inputs.items[["sap_code", "description"]].to_numpy(dtype=object)
    values: list[list[object]] = []
    for place, (key, (count, *line)) in enumerate(zip(groups.keys, figures.tolist(), strict=True)):
        largest = int(np.where(groups.of_item == place, sizes, -1.0).argmax())
        values.append([key[0], count, " ".join(filter(None, items[largest])), *line])
    marks: dict[tuple[int, int], Mark] = {(row, 6): "risk" for row in np.flatnonzero(figures[:, 4] > 0).tolist()}
    marks |= {(row, 7): "warning" for row in np.flatnonzero(figures[:, 5] > 0).tolist()}
    count, *sums = figures.sum(axis=0).tolist()
    values.append([said(cycle, "grand_total"), count, None, *sums])
    return Block(columns, values, _said(cycle, "countries"), roles={len(values) - 1: "total"}, marks=marks, gap=6)


def _rules(cycle: Cycle, found: ItemTargets, stock: Array) -> Block:
    """Every rule of the table, also one that holds for no item now, then what holds for the items without a rule."""
    settings, month = cycle.inputs.settings, cycle.inputs.months[0]
    rules = cycle.inputs.steering.policies.rules
    columns = [header(cycle, "owner"), header(cycle, "unit"), header(cycle, "rule", "long_text")]
    columns += [_own(cycle, "state", "text"), _own(cycle, "due", "date")]
    columns += [header(cycle, name, "cost") for name in ("minimum", "goal", "maximum")]
    columns += [header(cycle, name, "date") for name in ("valid_from", "valid_to", "reviewed")]
    columns.append(_own(cycle, "items", "whole"))
    columns += [_own(cycle, name, "cash") for name in ("goal_cash", "stock_cash")]
    source = np.where(found.rule == NO_RULE, len(rules) + found.built_in, found.rule)
    sums = Groups([()] * (len(rules) + len(BUILT_IN)), source).sum(
        np.column_stack((np.ones(len(source)), *(_cash(cycle, part[:, 0]) for part in (found.goal, stock))))
    )
    values: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for rule, line in zip(rules, sums.tolist(), strict=False):
        state = rule.state(month, settings.review_months)
        if state == "overdue":
            marks |= {(len(values), 3): "warning", (len(values), 4): "warning"}
        levels = [None if np.isnan(level) else level for level in (rule.minimum, rule.goal, rule.maximum)]
        unit = say(f"headers.value.{rule.unit}", settings.language)
        texts = [rule.owner, unit, rule.shown(settings.language), _said(cycle, f"state.{state}")]
        dates = [rule.valid_from, rule.valid_to, rule.reviewed]
        due = rule.due(settings.review_months) or _said(cycle, "never")
        values.append([*texts, due, *levels, *dates, *line])
    for name, line in zip(BUILT_IN, sums[len(rules) :].tolist(), strict=True):
        if line[0]:
            values.append([None, None, _said(cycle, name), _said(cycle, "state.built_in"), *[None] * 7, *line])
    values.append([said(cycle, "grand_total"), *[None] * 10, *sums.sum(axis=0).tolist()])
    return Block(columns, values, _said(cycle, "rules"), roles={len(values) - 1: "total"}, marks=marks)


def _items(cycle: Cycle, found: ItemTargets, stock: Array) -> Block:
    items = cycle.inputs.items
    texts = ("country", "sap_code", "description")
    columns = [header(cycle, name) for name in texts] + [header(cycle, "owner"), _own(cycle, "state", "text")]
    columns += [_own(cycle, name, "tonnes") for name in ("minimum_t", "goal_t", "maximum_t", "stock_now_t", "gap_t")]
    columns.append(_own(cycle, "gap_cash", "cash"))
    first = len(columns)
    columns += month_columns(cycle, PATH_MONTHS, "tonnes")
    bands = [(_said(cycle, "path"), first, len(columns) - 1)]
    columns.append(header(cycle, "rule", "long_text"))
    gap = _gap(found, stock)
    cash = _cash(cycle, gap[:, 0])
    now = (found.minimum[:, 0], found.goal[:, 0], found.maximum[:, 0], stock[:, 0], gap[:, 0], cash)
    figures = np.column_stack((*now, gap[:, 1 : 1 + PATH_MONTHS]))
    order = np.argsort(-np.abs(cash), kind="stable")
    listed = order[:LISTED]
    shown, owners = rule_names(cycle, found)
    states = [_said(cycle, f"state.{name}") for name in STATES]
    state = state_of(stock, found, 0)
    labels = items[list(texts)].to_numpy()
    values: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    by_moment = [state_of(stock, found, moment) for moment in range(1 + PATH_MONTHS)]
    for row, item in enumerate(listed.tolist()):
        names = [*labels[item], owners[item], states[state[item]]]
        values.append([*names, *(None if np.isnan(one) else one for one in figures[item].tolist()), shown[item]])
        for moment, place in enumerate((4, *range(first, first + PATH_MONTHS))):
            mark = _MARKS.get(STATES[by_moment[moment][item]])
            if mark:
                marks[row, place] = mark
    roles: dict[int, Role] = {}
    rest = order[LISTED:]
    if len(rest):
        others = _said(cycle, "others", count=len(rest))
        values.append([others, *[None] * 4, *np.nansum(figures[rest], axis=0).tolist()])
    roles[len(values)] = "total"
    values.append([said(cycle, "grand_total"), *[None] * 4, *np.nansum(figures, axis=0).tolist()])
    return Block(columns, values, _said(cycle, "items"), bands, roles, marks, filtered=not len(rest))


_MARKS: dict[str, Mark] = {"under_minimum": "risk", "over_maximum": "warning"}
