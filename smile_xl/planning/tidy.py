"""The reports as tidy rows, at full precision: what ``smile-xl report`` prints and the pages show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from smile_xl.core import (
    AVAILABILITY_MONTHS,
    DSR_MONTHS,
    HORIZON,
    PROJECTION_MONTHS,
    opportunity,
    overstock,
    projected_value,
    residual_stock,
    shortage_risk,
    weeks_above_target,
)
from smile_xl.core.units import FIRST_ORDER_MONTH
from smile_xl.language import Language
from smile_xl.planning import group_rows, simulation
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.findings import Finding
from smile_xl.planning.group_rows import (
    Columns,
    at_risk_now,
    availability_rows,
    figure_rows,
    import_rows,
    month_rows,
    projection_rows,
)
from smile_xl.planning.grouping import Groups, group
from smile_xl.planning.scenarios import Labels
from smile_xl.planning.steering import stock
from smile_xl.planning.steering.budget import rows as budget_rows
from smile_xl.planning.steering.gaps import gaps
from smile_xl.planning.steering.indicators import indicator_rows
from smile_xl.planning.steering.matching import matching_rows
from smile_xl.planning.steering.segments import segment_rows
from smile_xl.planning.steering.targets import brand_targets, overstock_limit
from smile_xl.planning.steering.targets import rows as item_target_rows
from smile_xl.planning.tables import month_text

TOTAL, ALL_COUNTRIES = group_rows.TOTAL, group_rows.ALL_COUNTRIES
STOCKS = group_rows.STOCKS
demand_ahead = group_rows.demand_ahead


def srm(cycle: Cycle) -> pd.DataFrame:
    """One row per item and month: demand, safety, orders, closing, pipeline, in tonnes."""
    plan, items = cycle.plan, cycle.inputs.items
    return pd.DataFrame(
        {
            "country": np.repeat(items["country"].to_numpy(), HORIZON),
            "sap_code": np.repeat(items["sap_code"].to_numpy(), HORIZON),
            "month": _months(cycle, HORIZON) * len(items),
            "demand": cycle.inputs.portfolio.demand[:, :HORIZON].ravel(),
            "safety": plan.safety.ravel(),
            "orders": plan.orders.ravel(),
            "closing": plan.closing.ravel(),
            "pipeline": plan.pipeline.ravel(),
        }
    )


def availability(cycle: Cycle) -> pd.DataFrame:
    """Weeks of cover per country, brand, month, stock and method; NaN weeks where there is no demand to cover."""
    return _frame(_availability(cycle))


def _availability(cycle: Cycle) -> Columns:
    brands = group(cycle.inputs.items, ("country", "brand"))
    demand = brands.sum(cycle.inputs.portfolio.demand)
    months = _months(cycle, AVAILABILITY_MONTHS)
    targets = brand_targets(cycle.inputs, brands)
    return availability_rows(months, brands.keys, demand, start_stocks(cycle, brands), targets)


def start_stocks(cycle: Cycle, brands: Groups) -> tuple[np.ndarray, np.ndarray]:
    """Stock at the start of each month, alone and with the pipeline at its end, summed by group."""
    closing, opening = cycle.plan.closing, cycle.inputs.portfolio.opening
    start = np.maximum(np.column_stack((opening, closing[:, : AVAILABILITY_MONTHS - 1])), 0.0)
    total = brands.sum(start)
    return total, total + brands.sum(cycle.plan.pipeline[:, :AVAILABILITY_MONTHS])


def imports(cycle: Cycle) -> pd.DataFrame:
    """Each brand's part of what will be imported over 7 months: tonnes, cash at landed cost, shares of its country."""
    brands = group(cycle.inputs.items, ("country", "brand"))
    orders = cycle.plan.orders[:, FIRST_ORDER_MONTH:AVAILABILITY_MONTHS]
    tonnes = cycle.inputs.portfolio.transit.sum(axis=1) + orders.sum(axis=1)
    cash = tonnes * cycle.inputs.landed_cost
    return _frame(import_rows(brands.keys, brands.sum(tonnes), brands.sum(cash)))


def dsr(cycle: Cycle) -> pd.DataFrame:
    """Risks and opportunities per country, sub-category and month, before and after the chosen opportunities."""
    inputs = cycle.inputs
    groups = group(inputs.items, ("country", "sub_category"))
    closing = cycle.plan.closing[:, :DSR_MONTHS]
    landed = inputs.landed_cost[:, np.newaxis]
    risk = shortage_risk(closing)
    used = used_opportunities(cycle)
    columns = {
        "risk_t": groups.sum(risk),
        "opportunity_t": groups.sum(opportunity(closing)),
        "used_t": groups.sum(used),
        "net_t": groups.sum(risk - used),
        "risk_cash": groups.sum(risk * landed),
        "used_cash": groups.sum(used * landed),
        "net_cash": groups.sum((risk - used) * landed),
    }
    return _frame(month_rows(_months(cycle, DSR_MONTHS), groups.keys, columns))


def used_opportunities(cycle: Cycle) -> np.ndarray:
    """Tonnes of chosen opportunities that cover each item's risk, shape (items, 3)."""
    used = np.zeros((len(cycle.inputs.items), DSR_MONTHS))
    for line in cycle.inputs.opportunities:
        used[line.risk, line.month] += line.tonnes
    return used


def projections(cycle: Cycle) -> pd.DataFrame:
    """Value of the stock per country, sub-category and month, with the totals of each country and of all."""
    inputs, plan = cycle.inputs, cycle.plan
    months = slice(None, PROJECTION_MONTHS)
    value = projected_value(plan.closing[:, months], plan.pipeline[:, months], inputs.unit_cost, inputs.landed_cost)
    groups = group(inputs.items, ("country", "sub_category"))
    return _frame(projection_rows(_months(cycle, PROJECTION_MONTHS), groups.keys, groups.sum(value)))


def overstocks(cycle: Cycle) -> pd.DataFrame:
    """Overstock per item and month, and on the first month's row the item's residual, in tonnes and cash."""
    inputs, items = cycle.inputs, cycle.inputs.items
    portfolio = inputs.portfolio
    tonnes = overstock(cycle.plan.closing, portfolio.demand, portfolio.weeks_cover, overstock_limit(inputs))
    residual = residual_by_item(cycle)
    first = np.zeros_like(tonnes)
    first[:, 0] = residual
    cost = inputs.unit_cost[:, np.newaxis]
    run_out = ~portfolio.proposes & (residual > 0)
    reason = np.where(tonnes > 0, "overstock", "")
    reason = np.where((residual > 0)[:, np.newaxis], np.where(run_out, "residual", "no demand")[:, np.newaxis], reason)
    return pd.DataFrame(
        {
            "country": np.repeat(items["country"].to_numpy(), HORIZON),
            "sap_code": np.repeat(items["sap_code"].to_numpy(), HORIZON),
            "month": _months(cycle, HORIZON) * len(items),
            "overstock_t": tonnes.ravel(),
            "overstock_cash": (tonnes * cost).ravel(),
            "residual_t": first.ravel(),
            "residual_cash": (first * cost).ravel(),
            "reason": reason.ravel(),
        }
    )


def residual_by_item(cycle: Cycle) -> np.ndarray:
    """Residual of the items that run out or have no forecast, 0 for the others, shape (items,), t."""
    portfolio = cycle.inputs.portfolio
    residual = residual_stock(portfolio.opening, portfolio.transit, portfolio.confirmed, portfolio.demand)
    silent = portfolio.demand.sum(axis=1) == 0
    return np.where(~portfolio.proposes | silent, residual, 0.0)


def _excess_cash(cycle: Cycle) -> np.ndarray:
    """Cash in each item's residual, or else in its overstock of the first month, shape (items,)."""
    inputs = cycle.inputs
    portfolio = inputs.portfolio
    limit = overstock_limit(inputs)
    first = None if limit is None else limit[:, :1]
    over = overstock(cycle.plan.closing[:, :1], portfolio.demand, portfolio.weeks_cover, first)[:, 0]
    residual = residual_by_item(cycle)
    cash: np.ndarray = np.where(residual > 0, residual, over) * inputs.unit_cost
    return cash


def excess(cycle: Cycle) -> pd.DataFrame:
    """One row per item: overstock of the first month, residual, and the found, which counts neither twice."""
    everything = overstocks(cycle)
    rows = everything.iloc[::HORIZON]
    portfolio = cycle.inputs.portfolio
    limit = overstock_limit(cycle.inputs)
    first = None if limit is None else limit[:, :1]
    above = weeks_above_target(cycle.plan.closing[:, :1], portfolio.demand, portfolio.weeks_cover, first)[:, 0]
    tonnes = everything["overstock_t"].to_numpy().reshape(-1, HORIZON)
    found = cycle.inputs.items[["country", "sap_code", "description", "status", "sub_category", "brand"]].copy()
    for name in ("overstock_t", "overstock_cash", "residual_t", "residual_cash", "reason"):
        found[name] = rows[name].to_numpy()
    found["weeks_above"] = above
    found["excess_cash"] = _excess_cash(cycle)
    found["carrying"] = found["excess_cash"] * cycle.inputs.settings.carrying_rate
    found["path"] = list(tonnes.tolist())
    later = (found["reason"].to_numpy() == "") & (tonnes > 0).any(axis=1)
    found["reason"] = np.where(later, "overstock", found["reason"])
    return found.sort_values(["excess_cash", "country", "sap_code"], ascending=[False, True, True], kind="stable")


def summary(cycle: Cycle) -> pd.DataFrame:
    """The five figures that a manager asks for, with their units."""
    value = projections(cycle)["value"].to_numpy()[np.newaxis, -PROJECTION_MONTHS:]
    net_risk = np.array([dsr(cycle)["net_cash"].sum()])
    excess_cash = np.array([_excess_cash(cycle).sum()])
    at_risk = at_risk_now(_availability(cycle))
    return _frame(figure_rows(cycle.inputs.settings.currency, value, at_risk, net_risk, excess_cash))


CHECK_COLUMNS = (
    *("severity", "sheet", "cell", "finding", "action"),
    *("code", "country", "sap_code", "cash", "count", "snoozed_until"),
)
"""Columns of the rows of the checks."""


def checks(cycle: Cycle) -> pd.DataFrame:
    """The findings on the inputs as a check shows them, worst first; ``count`` is how many a row stands for."""
    return check_rows(cycle.findings, cycle.inputs.settings.language)


def check_rows(findings: Sequence[Finding], spoken: Language) -> pd.DataFrame:
    """Findings as rows, in a language."""
    rows = [
        (
            *(one.severity, one.sheet, one.cell, one.text(spoken), one.action(spoken)),
            *(one.kind, one.country, one.sap_code, one.cash, one.count, one.snoozed_until),
        )
        for one in findings
    ]
    found = pd.DataFrame(rows, columns=list(CHECK_COLUMNS))
    return found.astype({"cash": "float64"})


def simulated(cycle: Cycle) -> pd.DataFrame:
    """Safety stock per item and month by the two policies that are compared, and what the new one frees."""
    return simulation.rows(simulation.compare(cycle))


def segmented(cycle: Cycle) -> pd.DataFrame:
    """The classes of every item, and the cover that the method proposes."""
    return segment_rows(cycle.inputs)


REPORTS: dict[str, Callable[[Cycle], pd.DataFrame]] = {
    "summary": summary,
    "srm": srm,
    "availability": availability,
    "imports": imports,
    "dsr": dsr,
    "projections": projections,
    "overstock": overstocks,
    "simulation": simulated,
    "segments": segmented,
    "stock": stock.rows,
    "states": stock.state_rows,
    "targets": item_target_rows,
    "gaps": gaps,
    "budget": budget_rows,
    "indicators": indicator_rows,
    "matching": matching_rows,
    "checks": checks,
}


def _frame(columns: Columns) -> pd.DataFrame:
    texts = {
        name: np.array(column.names, dtype=object).take(column.places)
        for name, column in columns.items()
        if isinstance(column, Labels)
    }
    return pd.DataFrame({**columns, **texts})


def _months(cycle: Cycle, count: int) -> list[str]:
    return [month_text(month) for month in cycle.inputs.months[:count]]
