"""Published tables, worked examples and another implementation's results, reproduced. Each test names its source."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import oracle
import pytest
from books_of_items import book_of

from smile_xl import core, functions
from smile_xl.planning import tidy
from smile_xl.planning.cycle import make_cycle

CASES = Path(__file__).parent / "cases"
APRIL_2019 = dt.date(2019, 4, 1)


def case(name: str) -> dict:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def algeria() -> dict[str, list[int]]:
    items = [oracle.Item(**record) for record in case("algeria_2019.json")["items"]]
    rows = tidy.projections(make_cycle(book_of(items, start=APRIL_2019)))
    assert list(rows["month"].unique()) == [*(f"2019-{month:02d}" for month in range(4, 13)), "2020-01"]
    rows = rows[rows["country"] == "Algeria"]
    return {name: [round(value) for value in part["value"]] for name, part in rows.groupby("sub_category")}


@pytest.mark.parametrize(
    ("sub_category", "published"),
    [
        pytest.param(
            "Fabric Cleaning",
            [2_210_864, 1_891_152, 1_477_300, 1_130_557, 783_816, 437_074, 90_332, 0, 0, 0],
            id="Fabric Cleaning runs out by equal steps and is not ordered again",
        ),
        pytest.param("Hair", [50_838] + [12_220] * 9, id="Hair has stock and no forecast and keeps its value"),
        pytest.param(
            "HHC",
            [423_508, 369_100, 335_016, 293_599, 252_182, 210_766, 169_349, 127_932, 86_516, 94_415],
            id="HHC falls until a late order is on its way",
        ),
        pytest.param(
            "TOTAL",
            [2_685_210, 2_272_472, 1_824_536, 1_436_377, 1_048_218, 660_059, 271_901, 140_152, 98_736, 106_635],
            id="the total is the sum before rounding",
        ),
    ],
)
def test_financial_projections_of_algeria_april_2019(
    algeria: dict[str, list[int]], sub_category: str, published: list[int]
) -> None:
    """Published table of the financial projections, April 2019 to January 2020, EUR."""
    assert algeria[sub_category] == published


def test_forty_four_weeks_on_average_are_fifty_one_exactly() -> None:
    """Published availability example of a brand in April: 44 weeks on average, 51 = 12 * 4.25 exactly."""
    record = case("cover_44_against_51.json")
    items = [oracle.Item(**item) for item in record["items"]]
    rows = tidy.availability(make_cycle(book_of(items, start=APRIL_2019)))
    april = rows[(rows["month"] == "2019-04") & (rows["stock"] == "opening")].set_index("method")
    assert round(april.loc["average", "weeks"]) == 44
    assert april.loc["exact", "weeks"] == 51
    assert april.loc["exact", "capped"]
    assert not april.loc["average", "capped"]


def test_six_weeks_in_april_are_may_and_one_week_and_three_quarters_of_june() -> None:
    """Worked example of the exact policy: nc = 6 in April gives (4.25 * D[May] + 1.75 * D[June]) / 4.25."""
    demand = [80.0, 120.0, 97.0, 300.0, *[50.0] * 8]
    assert functions.SMILE_SAFETYSTOCK(demand, 6, "exact", 0) == pytest.approx(
        (4.25 * 120 + 1.75 * 97) / 4.25, rel=1e-12
    )


@pytest.mark.parametrize(
    ("lead_time_sd", "safety"),
    [(7, 22_491), (6, 19_298), (5, 16_109), (4, 12_927), (3, 9_760), (2, 6_628), (1, 3_625), (0, 1_695)],
)
def test_textbook_safety_stock_under_lead_time_uncertainty(lead_time_sd: float, safety: float) -> None:
    """Chopra and Meindl, Supply Chain Management: D 2500 a day, sigma_D 500, R 7 days, 90 % cycle service."""
    assert functions.SMILE_SAFETYSTOCK_Z(0.9, 2500, 500, 7, lead_time_sd) == pytest.approx(safety, abs=1.0)


@pytest.mark.parametrize(
    ("stock", "demand", "periods"),
    [
        pytest.param(500, [80, 76, 72, 68, 64, 60, 56, 52], 7.461538, id="500 on a falling demand"),
        pytest.param(100, [25, 30, 10, 40, 90], 3.875, id="100 on 25, 30, 10, 40, 90"),
    ],
)
def test_forward_cover_examples(stock: float, demand: list[float], periods: float) -> None:
    """Forward cover examples from spreadsheet tutorials; 500 on 80, 76, 72, ... with the last one repeated."""
    assert functions.SMILE_WEEKSCOVER(stock, demand) / 4.25 == pytest.approx(periods, abs=5e-7)


def test_a_backlog_is_carried_where_asked() -> None:
    """Worked example: opening 50, requirements 25 30 55 50 30, receipts 0 100 0 100 0 give 25 95 40 90 60."""
    closing = core.closing_stock(50, [[0, 100, 0, 100, 0]], [[25, 30, 55, 50, 30]], np.zeros((1, 5)), backorders=True)
    assert closing.tolist() == [[25, 95, 40, 90, 60]]


@pytest.fixture(params=["light_proj_inv", "proj_inv", "const_dmd"])
def planr(request: pytest.FixtureRequest) -> dict:
    """One example of the R package planr (MIT licence): a product's demand, opening, supply and projected stock."""
    return case("planr.json")[request.param]


def planr_closing(planr: dict) -> np.ndarray:
    demand, supply = np.array([planr["Demand"]]), np.array([planr["Supply"]])
    return core.closing_stock(planr["Opening"][0], supply, demand, np.zeros_like(demand), backorders=True)[0]


def test_closing_stock_with_backlog_equals_planr(planr: dict) -> None:
    """planr: projected inventories, shortages carried."""
    np.testing.assert_allclose(planr_closing(planr), planr["expected_output_Inventories"], rtol=0, atol=1e-6)


def test_exact_cover_equals_planr(planr: dict) -> None:
    """planr: coverage in periods, rounded to one decimal. Where the demand given ends first, planr shows no cover."""
    stock = planr["expected_output_Inventories"]
    compared = 0
    for period in range(len(stock) - 1):
        weeks, capped = core.exact_cover([[stock[period]]], [planr["Demand"][period + 1 :]])
        if stock[period] > 0 and not capped[0, 0]:
            assert weeks[0, 0] / 4.25 == pytest.approx(planr["expected_output_Coverage"][period], abs=0.0501)
            compared += 1
    assert compared > 10
