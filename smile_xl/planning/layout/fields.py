"""The tables that a team's own sheets may hold, their fields, and how well a header names one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from smile_xl import language
from smile_xl.core import WEEKS_PER_MONTH
from smile_xl.language import Language, say
from smile_xl.planning.layout.heads import WEEK, Head
from smile_xl.planning.layout.months import MONTH
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.srm import ITEM_COLUMNS, ITEM_REQUIRED, RESULT_BLOCKS

BLOCKS = ("forecast", "confirmed", *RESULT_BLOCKS)
"""Fields of SRM with a column per month."""

EXACT, WIDER, NEAR = 0, 1, 2
"""How well a header names a field; one more where an unknown name stands above it."""
RANKS = ("exact", "wider", "near", "near")

_SHORTEST_NEAR = 5
_ALIKE = 0.86


@dataclass(frozen=True)
class Kind:
    """What a table needs: fields by which a sheet shows that it holds it, and the others."""

    signs: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    key: str = "sap_code"
    """Field whose blank cells tell a total from a row."""

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields, those that are needed first."""
        return (*self.required, *self.optional)


_WEEKS = tuple(f"W{week}" for week in range(1, 9))

KINDS: dict[str, Kind] = {
    "srm": Kind(
        ("sap_code", "forecast"),
        (*ITEM_REQUIRED, "opening", "transit", "forecast"),
        (*(name for name in ITEM_COLUMNS if name not in ITEM_REQUIRED), "confirmed", *RESULT_BLOCKS),
    ),
    "costs": Kind(("sap_code", "unit_cost", "landed_cost"), ("country", "sap_code", "unit_cost", "landed_cost")),
    "countries": Kind(("country", "frozen"), ("country", "frozen", *_WEEKS, "pipeline"), key="country"),
    "statuses": Kind(("status", "proposes"), ("status", "proposes", "holds_safety"), key="status"),
    "targets": Kind(("brand", "target"), ("country", "brand", "target"), key="brand"),
    "opportunities": Kind(
        ("risk_code", "donor_code"), ("month", "country", "risk_code", "donor_code", "tonnes"), ("donor_country",),
        key="risk_code",
    ),
    "safety_policies": Kind(("sap_code", "policy"), ("country", "sap_code", "policy")),
    "settings": Kind(("setting", "value"), ("setting", "value"), key="setting"),
    "actual_demand": Kind(
        ("sap_code", "month", "actual"), ("country", "sap_code", "month", "forecast", "actual")
    ),
    "receipts": Kind(
        ("planned", "received"), ("country", "sourcing_unit", "planned", "received"), key="country"
    ),
}  # fmt: skip
"""The tables that can be adopted. Those with another name for a table than for its sheet are found by both."""

FAMILIES: dict[str, dict[str, float]] = {
    "quantity": {"t": 1.0, "kg": 1e-3, "g": 1e-6, "cases": 1e-3},
    "money": {"t": 1.0, "kg": 1e3, "g": 1e6},
    "weight": {"kg": 1.0, "g": 1e-3, "t": 1e3},
    "time": {"weeks": 1.0, "days": 1 / 7, "months": WEEKS_PER_MONTH},
}
"""What a figure in each unit is worth in ours. Cases are multiplied by the item's net case weight as well."""

_FAMILY = {
    **dict.fromkeys(("opening", "transit", "moq", "multiple", "tonnes", "actual", *BLOCKS), "quantity"),
    **dict.fromkeys(("unit_cost", "landed_cost"), "money"),
    "net_case_weight": "weight",
    **dict.fromkeys(("weeks_cover", "target"), "time"),
}


def family_of(table: str, field: str) -> str:
    """What a field's figures are: quantity, money, weight, time, or nothing that has a unit."""
    return "" if table in ("countries", "statuses", "settings") else _FAMILY.get(field, "")


def own_unit(table: str, field: str) -> str:
    """The unit in which we have a field."""
    family = family_of(table, field)
    return next(iter(FAMILIES[family])) if family else ""


def topic_of(table: str, field: str) -> str:
    """Where the catalogue names a field."""
    if field == "transit":
        return "layout.field"
    return "headers.block" if table == "srm" and field in BLOCKS else "headers.column"


def field_name(table: str, field: str, spoken: Language) -> str:
    """A field as a reader sees it."""
    return say(f"{topic_of(table, field)}.{field}", spoken)


@cache
def _said(table: str) -> dict[str, str]:
    """From each name that the sheet Mapping may give a field of a table to the field."""
    found: dict[str, str] = {}
    for field in KINDS[table].fields:
        for name in (field, *language.names(f"{topic_of(table, field)}.{field}")):
            found.setdefault(plain(name), field)
    return found


def field_said(table: str, text: str) -> str | None:
    """The field of a table that a cell of the sheet Mapping names."""
    return _said(table).get(plain(text))


@cache
def _names(table: str) -> dict[str, tuple[tuple[str, int], ...]]:
    """From each name to the fields that it may mean, with how well it does."""
    found: dict[str, dict[str, int]] = {}
    for field in KINDS[table].fields:
        exact = [*language.names(f"{topic_of(table, field)}.{field}"), field]
        exact += [name for name in language.entries("headers", "column") if name == field]
        wider = language.names(f"layout.wider.{field}") if field in language.entries("layout", "wider") else ()
        if field == "transit":
            exact = []
        for rank, names in ((EXACT, exact), (WIDER, wider)):
            for name in names:
                found.setdefault(_bare(name), {}).setdefault(field, rank)
    return {name: tuple(fields.items()) for name, fields in found.items()}


@cache
def _words(topic: str, key: str) -> frozenset[str]:
    return frozenset(plain(name) for name in language.names(f"layout.{topic}.{key}"))


@lru_cache(8192)
def _bare(text: str) -> str:
    """A name without units and small words at its end."""
    words = plain(text).split()
    while len(words) > 1 and (reading_of(words[-1]) in _UNITS or words[-1] in _words("filler", "filler")):
        words.pop()
    return " ".join(words)


_UNITS = ("t", "kg", "g", "cases", "weeks", "days", "months")


@cache
def _readings() -> dict[str, str]:
    keys = language.entries("layout", "reading")
    return {plain(name): key for key in reversed(keys) for name in (key, *language.names(f"layout.reading.{key}"))}


def reading_of(text: str) -> str | None:
    """The reading that a cell of the sheet Mapping or a word in a header names."""
    return _readings().get(plain(text))


@lru_cache(8192)
def meanings(table: str, text: str) -> tuple[tuple[str, int], ...]:
    """The fields of a table that a text names, with how well it does; nothing for most texts."""
    wanted = _bare(text)
    if not wanted:
        return ()
    names = _names(table)
    if wanted in names:
        return names[wanted]
    if len(wanted) < _SHORTEST_NEAR:
        return ()
    near: dict[str, int] = {}
    for name, fields in names.items():
        if len(name) >= _SHORTEST_NEAR and name[0] == wanted[0] and abs(len(name) - len(wanted)) <= 2:
            digits = [re.sub(r"\D", "", one) for one in (name, wanted)]
            if digits[0] == digits[1] and difflib.SequenceMatcher(None, name, wanted).ratio() >= _ALIKE:
                near.update({field: NEAR for field, _ in fields})
    return tuple(near.items())


def fields_of(table: str, head: Head) -> dict[str, int]:
    """The fields that a header may be, with how well it names each.

    Months name a block by what stands around them, weeks the transit; any other column is named by its lowest text,
    or by all its texts together. A name above it that is no block's or part's weakens it.
    """
    months, weeks = bool(head.months), bool(head.week)
    parts = [part.replace(MONTH, " ").replace(WEEK, " ") for part in head.path]
    parts = [part for part in parts if plain(part)]
    if table == "srm" and months:
        return {field: rank for field, rank in _named(table, parts).items() if field in BLOCKS}
    if table == "srm" and weeks and head.week:
        return _transit(parts)
    if months:
        return {}
    if weeks:
        return {f"W{head.week}": EXACT} if f"W{head.week}" in KINDS[table].fields else {}
    return {field: rank for field, rank in _named(table, parts).items() if table != "srm" or field not in BLOCKS}


def _transit(parts: Sequence[str]) -> dict[str, int]:
    """Weeks are transit where what stands around them says so, or says nothing."""
    named = [part for part in parts if plain(part) not in ("s", "w", "week", "wk", "semaine", "sem")]
    if not named:
        return {"transit": WIDER}
    for part in named:
        if "transit" in dict(meanings("srm", part)):
            return {"transit": EXACT}
    return {}


def _named(table: str, parts: Sequence[str]) -> dict[str, int]:
    if not parts:
        return {}
    found = dict(meanings(table, parts[-1]))
    weaker = len(parts) > 1 and not any(map(_is_known_above, parts[:-1]))
    if len(parts) > 1:
        for text in (" ".join(parts), " ".join(reversed(parts)), *(parts[-2:-1] if _is_unit(parts[-1]) else ())):
            for field, rank in meanings(table, text):
                if rank < found.get(field, NEAR + 1):
                    found[field] = rank
                    weaker = False
    return {field: rank + weaker for field, rank in found.items()}


@lru_cache(1024)
def _is_known_above(text: str) -> bool:
    """True for the name of a block or a table, as stands above its columns."""
    for topic in ("block", "sheet"):
        for key in language.entries("headers", topic):
            if plain(text) in {plain(name) for name in language.names(f"headers.{topic}.{key}")}:
                return True
    return any(field in BLOCKS or field == "transit" for field, _ in meanings("srm", text))


def _is_unit(text: str) -> bool:
    return reading_of(text) in _UNITS or plain(text) in _words("other_unit", "other")


def is_total(text: str) -> bool:
    """True for a text that begins as the label of a total does."""
    return total_word(text) is not None


def total_word(text: object) -> str | None:
    """The word for a total with which a text begins."""
    words = plain(as_text(text)) if isinstance(text, str) else ""
    known = sorted((plain(name) for name in language.names("layout.total.total")), key=len, reverse=True)
    return next((name for name in known if words == name or words.startswith(f"{name} ")), None)
