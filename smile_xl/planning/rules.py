"""Country rules and commercial statuses: tables that the team can edit, with the built-in rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smile_xl import language
from smile_xl.planning.names import plain


@dataclass(frozen=True)
class CountryRule:
    """One row of the Countries table."""

    name: str
    frozen: int
    """Months that can't be re-planned: the supplier has committed to them."""
    landing: tuple[int, ...]
    """Month in which the transit of each of the next eight weeks lands, customs clearance included."""
    pipeline: int
    """Months that goods are in transit before they land."""


@dataclass(frozen=True)
class StatusRule:
    """One row of the Statuses table."""

    name: str
    proposes: bool
    """Orders are proposed; without, the item runs out."""
    holds_safety: bool
    """Safety stock is held."""


Countries = Mapping[str, CountryRule]
"""Rules by the plain form of the country's name."""

Statuses = Mapping[str, StatusRule]
"""Rules by the plain form of the status."""

_COUNTRIES = {
    "morocco": (2, (0, 0, 0, 0, 1, 1, 1, 2), 1),
    "algeria": (2, (0, 0, 0, 1, 1, 1, 1, 2), 2),
    "tunisia": (3, (0, 0, 0, 1, 1, 1, 1, 2), 3),
}
_STATUSES = {
    "regular": (True, True),
    "innovation": (True, True),
    "promotion": (True, True),
    "to_be_delisted": (False, True),
    "delisted": (False, False),
}


def countries(rules: list[CountryRule]) -> Countries:
    """The rules by name."""
    return {plain(rule.name): rule for rule in rules}


def statuses(rules: list[StatusRule]) -> Statuses:
    """The rules by name."""
    return {plain(rule.name): rule for rule in rules}


def country_rows(spoken: language.Language) -> list[CountryRule]:
    """The built-in country rules, named in a language."""
    return [CountryRule(language.say(f"headers.country.{key}", spoken), *row) for key, row in _COUNTRIES.items()]


def status_rows(spoken: language.Language) -> list[StatusRule]:
    """The built-in statuses, named in a language."""
    return [StatusRule(language.say(f"headers.status.{key}", spoken), *row) for key, row in _STATUSES.items()]


BUILT_IN_COUNTRIES: Countries = countries([rule for spoken in language.LANGUAGES for rule in country_rows(spoken)])
BUILT_IN_STATUSES: Statuses = statuses([rule for spoken in language.LANGUAGES for rule in status_rows(spoken)])
