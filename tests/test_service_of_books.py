"""Realised service of a book: what is measured from its sheets, segments, convergence, the trade-off curve."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from books_of_items import book_of, month
from test_portfolio import RULES
from test_portfolio import portfolio as random_items

from smile_xl.books.memory import MemoryBook
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.planning import service
from smile_xl.planning.cycle import Cycle, find_all, make_cycle
from smile_xl.planning.policies import POLICIES, basis_of, safety_of
from smile_xl.planning.service import ALL_COUNTRIES, TOTAL
from smile_xl.planning.uncertainty import demand_error, uncertainty_of

EXAMPLE = Path(__file__).parents[1] / "workbook" / "data"
ACTUALS = ["Country", "SAP code", "Month", "Forecast (t)", "Actual (t)"]
RECEIPTS = ["Country", "Sourcing unit", "Planned date", "Received date"]


def book(**sheets: list[list[object]]) -> MemoryBook:
    """Twelve items of three countries, with a sourcing unit each, some of them running out, and more sheets."""
    items = random_items(3, 12)
    made = book_of(items, RULES)
    srm = [list(row) for row in made.read("SRM").rows]
    srm[0].insert(9, None)
    srm[1].insert(9, "Sourcing unit")
    for number, row in enumerate(srm[2:]):
        row.insert(9, ("Lyon", "Izmir")[number % 2])
        if number % 4 == 3:
            row[2] = "To be delisted"
    rows = {name: [list(row) for row in made.read(name).rows] for name in made.sheet_names()}
    return MemoryBook({**rows, "SRM": srm, **{name.replace("_", " "): sheet for name, sheet in sheets.items()}})


def first_item(cycle: Cycle) -> tuple[str, str]:
    return cycle.inputs.items.loc[0, "country"], cycle.inputs.items.loc[0, "sap_code"]


def days(*counts: int) -> list[tuple[dt.date, dt.date]]:
    return [(dt.date(2023, 3, 1), dt.date(2023, 3, 1) + dt.timedelta(days=count)) for count in counts]


@pytest.fixture(scope="module")
def plain() -> Cycle:
    return make_cycle(book())


def safeties(cycle: Cycle) -> dict[str, np.ndarray]:
    basis = basis_of(cycle.inputs)
    return {name: safety_of(basis, name) for name in POLICIES}


# ------------------------------------------------------------------------------------------------------------- what is measured


def test_without_the_sheets_the_settings_hold(plain: Cycle) -> None:
    measured, settings = plain.inputs.measured, plain.inputs.settings
    assert np.isnan(measured.demand_error).all()
    assert np.isnan(measured.delay_sd).all()
    unsure = uncertainty_of(plain.inputs)
    assert (unsure.demand_error == settings.demand_error).all()
    weeks = unsure.delays * 4.25
    assert weeks.mean() == pytest.approx(settings.delay_sd / np.sqrt(2 * np.pi), rel=1e-3)
    lanes = plain.inputs.items.groupby(["sourcing_unit", "country"]).ngroup().to_numpy()
    assert len(unsure.delays) == len(set(lanes))
    for lane in set(lanes):
        assert len(set(unsure.lane[lanes == lane])) == 1


def test_the_forecast_error_is_the_root_mean_square_over_the_mean_forecast(plain: Cycle) -> None:
    country, code = first_item(plain)
    rows = [[country, code, month(-3), 100.0, 130.0], [country, f"000{code}", month(-2), 100.0, 60.0]]
    rows += [[country.upper(), code, "2023-07", 100.0, 100.0]]
    cycle = make_cycle(book(Actual_demand=[["What was sold"], ACTUALS, *rows]))
    error = cycle.inputs.measured.demand_error
    assert error[0] == pytest.approx(np.sqrt((30**2 + 40**2) / 3) / 100)
    assert np.isnan(error[1:]).all()
    assert demand_error(cycle.inputs)[1] == cycle.inputs.settings.demand_error
    assert cycle.inputs.fingerprint() != plain.inputs.fingerprint()


def test_two_months_or_no_forecast_are_too_little(plain: Cycle) -> None:
    country, code = first_item(plain)
    second = tuple(plain.inputs.items.loc[1, ["country", "sap_code"]])
    rows = [[country, code, month(-count), 100.0, 130.0] for count in (1, 2)]
    rows += [[*second, month(-count), 0.0, 5.0] for count in (1, 2, 3)]
    cycle = make_cycle(book(Actual_demand=[ACTUALS, *rows]))
    assert np.isnan(cycle.inputs.measured.demand_error).all()


def test_delays_are_those_of_the_lane_and_early_ones_are_on_time(plain: Cycle) -> None:
    country = first_item(plain)[0]
    dates = days(-7, 0, 0, 7, 14, 21)
    rows = [[country, "LYON", *pair] for pair in dates]
    rows += [[country, "Lyon", dates[0][0], None], [country, "Izmir", *dates[5]], ["Nowhere", "Lyon", *dates[5]]]
    cycle = make_cycle(book(Receipts=[RECEIPTS, *rows]))
    measured = cycle.inputs.measured
    on_lane = ((cycle.inputs.items["country"] == country) & (cycle.inputs.items["sourcing_unit"] == "Lyon")).to_numpy()
    np.testing.assert_allclose(measured.delay_sd[on_lane], np.std([-1, 0, 0, 1, 2, 3]))
    assert np.isnan(measured.delay_sd[~on_lane]).all()
    unsure = uncertainty_of(cycle.inputs)
    table = unsure.delays[unsure.lane[on_lane][0]] * 4.25
    assert np.unique(table.round(6)).tolist() == [0, 1, 2, 3]
    assert table.mean() == pytest.approx(1.0, rel=1e-3)
    (finding,) = (one for one in cycle.findings if one.code == "measured_unused")
    assert finding.values["count"] == 1


def test_french_sheets_and_headers_are_read(plain: Cycle) -> None:
    country, code = first_item(plain)
    actuals = [["Pays", "Code SAP", "Mois", "Prévision", "Réel"]]
    actuals += [[country, code, month(-count), 100.0, 110.0] for count in (1, 2, 3)]
    receipts = [["Pays", "Unité d'approvisionnement", "Date prévue", "Date de réception"]]
    receipts += [[country, "Lyon", *pair] for pair in days(0, 0, 0, 7, 7)]
    cycle = make_cycle(book(Demande_réelle=actuals, Réceptions=receipts))
    assert cycle.inputs.measured.demand_error[0] == pytest.approx(0.1)
    assert len(cycle.inputs.measured.delays) == 1


@pytest.mark.parametrize(
    ("sheet", "place", "value", "code", "cell"),
    [
        ("Actual demand", 3, "12 t", "not_a_number", "D2"),
        ("Actual demand", 4, -1.0, "negative", "E2"),
        ("Actual demand", 4, None, "blank", "E2"),
        ("Actual demand", 2, "last month", "date_unknown", "C2"),
        ("Actual demand", 2, None, "blank", "C2"),
        ("Receipts", 2, "soon", "date_unknown", "C2"),
        ("Receipts", 2, None, "blank", "C2"),
        ("Receipts", 3, 45_000.0, "date_unknown", "D2"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_cell(
    plain: Cycle, sheet: str, place: int, value: object, code: str, cell: str
) -> None:
    country, sap_code = first_item(plain)
    rows = {
        "Actual demand": [country, sap_code, month(-1), 100.0, 110.0],
        "Receipts": [country, "Lyon", *days(3)[0]],
    }
    row = list(rows[sheet])
    row[place] = value
    header = {"Actual demand": ACTUALS, "Receipts": RECEIPTS}[sheet]
    found = [one for one in find_all(book(**{sheet.replace(" ", "_"): [header, row]})) if one.severity == "error"]
    assert [(one.code, one.sheet, one.cell) for one in found] == [(code, sheet, cell)]
    assert all(one.line(language) for one in found for language in ("en", "fr"))


def test_a_month_that_stands_twice_is_an_error(plain: Cycle) -> None:
    country, code = first_item(plain)
    rows = [[country, code, month(-1), 100.0, 110.0], [country, code, month(-1), 100.0, 120.0]]
    (found,) = (one for one in find_all(book(Actual_demand=[ACTUALS, *rows])) if one.severity == "error")
    assert (found.code, found.cell) == ("twice", "C3")


# ------------------------------------------------------------------------------------------------------------------ what it gives


@pytest.fixture(scope="module")
def realised(plain: Cycle) -> service.Realised:
    return service.realise(plain.inputs, safeties(plain), runs=400, seed=5)


def test_segments_add_up_and_run_outs_count_in_none(plain: Cycle, realised: service.Realised) -> None:
    rows = service.by_segment(realised).set_index(["country", "sub_category", "policy"])
    items = service.by_item(plain.inputs, realised)
    items["proposes"] = np.repeat(plain.inputs.portfolio.proposes, len(POLICIES))
    items["landed"] = np.repeat(plain.inputs.landed_cost, len(POLICIES))
    items["unit"] = np.repeat(plain.inputs.unit_cost, len(POLICIES))
    kept = items[items["proposes"]]
    assert kept["mean_t"].sum() < items["mean_t"].sum() - 1
    for policy in POLICIES:
        mine = kept[kept["policy"] == policy]
        total = rows.loc[(ALL_COUNTRIES, TOTAL, policy)]
        assert total["lost_t"] == pytest.approx(mine["lost_t"].sum())
        assert total["lost_cash"] == pytest.approx((mine["lost_t"] * mine["landed"]).sum())
        assert total["mean_t"] == pytest.approx(mine["mean_t"].sum())
        assert total["mean_cash"] == pytest.approx((mine["mean_t"] * mine["unit"]).sum())
        assert total["peak_t"] <= mine["peak_t"].sum()
        countries = [key for key in realised.segments if key[1] == TOTAL and key[0] != ALL_COUNTRIES]
        parts = [key for key in realised.segments if key[1] != TOTAL]
        for keys in (countries, parts):
            assert sum(rows.loc[(*key, policy), "lost_t"] for key in keys) == pytest.approx(total["lost_t"])
            assert sum(rows.loc[(*key, policy), "mean_cash"] for key in keys) == pytest.approx(total["mean_cash"])


def test_a_segment_of_one_item_has_the_estimates_and_the_intervals_of_the_item() -> None:
    cycle = make_cycle(book())
    inputs = cycle.inputs
    alone = replace(inputs, items=inputs.items.assign(sub_category=[f"S{place}" for place in range(len(inputs.items))]))
    played = service.realise(alone, {"now": cycle.plan.safety}, runs=400)
    items = service.by_item(alone, played).set_index(["country", "sub_category"])
    segments = service.by_segment(played).set_index(["country", "sub_category"])
    counted = items[alone.portfolio.proposes & (items["fill_rate"].to_numpy() > 0)]
    assert len(counted) > 5
    for name in ("cycle_service", "fill_rate", "lost_t", "mean_t", "peak_t"):
        for column in (name, f"{name}_pm"):
            np.testing.assert_allclose(segments.loc[counted.index, column], counted[column], rtol=1e-9, atol=1e-9)


def test_the_half_width_is_two_standard_errors(realised: service.Realised) -> None:
    rows = service.by_segment(realised).iloc[-len(POLICIES) :]
    values = realised.service.groups.stock_cash[-1]
    expected = 1.96 * values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    np.testing.assert_allclose(rows["mean_cash_pm"], expected, rtol=1e-4)


def test_the_book_gives_the_same_on_any_number_of_threads(plain: Cycle) -> None:
    one, two = (
        service.by_segment(service.realise(plain.inputs, safeties(plain), runs=600, seed=5, threads=threads))
        for threads in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_a_row_less_in_the_book_changes_no_other_item() -> None:
    whole = make_cycle(book())
    short = book()
    rows = [list(row) for row in short.read("SRM").rows]
    names = short.sheet_names()
    fewer = make_cycle(MemoryBook({**{name: short.read(name).rows for name in names}, "SRM": [*rows[:2], *rows[3:]]}))
    played = [
        service.by_item(cycle.inputs, service.realise(cycle.inputs, {"now": cycle.plan.safety}, runs=50))
        for cycle in (whole, fewer)
    ]
    pd.testing.assert_frame_equal(played[0].iloc[1:].reset_index(drop=True), played[1])


def test_convergence_ends_with_the_total_and_its_interval_narrows(realised: service.Realised) -> None:
    rows = service.convergence(realised)
    assert rows["runs"].tolist() == [50, 100, 200, 400] * len(POLICIES)
    total = service.by_segment(realised).query("country == @ALL_COUNTRIES").set_index("policy")
    for policy, lines in rows.groupby("policy"):
        for name in service.MEASURES:
            assert lines[name].iloc[-1] == total.loc[policy, name]
            assert lines[f"{name}_pm"].iloc[-1] == total.loc[policy, f"{name}_pm"]
        widths = lines["mean_cash_pm"].to_numpy()
        assert widths[0] / widths[-1] == pytest.approx(np.sqrt(8), rel=0.35)


def test_the_trade_off_curve_rises_and_passes_through_today(plain: Cycle) -> None:
    curve = service.trade_off(plain.inputs, plain.plan.safety, runs=300, seed=5)
    today = service.by_segment(service.realise(plain.inputs, {"now": plain.plan.safety}, runs=300, seed=5))
    on_it = curve[curve["today"]].reset_index(drop=True)
    for name in ("cycle_service", "fill_rate", "mean_cash"):
        np.testing.assert_array_equal(on_it[name], today[name])
    total = curve[curve["country"] == ALL_COUNTRIES]
    assert total["factor"].tolist() == list(service.FACTORS)
    assert (np.diff(total["mean_cash"]) > 0).all()
    assert (np.diff(total["fill_rate"]) > 0).all()
    assert (np.diff(total["cycle_service"]) > 0).all()
    assert (np.diff(total["fill_rate"]) / np.diff(total["mean_cash"]))[-1] < (
        np.diff(total["fill_rate"]) / np.diff(total["mean_cash"])
    )[0]  # the last cash buys the least


def test_log_normal_demand_is_a_setting() -> None:
    settings = [["Setting", "Value"], ["Demand distribution", "log-normale"], ["Forecast error", 1.5]]
    unsure = uncertainty_of(make_cycle(book(Settings=settings)).inputs)
    assert unsure.lognormal
    assert (unsure.demand_error == 1.5).all()


def test_a_sheet_of_the_same_name_for_something_else_is_left_alone() -> None:
    cycle = make_cycle(book(Receipts=[["Till", "Amount"], ["Shop 4", 12.5]]))
    (finding,) = (one for one in cycle.findings if one.sheet == "Receipts")
    assert (finding.code, finding.severity) == ("measured_unread", "warning")


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_csv_files_of_the_past_become_sheets_of_the_new_book(spoken: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    with (data / "master.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    unit, code = first["sourcing_unit"], first["sap_code"]
    lines = [f"Morocco,{code},2023-0{month},100,{actual}" for month, actual in ((5, 110), (6, 90), (7, 100))]
    (data / "actual_demand.csv").write_text("\n".join(["country,sap_code,month,forecast,actual", *lines]), "utf-8")
    lines = [f"Morocco,{unit},2023-07-0{day},2023-07-08" for day in range(1, 9)] + [f"Morocco,{unit},2023-08-01,"]
    (data / "receipts.csv").write_text("\n".join(["country,sourcing_unit,planned,received", *lines]), "utf-8")
    path = tmp_path / "plan.xlsx"
    assert run(["new", str(path), "--data", str(data)], spoken) == 0
    made = XlsxBook(path)
    sheets = {"en": {"Actual demand", "Receipts"}, "fr": {"Demande réelle", "Réceptions"}}[spoken]
    assert sheets <= set(made.sheet_names())
    measured = make_cycle(made).inputs.measured
    assert measured.demand_error[0] == pytest.approx(np.sqrt(200 / 3) / 100)
    (delays,) = measured.delays.values()
    np.testing.assert_allclose(np.sort(delays) * 7, np.arange(8))
