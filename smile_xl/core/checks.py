"""Checks at the door: what comes in is a finite array of the right shape, or an error that says what is wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smile_xl.core.errors import DomainError, ShapeError

Array = NDArray[np.float64]


def by_month(name: str, values: ArrayLike, *, signed: bool = False, blanks: bool = False) -> Array:
    """``values`` as an array of shape (items, months); zero or more unless signed, no NaN unless blanks are meant."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise ShapeError(f"{name} has {array.ndim} axes, want 2: items, months")
    _check_values(name, array, signed=signed, blanks=blanks)
    return array


def by_item(name: str, values: ArrayLike, items: int, *, signed: bool = False) -> Array:
    """``values``, one number for all or one per item, as an array of shape (items,)."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1 or array.shape not in ((), (items,)):
        raise ShapeError(f"{name} has shape {array.shape}, want one number or one per item: ({items},)")
    _check_values(name, array, signed=signed, blanks=False)
    return np.broadcast_to(array, (items,))


def same_shape(name: str, array: Array, reference_name: str, reference: Array) -> None:
    """Raise ShapeError unless both have the same items and months."""
    for axis, unit in enumerate(("items", "months")):
        if array.shape[axis] != reference.shape[axis]:
            raise ShapeError(f"{name} has {array.shape[axis]} {unit}, {reference_name} {reference.shape[axis]}")


def _check_values(name: str, array: Array, *, signed: bool, blanks: bool) -> None:
    wrong = np.isinf(array) if blanks else ~np.isfinite(array)
    if wrong.any():
        raise DomainError(f"{name}{_place(wrong)} is {_first(array, wrong)}, want a number")
    if not signed:
        wrong = array < 0
        if wrong.any():
            raise DomainError(f"{name}{_place(wrong)} is {_first(array, wrong)}, want zero or more")


def _first(array: Array, wrong: NDArray[np.bool_]) -> str:
    return f"{array[wrong][0]:g}"


def _place(wrong: NDArray[np.bool_]) -> str:
    """Row and column of the first wrong value, counted from 1 as a reader of the block counts."""
    place = [int(index) + 1 for index in np.argwhere(wrong)[0]]
    return "".join(f" {axis} {index}" for axis, index in zip(("row", "column"), place, strict=False))
