"""The real imports of tests/cases/scms as a book in memory: last year's demand as the forecast, as a planner would start.

Real: demand, dates, lead times. A naive forecast (the same month of the year before), so that its error is real as well;
frozen and pipeline months of each country from the mean lead time of its orders. Made up: weeks of cover, opening stock.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path

from smile_xl.books.memory import MemoryBook

SCMS = Path(__file__).parent / "cases" / "scms"
STATUS = {"Active": "Regular", "Phasing out": "To be delisted"}
DAYS_PER_MONTH = 30.4
LONGEST = 6


def read(name: str) -> list[dict[str, str]]:
    with (SCMS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def months_from(year: int) -> list[dt.date]:
    """The twelve months from July on."""
    return [dt.date(year + (6 + month) // 12, (6 + month) % 12 + 1, 1) for month in range(12)]


def real_book() -> MemoryBook:
    """The plan of July 2014, with a year of forecast against actual demand and the receipts of the orders."""
    master = read("master.csv")
    history = {(row["country"], row["sap_code"]): row for row in read("history_36m_t.csv")}
    transit = {(row["country"], row["sap_code"]): row for row in read("in_transit_w1_w8_t.csv")}
    weeks = [f"W{week}" for week in range(1, 9)]
    planned = months_from(2014)
    heads = ["Country", "SAP code", "Description", "Status", "Sourcing unit", "Weeks cover", "Sub-category", "Brand"]
    blocks = ["Item", *[None] * 7, "Forecast (t)", *[None] * 11, "Stock (t)", *[None] * 8, "Confirmed orders (t)"]
    srm: list[list[object]] = [blocks, [*heads, *planned, "Opening", *weeks, *planned]]
    costs: list[list[object]] = [["Country", "SAP code", "Unit cost", "Landed cost"]]
    actual: list[list[object]] = [["Country", "SAP code", "Month", "Forecast", "Actual"]]
    lead_times = defaultdict(list)
    for row in master:
        key = (row["country"], row["sap_code"])
        own = history[key]

        def demand(year: int, own: dict[str, str] = own) -> list[float]:
            return [float(own[f"{month:%Y-%m}"]) for month in months_from(year)]

        on_its_way = [float(transit[key][week]) if key in transit else 0.0 for week in weeks]
        labels = [*key, row["description"], STATUS[row["status"]], row["sourcing_unit"], float(row["ss_weeks_cover"])]
        labels += [row["subcategory"], row["brand"]]
        srm.append([*labels, *demand(2013), float(row["opening_stock_t"]), *on_its_way])
        weight = float(row["net_case_weight_kg"])
        costs.append([*key, *(float(row[cost]) / weight * 1000 for cost in ("unit_cost", "landed_cost"))])
        for month, before, now in zip(months_from(2013), demand(2012), demand(2013), strict=True):
            actual.append([*key, month, before, now])
        lead_times[row["country"]].append(float(row["lt_mean_d"]))
    rules: list[list[object]] = [["Country", "Frozen months", *weeks, "Pipeline months"]]
    for country, days in lead_times.items():
        months = float(min(max(round(sum(days) / len(days) / DAYS_PER_MONTH), 1), LONGEST))
        rules.append([country, months, *[0.0] * 4, *[1.0] * 4, months])
    units = {(row["country"], row["sap_code"]): row["sourcing_unit"] for row in master}
    receipts: list[list[object]] = [["Country", "Sourcing unit", "Planned date", "Received date"]]
    for row in read("firm_orders.csv"):
        dates = [dt.date.fromisoformat(row[name]) for name in ("scheduled_date", "actual_delivery_date")]
        receipts.append([row["country"], units[row["country"], row["sap_code"]], *dates])
    settings = [["Setting", "Value"], ["Currency", "USD"], ["Demand distribution", "lognormal"]]
    return MemoryBook(
        {
            "SRM": srm,
            "Costs": costs,
            "Countries": rules,
            "Settings": settings,
            "Actual demand": actual,
            "Receipts": receipts,
        },
        name="imports",
    )
