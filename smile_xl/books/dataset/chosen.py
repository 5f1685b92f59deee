"""The chosen opportunities of a dataset: their items as a small book, checked and reconciled as a workbook's are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pyarrow as pa

from smile_xl.books.dataset.opportunities import choices
from smile_xl.books.dataset.slices import book_of_rows, everything, items_only, keys_of
from smile_xl.books.dataset.source import Dataset
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle, plan_of
from smile_xl.planning.scenarios import Scenario, with_changes


def reconciled(
    dataset: Dataset, rows: Sequence[bytes], scenarios: Sequence[Scenario | None], *, partly: bool
) -> tuple[list[pd.DataFrame | None], int]:
    """The reconciliation of the chosen opportunities from the rows of their items; in each scenario, None for the base.

    The choices are those of the base. With ``partly``, for row groups that are left out, those of other items are not
    used; their number comes second. Raises InputError with every finding.
    """
    tables = [pa.ipc.open_stream(one).read_all() for one in rows]
    count = choices(dataset)
    if partly and not tables:
        return [None for _ in scenarios], count
    if not tables:
        tables = [pa.table({name: pa.array([], pa.string()) for name in dataset.schema.texts})]
    keep = items_only({key for table in tables for key in keys_of(table)}) if partly else everything
    cycle = make_cycle(book_of_rows(dataset, tables, dataset.settings.language, keep=keep))
    frames = [tidy.dsr(_changed(cycle, scenario) if scenario else cycle) for scenario in scenarios]
    return [*frames], count - len(cycle.inputs.opportunities) if partly else 0


def _changed(cycle: Cycle, scenario: Scenario) -> Cycle:
    inputs = with_changes(cycle.inputs, scenario.changes)
    return replace(cycle, inputs=inputs, plan=plan_of(inputs))
