"""What the product says of itself and of its figures: version, reasons of errors, explanations."""

from __future__ import annotations

from smile_xl import __version__
from smile_xl.arguments import Cell, Option, Passed
from smile_xl.explaining.calls import explanation


def SMILE_VERSION() -> str:
    """Version of smile_xl that calculates this workbook.

    Examples
    --------
    >>> SMILE_VERSION().count(".")
    2
    """
    return __version__


def SMILE_WHY(cell: Cell) -> str:
    """Reason of the error that a cell shows.

    Parameters
    ----------
    cell : cell
        A cell with a SMILE_ function; in Python, the exception raised or the error's text.

    Notes
    -----
    Empty for a cell without an error. For an error's text alone, what that error means in SMILE_ functions.

    Examples
    --------
    >>> SMILE_WHY("#NUM!")
    'a value is outside what the function is defined for, such as a negative demand'
    """
    if isinstance(cell, Exception):
        return str(cell)
    return MEANING_OF_ERROR.get(str(cell), "")


def SMILE_EXPLAIN(
    report: Option,
    month: Option,
    argument_1: Passed,
    argument_2: Passed,
    argument_3: Passed = None,
    argument_4: Passed = None,
    argument_5: Passed = None,
    argument_6: Passed = None,
    argument_7: Passed = None,
    argument_8: Passed = None,
    argument_9: Passed = None,
    argument_10: Passed = None,
    argument_11: Passed = None,
    argument_12: Passed = None,
) -> str:
    """How one figure of one item comes about: its terms with their numbers, and the rules that applied, as text.

    Parameters
    ----------
    report : "safety", "orders", "closing", "cover" or "projection"
        What to explain: safety, orders, closing, cover or projection; in French for a French word.
    month : 0 to 11
        The month to explain, counted from 0 for the current one.
    argument_1 : as in the function explained
        The arguments of the function, in its order, for one item: of SMILE_SAFETYSTOCK, SMILE_ORDERS, SMILE_CLOSING,
        SMILE_WEEKSCOVER or SMILE_PROJECTION.
    argument_2 : as in the function explained
        Its second argument.
    argument_3 : as in the function explained, optional
        Its third argument.
    argument_4 : as in the function explained, optional
        Its fourth argument.
    argument_5 : as in the function explained, optional
        Its fifth argument.
    argument_6 : as in the function explained, optional
        Its sixth argument.
    argument_7 : as in the function explained, optional
        Its seventh argument.
    argument_8 : as in the function explained, optional
        Its eighth argument.
    argument_9 : as in the function explained, optional
        Its ninth argument.
    argument_10 : as in the function explained, optional
        Its tenth argument.
    argument_11 : as in the function explained, optional
        Its eleventh argument.
    argument_12 : as in the function explained, optional
        Its twelfth argument.

    Notes
    -----
    Take the formula of the figure, and put the report and the month before its arguments. The numbers shown add up to
    the figure shown. What is longer than 255 characters loses the rules, then the names of the terms.

    Examples
    --------
    >>> SMILE_EXPLAIN("closing", 2, "Morocco", 100, [20, 0, 0, 0, 0, 0, 0, 0], [60, 70, 50], [0, 0, 80]).split(". ")
    ['closing, month 2: 80 (orders of month 2) - 50 (demand of month 2) = 30 t', 'A shortage of 10 t is lost, not ...']
    """
    arguments = (argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7, argument_8,
                 argument_9, argument_10, argument_11, argument_12)  # fmt: skip
    return explanation(report, month, arguments)


MEANING_OF_ERROR = {
    "#VALUE!": "ranges don't fit together, or text stands where a number belongs",
    "#NUM!": "a value is outside what the function is defined for, such as a negative demand",
    "#N/A": "a country or status has no row in its table, or there is no demand to cover",
    "#NAME?": "the add-in is not loaded",
}
