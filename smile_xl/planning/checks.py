"""Checks that need the plan: donors that give what they don't have, stock without forecast, blank frozen months."""

from __future__ import annotations

import numpy as np

from smile_xl.core import DSR_MONTHS, Plan, months_on_mean, opportunity, shortage_risk
from smile_xl.core.units import FIRST_ORDER_MONTH, NOISE
from smile_xl.planning.inputs import Inputs, Opportunity
from smile_xl.planning.noting import always, note_items
from smile_xl.planning.oddities import check_oddities
from smile_xl.planning.steering.resolve import check_policies
from smile_xl.planning.tables import Notebook, month_text


def check_plan(inputs: Inputs, plan: Plan, notes: Notebook) -> None:
    """Note what the plan shows about the inputs."""
    _check_opening(inputs, notes)
    _check_frozen(inputs, notes)
    _check_demand(inputs, notes)
    check_oddities(inputs, notes)
    _check_donors(inputs, plan, notes)
    _check_risks(inputs, plan, notes)
    check_policies(inputs, notes)


def _item(inputs: Inputs, item: int) -> dict[str, str]:
    """Country and code of an item."""
    names = inputs.items[["country", "sap_code"]].iloc[item]
    return {"country": names["country"], "sap_code": names["sap_code"]}


def _check_opening(inputs: Inputs, notes: Notebook) -> None:
    opening = inputs.portfolio.opening
    items = np.flatnonzero(opening < 0)
    note_items(
        inputs, notes, "opening_negative", items, inputs.srm.opening_column,
        -opening[items] * inputs.unit_cost[items], lambda place: {"value": float(opening[items[place]])},
    )  # fmt: skip


def _check_frozen(inputs: Inputs, notes: Notebook) -> None:
    """A blank frozen month after the transit: the supplier has committed to something that nobody typed.

    At stake is the demand of the month, which no order covers.
    """
    portfolio = inputs.portfolio
    for month, column in sorted(inputs.srm.confirmed_columns.items()):
        if month < FIRST_ORDER_MONTH:
            continue
        blank = np.isnan(portfolio.confirmed[:, month]) & (portfolio.frozen > month) & portfolio.proposes
        items = np.flatnonzero(blank)
        text = month_text(inputs.months[month])
        cash = portfolio.demand[items, month] * inputs.landed_cost[items]
        note_items(inputs, notes, "frozen_blank", items, column, cash, always(month=text))


def _check_demand(inputs: Inputs, notes: Notebook) -> None:
    table, portfolio = inputs.srm.table, inputs.portfolio
    stock, transit = np.maximum(portfolio.opening, 0.0), portfolio.transit.sum(axis=1)
    silent = (portfolio.demand.sum(axis=1) == 0) & (stock + transit > 0) & portfolio.proposes
    items = np.flatnonzero(silent)
    cash = stock[items] * inputs.unit_cost[items] + transit[items] * inputs.landed_cost[items]
    tonnes = (stock + transit)[items]
    note_items(inputs, notes, "no_demand", items, -1, cash, lambda place: {"tonnes": float(tonnes[place])})
    exact = np.array(inputs.safety_methods) == "exact"
    if exact.any():
        weeks = np.where(portfolio.holds_safety & exact, portfolio.weeks_cover, 0.0)
        count = int(months_on_mean(len(inputs.months), weeks).sum())
        if count:
            notes.note("info", "on_mean", table.grid, count=count, months=len(inputs.months))


def _check_donors(inputs: Inputs, plan: Plan, notes: Notebook) -> None:
    """For every month m, what a donor gave in months 0 to m is at most max(C[m], 0)."""
    table = inputs.opportunity_table
    if table is None:
        return
    has = opportunity(plan.closing)[:, :DSR_MONTHS]
    subs = inputs.items["sub_category"].tolist()
    column = table.columns["donor_code"]
    gifts: dict[int, list[Opportunity]] = {}
    for line in inputs.opportunities:
        gifts.setdefault(line.donor, []).append(line)
        if subs[line.donor] != subs[line.risk]:
            donor, risk = subs[line.donor], subs[line.risk]
            notes.note("warning", "donor_elsewhere", table.grid, line.row, column, donor=donor, risk=risk)
    for donor, lines in gifts.items():
        given = np.zeros(DSR_MONTHS)
        for line in lines:
            given[line.month :] += line.tonnes
        over = np.flatnonzero(given > has[donor] + NOISE * given)
        if over.size:
            month = int(over[0])
            last = max(line.month for line in lines if line.month <= month) if given[month] else month
            values = {
                "given": float(given[month]),
                "has": float(has[donor, month]),
                "month": month_text(inputs.months[last]),
                "when": month_text(inputs.months[month]),
            }
            notes.note("error", "donor_over", table.grid, lines[-1].row, column, **values, **_item(inputs, donor))


def _check_risks(inputs: Inputs, plan: Plan, notes: Notebook) -> None:
    """What covers a risk in a month is at most the risk."""
    table = inputs.opportunity_table
    if table is None:
        return
    risk = shortage_risk(plan.closing)
    uses: dict[tuple[int, int], list[Opportunity]] = {}
    for line in inputs.opportunities:
        uses.setdefault((line.risk, line.month), []).append(line)
    for (item, month), lines in uses.items():
        used = sum(line.tonnes for line in lines)
        if used > risk[item, month] + NOISE * used:
            values = {"used": used, "risk": float(risk[item, month]), "month": month_text(inputs.months[month])}
            column = table.columns["risk_code"]
            notes.note("error", "risk_over", table.grid, lines[-1].row, column, **values, **_item(inputs, item))
