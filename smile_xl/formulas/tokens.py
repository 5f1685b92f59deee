"""The tokens of a formula, as a workbook file has it: English names, commas, no equals sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smile_xl.planning.grid import column_name

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_SHEET = r"(?:'(?:[^']|'')+'|(?:\[\d+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?|\[\d+\])!"
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<error>\#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!|GETTING_DATA))
    |(?P<call>(?:{_SHEET})?[^\W\d][\w.]*\()
    |(?P<range>(?:{_SHEET})?(?:{_CELL}(?::{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}|\$?[0-9]+:\$?[0-9]+)(?![\w.(!\[]))
    |(?P<table>(?:[^\W\d][\w.]*)?\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)
    |(?P<name>(?:{_SHEET})?[^\W\d][\w.\\?]*)
    |(?P<operator><=|>=|<>|[-+*/^&=<>%(){{}},;:@\#])
    """,
    re.VERBOSE,
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)([0-9]*)")


class FormulaError(Exception):
    """A formula that can't be read; the text says where."""


@dataclass(frozen=True)
class Token:
    """A piece of a formula: text, error, call, range, table, number, name, operator or space."""

    kind: str
    text: str


def tokens(formula: str) -> Iterator[Token]:
    """The tokens from left to right, blanks included.

    >>> [one.text for one in tokens("[1]!SMILE_CV(SRM!$A1:B2)*2")]
    ['[1]!SMILE_CV(', 'SRM!$A1:B2', ')', '*', '2']
    """
    place = 0
    while place < len(formula):
        found = _TOKEN.match(formula, place)
        if found is None or found.lastgroup is None:
            raise FormulaError(formula[place : place + 20])
        yield Token(found.lastgroup, found[0])
        place = found.end()


def function_name(call: str) -> str:
    """The function that a call names, whatever workbook or add-in stands before it.

    >>> function_name("'smile_xl.xlam'!smile_cv("), function_name("_xll.SMILE_CV(")
    ('SMILE_CV', 'SMILE_CV')
    """
    name = call.rstrip("(").rpartition("!")[2].upper()
    for prefix in ("_XLFN.", "_XLWS.", "_XLL.", "_XLUDF."):
        name = name.removeprefix(prefix)
    return name


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as it is where it is copied some rows down and columns to the right.

    >>> moved("A1+$A1+A$1+$A$1", 2, 1)
    'B3+$A3+B$1+$A$1'
    """
    return "".join(
        _moved_range(one.text, rows, columns) if one.kind == "range" else one.text for one in tokens(formula)
    )


def relative(formula: str, row: int, column: int) -> str:
    """The formula with its references told from its own cell: copies of one formula give the same."""
    told = []
    for one in tokens(formula):
        if one.kind == "range":
            sheet, _, cells = one.text.rpartition("!")
            told.append(f"{sheet}!{':'.join(_told(corner, row, column) for corner in cells.split(':'))}")
        elif one.kind != "space":
            told.append(one.text if one.kind == "text" else one.text.upper())
    return "".join(told)


def _told(corner: str, row: int, column: int) -> str:
    fixed_column, letters, fixed_row, digits = _corner(corner)
    across = "" if not letters else f"C{letters.upper()}" if fixed_column else f"C[{_number(letters) - column}]"
    down = "" if not digits else f"R{digits}" if fixed_row else f"R[{int(digits) - 1 - row}]"
    return down + across


def _moved_range(text: str, rows: int, columns: int) -> str:
    sheet, mark, cells = text.rpartition("!")
    corners = []
    for corner in cells.split(":"):
        fixed_column, letters, fixed_row, digits = _corner(corner)
        if letters and not fixed_column:
            place = _number(letters) + columns
            if not 0 <= place < LAST_COLUMN:
                return "#REF!"
            letters = column_name(place)
        if digits and not fixed_row:
            if not 0 < int(digits) + rows <= LAST_ROW:
                return "#REF!"
            digits = str(int(digits) + rows)
        corners.append(f"{'$' * fixed_column}{letters}{'$' * fixed_row}{digits}")
    return f"{sheet}{mark}{':'.join(corners)}"


def corner_place(corner: str) -> tuple[int | None, int | None]:
    """Row and column of a reference's corner, from 0; None for a whole column's row or a whole row's column."""
    _, letters, _, digits = _corner(corner)
    return (int(digits) - 1 if digits else None), (_number(letters) if letters else None)


def _corner(text: str) -> tuple[bool, str, bool, str]:
    """Column fixed, column, row fixed, row; a whole row's dollar sign stands before its number."""
    found = _CORNER.fullmatch(text)
    if found is None:
        raise FormulaError(text)
    if not found[2]:
        return False, "", bool(found[1] or found[3]), found[4]
    return bool(found[1]), found[2], bool(found[3]), found[4]


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
