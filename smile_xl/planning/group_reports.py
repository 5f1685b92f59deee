"""The reports by group from the sums of a dataset, of the base and all scenarios at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from smile_xl.core import AVAILABILITY_MONTHS, DSR_MONTHS, PROJECTION_MONTHS
from smile_xl.core.checks import Array
from smile_xl.planning import group_rows
from smile_xl.planning.group_rows import Columns
from smile_xl.planning.group_sums import Figures

if TYPE_CHECKING:
    import pandas as pd


def used_of(rows: pd.DataFrame | None, keys: Sequence[tuple[str, str]]) -> Array:
    """Tonnes and cash of chosen opportunities by country and sub-category, shape (2, groups, 3).

    From a reconciliation of the items of the opportunities; None for no opportunity.
    """
    used = np.zeros((2, len(keys), DSR_MONTHS))
    if rows is not None:
        place = {key: number for number, key in enumerate(keys)}
        groups = [place[key] for key in zip(rows["country"], rows["sub_category"], strict=True)][::DSR_MONTHS]
        for values, name in zip(used, ("used_t", "used_cash"), strict=True):
            values[groups] = rows[name].to_numpy().reshape(-1, DSR_MONTHS)
    return used


def report_rows(
    figures: Figures,
    months: Sequence[str],
    *,
    targets: Mapping[tuple[str, str], float],
    used: Sequence[pd.DataFrame | None],
    currency: str,
) -> dict[str, Columns]:
    """The reports by group as tidy rows, of all cases one after the other; each case has as many rows.

    ``used`` is a reconciliation of the items of the chosen opportunities for each case.
    """
    cases = figures.cases
    brands, subs = figures.by(2), figures.by(1)
    brand_keys = [(country, brand) for country, _, brand in brands.keys]
    sub_keys = [(country, sub) for country, sub, _ in subs.keys]
    stock = brands.stacked("opening")
    covers = group_rows.availability_rows(
        months[:AVAILABILITY_MONTHS],
        brand_keys * cases,
        brands.stacked("demand"),
        (stock, stock + brands.stacked("pipeline")),
        targets,
    )
    used_t, used_cash = np.stack([used_of(one, sub_keys) for one in used], axis=1).reshape(2, -1, DSR_MONTHS)
    risk_t, risk_cash = subs.stacked("risk_t"), subs.stacked("risk_cash")
    columns = {
        "risk_t": risk_t,
        "opportunity_t": subs.stacked("opportunity_t"),
        "used_t": used_t,
        "net_t": risk_t - used_t,
        "risk_cash": risk_cash,
        "used_cash": used_cash,
        "net_cash": risk_cash - used_cash,
    }
    totals = [group_rows.with_totals(sub_keys, value) for value in subs["value"]]
    value = np.array([sums for _, sums in totals])
    projected = {"value": value.reshape(-1, PROJECTION_MONTHS)}
    tonnes, cash = (brands.stacked(name)[:, 0] for name in ("imported_t", "imported_cash"))
    net_risk = columns["net_cash"].reshape(cases, -1).sum(axis=1)
    at_risk = group_rows.at_risk_now(covers, cases)
    excess = figures["excess_cash"].sum(axis=(1, 2))
    return {
        "summary": group_rows.figure_rows(currency, value[:, -1], at_risk, net_risk, excess),
        "availability": covers,
        "imports": group_rows.import_rows(brand_keys * cases, tonnes, cash, cases),
        "dsr": group_rows.month_rows(months[:DSR_MONTHS], sub_keys * cases, columns),
        "projections": group_rows.month_rows(months[:PROJECTION_MONTHS], list(totals[0][0]) * cases, projected),
    }
