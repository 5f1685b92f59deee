"""The Settings table: what holds for the whole book."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from smile_xl.core import ABC_CUTS, SAFETY_METHODS, VOLATILITY_CUTS, WEEKS_PER_MONTH
from smile_xl.language import LANGUAGES, Language
from smile_xl.planning.findings import Label
from smile_xl.planning.grid import CellError, is_blank
from smile_xl.planning.names import as_text, key_of, plain
from smile_xl.planning.steering.levels import STOCK_LEVELS
from smile_xl.planning.tables import Month, Notebook, Table, as_flag, as_month, cell, month_text

ABC_SCOPES = ("country", "all")
"""What the items that are ranked together by value have in common."""


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
    cover_edges: tuple[float, ...] = (WEEKS_PER_MONTH, 2 * WEEKS_PER_MONTH, 3 * WEEKS_PER_MONTH)
    """Weeks of cover at which one interval of the simulation ends and the next begins."""
    volatility_cuts: tuple[float, float] = VOLATILITY_CUTS
    """Largest volatility that is steady, and that is variable."""
    service_level: float = 0.95
    """Cycle service level of the statistical policy."""
    demand_error: float = 0.3
    """Standard deviation of a month's demand around its forecast, over that forecast, where nothing measured it."""
    demand_shape: str = "normal"
    """Distribution of demand in the simulation: normal, cut at 0, or lognormal."""
    delay_sd: float = 1.0
    """Standard deviation of an arrival around its plan, in weeks, where nothing measured it."""
    shortage_cap: float = 0.005
    """What a new safety-stock policy may add to the demand that is lost, as a fraction of all demand."""
    archive: bool = field(default=False, repr=False)  # this and the rest: no part of the fingerprint, no figure moves
    """Each refresh keeps the cycle in the archive."""
    archive_folder: str = field(default="", repr=False)
    """Folder of the archive, beside the book where it is relative; blank for the one named after the book."""
    abc_cuts: tuple[float, float] = ABC_CUTS
    """Share of the value that the A items reach, and that the A and B items reach."""
    abc_scope: str = "country"
    """Items that are ranked together by value: those of each country, or all."""
    stock_levels: tuple[str, ...] = STOCK_LEVELS
    """From the total to the item: what the page of the stock is divided by, in this order."""
    findings_shown: int = field(default=20, repr=False)
    """Findings of a kind that a check lists; the rest is counted."""
    demand_jump: float = field(default=5.0, repr=False)
    """How many times a month's demand must be another's for a check to notice the jump."""
    cycle_tolerance: float = field(default=0.2, repr=False)
    """What opening stock and frozen months may differ by from the last cycle, as a fraction."""
    planner: str = field(default="", repr=False)
    """Who plans this book; empty where nobody says."""
    review_months: int = 12
    """Months after which a rule of Policies is to be reviewed again."""
    keep_safety: bool = True
    """Matching leaves each donor its safety stock."""
    transfer_minimum: float = 0.0
    """Tonnes from which on a transfer is worth it, where the table of transfers does not say."""
    transfer_weeks: float = 4.0
    """Weeks that goods take from one country to another, where the table of transfers does not say."""
    budget_tolerance: float = 0.1
    """What a stock may be off its budget by, as a fraction of it, before it is amber."""
    budget_alert: float = 0.25
    """What a stock may be off its budget by before it is red."""
    early_days: float = 7.0
    """Days before its planned date on which an order still comes on time."""
    late_days: float = 7.0
    """Days after its planned date on which an order still comes on time."""


_WANTED = {
    "start": "2023-08",
    "currency": "EUR",
    "language": "en, fr",
    "safety_method": "exact, average",
    "net_transit": "TRUE, FALSE",
    "carrying_rate": "0 ... 1",
    "cover_edges": "4.25; 8.5; 12.75",
    "volatility_cuts": "0.5; 1",
    "service_level": "0.5 ... 0.9999",
    "demand_error": "0 ... 5",
    "demand_shape": "normal, lognormal",
    "delay_sd": "0 ... 52",
    "shortage_cap": "0 ... 1",
    "archive": "TRUE, FALSE",
    "archive_folder": "plan.cycles",
    "abc_cuts": "0.8; 0.95",
    "abc_scope": "country, all",
    "stock_levels": "country; site; category; sub-category; brand; item",
    "findings_shown": "1 ... 1000",
    "demand_jump": "1.5 ... 1000",
    "cycle_tolerance": "0 ... 10",
    "review_months": "1 ... 60",
    "keep_safety": "TRUE, FALSE",
    "transfer_minimum": "0 ... 1000000",
    "transfer_weeks": "0 ... 52",
    "budget_tolerance": "0 ... 10",
    "budget_alert": "0 ... 10",
    "early_days": "0 ... 365",
    "late_days": "0 ... 365",
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
        case "currency" | "archive_folder" | "planner":
            return as_text(value)
        case "language":
            return plain(value) if plain(value) in LANGUAGES else None
        case "safety_method":
            return key_of("value", as_text(value), SAFETY_METHODS)
        case "demand_shape":
            return key_of("value", as_text(value), ("normal", "lognormal"))
        case "net_transit" | "archive" | "keep_safety":
            return as_flag(value)
        case "abc_scope":
            return key_of("value", as_text(value), ABC_SCOPES)
        case "abc_cuts":
            cuts = _rising(value, 2)
            return cuts if cuts and cuts[-1] <= 1 else None
        case "stock_levels":
            return levels_of(as_text(value))
        case "cover_edges" | "volatility_cuts":
            return _rising(value, 2 if key == "volatility_cuts" else None)
        case "review_months":
            return int(value) if isinstance(value, int | float) and 1 <= value <= 60 and value == int(value) else None
        case _:
            low, high = _RANGES.get(key, (0.0, 1.0))
            number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
            if not low <= number <= high or (key == "findings_shown" and not number.is_integer()):
                return None
            return int(number) if key == "findings_shown" else number


_RANGES = {
    "service_level": (0.5, 0.9999),
    "demand_error": (0.0, 5.0),
    "delay_sd": (0.0, 52.0),
    "findings_shown": (1.0, 1_000.0),
    "demand_jump": (1.5, 1_000.0),
    "cycle_tolerance": (0.0, 10.0),
    "transfer_minimum": (0.0, 1e6),
    "transfer_weeks": (0.0, 52.0),
    "budget_tolerance": (0.0, 10.0),
    "budget_alert": (0.0, 10.0),
    "early_days": (0.0, 365.0),
    "late_days": (0.0, 365.0),
}
"""Smallest and largest of the numbers that are not simply fractions."""


def levels_of(text: str) -> tuple[str, ...] | None:
    """Levels of the stock from text like "country; brand", each once; None where one is unknown."""
    found = tuple(key_of("level", part, STOCK_LEVELS) for part in re.split(r"[;,]", text))
    levels = tuple(level for level in found if level)
    return levels if len(set(levels)) == len(found) else None


def _rising(value: object, count: int | None) -> tuple[float, ...] | None:
    """Numbers above 0, each larger than the one before, from text like "4.25; 8.5" or "4,25; 8,5"; None if not."""
    try:
        numbers = tuple(float(part.replace(",", ".")) for part in as_text(value).replace(";", " ").split())
    except ValueError:
        return None
    rising = all(low < high < math.inf for low, high in zip((0.0, *numbers), numbers, strict=False))
    return numbers if numbers and rising and count in (None, len(numbers)) else None


def numbers_text(numbers: Sequence[float], spoken: Language) -> str:
    """Numbers as a cell of the settings shows them: "4.25; 8.5", in French "4,25; 8,5"."""
    text = "; ".join(f"{number:g}" for number in numbers)
    return text.replace(".", ",") if spoken == "fr" else text


def settings_as_text(settings: Settings) -> dict[str, str]:
    """Settings as text that a book understands."""
    found = {}
    for name, value in vars(settings).items():
        match value:
            case None:
                continue
            case bool():
                found[name] = str(value).upper()
            case tuple():
                found[name] = "; ".join(str(number) for number in value)
            case _:
                found[name] = month_text(value) if name == "start" else str(value)
    return found
