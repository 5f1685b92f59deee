"""The whole audit of a book."""

from __future__ import annotations

from smile_xl.audit.differences import Audit, Unchecked
from smile_xl.audit.formulas import check_asides, check_formulas, check_neighbours
from smile_xl.audit.pages import check_pages, rewritten
from smile_xl.audit.recalculated import check_recalculated
from smile_xl.audit.recalculation import Recalculation
from smile_xl.audit.results import check_results
from smile_xl.formulas.cells import FormulaBook
from smile_xl.planning.findings import InputError, count_of, errors_of
from smile_xl.planning.sheets import has_table, own_sheets


def verify(book: FormulaBook, recalculated: FormulaBook | None = None) -> Audit:
    """Compare everything that the product calculates in a book; only its formulas where its inputs can't be planned.

    With a copy ``recalculated`` by a spreadsheet program, every formula of the book is compared with that; without,
    those with a SMILE_ function are calculated here.
    """
    audit = Audit(book.name)
    recalculation = Recalculation(book)
    check_neighbours(audit, recalculation)
    if has_table(book, "srm"):
        try:
            cycle, pages = rewritten(book)
        except InputError as error:
            audit.input_errors = errors_of(error.findings)
            audit.unchecked.append(Unchecked(book.name, "inputs", {"count": count_of(audit.input_errors)["errors"]}))
        else:
            check_results(audit, recalculation, cycle)
            check_pages(audit, recalculation, pages)
    else:
        audit.unchecked.append(Unchecked(book.name, "no_srm"))
    for sheet in own_sheets(book, "simulation"):
        audit.unchecked.append(Unchecked(sheet, "simulation"))
    if recalculated is None:
        check_formulas(audit, recalculation)
    else:
        check_recalculated(audit, book, recalculated)
    check_asides(audit, book)
    return audit
