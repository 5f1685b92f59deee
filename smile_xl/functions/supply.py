"""The supply plan: safety stock, orders, closing stock, pipeline."""

from __future__ import annotations

import numpy as np

from smile_xl import arguments as given
from smile_xl import core
from smile_xl.arguments import Months, MonthsOrBlank, Names, Option, PerItem, Result, Rules
from smile_xl.core.checks import Array

METHODS = ("exact", "average")
"""Safety-stock policies that a formula can choose."""


def SMILE_SAFETYSTOCK(demand: Months, weeks_cover: PerItem, method: Names = "exact", month: Option = None) -> Result:
    """Safety stock to hold, in tonnes: the demand of the wanted weeks of cover.

    Parameters
    ----------
    demand : months
        Forecast demand in t per month, from the current month on, one row per item; give all months that you have.
    weeks_cover : number per item
        Wanted weeks of safety cover: one number, or a column with one per item.
    method : "exact" or "average", optional
        "exact" (default): demand of the weeks that follow each month. "average": mean demand of 12 months. One text, or
        a column with one per item.
    month : 0 to 11, optional
        One month only, counted from 0 for the current one; omitted, all 12.

    Notes
    -----
    exact: S[i] = sum over k of min(4.25, max(nc - 4.25 k, 0)) * D[i+1+k] / 4.25; months beyond the demand given count
    as the mean of the first 12. average: S = mean(D[0..11]) / 4.25 * nc.

    Examples
    --------
    Six weeks are one month and 1.75 weeks of the next:

    >>> SMILE_SAFETYSTOCK([0, 100, 170, 0, 0, 0, 0, 0, 0, 0, 0, 0], 6, "exact", 0)
    170.0
    """
    rows = given.block("demand", demand)
    weeks = given.per_item("weeks_cover", weeks_cover, len(rows))
    safety = core.safety_stock(rows, weeks, given.options("method", method, METHODS, len(rows)))
    return _months_or_one(safety, month, demand)


def SMILE_SAFETYSTOCK_Z(
    service_level: PerItem,
    demand_mean: PerItem,
    demand_sd: PerItem,
    lead_time_mean: PerItem,
    lead_time_sd: PerItem,
) -> Result:
    """Textbook safety stock for normal demand and lead time, in the unit of the demand.

    Parameters
    ----------
    service_level : number per item
        Cycle service level between 0 and 1, for example 0.95.
    demand_mean : number per item
        Mean demand per period.
    demand_sd : number per item
        Standard deviation of the demand per period.
    lead_time_mean : number per item
        Mean lead time, in the same periods.
    lead_time_sd : number per item
        Standard deviation of the lead time, in the same periods.

    Notes
    -----
    Z * sqrt(R * sigma_D^2 + D^2 * sigma_R^2); Chopra and Meindl, Supply Chain Management, on lead time uncertainty.

    Examples
    --------
    >>> round(SMILE_SAFETYSTOCK_Z(0.9, 2500, 500, 7, 7))
    22491
    """
    arguments = {
        "service_level": service_level,
        "demand_mean": demand_mean,
        "demand_sd": demand_sd,
        "lead_time_mean": lead_time_mean,
        "lead_time_sd": lead_time_sd,
    }
    safety = core.statistical_safety(*(given.numbers(name, value) for name, value in arguments.items()))
    return float(safety) if safety.ndim == 0 else safety


def SMILE_SAFETYGAIN(
    demand: Months, weeks_cover: PerItem, old: Names = "average", new: Names = "exact", month: Option = None
) -> Result:
    """Safety stock that a new policy frees, in tonnes: the old policy's less the new one's; negative, it asks for more.

    Parameters
    ----------
    demand : months
        Forecast demand in t per month, from the current month on, one row per item; give all months that you have.
    weeks_cover : number per item
        Wanted weeks of safety cover: one number, or a column with one per item.
    old : "average" or "exact", optional
        Policy of today, "average" by default: one text, or a column with one per item.
    new : "exact" or "average", optional
        Policy to compare it with, "exact" by default: one text, or a column with one per item.
    month : 0 to 11, optional
        One month only, counted from 0 for the current one; omitted, all 12.

    Notes
    -----
    S_old[i] - S_new[i], each as SMILE_SAFETYSTOCK gives it. Times the unit cost, it is the cash that is freed.

    Examples
    --------
    Demand that rises needs more than its mean:

    >>> SMILE_SAFETYGAIN([10, 20, 30], 4.25)
    array([  0., -10.,   0.])
    """
    rows = given.block("demand", demand)
    weeks = given.per_item("weeks_cover", weeks_cover, len(rows))
    before, after = (given.options(name, value, METHODS, len(rows)) for name, value in (("old", old), ("new", new)))
    return _months_or_one(core.safety_gain(rows, weeks, before, after), month, demand)


def SMILE_ORDERS(
    country: Names,
    opening: PerItem,
    transit: Months,
    demand: Months,
    safety: Months,
    confirmed: MonthsOrBlank = None,
    status: Names = None,
    moq: PerItem = None,
    multiple: PerItem = None,
    rules: Rules = None,
    statuses: Rules = None,
    net_transit: Option = False,
) -> Result:
    """Orders by the month in which they land, in tonnes: confirmed quantities, else what restores the safety stock.

    Parameters
    ----------
    country : text per item
        Country of the item, a row of the Countries table: one text, or a column with one per item.
    opening : number per item
        Stock on hand when the current month starts, in t.
    transit : 8 weeks
        Stock in transit due in each of the next eight weeks, in t, one row per item.
    demand : months
        Forecast demand in t per month, one row per item.
    safety : months
        Safety stock to hold, in t, for the same months.
    confirmed : months, optional
        Quantities agreed with the supplier, in t; leave a cell blank where there is none.
    status : text per item, optional
        Commercial status, a row of the Statuses table; omitted, orders are proposed for every item.
    moq : number per item, optional
        Minimum order quantity in t; blank or 0 for none.
    multiple : number per item, optional
        Order multiple in t; blank or 0 for none.
    rules : range, optional
        Range of the Countries table, with or without headers; omitted, the built-in rules.
    statuses : range, optional
        Range of the Statuses table, with or without headers; omitted, the built-in ones.
    net_transit : TRUE or FALSE, optional
        TRUE subtracts transit that lands in the third month or later from the proposals; FALSE by default.

    Notes
    -----
    Q[i] = max(0, D[i] + S[i] - max(C[i-1], 0)) from the first month that is not frozen on; blank frozen months take
    the transit that lands in months 0 and 1, later ones 0. A need above 0 becomes ceil(max(need, moq) / multiple) *
    multiple.

    Examples
    --------
    >>> SMILE_ORDERS("Morocco", 100, [0] * 8, [40, 40, 40, 40], [30, 30, 30, 30])
    array([ 0.,  0., 50., 40.])
    """
    needed = given.block("demand", demand)
    items, months = needed.shape
    country_rules = given.country_rules(country, rules, items)
    proposes = True if status is None else [one.proposes for one in given.status_rules(status, statuses, items)]
    orders = core.proposed_orders(
        given.per_item("opening", opening, items),
        core.arrivals(given.block("transit", transit), given.landing(country_rules), months),
        needed,
        given.block("safety", safety),
        None if confirmed is None else given.block("confirmed", confirmed, blank=np.nan),
        frozen=[rule.frozen for rule in country_rules],
        proposes=proposes,
        moq=given.per_item("moq", moq, items),
        multiple=given.per_item("multiple", multiple, items),
        net_transit=given.flag("net_transit", net_transit),
    )
    return given.shown(orders, demand)


def SMILE_CLOSING(
    country: Names,
    opening: PerItem,
    transit: Months,
    demand: Months,
    orders: Months,
    rules: Rules = None,
    backorders: Option = False,
) -> Result:
    """Closing stock of each month, in tonnes; negative is a shortage, which is lost.

    Parameters
    ----------
    country : text per item
        Country of the item, a row of the Countries table: one text, or a column with one per item.
    opening : number per item
        Stock on hand when the current month starts, in t.
    transit : 8 weeks
        Stock in transit due in each of the next eight weeks, in t, one row per item.
    demand : months
        Forecast demand in t per month, one row per item.
    orders : months
        Orders in t by the month in which they land; the first two months are the transit and are not added again.
    rules : range, optional
        Range of the Countries table, with or without headers; omitted, the built-in rules.
    backorders : TRUE or FALSE, optional
        TRUE carries a shortage into the next month; FALSE (default) loses it.

    Notes
    -----
    C[i] = (O if i = 0 else max(C[i-1], 0)) + A[i] + (Q[i] if i >= 2 else 0) - D[i], A[i] being the transit that lands
    in month i.

    Examples
    --------
    >>> SMILE_CLOSING("Morocco", 100, [20, 0, 0, 0, 0, 0, 0, 0], [60, 70, 50], [0, 0, 80])
    array([ 60., -10.,  30.])
    """
    needed = given.block("demand", demand)
    items, months = needed.shape
    country_rules = given.country_rules(country, rules, items)
    closing = core.closing_stock(
        given.per_item("opening", opening, items),
        core.arrivals(given.block("transit", transit), given.landing(country_rules), months),
        needed,
        given.block("orders", orders),
        backorders=given.flag("backorders", backorders),
    )
    return given.shown(closing, demand)


def SMILE_PIPELINE(country: Names, orders: Months, rules: Rules = None) -> Result:
    """Stock in transit at the end of each month, in tonnes.

    Parameters
    ----------
    country : text per item
        Country of the item, a row of the Countries table: one text, or a column with one per item.
    orders : months
        Orders in t by the month in which they land, one row per item.
    rules : range, optional
        Range of the Countries table, with or without headers; omitted, the built-in rules.

    Notes
    -----
    T[i] = Q[i+1] + ... + Q[i + pipeline months]; orders beyond the months given count as 0.

    Examples
    --------
    >>> SMILE_PIPELINE("Algeria", [1, 2, 4, 8])
    array([ 6., 12.,  8.,  0.])
    """
    rows = given.block("orders", orders)
    country_rules = given.country_rules(country, rules, len(rows))
    return given.shown(core.pipeline_stock(rows, [rule.pipeline for rule in country_rules]), orders)


def _months_or_one(safety: Array, month: object, demand: object) -> Result:
    """All months, or the one that is asked for."""
    if month is None:
        return given.shown(safety, demand)
    place = given.whole("month", month, 0, safety.shape[1] - 1)
    return given.shown_per_item(safety[:, place : place + 1], demand)
