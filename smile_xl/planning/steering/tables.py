"""The input tables of the steering loop: each optional, each read by a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from smile_xl.planning.grid import Grid
from smile_xl.planning.steering.attributes import Attributes, read_attributes
from smile_xl.planning.tables import Notebook

STEERING_SHEETS = ("item_attributes",)
"""The input sheets of the steering loop, in the order of their tabs."""


@dataclass(frozen=True)
class Steering:
    """What the sheets of the steering loop say, checked; the defaults where a book does not have them."""

    attributes: Attributes

    def fingerprint(self) -> bytes:
        """What changes with any of the tables; nothing where none says anything."""
        return b"".join(part.fingerprint() for part in (self.attributes,))


def read_steering(sheet: Callable[[str], Grid | None], notes: Notebook, items: pd.DataFrame) -> Steering:
    """The tables of the steering loop; ``sheet`` gives the sheet of a key, None where the book has none."""
    return Steering(attributes=read_attributes(sheet("item_attributes"), notes, items))
