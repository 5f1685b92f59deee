"""The bridge: why the projection has moved since an earlier cycle, driver by driver; the terms add up to the change.

The old plan is restated at the start of the new cycle as if it had been carried out. Then one component after another
of its inputs is replaced by the new cycle's, and the plan is calculated each time. A driver's value is the difference
between two neighbouring plans, so the order of ``DRIVERS`` belongs to what a driver means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, PROJECTION_MONTHS, TRANSIT_WEEKS, Plan, Portfolio, arrivals, plan_portfolio
from smile_xl.core.checks import Array
from smile_xl.core.projection import projected_value
from smile_xl.core.units import FIRST_ORDER_MONTH
from smile_xl.language import SaidError
from smile_xl.planning.cycle import plan_of
from smile_xl.planning.drivers import DRIVERS
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.names import join_key, key_of, plain
from smile_xl.planning.tables import Month, month_text

TOTAL = "total"
"""Stands for the change itself."""

Key = tuple[str, str]
"""Country and sub-category."""


class BridgeError(SaidError):
    """Two cycles that can't be compared; the text stands in the catalogue as ``cycles.<code>``."""

    topic = "cycles"


@dataclass(frozen=True)
class Bridge:
    """Two projections of the same months and what leads from one to the other, each of shape (groups, months)."""

    then: Month
    """The old cycle."""
    now: Month
    """The new cycle."""
    months: list[Month]
    """Calendar months that both projections hold."""
    keys: list[Key]
    """Country and sub-category of each group, sorted."""
    before: Array
    """What the old cycle projected, in its own currency."""
    after: Array
    """What the new cycle projects."""
    terms: dict[str, Array]
    """What each driver adds, in the order of ``DRIVERS``."""

    @property
    def change(self) -> Array:
        """What the terms add up to."""
        return self.after - self.before


def bridge(old: Inputs, new: Inputs, rate: float | None = None) -> Bridge:
    """The bridge from an old cycle to a new one, of the same month or of a later one.

    ``rate`` is what one unit of the old currency is worth in the new one, where the currency has changed. Raises
    BridgeError where the two can't be compared.
    """
    then, now = old.months[0], new.months[0]
    passed = (now.year - then.year) * 12 + now.month - then.month
    cycles = {"then": month_text(then), "now": month_text(now)}
    if passed < 0:
        raise BridgeError("later", **cycles)
    if passed >= PROJECTION_MONTHS:
        raise BridgeError("apart", **cycles, months=PROJECTION_MONTHS)
    factor = _factor(old, new, rate)
    common = PROJECTION_MONTHS - passed

    places = _places(old, new)
    kept_new = np.flatnonzero(places >= 0)
    kept_old = places[kept_new]
    gone = np.setdiff1d(np.arange(len(old.items)), kept_old)
    was, becomes = plan_of(old), plan_of(new)
    before = _value(was, old.unit_cost, old.landed_cost)[:, passed:]
    after = _value(becomes, new.unit_cost, new.landed_cost)[:, :common]

    groups = _Groups(old, new)
    count = len(new.items)
    values = np.zeros((count + len(gone), common))  # the new cycle's items, then those that are gone
    values[count:] = before[gone] * factor
    of_item = np.concatenate((groups.of_new, groups.of_old[gone]))
    of_item[kept_new] = groups.of_old[kept_old]
    projected = groups.sum(before, groups.of_old)
    levels = [projected, projected * factor]
    for state in _states(old, was, new, kept_old, kept_new, passed, factor):
        values[kept_new] = state.value()[:, :common]
        levels.append(groups.sum(values, of_item))
    values[:count] = after
    levels.append(groups.sum(values, of_item))
    values[count:] = 0.0
    levels += [groups.sum(values, of_item), groups.sum(after, groups.of_new)]
    return Bridge(
        then=then,
        now=now,
        months=new.months[:common],
        keys=groups.keys,
        before=levels[0],
        after=levels[-1],
        terms={driver: high - low for driver, (low, high) in zip(DRIVERS, pairwise(levels), strict=True)},
    )


def rows(found: Bridge) -> pd.DataFrame:
    """One row per country, sub-category, month and driver, the change itself last."""
    names = [*DRIVERS, TOTAL]
    values = np.stack([*(found.terms[name] for name in DRIVERS), found.change], axis=2)
    months = [month_text(month) for month in found.months]
    each = len(months) * len(names)
    return pd.DataFrame(
        {
            "country": np.repeat([country for country, _ in found.keys], each),
            "sub_category": np.repeat([sub_category for _, sub_category in found.keys], each),
            "month": np.tile(np.repeat(months, len(names)), len(found.keys)),
            "driver": np.tile(names, len(found.keys) * len(months)),
            "value": values.ravel(),
        }
    )


def _factor(old: Inputs, new: Inputs, rate: float | None) -> float:
    """What figures of the old cycle are multiplied by."""
    currencies = {"old": old.settings.currency, "new": new.settings.currency}
    if old.settings.currency == new.settings.currency:
        if rate is not None:
            raise BridgeError("same_currency", **currencies)
        return 1.0
    if rate is None:
        raise BridgeError("other_currency", **currencies)
    return rate


def _places(old: Inputs, new: Inputs) -> np.ndarray:
    """Place of each item of the new cycle in the old one, -1 for a new item."""
    known = {key: place for place, key in enumerate(_item_keys(old))}
    return np.array([known.get(key, -1) for key in _item_keys(new)], dtype=np.int64)


def _item_keys(inputs: Inputs) -> list[tuple[str, str]]:
    codes = zip(inputs.items["country"].tolist(), inputs.items["sap_code"].tolist(), strict=True)
    return [(_country_key(country), join_key(code)) for country, code in codes]


def _country_key(country: str) -> str:
    """The same for a country's names in either language."""
    return key_of("country", country) or plain(country)


class _Groups:
    """Groups of two cycles: country and sub-category, countries under the name that the new cycle gives them."""

    def __init__(self, old: Inputs, new: Inputs) -> None:
        names = {_country_key(country): country for country in new.items["country"]}
        kept = [names.get(_country_key(country), country) for country in old.items["country"]]
        old_keys = list(zip(kept, old.items["sub_category"].tolist(), strict=True))
        new_keys = list(zip(new.items["country"].tolist(), new.items["sub_category"].tolist(), strict=True))
        self.keys = sorted({*old_keys, *new_keys})
        place = {key: number for number, key in enumerate(self.keys)}
        self.of_old = np.array([place[key] for key in old_keys], dtype=np.int64)
        self.of_new = np.array([place[key] for key in new_keys], dtype=np.int64)

    def sum(self, values: Array, of_item: np.ndarray) -> Array:
        """Sums of values, shape (items, months), by the groups of the items."""
        sums = np.zeros((len(self.keys), values.shape[1]))
        np.add.at(sums, of_item, values)
        return sums


@dataclass(frozen=True)
class _State:
    """Inputs between the two cycles."""

    portfolio: Portfolio
    methods: Sequence[str]
    net_transit: bool
    unit_cost: Array
    landed_cost: Array

    def value(self) -> Array:
        plan = plan_portfolio(self.portfolio, method=self.methods, net_transit=self.net_transit)
        return _value(plan, self.unit_cost, self.landed_cost)

    def having(self, **arrays: np.ndarray) -> _State:
        """The same with some inputs of the portfolio replaced."""
        return replace(self, portfolio=replace(self.portfolio, **arrays))


def _value(plan: Plan, unit_cost: Array, landed_cost: Array) -> Array:
    months = slice(None, PROJECTION_MONTHS)
    return projected_value(plan.closing[:, months], plan.pipeline[:, months], unit_cost, landed_cost)


def _states(
    old: Inputs, was: Plan, new: Inputs, kept_old: np.ndarray, kept_new: np.ndarray, passed: int, factor: float
) -> list[_State]:
    """Inputs of the kept items after each of the drivers calendar to cost; the last are the new cycle's."""
    then, now = _taken(old.portfolio, kept_old), _taken(new.portfolio, kept_new)
    calendar = _State(
        portfolio=_restated(then, _taken_plan(was, kept_old), now, passed),
        methods=[old.safety_methods[item] for item in kept_old],
        net_transit=old.settings.net_transit,
        unit_cost=old.unit_cost[kept_old] * factor,
        landed_cost=old.landed_cost[kept_old] * factor,
    )
    opening = calendar.having(opening=now.opening)
    demand = opening.having(demand=now.demand)
    supply = demand.having(transit=now.transit, landing=then.landing, confirmed=now.confirmed)
    policy = replace(
        supply,
        portfolio=now,
        methods=[new.safety_methods[item] for item in kept_new],
        net_transit=new.settings.net_transit,
    )
    cost = replace(policy, unit_cost=new.unit_cost[kept_new], landed_cost=new.landed_cost[kept_new])
    return [calendar, opening, demand, supply, policy, cost]


def _taken(portfolio: Portfolio, items: np.ndarray) -> Portfolio:
    return Portfolio(**{name: array[items] for name, array in vars(portfolio).items()})


def _taken_plan(plan: Plan, items: np.ndarray) -> Plan:
    return Plan(**{name: array[items] for name, array in vars(plan).items()})


def _restated(then: Portfolio, was: Plan, now: Portfolio, passed: int) -> Portfolio:
    """The old inputs some months later, the old plan having been carried out.

    The month opens with what the plan projected. What it had ordered for months that can't be re-planned any more is
    in transit (months 0 and 1) or confirmed (frozen months after these). Forecast months that the old cycle did not
    hold are the new cycle's.
    """
    later = HORIZON - passed
    opening = np.maximum(was.closing[:, passed - 1], 0.0) if passed else then.opening
    demand = now.demand.copy()
    shared = max(min(then.demand.shape[1] - passed, demand.shape[1]), 0)
    demand[:, :shared] = then.demand[:, passed : passed + shared]

    due = np.zeros((len(then), HORIZON))
    due[:, :later] = arrivals(then.transit, then.landing)[:, passed:]
    confirmed = np.full((len(then), HORIZON), np.nan)
    confirmed[:, :later] = then.confirmed[:, passed:]
    for month in range(later):
        ordered = was.orders[:, month + passed]
        if month >= FIRST_ORDER_MONTH:
            committed = (then.frozen > month) & np.isnan(confirmed[:, month])
            confirmed[:, month] = np.where(committed, ordered, confirmed[:, month])
        elif month + passed >= FIRST_ORDER_MONTH:
            due[:, month] += ordered
    # One slot per month in place of one per week; what would land later than the eighth month lands in it.
    due[:, TRANSIT_WEEKS - 1] += due[:, TRANSIT_WEEKS:].sum(axis=1)
    return replace(
        then,
        opening=opening,
        demand=demand,
        transit=due[:, :TRANSIT_WEEKS],
        landing=np.tile(np.arange(TRANSIT_WEEKS), (len(then), 1)),
        confirmed=confirmed,
    )
