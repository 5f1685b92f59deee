"""The chosen opportunities of a dataset: their items as a small book, checked and reconciled as a workbook's are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa

from smile_xl.books.dataset.slices import book_of_rows
from smile_xl.books.dataset.source import Dataset
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle, plan_of
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.scenarios import Scenario, with_changes
from smile_xl.planning.tables import Notebook, find_table


def chosen_items(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """The items that the table of opportunities names, by country and code as they are joined."""
    grid = _grid(dataset)
    table = (
        find_table(grid, Notebook(), ("risk_code", "donor_code"), ("country",), ("donor_country",)) if grid else None
    )
    if table is None:
        return frozenset()
    found = set()
    own = table.texts("country")
    for column, countries in (("risk_code", own), ("donor_code", table.texts("donor_country"))):
        for country, other, code in zip(countries, own, table.texts(column), strict=True):
            found.add((plain(country or other), join_key(code)))
    return frozenset(found)


def _grid(dataset: Dataset) -> Grid | None:
    sheet = say("headers.sheet.opportunities", "en")
    return dataset.tables.read(sheet) if sheet in dataset.tables.sheet_names() else None


@dataclass(frozen=True)
class Chosen:
    """The items of the chosen opportunities; None where nothing is chosen."""

    cycle: Cycle | None

    def used(self, scenario: Scenario | None = None) -> pd.DataFrame | None:
        """The reconciliation of these items, with their costs in a scenario; the choices are those of the base."""
        if self.cycle is None:
            return None
        if scenario is None:
            return tidy.dsr(self.cycle)
        inputs = with_changes(self.cycle.inputs, scenario.changes)
        return tidy.dsr(replace(self.cycle, inputs=inputs, plan=plan_of(inputs)))


def choose(dataset: Dataset, rows: Sequence[bytes]) -> Chosen:
    """Check the chosen opportunities against their items' rows; raises InputError with every finding."""
    grid = _grid(dataset)
    if grid is None or len(grid.rows) < 2:
        return Chosen(None)
    tables = [pa.ipc.open_stream(one).read_all() for one in rows]
    if not tables:
        tables = [pa.table({name: pa.array([], pa.string()) for name in dataset.schema.texts})]
    return Chosen(make_cycle(book_of_rows(dataset, tables, dataset.settings.language)))
