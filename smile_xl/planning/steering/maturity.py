"""Maturity: how much of the loop a team really runs, each criterion with the evidence that the book holds for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.steering.agenda import commitments
from smile_xl.planning.steering.causes import cause_of
from smile_xl.planning.steering.effects import effects
from smile_xl.planning.steering.gaps import find_gaps
from smile_xl.planning.steering.register import calibrations, to_settle
from smile_xl.planning.tables import month_after

KEPT_CYCLES = 6
"""Months back in which a cycle should have been kept each month."""

EVEN_BRIER = 0.25
"""Brier score of somebody who always says 50 %."""

STAGES = (0.2, 0.4, 0.6, 0.8)
"""Shares from which the second to the fifth stage begins."""


@dataclass(frozen=True)
class Criterion:
    """One criterion: what was counted, of how many, and the score that follows."""

    name: str
    done: float
    """What the evidence counts, in the unit that its text states."""
    of: float
    score: float
    """0 to 1."""


def maturity(cycle: Cycle) -> list[Criterion]:
    """Every criterion with its evidence."""
    return [Criterion(name, *measure(cycle)) for name, measure in CRITERIA.items()]


def overall(criteria: list[Criterion]) -> float:
    """The mean score, 0 to 1."""
    return float(np.mean([one.score for one in criteria]))


def stage(score: float) -> int:
    """The stage of a mean score, 1 to 5."""
    return 1 + int(np.searchsorted(STAGES, score, side="right"))


Measure = tuple[float, float, float]


def _share(done: float, of: float) -> Measure:
    """A count, of how many, and its share; nothing to count scores nothing."""
    return done, of, done / of if of else 0.0


def _inputs(cycle: Cycle) -> Measure:
    """Items without a warning of their own."""
    items = len(cycle.inputs.items)
    return _share(float(items - cycle.warned), items)


def _forecast(cycle: Cycle) -> Measure:
    """Items whose forecast error is measured."""
    measured = ~np.isnan(cycle.inputs.measured.demand_error)
    return _share(float(measured.sum()), len(measured))


def _kept(cycle: Cycle) -> Measure:
    """Cycles kept of the last months."""
    start = cycle.inputs.months[0]
    wanted = {month_after(start, -back) for back in range(1, KEPT_CYCLES + 1)}
    return _share(float(len(wanted & {one.month for one in cycle.earlier()})), KEPT_CYCLES)


def _explained(cycle: Cycle) -> Measure:
    """Cash of the present gaps that have a cause."""
    found = find_gaps(cycle)
    sizes = np.abs(found.gap[:, 0])
    causes, start = cycle.inputs.steering.causes, cycle.inputs.months[0]
    known = [bool((one := cause_of(causes, start, *key)) and one.cause) for key in found.groups.keys]
    return _share(float(sizes[known].sum()), float(sizes.sum()))


def _decided(cycle: Cycle) -> Measure:
    """Decisions with an owner, a date and an expected effect."""
    decisions = cycle.inputs.steering.decisions
    whole = [one for one in decisions if one.owner and one.due and not np.isnan(one.expected)]
    return _share(float(len(whole)), len(decisions))


def _in_time(cycle: Cycle) -> Measure:
    """Actions done, of those that are done or overdue."""
    actions = [one for one in cycle.inputs.steering.actions if one.status != "dropped"]
    done = sum(one.status == "done" for one in actions)
    late = sum(one.overdue(cycle.inputs.months[0]) for one in actions)
    return _share(float(done), done + late)


def _measured(cycle: Cycle) -> Measure:
    """Commitments of earlier cycles whose effect is measured."""
    before = [one for one in commitments(cycle) if one.month and one.month < cycle.inputs.months[0]]
    known = [one for one in effects(cycle, before) if one.value is not None]
    return _share(float(len(known)), len(before))


def _settled(cycle: Cycle) -> Measure:
    """Events of the register that are settled, of those that are settled or should be."""
    events = cycle.inputs.steering.register
    settled = sum(one.came_true is not None for one in events)
    return _share(float(settled), settled + len(to_settle(events, cycle.inputs.months[0])))


def _calibrated(cycle: Cycle) -> Measure:
    """How much better than a coin the stated probabilities were."""
    rows = calibrations(cycle.inputs.steering.register)
    settled = sum(len(one.events) for one in rows)
    if not settled:
        return 0.0, 0.0, 0.0
    brier = sum(one.brier * len(one.events) for one in rows) / settled
    return brier, float(settled), float(np.clip(1.0 - brier / EVEN_BRIER, 0.0, 1.0))


def _covered(cycle: Cycle) -> Measure:
    """Cash of the risks that chosen opportunities cover; without risk, all of it."""
    rows = tidy.dsr(cycle)
    used, risk = float(rows["used_cash"].sum()), float(rows["risk_cash"].sum())
    return (used, risk, used / risk) if risk > 0 else (0.0, 0.0, 1.0)


CRITERIA: dict[str, Callable[[Cycle], Measure]] = {
    "inputs": _inputs,
    "forecast": _forecast,
    "kept": _kept,
    "explained": _explained,
    "decided": _decided,
    "in_time": _in_time,
    "measured": _measured,
    "settled": _settled,
    "calibrated": _calibrated,
    "covered": _covered,
}
"""The criteria and how each is measured."""
