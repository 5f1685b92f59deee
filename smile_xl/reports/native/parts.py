"""A native sheet: columns side by side in parts, some of them compared with the values that the core computes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import column_name
from smile_xl.reports.native.references import ROW, quoted
from smile_xl.reports.page import Block, Column, Computed, Kind, Page, Rule

LINES = 4
"""Lines under the title of every native sheet."""

NOISE = "1E-9"
"""Relative size under which two values are the same: computers add in different orders."""

Header = str | dt.date


@dataclass(frozen=True)
class Part:
    """Columns of one meaning: what heads them, what they hold, what they compute, and what that is now."""

    key: str
    """``native.part.<key>`` names it, ``native.meaning.<key>`` explains it."""
    headers: Sequence[Header]
    kind: Kind | Sequence[Kind]
    compared: bool = False
    """The core's values and the difference follow."""
    single: Sequence[str] = ()
    """Where each column has a meaning of its own, ``native.meaning.<key>_<single>`` explains it."""

    @property
    def width(self) -> int:
        """Columns of the part with its comparison."""
        return len(self.headers) * (3 if self.compared else 1)


class NativeSheet:
    """A sheet of formulas, one row per item or group, planned first, then filled in."""

    def __init__(self, cycle: Cycle, key: str, parts: Sequence[Part], rows: int, labels: int) -> None:
        self._cycle = cycle
        self.key = key
        self.name = told(cycle, f"sheet.{key}")
        self.parts = list(parts)
        self._labels = labels
        self._first: dict[str, int] = {}
        place = 0
        for part in parts:
            self._first[part.key] = place
            place += part.width
        self._columns: list[Column] = []
        self._values: list[Sequence[object]] = []
        self._filled: dict[str, Sequence[str]] = {}
        self._rows = rows
        self.top = Page("", "", [""] * LINES, [Block([], [], bands=[("", 0, 0)])], "en").first_row()
        """Row of the first values, counted from 0."""

    def cell(self, key: str, place: int = 0) -> str:
        """A cell of the formula's own row."""
        return f"{column_name(self._first[key] + place)}{ROW}"

    def cells(self, key: str, first: int, last: int) -> str:
        """Cells side by side of the formula's own row."""
        return f"{self.cell(key, first)}:{self.cell(key, last)}"

    def column(self, key: str, place: int = 0, columns: int = 1) -> str:
        """All rows of some columns, as other sheets name them."""
        first = self._first[key] + place
        corners = (first, self.top + 1), (first + columns - 1, self.top + self._rows)
        left, right = (f"${column_name(column)}${row}" for column, row in corners)
        return f"{quoted(self.name)}!{left}:{right}"

    def differences(self, part: Part) -> str:
        """All differences of a part, as other sheets name them."""
        return self.column(part.key, 2 * len(part.headers), len(part.headers))

    def count(self, part: Part) -> int:
        """How many values of a part are compared."""
        return len(part.headers) * self._rows

    def examples(self, part: Part) -> list[str]:
        """Formulas in the first row of a part: of every column that has its own meaning, else of the third month.

        Earlier months are special: their orders are not free. Where text is typed, there is none.
        """
        formulas = self._filled[part.key]
        chosen = formulas if part.single else formulas[:3][-1:]
        return [f"={formula.replace(ROW, str(self.top + 1))}" for formula in chosen if formula]

    def fill(self, key: str, formulas: Sequence[str], values: Sequence[Sequence[object]]) -> None:
        """Fill in the next part: a formula for each column, and its values column by column.

        The values are what the formulas give now; those of a compared part are the core's.
        """
        part = self.parts[len(self._filled)]
        if part.key != key or not len(formulas) == len(values) == len(part.headers):
            raise ValueError(f"{key} with {len(formulas)} formulas, want {part.key} with {len(part.headers)}")
        self._filled[key] = formulas
        kinds = [part.kind] * len(formulas) if isinstance(part.kind, str) else part.kind
        native = [
            Column(header, kind, formula=formula)
            for header, kind, formula in zip(part.headers, kinds, formulas, strict=True)
        ]
        self._columns += native
        self._values += values
        if part.compared:
            zero = [0.0] * self._rows
            self._columns += [replace(column, formula="") for column in native]
            self._values += values
            self._columns += [
                Column(header, "difference", formula=self._difference(key, place, len(formulas)))
                for place, header in enumerate(part.headers)
            ]
            self._values += [zero] * len(formulas)

    def _difference(self, key: str, place: int, width: int) -> str:
        """Native less ours; 0 where both say the same in words, or are the same but for rounding noise."""
        native, ours = self.cell(key, place), self.cell(key, place + width)
        same = f"ABS({native}-{ours})<={NOISE}*MAX(1,ABS({ours}))"
        number = f"IF({same},0,{native}-{ours})"
        if any(isinstance(value, str) for value in self._values[self._first[key] + place]):
            return f"IF(AND(ISTEXT({native}),ISTEXT({ours})),0,{number})"
        return number

    def page(self, total: Computed) -> Page:
        """The sheet as a page, ``total`` saying what its differences come to."""
        cycle = self._cycle
        lines: list[str | Computed] = [told(cycle, f"lines.{self.key}"), told(cycle, "lines.reading"), total, ""]
        spoken = cycle.inputs.settings.language
        title = told(cycle, f"title.{self.key}")
        return Page(self.name, title, lines, [self._block()], spoken, self._labels)

    def _block(self) -> Block:
        bands: list[tuple[str, int, int]] = []
        rules: list[Rule] = []
        for part in self.parts:
            name, first, width = told(self._cycle, f"part.{part.key}"), self._first[part.key], len(part.headers)
            if not part.compared:
                bands.append((name, first, first + width - 1))
                continue
            for place, side in enumerate(("native", "ours", "difference")):
                start = first + place * width
                bands.append((told(self._cycle, f"side.{side}", part=name), start, start + width - 1))
            rules.append(Rule(0, first + 2 * width, self._rows, width, "{cell}<>0", "risk"))
        rows = list(zip(*self._values, strict=True))
        return Block(self._columns, rows, bands=bands, rules=rules)


def told(cycle: Cycle, key: str, **values: object) -> str:
    """A text of the twin in the book's language."""
    settings = cycle.inputs.settings
    return say(f"native.{key}", settings.language, currency=settings.currency, **values)
