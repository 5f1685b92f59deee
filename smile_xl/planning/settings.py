"""The Settings table: what holds for the whole book."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smile_xl.core import SAFETY_METHODS
from smile_xl.language import LANGUAGES, Language
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, is_blank
from smile_xl.planning.names import as_text, key_of, plain
from smile_xl.planning.tables import Month, Notebook, Table, as_flag, as_month, cell


@dataclass(frozen=True)
class Settings:
    """Settings of a book; the defaults hold where it says nothing."""

    start: Month | None = None
    """First planned month; None takes the first month of the forecast."""
    currency: str = "EUR"
    language: Language = "en"
    safety_method: str = "exact"
    net_transit: bool = False
    carrying_rate: float = 0.2
    """Yearly cost of holding stock, as a fraction of its value."""


_WANTED = {
    "start": "2023-08",
    "currency": "EUR",
    "language": "en, fr",
    "safety_method": "exact, average",
    "net_transit": "TRUE, FALSE",
    "carrying_rate": "0 ... 1",
}


def read_settings(table: Table, notes: Notebook, default: Settings) -> Settings:
    """The settings of a table; a value that can't be is noted as an error, a blank one takes the default."""
    chosen: dict[str, object] = {}
    first_rows: dict[str, int] = {}
    place = table.columns["value"]
    for row, name in zip(table.rows, table.texts("setting"), strict=True):
        key = key_of("setting", name)
        if key is None:
            notes.note("warning", "setting_unknown", table.grid, row, table.columns["setting"], text=name)
            continue
        if key in first_rows:
            first = table.grid.place(first_rows[key], table.columns["setting"])[1]
            notes.note("error", "twice", table.grid, row, table.columns["setting"], what=name, first=first)
            continue
        first_rows[key] = row
        value = cell(table.grid, row, place)
        if is_blank(value):
            continue
        understood = None if isinstance(value, CellError) else _understand(key, value)
        if understood is None:
            setting = Label(f"headers.setting.{key}")
            text = as_text(value)
            notes.note("error", "setting_value", table.grid, row, place, text=text, setting=setting, want=_WANTED[key])
        else:
            chosen[key] = understood
    return Settings(**{**vars(default), **chosen})


def _understand(key: str, value: object) -> object | None:
    match key:
        case "start":
            return as_month(value)
        case "currency":
            return as_text(value)
        case "language":
            return plain(value) if plain(value) in LANGUAGES else None
        case "safety_method":
            return key_of("value", as_text(value), SAFETY_METHODS)
        case "net_transit":
            return as_flag(value)
        case _:
            rate = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
            return rate if 0 <= rate <= 1 else None
