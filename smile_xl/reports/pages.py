"""The report pages, one function each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from smile_xl.core import AVAILABILITY_MONTHS, DSR_MONTHS, HORIZON, PROJECTION_MONTHS, weeks_above_target
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import group
from smile_xl.reports.page import Block, Column, Kind, Mark, Page, Role
from smile_xl.reports.stamp import Stamp, month_name

COVERS = (
    ("opening_exact", "opening", "exact"),
    ("opening_average", "opening", "average"),
    ("pipeline_exact", "opening+pipeline", "exact"),
    ("pipeline_average", "opening+pipeline", "average"),
)

TRACE = 1e-6
"""Tonnes or currency under which a risk is a trace of rounding, not worth a red cell."""


def availability(cycle: Cycle, stamp: Stamp) -> Page:
    """Weeks of cover by brand, for two stocks and two methods, and each brand's share of the imports."""
    rows = tidy.availability(cycle)
    blocks = [_cover_block(cycle, rows, *cover) for cover in COVERS]
    longest = int(cycle.inputs.portfolio.pipeline_months.max(initial=0))
    lines = [_say(cycle, "availability.unit")]
    if AVAILABILITY_MONTHS + longest > HORIZON:
        tail = cycle.inputs.months[max(HORIZON - longest, 0)]
        lines.append(_say(cycle, "availability.tail", month=month_name(tail, cycle.inputs.settings.language)))
    return _page(cycle, stamp, "availability", lines, [*blocks, _imports_block(cycle)], labels=3)


def _cover_block(cycle: Cycle, rows: pd.DataFrame, title: str, stock: str, method: str) -> Block:
    chosen = rows[(rows["stock"] == stock) & (rows["method"] == method)]
    columns = [_header(cycle, "country"), _header(cycle, "brand"), _header(cycle, "target", "weeks")]
    columns += _month_columns(cycle, AVAILABILITY_MONTHS, "weeks")
    shape = (-1, AVAILABILITY_MONTHS)
    weeks = chosen["weeks"].to_numpy().reshape(shape)
    capped = chosen["capped"].to_numpy().reshape(shape)
    at_risk = chosen["at_risk"].to_numpy().reshape(shape)
    labels = chosen[["country", "brand", "target"]].to_numpy()[::AVAILABILITY_MONTHS]
    nothing = _say(cycle, "no_demand")
    brands = group(cycle.inputs.items, ("country", "brand"))
    silent = np.isnan(weeks) | (tidy.demand_ahead(brands.sum(cycle.inputs.portfolio.demand)) == 0)
    values = []
    marks: dict[tuple[int, int], Mark] = {}
    for row, (country, brand, target) in enumerate(labels):
        covers = [nothing if none else float(cover) for cover, none in zip(weeks[row], silent[row], strict=True)]
        values.append([country, brand, None if np.isnan(target) else float(target), *covers])
        for month in range(AVAILABILITY_MONTHS):
            if at_risk[row, month]:
                marks[row, 3 + month] = "risk_capped" if capped[row, month] else "risk"
            elif capped[row, month] and not silent[row, month]:
                marks[row, 3 + month] = "capped"
    return Block(columns, values, _say(cycle, f"availability.{title}"), marks=marks)


def _imports_block(cycle: Cycle) -> Block:
    rows = tidy.imports(cycle)
    columns = [_header(cycle, "country"), _header(cycle, "brand"), Column("", "text")]
    kinds: list[tuple[str, Kind]] = [
        ("tonnes", "tonnes"),
        ("share_tonnes", "share"),
        ("cash", "cash"),
        ("share_cash", "share"),
    ]
    columns += [_own(cycle, name, kind) for name, kind in kinds]
    values: list[list[object]] = []
    roles: dict[int, Role] = {}
    for country, part in rows.groupby("country", sort=True):
        for line in part.itertuples(index=False):
            values.append([country, line.brand, None, line.tonnes, line.share_tonnes, line.cash, line.share_cash])
        totals = part[["tonnes", "share_tonnes", "cash", "share_cash"]].sum().tolist()
        roles[len(values)] = "subtotal"
        values.append([country, _say(cycle, "total"), None, *totals])
    return Block(columns, values, _say(cycle, "availability.imports"), roles=roles)


def dsr(cycle: Cycle, stamp: Stamp) -> Page:
    """Risks, opportunities and net risks for three months: by sub-category in tonnes and cash, and by item."""
    rows = tidy.dsr(cycle)
    sheet = say("headers.sheet.opportunities", cycle.inputs.settings.language)
    tonnes = [("risk", "risk_t"), ("opportunity", "opportunity_t"), ("used", "used_t"), ("net", "net_t")]
    cash = [("risk", "risk_cash"), ("used", "used_cash"), ("net", "net_cash")]
    blocks = [
        _dsr_block(cycle, rows, _say(cycle, "dsr.tonnes"), tonnes, "tonnes"),
        _dsr_block(cycle, rows, _say(cycle, "dsr.cash"), cash, "cash"),
        _dsr_items(cycle),
    ]
    return _page(cycle, stamp, "dsr", [_say(cycle, "dsr.unit", sheet=sheet)], blocks, labels=2)


def _dsr_block(cycle: Cycle, rows: pd.DataFrame, title: str, measures: Sequence[tuple[str, str]], kind: Kind) -> Block:
    columns = [_header(cycle, "country"), _header(cycle, "sub_category"), Column("", "text"), Column("", "text")]
    bands = []
    for month in range(DSR_MONTHS):
        first = len(columns)
        columns += [_own(cycle, name, kind) for name, _ in measures]
        bands.append((month_name(cycle.inputs.months[month], cycle.inputs.settings.language), first, len(columns) - 1))
    names = [name for _, name in measures]
    figures = rows[names].to_numpy().reshape(-1, DSR_MONTHS * len(names))
    keys = rows[["country", "sub_category"]].to_numpy()[::DSR_MONTHS]
    values: list[list[object]] = []
    roles: dict[int, Role] = {}
    marks: dict[tuple[int, int], Mark] = {}
    for country in dict.fromkeys(keys[:, 0]):
        places = np.flatnonzero(keys[:, 0] == country)
        for place in places:
            for month in range(DSR_MONTHS):
                net = (month + 1) * len(names) - 1
                if figures[place, net] > TRACE:
                    marks[len(values), 4 + net] = "risk"
            values.append([country, keys[place, 1], None, None, *figures[place].tolist()])
        roles[len(values)] = "subtotal"
        values.append([country, _say(cycle, "total"), None, None, *figures[places].sum(axis=0).tolist()])
    roles[len(values)] = "total"
    values.append([_say(cycle, "grand_total"), _say(cycle, "total"), None, None, *figures.sum(axis=0).tolist()])
    return Block(columns, values, title, bands, roles, marks)


def _dsr_items(cycle: Cycle) -> Block:
    inputs = cycle.inputs
    labels = ("country", "sub_category", "sap_code", "description")
    columns = [_header(cycle, name) for name in labels]
    bands = []
    for name in ("gross", "demand", "potential", "chosen"):
        bands.append((_say(cycle, f"dsr.{name}"), len(columns), len(columns) + DSR_MONTHS - 1))
        columns += _month_columns(cycle, DSR_MONTHS, "tonnes")
    closing = cycle.plan.closing[:, :DSR_MONTHS]
    chosen = tidy.used_opportunities(cycle)
    for line in inputs.opportunities:
        chosen[line.donor, line.month] -= line.tonnes
    figures = np.hstack(
        (np.maximum(-closing, 0.0), inputs.portfolio.demand[:, :DSR_MONTHS], np.maximum(closing, 0.0), chosen)
    )
    order = inputs.items.sort_values(list(labels[:3]), kind="stable").index.to_numpy()
    texts = inputs.items[list(labels)].to_numpy()
    values = [[*texts[item].tolist(), *figures[item].tolist()] for item in order]
    open_risk = closing + np.maximum(chosen, 0.0) < -TRACE
    marks: dict[tuple[int, int], Mark] = {
        (row, 4 + month): "risk" for row, item in enumerate(order) for month in np.flatnonzero(open_risk[item]).tolist()
    }
    return Block(columns, values, _say(cycle, "dsr.items"), bands, marks=marks)


def projections(cycle: Cycle, stamp: Stamp) -> Page:
    """Value of the stock for ten months, with totals."""
    rows = tidy.projections(cycle)
    columns = [_header(cycle, "country"), _header(cycle, "sub_category")]
    columns += _month_columns(cycle, PROJECTION_MONTHS, "cash")
    figures = rows["value"].to_numpy().reshape(-1, PROJECTION_MONTHS)
    keys = rows[["country", "sub_category"]].to_numpy()[::PROJECTION_MONTHS]
    roles: dict[int, Role] = {
        row: "subtotal" for row, (_, sub_category) in enumerate(keys) if sub_category == tidy.TOTAL
    }
    roles[len(keys) - 1] = "total"
    names = {tidy.TOTAL: _say(cycle, "total"), tidy.ALL_COUNTRIES: _say(cycle, "grand_total")}
    values = [
        [*(names.get(text, text) for text in key), *line]
        for key, line in zip(keys.tolist(), figures.tolist(), strict=True)
    ]
    block = Block(columns, values, _say(cycle, "projections.value"), roles=roles)
    return _page(cycle, stamp, "projections", [_say(cycle, "projections.unit")], [block], labels=2)


def overstock(cycle: Cycle, stamp: Stamp) -> Page:
    """Overstock and residuals: by country, sub-category and brand, by item, and stock without forecast."""
    rate = f"{cycle.inputs.settings.carrying_rate:.0%}"
    excess = _excess(cycle)
    month = month_name(cycle.inputs.months[0], cycle.inputs.settings.language)
    silent = excess[excess["reason"] == "no demand"]
    others = excess[(excess["reason"] != "no demand") & (excess["reason"] != "")]
    blocks = [
        _overstock_groups(cycle, excess, _say(cycle, "overstock.groups", month=month)),
        _overstock_items(cycle, others, _say(cycle, "overstock.items", month=month)),
        _overstock_items(cycle, silent, _say(cycle, "overstock.silent")),
    ]
    return _page(cycle, stamp, "overstock", [_say(cycle, "overstock.unit", rate=rate)], blocks, labels=2)


def _excess(cycle: Cycle) -> pd.DataFrame:
    """One row per item: overstock of the first month, residual, and the excess, which counts neither twice."""
    rows = tidy.overstocks(cycle).iloc[::HORIZON]
    portfolio = cycle.inputs.portfolio
    above = weeks_above_target(cycle.plan.closing[:, :1], portfolio.demand, portfolio.weeks_cover)[:, 0]
    tonnes = tidy.overstocks(cycle)["overstock_t"].to_numpy().reshape(-1, HORIZON)
    excess = cycle.inputs.items[["country", "sap_code", "description", "status", "sub_category", "brand"]].copy()
    for name in ("overstock_t", "overstock_cash", "residual_t", "residual_cash", "reason"):
        excess[name] = rows[name].to_numpy()
    excess["weeks_above"] = above
    excess["excess_cash"] = np.where(excess["residual_t"] > 0, excess["residual_cash"], excess["overstock_cash"])
    excess["carrying"] = excess["excess_cash"] * cycle.inputs.settings.carrying_rate
    excess["path"] = list(tonnes.tolist())
    later = (excess["reason"].to_numpy() == "") & (tonnes > 0).any(axis=1)
    excess["reason"] = np.where(later, "overstock", excess["reason"])
    return excess.sort_values(["excess_cash", "country", "sap_code"], ascending=[False, True, True], kind="stable")


def _overstock_groups(cycle: Cycle, excess: pd.DataFrame, title: str) -> Block:
    columns = [_header(cycle, name) for name in ("country", "sub_category", "brand")]
    measures = ("overstock_cash", "residual_cash", "no_demand_cash", "excess_cash", "carrying")
    columns += [_own(cycle, name, "cash") for name in measures]
    groups = group(excess, ("country", "sub_category", "brand"))
    cash, reason = excess["excess_cash"].to_numpy(), excess["reason"].to_numpy()
    split = [np.where(reason == name, cash, 0.0) for name in ("overstock", "residual", "no demand")]
    figures = np.column_stack([groups.sum(part) for part in (*split, cash, excess["carrying"].to_numpy())])
    found = np.flatnonzero(figures[:, 3] > 0).tolist()
    order = sorted(found, key=lambda place: (-figures[place, 3], groups.keys[place]))
    values: list[list[object]] = [[*groups.keys[place], *figures[place].tolist()] for place in order]
    values.append([_say(cycle, "grand_total"), _say(cycle, "total"), None, *figures.sum(axis=0).tolist()])
    return Block(columns, values, title, roles={len(values) - 1: "total"})


def _overstock_items(cycle: Cycle, excess: pd.DataFrame, title: str) -> Block:
    texts = ("country", "sap_code", "description", "status", "sub_category", "brand")
    columns = [_header(cycle, name) for name in texts] + [_own(cycle, "reason", "text")]
    kinds: list[tuple[str, Kind]] = [
        ("overstock_t", "tonnes"),
        ("weeks_above", "weeks"),
        ("overstock_cash", "cash"),
        ("residual_t", "tonnes"),
        ("residual_cash", "cash"),
        ("carrying", "cash"),
    ]
    columns += [_own(cycle, name, kind) for name, kind in kinds]
    band = (_say(cycle, "overstock.path"), len(columns), len(columns) + HORIZON - 1)
    columns += _month_columns(cycle, HORIZON, "tonnes")
    nothing = _say(cycle, "no_demand")
    values: list[list[object]] = []
    for line in excess[[*texts, "reason", *(name for name, _ in kinds), "path"]].itertuples(index=False, name=None):
        *cells, path = line
        cells[6] = _say(cycle, f"reason.{cells[6].replace(' ', '_')}")
        values.append([*(nothing if cell == np.inf else cell for cell in cells), *path])
    roles: dict[int, Role] = {}
    if values:
        sums = excess[[name for name, _ in kinds]].sum()
        path = np.sum(excess["path"].tolist(), axis=0).tolist()
        totals = [None if name == "weeks_above" else float(sums[name]) for name, _ in kinds]
        roles[len(values)] = "total"
        values.append([_say(cycle, "grand_total"), *[None] * 6, *totals, *path])
    else:
        values.append([_say(cycle, "overstock.none")])
    return Block(columns, values, title, [band], roles)


def checks(cycle: Cycle, stamp: Stamp) -> Page:
    """What the checks of the inputs found."""
    spoken = cycle.inputs.settings.language
    count = Counter(finding.severity for finding in cycle.findings)
    line = _say(cycle, "checks.unit", errors=count["error"], warnings=count["warning"], notes=count["info"])
    columns = [_own(cycle, name, "text") for name in ("severity", "sheet", "cell")]
    columns += [_own(cycle, name, "long_text") for name in ("finding", "action")]
    values: list[list[object]] = [
        [
            say(f"findings.severity.{one.severity}", spoken),
            one.sheet,
            one.cell,
            one.text(spoken),
            one.action(spoken),
        ]
        for one in cycle.findings
    ]
    marks: dict[tuple[int, int], Mark] = {
        (row, 0): "warning" for row, one in enumerate(cycle.findings) if one.severity == "warning"
    }
    block = Block(columns, values or [[_say(cycle, "checks.none")]], _say(cycle, "checks.block"), marks=marks)
    return _page(cycle, stamp, "checks", [line], [block], labels=3)


PAGES: dict[str, Callable[[Cycle, Stamp], Page]] = {
    "availability": availability,
    "dsr": dsr,
    "projections": projections,
    "overstock": overstock,
    "checks": checks,
}
"""The pages that a refresh writes, by the name of their report."""


def _page(cycle: Cycle, stamp: Stamp, key: str, lines: Sequence[str], blocks: Sequence[Block], *, labels: int) -> Page:
    spoken = cycle.inputs.settings.language
    sheet = say(f"headers.sheet.{key}", spoken)
    return Page(sheet, _say(cycle, f"{key}.title"), [*lines, stamp.line(cycle)], blocks, spoken, labels)


def _say(cycle: Cycle, key: str, **values: object) -> str:
    settings = cycle.inputs.settings
    text = say(f"reports.{key}", settings.language)
    return text.format(currency=settings.currency, **values) if "{" in text else text


def _header(cycle: Cycle, name: str, kind: Kind = "text") -> Column:
    """A column that the input tables have as well."""
    if name == "description" and kind == "text":
        kind = "long_text"
    return Column(say(f"headers.column.{name}", cycle.inputs.settings.language), kind)


def _own(cycle: Cycle, name: str, kind: Kind) -> Column:
    """A column that only reports have."""
    return Column(_say(cycle, f"column.{name}"), kind)


def _month_columns(cycle: Cycle, count: int, kind: Kind) -> list[Column]:
    return [Column(month, kind) for month in cycle.inputs.months[:count]]
