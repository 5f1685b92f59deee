"""The items that a dataset's table of opportunities names."""

from __future__ import annotations

from smile_xl.books.dataset.source import Dataset
from smile_xl.language import say
from smile_xl.planning.grid import Grid, is_blank
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.tables import Notebook, find_table


def chosen_items(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """The items that the table of opportunities names, by country and code as they are joined."""
    grid = opportunity_grid(dataset)
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


def opportunity_grid(dataset: Dataset) -> Grid | None:
    """The table of opportunities; None where there is none."""
    sheet = say("headers.sheet.opportunities", "en")
    return dataset.tables.read(sheet) if sheet in dataset.tables.sheet_names() else None


def choices(dataset: Dataset) -> int:
    """How many opportunities are chosen: rows of their table that are not blank."""
    grid = opportunity_grid(dataset)
    return sum(not all(map(is_blank, row)) for row in grid.rows[1:]) if grid else 0
