"""Earlier cycles of a book, where somebody has kept them: what checks, gaps and indicators compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smile_xl.planning.grid import Sheets
    from smile_xl.planning.tables import Month


@dataclass(frozen=True)
class Kept:
    """A cycle that was kept, in its newest version."""

    month: Month
    """First month of the cycle."""
    made: str
    """When it was kept, such as 2023-08-04T17:30:00."""
    user: str
    """Who kept it; empty where that is not known."""


class Past(Protocol):
    """The kept cycles of a book. Nothing is read before it is asked for."""

    def cycles(self) -> Sequence[Kept]:
        """The cycles that can be read, the oldest first."""
        ...

    def book(self, month: Month) -> Sheets:
        """The inputs of a kept cycle as a book; raises KeyError where none of this month was kept."""
        ...


class NothingKept:
    """The past of a book of which no cycle was kept."""

    def cycles(self) -> Sequence[Kept]:
        """None."""
        return ()

    def book(self, month: Month) -> Sheets:
        """Never anything."""
        raise KeyError(month)


NOTHING_KEPT = NothingKept()


class Unreadable(NothingKept):
    """The past of a book whose kept cycles can't be read, since a library is missing."""


UNREADABLE = Unreadable()
