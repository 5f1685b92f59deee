"""The input tables of the steering loop: each optional, each read by a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from smile_xl.core.checks import Array
from smile_xl.planning.grid import Grid
from smile_xl.planning.rules import Countries
from smile_xl.planning.steering.acceptance import Shown, read_shown
from smile_xl.planning.steering.attributes import Attributes, read_attributes
from smile_xl.planning.steering.causes import Cause, read_causes
from smile_xl.planning.steering.commitments import Commitment, note_loose_actions, note_months, read_commitments
from smile_xl.planning.steering.policies import Policies, read_policies
from smile_xl.planning.steering.questionnaire import Answers, read_answers
from smile_xl.planning.steering.register import Event, note_incomplete, note_unsettled, read_register
from smile_xl.planning.steering.states import StockStates, read_states
from smile_xl.planning.steering.transfers import Transfers, read_transfers
from smile_xl.planning.steering.whatif import ScenarioLine, read_scenarios
from smile_xl.planning.tables import Month, Notebook


@dataclass(frozen=True)
class Steering:
    """What the sheets of the steering loop say, checked; the defaults where a book does not have them."""

    attributes: Attributes
    states: StockStates
    answers: Answers
    policies: Policies
    scenarios: tuple[ScenarioLine, ...]
    causes: list[Cause]
    decisions: list[Commitment]
    actions: list[Commitment]
    register: list[Event]
    transfers: Transfers
    shown: tuple[Shown, ...]
    """Lines of the sheet Matching, where the planner marks those to accept: no input of the plan."""

    def fingerprint(self) -> bytes:
        """What changes with any of the tables; nothing where none says anything."""
        meetings = (self.causes, self.decisions, self.actions, self.register)
        parts = (self.attributes, self.states, self.answers, self.policies, self.transfers)
        tables = [part for part in (self.scenarios, meetings if any(meetings) else ()) if part]
        return b"".join([*(part.fingerprint() for part in parts), *(repr(table).encode() for table in tables)])


def read_steering(
    sheet: Callable[[str], Grid | None],
    notes: Notebook,
    items: pd.DataFrame,
    countries: Countries,
    start: Month | None,
    opening: Array,
) -> Steering:
    """The tables of the steering loop; ``sheet`` gives the sheet of a key, None where the book has none.

    ``start`` is the first month of the cycle, ``opening`` its stock by item.
    """
    taken = {key: read_commitments(key, sheet(key), notes, items) for key in ("decisions", "actions")}
    for key, rows in taken.items():
        if (grid := sheet(key)) is not None and start is not None:
            note_months(rows, start, grid, notes)
    if (grid := sheet("actions")) is not None:
        note_loose_actions(taken["actions"], taken["decisions"], grid, notes)
    register = read_register(grid := sheet("register"), notes, items)
    if grid is not None:
        note_incomplete(register, grid, notes)
        if start is not None:
            note_unsettled(register, start, grid, notes)
    return Steering(
        attributes=read_attributes(sheet("item_attributes"), notes, items),
        states=read_states(sheet("stock_by_state"), notes, items, opening),
        answers=read_answers(sheet("questionnaire"), notes),
        policies=read_policies(sheet("policies"), notes),
        scenarios=read_scenarios(sheet("scenarios"), notes, items),
        causes=read_causes(sheet("gap_causes"), notes, items),
        **taken,
        register=register,
        transfers=read_transfers(sheet("transfers"), notes, countries, items),
        shown=read_shown(sheet("matching"), items),
    )
