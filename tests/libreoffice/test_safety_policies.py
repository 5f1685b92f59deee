"""The formula with which SRM looks up an item's safety policy, calculated by a real spreadsheet."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from calc_books import open_for_calc
from openpyxl.worksheet.formula import ArrayFormula

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.libreoffice.office import Office
from smile_xl.planning.cycle import make_cycle

pytestmark = pytest.mark.libreoffice


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_formula_finds_the_policy_that_the_plan_takes(office: Office, tmp_path: Path, language: str) -> None:
    """Rows in an order of their own; some items are not in the table and take the method of the settings."""
    path = tmp_path / "plan.xlsx"
    assert run(["new", str(path), "--lang", language], language) == 0
    items = make_cycle(XlsxBook(path)).inputs.items
    words = {"en": ("average", "exact"), "fr": ("moyenne", "exact")}[language]
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Safety policies" if language == "en" else "Politiques de sécurité"]
    for offset, item in enumerate(range(80, 3, -1)):
        row = [items["country"][item], items["sap_code"][item], None, words[item % 2]]
        for column, value in enumerate(row, start=1):
            sheet.cell(5 + offset, column).value = value
    text = workbook["SRM"]["AT6"].value.text
    lookup = text[text.index(",IF(COUNTIFS(") + 1 : -1]
    workbook["SRM"]["DA6"] = ArrayFormula("DA6:DA92", f"={lookup}")
    workbook.save(path)
    document = open_for_calc(office, path)
    found = [row[0] for row in document.read("SRM", "DA6:DA92")]
    document.close()
    expected = make_cycle(XlsxBook(path)).inputs.safety_methods
    assert expected.count("average") > 30
    assert [{"moyenne": "average"}.get(name, name) for name in found] == expected
