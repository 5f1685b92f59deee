"""``smile-xl adopt`` on files: what it says, what it asks, and that it writes the sheet Mapping and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from adopting import adopt, assert_same_plan
from openpyxl.styles import PatternFill
from team_books import Rows, french, items, master

from smile_xl import commands
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.planning.cycle import make_cycle

OWN = items()
SRM = "Plan Maghreb"


def saved(path: Path, sheets: dict[str, Rows]) -> Path:
    """A file as a team has it: merged headers, hidden rows and columns, colours, a note."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    sheet = workbook[SRM]
    sheet.merge_cells("A4:G4")
    sheet.merge_cells("H4:H5")
    sheet.merge_cells("I4:T4")
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["K"].hidden = True
    sheet.row_dimensions[7].hidden = True
    sheet["A1"].fill = PatternFill("solid", "FFFF00")
    workbook.save(path)
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return saved(tmp_path / "plan.xlsx", french(OWN))


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_merged_headers_hidden_columns_and_rows_are_read_like_others(book: Path) -> None:
    assert run(["adopt", str(book), "--yes"], "en") == 0
    assert_same_plan(XlsxBook(book), master(OWN))


def test_only_the_sheet_mapping_is_written(book: Path) -> None:
    before = parts(book)
    assert run(["adopt", str(book), "--yes"], "fr") == 0
    after = parts(book)
    new = set(after) - set(before)
    assert {name for name in new if "worksheets" in name} == {"xl/worksheets/sheet5.xml"}
    index = {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "docProps/app.xml",
    }
    assert {name for name in before if after[name] != before[name]} <= index
    once = book.read_bytes()
    assert run(["adopt", str(book), "--yes"], "fr") == 0
    assert book.read_bytes() == once


def test_the_preview_says_what_was_found_and_why(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["adopt", str(book), "--yes"], "fr")
    out, err = capsys.readouterr()
    assert "SRM : feuille Plan Maghreb, en-têtes en ligne 5, 6 lignes" in out
    assert "Code SAP = Article / N° SAP (un nom courant de ce champ)" in out
    assert "12 mois, avr.-19 à mars-20; unité kg dans l'en-tête" in out
    assert "6 lignes, par exemple la ligne 6 : Hair" in out
    assert "le plan commence en avr.-19" in out
    assert "non utilisées : Remarques" in out
    assert "dans la feuille Correspondance" in err


def test_dates_and_date_numbers_are_months_as_well(tmp_path: Path) -> None:
    sheets = french(OWN)
    heads = sheets[SRM][4]
    months = [dt.date(2019 + (3 + place) // 12, (3 + place) % 12 + 1, 1) for place in range(12)]
    heads[8:20] = [f"{one:%d/%m/%Y}" for one in months]
    heads[29:41] = [dt.datetime(one.year, one.month, 1) for one in months]
    book = XlsxBook(saved(tmp_path / "plan.xlsx", sheets))
    found = adopt_file(book)
    assert found.drafts[0].part.spots["forecast"].order == "dmy"
    assert_same_plan(XlsxBook(book.path), master(OWN))
    heads[8:20] = [float((one - dt.date(1899, 12, 30)).days) for one in months]
    book = XlsxBook(saved(tmp_path / "plan2.xlsx", sheets))
    assert adopt_file(book).drafts[0].part.spots["forecast"].order == "serial"
    assert_same_plan(XlsxBook(book.path), master(OWN))


def adopt_file(book: XlsxBook) -> object:
    found = adopt(book)  # type: ignore[arg-type]
    book.save()
    return found


# Who answers --------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ambiguous(path: Path) -> Path:
    sheets = french(OWN)
    bands = sheets[SRM][3]
    bands[bands.index("Commandes fermes (kg)")] = "Commandes (kg)"
    sheets["Plan (2)"] = sheets[SRM]
    return saved(path, sheets)


@pytest.mark.parametrize("yes", [[], ["--yes"]])
def test_without_a_terminal_questions_are_listed_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], yes: list[str]
) -> None:
    book = ambiguous(tmp_path / "plan.xlsx")
    before = book.read_bytes()
    assert run(["adopt", str(book), *yes], "en") == 2
    _, err = capsys.readouterr()
    assert "Question: Which sheet holds SRM?" in err
    assert "  1  Plan Maghreb\n  2  Plan (2)\n  3  none of them" in err
    assert "1 question" in err and "1 questions" not in err
    assert book.read_bytes() == before


def test_without_a_terminal_a_clear_proposal_still_needs_a_yes(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.read_bytes()
    assert run(["adopt", str(book)], "en") == 2
    assert "say --yes to take this proposal" in capsys.readouterr().err
    assert book.read_bytes() == before


def test_yes_takes_the_one_best_choice_and_lists_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheets = french(OWN)
    sheets[SRM][3][20] = "Stock initial (kg)"
    for row in sheets[SRM][5:]:
        row[20:21] = row[7:8] if len(row) > 20 else []
    book = saved(tmp_path / "plan.xlsx", sheets)
    assert run(["adopt", str(book)], "en") == 2
    assert run(["adopt", str(book), "--yes"], "en") == 0
    assert "Stock initial (kg) (column U) (the best)" in capsys.readouterr().out
    assert_same_plan(XlsxBook(book), master(OWN))


def test_on_a_terminal_each_question_is_asked_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = ambiguous(tmp_path / "plan.xlsx")
    monkeypatch.setattr("sys.stdin", Terminal("9\n2\n1\ny\n"))
    assert run(["adopt", str(book)], "en") == 0
    err = capsys.readouterr().err
    assert "That is none of the choices." in err
    assert_same_plan(XlsxBook(book), master(OWN))
    assert run(["adopt", str(book), "--yes"], "en") == 0
    assert "says all this already" in capsys.readouterr().err


def test_on_a_terminal_what_is_missing_may_be_typed_or_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [type(item)(**{**vars(item), "status": "Regular", "weeks_cover": 6.0}) for item in OWN]
    sheets = french(own)
    for row in sheets[SRM][4:]:
        row[3:5] = [None, None] if row else []
    book = saved(tmp_path / "plan.xlsx", sheets)
    monkeypatch.setattr("sys.stdin", Terminal("= Regular\n\ny\n"))
    assert run(["adopt", str(book)], "en") == 0
    assert "Plan Maghreb: Weeks cover is needed. Type its header, or a fixed value such as 6" in capsys.readouterr().err
    assert run(["check", str(book)], "en") == 3
    assert "error: Mapping!D13: Weeks cover of the sheet Plan Maghreb is needed" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", Terminal("=6\ny\n"))
    assert run(["adopt", str(book)], "en") == 0
    assert_same_plan(XlsxBook(book), master(own))


def test_no_on_a_terminal_writes_nothing(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = book.read_bytes()
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert run(["adopt", str(book)], "en") == 0
    assert book.read_bytes() == before


def test_a_workbook_without_a_plan_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path / "notes.xlsx", {SRM: [["only notes"], ["and", "more"]]})
    before = path.read_bytes()
    assert run(["adopt", str(path), "--yes"], "fr") == 2
    assert "aucune feuille n'a les colonnes d'un tableau de planification" in capsys.readouterr().err
    assert path.read_bytes() == before


# From then on -------------------------------------------------------------------------------------------------------


def test_every_command_works_in_the_teams_layout(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["adopt", str(book), "--yes"], "en")
    own = XlsxBook(book).read(SRM).rows
    stamp = ["--stamp", "2019-04-02T08:00"]
    assert run(["refresh", str(book), *stamp], "en") == 0
    assert run(["verify", str(book)], "en") == 0
    assert run(["check", str(book)], "en") == 0
    capsys.readouterr()
    assert run(["report", "projections", str(book), "--format", "csv"], "en") == 0
    assert capsys.readouterr().out.startswith("country,sub_category,month,value")
    code, country = OWN[1].sap_code, OWN[1].country
    assert run(["explain", str(book), "--item", code, "--country", country, "--month", "May-19"], "en") == 0
    assert "Plan Maghreb!J8" in capsys.readouterr().out
    assert XlsxBook(book).read(SRM).rows == own
    assert run(["native", str(book), "--output", str(book.with_name("native.xlsx"))], "en") == 0


def test_an_import_fills_the_teams_own_cells_in_their_unit(book: Path, tmp_path: Path) -> None:
    run(["adopt", str(book), "--yes"], "en")
    rows = [["Country", "SAP code", "Opening", "W3"], [OWN[1].country, OWN[1].sap_code, "12,5", "3,25"]]
    source = tmp_path / "stock.csv"
    source.write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    before = XlsxBook(book).read(SRM).rows
    assert run(["import", str(source), "--into", str(book), "--yes"], "en") == 0
    after = XlsxBook(book).read(SRM).rows
    changed = {
        (row, column): new
        for row, (line, others) in enumerate(zip(after, before, strict=True))
        for column, (new, old) in enumerate(zip(line, others, strict=True))
        if new != old
    }
    assert changed == {(7, 7): 12_500.0, (7, 23): 3_250.0}
    portfolio = make_cycle(XlsxBook(book)).inputs.portfolio
    assert (portfolio.opening[1], portfolio.transit[1, 2]) == (12.5, 3.25)


def test_ninety_thousand_blank_rows_with_formats_cost_little(book: Path, tmp_path: Path) -> None:
    big = tmp_path / "big.xlsx"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                last = int(re.findall(rb'<row r="(\d+)"', data)[-1])
                cells = "".join(f'<c r="{letter}%d" s="1"/>' for letter in "ABCDEFGHIJ")
                rows = "".join(f'<row r="{row}">{cells % ((row,) * 10)}</row>' for row in range(last + 1, 90_001))
                data = data.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            target.writestr(name, data)
    started = time.process_time()
    opened = XlsxBook(big)
    found = commands.propose_layout(opened)
    assert time.process_time() - started < 2
    assert len(found.drafts[0].rows.items) == len(OWN)


def renamed_master(path: Path) -> Path:
    """The example's Master File, its sheet SRM under another name."""
    example = Path(__file__).parents[2] / "workbook" / "master_file.xlsx"
    with zipfile.ZipFile(example) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/workbook.xml":
                data = data.replace(b'name="SRM"', b'name="Plan"').replace(b"SRM!", b"Plan!")
            target.writestr(name, data)
    return path


def test_results_with_our_formulas_are_renewed_and_the_formulas_stay(tmp_path: Path) -> None:
    path = renamed_master(tmp_path / "plan.xlsx")
    assert run(["adopt", str(path), "--yes"], "en") == 0
    formulas = XlsxBook(path).formulas("Plan")
    assert len(formulas) == 3
    book = XlsxBook(path)
    srm = make_cycle(book).inputs.srm
    home = srm.table.grid.home(srm.table.rows[0], srm.opening_column)
    assert home is not None
    assert home.sheet == "Plan"
    book.renew_values(home.sheet, home.row, home.column, np.array([[1234.5]]))
    book.save()
    assert run(["verify", str(path)], "en") == 3
    assert run(["refresh", str(path)], "en") == 0
    assert run(["verify", str(path)], "en") == 0
    assert XlsxBook(path).formulas("Plan") == formulas
    assert {sheet for sheet in XlsxBook(path).sheet_names() if sheet.startswith("SRM")} == set()
