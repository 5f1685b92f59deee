"""The architecture of the stock: by type and by state, from the total down to the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, WEEKS_PER_MONTH
from smile_xl.core.architecture import STOCK_TYPES, stock_by_state, stock_by_type
from smile_xl.core.checks import Array
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.states import STATES
from smile_xl.planning.tables import month_text, months_between

ALL_STATES = ("in_transit", *STATES)
"""What is on its way, then the states of the stock on hand."""

AT_RISK = ("obsolete", "slow_moving")
"""Types whose stock may never be sold."""

LEVEL_COLUMNS = {"item": "sap_code"}
"""Column of a level where it is not called like it."""


def opening_stock(cycle: Cycle) -> Array:
    """Stock on hand at the start of each month, a shortage as 0, shape (items, 12)."""
    closing = cycle.plan.closing[:, : HORIZON - 1]
    return np.maximum(np.column_stack((cycle.inputs.portfolio.opening, closing)), 0.0)


def layers(cycle: Cycle) -> Array:
    """Stock by type at the start of each month, shape (types, items, 12)."""
    return divided(cycle.inputs, cycle.plan.safety, opening_stock(cycle))


def divided(inputs: Inputs, safety: Array, stock: Array) -> Array:
    """Any stock at the start of the first months, (items, months), by type, shape (types, items, months).

    ``safety`` is the safety stock that the plan aims at, shape (items, months or more).
    """
    portfolio = inputs.portfolio
    attributes, answers = inputs.steering.attributes, inputs.steering.answers
    start = inputs.months[0]
    launched = [0.0 if one is None else months_between(start, one) + answers.launch_months for one in attributes.launch]
    ahead = [0.0 if one is None else months_between(start, one) + 1.0 for one in attributes.anticipation]
    return stock_by_type(
        stock,
        portfolio.demand,
        safety[:, : stock.shape[1]],
        lot=np.where(portfolio.proposes, np.maximum(portfolio.moq, portfolio.multiple), 0.0),
        runs_out=~portfolio.proposes,
        launch_months=np.maximum(launched, 0.0) if launched else 0.0,
        strategic_weeks=np.where(attributes.strategic, answers.strategic_weeks, 0.0),
        anticipated=np.maximum(ahead, 0.0) if ahead else 0.0,
    )


def state_layers(inputs: Inputs) -> Array:
    """Tonnes in transit, unrestricted, in quality inspection and blocked, shape (4, items)."""
    portfolio, states = inputs.portfolio, inputs.steering.states
    quality, blocked = (states.given(state, len(inputs.items)) for state in STATES[1:])
    on_hand = stock_by_state(np.maximum(portfolio.opening, 0.0), quality, blocked)
    return np.concatenate((portfolio.transit.sum(axis=1)[np.newaxis], on_hand))


def state_cash(inputs: Inputs, tonnes: Array) -> Array:
    """Value of the stock by state: in transit at landed cost, on hand at unit cost, shape as ``tonnes``."""
    return np.asarray(tonnes * np.stack((inputs.landed_cost, *[inputs.unit_cost] * len(STATES))))


def rows(cycle: Cycle) -> pd.DataFrame:
    """One row per item, month and type, at the start of the month: tonnes, and cash at unit cost."""
    found = np.moveaxis(layers(cycle), 0, -1)
    count, items = HORIZON * len(STOCK_TYPES), cycle.inputs.items
    months = [month_text(month) for month in cycle.inputs.planned]
    return pd.DataFrame(
        {
            "country": np.repeat(items["country"].to_numpy(), count),
            "sap_code": np.repeat(items["sap_code"].to_numpy(), count),
            "month": np.tile(np.repeat(np.array(months, dtype=object), len(STOCK_TYPES)), len(items)),
            "type": np.tile(np.array(STOCK_TYPES, dtype=object), len(items) * HORIZON),
            "tonnes": found.ravel(),
            "cash": (found * cycle.inputs.unit_cost[:, np.newaxis, np.newaxis]).ravel(),
        }
    )


def rows_by(cycle: Cycle, levels: Sequence[str]) -> pd.DataFrame:
    """The same summed over the items of each level, one column per level; no level sums all items."""
    inputs = cycle.inputs
    nodes = nodes_by(inputs, levels)
    found = np.moveaxis(layers(cycle), 0, -1)
    figures = {"tonnes": found, "cash": found * inputs.unit_cost[:, np.newaxis, np.newaxis]}
    count = HORIZON * len(STOCK_TYPES)
    columns: dict[str, object] = {
        LEVEL_COLUMNS.get(level, level): np.repeat([path[place] for path in nodes.paths], count)
        for place, level in enumerate(levels)
    }
    months = np.repeat([month_text(month) for month in inputs.planned], len(STOCK_TYPES))
    columns |= {"month": np.tile(months, len(nodes.paths)), "type": list(STOCK_TYPES) * HORIZON * len(nodes.paths)}
    return pd.DataFrame(columns | {name: nodes.sum(values).ravel() for name, values in figures.items()})


def state_rows(cycle: Cycle) -> pd.DataFrame:
    """One row per item and state, now: tonnes, and cash (in transit at landed cost, on hand at unit cost)."""
    inputs = cycle.inputs
    tonnes = state_layers(inputs)
    return pd.DataFrame(
        {
            "country": np.repeat(inputs.items["country"].to_numpy(), len(ALL_STATES)),
            "sap_code": np.repeat(inputs.items["sap_code"].to_numpy(), len(ALL_STATES)),
            "state": list(ALL_STATES) * len(inputs.items),
            "tonnes": tonnes.T.ravel(),
            "cash": state_cash(inputs, tonnes).T.ravel(),
        }
    )


@dataclass(frozen=True)
class Nodes:
    """The items divided by some levels."""

    paths: list[tuple[str, ...]]
    """Names of each node from the first level on, sorted."""
    of_item: np.ndarray
    """Position of each item's node."""

    def sum(self, values: np.ndarray) -> Array:
        """Sums over the items of each node, along the first axis."""
        total = np.zeros((len(self.paths), *values.shape[1:]))
        np.add.at(total, self.of_item, values)
        return total


def nodes_by(inputs: Inputs, levels: Sequence[str]) -> Nodes:
    """The items divided by some levels, in the order of the levels."""
    if not levels:
        return Nodes([()], np.zeros(len(inputs.items), dtype=np.int64))
    columns = [level_names(inputs, level) for level in levels]
    place = np.zeros(len(inputs.items), dtype=np.int64)
    for column in columns:
        codes, names = pd.factorize(column, sort=True)
        _, place = np.unique(place * max(len(names), 1) + codes, return_inverse=True)
    _, first = np.unique(place, return_index=True)
    return Nodes([tuple(str(column[item]) for column in columns) for item in first.tolist()], place)


def level_names(inputs: Inputs, level: str) -> np.ndarray:
    """What each item is called on a level; "-" where nothing is said."""
    if level == "site":
        return np.array(inputs.steering.attributes.site, dtype=object)
    names = inputs.items[LEVEL_COLUMNS.get(level, level)].to_numpy(dtype=object)
    return np.where(names == "", "-", names)


def weeks(tonnes: Array, monthly: Array) -> Array:
    """Weeks that stock lasts at the mean demand of the 12 months; infinite without demand, 0 without stock."""
    lasting = np.divide(tonnes, monthly, out=np.full(np.shape(tonnes), np.inf), where=monthly > 0) * WEEKS_PER_MONTH
    return np.where(tonnes > 0, lasting, 0.0)


def indicators(cycle: Cycle, found: Array) -> dict[str, float]:
    """Value, tonnes, cover, turns, share at risk and record accuracy; NaN where there is nothing to tell it by.

    ``found`` is the stock by type, as ``layers`` gives it.
    """
    inputs, portfolio = cycle.inputs, cycle.inputs.portfolio
    stock = opening_stock(cycle)
    cost = inputs.unit_cost[:, np.newaxis]
    demand = portfolio.demand[:, :HORIZON]
    value = float((stock[:, :1] * cost).sum())
    mean_value = float((stock * cost).sum()) / HORIZON
    risky = [STOCK_TYPES.index(name) for name in AT_RISK]
    at_risk = float((found[risky, :, 0].sum(axis=0) * inputs.unit_cost).sum())
    tonnes, monthly = float(stock[:, 0].sum()), float(demand.sum()) / HORIZON
    states = inputs.steering.states
    counted = ~np.isnan(states.counted)
    off = np.abs(states.counted - states.tonnes)[counted]
    allowed = inputs.steering.answers.count_tolerance * states.tonnes[counted]
    right = np.round(off - allowed, 9) <= 0
    return {
        "value": value,
        "tonnes": tonnes,
        "cover": float(weeks(np.array([tonnes]), np.array([monthly]))[0]) if monthly or not tonnes else np.nan,
        "turns": float((demand * cost).sum()) / mean_value if mean_value else np.nan,
        "at_risk": at_risk / value if value else np.nan,
        "accuracy": float(right.mean()) if len(right) else np.nan,
        "counted": float(counted.sum()),
    }
