"""Seconds that LibreOffice takes for SMILE_ functions and for plain formulas, against the core, in one run.

    python tests/bench/calc.py [ITEMS ...]          default: 1000 10000

The same books for all three: the core plans every item and sums by group; Calc recalculates the book, whose SRM has one
SMILE_ array formula per block; Calc recalculates its native twin (smile-xl native), which has plain formulas only.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))
from refresh import make_book, run

from smile_xl import core
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.libreoffice.calc_copy import for_calc
from smile_xl.libreoffice.extension import extension_parts
from smile_xl.libreoffice.office import Office
from smile_xl.planning.cycle import make_cycle

SIZES = (1_000, 10_000)
ROUNDS = 3
PATIENCE = 600.0


def main(sizes: tuple[int, ...]) -> None:
    """Print a table for each size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            book = make_book(folder, size)
            twin = folder / f"native_{size}.xlsx"
            run(["-m", "smile_xl.cli", "native", book, "--output", twin])
            copy = folder / f"calc_{size}.xlsx"
            copy.write_bytes(for_calc(XlsxBook(book).package, guard=False))
            ours, sums = best(core_of(book, with_plan=True)), best(core_of(book, with_plan=False))
            print(f"\n{size:,} items, seconds (best of {ROUNDS})      load  recalculate   to the core")
            print(f"{'core: plan and sums':38}{'':>8}{ours:13.4f}{1:14.0f}")
            print(f"{'core: sums alone':38}{'':>8}{sums:13.4f}{sums / ours:14.1f}")
            for title, path in (("SMILE_ functions in Calc", copy), ("plain formulas in Calc", twin)):
                load, seconds = in_calc(path)
                print(f"{title:38}{load:8.1f}{seconds:13.3f}{seconds / ours:14,.0f}")


def core_of(path: Path, *, with_plan: bool) -> Callable[[], object]:
    """The core's work on a book: every item's plan, and sums by country and sub-category."""
    inputs = make_cycle(XlsxBook(path)).inputs
    items = inputs.items
    groups, names = pd.factorize(items["country"] + "\0" + items["sub_category"])
    costs = {"unit_cost": inputs.unit_cost, "landed_cost": inputs.landed_cost}
    return lambda: core.summarise_portfolio(inputs.portfolio, groups, len(names), with_plan=with_plan, **costs)


def best(call: Callable[[], object]) -> float:
    """Seconds of the best of some rounds."""
    seconds = []
    for _ in range(ROUNDS * 5):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def in_calc(path: Path) -> tuple[float, float]:
    """Seconds to load a book, and to recalculate it: the best of some rounds."""
    with Office(addin=extension_parts(repair=False), patience=PATIENCE) as office:
        started = time.perf_counter()
        document = office.open(path)
        loaded = time.perf_counter() - started
        return loaded, min(document.calculate() for _ in range(ROUNDS))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
