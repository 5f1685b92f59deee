"""Findings on single items: what they say, the cash at stake, and that ordinary items have none."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from checks.books import STEADY, book, demand, found, item, only
from hypothesis import given, settings
from hypothesis import strategies as st
from real_book import real_book

from smile_xl import commands
from smile_xl.books.csvs import example_folder, read_folder
from smile_xl.core.outliers import far_above, jumps, usual_level
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.imports.listing import RawList

ODD = ("demand_huge", "demand_jump", "quantity_huge", "receipt_overdue", "landed_below_unit", "no_demand")


def codes(source: object) -> list[str]:
    return sorted({one.code for one in make_cycle(source).findings} & set(ODD))


# ---------------------------------------------------------------------------------------------- the rules themselves


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), months=st.integers(1, 15))
def test_the_usual_level_is_the_median_and_its_median_deviation(seed: int, months: int) -> None:
    chance = random.Random(seed)
    rows = [[chance.choice([0.0, np.nan, chance.uniform(0.1, 90)]) for _ in range(months)] for _ in range(6)]
    level, spread = usual_level(rows)
    for row, median, deviation in zip(rows, level, spread, strict=True):
        sold = [value for value in row if value > 0]
        if len(sold) < 6:
            assert np.isnan([median, deviation]).all()
        else:
            middle = statistics.median(sold)
            assert median == pytest.approx(middle)
            assert deviation == pytest.approx(statistics.median(abs(value - middle) for value in sold), abs=1e-12)


def test_a_value_must_be_an_outlier_as_well_as_large() -> None:
    """0.6745 (25.5 - 5) / 4 is 3.46, 0.6745 (26 - 5) / 4 is 3.54."""
    assert far_above([[24.9, 25.5, 26.0]], [5.0], [4.0], factor=5.0).tolist() == [[False, False, True]]
    assert far_above([[24.9, 25.1]], [5.0], [0.0], factor=5.0).tolist() == [[False, True]]
    assert not far_above([[1e9]], [np.nan], [np.nan], factor=5.0).any()


def slow_jumps(row: list[float], factor: float) -> list[bool]:
    """The rule in plain words, month by month."""

    def ratio(before: float, after: float) -> float:
        low, high = sorted((before, after))
        return 1.0 if high == 0 else float("inf") if low == 0 else high / low

    ratios = [ratio(before, after) for before, after in pairwise(row)]
    usual = statistics.median(ratios)
    sells = sum(tonnes > 0 for tonnes in row) >= 0.75 * len(row)
    return [sells and one >= factor and one > usual**3 for one in ratios]


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([1.5, 3.0, 5.0]))
def test_jumps_are_those_of_the_rule_in_plain_words(seed: int, factor: float) -> None:
    chance = random.Random(seed)
    rows = [
        [chance.choice([0.0, *[chance.uniform(20, 60)] * 5, chance.uniform(100, 900)]) for _ in range(12)]
        for _ in range(8)
    ]
    assert jumps(rows, factor).tolist() == [slow_jumps(row, factor) for row in rows]


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), scale=st.sampled_from([1e-6, 0.25, 4.0, 1024.0]))
def test_the_unit_does_not_matter(seed: int, scale: float) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.gamma(0.6, 50.0, (20, 12))
    for values in (rows, rows * scale):
        level, spread = usual_level(values)
        marked = (far_above(values, level, spread, 5.0), jumps(values, 5.0))
        if values is rows:
            expected = marked
    np.testing.assert_array_equal(marked[0], expected[0])
    np.testing.assert_array_equal(marked[1], expected[1])


# -------------------------------------------------------------------------------------------------- they cry no wolf


def test_steady_seasonal_growing_and_intermittent_items_are_left_alone() -> None:
    season = [20.0, 30.0, 45.0, 70.0, 80.0, 75.0, 60.0, 40.0, 28.0, 20.0, 18.0, 19.0]
    growth = [10.0 * 1.2**month for month in range(12)]
    gaps = [0.0, 60.0, 0.0, 0.0, 55.0, 0.0, 0.0, 0.0, 70.0, 0.0, 0.0, 61.0]
    gone = [40.0, 30.0, 20.0, 10.0, *[0.0] * 8]
    promotion = demand(m4=150.0)
    items = [item(str(place), demand=row) for place, row in enumerate((season, growth, gaps, gone, promotion))]
    assert codes(book([STEADY, *items])) == []


def test_of_the_example_two_products_with_a_month_at_a_tenth_are_found_and_nothing_else() -> None:
    example = read_folder(example_folder(), "en")
    assert codes(example) == ["demand_jump"]
    jumped = found(example, "demand_jump")
    assert {one.sap_code for one in jumped} == {"68588207", "68040368"}
    assert len(jumped) == 6


def test_of_151_real_items_four_with_real_spikes_are_found() -> None:
    real = real_book()
    assert codes(real) == ["demand_huge"]
    spikes = found(real, "demand_huge")
    assert len(spikes) == 4
    assert all(one.values["tonnes"] > 5 * one.values["usual"] for one in spikes)


# ----------------------------------------------------------------------------------------------- what they do notice


def test_a_month_in_kilograms_is_huge_and_its_excess_is_at_stake() -> None:
    one = only(book([item(demand=demand(m3=51_000.0))]), "demand_huge")
    assert one.values["month"] == "2023-11"
    assert (one.values["tonnes"], one.values["usual"]) == (51_000, 50)
    assert one.cash == pytest.approx((51_000 - 50) * 1000)
    assert one.place == "SRM!M3"  # the fourth month of the forecast


def test_a_whole_forecast_in_kilograms_is_huge_against_what_was_sold() -> None:
    history = [["Country", "SAP code", "Month", "Forecast", "Actual"]]
    history += [["Morocco", "68000001", dt.date(2023, month, 1), 50.0, 50.0 + month] for month in range(1, 8)]
    wrong = item(demand=[tonnes * 1000 for tonnes in STEADY.demand])
    assert found(book([wrong]), "demand_huge") == []  # steady in itself
    one = only(book([wrong], sheets={"Actual demand": history}), "demand_huge")
    assert one.values["usual"] == 54
    assert one.cash == pytest.approx(sum(tonnes - 54 for tonnes in wrong.demand) * 1000)


def test_a_fall_to_a_tenth_is_a_jump_once_and_not_a_huge_month_as_well() -> None:
    one = only(book([item(demand=demand(m5=5.0))]), "demand_jump")
    assert (one.values["before"], one.values["month"]) == ("2024-01", "2024-02")  # up by more than down
    assert one.cash == pytest.approx((53 - 5) * 1000)
    assert codes(book([item(demand=demand(m5=500.0))])) == ["demand_huge"]


def test_the_setting_says_what_a_jump_is() -> None:
    items = [item(demand=demand(m5=12.0))]
    assert found(book(items), "demand_jump") == []
    assert len(found(book(items, settings={"Demand jump": 4.0}), "demand_jump")) == 1


@pytest.mark.parametrize(
    ("changed", "cell", "cash"),
    [
        pytest.param({"opening": 2000.0}, "V3", (2000 - 50) * 1000.0, id="opening stock, at unit cost"),
        pytest.param({"transit": [0.0] * 7 + [2000.0]}, "AD3", (2000 - 50) * 1200.0, id="transit, at landed cost"),
        pytest.param({"confirmed": [None] * 5 + [2000.0] + [None] * 6}, "AJ3", (2000 - 50) * 1200.0, id="an order"),
    ],
)
def test_more_than_three_years_of_demand_in_a_cell_is_huge(changed: dict, cell: str, cash: float) -> None:
    one = only(book([item(**changed)]), "quantity_huge")
    assert (one.cell, one.values["months"]) == (cell, 40)
    assert one.cash == pytest.approx(cash)
    assert codes(book([item(status="To be delisted", **changed)])) == []  # it runs out


def test_stock_without_forecast_puts_its_value_and_that_of_the_transit_at_stake() -> None:
    one = only(book([item(demand=[0.0] * 12)]), "no_demand")
    assert one.cash == 100 * 1000 + 30 * 1200
    assert one.values["tonnes"] == 130


def test_a_landed_cost_below_the_unit_cost_puts_the_difference_at_stake() -> None:
    one = only(book([item(landed_cost=900.0)]), "landed_below_unit")
    assert (one.sheet, one.cell, one.country, one.sap_code) == ("Costs", "D2", "Morocco", "68000001")
    assert one.cash == 130 * 100
    assert one.line("en").endswith("(13,000 EUR at stake). Check both with finance.")
    assert one.line("fr").endswith("(13\u202f000 EUR en jeu). Vérifiez les deux avec la finance.")


def test_a_missing_cost_says_how_many_tonnes_have_no_value() -> None:
    made = book([STEADY, item("2")])
    costs = made.read("Costs").rows[:2]
    errors = [one for one in find_all(book([STEADY, item("2")], sheets={"Costs": costs})) if one.severity == "error"]
    assert [one.text("en") for one in errors] == ["no costs for Morocco 2: 130 t of stock and transit have no value"]


@pytest.mark.parametrize(
    ("changed", "spoken", "text"),
    [
        ({"country": "Maroco"}, "en", 'the country "Maroco" has no row in Countries (did you mean "Morocco"?)'),
        ({"country": "Algérie"}, "fr", "le pays « Algérie » n'a pas de ligne dans Pays (vouliez-vous dire « Algeria » ?)"),
        ({"status": "Regulr"}, "en", 'the status "Regulr" has no row in Statuses (did you mean "Regular"?)'),
        ({"country": "Peru"}, "en", 'the country "Peru" has no row in Countries'),
    ],
)  # fmt: skip
def test_an_unknown_name_comes_with_the_nearest_known_one(changed: dict, spoken: str, text: str) -> None:
    errors = [one for one in find_all(book([item(**changed)])) if one.severity == "error"]
    assert [one.text(spoken) for one in errors] == [text]


# ------------------------------------------------------------------------------------------------------ late receipts

RECEIPTS = ["Country", "Sourcing unit", "Planned date", "Received date"]


def with_unit(unit: str, rows: list[list[object]]) -> object:
    made = book([STEADY], sheets={"Receipts": [RECEIPTS, *rows]})
    srm = [list(row) for row in made.read("SRM").rows]
    srm[0].insert(4, None)
    srm[1].insert(4, "Sourcing unit")
    srm[2].insert(4, unit)
    names = [name for name in made.sheet_names() if name != "SRM"]
    return type(made)({"SRM": srm, **{name: made.read(name).rows for name in names}})


def test_receipts_due_before_the_cycle_that_have_not_come_are_noted_once_per_lane() -> None:
    late, later, due, came = (dt.date(2023, month, 20) for month in (6, 7, 8, 7))
    rows = [
        ["Morocco", "TR1", later, None],
        ["Morocco", "TR1", late, None],
        ["Morocco", "TR1", due, None],
        ["Morocco", "TR1", came, dt.date(2023, 7, 28)],
        ["Algeria", "TR1", late, None],  # no item of SRM
    ]
    one = only(with_unit("TR1", rows), "receipt_overdue")
    assert (one.sheet, one.cell, one.cash) == ("Receipts", "C3", 30 * 1200)
    assert one.text("en") == "receipts from TR1 for Morocco overdue: 2, the oldest since 2023-06-20"
    assert found(with_unit("TR1", rows[2:]), "receipt_overdue") == []


def test_a_missed_receipt_is_no_error_in_a_book_whose_sheet_is_blank() -> None:
    assert found(with_unit("TR1", []), "receipt_overdue") == []


def test_an_item_alone_may_have_no_finding_at_all() -> None:
    assert codes(book([replace(STEADY, opening=0.0, transit=[0.0] * 8)])) == []


# ----------------------------------------------------------------------------------------------- orders left out


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_orders_that_an_import_left_out_as_due_before_the_cycle_are_noted_by_item(spoken: str) -> None:
    made = book([STEADY, item("2")], settings={"Language": spoken})
    rows = [["Country", "Material", "Order Unit", "Still to be delivered (qty)", "Delivery Date"]]
    rows += [["Morocco", code, "TO", tonnes, date] for code, tonnes, date in (
        ("68000001", 12.0, "2023-07-20"), ("68000001", 5.0, "2023-06-30"), ("68000001", 9.0, "2023-09-10"),
        ("2", 4.0, "2023-07-02"), ("77", 3.0, "2023-07-02"),
    )]  # fmt: skip
    cycle, taken = commands.read_import(
        made, [[RawList("orders.csv", "commas", "utf-8", list(enumerate(rows, start=1)))]]
    )
    commands.write_import(made, cycle, taken, dt.datetime(2023, 8, 1))
    late = found(made, "order_overdue")
    assert [(one.sap_code, one.cash, one.values["count"]) for one in late] == [
        *(("68000001", 17 * 1200, 2), ("2", 4 * 1200, 1)),
    ]
    assert late[0].text("en") == (
        "orders of Morocco 68000001 due before the cycle, left out of the last import: 2 (17 t), the oldest of 2023-06-30"
    )
    assert late[0].sheet == {"en": "Quarantine", "fr": "Quarantaine"}[spoken]


def test_a_sheet_of_the_teams_own_called_quarantine_is_left_alone() -> None:
    assert found(book([STEADY], sheets={"Quarantine": [["Who", "Since"], ["Ben", "Monday"]]}), "order_overdue") == []
