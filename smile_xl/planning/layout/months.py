"""Months as headers have them: dates, date numbers, and texts that can be read in one way or in several."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from smile_xl.planning.months import month_named
from smile_xl.planning.names import as_text
from smile_xl.planning.tables import YEARS, Month, month_after

ANY = ""
"""The reading that needs no word: a date, or a month by its name."""

MONTH = "{month}"

_NAMED = re.compile(r"(?<![^\W\d_])(?:\d{1,2}[\s\-/.]+)?([^\W\d_]{3,9})\.?[\s\-/'’]*(\d{4}|\d{2})(?!\d)")
_PARTS = re.compile(r"(?<![\d/.\-])(\d{1,4})([-/.])(\d{1,2})\2(\d{2,4})(?![\d/\-])(?:[ T]0?0:00(?::00)?)?")
_PAIR = re.compile(r"(?<![\d/.\-])(\d{1,4})[-/.](\d{1,4})(?![\d/.\-])")
_SERIALS = range(36_526, 73_051)
"""Date numbers of the years 2000 to 2099."""
_DAY_ZERO = dt.date(1899, 12, 30)

Readings = dict[str, Month]
"""By the name of a reading the month that it gives."""


def month_in(value: object) -> tuple[str, Readings] | None:
    """What stands around the month of a header, ``{month}`` in its place, and the months that it may be.

    >>> month_in("Prév. avr.-19")
    ('Prév. {month}', {'': datetime.date(2019, 4, 1)})
    >>> sorted(month_in("05/04/2019")[1])
    ['dmy', 'mdy']
    """
    if isinstance(value, dt.datetime | dt.date):
        return MONTH, _of_date(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _of_number(float(value))
    return _of_text(as_text(value)) if isinstance(value, str) else None


def _of_date(value: dt.date) -> Readings:
    if value.year not in YEARS:
        return {}
    found = {ANY: dt.date(value.year, value.month, 1)}
    if value.day <= 12 and value.day != value.month:
        found["swapped"] = dt.date(value.year, value.day, 1)
    return found


def _of_number(value: float) -> tuple[str, Readings] | None:
    if not value.is_integer():
        return None
    number = int(value)
    if number in _SERIALS:
        day = _DAY_ZERO + dt.timedelta(days=number)
        return (MONTH, {"serial": day}) if day.day == 1 else None
    year, month = divmod(number, 100)  # 201904
    return (MONTH, {ANY: dt.date(year, month, 1)}) if 2000 <= year < 2100 and 1 <= month <= 12 else None


@lru_cache(4096)
def _of_text(text: str) -> tuple[str, Readings] | None:
    if len(text) > 60:
        return None
    for match in _NAMED.finditer(text):
        number = month_named(match[1])
        if number:
            return _around(text, match), {ANY: dt.date(_year(match[2]), number, 1)}
    for pattern, read in ((_PARTS, _parts), (_PAIR, _pair)):
        found = pattern.search(text)
        months = read(found) if found else {}
        if found and months:
            return _around(text, found), months
    return _of_number(float(text)) if re.fullmatch(r"20\d{4}", text) else None


def _around(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]}{MONTH}{text[match.end() :]}".strip()


def _parts(match: re.Match[str]) -> Readings:
    """Readings of 2019-04-01, 01/04/2019, 01.04.19."""
    first, second, third = match[1], match[3], match[4]
    if len(first) == 4:
        return _months({"ymd": (first, second, third)})
    if len(first) > 2 or len(third) == 3:
        return {}
    return _months({"dmy": (third, second, first), "mdy": (third, first, second)})


def _pair(match: re.Match[str]) -> Readings:
    """Readings of 04/2019, 2019-04, 04-19."""
    first, second = match[1], match[2]
    if len(first) == 4 and len(second) <= 2:
        return _months({"ym": (first, second, "1")})
    if len(first) > 2 or len(second) not in (2, 4):
        return {}
    readings = {"my": (second, first, "1")}
    if len(first) == len(second) == 2:
        readings["ym"] = (first, second, "1")
    return _months(readings)


def _months(readings: dict[str, tuple[str, str, str]]) -> Readings:
    found: Readings = {}
    for name, (year, month, day) in readings.items():
        try:
            found[name] = dt.date(_year(year), int(month), int(day)).replace(day=1)
        except ValueError:
            continue
    return found


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) <= 2 else 0)


def in_a_row(months: Sequence[Month]) -> bool:
    """True for months of which each follows the one before."""
    return all(month_after(before) == month for before, month in pairwise(months))


def readings_of(found: Sequence[Readings], *, gaps: bool = False) -> list[str]:
    """The readings under which headers are months in a row; with ``gaps`` also such that go up with months left out.

    A month that only one reading gives (a date, a name) needs none; the others are all read alike.
    """
    strict = _readings(found, in_a_row)
    return strict or (_readings(found, _go_up) if gaps else [])


def _go_up(months: Sequence[Month]) -> bool:
    return all(before < month for before, month in pairwise(months))


def _readings(found: Sequence[Readings], fits: Callable[[Sequence[Month]], bool]) -> list[str]:
    wanted = dict.fromkeys(name for one in found for name in one)
    good: list[str] = []
    for name in wanted:
        months = read_as(found, name)
        if months is not None and fits(months) and not any(read_as(found, other) == months for other in good):
            good.append(name)
    plain = [name for name in good if name != "swapped"]
    return plain or good


def read_as(found: Sequence[Readings], reading: str) -> list[Month] | None:
    """The months under one reading; None where one header has none. Dates and names are read as they are."""
    months: list[Month] = []
    for one in found:
        month = one.get(reading) if reading in one else one.get(ANY)
        if month is None:
            return None
        months.append(month)
    return months
