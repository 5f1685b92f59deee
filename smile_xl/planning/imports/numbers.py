"""Numbers as lists show them: the decimal sign is decided once for a file, from what its numbers prove."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from smile_xl.planning.imports.listing import ListError

Sign = Literal[",", "."]
SHOWN = 3
"""Numbers that are shown as evidence."""

_SPACES = re.compile("[ \u00a0\u2009\u202f]+")
_AMOUNT = re.compile(
    "([-+\u2212]?)[ \u00a0\u2009\u202f]*([0-9]+(?:[ \u00a0\u2009\u202f'’.,][0-9]+)*[.,]?)([-\u2212]?)"
    "[ \u00a0\u2009\u202f]*([^\\W\\d_][\\w/-]{0,5}|\\*{1,3})?"
)
_LONGEST = 40


@dataclass(frozen=True)
class Amount:
    """A number's text without its sign, and the unit, currency or stars behind it."""

    digits: str
    negative: bool
    suffix: str


@dataclass(frozen=True)
class Decimals:
    """The decimal sign of a file, and the numbers that prove it."""

    sign: Sign
    evidence: tuple[str, ...]
    told: bool = False
    """Nothing proves it: the user has said it."""


def amount(text: str) -> Amount | None:
    """The parts of a number's text; None where it is no number.

    >>> amount("12- CAR")
    Amount(digits='12', negative=True, suffix='CAR')
    """
    text = text.strip(" \u00a0\u202f\t\r\n")
    found = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or (found[1] and found[3]):
        return None
    return Amount(found[2], "-" in (found[1] + found[3]) or "\u2212" in (found[1] + found[3]), found[4] or "")


def proves(digits: str) -> Sign | None:
    """The decimal sign that a number can only have; None where it could have either.

    >>> proves("1.234,5"), proves("1\u00a0234,500"), proves("0,500"), proves("12,5"), proves("1.234.567")
    (',', ',', ',', ',', ',')
    >>> proves("1,234") is None
    True
    """
    signs = [letter for letter in digits if letter in ".,"]
    if not signs:
        return None
    last: Sign = "," if signs[-1] == "," else "."
    other: Sign = "." if last == "," else ","
    if len(set(signs)) == 2:
        return last if signs.count(last) == 1 else None
    if len(signs) > 1:
        return other
    whole, _, rest = digits.rpartition(last)
    plain_whole = len(whole) > 3 or whole.startswith("0")
    return last if len(rest) != 3 or plain_whole or _SPACES.search(whole) or "'" in whole or "’" in whole else None


def decide(file: str, texts: Iterable[str], told: Sign | None = None) -> Decimals:
    """The decimal sign of a file's numbers; raises ListError where they prove none, or both."""
    proofs: dict[Sign, dict[str, None]] = {",": {}, ".": {}}
    open_texts: dict[str, None] = {}
    for text in texts:
        parts = amount(text)
        if parts is None or not ("." in parts.digits or "," in parts.digits):
            continue
        sign = proves(parts.digits)
        if sign:
            proofs[sign][text.strip()] = None
        else:
            open_texts[text.strip()] = None
    if told:
        against = proofs["." if told == "," else ","]
        if against:
            raise ListError("decimal_against", file=file, sign=told, numbers=_shown(against))
        evidence = tuple(proofs[told])[:SHOWN]
        return Decimals(told, evidence, told=not evidence and bool(open_texts))
    if proofs[","] and proofs["."]:
        raise ListError("decimal_both", file=file, comma=_shown(proofs[","]), point=_shown(proofs["."]))
    if not proofs[","] and not proofs["."] and open_texts:
        raise ListError("decimal_open", file=file, numbers=_shown(open_texts))
    sign = "," if proofs[","] else "."
    return Decimals(sign, tuple(proofs[sign])[:SHOWN])


def _shown(texts: Iterable[str]) -> str:
    return "; ".join(list(texts)[:SHOWN])


def decimals_of(parts: Amount, sign: Sign) -> int:
    """How many decimals a number shows."""
    return len(parts.digits.partition(sign)[2])


def value_of(parts: Amount, sign: Sign) -> float | None:
    """The number; None where its thousands do not stand in threes."""
    digits = _SPACES.sub(" ", parts.digits).replace("’", "'")
    group = "." if sign == "," else ","
    whole, _, rest = digits.partition(sign)
    groups = re.split(f"[ '{group}]", whole)
    if any(not part.isdigit() for part in groups) or (rest and not rest.isdigit()):
        return None
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(part) != 3 for part in groups[1:])):
        return None
    number = float("".join(groups) + "." + (rest or "0"))
    return -number if parts.negative and number else number
