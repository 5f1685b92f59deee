"""What a stock means: cover, value, risk, opportunity, overstock, target."""

from __future__ import annotations

import numpy as np

from smile_xl import arguments as given
from smile_xl import core
from smile_xl.arguments import Months, Names, Option, PerItem, Result


def SMILE_WEEKSCOVER(stock: Months, demand: Months, method: Option = "exact") -> Result:
    """Weeks that a stock lasts.

    Parameters
    ----------
    stock : months
        Stock in t: one cell per item, or a row with the stock at the start of each month; negative counts as 0.
    demand : months
        Forecast demand in t per month, from the month in which the (first) stock opens on, one row per item.
    method : "exact" or "average", optional
        "exact" (default): month by month until the stock is used up. "average": stock over the mean demand of 7 months.

    Notes
    -----
    exact: at most 4.25 weeks per month of demand given; a month without demand counts 4.25 weeks.
    average: stock / (sum of the first 7 months / 7) * 4.25; #N/A (no demand) where these have none.

    Examples
    --------
    >>> SMILE_WEEKSCOVER(100, [25, 30, 10, 40, 90]) / 4.25
    3.875
    """
    rows = given.block("demand", demand)
    stocks = given.block("stock", stock)
    if np.ndim(stock) == 1 and np.ndim(demand) > 1 and stocks.size == len(rows):
        stocks = stocks.T  # a flat list of one stock per item
    if given.option("method", method, ("exact", "average")) == "average":
        weeks = core.average_cover(stocks, rows)
    else:
        weeks, _ = core.exact_cover(stocks, rows)
    if stocks.shape[1] == 1 and np.ndim(stock) == 0:
        return given.shown_per_item(weeks, demand)
    return given.shown(weeks, stock, demand)


def SMILE_PROJECTION(closing: Months, pipeline: Months, unit_cost: PerItem, landed_cost: PerItem) -> Result:
    """Value of the stock at the end of each month: stock on hand at unit cost, in transit at landed cost.

    Parameters
    ----------
    closing : months
        Closing stock in t, one row per item; a shortage is worth 0.
    pipeline : months
        Stock in transit in t, for the same months.
    unit_cost : number per item
        Cost of stock on hand, per t: one number, or a column with one per item.
    landed_cost : number per item
        Cost of stock in transit at the warehouse (goods, freight, tax, insurance), per t.

    Notes
    -----
    P[i] = max(C[i], 0) * u + T[i] * l, not rounded.

    Examples
    --------
    >>> SMILE_PROJECTION([10, -5], [4, 4], 1000, 1200)
    array([14800.,  4800.])
    """
    stock = given.block("closing", closing)
    items = len(stock)
    value = core.projected_value(
        stock,
        given.block("pipeline", pipeline),
        given.per_item("unit_cost", unit_cost, items),
        given.per_item("landed_cost", landed_cost, items),
    )
    return given.shown(value, closing, pipeline)


def SMILE_RISK(closing: Months) -> Result:
    """Shortage in tonnes: what a negative closing stock lacks, else 0.

    Parameters
    ----------
    closing : months
        Closing stock in t.

    Notes
    -----
    risk[i] = -min(C[i], 0).

    Examples
    --------
    >>> SMILE_RISK([5, -3])
    array([0., 3.])
    """
    return given.shown(core.shortage_risk(given.block("closing", closing)), closing)


def SMILE_OPPORTUNITY(closing: Months) -> Result:
    """Stock in tonnes that could cover another item's shortage: a positive closing stock, else 0.

    Parameters
    ----------
    closing : months
        Closing stock in t.

    Notes
    -----
    opportunity[i] = max(C[i], 0).

    Examples
    --------
    >>> SMILE_OPPORTUNITY([5, -3])
    array([5., 0.])
    """
    return given.shown(core.opportunity(given.block("closing", closing)), closing)


def SMILE_OVERSTOCK(closing: Months, demand: Months, weeks_cover: PerItem) -> Result:
    """Closing stock above the demand of the wanted cover and one month, in tonnes.

    Parameters
    ----------
    closing : months
        Closing stock in t, from the current month on, one row per item.
    demand : months
        Forecast demand in t per month, from the current month on: as many months, or more.
    weeks_cover : number per item
        Wanted weeks of safety cover: one number, or a column with one per item.

    Notes
    -----
    max(0, C[i] - demand of the (nc + 4.25) weeks after month i), counted as in the exact safety stock.

    Examples
    --------
    >>> SMILE_OVERSTOCK([100, 30], [20, 20], 4.25)
    array([60.,  0.])
    """
    stock = given.block("closing", closing)
    weeks = given.per_item("weeks_cover", weeks_cover, len(stock))
    return given.shown(core.overstock(stock, given.block("demand", demand), weeks), closing, demand)


def SMILE_TARGET(target: PerItem, demand: Months, unit: Names = "weeks", unit_cost: PerItem = None) -> Result:
    """Stock target in tonnes, from a target in weeks, tonnes or cash.

    Parameters
    ----------
    target : number per item
        What to hold, zero or more, in weeks, t or money: one number, or a column with one per item.
    demand : months
        Forecast demand in t per month, one row per item, from the month that the stock opens; give all months that you
        have.
    unit : text per item, optional
        weeks, tonnes or cash; weeks by default. One text, or a column with one per item.
    unit_cost : number per item, optional
        Cost of the stock on hand per t, for targets in cash: one number, or a column with one per item.

    Notes
    -----
    weeks: the demand of so many weeks from the first month on (4.25 weeks a month), months beyond the demand as the
    mean of the first 12, so that SMILE_WEEKSCOVER of the result is the target; tonnes: the target; cash: target /
    unit cost.

    Examples
    --------
    >>> SMILE_TARGET(6, [100, 170, 0])
    170.0
    """
    block = given.block("demand", demand)
    units = given.options("unit", unit, core.TARGET_UNITS, len(block))
    cost = given.per_item("unit_cost", unit_cost, len(block))
    wanted = given.per_item("target", target, len(block))
    if any(one == "cash" and price == 0 for one, price in zip(units, cost.tolist(), strict=True)):
        raise core.DomainError("unit_cost is 0 or left out, a target in cash needs it")
    return given.shown_per_item(core.stock_target(wanted, units, block, cost)[:, :1], demand)
