"""Datasets from the items of the reference implementation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import oracle
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from books_of_items import book_of
from test_portfolio import RULES, portfolio

from smile_xl.books.dataset.outcome import REPORTS, Wish
from smile_xl.books.dataset.run import plan_dataset
from smile_xl.books.dataset.source import open_dataset
from smile_xl.planning.cycle import Cycle, make_cycle, plan_of

START = "2023-08"
WEEKS = [f"W{week}" for week in range(1, 9)]


def rows_of(items: Sequence[oracle.Item]) -> list[dict[str, object]]:
    """One row per item, wide."""
    return [
        {
            "country": item.country,
            "sap_code": item.sap_code,
            "status": item.status,
            "category": item.category,
            "sub_category": item.sub_category,
            "brand": item.brand,
            "weeks_cover": float(item.weeks_cover),
            "moq_t": item.moq,
            "multiple_t": item.multiple,
            "opening_t": item.opening,
            "unit_cost_eur_per_t": item.unit_cost,
            "landed_cost_eur_per_t": item.landed_cost,
            **dict(zip(WEEKS, item.transit, strict=True)),
            **{f"demand_{month:02d}": quantity for month, quantity in enumerate(item.demand)},
            **{f"confirmed_{month:02d}": quantity for month, quantity in enumerate(item.confirmed)},
        }
        for item in items
    ]


def table_of(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    texts = ("country", "sap_code", "status", "category", "sub_category", "brand", "description", "sourcing_unit")
    fields = [(name, pa.string() if name in texts else pa.float64()) for name in rows[0]]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))


def write_rules(folder: Path, rules: Mapping[str, oracle.Rule] = RULES) -> None:
    lines = [",".join(["country", "frozen months", *WEEKS, "pipeline months"])]
    lines += [
        ",".join([name, str(rule.frozen), *map(str, rule.landing), str(rule.pipeline)]) for name, rule in rules.items()
    ]
    (folder / "countries.csv").write_text("\n".join(lines))


def dataset_of(
    items: Sequence[oracle.Item], folder: Path, *, group: int = 16, files: int = 1, **settings: object
) -> Path:
    """A folder with the items in files of row groups, rules and settings."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_of(items)
    size = -(-len(rows) // files)
    for number in range(files):
        table = table_of(rows[number * size : (number + 1) * size])
        pq.write_table(table, folder / f"items-{number}.parquet", row_group_size=group)
    write_rules(folder)
    lines = ["setting,value", f"start,{START}", *(f"{name},{value}" for name, value in settings.items())]
    (folder / "settings.csv").write_text("\n".join(lines))
    return folder


def some_items(seed: int = 1, size: int = 90, months: int = 14) -> list[oracle.Item]:
    return portfolio(seed, size, months)


WHEN = dt.datetime(2023, 8, 1, 9)
TIDY = ("summary", "availability", "imports", "dsr", "projections", "srm", "overstock", "simulation")
TARGETS = {("Morocco", "B1"): 4.0, ("Algeria", "B2"): 6.0, ("Egypt", "B3"): 3.0}


def planned(folder: Path, output: Path, **wish: object) -> Path:
    plan_dataset(open_dataset(folder), output, Wish(**{"reports": REPORTS, **wish}), WHEN)
    return output


def frames_of(output: Path, names: tuple[str, ...] = TIDY) -> dict[str, pd.DataFrame]:
    found = {}
    for name in names:
        path = output / f"{name}.parquet"
        found[name] = pq.read_table(path if path.exists() else output / name).to_pandas()
    return found


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, name: str) -> None:
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False, rtol=1e-9, atol=1e-6, obj=name
    )


def with_tables(folder: Path, items: list[oracle.Item]) -> tuple[list[dict], dict[int, str]]:
    """Targets, chosen opportunities and policies beside the items; the opportunities and policies."""
    lines = [f"{country},{brand},{weeks}" for (country, brand), weeks in TARGETS.items()]
    (folder / "targets.csv").write_text("\n".join(["country,brand,target weeks", *lines]))
    plans = oracle.plan(items, RULES, oracle.STATUSES, "exact")
    risks = [place for place, plan in enumerate(plans) if plan["closing"][0] < -1]
    donors = [place for place, plan in enumerate(plans) if min(plan["closing"][:3]) > 5]
    given = [
        {
            "month": 0,
            "country": items[risk].country,
            "risk": items[risk].sap_code,
            "donor_country": items[donor].country,
            "donor": items[donor].sap_code,
            "tonnes": 0.5,
        }
        for risk, donor in zip(risks[:4], donors[:4], strict=False)
    ]
    rows = [",".join(["2023-08", *map(str, list(line.values())[1:])]) for line in given]
    head = "month,country,risk sap code,donor country,donor sap code,tonnes"
    (folder / "opportunities.csv").write_text("\n".join([head, *rows]))
    policies = dict.fromkeys(range(0, len(items), 7), "average")
    rows = [f"{items[place].country},{items[place].sap_code},{policy}" for place, policy in policies.items()]
    (folder / "safety_policies.csv").write_text("\n".join(["country,sap_code,policy", *rows]))
    return given, policies


def book_cycle(items: list[oracle.Item], policies: dict[int, str] | None = None, **options: object) -> Cycle:
    cycle = make_cycle(book_of(items, RULES, **options))
    inputs = replace(cycle.inputs, policies=policies or {})
    return replace(cycle, inputs=inputs, plan=plan_of(inputs))
