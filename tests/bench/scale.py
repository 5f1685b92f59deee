"""What planning a dataset costs, against the number of items, engine and workers, and against SQL and data frames.

    python tests/bench/scale.py [ITEMS ...]         default: 100000 1000000 10000000

Each measurement is a process of its own, from its start to its end: wall clock, processor seconds of all its threads and
workers, peak memory. All ways read the same Parquet files, plan the same items and give the same sums by country,
sub-category and brand, which must agree to 1e-9. Items have no minimum orders or multiples, since SQL has no simple form
of these. DuckDB and polars are asked where they are installed. Ten million items take 2.5 GB in the temporary folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent))
import scale_other

SIZES = (100_000, 1_000_000, 10_000_000)
SCENARIOS, SCENARIO_ITEMS = 100, 100_000
ROWS = 65_536
"""Rows of a row group."""
COUNTRIES, SUB_CATEGORIES, BRANDS = 60, 8, 5
ITEMS_OF_COUNTRY = 10_000
"""Items of a country where there are fewer than so many countries' worth."""
WEEKS = [f"W{week}" for week in range(1, 9)]
REPORTS = [word for name in ("summary", "availability", "imports", "dsr", "projections") for word in ("--report", name)]


def write_dataset(folder: Path, items: int) -> None:
    """A dataset of many countries, each country's items together; the same figures in each row group."""
    folder.mkdir(parents=True)
    figures = _figures(min(ROWS, items))
    for number, start in enumerate(range(0, items, 16 * ROWS)):
        with pq.ParquetWriter(
            folder / f"items-{number:03d}.parquet", _rows(np.arange(1), 1, figures).schema, compression="lz4",
            use_dictionary=["country", "status", "sub_category", "brand"],
        ) as writer:  # fmt: skip
            for first in range(start, min(start + 16 * ROWS, items), ROWS):
                rows = np.arange(first, min(first + ROWS, items))
                writer.write_table(_rows(rows, items, figures), row_group_size=ROWS)
    rules = ["country,frozen months," + ",".join(WEEKS) + ",pipeline months"]
    for country in range(COUNTRIES):
        landing, frozen, pipeline = scale_other.rule(country)
        rules.append(f"C{country:03d},{frozen},{','.join(map(str, landing))},{pipeline}")
    (folder / "countries.csv").write_text("\n".join(rules))
    (folder / "settings.csv").write_text("setting,value\nstart,2023-08")


def _figures(count: int) -> dict[str, pa.Array]:
    chance = np.random.default_rng(2019)
    level = chance.gamma(2, 20, count)

    def texts(names: list[str], places: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(names)).cast(pa.string())

    def tonnes(values: np.ndarray) -> pa.Array:
        return pa.array(np.round(values, 3))

    unit = np.round(chance.uniform(100, 3000, count), 2)
    columns = {
        "status": texts(["Regular", "Delisted", "To be delisted"], chance.choice(3, count, p=[0.9, 0.05, 0.05])),
        "sub_category": texts([f"S{one}" for one in range(SUB_CATEGORIES)], chance.integers(0, SUB_CATEGORIES, count)),
        "brand": texts([f"B{one}" for one in range(BRANDS)], chance.integers(0, BRANDS, count)),
        "weeks_cover": pa.array(chance.choice([2, 3, 4, 4.25, 6, 8], count)),
        "opening_t": tonnes(level * chance.uniform(0, 3, count)),
        "unit_cost_eur_per_t": pa.array(unit),
        "landed_cost_eur_per_t": pa.array(np.round(unit * chance.uniform(1, 1.4, count), 2)),
    }
    columns |= {week: tonnes(level / 4 * chance.uniform(0, 1, count)) for week in WEEKS}
    columns |= {f"demand_{month:02d}": tonnes(level * chance.uniform(0.2, 1.8, count)) for month in range(12)}
    for month in range(12):
        firm = (chance.random(count) < 0.3) & (month < 3)
        columns[f"confirmed_{month:02d}"] = pa.array(np.round(chance.uniform(0, 50, count), 3), mask=~firm)
    return columns


def _rows(rows: np.ndarray, items: int, figures: dict[str, pa.Array]) -> pa.Table:
    count = min(COUNTRIES, max(items // ITEMS_OF_COUNTRY, 3))
    countries = pa.array([f"C{one:03d}" for one in range(count)])
    places = pa.array((rows * count // items).astype(np.int32))
    own = {
        "country": pa.DictionaryArray.from_arrays(places, countries).cast(pa.string()),
        "sap_code": pa.array(np.char.mod("%010d", rows + 60_000_000)),
    }
    return pa.table({**own, **{name: values.slice(0, len(rows)) for name, values in figures.items()}})


Cost = dict[str, float]


def measured(code: str, *arguments: str) -> Cost:
    """Run code in a process of its own; its wall clock and processor seconds, and its peak memory, MB."""
    before, started = _processor_seconds(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + _COST, *arguments], check=True, capture_output=True, text=True, cwd=Path(__file__).parent
    )  # fmt: skip
    wall = time.perf_counter() - started
    return {"wall": wall, "cpu": _processor_seconds() - before, "mb": float(done.stdout.splitlines()[-1])}


def _processor_seconds() -> float:
    """Of all processes that this one has started, and of those that they have, once all have ended."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # Linux: be the parent of workers whose own has ended
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


_COST = """
import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
_PRODUCT = """
import sys
from smile_xl.cli import run
assert run(sys.argv[1:], "en") == 0
"""
_OTHER = """
import sys, scale_other
getattr(scale_other, sys.argv[1])(sys.argv[2]).to_parquet(sys.argv[3])
"""
_NOTHING = """
from smile_xl.books.dataset import run, source, writing
"""


def plan(data: Path, output: Path, *options: str) -> Cost:
    """The product's command."""
    return measured(_PRODUCT, "plan", str(data), "--output", str(output), *options)


def show(items: int, way: str, cost: Cost, base: Cost) -> None:
    """A row of the table."""
    print(
        f"| {items:,} | {way} | {cost['wall']:.2f} | {cost['cpu']:.2f} | {cost['cpu'] / items * 1e9:,.0f} | "
        f"{cost['mb']:,.0f} | {cost['wall'] / base['wall']:.2f} | {cost['cpu'] / base['cpu']:.2f} |",
        flush=True,
    )


def main(sizes: list[int]) -> None:
    """Print the tables."""
    print("| items | way | seconds | processor seconds | ns per item | peak MB | seconds, ratio | processor, ratio |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for items in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = folder / "data"
            write_dataset(data, items)
            list(data.rglob("*"))
            runs = [plan(data, folder / name, "--workers", "2", *REPORTS) for name in ("two", "again", "third")]
            base = min(runs, key=lambda one: one["wall"])
            show(items, "smile-xl, 2 threads", base, base)
            show(items, "smile-xl, 1 thread", plan(data, folder / "one", "--workers", "1", *REPORTS), base)
            if importlib.util.find_spec("distributed"):
                options = ("--workers", "2", "--engine", "dask", *REPORTS)
                show(items, "smile-xl, Dask, 2 workers", plan(data, folder / "dask", *options), base)
            for other in ("duckdb", "polars"):
                if importlib.util.find_spec(other):
                    sums = folder / f"{other}.parquet"
                    show(items, other, measured(_OTHER, other, str(data), str(sums)), base)
                    scale_other.agree(sums, folder / "two")
    show(1, "starting and importing alone", measured(_NOTHING), base)
    scenarios()


def scenarios() -> None:
    """A hundred scenarios over a hundred thousand items."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dataset(folder / "data", SCENARIO_ITEMS)
        kinds = ("demand,,+{} %", "delay,sub_category=S1,{}", "weeks_cover,brand=B2,+{}", "landed_cost,,+{} %")
        lines = [f"s{number},{kinds[number % 4].format(number % 50)}" for number in range(SCENARIOS)]
        (folder / "what.csv").write_text("\n".join(["scenario,what,where,change", *lines]))
        base = plan(folder / "data", folder / "none", *REPORTS)
        show(SCENARIO_ITEMS, "no scenario", base, base)
        options = ("--scenario", str(folder / "what.csv"), *REPORTS)
        show(SCENARIO_ITEMS, f"{SCENARIOS} scenarios", plan(folder / "data", folder / "all", *options), base)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
