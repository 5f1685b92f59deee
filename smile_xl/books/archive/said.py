"""What an archived cycle said, straight from its tables: much faster than planning its inputs anew."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smile_xl.books.archive.columns import TEXTS, WEEKS, month_names
from smile_xl.books.archive.store import Version, read
from smile_xl.core import HORIZON
from smile_xl.core.checks import Array
from smile_xl.planning.last_cycle import Said, item_keys_of, supply


def said_by(version: Version) -> Said:
    """What a version said; raises ArchiveError where one of its files is damaged."""
    tables = read(version)
    items, results, rules = (tables[name] for name in ("items", "results", "countries"))
    country, code = (items[name].to_pylist() for name in TEXTS[:2])
    keys = item_keys_of(country, code)
    place = {key: row for row, (key, _) in enumerate(item_keys_of(rules["country"].to_pylist(), [""] * len(rules)))}
    rule = np.array([place[key] for key, _ in keys], dtype=np.int64)
    landing = np.stack([rules[week].to_numpy() for week in WEEKS], axis=1)[rule]
    return Said(
        start=version.start,
        keys=keys,
        demand=_block(items, month_names("demand", len(version.manifest["months"]))),
        supply=supply(_block(items, WEEKS), landing, _block(results, month_names("orders", HORIZON))),
        closing=_block(results, month_names("closing", HORIZON)),
        frozen=rules["frozen_months"].to_numpy()[rule],
    )


def _block(table: pa.Table, names: list[str] | tuple[str, ...]) -> Array:
    """Columns of numbers as an array, shape (items, columns)."""
    return np.stack([table[name].to_numpy() for name in names], axis=1)
