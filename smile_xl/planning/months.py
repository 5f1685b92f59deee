"""Months as people write and read them: Apr-19, avr.-19, 2019-04."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from smile_xl.language import Language
from smile_xl.planning.names import plain
from smile_xl.planning.tables import Month, as_month

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}
_LONG = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre"),
}  # fmt: skip
_OTHER = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
    "fr": ("jan", "fév", "mars", "avr", "mai", "juin", "jul", "août", "sept", "oct", "nov", "déc"),
}
_NAMED = re.compile(r"([^\W\d_]+)\.?[\s\-/]*(\d{4}|\d{2})")


def month_name(month: dt.date, language: Language) -> str:
    """A month as a reader says it: Apr-19 or avr.-19."""
    return f"{_MONTHS[language][month.month - 1]}-{month.year % 100:02d}"


def month_said(text: str) -> Month | None:
    """The month that a text names, in either language; None where it names none.

    >>> month_said("2019-04") == month_said("Apr-19") == month_said("avr.-19") == month_said("avril 2019")
    True
    """
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        return as_month(text)
    number = month_named(named[1])
    return dt.date(int(named[2]) + (2000 if len(named[2]) == 2 else 0), number, 1) if number else None


def month_named(name: str) -> int | None:
    """The number of the month that a word names in either language; None for another word.

    >>> month_named("avr"), month_named("Sept."), month_named("AOUT"), month_named("mardi")
    (4, 9, 8, None)
    """
    return _numbers().get(plain(name))


@cache
def _numbers() -> dict[str, int]:
    tables = (*_MONTHS.values(), *_LONG.values(), *_OTHER.values())
    return {plain(name): number for table in tables for number, name in enumerate(table, start=1)}
