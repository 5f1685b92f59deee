"""The plan of each item in native formulas: safety stock, orders, closing stock, pipeline, and what reports add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smile_xl.core import DSR_MONTHS, HORIZON, PROJECTION_MONTHS, TRANSIT_WEEKS, WEEKS_PER_MONTH, arrivals
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grouping import group
from smile_xl.planning.inputs import Inputs as InputTables
from smile_xl.reports.master import country_rules
from smile_xl.reports.native.parts import NOISE, NativeSheet, Part, told
from smile_xl.reports.native.references import LAST, Inputs, Switches
from smile_xl.reports.page import Kind

BRAND = ("country", "brand")
SUB_CATEGORY = ("country", "sub_category")
LISTS = {BRAND: "availability", SUB_CATEGORY: "projections"}
"""The native sheet that lists the groups, numbered."""

_LABELS = ("country", "sap_code", "description")
_RULES: dict[str, Kind] = {
    **dict.fromkeys(("country_row", "frozen", "pipeline", "proposes", "holds"), "whole"),
    "weeks": "weeks",
    **dict.fromkeys(("mean", "average"), "tonnes"),
    "method": "whole",
    **dict.fromkeys(("unit_cost", "landed_cost"), "cost"),
    **dict.fromkeys(("brand", "sub_category"), "whole"),
}
"""The columns of what the tables say about an item, with what they hold."""
_W = f"{WEEKS_PER_MONTH:g}"


def rule(sheet: NativeSheet, name: str) -> str:
    """What the tables say about the row's item."""
    return sheet.cell("rule", list(_RULES).index(name))


def rules_of_all(sheet: NativeSheet, name: str) -> str:
    """What the tables say about all items, as other sheets name it."""
    return sheet.column("rule", list(_RULES).index(name))


def item_sheet(cycle: Cycle, inputs: Inputs, switches: Switches) -> NativeSheet:
    """The sheet of the items, one on each row, the same as in SRM."""
    parts = _parts(cycle)
    sheet = NativeSheet(cycle, "items", parts, len(cycle.inputs.items), labels=2)
    plan, portfolio = cycle.plan, cycle.inputs.portfolio
    arrived = arrivals(portfolio.transit, portfolio.landing)
    net = arrived * cycle.inputs.settings.net_transit
    need = _need(plan.closing, portfolio.opening, portfolio.demand[:, :HORIZON] + plan.safety, net)
    months = range(HORIZON)

    attributes = cycle.inputs.items[list(_LABELS)].to_numpy(dtype=object).T.tolist()
    sheet.fill("label", [f'{inputs.item(name)}&""' for name in _LABELS], attributes)
    _fill_rules(cycle, inputs, sheet, switches)
    later = range(inputs.months - 1)
    weeks = _weeks_to_hold(cycle)
    following = [np.clip(weeks - WEEKS_PER_MONTH * k, 0.0, WEEKS_PER_MONTH).tolist() for k in later]
    sheet.fill("following", [f"MIN({_W},MAX({rule(sheet, 'weeks')}-{_W}*{k},0))" for k in later], following)
    landing = f"INDEX({inputs.table('countries', 2, TRANSIT_WEEKS)},{rule(sheet, 'country_row')},0)"
    sheet.fill("arrivals", [f"SUMIF({landing},{month},{inputs.transit()})" for month in months], _columns(arrived))
    sheet.fill("safety", [_safety(sheet, inputs, month) for month in months], _columns(plan.safety))
    sheet.fill("need", [_need_formula(sheet, inputs, switches, month) for month in months], _columns(need))
    lots = [f"IF({_multiple(inputs)}>0,{_least(sheet, inputs, month)}/{_multiple(inputs)},0)" for month in months]
    sheet.fill("lots", lots, _columns(_lots(need, portfolio.moq, portfolio.multiple)))
    sheet.fill("orders", [_orders(sheet, inputs, month) for month in months], _columns(plan.orders))
    sheet.fill("closing", [_closing(sheet, inputs, month) for month in months], _columns(plan.closing))
    sheet.fill("pipeline", [_pipeline(sheet, month) for month in months], _columns(plan.pipeline))
    _fill_report_values(cycle, inputs, sheet)
    return sheet


def _parts(cycle: Cycle) -> list[Part]:
    spoken = cycle.inputs.settings.language
    months = cycle.inputs.planned
    labels = [say(f"headers.column.{name}", spoken) for name in _LABELS]
    rules = [told(cycle, f"rule.{name}") for name in _RULES]
    following = [f"+{place}" for place in range(1, len(cycle.inputs.months))]
    return [
        Part("label", labels, ["text", "text", "long_text"]),
        Part("rule", rules, list(_RULES.values()), single=list(_RULES)),
        Part("following", following, "cost"),  # two decimals: a month is 4.25 weeks
        Part("arrivals", months, "tonnes"),
        Part("safety", months, "tonnes", compared=True),
        Part("need", months, "tonnes"),
        Part("lots", months, "cost"),
        Part("orders", months, "tonnes", compared=True),
        Part("closing", months, "tonnes", compared=True),
        Part("pipeline", months, "tonnes", compared=True),
        Part("risk", months[:DSR_MONTHS], "tonnes"),
        Part("opportunity", months[:DSR_MONTHS], "tonnes"),
        Part("used", months[:DSR_MONTHS], "tonnes"),
        Part("value", months[:PROJECTION_MONTHS], "cash"),
    ]


def _fill_rules(cycle: Cycle, inputs: Inputs, sheet: NativeSheet, switches: Switches) -> None:
    """What the tables say about the item: one column each, in the order of ``_RULES``."""
    given: InputTables = cycle.inputs
    portfolio = given.portfolio
    row = rule(sheet, "country_row")
    weeks, mean = rule(sheet, "weeks"), rule(sheet, "mean")
    status = f"MATCH({inputs.item('status')},{inputs.table('statuses', 0)},0)"
    yes = say("headers.value.yes", given.settings.language)
    key = f"EXACT({inputs.cost(0)},{inputs.item('country')}),EXACT({inputs.cost(1)},{inputs.item('sap_code')})"
    formulas = [
        f"MATCH({inputs.item('country')},{inputs.table('countries', 0)},0)",
        f"INDEX({inputs.table('countries', 1)},{row})",
        f"INDEX({inputs.table('countries', 2 + TRANSIT_WEEKS)},{row})",
        *(f'IF(INDEX({inputs.table("statuses", column)},{status})="{yes}",1,0)' for column in (1, 2)),
        f"{inputs.item('weeks_cover')}*{rule(sheet, 'holds')}",
        f"SUM({inputs.demands(0, LAST)})/{HORIZON}",
        f"{mean}/{_W}*{weeks}",
        _method(cycle, inputs, switches),
        *(f"IF(AND({key}),{inputs.cost(column)},NA())" for column in (3, 4)),
        *(_number_in_list(cycle, inputs, columns) for columns in (BRAND, SUB_CATEGORY)),
    ]
    places = {country.name: place for place, country in enumerate(country_rules(given), start=1)}
    hold = _weeks_to_hold(cycle)
    average = portfolio.demand[:, :HORIZON].sum(axis=1) / HORIZON
    values = [
        [float(places[name]) for name in given.items["country"]],
        *(array.astype(float).tolist() for array in (portfolio.frozen, portfolio.pipeline_months)),
        *(array.astype(float).tolist() for array in (portfolio.proposes, portfolio.holds_safety)),
        *(array.tolist() for array in (hold, average, average / WEEKS_PER_MONTH * hold)),
        [float(method == "average") for method in given.safety_methods],
        *(array.tolist() for array in (given.unit_cost, given.landed_cost)),
        *((group(given.items, columns).of_item + 1.0).tolist() for columns in (BRAND, SUB_CATEGORY)),
    ]
    sheet.fill("rule", formulas, values)


def _method(cycle: Cycle, inputs: Inputs, switches: Switches) -> str:
    """1 for the average safety stock, 0 for the exact one: the item's own in the table of policies, else the switch."""
    spoken = cycle.inputs.settings.language
    country, code, policy = (inputs.table("safety_policies", column) for column in (0, 1, 3))
    own = f"COUNTIFS({country},{inputs.item('country')},{code},{inputs.item('sap_code')},{policy}"
    average, exact = (say(f"headers.value.{name}", spoken) for name in ("average", "exact"))
    return f'IF({own},"{average}")>0,1,IF({own},"{exact}")>0,0,{switches.average}))'


def _number_in_list(cycle: Cycle, inputs: Inputs, columns: tuple[str, str]) -> str:
    """The number of the item's group: compared letter by letter, so that B and b are two, and * is a star."""
    groups = group_list(cycle, columns)
    country, name = (
        f"EXACT({groups.column('group', place)},{inputs.item(column)})" for place, column in enumerate(columns)
    )
    return f"SUMPRODUCT({country}*{name}*{groups.column('group', 2)})"


def group_list(
    cycle: Cycle, columns: tuple[str, str], parts: Sequence[Part] = (), key: str | None = None
) -> NativeSheet:
    """A sheet that lists the groups of some columns: country, name, number, and then what else it has."""
    spoken = cycle.inputs.settings.language
    headers = [*(say(f"headers.column.{name}", spoken) for name in columns), told(cycle, "number")]
    first = Part("group", headers, ["text", "text", "whole"])
    keys = group(cycle.inputs.items, columns).keys
    sheet = NativeSheet(cycle, key or LISTS[columns], [first, *parts], len(keys), labels=2)
    names = [list(column) for column in zip(*keys, strict=True)]
    sheet.fill("group", ["", "", ""], [*names, [float(number) for number in range(1, len(keys) + 1)]])
    return sheet


# Formulas of one month ----------------------------------------------------------------------------------------------


def _safety(sheet: NativeSheet, inputs: Inputs, month: int) -> str:
    """The demand of the weeks to hold after the month; months beyond the forecast count as the mean."""
    weeks, mean, average = (rule(sheet, name) for name in ("weeks", "mean", "average"))
    given = inputs.months - 1 - month
    beyond = f"MAX({weeks}-{_W}*{given},0)*{mean}/{_W}"
    if not given:
        return f"IF({rule(sheet, 'method')}=1,{average},{beyond})"
    after = f"SUMPRODUCT({sheet.cells('following', 0, given - 1)},{inputs.demands(month + 1, inputs.months - 1)})/{_W}"
    return f"IF({rule(sheet, 'method')}=1,{average},{after}+{beyond})"


def _need_formula(sheet: NativeSheet, inputs: Inputs, switches: Switches, month: int) -> str:
    """Demand and safety stock less what enters the month; below 1e-9 of the first two it is rounding noise."""
    stock = f"MAX({sheet.cell('closing', month - 1)},0)" if month else f"MAX({inputs.opening()},0)"
    wanted = f"{inputs.demand(month)}+{sheet.cell('safety', month)}"
    late = f"-{switches.net_transit}*{sheet.cell('arrivals', month)}" if month >= FIRST_ORDER_MONTH else ""
    need = f"{wanted}-{stock}{late}"
    return f"IF({need}<={NOISE}*({wanted}),0,{need})"


def _orders(sheet: NativeSheet, inputs: Inputs, month: int) -> str:
    """The confirmed quantity, else the proposal where one may be made, else what lands in months 0 and 1."""
    need, lots, confirmed = sheet.cell("need", month), sheet.cell("lots", month), inputs.confirmed(month)
    whole = f"IF(ABS({lots}-ROUND({lots},0))<={NOISE}*{lots},ROUND({lots},0),ROUNDUP({lots},0))"
    quantity = f"IF({_multiple(inputs)}>0,{whole}*{_multiple(inputs)},{_least(sheet, inputs, month)})"
    firm = sheet.cell("arrivals", month) if month < FIRST_ORDER_MONTH else "0"
    may_propose = f"AND({rule(sheet, 'proposes')}=1,{rule(sheet, 'frozen')}<={month})"
    return f"IF(ISNUMBER({confirmed}),{confirmed},IF({may_propose},IF({need}=0,0,{quantity}),{firm}))"


def _closing(sheet: NativeSheet, inputs: Inputs, month: int) -> str:
    """What enters, plus what lands, plus the orders from month 2 on, less the demand; a shortage is lost."""
    stock = f"MAX({sheet.cell('closing', month - 1)},0)" if month else inputs.opening()
    orders = f"+{sheet.cell('orders', month)}" if month >= FIRST_ORDER_MONTH else ""
    return f"{stock}+{sheet.cell('arrivals', month)}{orders}-{inputs.demand(month)}"


def _pipeline(sheet: NativeSheet, month: int) -> str:
    """The orders of the next pipeline months; beyond the horizon there are none."""
    if month == LAST:
        return "0"
    later = sheet.cells("orders", month + 1, LAST)
    ahead = f"COLUMN({later})-COLUMN({sheet.cell('orders', month)})"
    return f"SUMPRODUCT(({ahead}<={rule(sheet, 'pipeline')})*{later})"


def _least(sheet: NativeSheet, inputs: Inputs, month: int) -> str:
    return f"MAX({sheet.cell('need', month)},{inputs.item('moq')})"


def _multiple(inputs: Inputs) -> str:
    return inputs.item("multiple")


def _fill_report_values(cycle: Cycle, inputs: Inputs, sheet: NativeSheet) -> None:
    """What the reports add up: risk, opportunity, what covers the risk, value."""
    plan, given = cycle.plan, cycle.inputs
    short = np.maximum(-plan.closing[:, :DSR_MONTHS], 0.0)
    spare = np.maximum(plan.closing[:, :DSR_MONTHS], 0.0)
    money = slice(None, PROJECTION_MONTHS)
    stock = np.maximum(plan.closing[:, money], 0.0) * given.unit_cost[:, np.newaxis]
    value = stock + plan.pipeline[:, money] * given.landed_cost[:, np.newaxis]
    three, ten = range(DSR_MONTHS), range(PROJECTION_MONTHS)

    def closing(month: int) -> str:
        return sheet.cell("closing", month)

    month, country, code, tonnes = (inputs.table("opportunities", column) for column in (0, 1, 2, 5))
    mine = f"EXACT({country},{inputs.item('country')})*EXACT({code},{inputs.item('sap_code')})"
    used = [f"SUMPRODUCT({mine}*({month}={inputs.month(place)}),{tonnes})" for place in three]
    unit, landed = rule(sheet, "unit_cost"), rule(sheet, "landed_cost")
    values = [f"MAX({closing(place)},0)*{unit}+{sheet.cell('pipeline', place)}*{landed}" for place in ten]
    sheet.fill("risk", [f"MAX(-{closing(place)},0)" for place in three], _columns(short))
    sheet.fill("opportunity", [f"MAX({closing(place)},0)" for place in three], _columns(spare))
    sheet.fill("used", used, _columns(tidy.used_opportunities(cycle)))
    sheet.fill("value", values, _columns(value))


# Values that the helping columns have now ---------------------------------------------------------------------------


def _weeks_to_hold(cycle: Cycle) -> Array:
    portfolio = cycle.inputs.portfolio
    return np.asarray(portfolio.weeks_cover * portfolio.holds_safety)


def _need(closing: Array, opening: Array, wanted: Array, net: Array) -> Array:
    stock = np.maximum(np.column_stack((opening, closing[:, :-1])), 0.0)
    need = wanted - stock
    need[:, FIRST_ORDER_MONTH:] -= net[:, FIRST_ORDER_MONTH:]
    return np.where(need <= float(NOISE) * wanted, 0.0, need)


def _lots(need: Array, moq: Array, multiple: Array) -> Array:
    least = np.maximum(need, moq[:, np.newaxis])
    return np.divide(least, multiple[:, np.newaxis], out=np.zeros_like(need), where=multiple[:, np.newaxis] > 0)


def _columns(values: Array) -> list[list[float]]:
    """Column by column."""
    return np.asarray(values, dtype=float).T.tolist()  # type: ignore[no-any-return]
