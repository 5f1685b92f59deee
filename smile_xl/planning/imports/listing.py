"""A list as its reader hands it over, before anything in it is understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smile_xl.language import SaidError


class ListError(SaidError):
    """A list that can't be imported; its text stands in the catalogue as ``imports.error.<code>``."""

    topic = "imports.error"


@dataclass(frozen=True)
class RawList:
    """The rows of a file, each with its number in the file; cells are text, or values of a native workbook."""

    file: str
    form: str
    """How the file is made: pipes, tabs, semicolons, commas, workbook."""
    encoding: str
    rows: Sequence[tuple[int, Sequence[object]]]
