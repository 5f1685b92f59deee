"""What is written per item: the plan in the columns of the archive, and the tidy rows of the reports by item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from smile_xl.books.archive.columns import TEXTS, month_names
from smile_xl.books.dataset.arrow import texts_of
from smile_xl.books.dataset.job import Setting
from smile_xl.books.dataset.reading import Batch
from smile_xl.core import PROJECTION_MONTHS, Plan, Portfolio, projected_value
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import Grid
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.measured import read_measured
from smile_xl.planning.rules import BUILT_IN_COUNTRIES, BUILT_IN_STATUSES
from smile_xl.planning.scenarios import Labels
from smile_xl.planning.srm import SrmSheet
from smile_xl.planning.steering.tables import read_steering
from smile_xl.planning.tables import Month, Notebook, Table


def plan_rows(batch: Batch, plan: Plan) -> pa.Table:
    """One row per item in the order of the file: safety, orders, closing, pipeline of 12 months, value of 10."""
    columns: dict[str, pa.Array] = {"country": _texts(batch, "country"), "sap_code": batch.codes.cast(pa.string())}
    months = slice(None, PROJECTION_MONTHS)
    value = projected_value(
        plan.closing[:, months], plan.pipeline[:, months], batch.case.unit_cost, batch.case.landed_cost
    )
    for name, block in (*vars(plan).items(), ("value", value)):
        for month, column in enumerate(month_names(name, block.shape[1])):
            columns[column] = pa.array(batch.in_file_order(block[:, month]))
    return pa.table(columns)


def _texts(batch: Batch, name: str) -> pa.Array:
    labels = batch.labels[name]
    return texts_of(Labels(labels.names, batch.in_file_order(np.asarray(labels.places))))


def report_rows(batch: Batch, plan: Plan, setting: Setting, reports: Sequence[str]) -> dict[str, pa.Table]:
    """Reports by item, in the order of the file, from the functions that a workbook's reports come from."""
    cycle = _cycle(batch, plan, setting)
    return {name: pa.Table.from_pandas(tidy.REPORTS[name](cycle), preserve_index=False) for name in reports}


def _cycle(batch: Batch, plan: Plan, setting: Setting) -> Cycle:
    case, order = batch.case, batch.in_file_order
    names = {name: _texts(batch, name).to_pylist() for name in TEXTS if name in batch.labels}
    blank = [""] * len(batch.codes)
    items = pd.DataFrame({name: names.get(name, blank) for name in TEXTS}, dtype=object)
    items["sap_code"] = batch.codes.to_pylist()
    portfolio = Portfolio(**{name: order(values) for name, values in vars(case.portfolio).items()})
    items = items.assign(weeks_cover=portfolio.weeks_cover, net_case_weight=np.nan)
    policies = {item: "average" if flag else "exact" for item, flag in enumerate(order(case.average).tolist())}
    inputs = Inputs(
        settings=setting.settings,
        months=list(setting.months),
        items=items,
        portfolio=portfolio,
        unit_cost=order(case.unit_cost),
        landed_cost=order(case.landed_cost),
        countries=BUILT_IN_COUNTRIES,
        statuses=BUILT_IN_STATUSES,
        targets={},
        opportunities=[],
        srm=_sheet(portfolio, setting.months),
        opportunity_table=None,
        measured=read_measured(None, None, Notebook(), items),
        steering=read_steering(
            lambda _: None, Notebook(), items, BUILT_IN_COUNTRIES, setting.months[0], portfolio.opening
        ),
        policies=policies,
    )
    return Cycle(inputs, Plan(**{name: order(values) for name, values in vars(plan).items()}), [])


def _sheet(portfolio: Portfolio, months: Sequence[Month]) -> SrmSheet:
    """A sheet that nobody typed: the reports by item do not look at it."""
    return SrmSheet(
        table=Table(Grid("", ()), 0, {}, []),
        months=list(months),
        demand=portfolio.demand,
        demand_columns=[],
        opening=portfolio.opening,
        opening_column=0,
        stock_columns={},
        transit=portfolio.transit,
        transit_columns=[],
        confirmed=portfolio.confirmed,
        confirmed_columns={},
        weeks_cover=portfolio.weeks_cover,
        moq=portfolio.moq,
        multiple=portfolio.multiple,
        net_case_weight=np.full(len(portfolio), np.nan),
        results={},
    )
