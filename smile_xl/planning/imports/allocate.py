"""Lines of lists as tonnes of items: what goes into which column of SRM, and what is set apart with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from smile_xl.core import HORIZON, TRANSIT_WEEKS
from smile_xl.core.units import WEEKS_PER_MONTH
from smile_xl.language import Language, say
from smile_xl.planning.imports import words
from smile_xl.planning.imports.listing import ListError
from smile_xl.planning.imports.recognise import Line, Recognised
from smile_xl.planning.imports.rules import ImportRules, country_names, field_name
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.months import month_name
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.srm import STOCK_COLUMNS
from smile_xl.planning.tables import LARGEST, month_after, month_text

TABLE = "SRM"
WEEKS = STOCK_COLUMNS[1:]
PREVIEW = ("table", "country", "sap_code", "field", "value", "unit", "tonnes", "status", "reason")
_PER_TONNE = {"tonnes": 1.0, "kilograms": 1e-3, "grams": 1e-6}


@dataclass(frozen=True)
class Entry:
    """A line with what became of it."""

    line: Line
    country: str
    sap_code: str
    field: str
    """Opening, W1 ... W8, a month of confirmed orders as YYYY-MM, or the state that is set apart."""
    tonnes: float | None
    item: int = -1
    reason: str = ""
    """Key of the reason in the catalogue; blank for a line that is taken."""
    cash: float | None = None
    currency: str = ""

    def why(self, spoken: Language) -> str:
        """The reason as a sentence."""
        if not self.reason:
            return ""
        line = self.line
        return say(
            f"imports.reason.{self.reason}",
            spoken,
            text=line.text or line.date or "",
            count=max(-self.item, 0),
            plant=line.plant,
            country=line.country,
            unit=line.unit,
            state=field_name(line.field, spoken),
            field=field_name(self.field, spoken),
            date=line.date or "",
            month=month_name(line.date, spoken) if line.date else "",
        )


@dataclass(frozen=True)
class Import:
    """All lines of all lists, and the cells of SRM that they fill."""

    lists: list[Recognised]
    entries: list[Entry]
    cells: dict[tuple[int, str], float]
    """New tonnes by item and field."""
    items: int
    """Items in SRM."""

    @property
    def quarantined(self) -> list[Entry]:
        """Lines that are not taken."""
        return [entry for entry in self.entries if entry.reason]

    def rows(self, spoken: Language) -> pd.DataFrame:
        """One row per recognised line, as the preview prints them."""
        values = [
            (
                TABLE,
                entry.country,
                entry.sap_code,
                f"confirmed {entry.field}" if entry.field[:1].isdigit() else entry.field,
                entry.line.value,
                entry.line.unit,
                entry.tonnes,
                "quarantined" if entry.reason else "taken",
                entry.why(spoken),
            )
            for entry in self.entries
        ]
        frame = pd.DataFrame(values, columns=list(PREVIEW))
        return frame.astype({"value": float, "tonnes": float})


class _Items:
    """The items of SRM, looked up as lists name them."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.countries = inputs.items["country"].tolist()
        self.codes = inputs.items["sap_code"].tolist()
        self.weights = inputs.srm.net_case_weight.tolist()
        self.by_code: dict[str, list[int]] = {}
        for item, code in enumerate(self.codes):
            self.by_code.setdefault(join_key(code), []).append(item)
        self.spelled = {plain(name): name for name in self.countries}


def allocate(lists: Sequence[Recognised], inputs: Inputs, rules: ImportRules) -> Import:
    """Every line of the lists, taken or set apart, and the cells of SRM that follow."""
    items = _Items(inputs)
    _refuse_twice(lists)
    entries = [_entry(line, items, rules) for found in lists for line in found.lines if not _is_nothing(line, rules)]
    sums = _sums(entries)
    wrong = {
        key: "too_large" if abs(total) > LARGEST else "negative"
        for key, total in sums.items()
        if abs(total) > LARGEST or (total < 0 and key[1] != "opening")
    }
    entries = [
        entry if entry.reason or (entry.item, entry.field) not in wrong
        else replace(entry, reason=wrong[entry.item, entry.field])
        for entry in entries
    ]  # fmt: skip
    cells = _sums(entries)
    # The purchase orders of an item are all of its transit: a week without one is empty.
    for item in {entry.item for entry in entries if entry.line.field == "order" and not entry.reason}:
        for week in WEEKS:
            cells.setdefault((item, week), 0.0)
    return Import(list(lists), entries, cells, len(inputs.items))


def _refuse_twice(lists: Sequence[Recognised]) -> None:
    """Refuse the same stock in two lists: it would count twice."""
    seen: dict[tuple[str, str, str, str], str] = {}
    for found in lists:
        for line in found.lines:
            if line.field in ("order", "requirement") or not line.value:
                continue
            key = (join_key(line.sap_code), line.plant, plain(line.country), line.field)
            if seen.setdefault(key, line.file) != line.file:
                raise ListError("stock_twice", first=seen[key], second=line.file, item=line.sap_code, plant=line.plant)


def _is_nothing(line: Line, rules: ImportRules) -> bool:
    """True for a zero in a stock state that is not used: nothing is left out."""
    return line.value == 0 and not line.cash and not line.fault and rules.uses.get(line.field) == "excluded"


def _sums(entries: Iterable[Entry]) -> dict[tuple[int, str], float]:
    sums: dict[tuple[int, str], float] = {}
    for entry in entries:
        if not entry.reason and entry.tonnes is not None:
            key = (entry.item, entry.field)
            sums[key] = sums.get(key, 0.0) + entry.tonnes
    return sums


def _entry(line: Line, items: _Items, rules: ImportRules) -> Entry:
    item, country, fault = _item(line, items, rules)
    field, use_fault = _field(line, items.inputs, rules)
    tonnes, unit_fault = _tonnes(line, item if item >= 0 else _any_weight(line, items), items)
    if line.fault == "unit_twice":
        tonnes = None
    code = items.codes[item] if item >= 0 else line.sap_code
    reason = line.fault or fault or use_fault or unit_fault
    cash, currency = line.cash, line.currency
    if cash is None and tonnes is not None and item >= 0 and not np.isnan(items.inputs.unit_cost[item]):
        cash, currency = tonnes * float(items.inputs.unit_cost[item]), items.inputs.settings.currency
    return Entry(line, country, code, field, tonnes, item, reason, cash, currency)


def _item(line: Line, items: _Items, rules: ImportRules) -> tuple[int, str, str]:
    """The item of a line with its country; without one a negative number and the reason."""
    same = items.by_code.get(join_key(line.sap_code), []) if line.sap_code else []
    if not line.country and not line.plant:
        if len(same) == 1:
            return same[0], items.countries[same[0]], ""
        return (-len(same), "", "no_place") if same else (-1, "", "item")
    wanted = country_names(line.country) if line.country else rules.country(line.plant)
    country = next((items.spelled[name] for name in wanted if name in items.spelled), "")
    if not country:
        return -1, line.country, "country" if line.country else "plant"
    item = next((one for one in same if items.countries[one] == country), -1)
    return item, country, "" if item >= 0 else "item"


def _any_weight(line: Line, items: _Items) -> int:
    """Another item with the code, where all of them have one weight: its tonnes are known all the same."""
    same = items.by_code.get(join_key(line.sap_code), []) if line.sap_code else []
    return same[0] if len({items.weights[one] for one in same}) == 1 else -1


def _field(line: Line, inputs: Inputs, rules: ImportRules) -> tuple[str, str]:
    """The column of SRM that a line goes to, or its state and the reason why to none."""
    if line.field == "requirement":
        return line.field, "requirement"
    if line.field == "order":
        return _due(line.date, inputs) if line.date else ("order", "")
    if line.field in STOCK_COLUMNS:
        return line.field, ""
    use = rules.uses[line.field]
    if use == "excluded":
        open_transit = line.field == "transit" and "transit" not in rules.given
        return line.field, "transit" if open_transit else "excluded"
    return use, ""


def _due(date: dt.date, inputs: Inputs) -> tuple[str, str]:
    """The week of transit or the month of confirmed orders that a date falls into."""
    start = inputs.months[0]
    offset = (date.year - start.year) * 12 + date.month - start.month
    if offset < 0:
        return "order", "past"
    if offset >= HORIZON:
        return "order", "beyond"
    if offset < 2:
        days = (month_after(start, offset + 1) - month_after(start, offset)).days
        week = int(WEEKS_PER_MONTH * (offset + (date.day - 1) / days)) + 1
        return f"W{min(week, TRANSIT_WEEKS)}", ""
    return month_text(month_after(start, offset)), "" if offset in inputs.srm.confirmed_columns else "no_column"


def _tonnes(line: Line, item: int, items: _Items) -> tuple[float | None, str]:
    """The tonnes of a line, or the reason why they are not known; nothing is no tonnes in any unit."""
    if line.value is None:
        return None, ""
    if line.value == 0:
        return 0.0, ""
    if not line.unit:
        return None, "no_unit"
    unit = words.unit_of(line.unit)
    if unit in _PER_TONNE:
        return line.value * _PER_TONNE[unit], ""
    if unit == "pieces":
        return None, "pieces"
    if unit is None:
        return None, "unit"
    weight = items.weights[item] if item >= 0 else np.nan
    return (None, "weight") if np.isnan(weight) or weight <= 0 else (line.value * weight / 1000, "")
