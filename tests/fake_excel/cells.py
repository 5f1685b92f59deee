"""A cell: what is typed into it, what is read of it, and what its formula refers to."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from fake_excel.errors import ERRORS, Error, com_error

SHEET_REFERENCE = re.compile(r"(?<![\]\w])('(?:[^']|'')+'|[A-Za-zÀ-ÿ_][\w.À-ÿ]*)!")


@dataclass
class Cell:
    value: object = None
    formula: str = ""
    array: str = ""
    """Address of the array that the formula fills."""
    format: str = "General"
    look: object = None
    """Whatever else it looks like."""


def given(cell: Cell) -> object:
    """A cell's ``.Value``."""
    if isinstance(cell.value, Error):
        return -2146828288 + ERRORS[cell.value.text]
    if isinstance(cell.value, float) and "€" in cell.format:
        return Decimal(cell.value).quantize(Decimal("0.0001"))
    if isinstance(cell.value, dt.datetime):
        return cell.value.replace(tzinfo=dt.UTC)  # pywin32 says UTC for what has no zone
    return cell.value


def given2(cell: Cell) -> object:
    """A cell's ``.Value2``."""
    if isinstance(cell.value, dt.datetime):
        return (cell.value - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    return -2146828288 + ERRORS[cell.value.text] if isinstance(cell.value, Error) else cell.value


def parsed(value: object, form: str) -> tuple[object, str]:
    """Value and formula of what is typed into a cell."""
    if isinstance(value, str):
        if form == "@":
            return value, ""
        if value[:1] in "=+-@" and len(value) > 1:
            return Error("#NAME?"), "=" + value.lstrip("=+@")
        if value in ERRORS:
            return Error(value), ""
        try:
            return float(value), ""
        except ValueError:
            return value or None, ""
    if value is None or isinstance(value, float | bool | dt.datetime):
        return value, ""
    if isinstance(value, int):
        return float(value), ""
    raise com_error(f"type mismatch: {type(value)}")


def pointing(formula: str, source: str, within: set[str]) -> str:
    """A formula that came from another workbook, its references to sheets that did not come along pointing back."""

    def changed(found: re.Match[str]) -> str:
        name = found[1].strip("'")
        if name in within:
            return found[0]
        return f"'[{source}]{name}'!" if found[1].startswith("'") else f"[{source}]{name}!"

    return SHEET_REFERENCE.sub(changed, formula)
