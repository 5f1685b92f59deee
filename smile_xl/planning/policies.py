"""Safety-stock policies: the stock to hold of every item in every month. A new one is one function and one row.

Its name stands in the command's list and in the catalogue as well (``simulation.policy``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from smile_xl.core import HORIZON, WEEKS_PER_MONTH, statistical_safety
from smile_xl.core.checks import Array
from smile_xl.core.gain import safety_stock
from smile_xl.core.safety import mean_demand
from smile_xl.planning.inputs import Inputs


@dataclass(frozen=True)
class Basis:
    """What a policy may know of the items."""

    demand: Array
    """Forecast demand, shape (items, 12 months or more), t / month."""
    weeks_cover: Array
    """Wanted weeks of safety cover, 0 for an item that holds no safety stock, shape (items,)."""
    demand_sd: Array
    """Standard deviation of a month's demand around its forecast, shape (items,), t / month."""
    lead_time: Array
    """Months in transit, shape (items,)."""
    lead_time_sd: Array
    """Standard deviation of the lead time, shape (items,), months."""
    service_level: float
    """Wanted cycle service level."""

    def __len__(self) -> int:
        return len(self.demand)


Policy = Callable[[Basis], Array]
"""Gives the safety stock of all items, shape (items, 12), t."""


def basis_of(inputs: Inputs) -> Basis:
    """What policies may know of a book's items: spreads as measured, or as the settings state them."""
    portfolio, settings, measured = inputs.portfolio, inputs.settings, inputs.measured
    error = np.where(np.isnan(measured.demand_error), settings.demand_error, measured.demand_error)
    delay = np.where(np.isnan(measured.delay_sd), settings.delay_sd, measured.delay_sd)
    return Basis(
        demand=portfolio.demand,
        weeks_cover=np.where(portfolio.holds_safety, portfolio.weeks_cover, 0.0),
        demand_sd=error * mean_demand(portfolio.demand.T),
        lead_time=portfolio.pipeline_months.astype(np.float64),
        lead_time_sd=delay / WEEKS_PER_MONTH,
        service_level=settings.service_level,
    )


def average(basis: Basis) -> Array:
    """The same in every month: the mean demand of the weeks of cover."""
    return safety_stock(basis.demand, basis.weeks_cover, "average")


def exact(basis: Basis) -> Array:
    """The demand of the weeks of cover that follow each month."""
    return safety_stock(basis.demand, basis.weeks_cover, "exact")


def statistical(basis: Basis) -> Array:
    """The textbook's, from the spread of demand and lead time; 0 where no cover is wanted."""
    level = statistical_safety(
        basis.service_level, mean_demand(basis.demand.T), basis.demand_sd, basis.lead_time, basis.lead_time_sd
    )
    held = np.where(basis.weeks_cover > 0, level, 0.0)
    return np.repeat(held[:, np.newaxis], HORIZON, axis=1)


POLICIES: dict[str, Policy] = {"average": average, "exact": exact, "statistical": statistical}
"""The policies by name. Those that SRM can plan with are ``core.SAFETY_METHODS``."""


def safety_of(basis: Basis, policy: str | Sequence[str]) -> Array:
    """Safety stock of all items, shape (items, 12), by one policy, or by each item's own: the choice by a rule."""
    if isinstance(policy, str):
        return POLICIES[policy](basis)
    chosen = np.array(policy)
    safety = np.zeros((len(basis), HORIZON))
    for name in sorted(set(policy)):
        np.copyto(safety, POLICIES[name](basis), where=(chosen == name)[:, np.newaxis])
    return safety
