"""What the last cycle said about each item, as the checks compare it with the present one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from smile_xl.core import HORIZON, Plan, arrivals
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.names import join_key, key_of, plain
from smile_xl.planning.tables import Month

ItemKey = tuple[str, str]
"""Country, the same in either language, and SAP code, as they are joined."""


@dataclass(frozen=True)
class Said:
    """What a cycle said, one row per item."""

    start: Month
    keys: list[ItemKey]
    demand: Array
    """Forecast, shape (items, months), t."""
    supply: Array
    """What was to land in each month, shape (items, 12), t: transit, and orders from the third month on."""
    closing: Array
    """Shape (items, 12), t."""
    frozen: np.ndarray
    """Frozen months, shape (items,)."""

    def of(self, places: np.ndarray) -> Said:
        """The same of some items."""
        arrays = {name: getattr(self, name)[places] for name in ("demand", "supply", "closing", "frozen")}
        return replace(self, keys=[self.keys[place] for place in places], **arrays)


@dataclass(frozen=True)
class LastCycle:
    """The cycle before this one, and who kept it."""

    said: Said
    user: str


@runtime_checkable
class Records(Protocol):
    """A past that has kept what its cycles said, so that they need not be planned anew."""

    def said(self, month: Month) -> Said:
        """What the cycle of a month said."""
        ...


def said(inputs: Inputs, plan: Plan) -> Said:
    """What a cycle says."""
    portfolio = inputs.portfolio
    return Said(
        start=inputs.months[0],
        keys=item_keys_of(inputs.items["country"].tolist(), inputs.items["sap_code"].tolist()),
        demand=portfolio.demand,
        supply=supply(portfolio.transit, portfolio.landing, plan.orders),
        closing=plan.closing,
        frozen=portfolio.frozen,
    )


def supply(transit: Array, landing: np.ndarray, orders: Array) -> Array:
    """What lands in each month, shape (items, 12), t; orders of months 0 and 1 are the transit."""
    landed = arrivals(transit, landing)
    landed[:, FIRST_ORDER_MONTH:] += orders[:, FIRST_ORDER_MONTH:HORIZON]
    return landed


def item_keys_of(countries: list[str], codes: list[str]) -> list[ItemKey]:
    """The keys of items."""
    names = {country: key_of("country", country) or plain(country) for country in set(countries)}
    return [(names[country], join_key(code)) for country, code in zip(countries, codes, strict=True)]
