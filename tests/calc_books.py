"""Workbooks for Calc: written without values, opened with the names that Calc knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from smile_xl.books.xlsx import preflight
from smile_xl.libreoffice.calc_copy import for_calc
from smile_xl.libreoffice.office import Document, Office

Formulas = dict[str, str | tuple[str, int, int]]
"""Formulas by cell; an array formula with its rows and columns."""


def write_book(path: Path, sheets: dict[str, Sequence[Sequence[object]]], formulas: dict[str, Formulas]) -> Path:
    """A workbook as openpyxl writes it: no formula has a value."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cell, formula in formulas.get(name, {}).items():
            if isinstance(formula, str):
                sheet[cell] = formula
                continue
            text, height, width = formula
            start = sheet[cell]
            end = f"{get_column_letter(start.column + width - 1)}{start.row + height - 1}"
            sheet[cell] = ArrayFormula(f"{cell}:{end}", text)
    workbook.save(path)
    return path


def open_for_calc(office: Office, path: Path, *, guard: bool = False) -> Document:
    """Open a workbook's copy for Calc, and calculate it."""
    copy = path.with_name(f"calc_{path.name}")
    copy.write_bytes(for_calc(preflight.check(path), guard=guard))
    document = office.open(copy)
    document.calculate()
    return document
