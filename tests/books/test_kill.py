"""Refreshes killed at any moment: the book is the old one or the new one, and the next refresh works."""

from __future__ import annotations

import random
import re
import shutil
import signal
import time
from collections import Counter

import pytest

pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")

from books import foreign_books, forks
from small_books import small_book

REFRESH = ("2030-01-01T00:00", "srm", "checks")
"""The results and one report, so that 200 refreshes take seconds."""
KILLS = 50
"""In each of four tests."""
LEFT = re.compile(r"\.good\.xlsx\.[0-9a-f]{8}\.tmp")
"""A temporary file of a killed process: it has a name that no book has, and no later refresh meets it."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A book, and the bytes that a refresh makes of it."""
    folder = tmp_path_factory.mktemp("sound")
    path = small_book(folder / "good.xlsx", foreign_books.write_data(folder))
    copy = folder / "copy" / path.name
    copy.parent.mkdir()
    shutil.copy(path, copy)
    assert forks.outcome(60, forks.refresh, copy, *REFRESH) == 0
    assert copy.read_bytes() != path.read_bytes()
    return path.read_bytes(), copy.read_bytes()


@pytest.fixture
def book(sound, tmp_path):
    path = tmp_path / "books" / "good.xlsx"
    path.parent.mkdir()
    path.write_bytes(sound[0])
    return path


def leftovers(path):
    return [other for other in path.parent.iterdir() if other != path]


def seconds_of_a_refresh(path, old):
    """Whole time of a refresh."""
    times = []
    for _ in range(3):
        path.write_bytes(old)
        started = time.perf_counter()
        assert forks.outcome(60, forks.refresh, path, *REFRESH) == 0
        times.append(time.perf_counter() - started)
    return sorted(times)[1]


def wait_for_save(path, files):
    """Wait until the temporary file is there, or the book replaced, or a minute has passed."""
    book = path.stat().st_ino
    until = time.monotonic() + 60
    while len(list(path.parent.iterdir())) == files and path.stat().st_ino == book and time.monotonic() < until:
        time.sleep(0.0002)


@pytest.mark.parametrize("seed", range(4))
def test_a_book_whose_refresh_is_killed_is_the_old_one_or_the_new_one(seed, sound, book):
    old, new = sound
    whole = seconds_of_a_refresh(book, old)
    random_ = random.Random(seed)
    seen = Counter()
    for number in range(KILLS):
        book.write_bytes(old)
        files = len(leftovers(book)) + 1
        process = forks.start(forks.refresh, book, *REFRESH)
        if number % 2:
            delay = random_.uniform(0, 1.2 * whole)  # at any moment of the run
        else:
            wait_for_save(book, files)
            delay = random_.choice([0, random_.uniform(0, 0.002), random_.uniform(0, 0.02)])  # around the replacement
        time.sleep(delay)
        code = forks.kill(process)
        now = book.read_bytes()
        assert now in (old, new), f"neither the old nor the new book after {delay:.4f} s"
        assert code in (0, -signal.SIGKILL)
        assert code != 0 or now == new
        seen["killed" if code else "ended", "new" if now == new else "old"] += 1
    assert all(LEFT.fullmatch(other.name) for other in leftovers(book))
    # Not all were too early, nor all too late: else the moments above are badly chosen.
    assert seen["killed", "old"] >= 3, seen
    assert seen["killed", "new"] + seen["ended", "new"] >= 3, seen

    book.write_bytes(old)
    assert forks.outcome(60, forks.refresh, book, *REFRESH) == 0
    assert book.read_bytes() == new


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", forks.STEPS)
def test_a_refresh_killed_at_a_step_of_its_save_leaves_a_whole_book(sound, book, step, after):
    old, new = sound
    code = forks.outcome(60, forks.refresh_and_die, book, REFRESH[0], step, after, *REFRESH[1:])
    assert code == -signal.SIGKILL
    replaced = step == "replace" and after
    assert book.read_bytes() == (new if replaced else old)
    left = leftovers(book)
    assert len(left) == (0 if replaced or (step == "open" and not after) else 1)
    assert all(LEFT.fullmatch(other.name) for other in left)

    assert forks.outcome(60, forks.refresh, book, *REFRESH) == 0
    assert book.read_bytes() == new
    assert set(leftovers(book)) <= set(left)
