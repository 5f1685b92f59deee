"""The spreadsheet's own functions that stand around SMILE_ calls; the others are not evaluated."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from smile_xl.planning.grid import CellError

Rows = list[list[object]]

_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_NUMBER_LIKE = re.compile(r"[\s0-9.,:/%+\-€$eE]*[0-9][\s0-9.,:/%+\-€$eE]*")
_TRUTHS = ("true", "false", "vrai", "faux")
_NOT_AVAILABLE, _VALUE, _REFERENCE = CellError("#N/A"), CellError("#VALUE!"), CellError("#REF!")


@dataclass(frozen=True)
class Native:
    """A function on values; raises NotImplementedError for arguments that it does not take here."""

    call: Callable[..., object]
    takes_range: Callable[[int], bool] = lambda _: False
    """True for the place of an argument that is a range as a whole, in any formula."""


def broadcast(call: Callable[..., object], values: Sequence[object]) -> object:
    """The call for each cell of the values: one cell, one row or one column is repeated; what is missing is #N/A."""
    blocks = [value if isinstance(value, list) else None for value in values]
    if not any(block is not None for block in blocks):
        return call(*values)
    height = max(len(block) for block in blocks if block is not None)
    width = max(len(block[0]) for block in blocks if block is not None)

    def cell(place: int, row: int, column: int) -> object:
        block = blocks[place]
        if block is None:
            return values[place]
        row = 0 if len(block) == 1 else row
        column = 0 if len(block[0]) == 1 else column
        return block[row][column] if row < len(block) and column < len(block[0]) else _NOT_AVAILABLE

    return [
        [call(*(cell(place, row, column) for place in range(len(values)))) for column in range(width)]
        for row in range(height)
    ]


def first_error(value: object, among: Sequence[str] | None = None) -> CellError | None:
    """The first error in a value, ``among`` some if given."""
    for one in flat(value):
        if isinstance(one, CellError) and (among is None or one.text in among):
            return one
    return None


def flat(value: object) -> Iterator[object]:
    """The cells of a value, row by row."""
    if isinstance(value, list):
        for row in value:
            yield from row
    else:
        yield value


def number(value: object) -> float | CellError:
    """A cell as a number to calculate with: a blank is 0, TRUE is 1; text is an error, or not surely the same."""
    if isinstance(value, CellError):
        return value
    if value is None:
        return 0.0
    if isinstance(value, bool | float | int):
        return float(value)
    try:
        float(str(value))
    except ValueError:
        return _VALUE
    raise NotImplementedError  # text that looks like a number: that depends on the user's settings


def scalar_text(value: object) -> str:
    """A cell as text, as the operator & joins it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        raise NotImplementedError
    return str(value)


def _numbers(values: Sequence[object]) -> list[float]:
    """The numbers among cells; text, truths and blanks of ranges don't count."""
    found = []
    for value in values:
        if isinstance(value, list):
            found += [float(one) for one in flat(value) if isinstance(one, float | int) and not isinstance(one, bool)]
        else:
            one = number(value)
            if not isinstance(one, CellError):
                found.append(one)
            else:
                raise NotImplementedError
    return found


def _over(call: Callable[[list[float]], float]) -> Native:
    def total(*values: object) -> object:
        error = _first_of(values)
        return _result(call, values) if error is None else error

    return Native(total, _everywhere)


def _first_of(values: Sequence[object]) -> CellError | None:
    return next((error for value in values if (error := first_error(value)) is not None), None)


def _result(call: Callable[[list[float]], float], values: Sequence[object]) -> object:
    try:
        return float(call(_numbers(values)))
    except ZeroDivisionError:
        return CellError("#DIV/0!")


def _each(call: Callable[..., object]) -> Native:
    """A function of single cells, errors among them."""
    return Native(lambda *values: broadcast(call, values))


def _on_numbers(call: Callable[..., object]) -> Native:
    """A function of single numbers."""

    def calculated(*cells: object) -> object:
        numbers = [number(cell) for cell in cells]
        error = _first_of(numbers)
        return call(*numbers) if error is None else error

    return _each(calculated)


def _round(value: float, digits: float) -> float:
    """Half away from zero, as a spreadsheet does."""
    scale = 10.0 ** int(digits)
    return math.copysign(math.floor(abs(value) * scale + 0.5), value) / scale


def _all(*values: object) -> object:
    error = _first_of(values)
    return all(_truths(values)) if error is None else error


def _any(*values: object) -> object:
    error = _first_of(values)
    return any(_truths(values)) if error is None else error


def _truths(values: Sequence[object]) -> list[bool]:
    truths = [bool(one) for value in values for one in flat(value) if isinstance(one, bool | float | int)]
    if not truths or any(isinstance(one, str) for value in values for one in flat(value)):
        raise NotImplementedError
    return truths


def _index(rows: object, row: object, column: object = None) -> object:
    block = rows if isinstance(rows, list) else [[rows]]
    places = [1.0 if one is None else number(one) for one in (row, column)]
    if column is None and len(block) == 1:
        places.reverse()
    down, across = places
    if isinstance(down, CellError) or isinstance(across, CellError):
        return down if isinstance(down, CellError) else across
    if not (0 <= down <= len(block) and 0 <= across <= len(block[0])):
        return _REFERENCE
    chosen = block if down < 1 else [block[int(down) - 1]]
    if across >= 1:
        chosen = [[line[int(across) - 1]] for line in chosen]
    return chosen[0][0] if len(chosen) == len(chosen[0]) == 1 else chosen


def _match(wanted: object, among: object, kind: object = 1.0) -> object:
    if number(kind) != 0 or isinstance(wanted, list) or not isinstance(among, list):
        raise NotImplementedError
    if isinstance(wanted, CellError):
        return wanted
    if len(among) > 1 and len(among[0]) > 1:
        return _NOT_AVAILABLE
    key = _key(wanted)
    return next((float(place) for place, one in enumerate(flat(among), start=1) if _key(one) == key), _NOT_AVAILABLE)


def _key(value: object) -> object:
    """What makes two cells equal: kind and value, texts whatever their case; wildcards are not taken here."""
    if isinstance(value, str):
        if any(letter in value for letter in "*?~"):
            raise NotImplementedError
        return "text", value.casefold()
    if isinstance(value, CellError):
        return "error", value.text
    return type(value).__name__, value


def _criterion(value: object) -> object:
    """What a cell must be to meet a criterion; only equality is taken here."""
    if value is None:
        return _counted(0.0)
    if isinstance(value, str) and (not value or value[0] in "<>=" or any(letter in value for letter in "*?~")):
        raise NotImplementedError
    return _counted(value)


def _counted(value: object) -> object:
    """What makes a cell meet a criterion: a text of digits is the number, whatever its zeros in front."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return "number", float(value)
    if isinstance(value, str) and (_NUMBER_LIKE.fullmatch(value) or value.casefold() in _TRUTHS):
        raise NotImplementedError  # a date, a share, a truth: that depends on the user's settings
    if isinstance(value, str):
        return "text", value.casefold()
    if isinstance(value, float):
        return "number", value
    return type(value).__name__, value


def _count_ifs(*pairs: object) -> object:
    return _tally(None, pairs)


def _sum_ifs(values: object, *pairs: object) -> object:
    return _tally(values, pairs)


def _tally(values: object, pairs: Sequence[object]) -> object:
    """For each cell of the criteria, how many rows meet all of them, or the sum of their values."""
    if not pairs or len(pairs) % 2:
        raise NotImplementedError
    ranges = [list(flat(one)) for one in pairs[::2]]
    weights = [1.0] * len(ranges[0]) if values is None else list(flat(values))
    if any(len(one) != len(weights) for one in ranges):
        return _VALUE
    totals: Counter[tuple[object, ...]] = Counter()
    for weight, *cells in zip(weights, *ranges, strict=True):
        if isinstance(weight, float):
            totals[tuple(map(_counted, cells))] += weight  # type: ignore[assignment]
    return broadcast(lambda *criteria: float(totals[tuple(map(_criterion, criteria))]), pairs[1::2])


def _sum_if(among: object, criterion: object, values: object = None) -> object:
    return _tally(among if values is None else values, (among, criterion))


def _sum_product(*values: object) -> object:
    error = _first_of(values)
    if error is not None:
        return error
    blocks = [value if isinstance(value, list) else [[value]] for value in values]
    if len({(len(block), len(block[0])) for block in blocks}) > 1:
        return _VALUE
    cells = zip(*(flat(block) for block in blocks), strict=True)
    return math.fsum(math.prod(one if isinstance(one, float) else 0.0 for one in row) for row in cells)


def _transposed(value: object) -> object:
    return [list(column) for column in zip(*value, strict=True)] if isinstance(value, list) else value


def _everywhere(_: int) -> bool:
    return True


def _pairs(place: int) -> bool:
    return place % 2 == 0


def _after_the_values(place: int) -> bool:
    return place == 0 or place % 2 == 1


NATIVE: dict[str, Native] = {
    "SUM": _over(sum),
    "MIN": _over(lambda numbers: min(numbers, default=0.0)),
    "MAX": _over(lambda numbers: max(numbers, default=0.0)),
    "AVERAGE": _over(lambda numbers: sum(numbers) / len(numbers)),
    "SUMPRODUCT": Native(_sum_product, _everywhere),
    "COUNTIF": Native(_count_ifs, _pairs),
    "COUNTIFS": Native(_count_ifs, _pairs),
    "SUMIF": Native(_sum_if, _pairs),
    "SUMIFS": Native(_sum_ifs, _after_the_values),
    "INDEX": Native(_index, _everywhere),
    "MATCH": Native(_match, _everywhere),
    "ROWS": Native(lambda value: float(len(value)) if isinstance(value, list) else 1.0, _everywhere),
    "COLUMNS": Native(lambda value: float(len(value[0])) if isinstance(value, list) else 1.0, _everywhere),
    "TRANSPOSE": Native(_transposed, _everywhere),
    "AND": Native(_all, _everywhere),
    "OR": Native(_any, _everywhere),
    "NOT": _on_numbers(lambda one: one == 0),
    "TRUE": Native(lambda: True),
    "FALSE": Native(lambda: False),
    "NA": Native(lambda: _NOT_AVAILABLE),
    "ABS": _on_numbers(abs),
    "ROUND": _on_numbers(_round),
    "ISNUMBER": _each(lambda one: isinstance(one, float)),
    "ISTEXT": _each(lambda one: isinstance(one, str)),
    "ISBLANK": _each(lambda one: one is None),
    "ISERROR": _each(lambda one: isinstance(one, CellError)),
    "ISNA": _each(lambda one: one == _NOT_AVAILABLE),
}
"""By name, in capitals."""
