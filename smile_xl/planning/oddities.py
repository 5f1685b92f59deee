"""Quantities that are out of line with the item's own: probably a wrong unit, a shifted row or a figure too many.

A check that cries wolf is switched off in people's heads. So each asks for a large factor and for more than the item's
usual ups and downs, and notes an item once, in the month with the most cash.
"""

from __future__ import annotations

import numpy as np

from smile_xl.core import HORIZON
from smile_xl.core.checks import Array
from smile_xl.core.outliers import FEWEST, far_above, jumps, usual_level
from smile_xl.planning.findings import Finding, tonnes
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.measured import Lane
from smile_xl.planning.noting import note_items
from smile_xl.planning.tables import Notebook, month_text

FACTOR = 5.0
"""A month's demand over this many times the item's median is huge, if it is an outlier as well."""

MONTHS_HELD = 36
"""A stock, a week of transit or an order of more than the median demand of so many months is huge."""


def check_oddities(inputs: Inputs, notes: Notebook) -> None:
    """Note huge demand, stock, transit and orders, and demand that jumps."""
    demand = inputs.portfolio.demand[:, :HORIZON]
    level, spread = _level(inputs, demand)
    huge = far_above(demand, level, spread, FACTOR)
    _note_demand(inputs, notes, huge, demand, level)
    _note_jumps(inputs, notes, demand, huge)
    _note_quantities(inputs, notes, level)
    _note_overdue(inputs, notes)


def _level(inputs: Inputs, demand: Array) -> tuple[Array, Array]:
    """What each item usually sells in a month, and its spread: as it was sold, or else as it is forecast."""
    level, spread = usual_level(demand)
    sold: dict[int, list[float]] = {}
    for (item, _), actual in inputs.measured.actuals.items():
        if actual > 0:
            sold.setdefault(item, []).append(actual)
    known = [item for item, actuals in sold.items() if len(actuals) >= FEWEST]
    if known:
        longest = max(len(sold[item]) for item in known)
        level[known], spread[known] = usual_level(
            [sold[item] + [np.nan] * (longest - len(sold[item])) for item in known]
        )
    return level, spread


def _note_demand(inputs: Inputs, notes: Notebook, huge: np.ndarray, demand: Array, level: Array) -> None:
    items = np.flatnonzero(huge.any(axis=1))
    excess = np.where(huge, demand - level[:, np.newaxis], 0.0)[items]
    months = excess.argmax(axis=1)

    def values(place: int) -> dict[str, object]:
        item, month = items[place], months[place]
        return {
            "month": month_text(inputs.months[month]),
            "tonnes": tonnes(demand[item, month]),
            "usual": tonnes(level[item]),
        }

    columns = np.array(inputs.srm.demand_columns)[months]
    cash = excess.sum(axis=1) * inputs.unit_cost[items]
    note_items(inputs, notes, "demand_huge", items, columns, cash, values)


def _note_jumps(inputs: Inputs, notes: Notebook, demand: Array, huge: np.ndarray) -> None:
    """Only of items without a huge month, which would be a jump up and one down."""
    found = jumps(demand, inputs.settings.demand_jump) & ~huge.any(axis=1, keepdims=True)
    items = np.flatnonzero(found.any(axis=1))
    change = np.where(found, np.abs(np.diff(demand, axis=1)), 0.0)[items]
    months = change.argmax(axis=1) + 1

    def values(place: int) -> dict[str, object]:
        item, month = items[place], months[place]
        return {
            "month": month_text(inputs.months[month]),
            "tonnes": tonnes(demand[item, month]),
            "before": month_text(inputs.months[month - 1]),
            "was": tonnes(demand[item, month - 1]),
        }

    columns = np.array(inputs.srm.demand_columns)[months]
    cash = change.max(axis=1, initial=0.0) * inputs.unit_cost[items]
    note_items(inputs, notes, "demand_jump", items, columns, cash, values)


def _note_quantities(inputs: Inputs, notes: Notebook, level: Array) -> None:
    """Huge stock, transit and confirmed orders; those of items that run out may well be large against their demand."""
    srm, portfolio = inputs.srm, inputs.portfolio
    confirmed = sorted(srm.confirmed_columns)
    quantities = np.column_stack((portfolio.opening, portfolio.transit, portfolio.confirmed[:, confirmed]))
    columns = np.array(
        [srm.opening_column, *srm.transit_columns, *(srm.confirmed_columns[month] for month in confirmed)]
    )
    limit = np.where(portfolio.proposes, MONTHS_HELD * level, np.nan)[:, np.newaxis]
    excess = np.where(quantities > limit, quantities - level[:, np.newaxis], 0.0)
    items = np.flatnonzero(excess.any(axis=1))
    cost = np.where(
        columns == srm.opening_column, inputs.unit_cost[items, np.newaxis], inputs.landed_cost[items, np.newaxis]
    )
    excess = excess[items] * cost
    places = excess.argmax(axis=1)

    def values(place: int) -> dict[str, object]:
        item = items[place]
        held = quantities[item, places[place]]
        return {"tonnes": tonnes(held), "months": int(held / level[item]), "usual": tonnes(level[item])}

    note_items(inputs, notes, "quantity_huge", items, columns[places], excess.sum(axis=1), values)


def _note_overdue(inputs: Inputs, notes: Notebook) -> None:
    """Receipts that were planned before the cycle and have not come, one finding per lane at its oldest.

    At stake is what stands in transit on the lane: some of it may be lost, late, or received and not booked.
    """
    awaited = inputs.measured.awaited
    if awaited is None:
        return
    value = inputs.portfolio.transit.sum(axis=1) * inputs.landed_cost
    on_lane: dict[Lane, float] = dict.fromkeys(awaited.planned, 0.0)
    for lane, cash in zip(inputs.measured.lanes, value.tolist(), strict=True):
        if lane in on_lane:
            on_lane[lane] += cash
    table = awaited.table
    lanes = zip(table.rows, table.texts("country"), table.texts("sourcing_unit"), strict=True)
    names = {row: {"country": country, "sourcing_unit": unit} for row, country, unit in lanes}
    for lane, dates in awaited.planned.items():
        late = [one for one in dates if one[0] < inputs.months[0]]
        if late:
            oldest, row = min(late)
            values = {**names[row], "date": oldest.isoformat(), "count": len(late)}
            column = table.columns["planned"]
            place, cell = table.grid.place(row, column)
            notes.findings.append(
                Finding("warning", "receipt_overdue", place, cell, values, (row, column), on_lane[lane])
            )
