"""What the best matching costs, and what it gains over dearest first, in one run.

    python tests/bench/matching.py [SHORTAGES]          default: 3000, and as many donors

Three countries, 65 sub-categories or one; every way is allowed at a cost of its own and takes a month.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np

from smile_xl.core.matching import Transport, by_value
from smile_xl.planning.steering.cover import best_cover

COUNTRIES = 3


def cases(shortages: int, groups: int, minimum: float) -> Iterator[Transport]:
    """Shortages and donors of sub-categories, drawn anew the same each time."""
    chance = np.random.default_rng(2019)
    size = shortages // groups
    for _ in range(groups):
        gift = np.cumsum(chance.gamma(1, 20, (size, 3)) * (chance.random((size, 3)) < 0.5), axis=1)
        country = chance.integers(0, COUNTRIES, size)
        abroad = np.arange(COUNTRIES) != country[:, np.newaxis]
        cost = np.where(abroad, chance.uniform(50, 800, (COUNTRIES, COUNTRIES))[country], 0.0)
        yield Transport(
            gift=gift,
            origin=chance.integers(0, COUNTRIES, size),
            risk=chance.gamma(1, 30, size),
            margin=chance.uniform(1000, 4000, (size, 1)) - cost,
            month=chance.integers(0, 3, (size, 1)) - abroad,
            minimum=np.full((size, COUNTRIES), minimum),
        )


def main(shortages: int = 3000) -> None:
    """Print seconds and shares of the upper bound."""
    begun = time.perf_counter()
    import scipy.optimize  # noqa: F401, PLC0415

    print(f"loading HiGHS: {time.perf_counter() - begun:.2f} s")
    print(f"{'groups':>8} {'minimum':>8} {'greedy s':>9} {'best s':>7} {'greedy':>8} {'best':>8} {'lines':>7}")
    for groups in (65, 1):
        for minimum in (0.0, 5.0):
            drawn = list(cases(shortages, groups, minimum))
            begun = time.perf_counter()
            greedy = sum(by_value(one).value(one) for one in drawn)
            middle = time.perf_counter()
            best = [best_cover(one) for one in drawn]
            done = time.perf_counter()
            value = sum(choice.lines.value(one) for choice, one in zip(best, drawn, strict=True))
            most = sum(choice.most for choice in best)
            lines = sum(len(choice.lines) for choice in best)
            times = f"{middle - begun:9.3f} {done - middle:7.3f}"
            print(f"{groups:8} {minimum:8.0f} {times} {greedy / most:8.1%} {value / most:8.1%} {lines:7}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
