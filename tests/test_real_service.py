"""Realised service on real imports: 36 months of real demand, and the real spread of lead times by country and origin.

What docs/safety-stock.md says of them is what these tests find. Made up, because the source has none: the weeks of
cover, the country rules, and the stock at the start, which is where each policy would have it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from test_real_imports import per_tonne, read

from smile_xl import core
from smile_xl.core.safety import mean_demand

FROZEN = 4
"""Months between an order and its arrival: the lead times' mean is 115 days."""
LEVEL = 0.95


@cache
def case() -> dict[str, np.ndarray]:
    """Per item: the forecast (mean of the same month of three years), its error in the fourth year, its lane's spread."""
    master = read("master.csv")
    keys = [(row["country"], row["sap_code"]) for row in master]
    tonnes = {}
    for name in ("history_36m_t.csv", "actual_12m_t.csv"):
        rows = {(row["country"], row["sap_code"]): list(row.values())[2:] for row in read(name)}
        tonnes[name] = np.array([rows[key] for key in keys], dtype=float)
    history, actual = tonnes.values()
    forecast = history.reshape(-1, 3, 12).mean(axis=1)
    error = np.sqrt(((actual - forecast) ** 2).mean(axis=1)) / forecast.mean(axis=1)
    spread = {
        (row["country"], row["origin"]): float(row["lt_sd_d"])
        for row in read("lead_time_by_country_origin.csv")
        if row["lt_sd_d"] and int(row["n"]) >= 5
    }
    return {
        "forecast": forecast,
        "error": error,
        "spread": np.array([spread.get((row["country"], row["sourcing_country"]), np.nan) for row in master])
        / 7
        / 4.25,
        "weeks": np.array([float(row["ss_weeks_cover"]) for row in master]),
        "unit_cost": np.array([per_tonne(row, "unit_cost") for row in master]),
        "landed_cost": np.array([per_tonne(row, "landed_cost") for row in master]),
    }


@cache
def play(with_error: bool, with_delays: bool) -> dict[str, tuple[float, float, float]]:
    """Cycle service, fill rate and mean cash of each policy over all items whose lane has a known spread."""
    data = case()
    kept = ~np.isnan(data["spread"]) & (data["forecast"].sum(axis=1) > 0)
    forecast, error, spread, weeks = (data[name][kept] for name in ("forecast", "error", "spread", "weeks"))
    items = len(forecast)
    mean = mean_demand(forecast.T)
    textbook = core.statistical_safety(LEVEL, mean, error * mean, FROZEN + 1, spread)
    safety = {
        "average": core.average_safety(forecast, weeks),
        "exact": core.exact_safety(forecast, weeks),
        "statistical": np.repeat(textbook[:, np.newaxis], 12, axis=1),
    }
    result = {}
    for name, stock in safety.items():
        transit = np.zeros((items, 8))
        transit[:, [0, 4]] = forecast[:, :2]
        confirmed = np.full((items, 12), np.nan)
        confirmed[:, 2:FROZEN] = forecast[:, 2:FROZEN]
        portfolio = core.Portfolio(
            opening=stock[:, 0],
            transit=transit,
            demand=forecast,
            confirmed=confirmed,
            weeks_cover=weeks,
            landing=np.tile([0, 0, 0, 0, 1, 1, 1, 1], (items, 1)),
            frozen=np.full(items, FROZEN),
            pipeline_months=np.full(items, FROZEN),
            proposes=np.ones(items, dtype=bool),
            holds_safety=np.ones(items, dtype=bool),
            moq=np.zeros(items),
            multiple=np.zeros(items),
        )
        lanes, lane = np.unique(spread if with_delays else np.zeros(items), return_inverse=True)
        unsure = core.Uncertainty(
            demand_error=error if with_error else np.zeros(items),
            lane=lane,
            delays=np.stack([core.stated_delays(deviation) for deviation in lanes]),
            lognormal=True,
        )
        costs = {"unit_cost": data["unit_cost"][kept], "landed_cost": data["landed_cost"][kept]}
        service = core.simulate_service(portfolio, stock[np.newaxis], unsure, seed=1, **costs)
        groups = service.groups
        result[name] = (
            1 - groups.short[0, 0].mean() / groups.months[0],
            1 - groups.lost[0, 0].sum() / groups.demand[0].sum(),
            groups.stock_cash[0, 0].mean(),
        )
    return result


def test_the_data_is_as_the_documentation_says() -> None:
    data = case()
    known = ~np.isnan(data["spread"])
    assert known.sum() == 129
    assert np.median(data["error"][known]) == pytest.approx(2.1, abs=0.1)
    assert np.median(data["spread"][known]) * 29.75 == pytest.approx(43, abs=1)
    orders = read("firm_orders.csv")
    assert (len(orders), sum(row["actual_delivery_date"] > row["scheduled_date"] for row in orders)) == (167, 14)


@pytest.mark.parametrize(
    ("policy", "cycle_service", "fill_rate", "cash"),
    [("average", 0.870, 0.663, 48e6), ("exact", 0.861, 0.671, 49e6), ("statistical", 0.960, 0.837, 151e6)],
)
def test_real_errors_and_real_lead_times(policy: str, cycle_service: float, fill_rate: float, cash: float) -> None:
    """The textbook's stock keeps its 95 % of months, but not of tonnes, and for three times the cash."""
    found = play(with_error=True, with_delays=True)[policy]
    assert found[:2] == (pytest.approx(cycle_service, abs=0.001), pytest.approx(fill_rate, abs=0.001))
    assert found[2] == pytest.approx(cash, rel=0.02)


def test_the_error_of_demand_costs_more_tonnes_than_late_arrivals() -> None:
    nothing, error, delays = (play(*which)["exact"][1] for which in ((False, False), (True, False), (False, True)))
    assert nothing == 1
    assert error == pytest.approx(0.708, abs=0.001)
    assert delays == pytest.approx(0.947, abs=0.001)
