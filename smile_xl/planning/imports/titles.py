"""What stands above a list or between its parts: its material and plant, each behind its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from smile_xl.planning.grid import is_blank
from smile_xl.planning.imports import words
from smile_xl.planning.names import as_text

LONGEST = 300
"""Letters of a line that may be a title."""
NAMED = ("material", "plant", "unit")
_APART = re.compile("\\s{2,}|\\t|\\s*:\\s*")
"""What parts a name from its value in a line of text."""


def titled(row: Sequence[object]) -> dict[str, str]:
    """Material, plant and unit that a row names, each in the cell after its name or behind it in the same cell.

    >>> titled(["Material      67012345   Green tea"]), titled(["Plant:", "MA01"])
    ({'material': '67012345'}, {'plant': 'MA01'})
    """
    found: dict[str, str] = {}
    texts = [as_text(cell) for cell in row if not is_blank(cell)]
    parts = [part for text in texts if len(text) <= LONGEST for part in _APART.split(text) if part]
    for label, value in pairwise(parts):
        name = words.field_of(label)
        if name in NAMED and words.field_of(value) is None:
            found.setdefault(name, value)
    return found
