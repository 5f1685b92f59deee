"""Columns of the archive's tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smile_xl.core import TRANSIT_WEEKS

TEXTS = ("country", "sap_code", "description", "status", "sourcing_unit", "category", "sub_category", "brand")
"""Columns of text of an item."""

NUMBERS = (
    *("net_case_weight_kg", "weeks_cover", "moq_t", "multiple_t", "opening_t"),
    *("unit_cost_eur_per_t", "landed_cost_eur_per_t"),
)
"""Columns of numbers of an item, named as in master.csv; costs are in the currency of the settings."""

WEEKS = tuple(f"W{week}" for week in range(1, TRANSIT_WEEKS + 1))


def month_names(what: str, count: int) -> list[str]:
    """Columns of a block of months: demand_00, demand_01, ..."""
    return [f"{what}_{month:02d}" for month in range(count)]


def texts(values: list[str]) -> pa.Array:
    """Texts as they are."""
    return pa.array(values, pa.string())


def numbers(values: np.ndarray) -> pa.Array:
    """Numbers, blank where they are NaN."""
    return pa.array(np.ascontiguousarray(values, dtype=np.float64), pa.float64(), from_pandas=True)
