"""What planning a dataset costs, against the number of items, engine and workers, and against SQL and data frames.

    python tests/bench/scale.py [ITEMS ...]         default: 100000 1000000 10000000

Every measurement is a process of its own: wall clock, processor seconds of all its threads and children, and peak
memory. All ways plan the same items (no orders in lots, since SQL has no simple form of these) and must agree to 1e-9.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 131_072
"""Rows of a row group."""
COUNTRIES, SUB_CATEGORIES, BRANDS = 60, 8, 5
WEEKS = [f"W{week}" for week in range(1, 9)]


def write_dataset(folder: Path, items: int) -> None:
    """A dataset of many countries, file by file, each country's items together."""
    folder.mkdir(parents=True)
    chance = np.random.default_rng(2019)
    per_file = 8 * ROWS
    for number, start in enumerate(range(0, items, per_file)):
        path = folder / f"items-{number:03d}.parquet"
        with pq.ParquetWriter(path, _schema(), compression="lz4", use_dictionary=_TEXTS) as writer:
            for first in range(start, min(start + per_file, items), ROWS):
                rows = np.arange(first, min(first + ROWS, start + per_file, items))
                writer.write_table(_rows(rows, items, chance), row_group_size=ROWS)
    rules = ["country,frozen months," + ",".join(WEEKS) + ",pipeline months"]
    for country in range(COUNTRIES):
        landing = "0,0,0,0,1,1,1,2" if country % 3 else "0,0,0,1,1,1,1,2"
        rules.append(f"C{country:03d},{2 + country % 2},{landing},{1 + country % 3}")
    (folder / "countries.csv").write_text("\n".join(rules))
    (folder / "settings.csv").write_text("setting,value\nstart,2023-08")


_TEXTS = ["country", "status", "sub_category", "brand"]


def _schema() -> pa.Schema:
    return _rows(np.arange(1), 1, np.random.default_rng(1)).schema


def _rows(rows: np.ndarray, items: int, chance: np.random.Generator) -> pa.Table:
    count = len(rows)
    level = chance.gamma(2, 20, count)

    def texts(names: list[str], places: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(names)).cast(pa.string())

    def tonnes(values: np.ndarray) -> pa.Array:
        return pa.array(np.round(values, 3))

    unit = np.round(chance.uniform(100, 3000, count), 2)
    columns = {
        "country": texts([f"C{one:03d}" for one in range(COUNTRIES)], rows * COUNTRIES // items),
        "sap_code": pa.array(np.char.mod("%010d", rows + 60_000_000)),
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
    return pa.table(columns)


def measured(arguments: list[str]) -> dict[str, float]:
    """Run a command; its wall clock, processor seconds and peak memory, MB."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _CHILD, *arguments], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {"wall": time.perf_counter() - started, **found}


_CHILD = """
import json, resource, sys
from smile_xl.cli import run
try:
    code = run(sys.argv[1:], "en")
finally:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    print(json.dumps({"cpu": cpu, "mb": own.ru_maxrss / 1024}))
sys.exit(code)
"""
