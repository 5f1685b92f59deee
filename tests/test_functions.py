"""The sheet functions: shapes, blanks, options, errors, and the registry that everything follows from."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

from smile_xl import functions
from smile_xl.arguments import NotNumberError, UnknownNameError
from smile_xl.core import DomainError, ShapeError
from smile_xl.registry import ERRORS, FUNCTIONS, HELP_LIMIT

ZERO_TRANSIT = [0] * 8
YEAR = [10.0] * 12
USAGE = {
    "SMILE_SAFETYSTOCK": 'demand, weeks_cover, [method="exact"], [month]',
    "SMILE_SAFETYSTOCK_Z": "service_level, demand_mean, demand_sd, lead_time_mean, lead_time_sd",
    "SMILE_SAFETYGAIN": 'demand, weeks_cover, [old="average"], [new="exact"], [month]',
    "SMILE_ORDERS": "country, opening, transit, demand, safety, [confirmed], [status], [moq], [multiple], [rules], "
    "[statuses], [net_transit=FALSE]",
    "SMILE_CLOSING": "country, opening, transit, demand, orders, [rules], [backorders=FALSE]",
    "SMILE_PIPELINE": "country, orders, [rules]",
    "SMILE_WEEKSCOVER": 'stock, demand, [method="exact"]',
    "SMILE_PROJECTION": "closing, pipeline, unit_cost, landed_cost",
    "SMILE_RISK": "closing",
    "SMILE_OPPORTUNITY": "closing",
    "SMILE_OVERSTOCK": "closing, demand, weeks_cover",
    "SMILE_CV": "demand",
    "SMILE_VOLATILITYCLASS": "demand, [low=0.5], [high=1]",
    "SMILE_ABC": "values, [cuts]",
    "SMILE_XYZ": "demand, [cuts]",
    "SMILE_DEMANDCLASS": "demand",
    "SMILE_SEGMENT": "demand, unit_cost, [abc_cuts], [xyz_cuts]",
    "SMILE_TARGET": 'target, demand, [unit="weeks"], [unit_cost]',
    "SMILE_WMAPE": "actual, forecast",
    "SMILE_BIAS": "actual, forecast",
    "SMILE_TURNS": "cost_of_sales, stock",
    "SMILE_OTIF": "ordered, received, planned, arrived, [early_days=0], [late_days=0]",
    "SMILE_VERSION": "",
    "SMILE_WHY": "cell",
    "SMILE_EXPLAIN": "report, month, argument_1, argument_2, "
    + ", ".join(f"[argument_{place}]" for place in range(3, 13)),
}


def test_the_registry_has_every_function_with_its_arguments() -> None:
    assert {name: one.usage for name, one in FUNCTIONS.items()} == {
        name: f"{name}({arguments})" for name, arguments in USAGE.items()
    }


def test_every_sheet_function_of_the_module_is_registered() -> None:
    assert sorted(name for name in vars(functions) if name.startswith("SMILE_")) == sorted(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_help_fits_into_excel_and_covers_every_argument(function) -> None:
    assert 0 < len(function.help) <= HELP_LIMIT
    assert function.help.endswith(".")
    signature = inspect.signature(function.call).parameters
    assert [one.name for one in function.parameters] == list(signature)
    for one in function.parameters:
        assert 0 < len(one.help) <= HELP_LIMIT
        assert one.optional == (signature[one.name].default is not inspect.Parameter.empty)
    assert len(",".join(signature)) < 232
    assert {"Notes", "Examples"} <= {*function.sections, "Notes"}


# ------------------------------------------------------------------------------------------------------------- shapes


def test_one_item_as_a_flat_list_gives_a_flat_result() -> None:
    closing = functions.SMILE_CLOSING("Morocco", 100, ZERO_TRANSIT, YEAR, [0] * 12)
    assert closing.shape == (12,)
    assert closing[0] == 90


def test_one_item_as_a_row_keeps_its_axis() -> None:
    assert functions.SMILE_CLOSING("Morocco", [[100]], [ZERO_TRANSIT], [YEAR], [[0] * 12]).shape == (1, 12)


def test_a_block_has_one_row_per_item_and_countries_in_a_column() -> None:
    block = functions.SMILE_CLOSING(
        [["Morocco"], ["Algeria"]], [[100], [0]], [[0, 0, 0, 7, 0, 0, 0, 0]] * 2, [YEAR] * 2, [[0] * 12] * 2
    )
    assert block.shape == (2, 12)
    assert block[0, 0] == 97  # the fourth week lands at once in Morocco
    assert block[1, 1] == -3  # and a month later in Algeria


def test_a_single_number_gives_a_float() -> None:
    assert functions.SMILE_RISK(-4) == 4.0
    assert isinstance(functions.SMILE_RISK(-4), float)
    assert functions.SMILE_PROJECTION(2, 1, 100, 110) == 310.0


def test_one_month_and_one_item_keep_their_meaning() -> None:
    assert functions.SMILE_CLOSING("Morocco", 5, ZERO_TRANSIT, [2], [0]).tolist() == [3]
    assert functions.SMILE_SAFETYSTOCK([8.5], 1).tolist() == [2.0]
    assert functions.SMILE_PIPELINE("Tunisia", [4]).tolist() == [0]


def test_no_item_gives_no_row() -> None:
    nothing = np.empty((0, 12))
    assert functions.SMILE_RISK(nothing).shape == (0, 12)
    assert functions.SMILE_SAFETYSTOCK(nothing, 3).shape == (0, 12)
    assert functions.SMILE_CV(nothing).shape == (0, 1)


def test_a_column_of_demand_is_one_month_of_several_items() -> None:
    assert functions.SMILE_RISK([[-1], [2], [-3]]).tolist() == [[1], [0], [3]]
    assert functions.SMILE_CV([[5], [6]]).tolist() == [[0], [0]]


def test_per_item_values_come_as_a_number_or_a_column() -> None:
    demand = [YEAR, YEAR]
    column = functions.SMILE_SAFETYSTOCK(demand, [[4.25], [8.5]], "exact", 0)
    assert column.tolist() == [[10], [20]]
    np.testing.assert_array_equal(column, functions.SMILE_SAFETYSTOCK(demand, [4.25, 8.5], "exact", 0))
    assert functions.SMILE_SAFETYSTOCK(demand, 4.25, "average", 11).tolist() == [[10], [10]]


def test_safety_stock_of_all_months_or_of_one() -> None:
    demand = list(range(12))
    everything = functions.SMILE_SAFETYSTOCK(demand, 6)
    assert everything.shape == (12,)
    assert [functions.SMILE_SAFETYSTOCK(demand, 6, "exact", month) for month in range(12)] == everything.tolist()


def test_each_item_has_its_own_safety_method() -> None:
    demand = [[0.0, 85.0, 170.0]] * 3
    mixed = functions.SMILE_SAFETYSTOCK(demand, 4.25, [["exact"], ["moyenne"], ["EXACT"]])
    assert mixed.tolist() == [[85, 170, 85], [85, 85, 85], [85, 170, 85]]
    assert functions.SMILE_SAFETYSTOCK(demand[0], 4.25, "average").tolist() == [85, 85, 85]
    with pytest.raises(ShapeError, match="column of 3"):
        functions.SMILE_SAFETYSTOCK(demand, 4.25, [["exact"], ["average"]])


def test_what_a_policy_frees_is_the_old_stock_less_the_new_one() -> None:
    rng = np.random.default_rng(3)
    demand, weeks = rng.random((6, 14)) * 80, rng.random((6, 1)) * 15
    old = functions.SMILE_SAFETYSTOCK(demand, weeks, "average")
    new = functions.SMILE_SAFETYSTOCK(demand, weeks, "exact")
    np.testing.assert_array_equal(functions.SMILE_SAFETYGAIN(demand, weeks), old - new)
    np.testing.assert_array_equal(functions.SMILE_SAFETYGAIN(demand, weeks, "exact", "average"), new - old)
    np.testing.assert_array_equal(functions.SMILE_SAFETYGAIN(demand, weeks, month=5), (old - new)[:, 5:6])
    methods = [["exact"], ["average"]] * 3
    assert not functions.SMILE_SAFETYGAIN(demand, weeks, methods, methods).any()


def test_volatility_has_three_classes_and_a_cut_belongs_to_the_lower_one() -> None:
    demand = [[10, 30], [9, 31], [0, 30], [0, 0, 30], [0, 0]]
    classes = [functions.SMILE_VOLATILITYCLASS(row) for row in demand]
    assert classes[:4] == [1, 2, 2, 3]
    assert math.isnan(classes[4])
    assert functions.SMILE_VOLATILITYCLASS([[10, 30], [0, 30]], 0.2, 0.9).tolist() == [[2], [3]]


def test_more_demand_months_than_twelve_are_looked_at_but_not_planned() -> None:
    longer = functions.SMILE_SAFETYSTOCK([*YEAR, 100, 100], 8.5)
    assert longer.shape == (12,)
    assert longer.tolist() == [20] * 10 + [110, 200]


def test_cover_of_a_stock_of_each_month_and_of_each_item() -> None:
    assert functions.SMILE_WEEKSCOVER(20, YEAR) == 8.5
    assert functions.SMILE_WEEKSCOVER([20, 10, 0], YEAR).tolist() == [8.5, 4.25, 0]
    assert functions.SMILE_WEEKSCOVER([[20], [5]], [YEAR, YEAR]).tolist() == [[8.5], [2.125]]
    assert functions.SMILE_WEEKSCOVER([20, 5], [YEAR, YEAR]).tolist() == [[8.5], [2.125]]


def test_average_cover_looks_at_seven_months() -> None:
    demand = [*[7.0] * 7, *[1000.0] * 5]
    assert functions.SMILE_WEEKSCOVER(14, demand, "average") == 8.5
    assert functions.SMILE_WEEKSCOVER(14, demand[:7], "average") == 8.5


# ---------------------------------------------------------------------------------------------------- blanks, options


def test_a_blank_is_zero_in_demand_transit_and_orders() -> None:
    blanks = functions.SMILE_CLOSING("Morocco", None, [None, *[0] * 7], [None, 5, ""], [0, None, 8])
    assert blanks.tolist() == [0, -5, 8]


def test_a_blank_confirmed_order_is_none_and_a_zero_is_zero() -> None:
    common = ("Morocco", 0, ZERO_TRANSIT, [10] * 4, [0] * 4)
    assert functions.SMILE_ORDERS(*common, [None, None, None, 0]).tolist() == [0, 0, 10, 0]
    assert functions.SMILE_ORDERS(*common, [np.nan, np.nan, 3, np.nan]).tolist() == [0, 0, 3, 10]


def test_orders_keep_minimum_multiple_status_and_confirmed_quantities() -> None:
    demand, safety = [[10] * 4] * 3, [[0] * 4] * 3
    orders = functions.SMILE_ORDERS(
        [["Morocco"]] * 3,
        0,
        [ZERO_TRANSIT] * 3,
        demand,
        safety,
        [[None] * 4, [None] * 4, [5, None, None, None]],
        [["Regular"], ["To be delisted"], ["Promotion"]],
        [[None], [0], [12]],
        [[None], [0], [5]],
    )
    assert orders.tolist() == [[0, 0, 10, 10], [0, 0, 0, 0], [5, 0, 15, 15]]


def test_blank_frozen_months_take_the_transit() -> None:
    transit = [1, 2, 3, 4, 5, 6, 7, 8]
    orders = functions.SMILE_ORDERS("Tunisia", 1000, transit, [10] * 4, [0] * 4)
    assert orders.tolist() == [6, 22, 0, 0]


def test_net_transit_subtracts_the_eighth_week_from_the_order() -> None:
    transit = [0] * 7 + [4]
    common = ("Morocco", 0, transit, [10] * 3, [0] * 3)
    assert functions.SMILE_ORDERS(*common).tolist() == [0, 0, 10]
    assert functions.SMILE_ORDERS(*common, net_transit=True).tolist() == [0, 0, 6]
    assert functions.SMILE_ORDERS(*common, net_transit="VRAI").tolist() == [0, 0, 6]


def test_rules_and_statuses_come_as_tables_with_or_without_headers_and_blank_rows() -> None:
    rules = [["Egypt", 2, 0, 0, 0, 0, 0, 0, 0, 1, 2], [None] * 11]
    headed = [["Country", "Frozen months", *[f"W{week}" for week in range(1, 9)], "Pipeline months"], *rules]
    for table in (rules, headed, np.array(rules[0], dtype=object)):
        assert functions.SMILE_PIPELINE("egypt ", [1, 2, 4, 8], table).tolist() == [6, 12, 8, 0]
    statuses = [["Status", "Propose orders", "Hold safety stock"], ["New", "yes", "no"], ["Old", False, "non"]]
    for status, expected in (("New", 10), ("OLD", 0)):
        orders = functions.SMILE_ORDERS("Morocco", 0, ZERO_TRANSIT, [10] * 3, [0] * 3, status=status, statuses=statuses)
        assert orders[2] == expected


@pytest.mark.parametrize("name", ["Morocco", "maroc", " MOROCCO ", "Maroc"])
def test_built_in_countries_are_known_in_both_languages(name: str) -> None:
    assert functions.SMILE_PIPELINE(name, [1, 2, 4]).tolist() == [2, 4, 0]


def test_backorders_carry_a_shortage() -> None:
    common = ("Morocco", 5, ZERO_TRANSIT, [10, 0, 0], [0, 0, 20])
    assert functions.SMILE_CLOSING(*common).tolist() == [-5, 0, 20]
    assert functions.SMILE_CLOSING(*common, backorders=True).tolist() == [-5, -5, 15]


def test_numpy_and_lists_give_the_same() -> None:
    rng = np.random.default_rng(7)
    demand, orders = rng.random((5, 12)) * 50, rng.random((5, 12)) * 50
    transit, opening = rng.random((5, 8)) * 9, rng.random(5) * 90
    arrays = functions.SMILE_CLOSING("Algeria", opening, transit, demand, orders)
    lists = functions.SMILE_CLOSING("Algeria", opening.tolist(), transit.tolist(), demand.tolist(), orders.tolist())
    np.testing.assert_array_equal(arrays, lists)


def test_arguments_are_left_as_they_are() -> None:
    demand = np.array([YEAR])
    functions.SMILE_ORDERS("Morocco", 0, [ZERO_TRANSIT], demand, demand, net_transit=True)
    assert demand.tolist() == [YEAR]


# ------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        pytest.param(lambda: functions.SMILE_CLOSING("Egypt", 1, ZERO_TRANSIT, YEAR, YEAR), UnknownNameError, "Egypt", id="a country without a row"),
        pytest.param(lambda: functions.SMILE_PIPELINE(None, YEAR), UnknownNameError, "country ''", id="a blank country"),
        pytest.param(lambda: functions.SMILE_ORDERS("Morocco", 1, ZERO_TRANSIT, YEAR, YEAR, status="Gone"), UnknownNameError, "Gone", id="a status without a row"),
        pytest.param(lambda: functions.SMILE_CLOSING("Morocco", 1, ZERO_TRANSIT, YEAR, YEAR[:11]), ShapeError, "orders has 11 months, demand 12", id="eleven months of orders"),
        pytest.param(lambda: functions.SMILE_CLOSING("Morocco", 1, [0] * 7, YEAR, YEAR), ShapeError, "7 weeks", id="seven weeks of transit"),
        pytest.param(lambda: functions.SMILE_CLOSING("Morocco", 1, [ZERO_TRANSIT] * 2, [YEAR] * 2, [YEAR]), ShapeError, "orders has 1 items, demand 2", id="one item of orders"),
        pytest.param(lambda: functions.SMILE_CLOSING("Morocco", [1, 2, 3], [ZERO_TRANSIT] * 2, [YEAR] * 2, [YEAR] * 2), ShapeError, "column of 2", id="three openings for two items"),
        pytest.param(lambda: functions.SMILE_CV([[1, 2], [3]]), ShapeError, "differ in length", id="rows of different length"),
        pytest.param(lambda: functions.SMILE_CV([]), ShapeError, "no month", id="no month"),
        pytest.param(lambda: functions.SMILE_PIPELINE("Morocco", YEAR, [["Egypt", 1]]), ShapeError, "11 columns", id="rules with two columns"),
        pytest.param(lambda: functions.SMILE_WEEKSCOVER([1, 2, 3], [5, 5]), ShapeError, "stock has 3 months, demand 2", id="more stock months than demand"),
        pytest.param(lambda: functions.SMILE_CV(["ten", 2]), NotNumberError, "'ten'", id="text in the demand"),
        pytest.param(lambda: functions.SMILE_RISK([True]), NotNumberError, "TRUE", id="a truth value as a number"),
        pytest.param(lambda: functions.SMILE_CV([5, -1]), DomainError, "row 1 column 2 is -1", id="negative demand"),
        pytest.param(lambda: functions.SMILE_CV([5, math.nan]), DomainError, "nan", id="NaN in the demand"),
        pytest.param(lambda: functions.SMILE_RISK(math.inf), DomainError, "inf", id="an infinite closing"),
        pytest.param(lambda: functions.SMILE_SAFETYSTOCK(YEAR, -1), DomainError, "weeks_cover row 1 is -1", id="negative weeks"),
        pytest.param(lambda: functions.SMILE_SAFETYSTOCK(YEAR, 3, "guess"), DomainError, "exact, average", id="an unknown method"),
        pytest.param(lambda: functions.SMILE_SAFETYGAIN(YEAR, 3, "exact", "statistical"), DomainError, "new is 'statistical'", id="a policy that needs more than demand"),
        pytest.param(lambda: functions.SMILE_VOLATILITYCLASS(YEAR, 1, 0.5), DomainError, "smaller one first", id="cuts that fall"),
        pytest.param(lambda: functions.SMILE_VOLATILITYCLASS(YEAR, None), DomainError, "the cuts are nan", id="a blank cut"),
        pytest.param(lambda: functions.SMILE_TARGET(-1, YEAR), DomainError, "target row 1 is -1", id="a negative target"),
        pytest.param(lambda: functions.SMILE_TARGET(1, YEAR, "pallets"), DomainError, "weeks, tonnes, cash", id="a target in pallets"),
        pytest.param(lambda: functions.SMILE_TARGET(1, YEAR, "cash"), DomainError, "unit_cost is 0 or left out", id="cash without a cost"),
        pytest.param(lambda: functions.SMILE_SAFETYSTOCK(YEAR, 3, "exact", 12), DomainError, "0 to 11", id="month twelve"),
        pytest.param(lambda: functions.SMILE_SAFETYSTOCK_Z(1.0, 1, 1, 1, 1), DomainError, "between 0 and 1", id="a service level of 100 %"),
        pytest.param(lambda: functions.SMILE_SAFETYSTOCK_Z(0.9, 1, -1, 1, 1), DomainError, "demand_sd", id="a negative deviation"),
        pytest.param(lambda: functions.SMILE_ORDERS("Morocco", 1, ZERO_TRANSIT, YEAR, YEAR, moq=-1), DomainError, "moq", id="a negative minimum"),
        pytest.param(lambda: functions.SMILE_CLOSING("Morocco", 1, ZERO_TRANSIT, YEAR, YEAR, backorders="maybe"), DomainError, "TRUE or FALSE", id="maybe as a truth value"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_with_a_reason(call, error: type[Exception], reason: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert error in ERRORS
    assert reason in str(caught.value)
    assert functions.SMILE_WHY(caught.value) == str(caught.value)


def test_cover_without_demand_is_infinite_on_average_and_capped_exactly() -> None:
    assert functions.SMILE_WEEKSCOVER(5, [0] * 12, "average") == math.inf
    assert functions.SMILE_WEEKSCOVER(5, [0] * 12) == 51
    assert math.isnan(functions.SMILE_CV([0] * 12))


def test_why_explains_an_error_and_is_silent_without_one() -> None:
    assert functions.SMILE_WHY("#N/A")
    assert functions.SMILE_WHY(12.5) == ""
