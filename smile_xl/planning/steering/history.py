"""Past demand month by month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from smile_xl.core.checks import Array
from smile_xl.planning.tables import Month


def histories(actuals: Mapping[tuple[int, Month], float]) -> list[tuple[np.ndarray, Array]]:
    """Demand of each item from its first month to the last month of all, items of equal length together.

    Parameters
    ----------
    actuals : mapping from item and month to t
        A month between that is not given is one without demand: lists of sales leave such months out.

    Returns
    -------
    list of (items, demand)
        Positions of the items, and their demand, shape (items, months).
    """
    if not actuals:
        return []
    items = np.array([item for item, _ in actuals], dtype=np.int64)
    months = np.array([month.year * 12 + month.month for _, month in actuals], dtype=np.int64)
    tonnes = np.array(list(actuals.values()))
    last = months.max()
    first = np.full(items.max() + 1, last + 1)
    np.minimum.at(first, items, months)
    found = []
    for start in np.unique(first[first <= last]):
        here = np.flatnonzero(first == start)
        demand = np.zeros((len(here), int(last - start) + 1))
        rows = first[items] == start
        demand[np.searchsorted(here, items[rows]), months[rows] - start] = tonnes[rows]
        found.append((here, demand))
    return found
