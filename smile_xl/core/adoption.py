"""Under which conditions to adopt a new policy: thresholds that free most at no more than a given risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smile_xl.core.checks import Array
from smile_xl.core.units import NOISE

VOLATILITY_STEP = 0.05
"""Thresholds on volatility are multiples of this: what a planner can remember."""

MOST_STEPS = 100
"""Thresholds tried on each of the two; of more distinct weeks of cover, evenly spread ones."""


@dataclass(frozen=True)
class Rule:
    """Adopt where the weeks of cover and the volatility are at most these; infinity is no limit."""

    weeks_cover: float
    volatility: float

    def adopts(self, weeks_cover: Array, volatility: Array) -> NDArray[np.bool_]:
        """The items that adopt, shape (items,); one without demand (NaN) has nothing to adopt."""
        return np.asarray((weeks_cover <= self.weeks_cover) & (volatility <= self.volatility))


@dataclass(frozen=True)
class Stability:
    """How a rule fares when the items are drawn anew, with replacement."""

    samples: int
    same_rule: float
    """Share of the samples whose own best rule is the same."""
    same_choice: float
    """Share of the items that the samples' own rules treat as this one does, on average."""
    within_cap: float
    """Share of the samples in which the rule keeps to the cap."""
    gain: tuple[float, float]
    """What it frees, from the 5th to the 95th percentile of the samples."""
    risk: tuple[float, float]
    """What it adds to the lost demand, as a fraction of all demand, likewise."""


class Choice:
    """The items among which a rule chooses.

    Parameters
    ----------
    weeks_cover, volatility : array, shape (items,)
        What the rule looks at; volatility is NaN where there is no demand.
    gain : array, shape (items,)
        What the new policy frees for each item, negative where it asks for more.
    lost : array, shape (items,), t
        Demand that is lost more with the new policy than with the old one.
    demand : array, shape (items,), t
        All demand of each item.
    cap : float
        Largest sum of ``lost`` over the items that adopt, as a fraction of the demand of all items.
    """

    def __init__(
        self, weeks_cover: Array, volatility: Array, gain: Array, lost: Array, demand: Array, cap: float
    ) -> None:
        silent = np.isnan(volatility)  # nothing to adopt there, whatever the thresholds
        self._volatility, self._weeks_cover = volatility, weeks_cover
        self._gain, self._lost = np.where(silent, 0.0, gain), np.where(silent, 0.0, lost)
        self._demand, self._cap = demand, cap
        self._week_steps = _with_no_limit(_spread(np.unique(weeks_cover)))
        known = np.where(silent, 0.0, volatility)
        most = min(int(np.ceil(known.max(initial=0.0) / VOLATILITY_STEP)), MOST_STEPS)
        # rounded, so that 3 * 0.05 is 0.15
        self._volatility_steps = _with_no_limit(np.round(np.arange(1, most + 1) * VOLATILITY_STEP, 10))
        week_bin = np.searchsorted(self._week_steps, weeks_cover)
        volatility_bin = np.searchsorted(self._volatility_steps, known)
        self._shape = (len(self._week_steps), len(self._volatility_steps))
        self._cell = week_bin * self._shape[1] + volatility_bin

    def best(self, weights: Array | None = None) -> Rule | None:
        """The rule that frees most within the cap; None where none frees anything.

        Of rules that free the same, the one with the least risk, then the widest. ``weights`` count an item several
        times.
        """
        if not len(self._gain):
            return None
        gain, lost = self._sums(self._gain, weights), self._sums(self._lost, weights)
        allowed = gain.copy()
        allowed[lost > self._limit(weights) + NOISE * np.abs(lost)] = -np.inf
        most = allowed.max()
        if not most > NOISE * np.abs(self._gain).sum():
            return None
        risk = np.where(allowed >= most * (1 - NOISE), lost, np.inf)
        best = np.flatnonzero(risk.ravel() <= risk.min() + NOISE * np.abs(self._lost).sum())[-1]
        week, volatility = np.unravel_index(best, self._shape)
        return Rule(float(self._week_steps[week]), float(self._volatility_steps[volatility]))

    def adopts(self, rule: Rule | None) -> NDArray[np.bool_]:
        """The items that adopt by a rule, none without one."""
        if rule is None:
            return np.zeros(len(self._gain), dtype=bool)
        return rule.adopts(self._weeks_cover, self._volatility)

    def stability(self, rule: Rule | None, samples: int, seed: int) -> Stability:
        """How the rule fares in ``samples`` draws of as many items, with replacement."""
        items = len(self._gain)
        rng = np.random.default_rng(seed)
        adopted = self.adopts(rule)
        figures = np.empty((samples, 5))
        for row in figures:
            weights = np.bincount(rng.integers(items, size=items), minlength=items).astype(np.float64)
            other = self.best(weights)
            kept = weights * adopted
            demand = float(weights @ self._demand)
            risk = float(kept @ self._lost) / demand if demand else 0.0
            row[:] = (
                other == rule,
                float(weights @ (self.adopts(other) == adopted)) / items,
                risk <= self._cap * (1 + NOISE),
                float(kept @ self._gain),
                risk,
            )
        low, high = np.percentile(figures[:, 3:], [5, 95], axis=0)
        same_rule, same_choice, within_cap = figures[:, :3].mean(axis=0).tolist()
        return Stability(
            samples,
            same_rule,
            same_choice,
            within_cap,
            gain=(float(low[0]), float(high[0])),
            risk=(float(low[1]), float(high[1])),
        )

    def _limit(self, weights: Array | None) -> float:
        demand = self._demand.sum() if weights is None else weights @ self._demand
        return float(self._cap * demand)

    def _sums(self, values: Array, weights: Array | None) -> Array:
        """Sums over the items that each pair of thresholds adopts."""
        weighted = values if weights is None else values * weights
        cells = np.bincount(self._cell, weights=weighted, minlength=self._shape[0] * self._shape[1])
        return np.asarray(cells.reshape(self._shape).cumsum(axis=0).cumsum(axis=1))


def _spread(steps: Array) -> Array:
    """At most so many of the steps, evenly spread, the last among them."""
    if len(steps) <= MOST_STEPS:
        return steps
    return np.asarray(steps[np.linspace(0, len(steps) - 1, MOST_STEPS).round().astype(int)])


def _with_no_limit(steps: Array) -> Array:
    return np.append(steps[:-1], np.inf) if len(steps) else np.array([np.inf])
