"""The columns of numbers of a row group: read a few at a time, put in order and checked while they are in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from smile_xl.books.archive.columns import WEEKS, month_names
from smile_xl.books.dataset.arrow import NAN, values_in
from smile_xl.books.dataset.faults import Faults
from smile_xl.books.dataset.schema import Schema
from smile_xl.core import HORIZON
from smile_xl.core.checks import Array
from smile_xl.planning.tables import LARGEST

BATCH = 65_536
"""Rows in memory at a time and thread; a constant, since the sums of a row group follow its batches."""

TOGETHER = 4
"""Columns read at a time."""

_SCALARS = ("opening_t", "weeks_cover", "moq_t", "multiple_t", "unit_cost_eur_per_t", "landed_cost_eur_per_t")
_NEVER_BLANK = ("weeks_cover", "unit_cost_eur_per_t", "landed_cost_eur_per_t")
_LARGEST_BITS = np.float64(LARGEST).view(np.uint64)


def batches(file: pq.ParquetFile, group: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of a row group, batch by batch."""
    return file.iter_batches(BATCH, row_groups=[group], columns=list(columns), use_threads=False)  # type: ignore[no-any-return]


class Numbers:
    """The numbers of a row group that a plan needs."""

    def __init__(self, file: pq.ParquetFile, group: int, schema: Schema, faults: Faults) -> None:
        wanted = (*_SCALARS, *WEEKS, *month_names("demand", schema.months), *month_names("confirmed", HORIZON))
        names = [name for name in wanted if schema.has(name)]
        self.places = {name: place for place, name in enumerate(names)}
        """Row of each column in a block."""
        self._faults = faults
        self._blank = _blank_columns(file, group) & {name for name in names if name.startswith("confirmed")}
        read = [name for name in names if name not in self._blank]
        some = [read[at : at + TOGETHER] for at in range(0, len(read), TOGETHER)]
        self._some = [(columns, batches(file, group, columns)) for columns in some]

    def block(self, rows: int, first: int, order: NDArray[np.intp] | None) -> Array:
        """The next rows, put in order: a column of the file in each row of the block, shape (columns, rows)."""
        block = np.empty((len(self.places), rows))
        for name in self._blank:
            block[self.places[name]].fill(np.nan)  # most months: nothing to read, rearrange or check
        for names, some in self._some:
            read = next(some, None)
            if read is None or len(read) != rows:
                raise OSError(f"{names[0]} has other rows than country")
            for name in names:
                values, column = block[self.places[name]], read.column(name)
                if order is None:
                    values[:] = _floats(column)
                else:
                    _floats(column).take(order, out=values, mode="clip")
                if not _in_range(values, blanks=name.startswith("confirmed")):
                    self._mend(name, values, first, order)
        return block

    def _mend(self, name: str, values: Array, first: int, order: NDArray[np.intp] | None) -> None:
        """Look at a column that is not all numbers in range: blanks become 0, or stay NaN for confirmed orders."""
        blank = np.isnan(values)
        add = self._faults.add
        if name in _NEVER_BLANK:
            add("error", "blank", name, rows_of(blank, first, order))
        elif not name.startswith(("confirmed", "moq", "multiple")):
            add("info", "blanks", "demand" if name.startswith("demand") else "stock", rows_of(blank, first, order))
        with np.errstate(invalid="ignore"):
            large = np.abs(values) > LARGEST
            negative = (values < 0) & ~large & (name != "opening_t")
        for code, where in (("too_large", large), ("negative", negative)):
            if where.any():
                add("error", code, name, rows_of(where, first, order), float(values[where.argmax()]))
        if not name.startswith("confirmed"):
            np.copyto(values, 0.0, where=blank)


def _blank_columns(file: pq.ParquetFile, group: int) -> set[str]:
    """The columns of a row group of which its statistics say that all rows are blank."""
    kept = file.metadata.row_group(group)
    columns = (kept.column(place) for place in range(kept.num_columns))
    return {
        one.path_in_schema
        for one in columns
        if one.is_stats_set and one.statistics.has_null_count and one.statistics.null_count == kept.num_rows
    }


def rows_of(where: np.ndarray, first: int, order: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """Rows of the file that are True in a batch put in order, in any order."""
    found = np.flatnonzero(where)
    return first + (found if order is None else order.take(found))


def _in_range(values: Array, *, blanks: bool) -> bool:
    """Whether all are zero or more, and not too large; with ``blanks``, NaN is as well."""
    if blanks:
        return not len(values) or bool(np.fmin.reduce(values) >= 0 and np.fmax.reduce(values) <= LARGEST)
    # read as whole numbers, the bits of positive doubles have their order, with NaN above and negative ones above that
    return bool(values.view(np.uint64).max(initial=0) <= _LARGEST_BITS)


def _floats(column: pa.Array) -> Array:
    if column.type != pa.float64():
        column = column.cast(pa.float64())
    values: Array = values_in(pc.fill_null(column, NAN) if column.null_count else column)
    return values
