"""The cover of risks: best by brute force, never under the greedy one, within all limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl import core
from smile_xl.core.matching import LEAST, Lines, Transport, by_value, can_give, one_origin
from smile_xl.planning.steering.cover import Choice, best_cover

MONTHS = 2


def transport_of(gift, origin, risk, margin, month, minimum=None) -> Transport:
    shape = np.shape(margin)
    return Transport(
        gift=np.array(gift, dtype=float),
        origin=np.array(origin, dtype=np.int64),
        risk=np.array(risk, dtype=float),
        margin=np.array(margin, dtype=float),
        month=np.array(month),
        minimum=np.zeros(shape) if minimum is None else np.array(minimum, dtype=float),
    )


@st.composite
def transports(draw: st.DrawFn, donors: int = 3, risks: int = 3, largest: int = 3, least: int = 3) -> Transport:
    """Small cases in whole tonnes, two origins, two months."""
    whole = st.integers(0, largest)
    count, wanted = draw(st.integers(1, donors)), draw(st.integers(1, risks))
    gift = np.cumsum(
        draw(st.lists(st.lists(whole, min_size=MONTHS, max_size=MONTHS), min_size=count, max_size=count)), axis=1
    )
    pair = st.lists(st.integers(-1, 5), min_size=2, max_size=2)
    lags = st.lists(st.integers(-1, MONTHS - 1), min_size=2, max_size=2)
    minima = st.lists(st.integers(0, least), min_size=2, max_size=2)

    def rows(one):
        return draw(st.lists(one, min_size=wanted, max_size=wanted))

    origin = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    return transport_of(gift, origin, rows(whole), rows(pair), rows(lags), rows(minima))


def brute_force(transport: Transport) -> float:
    """The best value over all whole quantities: with whole limits, the best is among them."""
    pairs = [
        (donor, risk)
        for donor in range(len(transport.gift))
        for risk in range(len(transport.risk))
        if transport.month[risk, transport.origin[donor]] >= 0
    ]

    def search(place: int, gifts: tuple, needs: tuple) -> float:
        if place == len(pairs):
            return 0.0
        donor, risk = pairs[place]
        origin = transport.origin[donor]
        month, least = transport.month[risk, origin], transport.minimum[risk, origin]
        best = search(place + 1, gifts, needs)
        for tonnes in range(max(1, int(least)), int(min(needs[risk], gifts[donor][month])) + 1):
            # Slack of each month's limit on all that was given up to then.
            given = tuple(one - tonnes if when >= month else one for when, one in enumerate(gifts[donor]))
            if min(given) < 0:
                break
            value = tonnes * transport.margin[risk, origin]
            left = (*needs[:risk], needs[risk] - tonnes, *needs[risk + 1 :])
            best = max(best, value + search(place + 1, (*gifts[:donor], given, *gifts[donor + 1 :]), left))
        return best

    return search(0, tuple(map(tuple, transport.gift.tolist())), tuple(transport.risk.tolist()))


def assert_within_limits(transport: Transport, lines: Lines) -> None:
    given = np.zeros_like(transport.gift)
    for donor, risk, tonnes in zip(lines.donor, lines.risk, lines.tonnes, strict=True):
        origin = transport.origin[donor]
        month = transport.month[risk, origin]
        assert month >= 0, "goods that are too late, or may not move"
        assert transport.margin[risk, origin] > 0, "moved at a loss"
        assert tonnes >= max(transport.minimum[risk, origin], LEAST)
        given[donor, month:] += tonnes
    assert (given <= transport.gift + 1e-9).all(), "a donor gives more than it has"
    assert (lines.covered(transport) <= transport.risk + 1e-9).all(), "a risk is covered twice"
    assert len({*zip(lines.donor.tolist(), lines.risk.tolist(), strict=True)}) == len(lines)


@settings(max_examples=150, deadline=None)
@given(transports())
def test_the_choice_is_the_best_there_is(transport: Transport) -> None:
    choice = best_cover(transport)
    best = brute_force(transport)
    assert choice.lines.value(transport) == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert choice.most == pytest.approx(best, rel=1e-9, abs=1e-9), "and is known to be"
    assert choice.greedy.value(transport) <= best + 1e-9
    for lines in (choice.lines, choice.greedy):
        assert_within_limits(transport, lines)


def totals(transport: Transport, choice: Choice) -> tuple[float, float]:
    return choice.lines.value(transport), choice.greedy.value(transport)


def test_a_donor_is_kept_for_the_risk_that_no_other_can_cover() -> None:
    """The first donor could give in either month, the second only in the later one; the later risk is worth more."""
    case = transport_of([[10, 10], [0, 10]], [0, 0], [10, 10], [[5], [9]], [[0], [1]])
    best, greedy = totals(case, best_cover(case))
    assert (best, greedy) == (140, 90)


def test_the_dearest_way_is_left_to_those_that_have_no_other() -> None:
    """Both risks are worth most from abroad; only the second can be covered from nowhere else."""
    case = transport_of([[10, 10], [10, 10]], [0, 1], [10, 10], [[8, 9], [-1, 8.5]], [[0, 0], [-1, 0]])
    assert totals(case, best_cover(case)) == (165, 90)


def test_a_line_is_either_nothing_or_at_least_the_minimum() -> None:
    """6 t over risks of 5 and 4: 5 + 1 is worth more, but 1 t does not move; 3 + 3 does."""
    case = transport_of([[6, 6]], [0], [5, 4], [[10], [9]], [[0], [0]], [[3], [3]])
    choice = best_cover(case)
    assert totals(case, choice) == (57, 50)
    assert sorted(choice.lines.tonnes) == [3, 3]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(transport_of(np.zeros((0, 2)), [], [3], [[5]], [[0]]), id="no donor"),
        pytest.param(transport_of([[3, 3]], [0], [], np.zeros((0, 1)), np.zeros((0, 1), dtype=int)), id="no risk"),
        pytest.param(transport_of([[3, 3]], [0], [3], [[5]], [[-1]]), id="no way"),
        pytest.param(transport_of([[3, 3]], [0], [3], [[0]], [[0]]), id="moving costs what it is worth"),
        pytest.param(transport_of([[0, 3]], [0], [3], [[5]], [[0]]), id="nothing yet"),
        pytest.param(transport_of([[3, 3]], [0], [3], [[5]], [[0]], [[4]]), id="less than the minimum"),
    ],
)
def test_nothing_is_moved_where_nothing_can_be(case: Transport) -> None:
    choice = best_cover(case)
    assert len(choice.lines) == len(choice.greedy) == 0


@pytest.mark.parametrize(("least", "origins"), [*itertools.product((0.0, 8.0), (1, 3))])
def test_a_larger_case_keeps_the_limits_and_is_never_under_the_greedy_one(least: float, origins: int) -> None:
    chance = np.random.default_rng(4)
    for _ in range(3):
        donors, risks = 60, 80
        gift = np.cumsum(chance.gamma(1, 20, (donors, 3)) * (chance.random((donors, 3)) < 0.5), axis=1)
        margin = chance.uniform(100, 3000, (risks, 1)) - chance.uniform(0, 400, (risks, origins))
        month = chance.integers(-1, 3, (risks, origins))
        case = transport_of(
            gift,
            chance.integers(0, origins, donors),
            chance.gamma(1, 30, risks),
            margin,
            month,
            np.full(margin.shape, least),
        )
        choice = best_cover(case)
        best, greedy = totals(case, choice)
        assert greedy <= best <= choice.most * (1 + 1e-9)
        if not least:
            assert best == pytest.approx(choice.most, rel=1e-9), "exact where any quantity may move"
        for lines in (choice.lines, choice.greedy):
            assert_within_limits(case, lines)
        again = best_cover(case)
        assert np.array_equal(again.lines.tonnes, choice.lines.tonnes), "the same again"


def test_one_origin_needs_no_linear_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smile_xl.planning.steering.cover._flows", None)
    case = transport_of([[10, 10], [0, 10]], [0, 0], [10, 10], [[5, 7], [9, 9]], [[0, -1], [1, -1]])
    assert best_cover(case).lines.value(case) == 140
    assert one_origin(transport_of([[1, 2]], [0], [2], [[1]], [[1]])).tonnes.tolist() == [2]


@pytest.mark.parametrize(
    ("gift", "risk"),
    [
        pytest.param([[3, 3], [1, 2], [2, 3]], [10, 10], id="no donor has the minimum"),
        pytest.param([[10, 10], [1, 2], [9, 9]], [3, 3.5], id="no risk is as large as the minimum"),
    ],
)
def test_where_no_line_can_reach_its_minimum_no_linear_programme_is_solved(
    gift: list[list[float]], risk: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is its solver loaded, which takes longer than all the rest of the page."""
    monkeypatch.setattr("smile_xl.planning.steering.cover._flows", None)
    case = transport_of(gift, [0, 1, 1], risk, [[5, 7], [9, 9]], [[0, 0], [1, 1]], [[4, 4], [4, 4]])
    choice = best_cover(case)
    assert (len(choice.lines), choice.most) == (0, 0.0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_a_donor_gives_is_missing_from_then_on(data: st.DataObject) -> None:
    number = st.floats(-50, 200)
    closing, kept, given_before = (
        np.array([data.draw(st.lists(one, min_size=3, max_size=3))])
        for one in (number, st.floats(0, 50), st.floats(0, 30))
    )
    [gift] = can_give(closing, kept, given_before)
    assert (np.diff(gift) >= 0).all(), "a later month never allows less"
    month = data.draw(st.integers(0, 2))
    limit = np.maximum(closing[0], 0) - kept[0] - np.cumsum(given_before[0])
    after = limit - gift[month] * (np.arange(3) >= month)
    if gift[month] > 0:
        assert after[month:].min() == pytest.approx(0, abs=1e-9), "all of it can go, and no more"
    [left] = can_give(closing, kept, given_before + gift[month] * (np.arange(3) == month))
    assert left[month] == pytest.approx(0, abs=1e-9)
    if month == 0:
        np.testing.assert_allclose(left, np.maximum(gift - gift[0], 0), atol=1e-9)


def test_what_can_be_given_is_checked_at_the_door() -> None:
    with pytest.raises(core.DomainError, match="kept row 1 column 2 is -1, want zero or more"):
        can_give([[1, 1]], [[0, -1]], [[0, 0]])
    with pytest.raises(core.ShapeError, match="given has 1 months, closing 2"):
        can_give([[1, 1]], [[0, 0]], [[0]])


def test_by_value_takes_the_dearest_tonne_first() -> None:
    case = transport_of([[10, 10]], [0], [6, 6], [[5], [9]], [[0], [0]])
    lines = by_value(case)
    assert (lines.risk.tolist(), lines.tonnes.tolist()) == ([1, 0], [6, 4])
