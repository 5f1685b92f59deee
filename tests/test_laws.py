"""Laws that hold for every portfolio."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from smile_xl import core
from smile_xl.planning import equations

ITEMS, MONTHS = 4, 12
tonnes = st.floats(0, 1e5, allow_subnormal=False).map(lambda value: round(value, 3))


def blocks(elements: st.SearchStrategy = tonnes, months: int = MONTHS) -> st.SearchStrategy:
    return hnp.arrays(float, (ITEMS, months), elements=elements, fill=st.nothing())


def columns(elements: st.SearchStrategy = tonnes) -> st.SearchStrategy:
    return hnp.arrays(float, ITEMS, elements=elements, fill=st.nothing())


weeks = columns(st.floats(0, 30).map(lambda value: round(value, 2)))


def portfolios(**fixed: object) -> st.SearchStrategy[core.Portfolio]:
    given_or_not = st.one_of(st.just(np.nan), tonnes)
    parts = {
        "opening": columns(),
        "transit": blocks(months=8),
        "demand": blocks(),
        "confirmed": blocks(given_or_not),
        "weeks_cover": weeks,
        "landing": st.just(np.array([[0, 0, 0, 1, 1, 1, 1, 2], [0, 0, 0, 0, 1, 1, 1, 2]] * 2)),
        "frozen": st.just(np.array([2, 2, 3, 5])),
        "pipeline_months": st.just(np.array([1, 2, 3, 4])),
        "proposes": st.just(np.array([True, True, True, False])),
        "holds_safety": st.just(np.array([True, True, False, True])),
        "moq": columns(st.sampled_from([0.0, 10.0, 2000.0])),
        "multiple": columns(st.sampled_from([0.0, 0.5, 24.0])),
    }
    return st.builds(core.Portfolio, **{**parts, **fixed})


@given(portfolios())
def test_stock_is_balanced(portfolio: core.Portfolio) -> None:
    """What enters a month and does not leave it is there at its end; only shortages are lost."""
    plan = core.plan_portfolio(portfolio)
    landed = core.arrivals(portfolio.transit, portfolio.landing)
    entering = np.column_stack((portfolio.opening, np.maximum(plan.closing, 0)[:, :-1]))
    received = landed + plan.orders * (np.arange(MONTHS) >= 2)
    np.testing.assert_allclose(entering + received - portfolio.demand, plan.closing, rtol=1e-9, atol=1e-6)
    end = np.maximum(plan.closing[:, -1], 0)
    lost = core.shortage_risk(plan.closing).sum(axis=1)
    total = portfolio.opening + received.sum(axis=1) - portfolio.demand.sum(axis=1) + lost
    np.testing.assert_allclose(total, end, rtol=1e-9, atol=1e-6)


@given(columns(), blocks(), blocks(), blocks(), st.integers(0, MONTHS - 1), tonnes)
def test_a_closing_never_falls_when_an_order_grows(
    opening: np.ndarray, landed: np.ndarray, demand: np.ndarray, orders: np.ndarray, month: int, more: float
) -> None:
    larger = orders.copy()
    larger[:, month] += more
    before, after = (core.closing_stock(opening, landed, demand, some) for some in (orders, larger))
    assert (after >= before).all()


@given(blocks(st.floats(1, 1e5)), weeks)
def test_exact_cover_of_the_exact_safety_stock_is_the_wanted_cover(demand: np.ndarray, wanted: np.ndarray) -> None:
    safety = core.exact_safety(demand, wanted)
    for month in range(MONTHS):
        covered = wanted <= 4.25 * (MONTHS - 1 - month)
        if month < MONTHS - 1 and covered.any():
            cover, _ = core.exact_cover(safety[:, month : month + 1], demand[:, month + 1 :])
            np.testing.assert_allclose(cover[covered, 0], wanted[covered], rtol=1e-9, atol=1e-9)


@given(portfolios(), st.sampled_from([0.001, 0.5, 3.0, 1000.0]))
def test_scaling_all_tonnes_scales_all_tonnes(portfolio: core.Portfolio, scale: float) -> None:
    """The unit does not matter. Lots are left out: their rounding may fall on either side of a whole number."""
    names = ("opening", "transit", "demand", "confirmed", "moq")
    scaled = {name: getattr(portfolio, name) * scale for name in names}
    none = np.zeros(ITEMS)
    base = core.plan_portfolio(core.Portfolio(**{**vars(portfolio), "multiple": none, "moq": none}))
    other = core.plan_portfolio(core.Portfolio(**{**vars(portfolio), **scaled, "multiple": none, "moq": none}))
    for name in ("safety", "orders", "closing", "pipeline"):
        first, second = getattr(base, name) * scale, getattr(other, name)
        np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-5 * scale)


@given(portfolios(), st.permutations(range(ITEMS)))
def test_items_do_not_influence_one_another(portfolio: core.Portfolio, order: list[int]) -> None:
    turned = core.Portfolio(**{name: value[order] for name, value in vars(portfolio).items()})
    for name, values in vars(core.plan_portfolio(portfolio)).items():
        np.testing.assert_array_equal(values[order], getattr(core.plan_portfolio(turned), name))


@given(portfolios())
def test_a_proposal_is_never_below_its_need_and_keeps_minimum_and_multiple(portfolio: core.Portfolio) -> None:
    plan = core.plan_portfolio(portfolio)
    assert (plan.orders >= 0).all()
    entering = np.column_stack((portfolio.opening, np.maximum(plan.closing, 0)[:, :-1]))
    need = np.maximum(portfolio.demand + plan.safety - np.maximum(entering, 0), 0)
    months = np.arange(MONTHS)
    proposed = np.isnan(portfolio.confirmed) & (months >= portfolio.frozen[:, None]) & portfolio.proposes[:, None]
    ordered = plan.orders > 0
    assert (plan.orders - need >= -1e-9 * (1 + need + portfolio.demand))[proposed].all()
    assert (plan.orders + 1e-6 >= portfolio.moq[:, None])[proposed & ordered].all()
    multiple = np.broadcast_to(portfolio.multiple[:, None], ordered.shape)
    lots = np.divide(plan.orders, multiple, out=np.zeros(ordered.shape), where=multiple > 0)
    np.testing.assert_allclose(lots[proposed], np.round(lots[proposed]), atol=1e-6)
    run_out = np.isnan(portfolio.confirmed) & ~portfolio.proposes[:, None] & (months >= 2)
    assert (plan.orders[run_out] == 0).all()


@given(blocks(), weeks, weeks)
def test_more_weeks_of_cover_never_ask_for_less(demand: np.ndarray, some: np.ndarray, more: np.ndarray) -> None:
    for policy in (core.exact_safety, core.average_safety):
        assert (policy(demand, some + more) >= policy(demand, some) * (1 - 1e-12)).all()


@given(columns(), weeks)
def test_on_a_flat_demand_both_policies_agree(level: np.ndarray, wanted: np.ndarray) -> None:
    demand = np.repeat(level[:, None], MONTHS, axis=1)
    np.testing.assert_allclose(core.exact_safety(demand, wanted), core.average_safety(demand, wanted), rtol=1e-9)


@given(columns(), columns(), blocks())
def test_cover_never_falls_when_stock_grows(stock: np.ndarray, more: np.ndarray, demand: np.ndarray) -> None:
    few, _ = core.exact_cover(stock[:, None], demand)
    many, _ = core.exact_cover((stock + more)[:, None], demand)
    assert (many >= few - 1e-9).all()
    assert ((few >= 0) & (few <= 4.25 * MONTHS + 1e-9)).all()


@given(blocks(st.floats(-1e6, 1e6)))
def test_risk_and_opportunity_are_the_two_sides_of_the_closing_stock(closing: np.ndarray) -> None:
    risk, opportunity = core.shortage_risk(closing), core.opportunity(closing)
    np.testing.assert_array_equal(opportunity - risk, closing)
    assert (np.minimum(risk, opportunity) == 0).all()


@given(blocks(st.floats(-1e5, 1e5)), blocks(), columns(), columns())
def test_projection_is_the_value_of_stock_and_transit(
    closing: np.ndarray, pipeline: np.ndarray, unit: np.ndarray, landed: np.ndarray
) -> None:
    value = core.projected_value(closing, pipeline, unit, landed)
    assert (value >= 0).all()
    stock = core.projected_value(closing, np.zeros_like(pipeline), unit, landed)
    transit = core.projected_value(np.zeros_like(closing), pipeline, unit, landed)
    np.testing.assert_allclose(value, stock + transit, rtol=1e-9)


@given(blocks(), st.integers(0, 15))
def test_the_pipeline_holds_the_orders_of_the_months_ahead(orders: np.ndarray, months: int) -> None:
    expected = [orders[:, month + 1 : month + 1 + months].sum(axis=1) for month in range(MONTHS)]
    np.testing.assert_allclose(core.pipeline_stock(orders, months), np.column_stack(expected), rtol=1e-9, atol=1e-9)


@given(blocks(), st.floats(0.1, 100))
def test_volatility_has_no_unit(demand: np.ndarray, scale: float) -> None:
    assume((demand.sum(axis=1) > 1).all())
    first, second = (core.coefficient_of_variation(some) for some in (demand, demand * scale))
    np.testing.assert_allclose(first, second, rtol=1e-6, atol=1e-9)


def test_rounding_noise_never_orders_one_lot_more() -> None:
    """0.1 + 0.2 is more than 0.3 by an ulp: three lots of 0.1, not four."""
    orders = core.proposed_orders([0], [[0, 0, 0]], [[0, 0, 0.1 + 0.2]], [[0, 0, 0]], multiple=0.1)
    assert orders[0, 2] == pytest.approx(0.3)


def test_rounding_noise_never_orders_a_minimum_quantity() -> None:
    """After an order has restored the safety stock, a month without demand needs nothing."""
    demand = [[0, 0, 28, 0, 0, 35.8, 46.2, 30.5, 38.8, 0, 0, 0]]
    safety = core.average_safety(demand, 6)
    orders = core.proposed_orders([30], np.zeros((1, 12)), demand, safety, moq=20)
    assert orders[0, 9:].tolist() == [0, 0, 0]


@given(hnp.arrays(float, (ITEMS, 6), elements=st.floats(0.01, 1e4), fill=st.nothing()), st.permutations(range(6)))
def test_a_stock_of_just_the_demand_lasts_through_the_silent_months_after_it(
    demand: np.ndarray, order: list[int]
) -> None:
    """However the stock was added up: the last bit of a sum is no shortage."""
    stock = sum(demand[:, month] for month in order)
    silent, later = np.zeros((ITEMS, 3)), np.ones((ITEMS, 1))
    weeks, capped = core.exact_cover(stock[:, None], np.hstack((demand, silent, later)))
    np.testing.assert_allclose(weeks[:, 0], 9 * 4.25, rtol=1e-9)
    assert not capped.any()


@given(hnp.arrays(float, 4, elements=st.floats(0.01, 1e4), fill=st.nothing()), st.permutations(range(4)))
def test_the_months_that_explain_a_cover_add_up_to_it(demand: np.ndarray, order: list[int]) -> None:
    stock = float(sum(demand[month] for month in order))
    equation = equations.cover(0, stock, np.array([*demand, 0.0, 0.0, 1.0]))
    assert sum(term.value for term in equation.terms) == pytest.approx(equation.value, rel=1e-9)
    assert equation.value == pytest.approx(6 * 4.25, rel=1e-9)
