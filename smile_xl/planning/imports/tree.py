"""A stock overview as an indented tree, laid out as a flat list: each quantity once, where it stands deepest.

MMBE shows company, plant, storage location, batch and special stock below each other, each further to the right, and
every node repeats the sum of what is below it. How far right is told by the column or by the spaces before the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smile_xl.language import say
from smile_xl.planning.imports import words
from smile_xl.planning.imports.listing import RawList
from smile_xl.planning.imports.titles import titled
from smile_xl.planning.names import as_text

LEVELS = ("client", "company", "plant", "storage_location", "batch", "special")
"""What the levels of a tree are, from its root on."""
_SHOWN = ("plant", "storage_location", "batch")
_LINES = re.compile("[\\s|+`.>\u2500-\u257f\u2022\u00b7-]*")
"""What stands before a name: spaces, and the lines that some systems draw."""
_FILLED = re.compile("[1-9]")

Row = Sequence[object]


@dataclass(frozen=True)
class Node:
    """A node's quantity that repeats what stands below it."""

    row: int
    place: int
    """Column of the flat list."""
    cell: object
    below: tuple[int, ...]
    """Rows of the quantities that it should be the sum of."""


@dataclass
class _Branch:
    number: int
    level: int
    name: str
    cells: list[object]
    above: list[_Branch]
    below: list[_Branch] = field(default_factory=list)


def flattened(raw: RawList) -> tuple[RawList, list[Node]] | None:
    """A tree as a list with columns for plant, storage location and batch, and its sums; None for another list."""
    found = _header(raw)
    if found is None:
        return None
    header, first = found
    names = [say(f"imports.field.{name}", "en") for name in _SHOWN]
    heads = [*names, *raw.rows[header][1][first:]]
    rows: list[tuple[int, Row]] = list(raw.rows[:header])
    rows.append((raw.rows[header][0], heads))
    sums: list[Node] = []
    part: list[tuple[int, Row]] = []
    for number, row in raw.rows[header + 1 :]:
        if titled(row).get("material") or _is_header(row):  # the tree of the next material
            _add(rows, sums, part, first)
            part = []
            rows.append((number, heads if _is_header(row) else row))
        else:
            part.append((number, row))
    _add(rows, sums, part, first)
    return replace(raw, rows=rows), sums


def _header(raw: RawList) -> tuple[int, int] | None:
    """The row of headers and the first column of quantities, where a header names the levels of a tree."""
    for index, (_, row) in enumerate(raw.rows[:200]):
        if _is_header(row):
            tree = next(place for place, cell in enumerate(row) if words.names_tree(as_text(cell)))
            first = next((place for place, cell in enumerate(row) if place > tree and as_text(cell)), None)
            return None if first is None else (index, first)
    return None


def _is_header(row: Row) -> bool:
    return any(words.names_tree(as_text(cell)) for cell in row if isinstance(cell, str))


def _add(rows: list[tuple[int, Row]], sums: list[Node], part: Sequence[tuple[int, Row]], first: int) -> None:
    """Add the rows of one tree, and its sums."""
    branches = _branches(part, first)
    plants = [one.level for one in branches if words.country_of_plant(one.name)]
    roots = [one for one in branches if not one.above]
    rooted = bool(roots) and (words.is_total(roots[0].name) or words.names_root(roots[0].name))
    shift = LEVELS.index("plant") - min(plants) if plants else 0 if rooted else 1
    for one in branches:
        names = {
            LEVELS[line.level + shift]: line.name for line in (*one.above, one) if line.level + shift < len(LEVELS)
        }
        own: list[object] = []
        for place, cell in enumerate(one.cells):
            below = [line.number for line in _under(one) if place < len(line.cells) and _is_filled(line.cells[place])]
            deepest = _deepest(one, place)
            if below:
                sums.append(Node(one.number, len(_SHOWN) + place, cell, tuple(deepest)))
            own.append(None if below or (one.below and not _is_filled(cell)) else cell)
        rows.append((one.number, [*(names.get(name) for name in _SHOWN), *own]))


def _branches(part: Sequence[tuple[int, Row]], first: int) -> list[_Branch]:
    """The rows of a tree, each with those that it stands under."""
    open_branches: list[tuple[tuple[int, int], _Branch]] = []
    found = []
    for number, row in part:
        place = next((place for place, cell in enumerate(row[:first]) if as_text(cell)), None)
        if place is None:
            continue
        text = str(row[place])
        before = _LINES.match(text)
        depth = (place, before.end() if before else 0)
        name = text[depth[1] :].strip()
        while open_branches and (open_branches[-1][0] >= depth or len(open_branches) > len(LEVELS)):
            open_branches.pop()
        above = [branch for _, branch in open_branches]
        branch = _Branch(number, len(above), name, list(row[first:]), above)
        if above:
            above[-1].below.append(branch)
        open_branches.append((depth, branch))
        found.append(branch)
    return found


def _under(branch: _Branch) -> list[_Branch]:
    return [line for child in branch.below for line in (child, *_under(child))]


def _deepest(branch: _Branch, place: int) -> list[int]:
    """Rows below a branch that hold a quantity which nothing below them repeats."""
    found = []
    for child in branch.below:
        under = _deepest(child, place)
        if under:
            found += under
        elif place < len(child.cells) and _is_filled(child.cells[place]):
            found.append(child.number)
    return found


def _is_filled(cell: object) -> bool:
    """The cell holds a number other than 0."""
    return bool(cell) if isinstance(cell, int | float) else bool(_FILLED.search(as_text(cell)))
