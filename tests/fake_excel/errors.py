"""What goes wrong: the errors that a cell can hold, and what a call to Excel raises."""

from __future__ import annotations

from dataclasses import dataclass

ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042}


@dataclass(frozen=True)
class Error:
    text: str


class com_error(Exception):  # noqa: N801, N818
    """What pywin32 raises."""
