"""A sheet function called with values as cells hold them: errors come in and go out as values, with a reason.

Every edge to a spreadsheet calls its functions here, so that a formula gives the same in each of them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeGuard

import numpy as np

from smile_xl.arguments import OMITTED
from smile_xl.core.checks import Array
from smile_xl.core.segments import Texts
from smile_xl.defects import log_defect
from smile_xl.planning.grid import CellError, is_blank
from smile_xl.registry import ERRORS, FUNCTIONS, NO_DEMAND, Parameter


@dataclass(frozen=True)
class Fault:
    """An error that a cell shows, and why."""

    error: str
    """As a cell shows it: #N/A, #VALUE!, #NUM! ..."""
    reason: str


UNDEFINED = Fault("#N/A", NO_DEMAND)
"""What a cell shows where a result is infinite or not a number."""

Answer = float | str | Fault | Array | Texts
"""One value, or an array (rows, columns): texts, or numbers of which those not finite stand for ``UNDEFINED``."""

_BLANK_MEANS: dict[str, object] = {"text per item": "", "option": None, "rules": ((None,),), "cell": None}
"""What one blank cell is in the arguments that do not take numbers, by kind."""

TOO_LARGE = Fault("#NUM!", "a value is too large to calculate with")

Told = Callable[[str], str | None]
"""Told the traceback of a defect of ours; says in which file it is kept."""


@lru_cache(64)  # a defect shows in thousands of cells
def kept(trace: str) -> str:
    """Keep the traceback of a defect of ours in a log file, the same for the same traceback; says which."""
    return log_defect("calculating a cell", trace)


def evaluate(name: str, arguments: Sequence[object], told: Told = kept) -> Answer:
    """Result of a sheet function.

    Parameters
    ----------
    name : str
        Name in the sheet: SMILE_CLOSING.
    arguments : sequence
        In the function's order: a float, text, bool, None for a blank cell, CellError for a cell that shows an error,
        OMITTED; or rows of these, or an array of floats. The first error among them is the result.
    told : function, optional
        Is given the traceback of an exception that no function should raise; by default it is kept in a log file.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        return Fault("#NAME?", f"there is no function {name}")
    parameters = function.parameters
    if len(arguments) > len(parameters):
        return Fault("#VALUE!", f"{name} takes at most {len(parameters)} arguments")
    given: dict[str, object] = {}
    for one, value in zip(parameters, arguments, strict=False):
        fault = None if one.kind == "cell" else _error_in(one.name, value)
        if fault:
            return fault
        value = _without_blank(one, value)
        if value is not OMITTED:
            given[one.name] = value
    missing = next((one.name for one in parameters if not one.optional and one.name not in given), None)
    if missing:
        return Fault("#VALUE!", f"{missing} is missing")
    try:
        with np.errstate(all="ignore"):
            result = function.call(**given)
    except tuple(ERRORS) as error:
        return Fault(next(shown for kind, shown in ERRORS.items() if isinstance(error, kind)), str(error))
    except Exception as error:
        return defect(error, told)
    if isinstance(result, str):
        return result
    if holds_text(result):
        return np.atleast_2d(result)
    if not function.may_be_undefined and not np.isfinite(result).all():
        return TOO_LARGE
    if np.ndim(result) == 0:
        return float(result) if np.isfinite(result) else UNDEFINED
    return np.atleast_2d(result)


def holds_text(result: object) -> TypeGuard[Texts]:
    """True for an array of texts."""
    return isinstance(result, np.ndarray) and result.dtype.kind == "U"


def defect(error: Exception, told: Told = kept) -> Fault:
    """What a cell shows for an exception that nothing should raise; to be called while it is handled."""
    log = told(traceback.format_exc())
    file = f": please send us the file {log}" if log and log != "-" else ""
    return Fault("#VALUE!", f"a defect in smile_xl, not in your workbook{file} ({type(error).__name__}: {error})")


def _error_in(name: str, value: object) -> Fault | None:
    """What the first cell that shows an error makes of the whole result."""
    if isinstance(value, CellError):
        return _error_shown(value, name)
    if not isinstance(value, list | tuple):
        return None
    rows = [row if isinstance(row, list | tuple) else (row,) for row in value]
    if CellError not in set(map(type, chain.from_iterable(rows))):
        return None
    cells = ((row, column, cell) for row, cells in enumerate(rows, 1) for column, cell in enumerate(cells, 1))
    row, column, error = next(place for place in cells if isinstance(place[2], CellError))
    return _error_shown(error, f"{name} row {row} column {column}")


def _error_shown(error: CellError, where: str) -> Fault:
    if not error.text:
        return Fault("#VALUE!", f"{where} has no value yet")
    return Fault(error.text, f"{where} shows this error")


def _without_blank(parameter: Parameter, value: object) -> object:
    """An argument that does not take numbers, with what a blank cell means there."""
    if parameter.kind not in _BLANK_MEANS:
        return value
    while isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not is_blank(value):
        return value
    has_default = parameter.optional and (parameter.kind == "option" or isinstance(parameter.default, str))
    return OMITTED if has_default else _BLANK_MEANS[parameter.kind]
