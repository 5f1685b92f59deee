"""Indicators of the S&OP: forecast error and bias, turns, deliveries on time and in full."""

from __future__ import annotations

import numpy as np

from smile_xl import arguments as given
from smile_xl import core
from smile_xl.arguments import Months, MonthsOrBlank, Option, Result


def SMILE_WMAPE(actual: MonthsOrBlank, forecast: MonthsOrBlank) -> Result:
    """Forecast error: what the forecast missed, over or under, as a share of the actual demand.

    Parameters
    ----------
    actual : months or blank
        Actual demand in t per month, one row per item; a month with a blank does not count.
    forecast : months or blank
        Forecast demand of the same months, as it was given for them; a month with a blank does not count.

    Notes
    -----
    sum |actual - forecast| / sum actual. Months without demand count with what was forecast for them.

    Examples
    --------
    >>> round(SMILE_WMAPE([1000, 10], [950, 25]), 4)
    0.0644
    """
    wanted = (given.block(name, value, blank=np.nan) for name, value in (("actual", actual), ("forecast", forecast)))
    return given.shown_per_item(core.wmape(*wanted)[:, np.newaxis], actual)


def SMILE_BIAS(actual: MonthsOrBlank, forecast: MonthsOrBlank) -> Result:
    """Forecast bias: by how much the forecast was too high, as a share of the actual demand; negative is too low.

    Parameters
    ----------
    actual : months or blank
        Actual demand in t per month, one row per item; a month with a blank does not count.
    forecast : months or blank
        Forecast demand of the same months, as it was given for them; a month with a blank does not count.

    Notes
    -----
    sum (forecast - actual) / sum actual. Misses in opposite directions cancel out.

    Examples
    --------
    >>> round(SMILE_BIAS([65, 60, 63], [60, 62, 60]), 4)
    -0.0319
    """
    wanted = (given.block(name, value, blank=np.nan) for name, value in (("actual", actual), ("forecast", forecast)))
    return given.shown_per_item(core.bias(*wanted)[:, np.newaxis], actual)


def SMILE_TURNS(cost_of_sales: Months, stock: Months) -> Result:
    """How often the stock is sold in a year: the cost of what is sold over the mean value of the stock.

    Parameters
    ----------
    cost_of_sales : months
        What is sold in a year, at the cost of the stock: one number or the months of the year, one row per item.
    stock : months
        Value of the stock: its mean, or its value in each month, one row per item.

    Notes
    -----
    sum of the cost of sales / mean of the stock; 365 / turns are the days of inventory.

    Examples
    --------
    >>> SMILE_TURNS(600000, 125000)
    4.8
    """
    sold, held = given.block("cost_of_sales", cost_of_sales), given.block("stock", stock)
    return given.shown_per_item(core.stock_turns(sold, held)[:, np.newaxis], cost_of_sales)


def SMILE_OTIF(
    ordered: Months,
    received: MonthsOrBlank,
    planned: MonthsOrBlank,
    arrived: MonthsOrBlank,
    early_days: Option = 0,
    late_days: Option = 0,
) -> float:
    """Share of the orders that came on time and in full.

    Parameters
    ----------
    ordered : months
        Ordered quantity of each order, in a column; one without a quantity does not count.
    received : months or blank
        What came of each order; a blank is nothing.
    planned : months or blank
        Planned date of each order; one without a date does not count.
    arrived : months or blank
        Date on which it came; blank while it has not.
    early_days : number, optional
        Days before the planned date that are still on time; 0 by default.
    late_days : number, optional
        Days after the planned date that are still on time; 0 by default.

    Notes
    -----
    Orders with planned - early days <= arrived <= planned + late days and received >= ordered, over all orders.

    Examples
    --------
    >>> SMILE_OTIF([10, 20, 30, 40], [10, 20, 29, 40], [45139, 45139, 45146, 45146], [45138, 45142, 45146, 45150], 1, 3)
    0.5
    """
    columns = (("received", received), ("planned", planned), ("arrived", arrived))
    want = given.block("ordered", ordered).ravel()
    got, due, came = (given.block(name, value, blank=np.nan).ravel() for name, value in columns)
    window = given.number("early_days", early_days), given.number("late_days", late_days)
    good = core.in_full_and_on_time(want, got, due, came, *window)
    counts = (want > 0) & ~np.isnan(due)
    return float(good[counts].mean()) if counts.any() else float("nan")
