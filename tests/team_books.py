"""Workbooks as real teams have them, beside a Master File with the same inputs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import oracle
from books_of_items import book_of, month

from smile_xl.books.memory import MemoryBook

MONTHS_FR = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
START = dt.date(2019, 4, 1)
Rows = list[list[object]]


def items(count: int = 6, countries: Sequence[str] = ("Morocco", "Algeria", "Tunisia")) -> list[oracle.Item]:
    """Items whose figures all differ, so that a swapped column shows."""
    return [
        oracle.Item(
            country=countries[place % len(countries)],
            sap_code=f"{68000101 + place}",
            status="Regular" if place % 4 else "To be delisted",
            weeks_cover=4.0 + place % 5,
            category="Care",
            sub_category=("Hair", "Fabric")[place // 3 % 2],
            brand=f"Brand {place % 2}",
            demand=[10.0 + place + 3.5 * index % 7 for index in range(12)],
            opening=35.0 + 2 * place,
            transit=[1.0 + place + week / 4 for week in range(8)],
            confirmed=[None, None, 7.5 + place, *[None] * 8, 5.0],
            unit_cost=1000.0 + 10 * place,
            landed_cost=1200.0 + 10 * place,
        )
        for place in range(count)
    ]


def master(own: Sequence[oracle.Item]) -> MemoryBook:
    """The Master File with these items, the built-in rules in force."""
    book = book_of(own, start=START)
    return MemoryBook({name: book.read(name).rows for name in ("SRM", "Costs")})


def french_months(count: int = 12) -> list[str]:
    months = [month(index, START) for index in range(count)]
    return [f"{MONTHS_FR[one.month - 1]}-{one.year % 100:02d}" for one in months]


def french(own: Sequence[oracle.Item]) -> dict[str, Rows]:
    """Two header rows as merging leaves them, French month texts, kilograms, totals, a title, notes, a pivot."""
    names = ["Pays", "N° SAP", "Désignation", "Statut article", "Sem. couverture", "Ss-catégorie", "Marque"]
    width = len(names)
    heads = [*names, None, *french_months(), None, *[f"S{week}" for week in range(1, 9)], *french_months(), None]
    bands: list[object] = [
        "Article", *[None] * (width - 1), "Stock physique (kg)", "Prévisions de ventes (kg)", *[None] * 11, None,
        "En transit (kg)", *[None] * 7, "Commandes fermes (kg)", *[None] * 11, "Remarques",
    ]  # fmt: skip
    rows: Rows = [["Plan Maghreb"], [], [], bands, heads]
    groups: dict[str, list[oracle.Item]] = {}
    for item in own:
        groups.setdefault(item.sub_category, []).append(item)
    for name, group in groups.items():
        lines = [_french_row(item) for item in group]
        rows += [[None, None, name], *lines]
        sums = [sum(figure(line[place]) for line in lines) for place in range(width, len(heads) - 1)]
        rows.append([None, None, f"Total {name}", *[None] * (width - 3), *sums])
    rows += [["Total général", *[None] * (width - 1), 1.0], [], ["Légende : en rouge, les ruptures"]]
    rows += [[None] * len(heads) for _ in range(40)]
    costs: Rows = [["Coûts 2019"], ["Pays", "Code article", "Coût standard (€/kg)", "Coût rendu (€/kg)"]]
    costs += [[item.country, f"0000{item.sap_code}", item.unit_cost / 1000, item.landed_cost / 1000] for item in own]
    return {
        "Plan Maghreb": rows,
        "Coûts std": costs,
        "Notes": [["rappeler le fournisseur"], french_months()],
        "TCD": [["Étiquettes de lignes", "Somme de avr.-19"], ["Maroc", 3.0]],
    }


def _french_row(item: oracle.Item) -> list[object]:
    attributes = [item.country, f"0000{item.sap_code}", "Produit", item.status, item.weeks_cover, item.sub_category]
    kilograms = [item.opening, *item.demand, None, *item.transit, *item.confirmed]
    return [*attributes, item.brand, *(None if one is None else one * 1000 for one in kilograms)]


def figure(value: object) -> float:
    return value if isinstance(value, float) else 0.0


def by_country(own: Sequence[oracle.Item], names: dict[str, str]) -> dict[str, Rows]:
    """A sheet per country without a column for it, English, one header row, ISO months before each figure."""
    months = [month(index, START) for index in range(12)]
    heads = ["SKU", "Product name", "Status", "Weeks of cover", "Sub cat.", "Brand",
             *[f"{one:%m/%Y} Fcst" for one in months], "Stock on hand (t)", *[f"Transit W{week}" for week in range(1, 9)],
             *[f"{one:%m/%Y} Firm order" for one in months]]  # fmt: skip
    sheets: dict[str, Rows] = {}
    for country, name in names.items():
        sheets[name] = [list(heads)]
        for item in own:
            if item.country == country:
                row = [item.sap_code, "x", item.status, item.weeks_cover, item.sub_category, item.brand, *item.demand]
                sheets[name].append([*row, item.opening, *item.transit, *item.confirmed])
    sheets["Costs"] = [
        ["Country", "SAP code", "Unit cost", "Landed cost"],
        *([names[item.country], item.sap_code, item.unit_cost, item.landed_cost] for item in own),
    ]
    return sheets
