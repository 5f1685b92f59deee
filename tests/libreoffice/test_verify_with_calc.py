"""verify --with libreoffice: every formula of a book against Calc."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from smile_xl.cli import run
from smile_xl.libreoffice.installed import OfficeError

WORKBOOK = Path(__file__).parents[2] / "workbook"


@pytest.mark.libreoffice
def test_the_shipped_book_agrees_with_calc(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "book.xlsx"
    book.write_bytes((WORKBOOK / "fichier_maitre.xlsx").read_bytes())
    assert run(["verify", str(book), "--with", "libreoffice"], "en") == 0
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "203 formulas and 14 reports agree" in err
    assert [one.name for one in tmp_path.iterdir()] == ["book.xlsx"]


@pytest.mark.libreoffice
def test_stale_formulas_of_any_kind_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Mine")
    sheet.write_row("A1", [2, 3])
    sheet.write_formula("C1", "=VLOOKUP(2,A1:B1,2)", None, 3)
    sheet.write_formula("C2", "=VLOOKUP(2,A1:B1,2)", None, 4)
    sheet.write_formula("C3", "=SMILE_RISK(-A1)", None, 2)
    sheet.write_formula("C4", "=SMILE_RISK(-A1)", None, 9)
    sheet.write_formula("C5", "=NOW()", None, 1)
    book.close()
    assert run(["verify", str(path), "--with", "libreoffice"], "en") == 3
    out, err = capsys.readouterr()
    assert [line.split(".")[0] for line in out.splitlines()] == [
        "Mine!C2: shows 4, calculated afresh 3",
        "Mine!C4: shows 9, calculated afresh 2",
    ]
    assert "not checked: Mine!C5: it gives another value each time." in err


def test_without_libreoffice_it_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> None:
        raise OfficeError("not_installed")

    monkeypatch.setattr("smile_xl.libreoffice.office.find_office", nowhere)
    assert run(["verify", str(WORKBOOK / "master_file.xlsx"), "--with", "libreoffice"], "en") == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "LibreOffice" in err
