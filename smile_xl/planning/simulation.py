"""What a new safety-stock policy does to tonnes and cash, and the rule under which to adopt it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, coefficient_of_variation, volatility_class
from smile_xl.core.checks import Array
from smile_xl.core.units import NOISE
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import Groups, group
from smile_xl.planning.inputs import NO_NAME
from smile_xl.planning.policies import Basis, basis_of, safety_of
from smile_xl.planning.tables import month_text

OLD, NEW = "average", "exact"
"""The policies that are compared unless others are named."""

SPLITS = ("country", "sub_category", "sourcing_unit", "status", "cover", "volatility")
"""By what the items are split."""

VOLATILITY_CLASSES = ("steady", "variable", "erratic", "no demand")


@dataclass(frozen=True)
class Comparison:
    """Safety stock of every item and month by an old and a new policy."""

    cycle: Cycle
    basis: Basis
    old: str
    new: str
    old_t: Array
    """Shape (items, 12)."""
    new_t: Array

    @property
    def difference_t(self) -> Array:
        """What the new policy frees, shape (items, 12); negative where it asks for more."""
        return self.old_t - self.new_t

    @cached_property
    def volatility(self) -> Array:
        """Coefficient of variation of each item's demand, NaN without demand, shape (items,)."""
        return coefficient_of_variation(self.cycle.inputs.portfolio.demand)

    @cached_property
    def negative(self) -> np.ndarray:
        """Whether the new policy asks for more, over the 12 months together, shape (items,)."""
        difference, size = self.difference_t.sum(axis=1), self.old_t.sum(axis=1) + self.new_t.sum(axis=1)
        return np.asarray(difference < -NOISE * size)

    @property
    def mean_gain(self) -> Array:
        """Cash that the new policy frees for each item, the mean of the months, shape (items,)."""
        return np.asarray(self.difference_t.mean(axis=1) * self.cycle.inputs.unit_cost)


def compare(cycle: Cycle, old: str = OLD, new: str = NEW, basis: Basis | None = None) -> Comparison:
    """The whole portfolio, item by item and month by month, by two policies."""
    basis = basis or basis_of(cycle.inputs)
    return Comparison(cycle, basis, old, new, safety_of(basis, old), safety_of(basis, new))


def rows(comparison: Comparison) -> pd.DataFrame:
    """One row per item and month."""
    inputs = comparison.cycle.inputs
    difference = comparison.difference_t
    return pd.DataFrame(
        {
            "country": np.repeat(inputs.items["country"].to_numpy(), HORIZON),
            "sap_code": np.repeat(inputs.items["sap_code"].to_numpy(), HORIZON),
            "month": [month_text(month) for month in inputs.planned] * len(inputs.items),
            "weeks_cover": np.repeat(inputs.portfolio.weeks_cover, HORIZON),
            "volatility": np.repeat(comparison.volatility, HORIZON),
            "old_t": comparison.old_t.ravel(),
            "new_t": comparison.new_t.ravel(),
            "difference_t": difference.ravel(),
            "difference_cash": (difference * inputs.unit_cost[:, np.newaxis]).ravel(),
        }
    )


def split(comparison: Comparison, by: str) -> pd.DataFrame:
    """Items, those that ask for more, tonnes and cash (means of the 12 months) by one of SPLITS, or "total".

    Intervals and classes all have a row, groups are sorted by name.
    """
    inputs = comparison.cycle.inputs
    groups = _groups(comparison, by)
    cost = inputs.unit_cost
    table = pd.DataFrame({"name": [key[0] for key in groups.keys]})
    table["items"] = groups.sum(np.ones(len(inputs.items)))
    table["negative"] = groups.sum(comparison.negative.astype(np.float64))
    table["negative_share"] = (table["negative"] / table["items"].where(table["items"] > 0)).fillna(0.0)
    for name, tonnes in (("old", comparison.old_t), ("new", comparison.new_t), ("difference", comparison.difference_t)):
        table[f"{name}_t"] = groups.sum(tonnes.mean(axis=1))
        table[f"{name}_cash"] = groups.sum(tonnes.mean(axis=1) * cost)
    return table


def by_country_and_month(comparison: Comparison) -> pd.DataFrame:
    """Cash held by either policy in each country and month, and what is freed."""
    inputs = comparison.cycle.inputs
    groups = group(inputs.items, ("country",))
    cost = inputs.unit_cost[:, np.newaxis]
    table = pd.DataFrame(
        {
            "country": np.repeat([key[0] for key in groups.keys], HORIZON),
            "month": [month_text(month) for month in inputs.planned] * len(groups.keys),
        }
    )
    for name, tonnes in (("old", comparison.old_t), ("new", comparison.new_t), ("difference", comparison.difference_t)):
        table[f"{name}_cash"] = groups.sum(tonnes * cost).ravel()
    return table


def cover_intervals(edges: tuple[float, ...]) -> list[tuple[float, float]]:
    """The intervals of weeks of cover; an edge belongs to the lower one, and the last has no end."""
    return list(zip((0.0, *edges), (*edges, np.inf), strict=True))


def _groups(comparison: Comparison, by: str) -> Groups:
    inputs = comparison.cycle.inputs
    settings = inputs.settings
    if by == "total":
        return Groups([("",)], np.zeros(len(inputs.items), dtype=np.int64))
    if by == "cover":
        names = [_interval_name(*interval) for interval in cover_intervals(settings.cover_edges)]
        place = np.searchsorted(settings.cover_edges, inputs.portfolio.weeks_cover)
        return Groups([(name,) for name in names], place)
    if by == "volatility":
        classes = volatility_class(comparison.volatility, settings.volatility_cuts)
        place = np.where(np.isnan(classes), len(VOLATILITY_CLASSES), classes).astype(np.int64) - 1
        return Groups([(name,) for name in VOLATILITY_CLASSES], place)
    return group(inputs.items.assign(**{by: inputs.items[by].replace("", NO_NAME)}), (by,))


def _interval_name(low: float, high: float) -> str:
    return f"{low:g}-{high:g}" if high < np.inf else f"{low:g}+"
