"""Names and codes of items as numbers: labels, groups, and what tells that two items are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smile_xl.planning.group_sums import Key
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.scenarios import Labels

FEW = 1 << 18
"""Groups that could be, up to which those that are there are looked up in a table."""


def labels_of(column: pa.Array) -> Labels:
    """A column of texts as labels; null is blank."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    names = [as_text(name) for name in column.dictionary.to_pylist()]
    indices = column.indices
    if indices.null_count:
        names.append("")
        indices = pc.fill_null(indices, len(names) - 1)
    places = indices.to_numpy(zero_copy_only=False)
    distinct = list(dict.fromkeys(names))
    if len(distinct) < len(names):
        position = {name: place for place, name in enumerate(distinct)}
        places = np.array([position[name] for name in names], dtype=np.int32)[places]
    present = np.flatnonzero(np.bincount(places, minlength=len(distinct))) if len(places) else np.arange(0)
    if len(present) < len(distinct):
        narrow = np.zeros(len(distinct), dtype=np.int32)
        narrow[present] = np.arange(len(present))
        places, distinct = narrow[places], [distinct[place] for place in present.tolist()]
    return Labels(distinct, places)


def groups_of(labels: Sequence[Labels]) -> tuple[list[Key], NDArray[np.intp], NDArray[np.intp] | None]:
    """The groups of some items, each item's place among them in rising order, and that order; None if it is theirs."""
    counts = [max(len(one.names), 1) for one in labels]
    code = labels[0].places.astype(np.int64)
    for one, count in zip(labels[1:], counts[1:], strict=True):
        code = code * count + one.places
    span = int(np.prod([float(count) for count in counts]))
    if span <= FEW:
        present = np.flatnonzero(np.bincount(code, minlength=1))
        narrow = np.zeros(span, dtype=np.intp)
        narrow[present] = np.arange(len(present))
        group = narrow[code]
    else:
        present, group = np.unique(code, return_inverse=True)
    keys = []
    for number in present.tolist():
        rest, third = divmod(number, counts[2])
        first, second = divmod(rest, counts[1])
        keys.append((labels[0].names[first], labels[1].names[second], labels[2].names[third]))
    order = None
    if (group[1:] < group[:-1]).any():
        # numpy sorts two bytes by radix
        order = np.argsort(group.astype(np.uint16) if len(present) < 2**16 else group, kind="stable")
        group = group[order]
    return keys, group, order


def blank_codes(codes: pa.Array) -> NDArray[np.intp]:
    """Rows without a SAP code."""
    if not codes.null_count and _digits(codes) is not None:
        return np.arange(0)
    return np.flatnonzero(pc.equal(pc.utf8_trim_whitespace(pc.fill_null(codes, "")), "").to_numpy(False))


def item_hashes(codes: pa.Array, country: Labels) -> NDArray[np.uint64]:
    """A number for each item, the same for items whose country and code are the same as they are joined."""
    numbers = _digits(codes)
    if numbers is None:
        numbers = np.array([_code_number(join_key(as_text(code))) for code in codes.to_pylist()], dtype=np.uint64)
    salts = np.array([salt(plain(name)) for name in country.names], dtype=np.uint64)
    return _mixed(numbers ^ salts[country.places])


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
    return None if numbers.null_count else np.asarray(numbers.to_numpy(zero_copy_only=False))


def _code_number(code: str) -> int:
    return int(code) if code.isascii() and code.isdigit() and len(code) < 20 else salt(code)


def salt(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The numbers with their bits mixed (splitmix64): equal ones stay equal, others stay different."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    return mixed
