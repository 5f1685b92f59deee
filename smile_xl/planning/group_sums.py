"""Sums over items by country, sub-category and brand: all that the reports by group need, merged from any parts.

A part is an array of shape (cases, groups, width): the base and each scenario, each group that the part has, and the
sums side by side (``FIELDS``). Parts are merged in a fixed order, so that the same parts give the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smile_xl.core import (
    AVAILABILITY_MONTHS,
    DSR_MONTHS,
    HORIZON,
    PROJECTION_MONTHS,
    Portfolio,
    Summary,
    residual_stock,
    summarise_portfolio,
)
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH
from smile_xl.planning.scenarios import Attributes, Case, Change, Labels, apply, part_of, touched

FIELDS = {
    "opening": AVAILABILITY_MONTHS,
    "pipeline": AVAILABILITY_MONTHS,
    "imported_t": 1,
    "imported_cash": 1,
    "risk_t": DSR_MONTHS,
    "opportunity_t": DSR_MONTHS,
    "risk_cash": DSR_MONTHS,
    "value": PROJECTION_MONTHS,
    "excess_cash": 1,
}
"""Columns of each sum; the demand of all months given stands after them."""

GROUP_REPORTS = ("summary", "availability", "imports", "dsr", "projections")
"""The reports that follow from these sums."""

Key = tuple[str, str, str]
"""Country, sub-category and brand."""


def width(months: int) -> int:
    """Columns for a forecast of so many months."""
    return sum(FIELDS.values()) + months


@dataclass(frozen=True)
class Members:
    """Items in the order of their groups."""

    group: NDArray[np.intp]
    """Group of each item, rising from 0."""
    starts: NDArray[np.intp]
    """First item of each group."""

    @classmethod
    def of(cls, sizes: NDArray[np.intp]) -> Members:
        """The members of groups of so many items each, none empty."""
        return cls(np.repeat(np.arange(len(sizes)), sizes), np.cumsum(sizes) - sizes)

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Items of each group."""
        return np.diff(self.starts, append=len(self.group))


def summarise(case: Case, members: Members, *, net_transit: bool, with_plan: bool = False) -> tuple[Array, Summary]:
    """Sums of some items by group, shape (groups, width), and what they follow from.

    The values of the case are known to be in range.
    """
    portfolio = case.portfolio
    transit = portfolio.transit.sum(axis=1)
    summary = summarise_portfolio(
        portfolio,
        members.group,
        len(members.starts),
        unit_cost=case.unit_cost,
        landed_cost=case.landed_cost,
        method=case.average,
        net_transit=net_transit,
        residual=_residual(portfolio, transit),
        shortage_months=DSR_MONTHS,
        overstock_months=1,
        with_plan=with_plan,
        trusted=True,
    )
    ordered = slice(FIRST_ORDER_MONTH, AVAILABILITY_MONTHS)
    sums = {
        "opening": summary.opening[:, :AVAILABILITY_MONTHS],
        "pipeline": summary.pipeline[:, :AVAILABILITY_MONTHS],
        "imported_t": _by_group(transit, members) + summary.orders[:, ordered].sum(axis=1),
        "imported_cash": _by_group(transit * case.landed_cost, members) + summary.orders_cash[:, ordered].sum(axis=1),
        "risk_t": summary.shortage_t[:, :DSR_MONTHS],
        "opportunity_t": summary.opportunity[:, :DSR_MONTHS],
        "risk_cash": summary.shortage_cash[:, :DSR_MONTHS],
        "value": summary.value[:, :PROJECTION_MONTHS],
        "excess_cash": summary.excess_cash,
    }
    later = [_by_group(portfolio.demand[:, month], members) for month in range(HORIZON, portfolio.demand.shape[1])]
    return np.column_stack([*(sums[name] for name in FIELDS), summary.demand, *later]), summary


def _by_group(values: Array, members: Members) -> Array:
    return np.asarray(np.add.reduceat(values, members.starts), dtype=np.float64)


def _residual(portfolio: Portfolio, transit: Array) -> Array:
    """Residual of the items that run out or have no forecast, 0 for the others, from the sum of their transit."""
    residual = np.zeros(len(portfolio))
    demand = portfolio.demand.sum(axis=1)
    some = np.flatnonzero(~portfolio.proposes | (demand == 0))
    confirmed = portfolio.confirmed.T.take(some, axis=1).T  # month by month, as it lies in memory
    residual[some] = residual_stock(
        portfolio.opening[some], transit[some, np.newaxis], confirmed, demand[some, np.newaxis]
    )
    return residual


def summarise_changed(
    case: Case,
    attributes: Attributes,
    changes: Sequence[Change],
    members: Members,
    base: Array,
    *,
    net_transit: bool,
) -> Array:
    """Sums of some items by group after some changes, shape (groups, width), from those of the ``base``.

    Only the groups with an item that a change picks are planned anew.
    """
    sums = base.copy()
    chosen = touched(attributes, changes)
    groups = np.ones(len(members.starts), np.bool_)
    if chosen is not None:
        groups = np.logical_or.reduceat(chosen, members.starts)
    if not groups.any():
        return sums
    if not groups.all():
        items = np.flatnonzero(groups.take(members.group))
        case = part_of(case, items)
        attributes = {name: Labels(one.names, one.places.take(items)) for name, one in attributes.items()}
        members = Members.of(members.sizes[groups])
    changed = apply(case, attributes, changes)
    sums[groups] = summarise(changed, members, net_transit=net_transit)[0]
    return sums


class Sums:
    """Sums by group, to which parts are added."""

    def __init__(self, cases: int, months: int) -> None:
        self._places: dict[Key, int] = {}
        self._sums = np.zeros((cases, 0, width(months)))

    @property
    def keys(self) -> list[Key]:
        """The groups so far, in the order in which they came."""
        return list(self._places)

    @property
    def values(self) -> Array:
        """Shape (cases, groups, width)."""
        return self._sums[:, : len(self._places)]

    def add(self, keys: Sequence[Key], values: Array) -> None:
        """Add a part: its groups, each once, and their sums, shape (cases, groups, width)."""
        places = [self._places.setdefault(key, len(self._places)) for key in keys]
        self._reach(len(self._places))
        self._sums[:, places] += values

    def _reach(self, groups: int) -> None:
        cases, size, columns = self._sums.shape
        if groups > size:
            more = np.zeros((cases, max(groups, 2 * size, 64), columns))
            more[:, :size] = self._sums
            self._sums = more

    def figures(self) -> Figures:
        """The sums of all cases, the groups sorted."""
        keys = self.keys
        order = sorted(range(len(keys)), key=keys.__getitem__)
        return Figures([keys[place] for place in order], self.values[:, order])


@dataclass(frozen=True)
class Figures:
    """Sums by group, sorted, of each case."""

    keys: list[Key]
    sums: Array
    """Shape (cases, groups, width)."""

    @property
    def cases(self) -> int:
        """The base and the scenarios."""
        return len(self.sums)

    def __getitem__(self, name: str) -> Array:
        """The sums of a name, shape (cases, groups, columns)."""
        start = 0
        for field, columns in FIELDS.items():
            if field == name:
                return self.sums[:, :, start : start + columns]
            start += columns
        if name != "demand":
            raise KeyError(name)
        return self.sums[:, :, start:]

    def by(self, column: int) -> Figures:
        """The same by country and sub-category (1) or brand (2); the other one is left blank."""
        coarse = [(key[0], key[1] if column == 1 else "", key[2] if column == 2 else "") for key in self.keys]
        order = sorted(range(len(coarse)), key=coarse.__getitem__)
        keys = [coarse[place] for place in order]
        starts = [place for place, key in enumerate(keys) if not place or key != keys[place - 1]]
        return Figures([keys[place] for place in starts], np.add.reduceat(self.sums[:, order], starts, axis=1))

    def stacked(self, name: str) -> Array:
        """The sums of a name, the cases one after the other, shape (cases * groups, columns)."""
        block = self[name]
        return np.ascontiguousarray(block).reshape(-1, block.shape[2])
