"""The business model: which segment each item is in, and the policy that the method proposes for it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from smile_xl.core import (
    FEWEST_SEASON_MONTHS,
    HORIZON,
    NO_DEMAND,
    WEEKS_PER_MONTH,
    abc_class,
    coefficient_of_variation,
    demand_pattern,
    seasonality,
    segment,
    xyz_class,
)
from smile_xl.core.checks import Array
from smile_xl.core.segments import class_of_pattern
from smile_xl.planning.grouping import group
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.history import histories

SEASONAL = 0.64
"""Strength from which demand is seasonal: the limit of R's forecast::nsdiffs, found on the M3 and M4 series."""

LEAD_CLASSES = ("short", "medium", "long")

SEASONS = ("not enough history", "not seasonal", "seasonal")

BASES = ("forecast", "actual")
"""What the demand class is told by: the forecast, or the actual demand where 12 months of it are known."""

HALF_WEEK = 0.5
"""Proposed covers are rounded up to a multiple of this."""


@dataclass(frozen=True)
class Segments:
    """Every item's classes, each shape (items,), and what they were told by."""

    abc: np.ndarray
    xyz: np.ndarray
    segment: np.ndarray
    demand_class: np.ndarray
    basis: np.ndarray
    """What the demand class was told by: one of ``BASES``."""
    season: np.ndarray
    """One of ``SEASONS``."""
    lead_class: np.ndarray
    """One of ``LEAD_CLASSES``."""
    worth: Array
    """Demand of the 12 months at unit cost."""
    volatility: Array
    """Coefficient of variation of the forecast, NaN without demand."""
    interval: Array
    variation: Array
    """ADI and CV^2, NaN without demand."""
    strength: Array
    """Strength of the season, NaN without two years of actual demand."""
    lead_time: Array
    """Weeks from an order to its arrival."""


def segments(inputs: Inputs) -> Segments:
    """The segment of every item.

    Value is the demand of the 12 planned months at unit cost: what the stock is valued at, and known for every item.
    """
    settings, portfolio = inputs.settings, inputs.portfolio
    demand = portfolio.demand[:, :HORIZON]
    worth = demand.sum(axis=1) * inputs.unit_cost
    abc = np.full(len(worth), "C")
    scope = ("country",) if settings.abc_scope == "country" else ()
    for items in _parts(inputs.items, scope):
        abc[items] = abc_class(worth[items], settings.abc_cuts)
    volatility = coefficient_of_variation(demand)
    xyz = xyz_class(volatility, settings.volatility_cuts)
    interval, variation = demand_pattern(demand)
    basis = np.full(len(worth), BASES[0], dtype="<U8")
    strength = np.full(len(worth), np.nan)
    for items, actual in histories(inputs.measured.actuals):
        if actual.shape[1] >= HORIZON:
            interval[items], variation[items] = demand_pattern(actual)
            basis[items] = BASES[1]
        if actual.shape[1] >= FEWEST_SEASON_MONTHS:
            strength[items] = seasonality(actual)
    lead_time = inputs.steering.attributes.lead_time
    lead_time = np.where(np.isnan(lead_time), portfolio.pipeline_months * WEEKS_PER_MONTH, lead_time)
    answers = inputs.steering.answers
    lead_class = (lead_time >= answers.medium_lead).astype(np.int64) + (lead_time >= answers.long_lead)
    season = np.where(np.isnan(strength), 0, 1 + (np.round(strength, 9) >= SEASONAL))
    return Segments(
        abc=abc,
        xyz=xyz,
        segment=segment(abc, xyz),
        demand_class=class_of_pattern(interval, variation),
        basis=basis,
        season=np.array(SEASONS)[season],
        lead_class=np.array(LEAD_CLASSES)[lead_class],
        worth=worth,
        volatility=volatility,
        interval=interval,
        variation=variation,
        strength=strength,
        lead_time=lead_time,
    )


def _parts(items: pd.DataFrame, by: tuple[str, ...]) -> list[np.ndarray]:
    """Positions of the items of each part."""
    if not by:
        return [np.arange(len(items))]
    groups = group(items, by)
    return [np.flatnonzero(groups.of_item == place) for place in range(len(groups.keys))]


def proposed_weeks(inputs: Inputs, found: Segments) -> Array:
    """Weeks of safety cover that the method proposes for each item, NaN where none is, shape (items,).

    Notes
    -----
    Periodic review with normal demand: z * v * sqrt(L + 1) months, z being the normal quantile of the service wanted
    for the item's class of value (more for strategic items), v the error of its forecast over that forecast where the
    book has measured it, otherwise the volatility of the forecast, L its lead time in months and 1 the month between
    two orders. Rounded up to half a week, and no more than the longest cover that the team holds. None for items
    without demand, not made to stock, that run out or hold no safety stock, and for CZ if the team does not stock it.

    References
    ----------
    E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, 4th ed., chapter 6:
    safety stock of an (R, S) policy, k * sigma over R + L.
    """
    answers, attributes = inputs.steering.answers, inputs.steering.attributes
    service = np.array([answers.service(letter) for letter in "ABC"])[np.searchsorted(["A", "B", "C"], found.abc)]
    service = np.where(attributes.strategic, np.maximum(service, answers.service_strategic), service)
    levels, place = np.unique(service, return_inverse=True)
    quantile = np.array([NormalDist().inv_cdf(level) for level in levels])[place]
    measured = inputs.measured.demand_error
    spread = np.where(np.isnan(measured), found.volatility, measured)
    weeks = quantile * spread * np.sqrt(found.lead_time / WEEKS_PER_MONTH + 1) * WEEKS_PER_MONTH
    weeks = np.minimum(np.ceil(np.round(weeks / HALF_WEEK, 9)) * HALF_WEEK, answers.longest_cover)
    made_to_stock = np.array([flow == "mts" for flow in attributes.flow], dtype=bool)
    held = made_to_stock & inputs.portfolio.proposes & inputs.portfolio.holds_safety
    if not answers.stock_cz:
        held &= found.segment != "CZ"
    return np.where(held & (found.xyz != NO_DEMAND), np.maximum(weeks, 0.0), np.nan)


def proposed_method(segment_name: str) -> str:
    """How a segment's safety stock follows demand: its mean where demand hardly varies, else the weeks ahead."""
    return "average" if segment_name.endswith("X") else "exact"


def segment_rows(inputs: Inputs) -> pd.DataFrame:
    """One row per item: its classes, what they were told by, and the cover that is proposed."""
    found = segments(inputs)
    attributes = inputs.steering.attributes
    return pd.DataFrame(
        {
            "country": inputs.items["country"].to_numpy(),
            "sap_code": inputs.items["sap_code"].to_numpy(),
            "abc": found.abc,
            "xyz": found.xyz,
            "demand_class": found.demand_class,
            "flow": attributes.flow,
            "segment": found.segment,
            "value": found.worth,
            "volatility": found.volatility,
            "adi": found.interval,
            "cv2": found.variation,
            "basis": found.basis,
            "season": found.season,
            "season_strength": found.strength,
            "lead_time": found.lead_time,
            "lead_class": found.lead_class,
            "strategic": attributes.strategic,
            "weeks_cover": inputs.portfolio.weeks_cover,
            "proposed_weeks": proposed_weeks(inputs, found),
        }
    )
