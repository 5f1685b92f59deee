"""The reference implementation gives the worked numbers of the specification."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import oracle
import pytest
from oracle import RULES, STATUSES, Item

HERE = Path(__file__).parent

HOLDS = STATUSES["Regular"]


def case(name: str) -> dict[str, Any]:
    return json.loads((HERE / "cases" / f"{name}.json").read_text(encoding="utf-8"))


def case_items(records: list[dict[str, Any]]) -> list[Item]:
    return [Item(**record) for record in records]


def an_item(**changes: Any) -> Item:
    values: dict[str, Any] = {"country": "Morocco", "sap_code": "0001", "status": "Regular", "weeks_cover": 4.25}
    return Item(**(values | changes))


def months(**values: float) -> list[float | None]:
    result: list[float | None] = [None] * 12
    for name, value in values.items():
        result[int(name[1:])] = value
    return result


def rows_of(items: list[Item], method: str = "exact") -> dict[tuple[str, str], list[float]]:
    plans = oracle.plan(items, RULES, STATUSES, method, net_transit=False)
    result: dict[tuple[str, str], list[float]] = {}
    for row in oracle.projections(items, plans):
        result.setdefault((row["country"], row["sub_category"]), []).append(row["value"])
    return result


# --------------------------------------------------------------------------------------------------------- arrivals


@pytest.mark.parametrize(
    ("country", "landed"), [("Morocco", [15, 112, 128]), ("Algeria", [7, 120, 128]), ("Tunisia", [7, 120, 128])]
)
def test_weeks_land_by_the_country_rule(country: str, landed: list[float]) -> None:
    item = an_item(country=country, transit=[1, 2, 4, 8, 16, 32, 64, 128])
    assert oracle.arrivals(item, RULES[country]) == landed + [0] * 9


# ----------------------------------------------------------------------------------------------------- safety stock


def test_six_weeks_in_april_are_all_of_may_and_one_week_and_three_quarters_of_june() -> None:
    demand = [100.0, 40.0, 85.0] + [0.0] * 9
    safety = oracle.safety_stock(an_item(weeks_cover=6, demand=demand), HOLDS, "exact")
    assert safety[0] == pytest.approx((4.25 * 40 + 1.75 * 85) / 4.25, rel=1e-12)
    assert safety[0] == pytest.approx(75.0, rel=1e-12)


def test_months_beyond_the_given_demand_count_as_the_mean_of_the_first_twelve() -> None:
    demand = [float(month) for month in range(12)]  # mean 5.5
    safety = oracle.safety_stock(an_item(weeks_cover=8.5, demand=demand), HOLDS, "exact")
    assert safety[9:] == pytest.approx([10 + 11, 11 + 5.5, 5.5 + 5.5])
    longer = oracle.safety_stock(an_item(weeks_cover=8.5, demand=[*demand, 100.0]), HOLDS, "exact")
    assert longer[9:] == pytest.approx([10 + 11, 11 + 100, 100 + 5.5])


def test_average_safety_stock_is_the_same_every_month() -> None:
    safety = oracle.safety_stock(an_item(weeks_cover=8.5, demand=[24.0] + [0.0] * 11 + [999.0]), HOLDS, "average")
    assert safety == pytest.approx([4.0] * 12)


def test_both_methods_agree_on_constant_demand() -> None:
    item = an_item(weeks_cover=7, demand=[30.0] * 12)
    exact, average = (oracle.safety_stock(item, HOLDS, method) for method in ("exact", "average"))
    assert exact == pytest.approx(average)


def test_delisted_holds_no_safety_stock_and_to_be_delisted_does() -> None:
    item = an_item(demand=[30.0] * 12)
    assert oracle.safety_stock(item, STATUSES["Delisted"], "exact") == [0.0] * 12
    assert oracle.safety_stock(item, STATUSES["To be delisted"], "exact") == pytest.approx([30.0] * 12)


# ------------------------------------------------------------------------------------------------ orders and closing


def orders_and_closing(item: Item, net_transit: bool = False) -> tuple[list[float], list[float]]:
    safety = oracle.safety_stock(item, STATUSES[item.status], "exact")
    return oracle.orders_and_closing(item, RULES[item.country], STATUSES, safety, net_transit)


def test_a_proposal_brings_the_closing_to_the_safety_stock() -> None:
    orders, closing = orders_and_closing(an_item(opening=25, demand=[10.0] * 12))
    assert orders == pytest.approx([0, 0, 15] + [10] * 9)
    assert closing == pytest.approx([15, 5] + [10] * 10)


def test_a_shortage_is_lost_unless_backorders_are_kept() -> None:
    demand, orders, none = [30.0, 30.0, 30.0], [0.0, 0.0, 50.0], [0.0] * 3
    assert oracle.closing_stock(10, none, demand, orders) == [-20, -30, 20]
    assert oracle.closing_stock(10, none, demand, orders, backorders=True) == [-20, -50, -30]


def test_closing_with_backorders_gives_the_published_25_95_40_90_60() -> None:
    # the 100 received in month 1 arrive from transit: orders of months 0 and 1 do not enter the closing
    closing = oracle.closing_stock(50, [0, 100, 0, 0, 0], [25, 30, 55, 50, 30], [0, 0, 0, 100, 0], backorders=True)
    assert closing == [25, 95, 40, 90, 60]


def test_orders_of_months_0_and_1_do_not_enter_the_closing() -> None:
    demand = [10.0] * 12
    closing = oracle.closing_stock(100, [0.0] * 12, demand, [999.0, 999.0] + [0.0] * 10)
    assert closing[:3] == [90, 80, 70]


def test_blank_frozen_months_take_what_lands_and_a_third_frozen_month_takes_none() -> None:
    item = an_item(country="Tunisia", demand=[10.0] * 12, transit=[1, 2, 4, 8, 16, 32, 64, 128])
    orders, closing = orders_and_closing(item)
    assert orders[:3] == [7, 120, 0]
    assert closing[:3] == [-3, 110, 110 + 128 - 10]


def test_a_confirmed_quantity_wins_in_any_month_and_is_not_rounded() -> None:
    item = an_item(
        demand=[10.0] * 12, moq=50, multiple=20, confirmed=months(m0=5.0, m1=6.0, m2=7.0, m3=0.0), opening=100
    )
    orders, _ = orders_and_closing(item)
    assert orders[:4] == [5, 6, 7, 0]
    delisted, _ = orders_and_closing(an_item(status="Delisted", demand=[10.0] * 12, confirmed=months(m5=3.0)))
    assert delisted == [0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0]


def test_orders_are_never_negative() -> None:
    orders, closing = orders_and_closing(an_item(opening=6.5))
    assert orders == [0.0] * 12
    assert closing == [6.5] * 12


def test_week_eight_adds_to_the_stock_unless_transit_is_netted() -> None:
    item = an_item(demand=[10.0] * 12, opening=20, transit=[0.0] * 7 + [8.0])
    assert [values[2] for values in orders_and_closing(item)] == pytest.approx([20, 18])
    assert [values[2] for values in orders_and_closing(item, net_transit=True)] == pytest.approx([12, 10])


@pytest.mark.parametrize(
    ("need", "moq", "multiple", "quantity"),
    [
        (7.3, None, None, 7.3),
        (7.3, 20.0, None, 20.0),
        (21.0, 20.0, None, 21.0),
        (7.3, None, 5.0, 10.0),
        (7.3, 12.0, 5.0, 15.0),
        (0.0, 12.0, 5.0, 0.0),
        (-3.0, 12.0, 5.0, 0.0),
        (0.1 + 0.2, None, 0.1, 3 * 0.1),  # 3.0000000000000004 multiples are 3
        (10.001, None, 5.0, 15.0),
    ],
)
def test_a_need_is_rounded_up_to_the_minimum_and_the_multiple(
    need: float, moq: float | None, multiple: float | None, quantity: float
) -> None:
    assert oracle.rounded_order(need, moq, multiple) == quantity


# --------------------------------------------------------------------------------------------------- pipeline, cover


def test_pipeline_is_the_orders_of_the_next_months_and_none_beyond_the_horizon() -> None:
    orders = [float(2**month) for month in range(12)]
    assert oracle.pipeline(orders, RULES["Morocco"])[-2:] == [2048, 0]
    assert oracle.pipeline(orders, RULES["Algeria"])[-3:] == [1024 + 2048, 2048, 0]
    assert oracle.pipeline(orders, RULES["Tunisia"])[0] == 2 + 4 + 8


@pytest.mark.parametrize(
    ("stock", "demand", "periods"),
    [(500, [80, 76, 72, 68, 64, 60, 56, 52], 7 + 24 / 52), (100, [25, 30, 10, 40, 90], 3.875)],
)
def test_exact_cover_gives_the_published_periods(stock: float, demand: list[float], periods: float) -> None:
    weeks, capped = oracle.exact_cover(stock, demand)
    assert weeks / 4.25 == pytest.approx(periods, rel=1e-12)
    assert not capped


def test_cover_of_500_is_7_461538_periods() -> None:
    weeks, _ = oracle.exact_cover(500, [80, 76, 72, 68, 64, 60, 56, 52])
    assert round(weeks / 4.25, 6) == 7.461538


def test_exact_cover_is_capped_at_the_given_demand() -> None:
    assert oracle.exact_cover(1000, [10.0] * 12) == (51.0, True)
    assert oracle.exact_cover(0, [0.0] * 3) == (12.75, True)
    assert oracle.exact_cover(-5, [10.0] * 12) == (0.0, False)


def test_average_cover_without_demand_is_infinite_and_a_negative_stock_is_none() -> None:
    assert oracle.average_cover(10, [0.0] * 7) == math.inf
    assert oracle.average_cover(-10, [1.0] * 7) == 0
    assert oracle.average_cover(20, [10.0] * 7) == 8.5


def test_a_brand_covers_44_weeks_by_average_and_51_by_exact() -> None:
    data = case("cover_44_against_51")
    items = case_items(data["items"])
    expected = data["expected"]
    plans = oracle.plan(items, RULES, STATUSES, data["safety_method"], net_transit=False)
    rows = {
        row["method"]: row
        for row in oracle.availability(items, plans, {})
        if all(row[key] == expected[key] for key in ("country", "brand", "month", "stock"))
    }
    assert round(rows["average"]["weeks"]) == expected["average_weeks_rounded"] == 44
    assert rows["exact"]["weeks"] == expected["exact_weeks"] == 51
    assert rows["exact"]["capped"] is expected["exact_capped"] is True


def test_a_brand_without_demand_is_never_at_risk() -> None:
    items = [an_item(brand="B1"), an_item(sap_code="0002", brand="B2", demand=[10.0] * 12)]
    plans = oracle.plan(items, RULES, STATUSES, "exact", net_transit=False)
    rows = oracle.availability(items, plans, {("Morocco", "B1"): 99.0, ("Morocco", "B2"): 4.0})
    assert len(rows) == 2 * 7 * 2 * 2
    assert not any(row["at_risk"] for row in rows if row["brand"] == "B1")
    assert all(row["at_risk"] for row in rows if row["brand"] == "B2" and row["month"] == 0 and row["weeks"] < 4)


def test_imports_are_the_eight_weeks_and_the_orders_of_months_2_to_6() -> None:
    transit = [1.0] * 8
    items = [
        an_item(brand="B1", status="Delisted", transit=transit, landed_cost=10, confirmed=months(m1=100, m2=2, m7=50)),
        an_item(sap_code="0002", brand="B2", status="Delisted", transit=[30.0] + [0.0] * 7, landed_cost=20),
    ]
    plans = oracle.plan(items, RULES, STATUSES, "exact", net_transit=False)
    first, second = oracle.imports_share(items, plans)
    assert (first["tonnes"], first["cash"], first["tonnes_share"]) == (10, 100, 0.25)
    assert (second["tonnes"], second["cash"], second["cash_share"]) == (30, 600, pytest.approx(6 / 7))


# --------------------------------------------------------------------------------------------------------------- DSR


def dsr_pair() -> tuple[list[Item], list[oracle.Plan]]:
    items = [
        an_item(sub_category="S", demand=[30.0] * 12, opening=20, status="Delisted", landed_cost=100),
        an_item(sap_code="0002", sub_category="S", opening=15, status="Delisted", landed_cost=70),
    ]
    return items, oracle.plan(items, RULES, STATUSES, "exact", net_transit=False)


def chosen(month: int, tonnes: float) -> dict[str, Any]:
    return {
        "month": month,
        "country": "Morocco",
        "risk_sap_code": "0001",
        "donor_country": "Morocco",
        "donor_sap_code": "0002",
        "tonnes": tonnes,
    }


def test_net_risk_is_risk_less_the_opportunities_used_at_the_landed_cost_of_the_risk() -> None:
    items, plans = dsr_pair()
    first, second, _ = oracle.dsr(items, plans, [chosen(0, 4.0), chosen(1, 11.0)])
    assert (first["risk_t"], first["opportunity_t"], first["used_t"], first["net_t"]) == (10, 15, 4, 6)
    assert (first["risk_cash"], first["used_cash"], first["net_cash"]) == (1000, 400, 600)
    assert (second["risk_t"], second["used_t"], second["net_cash"]) == (30, 11, 1900)
    assert oracle.dsr_violations(items, plans, [chosen(0, 4.0), chosen(1, 11.0)]) == []


def test_a_donor_never_gives_more_than_it_has_nor_a_risk_gets_more_than_it_is() -> None:
    items, plans = dsr_pair()
    assert len(oracle.dsr_violations(items, plans, [chosen(0, 4.0), chosen(1, 11.1)])) == 2  # donor, months 1 and 2
    assert oracle.dsr_violations(items, plans, [chosen(0, 10.5)]) == ["risk Morocco 0001 month 0: used 10.5, risk 10.0"]


# -------------------------------------------------------------------------------------- projections of Algeria, 2019


ALGERIA = case("algeria_2019")


@pytest.mark.parametrize("method", ["exact", "average"])
@pytest.mark.parametrize("sub_category", ["Fabric Cleaning", "Hair", "HHC", "TOTAL"])
@pytest.mark.parametrize("month", range(10))
def test_every_published_cell_of_algeria_is_reproduced(sub_category: str, month: int, method: str) -> None:
    values = rows_of(case_items(ALGERIA["items"]), method)
    assert round(values["Algeria", sub_category][month]) == ALGERIA["expected"][sub_category][month]


def test_no_published_cell_of_algeria_hangs_on_a_tie_in_rounding() -> None:
    for (_, sub_category), values in rows_of(case_items(ALGERIA["items"])).items():
        for value in values:
            assert abs(value - math.floor(value) - 0.5) > 0.01, (sub_category, value)


def test_the_run_out_items_get_no_orders_but_the_confirmed_one() -> None:
    items = [item for item in case_items(ALGERIA["items"]) if item.sub_category == "Fabric Cleaning"]
    plans = oracle.plan(items, RULES, STATUSES, "exact", net_transit=False)
    assert [quantity for item_plan in plans for quantity in item_plan["orders"] if quantity] == [50, 50, 250]
    assert all(item_plan["closing"][7] < 0 for item_plan in plans)


def test_the_late_re_order_of_hhc_is_a_proposal_of_month_11() -> None:
    items = [item for item in case_items(ALGERIA["items"]) if item.sub_category == "HHC"]
    (item_plan,) = oracle.plan(items, RULES, STATUSES, "exact", net_transit=False)
    assert item_plan["orders"][2:] == [0.0] * 9 + [32.0]


def test_a_confirmed_order_of_month_1_without_any_forecast_gives_the_same_hair_row() -> None:
    values = rows_of(case_items(ALGERIA["hair_alternative"]))
    assert [round(value) for value in values["Algeria", "Hair"]] == ALGERIA["expected"]["Hair"]


def test_the_published_total_is_not_the_sum_of_the_rounded_rows_in_months_3_and_5() -> None:
    expected = ALGERIA["expected"]
    differences = [
        expected["TOTAL"][month] - sum(expected[name][month] for name in ("Fabric Cleaning", "Hair", "HHC"))
        for month in range(10)
    ]
    assert differences == [0, 0, 0, 1, 0, -1, 0, 0, 0, 0]


def test_the_grand_total_is_the_sum_of_the_country_totals() -> None:
    items = [*case_items(ALGERIA["items"]), an_item(sub_category="Hair", opening=10, unit_cost=3)]
    values = rows_of(items)
    assert values["Total", "TOTAL"] == pytest.approx([value + 30 for value in values["Algeria", "TOTAL"]])
    assert values["Morocco", "TOTAL"] == pytest.approx([30.0] * 10)


# ------------------------------------------------------------------------------------------- overstock, residuals, CV


def test_overstock_is_above_the_weeks_of_cover_and_one_month() -> None:
    assert oracle.overstock([25.0, 15.0, -5.0], [10.0] * 12, 4.25) == pytest.approx([5.0, 0.0, 0.0])


def test_residual_counts_confirmed_orders_from_month_2_only() -> None:
    item = an_item(opening=10, transit=[1.0] * 8, demand=[1.0] * 12, confirmed=months(m1=100, m2=3, m11=4))
    assert oracle.residual(item) == 10 + 8 + 7 - 12


@pytest.mark.parametrize(
    ("changes", "first", "second"),
    [
        ({"status": "Delisted", "opening": 100, "demand": [1.0] * 12}, ("residual", 88), ("residual", 0)),
        ({"opening": 100}, ("no demand", 100), ("no demand", 0)),
        ({"opening": 100, "demand": [1.0] * 12}, ("overstock", 0), ("overstock", 0)),
        ({"opening": 3, "demand": [1.0] * 12}, ("", 0), ("", 0)),
    ],
)
def test_each_row_says_why_it_is_listed(
    changes: dict[str, Any], first: tuple[str, float], second: tuple[str, float]
) -> None:
    items = [an_item(unit_cost=2, **changes)]
    plans = oracle.plan(items, RULES, STATUSES, "exact", net_transit=False)
    rows = oracle.overstock_rows(items, plans, STATUSES)
    assert len(rows) == 12
    assert [(row["reason"], row["residual_t"]) for row in rows[:2]] == [first, second]
    assert rows[0]["residual_cash"] == 2 * rows[0]["residual_t"]


def test_the_coefficient_of_variation_is_that_of_the_population() -> None:
    assert oracle.cv([1.0, 3.0] * 6) == pytest.approx(0.5)
    assert oracle.cv([0.0] * 12) is None
