"""The rows of a team's own table that are items, and those that are totals or headers again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from smile_xl.planning.grid import Grid, is_blank
from smile_xl.planning.layout.fields import total_word
from smile_xl.planning.layout.mapping import SUMS
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.tables import column_values

_SAME = 1e-6


@dataclass
class Rows:
    """The rows below the headers."""

    items: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    """Words for a total that were met, with the first row of each; ``sums`` for sums without a name."""


def rows_of(
    grid: Grid,
    header: int,
    texts: Mapping[str, int],
    figures: Sequence[int],
    key: str,
    left_out: Sequence[str] | None,
) -> Rows:
    """The rows below a header row.

    Parameters
    ----------
    grid : Grid
        The sheet.
    header : int
        Its lowest header row.
    texts : dict
        Columns of the fields that are no figures, by field.
    figures : list of int
        Columns of the figures.
    key : str
        The field that each item has and no total: a row with it is an item, whatever it is called.
    left_out : list of str, optional
        Labels of the rows to leave out; without them, every word for a total counts.
    """
    found = Rows()
    known = [*texts.values(), *figures]
    code = texts.get(key)
    words = None if left_out is None else [plain(word) for word in left_out]
    sums = _Sums(grid, figures) if left_out is None or SUMS in left_out else None
    head = plain(as_text(_at(grid, header, code))) if code is not None else ""
    for row, values in enumerate(grid.rows[header + 1 :], header + 1):
        if not any(values) or not any(_is_filled(values, column) for column in known):
            continue
        own = _at(grid, row, code)
        if isinstance(own, str) and head and plain(own) == head:
            found.left_out.append(row)
            continue
        word = _label(grid.rows[row], own, texts, code, words) if code is not None else None
        if word is None and is_blank(own) and figures and not any(_is_filled(values, column) for column in figures):
            found.left_out.append(row)  # a heading between the items
            continue
        if word is None and sums is not None and is_blank(own) and code is not None:
            nothing_said = all(is_blank(_at(grid, row, column)) for column in texts.values())
            word = SUMS if nothing_said and sums.is_sum(row) else None
        if word is not None:
            found.labels.setdefault(word, row)
            found.left_out.append(row)
        else:
            found.items.append(row)
            if sums is not None:
                sums.add(row)
    return found


def _at(grid: Grid, row: int, column: int | None) -> object:
    values = grid.rows[row]
    return values[column] if column is not None and column < len(values) else None


def _is_filled(values: Sequence[object], column: int) -> bool:
    """True for a cell that says something; 0 alone is what a formula gives below the last item."""
    value = values[column] if column < len(values) else None
    return not is_blank(value) and value != 0


def _label(
    values: Sequence[object], own: object, texts: Mapping[str, int], code: int | None, words: Sequence[str] | None
) -> str | None:
    """The word for a total with which the key, or in a row without one any text up to the figures, begins."""
    if not is_blank(own):
        return _word(own, words)
    limit = max((*texts.values(), code or 0)) + 1
    for value in values[:limit]:
        word = _word(value, words)
        if word is not None:
            return word
    return None


def _word(value: object, words: Sequence[str] | None) -> str | None:
    if words is None:
        return total_word(value)
    text = plain(value) if isinstance(value, str) else ""
    return next((word for word in words if word and (text == word or text.startswith(f"{word} "))), None)


class _Sums:
    """Tells whether a row of figures is the sum of rows above it."""

    def __init__(self, grid: Grid, columns: Sequence[int]) -> None:
        self._grid = grid
        self._columns = list(columns)
        self._since = np.zeros(len(self._columns))
        self._all = np.zeros(len(self._columns))

    def add(self, row: int) -> None:
        """Count an item's figures."""
        figures = np.nan_to_num(self._figures(row))
        self._since += figures
        self._all += figures

    def is_sum(self, row: int) -> bool:
        """True for the sum of the items since the last such row, or of all items above, wherever it has a figure."""
        figures = self._figures(row)
        given = ~np.isnan(figures)
        for sums in (self._since, self._all):
            if figures[given].any() and np.allclose(figures[given], sums[given], rtol=_SAME, atol=1e-9):
                self._since = np.zeros(len(self._columns))
                return True
        return False

    def _figures(self, row: int) -> np.ndarray:
        values = [column_values(self._grid, [row], column)[0] for column in self._columns]
        return np.array([float(value) if type(value) in (int, float) else np.nan for value in values])  # type: ignore[arg-type]
