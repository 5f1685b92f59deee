"""The plan of a dataset and its sums by group as they would be written in SQL for DuckDB, and in polars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MONTHS, WEEKS_PER_MONTH = 12, 4.25
LONGEST = 2
"""Months that the longest cover of the benchmark, 8 weeks, looks ahead."""


def rule(country: int) -> tuple[tuple[int, ...], int, int]:
    """Landing row, frozen months and pipeline months of a country of the benchmark."""
    landing = (0, 0, 0, 0, 1, 1, 1, 2) if country % 3 else (0, 0, 0, 1, 1, 1, 1, 2)
    return landing, 2 + country % 2, 1 + country % 3


def rules() -> pd.DataFrame:
    """All of them, by the name of the country."""
    rows = []
    for country in range(60):
        landing, frozen, pipeline = rule(country)
        weeks = {f"l{week}": month for week, month in enumerate(landing, start=1)}
        rows.append({"country": f"C{country:03d}", "frozen": frozen, "pipeline_months": pipeline, **weeks})
    return pd.DataFrame(rows)


def steps() -> list[dict[str, str]]:
    """The plan of an item as SQL expressions under their names; a step may use the names of those before it."""
    demand = [f"demand_{month:02d}" for month in range(MONTHS)]
    first = {
        "proposes": "CASE WHEN status = 'Regular' THEN 1.0 ELSE 0.0 END",
        "weeks": "CASE WHEN status = 'Delisted' THEN 0.0 ELSE weeks_cover END",
        "mean": f"({' + '.join(demand)}) / {MONTHS}",
        "transit": " + ".join(f"W{week}" for week in range(1, 9)),
    }
    for month in range(3):
        first[f"a{month}"] = " + ".join(
            f"CASE WHEN l{week} = {month} THEN W{week} ELSE 0.0 END" for week in range(1, 9)
        )
    plan = [first]
    for month in range(MONTHS):
        ahead = [demand[month + 1 + k] if month + 1 + k < MONTHS else "mean" for k in range(LONGEST)]
        safety = " + ".join(
            f"least({WEEKS_PER_MONTH}, greatest(weeks - {WEEKS_PER_MONTH * k}, 0.0)) * {name} / {WEEKS_PER_MONTH}"
            for k, name in enumerate(ahead)
        )
        stock = "opening_t" if month == 0 else f"greatest(c{month - 1}, 0.0)"
        start = "greatest(opening_t, 0.0)" if month == 0 else stock
        arrived = f"a{month}" if month < 3 else "0.0"
        firm = f"a{month}" if month < 2 else "0.0"
        need = f"greatest(0.0, {demand[month]} + {safety} - {start})"
        plan.append({
            f"o{month}": start,
            f"q{month}": f"coalesce(confirmed_{month:02d}, "
            f"CASE WHEN frozen <= {month} AND proposes > 0 THEN {need} ELSE {firm} END)",
        })  # fmt: skip
        lands = f"{arrived} + q{month}" if month >= 2 else arrived
        plan.append({f"c{month}": f"{stock} + {lands} - {demand[month]}"})
    sums = {"t": "transit"}
    for month in range(10):
        later = [
            f"CASE WHEN pipeline_months >= {k} THEN q{month + k} ELSE 0.0 END" for k in range(1, 4) if month + k < 12
        ]
        sums[f"t{month}"] = " + ".join(later)
    plan.append(sums)
    return plan


SUMS = {
    **{f"value_{month}": f"greatest(c{month}, 0.0) * unit_cost_eur_per_t + t{month} * landed_cost_eur_per_t" for month in range(10)},
    **{f"risk_{month}": f"greatest(-c{month}, 0.0)" for month in range(3)},
    **{f"risk_cash_{month}": f"greatest(-c{month}, 0.0) * landed_cost_eur_per_t" for month in range(3)},
    **{f"opportunity_{month}": f"greatest(c{month}, 0.0)" for month in range(3)},
    **{f"opening_{month}": f"o{month}" for month in range(7)},
    **{f"pipeline_{month}": f"t{month}" for month in range(7)},
    **{f"demand_{month}": f"demand_{month:02d}" for month in range(MONTHS)},
    "imported": "transit + q2 + q3 + q4 + q5 + q6",
    "imported_cash": "(transit + q2 + q3 + q4 + q5 + q6) * landed_cost_eur_per_t",
}  # fmt: skip
"""What is summed."""
KEYS = ("country", "sub_category", "brand")


def duckdb(folder: str) -> pd.DataFrame:
    """Sums by group with DuckDB."""
    import duckdb as engine  # noqa: PLC0415

    connection = engine.connect()
    connection.execute("SET threads = 2; SET enable_progress_bar = false")
    # of DuckDB 2.0: it writes the months out into each other, and needs 13 s of planning for that
    if ("partial_aggregate_pushdown",) in connection.execute("SELECT * FROM duckdb_optimizers()").fetchall():
        connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
    connection.register("rules", rules())
    inner = f"SELECT * FROM read_parquet('{folder}/items-*.parquet') JOIN rules USING (country)"  # noqa: S608
    for step in steps():
        inner = f"SELECT *, {', '.join(f'{text} AS {name}' for name, text in step.items())} FROM ({inner})"  # noqa: S608
    sums = ", ".join(f"sum({text}) AS {name}" for name, text in SUMS.items())
    keys = ", ".join(KEYS)
    found: pd.DataFrame = connection.execute(f"SELECT {keys}, {sums} FROM ({inner}) GROUP BY ALL").df()  # noqa: S608
    return found


def polars(folder: str) -> Any:
    """Sums by group with polars, streaming."""
    import polars as pl  # noqa: PLC0415

    def parsed(text: str) -> Any:
        return pl.sql_expr(text)

    table = pl.scan_parquet(f"{folder}/items-*.parquet").join(pl.from_pandas(rules()).lazy(), on="country")
    for step in steps():
        table = table.with_columns(**{name: parsed(text) for name, text in step.items()})
    sums = table.group_by(*KEYS).agg(**{name: parsed(text).sum() for name, text in SUMS.items()})
    return sums.collect(engine="streaming").to_pandas()


def agree(sums: Path, output: Path) -> None:
    """Raise AssertionError unless the sums are those of the product's reports, to 1e-9."""
    table = pd.read_parquet(sums)
    total = table[list(SUMS)].sum()
    projected = pd.read_parquet(output / "projections.parquet").query("country == 'Total'")["value"].to_numpy()
    np.testing.assert_allclose(total[[f"value_{month}" for month in range(10)]].to_numpy(), projected, rtol=1e-9)
    risks = pd.read_parquet(output / "dsr.parquet").groupby("month")[["risk_t", "risk_cash", "opportunity_t"]].sum()
    for name, column in (("risk", "risk_t"), ("risk_cash", "risk_cash"), ("opportunity", "opportunity_t")):
        expected = risks[column].to_numpy()
        np.testing.assert_allclose(total[[f"{name}_{month}" for month in range(3)]].to_numpy(), expected, rtol=1e-9)
    imported = pd.read_parquet(output / "imports.parquet").set_index(["country", "brand"])[["tonnes", "cash"]]
    ours = table.groupby(["country", "brand"])[["imported", "imported_cash"]].sum().loc[imported.index]
    np.testing.assert_allclose(ours.to_numpy(), imported.to_numpy(), rtol=1e-9)
