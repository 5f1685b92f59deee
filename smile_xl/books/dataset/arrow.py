"""Between Arrow and numpy by their memory: ``pyarrow.array``, ``pyarrow.scalar`` and ``to_numpy`` would load pandas."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smile_xl.planning.scenarios import Labels


def table_of(columns: Mapping[str, Labels | np.ndarray]) -> pa.Table:
    """A table of texts, numbers and yes or no."""
    arrays = [texts_of(one) if isinstance(one, Labels) else values_of(one) for one in columns.values()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def texts_of(labels: Labels) -> pa.Array:
    """A column of texts."""
    return _names(labels.names).take(values_of(np.asarray(labels.places, dtype=np.int32)))


def values_of(values: np.ndarray) -> pa.Array:
    """A column of 64-bit floating numbers, of 32-bit whole ones, or of yes or no; NaN is null."""
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])
    kind = {np.dtype(np.float64): pa.float64(), np.dtype(np.int32): pa.int32()}[values.dtype]
    blank = np.isnan(values)
    given = _bits(~blank) if blank.any() else None
    return pa.Array.from_buffers(kind, len(values), [given, pa.py_buffer(np.ascontiguousarray(values))])


def values_in(column: pa.Array) -> Any:
    """The numbers of a column without nulls."""
    return np.from_dlpack(column)


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def _names(names: Sequence[str]) -> pa.Array:
    encoded = [name.encode() for name in names]
    ends = np.array([0, *itertools.accumulate(map(len, encoded))], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(names), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


NAN = pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(np.full(1, np.nan))])[0]
"""A scalar."""
