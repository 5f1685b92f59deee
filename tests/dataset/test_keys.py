"""Groups and identity of items, for any number of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from smile_xl.books.dataset import duplicates
from smile_xl.books.dataset.keys import Codes, groups_of
from smile_xl.planning.scenarios import Labels


@pytest.mark.parametrize("names", [pytest.param(9, id="few"), pytest.param(300, id="more than two bytes can number")])
def test_groups_are_those_that_are_there(names: int) -> None:
    chance = np.random.default_rng(names)
    places = chance.integers(0, names, (3, 400)).astype(np.int32)
    labels = [
        Labels([f"{letter}{one}" for one in range(names)], own) for letter, own in zip("csb", places, strict=True)
    ]
    keys, members, order = groups_of(labels)
    assert order is not None
    of_rows = [tuple(one.names[place] for one, place in zip(labels, row, strict=True)) for row in places.T]
    assert sorted(keys) == sorted(set(of_rows))
    assert [keys[group] for group in members.group] == [of_rows[row] for row in order]
    assert members.starts.tolist() == [members.group.tolist().index(group) for group in range(len(keys))]


def test_groups_in_order_are_left_in_it() -> None:
    one = Labels(["-"], np.zeros(3, dtype=np.int32))
    keys, members, order = groups_of([one, Labels(["S1", "S2"], np.array([0, 0, 1])), one])
    assert (keys, members.starts.tolist(), order) == ([("-", "S1", "-"), ("-", "S2", "-")], [0, 2], None)


def test_codes_of_digits_keep_their_order_within_a_country() -> None:
    codes = [f"{number:012d}" for number in range(60_000_000, 60_000_100)]
    country = Labels(["Morocco", "Algeria"], np.arange(100) // 50)
    hashes = Codes(pa.array(codes)).hashes(country)
    assert len(set(hashes.tolist())) == 100
    assert (np.diff(hashes[:50].astype(object)) == 1).all()
    assert (np.diff(hashes[50:].astype(object)) == 1).all()


@pytest.mark.parametrize("spread", [1, 40, 100])
def test_numbers_that_stand_twice_are_found_whatever_ranges_overlap(
    spread: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of a sorted dataset hold ranges of their own, others overlap or lie within each other."""
    monkeypatch.setattr(duplicates, "RANGE", 50)
    monkeypatch.setattr(duplicates, "_STEP", 4)
    chance = np.random.default_rng(spread)
    numbers = [np.sort(100 * file + chance.integers(0, 100 * spread, 60)).astype(np.uint64) for file in range(9)]
    numbers.append(np.arange(0, 900, 7, dtype=np.uint64))  # one that all others lie in
    numbers.append(np.empty(0, dtype=np.uint64))
    files = [tmp_path / f"{file}.npy" for file in range(len(numbers))]
    for file, own in zip(files, numbers, strict=True):
        np.save(file, own)
    found = np.unique(np.concatenate(list(duplicates._repeated(files))))
    values, counts = np.unique(np.concatenate(numbers), return_counts=True)
    assert found.tolist() == values[counts > 1].tolist()
