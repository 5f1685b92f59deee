"""Classes of items: volatility, ABC, XYZ, kinds of demand, segments."""

from __future__ import annotations

import numpy as np

from smile_xl import arguments as given
from smile_xl import core
from smile_xl.arguments import Cuts, Months, Option, PerItem, Result

Classes = str | np.ndarray
"""A class, or an array of them."""


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
    return given.shown_per_item(volatility[:, np.newaxis], demand)


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
    return given.shown_per_item(core.volatility_class(volatility, cuts)[:, np.newaxis], demand)


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


def _classes(classes: np.ndarray, asked: object, single: bool = False) -> Classes:
    """Classes (items, columns) as they were asked for: a text for one item's flat list, else an array."""
    if np.ndim(asked) > 1:  # type: ignore[arg-type]
        return classes
    return str(classes[0, 0]) if single or classes.shape == (1, 1) else classes[0]
