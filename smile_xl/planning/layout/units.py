"""The unit that a header states, or a title above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smile_xl import language
from smile_xl.planning.grid import is_blank
from smile_xl.planning.layout.examine import Candidate
from smile_xl.planning.layout.fields import FAMILIES, meanings, reading_of
from smile_xl.planning.names import as_text, plain

_INSIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_PER = re.compile(r"(?:/|\bper\b|\bpar\b|\bla\b)\s*([^\W\d_]+)\s*$", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|en)\s+\S+$", re.IGNORECASE)
_TITLE = re.compile(r"\b(?:in|en|unit[eé]?\s*:)\s+([^\W\d_]+)", re.IGNORECASE)
_PRICED = re.compile(r"\b(?:in|en)\s+((?:€|\$|[^\W\d_]+)\s*(?:/|\bper\b|\bpar\b|\bla\b)\s*[^\W\d_]+)", re.IGNORECASE)
_PREFIXED = re.compile(r"^(?:k|m)\s*(?:€|eur|usd|\$|mad|dzd|tnd)", re.IGNORECASE)
_CURRENCY = re.compile(r"^(?:€|eur|euros?|usd|\$|mad|dzd|tnd|dh|da)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """What a header says of its unit."""

    name: str = ""
    """One of ours; "" where it says none, or one that is not ours."""
    other: str = ""
    """A unit that can't be converted."""
    unclear: str = ""
    """Something in brackets that may be a unit."""


def unit_in(path: Iterable[str], family: str) -> Unit:
    """The unit that the texts above a column state, the lowest first."""
    if family == "weight":
        return _weight(" ".join(path))
    unclear = ""
    for text in reversed(list(path)):
        text = text.replace("{month}", " ").replace("{week}", " ").strip()
        for said in _INSIDE.findall(text):
            unit = _unit(said, family)
            if unit.name or unit.other:
                return unit
            unclear = unclear or unit.unclear
        for said in _last_words(text):
            unit = _unit(said, family)
            if unit.name or (unit.other and _is_said(text, said, family)):
                return unit
    return Unit(unclear=unclear)


def speaking_of(table: str, field: str, path: Sequence[str]) -> Sequence[str]:
    """The texts above a column that speak of its field; a block's name may go on over columns that are not its own."""
    own = path[-1:]
    for text in reversed(path[:-1]):
        named = {one for one, _ in meanings(table, text.replace("{month}", " ").replace("{week}", " "))}
        if named and field not in named:
            break
        own = (text, *own)
    return own


def units_listed(candidate: Candidate) -> set[str]:
    """The units that a column of units says, row by row: ours by their names, any other by what stands there."""
    names = {plain(name) for name in language.names("imports.field.unit")}
    columns = [head.column for head in candidate.heads if plain(head.path[-1]) in names]
    values = {
        as_text(row[column])
        for column in columns
        for row in candidate.grid.rows[candidate.row + 1 :]
        if column < len(row) and isinstance(row[column], str) and not is_blank(row[column])
    }
    return {reading_of(value) or value for value in values}


def unit_of_title(texts: Iterable[str]) -> str:
    """A unit of quantities that a title states for the whole sheet: "in kg", "en tonnes"."""
    for text in texts:
        for word in _TITLE.findall(text):
            name = reading_of(word) or ""
            if name in FAMILIES["quantity"] and len(word) > 1:
                return name
    return ""


def price_of_title(texts: Iterable[str]) -> Unit:
    """The unit of prices that a title states for the whole sheet: "(EUR/kg)", "en € par carton"."""
    for text in texts:
        for said in (*_INSIDE.findall(text), *_PRICED.findall(text)):
            unit = _price(said.strip()) if _PER.search(said) else Unit()
            if unit.name or unit.other:
                return unit
    return Unit()


def _last_words(text: str) -> list[str]:
    """What may be a unit at the end of a header, without brackets: its last word, or what follows a slash."""
    bare = _INSIDE.sub(" ", text).strip()
    per = _PER.search(bare)
    words = bare.split()
    return [bare[per.start() :]] if per else words[-1:] if len(words) > 1 or _unit(bare, "quantity").name else []


def _unit(said: str, family: str) -> Unit:
    text = said.strip()
    if family == "money":
        return _price(text)
    words = plain(text.replace("%", " percent "))
    if not words:
        return Unit(other=text) if re.search("[€$]", text) else Unit()
    name = reading_of(words.split()[-1]) if len(words.split()) <= 2 else None
    if name in FAMILIES[family]:
        return Unit(name=name or "")
    if _is_other(words.split()[-1]) or name in ("t", "kg", "g", "cases"):
        return Unit(other=text)
    return Unit(other=text) if name else Unit(unclear=text)


def _is_said(text: str, word: str, family: str) -> bool:
    """True where the last word of a header, which is no unit of its figures, still says a unit: in days, per case."""
    if family == "money":
        return _PER.search(word) is not None
    return reading_of(word) not in FAMILIES["time"] or _IN.search(text) is not None


def _weight(text: str) -> Unit:
    """The unit of a weight, wherever it stands: kg per case, poids carton (g)."""
    words = [reading_of(word) for word in plain(" ".join((_INSIDE.sub(" ", text), *_INSIDE.findall(text)))).split()]
    named = {word for word in words if word in FAMILIES["weight"]}
    return Unit(name=named.pop()) if len(named) == 1 else Unit(unclear=text) if named else Unit()


def _price(text: str) -> Unit:
    """The unit of a price: EUR/t, €/kg, per case; a currency alone says none."""
    if _PREFIXED.match(text):
        return Unit(other=text)
    per = _PER.search(text)
    if per is None:
        name = reading_of(text) if plain(text) else None
        if name in FAMILIES["money"]:
            return Unit(name=name or "")
        if name or (plain(text) and _is_other(plain(text)) and not _CURRENCY.match(text)):
            return Unit(other=text)
        return Unit() if _CURRENCY.match(text) else Unit(unclear=text)
    name = reading_of(per[1])
    return Unit(name=name) if name in FAMILIES["money"] else Unit(other=text)


def _is_other(word: str) -> bool:
    return word in {plain(name) for name in language.names("layout.other_unit.other")}
