"""How formulas name the cells of the input sheets."""

from __future__ import annotations

from dataclasses import dataclass

from smile_xl.core import HORIZON
from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import column_name
from smile_xl.planning.rule_tables import WEEKS
from smile_xl.planning.settings import Settings
from smile_xl.planning.sheets import INPUT_SHEETS
from smile_xl.planning.srm import ITEM_COLUMNS
from smile_xl.reports.page import SPARE_ROWS, Page

ROW = "#"
"""Stands in a formula for the number of its row."""


LAST = HORIZON - 1
"""The last planned month."""


@dataclass(frozen=True)
class Switches:
    """Cells of the overview that say 1 or 0."""

    average: str
    """The average safety stock holds, not the exact one."""
    net_transit: str
    """Late transit is netted from the orders."""


def quoted(sheet: str) -> str:
    """The name of a sheet as formulas have it."""
    return sheet if sheet.isascii() and sheet.isalnum() else "'" + sheet.replace("'", "''") + "'"


class Inputs:
    """The cells of the input sheets."""

    def __init__(self, cycle: Cycle, pages: list[Page]) -> None:
        by_sheet = {page.sheet: page for page in pages}
        names = {key: say(f"headers.sheet.{key}", cycle.inputs.settings.language) for key in INPUT_SHEETS}
        self._pages = {key: by_sheet[sheet] for key, sheet in names.items()}
        blocks = ("item", "forecast", "stock", "confirmed")
        bands = self._pages["srm"].blocks[0].bands
        self._first = {name: first for name, (_, first, _) in zip(blocks, bands, strict=False)}
        self.months = len(cycle.inputs.months)
        """Months of the forecast."""
        self.top = self._pages["srm"].first_row()
        """Row of the first item, counted from 0, in SRM and Costs."""

    def item(self, column: str) -> str:
        """An attribute of the row's item in SRM."""
        return self._srm("item", ITEM_COLUMNS.index(column))

    def demand(self, month: int) -> str:
        """Demand of the row's item."""
        return self._srm("forecast", month)

    def demands(self, first: int, last: int) -> str:
        """Demand of the row's item in some months."""
        return f"{self.demand(first)}:{self._here('forecast', last)}"

    def opening(self) -> str:
        """Opening stock of the row's item."""
        return self._srm("stock", 0)

    def transit(self) -> str:
        """Transit of the eight weeks of the row's item."""
        return f"{self._srm('stock', 1)}:{self._here('stock', len(WEEKS))}"

    def confirmed(self, month: int) -> str:
        """Confirmed order of the row's item."""
        return self._srm("confirmed", month)

    def openings(self) -> str:
        """Opening stock of all items."""
        return self._all("stock", 0)

    def demands_of_all(self, month: int) -> str:
        """Demand of all items."""
        return self._all("forecast", month)

    def month(self, month: int) -> str:
        """The date that heads a month of the forecast."""
        return f"{self._sheet('srm')}!${column_name(self._first['forecast'] + month)}${self.top}"

    def cost(self, column: int) -> str:
        """A cell of Costs on the row of the item."""
        return f"{self._sheet('costs')}!{column_name(column)}{ROW}"

    def table(self, name: str, column: int, columns: int = 1) -> str:
        """Some columns of another input table, with the spare rows below it."""
        page = self._pages[name]
        top = page.first_row() + 1
        bottom = top + len(page.blocks[0].rows) + SPARE_ROWS - 1
        return f"{self._sheet(name)}!${column_name(column)}${top}:${column_name(column + columns - 1)}${bottom}"

    def setting(self, name: str) -> str:
        """The value of a setting."""
        row = self._pages["settings"].first_row() + 1 + list(vars(Settings())).index(name)
        return f"{self._sheet('settings')}!$B${row}"

    def _srm(self, block: str, place: int) -> str:
        return f"{self._sheet('srm')}!{self._here(block, place)}"

    def _all(self, block: str, place: int) -> str:
        letters = column_name(self._first[block] + place)
        last = self.top + len(self._pages["srm"].blocks[0].rows)
        return f"{self._sheet('srm')}!${letters}${self.top + 1}:${letters}${last}"

    def _here(self, block: str, place: int) -> str:
        return f"{column_name(self._first[block] + place)}{ROW}"

    def _sheet(self, name: str) -> str:
        return quoted(self._pages[name].sheet)
