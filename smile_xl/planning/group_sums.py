"""Sums over items by country, sub-category and brand: all that the reports by group need, merged from any parts.

A part is an array of shape (cases, groups, width): the base and each scenario, each group that the part has, and the
sums side by side (``FIELDS``). Parts are merged in a fixed order, so that the same parts give the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
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
from smile_xl.planning import group_rows
from smile_xl.planning.scenarios import Case

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


def summarise(case: Case, members: Members, *, net_transit: bool, with_plan: bool = False) -> tuple[Array, Summary]:
    """Sums of some items by group, shape (groups, width), and what they follow from."""
    portfolio = case.portfolio
    summary = summarise_portfolio(
        portfolio,
        members.group,
        len(members.starts),
        unit_cost=case.unit_cost,
        landed_cost=case.landed_cost,
        method=case.average,
        net_transit=net_transit,
        residual=residual_of(portfolio),
        overstock_months=1,
        with_plan=with_plan,
    )
    transit = portfolio.transit.sum(axis=1)
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


def residual_of(portfolio: Portfolio) -> Array:
    """Residual of the items that run out or have no forecast, 0 for the others, shape (items,), t."""
    residual = np.zeros(len(portfolio))
    silent = portfolio.demand.max(axis=1, initial=0.0) == 0
    some = np.flatnonzero(~portfolio.proposes | silent)
    residual[some] = residual_stock(
        portfolio.opening[some],
        np.ascontiguousarray(portfolio.transit[some]),
        np.ascontiguousarray(portfolio.confirmed[some]),
        np.ascontiguousarray(portfolio.demand[some]),
    )
    return residual


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

    def figures(self, case: int) -> Figures:
        """The sums of a case, the groups sorted."""
        order = sorted(range(len(self._places)), key=self.keys.__getitem__)
        keys = self.keys
        return Figures([keys[place] for place in order], self.values[case, order])


@dataclass(frozen=True)
class Figures:
    """Sums of one case by group, sorted."""

    keys: list[Key]
    sums: Array
    """Shape (groups, width)."""

    def __getitem__(self, name: str) -> Array:
        """The sums of a name, shape (groups, columns)."""
        if name == "demand":
            return self.sums[:, sum(FIELDS.values()) :]
        start = 0
        for field, columns in FIELDS.items():
            if field == name:
                return self.sums[:, start : start + columns]
            start += columns
        raise KeyError(name)

    def by(self, *columns: int) -> Figures:
        """The same by country (0), sub-category (1) or brand (2); what is not named is left blank."""
        places: dict[Key, int] = {}
        of_group = []
        for key in self.keys:
            coarse = (key[0], key[1] if 1 in columns else "", key[2] if 2 in columns else "")
            of_group.append(places.setdefault(coarse, len(places)))
        sums = np.zeros((len(places), self.sums.shape[1]))
        np.add.at(sums, of_group, self.sums)
        order = sorted(range(len(places)), key=list(places).__getitem__)
        return Figures([list(places)[place] for place in order], sums[order])


def used_of(rows: pd.DataFrame | None, keys: Sequence[tuple[str, str]]) -> dict[str, Array]:
    """Tonnes and cash of chosen opportunities by country and sub-category, from a reconciliation of their items."""
    place = {key: number for number, key in enumerate(keys)}
    used = {name: np.zeros((len(keys), DSR_MONTHS)) for name in ("used_t", "used_cash")}
    if rows is not None:
        groups = [place[key] for key in zip(rows["country"], rows["sub_category"], strict=True)][::DSR_MONTHS]
        for name, values in used.items():
            values[groups] = rows[name].to_numpy().reshape(-1, DSR_MONTHS)
    return used


def report_rows(
    figures: Figures,
    months: Sequence[str],
    *,
    targets: Mapping[tuple[str, str], float],
    used: pd.DataFrame | None,
    currency: str,
) -> dict[str, pd.DataFrame]:
    """The reports by group as tidy rows; ``used`` is a reconciliation of the items of the chosen opportunities."""
    brands, subs = figures.by(2), figures.by(1)
    brand_keys = [(country, brand) for country, _, brand in brands.keys]
    sub_keys = [(country, sub) for country, sub, _ in subs.keys]
    stock = brands["opening"]
    covers = group_rows.availability_rows(
        months[:AVAILABILITY_MONTHS], brand_keys, brands["demand"], (stock, stock + brands["pipeline"]), targets
    )
    chosen = used_of(used, sub_keys)
    risk_t, risk_cash = subs["risk_t"], subs["risk_cash"]
    columns = {
        "risk_t": risk_t,
        "opportunity_t": subs["opportunity_t"],
        "used_t": chosen["used_t"],
        "net_t": risk_t - chosen["used_t"],
        "risk_cash": risk_cash,
        "used_cash": chosen["used_cash"],
        "net_cash": risk_cash - chosen["used_cash"],
    }
    risks = group_rows.month_rows(months[:DSR_MONTHS], sub_keys, columns)
    projected = group_rows.projection_rows(months[:PROJECTION_MONTHS], sub_keys, subs["value"])
    excess_cash = float(figures["excess_cash"].sum())
    return {
        "summary": group_rows.summary_rows(currency, projected, covers, risks, excess_cash),
        "availability": covers,
        "imports": group_rows.import_rows(brand_keys, brands["imported_t"][:, 0], brands["imported_cash"][:, 0]),
        "dsr": risks,
        "projections": projected,
    }
