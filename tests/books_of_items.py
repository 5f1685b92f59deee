"""Books in memory from the items of the reference implementation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import oracle

from smile_xl.books.memory import MemoryBook

START = dt.date(2023, 8, 1)


def month(index: int, start: dt.date = START) -> dt.date:
    years, place = divmod(start.month - 1 + index, 12)
    return dt.date(start.year + years, place + 1, 1)


def book_of(
    items: Sequence[oracle.Item],
    rules: Mapping[str, oracle.Rule] = oracle.RULES,
    *,
    method: str = "exact",
    net_transit: bool = False,
    targets: Mapping[tuple[str, str], float] | None = None,
    opportunities: Sequence[Mapping] = (),
    start: dt.date = START,
) -> MemoryBook:
    """The sheets of a Master File with these items, as a planner would have typed them."""
    heads = [
        "Country",
        "SAP code",
        "Status",
        "Weeks cover",
        "Category",
        "Sub-category",
        "Brand",
        "MOQ (t)",
        "Multiple (t)",
    ]
    months = [month(index, start) for index in range(len(items[0].demand))]
    weeks = [f"W{week}" for week in range(1, 9)]
    srm = [
        [
            "Item",
            *[None] * 8,
            "Forecast (t)",
            *[None] * (len(months) - 1),
            "Stock (t)",
            *[None] * 8,
            "Confirmed orders (t)",
        ],
        [*heads, *months, "Opening", *weeks, *months[:12]],
    ]
    for item in items:
        attributes = [item.country, item.sap_code, item.status, item.weeks_cover, item.category, item.sub_category]
        srm.append(
            [
                *attributes,
                item.brand,
                item.moq,
                item.multiple,
                *item.demand,
                item.opening,
                *item.transit,
                *item.confirmed,
            ]
        )
    sheets = {
        "SRM": srm,
        "Costs": [
            ["Country", "SAP code", "Unit cost", "Landed cost"],
            *([item.country, item.sap_code, item.unit_cost, item.landed_cost] for item in items),
        ],
        "Countries": [
            ["Country", "Frozen months", *weeks, "Pipeline months"],
            *([name, rule.frozen, *rule.landing, rule.pipeline] for name, rule in rules.items()),
        ],
        "Settings": [["Setting", "Value"], ["Safety method", method], ["Net transit", net_transit]],
        "Opportunities": [
            ["Month", "Country", "Risk SAP code", "Donor country", "Donor SAP code", "Tonnes"],
            *([month(line["month"], start), *list(line.values())[1:]] for line in opportunities),
        ],
    }
    if targets:
        rows = [[country, brand, weeks] for (country, brand), weeks in targets.items()]
        sheets["Targets"] = [["Country", "Brand", "Target weeks"], *rows]
    return MemoryBook({name: [[_cell(value) for value in row] for row in rows] for name, rows in sheets.items()})


def _cell(value: object) -> object:
    """Numbers as a workbook's reader gives them."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
