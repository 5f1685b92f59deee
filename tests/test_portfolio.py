"""The plan and the reports agree with the slow reference implementation on random portfolios."""

from __future__ import annotations

import math
import random
from dataclasses import asdict

import numpy as np
import oracle
import pytest
from books_of_items import book_of
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl.planning import tidy
from smile_xl.planning.cycle import make_cycle

RULES = {**oracle.RULES, "Egypt": oracle.Rule(frozen=4, landing=(0, 0, 1, 1, 1, 2, 2, 3), pipeline=4)}
MONTHS = [f"{2023 + (7 + month) // 12}-{(7 + month) % 12 + 1:02d}" for month in range(14)]


def random_item(chance: random.Random, number: int, months: int) -> oracle.Item:
    """An item with everything that an item can have: gaps in demand, MOQ, multiple, confirmed orders, any status."""
    level = chance.choice([0.0, 3.0, 40.0, 900.0])
    intermittent = chance.random() < 0.3
    demand = [
        0.0 if intermittent and chance.random() < 0.5 else round(level * chance.uniform(0.2, 2.0), 3)
        for _ in range(months)
    ]
    return oracle.Item(
        country=chance.choice(list(RULES)),
        sap_code=f"{chance.choice(['', '00'])}{68000000 + number}",
        status=chance.choice(list(oracle.STATUSES)),
        weeks_cover=chance.choice([0, 2, 3.5, 4.25, 6, 8.5, 13, 60]),
        category="A",
        sub_category=chance.choice(["SOS", "POV", "AT"]),
        brand=chance.choice(["B1", "B2", "B3"]),
        moq=chance.choice([None, None, round(level * chance.uniform(0.3, 2), 2)]),
        multiple=chance.choice([None, None, 0.5, 7.0, 24.0]),
        opening=round(level * chance.uniform(0, 3), 2),
        transit=[round(level * chance.random(), 1) if chance.random() < 0.3 else 0.0 for _ in range(8)],
        demand=demand,
        confirmed=[round(level * chance.random(), 1) if chance.random() < 0.15 else None for _ in range(12)],
        unit_cost=round(chance.uniform(100, 3000), 2),
        landed_cost=round(chance.uniform(100, 4000), 2),
    )


def portfolio(seed: int, size: int = 40, months: int = 12) -> list[oracle.Item]:
    chance = random.Random(seed)
    return [random_item(chance, number, months) for number in range(size)]


@pytest.mark.parametrize("method", ["exact", "average"])
@pytest.mark.parametrize("net_transit", [False, True])
@pytest.mark.parametrize("months", [12, 14])
@pytest.mark.parametrize("seed", range(5))
def test_the_plan_equals_the_reference(seed: int, months: int, net_transit: bool, method: str) -> None:
    items = portfolio(seed, months=months)
    plans = oracle.plan(items, RULES, oracle.STATUSES, method, net_transit)
    cycle = make_cycle(book_of(items, RULES, method=method, net_transit=net_transit))
    rows = tidy.srm(cycle)
    for name in ("safety", "orders", "closing", "pipeline"):
        expected = np.array([plan[name] for plan in plans])
        np.testing.assert_allclose(rows[name].to_numpy().reshape(-1, 12), expected, rtol=1e-9, atol=1e-9, err_msg=name)


def assert_rows_equal(rows: list[dict], expected: list[dict], keys: tuple[str, ...]) -> None:
    """Same keys, same values: numbers to 1e-9, NaN for infinity and for None."""

    def key(row: dict) -> tuple:
        return tuple(row[name] if name != "month" else _month(row[name]) for name in keys)

    found, wanted = ({key(row): row for row in some} for some in (rows, expected))
    assert found.keys() == wanted.keys()
    for name, row in wanted.items():
        for column, value in row.items():
            if column in keys:
                continue
            got = found[name][column]
            if value is None or (isinstance(value, float) and math.isinf(value)):
                assert math.isnan(got), (name, column)
            elif isinstance(value, str | bool):
                assert got == value, (name, column)
            else:
                assert got == pytest.approx(value, rel=1e-9, abs=1e-7), (name, column)


def _month(month: object) -> int:
    return MONTHS.index(month) if isinstance(month, str) else int(month)  # type: ignore[call-overload]


@pytest.mark.parametrize("seed", range(6))
def test_every_report_equals_the_reference(seed: int) -> None:
    items = portfolio(100 + seed, size=60)
    plans = oracle.plan(items, RULES, oracle.STATUSES, "exact", False)
    targets = {(country, brand): float(3 + len(country)) for country in RULES for brand in ("B1", "B2")}
    opportunities = oracle_opportunities(items, plans)
    assert opportunities
    cycle = make_cycle(book_of(items, RULES, targets=targets, opportunities=opportunities))

    def found(report: str) -> list[dict]:
        return tidy.REPORTS[report](cycle).to_dict("records")

    assert_rows_equal(
        found("availability"),
        oracle.availability(items, plans, targets),
        ("country", "brand", "month", "stock", "method"),
    )
    shares = [
        {
            **{name: row[name] for name in ("country", "brand", "tonnes", "cash")},
            "share_tonnes": row["tonnes_share"],
            "share_cash": row["cash_share"],
        }
        for row in oracle.imports_share(items, plans)
    ]
    assert_rows_equal(found("imports"), shares, ("country", "brand"))
    assert_rows_equal(found("dsr"), oracle.dsr(items, plans, opportunities), ("country", "sub_category", "month"))
    assert_rows_equal(found("projections"), oracle.projections(items, plans), ("country", "sub_category", "month"))
    assert_rows_equal(
        found("overstock"), oracle.overstock_rows(items, plans, oracle.STATUSES), ("country", "sap_code", "month")
    )


def oracle_opportunities(items: list[oracle.Item], plans: list[dict]) -> list[dict]:
    """Opportunities that break no rule: each risk takes half of what the first donor can spare."""
    chosen: list[dict] = []
    for risk, plan in zip(items, plans, strict=True):
        for month in range(3):
            short = -min(plan["closing"][month], 0)
            if not short:
                continue
            for donor, donor_plan in zip(items, plans, strict=True):
                spare = min(max(donor_plan["closing"][later], 0) for later in range(month, 3))
                if spare > 0 and not any(one["donor_sap_code"] == donor.sap_code for one in chosen):
                    line = {
                        "month": month,
                        "country": risk.country,
                        "risk_sap_code": risk.sap_code,
                        "donor_country": donor.country,
                        "donor_sap_code": donor.sap_code,
                        "tonnes": min(short, spare) / 2,
                    }
                    chosen.append(line)
                    break
    assert oracle.dsr_violations(items, plans, chosen) == []
    return chosen


@given(st.integers(0, 10**6), st.sampled_from(["country", "sub_category"]))
@settings(max_examples=15, deadline=None)
def test_reports_split_by_any_key_add_up_to_the_whole(seed: int, key: str) -> None:
    items = portfolio(seed, size=15)
    whole = tidy.projections(make_cycle(book_of(items, RULES)))
    total = whole[whole["country"] == tidy.ALL_COUNTRIES]["value"].to_numpy()
    parts = np.zeros(10)
    for value in {asdict(item)[key] for item in items}:
        part = [item for item in items if asdict(item)[key] == value]
        rows = tidy.projections(make_cycle(book_of(part, RULES)))
        parts += rows[rows["country"] == tidy.ALL_COUNTRIES]["value"].to_numpy()
    np.testing.assert_allclose(parts, total, rtol=1e-9)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_items_does_not_matter(seed: int) -> None:
    items = portfolio(seed, size=15)
    turned = items[::-1]
    for report in ("availability", "imports", "dsr", "projections"):
        first, second = (tidy.REPORTS[report](make_cycle(book_of(some, RULES))) for some in (items, turned))
        assert list(first.iloc[:, 0]) == list(second.iloc[:, 0])
        for column in first.select_dtypes("number"):
            np.testing.assert_allclose(first[column], second[column], rtol=1e-9, atol=1e-9)
