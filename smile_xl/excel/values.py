"""Values as COM carries them between Excel and Python, from and to values as cells hold them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np

from smile_xl.arguments import OMITTED
from smile_xl.books.live.values import ERROR_BASE, ERROR_NAMES
from smile_xl.cells import UNDEFINED, Answer, Fault, holds_text
from smile_xl.core.checks import Array
from smile_xl.core.segments import Texts
from smile_xl.planning.grid import CellError
from smile_xl.registry import FUNCTIONS

MARK = "\x1e"
"""First character of a text that stands for an error, a marker: ``MARK + "#N/A|reason"``."""

LONGEST_TEXT = 255
"""Characters of a text that every version of Excel takes from a function."""

NOT_GIVEN = -2147352572
"""DISP_E_PARAMNOTFOUND: how COM delivers an argument that a formula leaves out."""

Rows = tuple[tuple[Any, ...], ...]
"""A block of cells."""

Returned = tuple[tuple[float | str, ...], ...]
"""Rows of a result; one value is one row of one."""

_FLOATS_AND_BLANKS = {float, type(None)}
_BLANKS = {"months": 0.0, "number per item": 0.0, "months or blank": np.nan}
"""What a blank is in the arguments that take numbers, by kind."""


def omissions_marked(arguments: list[object]) -> list[object]:
    """The arguments as they came, but OMITTED for those left out."""
    if int not in set(map(type, arguments)):
        return arguments
    return [OMITTED if type(value) is int and value == NOT_GIVEN else value for value in arguments]


def received(name: str, arguments: Sequence[object]) -> list[object]:
    """Arguments of a sheet function as ``cells.evaluate`` takes them; blocks of numbers become arrays."""
    blanks = _blanks(name)
    surplus = len(arguments) - len(blanks)
    return [_argument(value, blank) for value, blank in zip(arguments, blanks + (None,) * surplus, strict=False)]


@cache
def _blanks(name: str) -> tuple[float | None, ...]:
    """What a blank is in each argument of a function; None for arguments that are not numbers."""
    function = FUNCTIONS.get(name)
    return tuple(_BLANKS.get(one.kind) for one in function.parameters) if function else ()


def _argument(value: object, blank: float | None) -> object:
    """An argument as cells hold it; ``blank`` is the number that a blank stands for, None where no numbers belong."""
    if type(value) is not tuple:
        return _cell(value)
    shapes = set(map(type, value))
    if tuple not in shapes:
        value, shapes = (value,), {tuple}  # an array of one dimension is a row
    if shapes != {tuple}:
        return value
    if blank is not None and len(set(map(len, value))) == 1:
        cells = _floats(value)
        cells = _floats_and_blanks(value, blank) if cells is None else cells
        if cells is not None:
            return cells
    return tuple(tuple(map(_cell, row)) for row in value)


def _floats(rows: Rows) -> Array | None:
    """A block of floats as an array; None where it holds anything else. Most of a call's time goes here: one pass."""
    shape = len(rows), len(rows[0])
    each = map(float.conjugate, chain.from_iterable(rows))  # gives a float back as it is, refuses whatever else
    try:
        return np.fromiter(each, np.float64, shape[0] * shape[1]).reshape(shape)
    except TypeError:
        return None


def _floats_and_blanks(rows: Rows, blank: float) -> Array | None:
    if not _FLOATS_AND_BLANKS.issuperset(map(type, chain.from_iterable(rows))):
        return None
    cells = np.array(rows, dtype=np.float64)  # None becomes NaN, which no cell holds
    cells[np.isnan(cells)] = blank
    return cells


def _cell(value: object) -> object:
    """One value as a cell holds it; integers are errors, since cells hold no other integers."""
    if type(value) is int:
        if value == NOT_GIVEN:
            return OMITTED
        if 0 <= value - ERROR_BASE < 65_536:
            return CellError(ERROR_NAMES.get(value - ERROR_BASE, "#VALUE!"))
        return float(value)  # from a caller in VBA
    return value


def returned(answer: Answer) -> Returned:
    """What ``cells.evaluate`` answers, as VBA takes it: numbers, text, markers."""
    if isinstance(answer, np.ndarray):
        if answer.size:
            return _rows(answer)
        answer = Fault("#VALUE!", "the ranges given have no cell")
    if isinstance(answer, Fault):
        return ((marker(answer),),)
    return ((answer[:LONGEST_TEXT] if isinstance(answer, str) else answer,),)


def _rows(cells: Array | Texts) -> Returned:
    if holds_text(cells):
        return tuple(map(tuple, cells.tolist()))
    if np.isfinite(cells).all():
        return tuple(map(tuple, cells.tolist()))
    undefined = marker(UNDEFINED)
    return tuple(tuple(value if isfinite(value) else undefined for value in row) for row in cells.tolist())


def marker(fault: Fault) -> str:
    r"""The text that stands for an error on its way to VBA, where it becomes the error.

    >>> marker(Fault("#N/A", "no demand"))
    '\x1e#N/A|no demand'
    """
    text = f"{MARK}{fault.error}|{fault.reason}"
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."
