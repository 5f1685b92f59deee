"""What the report pages are put together from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.reports.page import Block, Chart, Column, Kind, Page
from smile_xl.reports.stamp import Stamp

LINE = 150
"""Letters of a line over the tables: a longer one would make the printed page wider, and so its letters smaller."""


_APART, _JOINED = re.compile(r" (?=[;:!?»%])|(?<=«) "), "\N{NO-BREAK SPACE}"
"""Spaces that French sets beside a sign, at which no line breaks."""


def make_page(
    cycle: Cycle,
    stamp: Stamp,
    key: str,
    lines: Sequence[str],
    blocks: Sequence[Block],
    *,
    labels: int,
    charts: Sequence[Chart] = (),
) -> Page:
    """The page of a report, with its stamp."""
    spoken = cycle.inputs.settings.language
    sheet = say(f"headers.sheet.{key}", spoken)
    told = [part for line in lines for part in folded(line)]
    return Page(sheet, said(cycle, f"{key}.title"), [*told, stamp.line(cycle)], blocks, spoken, labels, charts)


def folded(line: str) -> list[str]:
    """A line in parts that a printed page has room for; in French, no part begins with a sign after a space.

    >>> [len(part) for part in folded("x" * 148 + " yz ; y")]
    [148, 6]
    """
    return [part.replace(_JOINED, " ") for part in wrap(_APART.sub(_JOINED, line), LINE, break_long_words=False)]


def said(cycle: Cycle, key: str, **values: object) -> str:
    """A text of the reports in the book's language."""
    settings = cycle.inputs.settings
    return say(f"reports.{key}", settings.language, currency=settings.currency, **values)


def header(cycle: Cycle, name: str, kind: Kind = "text") -> Column:
    """A column that the input tables have as well."""
    if name == "description" and kind == "text":
        kind = "long_text"
    return Column(say(f"headers.column.{name}", cycle.inputs.settings.language), kind)


def own(cycle: Cycle, name: str, kind: Kind) -> Column:
    """A column that only reports have."""
    return Column(said(cycle, f"column.{name}"), kind)


def month_columns(cycle: Cycle, count: int, kind: Kind) -> list[Column]:
    """A column for each of the first planned months."""
    return [Column(month, kind) for month in cycle.inputs.months[:count]]
