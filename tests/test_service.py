"""Realised service: what a safety stock gives when demand and arrivals are not as planned."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_core_speed_paths import as_arrays
from test_laws import portfolios
from test_portfolio import portfolio as random_items

from smile_xl import core
from smile_xl.core import service as service_module
from smile_xl.core.delays import CHANCES

LEVEL = 1000.0
"""Demand of a month in the cases that have one answer, t."""
INTERVAL = 3.0
"""Standard errors within which an estimate should be: one in 370 is not."""


def steady(frozen: int, items: int = 1) -> core.Portfolio:
    """Flat demand, stock at its goal, and the first two months in transit: no planning-month effects."""
    transit = np.zeros((items, 8))
    transit[:, [0, 4]] = LEVEL
    return core.Portfolio(
        opening=np.zeros(items),
        transit=transit,
        demand=np.full((items, 12), LEVEL),
        confirmed=np.full((items, 12), np.nan),
        weeks_cover=np.zeros(items),
        landing=np.tile([0, 0, 0, 0, 1, 1, 1, 1], (items, 1)),
        frozen=np.full(items, frozen),
        pipeline_months=np.full(items, 1),
        proposes=np.ones(items, dtype=bool),
        holds_safety=np.ones(items, dtype=bool),
        moq=np.zeros(items),
        multiple=np.zeros(items),
    )


def uncertain(portfolio: core.Portfolio, error: float, delays: np.ndarray | float = 0.0, **more) -> core.Uncertainty:
    """The same demand error for all items, and one lane."""
    items = len(portfolio)
    table = np.broadcast_to(np.asarray(delays, dtype=float), (1, len(CHANCES)))
    return core.Uncertainty(np.full(items, error), np.zeros(items, dtype=np.intp), table, **more)


def play(portfolio: core.Portfolio, safety: np.ndarray, unsure: core.Uncertainty, **more) -> core.Service:
    """``safety`` is one level for each policy, or has the shape (policies, items, 12)."""
    safety = np.asarray(safety, dtype=float)
    if safety.ndim == 1:
        safety = np.broadcast_to(safety[:, None, None], (len(safety), len(portfolio), 12))
    return core.simulate_service(portfolio, safety, unsure, **{"runs": 1000, "seed": 7, **more})


def exponential(mean: float) -> np.ndarray:
    """Equally likely delays of a gamma distribution whose deviation is its mean."""
    return -mean * np.log1p(-CHANCES)


# ------------------------------------------------------------------------------------------------ the plan, if all is certain


@given(portfolios(), st.booleans())
@settings(max_examples=30)
def test_without_uncertainty_every_run_is_the_plan(portfolio: core.Portfolio, net_transit: bool) -> None:
    plan = core.plan_portfolio(portfolio, method="exact", net_transit=net_transit)
    result = play(portfolio, plan.safety[None], uncertain(portfolio, 0.0), runs=3, net_transit=net_transit)
    closing = plan.closing[:, 2:]
    stock, lost = np.maximum(closing, 0), np.maximum(-closing, 0).sum(axis=1)
    scale = portfolio.demand.max() + portfolio.transit.max() + portfolio.moq.max() + 1
    for estimate, expected in (
        (result.mean_stock, stock.mean(axis=1)),
        (result.peak_stock, stock.max(axis=1)),
        (result.lost, lost),
    ):
        np.testing.assert_allclose(estimate.value[:, 0], expected, rtol=1e-12, atol=1e-10 * scale)
        np.testing.assert_allclose(estimate.error, 0, atol=1e-10 * scale)


@pytest.mark.parametrize("seed", range(6))
def test_the_shares_of_service_without_uncertainty_follow_from_the_plan(seed: int) -> None:
    portfolio, net_transit = as_arrays(random_items(seed)), bool(seed % 2)
    plan = core.plan_portfolio(portfolio, method="average", net_transit=net_transit)
    result = play(portfolio, plan.safety[None], uncertain(portfolio, 0.0), runs=2, net_transit=net_transit)
    asked = np.asarray(portfolio.demand)[:, 2:12]
    lost = np.maximum(-plan.closing[:, 2:], 0)
    short = lost > 1e-9 * asked
    with np.errstate(invalid="ignore"):
        expected = 1 - short.sum(axis=1) / (asked > 0).sum(axis=1)
        fill = 1 - lost.sum(axis=1) / asked.sum(axis=1)
    np.testing.assert_allclose(result.cycle_service.value[:, 0], expected, atol=1e-9)
    np.testing.assert_allclose(result.fill_rate.value[:, 0], fill, atol=1e-9)
    stock = np.maximum(plan.closing[:, 2:], 0).mean(axis=1)
    np.testing.assert_allclose(result.mean_stock.value[:, 0], stock, rtol=1e-9, atol=1e-9)


# ------------------------------------------------------------------------------------------ a slow, independent simulation


def slow_run(item: dict, safety: list[float], factors: np.ndarray, late: np.ndarray) -> tuple[int, float, list[float]]:
    """One run of one item in plain Python: months short, tonnes lost, closing stocks of the months that count."""
    frozen, confirmed, arrivals, forecast = (item[name] for name in ("frozen", "confirmed", "arrivals", "forecast"))
    due: dict[int, float] = {}
    for month in range(min(frozen, 12)):
        given = 0.0 if month < 2 or math.isnan(confirmed[month]) else confirmed[month]
        due[month] = arrivals[month] + given
    for month in range(frozen, 2):
        due[month] = arrivals[month]
    landing = [0.0] * 40
    stock, ordered_not_landed = item["opening"], 0.0
    short, lost, closings = 0, 0.0, []
    for month in range(12):
        target = month + frozen
        if 2 <= target < 12:
            expected = stock + ordered_not_landed
            for ahead in range(month, target):
                expected = max(expected + due[ahead] - forecast[ahead], 0)
            need = forecast[target] + safety[target] - max(expected, 0)
            order = 0.0
            if need > 1e-9 * (forecast[target] + safety[target]) and item["proposes"]:
                order = max(need, item["moq"])
                if item["multiple"]:
                    order = math.ceil(order / item["multiple"] * (1 - 1e-9)) * item["multiple"]
            if not math.isnan(confirmed[target]):
                order = confirmed[target]
            due[target] = arrivals[target] + order
        whole = int(late[month])
        part = late[month] - whole
        landing[month + whole] += due[month] * (1 - part)
        landing[month + whole + 1] += due[month] * part
        ordered_not_landed += due[month] - landing[month]
        closing = stock + landing[month] - forecast[month] * factors[month]
        stock = max(closing, 0.0)
        if month >= 2:
            short += closing < -1e-9 * forecast[month]
            lost += max(-closing, 0.0)
            closings.append(stock)
    return short, lost, closings


@pytest.mark.parametrize("lognormal", [False, True], ids=["normal demand", "log-normal demand"])
def test_a_slow_simulation_with_its_own_draws_agrees(lognormal: bool) -> None:
    chance = np.random.default_rng(11)
    items, runs, error = 6, 1500, 0.5
    nothing = np.full((items, 12), np.nan)
    confirmed = nothing.copy()
    confirmed[:3, 3] = 40.0
    portfolio = core.Portfolio(
        opening=np.array([50.0, 0, 120, 80, -20, 90]),
        transit=chance.uniform(0, 60, (items, 8)),
        demand=chance.uniform(40, 160, (items, 12)),
        confirmed=confirmed,
        weeks_cover=np.full(items, 4.0),
        landing=np.array([[0, 0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 1, 1, 1, 1, 2], [0, 0, 0, 1, 2, 2, 3, 3]] * 2),
        frozen=np.array([2, 2, 3, 0, 1, 5]),
        pipeline_months=np.ones(items),
        proposes=np.array([True] * 5 + [False]),
        holds_safety=np.ones(items, dtype=bool),
        moq=np.array([0, 70.0, 0, 0, 30, 0]),
        multiple=np.array([0, 0, 25.0, 0, 12, 0]),
    )
    safety = core.exact_safety(portfolio.demand, portfolio.weeks_cover)
    result = play(
        portfolio, safety[None], uncertain(portfolio, error, exponential(0.6), lognormal=lognormal), runs=4000
    )
    landed = core.arrivals(portfolio.transit, portfolio.landing)
    for place in range(items):
        item = {
            "frozen": int(portfolio.frozen[place]),
            "confirmed": confirmed[place],
            "arrivals": landed[place],
            "forecast": portfolio.demand[place],
            "opening": portfolio.opening[place],
            "proposes": portfolio.proposes[place],
            "moq": portfolio.moq[place],
            "multiple": portfolio.multiple[place],
        }
        normal = chance.standard_normal((runs, 12))
        spread = math.sqrt(math.log(1 + error**2))
        factors = np.exp(spread * normal - spread**2 / 2) if lognormal else np.maximum(0, 1 + error * normal)
        late = chance.exponential(0.6, (runs, 12))
        played = [slow_run(item, safety[place], *draws) for draws in zip(factors, late, strict=True)]
        expected = {
            "cycle_service": 1 - np.array([short for short, _, _ in played]) / 10,
            "lost": np.array([lost for _, lost, _ in played]),
            "mean_stock": np.array([np.mean(closings) for _, _, closings in played]),
            "peak_stock": np.array([max(closings) for _, _, closings in played]),
        }
        for name, values in expected.items():
            estimate = getattr(result, name)
            error_of_both = math.hypot(estimate.error[place, 0], values.std() / math.sqrt(runs))
            off = estimate.value[place, 0] - values.mean()
            assert abs(off) < 4 * error_of_both + 1e-9, (place, name, off, error_of_both)


@pytest.mark.parametrize("late", [0.0, 0.25, 1.0, 1.7, 4.0])
def test_a_fixed_delay_moves_every_arrival(late: float) -> None:
    portfolio = replace(steady(2), demand=LEVEL * (1 + np.arange(12.0)[None] % 3))
    result = play(portfolio, [300.0], uncertain(portfolio, 0.0, late), runs=2)
    item = {
        "frozen": 2,
        "confirmed": np.full(12, np.nan),
        "arrivals": core.arrivals(portfolio.transit, portfolio.landing)[0],
        "forecast": portfolio.demand[0],
        "opening": 0.0,
        "proposes": True,
        "moq": 0.0,
        "multiple": 0.0,
    }
    short, lost, closings = slow_run(item, [300.0] * 12, np.ones(12), np.full(12, late))
    assert result.lost.value[0, 0] == pytest.approx(lost, rel=1e-6)
    assert result.cycle_service.value[0, 0] == pytest.approx(1 - short / 10)
    assert result.peak_stock.value[0, 0] == pytest.approx(max(closings), rel=1e-6)


# ------------------------------------------------------------------------------------------------- nominal against realised


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.98])
def test_normal_demand_and_a_fixed_lead_time_give_the_nominal_service(level: float) -> None:
    """Orders of a month are placed when it starts: the textbook's stock faces the demand of that month only."""
    portfolio = steady(0)
    portfolio = replace(portfolio, opening=np.array([LEVEL / 2]))
    safety = float(core.statistical_safety(level, LEVEL, 0.2 * LEVEL, 1, 0))
    realised = play(portfolio, [safety], uncertain(portfolio, 0.2), runs=20_000).cycle_service
    assert abs(realised.value[0, 0] - level) < INTERVAL * realised.error[0, 0]
    assert realised.error[0, 0] < 0.001


@pytest.mark.parametrize("frozen", [1, 2, 4])
def test_a_frozen_horizon_is_lead_time_and_backorders_make_the_textbook_exact(frozen: int) -> None:
    """An order that lands in month k was placed frozen months before: it faces the errors of frozen + 1 months."""
    safety = float(core.statistical_safety(0.95, LEVEL, 0.15 * LEVEL, frozen + 1, 0))
    portfolio = replace(steady(frozen), opening=np.array([safety]))
    confirmed = np.full((1, 12), np.nan)
    confirmed[0, 2:frozen] = LEVEL
    portfolio = replace(portfolio, confirmed=confirmed)
    realised = play(portfolio, [safety], uncertain(portfolio, 0.15), runs=20_000, backorders=True).groups
    settled = 1 - realised.short[0, 0].mean() / 10  # months before the first order also face fewer errors
    late = NormalDist()
    expected = [late.cdf(safety / (0.15 * LEVEL * math.sqrt(min(month + 1, frozen + 1)))) for month in range(2, 12)]
    error = realised.short[0, 0].std() / 10 / math.sqrt(20_000)
    assert abs(settled - np.mean(expected)) < INTERVAL * error
    if frozen <= 2:
        assert abs(settled - 0.95) < INTERVAL * error


def test_a_fixed_delay_of_a_month_is_one_more_month_of_lead_time() -> None:
    margin = float(core.statistical_safety(0.98, LEVEL, 0.15 * LEVEL, 2, 0))
    portfolio = replace(steady(0), opening=np.array([LEVEL + margin]))
    unsure = uncertain(portfolio, 0.15, 1.0)
    realised = play(portfolio, [LEVEL + margin], unsure, runs=20_000, backorders=True).cycle_service
    first = NormalDist().cdf(margin / (0.15 * LEVEL * math.sqrt(3)))  # what lands in month 1 was never re-planned
    expected = (first + 9 * 0.98) / 10
    assert abs(realised.value[0, 0] - expected) < INTERVAL * realised.error[0, 0]


@pytest.mark.parametrize(
    ("level", "given"),
    [(0.8, 0.845), (0.9, 0.897), (0.95, 0.926), (0.98, 0.948), (0.99, 0.959)],
    ids=["80 % give 84.5", "90 % give 89.7", "95 % give 92.6", "98 % give about 95", "99 % give 95.9"],
)
def test_with_a_gamma_lead_time_the_textbook_misses(level: float, given: float) -> None:
    """The normal formula fails where the lead time is skewed: Chopra, Reinhardt and Dada (2004).

    The textbook's case, seven days with a deviation of seven days, a demand of 2500 a day with a deviation of 500. If
    demand were certain, the service would be that of the exponential distribution, 1 - exp(-(1 + Z)): 95.3 % for 98.
    """
    lead_time = 7 / 29.75  # in months of 4.25 weeks
    deviation = 500 / 2500 / math.sqrt(29.75)
    textbook = float(core.statistical_safety(level, LEVEL, deviation * LEVEL, 1 + lead_time, lead_time))
    safety = textbook + LEVEL * lead_time  # the plan counts on no delay: the mean one is held as well
    portfolio = replace(steady(0), opening=np.array([LEVEL / 4]))
    unsure = uncertain(portfolio, deviation, exponential(lead_time))
    realised = play(portfolio, [safety], unsure, runs=20_000).cycle_service
    assert realised.value[0, 0] == pytest.approx(given, abs=0.003)
    certain = 1 - math.exp(-(1 + NormalDist().inv_cdf(level)))
    assert realised.value[0, 0] == pytest.approx(certain, abs=0.008)
    assert abs(realised.value[0, 0] - level) > INTERVAL * realised.error[0, 0]


STOCKPYL = {"cycle_service": (0.84155, 0.0019347), "mean_stock": (377.82518192636905, 1.6013241)}
"""Means and their standard errors that stockpyl 1.0.2 gives: ``single_stage_system(holding_cost=1, stockout_cost=1,
demand_type="N", mean=1000, standard_deviation=200, policy_type="BS", base_stock_level=3350, shipment_lead_time=3)``,
``simulation(..., 100_020, rand_seed=42)``, the inventory levels without the first 20 periods, in 100 batches: neighbours
share demand. Kept as numbers, since it brings 60 packages.
"""


def test_stockpyl_agrees_on_a_single_node() -> None:
    """The same base-stock policy, normal demand and fixed lead time in an independent simulator."""
    frozen, safety = 2, 350.0  # it orders after the month's demand, we before: its lead time is a month longer
    portfolio = replace(steady(frozen), opening=np.array([safety]))
    ours = play(portfolio, [safety], uncertain(portfolio, 0.2), runs=100_000, backorders=True)
    for name, (mean, error) in STOCKPYL.items():
        estimate = getattr(ours, name)
        assert abs(estimate.value[0, 0] - mean) < INTERVAL * math.hypot(estimate.error[0, 0], error)


# ---------------------------------------------------------------------------------------------------------- laws of the draws


def busy(items: int = 40) -> core.Portfolio:
    """Items of several frozen horizons, with lots."""
    chance = np.random.default_rng(5)
    return core.Portfolio(
        opening=chance.uniform(0, 200, items),
        transit=chance.uniform(0, 60, (items, 8)),
        demand=chance.uniform(0, 200, (items, 12)),
        confirmed=np.where(chance.random((items, 12)) < 0.1, 100.0, np.nan),
        weeks_cover=chance.choice([2.0, 4.0, 6.0], items),
        landing=np.tile([0, 0, 0, 1, 1, 1, 1, 2], (items, 1)),
        frozen=chance.integers(1, 4, items),
        pipeline_months=np.ones(items),
        proposes=chance.random(items) < 0.9,
        holds_safety=np.ones(items, dtype=bool),
        moq=np.where(chance.random(items) < 0.3, 50.0, 0.0),
        multiple=np.where(chance.random(items) < 0.3, 10.0, 0.0),
    )


def busy_case(items: int = 40) -> tuple[core.Portfolio, np.ndarray, core.Uncertainty]:
    portfolio = busy(items)
    safety = np.stack([core.exact_safety(portfolio.demand, portfolio.weeks_cover) * share for share in (0.5, 1.0)])
    delays = np.stack([core.stated_delays(0.5), core.observed_delays([0, 0, 1.5, 3.0]), np.zeros(len(CHANCES))])
    unsure = core.Uncertainty(np.linspace(0, 0.6, items), np.arange(items) % 3, delays)
    return portfolio, safety, unsure


ITEM_ESTIMATES = ("cycle_service", "fill_rate", "lost", "mean_stock", "peak_stock")


def assert_same(first: core.Service, second: core.Service, *, groups_to: float) -> None:
    for name in ITEM_ESTIMATES:
        for part in ("value", "error"):
            np.testing.assert_array_equal(getattr(getattr(first, name), part), getattr(getattr(second, name), part))
    for name, values in vars(first.groups).items():
        np.testing.assert_allclose(values, getattr(second.groups, name), rtol=groups_to, atol=1e-9)


def test_one_thread_and_many_give_the_same_to_the_last_bit() -> None:
    case = busy_case()
    assert_same(play(*case, threads=1), play(*case, threads=4), groups_to=0.0)


@pytest.mark.parametrize("slab", [1, 7, 1000])
def test_the_size_of_a_slab_changes_nothing(slab: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = busy_case()
    usual = play(*case)
    monkeypatch.setattr(service_module, "SLAB", slab)
    assert_same(usual, play(*case), groups_to=1e-12)


def test_a_seed_gives_the_same_runs_and_another_seed_others() -> None:
    case = busy_case()
    assert_same(play(*case, seed=3), play(*case, seed=3), groups_to=0.0)
    assert (play(*case, seed=3).lost.value != play(*case, seed=4).lost.value).any()


def test_more_runs_begin_with_the_same_ones() -> None:
    case = busy_case()
    short, long = play(*case, runs=500), play(*case, runs=1000)
    np.testing.assert_array_equal(short.groups.lost, long.groups.lost[..., :500])


def test_an_item_meets_the_same_demand_whatever_the_other_items_and_policies() -> None:
    portfolio, safety, unsure = busy_case()
    keys = np.arange(len(portfolio), dtype=np.uint64) + np.uint64(10)
    unsure = replace(unsure, item_keys=keys)
    kept = np.flatnonzero(np.arange(len(portfolio)) % 4)
    some = core.Portfolio(**{name: values[kept] for name, values in vars(portfolio).items()})
    fewer = replace(unsure, demand_error=unsure.demand_error[kept], lane=unsure.lane[kept], item_keys=keys[kept])
    whole, part = play(portfolio, safety, unsure), play(some, safety[1:, kept], fewer)
    for name in ITEM_ESTIMATES:
        np.testing.assert_array_equal(getattr(whole, name).value[kept, 1:], getattr(part, name).value)


def more_and_more(**more) -> core.Service:
    """Each item a group of its own, its safety stock multiplied by more and more."""
    portfolio, safety, unsure = busy_case()
    portfolio = replace(portfolio, moq=np.zeros(len(portfolio)), multiple=np.zeros(len(portfolio)))
    levels = np.stack([safety[1] * share for share in (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 4)])
    unsure = replace(unsure, **more.pop("unsure", {}))
    return play(portfolio, levels, unsure, groups=np.eye(len(portfolio)), **more)


ON_TIME = {"lane": np.zeros(40, dtype=np.intp), "delays": np.zeros((1, len(CHANCES)))}


def test_more_safety_stock_never_loses_more_in_any_run() -> None:
    groups = more_and_more(unsure=ON_TIME).groups
    assert (np.diff(groups.lost, axis=1) <= 1e-9).all()


def test_more_safety_stock_is_never_short_more_often_where_shortages_wait() -> None:
    """Where they are lost, two small losses may become one large one, or the other way round."""
    groups = more_and_more(unsure=ON_TIME, backorders=True).groups
    assert (np.diff(groups.short, axis=1) <= 0).all()
    assert (np.diff(groups.lost, axis=1) <= 1e-9).all()


def test_more_safety_stock_raises_service_when_goods_are_late() -> None:
    """On average: in a single run, a larger early order may be the late one."""
    result = more_and_more()
    assert (np.diff(result.fill_rate.value, axis=1) >= -1e-3).all()
    assert (np.diff(np.nanmean(result.fill_rate.value, axis=0)) > 0).all()
    assert (np.diff(np.nanmean(result.cycle_service.value, axis=0)) > 0).all()


def test_later_arrivals_and_larger_errors_lower_service() -> None:
    portfolio = busy()
    safety = core.exact_safety(portfolio.demand, portfolio.weeks_cover)[None]

    def fill(error: float, deviation: float) -> float:
        groups = play(portfolio, safety, uncertain(portfolio, error, core.stated_delays(deviation))).groups
        return 1 - groups.lost.sum() / groups.demand.sum()

    assert fill(0, 0) > fill(0.2, 0) > fill(0.5, 0)
    assert fill(0.2, 0) > fill(0.2, 0.5) > fill(0.2, 1.5)


def test_the_demand_that_is_drawn_has_the_stated_mean_and_deviation() -> None:
    portfolio = steady(0)
    for error, lognormal in ((0.2, False), (0.2, True), (1.5, True)):
        unsure = uncertain(portfolio, error, lognormal=lognormal)
        demand = play(portfolio, [0.0], unsure, runs=20_000).groups.demand[0] / 10
        assert demand.mean() == pytest.approx(LEVEL, rel=INTERVAL * error / math.sqrt(200_000))
        assert demand.std() == pytest.approx(error * LEVEL / math.sqrt(10), rel=0.03)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """200 simulations of 100 runs: about 95 % of their 95 % intervals hold the exact service."""
    portfolio = replace(steady(0, items=200), opening=np.full(200, LEVEL / 2))
    safety = float(core.statistical_safety(0.9, LEVEL, 0.2 * LEVEL, 1, 0))
    estimate = play(portfolio, [safety], uncertain(portfolio, 0.2), runs=100).cycle_service
    held = np.abs(estimate.value[:, 0] - 0.9) < 1.96 * estimate.error[:, 0]
    assert 0.90 <= held.mean() <= 0.99
    fill = play(portfolio, [safety], uncertain(portfolio, 0.2), runs=100).fill_rate
    assert np.sqrt((fill.error**2).mean()) == pytest.approx(fill.value.std(), rel=0.15)


def test_the_fill_rate_of_backorders_counts_only_new_demand() -> None:
    """A month without stock misses its own demand, not that of the months before again."""
    portfolio = replace(steady(0), proposes=np.array([False]), opening=np.array([LEVEL]))
    groups = play(portfolio, [0.0], uncertain(portfolio, 0.0), runs=1, backorders=True).groups
    assert groups.demand[0, 0] == pytest.approx(10 * LEVEL)
    assert groups.lost[0, 0, 0] == pytest.approx(9 * LEVEL)


def test_the_interval_of_a_fill_rate_knows_that_large_demand_and_large_loss_go_together() -> None:
    portfolio = replace(steady(0, items=200), proposes=np.zeros(200, dtype=bool))  # nearly all demand is lost
    fill = play(portfolio, [0.0], uncertain(portfolio, 0.4), runs=100).fill_rate
    assert np.sqrt((fill.error**2).mean()) == pytest.approx(fill.value.std(), rel=0.15)


# ------------------------------------------------------------------------------------------------------------ groups and edges


def test_groups_are_the_sums_of_their_items() -> None:
    portfolio, safety, unsure = busy_case()
    member = np.stack([np.arange(40) % 2 == 0, np.arange(40) % 2 == 1, np.ones(40, dtype=bool)])
    unit, landed = np.linspace(1, 40, 40), np.linspace(2, 80, 40)
    result = play(portfolio, safety, unsure, groups=member, unit_cost=unit, landed_cost=landed)
    groups = result.groups
    for place, items in enumerate(member):
        for name, values in (
            ("lost", result.lost.value),
            ("lost_cash", result.lost.value * landed[:, None]),
            ("stock", result.mean_stock.value),
            ("stock_cash", result.mean_stock.value * unit[:, None]),
        ):
            np.testing.assert_allclose(getattr(groups, name)[place].mean(axis=1), values[items].sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(groups.lost[0] + groups.lost[1], groups.lost[2], rtol=1e-9)
    assert (groups.peak[2] <= groups.peak[0] + groups.peak[1] + 1e-9).all()
    assert (groups.peak >= groups.stock).all()
    assert (groups.peak_cash >= groups.stock_cash).all()


def test_an_item_without_forecast_has_no_service() -> None:
    portfolio = replace(steady(2), demand=np.zeros((1, 12)))
    result = play(portfolio, [10.0], uncertain(portfolio, 0.3), runs=5)
    assert np.isnan(result.cycle_service.value).all()
    assert np.isnan(result.fill_rate.value).all()
    assert result.lost.value[0, 0] == 0


def test_no_item_one_item_one_run() -> None:
    nothing = core.Portfolio(**{name: values[:0] for name, values in vars(steady(2)).items()})
    assert play(nothing, np.zeros((2, 0, 12)), uncertain(nothing, 0.3)).lost.value.shape == (0, 2)
    one = play(steady(2), [10.0], uncertain(steady(2), 0.3), runs=1)
    assert one.lost.value.shape == (1, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"runs": 0}, "one run or more"),
        ({"seed": -1}, "seed"),
        ({"safety": np.zeros((1, 1, 11))}, r"\(policies, 1, 12\)"),
        ({"safety": np.full((1, 1, 12), -1.0)}, "zero or more"),
        ({"groups": np.ones((1, 3))}, "one column per item"),
        ({"unsure": replace(uncertain(steady(2), 0.3), demand_error=np.array([-0.1]))}, "demand_error"),
        ({"unsure": replace(uncertain(steady(2), 0.3), lane=np.array([1]))}, "one of 1 lanes"),
        ({"unsure": replace(uncertain(steady(2), 0.3), delays=np.zeros((1, 3)))}, "4096"),
        ({"unsure": uncertain(steady(2), 0.3, -1.0)}, "zero or more"),
    ],
    ids=["no run", "seed", "months", "negative", "groups", "error", "lane", "points", "early"],
)
def test_what_cannot_be_is_refused(change: dict, reason: str) -> None:
    parts = {"portfolio": steady(2), "safety": np.zeros((1, 1, 12)), "unsure": uncertain(steady(2), 0.3)} | change
    with pytest.raises((core.DomainError, core.ShapeError), match=reason):
        play(**parts)


def test_delays_as_observed_and_as_stated() -> None:
    assert np.unique(core.observed_delays([-2, 1, 1, 5])).tolist() == [0, 1, 5]
    assert core.observed_delays([-2, 1, 1, 5]).mean() == pytest.approx(7 / 4)
    stated = core.stated_delays(2.0)
    assert stated.mean() == pytest.approx(2 / math.sqrt(2 * math.pi), rel=1e-3)  # half of a normal distribution
    assert core.stated_delays(0).max() == 0
    for wrong in ([], [np.nan]):
        with pytest.raises(core.DomainError):
            core.observed_delays(wrong)
    with pytest.raises(core.DomainError):
        core.stated_delays(-1)
