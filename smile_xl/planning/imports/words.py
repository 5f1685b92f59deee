"""What the headers, units and plants of lists mean: read from the catalogue, where a new word is a new entry."""

from __future__ import annotations

import re
from functools import cache

from smile_xl import language
from smile_xl.planning.names import plain
from smile_xl.planning.srm import STOCK_COLUMNS

BROKEN = "\ufffd"
"""Stands where a conversion has lost a letter."""

STATES = ("unrestricted", "stock", "valuated", "transit", "quality", "restricted", "blocked", "returns")
"""Stock states that a list may have a column for."""

VALUED = (*STATES, *STOCK_COLUMNS, "open_quantity", "ordered_quantity", "delivered_quantity", "mrp_quantity")
"""Quantities beside which a list may have a column with their value."""

_INSIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")


@cache
def _meanings(topic: str) -> dict[str, str]:
    return {
        plain(name): key
        for key in reversed(language.entries("imports", topic))  # the first entry that has a name wins
        for name in language.names(f"imports.{topic}.{key}")
    }


@cache
def _stock_columns() -> dict[str, str]:
    return {plain(name): key for key in STOCK_COLUMNS for name in (key, *language.names(f"headers.column.{key}"))}


def field_of(text: str) -> str | None:
    """The field that a header names in English, French, Spanish or Portuguese, broken letters included."""
    if BROKEN in text:
        return _field_of_broken(text)
    wanted = plain(text)
    name = _meanings("field").get(wanted) or _stock_columns().get(wanted)
    if name in VALUED and _says_money(text):  # "Still to be delivered (value)" is no quantity
        return f"value_{name}" if f"value_{name}" in language.entries("imports", "field") else None
    return name


def _says_money(text: str) -> bool:
    """True where a header says in brackets that it holds money: (value), (EUR)."""
    inside = " ".join(_INSIDE.findall(text))
    return any(sign in inside for sign in "€$£") or not _meanings("money").keys().isdisjoint(plain(inside).split())


@cache
def _field_of_broken(text: str) -> str | None:
    parts = [re.escape(part) for part in re.split(f"{BROKEN}+", text.strip().casefold())]
    pattern = re.compile(".".join(parts))
    found = {
        key
        for key in language.entries("imports", "field")
        for name in language.names(f"imports.field.{key}")
        if pattern.fullmatch(name.casefold())
    }
    return found.pop() if len(found) == 1 else None


def rank_of(text: str) -> int:
    """How exactly a header names its field: the place of the name in the catalogue, 0 for the best."""
    key = field_of(text)
    if key is None or key in STOCK_COLUMNS:
        return 0
    named = [plain(name) for name in language.names(f"imports.field.{key}")]
    return named.index(plain(text)) if plain(text) in named else len(named)


def unit_of(text: str) -> str | None:
    """What a unit counts: cases, kilograms, grams, tonnes, pieces; None where it is unknown."""
    return _meanings("unit").get(plain(text))


def element_of(text: str) -> str | None:
    """What an MRP element is: stock or an order; None for any other."""
    return _meanings("element").get(plain(text))


def names_tree(text: str) -> bool:
    """True for a header that names the levels of a tree: Client/Company Code/Plant/Storage Location/Batch."""
    parts = [plain(part) for part in text.split("/")]
    levels = {_meanings("level").get(part) for part in parts} - {None}
    return len(parts) >= 3 and len(levels) >= 3


def names_root(text: str) -> bool:
    """True for what the root of a tree is called."""
    return _meanings("level").get(plain(text)) == "client"


def is_total(text: str) -> bool:
    """True for the label of a total."""
    words = plain(text)
    return any(words == name or words.startswith(f"{name} ") for name in _meanings("total"))


def is_total_alone(text: str) -> bool:
    """True for the label of a total with nothing behind it."""
    return plain(text) in _meanings("total")


def country_of_plant(plant: str) -> str | None:
    """The country, by its key in the catalogue, whose two letters a plant begins with, a digit behind them."""
    return _meanings("plant").get(plant[:2].casefold()) if plant[2:3].isdigit() else None


def default_use(state: str) -> str:
    """What a stock state is used for where the book does not say."""
    return language.say(f"imports.use.{state}", "en") if state in language.entries("imports", "use") else "excluded"
