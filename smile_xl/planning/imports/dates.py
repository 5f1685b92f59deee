"""Dates as lists show them: the order of day and month is decided once for a column, damaged ones are seen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from smile_xl.planning.months import month_said

Order = Literal["dmy", "mdy"]

_NUMERIC = re.compile(r"(\d{1,2})[/\-](\d{1,2})[/\-](\d{4}|\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:[ T].*)?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_NAMED = re.compile(r"(\d{1,2})[-\s.]+([^\W\d_]+\.?)[-\s.]+(\d{4}|\d{2})")
FEWEST = 3
"""Dates with a clear order that a damaged column must have before the others are mended."""


@dataclass(frozen=True)
class DateForm:
    """How the dates of a column are to be read."""

    order: Order | None = None
    evidence: str = ""
    mixed: bool = False
    """Dates of a spreadsheet stand among texts that it did not take for dates: day and month may be swapped."""
    mended: bool = False
    """A spreadsheet has read month/day/year as year-month-day: 12/1/06 became 2012-01-06."""


def date_form(values: Iterable[object], told: Order | None = None, titles: Iterable[str] = ()) -> DateForm:
    """How a column's dates are to be read, from all of them and from the dates in the title of the list."""
    values = list(values)
    texts = [value.strip() for value in values if isinstance(value, str)]
    numeric = [(text, found) for text in texts if (found := _NUMERIC.fullmatch(text))]
    iso = [found for text in texts if (found := _ISO.fullmatch(text))]
    cells = any(isinstance(value, dt.date) for value in values)
    first = [text for text, found in numeric if int(found[1]) > 12]
    second = [text for text, found in numeric if int(found[2]) > 12]
    if not first and not second and numeric:
        for title in titles:
            for match in _NUMERIC.finditer(title):
                first += [match[0]] if int(match[1]) > 12 else []
                second += [match[0]] if int(match[2]) > 12 else []
    order: Order | None = None
    if first and not second:
        order = "dmy"
    elif second and not first:
        order = "mdy"
    evidence = (first or second)[0] if order else ""
    order = order or (told if not (first and second) else None)
    if not numeric or not (iso or cells):
        return DateForm(order, evidence)
    years = {_year(one[3]) for _, one in numeric}
    mended = (
        not cells
        and order == "mdy"
        and len(second) == len(numeric) >= FEWEST  # those with a day up to 12 are the ones that were damaged
        and all(2001 <= int(one[1]) <= 2012 for one in iso)
        and all(min(years) - 1 <= 2000 + int(one[3]) <= max(years) + 1 for one in iso)
    )
    return DateForm(order, evidence, mixed=not mended, mended=mended)


def date_in(value: object, form: DateForm) -> tuple[dt.date | None, str]:
    """The day that a cell holds, or None and the reason why it can't be known."""
    if isinstance(value, dt.date):
        day = dt.date(value.year, value.month, value.day)
        return (None, "date_mixed") if form.mixed else (day, "")
    if not isinstance(value, str):
        return None, "date_unknown"
    text = value.strip()
    if found := _ISO.fullmatch(text):
        if form.mixed:
            return None, "date_mixed"
        if form.mended:
            return _date(2000 + int(found[3]), int(found[1]) - 2000, int(found[2]))
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(text):
        return _date(_year(found[3]), int(found[2]), int(found[1]))
    if found := _COMPACT.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NAMED.fullmatch(text):
        month = month_said(f"{found[2]}-{found[3]}")
        return _date(month.year, month.month, int(found[1])) if month else (None, "date_unknown")
    if found := _NUMERIC.fullmatch(text):
        if form.order is None and found[1] != found[2]:
            return None, "date_order"
        day_place, month_place = (2, 1) if form.order == "mdy" else (1, 2)
        return _date(_year(found[3]), int(found[month_place]), int(found[day_place]))
    return None, "date_unknown"


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _date(year: int, month: int, day: int) -> tuple[dt.date | None, str]:
    try:
        return dt.date(year, month, day), ""
    except ValueError:
        return None, "date_unknown"
