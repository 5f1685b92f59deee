"""Availability: weeks of cover by brand, for a country that the reader chooses and for all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smile_xl.core import AVAILABILITY_MONTHS, HORIZON, WEEKS_PER_MONTH
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import address
from smile_xl.planning.grouping import group
from smile_xl.planning.months import month_name
from smile_xl.reports.page import Block, Chart, Column, Computed, Kind, Mark, Page, Role, Rule, Series
from smile_xl.reports.parts import header, make_page, month_columns, own, said
from smile_xl.reports.stamp import Stamp

AMBER_WEEKS = 1.0
"""A cover that is less than this above its target is amber."""

LABELS = 3
"""Columns before the months: country, brand, target."""

COVERS = (
    ("opening_exact", "opening", "exact"),
    ("opening_average", "opening", "average"),
    ("pipeline_exact", "opening+pipeline", "exact"),
    ("pipeline_average", "opening+pipeline", "average"),
)


def availability(cycle: Cycle, stamp: Stamp) -> Page:
    """Weeks of cover by brand, for two stocks and two methods, and each brand's share of the imports.

    On top, one country that the reader chooses from a list, in formulas of plain Excel over the tables below.
    """
    rows = tidy.availability(cycle)
    tables = [_cover_block(cycle, rows, *cover) for cover in COVERS]
    longest = int(cycle.inputs.portfolio.pipeline_months.max(initial=0))
    lines = [said(cycle, "availability.unit", amber=f"{AMBER_WEEKS:g}")]
    if AVAILABILITY_MONTHS + longest > HORIZON:
        tail = cycle.inputs.months[max(HORIZON - longest, 0)]
        lines.append(said(cycle, "availability.tail", month=month_name(tail, cycle.inputs.settings.language)))
    countries = sorted(set(cycle.inputs.items["country"]))
    choice = Block(
        [header(cycle, "country"), Column(said(cycle, "availability.choose"), "text", True, countries)],
        [[None, countries[0]]],
    )
    most = max(sum(row[0] == country for row in tables[0].rows) for country in countries)
    views = [_view(cycle, table, most) for table in tables]
    page = make_page(cycle, stamp, "availability", lines, [choice, *views, *tables], labels=LABELS)
    tops = [page.first_row(1 + len(views) + place) for place in range(len(tables))]
    chosen = address(page.first_row(), 1)
    views = [_filled(cycle, view, table, top, chosen) for view, table, top in zip(views, tables, tops, strict=True)]
    blocks = [choice, *views, *tables, _imports_block(cycle)]
    chart = _chart(cycle, page.first_row(1), most)
    return make_page(cycle, stamp, "availability", lines, blocks, labels=LABELS, charts=[chart])


def _view(cycle: Cycle, table: Block, most: int) -> Block:
    """An empty view of a table: as many rows as the country with the most brands has."""
    columns = [header(cycle, "country"), header(cycle, "brand"), header(cycle, "target", "weeks")]
    columns += month_columns(cycle, AVAILABILITY_MONTHS, "weeks")
    return Block(columns, [[None] * len(columns)] * most, table.title)


def _filled(cycle: Cycle, view: Block, table: Block, top: int, chosen: str) -> Block:
    """The view of the chosen country: its rows of the table below, which stand together."""
    pinned = "$" + chosen[0] + "$" + chosen[1:]
    names = _span(top, 0, len(table.rows))
    country = table.rows[0][0]
    own_rows = [row for row in table.rows if row[0] == country]
    rows: list[list[object]] = []
    for place in range(len(view.rows)):
        line: list[object] = []
        for column in range(len(view.columns)):
            cells = _span(top, column, len(table.rows))
            value = own_rows[place][column] if place < len(own_rows) else None
            now = value if isinstance(value, float | str) else ""
            found = f"INDEX({cells},MATCH({pinned},{names},0)+{place})"
            shown = f'IF({found}="","",{found})'
            line.append(Computed(f'IF({place + 1}>COUNTIF({names},{pinned}),"",{shown})', now))
        rows.append(line)
    return Block(view.columns, rows, view.title, rules=_rules(cycle, len(view.rows)))


def _rules(cycle: Cycle, count: int) -> list[Rule]:
    """Red under the target, amber just above it, "at least" where all the demand given is covered; {cell}, {target}."""
    rules = []
    for month in range(AVAILABILITY_MONTHS):
        most = (len(cycle.inputs.months) - month) * WEEKS_PER_MONTH
        capped = f"AND(ISNUMBER({{cell}}),{{cell}}>={most:g})"
        under = "AND(ISNUMBER({cell}),ISNUMBER({target}),{cell}<{target})"
        close = f"AND(ISNUMBER({{cell}}),ISNUMBER({{target}}),{{cell}}>={{target}},{{cell}}<{{target}}+{AMBER_WEEKS:g})"
        place = (0, LABELS + month, count, 1)
        rules += [Rule(*place, capped, "capped"), Rule(*place, under, "risk"), Rule(*place, close, "warning")]
    return rules


def _span(top: int, column: int, rows: int) -> str:
    letters = address(0, column)[:-1]
    return f"${letters}${top + 1}:${letters}${top + rows}"


def _chart(cycle: Cycle, top: int, most: int) -> Chart:
    """Cover of the chosen country's brands this month against their targets."""
    brands = (top, 1, top + most - 1, 1)
    month = cycle.inputs.months[0]
    return Chart(
        said(cycle, "availability.chart", month=month_name(month, cycle.inputs.settings.language)),
        said(cycle, "availability.weeks"),
        [
            Series(said(cycle, "availability.opening_exact"), brands, (top, LABELS, top + most - 1, LABELS)),
            Series(header(cycle, "target").header, brands, (top, 2, top + most - 1, 2), line=True),  # type: ignore[arg-type]
        ],
        row=top - 2,
        column=LABELS + AVAILABILITY_MONTHS + 1,
        width=460,
        height=320,
    )


_MARKS: dict[tuple[bool, bool, bool], Mark | None] = {
    (True, False, False): "risk",
    (True, False, True): "risk_capped",
    (False, True, False): "warning",
    (False, True, True): "warning_capped",
    (False, False, True): "capped",
    (False, False, False): None,
}
"""Mark of a cover by: at risk, just above the target, at least."""


def _cover_block(cycle: Cycle, rows: pd.DataFrame, title: str, stock: str, method: str) -> Block:
    chosen = rows[(rows["stock"] == stock) & (rows["method"] == method)]
    columns = [header(cycle, "country"), header(cycle, "brand"), header(cycle, "target", "weeks")]
    columns += month_columns(cycle, AVAILABILITY_MONTHS, "weeks")
    shape = (-1, AVAILABILITY_MONTHS)
    weeks = chosen["weeks"].to_numpy().reshape(shape)
    capped = chosen["capped"].to_numpy().reshape(shape)
    at_risk = chosen["at_risk"].to_numpy().reshape(shape)
    labels = chosen[["country", "brand", "target"]].to_numpy()[::AVAILABILITY_MONTHS]
    nothing = said(cycle, "no_demand")
    brands = group(cycle.inputs.items, ("country", "brand"))
    silent = np.isnan(weeks) | (tidy.demand_ahead(brands.sum(cycle.inputs.portfolio.demand)) == 0)
    values = []
    marks: dict[tuple[int, int], Mark] = {}
    for row, (country, brand, target) in enumerate(labels):
        covers = [nothing if none else float(cover) for cover, none in zip(weeks[row], silent[row], strict=True)]
        values.append([country, brand, None if np.isnan(target) else float(target), *covers])
        for month in range(AVAILABILITY_MONTHS):
            if silent[row, month]:
                continue
            amber = not at_risk[row, month] and weeks[row, month] < target + AMBER_WEEKS
            mark = _MARKS[bool(at_risk[row, month]), bool(amber), bool(capped[row, month])]
            if mark:
                marks[row, LABELS + month] = mark
    return Block(columns, values, said(cycle, f"availability.{title}"), marks=marks)


def _imports_block(cycle: Cycle) -> Block:
    rows = tidy.imports(cycle)
    columns = [header(cycle, "country"), header(cycle, "brand"), Column("", "text")]
    kinds: list[tuple[str, Kind]] = [
        ("tonnes", "tonnes"),
        ("share_tonnes", "share"),
        ("cash", "cash"),
        ("share_cash", "share"),
    ]
    columns += [own(cycle, name, kind) for name, kind in kinds]
    values: list[list[object]] = []
    roles: dict[int, Role] = {}
    for country, part in rows.groupby("country", sort=True):
        for line in part.itertuples(index=False):
            values.append([country, line.brand, None, line.tonnes, line.share_tonnes, line.cash, line.share_cash])
        totals = part[["tonnes", "share_tonnes", "cash", "share_cash"]].sum().tolist()
        roles[len(values)] = "subtotal"
        values.append([country, said(cycle, "total"), None, *totals])
    return Block(columns, values, said(cycle, "availability.imports"), roles=roles)
