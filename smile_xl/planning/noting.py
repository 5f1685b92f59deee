"""Warnings at many items at once, which are put into words only where they are shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from smile_xl.planning.findings import Batch
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.tables import Notebook

Values = Callable[[int], dict[str, object]]
"""What the text of a finding needs, by its place in its batch."""


def note_items(
    inputs: Inputs,
    notes: Notebook,
    code: str,
    items: np.ndarray,
    columns: np.ndarray | int,
    cash: np.ndarray,
    values: Values,
) -> None:
    """Note a warning at each of some items of SRM, in a column of their own or one for all.

    ``cash`` is the cash at stake of each, ``values`` what its text needs, by its place among ``items``.
    """
    if not len(items):
        return
    names = inputs.items
    batch = Batch(
        severity="warning",
        code=code,
        grid=inputs.srm.table.grid,
        rows=np.array(inputs.srm.table.rows)[items],
        columns=np.broadcast_to(columns, len(items)),
        countries=names["country"].to_numpy()[items],
        codes=names["sap_code"].to_numpy()[items],
        cash=cash,
        values=values,
    )
    notes.batches.append(batch)


def always(**values: object) -> Values:
    """The same values for every finding."""
    return lambda _: dict(values)
