"""Items that stand twice in a dataset: found through sorted numbers of all items, a range of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smile_xl.books.dataset.columns import batches
from smile_xl.books.dataset.faults import Fault
from smile_xl.books.dataset.keys import Codes, labels_of
from smile_xl.books.dataset.source import Piece, open_file
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.rules import Countries
from smile_xl.planning.scenarios import Labels

RANGE = 2_000_000
"""Items compared at a time, more or less."""

_STEP = 1_024
"""One number of so many tells how the numbers are spread."""


def find_twice(pieces: Sequence[Piece], files: Sequence[Path], countries: Countries) -> list[tuple[Piece, Fault]]:
    """The rows whose item stands in an earlier row as well, by row group; ``files`` hold their sorted numbers."""
    suspected = np.unique(np.concatenate([np.empty(0, dtype=np.uint64), *_repeated(files)]))
    if not len(suspected):
        return []
    found: list[tuple[Piece, Fault]] = []
    seen: dict[tuple[str, str], str] = {}
    for piece, file in zip(pieces, files, strict=True):
        numbers = np.load(file, mmap_mode="r")
        place = np.searchsorted(numbers, suspected)
        if not (numbers[np.minimum(place, len(numbers) - 1)] == suspected).any():
            continue
        for row, key, said in _named(piece, suspected, countries):
            if key in seen:
                found.append((piece, Fault("error", "twice", "sap_code", 1, [row + 1], f"{said} ({seen[key]})")))
            seen.setdefault(key, f"{piece.name}: {row + 1}")
    return found


def _repeated(files: Sequence[Path]) -> Iterator[NDArray[np.uint64]]:
    """The numbers that stand twice."""
    for arrays in _overlapping([np.load(file, mmap_mode="r") for file in files]):
        count = -(-sum(map(len, arrays)) // RANGE)
        some = np.sort(np.concatenate([one[::_STEP] for one in arrays]))
        edges = some[len(some) * np.arange(1, count) // count]
        cuts = [[0, *np.searchsorted(one, edges).tolist(), len(one)] for one in arrays]
        for number in range(count):
            parts = [one[cut[number] : cut[number + 1]] for one, cut in zip(arrays, cuts, strict=True)]
            together = np.sort(np.concatenate(parts), kind="stable")  # sorted runs: merged, not sorted anew
            yield together[1:][together[1:] == together[:-1]]


def _overlapping(arrays: Sequence[NDArray[np.uint64]]) -> Iterator[list[NDArray[np.uint64]]]:
    """Arrays whose ranges of numbers overlap; a dataset that is sorted by country and code has few of these."""
    together: list[NDArray[np.uint64]] = []
    last = 0
    for one in sorted((one for one in arrays if len(one)), key=lambda one: int(one[0])):
        if together and int(one[0]) > last:
            yield together
            together = []
        together.append(one)
        last = max(last, int(one[-1]))
    if together:
        yield together


def _named(
    piece: Piece, suspected: NDArray[np.uint64], countries: Countries
) -> Iterator[tuple[int, tuple[str, str], str]]:
    """Row, key and name of the items of a row group that are suspected."""
    first = 0
    for rows in batches(open_file(piece.file), piece.group, ["country", "sap_code"]):
        labels = labels_of(rows.column("country"))
        rules = [countries.get(plain(name)) for name in labels.names]  # none for a name that no row has
        country = Labels([rule.name if rule else "" for rule in rules], labels.places)
        codes = rows.column("sap_code")
        for row in np.flatnonzero(np.isin(Codes(codes).hashes(country), suspected)).tolist():
            name, code = country.names[country.places[row]], as_text(codes[row].as_py())
            yield first + row, (plain(name), join_key(code)), f"{name} {code}"
        first += len(rows)
