"""Names and codes of items as numbers: labels, groups, and what tells that two items are the same."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, DTypeLike, NDArray

from smile_xl.books.dataset.arrow import values_in
from smile_xl.planning.group_sums import Key, Members
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.scenarios import Labels

_SHORT = 1 << 16
"""Groups that two bytes can number."""


def labels_of(column: pa.Array) -> Labels:
    """A column of texts as labels, some of which no row may have; null is blank."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    names = [as_text(name) for name in column.dictionary.to_pylist()]
    indices = column.indices
    if indices.null_count:
        names.append("")
        indices = pc.fill_null(indices, len(names) - 1)
    return merged(names, values_in(indices))


def merged(names: Sequence[str], places: NDArray[np.integer]) -> Labels:
    """Labels of which no two have the same name."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) < len(names):
        position = {name: place for place, name in enumerate(distinct)}
        places = np.array([position[name] for name in names], dtype=np.int32).take(places)
    return Labels(distinct, places)


def groups_of(labels: Sequence[Labels]) -> tuple[list[Key], Members, NDArray[np.intp] | None]:
    """The groups of some items, the items in rising order of these, and that order; None if it is theirs."""
    counts = [max(len(one.names), 1) for one in labels]
    span = math.prod(counts)
    kind = np.dtype(np.uint16 if span < _SHORT else np.int64)
    code: Any = labels[0].places.astype(kind)
    for one, count in zip(labels[1:], counts[1:], strict=True):
        code *= kind.type(count)
        code += one.places.astype(kind)
    present = None
    if span >= _SHORT:  # no batch has more rows than that: the groups that are there have short numbers
        present, code = np.unique(code, return_inverse=True)
        code = code.astype(np.uint16)
    order = None
    if (code[1:] < code[:-1]).any():
        order = np.argsort(code, kind="stable")  # numpy sorts two bytes by radix
        code = code.take(order)
    starts = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))[: len(code)]
    numbers = code[starts] if present is None else present
    keys = []
    for number in numbers.tolist():
        rest, third = divmod(number, counts[2])
        first, second = divmod(rest, counts[1])
        keys.append((labels[0].names[first], labels[1].names[second], labels[2].names[third]))
    return keys, Members.of(np.diff(starts, append=len(code))), order


class Codes:
    """SAP codes of some rows."""

    def __init__(self, codes: pa.Array) -> None:
        self._codes, self._digits = codes, _digits(codes)

    def blank(self) -> NDArray[np.intp]:
        """Rows without a code."""
        if self._digits is not None:
            return np.arange(0)
        return np.flatnonzero(pc.equal(pc.utf8_trim_whitespace(pc.fill_null(self._codes, "")), "").to_numpy(False))

    def hashes(self, country: Labels) -> NDArray[np.uint64]:
        """A number for each item, the same for items whose country and code are the same as they are joined.

        Codes of digits keep their order within a country: where a dataset is sorted, so are the numbers.
        """
        numbers = self._digits
        if numbers is None:
            numbers = np.array([_code_number(join_key(as_text(code))) for code in self._codes.to_pylist()], np.uint64)
        salts: NDArray[np.uint64] = spread([salt(plain(name)) for name in country.names], country.places, np.uint64)
        return numbers + salts


def spread(values: ArrayLike, places: NDArray[np.integer], kind: DTypeLike) -> np.ndarray:
    """Each row's values from those of its label, one column after the other; not copied where there is one label."""
    given = np.asarray(values, dtype=kind)
    if len(given) == 1:
        return np.broadcast_to(given[0], (len(places), *given.shape[1:]))
    return given.T.take(places, axis=-1).T


def named_rows(codes: pa.Array, country: Labels, keys: Collection[tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """The rows of some items, by country and code as they are joined; ``country`` is in the order of the codes."""
    if not keys:
        return {}
    wanted = pa.array(sorted({code.lstrip("0") for _, code in keys}), pa.string())
    stripped = pc.utf8_ltrim(pc.utf8_trim_whitespace(codes), "0")
    found = {}
    for row in np.flatnonzero(pc.is_in(pc.utf8_lower(stripped), wanted).to_numpy(False)).tolist():
        key = (plain(country.names[country.places[row]]), join_key(as_text(codes[row].as_py())))
        if key in keys:
            found[row] = key
    return found


def _digits(codes: pa.Array) -> NDArray[np.uint64] | None:
    """SAP codes as numbers where all are of digits, leading zeros away; None where one is anything else."""
    try:
        numbers = codes.cast(pa.uint64())
    except pa.ArrowInvalid:
        return None
    return None if numbers.null_count else values_in(numbers)


def _code_number(code: str) -> int:
    return int(code) if code.isascii() and code.isdigit() and len(code) < 20 else salt(code)


def salt(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
