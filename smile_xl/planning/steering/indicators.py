"""Indicators of the S&OP: forecasts, supply, stock and service, each measured where the book has what it needs.

A figure that can't be measured is NaN, never 0. Scopes are all countries, each country, and for what follows from
items each sub-category of a country.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smile_xl.core import (
    DAYS_A_YEAR,
    HORIZON,
    PROJECTION_MONTHS,
    bias,
    in_full_and_on_time,
    plan_adherence,
    projected_value,
    shortage_risk,
    stock_turns,
    wmape,
)
from smile_xl.core.checks import Array
from smile_xl.planning.accuracy import forecast_accuracy, measures
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.group_rows import ALL_COUNTRIES, TOTAL
from smile_xl.planning.last_cycle import item_keys_of
from smile_xl.planning.names import plain
from smile_xl.planning.tables import Month, month_text

SHARES = ("wmape", "bias", "honoured", "cancelled", "otif", "adherence", "stock_deviation")
"""Indicators that are shares."""

MONEY = ("stock_actual", "stock_projected", "working_capital", "lost_sales")
"""Indicators in the currency of the book."""

RATES = ("turns", "days_of_inventory")
"""Turns a year, and days."""

INDICATORS = (*SHARES, *MONEY, *RATES)

LAST_CYCLES = 6
"""Archived cycles whose forecasts are compared with the demand that came."""


@dataclass(frozen=True)
class Indicator:
    """One figure."""

    name: str
    """One of ``INDICATORS``; of an archived forecast with its lag, as in "wmape lag 1"."""
    scope: str
    """Total, a country, or a country and sub-category."""
    month: Month | None
    """None for a figure of no single month."""
    value: float
    """NaN where it can't be measured."""


@dataclass(frozen=True)
class Receipt:
    """One order of the sheet Receipts."""

    country: str
    planned: Month
    planned_day: float
    received: Month | None
    received_day: float
    ordered: float
    came: float
    cancelled: bool


def indicators(cycle: Cycle) -> list[Indicator]:
    """Every indicator of a cycle; those that can't be measured once, for all countries."""
    found = [*_forecasts(cycle), *_by_lag(cycle), *_supply(cycle), *_stock_against_plan(cycle), *_plan(cycle)]
    measured = {one.name for one in found}
    return [*found, *(Indicator(name, ALL_COUNTRIES, None, np.nan) for name in INDICATORS if name not in measured)]


def indicator_rows(cycle: Cycle) -> pd.DataFrame:
    """One row per figure; a value that can't be measured is NaN."""
    money = cycle.inputs.settings.currency
    units = {**dict.fromkeys(SHARES, "share"), **dict.fromkeys(MONEY, money), "turns": "a year"}
    units["days_of_inventory"] = "days"
    rows = [
        (one.name, one.scope, month_text(one.month) if one.month else "", one.value, units[one.name.split(" lag ")[0]])
        for one in indicators(cycle)
    ]
    return pd.DataFrame(rows, columns=["indicator", "scope", "month", "value", "unit"])


def scopes_of(cycle: Cycle) -> dict[str, np.ndarray]:
    """Positions of the items of each scope: all, each country, each sub-category of it."""
    items = cycle.inputs.items
    countries, subs = items["country"].to_numpy(dtype=object), items["sub_category"].to_numpy(dtype=object)
    found = {ALL_COUNTRIES: np.arange(len(items))}
    for country in sorted(set(countries.tolist())):
        own = np.flatnonzero(countries == country)
        found[country] = own
        for sub in sorted(set(subs[own].tolist())):
            found[scope_name(country, sub)] = own[subs[own] == sub]
    return found


def scope_name(country: str, sub_category: str) -> str:
    """Name of a sub-category's scope."""
    return f"{country} / {sub_category}"


# Forecasts ------------------------------------------------------------------------------------------------------------


def _forecasts(cycle: Cycle) -> Iterator[Indicator]:
    """Error and bias of the forecasts that stand beside the demand in Actual demand, in all and by month."""
    inputs = cycle.inputs
    lines: list[list[Any]] = inputs.measured.rows["actual_demand"]
    place = {key: item for item, key in enumerate(item_keys_of(*_names(cycle)))}
    keys = item_keys_of([str(line[0]) for line in lines], [str(line[1]) for line in lines])
    said = [(place[key], line) for key, line in zip(keys, lines, strict=True) if key in place]
    if not said:
        return
    months: list[Month] = sorted({line[2] for _, line in said})
    column = {month: number for number, month in enumerate(months)}
    forecast, actual = np.full((2, len(inputs.items), len(months)), np.nan)
    for item, (_, _, month, wanted, came) in said:
        forecast[item, column[month]], actual[item, column[month]] = wanted, came
    for scope, items in scopes_of(cycle).items():
        yield from _measured("wmape", wmape, scope, actual[items], forecast[items], months)
        yield from _measured("bias", bias, scope, actual[items], forecast[items], months)


def _measured(
    name: str,
    measure: Callable[[Array, Array], Array],
    scope: str,
    actual: Array,
    forecast: Array,
    months: Sequence[Month],
) -> Iterator[Indicator]:
    if np.isnan(actual).all():
        return
    yield Indicator(name, scope, None, float(measure(actual.reshape(1, -1), forecast.reshape(1, -1))[0]))
    by_month = measure(actual.T, forecast.T).tolist()
    known = np.any(~np.isnan(actual), axis=0)
    yield from (Indicator(name, scope, month, by_month[place]) for place, month in enumerate(months) if known[place])


def _by_lag(cycle: Cycle) -> Iterator[Indicator]:
    """Error and bias of the archived forecasts, by how many months ahead they looked."""
    if not cycle.past.cycles():
        return
    for one in measures(forecast_accuracy(cycle, latest=LAST_CYCLES)):
        if one.country == ALL_COUNTRIES:
            scope = ALL_COUNTRIES
        else:
            scope = one.country if one.sub_category == TOTAL else scope_name(one.country, one.sub_category)
        for name, value in (("wmape", one.wmape), ("bias", one.bias)):
            yield Indicator(f"{name} lag {one.lag}", scope, None, value)


# Supply ---------------------------------------------------------------------------------------------------------------


def _supply(cycle: Cycle) -> Iterator[Indicator]:
    """Orders honoured and cancelled, on time in full and adherence to the plan, from Receipts."""
    every = receipts_of(cycle)
    if not every:
        return
    today = cycle.inputs.months[0]
    settings = cycle.inputs.settings
    due = [one for one in every if one.planned < today]
    for scope in (ALL_COUNTRIES, *sorted({one.country for one in due})):
        own = [one for one in due if scope in (ALL_COUNTRIES, one.country)]
        for month in (None, *sorted({one.planned for one in own})):
            of_month = [one for one in own if month in (None, one.planned)]
            ordered = np.array([one.ordered for one in of_month])
            came = np.array([one.came for one in of_month])
            dropped = np.array([one.cancelled for one in of_month], dtype=bool)
            planned, arrived = (
                np.array([getattr(one, name) for one in of_month]) for name in ("planned_day", "received_day")
            )
            good = in_full_and_on_time(ordered, came, planned, arrived, settings.early_days, settings.late_days)
            total = float(ordered.sum())
            yield Indicator("honoured", scope, month, float(np.minimum(np.nan_to_num(came), ordered).sum()) / total)
            yield Indicator("cancelled", scope, month, float(ordered[dropped].sum()) / total)
            yield Indicator("otif", scope, month, float(good.mean()))
        yield from _adherence(scope, own, every)


def _adherence(scope: str, due: Sequence[Receipt], every: Sequence[Receipt]) -> Iterator[Indicator]:
    """What came in each month against what was planned for it, by country."""
    months = sorted({one.planned for one in due})
    place = {month: column for column, month in enumerate(months)}
    countries = sorted({one.country for one in due})
    row = {country: number for number, country in enumerate(countries)}
    planned, actual = np.zeros((2, len(countries), len(months)))
    for one in every:
        if one.country in row and one.planned in place:
            planned[row[one.country], place[one.planned]] += one.ordered
        if one.country in row and one.received in place:
            actual[row[one.country], place[one.received]] += np.nan_to_num(one.came)
    yield Indicator("adherence", scope, None, float(plan_adherence(planned.reshape(1, -1), actual.reshape(1, -1))[0]))
    by_month = plan_adherence(planned.T, actual.T).tolist()
    yield from (Indicator("adherence", scope, month, by_month[column]) for month, column in place.items())


def receipts_of(cycle: Cycle) -> list[Receipt]:
    """The orders of the sheet Receipts that say what was ordered and when it was planned."""
    names = {plain(name): name for name in cycle.inputs.items["country"].tolist()}
    lines: list[list[Any]] = cycle.inputs.measured.rows["receipts"]
    found = []
    for country, _, planned, received, ordered, came, cancelled in lines:
        if planned is None or not ordered or plain(str(country)) not in names:
            continue
        found.append(
            Receipt(
                country=names[plain(str(country))],
                planned=planned.replace(day=1),
                planned_day=float(planned.toordinal()),
                received=received.replace(day=1) if received else None,
                received_day=float(received.toordinal()) if received else np.nan,
                ordered=ordered,
                came=np.nan if came is None else came,
                cancelled=cancelled is True,
            )
        )
    return found


# Stock ----------------------------------------------------------------------------------------------------------------


def _stock_against_plan(cycle: Cycle) -> Iterator[Indicator]:
    """The stock with which the cycle opens, against what the last archived cycle had projected, at today's cost."""
    inputs = cycle.inputs
    if cycle.last is None:
        return
    said, month = cycle.last.said, inputs.months[0]
    passed = (month.year - said.start.year) * 12 + month.month - said.start.month
    if not 1 <= passed <= said.closing.shape[1]:
        return
    then = {key: max(float(said.closing[row, passed - 1]), 0.0) for row, key in enumerate(said.keys)}
    wanted = np.array([then.get(key, np.nan) for key in item_keys_of(*_names(cycle))])
    known = ~np.isnan(wanted)
    projected = np.where(known, wanted, 0.0) * inputs.unit_cost
    actual = np.where(known, np.maximum(inputs.portfolio.opening, 0.0), 0.0) * inputs.unit_cost
    for scope, items in scopes_of(cycle).items():
        if not known[items].any():
            continue
        has, plan = float(actual[items].sum()), float(projected[items].sum())
        yield Indicator("stock_actual", scope, month, has)
        yield Indicator("stock_projected", scope, month, plan)
        yield Indicator("stock_deviation", scope, month, (has - plan) / plan if plan > 0 else np.nan)


def _plan(cycle: Cycle) -> Iterator[Indicator]:
    """What the plan holds: working capital, lost sales, turns and days of inventory."""
    inputs, plan = cycle.inputs, cycle.plan
    unit, landed = inputs.unit_cost[:, np.newaxis], inputs.landed_cost[:, np.newaxis]
    capital = projected_value(
        plan.closing[:, :PROJECTION_MONTHS], plan.pipeline[:, :PROJECTION_MONTHS], inputs.unit_cost, inputs.landed_cost
    )
    parts: Mapping[str, Array] = {"working_capital": capital, "lost_sales": shortage_risk(plan.closing) * landed}
    sold = inputs.portfolio.demand[:, :HORIZON] * unit
    held = np.maximum(plan.closing, 0.0) * unit
    for scope, items in scopes_of(cycle).items():
        for name, values in parts.items():
            by_month = values[items].sum(axis=0).tolist()
            yield from (
                Indicator(name, scope, month, value) for month, value in zip(inputs.months, by_month, strict=False)
            )
        turns = float(stock_turns(sold[items].sum(axis=0)[np.newaxis], held[items].sum(axis=0)[np.newaxis])[0])
        yield Indicator("turns", scope, None, turns)
        yield Indicator("days_of_inventory", scope, None, DAYS_A_YEAR / turns if turns > 0 else np.nan)


def _names(cycle: Cycle) -> tuple[list[str], list[str]]:
    items = cycle.inputs.items
    return items["country"].tolist(), items["sap_code"].tolist()
