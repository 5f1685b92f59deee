"""The input tables of the steering loop: each optional, each read by a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from smile_xl.planning.grid import Grid
from smile_xl.planning.steering.attributes import Attributes, read_attributes
from smile_xl.planning.steering.causes import Cause, read_causes
from smile_xl.planning.steering.commitments import Commitment, note_loose_actions, read_commitments
from smile_xl.planning.steering.register import Event, note_unsettled, read_register
from smile_xl.planning.tables import Month, Notebook

STEERING_SHEETS = ("item_attributes", "gap_causes", "decisions", "actions", "register")
"""The input sheets of the steering loop, in the order of their tabs."""


@dataclass(frozen=True)
class Steering:
    """What the sheets of the steering loop say, checked; the defaults where a book does not have them."""

    attributes: Attributes
    causes: list[Cause]
    decisions: list[Commitment]
    actions: list[Commitment]
    register: list[Event]

    def fingerprint(self) -> bytes:
        """What changes with any of the tables; nothing where none says anything."""
        meetings = (self.causes, self.decisions, self.actions, self.register)
        return self.attributes.fingerprint() + (repr(meetings).encode() if any(meetings) else b"")


def read_steering(
    sheet: Callable[[str], Grid | None], notes: Notebook, items: pd.DataFrame, start: Month | None
) -> Steering:
    """The tables of the steering loop; ``sheet`` gives the sheet of a key, None where the book has none.

    ``start`` is the first month of the cycle.
    """
    decisions = read_commitments("decisions", sheet("decisions"), notes, items)
    actions = read_commitments("actions", grid := sheet("actions"), notes, items)
    if grid is not None:
        note_loose_actions(actions, decisions, grid, notes)
    register = read_register(grid := sheet("register"), notes, items)
    if grid is not None and start is not None:
        note_unsettled(register, start, grid, notes)
    return Steering(
        attributes=read_attributes(sheet("item_attributes"), notes, items),
        causes=read_causes(sheet("gap_causes"), notes, items),
        decisions=decisions,
        actions=actions,
        register=register,
    )
