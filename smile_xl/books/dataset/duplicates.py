"""Items that stand twice in a dataset: found through sorted numbers of all items, a range of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smile_xl.books.dataset.faults import Fault
from smile_xl.books.dataset.keys import item_hashes, labels_of
from smile_xl.books.dataset.reading import BATCH
from smile_xl.books.dataset.source import Piece, open_file
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.rules import Countries
from smile_xl.planning.scenarios import Labels

RANGE = 4_000_000
"""Items compared at a time."""


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
    arrays = [np.load(file, mmap_mode="r") for file in files]
    count = -(-sum(map(len, arrays)) // RANGE)
    edges = [int(number * 2**64 // max(count, 1)) for number in range(1, count)]
    cuts = [[0, *np.searchsorted(one, np.array(edges, dtype=np.uint64)).tolist(), len(one)] for one in arrays]
    for number in range(count):
        some = [one[cut[number] : cut[number + 1]] for one, cut in zip(arrays, cuts, strict=True)]
        together = np.sort(np.concatenate(some), kind="stable")  # sorted runs: merged, not sorted anew
        yield together[1:][together[1:] == together[:-1]]


def _named(
    piece: Piece, suspected: NDArray[np.uint64], countries: Countries
) -> Iterator[tuple[int, tuple[str, str], str]]:
    """Row, key and name of the items of a row group that are suspected."""
    first = 0
    columns = ["country", "sap_code"]
    for rows in open_file(piece.file).iter_batches(BATCH, row_groups=[piece.group], columns=columns):
        labels = labels_of(rows.column("country"))
        country = Labels([countries[plain(name)].name for name in labels.names], labels.places)
        codes = rows.column("sap_code")
        for row in np.flatnonzero(np.isin(item_hashes(codes, country), suspected)).tolist():
            name, code = country.names[country.places[row]], as_text(codes[row].as_py())
            yield first + row, (plain(name), join_key(code)), f"{name} {code}"
        first += len(rows)
