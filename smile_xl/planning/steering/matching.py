"""Matching: which item's surplus should cover which item's shortage, and what the best choice gains over the usual one.

What is covered is worth the landed cost of the item at risk; moving costs what the table of transfers says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core import DSR_MONTHS, shortage_risk
from smile_xl.core.checks import Array
from smile_xl.core.matching import LEAST, Lines, Places, Transport, can_give
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.inputs import Opportunity
from smile_xl.planning.names import NO_NAME
from smile_xl.planning.steering.cover import MOST_NODES, best_cover
from smile_xl.planning.steering.transfers import Ways, ways
from smile_xl.planning.tables import month_text

METHODS = ("optimal", "greedy")


@dataclass(frozen=True)
class Cover:
    """Lines that cover risks, the most valuable first."""

    month: Places
    """Month of the risk, 0 to 2."""
    risk: Places
    """Position of the item at risk."""
    donor: Places
    """Position of the item that gives."""
    tonnes: Array
    cash: Array
    """Value of the risk that is covered, at its landed cost."""
    cost: Array
    """Cost of moving."""

    def __len__(self) -> int:
        return len(self.tonnes)

    @property
    def value(self) -> float:
        """Value of the risk that is covered, less the cost of moving."""
        return float(self.cash.sum() - self.cost.sum())

    def covered(self, items: int) -> Array:
        """Tonnes of each item's risk that are covered, shape (items, 3)."""
        covered = np.zeros((items, DSR_MONTHS))
        np.add.at(covered, (self.risk, self.month), self.tonnes)
        return covered

    def opportunities(self, lines: Sequence[int]) -> list[Opportunity]:
        """Some of the lines as chosen opportunities, of no row yet."""
        return [
            Opportunity(int(self.month[one]), int(self.risk[one]), int(self.donor[one]), float(self.tonnes[one]), -1)
            for one in lines
        ]


@dataclass(frozen=True)
class Matching:
    """The best cover of a cycle's risks, the greedy one, and what no cover exceeds."""

    optimal: Cover
    greedy: Cover
    most: float
    """Value that no cover exceeds."""
    open_risk: Array
    """Risk that the chosen opportunities leave, shape (items, 3), t."""

    @property
    def gain(self) -> float:
        """What the best cover is worth beyond the greedy one."""
        return self.optimal.value - self.greedy.value

    @property
    def is_proved(self) -> bool:
        """No cover is better."""
        return self.optimal.value >= self.most * (1 - 1e-9)


def match(cycle: Cycle) -> Matching:
    """Propose opportunities for what the chosen ones leave open."""
    inputs, plan = cycle.inputs, cycle.plan
    names = sorted(set(inputs.items["country"]))
    place = {name: number for number, name in enumerate(names)}
    country = np.array([place[name] for name in inputs.items["country"].tolist()], dtype=np.int64)
    routes = ways(names, inputs.steering.transfers, inputs.countries, inputs.settings)
    closing = plan.closing[:, :DSR_MONTHS]
    used, given = np.zeros(closing.shape), np.zeros(closing.shape)
    for line in inputs.opportunities:
        used[line.risk, line.month] += line.tonnes
        leaves = line.month - int(routes.months[country[line.donor], country[line.risk]])
        given[line.donor, max(leaves, 0)] += line.tonnes
    open_risk = np.maximum(shortage_risk(closing) - used, 0.0)
    kept = plan.safety[:, :DSR_MONTHS] if inputs.settings.keep_safety else np.zeros(closing.shape)
    gift = can_give(closing, kept, given)
    parts: dict[str, list[Cover]] = {method: [] for method in METHODS}
    most, nodes = 0.0, MOST_NODES
    for risk, month, donors, transport in _transports(cycle, routes, country, open_risk, gift):
        choice = best_cover(transport, nodes)
        nodes -= choice.nodes
        most += choice.most
        for method, lines in zip(METHODS, (choice.lines, choice.greedy), strict=True):
            parts[method].append(_cover(lines, risk, month, donors, transport, inputs.landed_cost))
    found = {method: _ranked(covers) for method, covers in parts.items()}
    return Matching(found["optimal"], found["greedy"], most, open_risk)


def matching_rows(cycle: Cycle) -> pd.DataFrame:
    """One row per line of either method, the most valuable first; cash is the risk that is covered, at landed cost."""
    found = match(cycle)
    return pd.concat([_rows(cycle, getattr(found, method), method) for method in METHODS], ignore_index=True)


def numbered_rows(cycle: Cycle, found: Matching) -> pd.DataFrame:
    """The lines of the best cover with the numbers that they have in the sheet Matching."""
    rows = _rows(cycle, found.optimal, "optimal").drop(columns="method")
    rows.insert(0, "line", np.arange(1, len(rows) + 1))
    return rows.assign(cost=found.optimal.cost)


def _rows(cycle: Cycle, cover: Cover, method: str) -> pd.DataFrame:
    country, code = (cycle.inputs.items[name].to_numpy() for name in ("country", "sap_code"))
    months = [month_text(month) for month in cycle.inputs.months[:DSR_MONTHS]]
    return pd.DataFrame(
        {
            "month": [months[month] for month in cover.month.tolist()],
            "country": country[cover.risk],
            "risk_sap_code": code[cover.risk],
            "donor_country": country[cover.donor],
            "donor_sap_code": code[cover.donor],
            "tonnes": cover.tonnes,
            "cash": cover.cash,
            "method": method,
        }
    )


def _transports(
    cycle: Cycle, routes: Ways, country: Places, open_risk: Array, gift: Array
) -> Iterator[tuple[Places, Places, Places, Transport]]:
    """Each sub-category and set of countries that goods may move between: items and months at risk, donors, limits."""
    names = cycle.inputs.items["sub_category"].tolist()
    known = np.array([name != NO_NAME for name in names], dtype=bool)
    position = {name: number for number, name in enumerate(sorted(set(names)))}
    sub_category = np.array([position[name] for name in names], dtype=np.int64)
    group = sub_category * len(routes.allowed) + _connected(routes.allowed)[country]
    item, month = np.nonzero((open_risk >= LEAST) & known[:, np.newaxis])
    donors = np.flatnonzero((gift[:, -1] >= LEAST) & known)
    by_risk, by_donor = np.argsort(group[item], kind="stable"), np.argsort(group[donors], kind="stable")
    item, month, donors = item[by_risk], month[by_risk], donors[by_donor]
    landed = cycle.inputs.landed_cost
    for one in np.intersect1d(group[item], group[donors]).tolist():
        rows = slice(*np.searchsorted(group[item], [one, one + 1]).tolist())
        risk, when = item[rows], month[rows]
        giving = donors[slice(*np.searchsorted(group[donors], [one, one + 1]).tolist())]
        origins, origin = np.unique(country[giving], return_inverse=True)
        way = (origins[np.newaxis, :], country[risk][:, np.newaxis])
        leaves = np.where(routes.allowed[way], when[:, np.newaxis] - routes.months[way], -1)
        yield (
            risk,
            when,
            giving,
            Transport(
                gift=gift[giving],
                origin=origin.astype(np.int64),
                risk=open_risk[risk, when],
                margin=landed[risk][:, np.newaxis] - routes.cost[way],
                month=np.maximum(leaves, -1),
                minimum=routes.minimum[way],
            ),
        )


def _connected(allowed: np.ndarray) -> Places:
    """The set of countries that each country belongs to: those that goods can reach from one another."""
    reach = allowed | allowed.T | np.eye(len(allowed), dtype=bool)
    for _ in range(len(allowed)):
        wider = reach @ reach
        if (wider == reach).all():
            break
        reach = wider
    return np.asarray(reach.argmax(axis=1), dtype=np.int64)


def _cover(lines: Lines, risk: Places, month: Places, donors: Places, transport: Transport, landed: Array) -> Cover:
    cash = lines.tonnes * landed[risk[lines.risk]]
    value = lines.tonnes * transport.margin[lines.risk, transport.origin[lines.donor]]
    return Cover(month[lines.risk], risk[lines.risk], donors[lines.donor], lines.tonnes, cash, cash - value)


def _ranked(covers: Sequence[Cover]) -> Cover:
    """All lines, the most valuable first; of the same value, in the order of months and items."""
    names = ("month", "risk", "donor", "tonnes", "cash", "cost")
    empty = {name: np.zeros(0, dtype=np.int64 if name in names[:3] else np.float64) for name in names}
    columns = {name: np.concatenate([empty[name], *(getattr(one, name) for one in covers)]) for name in names}
    order = np.lexsort((columns["donor"], columns["risk"], columns["month"], -columns["cash"]))
    return Cover(**{name: column[order] for name, column in columns.items()})
