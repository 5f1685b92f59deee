"""Rows of the reports by group, from sums over the items: of a book, or of a dataset that no memory holds.

They are columns here, without pandas: to load it takes as long as to plan a small dataset.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from smile_xl.core import AVAILABILITY_MONTHS, average_cover, exact_cover
from smile_xl.core.checks import Array
from smile_xl.planning.scenarios import Labels

TOTAL = "TOTAL"
"""Stands for all sub-categories of a country."""
ALL_COUNTRIES = "Total"
"""Stands for all countries."""
STOCKS = ("opening", "opening+pipeline")
METHODS = ("average", "exact")

Columns = dict[str, Labels | np.ndarray]
"""Rows as columns of texts, numbers and yes or no, of one length."""

Keys = Sequence[tuple[str, ...]]
"""Country, and brand or sub-category, of each group, sorted. The same groups may follow again, of another case."""


def availability_rows(
    months: Sequence[str],
    keys: Keys,
    demand: Array,
    stocks: tuple[Array, Array],
    targets: Mapping[tuple[str, str], float],
) -> Columns:
    """Weeks of cover per country and brand, from sums of all demand and of the two stocks, shape (groups, 7)."""
    wanted = np.array([targets.get((country, brand), np.nan) for country, brand in keys])
    ahead = demand_ahead(demand)
    shape = (len(keys), len(STOCKS), len(METHODS), AVAILABILITY_MONTHS)
    weeks, capped = np.empty(shape), np.zeros(shape, dtype=bool)
    for place, tonnes in enumerate(stocks):
        weeks[:, place, 0] = average_cover(tonnes, demand)
        weeks[:, place, 1], capped[:, place, 1] = exact_cover(tonnes, demand)
    # Twelve decimals: 2.9999999999999996 weeks are three, and not under a target of three.
    weeks = np.asarray(np.round(np.where(np.isinf(weeks), np.nan, weeks), 12), dtype=np.float64)
    at_risk = (weeks < wanted[:, np.newaxis, np.newaxis, np.newaxis]) & (ahead > 0)[:, np.newaxis, np.newaxis]
    shown = len(METHODS) * AVAILABILITY_MONTHS
    each = len(STOCKS) * shown
    return {
        "country": _part(keys, 0, each),
        "brand": _part(keys, 1, each),
        "month": _cycled(months, 1, len(STOCKS) * len(METHODS) * len(keys)),
        "stock": _cycled(STOCKS, shown, len(keys)),
        "method": _cycled(METHODS, AVAILABILITY_MONTHS, len(STOCKS) * len(keys)),
        "weeks": weeks.ravel(),
        "capped": capped.ravel(),
        "target": np.repeat(wanted, each),
        "at_risk": at_risk.ravel(),
    }


def _part(keys: Keys, place: int, each: int = 1) -> Labels:
    """One part of the keys, each of them so many times."""
    labels = Labels.of([key[place] for key in keys])
    return Labels(labels.names, np.repeat(labels.places, each))


def _cycled(names: Sequence[str], each: int, times: int) -> Labels:
    """Names one after the other, each so many times, and again so many times."""
    return Labels(names, np.tile(np.repeat(np.arange(len(names)), each), times))


def demand_ahead(demand: np.ndarray) -> np.ndarray:
    """Demand from each of the seven months to the end of what is given, shape (groups, 7)."""
    return np.cumsum(demand[:, ::-1], axis=1)[:, ::-1][:, :AVAILABILITY_MONTHS]


def import_rows(keys: Keys, tonnes: Array, cash: Array, cases: int = 1) -> Columns:
    """What is imported per country and brand, and its share of the country, from sums of shape (groups,).

    ``keys`` may be those of several ``cases``, one after the other.
    """
    country = _part(keys, 0)
    group = np.repeat(np.arange(cases), len(keys) // cases) * len(country.names) + country.places
    columns: Columns = {"country": country, "brand": _part(keys, 1), "tonnes": tonnes, "cash": cash}
    for name, values in (("tonnes", tonnes), ("cash", cash)):
        total = np.bincount(group, values).take(group)
        columns[f"share_{name}"] = np.divide(values, total, out=np.zeros(len(keys)), where=total > 0)
    return columns


def projection_rows(months: Sequence[str], keys: Keys, value: Array) -> Columns:
    """Value per country and sub-category with the totals of each country and of all, from sums, (groups, 10)."""
    all_keys, sums = with_totals(keys, value)
    return month_rows(months, all_keys, {"value": sums})


def with_totals(keys: Keys, value: Array) -> tuple[Keys, Array]:
    """Groups and their sums, (groups, months), with a total after each country, and one of all at the end."""
    all_keys: list[tuple[str, ...]] = []
    sums = []
    for country in sorted({key[0] for key in keys}):
        places = [place for place, key in enumerate(keys) if key[0] == country]
        all_keys += [keys[place] for place in places] + [(country, TOTAL)]
        sums += [value[place] for place in places] + [value[places].sum(axis=0)]
    all_keys.append((ALL_COUNTRIES, TOTAL))
    sums.append(value.sum(axis=0))
    return all_keys, np.array(sums)


def month_rows(months: Sequence[str], keys: Keys, columns: Mapping[str, np.ndarray]) -> Columns:
    """One row per country, sub-category and month, from columns of shape (groups, months)."""
    return {
        "country": _part(keys, 0, len(months)),
        "sub_category": _part(keys, 1, len(months)),
        "month": _cycled(months, 1, len(keys)),
        **{name: values.ravel() for name, values in columns.items()},
    }


FIGURES = ("stock_value", "stock_value_end", "brands_at_risk", "net_risk", "excess")
"""The figures of the summary, that a manager asks for."""


def figure_rows(currency: str, value: Array, at_risk: NDArray[np.bool_], net_risk: Array, excess: Array) -> Columns:
    """The figures of each case, with their units, from what the reports show of it.

    ``value`` is the projected value of all, shape (cases, 10), ``at_risk`` of each brand and country whether it is now,
    (cases, brands), ``net_risk`` and ``excess`` of all in cash, (cases,).
    """
    cases, brands = at_risk.shape
    figures = np.column_stack([value[:, 0], value[:, -1], at_risk.sum(axis=1), net_risk, excess])
    units = [currency, f"/ {brands}"]
    of_figure = [int(name == "brands_at_risk") for name in FIGURES]
    return {
        "figure": _cycled(FIGURES, 1, cases),
        "value": figures.ravel(),
        "unit": Labels(units, np.tile(of_figure, cases)),
    }


def at_risk_now(covers: Columns, cases: int = 1) -> NDArray[np.bool_]:
    """Whether each brand is at risk by the exact cover of its opening stock in the first month, (cases, brands)."""
    flags = np.asarray(covers["at_risk"])
    shape = (len(STOCKS), len(METHODS), AVAILABILITY_MONTHS)
    first = flags.reshape(cases, len(flags) // (cases * math.prod(shape)), *shape)
    return first[:, :, 0, METHODS.index("exact"), 0]
