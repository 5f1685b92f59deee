"""Names as people type them: compared without case, accents, punctuation and a unit in brackets."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from smile_xl import language

NO_NAME = "-"
"""Stands for a blank brand or sub-category."""

_BRACKETS = re.compile(r"\([^)]*\)")
_OTHER = re.compile(r"[\W_]+")


def plain(text: object) -> str:
    """The form in which names are compared.

    >>> plain("  Coûts (EUR/t)"), plain("SUB_category"), plain("Sous-catégorie")
    ('couts', 'sub category', 'sous categorie')
    """
    return _plain(str(text))


@lru_cache(65_536)  # a sheet names the same countries and statuses in thousands of rows
def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _BRACKETS.sub(" ", text))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _OTHER.sub(" ", letters).strip().casefold()


def join_key(sap_code: str) -> str:
    """The form in which SAP codes are joined: without leading zeros, in one case.

    >>> join_key("000068384144") == join_key("68384144")
    True
    """
    return sap_code.lstrip("0").casefold() or "0"


def as_text(value: object) -> str:
    """A cell's value as text: a whole number without decimals, None as nothing.

    >>> as_text(68384144.0), as_text(" Morocco "), as_text(None)
    ('68384144', 'Morocco', '')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip(" \u00a0\u202f\t\r\n")


@cache
def meanings(topic: str) -> dict[str, str]:
    """From each plain name of a topic of the catalogue's headers, in any language, to its key."""
    found: dict[str, str] = {}
    for key in language.entries("headers", topic):
        for name in language.names(f"headers.{topic}.{key}"):
            found.setdefault(plain(name), key)
        found.setdefault(plain(key), key)
    return found


def key_of(topic: str, text: object, among: tuple[str, ...] | None = None) -> str | None:
    """The key that ``text`` names in a topic of the catalogue's headers, or None; ``among`` limits the keys."""
    wanted = plain(text)
    if among is None:
        return meanings(topic).get(wanted)
    return next((key for key in among if wanted in _names(topic, key)), None)


@cache
def _names(topic: str, key: str) -> frozenset[str]:
    return frozenset(plain(name) for name in (*language.names(f"headers.{topic}.{key}"), key))


@lru_cache(1_024)  # a misspelt name stands in thousands of rows
def nearest(text: str, known: tuple[str, ...]) -> str:
    """The known name that a misspelt one is most like, or nothing.

    >>> nearest("Maroco", ("Algeria", "Morocco")), nearest("Peru", ("Algeria", "Morocco"))
    ('Morocco', '')
    """
    import difflib  # noqa: PLC0415 - for misspelt names only

    names = {plain(name): name for name in known}
    found = difflib.get_close_matches(plain(text), names, n=1)
    return names[found[0]] if found else ""
