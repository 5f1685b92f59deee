"""What the meetings of the month look at: their figures, and what is still open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from smile_xl.core.units import FIRST_ORDER_MONTH
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.findings import count_of
from smile_xl.planning.steering.commitments import Commitment
from smile_xl.planning.steering.gaps import find_gaps

Unit = Literal["items", "of_items", "findings", "of_brands", "tonnes", "cash", "rows"]


@dataclass(frozen=True)
class Figure:
    """One figure that a meeting looks at."""

    meeting: str
    """One of ``MEETINGS``."""
    name: str
    value: float
    unit: Unit
    of: int = 0
    """How many there are, where the figure counts some of them."""


def commitments(cycle: Cycle) -> list[Commitment]:
    """Decisions, then actions."""
    return [*cycle.inputs.steering.decisions, *cycle.inputs.steering.actions]


def open_commitments(cycle: Cycle) -> list[Commitment]:
    """What is still open, the overdue first, then by due date."""
    today = cycle.inputs.months[0]
    rows = [one for one in commitments(cycle) if one.status == "open"]
    return sorted(rows, key=lambda one: (not one.overdue(today), one.due or dt.date.max, one.number))


def figures(cycle: Cycle) -> list[Figure]:
    """What the meetings look at, in their order."""
    inputs, plan = cycle.inputs, cycle.plan
    portfolio, items = inputs.portfolio, len(inputs.items)
    held = np.maximum(portfolio.opening, 0.0) + portfolio.transit.sum(axis=1) > 0
    covers = tidy.availability(cycle)
    now = covers[(covers["stock"] == tidy.STOCKS[0]) & (covers["method"] == "exact")].groupby(["country", "brand"])
    brands = now.head(1)
    risks = tidy.dsr(cycle)
    summary = tidy.summary(cycle)
    shown = dict(zip(summary["figure"].tolist(), summary["value"].tolist(), strict=True))
    first = np.maximum(portfolio.frozen, FIRST_ORDER_MONTH)
    blank = sum(finding.count for finding in cycle.findings if finding.kind == "frozen_blank")
    late = sum(one.overdue(inputs.months[0]) for one in commitments(cycle))
    warnings = count_of(cycle.findings)["warnings"]
    measured = int((~np.isnan(inputs.measured.demand_error)).sum())
    silent = held & (portfolio.demand.sum(axis=1) == 0)
    return [
        Figure("demand", "no_forecast", float(silent.sum()), "of_items", items),
        Figure("demand", "error", float(measured), "of_items", items),
        Figure("demand", "warnings", float(warnings), "findings"),
        Figure("supply", "brands", float(brands["at_risk"].sum()), "of_brands", len(brands)),
        Figure("supply", "to_order", float(plan.orders[np.arange(items), first].sum()), "tonnes"),
        Figure("supply", "frozen", float(blank), "findings"),
        Figure("reconciliation", "risk", float(risks["risk_cash"].sum()), "cash"),
        Figure("reconciliation", "used", float(risks["used_cash"].sum()), "cash"),
        Figure("reconciliation", "net", float(risks["net_cash"].sum()), "cash"),
        Figure("executive", "stock", shown["stock_value"], "cash"),
        Figure("executive", "gap", float(find_gaps(cycle).gap[:, 0].sum()), "cash"),
        Figure("executive", "excess", shown["excess"], "cash"),
        Figure("executive", "late", float(late), "rows"),
    ]
