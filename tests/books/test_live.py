"""What is special about a workbook that is open in Excel: few calls, exact values, nothing lost, everything back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from fake_excel import Cell, Chart, Error, Excel, Workbook, Worksheet, com_error
from openpyxl.chart import LineChart, Reference

from smile_xl import commands
from smile_xl.book import BookError
from smile_xl.books.csvs import example_tables
from smile_xl.books.live.book import LiveBook, undo
from smile_xl.books.live.previous import Previous, forget_closed
from smile_xl.books.live.values import parts_without_formula
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.create import create_book
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.grid import CellError
from smile_xl.reports import REFRESHED
from smile_xl.reports.page import Block, Column, Link, Page
from smile_xl.reports.pages import PAGES

WHEN = dt.datetime(2023, 9, 1, 10, 30)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Master File with the first items of the example."""
    path = tmp_path_factory.mktemp("made") / "plan.xlsx"
    pages = commands.master_file(example_tables("en", dt.date(2023, 8, 1), 12), dt.datetime(2023, 8, 1))
    book = create_book(path, pages)
    commands.refresh(book, dt.datetime(2023, 8, 1))
    book.save()
    return path


@pytest.fixture
def excel() -> Excel:
    return Excel()


@pytest.fixture
def opened(excel: Excel, made: Path) -> Workbook:
    """The Master File, open, with sheets and formulas of the team in it."""
    book = excel.load(made)
    notes = book.add("Team notes")
    notes.cells = {
        (1, 1): Cell("=ours, as text", format="@"),
        (2, 2): Cell(1.0, "=SUM(Projections!C7:L7)/Costs!E6"),
        (3, 3): Cell(dt.datetime(2023, 8, 1)),
    }
    book.sheet("Projections").charts.append(Chart(['=SERIES("old",Projections!$A$1,Projections!$A$2,1)']))
    return book


def live(book: Workbook) -> LiveBook:
    return LiveBook(book.excel.xlwings_book(book))


def seen(book: Workbook) -> dict[str, dict[str, object]]:
    return {sheet.name: sheet.seen() for sheet in book.sheets}


def sheet_with(excel: Excel, cells: dict[tuple[int, int], Cell]) -> tuple[LiveBook, Worksheet]:
    book = excel.add()
    book.sheets[0].cells = cells
    return live(book), book.sheets[0]


# Reading ------------------------------------------------------------------------------------------------------------


def test_every_kind_of_value_comes_as_a_grid_holds_it(excel: Excel) -> None:
    row = ["text", 1.5, True, dt.datetime(2023, 8, 1), dt.datetime(1899, 12, 30, 6), Error("#N/A"), Error("#DIV/0!"), None, "00123"]  # fmt: skip
    book, _ = sheet_with(excel, {(1, column): Cell(value) for column, value in enumerate(row, start=1)})
    expected = [
        "text",
        1.5,
        True,
        dt.datetime(2023, 8, 1),
        0.25,
        CellError("#N/A"),
        CellError("#DIV/0!"),
        None,
        "00123",
    ]
    assert list(book.read("sheet1").rows[0]) == expected


def test_costs_in_a_currency_format_keep_all_their_digits(excel: Excel) -> None:
    exact = 1234.123456789
    cells = {(1, 1): Cell(exact, format="#,##0.00 €"), (1, 2): Cell(dt.datetime(2023, 8, 1)), (2, 1): Cell(2.0)}
    book, _ = sheet_with(excel, cells)
    assert book.read("Sheet1").rows == [[exact, dt.datetime(2023, 8, 1)], [2.0, None]]


def test_an_error_that_is_newer_than_we_are_is_an_error_and_no_number(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setitem(__import__("fake_excel").ERRORS, "#NEW!", 2051)
    book, _ = sheet_with(excel, {(1, 1): Cell(Error("#NEW!")), (2, 1): Cell(1.0)})
    assert book.read("Sheet1").rows[0] == [CellError("#VALUE!")]


def test_a_sheet_that_starts_further_down_is_read_from_its_first_cell_on(excel: Excel) -> None:
    book, _ = sheet_with(excel, {(3, 2): Cell("here")})
    assert book.read("Sheet1").rows == [[None, None], [None, None], [None, "here"]]


def test_an_empty_sheet_is_empty(excel: Excel) -> None:
    book, _ = sheet_with(excel, {})
    assert book.read("Sheet1").rows == [[None]]


def test_a_sheet_is_read_in_one_block_however_large_it_is(opened: Workbook) -> None:
    book = live(opened)
    opened.excel.calls.clear()
    first = len(book.read("SRM").rows)
    assert first > 12
    assert opened.excel.calls.count("Range.Value") == 1
    calls = len(opened.excel.calls)
    other = live(opened)
    opened.excel.calls.clear()
    other.read("Settings")
    assert len(opened.excel.calls) == calls  # a small sheet takes as many
    opened.excel.calls.clear()
    book.read("SRM")
    assert "Range.Value" not in opened.excel.calls


def test_a_sheet_with_a_stray_cell_at_the_end_of_the_grid_is_refused(excel: Excel) -> None:
    book, _ = sheet_with(excel, {(1, 1): Cell(1.0), (1_048_576, 16_384): Cell(1.0)})
    with pytest.raises(BookError) as caught:
        book.read("Sheet1")
    assert caught.value.code == "too_wide"


def test_the_same_plan_follows_from_the_open_workbook_and_from_the_file(opened: Workbook, made: Path) -> None:
    here, there = make_cycle(live(opened)), make_cycle(XlsxBook(made))
    assert here.inputs.fingerprint() == there.inputs.fingerprint()
    np.testing.assert_array_equal(here.plan.closing, there.plan.closing)
    assert [one.line("en") for one in here.findings] == [one.line("en") for one in there.findings]


# Writing ------------------------------------------------------------------------------------------------------------


def test_a_refresh_writes_what_the_file_adapter_writes_to_the_last_bit(opened: Workbook, made: Path, tmp_path: Path) -> None:  # fmt: skip
    """Values, formulas, formats, widths, rules, lists, charts, folding and filters."""
    file = tmp_path / "plan.xlsx"
    file.write_bytes(made.read_bytes())
    for book in (XlsxBook(file), live(opened)):
        commands.refresh(book, WHEN)
        book.save()
    expected = Excel().load(file)
    reports = [PAGES[name] for name in commands.refreshed(XlsxBook(made)) if name in PAGES]
    assert len(reports) == len(REFRESHED) - 1  # all but SRM
    for name in (page(make_cycle(XlsxBook(file)), commands.Stamp(WHEN)).sheet for page in reports):
        there, here = expected.sheet(name).seen(), opened.sheet(name).seen()
        there["charts"] = [chart.series for chart in there["charts"]]
        here["charts"] = [chart.series for chart in here["charts"]]
        assert here == there, name
    assert opened.sheet("SRM").seen() == expected.sheet("SRM").seen()


def test_a_refresh_leaves_the_teams_own_sheets_and_the_references_to_reports(opened: Workbook) -> None:
    before = seen(opened)
    same = {name: id(opened.sheet(name)) for name in before}
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save()
    after = seen(opened)
    assert list(after) == list(before)
    for name in ("Team notes", "SRM", "Costs", "Countries", "Statuses", "Targets", "Opportunities", "Settings"):
        assert after[name] == before[name], name
    assert {name: id(opened.sheet(name)) for name in after} == same  # macros and formulas know the sheets themselves


def test_charts_show_the_cells_of_their_own_sheet_and_old_ones_are_gone(opened: Workbook) -> None:
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save()
    series = [text for sheet in opened.sheets for chart in sheet.charts for text in chart.series]
    assert series
    assert not any("[" in text or '"old"' in text for text in series)
    assert opened.excel.objects_copied is False  # the user's choice is back


def test_missing_reports_come_at_the_end_with_their_windows_and_point_nowhere_else(opened: Workbook) -> None:
    for name in ("Summary", "Overstock"):
        opened.sheets.remove(opened.sheet(name))
    opened.active = opened.sheets[0]
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save()
    assert [sheet.name for sheet in opened.sheets][-3:] == ["Team notes", "Summary", "Overstock"]
    assert opened.sheet("Overstock").window[0] is not None
    assert not any("[" in text for text in opened.sheet("Summary").charts[0].series)


def test_text_that_looks_like_a_formula_or_a_number_stays_text(opened: Workbook) -> None:
    odd = ["=1+1", "+33", "-5", "@SUM(A1)", "00123", "#N/A", "1 234,5"]
    page = Page("Odd", "=title", ["+line"], [Block([Column("=head", "text")], [[text] for text in odd])], "en")
    book = live(opened)
    book.write_page(page)
    book.save()
    cells = opened.sheet("Odd").cells
    assert [cells[page.first_row() + 1 + row, 1].value for row in range(len(odd) - 2)] == odd[:5]
    assert not any(cell.formula for cell in cells.values())
    assert (cells[1, 1].value, cells[2, 1].value) == ("=title", "+line")


def test_a_link_leads_within_the_workbook(opened: Workbook) -> None:
    book = live(opened)
    book.write_page(Page("Linked", "t", [], [Block([Column("a", "text")], [[Link("Checks", "Checks")]])], "en"))
    book.save()
    assert "Checks" in opened.sheet("Linked").values().values()


def test_folding_and_filters_fit_the_new_rows(opened: Workbook) -> None:
    sheet = opened.sheet("Projections")
    before = dict(sheet.levels)
    sheet.levels = {row + 3: 2 for row in before} | {500: 4}
    opened.sheet("Checks").filter = "$A$1:$B$2"
    opened.sheet("Checks").hidden_rows, sheet.hidden_rows = {7}, {9}
    wanted = Excel().load(opened.path).sheet("Checks").filter
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save()
    assert sheet.levels == before
    assert opened.sheet("Checks").filter.replace("$", "") == wanted.replace("$", "")
    assert opened.sheet("Checks").hidden_rows == sheet.hidden_rows == set()


def test_result_formulas_stay_and_excel_calculates_them(opened: Workbook) -> None:
    before = opened.sheet("SRM").seen()
    book = live(opened)
    commands.refresh(book, WHEN, ["srm"])
    book.save()
    assert opened.sheet("SRM").seen() == before
    assert len(opened.excel.calculated) == 3  # safety, orders, closing: one block each


def test_values_go_where_there_is_no_formula_in_few_blocks(excel: Excel) -> None:
    cells = {(row, column): Cell(0.0) for row in range(1, 5) for column in range(1, 5)}
    cells[2, 2].formula = "=A1"
    book, sheet = sheet_with(excel, cells)
    book.renew_values("Sheet1", 0, 0, np.arange(16.0).reshape(4, 4))
    excel.calls.clear()
    book.save()
    assert sheet.cells[2, 2] == Cell(0.0, "=A1")
    assert [sheet.cells[row, column].value for row in range(1, 5) for column in range(1, 5) if (row, column) != (2, 2)] == [float(n) for n in range(16) if n != 5]  # fmt: skip
    assert excel.calls.count("Range.Formula") == 1
    assert excel.calls.count("Range.Value =") == 1 + 4  # the list of what is kept, and four rectangles


def test_a_block_that_a_formula_spills_into_is_not_written(excel: Excel) -> None:
    book, sheet = sheet_with(excel, {(1, 1): Cell(1.0, "=SMILE_CV(A5:B9)"), (2, 1): Cell(2.0, look="spilled")})
    book.renew_values("Sheet1", 0, 0, np.array([[7.0], [8.0]]))
    book.save()
    assert [cell.value for cell in sheet.cells.values()] == [1.0, 2.0]


def test_parts_without_formula_are_rectangles() -> None:
    assert parts_without_formula([["1", "2"], ["3", "4"]]) == [(0, 0, 2, 2)]
    assert parts_without_formula([["=A", "2"], ["=A", "4"], ["", "5"]]) == [(0, 1, 2, 1), (2, 0, 1, 2)]
    assert parts_without_formula([["=A"]]) == []


def test_a_refresh_takes_few_calls_and_not_more_for_more_items(opened: Workbook, excel: Excel) -> None:
    book = live(opened)
    commands.refresh(book, WHEN)
    opened.excel.calls.clear()
    book.save()
    writing = [call for call in opened.excel.calls if call.startswith("Range")]
    assert len(opened.excel.calls) < 600
    assert opened.excel.calls.count("Range.Value =") == 1
    assert opened.excel.calls.count("RangeApi.Copy") == 6  # one for each report
    assert len(writing) < 100


def test_a_path_of_the_workbook_is_never_asked_for(opened: Workbook) -> None:
    """The test's workbook fails when it is, since for a workbook in a cloud that is an address."""
    with pytest.raises(AssertionError):
        _ = opened.excel.xlwings_book(opened).fullname
    opened.path = ""  # not saved yet
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save(undoable=True)
    assert undo(book.book) == []


# Refusing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda book: setattr(book.sheet("DSR"), "protected", True), "protected_sheet", id="a protected report"),
        pytest.param(
            lambda book: (setattr(book, "protected", True), book.sheets.remove(book.sheet("DSR"))),
            "protected_structure",
            id="a workbook that takes no new sheets",
        ),
        pytest.param(
            lambda book: setattr(book.sheet("DSR"), "is_chart", True), "not_a_worksheet", id="a chart sheet of that name"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_before_anything_is(opened: Workbook, change, code: str) -> None:
    change(opened)
    before = seen(opened)
    book = live(opened)
    commands.refresh(book, WHEN)
    with pytest.raises(BookError) as caught:
        book.save()
    assert caught.value.code == code
    assert seen(opened) == before
    assert opened.excel.books == [opened]


def test_a_protected_srm_whose_results_are_formulas_is_no_obstacle(opened: Workbook) -> None:
    opened.sheet("SRM").protected = True
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save()


# All or nothing -----------------------------------------------------------------------------------------------------


def small(excel: Excel) -> Workbook:
    """A workbook with a report, values, a chart, and a formula that points at the report."""
    workbook = openpyxl.Workbook()
    data = workbook.active
    data.title = "Data"
    for row in range(1, 4):
        data.append([row, row * 2])
    report = workbook.create_sheet("Report")
    for row in range(1, 30):
        report.append(["old", row])
    chart = LineChart()
    chart.add_data(Reference(report, min_col=2, min_row=1, max_row=9))
    chart.set_categories(Reference(report, min_col=1, min_row=1, max_row=9))
    report.add_chart(chart)
    report.auto_filter.ref = "A1:B29"
    data["D1"] = "=Report!B5"
    folder = Path(__import__("tempfile").mkdtemp())
    path = folder / "small.xlsx"
    workbook.save(path)
    book = excel.load(path)
    path.unlink()
    folder.rmdir()
    return book


def rewritten(book: Workbook, title: str = "new") -> LiveBook:
    page = Page("Report", title, [], [Block([Column("n", "tonnes")], [[1.5], [2.5]])], "en")
    found = live(book)
    found.write_page(page)
    found.write_page(page.named("Another"))
    found.renew_values("Data", 0, 0, np.array([[7.0, 8.0], [9.0, 10.0]]))
    return found


def test_whatever_call_fails_the_workbook_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    excel = Excel()
    book = small(excel)
    before = seen(book)
    found = rewritten(book)
    excel.calls.clear()
    found.save()
    count = len(excel.calls)
    assert count > 50
    failed = 0
    for place in range(1, count + 1, 3):
        excel = Excel()
        book = small(excel)
        found = rewritten(book)
        excel.calls.clear()
        excel.fail_at = place
        try:
            found.save()
        except (com_error, KeyError):
            failed += 1
            assert seen(book) == before, excel.calls[place - 1]
        finally:
            excel.fail_at = None
        assert [one.name for one in excel.books] == ["small.xlsx"], excel.calls[place - 1]
    assert failed > count * 0.25
    assert list(tmp_path.iterdir()) == []


def test_an_excel_that_refuses_everything_from_some_point_on_leaves_undo_at_hand(excel: Excel) -> None:
    book = small(excel)
    rewritten(book).save(undoable=True)
    first = seen(book)
    excel.stuck_on = "RangeApi.Calculate"
    with pytest.raises(BookError) as caught:
        rewritten(book, "newer").save(undoable=True)
    assert caught.value.code == "half_written"
    assert seen(book) != first
    excel.stuck_on, excel.is_stuck = "", False
    assert undo(excel.xlwings_book(book)) is not None
    assert seen(book)["Report"]["cells"] == first["Report"]["cells"]


# Undo ---------------------------------------------------------------------------------------------------------------


def test_undo_restores_exactly(opened: Workbook) -> None:
    opened.sheets.remove(opened.sheet("Overstock"))
    opened.sheet("Summary").cells[3, 3] = Cell("typed here", look="by hand")
    before = seen(opened)
    book = live(opened)
    commands.refresh(book, WHEN)
    book.save(undoable=True)
    assert seen(opened) != before
    assert undo(book.book) == []
    after = seen(opened)
    for name, sheet in before.items():
        folding = {} if name in ("Team notes", "SRM") else {"levels": {}}  # it comes with the next refresh
        assert after[name] == {**sheet, **folding}, name
    assert list(after) == list(before)
    assert opened.excel.books == [opened]
    assert undo(book.book) is None


def test_undo_restores_values_but_leaves_a_sheet_that_was_changed_since(excel: Excel) -> None:
    book = small(excel)
    before = seen(book)
    rewritten(book).save(undoable=True)
    assert book.sheet("Data").cells[1, 1].value == 7.0
    assert all(one.saved for one in excel.books if one is not book)
    assert undo(excel.xlwings_book(book)) == []
    assert seen(book)["Data"] == before["Data"]
    rewritten(book).save(undoable=True)
    book.sheet("Data").cells[2, 2].value = 123.0  # or rows were inserted
    changed = seen(book)["Data"]
    assert undo(excel.xlwings_book(book)) == ["Data"]
    assert seen(book)["Data"] == changed
    assert book.sheet("Report").values()["A1"] == "old"


def test_what_is_kept_is_unseen_never_asks_to_be_saved_and_is_replaced(opened: Workbook) -> None:
    excel = opened.excel
    for _ in range(2):
        book = live(opened)
        commands.refresh(book, WHEN)
        book.save(undoable=True)
    kept = [one for one in excel.books if one is not opened]
    assert len(kept) == 1
    assert (kept[0].visible, kept[0].saved) == (False, True)
    assert not any(sheet.calculates for sheet in kept[0].sheets)
    assert [sheet.name for sheet in opened.sheets] == [sheet.name for sheet in excel.load(opened.path).sheets] + ["Team notes"]  # fmt: skip


def test_undo_is_for_the_workbook_that_was_refreshed_whatever_its_name(excel: Excel) -> None:
    first = small(excel)
    rewritten(first).save(undoable=True)
    first.name = "renamed.xlsx"
    other = small(excel)  # bears the name that the first had
    assert undo(excel.xlwings_book(other)) is None
    assert undo(excel.xlwings_book(first)) == []


def test_what_was_kept_of_a_closed_workbook_is_forgotten(excel: Excel) -> None:
    first, second = small(excel), small(excel)
    for book in (first, second):
        rewritten(book).save(undoable=True)
    excel.close(first)
    forget_closed(excel.app)
    assert len(excel.books) == 2
    assert Previous.find(excel.xlwings_book(second)) is not None
