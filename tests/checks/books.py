"""Small books for the checks: steady items, with what a test changes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import oracle
from books_of_items import START, book_of

from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.findings import Finding
from smile_xl.planning.past import Kept

STEADY = oracle.Item(
    country="Morocco",
    sap_code="68000001",
    status="Regular",
    weeks_cover=4.0,
    category="C",
    sub_category="Hair",
    brand="B",
    opening=100.0,
    transit=[10.0, 0.0, 0.0, 20.0, 0.0, 0.0, 0.0, 0.0],
    demand=[50.0, 52.0, 48.0, 51.0, 49.0, 50.0, 53.0, 47.0, 50.0, 52.0, 48.0, 50.0],
    unit_cost=1000.0,
    landed_cost=1200.0,
)
SNOOZED = ["Kind", "Country", "SAP code", "Place", "Until", "Reason", "By"]


def item(code: str = "68000001", **changed: object) -> oracle.Item:
    """The steady item under a code, changed."""
    return replace(STEADY, sap_code=code, **changed)


def demand(**months: float) -> list[float]:
    """The steady demand with some months changed: m3=7.0 is that of the fourth."""
    return [months.get(f"m{place}", tonnes) for place, tonnes in enumerate(STEADY.demand)]


def book(
    items: Sequence[oracle.Item],
    *,
    settings: Mapping[str, object] | None = None,
    sheets: Mapping[str, Sequence[Sequence[object]]] | None = None,
    past: object = None,
    start: dt.date = START,
) -> MemoryBook:
    """A book of items with further settings and sheets."""
    made = book_of(items, start=start)
    tables = {name: made.read(name).rows for name in made.sheet_names()}
    tables["Settings"] = [*tables["Settings"], *([name, value] for name, value in (settings or {}).items())]
    return MemoryBook({**tables, **(sheets or {})}, **({"past": past} if past else {}))


def snoozed(*rows: Sequence[object]) -> dict[str, list[Sequence[object]]]:
    """A sheet Snoozed."""
    return {"Snoozed": [SNOOZED, *rows]}


def found(source: MemoryBook | Cycle, code: str) -> list[Finding]:
    """The findings of a kind."""
    cycle = make_cycle(source) if isinstance(source, MemoryBook) else source
    return [one for one in cycle.findings if one.code == code]


def only(source: MemoryBook | Cycle, code: str) -> Finding:
    """The one finding of a kind."""
    (one,) = found(source, code)
    return one


@dataclass
class Remembered:
    """A past of books in memory, by their cycle."""

    books: Mapping[dt.date, MemoryBook]
    user: str = "Ana"

    def cycles(self) -> list[Kept]:
        return [Kept(month, "2023-08-04T09:00:00", self.user) for month in sorted(self.books)]

    def book(self, month: dt.date) -> MemoryBook:
        return self.books[month]
