"""The command match and its button on files: lines go into Opportunities, and every other byte of the sheet stays."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import oracle
import pytest
import xlwings
from books_of_items import book_of
from fake_excel import Excel

from smile_xl import commands
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.create import create_book
from smile_xl.cli import run
from smile_xl.excel import macros
from smile_xl.planning.cycle import make_cycle

WHEN = dt.datetime(2023, 8, 1, 9)
STAMP = ("--stamp", "2023-08-01T09:00")


def item(code: str, closing: float, landed: float) -> oracle.Item:
    demand = [max(-closing, 0.0), *[0.0] * 11]
    texts = {"sub_category": "Soap", "brand": "B"}
    return oracle.Item(
        "Morocco",
        code,
        "Delisted",
        4.0,
        opening=max(closing, 0.0),
        demand=demand,
        unit_cost=1.0,
        landed_cost=landed,
        **texts,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A book with two shortages and a surplus, some of which is chosen already; its codes have leading zeros."""
    items = [item("001", -30.0, 1000.0), item("002", 50.0, 1000.0), item("003", -45.0, 500.0)]
    chosen = [{"month": 0, "c": "Morocco", "r": "001", "dc": "Morocco", "d": "002", "t": 5.0}]
    path = tmp_path_factory.mktemp("made") / "plan.xlsx"
    book = create_book(path, commands.master_file(book_of(items, opportunities=chosen), WHEN))
    commands.refresh(book, WHEN, ("dsr", "matching", "checks"))
    book.save(path)
    return path.read_bytes()


@pytest.fixture
def plan(made: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(made)
    return path


def sheet_xml(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as package:
        place = [sheet.title for sheet in openpyxl.load_workbook(path)].index(name) + 1
        return package.read(f"xl/worksheets/sheet{place}.xml").decode()


def mark(path: Path, *answers: str) -> None:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Matching"]
    [header] = [cell for row in sheet.iter_rows() for cell in row if cell.value == "Accept"]
    for place, answer in enumerate(answers, start=header.row + 1):
        sheet.cell(place, header.column).value = answer
    workbook.save(path)


def chosen(path: Path) -> list[tuple[int, int, float]]:
    lines = make_cycle(XlsxBook(path)).inputs.opportunities
    return [(one.risk, one.donor, one.tonnes) for one in lines]


def test_lines_by_number_become_rows_and_nothing_else_of_the_sheet_changes(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sheet_xml(plan, "Opportunities")
    assert run(["match", str(plan), "--accept", "2", "--format", "csv", *STAMP], "en") == 0
    out, err = capsys.readouterr()
    assert out == (
        "line,month,country,risk_sap_code,donor_country,donor_sap_code,tonnes,cash,cost\n"
        "2,2023-08,Morocco,003,Morocco,002,20.0,10000.0,0.0\n"
    )
    assert "1 line accepted into the sheet Opportunities, worth 10,000 EUR of risk" in err
    after = sheet_xml(plan, "Opportunities")
    head, tail = before.split("</sheetData>")
    shared = head.replace('ref="A1:F5"', 'ref="A1:F6"')
    assert head != shared
    assert after.startswith(shared)
    assert after.endswith("</sheetData>" + tail)
    assert chosen(plan) == [(0, 1, 5.0), (2, 1, 20.0)]
    row = openpyxl.load_workbook(plan)["Opportunities"][6]
    above = openpyxl.load_workbook(plan)["Opportunities"][5]
    assert [cell.value for cell in row] == [WHEN.replace(hour=0), "Morocco", "003", "Morocco", "002", 20]
    assert [cell.number_format for cell in row] == [cell.number_format for cell in above]
    assert run(["check", str(plan)], "en") == 0
    assert run(["verify", str(plan)], "en") == 0


def test_marked_lines_are_accepted_from_a_file_into_another(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark(plan, "no", "yes")
    before = plan.read_bytes()
    assert run(["match", str(plan), "--accept", "--output", str(plan.with_name("out.xlsx")), *STAMP], "fr") == 0
    assert "out.xlsx : 1 ligne acceptée dans la feuille Opportunities, soit 10\u202f000 EUR" in capsys.readouterr().err
    assert plan.read_bytes() == before
    assert chosen(plan.with_name("out.xlsx")) == [(0, 1, 5.0), (2, 1, 20.0)]


def test_without_accept_the_lines_are_shown_and_the_sheet_written(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["match", str(plan), *STAMP], "en") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert "2 lines cover 35,000 EUR of 47,500 at risk (73.7%)" in err
    assert "No other choice covers more" in err
    assert chosen(plan) == [(0, 1, 5.0)]


@pytest.mark.parametrize(
    ("accept", "said"),
    [
        ((), "No line of the sheet Matching is marked with yes"),
        (("5",), "There is no line 5: there are 2 proposed lines"),
        (("1;2",), "--accept 1;2: type marked, all, or numbers of lines such as 1,3"),
        (("",), "--accept : type marked"),
    ],
)
def test_what_can_not_be_accepted_is_refused_and_nothing_written(
    plan: Path, accept: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = plan.read_bytes()
    assert run(["match", str(plan), "--accept", *accept], "en") == 2
    assert said in capsys.readouterr().err
    assert plan.read_bytes() == before


def test_the_button_accepts_marked_lines_and_undo_takes_them_back(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(plan, "yes", "yes")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    excel = Excel()
    add_in = excel.add("smile_xl.xlam")
    add_in.visible = False
    monkeypatch.setattr(xlwings.Book, "_mock_caller", excel.xlwings_book(add_in), raising=False)
    opened = excel.load(plan)
    before = opened.sheet("Opportunities").values()
    macros.run("match")
    assert "2 lines accepted into the sheet Opportunities, worth 35,000 EUR" in excel.alerts[-1][0]
    after = opened.sheet("Opportunities").values()
    new = {place: value for place, value in after.items() if place not in before}
    assert {place: after[place] for place in before} == before
    assert [new[f"{column}{row}"] for row in (6, 7) for column in "BCDEF"] == [
        *["Morocco", "001", "Morocco", "002", 25.0],
        *["Morocco", "003", "Morocco", "002", 20.0],
    ]
    macros.run("undo")
    left = {place: value for place, value in opened.sheet("Opportunities").values().items() if value is not None}
    assert left == before
    macros.run("match")
    assert "2 lines accepted" in excel.alerts[-1][0], "the marks are back as well"
