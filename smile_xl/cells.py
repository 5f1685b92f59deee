"""A sheet function called with values as cells hold them: errors come in and go out as values, with a reason.

Every edge to a spreadsheet calls its functions here, so that a formula gives the same in each of them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from smile_xl.core.checks import Array
from smile_xl.planning.grid import CellError
from smile_xl.registry import ERRORS, FUNCTIONS, NO_DEMAND


class _Omitted(Enum):
    OMITTED = "omitted"


OMITTED: Final = _Omitted.OMITTED
"""Stands for an argument that a formula leaves out."""


@dataclass(frozen=True)
class Fault:
    """An error that a cell shows, and why."""

    error: str
    """As a cell shows it: #N/A, #VALUE!, #NUM! ..."""
    reason: str


UNDEFINED = Fault("#N/A", NO_DEMAND)
"""What a cell shows where a result is infinite or not a number."""

Answer = float | str | Fault | Array
"""One value, or an array (rows, columns) in which what is not finite stands for ``UNDEFINED``."""

Told = Callable[[str], None]
"""Told the traceback of a defect of ours."""


def evaluate(name: str, arguments: Sequence[object], told: Told = lambda _: None) -> Answer:
    """Result of a sheet function.

    Parameters
    ----------
    name : str
        Name in the sheet: SMILE_CLOSING.
    arguments : sequence
        In the function's order: a float, text, bool, None for a blank cell, CellError for a cell that shows an error,
        OMITTED; or rows of these, or an array of floats. The first error among them is the result.
    told : function, optional
        Is given the traceback of an exception that no function should raise.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        return Fault("#NAME?", f"there is no function {name}")
    for error in _errors(arguments):
        return Fault(
            error.text or "#VALUE!", "an argument shows this error" if error.text else "an argument has no value"
        )
    parameters = function.parameters
    if len(arguments) > len(parameters):
        return Fault("#VALUE!", f"{name} takes at most {len(parameters)} arguments")
    given = {one.name: value for one, value in zip(parameters, arguments, strict=False) if value is not OMITTED}
    missing = next((one.name for one in parameters if not one.optional and one.name not in given), None)
    if missing:
        return Fault("#VALUE!", f"{missing} is missing")
    try:
        result = function.call(**given)
    except tuple(ERRORS) as error:
        return Fault(next(shown for kind, shown in ERRORS.items() if isinstance(error, kind)), str(error))
    except Exception as error:
        told(traceback.format_exc())
        return Fault("#VALUE!", f"a defect in smile_xl: {type(error).__name__}: {error}")
    if isinstance(result, str):
        return result
    if np.ndim(result) == 0:
        return float(result) if np.isfinite(result) else UNDEFINED
    return np.atleast_2d(result)


def _errors(arguments: Iterable[object]) -> Iterator[CellError]:
    for value in arguments:
        if isinstance(value, CellError):
            yield value
        elif isinstance(value, list | tuple):
            yield from _errors(value)
