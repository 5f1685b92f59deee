"""Realised service of safety-stock policies: by item, by segment and in total, how sure it is, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smile_xl.core import Service, simulate_service
from smile_xl.core.checks import Array
from smile_xl.planning.grouping import group
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.uncertainty import uncertainty_of

RUNS = 1000
SEED = 1
FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Shares of today's safety stock on the trade-off curve."""

PARTS = (8, 4, 2, 1)
"""The convergence is shown after one eighth, a quarter, a half and all of the runs."""

WIDTH = 1.959964
"""Standard errors on each side of an estimate that make a confidence interval of 95 %."""

TOTAL = "TOTAL"
ALL_COUNTRIES = "Total"

MEASURES = ("cycle_service", "fill_rate", "lost_t", "lost_cash", "mean_t", "mean_cash", "peak_t", "peak_cash")
"""What is estimated of each segment and policy."""


@dataclass(frozen=True)
class Realised:
    """What each policy gave in all runs."""

    policies: tuple[str, ...]
    segments: list[tuple[str, str]]
    """Country and sub-category of each group of ``service``: each pair, each country with TOTAL, and Total, TOTAL.

    Only items that orders are proposed for count in them."""
    service: Service
    """Estimates of shape (items, policies), in the order of ``policies``, and the runs of each segment."""


def realise(
    inputs: Inputs,
    policies: Mapping[str, Array],
    *,
    runs: int = RUNS,
    seed: int = SEED,
    threads: int = 1,
) -> Realised:
    """Play some policies, safety stocks of shape (items, 12) by name, against the same demand and the same delays."""
    segments, member = _segments(inputs)
    service = simulate_service(
        inputs.portfolio,
        np.stack([np.asarray(safety, dtype=np.float64) for safety in policies.values()]),
        uncertainty_of(inputs),
        runs=runs,
        seed=seed,
        groups=member,
        unit_cost=inputs.unit_cost,
        landed_cost=inputs.landed_cost,
        net_transit=inputs.settings.net_transit,
        threads=threads,
    )
    return Realised(tuple(policies), segments, service)


def by_item(inputs: Inputs, realised: Realised) -> pd.DataFrame:
    """One row per item and policy: each estimate and the half width of its 95 % confidence interval."""
    service, count = realised.service, len(realised.policies)
    rows: dict[str, object] = {
        name: np.repeat(inputs.items[name].to_numpy(), count) for name in ("country", "sap_code", "sub_category")
    }
    rows["policy"] = list(realised.policies) * len(inputs.items)
    estimates = {
        "cycle_service": service.cycle_service,
        "fill_rate": service.fill_rate,
        "lost_t": service.lost,
        "mean_t": service.mean_stock,
        "peak_t": service.peak_stock,
    }
    for name, estimate in estimates.items():
        rows[name] = estimate.value.ravel()
        rows[f"{name}_pm"] = estimate.error.ravel() * WIDTH
    return pd.DataFrame(rows)


def by_segment(realised: Realised) -> pd.DataFrame:
    """One row per segment and policy: each estimate and the half width of its 95 % confidence interval."""
    lines = []
    for place, (country, sub_category) in enumerate(realised.segments):
        for column, policy in enumerate(realised.policies):
            line: dict[str, object] = {"country": country, "sub_category": sub_category, "policy": policy}
            for name, value, half in _estimates(realised, place, column):
                line |= {name: value, f"{name}_pm": half}
            lines.append(line)
    return pd.DataFrame(lines)


def convergence(realised: Realised) -> pd.DataFrame:
    """The total's estimates after one eighth, a quarter, a half and all of the runs, each with its half width."""
    total = realised.segments.index((ALL_COUNTRIES, TOTAL))
    lines = []
    for column, policy in enumerate(realised.policies):
        for part in PARTS:
            runs = max(realised.service.runs // part, 1)
            line: dict[str, object] = {"policy": policy, "runs": runs}
            for name, value, half in _estimates(realised, total, column, runs):
                line |= {name: value, f"{name}_pm": half}
            lines.append(line)
    return pd.DataFrame(lines)


def trade_off(
    inputs: Inputs,
    safety: Array,
    *,
    factors: Sequence[float] = FACTORS,
    runs: int = RUNS,
    seed: int = SEED,
    threads: int = 1,
) -> pd.DataFrame:
    """Service against stock when today's safety stock (items, 12) is multiplied by each factor.

    One row per segment and factor: cycle service, fill rate, mean stock in tonnes and cash. ``today`` marks factor 1.
    """
    scaled = {f"{factor:g}": factor * np.asarray(safety) for factor in sorted({*factors, 1.0})}
    rows = by_segment(realise(inputs, scaled, runs=runs, seed=seed, threads=threads))
    rows = rows.rename(columns={"policy": "factor"})
    rows["factor"] = rows["factor"].astype(float)
    rows["today"] = rows["factor"] == 1.0
    names = [f"{name}{end}" for name in ("cycle_service", "fill_rate", "mean_t", "mean_cash") for end in ("", "_pm")]
    return rows[["country", "sub_category", "factor", "today", *names]]


def _segments(inputs: Inputs) -> tuple[list[tuple[str, str]], NDArray[np.bool_]]:
    """Every country and sub-category, every country, all; and which items belong to each, shape (segments, items).

    Items that run out belong to none: no order is proposed for them, so that no policy changes their service.
    """
    pairs = group(inputs.items, ("country", "sub_category"))
    countries = np.array([pairs.keys[place][0] for place in pairs.of_item])
    names: list[tuple[str, str]] = []
    member: list[NDArray[np.bool_]] = []
    for place, key in enumerate(pairs.keys):
        names.append((key[0], key[1]))
        member.append(pairs.of_item == place)
        if place + 1 == len(pairs.keys) or pairs.keys[place + 1][0] != key[0]:
            names.append((key[0], TOTAL))
            member.append(countries == key[0])
    names.append((ALL_COUNTRIES, TOTAL))
    member.append(np.ones(len(countries), dtype=bool))
    return names, np.stack(member) & inputs.portfolio.proposes


def _estimates(
    realised: Realised, segment: int, policy: int, runs: int | None = None
) -> Iterator[tuple[str, float, float]]:
    """Name, estimate and half width of each measure, from the first ``runs``."""
    found, played = realised.service.groups, slice(runs)
    months, demand = found.months[segment], found.demand[segment, played]
    yield "cycle_service", *_mean(1 - found.short[segment, policy, played] / months if months else np.array([np.nan]))
    lost = found.lost[segment, policy, played]
    yield "fill_rate", *_met(lost, demand)
    series = {
        "lost_t": lost,
        "lost_cash": found.lost_cash[segment, policy, played],
        "mean_t": found.stock[segment, policy, played],
        "mean_cash": found.stock_cash[segment, policy, played],
        "peak_t": found.peak[segment, policy, played],
        "peak_cash": found.peak_cash[segment, policy, played],
    }
    for name, values in series.items():
        yield name, *_mean(values)


def _mean(values: Array) -> tuple[float, float]:
    """Mean of the runs and the half width of its confidence interval; a single run tells no width."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else np.nan
    return float(values.mean()), WIDTH * spread / float(np.sqrt(len(values)))


def _met(lost: Array, demand: Array) -> tuple[float, float]:
    """Share of the demand that is met, and the half width of its interval: that of a ratio of two means."""
    if not demand.sum() > 0:
        return np.nan, np.nan
    unmet = float(lost.sum() / demand.sum())
    return 1 - unmet, _mean((lost - unmet * demand) / demand.mean())[1]
