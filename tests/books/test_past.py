"""What a book's archive says of earlier cycles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from smile_xl.books.archive import store
from smile_xl.books.archive.past import folder_of, past_in
from smile_xl.books.csvs import example_tables
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.past import NOTHING_KEPT, Kept

AUGUST, SEPTEMBER = dt.date(2023, 8, 1), dt.date(2023, 9, 1)
WHEN = dt.datetime(2023, 9, 4, 9, 30)


def kept(folder: Path, start: dt.date, *, items: int = 2) -> None:
    store.keep(make_cycle(example_tables("en", start, items)), "plan.xlsx", folder, WHEN)


def test_a_book_without_an_archive_has_no_past(tmp_path: Path) -> None:
    assert past_in(tmp_path / "none") is NOTHING_KEPT
    assert list(NOTHING_KEPT.cycles()) == []
    with pytest.raises(KeyError):
        NOTHING_KEPT.book(AUGUST)


def test_the_past_of_a_file_is_the_archive_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes((Path(__file__).parents[2] / "workbook" / "master_file.xlsx").read_bytes())
    kept(folder_of(path), AUGUST)
    assert [one.month for one in XlsxBook(path).past.cycles()] == [AUGUST]


def test_each_cycle_is_known_by_its_newest_version_and_by_who_kept_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("LOGNAME", "nadia")
    kept(tmp_path, SEPTEMBER)
    kept(tmp_path, AUGUST)
    kept(tmp_path, AUGUST, items=3)
    past = past_in(tmp_path)
    assert list(past.cycles()) == [Kept(month, WHEN.isoformat(), "nadia") for month in (AUGUST, SEPTEMBER)]
    assert len(make_cycle(past.book(AUGUST)).inputs.items) == 3
    with pytest.raises(KeyError):
        past.book(dt.date(2023, 7, 1))


def test_a_kept_cycle_gives_its_plan_back(tmp_path: Path) -> None:
    kept(tmp_path, AUGUST)
    then, again = make_cycle(example_tables("en", AUGUST)), make_cycle(past_in(tmp_path).book(AUGUST))
    np.testing.assert_array_equal(again.plan.closing, then.plan.closing)


def test_a_damaged_version_is_passed_over(tmp_path: Path) -> None:
    kept(tmp_path, AUGUST)
    kept(tmp_path, SEPTEMBER)
    (tmp_path / "cycle=2023-08" / "version=0001" / store.MANIFEST).write_text("{}")
    assert [one.month for one in past_in(tmp_path).cycles()] == [SEPTEMBER]


def test_only_cycles_before_a_books_own_are_earlier_ones(tmp_path: Path) -> None:
    for month in (AUGUST, SEPTEMBER):
        kept(tmp_path, month)
    tables = example_tables("en", SEPTEMBER)
    tables.past = past_in(tmp_path)
    assert [one.month for one in make_cycle(tables).earlier()] == [AUGUST]
