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
"""Country, and brand or sub-category, of each group, sorted."""


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
    frames = []
    for stock, tonnes in zip(STOCKS, stocks, strict=True):
        for method in METHODS:
            if method == "exact":
                weeks, capped = exact_cover(tonnes, demand)
            else:
                weeks, capped = average_cover(tonnes, demand), np.zeros(tonnes.shape, dtype=bool)
            # Twelve decimals: 2.9999999999999996 weeks are three, and not under a target of three.
            weeks = np.asarray(np.round(np.where(np.isinf(weeks), np.nan, weeks), 12), dtype=np.float64)
            at_risk = (weeks < wanted[:, np.newaxis]) & (ahead > 0)
            frames.append(
                pd.DataFrame(
                    {
                        "country": np.repeat([country for country, _ in keys], AVAILABILITY_MONTHS),
                        "brand": np.repeat([brand for _, brand in keys], AVAILABILITY_MONTHS),
                        "month": list(months) * len(keys),
                        "stock": stock,
                        "method": method,
                        "weeks": weeks.ravel(),
                        "capped": capped.ravel(),
                        "target": np.repeat(wanted, AVAILABILITY_MONTHS),
                        "at_risk": at_risk.ravel(),
                    }
                )
            )
    rows = pd.concat(frames, ignore_index=True)
    return rows.sort_values(["country", "brand"], kind="stable", ignore_index=True)


def demand_ahead(demand: np.ndarray) -> np.ndarray:
    """Demand from each of the seven months to the end of what is given, shape (groups, 7)."""
    return np.cumsum(demand[:, ::-1], axis=1)[:, ::-1][:, :AVAILABILITY_MONTHS]


def import_rows(keys: Keys, tonnes: Array, cash: Array) -> pd.DataFrame:
    """What is imported per country and brand, and its share of the country, from sums of shape (groups,)."""
    rows = pd.DataFrame(keys, columns=["country", "brand"])
    rows["tonnes"] = tonnes
    rows["cash"] = cash
    for unit in ("tonnes", "cash"):
        total = rows.groupby("country")[unit].transform("sum")
        rows[f"share_{unit}"] = (rows[unit] / total.where(total > 0)).fillna(0.0)
    return rows


def projection_rows(months: Sequence[str], keys: Keys, value: Array) -> pd.DataFrame:
    """Value per country and sub-category with the totals of each country and of all, from sums, (groups, 10)."""
    all_keys: list[tuple[str, ...]] = []
    sums = []
    for country in sorted({key[0] for key in keys}):
        places = [place for place, key in enumerate(keys) if key[0] == country]
        all_keys += [keys[place] for place in places] + [(country, TOTAL)]
        sums += [value[place] for place in places] + [value[places].sum(axis=0)]
    all_keys.append((ALL_COUNTRIES, TOTAL))
    sums.append(value.sum(axis=0))
    return month_rows(months, all_keys, {"value": np.array(sums)})


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
    rows = [
        ("stock_value", float(values[0]), currency),
        ("stock_value_end", float(values[-1]), currency),
        ("brands_at_risk", float(now["at_risk"].sum()), f"/ {len(now)}"),
        ("net_risk", float(risks["net_cash"].sum()), currency),
        ("excess", excess_cash, currency),
    ]
    return pd.DataFrame(rows, columns=["figure", "value", "unit"])
