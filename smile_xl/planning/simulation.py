"""What a new safety-stock policy does to tonnes and cash, and the rule under which to adopt it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, coefficient_of_variation, volatility_class
from smile_xl.core.adoption import Choice, Rule, Stability
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH, NOISE
from smile_xl.planning import service
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import Groups, group
from smile_xl.planning.names import NO_NAME
from smile_xl.planning.policies import Basis, basis_of, safety_of
from smile_xl.planning.tables import Month, month_text

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


BOOTSTRAP = 500
"""Portfolios drawn anew from the items, to see how stable the rule is."""


@dataclass(frozen=True)
class Decision:
    """Where to adopt the new policy: what that frees and what it costs."""

    rule: Rule | None
    """None keeps the old policy everywhere."""
    cap: float
    """Largest added risk, as a fraction of all demand."""
    adopted: np.ndarray
    """The items that adopt, shape (items,)."""
    gain: float
    """Cash that is freed, the mean of the months."""
    lost: float
    """Demand that is lost more, t."""
    risk: float
    """The same as a fraction of all demand."""
    all_gain: float
    """What would be freed if every item adopted."""
    all_risk: float
    stability: Stability


def decide(comparison: Comparison, lost_more: Array, seed: int) -> Decision:
    """The thresholds that free most cash, subject to the cap on what they add to the lost demand.

    ``lost_more`` is the demand that each item loses more with the new policy than with the old one, t in the months
    that the runs count, shape (items,). Items that run out have nothing to adopt: no order follows from their safety
    stock.
    """
    portfolio, cap = comparison.cycle.inputs.portfolio, comparison.cycle.inputs.settings.shortage_cap
    volatility = np.where(portfolio.proposes, comparison.volatility, np.nan)
    able, gain = ~np.isnan(volatility), comparison.mean_gain
    demand = np.where(able, portfolio.demand[:, FIRST_ORDER_MONTH:HORIZON].sum(axis=1), 0.0)
    choice = Choice(portfolio.weeks_cover, volatility, gain, lost_more, demand, cap)
    rule = choice.best()
    adopted = choice.adopts(rule)
    total, lost = float(demand.sum()), float(lost_more[adopted].sum())
    return Decision(
        rule=rule,
        cap=cap,
        adopted=adopted,
        gain=float(gain[adopted].sum()),
        lost=lost,
        risk=lost / total if total else 0.0,
        all_gain=float(gain[able].sum()),
        all_risk=float(lost_more[able].sum()) / total if total else 0.0,
        stability=choice.stability(rule, BOOTSTRAP, seed),
    )


@dataclass(frozen=True)
class Outcome:
    """Everything that the simulation says about two policies."""

    comparison: Comparison
    decision: Decision
    lost_more: Array
    """Demand that each item loses more with the new policy than with the old one, t, shape (items,)."""
    policies: pd.DataFrame
    """One row per role (old, new, rule): what is held and the service that it gives."""
    convergence: pd.DataFrame
    """The old and the new policy's estimates after a part of the runs."""
    curve: pd.DataFrame
    """Service against stock with more or less of today's safety stock, by segment."""
    runs: int
    seed: int

    @property
    def months(self) -> list[Month]:
        """The months that the service counts: those that orders can still reach."""
        return self.comparison.cycle.inputs.planned[FIRST_ORDER_MONTH:]

    @property
    def chosen(self) -> list[str]:
        """The policy that the decision gives to each item."""
        comparison = self.comparison
        return [comparison.new if adopts else comparison.old for adopts in self.decision.adopted.tolist()]


def simulate(
    cycle: Cycle, old: str = OLD, new: str = NEW, *, runs: int = service.RUNS, seed: int = service.SEED
) -> Outcome:
    """Compare two policies, play them in many runs with the same draws, and decide where to adopt the new one."""
    inputs = cycle.inputs
    comparison = compare(cycle, old, new)
    held = {"old": comparison.old_t, "new": comparison.new_t}
    realised = service.realise(inputs, held, runs=runs, seed=seed)
    lost = realised.service.lost.value
    decision = decide(comparison, lost[:, 1] - lost[:, 0], seed)
    held["rule"] = np.where(decision.adopted[:, np.newaxis], comparison.new_t, comparison.old_t)
    by_rule = service.realise(inputs, {"rule": held["rule"]}, runs=runs, seed=seed)
    segments = pd.concat([service.by_segment(realised), service.by_segment(by_rule)])
    total = segments[segments["country"] == service.ALL_COUNTRIES].rename(columns={"policy": "role"})
    policies = total.drop(columns=["country", "sub_category"]).reset_index(drop=True)
    policies.insert(1, "policy", policies["role"].map({"old": old, "new": new, "rule": ""}))
    means = {role: safety.mean(axis=1) for role, safety in held.items()}
    policies.insert(2, "safety_t", [float(means[role].sum()) for role in policies["role"]])
    policies.insert(3, "safety_cash", [float(means[role] @ inputs.unit_cost) for role in policies["role"]])
    return Outcome(
        comparison=comparison,
        decision=decision,
        lost_more=lost[:, 1] - lost[:, 0],
        policies=policies,
        convergence=service.convergence(realised).rename(columns={"policy": "role"}),
        curve=service.trade_off(inputs, cycle.plan.safety, runs=runs, seed=seed),
        runs=runs,
        seed=seed,
    )


FIGURES = ("safety_t", "safety_cash", *service.MEASURES)
"""What is said of each policy."""


def figures(outcome: Outcome) -> pd.DataFrame:
    """One row per figure: of the old policy, the new one and the rule, each with the half width of its interval."""
    table = pd.DataFrame({"figure": FIGURES})
    for line in outcome.policies.to_dict("records"):
        table[line["role"]] = [line[name] for name in FIGURES]
        table[f"{line['role']}_pm"] = [line.get(f"{name}_pm", 0.0) for name in FIGURES]
    return table


def item_figures(outcome: Outcome) -> pd.DataFrame:
    """One row per item, means of the 12 months, what frees most first."""
    comparison = outcome.comparison
    inputs = comparison.cycle.inputs
    table = inputs.items[["country", "sap_code", "status", "brand", "description", "weeks_cover"]].copy()
    table["volatility"] = comparison.volatility
    for name, tonnes in (("old", comparison.old_t), ("new", comparison.new_t), ("difference", comparison.difference_t)):
        table[f"{name}_t"] = tonnes.mean(axis=1)
        table[f"{name}_cash"] = tonnes.mean(axis=1) * inputs.unit_cost
    table["added_t"] = outcome.lost_more
    table["negative"] = comparison.negative
    table["chosen"] = outcome.chosen
    by = ["difference_cash", "country", "sap_code"]
    return table.sort_values(by, ascending=[False, True, True], kind="stable", ignore_index=True)
