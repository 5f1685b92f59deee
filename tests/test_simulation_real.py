"""The simulation on real imports: what docs/safety-stock.md says about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from real_book import real_book

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.planning import simulation
from smile_xl.planning.cycle import Cycle, make_cycle


@pytest.fixture(scope="module")
def cycle() -> Cycle:
    return make_cycle(real_book())


@pytest.fixture(scope="module")
def outcome(cycle: Cycle) -> simulation.Outcome:
    return simulation.simulate(cycle)


def test_what_the_past_says_of_forecast_and_arrivals(cycle: Cycle) -> None:
    measured = cycle.inputs.measured
    known = measured.demand_error[~np.isnan(measured.demand_error)]
    assert (len(measured.demand_error), len(known), round(float(np.median(known)), 1)) == (151, 141, 2.8)
    receipts = np.concatenate(list(measured.delays.values()))
    assert (len(measured.delays), len(receipts), int((receipts > 0).sum())) == (11, 109, 13)
    volatility = simulation.split(simulation.compare(cycle), "volatility").set_index("name")["items"]
    assert volatility.to_dict() == {"steady": 0, "variable": 2, "erratic": 135, "no demand": 14}


def test_the_exact_policy_asks_for_a_little_more_and_gives_a_little_less(outcome: simulation.Outcome) -> None:
    total = simulation.split(outcome.comparison, "total").iloc[0]
    assert (total["items"], total["negative"]) == (151, 96)
    assert total["old_cash"] == pytest.approx(43.3e6, rel=2e-3)
    assert total["difference_cash"] == pytest.approx(-1.10e6, rel=2e-3)
    policies = outcome.policies.set_index("role")
    assert policies["fill_rate"].round(2).to_dict() == {"old": 0.53, "new": 0.53, "rule": 0.53}
    assert policies["cycle_service"].round(2).to_dict() == {"old": 0.85, "new": 0.83, "rule": 0.84}


def test_its_rule_is_not_to_be_relied_upon(outcome: simulation.Outcome) -> None:
    decision = outcome.decision
    assert (decision.rule.weeks_cover, round(decision.rule.volatility, 2)) == (6, 1.95)
    assert decision.gain == pytest.approx(67e3, rel=1e-2)
    low, high = decision.stability.gain
    assert low < -200e3 < 400e3 < high
    assert decision.stability.same_rule < 0.4


def test_twice_the_safety_stock_does_not_cure_the_forecast(outcome: simulation.Outcome) -> None:
    curve = outcome.curve[outcome.curve["country"] == "Total"].set_index("factor")["fill_rate"].round(2)
    assert curve[[0.0, 1.0, 2.0]].tolist() == [0.47, 0.53, 0.59]


def test_the_textbook_holds_nine_times_as_much_and_misses_its_promise(cycle: Cycle) -> None:
    policies = simulation.simulate(cycle, new="statistical").policies.set_index("role")
    assert policies["safety_cash"]["new"] / policies["safety_cash"]["old"] == pytest.approx(9.5, abs=0.1)
    assert round(policies["fill_rate"]["new"], 2) == 0.68
    assert round(policies["cycle_service"]["new"], 2) == 0.89  # promised: 0.95


def test_the_documented_example_is_that_of_the_shipped_workbook() -> None:
    path = Path(__file__).parent.parent / "workbook" / "master_file.xlsx"
    outcome = simulation.simulate(make_cycle(XlsxBook(path)))
    decision, policies = outcome.decision, outcome.policies.set_index("role")
    assert (decision.rule.weeks_cover, round(decision.rule.volatility, 2), decision.adopted.sum()) == (3, 0.25, 7)
    assert [round(figure) for figure in (decision.gain, *decision.stability.gain)] == [9184, -349, 23581]
    assert [round(figure) for figure in (decision.lost, decision.all_gain)] == [36, -76548]
    assert round(decision.stability.same_rule, 2) == 0.38
    assert round(policies["mean_cash"]["rule"] - policies["mean_cash"]["old"]) == 11841
