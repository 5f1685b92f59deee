"""The best cover of risks: exact where that is quick, else improved from a relaxation, and never under the greedy one.

HiGHS, through scipy, is imported where it is needed: many books have no case that needs it, and it takes
longer than all the rest of a page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from smile_xl.core.checks import Array
from smile_xl.core.matching import (
    LEAST,
    Lines,
    Places,
    Transport,
    by_value,
    most_value,
    one_origin,
    repaired,
    spread,
    supply,
    with_possible_ways,
)

MOST_PAIRS = 120
"""Pairs of donor and risk up to which minimum quantities are solved exactly."""

LARGEST = 50 * MOST_PAIRS
"""Pairs, whatever their quantities, up to which it is worth counting those that can meet their minimum."""

MOST_NODES = 100
"""Cases that are looked at for that in all: a count, so that the same inputs give the same lines on any machine."""

_SOLVED, _IMPOSSIBLE = 0, 2
"""What scipy says of a linear programme."""

_SAME = 1e-9
"""Relative difference of values that are the same."""


@dataclass(frozen=True)
class Choice:
    """The cover that was chosen, the greedy one, and a value that no cover exceeds."""

    lines: Lines
    greedy: Lines
    most: float
    nodes: int = 0
    """Cases that branch and bound has looked at."""


def best_cover(transport: Transport, nodes: int = MOST_NODES) -> Choice:
    """The most valuable cover of risks that keeps all limits.

    Without minimum quantities it is a linear programme over what each origin has from each month on: within an origin,
    donors differ in nothing but their quantities, so that a flow per origin can always be shared out among them. With
    minimum quantities, the lines that are too small are given up and the rest is used again; where that falls short of
    the linear programme and the case is small, branch and bound decides, within a
    number of ``nodes``.
    """
    transport = with_possible_ways(transport)
    greedy = by_value(transport)
    most = most_value(transport)
    if _reaches(greedy.value(transport), most):
        return Choice(greedy, greedy, most)
    relaxed = _relaxed(transport)
    most = min(most, max(relaxed.value(transport), greedy.value(transport)))
    if not (transport.minimum[transport.allowed] > LEAST).any():
        return Choice(_better(transport, greedy, relaxed), greedy, most)
    chosen = _better(transport, greedy, repaired(transport, relaxed))
    used = 0
    if not _reaches(chosen.value(transport), most):
        exact, solved, used = _exact(transport, chosen.value(transport), nodes)
        chosen = _better(transport, chosen, exact)
        most = chosen.value(transport) if solved else most
    return Choice(chosen, greedy, most, used)


def _reaches(value: float, most: float) -> bool:
    return value >= most * (1 - _SAME)


def _better(transport: Transport, first: Lines, second: Lines) -> Lines:
    """The more valuable of two; where they are worth the same, the one with fewer lines, else the first."""
    values = first.value(transport), second.value(transport)
    if _reaches(min(values), max(values)):
        return second if len(second) < len(first) else first
    return second if values[1] > values[0] else first


def _relaxed(transport: Transport) -> Lines:
    """The best cover if any quantity may be moved."""
    used = np.flatnonzero(transport.allowed.any(axis=0) & (supply(transport).sum(axis=1) > 0))
    if len(used) == 1:
        members = np.flatnonzero(transport.origin == used[0])
        lines = one_origin(
            replace(
                transport,
                gift=transport.gift[members],
                origin=np.zeros(len(members), dtype=np.int64),
                **{name: getattr(transport, name)[:, used] for name in ("margin", "month", "minimum")},
            )
        )
        return replace(lines, donor=members[lines.donor])
    return spread(transport, _flows(transport))


def _flows(transport: Transport) -> Array:
    """The linear programme: tonnes of each risk from each origin's supply of each month, (risks, origins, months)."""
    from scipy.optimize import linprog  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    steps = supply(transport)
    months = np.arange(steps.shape[1])
    possible = transport.allowed[:, :, np.newaxis] & (months <= transport.month[:, :, np.newaxis]) & (steps > 0)
    risk, origin, month = np.nonzero(possible)
    flows = np.zeros(possible.shape)
    if not len(risk):
        return flows
    rows = np.concatenate((risk, len(transport.risk) + origin * len(months) + month))
    places = np.tile(np.arange(len(risk)), 2)
    limits = np.concatenate((transport.risk, steps.ravel()))
    matrix = csr_array((np.ones(len(rows)), (rows, places)), shape=(len(limits), len(risk)))
    found = linprog(-transport.margin[risk, origin], A_ub=matrix, b_ub=limits, method="highs")
    flows[risk, origin, month] = np.maximum(found.x, 0.0)
    total = flows.sum(axis=(1, 2))
    over = np.divide(transport.risk, total, out=np.ones_like(total), where=total > transport.risk)
    return np.asarray(flows * over[:, np.newaxis, np.newaxis])  # HiGHS keeps limits to seven digits


def _exact(transport: Transport, known: float, allowed: int) -> tuple[Lines, bool, int]:
    """A cover worth more than is known, no lines where none is found, whether nothing better can be, cases looked at.

    Branch and bound: where the linear programme moves less than the minimum of a pair, it is solved again with nothing
    moved there, and with at least the minimum. HiGHS has a solver for that, but it writes on standard output.
    """
    nothing = Lines(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    if int(transport.allowed.sum(axis=0) @ np.bincount(transport.origin, minlength=transport.origins)) > LARGEST:
        return nothing, False, 0
    donor, risk, least, most = _pairs(transport)
    if not 0 < len(donor) <= MOST_PAIRS:
        return nothing, not len(donor), 0
    from scipy.optimize import linprog  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    months = transport.gift.shape[1]
    leaves = transport.month[risk, transport.origin[donor]]
    given = [np.flatnonzero(leaves <= month) for month in range(months)]
    rows = np.concatenate([risk, *(len(transport.risk) + donor[by] * months + month for month, by in enumerate(given))])
    columns = np.concatenate([np.arange(len(donor)), *given])
    limits = np.concatenate((transport.risk, transport.gift.ravel()))
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(limits), len(donor)))
    margin = transport.margin[risk, transport.origin[donor]]
    best, open_cases, nodes, solved = nothing, [(np.zeros(len(donor)), most)], 0, True
    while open_cases and nodes < allowed:
        low, high = open_cases.pop()
        nodes += 1
        found = linprog(-margin, A_ub=matrix, b_ub=limits, bounds=np.column_stack((low, high)), method="highs")
        solved &= found.status in (_SOLVED, _IMPOSSIBLE)
        if found.status != _SOLVED or -found.fun <= known * (1 + _SAME):
            continue
        small = np.where(found.x > LEAST, np.maximum(least * (1 - _SAME) - found.x, 0.0), 0.0) * margin
        if small.any():
            pair = int(np.argmax(np.minimum(small, found.x * margin)))
            open_cases += [(low, _with(high, pair, 0.0)), (_with(low, pair, least[pair]), high)]
            continue
        moved = np.flatnonzero(found.x > LEAST)
        best = _within(transport, Lines(donor[moved], risk[moved], found.x[moved]), least[moved])
        known = max(known, best.value(transport))
    return best, solved and not open_cases, nodes


def _with(numbers: Array, place: int, number: float) -> Array:
    changed = numbers.copy()
    changed[place] = number
    return changed


def _pairs(transport: Transport) -> tuple[Places, Places, Array, Array]:
    """Pairs of donor and risk that can meet their minimum: donor, risk, least and most tonnes."""
    allowed, month = transport.allowed[:, transport.origin], transport.month[:, transport.origin]
    donors = np.arange(len(transport.gift))
    most = np.minimum(transport.gift[donors, np.maximum(month, 0)], transport.risk[:, np.newaxis])
    least = np.maximum(transport.minimum[:, transport.origin], LEAST)
    risk, donor = np.nonzero(allowed & (most >= least))
    return donor, risk, least[risk, donor], most[risk, donor]


def _within(transport: Transport, rough: Lines, least: Array) -> Lines:
    """Lines of HiGHS, which keeps limits to seven digits, brought within them; what falls under its least goes."""
    near = rough.tonnes >= least * (1 - 1e-6)
    tonnes = np.where(near, np.maximum(rough.tonnes, least), 0.0)
    gift, need = transport.gift.copy(), transport.risk.copy()
    for place in np.argsort(-tonnes, kind="stable").tolist():
        donor, risk = int(rough.donor[place]), int(rough.risk[place])
        month = int(transport.month[risk, transport.origin[donor]])
        tonnes[place] = max(min(tonnes[place], gift[donor, month], need[risk]), 0.0)
        gift[donor, month:] -= tonnes[place]
        np.minimum(gift[donor, :month], gift[donor, month], out=gift[donor, :month])
        need[risk] -= tonnes[place]
    return repaired(transport, replace(rough, tonnes=tonnes))
