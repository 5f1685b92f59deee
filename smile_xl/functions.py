"""The sheet functions under their sheet names, for Python users and for every edge to a spreadsheet.

Blocks are months in a row, one row per item: lists, tuples or numpy arrays. A flat list is one item. The result has
the shape that the arguments have: a float for single numbers, a flat array for flat lists, else (items, months).
Errors are raised: ShapeError and NotNumberError (#VALUE! in a cell), DomainError (#NUM!), UnknownNameError (#N/A).
An infinite or undefined result (cover of no demand) is inf or nan here and #N/A in a cell.
"""

from __future__ import annotations

import numpy as np

from smile_xl import __version__, core
from smile_xl import arguments as given
from smile_xl.arguments import Cell, Cuts, Months, MonthsOrBlank, Names, Option, Passed, PerItem, Rules
from smile_xl.core.checks import Array
from smile_xl.explaining.calls import explanation

Result = float | Array

Classes = str | np.ndarray
"""A class, or an array of them."""

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
        return _per_item(weeks, demand)
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


def SMILE_CV(demand: Months) -> Result:
    """Volatility of the demand: its standard deviation over its mean, for 12 months.

    Parameters
    ----------
    demand : months
        Forecast demand in t per month, one row per item; the first 12 months count.

    Notes
    -----
    STDEV.P / AVERAGE; #N/A (no demand) where the mean is 0.

    Examples
    --------
    >>> SMILE_CV([10, 30])
    0.5
    """
    volatility = core.coefficient_of_variation(given.block("demand", demand))
    return _per_item(volatility[:, np.newaxis], demand)


def SMILE_VOLATILITYCLASS(demand: Months, low: Option = 0.5, high: Option = 1) -> Result:
    """Class of the demand's volatility: 1 steady (X), 2 variable (Y), 3 erratic (Z).

    Parameters
    ----------
    demand : months
        Forecast demand in t per month, one row per item; the first 12 months count.
    low : number, optional
        Largest volatility (SMILE_CV) that is steady; 0.5 by default.
    high : number, optional
        Largest volatility that is variable; 1 by default.

    Notes
    -----
    1 where SMILE_CV <= low, 2 where it is <= high, else 3; #N/A (no demand) where the mean is 0. For a letter:
    MID("XYZ", SMILE_VOLATILITYCLASS(...), 1).

    Examples
    --------
    >>> SMILE_VOLATILITYCLASS([0, 30, 0, 10])
    3.0
    """
    volatility = core.coefficient_of_variation(given.block("demand", demand))
    cuts = (given.number("low", low, blank=np.nan), given.number("high", high, blank=np.nan))
    return _per_item(core.volatility_class(volatility, cuts)[:, np.newaxis], demand)


def SMILE_ABC(values: Months, cuts: Cuts = None) -> Classes:
    """Class of items by value: A, B or C. The A items are the fewest, largest ones that reach 80 % of the total.

    Parameters
    ----------
    values : months
        What each item is worth, usually its demand of a year in cash; any range.
    cuts : two numbers, optional
        Share of the total that the A items reach, and that the A and B items reach; {0.8,0.95} by default.

    Notes
    -----
    A while the items worth more hold less than the first share of the total, B while they hold less than the second:
    the item that crosses a cut is in the better class. Equal values are in one class; nothing is C.

    Examples
    --------
    >>> SMILE_ABC([60, 30, 6, 4]).tolist()
    ['A', 'A', 'B', 'C']
    """
    block = given.block("values", values)
    classes = core.abc_class(block.ravel(), given.cuts("cuts", cuts, core.ABC_CUTS)).reshape(block.shape)
    return _classes(classes, values, np.ndim(values) == 0)


def SMILE_XYZ(demand: Months, cuts: Cuts = None) -> Classes:
    """Class of items by volatility: X steady, Y variable, Z erratic.

    Parameters
    ----------
    demand : months
        Forecast demand in t per month, one row per item; the first 12 months count.
    cuts : two numbers, optional
        Largest volatility (SMILE_CV) that is X, and that is Y; {0.5,1} by default.

    Notes
    -----
    X where SMILE_CV <= 0.5, Y where it is <= 1, else Z; "no demand" where the mean is 0.

    Examples
    --------
    >>> SMILE_XYZ([0, 30, 0, 10])
    'Z'
    """
    volatility = core.coefficient_of_variation(given.block("demand", demand))
    classes = core.xyz_class(volatility, given.cuts("cuts", cuts, core.VOLATILITY_CUTS))
    return _classes(classes[:, np.newaxis], demand)


def SMILE_DEMANDCLASS(demand: Months) -> Classes:
    """How customers order: smooth, erratic, intermittent or lumpy.

    Parameters
    ----------
    demand : months
        Past demand in t per month, one row per item; all months count, a blank is a month without demand.

    Notes
    -----
    ADI = months / months with demand; CV^2 of the demand that is not 0. smooth: ADI < 1.32 and CV^2 < 0.49; erratic:
    only CV^2 is not; intermittent: only ADI is not; lumpy: neither is; "no demand" where there is none. Syntetos,
    Boylan and Croston (2005).

    Examples
    --------
    >>> SMILE_DEMANDCLASS([0, 12, 0, 10])
    'intermittent'
    """
    return _classes(core.demand_class(given.block("demand", demand))[:, np.newaxis], demand)


def SMILE_SEGMENT(demand: Months, unit_cost: PerItem, abc_cuts: Cuts = None, xyz_cuts: Cuts = None) -> Classes:
    """Segment of items: AX to CZ, by the value and the volatility of their demand.

    Parameters
    ----------
    demand : months
        Forecast demand in t per month, one row per item; the first 12 months count.
    unit_cost : number per item
        Cost of the stock on hand per t: one number, or a column with one per item.
    abc_cuts : two numbers, optional
        Cuts of SMILE_ABC; {0.8,0.95} by default.
    xyz_cuts : two numbers, optional
        Cuts of SMILE_XYZ; {0.5,1} by default.

    Notes
    -----
    SMILE_ABC of the demand of the 12 months times the unit cost, then SMILE_XYZ of the demand; "no demand" where there
    is none. The items given are ranked among themselves.

    Examples
    --------
    >>> SMILE_SEGMENT([[70, 70], [10, 30], [0, 1]], 100).ravel().tolist()
    ['AX', 'AX', 'CY']
    """
    block = given.block("demand", demand)
    worth = block[:, : core.HORIZON].sum(axis=1) * given.per_item("unit_cost", unit_cost, len(block))
    abc = core.abc_class(worth, given.cuts("abc_cuts", abc_cuts, core.ABC_CUTS))
    volatility = core.coefficient_of_variation(block)
    xyz = core.xyz_class(volatility, given.cuts("xyz_cuts", xyz_cuts, core.VOLATILITY_CUTS))
    return _classes(core.segment(abc, xyz)[:, np.newaxis], demand)


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
    return _per_item(core.stock_target(wanted, units, block, cost)[:, :1], demand)


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
    return _per_item(core.wmape(*wanted)[:, np.newaxis], actual)


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
    return _per_item(core.bias(*wanted)[:, np.newaxis], actual)


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
    return _per_item(core.stock_turns(sold, held)[:, np.newaxis], cost_of_sales)


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


def SMILE_VERSION() -> str:
    """Version of smile_xl that calculates this workbook.

    Examples
    --------
    >>> SMILE_VERSION().count(".")
    2
    """
    return __version__


def SMILE_WHY(cell: Cell) -> str:
    """Reason of the error that a cell shows.

    Parameters
    ----------
    cell : cell
        A cell with a SMILE_ function; in Python, the exception raised or the error's text.

    Notes
    -----
    Empty for a cell without an error. For an error's text alone, what that error means in SMILE_ functions.

    Examples
    --------
    >>> SMILE_WHY("#NUM!")
    'a value is outside what the function is defined for, such as a negative demand'
    """
    if isinstance(cell, Exception):
        return str(cell)
    return MEANING_OF_ERROR.get(str(cell), "")


def SMILE_EXPLAIN(
    report: Option,
    month: Option,
    argument_1: Passed,
    argument_2: Passed,
    argument_3: Passed = None,
    argument_4: Passed = None,
    argument_5: Passed = None,
    argument_6: Passed = None,
    argument_7: Passed = None,
    argument_8: Passed = None,
    argument_9: Passed = None,
    argument_10: Passed = None,
    argument_11: Passed = None,
    argument_12: Passed = None,
) -> str:
    """How one figure of one item comes about: its terms with their numbers, and the rules that applied, as text.

    Parameters
    ----------
    report : "safety", "orders", "closing", "cover" or "projection"
        What to explain: safety, orders, closing, cover or projection; in French for a French word.
    month : 0 to 11
        The month to explain, counted from 0 for the current one.
    argument_1 : as in the function explained
        The arguments of the function, in its order, for one item: of SMILE_SAFETYSTOCK, SMILE_ORDERS, SMILE_CLOSING,
        SMILE_WEEKSCOVER or SMILE_PROJECTION.
    argument_2 : as in the function explained
        Its second argument.
    argument_3 : as in the function explained, optional
        Its third argument.
    argument_4 : as in the function explained, optional
        Its fourth argument.
    argument_5 : as in the function explained, optional
        Its fifth argument.
    argument_6 : as in the function explained, optional
        Its sixth argument.
    argument_7 : as in the function explained, optional
        Its seventh argument.
    argument_8 : as in the function explained, optional
        Its eighth argument.
    argument_9 : as in the function explained, optional
        Its ninth argument.
    argument_10 : as in the function explained, optional
        Its tenth argument.
    argument_11 : as in the function explained, optional
        Its eleventh argument.
    argument_12 : as in the function explained, optional
        Its twelfth argument.

    Notes
    -----
    Take the formula of the figure, and put the report and the month before its arguments. The numbers shown add up to
    the figure shown. What is longer than 255 characters loses the rules, then the names of the terms.

    Examples
    --------
    >>> SMILE_EXPLAIN("closing", 2, "Morocco", 100, [20, 0, 0, 0, 0, 0, 0, 0], [60, 70, 50], [0, 0, 80]).split(". ")
    ['closing, month 2: 80 (orders of month 2) - 50 (demand of month 2) = 30 t', 'A shortage of 10 t is lost, not ...']
    """
    arguments = (argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7, argument_8,
                 argument_9, argument_10, argument_11, argument_12)  # fmt: skip
    return explanation(report, month, arguments)


MEANING_OF_ERROR = {
    "#VALUE!": "ranges don't fit together, or text stands where a number belongs",
    "#NUM!": "a value is outside what the function is defined for, such as a negative demand",
    "#N/A": "a country or status has no row in its table, or there is no demand to cover",
    "#NAME?": "the add-in is not loaded",
}


def _months_or_one(safety: Array, month: object, demand: object) -> Result:
    """All months, or the one that is asked for."""
    if month is None:
        return given.shown(safety, demand)
    place = given.whole("month", month, 0, safety.shape[1] - 1)
    return _per_item(safety[:, place : place + 1], demand)


def _per_item(column: Array, demand: object) -> Result:
    """One number per item as it was asked for: a float for one item's flat list, else a column."""
    return column if np.ndim(demand) > 1 else float(column[0, 0])  # type: ignore[arg-type]


def _classes(classes: np.ndarray, asked: object, single: bool = False) -> Classes:
    """Classes (items, columns) as they were asked for: a text for one item's flat list, else an array."""
    if np.ndim(asked) > 1:  # type: ignore[arg-type]
        return classes
    return str(classes[0, 0]) if single or classes.shape == (1, 1) else classes[0]
