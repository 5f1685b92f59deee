"""Forecast error and bias by lag: what each archived cycle had forecast, against the demand that came.

The lag is how many months ahead a forecast looked: 0 for the month in which its cycle starts. The demand that came
stands in the sheet Actual demand. Without it, it follows from what the archive knows of the stock: a month's opening,
plus what was due to land in it, less the opening of the month after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from smile_xl.core import arrivals, bias, wmape
from smile_xl.core.checks import Array
from smile_xl.planning.cycle import Cycle, inputs_of, kept_inputs
from smile_xl.planning.group_rows import ALL_COUNTRIES, TOTAL
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.measured import MEASURED_COLUMNS
from smile_xl.planning.names import join_key, key_of, plain
from smile_xl.planning.past import Past
from smile_xl.planning.tables import Month, as_month, month_after

Source = Literal["sheet", "openings", "none"]

Key = tuple[str, str]
"""Country and SAP code, in the form in which they are compared."""


@dataclass(frozen=True)
class Accuracy:
    """What was forecast and what came, for each archived cycle, item and lag."""

    source: Source
    """Where the demand that came is from: the sheet Actual demand, the openings of later cycles, or nowhere."""
    cycles: list[Month]
    """The archived cycles, the oldest first."""
    keys: list[tuple[str, str]]
    """Country and sub-category of each item, the country under the name that the book gives it."""
    actual: Array
    """Demand that came, t, shape (cycles, items, lags); NaN where it is not known."""
    forecast: Array
    """What the cycle had forecast, t, shape (cycles, items, lags); NaN where it did not."""


@dataclass(frozen=True)
class Measure:
    """Forecast error and bias of some items at one lag."""

    country: str
    sub_category: str
    lag: int
    months: int
    """Calendar months that count."""
    actual: float
    forecast: float
    error: float
    """Sum of what each item and month was missed by, t."""
    wmape: float
    bias: float
    """Both NaN where there was no demand."""


def forecast_accuracy(cycle: Cycle, past: Past | None = None, *, latest: int | None = None) -> Accuracy:
    """What the archived cycles of a book had forecast, against the demand that came.

    Reads every cycle of the archive, or the ``latest`` ones; ``past`` is another archive than the book's own. Raises
    InputError or ArchiveError where a cycle can't be read.
    """
    months = [one.month for one in (cycle.past if past is None else past).cycles()][-latest if latest else None :]
    kept = {month: kept_inputs(cycle, month) if past is None else inputs_of(past.book(month)) for month in months}
    every = [cycle.inputs, *reversed(kept.values())]  # the newest name and group of an item count
    items = _items(every)
    source, came = _actual_demand(cycle.inputs, {**kept, cycle.inputs.months[0]: cycle.inputs}, items)
    lags = max((inputs.portfolio.demand.shape[1] for inputs in kept.values()), default=0)
    actual = np.full((len(kept), len(items), lags), np.nan)
    forecast = actual.copy()
    for number, (month, inputs) in enumerate(kept.items()):
        places = _places(inputs, items)
        demand = inputs.portfolio.demand
        forecast[number, places, : demand.shape[1]] = demand
        for lag in range(demand.shape[1]):
            known = came.get(month_after(month, lag))
            if known is not None:
                actual[number, :, lag] = known
    return Accuracy(source, list(kept), list(items.values()), actual, forecast)


def measures(found: Accuracy) -> list[Measure]:
    """Error and bias of each country and sub-category, of each country and of all, at each lag that is measured."""
    groups: list[tuple[str, str, np.ndarray]] = []
    keys = np.array(found.keys, dtype=object).reshape(-1, 2)
    for country in sorted(set(keys[:, 0].tolist())):
        own = keys[:, 0] == country
        for sub_category in sorted(set(keys[own, 1].tolist())):
            groups.append((country, sub_category, np.flatnonzero(own & (keys[:, 1] == sub_category))))
        groups.append((country, TOTAL, np.flatnonzero(own)))
    groups.append((ALL_COUNTRIES, TOTAL, np.arange(len(keys))))
    lags = range(found.actual.shape[2])
    every = (_measure(found, *group, lag) for group in groups for lag in lags)
    return [one for one in every if one is not None]


def rows(found: Accuracy) -> pd.DataFrame:
    """One row per country, sub-category and lag, with the totals of each country and of all."""
    names = ("country", "sub_category", "lag", "months", "actual_t", "forecast_t", "error_t", "wmape", "bias")
    return pd.DataFrame([tuple(vars(one).values()) for one in measures(found)], columns=list(names))


def _measure(found: Accuracy, country: str, sub_category: str, items: np.ndarray, lag: int) -> Measure | None:
    actual, forecast = found.actual[:, items, lag], found.forecast[:, items, lag]
    known = ~(np.isnan(actual) | np.isnan(forecast))
    if not known.any():
        return None
    line = actual.reshape(1, -1), forecast.reshape(1, -1)
    return Measure(
        country,
        sub_category,
        lag,
        months=int(known.any(axis=1).sum()),  # each cycle has another month at the same lag
        actual=float(actual[known].sum()),
        forecast=float(forecast[known].sum()),
        error=float(np.abs(actual - forecast)[known].sum()),
        wmape=float(wmape(*line)[0]),
        bias=float(bias(*line)[0]),
    )


def _country_key(country: str) -> str:
    return key_of("country", country) or plain(country)


def _keys(inputs: Inputs) -> list[Key]:
    countries, codes = (inputs.items[name].tolist() for name in ("country", "sap_code"))
    return [(_country_key(country), join_key(code)) for country, code in zip(countries, codes, strict=True)]


def _items(every: Sequence[Inputs]) -> dict[Key, tuple[str, str]]:
    """Country and sub-category of each item of some cycles, as the first of them says it."""
    found: dict[Key, tuple[str, str]] = {}
    names: dict[str, str] = {}
    for inputs in every:
        for country in inputs.items["country"].tolist():
            names.setdefault(_country_key(country), country)
        for key, sub_category in zip(_keys(inputs), inputs.items["sub_category"].tolist(), strict=True):
            found.setdefault(key, (names[key[0]], sub_category))
    return found


def _places(inputs: Inputs, items: dict[Key, tuple[str, str]]) -> np.ndarray:
    place = {key: number for number, key in enumerate(items)}
    return np.array([place[key] for key in _keys(inputs)], dtype=np.int64)


def _actual_demand(
    inputs: Inputs, cycles: dict[Month, Inputs], items: dict[Key, tuple[str, str]]
) -> tuple[Source, dict[Month, Array]]:
    """The demand that came by month, shape (items,) each, NaN where it is not known."""
    place = {key: number for number, key in enumerate(items)}
    came: dict[Month, Array] = {}
    for line in inputs.measured.rows["actual_demand"]:
        said: dict[str, Any] = dict(zip(MEASURED_COLUMNS["actual_demand"], line, strict=True))
        number = place.get((_country_key(str(said["country"])), join_key(str(said["sap_code"]))))
        start = as_month(said["month"])
        if number is not None and start is not None:
            came.setdefault(start, np.full(len(items), np.nan))[number] = said["actual"]
    if came:
        return "sheet", came
    for month, now in cycles.items():
        later = cycles.get(month_after(month, 1))
        if later is not None:
            landed = arrivals(now.portfolio.transit, now.portfolio.landing, 1)[:, 0]
            before, after = np.full((2, len(items)), np.nan)
            before[_places(now, items)] = now.portfolio.opening + landed
            after[_places(later, items)] = later.portfolio.opening
            used = before - after
            came[month] = np.where(used >= 0, used, np.nan)  # more than was due has come: the demand is not known
    return ("openings", came) if came else ("none", {})
