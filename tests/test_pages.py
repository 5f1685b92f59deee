"""The report pages as their readers see them: the country list works without the add-in, charts have their values."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.tables import month_after
from smile_xl.reports.availability import COVERS
from smile_xl.reports.pages import PAGES
from smile_xl.reports.stamp import Stamp

STAMP = "2023-08-01T09:00"


@pytest.fixture(scope="module", params=["en", "fr"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / f"book_{request.param}.xlsx"
    assert run(["new", str(path), "--lang", request.param, "--stamp", STAMP], request.param) == 0
    return path


@pytest.fixture(scope="module")
def cycle(book: Path) -> Cycle:
    return make_cycle(XlsxBook(book))


@pytest.fixture(scope="module")
def loaded(book: Path) -> openpyxl.Workbook:
    """What openpyxl reads of the book, to look at only."""
    return openpyxl.load_workbook(book)


def availability_sheet(book: Path) -> str:
    return "Availability" if book.stem.endswith("en") else "Disponibilité"


def shown_views(rows: list[list[object]], brands: int) -> list[list[list[object]]]:
    """The four views on top of the page: each its rows of brand, target and seven covers."""
    heads = [place for place, row in enumerate(rows) if len(row) > 2 and row[1] in {"Brand", "Marque"}]
    return [[row[1:10] for row in rows[head + 1 : head + 1 + brands]] for head in heads[:4]]


def expected_views(cycle: Cycle, country: str) -> list[list[list[object]]]:
    rows = tidy.availability(cycle)
    rows = rows[rows["country"] == country]
    views = []
    for _, stock, method in COVERS:
        part = rows[(rows["stock"] == stock) & (rows["method"] == method)]
        views.append([[brand, lines["target"].iloc[0], *lines["weeks"]] for brand, lines in part.groupby("brand")])
    return views


def test_the_first_country_is_shown_with_its_values(book: Path, cycle: Cycle) -> None:
    sheet = openpyxl.load_workbook(book, data_only=True)[availability_sheet(book)]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    country = min(cycle.inputs.items["country"])
    assert shown_views(rows, 5) == expected_views(cycle, country)


@pytest.mark.libreoffice
def test_another_country_is_shown_when_the_reader_chooses_it(book: Path, cycle: Cycle, tmp_path: Path) -> None:
    """In a real spreadsheet program without any SMILE_ function."""
    country = max(cycle.inputs.items["country"])
    workbook = openpyxl.load_workbook(book)
    sheet = workbook[availability_sheet(book)]
    choice = next(cell for row in sheet.iter_rows() for cell in row if cell.value in {"Algeria", "Algérie"})
    assert country in str(sheet.data_validations.dataValidation[0].formula1)
    assert choice.coordinate in sheet.data_validations.dataValidation[0].sqref
    choice.value = country
    for name in workbook.sheetnames:
        if name != sheet.title:
            del workbook[name]
    workbook.save(tmp_path / "chosen.xlsx")
    office = ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"]
    target = ["--convert-to", "xlsx", "--outdir", str(tmp_path / "calculated")]
    subprocess.run([*office, *target, str(tmp_path / "chosen.xlsx")], check=True, capture_output=True, timeout=120)
    calculated = openpyxl.load_workbook(tmp_path / "calculated" / "chosen.xlsx", data_only=True).active
    rows = [[cell.value for cell in row] for row in calculated.iter_rows()]
    for shown, expected in zip(shown_views(rows, 5), expected_views(cycle, country), strict=True):
        for line, want in zip(shown, expected, strict=True):
            assert line[0] == want[0]
            assert line[1:] == pytest.approx(want[1:], abs=1e-9)
    shutil.rmtree(tmp_path / "profile")


def test_every_chart_has_its_title_and_its_values(book: Path, cycle: Cycle) -> None:
    with zipfile.ZipFile(book) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    pages = [page(cycle, Stamp(dt.datetime(2023, 8, 1))) for page in PAGES.values()]
    assert len(charts) == sum(len(page.charts) for page in pages) >= 5
    for chart in charts:
        assert "<c:title>" in chart
        counts = [int(count) for count in re.findall(r"<c:val>.*?<c:ptCount val=.(\d+)", chart)]
        assert counts
        assert min(counts) >= 3
        assert chart.count('<c:tickLblPos val="low"/>') == 1, "names stand under bars below zero, not on them"


def test_no_line_over_the_tables_makes_the_printed_page_wider(cycle: Cycle) -> None:
    for make in PAGES.values():
        lines = [line for line in make(cycle, Stamp(dt.datetime(2023, 8, 1))).lines if isinstance(line, str)]
        assert max(map(len, lines)) <= 150
        assert not [line for line in lines if line[0] in ";:!?»%"], "French: no line begins with a sign"


def test_no_table_has_a_gap_in_its_headers(loaded: openpyxl.Workbook, cycle: Cycle) -> None:
    for make in PAGES.values():
        page = make(cycle, Stamp(dt.datetime(2023, 8, 1)))
        if page.sheet not in loaded.sheetnames:
            continue
        for place, block in enumerate(page.blocks):
            row = page.first_row(place)
            heads = [loaded[page.sheet].cell(row, column) for column in range(1, len(block.columns) + 1)]
            assert len({head.fill.fgColor.rgb for head in heads}) == 1, f"{page.sheet}: {block.title}"


def test_the_summary_shows_the_tidy_figures_and_leads_to_each_page(loaded: openpyxl.Workbook, cycle: Cycle) -> None:
    sheet = loaded.worksheets[0]
    values = [row[1].value for row in sheet.iter_rows(min_row=6, max_row=10)]
    assert values == pytest.approx(list(tidy.summary(cycle)["value"]))
    targets = {
        cell.hyperlink.location.split("!")[0].strip("'") for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }
    assert len(targets) == 5
    assert targets <= set(loaded.sheetnames)


def test_sub_categories_fold_under_their_totals(loaded: openpyxl.Workbook) -> None:
    sheet = loaded["Projections"]
    levels = {
        row: sheet.row_dimensions[row].outlineLevel for row in range(7, sheet.max_row + 1) if sheet.cell(row, 2).value
    }
    totals = {row for row in levels if sheet.cell(row, 2).value == "TOTAL"}
    assert {row for row, level in levels.items() if level == 0} == totals


def test_nothing_needs_a_newer_excel_than_2016(book: Path) -> None:
    with zipfile.ZipFile(book) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"_xlfn" not in package.read(name)
                assert b"_xlws" not in package.read(name)


def next_cycle(book: Path) -> None:
    """The planner's new month: every month header one later, the start month too."""
    workbook = openpyxl.load_workbook(book)
    french = "SRM" in workbook.sheetnames and "Coûts" in workbook.sheetnames
    srm = workbook["SRM"]
    for cell in srm[5]:
        if hasattr(cell.value, "year"):
            cell.value = month_after(cell.value.date(), 1)
    settings = workbook["Paramètres" if french else "Settings"]
    start = next(cell for row in settings.iter_rows() for cell in row if hasattr(cell.value, "year"))
    start.value = month_after(start.value.date(), 1)
    opportunities = workbook["Opportunités" if french else "Opportunities"]
    opportunities.delete_rows(5, 40)
    workbook.save(book)


def test_the_projection_is_compared_with_that_of_the_last_cycle(book: Path, cycle: Cycle, tmp_path: Path) -> None:
    copy = Path(shutil.copy(book, tmp_path / book.name))
    next_cycle(copy)
    old = tidy.projections(cycle)
    old = old[old["sub_category"] == tidy.TOTAL].set_index(["country", "month"])["value"]
    for _ in range(2):  # a second refresh still knows the last cycle
        assert run(["refresh", str(copy), "--stamp", STAMP], "en") == 0
        sheet = openpyxl.load_workbook(copy, data_only=True)["Projections"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        heads = [place for place, row in enumerate(rows) if row[0] in {"Country", "Pays"}]
        assert len(heads) == 3
        new, before, change = (rows[head + 1 :] for head in heads)
        totals = {row[0]: row[2:12] for row in new if row[1] == "TOTAL"}
        for place, name in enumerate(totals):
            expected = old.loc[tidy.ALL_COUNTRIES if name == "Total" else name].tolist()[1:]
            assert before[place][0] == change[place][0] == name
            assert before[place][1].date() == cycle.inputs.months[0]
            assert before[place][2:11] == pytest.approx(expected, rel=1e-12)
            difference = [after - then for after, then in zip(totals[name], expected, strict=False)]
            assert change[place][2:11] == pytest.approx(difference)
            assert before[place][11] is change[place][11] is None  # the last cycle ended a month earlier
    fresh = make_cycle(XlsxBook(copy))
    assert fresh.previous is not None
    assert fresh.previous.cycle == cycle.inputs.months[0]
    assert run(["verify", str(copy)], "en") == 0


def test_a_book_of_one_cycle_has_nothing_to_compare_with(cycle: Cycle) -> None:
    assert cycle.previous is None
