"""A slow reference implementation of the supply-planning equations, to test the fast one against.

Plain loops over plain lists, one small function per equation, no shared code with the product. Months are indices
0..11 counted from the planning month; None is a blank cell. One month is 4.25 weeks. Tonnes and EUR per tonne.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WEEKS_PER_MONTH = 4.25
HORIZON = 12
AVAILABILITY_MONTHS = 7
DSR_MONTHS = 3
PROJECTION_MONTHS = 10

Plan = dict[str, list[float]]
Row = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """A country's rule: frozen months, the month in which each of W1..W8 lands, pipeline months."""

    frozen: int
    landing: tuple[int, int, int, int, int, int, int, int]
    pipeline: int


RULES: dict[str, Rule] = {
    "Morocco": Rule(2, (0, 0, 0, 0, 1, 1, 1, 2), 1),
    "Algeria": Rule(2, (0, 0, 0, 1, 1, 1, 1, 2), 2),
    "Tunisia": Rule(3, (0, 0, 0, 1, 1, 1, 1, 2), 3),
}

# status -> (propose orders, hold safety stock)
STATUSES: dict[str, tuple[bool, bool]] = {
    "Regular": (True, True),
    "Innovation": (True, True),
    "Promotion": (True, True),
    "To be delisted": (False, True),
    "Delisted": (False, False),
}


@dataclass
class Item:
    """One SAP code in one country."""

    country: str
    sap_code: str
    status: str
    weeks_cover: float
    category: str = ""
    sub_category: str = ""
    brand: str = ""
    moq: float | None = None
    multiple: float | None = None
    opening: float = 0.0
    transit: list[float] = field(default_factory=lambda: [0.0] * 8)
    demand: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    confirmed: list[float | None] = field(default_factory=lambda: [None] * HORIZON)
    unit_cost: float = 0.0
    landed_cost: float = 0.0


# ------------------------------------------------------------------------------------------------ closing stock, orders


def arrivals(item: Item, rule: Rule) -> list[float]:
    """A[k]: the sum of the transit weeks that land in month k; 0 where no week lands."""
    result = [0.0] * HORIZON
    for week in range(8):
        month = rule.landing[week]
        if month < HORIZON:
            result[month] += item.transit[week]
    return result


def mean_demand(demand: Sequence[float]) -> float:
    """Mean of the first 12 months of demand."""
    total = 0.0
    for month in range(HORIZON):
        total += demand[month]
    return total / HORIZON


def demand_of_month(demand: Sequence[float], month: int) -> float:
    """Demand of a month; a month beyond the given demand counts as the mean of the first 12."""
    if month < len(demand):
        return demand[month]
    return mean_demand(demand)


def demand_after(demand: Sequence[float], month: int, weeks: float) -> float:
    """Demand of the `weeks` weeks that follow `month`: months month+1, month+2, ... each give at most 4.25 weeks.

    sum over k of min(4.25, max(weeks - 4.25 k, 0)) * D[month + 1 + k] / 4.25
    """
    total = 0.0
    k = 0
    while weeks - WEEKS_PER_MONTH * k > 0:
        weeks_taken = min(WEEKS_PER_MONTH, weeks - WEEKS_PER_MONTH * k)
        total += weeks_taken * demand_of_month(demand, month + 1 + k) / WEEKS_PER_MONTH
        k += 1
    return total


def safety_stock(item: Item, flags: tuple[bool, bool], method: str) -> list[float]:
    """S[i], by method.

    "average": mean(D[0..11]) / 4.25 * weeks of cover, the same in every month.
    "exact": the demand of the weeks of cover that follow the month.
    A status that holds no safety stock has 0. `flags` is (propose orders, hold safety stock).
    """
    _, holds_safety_stock = flags
    if not holds_safety_stock:
        return [0.0] * HORIZON
    if method == "average":
        level = mean_demand(item.demand) / WEEKS_PER_MONTH * item.weeks_cover
        return [level] * HORIZON
    if method == "exact":
        return [demand_after(item.demand, month, item.weeks_cover) for month in range(HORIZON)]
    raise ValueError(f"unknown safety stock method: {method!r}")


def whole_multiples(quotient: float) -> int:
    """ceil(quotient), where a quotient within a relative 1e-9 of a whole number counts as that whole number."""
    nearest = round(quotient)
    if abs(quotient - nearest) <= 1e-9 * abs(nearest):
        return nearest
    return math.ceil(quotient)


def rounded_order(need: float, moq: float | None, multiple: float | None) -> float:
    """A need above 0 becomes ceil(max(need, moq) / multiple) * multiple; no need, no order."""
    if need <= 0:
        return 0.0
    quantity = need
    if moq is not None:
        quantity = max(quantity, moq)
    if multiple is not None and multiple > 0:
        quantity = whole_multiples(quantity / multiple) * multiple
    return quantity


def stock_entering(month: int, opening: float, closing: Sequence[float]) -> float:
    """Stock that enters a month: the opening stock in month 0, then the previous closing if positive.

    A shortage is lost, not carried over.
    """
    if month == 0:
        return opening
    return max(closing[month - 1], 0.0)


def closing_of_month(month: int, entering: float, arrival: float, order: float, demand: float) -> float:
    """C[i] = entering stock + A[i] + (Q[i] if i >= 2 else 0) - D[i]."""
    if month >= 2:
        return entering + arrival + order - demand
    return entering + arrival - demand


def orders_and_closing(
    item: Item,
    rule: Rule,
    statuses: dict[str, tuple[bool, bool]],
    safety: Sequence[float],
    net_transit: bool = False,
) -> tuple[list[float], list[float]]:
    """Q[i] and C[i], month after month.

    - A confirmed quantity always wins, in any month, and is not rounded.
    - Otherwise, from the frozen months on and if the status proposes orders:
      need = D[i] + S[i] - max(C[i-1], 0), less A[i] when `net_transit`; then MOQ and multiple.
    - Otherwise months 0 and 1 take A[0] and A[1], every other month takes 0.
    """
    proposes_orders, _ = statuses[item.status]
    arrival = arrivals(item, rule)
    orders: list[float] = []
    closing: list[float] = []
    for month in range(HORIZON):
        entering = stock_entering(month, item.opening, closing)
        confirmed = item.confirmed[month]
        if confirmed is not None:
            order = confirmed
        elif month >= rule.frozen and proposes_orders:
            need = item.demand[month] + safety[month] - max(entering, 0.0)
            if net_transit:
                need -= arrival[month]
            if need <= 1e-9 * (item.demand[month] + safety[month]):
                need = 0.0  # what is left of a difference of equal quantities is rounding noise, not a need
            order = rounded_order(need, item.moq, item.multiple)
        elif month < 2:
            order = arrival[month]
        else:
            order = 0.0
        orders.append(order)
        closing.append(closing_of_month(month, entering, arrival[month], order, item.demand[month]))
    return orders, closing


def closing_stock(
    opening: float,
    arrivals: Sequence[float],
    demand: Sequence[float],
    orders: Sequence[float],
    backorders: bool = False,
) -> list[float]:
    """C[i] for given orders, for as many months as there are orders.

    A shortage is lost; with `backorders` it is carried over to the next month instead.
    """
    closing: list[float] = []
    for month in range(len(orders)):
        entering = stock_entering(month, opening, closing)
        if backorders and month > 0:
            entering = closing[month - 1]
        arrival = arrivals[month] if month < len(arrivals) else 0.0
        closing.append(closing_of_month(month, entering, arrival, orders[month], demand[month]))
    return closing


# --------------------------------------------------------------------------------------------- pipeline, weeks of cover


def pipeline(orders: Sequence[float], rule: Rule) -> list[float]:
    """T[i] = Q[i+1] + ... + Q[i + pipeline months]; orders beyond the horizon count as 0."""
    result: list[float] = []
    for month in range(len(orders)):
        total = 0.0
        for later in range(month + 1, month + rule.pipeline + 1):
            if later < len(orders):
                total += orders[later]
        result.append(total)
    return result


def average_cover(stock: float, seven_months_demand: Sequence[float]) -> float:
    """Weeks of cover: stock / mean of the given demand * 4.25; infinite without demand; a negative stock is 0."""
    mean = sum(seven_months_demand) / len(seven_months_demand)
    if mean == 0:
        return math.inf
    return max(stock, 0.0) / mean * WEEKS_PER_MONTH


def exact_cover(stock: float, demand_from_month: Sequence[float]) -> tuple[float, bool]:
    """Weeks until the demand, month after month, has used up the stock; and whether all given demand is covered.

    A month whose demand is covered counts 4.25 weeks (so does a month without demand), the last one pro rata.
    A negative stock is 0. Short by a relative 1e-9 of the demand so far or less is rounding noise: covered.
    """
    remaining = max(stock, 0.0)
    weeks = 0.0
    demand_so_far = 0.0
    for demand in demand_from_month:
        demand_so_far += demand
        if demand - remaining <= 1e-9 * demand_so_far:
            weeks += WEEKS_PER_MONTH
            remaining = max(remaining - demand, 0.0)
        else:
            weeks += remaining / demand * WEEKS_PER_MONTH
            return weeks, False
    return weeks, True


# ------------------------------------------------------------------------- projection, risk, opportunity, overstock, CV


def projection(
    closing: Sequence[float], pipeline: Sequence[float], unit_cost: float, landed_cost: float
) -> list[float]:
    """P[i] = max(C[i], 0) * unit cost + T[i] * landed cost."""
    return [max(closing[month], 0.0) * unit_cost + pipeline[month] * landed_cost for month in range(len(closing))]


def risk(closing: Sequence[float]) -> list[float]:
    """risk[i] = -min(C[i], 0)."""
    return [max(-stock, 0.0) for stock in closing]


def opportunity(closing: Sequence[float]) -> list[float]:
    """opportunity[i] = max(C[i], 0)."""
    return [max(stock, 0.0) for stock in closing]


def overstock(closing: Sequence[float], demand: Sequence[float], weeks_cover: float) -> list[float]:
    """max(0, C[i] - demand of the (weeks of cover + 4.25) weeks after month i); below 1e-9 of C[i] it is noise."""
    excess = []
    for month in range(len(closing)):
        over = closing[month] - demand_after(demand, month, weeks_cover + WEEKS_PER_MONTH)
        excess.append(over if over > 1e-9 * closing[month] and over > 0 else 0.0)
    return excess


def residual(item: Item) -> float:
    """What remains of opening + W1..W8 + confirmed orders of months 2..11 after all forecast demand, at least 0."""
    supply = item.opening
    for week in range(8):
        supply += item.transit[week]
    for month in range(2, HORIZON):
        quantity = item.confirmed[month]
        if quantity is not None:
            supply += quantity
    return max(0.0, supply - sum(item.demand))


def cv(demand: Sequence[float]) -> float | None:
    """Population coefficient of variation of the first 12 months; None when their mean is 0."""
    mean = mean_demand(demand)
    if mean == 0:
        return None
    squares = 0.0
    for month in range(HORIZON):
        squares += (demand[month] - mean) ** 2
    return math.sqrt(squares / HORIZON) / mean


# -------------------------------------------------------------------------------------------------- the whole portfolio


def plan(
    items: Sequence[Item],
    rules: dict[str, Rule],
    statuses: dict[str, tuple[bool, bool]],
    method: str,
    net_transit: bool = False,
) -> list[Plan]:
    """Per item: safety, orders, closing and pipeline, 12 months each."""
    plans: list[Plan] = []
    for item in items:
        rule = rules[item.country]
        safety = safety_stock(item, statuses[item.status], method)
        orders, closing = orders_and_closing(item, rule, statuses, safety, net_transit)
        plans.append({"safety": safety, "orders": orders, "closing": closing, "pipeline": pipeline(orders, rule)})
    return plans


def groups(items: Sequence[Item], attribute: str) -> dict[tuple[str, str], list[int]]:
    """Positions of the items of each (country, value of the attribute), in order of first appearance."""
    result: dict[tuple[str, str], list[int]] = {}
    for position, item in enumerate(items):
        result.setdefault((item.country, getattr(item, attribute)), []).append(position)
    return result


# --------------------------------------------------------------------------------------------------------- availability


def opening_of_month(item: Item, item_plan: Plan, month: int) -> float:
    """Stock on hand when the month starts, at least 0: the opening stock, then the previous closing."""
    return max(stock_entering(month, item.opening, item_plan["closing"]), 0.0)


def summed_demand(items: Sequence[Item], members: Sequence[int]) -> list[float]:
    """Demand of several items, month by month, for all the months given (the same number for each item)."""
    lengths = {len(items[member].demand) for member in members}
    if len(lengths) != 1:
        raise ValueError("the items of one brand must give the same number of months of demand")
    return [sum(items[member].demand[month] for member in members) for month in range(lengths.pop())]


def availability(items: Sequence[Item], plans: Sequence[Plan], targets: dict[tuple[str, str], float]) -> list[Row]:
    """Weeks of cover per country and brand, 7 months, two stocks, two methods.

    Stock and demand of a brand are the sums of its items. Average cover divides by the mean demand of months 0..6
    whatever the month; exact cover runs from the month to the end of the given demand. At risk: under the target,
    and there is demand.
    """
    rows: list[Row] = []
    for (country, brand), members in groups(items, "brand").items():
        demand = summed_demand(items, members)
        seven_months = demand[:AVAILABILITY_MONTHS]
        target = targets.get((country, brand))
        for month in range(AVAILABILITY_MONTHS):
            opening = 0.0
            in_pipeline = 0.0
            for member in members:
                opening += opening_of_month(items[member], plans[member], month)
                in_pipeline += plans[member]["pipeline"][month]
            for stock_name, stock in (("opening", opening), ("opening+pipeline", opening + in_pipeline)):
                for method in ("average", "exact"):
                    if method == "average":
                        weeks, capped = average_cover(stock, seven_months), False
                        demand_used = seven_months
                    else:
                        weeks, capped = exact_cover(stock, demand[month:])
                        demand_used = demand[month:]
                    has_demand = any(quantity != 0 for quantity in demand_used)
                    rows.append(
                        {
                            "country": country,
                            "brand": brand,
                            "month": month,
                            "stock": stock_name,
                            "method": method,
                            "weeks": weeks,
                            "capped": capped,
                            "target": target,
                            "at_risk": target is not None and weeks < target and has_demand,
                        }
                    )
    return rows


def imported_tonnes(item: Item, item_plan: Plan) -> float:
    """What will be imported over the 7 months: W1..W8 + Q[2..6] (orders of months 0 and 1 are the transit)."""
    total = sum(item.transit)
    for month in range(2, AVAILABILITY_MONTHS):
        total += item_plan["orders"][month]
    return total


def share(part: float, whole: float) -> float:
    """Part of the whole; 0 of nothing is 0."""
    return part / whole if whole != 0 else 0.0


def imports_share(items: Sequence[Item], plans: Sequence[Plan]) -> list[Row]:
    """Per country and brand: imports in tonnes and in cash (landed cost), and their shares within the country."""
    country_tonnes: dict[str, float] = {}
    country_cash: dict[str, float] = {}
    rows: list[Row] = []
    for (country, brand), members in groups(items, "brand").items():
        tonnes = 0.0
        cash = 0.0
        for member in members:
            imported = imported_tonnes(items[member], plans[member])
            tonnes += imported
            cash += imported * items[member].landed_cost
        country_tonnes[country] = country_tonnes.get(country, 0.0) + tonnes
        country_cash[country] = country_cash.get(country, 0.0) + cash
        rows.append({"country": country, "brand": brand, "tonnes": tonnes, "cash": cash})
    for row in rows:
        row["tonnes_share"] = share(row["tonnes"], country_tonnes[row["country"]])
        row["cash_share"] = share(row["cash"], country_cash[row["country"]])
    return rows


# ----------------------------------------------------------------------------------------- demand-supply reconciliation


def position_of(items: Sequence[Item], country: str, sap_code: str) -> int:
    """Position of the item with this SAP code in this country."""
    for position, item in enumerate(items):
        if item.country == country and item.sap_code == sap_code:
            return position
    raise ValueError(f"no item {sap_code} in {country}")


def used_for(items: Sequence[Item], position: int, month: int, opportunities: Sequence[Row]) -> float:
    """Tonnes of the chosen opportunities that cover the risk of one item in one month."""
    total = 0.0
    for chosen in opportunities:
        covered = position_of(items, chosen["country"], chosen["risk_sap_code"])
        if chosen["month"] == month and covered == position:
            total += chosen["tonnes"]
    return total


def given_until(items: Sequence[Item], position: int, month: int, opportunities: Sequence[Row]) -> float:
    """Tonnes that one donor gives in months 0..month."""
    total = 0.0
    for chosen in opportunities:
        donor = position_of(items, chosen["donor_country"], chosen["donor_sap_code"])
        if chosen["month"] <= month and donor == position:
            total += chosen["tonnes"]
    return total


def dsr(items: Sequence[Item], plans: Sequence[Plan], opportunities: Sequence[Row]) -> list[Row]:
    """Per country, sub-category and month 0..2: risk, potential opportunity, used, net = risk - used.

    What is used counts where the risk is, not where the donor is. Cash is at the landed cost of the risk item.
    """
    rows: list[Row] = []
    for (country, sub_category), members in groups(items, "sub_category").items():
        for month in range(DSR_MONTHS):
            risk_t = opportunity_t = used_t = risk_cash = used_cash = 0.0
            for member in members:
                item_risk = risk(plans[member]["closing"])[month]
                item_used = used_for(items, member, month, opportunities)
                risk_t += item_risk
                opportunity_t += opportunity(plans[member]["closing"])[month]
                used_t += item_used
                risk_cash += item_risk * items[member].landed_cost
                used_cash += item_used * items[member].landed_cost
            rows.append(
                {
                    "country": country,
                    "sub_category": sub_category,
                    "month": month,
                    "risk_t": risk_t,
                    "opportunity_t": opportunity_t,
                    "used_t": used_t,
                    "net_t": risk_t - used_t,
                    "risk_cash": risk_cash,
                    "used_cash": used_cash,
                    "net_cash": risk_cash - used_cash,
                }
            )
    return rows


def exceeds(amount: float, limit: float) -> bool:
    """Amount is above the limit by more than a relative 1e-9."""
    return amount > limit * (1 + 1e-9)


def dsr_violations(items: Sequence[Item], plans: Sequence[Plan], opportunities: Sequence[Row]) -> list[str]:
    """Donors that gave more than they have, and risks covered beyond their amount, one text each.

    What a donor gave in months 0..m is at most max(C[m], 0), for every m in 0..2. What is used for a risk in a month
    is at most the risk.
    """
    violations: list[str] = []
    for position, item in enumerate(items):
        available = opportunity(plans[position]["closing"])
        needed = risk(plans[position]["closing"])
        for month in range(DSR_MONTHS):
            given = given_until(items, position, month, opportunities)
            if exceeds(given, available[month]):
                violations.append(
                    f"donor {item.country} {item.sap_code} month {month}: gave {given}, has {available[month]}"
                )
            used = used_for(items, position, month, opportunities)
            if exceeds(used, needed[month]):
                violations.append(
                    f"risk {item.country} {item.sap_code} month {month}: used {used}, risk {needed[month]}"
                )
    return violations


# ------------------------------------------------------------------------------------------------ financial projections


def projections(items: Sequence[Item], plans: Sequence[Plan]) -> list[Row]:
    """P[i] of 10 months summed per country and sub-category, per country ("TOTAL") and over all ("Total", "TOTAL")."""
    sums: dict[tuple[str, str], list[float]] = {}
    for item, item_plan in zip(items, plans, strict=True):
        values = projection(item_plan["closing"], item_plan["pipeline"], item.unit_cost, item.landed_cost)
        for key in ((item.country, item.sub_category), (item.country, "TOTAL"), ("Total", "TOTAL")):
            totals = sums.setdefault(key, [0.0] * PROJECTION_MONTHS)
            for month in range(PROJECTION_MONTHS):
                totals[month] += values[month]
    rows: list[Row] = []
    for (country, sub_category), totals in sums.items():
        for month in range(PROJECTION_MONTHS):
            rows.append({"country": country, "sub_category": sub_category, "month": month, "value": totals[month]})
    return rows


# ---------------------------------------------------------------------------------------------- overstock and residuals


def reason(proposes_orders: bool, has_forecast: bool, residual_t: float, overstock_t: float) -> str:
    """Why a row is listed: residual, no demand, overstock, or nothing."""
    if not proposes_orders and residual_t > 0:
        return "residual"
    if not has_forecast and residual_t > 0:
        return "no demand"
    if overstock_t > 0:
        return "overstock"
    return ""


def overstock_rows(items: Sequence[Item], plans: Sequence[Plan], statuses: dict[str, tuple[bool, bool]]) -> list[Row]:
    """Per item and month 0..11: overstock in tonnes and cash (unit cost); the residual on the month-0 row only.

    Residual applies to items whose status proposes no orders and to items without any forecast. The reason is that of
    the item: one with a residual has the same reason in all months.
    """
    rows: list[Row] = []
    for item, item_plan in zip(items, plans, strict=True):
        proposes_orders, _ = statuses[item.status]
        has_forecast = sum(item.demand) != 0
        too_much = overstock(item_plan["closing"], item.demand, item.weeks_cover)
        remains = residual(item) if not proposes_orders or not has_forecast else 0.0
        for month in range(HORIZON):
            residual_t = remains if month == 0 else 0.0
            rows.append(
                {
                    "country": item.country,
                    "sap_code": item.sap_code,
                    "month": month,
                    "overstock_t": too_much[month],
                    "overstock_cash": too_much[month] * item.unit_cost,
                    "residual_t": residual_t,
                    "residual_cash": residual_t * item.unit_cost,
                    "reason": reason(proposes_orders, has_forecast, remains, too_much[month]),
                }
            )
    return rows
