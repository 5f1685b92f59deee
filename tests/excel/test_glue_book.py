"""The formulas of a Master File, calculated as Excel does, give the values that the refresh wrote into their cells."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from excel import com
from openpyxl.worksheet.formula import ArrayFormula

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.core import AVAILABILITY_MONTHS, DSR_MONTHS, PROJECTION_MONTHS
from smile_xl.planning import tidy
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.grid import Grid
from smile_xl.planning.grouping import group
from smile_xl.registry import FUNCTIONS

WORKBOOKS = Path(__file__).parents[2] / "workbook"
RANGE = r"(?:'?([\w -]+)'?!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?"


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

    @cached_property
    def computed(self) -> dict[str, object]:
        """Arguments that the formulas compute from several ranges, per item: Excel hands on what they come to."""
        inputs = make_cycle(self.book).inputs
        weeks = inputs.portfolio.weeks_cover * inputs.portfolio.holds_safety
        return {
            "weeks_cover": [[float(one)] for one in weeks],
            "method": [[one] for one in inputs.safety_methods],
        }


def column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def formulas(path: Path) -> list[tuple[str, str, str]]:
    """Array formulas of the sheet SRM: where, function, arguments."""
    cells = (cell.value for row in openpyxl.load_workbook(path)["SRM"].iter_rows() for cell in row)
    found = [
        (one.ref, re.fullmatch(r"=(SMILE_\w+)\((.*)\)", one.text)) for one in cells if isinstance(one, ArrayFormula)
    ]
    return [(place, match[1], match[2]) for place, match in found if match]


def arguments_of(text: str) -> list[str]:
    """Arguments at their commas, outside of brackets and quotes."""
    parts, depth = [""], 0
    for piece in re.findall(r"'[^']*'|\"[^\"]*\"|.", text):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == "," and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


@pytest.mark.parametrize("file", ["master_file.xlsx", "fichier_maitre.xlsx"])
def test_the_results_of_the_master_file_come_back_to_the_last_bit(excel: com.Excel, file: str) -> None:
    sheets = Sheets(WORKBOOKS / file)
    found = formulas(WORKBOOKS / file)
    assert [name for _, name, _ in found] == ["SMILE_SAFETYSTOCK", "SMILE_ORDERS", "SMILE_CLOSING"]
    for place, name, text in found:
        given = [
            sheets.value2(argument, "SRM") if re.fullmatch(RANGE, argument) else sheets.computed[one.name]
            for argument, one in zip(arguments_of(text), FUNCTIONS[name].parameters, strict=False)
        ]
        expected = np.array(sheets.value2(place, "SRM"), dtype=float)
        assert expected.shape == (87, 12)
        assert np.abs(expected).sum() > 0
        np.testing.assert_array_equal(np.array(excel.formula(name, *given), dtype=float), expected, err_msg=name)


def test_the_reports_of_the_master_file_add_up_what_formulas_give(excel: com.Excel) -> None:
    cycle = make_cycle(XlsxBook(WORKBOOKS / "master_file.xlsx"))
    plan, inputs = cycle.plan, cycle.inputs
    countries = [[one] for one in inputs.items["country"]]
    costs = [[[float(one)] for one in cost] for cost in (inputs.unit_cost, inputs.landed_cost)]
    closing, demand = plan.closing.tolist(), inputs.portfolio.demand.tolist()

    pipeline = np.array(excel.formula("SMILE_PIPELINE", countries, plan.orders.tolist()))
    np.testing.assert_array_equal(pipeline.ravel(), tidy.srm(cycle)["pipeline"])

    weeks = [[float(one)] for one in inputs.portfolio.weeks_cover]
    overstock = np.array(excel.formula("SMILE_OVERSTOCK", closing, demand, weeks))
    np.testing.assert_array_equal(overstock.ravel(), tidy.overstocks(cycle)["overstock_t"])

    sub_categories, dsr = group(inputs.items, ("country", "sub_category")), tidy.dsr(cycle)
    for name, report in (("SMILE_RISK", "risk_t"), ("SMILE_OPPORTUNITY", "opportunity_t")):
        tonnes = sub_categories.sum(np.array(excel.formula(name, closing))[:, :DSR_MONTHS])
        np.testing.assert_array_equal(tonnes.ravel(), dsr[report])

    value = np.array(excel.formula("SMILE_PROJECTION", closing, plan.pipeline.tolist(), *costs))
    projections = tidy.projections(cycle).query("sub_category != 'TOTAL'")["value"]
    np.testing.assert_array_equal(sub_categories.sum(value[:, :PROJECTION_MONTHS]).ravel(), projections)

    brands, availability = group(inputs.items, ("country", "brand")), tidy.availability(cycle)
    start = np.maximum(np.column_stack((inputs.portfolio.opening, plan.closing[:, : AVAILABILITY_MONTHS - 1])), 0.0)
    stocks, wanted = brands.sum(start).tolist(), brands.sum(inputs.portfolio.demand).tolist()
    for method in ("average", "exact"):
        cover = excel.formula("SMILE_WEEKSCOVER", stocks, wanted, method)
        shown = [np.nan if com.is_marker(one) else round(one, 12) for row in cover for one in row]
        np.testing.assert_array_equal(shown, availability.query("method == @method and stock == 'opening'")["weeks"])
