"""Sheets of a file, as Excel has them once it is opened."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

from fake_excel.areas import address_of, area_of
from fake_excel.books import Chart, Worksheet
from fake_excel.cells import Cell
from fake_excel.errors import ERRORS, Error

_READ: dict[tuple[str, int], bytes] = {}


def sheets_of(path: Path) -> list[tuple[str, dict[str, object]]]:
    """Names and contents of a file's sheets, read once."""
    key = (str(path), path.stat().st_mtime_ns)
    if key not in _READ:
        formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        sheets = []
        for place, source in enumerate(formulas.worksheets):
            sheet = Worksheet(source.title, None)
            _fill(sheet, source, values.worksheets[place])
            sheets.append((source.title, sheet.seen()))
        _READ[key] = pickle.dumps(sheets)
    return pickle.loads(_READ[key])


def _fill(sheet: Worksheet, source, values) -> None:
    for row in source.iter_rows():
        for found in row:
            if found.value is None and not found.has_style:
                continue
            value = values.cell(found.row, found.column).value
            look = [
                found.font.b,
                found.font.color and found.font.color.rgb,
                found.fill.fgColor.rgb,
                found.border.bottom.style,
            ]
            cell = Cell(_stored(value, found.data_type), format=found.number_format, look=str(look))
            if isinstance(found.value, ArrayFormula):
                cell.formula, cell.array = found.value.text, found.value.ref
            elif found.data_type == "f":
                cell.formula = found.value
            sheet.cells[found.row, found.column] = cell
    for cell in [cell for cell in sheet.cells.values() if cell.array]:
        left, top, right, bottom = range_boundaries(cell.array)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                other = sheet.cells.setdefault((row, column), Cell())
                other.formula, other.array = cell.formula, cell.array
                other.value = _stored(values.cell(row, column).value, "n")
    for chart in source._charts:
        parts = [chart, *getattr(chart, "_charts", [])]
        series = {id(one): one for part in parts for one in part.series}
        sheet.charts.append(Chart([_series(one) for one in series.values()]))
    sheet.widths = {letter: one.width for letter, one in source.column_dimensions.items()}
    sheet.rules = [
        f"{one.sqref} {','.join(rule.formula)}" for one in source.conditional_formatting for rule in one.rules
    ]
    sheet.lists = [f"{one.sqref} {one.formula1}" for one in source.data_validations.dataValidation]
    sheet.levels = {row: one.outlineLevel + 1 for row, one in source.row_dimensions.items() if one.outlineLevel}
    sheet.filter = source.auto_filter.ref and address_of(area_of(source.auto_filter.ref))
    sheet.window = (source.freeze_panes, source.sheet_view.showGridLines, source.print_title_rows, source.page_setup.orientation)  # fmt: skip


def _series(one) -> str:
    name = one.tx.strRef.f if one.tx and one.tx.strRef else f'"{one.tx.v if one.tx else ""}"'
    categories = one.cat.strRef or one.cat.numRef
    return f"=SERIES({name},{categories.f},{one.val.numRef.f},1)"


def _stored(value: object, kind: str) -> object:
    """A value as Excel has it: numbers are floats, an error is itself."""
    if isinstance(value, str) and value in ERRORS:
        return Error(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value
