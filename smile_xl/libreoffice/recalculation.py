"""A workbook recalculated by Calc: every formula's value into the original file, and its reports as a PDF."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smile_xl.book import BookError
from smile_xl.books.xlsx.atomic import replace_file
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.formula_values import FormulaCell, Place, Value, areas_of
from smile_xl.books.xlsx.sheetdata import Area
from smile_xl.libreoffice.calc_copy import for_calc
from smile_xl.libreoffice.extension import extension_parts
from smile_xl.libreoffice.installed import OfficeError
from smile_xl.libreoffice.office import Document, Office, Values
from smile_xl.planning.grid import CellError, address
from smile_xl.planning.sheets import own_sheets
from smile_xl.reports import REFRESHED, STEERING, sheet_key

SKIPPED_CALL = "Err:504"
"""What Calc shows where it did not call a function, because a range among its arguments shows an error."""
AS_IN_EXCEL = {"Err:502": "#VALUE!", SKIPPED_CALL: "#VALUE!", "Err:503": "#NUM!"}
"""Errors of Calc's own and what its export writes for them."""
REPORTS = (*(name for name in REFRESHED if name != "srm"), "simulation", *map(sheet_key, STEERING))
"""What the PDF shows: every sheet that the product writes whole."""


@dataclass(frozen=True)
class Recalculated:
    """What a recalculation did."""

    formulas: int
    seconds: float
    """What Calc took for all formulas."""


def recalculate(
    path: Path, output: Path | None = None, pdf: Path | None = None, *, office: Office | None = None
) -> Recalculated:
    """Recalculate every formula of a workbook, in place or to ``output``; raises OfficeError and BookError.

    An ``office`` that has the add-in serves several workbooks; without one, one is started and ended.
    """
    book = XlsxBook(path)
    book.refuse_target(output)
    cells = {sheet: found for sheet in book.sheet_names() if (found := book.formula_cells(sheet))}
    if pdf is not None:
        _refuse_pdf(book, pdf)
    started = Office(addin=extension_parts(repair=False)) if office is None else contextlib.nullcontext(office)
    with started as calc, calc.workspace() as folder:
        document, seconds, values = _calculated(book, calc, folder, cells, printed=pdf is not None)
        book.renew_formulas(values)
        reports = folder / "reports.pdf"
        if pdf is not None:
            document.export_pdf(reports, _report_sheets(book))
        document.close()
        book.save(output)
        if pdf is not None:
            replace_file(pdf, reports.read_bytes())
    return Recalculated(sum(map(len, cells.values())), seconds)


def _refuse_pdf(book: XlsxBook, pdf: Path) -> None:
    if pdf.suffix.casefold() != ".pdf":
        raise OfficeError("pdf_type", file=pdf.name)
    if not pdf.resolve().parent.is_dir():
        raise BookError("no_folder", file=pdf.name, folder=str(pdf.resolve().parent))
    if not _report_sheets(book):
        raise OfficeError("no_reports", file=book.name)


def _report_sheets(book: XlsxBook) -> list[str]:
    return [sheet for report in REPORTS for sheet in own_sheets(book, report)]


def _calculated(
    book: XlsxBook, office: Office, folder: Path, cells: Mapping[str, Sequence[FormulaCell]], *, printed: bool
) -> tuple[Document, float, dict[str, dict[Place, Value]]]:
    """The book's copy in Calc, how long its formulas took and what they give."""
    copy = folder / book.name  # footers show the name
    for guard in (False, True):
        copy.write_bytes(for_calc(book.package, guard=guard, printed=printed))
        document = office.open(copy)
        seconds = document.calculate()
        shown = _shown(document, cells)
        if guard or not any(value == CellError(SKIPPED_CALL) for sheet in shown.values() for value in sheet.values()):
            break
        document.close()
    return (
        document,
        seconds,
        {sheet: _values(book, document, sheet, found, shown[sheet]) for sheet, found in cells.items()},
    )


def _shown(document: Document, cells: Mapping[str, Sequence[FormulaCell]]) -> dict[str, dict[Place, object]]:
    """What Calc shows in cells, by sheet and place."""
    found: dict[str, dict[Place, object]] = {}
    for sheet, wanted in cells.items():
        places = sorted(cell.place for cell in wanted)
        areas = list(areas_of(places))
        ranges = [(sheet, f"{address(one.top, one.left)}:{address(one.bottom, one.right)}") for one in areas]
        blocks = document.read_all(ranges)
        found[sheet] = {
            place: value for area, block in zip(areas, blocks, strict=True) for place, value in _placed(area, block)
        }
    return found


def _placed(area: Area, block: Values) -> Iterator[tuple[Place, object]]:
    for row, line in enumerate(block, area.top):
        for column, value in enumerate(line, area.left):
            yield (row, column), value


def _values(
    book: XlsxBook, document: Document, sheet: str, cells: Sequence[FormulaCell], shown: Mapping[Place, object]
) -> dict[Place, Value]:
    """Values for the file; a cell that Calc can't calculate, where Excel could, is refused by name."""
    # A truth value is a number to Calc: where the file does not say which, the text shown does.
    unsure = [cell.place for cell in cells if shown[cell.place] in (0, 1) and cell.kind != "n"]
    texts = document.texts(sheet, [address(*place) for place in unsure]) if unsure else []
    truths = {place for place, text in zip(unsure, texts, strict=True) if text.isalpha()}
    values: dict[Place, Value] = {}
    for cell in cells:
        value = shown[cell.place]
        if isinstance(value, CellError):
            kept = _error(cell, value)
            if kept is None:
                place = address(*cell.place)
                raise OfficeError("not_calculated", file=book.name, sheet=sheet, cell=place, error=value.text)
            values[cell.place] = kept
        elif cell.place in truths:
            values[cell.place] = bool(value)
        else:
            values[cell.place] = value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
    return values


def _error(cell: FormulaCell, error: CellError) -> CellError | None:
    """The error for the file: Excel's own, one that stands for Calc's, or the one that the cell showed before."""
    if error.text.startswith("#") and error.text != "#NAME?":
        return error
    if cell.kind == "e":
        return CellError(cell.text)
    return CellError(AS_IN_EXCEL[error.text]) if error.text in AS_IN_EXCEL else None
