"""Numbers that stand in cells as text: what they look like, for messages. Nobody calculates with them."""

from __future__ import annotations

import re

_SPACE = "[ \u00a0\u2009\u202f]"
_WHOLE = "([0-9]+|[1-9][0-9]{{0,2}}(?:{}[0-9]{{3}})+)"
_READINGS = (
    re.compile(_WHOLE.format(_SPACE) + "(?:[.,]([0-9]+))?"),  # French: 1 234,56
    re.compile(_WHOLE.format(",") + r"(?:\.([0-9]+))?"),  # English: 1,234.56
    re.compile(_WHOLE.format(r"\.") + "(?:,([0-9]+))?"),  # German, Italian, Spanish: 1.234,56
)
_LONGEST = 40
"""Characters of the longest text that is still looked at."""


def number_in(text: str) -> float | None:
    """The number that a text shows, however it is read; None where it shows none or could show two.

    >>> number_in("1\u202f234,56"), number_in("-1,234.56"), number_in("12,5")
    (1234.56, -1234.56, 12.5)
    >>> number_in("1,234") is None  # 1.234 in French, 1234 in English
    True
    """
    text = text.strip(" \u00a0\u2009\u202f\t\r\n")
    if len(text) > _LONGEST:
        return None
    sign = -1.0 if text[:1] in ("-", "\u2212") else 1.0
    digits = text[1:] if text[:1] in ("-", "\u2212", "+") else text
    found = {_number(match) for reading in _READINGS if (match := reading.fullmatch(digits))}
    return sign * found.pop() if len(found) == 1 else None


def _number(match: re.Match[str]) -> float:
    whole = re.sub("[^0-9]", "", match[1])
    return float(f"{whole}.{match[2] or 0}")
