"""A cycle as Parquet tables: one row per item, wide, in the columns of the CSV files; months as offsets from the start.

``demand_00`` is the forecast of the cycle's start month, ``demand_01`` that of the month after it. The small tables of
the book are files of their own. docs/archive.md describes every column.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smile_xl.books.archive.columns import NUMBERS, TEXTS, WEEKS, month_names, numbers, texts
from smile_xl.books.archive.meetings import meeting_tables
from smile_xl.books.archive.policies import policy_tables
from smile_xl.books.archive.stock import stock_tables
from smile_xl.core import HORIZON, PROJECTION_MONTHS, projected_value
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.rules import BUILT_IN_COUNTRIES, BUILT_IN_STATUSES, country_rows, status_rows
from smile_xl.planning.settings import settings_as_text
from smile_xl.planning.tables import month_text


def tables_of(cycle: Cycle) -> dict[str, pa.Table]:
    """Every table of a cycle by its name."""
    inputs = cycle.inputs
    return {
        "items": _items(inputs),
        "results": _results(cycle),
        "countries": _countries(inputs),
        "statuses": _statuses(inputs),
        "targets": _targets(inputs),
        "opportunities": _opportunities(inputs),
        "safety_policies": _policies(inputs),
        "settings": _settings(inputs),
        **_steering(inputs),
    }


def _items(inputs: Inputs) -> pa.Table:
    portfolio, items = inputs.portfolio, inputs.items
    columns: dict[str, pa.Array] = {name: texts(items[name].tolist()) for name in TEXTS}
    amounts = (
        *(items["net_case_weight"].to_numpy(dtype=np.float64), portfolio.weeks_cover, portfolio.moq),
        *(portfolio.multiple, portfolio.opening, inputs.unit_cost, inputs.landed_cost),
    )
    columns |= {name: numbers(values) for name, values in zip(NUMBERS, amounts, strict=True)}
    columns |= _months(WEEKS, portfolio.transit)
    columns |= _months(month_names("demand", portfolio.demand.shape[1]), portfolio.demand)
    columns |= _months(month_names("confirmed", HORIZON), portfolio.confirmed)
    return pa.table(columns)


def _results(cycle: Cycle) -> pa.Table:
    inputs, plan = cycle.inputs, cycle.plan
    columns = {name: texts(inputs.items[name].tolist()) for name in TEXTS[:2]}
    for name in ("safety", "orders", "closing", "pipeline"):
        columns |= _months(month_names(name, HORIZON), getattr(plan, name))
    columns |= _months(month_names("value", PROJECTION_MONTHS), item_values(cycle))
    return pa.table(columns)


def item_values(cycle: Cycle) -> np.ndarray:
    """Projected value of each item, shape (items, 10)."""
    months = slice(None, PROJECTION_MONTHS)
    plan, inputs = cycle.plan, cycle.inputs
    return projected_value(plan.closing[:, months], plan.pipeline[:, months], inputs.unit_cost, inputs.landed_cost)


def _countries(inputs: Inputs) -> pa.Table:
    spoken = inputs.settings.language
    rules = country_rows(spoken) if inputs.countries is BUILT_IN_COUNTRIES else list(inputs.countries.values())
    columns: dict[str, pa.Array] = {
        "country": texts([rule.name for rule in rules]),
        "frozen_months": pa.array([rule.frozen for rule in rules], pa.int64()),
    }
    for place, week in enumerate(WEEKS):
        columns[week] = pa.array([rule.landing[place] for rule in rules], pa.int64())
    return pa.table({**columns, "pipeline_months": pa.array([rule.pipeline for rule in rules], pa.int64())})


def _statuses(inputs: Inputs) -> pa.Table:
    spoken = inputs.settings.language
    rules = status_rows(spoken) if inputs.statuses is BUILT_IN_STATUSES else list(inputs.statuses.values())
    return pa.table(
        {
            "status": texts([rule.name for rule in rules]),
            "propose_orders": pa.array([rule.proposes for rule in rules], pa.bool_()),
            "hold_safety_stock": pa.array([rule.holds_safety for rule in rules], pa.bool_()),
        }
    )


def _targets(inputs: Inputs) -> pa.Table:
    keys = sorted(inputs.targets)
    return pa.table(
        {
            "country": texts([country for country, _ in keys]),
            "brand": texts([brand for _, brand in keys]),
            "target_weeks": pa.array([inputs.targets[key] for key in keys], pa.float64()),
        }
    )


def _opportunities(inputs: Inputs) -> pa.Table:
    country, code = (inputs.items[name].tolist() for name in TEXTS[:2])
    lines = inputs.opportunities
    return pa.table(
        {
            "month": texts([month_text(inputs.months[line.month]) for line in lines]),
            "country": texts([country[line.risk] for line in lines]),
            "risk_sap_code": texts([code[line.risk] for line in lines]),
            "donor_country": texts([country[line.donor] for line in lines]),
            "donor_sap_code": texts([code[line.donor] for line in lines]),
            "tonnes": pa.array([line.tonnes for line in lines], pa.float64()),
        }
    )


def _policies(inputs: Inputs) -> pa.Table:
    country, code = (inputs.items[name].tolist() for name in TEXTS[:2])
    chosen = sorted(inputs.policies)
    return pa.table(
        {
            "country": texts([country[item] for item in chosen]),
            "sap_code": texts([code[item] for item in chosen]),
            "policy": texts([inputs.policies[item] for item in chosen]),
        }
    )


def _steering(inputs: Inputs) -> dict[str, pa.Table]:
    """The tables of the steering loop that say something."""
    tables = {**stock_tables(inputs), **policy_tables(inputs), **meeting_tables(inputs.steering)}
    tables["transfers"] = _transfers(inputs)
    return {name: table for name, table in tables.items() if table.num_rows}


def _transfers(inputs: Inputs) -> pa.Table:
    rows = list(inputs.steering.transfers.rows.values())
    return pa.table(
        {
            "from_country": texts([row.source for row in rows]),
            "to_country": texts([row.target for row in rows]),
            "allowed": pa.array([row.allowed for row in rows], pa.bool_()),
            "cost_per_t": numbers(np.array([row.cost for row in rows])),
            "minimum_t": numbers(np.array([row.minimum for row in rows])),
            "transfer_weeks": numbers(np.array([row.weeks for row in rows])),
        }
    )


def _settings(inputs: Inputs) -> pa.Table:
    found = settings_of(inputs)
    return pa.table({"setting": texts(list(found)), "value": texts(list(found.values()))})


def settings_of(inputs: Inputs) -> dict[str, str]:
    """The settings as text that a book understands."""
    return settings_as_text(inputs.settings)


def _months(names: list[str] | tuple[str, ...], values: np.ndarray) -> dict[str, pa.Array]:
    return {name: numbers(values[:, place]) for place, name in enumerate(names)}
