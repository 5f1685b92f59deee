"""The stock budget: its lines add up, its projection is that of the projections, and its marks keep to the thresholds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import oracle
import pytest
from books_of_items import book_of
from hypothesis import given
from hypothesis import settings as hypothesis_budget
from hypothesis import strategies as st

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.core.architecture import STOCK_TYPES
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.group_rows import TOTAL
from smile_xl.planning.past import Kept
from smile_xl.planning.steering.gaps import find_gaps
from smile_xl.reports.page import Block, Page
from smile_xl.reports.stamp import Stamp
from smile_xl.reports.steering.budget import budget

STAMP = Stamp(dt.datetime(2023, 8, 1))
POLICIES = ["Applies to", "Target", "Unit"]


def item(country: str = "Morocco", code: str = "1", **more: object) -> oracle.Item:
    given = {
        "status": "Regular",
        "weeks_cover": 3.0,
        "demand": [10.0 * month for month in range(1, 13)],
        "opening": 40.0,
    }
    given |= {"transit": [5.0] * 8, "sub_category": "S", "brand": "B", "unit_cost": 2.0, "landed_cost": 3.0}
    return oracle.Item(country, code, **(given | more))


def book(
    items: list[oracle.Item], *rules: list[object], past: object = None, **sheets: list[list[object]]
) -> MemoryBook:
    made = book_of(items)
    given = {name: made.read(name).rows for name in made.sheet_names()} | sheets
    if rules:
        given["Policies"] = [POLICIES, *rules]
    return MemoryBook(given) if past is None else MemoryBook(given, past=past)


def rows_of(cycle: Cycle):
    return tidy.REPORTS["budget"](cycle)


def held_and_way(rows):
    """What is on hand, its types summed, and what is in transit, month by month."""
    types = [kind for kind in rows["type"].unique() if kind != "in_transit"]
    assert tuple(types) == STOCK_TYPES
    figures = ["budget", "projection", "actual"]
    held = rows[rows["type"] != "in_transit"].groupby("month")[figures].sum(min_count=1).reset_index()
    return held, rows[rows["type"] == "in_transit"].reset_index(drop=True)


def test_a_target_becomes_money_at_the_end_of_each_month() -> None:
    rows = rows_of(make_cycle(book([item()], ["", 4.25, "weeks"])))
    assert list(rows.columns) == ["country", "sub_category", "month", "type", "budget", "projection", "actual"]
    held, way = held_and_way(rows)
    assert held["month"].tolist() == [
        "2023-07",
        *(f"2023-{month:02d}" for month in range(8, 13)),
        *(f"2024-{month:02d}" for month in range(1, 6)),
    ]
    # one month of cover: the demand of the next month, 10 t in August, at 2; one month under way in Morocco, at 3.
    assert held["budget"].tolist() == pytest.approx([20.0 * month for month in range(1, 12)])
    assert way["budget"].tolist() == pytest.approx([30.0 * month for month in range(1, 12)])
    assert held["actual"].tolist() == pytest.approx([80.0, *[np.nan] * 10], nan_ok=True)
    assert way["actual"][0] == pytest.approx(120.0)
    plan = oracle.plan([item()], oracle.RULES, oracle.STATUSES, "exact", net_transit=False)[0]
    assert held["projection"].tolist()[1:] == pytest.approx([2 * max(one, 0) for one in plan["closing"][:10]])
    assert way["projection"].tolist()[1:] == pytest.approx([3 * one for one in plan["pipeline"][:10]])
    assert np.isnan(held["projection"][0])


def test_run_outs_have_no_budget_in_transit_and_nothing_is_below_zero() -> None:
    rows = rows_of(make_cycle(book([item(status="Delisted", opening=-5.0)])))
    held, way = held_and_way(rows)
    assert way["budget"].tolist() == [0.0] * 11
    assert held["budget"].tolist() == [0.0, *held["projection"].tolist()[1:]]  # its demand will use all that it has
    assert rows["actual"].dropna().tolist() == [*[0] * len(STOCK_TYPES), 120]


def by_type(rows, figure: str) -> dict[str, list[float]]:
    """Each type that there is something of, month by month."""
    table = rows.pivot_table(index="type", columns="month", values=figure, aggfunc="sum")
    return {kind: table.loc[kind].tolist() for kind in table.index if table.loc[kind].any()}


def test_a_target_is_divided_into_types_like_stock_that_a_month_starts_with() -> None:
    # 60 t at 2. August needs 10 t, and holds the 20 t of September as safety stock; 30 t are more than it needs.
    rows = rows_of(make_cycle(book([item(weeks_cover=4.25)], ["", 60.0, "tonnes"])))
    found = by_type(rows, "budget")
    assert found.pop("in_transit")
    months = range(11)
    safety = [min(60.0, 10.0 * (month + 2)) for month in months]
    cycle = [min(60.0 - safety[month], 10.0 * (month + 1)) for month in months]
    slow = [60.0 - safety[month] - cycle[month] for month in months]
    want = {"safety": safety, "cycle": cycle, "slow_moving": slow}
    assert slow[:2] == [30, 10]
    assert found.keys() == want.keys()
    for kind, tonnes in want.items():
        assert found[kind] == pytest.approx([2 * one for one in tonnes], abs=1e-9)


def test_a_target_of_a_run_out_beyond_its_demand_is_obsolete() -> None:
    # 40 t at 2; the demand of the year is 24 t, 2 t a month.
    one = item(status="Delisted", demand=[2.0] * 12, transit=[0.0] * 8, opening=0.0)
    found = by_type(rows_of(make_cycle(book([one], ["", 40.0, "tonnes"]))), "budget")
    assert found["obsolete"] == pytest.approx([2 * (40 - 2.0 * (12 - month)) for month in range(11)])
    assert set(found) == {"obsolete", "cycle", "slow_moving"}  # a delisted item holds no safety stock


ITEMS = st.lists(
    st.builds(
        item,
        country=st.sampled_from(["Morocco", "Algeria", "Tunisia"]),
        sub_category=st.sampled_from(["S", "T"]),
        status=st.sampled_from(["Regular", "Innovation", "To be delisted", "Delisted"]),
        weeks_cover=st.integers(0, 30).map(float),
        opening=st.integers(0, 400).map(float),
        unit_cost=st.integers(0, 9).map(float),
        demand=st.lists(st.integers(0, 60).map(float), min_size=12, max_size=14),
    ),
    min_size=1,
    max_size=6,
)
RULES = st.lists(
    st.tuples(
        st.sampled_from(["country=Morocco", "country=Tunisia; status=Regular", "sub_category=T"]),
        st.integers(0, 20).map(float),
        st.sampled_from(["weeks", "tonnes"]),
    ),
    max_size=3,
    unique_by=lambda rule: rule[0],
)


def totals(block: Block) -> list[float]:
    return [cell if isinstance(cell, float) else np.nan for cell in block.rows[-1][2:]]


@given(ITEMS, RULES)
@hypothesis_budget(max_examples=12)
def test_every_division_of_the_stock_adds_up_to_the_same_totals(drawn: list[oracle.Item], rules: list[tuple]) -> None:
    length = min(len(one.demand) for one in drawn)
    items = [
        oracle.Item(
            **{**vars(one), "sap_code": str(place), "landed_cost": one.unit_cost + 1, "demand": one.demand[:length]}
        )
        for place, one in enumerate(drawn)
    ]
    attributes = [["Country", "SAP code", "Strategic", "Launch month"], [items[0].country, "0", "yes", None]]
    attributes += [[one.country, one.sap_code, None, dt.date(2023, 9, 1)] for one in items[1:2]]
    cycle = make_cycle(book(items, *map(list, rules), **{"Item attributes": attributes}))
    rows = rows_of(cycle)
    by_month = rows.groupby("month")[["budget", "projection"]].sum()
    projected = tidy.projections(cycle).query("country == 'Total'")["value"].to_numpy()
    np.testing.assert_allclose(by_month["projection"].to_numpy()[1:], projected, rtol=1e-9, atol=1e-9)
    on_hand = rows[rows["type"] != "in_transit"].groupby("month")["budget"].sum().to_numpy()
    np.testing.assert_allclose(on_hand, find_gaps(cycle).target.sum(axis=0), rtol=1e-9, atol=1e-9)
    of_types = tidy.REPORTS["stock"](cycle).pivot_table(index="type", columns="month", values="cash", aggfunc="sum")
    figures = rows.assign(figure=rows["projection"].fillna(rows["actual"]))
    own = figures.pivot_table(index="type", columns="month", values="figure", aggfunc="sum")
    # a month's end is the next one's start
    np.testing.assert_allclose(own.loc[list(STOCK_TYPES)], of_types.loc[list(STOCK_TYPES)].iloc[:, :11], atol=1e-9)
    months, types, *groups = budget(cycle, STAMP).blocks
    np.testing.assert_allclose([line[2] for line in months.rows], by_month["budget"], rtol=1e-9, atol=1e-9)
    for kind in range(2):
        *parts, held, way, total = np.array([row[2:] for row in types.rows[kind::3]])
        assert len(parts) == len(STOCK_TYPES)
        np.testing.assert_allclose(np.sum(parts, axis=0), held, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(held + way, total, rtol=1e-9, atol=1e-9)
        want = by_month["budget"] if kind == 0 else figures.groupby("month")["figure"].sum()
        np.testing.assert_allclose(total, want, rtol=1e-9, atol=1e-9)
    want = [by_month[name].iloc[moment] for moment in (1, -1) for name in ("budget", "projection")]
    for block in groups:
        assert [totals(block)[place] for place in (0, 1, 4, 5)] == pytest.approx(want, rel=1e-9, abs=1e-9)
        lines = [row for place, row in enumerate(block.rows) if place not in block.roles]
        for place in (2, 3, 6, 7):
            assert sum(line[place] for line in lines) == pytest.approx(block.rows[-1][place], rel=1e-9, abs=1e-9)


def first_page(opening: float, **settings: float) -> Page:
    sheet = [["Setting", "Value"], *([name.replace("_", " "), value] for name, value in settings.items())]
    one = item(opening=opening, transit=[2.5] * 4 + [0.0] * 4, demand=[10.0] * 12)
    return budget(make_cycle(book([one], ["", 100.0, "tonnes"], Settings=sheet)), STAMP)


@pytest.mark.parametrize(
    ("opening", "settings", "mark"),
    [
        # The budget is 100 t at 2 and 10 t under way at 3: 230. Opening 100 t makes it just that.
        pytest.param(100.0, {}, None, id="on budget"),
        pytest.param(111.5, {}, None, id="at the edge of the band"),
        pytest.param(111.6, {}, "warning", id="above the band"),
        pytest.param(88.4, {}, "warning", id="below the band"),
        pytest.param(128.8, {}, "risk", id="above the alert"),
        pytest.param(128.8, {"Budget_alert": 0.5}, "warning", id="another alert"),
        pytest.param(111.6, {"Budget_tolerance": 0.2}, None, id="another band"),
    ],
)
def test_marks_keep_to_the_band_and_the_alert(opening: float, settings: dict[str, float], mark: str | None) -> None:
    months = first_page(opening, **settings).blocks[0]
    assert months.rows[0][2] == pytest.approx(230)
    assert months.marks.get((0, 6)) == mark


@pytest.mark.parametrize(
    ("share", "mark"),
    [
        pytest.param(0.009, None, id="a trace without a budget"),
        pytest.param(0.011, "warning", id="a hundredth of all stock without a budget"),
        pytest.param(0.026, "risk", id="a fortieth of all stock without a budget"),
    ],
)
def test_a_small_type_is_marked_by_what_it_is_of_all_stock(share: float, mark: str | None) -> None:
    """All stock's budget is 230: 100 t of cycle and safety at 2, 10 t under way at 3. The other item has none."""
    one = item(opening=100.0, transit=[2.5] * 4 + [0.0] * 4, demand=[10.0] * 12)
    dead = item(code="9", status="Delisted", opening=230 * share / 2, transit=[0.0] * 8, demand=[0.0] * 12)
    types = budget(make_cycle(book([one, dead], ["sap_code=1", 100.0, "tonnes"])), STAMP).blocks[1]
    [row] = [place for place, line in enumerate(types.rows) if line[0] == "Obsolete" and line[1] == "off budget"]
    assert types.rows[row - 2][2] == 0
    assert types.rows[row][2] == pytest.approx(230 * share)
    assert types.marks.get((row, 2)) == mark


def test_working_capital_changes_from_month_to_month_and_costs_a_twelfth_of_the_rate() -> None:
    rows = budget(make_cycle(book([item()])), STAMP).blocks[0].rows
    capital = [line[9] for line in rows]
    assert rows[0][10] is None
    assert [line[10] for line in rows[1:]] == pytest.approx(np.diff(capital))
    assert [line[11] for line in rows] == pytest.approx([0.2 / 12 * one for one in capital])


class OnePast:
    """A past with one cycle, two months ago."""

    def __init__(self, kept: MemoryBook) -> None:
        self.kept = kept

    def cycles(self) -> list[Kept]:
        return [Kept(dt.date(2023, 6, 1), "2023-06-03T08:00", "Amina")]

    def book(self, month: dt.date) -> MemoryBook:
        assert month == dt.date(2023, 6, 1)
        return self.kept


def test_an_earlier_cycle_gives_the_actual_of_the_month_before_it() -> None:
    kept = book_of([item(weeks_cover=2.125, opening=27.0, unit_cost=5.0, landed_cost=6.0)], start=dt.date(2023, 6, 1))
    cycle = make_cycle(book([item()], past=OnePast(kept)))
    rows = rows_of(cycle)
    past = rows[rows["month"] == "2023-05"]
    # half of July's 20 t are safety stock, 10 t of June cycle stock
    assert by_type(past, "actual") == {"safety": [50], "cycle": [50], "slow_moving": [35], "in_transit": [240]}
    assert past["budget"].isna().all()
    assert rows["budget"].notna().sum() == 11 * 8
    months = budget(cycle, STAMP).blocks[0].rows
    assert months[0][6] == months[0][9] == 375
    assert months[1][10] == pytest.approx(80 + 120 - 375)


def test_the_curve_of_the_simulation_stands_on_the_page_once_there_is_one() -> None:
    made = book([item(), item("Tunisia", "2", opening=200.0)])
    assert make_cycle(made).curve() == ()
    outcome = commands.simulate(made, dt.datetime(2023, 8, 1), runs=20)
    points = make_cycle(made).curve()
    table = outcome.curve
    whole = table[(table["country"] == "Total") & (table["sub_category"] == TOTAL)]
    assert [point.factor for point in points] == whole["factor"].tolist()
    assert [point.cash for point in points] == pytest.approx(whole["mean_cash"].tolist())
    assert [point.fill_rate for point in points] == pytest.approx(whole["fill_rate"].tolist())
    assert [point.today for point in points] == whole["today"].tolist()
    page = budget(make_cycle(made), STAMP)
    assert [line[2] for line in page.blocks[-1].rows] == [point.cash for point in points]
    assert len(page.charts) == 2


def test_scenarios_stand_beside_the_base() -> None:
    lines = [["Scenario", "What", "Applies to", "Change"], ["More", "demand", None, "+10 %"]]
    block = budget(make_cycle(book([item()], Scenarios=lines)), STAMP).blocks[-1]
    assert [row[0] for row in block.rows] == ["base", "More"]
    assert block.rows[1][9] == pytest.approx(block.rows[1][3] - block.rows[0][3])


def test_the_page_is_french_in_a_french_book() -> None:
    sheet = [["Setting", "Value"], ["Language", "fr"]]
    page = budget(make_cycle(book([item()], Settings=sheet)), STAMP)
    assert page.title == "Budget de stock"
    names = [row[0] for row in page.blocks[1].rows[::3]]
    assert names[:2] == ["Obsolète", "Lancement"]
    assert names[-3:] == ["En main", "En transit", "Total"]
    assert page.blocks[1].rows[0][1] == "budget"
