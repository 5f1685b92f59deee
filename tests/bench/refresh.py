"""Time and memory of a refresh against openpyxl's load and save of the same book, in one run.

    python tests/bench/refresh.py [items ...]

Books are made of the example data, its SAP codes changed, and get new forecasts, so that every result is new. Each
time is the best of three, each memory the highest; a ratio to openpyxl in the same run says more than the seconds.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.planning.cycle import make_cycle

SIZES = (1_000, 10_000)
ROUNDS = 3
DATA = Path(__file__).parents[2] / "workbook" / "data"
STAMP = "2030-01-01T00:00"
IMPORTS = "import smile_xl.cli, smile_xl.commands, smile_xl.books.xlsx.book, smile_xl.books.xlsx.render, rich.progress"
OPENPYXL = "import sys, openpyxl; openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])"
PARTS = """
import datetime, pathlib, sys, time
import smile_xl.books.xlsx.render
from smile_xl import commands
from smile_xl.books.xlsx import book as module
from smile_xl.planning import inputs
from smile_xl.planning.cycle import make_cycle

spent = {}
def timed(owner, name, part):
    whole = getattr(owner, name)
    def run(*arguments, **options):
        started = time.perf_counter()
        try:
            return whole(*arguments, **options)
        finally:
            spent[part] = spent.get(part, 0) + time.perf_counter() - started
    setattr(owner, name, run)
timed(module.XlsxBook, "read", "read")
timed(module.preflight, "check", "open")
timed(smile_xl.books.xlsx.render, "render", "render")
timed(module, "graft", "graft")
timed(module, "renew_values", "renew values")
timed(commands, "make_cycle", "read and plan")
started = time.perf_counter()
book = module.XlsxBook(pathlib.Path(sys.argv[1]))
commands.refresh(book, datetime.datetime(2030, 1, 1))
collected = time.perf_counter()
book.save()
done = time.perf_counter()
read, plan = spent["read"], spent["read and plan"] - spent["read"]
pages = collected - started - spent["open"] - spent["read and plan"]
rest = done - collected - spent["render"] - spent["graft"] - spent["renew values"]
for part, seconds in (
    ("open", spent["open"]), ("read", read), ("plan", plan), ("pages", pages), ("render", spent["render"]),
    ("graft", spent["graft"]), ("renew values", spent["renew values"]), ("pack and save", rest),
):
    print(part, seconds, sep=chr(9))
"""


def main(sizes: tuple[int, ...]) -> None:
    """Print a table of times, memory and ratios for each size."""
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            book = make_book(Path(folder), size)
            copy = book.with_name("copy.xlsx")

            def fresh(book: Path = book, copy: Path = copy) -> None:
                shutil.copy(book, copy)

            ours = ["-m", "smile_xl.cli", "refresh", copy, "--stamp", STAMP]
            imports, _ = measured(["-c", IMPORTS])
            refresh, memory = measured(ours, fresh)
            theirs, their_memory = measured(["-c", OPENPYXL, book, copy])
            print(f"\n{size:,} items, {book.stat().st_size / 1e6:.1f} MB, seconds (best of {ROUNDS})")
            print(f"{'smile-xl refresh, whole command':34}{refresh:7.2f} s {memory:6.0f} MB")
            print(f"  {'imports':32}{imports:7.2f} s")
            for part, seconds in parts(copy, fresh).items():
                print(f"  {part:32}{seconds:7.2f} s")
            print(f"{'openpyxl load and save':34}{theirs:7.2f} s {their_memory:6.0f} MB")
            print(f"{'ratio openpyxl / smile-xl':34}{theirs / refresh:7.1f}   {their_memory / memory:6.1f}")


def make_book(folder: Path, items: int) -> Path:
    """A book of so many items, whose forecasts are not those of its results."""
    data = folder / f"data_{items}"
    data.mkdir()
    copies = -(-items // len(pd.read_csv(DATA / "master.csv")))
    for source in DATA.glob("*.csv"):
        if source.stem == "opportunities":  # chosen for forecasts that are no longer those
            continue
        rows = pd.read_csv(source, dtype=str)
        if "sap_code" in rows:
            keys = rows["sap_code"].astype(int)
            rows = pd.concat([rows.assign(sap_code=(keys + 100_000_000 * copy).astype(str)) for copy in range(copies)])
        rows.to_csv(data / source.name, index=False)
    path = folder / f"book_{items}.xlsx"
    run(["-m", "smile_xl.cli", "new", path, "--data", data, "--stamp", STAMP])
    book = XlsxBook(path)
    srm = make_cycle(book).inputs.srm
    first = next(column for column, value in enumerate(srm.table.grid.rows[srm.table.header]) if hasattr(value, "year"))
    book.renew_values(srm.table.grid.sheet, srm.table.rows[0], first, np.round(srm.demand * 1.07, 3))
    book.save()
    return path


def run(arguments: list[object]) -> subprocess.CompletedProcess[str]:
    """Run Python with arguments; its failure is ours."""
    return subprocess.run([sys.executable, *map(str, arguments)], check=True, capture_output=True, text=True)


def measured(arguments: list[object], prepare: Callable[[], None] = lambda: None) -> tuple[float, float]:
    """Seconds and MB of a Python process, the best and the highest of some rounds."""
    seconds = []
    wrapped = (
        f"import resource, subprocess, sys; subprocess.run({[sys.executable, *map(str, arguments)]!r}, check=True, "
    )
    wrapped += "capture_output=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    highest = 0.0
    for _ in range(ROUNDS):
        prepare()
        started = time.perf_counter()
        run(arguments)
        seconds.append(time.perf_counter() - started)
    prepare()
    highest = int(run(["-c", wrapped]).stdout) / (1e6 if sys.platform == "darwin" else 1e3)
    return min(seconds), highest


def parts(copy: Path, prepare: Callable[[], None]) -> dict[str, float]:
    """Seconds of each part of a refresh, the best of some rounds."""
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        prepare()
        for line in run(["-c", PARTS, copy]).stdout.splitlines():
            part, _, seconds = line.partition("\t")
            best[part] = min(best.get(part, 1e9), float(seconds))
    return best


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
