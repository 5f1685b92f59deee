"""The formulas of a Master File, calculated as Excel does, give the values that the refresh wrote into their cells."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from excel import com
from openpyxl.worksheet.formula import ArrayFormula

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.planning.grid import Grid

WORKBOOKS = Path(__file__).parents[2] / "workbook"
RANGE = r"(?:'?([\w -]+)'?!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?"
YES_PER_ITEM = re.compile(r"(?P<weeks>[^*]+)\*COUNTIFS\((?P<names>[^,]+),(?P<wanted>[^,]+),(?P<flags>[^,]+),\"(?P<yes>\w+)\"\)")
"""Weeks of cover, or 0 for a status that holds no safety stock: the one argument that is more than a range."""


class Sheets:
    """Ranges of a workbook, as ``.Value2`` gives them."""

    def __init__(self, path: Path) -> None:
        self.book = XlsxBook(path)
        self.grids: dict[str, Grid] = {}

    def value2(self, reference: str, sheet: str) -> object:
        match = re.fullmatch(RANGE, reference)
        assert match, reference
        name, left, top, right, bottom = match.groups()
        name = name or sheet
        self.grids.setdefault(name, self.book.read(name))
        rows = self.grids[name].rows[int(top) - 1 : int(bottom or top)]
        first, last = column(left), column(right or left)
        block = [[row[place] if place < len(row) else None for place in range(first, last + 1)] for row in rows]
        return block if bottom else block[0][0]

    def argument(self, text: str, sheet: str) -> object:
        product = YES_PER_ITEM.fullmatch(text)
        if not product:
            return self.value2(text, sheet)
        weeks, names, wanted, flags = (self.value2(product[part], sheet) for part in ("weeks", "names", "wanted", "flags"))
        holds = {name[0]: flag[0] == product["yes"] for name, flag in zip(names, flags, strict=True)}
        return [[week[0] * holds.get(status[0], False)] for week, status in zip(weeks, wanted, strict=True)]


def column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def formulas(path: Path) -> list[tuple[str, str, str]]:
    """Array formulas of the sheet SRM: where, function, arguments."""
    cells = (cell.value for row in openpyxl.load_workbook(path)["SRM"].iter_rows() for cell in row)
    found = [(one.ref, re.fullmatch(r"=(SMILE_\w+)\((.*)\)", one.text)) for one in cells if isinstance(one, ArrayFormula)]
    return [(place, match[1], match[2]) for place, match in found if match]


def split(arguments: str) -> list[str]:
    """Arguments at their commas, outside of brackets."""
    return re.split(r",(?![^()]*\))", arguments)


@pytest.mark.parametrize("file", ["master_file.xlsx", "fichier_maitre.xlsx"])
def test_the_results_of_the_master_file_come_back_to_the_last_bit(excel: com.Excel, file: str) -> None:
    sheets = Sheets(WORKBOOKS / file)
    found = formulas(WORKBOOKS / file)
    assert [name for _, name, _ in found] == ["SMILE_SAFETYSTOCK", "SMILE_ORDERS", "SMILE_CLOSING"]
    for place, name, arguments in found:
        expected = np.array(sheets.value2(place, "SRM"), dtype=float)
        answer = excel.formula(name, *(sheets.argument(text, "SRM") for text in split(arguments)))
        assert expected.shape == (87, 12)
        np.testing.assert_array_equal(np.array(answer, dtype=float), expected, err_msg=name)
        assert np.abs(expected).sum() > 0
