"""The core is fast because it skips what a chunk does not have: none of these shortcuts may change a figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_portfolio import RULES, portfolio

from smile_xl import core
from smile_xl.core import items as items_module

PLAN = ("safety", "orders", "closing", "pipeline")
SUMS = (
    "opening",
    "demand",
    "safety",
    "orders",
    "closing",
    "pipeline",
    "value",
    "shortage_t",
    "shortage_cash",
    "opportunity",
    "overstock_t",
    "overstock_cash",
)


def as_arrays(items: list[oracle.Item]) -> core.Portfolio:
    rules = [RULES[item.country] for item in items]
    flags = np.array([oracle.STATUSES[item.status] for item in items], dtype=bool).reshape(-1, 2)
    blank = [[np.nan if quantity is None else quantity for quantity in item.confirmed] for item in items]
    return core.Portfolio(
        opening=np.array([item.opening for item in items]),
        transit=np.array([item.transit for item in items]).reshape(-1, 8),
        demand=np.array([item.demand for item in items]),
        confirmed=np.array(blank),
        weeks_cover=np.array([item.weeks_cover for item in items], dtype=float),
        landing=np.array([rule.landing for rule in rules]),
        frozen=np.array([rule.frozen for rule in rules]),
        pipeline_months=np.array([rule.pipeline for rule in rules]),
        proposes=flags[:, 0],
        holds_safety=flags[:, 1],
        moq=np.array([item.moq or 0.0 for item in items]),
        multiple=np.array([item.multiple or 0.0 for item in items]),
    )


def expected_sums(
    items: list[oracle.Item], group: np.ndarray, groups: int, method: str, net_transit: bool
) -> dict[str, np.ndarray]:
    sums = {name: np.zeros((groups, 12)) for name in SUMS}
    plans = oracle.plan(items, RULES, oracle.STATUSES, method, net_transit)
    for item, plan, number in zip(items, plans, group, strict=True):
        closing = plan["closing"]
        risk = np.array(oracle.risk(closing))
        overstock = np.array(oracle.overstock(closing, item.demand, item.weeks_cover))
        figures = {
            "opening": [oracle.opening_of_month(item, plan, month) for month in range(12)],
            "demand": item.demand[:12],
            "safety": plan["safety"],
            "orders": plan["orders"],
            "closing": oracle.opportunity(closing),
            "pipeline": plan["pipeline"],
            "value": oracle.projection(closing, plan["pipeline"], item.unit_cost, item.landed_cost),
            "shortage_t": risk,
            "shortage_cash": risk * item.landed_cost,
            "opportunity": oracle.opportunity(closing),
            "overstock_t": overstock,
            "overstock_cash": overstock * item.unit_cost,
        }
        for name, values in figures.items():
            sums[name][number] += values
    return sums


def summarise(items: list[oracle.Item], group: np.ndarray, groups: int, **options: object) -> core.Summary:
    costs = {name: np.array([getattr(item, name) for item in items]) for name in ("unit_cost", "landed_cost")}
    return core.summarise_portfolio(as_arrays(items), group, groups, **costs, **options)


@pytest.mark.parametrize("method", ["exact", "average"])
@pytest.mark.parametrize("net_transit", [False, True])
@pytest.mark.parametrize("months", [12, 13, 14])
@pytest.mark.parametrize("by_group", [False, True])
def test_sums_equal_the_reference(months: int, net_transit: bool, method: str, by_group: bool) -> None:
    items = portfolio(seed=months, size=60, months=months)
    group = np.random.default_rng(months).integers(0, 7, len(items))
    if by_group:
        group.sort()
    summary = summarise(items, group, 9, method=method, net_transit=net_transit)
    for name, expected in expected_sums(items, group, 9, method, net_transit).items():
        np.testing.assert_allclose(getattr(summary, name), expected, rtol=1e-9, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("flags", [False, True])
def test_each_item_has_its_own_policy_in_the_sums_as_well(flags: bool) -> None:
    items = portfolio(seed=8, size=60, months=13)
    chance = np.random.default_rng(8)
    group, average = chance.integers(0, 7, len(items)), chance.random(len(items)) < 0.5
    summary = summarise(items, group, 7, method=average if flags else np.where(average, "average", "exact").tolist())
    parts = [
        expected_sums([items[row] for row in rows], group[rows], 7, method, False)
        for method, rows in (("average", np.flatnonzero(average)), ("exact", np.flatnonzero(~average)))
    ]
    for name in SUMS:
        expected = parts[0][name] + parts[1][name]
        np.testing.assert_allclose(getattr(summary, name), expected, rtol=1e-9, atol=1e-6, err_msg=name)


def test_excess_is_the_residual_or_else_the_first_overstock() -> None:
    items = portfolio(seed=9, size=60)
    group = np.random.default_rng(9).integers(0, 5, len(items))
    residual = np.where(np.arange(60) % 3, 0.0, np.arange(60) * 10.0)
    expected = np.zeros(5)
    for item, plan, number, rest in zip(
        items, oracle.plan(items, RULES, oracle.STATUSES, "exact"), group, residual.tolist(), strict=True
    ):
        over = oracle.overstock(plan["closing"], item.demand, item.weeks_cover)[0]
        expected[number] += (rest or over) * item.unit_cost
    np.testing.assert_allclose(summarise(items, group, 5, residual=residual).excess_cash, expected, rtol=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 12), st.integers(1, 9))
@settings(max_examples=25)
def test_chunks_do_not_change_an_item(seed: int, size: int, groups: int, chunk: int) -> None:
    """To the last bit, with chunks of any size; the plan that comes with the sums is the plan."""
    items = portfolio(seed, size)
    group = np.random.default_rng(seed).integers(0, groups, size)
    whole = core.plan_portfolio(as_arrays(items))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(items_module, "CHUNK", chunk)
        pieces = core.plan_portfolio(as_arrays(items))
        summary = summarise(items, group, groups, with_plan=True)
    assert summary.plan is not None
    for name in PLAN:
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name), err_msg=name)
        np.testing.assert_array_equal(getattr(summary.plan, name), getattr(whole, name), err_msg=name)
    for name, expected in expected_sums(items, group, groups, "exact", False).items():
        np.testing.assert_allclose(getattr(summary, name), expected, rtol=1e-9, atol=1e-6, err_msg=name)


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_an_item_alone_has_the_figures_it_has_among_others(seed: int) -> None:
    """One item is a chunk that has almost nothing: every shortcut is taken."""
    items = portfolio(seed, size=8)
    together = core.plan_portfolio(as_arrays(items))
    for row, item in enumerate(items):
        alone = core.plan_portfolio(as_arrays([item]))
        for name in PLAN:
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[row], err_msg=name)


def test_no_item_has_sums_of_nothing() -> None:
    none = as_arrays(portfolio(1, 3))
    none = core.Portfolio(**{name: values[:0] for name, values in vars(none).items()})
    assert core.plan_portfolio(none).orders.shape == (0, 12)
    summary = core.summarise_portfolio(none, np.zeros(0, dtype=int), 2, unit_cost=1, landed_cost=1)
    assert all(getattr(summary, name).tolist() == [[0.0] * 12] * 2 for name in SUMS)


def test_many_groups_are_more_than_two_bytes_can_number() -> None:
    items = portfolio(5, 40)
    group = np.random.default_rng(5).integers(0, 100_000, len(items))
    summary = summarise(items, group, 100_000)
    assert summary.demand.sum() == pytest.approx(sum(sum(item.demand) for item in items))
    np.testing.assert_allclose(summary.demand[group[0]].sum(), sum(items[0].demand))


def test_a_proposal_of_nothing_is_not_minus_nothing() -> None:
    plan = core.plan_portfolio(as_arrays(portfolio(3, 200)))
    assert not np.signbit(plan.orders).any()
    assert not np.signbit(plan.safety).any()


@pytest.mark.parametrize("name", ["demand", "transit", "weeks_cover", "moq", "multiple", "frozen", "pipeline_months"])
@pytest.mark.parametrize("value", [-1.0, np.inf, -np.inf, np.nan])
def test_a_wrong_value_in_a_later_chunk_is_refused_with_its_place(
    name: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items_module, "CHUNK", 4)
    good = as_arrays(portfolio(2, 10))
    wrong = getattr(good, name).astype(float)
    wrong[9] = value
    with pytest.raises(core.DomainError, match=r" row 10( column 1)? is "):
        core.plan_portfolio(replace(good, **{name: wrong}))


@pytest.mark.parametrize("value", [-1.0, np.inf, -np.inf])
def test_a_wrong_confirmed_order_is_refused_with_its_place(value: float) -> None:
    good = as_arrays(portfolio(2, 10))
    good.confirmed[9, 11] = value
    with pytest.raises(core.DomainError, match=r"confirmed row 10 column 12 is "):
        core.plan_portfolio(good)


def test_minus_nothing_is_nothing() -> None:
    good = as_arrays(portfolio(2, 10))
    zero = replace(good, opening=np.zeros(10))
    minus = replace(good, opening=np.full(10, -0.0), moq=np.where(good.moq == 0, -0.0, good.moq))
    for name in PLAN:
        first, second = (getattr(core.plan_portfolio(some), name) for some in (zero, minus))
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("group", "error"),
    [
        pytest.param([0, 1], "want one per item", id="another number of items"),
        pytest.param([0, 1, 3], "want 0 to 2", id="beyond the groups"),
        pytest.param([0, 1, -1], "want 0 to 2", id="below 0"),
        pytest.param([0, 1, 0.5], "whole numbers", id="half a group"),
    ],
)
def test_a_wrong_group_is_refused(group: list[float], error: str) -> None:
    with pytest.raises((core.DomainError, core.ShapeError), match=error):
        summarise(portfolio(1, 3), np.array(group), 3)


@pytest.mark.parametrize("name", ["proposes", "holds_safety", "frozen", "opening", "landing"])
def test_inputs_of_another_length_are_refused(name: str) -> None:
    good = as_arrays(portfolio(1, 3))
    with pytest.raises(core.ShapeError, match=name.split("_", maxsplit=1)[0]):
        core.plan_portfolio(replace(good, **{name: getattr(good, name)[:2]}))
