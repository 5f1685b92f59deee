"""Orders that the last import left out since they were due before the cycle: the page Quarantine says which."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import numpy as np
import pandas as pd

from smile_xl.core.checks import Array
from smile_xl.language import LANGUAGES, say
from smile_xl.planning.findings import Finding, tonnes
from smile_xl.planning.grid import Grid
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.tables import Month, Notebook, as_date, cell, find_header, find_table

_COLUMNS = ("country", "sap_code", "tonnes", "reason")


def note_overdue_orders(
    grid: Grid | None, notes: Notebook, items: pd.DataFrame, landed_cost: Array, start: Month
) -> None:
    """Note the items with such orders, each at its oldest; at stake are their tonnes at landed cost."""
    if grid is None or find_header(grid, _COLUMNS) is None:
        return
    table = find_table(grid, Notebook(), _COLUMNS, ())  # a page of ours: nobody is told to mend it
    if table is None:
        return
    pairs = zip(items["country"].tolist(), items["sap_code"].tolist(), strict=True)
    cost = {(plain(country), join_key(code)): cash for (country, code), cash in zip(pairs, landed_cost, strict=True)}
    late: dict[tuple[str, str], list[tuple[dt.date, int, float]]] = {}
    lines = zip(table.rows, *(table.texts(name) for name in ("country", "sap_code", "reason")), strict=True)
    for row, country, code, reason in lines:
        due = _due(reason)
        if due is not None and due < start:
            amount = cell(grid, row, table.columns["tonnes"])
            late.setdefault((country, code), []).append((due, row, amount if isinstance(amount, float) else 0.0))
    for (country, code), orders in late.items():
        oldest, row, _ = min(orders)
        total = sum(amount for _, _, amount in orders)
        cash = total * cost.get((plain(country), join_key(code)), np.nan)
        values = {"country": country, "sap_code": code, "count": len(orders), "tonnes": tonnes(total)}
        values["date"] = oldest.isoformat()
        place = (row, table.columns["reason"])
        sheet, name = grid.place(*place)
        stake = None if np.isnan(cash) else float(cash)
        notes.findings.append(Finding("warning", "order_overdue", sheet, name, values, place, stake))


def _due(reason: str) -> dt.date | None:
    """The date of an order that was due before the cycle; None for another reason."""
    found = next((match for pattern in _patterns() if (match := pattern.fullmatch(reason))), None)
    return as_date(found["date"]) if found else None


@cache
def _patterns() -> list[re.Pattern[str]]:
    """How the page gives the reason, in each language."""
    texts = (re.escape(say("imports.reason.past", spoken, date="<date>")) for spoken in LANGUAGES)
    return [re.compile(text.replace("<date>", r"(?P<date>\S+)")) for text in texts]
