"""Sheet functions of one item's row, for a formula that stands in every row of a sheet.

Where each argument is as plain as such a formula gives it (a row of numbers, a number, a known name), the equations run
in plain floats (:mod:`smile_xl.core.one_item`), several times faster than the arrays that whole blocks want. Whatever
is not that plain, errors included, has no answer here: then :mod:`smile_xl.functions` answers, with all its checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from smile_xl import arguments as given
from smile_xl.arguments import OMITTED, NotNumberError
from smile_xl.core import HORIZON, TARGET_UNITS, TRANSIT_WEEKS, VOLATILITY_CUTS, DomainError, ShapeError, one_item
from smile_xl.core.one_item import LARGEST, Row
from smile_xl.core.units import SMALLEST_MULTIPLE
from smile_xl.functions import METHODS
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.rules import BUILT_IN_COUNTRIES, BUILT_IN_STATUSES, CountryRule, StatusRule

Answer = Sequence[float] | None
"""Numbers side by side, all finite; None where the arrays have to answer."""

_ROW, _COUNTRIES, _STATUSES = {float, type(None)}, {float, str, type(None)}, {float, str, bool, type(None)}
"""Types of the cells of a row and of the rules tables."""

Rule = TypeVar("Rule", CountryRule, StatusRule)


class _NotPlain(Exception):  # noqa: N818  no error: the arrays answer
    """An argument needs a closer look."""


def one_row(name: str, arguments: Sequence[object]) -> Answer:
    """Result of a sheet function for one item; None if it is not one of these, or an argument is not plain.

    Parameters
    ----------
    name : str
        Name in the sheet: SMILE_CLOSING.
    arguments : sequence
        As in :func:`smile_xl.cells.evaluate`, but without arrays: a row is a tuple that holds one tuple of floats.
    """
    function, fewest, most = _FUNCTIONS.get(name, _NONE)
    if not fewest <= len(arguments) <= most:
        return None
    try:
        answer = function(*arguments)
    except _NotPlain:
        return None
    return answer if answer is not None and -LARGEST < sum(answer) < LARGEST else None


# ------------------------------------------------------------------------------------------------- the functions


def _safety(demand: object, weeks_cover: object, method: object = OMITTED, month: object = OMITTED) -> Answer:
    row, weeks = _row(demand), _number(weeks_cover)
    return _months_or_one(_safety_stock(row, weeks, _method(method, "exact")), month)


def _textbook_safety(service_level: object, *others: object) -> Answer:
    level = _number(service_level)
    return (one_item.statistical_safety(level, *map(_number, others)),) if 0.0 < level < 1.0 else None


def _gain(
    demand: object, weeks_cover: object, old: object = OMITTED, new: object = OMITTED, month: object = OMITTED
) -> Answer:
    row, weeks = _row(demand), _number(weeks_cover)
    before = _safety_stock(row, weeks, _method(old, "average"))
    return _months_or_one(one_item.safety_gain(before, _safety_stock(row, weeks, _method(new, "exact"))), month)


def _orders(
    country: object,
    opening: object,
    transit: object,
    demand: object,
    safety: object,
    confirmed: object = OMITTED,
    status: object = OMITTED,
    moq: object = OMITTED,
    multiple: object = OMITTED,
    rules: object = OMITTED,
    statuses: object = OMITTED,
    net_transit: object = OMITTED,
) -> Answer:
    rule, needed = _country(country, rules), _row(demand)
    months = len(needed)
    lots = _number(multiple, 0.0)
    if 0.0 < lots < SMALLEST_MULTIPLE:
        raise _NotPlain
    return one_item.proposed_orders(
        _number(opening, signed=True),
        one_item.arrivals(_row(transit, TRANSIT_WEEKS), rule.landing, months),
        needed,
        _row(safety, months),
        None if confirmed is OMITTED else _confirmed(confirmed, months),
        frozen=rule.frozen,
        proposes=status is OMITTED or _status(status, statuses).proposes,
        moq=_number(moq, 0.0),
        multiple=lots,
        net_transit=_flag(net_transit),
    )


def _closing(
    country: object,
    opening: object,
    transit: object,
    demand: object,
    orders: object,
    rules: object = OMITTED,
    backorders: object = OMITTED,
) -> Answer:
    rule, needed = _country(country, rules), _row(demand)
    months = len(needed)
    landed = one_item.arrivals(_row(transit, TRANSIT_WEEKS), rule.landing, months)
    stock = _number(opening, signed=True)
    return one_item.closing_stock(stock, landed, needed, _row(orders, months), backorders=_flag(backorders))


def _pipeline(country: object, orders: object, rules: object = OMITTED) -> Answer:
    return one_item.pipeline_stock(_row(orders), _country(country, rules).pipeline)


def _cover(stock: object, demand: object, method: object = OMITTED) -> Answer:
    needed = _row(demand)
    stocks = _row(stock, signed=True) if type(stock) is tuple else (_number(stock, signed=True),)
    if _method(method, "exact") == "average":
        return one_item.average_cover(stocks, needed)
    return one_item.exact_cover(stocks, needed) if len(stocks) <= len(needed) else None


def _projection(closing: object, pipeline: object, unit_cost: object, landed_cost: object) -> Answer:
    stock = _row(closing, signed=True)
    transit = _row(pipeline, len(stock))
    return one_item.projected_value(stock, transit, _number(unit_cost), _number(landed_cost))


def _risk(closing: object) -> Answer:
    return one_item.shortage_risk(_row(closing, signed=True))


def _opportunity(closing: object) -> Answer:
    return one_item.opportunity(_row(closing, signed=True))


def _overstock(closing: object, demand: object, weeks_cover: object) -> Answer:
    stock, needed = _row(closing, signed=True), _row(demand)
    if len(stock) > min(len(needed), HORIZON):
        return None
    return one_item.overstock(stock, needed, _number(weeks_cover))


def _target(target: object, demand: object, unit: object = OMITTED, unit_cost: object = OMITTED) -> Answer:
    row, chosen, cost = _row(demand), _choice(unit, "weeks", "unit", TARGET_UNITS), _number(unit_cost, 0.0)
    wanted = _number(target)
    return (one_item.stock_target(wanted, chosen, row, cost),) if cost or chosen != "cash" else None


def _cv(demand: object) -> Answer:
    volatility = one_item.coefficient_of_variation(_row(demand))
    return None if volatility is None else (volatility,)


def _volatility_class(demand: object, low: object = OMITTED, high: object = OMITTED) -> Answer:
    volatility = one_item.coefficient_of_variation(_row(demand))
    steady, variable = (_number(cut, default) for cut, default in zip((low, high), VOLATILITY_CUTS, strict=True))
    if volatility is None or steady > variable:
        return None
    return (1.0 + (volatility > steady) + (volatility > variable),)


_Row = tuple[Callable[..., Answer], int, int]
"""A function, and how many arguments it takes at the least and at the most."""

_FUNCTIONS: Mapping[str, _Row] = {
    "SMILE_SAFETYSTOCK": (_safety, 2, 4),
    "SMILE_SAFETYSTOCK_Z": (_textbook_safety, 5, 5),
    "SMILE_SAFETYGAIN": (_gain, 2, 5),
    "SMILE_ORDERS": (_orders, 5, 12),
    "SMILE_CLOSING": (_closing, 5, 7),
    "SMILE_PIPELINE": (_pipeline, 2, 3),
    "SMILE_WEEKSCOVER": (_cover, 2, 3),
    "SMILE_PROJECTION": (_projection, 4, 4),
    "SMILE_RISK": (_risk, 1, 1),
    "SMILE_OPPORTUNITY": (_opportunity, 1, 1),
    "SMILE_OVERSTOCK": (_overstock, 3, 3),
    "SMILE_TARGET": (_target, 2, 4),
    "SMILE_CV": (_cv, 1, 1),
    "SMILE_VOLATILITYCLASS": (_volatility_class, 1, 3),
}
_NONE: _Row = (lambda: None, 1, 0)


# ------------------------------------------------------------------------------------------------- the arguments


def _row(value: object, months: int = 0, *, signed: bool = False) -> Row:
    """A row of numbers, a blank as 0; of so many months, where that matters."""
    row = _cells(value)
    return _checked([0.0 if one is None else one for one in row] if None in row else row, months, signed=signed)


def _confirmed(value: object, months: int) -> Sequence[float | None]:
    """A row of quantities, a blank as None."""
    row = _cells(value)
    _checked([0.0 if one is None else one for one in row], months)
    return row


def _cells(value: object) -> tuple[Any, ...]:
    """The floats and blanks of a block that is one row."""
    if type(value) is not tuple or len(value) != 1 or type(value[0]) is not tuple:
        raise _NotPlain
    row = value[0]
    if not row or not set(map(type, row)) <= _ROW:
        raise _NotPlain
    return row


def _checked(row: Row, months: int = 0, *, signed: bool = False) -> Row:
    # the sum tells whether an infinite number is among them, or none at all
    if (months and len(row) != months) or not -LARGEST < sum(row) < LARGEST or not (signed or min(row) >= 0.0):
        raise _NotPlain
    return row


def _number(value: object, omitted: float | None = None, *, signed: bool = False) -> float:
    if value is OMITTED and omitted is not None:
        return omitted
    if type(value) is not float or not (-LARGEST if signed else 0.0) <= value < LARGEST:
        raise _NotPlain
    return value


def _flag(value: object) -> bool:
    if type(value) is not bool and value is not OMITTED:
        raise _NotPlain
    return value is True


def _text(value: object) -> str:
    if type(value) is not str:
        raise _NotPlain
    return value


def _method(value: object, default: str) -> str:
    return _choice(value, default, "method", METHODS)


def _choice(value: object, default: str, name: str, choices: tuple[str, ...]) -> str:
    return default if value is OMITTED else _chosen(name, _text(value), choices)


@lru_cache(64)
def _chosen(name: str, text: str, choices: tuple[str, ...]) -> str:
    try:
        return given.option(name, text, choices)
    except DomainError:
        raise _NotPlain from None


def _country(name: object, rules: object) -> CountryRule:
    return _rule(BUILT_IN_COUNTRIES if rules is OMITTED else _table(given.country_table, rules, _COUNTRIES), name)


def _status(name: object, statuses: object) -> StatusRule:
    return _rule(BUILT_IN_STATUSES if statuses is OMITTED else _table(given.status_table, statuses, _STATUSES), name)


def _rule(table: Mapping[str, Rule], name: object) -> Rule:
    rule = table.get(plain(as_text(_text(name))))
    if rule is None:
        raise _NotPlain
    return rule


def _table(read: Callable[[object], Mapping[str, Rule]], cells: object, kinds: set[type]) -> Mapping[str, Rule]:
    """A rules table, read once for all rows of a sheet whose formulas give the same one."""
    if type(cells) is not tuple or set(map(type, cells)) != {tuple}:
        raise _NotPlain
    # other types might equal one another: 1 and TRUE, which is no number of months
    if not set(map(type, chain.from_iterable(cells))) <= kinds:
        raise _NotPlain
    return _table_read(read, cells)


@lru_cache(16)
def _table_read(read: Callable[[object], Mapping[str, Rule]], cells: tuple[Any, ...]) -> Mapping[str, Rule]:
    try:
        return read(cells)
    except (DomainError, ShapeError, NotNumberError):
        raise _NotPlain from None


# ------------------------------------------------------------------------------------------------- the results


def _safety_stock(demand: Row, weeks_cover: float, method: str) -> list[float]:
    of_method = one_item.exact_safety if method == "exact" else one_item.average_safety
    return of_method(demand, weeks_cover)


def _months_or_one(safety: Sequence[float], month: object) -> Answer:
    """All months, or the one that is asked for."""
    if month is OMITTED:
        return safety
    if type(month) is not float or not month.is_integer() or not 0.0 <= month < len(safety):
        raise _NotPlain
    return (safety[int(month)],)
