"""Calls of SMILE_ functions in the text of formulas, as Excel and as Calc write them.

Standard library only: the add-in carries this file into LibreOffice's own Python, which may be as old as 3.8.
"""

from __future__ import annotations

import re
from typing import Callable, List, Optional, Tuple  # noqa: UP035

_TEXT = r'"(?:[^"]|"")*"'
_QUOTED = r"'(?:[^']|'')*'"
# Where Excel found the add-in: an external book by number, by name or by path; _xll is an XLL's.
_WHERE = rf"(?:{_QUOTED}!|\[[^\]]*\]!|(?<![\w.])[\w.\\/:\[\]-]+!|_xll\.|_xludf\.)"
_CALL = re.compile(rf"{_TEXT}|(?:{_WHERE}|(?<![\w.]))(?P<name>SMILE_\w+)(?P<open>\s*\()|{_QUOTED}", re.IGNORECASE)
_NO_REFERENCE = re.compile(rf"\s*(?:{_TEXT}|[+-]?[\d.]+(?:E[+-]?\d+)?%?|(?:TRUE|FALSE)(?:\(\s*\))?|)\s*", re.IGNORECASE)
_PIECE = re.compile(rf"{_TEXT}|{_QUOTED}|[(){{}},;]|[^\"'(){{}},;]+", re.IGNORECASE)

_MATRIX = re.compile(r"^TRANSPOSE\(TRANSPOSE\((.*)\)\)$", re.DOTALL)

Renamed = Callable[[str], str]


def renamed(formula: str, new_name: Renamed) -> str:
    """A formula whose SMILE_ calls have other names, wherever Excel says that it found them.

    >>> renamed('=IF([1]!SMILE_CV(A1:C1)>1,"SMILE_CV(x)",0)', lambda name: f"NEW.{name}")
    '=IF(NEW.SMILE_CV(A1:C1)>1,"SMILE_CV(x)",0)'
    """

    def put(found: re.Match[str]) -> str:
        name = found["name"]
        return new_name(name.upper()) + found["open"] if name else found[0]

    return _CALL.sub(put, formula)


def guarded(formula: str) -> str:
    """A formula whose SMILE_ calls take ranges as matrices: Calc does not call with a range that shows an error.

    >>> guarded('=1+SMILE_CLOSING("Morocco",B2,C2:D3,0)')
    '=1+SMILE_CLOSING("Morocco",TRANSPOSE(TRANSPOSE(B2)),TRANSPOSE(TRANSPOSE(C2:D3)),0)'
    """
    pieces: List[str] = []  # noqa: UP006
    done = 0
    for call in _CALL.finditer(formula):
        if not call["name"] or call.start() < done:
            continue
        found = _arguments(formula, call.end())
        if found is None:
            break
        arguments, end = found
        if call["name"].upper() != "SMILE_WHY":  # which wants the cell, not its value
            arguments = [one if _NO_REFERENCE.fullmatch(one) else _matrix(guarded(one)) for one in arguments]
        pieces += [formula[done : call.end()], ",".join(arguments)]
        done = end
    return "".join([*pieces, formula[done:]])


def split_call(formula: str) -> Optional[Tuple[str, List[str]]]:  # noqa: UP006, UP045
    """Name and arguments of a formula that is one SMILE_ call, guarded or not, and nothing else.

    >>> split_call("=ORG.SMILEXL.FUNCTIONS.SMILE_CV($SRM.A1:C1)"), split_call("=1+SMILE_CV(A1)")
    (('SMILE_CV', ['$SRM.A1:C1']), None)
    """
    start = re.fullmatch(r"\{?=\s*(?:[\w.]+\.)?(SMILE_\w+)\s*\((.*)", formula, re.IGNORECASE | re.DOTALL)
    found = _arguments(formula, start.start(2)) if start else None
    if start is None or found is None or formula[found[1] :].strip() not in (")", ")}"):
        return None
    return start[1].upper(), [_MATRIX.sub(r"\1", one.strip()) for one in found[0]]


def _matrix(argument: str) -> str:
    return f"TRANSPOSE(TRANSPOSE({argument.strip()}))"


def _arguments(formula: str, start: int) -> Optional[Tuple[List[str], int]]:  # noqa: UP006, UP045
    """Arguments of the call whose parenthesis opens before ``start``, and where the closing one stands."""
    depth, begin, found = 0, start, []
    for piece in _PIECE.finditer(formula, start):
        text = piece[0]
        if text in "({":
            depth += 1
        elif text in ")}" and depth:
            depth -= 1
        elif text == ")":
            found.append(formula[begin : piece.start()])
            return ([] if found == [""] else found), piece.start()
        elif text in ",;" and not depth:
            found.append(formula[begin : piece.start()])
            begin = piece.end()
    return None
