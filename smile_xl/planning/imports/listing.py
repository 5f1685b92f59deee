"""A list as its reader hands it over, before anything in it is understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ListError(Exception):
    """A list that can't be imported; its text stands in the catalogue as ``imports.error.<code>``."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class RawList:
    """The rows of a file, each with its number in the file; cells are text, or values of a native workbook."""

    file: str
    form: str
    """How the file is made: pipes, tabs, semicolons, commas, workbook."""
    encoding: str
    rows: Sequence[tuple[int, Sequence[object]]]
