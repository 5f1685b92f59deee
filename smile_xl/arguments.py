"""Arguments of the sheet functions: from what a cell, a range or a Python user gives to checked arrays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final

import numpy as np

from smile_xl.core import HORIZON, TRANSIT_WEEKS, DomainError, ShapeError
from smile_xl.core.checks import Array
from smile_xl.planning.names import as_text, key_of, plain
from smile_xl.planning.numerals import number_in
from smile_xl.planning.rules import (
    BUILT_IN_COUNTRIES,
    BUILT_IN_STATUSES,
    Countries,
    CountryRule,
    Statuses,
    StatusRule,
    countries,
    statuses,
)
from smile_xl.planning.tables import as_flag


class _Omitted(Enum):
    OMITTED = "omitted"


OMITTED: Final = _Omitted.OMITTED
"""Stands for an argument that a formula leaves out."""

SHOWN_TEXT = 40
"""Characters of a cell's text that a message repeats."""


class NotNumberError(ValueError):
    """Text, a date or a truth value where a number belongs."""


class UnknownNameError(LookupError):
    """A country or status without a row in its table."""


Months = Annotated[Any, "months"]
"""Months in a row, one row per item; a blank is 0."""
MonthsOrBlank = Annotated[Any, "months or blank"]
"""Months in a row, one row per item; a blank means that nothing is given."""
PerItem = Annotated[Any, "number per item"]
"""One number for all items, or a column with one per item; a blank is 0."""
Names = Annotated[Any, "text per item"]
"""One text for all items, or a column with one per item."""
Option = Annotated[Any, "option"]
"""One of a few words, a number, or TRUE and FALSE."""
Cuts = Annotated[Any, "two numbers"]
"""Two numbers side by side or one below the other, the smaller one first."""
Rules = Annotated[Any, "rules"]
"""The range of a rules table, with or without its header row."""
Cell = Annotated[Any, "cell"]
"""Any cell."""
Passed = Annotated[Any, "as explained"]
"""The argument in that place of another function."""


def block(name: str, value: object, *, blank: float = 0.0) -> Array:
    """``value`` as an array (items, months): a list is one item's row, a number one item's only month."""
    cells = numbers(name, value, blank=blank)
    if cells.ndim > 2:
        raise ShapeError(f"{name} has {cells.ndim} axes, want rows and columns")
    return cells.reshape((1, -1)) if cells.ndim < 2 else cells


def per_item(name: str, value: object, items: int) -> Array:
    """``value``, one number or a column, as an array (items,)."""
    cells = numbers(name, value)
    if cells.ndim == 2 and 1 in cells.shape and (cells.shape[1] == 1 or items == 1):
        cells = cells.ravel()
    if cells.ndim > 1 or cells.size not in (1, items):
        raise ShapeError(f"{name} has shape {cells.shape}, want one number or a column of {items}")
    return np.broadcast_to(cells.ravel(), (items,)) if cells.size == 1 else cells


def numbers(name: str, value: object, *, blank: float = 0.0) -> Array:
    """``value`` as an array of floats in its own shape; None and empty text are blanks."""
    try:
        cells = np.asarray(value)
    except ValueError:
        raise ShapeError(f"the rows of {name} differ in length") from None
    if cells.dtype.kind in "fiu" and not _holds_flags(value):
        return cells.astype(np.float64)
    flat = np.asarray(value, dtype=object).ravel().tolist()
    plain = [blank if one is None or one == "" else one for one in flat]
    if {float, int}.issuperset(map(type, plain)):  # the common case, five times as fast
        return np.array(plain, dtype=np.float64).reshape(cells.shape)
    found = [_number(name, one, blank, cells.shape, index) for index, one in enumerate(flat)]
    return np.array(found, dtype=np.float64).reshape(cells.shape)


def _holds_flags(value: object) -> bool:
    """True where numpy would make 1.0 of a True among numbers."""
    if not isinstance(value, list | tuple):
        return False
    kinds = set(map(type, np.asarray(value, dtype=object).ravel().tolist()))
    return not kinds.isdisjoint((bool, np.bool_))


def _number(name: str, value: object, blank: float, shape: tuple[int, ...] = (), index: int = 0) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        return blank
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating | Decimal):
        raise NotNumberError(f"{name}{_place(shape, index)} holds {_shown(value)}, want a number{_hint(value)}")
    return float(value)


def _place(shape: tuple[int, ...], index: int) -> str:
    """Where a cell stands in a block, counted from 1; nothing for a single cell."""
    axes = {1: ("place",), 2: ("row", "column")}.get(len(shape), ())
    return "".join(f" {axis} {one + 1}" for axis, one in zip(axes, np.unravel_index(index, shape), strict=False))


def _shown(value: object) -> str:
    """What a cell holds in place of a number, in short."""
    if isinstance(value, bool | np.bool_):
        return str(value).upper()
    if isinstance(value, dt.date):
        return f"the date {value.isoformat()[:10]}"
    text = re.sub(r"\s", " ", as_text(value))
    return repr(text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}...")


def _hint(value: object) -> str:
    number = number_in(value) if isinstance(value, str) else None
    return "" if number is None else f"; it looks like {number:.15g}: convert the cell to a number"


def names(name: str, value: object, items: int) -> list[str]:
    """``value``, one text or a column, as one text per item."""
    cells = [as_text(one) for one in np.asarray(value, dtype=object).ravel().tolist()]
    if len(cells) not in (1, items):
        raise ShapeError(f"{name} has {len(cells)} rows, want one text or a column of {items}")
    return cells * items if len(cells) == 1 else cells


def option(name: str, value: object, choices: Sequence[str]) -> str:
    """``value`` as one of the ``choices``, in either language."""
    found = key_of("value", as_text(single(name, value)), tuple(choices))
    if found is None:
        raise DomainError(f"{name} is {as_text(single(name, value))!r}, want one of {', '.join(choices)}")
    return found


def options(name: str, value: object, choices: Sequence[str], items: int) -> list[str]:
    """``value``, one of the ``choices`` or a column of them, as one per item."""
    found = {text: option(name, text, choices) for text in set(names(name, value, items))}
    return [found[text] for text in names(name, value, items)]


def flag(name: str, value: object, default: bool = False) -> bool:
    """``value`` as TRUE or FALSE; a blank is the default."""
    value = single(name, value)
    if value is None or as_text(value) == "":
        return default
    found = as_flag(value)
    if found is None:
        raise DomainError(f"{name} is {as_text(value)!r}, want TRUE or FALSE")
    return found


def number(name: str, value: object, *, blank: float = 0.0) -> float:
    """``value`` as one number."""
    return _number(name, single(name, value), blank)


def cuts(name: str, value: object, default: tuple[float, float]) -> tuple[float, float]:
    """``value`` as two numbers; left out or blank, the default."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return default
    found = numbers(name, value, blank=np.nan).ravel().tolist()
    if len(found) != 2:
        raise ShapeError(f"{name} has {len(found)} numbers, want two")
    if any(one != one for one in found):
        raise DomainError(f"{name} holds a blank, want two numbers")
    return found[0], found[1]


def whole(name: str, value: object, low: int, high: int) -> int:
    """``value`` as a whole number from ``low`` to ``high``."""
    given = number(name, value, blank=np.nan)
    if not (given == np.floor(given) and low <= given <= high):
        shown = "blank" if np.isnan(given) else f"{given:g}"
        raise DomainError(f"{name} is {shown}, want a whole number from {low} to {high}")
    return int(given)


def country_rules(value: object, rules: object, items: int) -> list[CountryRule]:
    """The rule of each item's country."""
    table = BUILT_IN_COUNTRIES if rules is None else country_table(rules)
    found = []
    for name in names("country", value, items):
        rule = table.get(plain(name))
        if rule is None:
            raise UnknownNameError(f"the country {name!r} has no row in the rules")
        found.append(rule)
    return found


def status_rules(value: object, rules: object, items: int) -> list[StatusRule]:
    """The rule of each item's status."""
    table = BUILT_IN_STATUSES if rules is None else status_table(rules)
    found = []
    for name in names("status", value, items):
        rule = table.get(plain(name))
        if rule is None:
            raise UnknownNameError(f"the status {name!r} has no row in the statuses")
        found.append(rule)
    return found


def landing(rules: Sequence[CountryRule]) -> np.ndarray:
    """Landing months of each item's transit weeks, shape (items, 8)."""
    return np.array([rule.landing for rule in rules], dtype=np.int64).reshape(-1, TRANSIT_WEEKS)


def country_table(value: object) -> Countries:
    """The rules that the range of a Countries table holds."""
    rows = _table("rules", value, TRANSIT_WEEKS + 3)
    found = []
    for name, *cells in rows:
        wholes = [whole(f"rules of {as_text(name)}", cell, 0, HORIZON) for cell in cells]
        found.append(CountryRule(as_text(name), wholes[0], tuple(wholes[1:-1]), wholes[-1]))
    return countries(found)


def status_table(value: object) -> Statuses:
    """The rules that the range of a Statuses table holds."""
    rows = _table("statuses", value, 3)
    return statuses(
        [StatusRule(as_text(name), *(flag(f"status {as_text(name)}", cell) for cell in cells)) for name, *cells in rows]
    )


def _table(name: str, value: object, columns: int) -> list[list[object]]:
    """Rows of a rules table without blank rows and without its header row."""
    cells = np.asarray(value, dtype=object)
    if cells.ndim == 1:
        cells = cells.reshape((1, -1))
    if cells.ndim != 2 or cells.shape[1] != columns:
        raise ShapeError(f"{name} has shape {cells.shape}, want {columns} columns")
    rows = [row for row in cells.tolist() if as_text(row[0])]
    if (
        rows
        and key_of("column", as_text(rows[0][0]), ("country", "status"))
        and not isinstance(rows[0][1], int | float)
    ):
        rows = rows[1:]
    return rows


def one_item(name: str, value: object, *, blank: float = 0.0) -> Array:
    """``value`` as the months of one item, shape (months,)."""
    rows = block(name, value, blank=blank)
    if len(rows) != 1:
        raise ShapeError(f"{name} has {len(rows)} rows, want one item")
    row: Array = rows[0]
    return row


def single(name: str, value: object) -> object:
    """``value``, one cell, as it is."""
    cells = np.asarray(value, dtype=object)
    if cells.size != 1:
        raise ShapeError(f"{name} has {cells.size} cells, want one")
    return cells.ravel().tolist()[0]


Result = float | Array
"""What a formula shows: a number, a flat array for one item, else (items, columns)."""


def shown(result: Array, *given: object) -> Result:
    """A result (items, columns) as it was asked for: without the items' axis where every block given had none."""
    if any(np.ndim(value) > 1 for value in given):  # type: ignore[arg-type]
        return result
    row = result[0]
    return float(row[0]) if row.size == 1 and all(np.ndim(value) == 0 for value in given) else row  # type: ignore[arg-type]


def shown_per_item(column: Array, given: object) -> Result:
    """A result (items, 1) as it was asked for: a float for one item's flat list, else a column."""
    return column if np.ndim(given) > 1 else float(column[0, 0])  # type: ignore[arg-type]
