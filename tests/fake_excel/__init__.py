"""An Excel for tests: behind the real xlwings front end, the objects that the live book and the macros use of it.

It is as strict as Excel where it matters: references break when a sheet is deleted, copies between workbooks point back
at the workbook that they come from, a text that is typed in is parsed, a part of an array can't be changed, currency is
rounded to four decimals, error cells come as integers. Each call across the process border is counted, and one of them
can be made to fail.
"""

from fake_excel.application import Excel
from fake_excel.books import Chart, Workbook, Worksheet
from fake_excel.cells import Cell
from fake_excel.errors import ERRORS, Error, com_error
from fake_excel.front import App, Book, Books, Charts, Range, Sheet, Sheets

__all__ = ["ERRORS", "App", "Book", "Books", "Cell", "Chart", "Charts", "Error", "Excel", "Range", "Sheet", "Sheets", "Workbook", "Worksheet", "com_error"]  # fmt: skip
