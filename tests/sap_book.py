"""A Master File with the items of the SAP lists in tests/cases/sap, as a planner would have it."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import openpyxl

SAP = Path(__file__).parent / "cases" / "sap"
FILES = sorted(path for path in SAP.iterdir() if path.name[:2].isdigit())
START = dt.date(2024, 11, 1)
ITEMS = (
    ("Morocco", "67012345", 4.8, 9.0),
    ("Morocco", "68000007", 6.0, 8.0),
    ("Algeria", "69000100", 5.0, 7.0),
    ("Tunisia", "70000001", 6.24, None),
    ("Tunisia", "ABC-0070", None, 5.0),
    ("Tunisia", "99999999", 1.0, 4.0),
)
"""Country, SAP code, net case weight in kg, opening in t that the lists replace."""
OPENING, W1, CONFIRMED, FIRST_ROW = 20, 21, 29, 4
"""Columns and the first row of the items in SRM, counted from 1."""


def months(count: int = 12) -> list[dt.date]:
    return [dt.date(START.year + (START.month - 1 + place) // 12, (START.month - 1 + place) % 12 + 1, 1)
            for place in range(count)]  # fmt: skip


def sap_book(path: Path, sheets: dict[str, Sequence[Sequence[object]]] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    srm = workbook.active
    srm.title = "SRM"
    weeks = [f"W{week}" for week in range(1, 9)]
    heads = ["Country", "SAP code", "Status", "Net case weight (kg)", "Weeks cover", "Sub-category", "Brand"]
    blocks = ["Item", *[None] * 6, "Forecast (t)", *[None] * 11, "Stock (t)", *[None] * 8, "Confirmed orders (t)"]
    srm.append(["Plan"])
    srm.append(blocks)
    srm.append([*heads, *months(), "Opening", *weeks, *months()])
    for country, code, weight, opening in ITEMS:
        srm.append([country, code, "Regular", weight, 4, "Group", "Brand", *[2.0] * 12, opening, *[0.5] * 8])
    costs = workbook.create_sheet("Costs")
    costs.append(["Country", "SAP code", "Unit cost", "Landed cost"])
    for country, code, _, _ in ITEMS:
        costs.append([country, code, 1000, 1100])
    for name, rows in (sheets or {}).items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


def truth() -> list[dict[str, str]]:
    with (SAP / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
