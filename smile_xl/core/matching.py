"""Matching: which surplus covers which shortage, within what each donor can give."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smile_xl.core.checks import Array, by_month, same_shape

Places = NDArray[np.int64]

LEAST = 1e-6
"""Tonnes below which nothing is moved: a gram."""


@dataclass(frozen=True)
class Transport:
    """Risks and donors that may be matched with each other. A donor is known by its origin: its country.

    Parameters
    ----------
    gift : array, shape (donors, months), t
        What a donor can still give from each month on, as ``can_give`` tells.
    origin : array of int, shape (donors,)
        Where each donor is.
    risk : array, shape (risks,), t
        What is short: one item in one month.
    margin : array, shape (risks, origins), money / t
        Value of a tonne of the risk less the cost of moving it from an origin.
    month : array of int, shape (risks, origins)
        Month in which goods have to leave an origin to be in time; -1 where none can, or none may.
    minimum : array, shape (risks, origins), t
        Least that is worth moving; 0 for any.
    """

    gift: Array
    origin: Places
    risk: Array
    margin: Array
    month: Places
    minimum: Array

    @property
    def origins(self) -> int:
        """How many origins there are."""
        return int(self.margin.shape[1])

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Whether goods of an origin may cover a risk, in time and at a profit, shape (risks, origins)."""
        return np.asarray((self.month >= 0) & (self.margin > 0))


@dataclass(frozen=True)
class Lines:
    """What is moved: from which donor to which risk, and how much."""

    donor: Places
    risk: Places
    tonnes: Array

    def __len__(self) -> int:
        return len(self.tonnes)

    def value(self, transport: Transport) -> float:
        """Value of the risk that is covered, less the cost of moving."""
        return float((self.tonnes * transport.margin[self.risk, transport.origin[self.donor]]).sum())

    def covered(self, transport: Transport) -> Array:
        """Tonnes of each risk that are covered, shape (risks,)."""
        covered = np.zeros(len(transport.risk))
        np.add.at(covered, self.risk, self.tonnes)
        return covered


def can_give(closing: ArrayLike, kept: ArrayLike, given: ArrayLike) -> Array:
    """Tonnes that each item can still give from each month on, over all that it gave up to then.

    Parameters
    ----------
    closing : array_like, shape (items, months), t
        Closing stock; negative is a shortage.
    kept : array_like, shape (items, months), t
        What has to stay, such as the safety stock.
    given : array_like, shape (items, months), t / month
        What is given already, in the month in which it leaves.

    Returns
    -------
    array, shape (items, months), t
        What may leave in a month. It is missing in all later months as well, so that a later month may allow more,
        never less.

    Notes
    -----
    gift[i] = max(0, min over m >= i of (max(C[m], 0) - kept[m] - given in months 0..m)).

    Examples
    --------
    >>> can_give([[50, 20, 40]], [[10, 10, 10]], [[0, 5, 0]])
    array([[ 5.,  5., 25.]])
    """
    closing, kept = by_month("closing", closing, signed=True), by_month("kept", kept)
    given = by_month("given", given)
    for name, array in (("kept", kept), ("given", given)):
        same_shape(name, array, "closing", closing)
    free = np.maximum(closing, 0.0) - kept - np.cumsum(given, axis=1)
    return np.maximum(np.minimum.accumulate(free[:, ::-1], axis=1)[:, ::-1], 0.0) + 0.0


def by_value(transport: Transport) -> Lines:
    """The greedy choice: the risk that is worth most per tonne first, from the donor that can give most.

    Each choice is kept: a donor that two risks need goes to the first. What is left of a risk below the minimum stays
    open.
    """
    gift, need = transport.gift.copy(), transport.risk.copy()
    members = [np.flatnonzero(transport.origin == origin) for origin in range(transport.origins)]
    lines: list[tuple[int, int, float]] = []
    spent = [-1] * transport.origins  # last month up to which an origin has nothing left
    for risk, origin in _by_margin(transport):
        month, least = int(transport.month[risk, origin]), max(float(transport.minimum[risk, origin]), LEAST)
        donors = members[origin]
        while month > spent[origin] and need[risk] >= least and len(donors):
            donor = int(donors[np.argmax(gift[donors, month])])
            tonnes = float(min(need[risk], gift[donor, month]))
            if tonnes < least:
                spent[origin] = month if gift[donor, month] < LEAST else spent[origin]
                break
            lines.append((donor, risk, tonnes))
            need[risk] -= tonnes
            _take(gift[donor], month, tonnes)
    return _lines(lines)


def one_origin(transport: Transport) -> Lines:
    """The best choice where all donors are in one place and any quantity may be moved.

    Notes
    -----
    What donors can give grows from month to month. Risks that these steps can cover together are independent sets of a
    matroid (a gammoid), so that taking the most valuable risk first is best, if it takes what came last first: that
    serves fewer of the others.

    References
    ----------
    J. Edmonds, "Matroids and the greedy algorithm", Mathematical Programming 1 (1971) 127-136.
    """
    steps = supply(transport)[0].tolist()
    flows = np.zeros((len(transport.risk), 1, len(steps)))
    for risk, _ in _by_margin(transport):
        need = float(transport.risk[risk])
        for month in range(int(transport.month[risk, 0]), -1, -1):
            tonnes = min(need, steps[month])
            flows[risk, 0, month] = tonnes
            steps[month] -= tonnes
            need -= tonnes
    return spread(transport, flows)


def supply(transport: Transport) -> Array:
    """What the donors of each origin can give in each month beyond the month before, shape (origins, months), t."""
    steps = np.zeros((transport.origins, transport.gift.shape[1]))
    np.add.at(steps, transport.origin, _steps(transport))
    return steps


def spread(transport: Transport, flows: Array) -> Lines:
    """Flows from each origin's monthly supply, shape (risks, origins, months), shared out among its donors.

    Donors and risks are laid end to end; a line is where one meets the other. It moves no more than donors have.
    """
    steps = _steps(transport)
    value = transport.margin.max(axis=1, initial=0.0) * transport.risk
    order = np.argsort(-value, kind="stable")
    parts: list[tuple[Places, Places, Array]] = []
    for origin in range(transport.origins):
        members = np.flatnonzero(transport.origin == origin)
        for month in range(steps.shape[1]):
            donors = members[np.argsort(-steps[members, month], kind="stable")]
            wanted = flows[order, origin, month]
            risks, wanted = order[wanted > 0], wanted[wanted > 0]
            has, want = np.cumsum(steps[donors, month]), np.cumsum(wanted)
            if not len(has) or not len(want):
                continue
            ends = np.union1d(has, want)
            ends = ends[ends <= min(has[-1], want[-1])]
            tonnes = np.diff(ends, prepend=0.0)
            middle = ends - tonnes / 2
            parts.append((donors[np.searchsorted(has, middle)], risks[np.searchsorted(want, middle)], tonnes))
    if not parts:
        return _lines([])
    donor, risk, tonnes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _joined(donor, risk, tonnes, len(transport.risk))


def repaired(transport: Transport, lines: Lines) -> Lines:
    """Lines below their minimum given up, and what that leaves used again: for open lines first, then by value."""
    least = transport.minimum[lines.risk, transport.origin[lines.donor]]
    kept = lines.tonnes >= np.maximum(least, LEAST)
    donor, risk, tonnes = lines.donor[kept], lines.risk[kept], lines.tonnes[kept].copy()
    gift, need = transport.gift.copy(), transport.risk.copy()
    np.subtract.at(need, risk, tonnes)
    month = transport.month[risk, transport.origin[donor]]
    for place in range(len(donor)):
        _take(gift[donor[place]], month[place], tonnes[place])
    margin = transport.margin[risk, transport.origin[donor]]
    for place in np.argsort(-margin, kind="stable").tolist():
        more = max(min(need[risk[place]], gift[donor[place], month[place]]), 0.0)
        tonnes[place] += more
        need[risk[place]] -= more
        _take(gift[donor[place]], month[place], more)
    left = replace(transport, gift=np.maximum(gift, 0.0), risk=np.maximum(need, 0.0))
    rest = by_value(left)
    return _joined(
        np.concatenate((donor, rest.donor)),
        np.concatenate((risk, rest.risk)),
        np.concatenate((tonnes, rest.tonnes)),
        len(transport.risk),
    )


def with_possible_ways(transport: Transport) -> Transport:
    """The same, but for ways that no line can take: no donor there can give the minimum, or the risk is smaller."""
    months = transport.gift.shape[1]
    largest = np.zeros((transport.origins, months))
    np.maximum.at(largest, transport.origin, transport.gift)
    most = largest[np.arange(transport.origins), np.maximum(transport.month, 0)]
    most = np.minimum(most, transport.risk[:, np.newaxis])
    possible = transport.allowed & (most >= np.maximum(transport.minimum, LEAST))
    return replace(transport, month=np.where(possible, transport.month, -1))


def most_value(transport: Transport) -> float:
    """A value that no choice exceeds: each risk covered from where that is worth most, donors asked once for all."""
    return float((np.where(transport.allowed, transport.margin, 0.0).max(axis=1, initial=0.0) * transport.risk).sum())


def _by_margin(transport: Transport) -> list[tuple[int, int]]:
    """Allowed pairs of risk and origin, the most valuable tonne first, then the larger risk."""
    risk, origin = np.nonzero(transport.allowed & (transport.risk >= LEAST)[:, np.newaxis])
    order = np.lexsort((origin, risk, -transport.risk[risk], -transport.margin[risk, origin]))
    return list(zip(risk[order].tolist(), origin[order].tolist(), strict=True))


def _take(gift: Array, month: int, tonnes: float) -> None:
    """One donor's gift after tonnes have left in a month: they are missing in it and later."""
    gift[month:] -= tonnes
    np.minimum(gift[:month], gift[month], out=gift[:month])


def _steps(transport: Transport) -> Array:
    """What each donor can give in each month beyond the month before, shape (donors, months)."""
    return np.asarray(np.maximum(np.diff(transport.gift, axis=1, prepend=0.0), 0.0))


def _lines(found: list[tuple[int, int, float]]) -> Lines:
    donor, risk, tonnes = zip(*found, strict=True) if found else ((), (), ())
    return Lines(np.array(donor, dtype=np.int64), np.array(risk, dtype=np.int64), np.array(tonnes, dtype=np.float64))


def _joined(donor: Places, risk: Places, tonnes: Array, risks: int) -> Lines:
    """Lines with one for each pair of donor and risk, without traces."""
    pairs, place = np.unique(donor * max(risks, 1) + risk, return_inverse=True)
    sums = np.zeros(len(pairs))
    np.add.at(sums, place, tonnes)
    pairs, sums = pairs[sums >= LEAST], sums[sums >= LEAST]
    return Lines(pairs // max(risks, 1), pairs % max(risks, 1), sums)
