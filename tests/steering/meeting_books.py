"""Books in memory with the tables of the meetings."""

from __future__ import annotations

import datetime as dt

import oracle
from books_of_items import START, book_of

from smile_xl.books.memory import MemoryBook
from smile_xl.planning.past import NOTHING_KEPT, Kept, Past

COMMITMENT = ["Country", "Sub-category", "Driver", "Owner", "Due", "Expected effect", "Status"]
DECISIONS = ["No.", "Month", "Meeting", "Decision", *COMMITMENT]
ACTIONS = ["No.", "Month", "Decision no.", "Action", *COMMITMENT]
REGISTER = [
    *("No.", "Kind", "Event", "Country", "Sub-category", "Owner", "Month", "Probability", "Impact"),
    *("Settles", "Came true", "Actual impact"),
]
CAUSES = ["Month", "Country", "Sub-category", "Cause", "Comment"]


def item(country: str, code: str, sub_category: str = "SOS", **values) -> oracle.Item:
    return oracle.Item(country, code, **{"status": "Regular", "weeks_cover": 4.0, "demand": [10.0] * 12, "sub_category": sub_category, "unit_cost": 100.0, "landed_cost": 120.0} | values)  # fmt: skip


ITEMS = [item("Morocco", "1"), item("Morocco", "2", "POP"), item("Algeria", "1")]


class Remembered:
    """A past of books in memory."""

    def __init__(self, books: dict[dt.date, MemoryBook]) -> None:
        self.books = books

    def cycles(self) -> list[Kept]:
        return [Kept(month, "2023-07-03T10:00:00", "nadia") for month in sorted(self.books)]

    def book(self, month: dt.date) -> MemoryBook:
        return self.books[month]


def book(
    *,
    items: list[oracle.Item] = ITEMS,
    start: dt.date = START,
    past: Past = NOTHING_KEPT,
    more: dict[str, list[list[object]]] | None = None,
    **tables: list[list[object]],
) -> MemoryBook:
    """A book with rows of some of the tables: decisions, actions, register, causes; ``more`` names whole sheets."""
    heads = {"decisions": DECISIONS, "actions": ACTIONS, "register": REGISTER, "causes": CAUSES}
    sheets = {"decisions": "Decisions", "actions": "Actions", "register": "Register", "causes": "Gap causes"}
    made = book_of(items, start=start)
    own = {sheets[key]: [heads[key], *rows] for key, rows in tables.items()}
    return MemoryBook({name: made.read(name).rows for name in made.sheet_names()} | own | (more or {}), past=past)
