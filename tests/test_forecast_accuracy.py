"""Forecast error and bias by lag: hand-made archives, a slow recount, where the demand that came is from."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping
from dataclasses import replace

import oracle
import pandas as pd
import pytest
from books_of_items import book_of, month
from test_bridge import random_items

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.planning import accuracy
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.past import NOTHING_KEPT, Kept
from smile_xl.reports.accuracy import accuracy_blocks, accuracy_lines

WHEN = dt.datetime(2023, 12, 1, 9)
Actual = Mapping[tuple[str, str, int], float]
"""Tonnes by country, SAP code and month, counted from August 2023."""


class Archive:
    """Kept cycles in memory."""

    def __init__(self, books: Mapping[int, MemoryBook]) -> None:
        self.books = {month(later): book for later, book in books.items()}

    def cycles(self) -> list[Kept]:
        return [Kept(start, WHEN.isoformat(), "amina") for start in sorted(self.books)]

    def book(self, start: dt.date) -> MemoryBook:
        return self.books[start]


def item(code: str, demand: list[float], **other: object) -> oracle.Item:
    base = random_items(1, 1)[0]
    plain = {"country": "Morocco", "sub_category": "Hair", "opening": 100.0, "transit": [0.0] * 8}
    return replace(base, **{**plain, **other, "sap_code": code, "demand": [*demand, *[10.0] * (12 - len(demand))]})


def planned(
    items: list[oracle.Item], later: int, archive: Mapping[int, MemoryBook], actual: Actual | None = None
) -> MemoryBook:
    book = book_of(items, start=month(later))
    sheets = {name: book.read(name).rows for name in book.sheet_names()}
    if actual is not None:
        rows = [[country, code, month(at), 1.0, tonnes] for (country, code, at), tonnes in actual.items()]
        sheets["Actual demand"] = [["Country", "SAP code", "Month", "Forecast", "Actual"], *rows]
    return MemoryBook(sheets, past=Archive(archive))


def table(book: MemoryBook) -> pd.DataFrame:
    return accuracy.rows(commands.accuracy(book)).set_index(["country", "sub_category", "lag"])


def cycles() -> dict[int, MemoryBook]:
    """August and September: two items of Hair, one of Oral in Algeria."""
    return {
        0: book_of([item("1", [10, 20, 30]), item("2", [5, 5, 5]), item("3", [8, 8], country="Algeria", sub_category="Oral")], start=month(0)),
        1: book_of([item("1", [22, 33]), item("2", [6, 6]), item("3", [9], country="Algeria", sub_category="Oral")], start=month(1)),
    }  # fmt: skip


ACTUAL = {("Morocco", "1", 0): 12.0, ("Morocco", "1", 1): 15.0, ("Morocco", "2", 0): 5.0, ("Morocco", "2", 1): 5.0,
          ("Algeria", "3", 0): 0.0, ("Algeria", "3", 1): 10.0}  # fmt: skip


def test_each_lag_compares_what_was_forecast_so_many_months_before() -> None:
    found = table(planned([item("1", [40]), item("2", [7])], 2, cycles(), ACTUAL))
    # Hair, in the month itself: August 10 and 5 against 12 and 5, September 22 and 6 against 15 and 5.
    assert found.loc["Morocco", "Hair", 0].tolist() == pytest.approx([2, 37, 43, 10, 10 / 37, 6 / 37])
    # One month ahead: September as August saw it, 20 and 5 against 15 and 5.
    assert found.loc["Morocco", "Hair", 1].tolist() == pytest.approx([1, 20, 25, 5, 0.25, 0.25])
    assert found.loc["Morocco", "TOTAL", 1].tolist() == found.loc["Morocco", "Hair", 1].tolist()
    assert found.loc["Algeria", "Oral", 0].tolist() == pytest.approx([2, 10, 17, 9, 0.9, 0.7])
    assert found.loc["Total", "TOTAL", 1].tolist() == pytest.approx([1, 30, 33, 7, 7 / 30, 3 / 30])
    assert found.index.get_level_values("lag").max() == 1, "nothing is known of October"


def test_without_demand_that_came_error_and_bias_are_undefined_and_said_so() -> None:
    book = planned([item("1", [40])], 2, cycles(), {("Algeria", "3", 0): 0.0})
    found = table(book)
    assert found.loc["Algeria", "Oral", 0].tolist()[:4] == [1, 0, 8, 8]
    assert math.isnan(found.loc["Algeria", "Oral", 0]["wmape"])
    cycle = make_cycle(book)
    _, groups = accuracy_blocks(cycle, accuracy.forecast_accuracy(cycle))
    assert groups.rows[0] == ["Algeria", "Oral", "no demand", "no demand"]
    assert accuracy_lines(accuracy.forecast_accuracy(cycle), "fr")[2].endswith(
        "erreur pas de demande, biais pas de demande ; mois comparés : 1."
    )


def test_without_the_sheet_the_openings_of_later_cycles_tell() -> None:
    """100 + 7 that land in August - 95 in September: 12 t came."""
    weeks = [3.0, 0.0, 4.0, 0.0, 50.0, 0.0, 0.0, 0.0]  # the fifth week lands in September
    archive = {
        0: book_of([item("1", [10, 20], transit=weeks), item("2", [5, 5])], start=month(0)),
        1: book_of([item("1", [22], opening=95.0, transit=weeks), item("2", [5], opening=101.0)], start=month(1)),
    }
    book = planned([item("1", [40], opening=80.0), item("2", [4], opening=90.0)], 2, archive)
    found = commands.accuracy(book)
    assert found.source == "openings"
    rows = accuracy.rows(found).set_index(["country", "sub_category", "lag"])
    # Item 2: more stock in September than August had, so August's demand is not known; September's is 101 - 90.
    assert rows.loc["Morocco", "Hair", 0].tolist()[:4] == pytest.approx([2, 12 + (95 + 7 - 80) + 11, 37, 2 + 0 + 6])
    assert rows.loc["Morocco", "Hair", 1].tolist()[:4] == pytest.approx([1, 22 + 11, 25, 2 + 6])
    assert "less the opening of the next cycle" in accuracy_lines(found, "en")[1]


def test_the_sheet_counts_before_the_openings() -> None:
    archive = {0: cycles()[0], 1: cycles()[1]}
    assert commands.accuracy(planned([item("1", [40])], 2, archive, ACTUAL)).source == "sheet"
    assert commands.accuracy(planned([item("1", [40])], 2, archive)).source == "openings"


@pytest.mark.parametrize("archive", [{}, {0: cycles()[0]}], ids=["no cycle", "one cycle"])
def test_nothing_to_compare_gives_no_row_and_says_what_to_do(archive: Mapping[int, MemoryBook]) -> None:
    book = planned([item("1", [40])], 4, archive)
    found = commands.accuracy(book)
    assert accuracy.rows(found).empty
    assert list(accuracy.rows(found).columns)[:3] == ["country", "sub_category", "lag"]
    assert accuracy_blocks(make_cycle(book), found) == []
    cycles = "1 cycle is" if len(archive) == 1 else f"{len(archive)} cycles are"
    assert accuracy_lines(found, "en") == [
        f"Forecast error and bias are not measured: {cycles} archived, without a month whose demand is known. "
        "Fill the sheet Actual demand, or archive each cycle."
    ]
    assert commands.accuracy(planned([item("1", [40])], 4, {}), NOTHING_KEPT).source == "none"


def test_an_item_keeps_its_latest_group_and_its_country_the_books_name() -> None:
    old = [item("0001", [10, 20], country="Maroc", sub_category="Old")]
    rules = {"Maroc": oracle.RULES["Morocco"]}
    archive = {0: book_of(old, rules, start=month(0))}
    found = table(planned([item("1", [40])], 1, archive, {("Morocco", "1", 0): 8.0}))
    assert found.index.tolist() == [("Morocco", "Hair", 0), ("Morocco", "TOTAL", 0), ("Total", "TOTAL", 0)]


def test_an_item_that_is_gone_stands_where_it_stood_last() -> None:
    archive = {
        at: book_of([item("1", [10, 20], sub_category=name)], start=month(at)) for at, name in enumerate(("Old", "New"))
    }
    came = {("Morocco", "1", 0): 8.0, ("Morocco", "1", 1): 8.0}
    found = table(planned([item("2", [40])], 2, archive, came))
    assert found.index.get_level_values("sub_category").unique().tolist() == ["New", "TOTAL"]


@pytest.mark.parametrize("seed", range(3))
def test_random_archives_are_recounted_line_by_line(seed: int) -> None:
    chance = random.Random(seed)
    portfolios = [random_items(seed, 8) for _ in range(1)]
    portfolios += [[replace(one, demand=[chance.uniform(0, 90) for _ in one.demand]) for one in portfolios[0] if chance.random() < 0.8]
                   for _ in range(3)]  # fmt: skip
    archive = {later: book_of(items, start=month(later)) for later, items in enumerate(portfolios)}
    everyone = {(one.country, one.sap_code): one.sub_category for one in portfolios[0]}
    actual = {(*key, at): chance.uniform(0, 80) for key in everyone for at in range(5) if chance.random() < 0.7}
    found = table(planned(portfolios[0], 5, archive, actual))
    misses: dict[tuple[str, str, int], list[tuple[float, float]]] = {}
    for later, items in enumerate(portfolios):
        for one in items:
            for lag, forecast in enumerate(one.demand):
                tonnes = actual.get((one.country, one.sap_code, later + lag))
                if tonnes is not None:
                    for key in ((one.country, one.sub_category), (one.country, "TOTAL"), ("Total", "TOTAL")):
                        misses.setdefault((*key, lag), []).append((tonnes, forecast))
    assert set(found.index) == set(misses)
    for key, pairs in misses.items():
        total = math.fsum(a for a, _ in pairs)
        want = [math.fsum(abs(a - f) for a, f in pairs) / total, math.fsum(f - a for a, f in pairs) / total]
        assert found.loc[key][["wmape", "bias"]].tolist() == pytest.approx(want, rel=1e-9, abs=1e-12)


def test_the_page_of_the_bridge_has_error_and_bias_below_in_both_languages() -> None:
    for spoken, words in (
        ("en", ("Error (WMAPE)", "demand that came is that of the sheet")),
        ("fr", ("Erreur (WMAPE)", "Demande réelle")),
    ):
        archive = cycles()
        book = planned([item("1", [40]), item("2", [7])], 2, archive, ACTUAL)
        sheets = {name: book.read(name).rows for name in book.sheet_names()}
        sheets["Settings"] = [*sheets["Settings"], ["Language", spoken]]
        book = MemoryBook(sheets, past=Archive(archive))
        commands.bridge(book, archive[0], WHEN, write=True)
        [page] = book.pages.values()
        shown = str(page.cells())
        assert all(word in shown for word in words)
        assert [block.columns[0].header for block in page.blocks[3:]] == (
            ["Lag (months)", "Country"] if spoken == "en" else ["Décalage (mois)", "Pays"]
        )
        assert page.blocks[3].rows[1][5:] == pytest.approx([7 / 30, 3 / 30])
