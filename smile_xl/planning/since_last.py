"""The inputs against the last cycle: stock other than projected, frozen months that moved, other forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from smile_xl.core import HORIZON, Plan
from smile_xl.core.checks import Array
from smile_xl.core.safety import mean_demand
from smile_xl.planning.findings import label, tonnes
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.last_cycle import LastCycle, Said, item_keys_of, supply
from smile_xl.planning.noting import note_items
from smile_xl.planning.tables import Notebook, month_text

KINDS = ("opening_missed", "frozen_supply", "frozen_demand", "forecast_changed")
"""The kinds of findings that need the last cycle."""


def check_since(inputs: Inputs, plan: Plan, last: LastCycle, notes: Notebook) -> None:
    """Note what has changed since the last cycle where it should not have, or by much."""
    then, now = last.said.start, inputs.months[0]
    passed = (now.year - then.year) * 12 + now.month - then.month
    if not 0 < passed < HORIZON:
        return
    both = _Both.of(inputs, plan, last, passed)
    _check_opening(both, notes)
    _check_frozen(both, notes, "frozen_supply", both.supply, both.said.supply[:, passed:], inputs.landed_cost)
    _check_frozen(both, notes, "frozen_demand", both.demand, both.said.demand[:, passed:], inputs.unit_cost)
    _check_forecast(both, notes)


@dataclass(frozen=True)
class _Both:
    """The items that both cycles have: what is said of them now, and, row by row the same items, what was said."""

    inputs: Inputs
    last: LastCycle
    passed: int
    """Months between the two."""
    items: np.ndarray
    """Place of each item among the inputs."""
    said: Said
    demand: Array
    supply: Array
    month: Array
    """Demand of a mean month, shape (items,), t."""

    @classmethod
    def of(cls, inputs: Inputs, plan: Plan, last: LastCycle, passed: int) -> _Both:
        """The items of both cycles."""
        known = {key: place for place, key in enumerate(last.said.keys)}
        keys = item_keys_of(inputs.items["country"].tolist(), inputs.items["sap_code"].tolist())
        places = np.array([known.get(key, -1) for key in keys], dtype=np.int64)
        items = np.flatnonzero(places >= 0)
        portfolio = inputs.portfolio
        return cls(
            inputs=inputs,
            last=last,
            passed=passed,
            items=items,
            said=last.said.of(places[items]),
            demand=portfolio.demand[items],
            supply=supply(portfolio.transit[items], portfolio.landing[items], plan.orders[items]),
            month=mean_demand(portfolio.demand[items].T),
        )

    def far_apart(self, now: Array, was: Array) -> np.ndarray:
        """Where two quantities, shape (items, months), differ by more than the tolerance.

        It is a share of the largest of both and a mean month of demand, so that trifles do not count.
        """
        largest = np.maximum(np.maximum(np.abs(now), np.abs(was)), self.month[:, np.newaxis])
        found: np.ndarray = np.abs(now - was) > self.inputs.settings.cycle_tolerance * largest
        return found

    def note(
        self,
        notes: Notebook,
        code: str,
        found: np.ndarray,
        change: Array,
        cost: Array,
        columns: Sequence[int],
        values: Callable[[int, int], dict[str, object]],
    ) -> None:
        """Note the items with a ``found`` month, each at its month with the largest change, shape (items, months).

        At stake is the cash of the change in all found months; ``values`` are those of an item and a month.
        """
        change = np.where(found, np.abs(change), 0.0)
        places = np.flatnonzero(found.any(axis=1))
        months = change[places].argmax(axis=1)
        counts = found[places].sum(axis=1)
        start = month_text(self.said.start)
        cycle = label("findings.cycle_of", cycle=start, user=self.last.user) if self.last.user else start
        planner = self.inputs.settings.planner

        def worded(place: int) -> dict[str, object]:
            item, month, more = int(places[place]), int(months[place]), int(counts[place]) - 1
            return {
                "cycle": cycle,
                "month": month_text(self.inputs.months[month]),
                "more": label("findings.more_months", count=more) if more else "",
                "planner": label("findings.planner", name=planner) if planner else "",
                **values(item, month),
            }

        items = self.items[places]
        cash = change[places].sum(axis=1) * cost[items]
        note_items(self.inputs, notes, code, items, np.array(columns)[months], cash, worded)


def _check_opening(both: _Both, notes: Notebook) -> None:
    """What is there against what the last plan would have left; a shortage would have left nothing."""
    opening = both.inputs.portfolio.opening[both.items, np.newaxis]
    projected = np.maximum(both.said.closing[:, both.passed - 1 : both.passed], 0.0)

    def values(item: int, _: int) -> dict[str, object]:
        return {"tonnes": tonnes(opening[item, 0]), "was": tonnes(projected[item, 0])}

    found = both.far_apart(opening, projected)
    column = [both.inputs.srm.opening_column]
    both.note(notes, "opening_missed", found, opening - projected, both.inputs.unit_cost, column, values)


def _check_frozen(both: _Both, notes: Notebook, code: str, now: Array, was: Array, cost: Array) -> None:
    """Months that were frozen already: the supplier had committed to them, and demand was agreed."""
    months = min(HORIZON - both.passed, was.shape[1])
    now, was = now[:, :months], was[:, :months]
    frozen = both.passed + np.arange(months) < both.said.frozen[:, np.newaxis]

    def values(item: int, month: int) -> dict[str, object]:
        return {"tonnes": tonnes(now[item, month]), "was": tonnes(was[item, month])}

    columns = both.inputs.srm.demand_columns[:months] if code == "frozen_demand" else [-1] * months
    both.note(notes, code, both.far_apart(now, was) & frozen, now - was, cost, columns, values)


def _check_forecast(both: _Both, notes: Notebook) -> None:
    """Forecasts of later months that are several times what they were, or a fraction of it."""
    was = both.said.demand[:, both.passed : both.passed + HORIZON]
    now = both.demand[:, : was.shape[1]]
    factor = both.inputs.settings.demand_jump
    frozen = both.passed + np.arange(was.shape[1]) < both.said.frozen[:, np.newaxis]
    jumped = np.maximum(now, was) >= factor * np.minimum(now, was)

    def values(item: int, month: int) -> dict[str, object]:
        return {"tonnes": tonnes(now[item, month]), "was": tonnes(was[item, month])}

    found = jumped & both.far_apart(now, was) & ~frozen
    columns = both.inputs.srm.demand_columns[: was.shape[1]]
    both.note(notes, "forecast_changed", found, now - was, both.inputs.unit_cost, columns, values)
