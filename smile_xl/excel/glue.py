"""What the add-in's VBA calls for every SMILE_ formula, through xlwings' ``CallUDF``.

The contract between VBA and Python:

    XLPy.CallUDF("smile_xl.excel.glue", "call", Array(Array("SMILE_CLOSING", country, opening, ...)))

- ``call`` takes one argument, a one-dimensional array: the function's name, then its arguments in the registry's order.
  One array instead of many arguments, because xlwings turns an omitted argument of its own into a blank.
  Neither a workbook nor a caller is given: both cost COM calls, and nothing here needs them.
- An argument is the ``.Value2`` of a range (one value for one cell, else rows and columns) or, where a formula holds it
  itself, a value or an array. Never a Range. An omitted one is handed on as VBA has it (Missing), or left out where no
  other follows.
- The answer is one value, or an array of one dimension (one row of several cells) or of two (rows, columns), from 0.
- A value is a Double, a String of at most 255 characters, or a String that stands for an error (a marker):
  ``Chr(30) & error & "|" & reason``, the error as an English Excel shows it: #N/A, #VALUE! (all: ``ERROR_NAMES`` of
  ``values.py``). In an array each cell may be one. VBA makes it a real error (CVErr), keeps the reason for SMILE_WHY.
- SMILE_WHY reaches Python only for a cell whose reason VBA does not know, with the cell's error as its argument: the
  answer is what that error means in general, or "" for a cell without one.
- ``call`` raises nothing. VBA sees an error only when Python or xlwings itself fails.
"""

from __future__ import annotations

import xlwings

from smile_xl.cells import defect, evaluate
from smile_xl.excel.values import Returned, omissions_marked, received, returned
from smile_xl.one_row import one_row


@xlwings.func
@xlwings.arg("request", "raw")
@xlwings.ret("raw")
def call(request: tuple[object, ...]) -> Returned:
    """Result of the SMILE_ formula that ``request`` holds: the function's name and its arguments."""
    try:
        name, *arguments = request
        row = one_row(str(name), omissions_marked(arguments))
        if row is not None:
            return (tuple(row),)
        return returned(evaluate(str(name), received(str(name), arguments)))
    except Exception as error:
        return returned(defect(error))
