"""The report Segments: classes of every item, the proposed policies, and a page whose parts add up."""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist, fmean, pstdev

import numpy as np
import oracle
import pytest
from books_of_items import book_of

from smile_xl import commands, functions
from smile_xl.book import BookError
from smile_xl.books.csvs import example_folder, read_folder
from smile_xl.books.memory import MemoryBook
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.reports.page import Block, Page
from smile_xl.reports.stamp import Stamp
from smile_xl.reports.steering import segments as page_module
from smile_xl.reports.steering.segments import segments_page

STAMP = Stamp(dt.datetime(2023, 8, 1, 9))
ATTRIBUTES = ["Country", "SAP code", "Flow type", "Strategic", "Lead time (weeks)"]


def some_items(count: int, seed: int = 5) -> list[oracle.Item]:
    random = np.random.default_rng(seed)
    items = []
    for place in range(count):
        demand = random.gamma(random.choice([0.3, 2.0, 40.0]), 10, 12) * (random.random(12) < random.choice([0.4, 1.0]))
        demand *= place % 7 > 0  # one in seven has no demand
        country = ("Morocco", "Algeria", "Tunisia")[place % 3]
        cost = float(random.uniform(200, 3000))
        items.append(
            oracle.Item(country, f"{place:04d}", "Regular", 4.0, "C", "S", "B", demand=demand.tolist(), unit_cost=cost, landed_cost=cost + 100)
        )  # fmt: skip
    return items


def cycle_of(items: list[oracle.Item], **sheets: list[list[object]]) -> Cycle:
    made = book_of(items)
    rows = {name: made.read(name).rows for name in made.sheet_names()}
    return make_cycle(MemoryBook(rows | {name.replace("_", " "): given for name, given in sheets.items()}))


def block(page: Page, title: str) -> Block:
    return next(one for one in page.blocks if one.title == title)


def test_the_rows_begin_with_the_columns_that_others_rely_on() -> None:
    rows = tidy.REPORTS["segments"](cycle_of(some_items(3)))
    assert list(rows.columns)[:7] == ["country", "sap_code", "abc", "xyz", "demand_class", "flow", "segment"]
    assert rows["sap_code"].tolist() == ["0000", "0001", "0002"]
    assert set(rows["flow"]) == {"mts"}


@pytest.mark.parametrize("scope", ["country", "all"])
def test_every_class_is_that_of_the_sheet_functions_in_its_scope(scope: str) -> None:
    items = some_items(60)
    settings = [["Setting", "Value"], ["ABC scope", scope], ["ABC cuts", "0.6; 0.9"], ["Volatility cuts", "0.3; 0.8"]]
    rows = tidy.REPORTS["segments"](cycle_of(items, Settings=settings))
    for country in ("Morocco", "Algeria", "Tunisia") if scope == "country" else ("",):
        here = [place for place, item in enumerate(items) if country in ("", item.country)]
        worth = [sum(items[place].demand) * items[place].unit_cost for place in here]
        assert rows["abc"][here].tolist() == functions.SMILE_ABC(worth, [0.6, 0.9]).tolist()
    for item, row in zip(items, rows.itertuples(), strict=True):
        assert row.xyz == functions.SMILE_XYZ(item.demand, [0.3, 0.8])
        assert row.demand_class == functions.SMILE_DEMANDCLASS(item.demand)
        assert row.segment == ("no demand" if sum(item.demand) == 0 else row.abc + row.xyz)
    assert len(set(rows["segment"])) >= 8


def test_the_scope_counts() -> None:
    items = [
        oracle.Item(country, "1", "Regular", 4.0, demand=[tonnes] * 12, unit_cost=100, landed_cost=100)
        for country, tonnes in (("Morocco", 100.0), ("Tunisia", 1.0))
    ]
    assert tidy.REPORTS["segments"](cycle_of(items))["abc"].tolist() == ["A", "A"]
    settings = [["Setting", "Value"], ["ABC scope", "tous"]]
    assert tidy.REPORTS["segments"](cycle_of(items, Settings=settings))["abc"].tolist() == ["A", "C"]


# --------------------------------------------------------------------------------------------------------- the policy


def proposed(items: list[oracle.Item], **sheets: list[list[object]]) -> list[float]:
    return tidy.REPORTS["segments"](cycle_of(items, **sheets))["proposed_weeks"].tolist()


def test_the_proposed_weeks_are_those_of_the_formula() -> None:
    """z * v * sqrt(L + 1) months by hand: Morocco's pipeline is one month, the service of the only item that of A."""
    demand = [8.0, 12.0] * 6
    item = oracle.Item("Morocco", "1", "Regular", 4.0, demand=demand, unit_cost=100, landed_cost=100)
    volatility = pstdev(demand) / fmean(demand)
    by_hand = NormalDist().inv_cdf(0.98) * volatility * 2**0.5 * 4.25
    assert by_hand == pytest.approx(2.4688, abs=1e-4)
    assert proposed([item]) == [2.5]
    nine_weeks = [ATTRIBUTES, ["Morocco", "1", "MTS", "no", 8.5]]
    assert proposed([item], Item_attributes=nine_weeks) == [3.5]  # sqrt(3): 3.02
    strategic = [ATTRIBUTES, ["Morocco", "1", "MTS", "yes", None]]
    assert proposed([item], Item_attributes=strategic) == [3.0]  # z of 99 %: 2.80
    assert proposed([item], Questionnaire=[["Question", "Answer"], ["service_a", 0.5]]) == [0.0]


def test_a_measured_forecast_error_replaces_the_volatility() -> None:
    item = oracle.Item("Morocco", "1", "Regular", 4.0, demand=[8.0, 12.0] * 6, unit_cost=100, landed_cost=100)
    past = [
        ["Morocco", "1", f"2023-0{month}", 10.0, 10.0 + sign * 4]
        for month, sign in zip(range(1, 5), (1, -1, 1, -1), strict=True)
    ]
    actual = [["Country", "SAP code", "Month", "Forecast", "Actual"], *past]
    assert proposed([item], Actual_demand=actual) == [5.0]  # 0.4 in place of 0.2: 4.94


def test_no_cover_is_proposed_for_what_is_not_stocked() -> None:
    erratic = [0.0] * 11 + [24.0]
    big = oracle.Item("Morocco", "1", "Regular", 4.0, demand=[500.0] * 12, unit_cost=100, landed_cost=100)
    small = oracle.Item("Morocco", "2", "Regular", 4.0, demand=erratic, unit_cost=1, landed_cost=1)
    silent = oracle.Item("Morocco", "3", "Regular", 4.0, unit_cost=1, landed_cost=1)
    leaving = oracle.Item("Morocco", "4", "To be delisted", 4.0, demand=[1.0, 2.0] * 6, unit_cost=1, landed_cost=1)
    ordered = oracle.Item("Morocco", "5", "Regular", 4.0, demand=[1.0, 2.0] * 6, unit_cost=1, landed_cost=1)
    items = [big, small, silent, leaving, ordered]
    flow = [ATTRIBUTES, ["Morocco", "5", "MTO", None, None]]
    steady, volatile, *none = proposed(items, Item_attributes=flow)
    assert steady == 0.0, "an even forecast of an item that is held asks for no cover"
    assert np.isnan(none).all()
    assert volatile == 13  # the longest cover: the formula asks for 25.6 weeks
    longer = [["Question", "Answer"], ["longest_cover", 40.0]]
    assert proposed(items, Item_attributes=flow, Questionnaire=longer)[1] == 26.0
    no_cz = [["Question", "Answer"], ["stock_cz", "no"]]
    assert np.isnan(proposed(items, Item_attributes=flow, Questionnaire=no_cz)[1])


def test_an_item_of_even_forecast_is_held_and_changes_the_safety_stock() -> None:
    """4 weeks of 12 t a month at 100: no cover is proposed for no variation, so all 11.3 t of safety stock go."""
    item = oracle.Item("Morocco", "1", "Regular", 4.0, demand=[12.0] * 12, unit_cost=100, landed_cost=100)
    block = segments_page(cycle_of([item]), STAMP).blocks[1]
    heads = [str(column.header) for column in block.columns]
    row = dict(zip(heads, block.rows[0], strict=True))
    assert row["Held in stock"] == 1.0
    change = next(value for head, value in row.items() if head.startswith("Change of safety stock (t)"))
    assert change == pytest.approx(-4 / 4.25 * 12)


# ---------------------------------------------------------------------------------------------------------- the past


def history(code: str, tonnes: list[float], first: dt.date = dt.date(2021, 8, 1)) -> list[list[object]]:
    rows = []
    for place, actual in enumerate(tonnes):
        years, month = divmod(first.month - 1 + place, 12)
        if actual:  # lists of sales leave out months without any
            rows.append(["Morocco", code, dt.date(first.year + years, month + 1, 1), 10.0, actual])
    return rows


def test_past_demand_tells_the_demand_class_and_the_season() -> None:
    items = [
        oracle.Item("Morocco", str(place), "Regular", 4.0, demand=[10.0] * 12, unit_cost=1, landed_cost=1)
        for place in range(4)
    ]
    summer = [1.0, 1, 1, 1, 1, 1, 1, 1, 1, 10, 20, 10] * 2
    sparse = [5.0 * (month in {0, 1, 3, 6, 8, 9, 11, 14, 16, 17, 19, 22, 23}) for month in range(24)]
    rows = [*history("0", summer), *history("1", sparse), *history("2", [3.0] * 6, dt.date(2023, 2, 1))]
    past = [["Country", "SAP code", "Month", "Forecast", "Actual"], *rows]
    found = tidy.REPORTS["segments"](cycle_of(items, Actual_demand=past))
    assert found["basis"].tolist() == ["actual", "actual", "forecast", "forecast"]
    assert found["demand_class"].tolist() == ["erratic", "intermittent", "smooth", "smooth"]
    assert found["adi"][1] == pytest.approx(24 / 13)
    assert found["season"].tolist() == ["seasonal", "not seasonal", "not enough history", "not enough history"]
    assert found["season_strength"][0] == pytest.approx(1)


def test_lead_times_are_those_given_or_the_pipeline_of_the_country() -> None:
    items = [
        oracle.Item(country, "1", "Regular", 4.0, demand=[1.0] * 12) for country in ("Morocco", "Algeria", "Tunisia")
    ]
    given = [ATTRIBUTES, ["Tunisia", "1", "MTS", "no", 2.0]]
    found = tidy.REPORTS["segments"](cycle_of(items, Item_attributes=given))
    assert found["lead_time"].tolist() == [4.25, 8.5, 2.0]
    assert found["lead_class"].tolist() == ["medium", "long", "short"]


# ---------------------------------------------------------------------------------------------------------- the page


@pytest.mark.parametrize("count", [1, 2, 60])
def test_the_parts_of_the_page_add_up(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MOST_ITEMS", 20)
    cycle = cycle_of(some_items(count))
    tonnes = cycle.inputs.portfolio.demand.sum()
    worth = (cycle.inputs.portfolio.demand.sum(axis=1) * cycle.inputs.unit_cost).sum()
    page = segments_page(cycle, STAMP)
    matrix, policies, others, items = page.blocks
    *_, items_total = (row[7] for row in matrix.rows)
    assert items_total == count
    assert matrix.rows[-1][12] == pytest.approx(tonnes, rel=1e-12)
    assert matrix.rows[-1][17] == pytest.approx(worth, rel=1e-12)
    assert sum(row[17] for row in matrix.rows[:3]) == pytest.approx(worth, rel=1e-12)
    assert matrix.rows[-1][1] == pytest.approx(1 if worth else 0)
    silent = matrix.rows[-1][6]
    assert sum(row[3] for row in policies.rows[:-1]) == policies.rows[-1][3] == count - silent
    for attribute in {row[0] for row in others.rows}:
        part = [row for row in others.rows if row[0] == attribute]
        assert sum(row[3] for row in part) == count
        assert sum(row[5] for row in part) == pytest.approx(worth, rel=1e-12)
    assert sum(row[5] for row in items.rows[:-1]) == pytest.approx(items.rows[-1][5], rel=1e-12)
    assert len(items.rows) == min(count, 20) + 1 + (count > 20)
    assert items.filter_rows == len(items.rows) - 1


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_the_page_of_the_example_speaks_its_language(spoken: str) -> None:
    cycle = make_cycle(read_folder(example_folder(), spoken))
    texts = [str(cell) for row in segments_page(cycle, STAMP).cells() for cell in row if isinstance(cell, str)]
    assert not any("{" in text for text in texts)
    assert (
        ("Segment" in texts)
        and (("Responsable" in texts) == (spoken == "fr"))
        and (("Owner" in texts) == (spoken == "en"))
    )
    assert ("régulière" in texts) == (spoken == "fr")


def test_the_change_of_the_safety_stock_is_that_of_the_weeks() -> None:
    item = oracle.Item("Morocco", "1", "Regular", 4.0, demand=[8.0, 12.0] * 6, unit_cost=100, landed_cost=100)
    policies = segments_page(cycle_of([item]), STAMP).blocks[1]
    row = policies.rows[0]
    assert row[0] == "AX"
    assert row[7:9] == pytest.approx([4.0, 2.5])
    assert row[9:11] == pytest.approx([-1.5 / 4.25 * 10, -1.5 / 4.25 * 1000])


# ------------------------------------------------------------------------------------------------------------ refresh


def with_sheet(rows: list[list[object]]) -> MemoryBook:
    made = book_of(some_items(3))
    return MemoryBook({name: made.read(name).rows for name in made.sheet_names()} | {"Segments": rows})


def test_a_sheet_of_that_name_for_something_else_is_never_overwritten() -> None:
    made = with_sheet([["Customers"], ["North", 3.0]])
    before = made.read("Segments")
    commands.refresh(made, STAMP.when)
    assert made.read("Segments") == before
    with pytest.raises(BookError, match="sheet_taken"):
        commands.refresh(made, STAMP.when, ["segments"])
    assert made.read("Segments") == before


@pytest.mark.parametrize("rows", [[], [["Segments : le modèle d'activité"], ["old"]]], ids=["empty", "ours, in French"])
def test_a_sheet_of_ours_is_renewed(rows: list[list[object]]) -> None:
    made = with_sheet(rows)
    commands.refresh(made, STAMP.when)
    assert made.read("Segments").rows[0] == ["Segments: the business model"]


def test_a_book_without_the_sheet_gets_it_when_it_is_asked_for() -> None:
    made = book_of(some_items(3))
    commands.refresh(made, STAMP.when)
    assert "Segments" not in made.sheet_names()
    commands.refresh(made, STAMP.when, ["segments"])
    assert "Segments" in made.sheet_names()
