"""Indicators: published examples, figures by hand, what is not measured, and what is refused."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import oracle
import pytest
from books_of_items import book_of, month

from smile_xl import commands, core, functions
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.findings import InputError
from smile_xl.planning.grid import Sheets
from smile_xl.planning.past import Kept
from smile_xl.planning.steering.indicators import INDICATORS, indicator_rows
from smile_xl.reports.pages import PAGES
from smile_xl.reports.stamp import Stamp

WHEN = dt.datetime(2023, 8, 1, 9)


@pytest.mark.parametrize(
    ("cost", "stock", "turns", "days"),
    [
        # calculator.7search.cc, inventory turnover: 100 000 and 150 000 at the ends, 600 000 sold: 4.8 and 76.04 days.
        pytest.param(600_000, [100_000, 150_000], 4.8, 76.04, id="the mean of two stocks"),
        # Corporate Finance Institute: 365 days at 5 turns are 73 days.
        pytest.param([50_000] * 12, 120_000, 5.0, 73.0, id="twelve months of sales"),
        pytest.param(0, 10, 0.0, math.inf, id="nothing is sold"),
        pytest.param(10, 0, math.nan, math.nan, id="no stock"),
    ],
)
def test_turns_are_as_published(cost: object, stock: object, turns: float, days: float) -> None:
    found = functions.SMILE_TURNS(cost, stock)
    assert found == pytest.approx(turns, nan_ok=True)
    if found:
        assert core.DAYS_A_YEAR / found == pytest.approx(days, abs=0.005, nan_ok=True)


@pytest.mark.parametrize(
    ("orders", "good", "share"),
    [
        # calcsimpler.com, OTIF delivery rate: 1 080 of 1 200 orders are 90 %, 440 of 450 are 97.78 %.
        pytest.param(1200, 1080, 0.9, id="1 080 of 1 200 orders"),
        pytest.param(450, 440, 0.9778, id="440 of 450 orders"),
    ],
)
def test_on_time_in_full_is_as_published(orders: int, good: int, share: float) -> None:
    late = [45140 if place < good else 45141 for place in range(orders)]
    short = [10 if place < good else 9 for place in range(orders)]
    column = [10] * orders, [45140] * orders
    assert functions.SMILE_OTIF(column[0], column[0], column[1], late) == pytest.approx(share, abs=5e-5)
    assert functions.SMILE_OTIF(column[0], short, column[1], column[1]) == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(
    ("arrived", "window", "is_good"),
    [(99, (0, 0), 0), (99, (1, 0), 1), (100, (0, 0), 1), (103, (0, 2), 0), (103, (0, 3), 1), (None, (9, 9), 0)],
)
def test_the_window_has_two_sides(arrived: float | None, window: tuple[int, int], is_good: int) -> None:
    assert functions.SMILE_OTIF([5], [5], [100], [arrived], *window) == is_good


def test_orders_without_quantity_or_date_do_not_count() -> None:
    assert functions.SMILE_OTIF([5, None, 5], [5, 5, 5], [100, 100, None], [100, 1, 1]) == 1
    assert math.isnan(functions.SMILE_OTIF([0], [0], [100], [100]))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: functions.SMILE_OTIF([5], [5, 6], [1], [1]), core.ShapeError, "received has 2 orders, ordered 1"),
        (lambda: functions.SMILE_OTIF([5], [5], [1], [1], -1), core.DomainError, "early_days is -1, want zero or more"),
        (lambda: functions.SMILE_OTIF([-5], [5], [1], [1]), core.DomainError, "ordered is -5, want zero or more"),
        (lambda: functions.SMILE_TURNS([[1], [2]], [[1]]), core.ShapeError, "stock has 1 items, cost_of_sales 2"),
        (lambda: core.plan_adherence([[1, 2]], [[1]]), core.ShapeError, r"actual has shape \(1, 1\), planned \(1, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


# Books ----------------------------------------------------------------------------------------------------------------

ITEMS = [
    oracle.Item("Morocco", "1", "Delisted", 0.0, sub_category="Soap", brand="B", opening=120.0, demand=[10.0] * 12, unit_cost=100.0, landed_cost=150.0),
    oracle.Item("Algeria", "1", "Delisted", 0.0, sub_category="Soap", brand="B", opening=5.0, demand=[10.0, *[0.0] * 11], unit_cost=100.0, landed_cost=150.0),
]  # fmt: skip
RECEIPTS = ["Country", "Sourcing unit", "Planned date", "Received date", "Ordered (t)", "Received (t)", "Cancelled"]
DEMAND = ["Country", "SAP code", "Month", "Forecast", "Actual"]


def book(past=None, **sheets: list[list[object]]) -> MemoryBook:
    made = book_of(ITEMS)
    own = {name: made.read(name).rows for name in made.sheet_names()}
    return MemoryBook(
        own | {name.replace("_", " "): rows for name, rows in sheets.items()}, **({"past": past} if past else {})
    )


def figures(cycle: Cycle, scope: str = "Total", when: str = "") -> dict[str, float]:
    rows = indicator_rows(cycle)
    own = rows[(rows["scope"] == scope) & (rows["month"] == when)]
    return dict(zip(own["indicator"], own["value"], strict=True))


def orders(*lines: list[object]) -> list[list[object]]:
    return [RECEIPTS, *(["Morocco", "Lyon", *line] for line in lines)]


LINES = orders(
    [dt.date(2023, 6, 5), dt.date(2023, 6, 10), 10.0, 12.0, None],
    [dt.date(2023, 6, 20), dt.date(2023, 7, 20), 20.0, 20.0, "no"],
    [dt.date(2023, 7, 1), dt.date(2023, 7, 1), 30.0, 24.0, None],
    [dt.date(2023, 7, 9), None, 40.0, None, "yes"],
    [dt.date(2023, 9, 1), None, 99.0, None, None],
)


def test_supply_is_measured_on_the_orders_due_before_the_cycle() -> None:
    found = figures(make_cycle(book(Receipts=LINES)))
    assert found["honoured"] == pytest.approx((10 + 20 + 24) / 100)
    assert found["cancelled"] == pytest.approx(40 / 100)
    assert found["otif"] == pytest.approx(1 / 4)
    assert found["adherence"] == pytest.approx(1 - (abs(12 - 30) + abs(44 - 70)) / 100)
    june = figures(make_cycle(book(Receipts=LINES)), "Morocco", "2023-06")
    assert (june["otif"], june["honoured"]) == (0.5, 1.0)
    assert june["adherence"] == pytest.approx(1 - 18 / 30)


def test_the_window_is_that_of_the_settings() -> None:
    made = book(Receipts=LINES)
    strict = [*made.read("Settings").rows, ["Late days on time", 0.0]]
    assert figures(make_cycle(book(Receipts=LINES, Settings=strict)))["otif"] == 0
    wide = [*made.read("Settings").rows, ["Late days on time", 31.0]]
    assert figures(make_cycle(book(Receipts=LINES, Settings=wide)))["otif"] == 0.5


def test_forecasts_are_measured_in_all_by_country_and_by_month() -> None:
    rows = [DEMAND, ["Morocco", "1", dt.date(2023, 6, 1), 12.0, 10.0], ["Morocco", "1", dt.date(2023, 7, 1), 5.0, 10.0]]
    cycle = make_cycle(book(Actual_demand=[*rows, ["Algeria", "1", dt.date(2023, 7, 1), 8.0, 0.0]]))
    assert figures(cycle)["wmape"] == pytest.approx((2 + 5 + 8) / 20)
    assert figures(cycle)["bias"] == pytest.approx((2 - 5 + 8) / 20)
    assert figures(cycle, "Morocco")["wmape"] == pytest.approx(7 / 20)
    assert figures(cycle, "Morocco / Soap", "2023-07")["bias"] == pytest.approx(-0.5)
    assert math.isnan(figures(cycle, "Algeria")["wmape"]), "no demand has no error"


def test_the_plan_gives_turns_working_capital_and_lost_sales() -> None:
    cycle = make_cycle(book())
    held = [110.0 - 10 * passed for passed in range(12)]
    found = figures(cycle, "Morocco")
    assert found["turns"] == pytest.approx(120 / np.mean(held))
    assert found["days_of_inventory"] == pytest.approx(365 * np.mean(held) / 120)
    now = figures(cycle, "Algeria", "2023-08")
    assert (now["lost_sales"], now["working_capital"]) == (5 * 150, 0)
    for name in ("working_capital", "lost_sales"):
        parts = [figures(cycle, scope, "2023-08")[name] for scope in ("Morocco", "Algeria")]
        assert sum(parts) == pytest.approx(figures(cycle, "Total", "2023-08")[name], rel=1e-9)


def test_what_has_no_data_is_not_measured_and_never_zero() -> None:
    rows = indicator_rows(make_cycle(book()))
    missing = {"wmape", "bias", "honoured", "cancelled", "otif", "adherence"} | {
        "stock_deviation",
        "stock_actual",
        "stock_projected",
    }
    for name in missing:
        [value] = rows.loc[rows["indicator"] == name, "value"]
        assert math.isnan(value)
    assert set(rows["indicator"]) == set(INDICATORS)
    assert list(rows) == ["indicator", "scope", "month", "value", "unit"]


class _Archive:
    """One archived cycle."""

    def __init__(self, start: dt.date, kept: MemoryBook) -> None:
        self.start, self.kept = start, kept

    def cycles(self) -> list[Kept]:
        return [Kept(self.start, "2023-06-04T17:30:00", "ana")]

    def book(self, _: dt.date) -> Sheets:
        return self.kept


def test_the_opening_stock_is_compared_with_what_the_last_cycle_projected() -> None:
    """In June it planned to close July with 150 - 2 * 10 = 130 t; 120 t are there."""
    then = book_of([oracle.Item(**{**vars(ITEMS[0]), "opening": 150.0})], start=month(-2))
    cycle = make_cycle(book(_Archive(month(-2), then)))
    found = figures(cycle, "Total", "2023-08")
    assert (found["stock_actual"], found["stock_projected"]) == (12_000, 13_000)
    assert found["stock_deviation"] == pytest.approx(-1 / 13)
    assert "Algeria" not in set(indicator_rows(cycle).query("indicator == 'stock_actual'")["scope"]), "a new item"


def test_archived_forecasts_are_measured_by_how_far_ahead_they_looked() -> None:
    then = book_of([ITEMS[0]], start=month(-2))
    came = [DEMAND, *(["Morocco", "1", month(place), 10.0, actual] for place, actual in ((-2, 8.0), (-1, 5.0)))]
    made = book(_Archive(month(-2), then), Actual_demand=came)
    found = figures(make_cycle(made))
    assert (found["wmape lag 0"], found["bias lag 0"]) == (pytest.approx(2 / 8), pytest.approx(2 / 8))
    assert figures(make_cycle(made), "Morocco")["wmape lag 1"] == pytest.approx(5 / 5)
    commands.refresh(made, WHEN, ("indicators",))
    names = [row[0] for row in made.pages["Indicators"].blocks[0].rows]
    assert names[:3] == [
        "Forecast error (WMAPE)",
        *(f"Forecast error (WMAPE), {ahead}" for ahead in ("same month", "1 month ahead")),
    ]


def test_a_kept_cycle_is_read_once_for_all_reports() -> None:
    asked: list[dt.date] = []

    class Counted(_Archive):
        def book(self, kept: dt.date) -> Sheets:
            asked.append(kept)
            return super().book(kept)

    cycle = make_cycle(book(Counted(month(-2), book_of([ITEMS[0]], start=month(-2)))))
    asked.clear()
    for page in ("budget", "gaps", "indicators", "meetings"):
        PAGES[page](cycle, Stamp(WHEN))
    assert asked == [month(-2)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_what_to_provide(language: str) -> None:
    made = book(Settings=[["Setting", "Value"], ["Language", language]])
    commands.refresh(made, WHEN, ("indicators",))
    [page] = made.pages.values()
    assert page.sheet == {"en": "Indicators", "fr": "Indicateurs"}[language]
    shares = page.blocks[0].rows
    assert len(shares) == 7
    assert {row[1] for row in shares} == {{"en": "not measured", "fr": "non mesuré"}[language]}
    sheet = {"en": "Fill in Receipts with Ordered (t)", "fr": "Remplissez Réceptions avec Commandé (t)"}[language]
    assert sum(sheet in row[-1] for row in shares) == 4


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        (["2023-06-05", "2023-06-10", "ten", 10.0, None], "E2"),
        (["2023-06-05", "2023-06-10", 10.0, -1.0, None], "F2"),
        (["2023-06-05", "2023-06-10", 10.0, 10.0, "perhaps"], "G2"),
    ],
)
def test_quantities_of_receipts_that_are_none_are_refused(line: list[object], cell: str) -> None:
    with pytest.raises(InputError) as caught:
        make_cycle(book(Receipts=orders(line)))
    assert [(one.sheet, one.cell) for one in caught.value.findings if one.severity == "error"] == [("Receipts", cell)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        pytest.param(["2023-06-05", "2023-06-10", 10.0, None, None], ["F2"], id="no quantity has come"),
        pytest.param(["2023-06-05", "2023-06-10", None, 10.0, None], ["E2"], id="nothing was ordered"),
        pytest.param(["2023-06-05", None, 10.0, None, None], [], id="still on its way"),
        pytest.param(["2023-06-05", "2023-06-10", None, None, None], [], id="dates alone, for the delays"),
        pytest.param(["2023-06-05", "2023-06-10", 10.0, None, "yes"], [], id="cancelled"),
    ],
)
def test_half_an_order_is_a_warning_at_its_cell(line: list[object], cells: list[str]) -> None:
    found = [one for one in make_cycle(book(Receipts=orders(line))).findings if one.code == "receipt_half"]
    assert [(one.severity, one.sheet, one.cell) for one in found] == [("warning", "Receipts", cell) for cell in cells]


def test_receipts_in_french_and_without_quantities_are_read_as_before() -> None:
    heads = [
        "Pays",
        "Unité d'approvisionnement",
        "Date prévue",
        "Date de réception",
        "Commandé (t)",
        "Reçu (t)",
        "Annulé",
    ]
    french = [heads, ["Morocco", "Lyon", "2023-06-05", "2023-06-10", 10.0, 10.0, "non"]]
    assert figures(make_cycle(book(Réceptions=french)))["otif"] == 1
    plain = [RECEIPTS[:4], ["Morocco", "Lyon", dt.date(2023, 6, 5), dt.date(2023, 6, 10)]]
    assert math.isnan(figures(make_cycle(book(Receipts=plain)))["otif"])
