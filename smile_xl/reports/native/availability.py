"""Weeks of cover by brand in native formulas."""

from __future__ import annotations

import numpy as np

from smile_xl.core import AVAILABILITY_MONTHS, WEEKS_PER_MONTH
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import group
from smile_xl.planning.steering.targets import brand_targets
from smile_xl.reports.native.items import BRAND, group_list, rules_of_all
from smile_xl.reports.native.parts import NOISE, NativeSheet, Part, told
from smile_xl.reports.native.references import Inputs
from smile_xl.reports.parts import said

_W = f"{WEEKS_PER_MONTH:g}"
_COVERS = (
    ("opening_exact", "opening", "exact"),
    ("opening_average", "opening", "average"),
    ("pipeline_exact", "opening+pipeline", "exact"),
    ("pipeline_average", "opening+pipeline", "average"),
)
"""Each cover with its stock and its method."""


def availability_sheet(cycle: Cycle, inputs: Inputs, items: NativeSheet) -> NativeSheet:
    """The sheet of the brands, one on each row."""
    given = cycle.inputs
    months, seven = given.months, given.months[:AVAILABILITY_MONTHS]
    parts = [
        Part("policy", [told(cycle, "rule.policy")], "weeks"),
        Part("target", [told(cycle, "rule.target")], "weeks"),
        Part("demand", months, "tonnes"),
        Part("mean7", [told(cycle, "rule.mean7")], "tonnes"),
        Part("cumulated", months, "tonnes"),
        Part("ahead", seven, "tonnes"),
        Part("stock", seven, "tonnes"),
        Part("transit", seven, "tonnes"),
        *(Part(name, seven, "weeks", compared=True) for name, _, _ in _COVERS),
        Part("below", [told(cycle, f"below.{name}") for name, _, _ in _COVERS], "whole", compared=True),
    ]
    sheet = group_list(cycle, BRAND, parts)
    _fill_sums(cycle, inputs, items, sheet)
    rows = tidy.availability(cycle)
    below = []
    for name, stock, method in _COVERS:
        chosen = rows[(rows["stock"] == stock) & (rows["method"] == method)]
        shape = (-1, AVAILABILITY_MONTHS)
        weeks = chosen["weeks"].to_numpy().reshape(shape).T.tolist()
        nothing = said(cycle, "no_demand")
        stocks = [_stock(sheet, stock, month) for month in range(len(seven))]
        if method == "exact":
            formulas = [_exact(sheet, one, month, inputs.months - 1) for month, one in enumerate(stocks)]
        else:
            formulas = [_average(sheet, one, nothing) for one in stocks]
        sheet.fill(name, formulas, [[nothing if np.isnan(one) else one for one in column] for column in weeks])
        below.append(chosen["at_risk"].to_numpy().reshape(shape).sum(axis=1).astype(float).tolist())
    sheet.fill("below", [_below(sheet, name) for name, _, _ in _COVERS], below)
    return sheet


def _fill_sums(cycle: Cycle, inputs: Inputs, items: NativeSheet, sheet: NativeSheet) -> None:
    """Target, demand and stock of the brand: sums over the items that bear its number."""
    given = cycle.inputs
    brands = group(given.items, BRAND)
    demand = brands.sum(given.portfolio.demand)
    opening, both = tidy.start_stocks(cycle, brands)
    months, seven = range(inputs.months), range(AVAILABILITY_MONTHS)
    of_brand = f"{rules_of_all(items, 'brand')},{sheet.cell('group', 2)}"

    country, brand, weeks = (inputs.table("targets", column) for column in range(3))
    mine = f"EXACT({country},{sheet.cell('group', 0)})*EXACT({brand},{sheet.cell('group', 1)})"
    wanted = brand_targets(given, brands)
    names = [(country, brand) for country, brand in brands.keys]
    sheet.fill("policy", [""], [[None if name in given.targets else wanted.get(name) for name in names]])
    typed = sheet.cell("policy")
    targets = [wanted.get(name, "") for name in names]
    named = f"SUMPRODUCT({mine})"
    either = f"IF({named}=0,{typed},SUMPRODUCT({mine},{weeks}))"
    sheet.fill("target", [f'IF({named}+ISNUMBER({typed})=0,"",{either})'], [targets])
    sheet.fill("demand", [f"SUMIF({of_brand},{inputs.demands_of_all(month)})" for month in months], demand.T.tolist())
    mean = demand[:, :AVAILABILITY_MONTHS].sum(axis=1) / AVAILABILITY_MONTHS
    first = sheet.cells("demand", 0, AVAILABILITY_MONTHS - 1)
    sheet.fill("mean7", [f"SUM({first})/{AVAILABILITY_MONTHS}"], [mean.tolist()])
    so_far = [f"SUM({sheet.cells('demand', 0, month)})" for month in months]
    sheet.fill("cumulated", so_far, np.cumsum(demand, axis=1).T.tolist())
    ahead = [f"SUM({sheet.cells('demand', month, inputs.months - 1)})" for month in seven]
    sheet.fill("ahead", ahead, tidy.demand_ahead(demand).T.tolist())

    def positive(stock: str) -> str:
        return f'SUMIFS({stock},{of_brand},{stock},">0")'

    stocks = [positive(items.column("closing", month - 1) if month else inputs.openings()) for month in seven]
    sheet.fill("stock", stocks, opening.T.tolist())
    transit = [f"SUMIF({of_brand},{items.column('pipeline', month)})" for month in seven]
    sheet.fill("transit", transit, (both - opening).T.tolist())


def _stock(sheet: NativeSheet, stock: str, month: int) -> str:
    opening = sheet.cell("stock", month)
    return opening if stock == "opening" else f"({opening}+{sheet.cell('transit', month)})"


def _average(sheet: NativeSheet, stock: str, nothing: str) -> str:
    """Stock over the mean demand of the first seven months, in weeks."""
    mean = sheet.cell("mean7")
    return f'IF({mean}=0,"{nothing}",ROUND({stock}/{mean}*{_W},12))'


def _exact(sheet: NativeSheet, stock: str, month: int, last: int) -> str:
    """Each month that the stock covers whole is 4.25 weeks, the one in which it ends a part of them.

    A month is covered whole if the stock is at least the demand up to its end (but for noise), and in part if it is
    more than the demand up to its start.
    """
    demand = sheet.cells("demand", month, last)
    before = f"-{sheet.cell('cumulated', month - 1)}" if month else ""
    so_far = f"({sheet.cells('cumulated', month, last)}{before})"
    whole = f"({stock}>={so_far}*(1-{NOISE}))"
    part = f"({stock}<{so_far}*(1-{NOISE}))*({stock}>{so_far}-{demand})*({stock}-{so_far}+{demand})"
    return f"ROUND({_W}*SUMPRODUCT({whole}+{part}/({demand}+({demand}=0))),12)"


def _below(sheet: NativeSheet, name: str) -> str:
    """Months whose cover is under the target and that have demand ahead."""
    covers, target = sheet.cells(name, 0, AVAILABILITY_MONTHS - 1), sheet.cell("target")
    ahead = sheet.cells("ahead", 0, AVAILABILITY_MONTHS - 1)
    return f'IF({target}="",0,SUMPRODUCT(({covers}<{target})*({ahead}>0)))'
