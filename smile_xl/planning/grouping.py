"""Sums over groups of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smile_xl.core.checks import Array


@dataclass(frozen=True)
class Groups:
    """A partition of the items by some of their attributes, sorted by these."""

    keys: list[tuple[str, ...]]
    of_item: np.ndarray
    """Position of each item's group."""

    def sum(self, values: np.ndarray) -> Array:
        """Sums of values, shape (items,) or (items, months), over each group: (groups,) or (groups, months)."""
        total = np.zeros((len(self.keys), *values.shape[1:]))
        np.add.at(total, self.of_item, values)
        return total


def group(items: pd.DataFrame, columns: Sequence[str]) -> Groups:
    """The items grouped by some columns."""
    keys = list(zip(*(items[column].tolist() for column in columns), strict=True))
    distinct = sorted(set(keys))
    position = {key: place for place, key in enumerate(distinct)}
    return Groups(distinct, np.array([position[key] for key in keys], dtype=np.int64))
