"""The add-in's worker: the product's own Python, which calculates what the component inside LibreOffice asks.

    python worker.py

Each message is its length and its bytes, by ``marshal`` in a form that every Python reads. A request is a function's
name and its arguments as Calc gives them; an answer the rows of the result and the reason of an error.
"""

from __future__ import annotations

import gc
import marshal
import struct
import sys
from collections.abc import Sequence
from itertools import chain
from operator import ne
from pathlib import Path

if __name__ == "__main__":  # run by path, so that it calculates with the package that it belongs to
    sys.path[0] = str(Path(__file__).parents[2])

import numpy as np

from smile_xl.arguments import OMITTED
from smile_xl.cells import UNDEFINED, Answer, Fault, evaluate, holds_text
from smile_xl.one_row import one_row
from smile_xl.planning.grid import CellError

CODES = {"#N/A": 32767, "#VALUE!": 519, "#DIV/0!": 532, "#NUM!": 503, "#REF!": 524, "#NAME?": 525, "#NULL!": 521}
"""Calc's codes of the errors that Excel has as well."""

LENGTH = struct.Struct("<Q")
PORTABLE = 2
"""Version of marshal's format: floats as their eight bytes, so that errors keep their codes."""

_ERROR_BITS = 0x7FF8000000000000

Rows = list[list[float]] | tuple[tuple[float | str, ...], ...]


def coded(error: str) -> float:
    """A number that Calc shows as an error."""
    number: float = struct.unpack("<d", LENGTH.pack(_ERROR_BITS | CODES.get(error, CODES["#VALUE!"])))[0]
    return number


def error_of(number: float) -> CellError:
    """The error that a number stands for which is none."""
    code = LENGTH.unpack(struct.pack("<d", number))[0] & 0xFFFF
    return CellError(next((text for text, known in CODES.items() if known == code), "#VALUE!"))


def given(value: object) -> object:
    """An argument as Calc gives it, as ``evaluate`` takes it."""
    if value is None:
        return OMITTED
    if not isinstance(value, tuple):
        return _cell(value)
    if len(value) == len(value[0]) == 1:
        return _cell(value[0][0])
    if set(map(type, chain.from_iterable(value))) == {float}:
        numbers = np.array(value)
        if not np.isnan(numbers).any():
            return numbers
    flat = list(chain.from_iterable(value))
    return tuple(tuple(map(_cell, row)) for row in value) if any(map(ne, flat, flat)) else value


def _cell(value: object) -> object:
    """A cell's value; an error comes as a number that differs from itself."""
    return error_of(value) if isinstance(value, float) and value != value else value


def _plain(value: object) -> object:
    """An argument of a formula of one item: a single cell is its value."""
    if type(value) is tuple and len(value) == len(value[0]) == 1:
        return value[0][0]
    return OMITTED if value is None else value


def shown(answer: Answer) -> tuple[Rows, str]:
    """A result as rows for Calc, and the reason of its first error."""
    if isinstance(answer, Fault):
        return ((coded(answer.error),),), answer.reason
    if isinstance(answer, float | str):
        return ((answer,),), ""
    if holds_text(answer):
        return tuple(map(tuple, answer.tolist())), ""
    defined = np.isfinite(answer)
    if defined.all():
        return answer.tolist(), ""
    return np.where(defined, answer, coded(UNDEFINED.error)).tolist(), UNDEFINED.reason


def calculate(name: str, arguments: Sequence[object]) -> tuple[Rows, str]:
    """Rows for Calc and the reason of an error."""
    row = one_row(name, [_plain(one) for one in arguments])
    if row is not None:
        return [list(row)], ""
    return shown(evaluate(name, [given(one) for one in arguments]))


def main() -> None:
    """Answer until standard input ends."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # A block is a hundred thousand tuples without a cycle: looking for cycles in them would take a third of the time.
    gc.freeze()
    gc.set_threshold(1_000_000)
    sys.stdout = sys.stderr  # what a library prints is no answer
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        name, arguments = marshal.loads(requests.read(LENGTH.unpack(head)[0]))  # noqa: S302  from the component
        rows, reason = calculate(name, arguments)
        message = marshal.dumps((rows, reason), PORTABLE)
        answers.write(LENGTH.pack(len(message)) + message)
        answers.flush()


if __name__ == "__main__":
    main()
