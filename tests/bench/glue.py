"""What a formula costs on the Python side of Excel, against xlwings' own numpy converter, in one run.

    python tests/bench/glue.py

Both ways go through the server of xlwings (CallUDF) with the same values, shaped as COM delivers them, over the stand-ins
for pywin32 of tests/excel/com.py; COM's own time is not in it. "Calculation" is the function alone, on arrays; "glue" is
what the server calls, from COM's values to COM's values; "smile_xl" and "numpy conv." are whole calls of the server.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from excel import com

from smile_xl import functions
from smile_xl.registry import FUNCTIONS

ROUNDS, SECONDS = 9, 0.12
"""Rounds of each measurement, of which the best counts, and what one round takes."""

Block = tuple[tuple[object, ...], ...]

RULES: Block = tuple(
    (country, 2.0, *[0.0] * 3, *[1.0] * 4, 2.0, months)
    for country, months in (("Morocco", 1.0), ("Egypt", 2.0), ("Algeria", 2.0), ("Tunisia", 3.0))
)
STATUSES: Block = (
    ("Status", "Propose orders", "Hold safety stock"),
    ("Regular", True, True),
    ("Delisted", False, False),
)
"""Tables of the workbook that formulas point at."""


def main() -> None:
    """Print a table of times and ratios."""
    print(f"{'':46}{'calculation':>12}{'glue':>12}{'smile_xl':>12}{'numpy conv.':>12}{'ratio':>8}")
    with com.windows():
        server = com.Excel().server
        glue, module = importlib.import_module("smile_xl.excel.glue"), numpy_way()
        for label, name, arguments in cases():
            arrays = [np.array(one) if _numeric(one) else one for one in arguments]
            ours = ("smile_xl.excel.glue", "call", ((name, *arguments),))
            theirs = (module, name, arguments)
            assert server.CallUDF(*ours) == _tuples(server.CallUDF(*theirs)), name
            calls: list[Callable[[], Any]] = [
                lambda name=name, arrays=arrays: FUNCTIONS[name].call(*arrays),
                lambda request=ours[2][0]: glue.call(request),
                lambda ours=ours: server.CallUDF(*ours),
                lambda theirs=theirs: server.CallUDF(*theirs),
            ]
            alone, inside, mine, other = best(calls)
            unit, factor = ("ms", 1e3) if mine > 1e-3 else ("us", 1e6)
            times = "".join(f"{one * factor:>9.1f} {unit}" for one in (alone, inside, mine, other))
            print(f"{label:46}{times}{other / mine:>8.1f}")


def cases() -> list[tuple[str, str, tuple[object, ...]]]:
    """What is measured: a label, a function, its arguments as COM delivers them."""
    chance = np.random.default_rng(2019)

    def block(items: int, columns: int) -> Block:
        return tuple(map(tuple, chance.gamma(2, 20, (items, columns)).tolist()))

    def texts(items: int, *words: str) -> Block:
        return tuple((words[place % len(words)],) for place in range(items))

    many, row, stocks = 2_000, block(1, 12), ((1e6,) * 12,)  # stocks that last: the longest way
    confirmed = ((None, 30.0, *[None] * 10),)
    everything = ("Egypt", 9.0, block(1, 8), row, row, confirmed, "Regular", 12.0, 5.0, RULES, STATUSES, True)
    countries, statuses = texts(many, "Morocco", "Algeria", "Tunisia"), texts(many, "Regular", "Delisted")
    opening, transit, demand, safety = (block(many, columns) for columns in (1, 8, 12, 12))
    whole = (countries, opening, transit, demand, safety)
    return [
        ("2 000 x 40 in, 2 000 x 12 out: safety stock", "SMILE_SAFETYSTOCK", (block(many, 39), block(many, 1))),
        ("2 000 x 34 in, 2 000 x 12 out: closing", "SMILE_CLOSING", whole),
        ("2 000 x 47 in, 2 000 x 12 out: orders", "SMILE_ORDERS", (*whole, block(many, 12), statuses)),
        ("12 months, one row: risk", "SMILE_RISK", (row,)),
        ("12 months, one row: opportunity", "SMILE_OPPORTUNITY", (row,)),
        ("12 months, one row: projection", "SMILE_PROJECTION", (row, row, 1000.0, 1200.0)),
        ("12 months, one row: pipeline", "SMILE_PIPELINE", ("Tunisia", row)),
        ("12 months, one row: safety stock", "SMILE_SAFETYSTOCK", (row, 6.0)),
        ("12 months, one row: safety stock, average", "SMILE_SAFETYSTOCK", (row, 6.0, "average")),
        ("five numbers: textbook safety stock", "SMILE_SAFETYSTOCK_Z", (0.95, 2500.0, 500.0, 7.0, 7.0)),
        ("12 months, one row: safety stock freed", "SMILE_SAFETYGAIN", (row, 6.0)),
        ("12 months, one row: closing", "SMILE_CLOSING", ("Morocco", 100.0, block(1, 8), row, row)),
        ("12 months, one row: closing, rules given", "SMILE_CLOSING", ("Egypt", 100.0, block(1, 8), row, row, RULES)),
        ("12 months, one row: orders", "SMILE_ORDERS", ("Morocco", 100.0, block(1, 8), row, row)),
        ("12 months, one row: orders, all given", "SMILE_ORDERS", everything),
        ("12 months, one row: overstock", "SMILE_OVERSTOCK", (row, row, 6.0)),
        ("12 months, one row: cover of a stock", "SMILE_WEEKSCOVER", (1e6, row)),
        ("12 months, one row: cover, 12 of them", "SMILE_WEEKSCOVER", (stocks, row)),
        ("12 months, one row: cover, average", "SMILE_WEEKSCOVER", (row, row, "average")),
        ("12 months, one row: stock target", "SMILE_TARGET", (6.0, row)),
        ("12 months, one row: volatility", "SMILE_CV", (row,)),
        ("12 months, one row: class of volatility", "SMILE_VOLATILITYCLASS", (row,)),
    ]


def numpy_way() -> str:
    """Name of a module with the functions as xlwings' users write them: blocks as numpy arrays, text as lists."""
    import xlwings  # noqa: PLC0415

    module = ModuleType("numpy_way")
    module.__file__ = __file__
    for name in {name for _, name, _ in cases()}:
        function = _undecorated(getattr(functions, name))
        for one in FUNCTIONS[name].parameters:
            if one.kind.startswith(("months", "number")):
                function = xlwings.arg(one.name, np.array, ndim=2)(function)
            elif one.kind in ("text per item", "rules"):
                function = xlwings.arg(one.name, None, ndim=2)(function)
        setattr(module, name, xlwings.ret(np.ndarray)(xlwings.func(function)))
    sys.modules[module.__name__] = module
    return module.__name__


def _undecorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """A twin of a function, to which xlwings may add what it likes; without annotations, which it would interpret."""
    twin = type(function)(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    twin.__doc__ = function.__doc__
    return twin


def best(calls: list[Callable[[], Any]]) -> list[float]:
    """Seconds of each call, the best of some rounds, in which they take turns."""
    counts = []
    for call in calls:
        started = time.perf_counter()
        call()
        counts.append(max(int(SECONDS / (time.perf_counter() - started)), 1))
    seconds = [np.inf] * len(calls)
    for _ in range(ROUNDS):
        for place, (call, count) in enumerate(zip(calls, counts, strict=True)):
            started = time.perf_counter()
            for _ in range(count):
                call()
            seconds[place] = min(seconds[place], (time.perf_counter() - started) / count)
    return seconds


def _numeric(value: object) -> bool:
    return isinstance(value, tuple) and not isinstance(value[0][0], str)


def _tuples(answer: object) -> object:
    return tuple(map(_tuples, answer)) if isinstance(answer, list) else answer


if __name__ == "__main__":
    main()
