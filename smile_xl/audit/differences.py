"""What an audit found: cells that show something else than a fresh calculation gives, and what was not checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smile_xl.language import Language, say
from smile_xl.planning.findings import Finding
from smile_xl.planning.grid import CellError, address

TOLERANCE = 1e-9
"""Relative, and absolute below 1: what two calculations of the same figure may differ by."""


@dataclass(frozen=True)
class Reason:
    """Why a cell is named; its text is ``audit.reason.<code>``."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, spoken: Language) -> str:
        """The reason in words; texts as they are, other values as cells show them."""
        values = {name: one if isinstance(one, str) else shown(one, spoken) for name, one in self.values.items()}
        return say(f"audit.reason.{self.code}", spoken, **values)


@dataclass(frozen=True)
class Difference:
    """A cell that shows something else than it should, or whose formula does."""

    sheet: str
    row: int
    column: int
    cached: object
    fresh: object
    reasons: Sequence[Reason]

    def line(self, spoken: Language) -> str:
        """One line for a screen: place, what it shows, what it should, why."""
        texts = [one.text(spoken) for one in self.reasons]
        return say(
            "audit.difference",
            spoken,
            place=f"{self.sheet}!{address(self.row, self.column)}",
            cached=shown(self.cached, spoken),
            fresh=shown(self.fresh, spoken),
            reason=" ".join(f"{text}." for text in texts),
        )


@dataclass(frozen=True)
class Unchecked:
    """A formula or report that was not checked, and why: ``audit.unchecked.<code>``."""

    place: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def line(self, spoken: Language) -> str:
        """One line for a screen."""
        why = say(f"audit.unchecked.{self.code}", spoken, **self.values)
        return say("audit.not_checked", spoken, place=self.place, why=why)


class Audit:
    """Collects what is found; a cell is named once, with all reasons."""

    def __init__(self, book: str) -> None:
        self.book = book
        self.unchecked: list[Unchecked] = []
        self.formulas = 0
        """SMILE_ formulas whose values were compared."""
        self.input_errors: list[Finding] = []
        """Why the inputs can't be planned, where they can't."""
        self.pages = 0
        """Report pages that were compared."""
        self._found: dict[tuple[str, int, int], Difference] = {}

    def differ(self, sheet: str, row: int, column: int, cached: object, fresh: object, reason: Reason) -> None:
        """Name a cell; one that is named already takes the reason as well, and the value where it had none."""
        before = self._found.get((sheet, row, column))
        reasons = [*before.reasons, reason] if before else [reason]
        if before and not same(before.cached, before.fresh):
            fresh = before.fresh
        self._found[sheet, row, column] = Difference(sheet, row, column, cached, fresh, reasons)

    def differences(self, sheets: Sequence[str]) -> list[Difference]:
        """All cells, in the order of the tabs, then of rows and columns."""
        place = {sheet: position for position, sheet in enumerate(sheets)}
        return sorted(self._found.values(), key=lambda one: (place.get(one.sheet, len(place)), one.row, one.column))


def same(cached: object, fresh: object) -> bool:
    """True where a cell shows what it should, within the tolerance."""
    if type(cached) is type(fresh) and cached == fresh:
        return True  # nearly always
    cached, fresh = _comparable(cached), _comparable(fresh)
    if fresh is None and cached == CellError():
        return True  # a formula whose result is an empty text: files have no value for it
    if isinstance(cached, float) and isinstance(fresh, float):
        return abs(cached - fresh) <= TOLERANCE * max(1.0, abs(cached), abs(fresh))
    return type(cached) is type(fresh) and cached == fresh


def _comparable(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return CellError("#N/A") if value != value or abs(value) == float("inf") else value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day) if not isinstance(value, dt.datetime) else value
    if isinstance(value, str):
        return value.replace("\r\n", "\n") or None
    return value


def shown(value: object, spoken: Language) -> str:
    """A value as the messages show it."""
    if value is None or value == "":
        return say("audit.blank", spoken)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return f"{value:.15g}".replace(".", "," if spoken == "fr" else ".")
    if isinstance(value, CellError):
        return value.text or say("audit.never", spoken)
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    return '"' + " ".join(str(value).split()) + '"'
