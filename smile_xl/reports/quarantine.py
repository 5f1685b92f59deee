"""The page Quarantine: what the last import could not use, with the tonnes and cash left out."""

from __future__ import annotations

import datetime as dt

from smile_xl.language import say
from smile_xl.planning.imports.allocate import Entry, Import
from smile_xl.planning.imports.rules import field_name
from smile_xl.planning.settings import Settings
from smile_xl.reports.page import Block, Column, Kind, Page, Role


def quarantine(found: Import, settings: Settings, when: dt.datetime) -> Page:
    """The page of an import: a row per list, then a row per quantity that was set apart."""
    spoken = settings.language

    def column(name: str, kind: Kind) -> Column:
        return Column(say(f"imports.page_column.{name}", spoken), kind)

    tonnes = Column(say("headers.column.tonnes", spoken), "tonnes")
    country, code = (Column(say(f"headers.column.{name}", spoken), "text") for name in ("country", "sap_code"))
    heads = [column("file", "long_text"), column("row", "whole"), column("plant", "text"), country, code,
             column("field", "text"), column("value", "any"), column("unit", "text"), tonnes, column("cash", "cash"),
             column("currency", "text"), column("reason", "long_text")]  # fmt: skip
    rows: list[list[object]] = [
        [
            entry.line.file, entry.line.row, entry.line.plant, entry.country, entry.sap_code,
            field_name(entry.field, spoken), entry.line.value, entry.line.unit, entry.tonnes, entry.cash,
            entry.currency, entry.why(spoken),
        ]
        for entry in found.quarantined
    ]  # fmt: skip
    lists = [column("file", "long_text"), column("kind", "long_text"), column("count", "whole"),
             column("taken", "tonnes"), column("quarantined", "tonnes"), column("unknown", "whole"),
             column("excluded", "long_text"), column("totals", "text")]  # fmt: skip
    sums: list[list[object]] = []
    for one in found.lists:
        own = [entry for entry in found.entries if entry.line.file == one.file]
        agree = "differ" if one.differing else "agree"
        checked = say(f"imports.page.totals_{agree}", spoken, count=len(one.differing)) if one.totals else None
        sums.append([one.file, say(f"imports.kind.{one.kind}", spoken), *_sums(own), checked])
    roles: dict[int, Role] = {}
    if len(sums) > 1:
        roles[len(sums)] = "total"
        sums.append([say("reports.total", spoken), None, *_sums(found.entries), None])
    blocks = [
        Block(lists, sums, say("imports.page.lists", spoken, currency=settings.currency), roles=roles),
        *_totals(found, settings),
        Block(
            heads, rows or [[say("imports.page.none", spoken)]], say("imports.page.lines", spoken), filtered=bool(rows)
        ),
    ]
    line = say("imports.page.line", spoken, when=when.strftime("%Y-%m-%d %H:%M"))
    return Page(say("headers.sheet.quarantine", spoken), say("imports.page.title", spoken), [line], blocks, spoken)


def _totals(found: Import, settings: Settings) -> list[Block]:
    """The totals of lists that are not the sums of their lines; nothing where all are."""
    spoken = settings.language
    rows: list[list[object]] = [
        [one.file, total.row, one.mapping.get(total.field, ""), total.unit.upper(), total.stated, total.found,
         say("imports.page.rows", spoken, first=total.first, last=total.last)]
        for one in found.lists
        for total in one.differing
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"file": "long_text", "row": "whole", "header": "text", "unit": "text", "stated": "tonnes",
                              "found": "tonnes", "rows": "text"}  # fmt: skip
    columns = [Column(say(f"imports.page_column.{name}", spoken), kind) for name, kind in kinds.items()]
    return [Block(columns, rows, say("imports.page.totals", spoken))] if rows else []


def _sums(entries: list[Entry]) -> list[object]:
    """Quantities, tonnes taken and set apart, quantities without tonnes, cash left out by currency."""
    apart = [entry for entry in entries if entry.reason]
    cash: dict[str, float] = {}
    for entry in apart:
        if entry.cash:
            cash[entry.currency] = cash.get(entry.currency, 0.0) + entry.cash
    return [
        len(entries),
        sum(entry.tonnes or 0.0 for entry in entries if not entry.reason),
        sum(entry.tonnes or 0.0 for entry in apart),
        sum(entry.tonnes is None for entry in entries),
        "; ".join(f"{amount:,.2f} {currency}".strip() for currency, amount in sorted(cash.items())),
    ]
