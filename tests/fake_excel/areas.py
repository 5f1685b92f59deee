"""Addresses, and the areas that they stand for: first row, first column, rows, columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openpyxl.utils import get_column_letter, range_boundaries

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


def area_of(address: str) -> tuple[int, int, int, int]:
    text = address.replace("$", "")
    if re.fullmatch(r"\d+:\d+", text):
        first, last = map(int, text.split(":"))
        return first, 1, last - first + 1, LAST_COLUMN
    left, top, right, bottom = range_boundaries(text)
    return top, left, bottom - top + 1, right - left + 1


def address_of(area: tuple[int, int, int, int]) -> str:
    row, column, rows, columns = area
    first = f"${get_column_letter(column)}${row}"
    last = f"${get_column_letter(column + columns - 1)}${row + rows - 1}"
    return first if first == last else f"{first}:{last}"


def places(area: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
    row, column, rows, columns = area
    return ((r, c) for r in range(row, row + rows) for c in range(column, column + columns))


def inside(place: tuple[int, int], area: tuple[int, int, int, int]) -> bool:
    return area[0] <= place[0] < area[0] + area[2] and area[1] <= place[1] < area[1] + area[3]
