"""Rows of the reports by group, from sums over the items: of a book, or of a dataset that no memory holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from smile_xl.core import AVAILABILITY_MONTHS, average_cover, exact_cover
from smile_xl.core.checks import Array

TOTAL = "TOTAL"
"""Stands for all sub-categories of a country."""
ALL_COUNTRIES = "Total"
"""Stands for all countries."""
STOCKS = ("opening", "opening+pipeline")
METHODS = ("average", "exact")

Keys = Sequence[tuple[str, ...]]
"""Country, and brand or sub-category, of each group, sorted. The same groups may follow again, of another case."""


def availability_rows(
    months: Sequence[str],
    keys: Keys,
    demand: Array,
    stocks: tuple[Array, Array],
    targets: Mapping[tuple[str, str], float],
) -> pd.DataFrame:
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
    each = len(STOCKS) * len(METHODS) * AVAILABILITY_MONTHS
    return pd.DataFrame(
        {
            "country": np.repeat([country for country, _ in keys], each),
            "brand": np.repeat([brand for _, brand in keys], each),
            "month": list(months) * (each // AVAILABILITY_MONTHS) * len(keys),
            "stock": np.tile(np.repeat(STOCKS, each // len(STOCKS)), len(keys)),
            "method": np.tile(np.repeat(METHODS, AVAILABILITY_MONTHS), len(STOCKS) * len(keys)),
            "weeks": weeks.ravel(),
            "capped": capped.ravel(),
            "target": np.repeat(wanted, each),
            "at_risk": at_risk.ravel(),
        }
    )


def demand_ahead(demand: np.ndarray) -> np.ndarray:
    """Demand from each of the seven months to the end of what is given, shape (groups, 7)."""
    return np.cumsum(demand[:, ::-1], axis=1)[:, ::-1][:, :AVAILABILITY_MONTHS]


def import_rows(keys: Keys, tonnes: Array, cash: Array, cases: int = 1) -> pd.DataFrame:
    """What is imported per country and brand, and its share of the country, from sums of shape (groups,).

    ``keys`` may be those of several ``cases``, one after the other.
    """
    rows = pd.DataFrame(keys, columns=["country", "brand"])
    rows["tonnes"] = tonnes
    rows["cash"] = cash
    case = np.repeat(np.arange(cases), len(keys) // cases)
    for unit in ("tonnes", "cash"):
        total = rows.groupby([case, "country"])[unit].transform("sum")
        rows[f"share_{unit}"] = (rows[unit] / total.where(total > 0)).fillna(0.0)
    return rows


def projection_rows(months: Sequence[str], keys: Keys, value: Array) -> pd.DataFrame:
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


def month_rows(months: Sequence[str], keys: Keys, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row per country, sub-category and month, from columns of shape (groups, months)."""
    rows = {
        "country": np.repeat([key[0] for key in keys], len(months)),
        "sub_category": np.repeat([key[1] for key in keys], len(months)),
        "month": list(months) * len(keys),
    }
    return pd.DataFrame(rows | {name: values.ravel() for name, values in columns.items()})


def summary_rows(
    currency: str, projected: pd.DataFrame, covers: pd.DataFrame, risks: pd.DataFrame, excess_cash: float
) -> pd.DataFrame:
    """The five figures that a manager asks for, with their units, from the reports that they stand in."""
    values = projected.query("country == @ALL_COUNTRIES")["value"].to_numpy()
    now = covers[(covers["stock"] == STOCKS[0]) & (covers["method"] == "exact")].groupby(["country", "brand"]).head(1)
    at_risk = float(now["at_risk"].sum())
    figures = (float(values[0]), float(values[-1]), at_risk, float(risks["net_cash"].sum()), excess_cash)
    return figure_rows(currency, len(now), [figures])


FIGURES = ("stock_value", "stock_value_end", "brands_at_risk", "net_risk", "excess")
"""The figures of the summary."""


def figure_rows(currency: str, brands: int, cases: Sequence[Sequence[float]]) -> pd.DataFrame:
    """The figures of each case as rows with their units."""
    units = [f"/ {brands}" if name == "brands_at_risk" else currency for name in FIGURES]
    columns = {"figure": FIGURES * len(cases), "value": np.ravel(cases), "unit": units * len(cases)}
    return pd.DataFrame(columns)
