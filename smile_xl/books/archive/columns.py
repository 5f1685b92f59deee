"""Columns of the archive's tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def texts(values: list[str]) -> pa.Array:
    """Texts as they are."""
    return pa.array(values, pa.string())


def numbers(values: np.ndarray) -> pa.Array:
    """Numbers, blank where they are NaN."""
    return pa.array(np.ascontiguousarray(values, dtype=np.float64), pa.float64(), from_pandas=True)
