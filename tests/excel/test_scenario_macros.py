"""The ribbon's menu of scenarios, on a workbook that is open in a stand-in for Excel."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlwings
from fake_excel import Excel, Workbook
from sap_book import sap_book

from smile_xl.excel import macros
from smile_xl.excel.ribbon import texts

LINES = [
    ("Scenario", "What", "Applies to", "Change"),
    ("Late", "delay", None, 2.0),
    ("Dear", "unit_cost", None, "+10 %"),
]


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Excel:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    excel = Excel()
    add_in = excel.add("smile_xl.xlam")
    add_in.visible = False
    monkeypatch.setattr(xlwings.Book, "_mock_caller", excel.xlwings_book(add_in), raising=False)
    return excel


def opened(excel: Excel, folder: Path, lines: list[tuple] = LINES) -> Workbook:
    return excel.load(sap_book(folder / "plan.xlsx", {"Scenarios": lines} if lines else {}))


def told(excel: Excel, what: str, *answers: str, typed: str | None = None) -> str:
    excel.alerts.clear()
    excel.asked.clear()
    excel.answers, excel.chosen = list(answers), [] if typed is None else [typed]
    macros.run("scenario", what)
    assert (excel.answers, excel.chosen) == ([], [])
    return excel.alerts[-1][0] if excel.alerts else ""


def costs(book: Workbook) -> list[float]:
    return [cell.value for (row, column), cell in sorted(book.sheet("Costs").cells.items()) if column == 3 and row > 1]


def test_all_scenarios_are_compared_on_the_budget(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path)
    assert told(excel, "compare") == "2 scenarios stand beside the base, at the end of the sheet Budget."
    shown = {cell.value for cell in book.sheet("Budget").cells.values()}
    assert {"base", "Late", "Dear"} <= shown


def test_one_is_made_the_plan_after_a_question(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path)
    before = costs(book)
    assert told(excel, "promote", "no", typed="dear") == "Nothing written."
    assert costs(book) == before
    assert "is the plan now" in told(excel, "promote", "yes", typed="dear")
    assert costs(book) == pytest.approx([1.1 * one for one in before])
    assert "Dear" not in {cell.value for cell in book.sheet("Scenarios").cells.values()}


def test_one_is_dropped_and_a_wrong_name_is_said(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path)
    before = costs(book)
    assert 'There is no scenario "lost"' in told(excel, "drop", typed="lost")
    assert "is dropped" in told(excel, "drop", typed="Late")
    assert costs(book) == before
    assert "Late" not in {cell.value for cell in book.sheet("Scenarios").cells.values()}


def test_a_number_is_not_put_where_excel_has_a_formula(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path)
    place = next(place for place, cell in sorted(book.sheet("Costs").cells.items()) if place[1] == 3 and place[0] > 1)
    book.sheet("Costs").cells[place].formula = "=500+500"
    assert "holds a formula" in told(excel, "promote", "yes", typed="Dear")


def test_a_book_without_scenarios_says_so(excel: Excel, tmp_path: Path) -> None:
    opened(excel, tmp_path, [])
    assert "has no scenarios" in told(excel, "promote")


def test_the_menu_speaks_both_languages() -> None:
    found = {row[0]: row[1:3] for row in texts()}
    assert found["smile_scenario_promote"] == ("Make one the plan ...", "En adopter un comme plan ...")
