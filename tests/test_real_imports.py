"""Real imports (other countries, other rules, intermittent demand) go through every command after a short mapping."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import oracle
import pytest

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.planning import tidy
from smile_xl.planning.cycle import make_cycle

SCMS = Path(__file__).parent / "cases" / "scms"
STATUS = {"Active": "Regular", "Phasing out": "To be delisted"}
START = "2014-07"


def read(name: str) -> list[dict[str, str]]:
    with (SCMS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def rule_of(number: int) -> oracle.Rule:
    """Rules of our own, different from country to country."""
    landings = ((0, 0, 0, 0, 1, 1, 1, 1), (0, 0, 1, 1, 1, 1, 2, 2), (0, 0, 0, 1, 1, 2, 2, 3))
    return oracle.Rule(frozen=2 + number % 3, landing=landings[number % 3], pipeline=1 + number % 4)


def per_tonne(row: dict[str, str], cost: str) -> float:
    return float(row[cost]) / float(row["net_case_weight_kg"]) * 1000


def scms_items() -> list[oracle.Item]:
    demand = {(row["country"], row["sap_code"]): list(row.values())[2:] for row in read("actual_12m_t.csv")}
    transit = {(row["country"], row["sap_code"]): list(row.values())[2:] for row in read("in_transit_w1_w8_t.csv")}
    confirmed: dict = defaultdict(dict)
    for row in read("firm_orders.csv"):
        month = (int(row["scheduled_date"][:4]) - 2014) * 12 + int(row["scheduled_date"][5:7]) - 7
        if 2 <= month < 12:
            orders = confirmed[row["country"], row["sap_code"]]
            orders[month] = orders.get(month, 0.0) + float(row["tons"])
    found = []
    for row in read("master.csv"):
        key = (row["country"], row["sap_code"])
        found.append(
            oracle.Item(
                country=row["country"],
                sap_code=row["sap_code"],
                status=STATUS[row["status"]],
                weeks_cover=float(row["ss_weeks_cover"]),
                category=row["category"],
                sub_category=row["subcategory"],
                brand=row["brand"],
                moq=None,
                multiple=None,
                opening=float(row["opening_stock_t"]),
                transit=[float(value) for value in transit.get(key, [0.0] * 8)],
                demand=[float(value) for value in demand[key]],
                confirmed=[confirmed[key].get(month) for month in range(12)],
                unit_cost=per_tonne(row, "unit_cost"),
                landed_cost=per_tonne(row, "landed_cost"),
            )
        )
    return found


def rules_of(items: list[oracle.Item]) -> dict[str, oracle.Rule]:
    return {name: rule_of(number) for number, name in enumerate(sorted({item.country for item in items}))}


@pytest.fixture(scope="module")
def items() -> list[oracle.Item]:
    return scms_items()


@pytest.fixture(scope="module")
def rules(items: list[oracle.Item]) -> dict[str, oracle.Rule]:
    return rules_of(items)


@pytest.fixture(scope="module")
def book(items: list[oracle.Item], rules: dict[str, oracle.Rule], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scms")
    months = [f"{2014 + (6 + month) // 12}-{(6 + month) % 12 + 1:02d}" for month in range(12)]
    weeks = [f"W{week}" for week in range(1, 9)]

    def key(item: oracle.Item) -> dict:
        return {"country": item.country, "sap_code": item.sap_code}

    master = [
        {
            **key(item),
            "description": row["description"],
            "status": item.status,
            "net_case_weight_kg": row["net_case_weight_kg"],
            "sourcing_unit": row["sourcing_unit"],
            "weeks_cover": item.weeks_cover,
            "category": item.category,
            "sub_category": item.sub_category,
            "brand": item.brand,
            "opening_t": item.opening,
            "unit_cost_eur_per_t": item.unit_cost,
            "landed_cost_eur_per_t": item.landed_cost,
        }
        for item, row in zip(items, read("master.csv"), strict=True)
    ]
    write(folder / "master.csv", master)
    write(folder / "forecast_t.csv", [{**key(item), **dict(zip(months, item.demand, strict=True))} for item in items])
    write(folder / "transit_t.csv", [{**key(item), **dict(zip(weeks, item.transit, strict=True))} for item in items])
    orders = [
        {**key(item), "month": months[month], "tonnes": quantity}
        for item in items
        for month, quantity in enumerate(item.confirmed)
        if quantity is not None
    ]
    write(folder / "confirmed_orders_t.csv", orders)
    table = [
        {
            "country": name,
            "frozen_months": rule.frozen,
            **dict(zip(weeks, rule.landing, strict=True)),
            "pipeline_months": rule.pipeline,
        }
        for name, rule in rules.items()
    ]
    write(folder / "countries.csv", table)
    write(folder / "targets.csv", [{"country": "Haiti", "brand": "Generic", "target_weeks": 8}])
    path = folder / "imports.xlsx"
    assert run(["new", str(path), "--data", str(folder)], "en") == 0
    return path


def test_the_data_is_real_in_its_dirt(items: list[oracle.Item]) -> None:
    assert len(items) == 151
    assert {"Congo, DRC", "Côte d'Ivoire"} <= {item.country for item in items}
    assert np.mean([[tonnes == 0 for tonnes in item.demand] for item in items]) > 0.3


def test_new_check_refresh_and_every_report_run(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(book)], "en") == 0
    assert "no target weeks for" in capsys.readouterr().out
    assert run(["refresh", str(book)], "en") == 0
    for name in tidy.REPORTS:
        assert run(["report", name, str(book), "--format", "json"], "en") == 0
        assert json.loads(capsys.readouterr().out)
    assert run(["verify", str(book)], "en") == 0
    assert "Not checked: 0." in capsys.readouterr().err


def test_the_plan_from_the_file_equals_the_reference(
    book: Path, items: list[oracle.Item], rules: dict[str, oracle.Rule]
) -> None:
    plans = oracle.plan(items, rules, oracle.STATUSES, "exact", False)
    cycle = make_cycle(XlsxBook(book))
    for name, values in vars(cycle.plan).items():
        np.testing.assert_allclose(values, [plan[name] for plan in plans], rtol=1e-9, atol=1e-9, err_msg=name)
    total = tidy.projections(cycle).set_index("country").loc[tidy.ALL_COUNTRIES, "value"]
    expected = [row["value"] for row in oracle.projections(items, plans) if row["country"] == "Total"]
    np.testing.assert_allclose(total, expected, rtol=1e-9)
