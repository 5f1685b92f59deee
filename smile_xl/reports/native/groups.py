"""What the reports sum up by country and sub-category, in native formulas: reconciliation and projections."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from smile_xl.core import DSR_MONTHS, PROJECTION_MONTHS
from smile_xl.core.checks import Array
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import group
from smile_xl.reports.native.items import SUB_CATEGORY, group_list, rules_of_all
from smile_xl.reports.native.parts import NativeSheet, Part, told

_TONNES = ("risk", "opportunity", "used", "net")
_CASH = ("risk", "used", "net")


def dsr_sheet(cycle: Cycle, items: NativeSheet) -> NativeSheet:
    """The sheet of the reconciliation, one sub-category of a country on each row."""
    months = cycle.inputs.months[:DSR_MONTHS]
    parts = [Part(f"{name}_t", months, "tonnes", compared=True) for name in _TONNES]
    parts += [Part(f"{name}_cash", months, "cash", compared=True) for name in _CASH]
    sheet = group_list(cycle, SUB_CATEGORY, parts, key="dsr")
    rows = tidy.dsr(cycle)
    number, places = sheet.cell("group", 2), range(DSR_MONTHS)
    landed = rules_of_all(items, "landed_cost")

    def tonnes(name: str, month: int) -> str:
        if name == "net":
            return f"{sheet.cell('risk_t', month)}-{sheet.cell('used_t', month)}"
        return f"SUMIF({rules_of_all(items, 'sub_category')},{number},{items.column(name, month)})"

    def cash(name: str, month: int) -> str:
        if name == "net":
            return f"{sheet.cell('risk_cash', month)}-{sheet.cell('used_cash', month)}"
        return f"SUMPRODUCT(({rules_of_all(items, 'sub_category')}={number})*{items.column(name, month)}*{landed})"

    for unit, names, formula in (("t", _TONNES, tonnes), ("cash", _CASH, cash)):
        for name in names:
            values = rows[f"{name}_{unit}"].to_numpy().reshape(-1, DSR_MONTHS).T.tolist()
            sheet.fill(f"{name}_{unit}", [formula(name, month) for month in places], values)
    return sheet


def projection_sheet(cycle: Cycle, items: NativeSheet) -> NativeSheet:
    """The sheet of the projections, one sub-category of a country on each row."""
    months = cycle.inputs.months[:PROJECTION_MONTHS]
    sheet = group_list(cycle, SUB_CATEGORY, [Part("projection", months, "cash", compared=True)])
    values = _projected(cycle)[~_are_totals(cycle)]
    own = f"{rules_of_all(items, 'sub_category')},{sheet.cell('group', 2)}"
    formulas = [f"SUMIF({own},{items.column('value', month)})" for month in range(PROJECTION_MONTHS)]
    sheet.fill("projection", formulas, values.T.tolist())
    return sheet


def total_sheet(cycle: Cycle, groups: NativeSheet) -> NativeSheet:
    """The sheet of the projections' totals: a country on each row, and all of them on the last."""
    values = _projected(cycle)[_are_totals(cycle)]
    names = [*sorted({country for country, _ in _keys(cycle)}), told(cycle, "all")]
    spoken = cycle.inputs.settings.language
    months = cycle.inputs.months[:PROJECTION_MONTHS]
    parts = [
        Part("country", [say("headers.column.country", spoken)], "text"),
        Part("country_total", months, "cash", compared=True),
    ]
    sheet = NativeSheet(cycle, "totals", parts, len(names), labels=1)
    sheet.fill("country", [""], [names])
    own = f'EXACT({groups.column("group", 0)},{sheet.cell("country")})+({sheet.cell("country")}="{told(cycle, "all")}")'
    formulas = [f"SUMPRODUCT(({own})*{groups.column('projection', month)})" for month in range(PROJECTION_MONTHS)]
    sheet.fill("country_total", formulas, values.T.tolist())
    return sheet


def _keys(cycle: Cycle) -> list[tuple[str, ...]]:
    return group(cycle.inputs.items, SUB_CATEGORY).keys


def _projected(cycle: Cycle) -> Array:
    """Projected values, shape (rows of the report, months)."""
    return np.asarray(tidy.projections(cycle)["value"].to_numpy().reshape(-1, PROJECTION_MONTHS))


def _are_totals(cycle: Cycle) -> np.ndarray:
    """Which rows of the report are totals: one after each country's, and the last."""
    rows = [len(list(lines)) for _, lines in groupby(_keys(cycle), key=lambda key: key[0])]
    return np.array([*(total for count in rows for total in [*[False] * count, True]), True])
