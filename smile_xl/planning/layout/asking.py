"""Questions that only the team can answer, with their choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Key = tuple[str, str, str]
"""What is asked for: sheet ("" for the sheet itself), table, field."""

Answers = Mapping[Key, tuple[str, ...]]
"""By question the values of the choices taken; an empty one for none of them."""

FIXED = "="
"""Begins the value of an answer that is no header but a value for all rows."""


@dataclass(frozen=True)
class Choice:
    """One of the choices, by the value that the answer then has."""

    value: str
    text: tuple[str, Mapping[str, object]]
    """Entry of the catalogue under ``layout.ask``, and its values."""


@dataclass(frozen=True)
class Question:
    """One question; ``best`` is the choice that is clearly better than the others."""

    key: Key
    code: str
    choices: list[Choice]
    values: Mapping[str, object] = field(default_factory=dict)
    best: int | None = None
    many: bool = False
    """Several choices may be taken."""
    optional: bool = False
    """What is asked for is missing: it may be answered later, in the sheet Mapping, or by a value."""
