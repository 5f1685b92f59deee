"""The stock target of every item, now and at the end of each month: of its rule, or else the built-in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core import WEEKS_PER_MONTH, exact_cover, stock_target
from smile_xl.core.checks import Array
from smile_xl.core.units import HORIZON, NOISE
from smile_xl.language import say
from smile_xl.planning.cycle import Cycle, once
from smile_xl.planning.grouping import Groups
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.policies import LEVELS
from smile_xl.planning.steering.resolve import NO_RULE

BUILT_IN = ("run_out", "brand_target", "weeks_cover")
"""Where the target of an item without a rule comes from, the first that applies."""


STATES = ("under_minimum", "over_maximum", "under_target", "over_target", "at_target", "no_target")
"""How the stock of an item stands to its target; the first that is true."""


@dataclass(frozen=True)
class ItemTargets:
    """The targets of all items; moments are the start of month 0, then the end of each of the 12 months."""

    rule: np.ndarray
    """Place of each item's rule among the rules of Policies, ``NO_RULE`` for a built-in one, shape (items,)."""
    built_in: np.ndarray
    """Place among ``BUILT_IN`` of the source that holds without a rule, shape (items,)."""
    goal: Array
    """Stock to aim at, shape (items, 13), t; NaN where the rule gives none."""
    minimum: Array
    maximum: Array


@once
def item_targets(cycle: Cycle) -> ItemTargets:
    """The targets of all items of a cycle."""
    inputs = cycle.inputs
    rule = inputs.resolution.of_item
    levels = {name: policy_levels(inputs, name) for name in LEVELS}
    source, built_in = _built_in(cycle)
    free = (rule == NO_RULE)[:, np.newaxis]
    return ItemTargets(rule, source, **{name: np.where(free, built_in[name], levels[name]) for name in LEVELS})


def policy_levels(inputs: Inputs, level: str) -> Array:
    """What the rules of Policies give as one of ``LEVELS``, shape (items, 13), t; NaN where none does."""
    rules, chosen = inputs.steering.policies.rules, inputs.resolution.of_item
    if not rules:
        return np.full((len(chosen), 1 + HORIZON), np.nan)
    amounts = np.array([*(getattr(rule, level) for rule in rules), np.nan])[chosen]
    units = np.array([*(rule.unit for rule in rules), "tonnes"])[chosen]
    return stock_target(amounts, units.tolist(), inputs.portfolio.demand, inputs.unit_cost)


def stock_path(cycle: Cycle) -> Array:
    """Stock on hand at the same moments, a shortage as 0, shape (items, 13), t."""
    return np.maximum(np.column_stack((cycle.inputs.portfolio.opening, cycle.plan.closing)), 0.0)


def _built_in(cycle: Cycle) -> tuple[np.ndarray, dict[str, Array]]:
    """What holds for items without a rule.

    Run-outs: the stock that their forecast demand will still use, and no more. Else what the plan aims at: the target
    weeks of the brand in Targets, or, where it has none, the wanted cover; and at most one month more. No minimum.
    """
    inputs = cycle.inputs
    portfolio = inputs.portfolio
    brands = zip(inputs.items["country"].tolist(), inputs.items["brand"].tolist(), strict=True)
    brand_weeks = np.array([inputs.targets.get(brand, np.nan) for brand in brands])
    source = np.where(~portfolio.proposes, 0, np.where(np.isnan(brand_weeks), 2, 1))
    wanted = np.where(source == 1, brand_weeks, portfolio.weeks_cover)
    weeks = {
        "minimum": np.full_like(wanted, np.nan),
        "goal": np.where((source == 1) | portfolio.holds_safety, wanted, 0.0),
        "maximum": wanted + WEEKS_PER_MONTH,
    }
    levels = {name: stock_target(amount, "weeks", portfolio.demand) for name, amount in weeks.items()}
    left = np.cumsum(portfolio.demand[:, ::-1], axis=1)[:, ::-1]
    left = np.column_stack((left, np.zeros(len(left))))[:, : 1 + HORIZON]
    useful = np.minimum(stock_path(cycle), left)
    run_out = (source == 0)[:, np.newaxis]
    for name in ("goal", "maximum"):
        levels[name] = np.where(run_out, useful, levels[name])
    return source, levels


def rule_names(cycle: Cycle, targets: ItemTargets) -> tuple[list[str], list[str]]:
    """The rule and the owner of each item's target, in the book's language."""
    inputs = cycle.inputs
    spoken = inputs.settings.language
    rules = inputs.steering.policies.rules
    names = [rule.shown(spoken) for rule in rules]
    built_in = [say(f"reports.item_targets.{name}", spoken) for name in BUILT_IN]
    pairs = zip(targets.rule.tolist(), targets.built_in.tolist(), strict=True)
    shown = [built_in[source] if place == NO_RULE else names[place] for place, source in pairs]
    owners = [*(rule.owner for rule in rules), ""]
    return shown, [owners[place] for place in targets.rule.tolist()]


def state_of(stock: Array, targets: ItemTargets, moment: int) -> np.ndarray:
    """Place among ``STATES`` of each item's stock at a moment, shape (items,)."""
    goal, minimum, maximum = (getattr(targets, name)[:, moment] for name in ("goal", "minimum", "maximum"))
    now = stock[:, moment]
    with np.errstate(invalid="ignore"):
        cases = [
            now < minimum * (1 - NOISE),
            now > maximum * (1 + NOISE),
            now < goal * (1 - NOISE),
            now > goal * (1 + NOISE),
            ~np.isnan(goal),
        ]
    return np.select(cases, list(range(len(cases))), len(STATES) - 1)


def rows(cycle: Cycle) -> pd.DataFrame:
    """One row per item: its target, its limits at the start of the current month, and the rule that gave them."""
    targets = item_targets(cycle)
    shown, owners = rule_names(cycle, targets)
    return pd.DataFrame(
        {
            "country": cycle.inputs.items["country"].to_numpy(),
            "sap_code": cycle.inputs.items["sap_code"].to_numpy(),
            "target_t": targets.goal[:, 0],
            "minimum_t": targets.minimum[:, 0],
            "maximum_t": targets.maximum[:, 0],
            "rule": shown,
            "owner": owners,
        }
    )


def brand_targets(inputs: Inputs, brands: Groups) -> dict[tuple[str, str], float]:
    """Target weeks by country and brand: of Targets, or else what the policies of the brand's items come to.

    These are the weeks that the sum of the items' target stock covers now. A brand has them only if each of its items
    has a rule with a target.
    """
    found = dict(inputs.targets)
    missing = [place for place, (country, brand) in enumerate(brands.keys) if (country, brand) not in found]
    if not missing or not inputs.steering.policies.rules:
        return found
    goal = policy_levels(inputs, "goal")[:, :1]
    lacking = brands.sum(np.isnan(goal[:, 0]).astype(np.float64))
    weeks = exact_cover(brands.sum(np.nan_to_num(goal)), brands.sum(inputs.portfolio.demand))[0][:, 0]
    for place in missing:
        if not lacking[place]:
            country, brand = brands.keys[place]
            found[country, brand] = round(float(weeks[place]), 12)
    return found


def overstock_limit(inputs: Inputs) -> Array | None:
    """The maximum of each item by its rule at the end of each month, shape (items, 12), t; None where no rule has one.

    NaN for items whose rule gives none: for them, the wanted cover and one month decide.
    """
    if all(np.isnan(rule.maximum) for rule in inputs.steering.policies.rules):
        return None
    return policy_levels(inputs, "maximum")[:, 1:]
