"""The items of a portfolio: checked, and read in chunks with the months first.

A sheet holds one item per row, but the equations run over months while the items move together. So a chunk of rows is
turned once into blocks of shape (months, items), small enough for the processor's cache, and the equations work on
whole rows of these blocks. What a chunk does not have (minimum orders, confirmed quantities, two countries) costs
nothing; an item's figures are the same to the last bit in every chunk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smile_xl.core.arrivals import land, landing_months
from smile_xl.core.checks import Array, by_item, by_month, same_shape
from smile_xl.core.errors import ShapeError
from smile_xl.core.orders import order_multiple
from smile_xl.core.safety import mean_demand
from smile_xl.core.units import HORIZON, SMALLEST_MULTIPLE, TRANSIT_WEEKS

CHUNK = 32_768
"""Items computed at a time: few enough for the cache, so many that numpy works long between two steps of Python.

8 192 are as fast in one thread, but keep Python four times as long from another one."""

Flags = NDArray[np.bool_]

INFINITY = np.float64(np.inf).view(np.uint64)
"""Infinity's bits."""

COLUMNS = ("opening", "weeks_cover", "frozen", "pipeline_months", "moq", "multiple")
"""Inputs with one number per item."""

FLAGS = ("proposes", "holds_safety")
"""Inputs with one yes or no per item."""


@dataclass(frozen=True)
class Portfolio:
    """Inputs of all items, one row each; quantities in tonnes."""

    opening: Array
    """Stock on hand when month 0 starts, shape (items,)."""
    transit: Array
    """Stock in transit due in each of the next eight weeks, shape (items, 8)."""
    demand: Array
    """Forecast demand, shape (items, 12 months or more)."""
    confirmed: Array
    """Confirmed orders, shape (items, 12), NaN where none."""
    weeks_cover: Array
    """Wanted weeks of safety cover, shape (items,)."""
    landing: np.ndarray
    """Month in which each transit week lands, shape (items, 8)."""
    frozen: np.ndarray
    """Months that can't be re-planned, shape (items,)."""
    pipeline_months: np.ndarray
    """Months in transit before landing, shape (items,)."""
    proposes: np.ndarray
    """False for items that run out, shape (items,)."""
    holds_safety: np.ndarray
    """False for items without safety stock, shape (items,)."""
    moq: Array
    """Minimum order, 0 for none, shape (items,)."""
    multiple: Array
    """Order multiple, 0 for none, shape (items,)."""

    def __len__(self) -> int:
        return len(self.demand)


@dataclass(frozen=True)
class Chunk:
    """Inputs of some items, months first; the blocks are valid until the next chunk is read."""

    demand: Array
    """Shape (months given, items), t / month."""
    mean_demand: Array
    """Mean of the first 12 months, shape (items,), t / month."""
    arrivals: Array
    """Transit by landing month, shape (months in which something can land, items), t."""
    confirmed: list[Array | None]
    """One row (items,) for each of the 12 months, t, NaN where none; None for a month without any."""
    opening: Array
    weeks_cover: Array
    frozen: Array
    pipeline_months: Array
    moq: Array
    multiple: Array
    proposes: Flags
    holds_safety: Flags

    def __len__(self) -> int:
        return len(self.opening)


class ChunkReader:
    """Reads a portfolio chunk by chunk, into buffers that all its chunks share, and checks what it reads."""

    def __init__(self, portfolio: Portfolio, *, trusted: bool = False) -> None:
        """Raises ShapeError where the inputs don't fit together; the values of ``trusted`` ones are not looked at."""
        check_shapes(portfolio)
        self._portfolio, self._trusted = portfolio, trusted
        self.items, given = np.shape(portfolio.demand)
        self.size = -(-self.items // max(-(-self.items // CHUNK), 1))
        self._rows = {width: np.empty((self.size, width)) for width in {given, HORIZON, TRANSIT_WEEKS}}
        self._demand = np.empty((given, self.size))
        self._transit = np.empty((TRANSIT_WEEKS, self.size))
        self._arrivals = np.empty((HORIZON, self.size))
        self._mean = np.empty(self.size)

    def slices(self) -> list[slice]:
        """The items of each chunk; the chunks are about the same size."""
        return [slice(start, min(start + self.size, self.items)) for start in range(0, self.items, max(self.size, 1))]

    def read(self, items: slice, order: NDArray[np.intp] | None = None) -> Chunk:
        """The chunk of these items, rearranged by ``order`` if given.

        Raises DomainError where a value is out of range, with its place in the portfolio.
        """
        demand = self._months_first("demand", items, order, self._demand)
        transit = self._months_first("transit", items, order, self._transit)
        landing = self._landing_months(items, order)
        confirmed = self._confirmed_months(items, order)
        columns = {name: _taken(_column(getattr(self._portfolio, name)[items]), order) for name in COLUMNS}
        flags = {
            name: _taken(np.asarray(getattr(self._portfolio, name)[items], dtype=np.bool_), order) for name in FLAGS
        }
        if not (self._trusted or (_in_range(demand, transit, landing, confirmed) and _columns_in_range(columns))):
            check(self._portfolio)
        arrivals = self._arrivals[: min(int(landing.max(initial=0)) + 1, HORIZON), : demand.shape[1]]
        arrivals.fill(0.0)
        land(arrivals, transit, landing)
        mean = mean_demand(demand, out=self._mean[: demand.shape[1]])
        return Chunk(demand, mean, arrivals, confirmed, **columns, **flags)

    def _months_first(self, name: str, items: slice, order: NDArray[np.intp] | None, block: Array) -> Array:
        rows = np.asarray(getattr(self._portfolio, name), dtype=np.float64)[items]
        there = rows.T.strides[1] == rows.itemsize  # months lie first already
        if there and order is None:
            return rows.T
        turned = block[:, : len(rows)]
        if there:
            for row, out in zip(rows.T, turned, strict=True):
                row.take(order, out=out, mode="clip")
            return turned
        if order is not None:
            rows = rows.take(order, axis=0, out=self._rows[rows.shape[1]][: len(rows)], mode="clip")
        np.copyto(turned, rows.T)
        return turned

    def _confirmed_months(self, items: slice, order: NDArray[np.intp] | None) -> list[Array | None]:
        rows = np.asarray(self._portfolio.confirmed, dtype=np.float64)[items].T
        blank = np.isnan(rows).all(axis=1)
        months: list[Array | None] = [None] * HORIZON
        for month in np.flatnonzero(~blank).tolist():
            months[month] = np.ascontiguousarray(_taken(rows[month], order))
        return months

    def _landing_months(self, items: slice, order: NDArray[np.intp] | None) -> NDArray[np.integer]:
        """Landing month of each week, shape (8, items), or (8, 1) where all items of the chunk have the same."""
        rows = self._portfolio.landing[items]
        if not np.issubdtype(rows.dtype, np.integer):
            rows = landing_months(rows, len(rows))
        if rows.strides[0] == 0 or (rows[1:] == rows[:-1]).all():
            return rows[:1].T
        turned = _taken(rows, order).T
        return turned if turned.strides[1] == turned.itemsize else np.ascontiguousarray(turned)


def _column(values: np.ndarray) -> Array:
    return np.asarray(values, dtype=np.float64)


def _taken(values: np.ndarray, order: NDArray[np.intp] | None) -> np.ndarray:
    return values if order is None else values.take(order, axis=0, mode="clip")


def _in_range(demand: Array, transit: Array, landing: np.ndarray, confirmed: list[Array | None]) -> bool:
    """Quickly, whether all are in range."""
    return (
        _positive(demand)
        and _positive(transit)
        and (not landing.size or bool(landing.min() >= 0))
        and all(row is None or (np.fmin.reduce(row) >= 0 and np.fmax.reduce(row) < np.inf) for row in confirmed)
    )


def _columns_in_range(columns: dict[str, Array]) -> bool:
    multiple = columns["multiple"]
    return (
        all(_positive(column) for name, column in columns.items() if name != "opening")
        and bool(np.isfinite(columns["opening"]).all())
        and not (multiple.any() and ((multiple > 0) & (multiple < SMALLEST_MULTIPLE)).any())
    )


def _positive(values: Array) -> bool:
    """Whether all are finite and zero or more, in one pass.

    Read as whole numbers, the bits of positive doubles have their order, with infinity and NaN above them and all
    negative ones above these. (-0.0 is among them: the slow check lets it pass.)
    """
    return not values.size or bool(values.view(np.uint64).max() < INFINITY)


def check_shapes(portfolio: Portfolio) -> None:
    """Raise ShapeError unless all inputs have the same items, and the months and weeks that they should."""
    items = len(portfolio)
    shapes = {
        "demand": (items, max(np.shape(portfolio.demand)[-1], HORIZON)),
        "confirmed": (items, HORIZON),
        "transit": (items, TRANSIT_WEEKS),
        "landing": (items, TRANSIT_WEEKS),
        **dict.fromkeys(COLUMNS + FLAGS, (items,)),
    }
    if not all(np.shape(getattr(portfolio, name)) == shape for name, shape in shapes.items()):
        check(portfolio)
        name = next(name for name, shape in shapes.items() if np.shape(getattr(portfolio, name)) != shape)
        raise ShapeError(f"{name} has shape {np.shape(getattr(portfolio, name))}, want {shapes[name]}")


def check(portfolio: Portfolio) -> None:
    """Raise ShapeError or DomainError for the first input that is out of range, with its place."""
    demand = by_month("demand", portfolio.demand)
    items = len(demand)
    if demand.shape[1] < HORIZON:
        raise ShapeError(f"demand has {demand.shape[1]} months, want {HORIZON} or more")
    same_shape("confirmed", by_month("confirmed", portfolio.confirmed, blanks=True), "demand", demand[:, :HORIZON])
    if by_month("transit", portfolio.transit).shape != (items, TRANSIT_WEEKS):
        raise ShapeError(f"transit has shape {portfolio.transit.shape}, want ({items}, {TRANSIT_WEEKS})")
    landing_months(portfolio.landing, items)
    by_item("opening", portfolio.opening, items, signed=True)
    order_multiple(portfolio.multiple, items)
    for name in ("weeks_cover", "moq", "frozen", "pipeline_months"):
        by_item(name, getattr(portfolio, name), items)
