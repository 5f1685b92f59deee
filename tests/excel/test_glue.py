"""SMILE_ formulas as Excel calculates them: through xlwings' own server, with values as COM delivers them."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from excel import com
from excel.com import MISSING, error_of, is_marker

from smile_xl import functions
from smile_xl.arguments import OMITTED, NotNumberError
from smile_xl.planning.grid import CellError
from smile_xl.registry import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "cell-values.md"
WEEKS = [1.0, 0.0, 2.0, 0.0, 4.0, 0.0, 0.0, 3.0]
YEAR = [10.0, 20.0, 0.0, 35.5, 40.0, 5.0, 12.25, 60.0, 10.0, 30.0, 25.0, 15.0]
ORDERS = [0.0, 0.0, 30.0, 10.0, 40.0, 0.0, 20.0, 50.0, 10.0, 30.0, 20.0, 10.0]
RULES = [
    ["Country", "Frozen months", *[f"W{week}" for week in range(1, 9)], "Pipeline months"],
    ["Morocco", 2.0, *[0.0] * 4, *[1.0] * 4, 3.0],
    ["Algeria", 3.0, *[0.0] * 3, *[1.0] * 5, 2.0],
    [None] * 11,
]
STATUSES = [["Status", "Propose orders", "Hold safety stock"], ["Regular", True, True], ["Old", False, "non"]]


def rows(*values: object) -> list[object]:
    return [list(values)]


def column(*values: object) -> list[object]:
    return [[value] for value in values]


CALLS = [
    pytest.param("SMILE_SAFETYSTOCK", (rows(*YEAR), 6.0), id="safety stock of a row"),
    pytest.param("SMILE_SAFETYSTOCK", (rows(*YEAR), 6.0, OMITTED, 3.0), id="safety stock of one month, method omitted"),
    pytest.param("SMILE_SAFETYSTOCK", ([YEAR, ORDERS], column(6.0, 2.5), "average"), id="average safety stock of a block"),
    pytest.param("SMILE_SAFETYSTOCK_Z", (0.9, 2500.0, 500.0, 7.0, 7.0), id="textbook safety stock of numbers"),
    pytest.param("SMILE_SAFETYSTOCK_Z", (column(0.9, 0.95), 100.0, 20.0, 2.0, column(1.0, 0.0)), id="textbook safety stock of columns"),
    pytest.param("SMILE_SAFETYGAIN", (rows(*YEAR), 6.0), id="safety stock freed, of a row"),
    pytest.param("SMILE_SAFETYGAIN", ([YEAR, ORDERS], 6.0, column("exact", "average"), OMITTED, 2.0), id="safety stock freed, of a block in one month"),
    pytest.param("SMILE_ORDERS", ("Morocco", 50.0, rows(*WEEKS), rows(*YEAR), rows(*YEAR)), id="orders of a row"),
    pytest.param(
        "SMILE_ORDERS",
        (column(" morocco", "Algeria"), column(5.0, None), [WEEKS, WEEKS], [YEAR, ORDERS], [YEAR, YEAR],
         [[None, 3.0, *[None] * 9, 0.0], [None] * 12], column("Regular", "Old"), column(12.0, None), 5.0, RULES, STATUSES, True),
        id="orders of a block with everything",
    ),
    pytest.param(
        "SMILE_ORDERS",
        ("Morocco", 50.0, rows(*WEEKS), rows(*YEAR), rows(*YEAR), OMITTED, OMITTED, 24.0, OMITTED, RULES, OMITTED, OMITTED),
        id="orders with arguments left out in between",
    ),
    pytest.param("SMILE_CLOSING", ("Tunisia", 50.0, rows(*WEEKS), rows(*YEAR), rows(*ORDERS)), id="closing of a row"),
    pytest.param("SMILE_CLOSING", (column("Algeria", "Morocco"), column(5.0, 7.5), [WEEKS] * 2, [YEAR] * 2, [ORDERS] * 2, OMITTED, True), id="closing of a block, rules omitted"),
    pytest.param("SMILE_PIPELINE", ("Algeria", rows(*ORDERS), RULES), id="pipeline of a row"),
    pytest.param("SMILE_PIPELINE", (column("Algeria", "Morocco"), [ORDERS, YEAR]), id="pipeline of a block"),
    pytest.param("SMILE_WEEKSCOVER", (45.0, rows(*YEAR)), id="cover of one stock"),
    pytest.param("SMILE_WEEKSCOVER", (rows(*ORDERS), rows(*YEAR)), id="cover of each month's stock"),
    pytest.param("SMILE_WEEKSCOVER", (column(45.0, 3.0), [YEAR, ORDERS], "average"), id="average cover of a column"),
    pytest.param("SMILE_PROJECTION", (rows(*YEAR), rows(*ORDERS), 1000.0, 1200.0), id="projection of a row"),
    pytest.param("SMILE_PROJECTION", (2.0, 1.0, 100.0, 110.0), id="projection of numbers"),
    pytest.param("SMILE_PROJECTION", ([YEAR, ORDERS], [ORDERS, YEAR], column(10.0, 11.0), column(12.0, None)), id="projection of a block"),
    pytest.param("SMILE_RISK", (rows(5.0, -3.0, None),), id="risk of a row with a blank"),
    pytest.param("SMILE_RISK", (column(-1.0, 2.0, -3.0),), id="risk of a column"),
    pytest.param("SMILE_RISK", (-4.0,), id="risk of a number"),
    pytest.param("SMILE_RISK", (None,), id="risk of a blank"),
    pytest.param("SMILE_OPPORTUNITY", ([[5.0, -3.0], [0.0, 2.5]],), id="opportunity of a block"),
    pytest.param("SMILE_OVERSTOCK", (rows(*ORDERS), rows(*YEAR), 4.25), id="overstock of a row"),
    pytest.param("SMILE_OVERSTOCK", ([ORDERS, YEAR], [YEAR, YEAR], column(2.0, None)), id="overstock of a block"),
    pytest.param("SMILE_CV", (rows(10.0, 30.0),), id="volatility of a row"),
    pytest.param("SMILE_CV", ([YEAR, ORDERS],), id="volatility of a block"),
    pytest.param("SMILE_VOLATILITYCLASS", ([YEAR, ORDERS], 0.1, OMITTED), id="classes of a block"),
    pytest.param("SMILE_ABC", (column(60.0, None, 30.0, 10.0),), id="value classes of a column"),
    pytest.param("SMILE_XYZ", ([YEAR, ORDERS], rows(0.1, 0.2)), id="volatility classes of a block"),
    pytest.param("SMILE_DEMANDCLASS", (rows(0.0, 12.0, None, 10.0),), id="demand class of a row"),
    pytest.param("SMILE_SEGMENT", ([YEAR, ORDERS], column(3.0, 2.0), rows(0.5, 0.9), OMITTED), id="segments of a block"),
    pytest.param("SMILE_TARGET", (column(6.0, 40.0), [YEAR, ORDERS], column("weeks", "valeur"), column(None, 8.0)), id="targets of a block"),
    pytest.param("SMILE_WMAPE", ([YEAR, ORDERS], [ORDERS, YEAR]), id="forecast error of a block"),
    pytest.param("SMILE_BIAS", (rows(10.0, None, 30.0), rows(12.0, 5.0, 20.0)), id="bias of a row with a blank"),
    pytest.param("SMILE_TURNS", (column(600.0, 100.0), [[100.0, 150.0], [20.0, None]]), id="turns of a block"),
    pytest.param("SMILE_OTIF", (column(10.0, 20.0, 5.0), column(10.0, 20.0, None), column(45139.0, 45139.0, 45139.0), column(45141.0, 45139.0, None), OMITTED, 1.0), id="orders on time in full"),
    pytest.param("SMILE_EXPLAIN", ("closing", 2.0, "Tunisia", 50.0, rows(*WEEKS), rows(*YEAR), rows(*ORDERS)), id="how a closing comes about"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_a_formula_gives_the_floats_of_the_function_in_python(excel: com.Excel, name: str, arguments: tuple) -> None:
    parameters = FUNCTIONS[name].parameters
    given = {one.name: value for one, value in zip(parameters, arguments, strict=False) if value is not OMITTED}
    expected = FUNCTIONS[name].call(**given)
    answer = excel.formula(name, *arguments)
    if isinstance(expected, float | str):
        assert answer == expected
    elif np.size(expected) == 1:
        assert answer == np.ravel(expected)[0]
    else:
        np.testing.assert_array_equal(np.array(answer), np.atleast_2d(expected))


def test_every_function_is_among_the_formulas_compared() -> None:
    assert {call.values[0] for call in CALLS} | {"SMILE_VERSION", "SMILE_WHY"} == set(FUNCTIONS)


def test_a_whole_block_spills_and_one_cell_is_one_value(excel: com.Excel) -> None:
    assert excel.formula("SMILE_RISK", [[-1.0, 2.0], [3.0, -4.0]]) == ((1.0, 0.0), (0.0, 4.0))
    assert excel.formula("SMILE_RISK", [[-1.0, 2.0]]) == ((1.0, 0.0),)
    assert excel.formula("SMILE_RISK", [[-1.0], [2.0]]) == ((1.0,), (0.0,))
    assert excel.formula("SMILE_RISK", -1.0) == 1.0


def test_an_array_of_one_dimension_is_a_row(excel: com.Excel) -> None:
    assert excel.formula("SMILE_RISK", [-1.0, None, 2.0]) == ((1.0, 0.0, 0.0),)
    assert (
        error_of(excel.formula("SMILE_RISK", [-1.0, CellError("#N/A")]))[1] == "closing row 1 column 2 shows this error"
    )


def test_text_comes_back_as_text(excel: com.Excel) -> None:
    assert excel.formula("SMILE_VERSION") == functions.SMILE_VERSION()


# ----------------------------------------------------------------------------------------- what cells hold


def test_a_blank_is_zero_among_numbers_and_nothing_given_among_confirmed_orders(excel: com.Excel) -> None:
    common = ("Morocco", None, rows(*[None] * 8), rows(10.0, None, 10.0, 10.0), rows(*[None] * 4))
    assert excel.formula("SMILE_ORDERS", *common, rows(None, None, None, 0.0)) == ((0.0, 0.0, 10.0, 0.0),)


def test_currency_is_a_number(excel: com.Excel) -> None:
    assert excel.formula("SMILE_RISK", Decimal("-2.5")) == 2.5
    assert excel.formula("SMILE_RISK", rows(Decimal("-2.5"), 1.0)) == ((2.5, 0.0),)


def test_a_whole_number_from_vba_is_a_number(excel: com.Excel) -> None:
    assert excel.server.CallUDF("smile_xl.excel.glue", "call", (("SMILE_RISK", ((-2, 3),)),)) == (2.0, 0.0)


@pytest.mark.parametrize("code", com.CODES)
def test_an_error_in_an_argument_comes_back_as_that_error(excel: com.Excel, code: str) -> None:
    assert error_of(excel.formula("SMILE_RISK", CellError(code))) == (code, "closing shows this error")
    block = [[1.0, 2.0], [3.0, CellError(code)]]
    assert error_of(excel.formula("SMILE_CV", block)) == (code, "demand row 2 column 2 shows this error")
    countries = column("Morocco", CellError(code))
    assert error_of(excel.formula("SMILE_PIPELINE", countries, [YEAR, YEAR]))[0] == code
    assert error_of(excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0, CellError(code)))[0] == code


def test_the_first_error_comes_back_before_any_other_fault(excel: com.Excel) -> None:
    answer = excel.formula("SMILE_WEEKSCOVER", "text", rows(1.0, CellError("#DIV/0!"), CellError("#N/A")), "guess")
    assert error_of(answer) == ("#DIV/0!", "demand row 1 column 2 shows this error")


def test_an_error_of_an_excel_to_come_is_a_value_error(excel: com.Excel) -> None:
    answer = excel.server.CallUDF("smile_xl.excel.glue", "call", (("SMILE_RISK", com.CODES["#CALC!"] + 40),))
    assert error_of(answer)[0] == "#VALUE!"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("lots", "closing row 2 column 1 holds 'lots', want a number", id="text"),
        pytest.param(True, "closing row 2 column 1 holds TRUE, want a number", id="a truth value"),
        pytest.param(dt.date(2024, 3, 1), "closing row 2 column 1 holds the date 2024-03-01, want a number", id="a date"),
        pytest.param("1\u202f234,56", "holds '1 234,56', want a number; it looks like 1234.56: convert the cell", id="a French number"),
        pytest.param("1\u00a0234,56", "it looks like 1234.56", id="a French number with a no-break space"),
        pytest.param("12,5", "it looks like 12.5", id="a decimal comma"),
        pytest.param("1,234.56", "it looks like 1234.56", id="an English number"),
        pytest.param("-0,125", "it looks like -0.125", id="a negative French number"),
        pytest.param("1,234", "holds '1,234', want a number", id="text that two languages read differently"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_a_value_error_that_says_where(excel: com.Excel, value: object, reason: str) -> None:
    error, why = error_of(excel.formula("SMILE_RISK", [[1.0, None], [value, 2.0]]))
    assert error == "#VALUE!"
    assert reason in why
    assert ("looks like" in why) == ("looks like" in reason)


def test_a_truth_value_among_numbers_is_refused(excel: com.Excel) -> None:
    reason = "closing row 1 column 2 holds TRUE, want a number"
    assert error_of(excel.formula("SMILE_RISK", rows(1.0, True))) == ("#VALUE!", reason)
    with pytest.raises(NotNumberError, match=reason):
        functions.SMILE_RISK([[1.0, True]])


def test_one_cell_of_text_needs_no_place(excel: com.Excel) -> None:
    assert error_of(excel.formula("SMILE_RISK", "12,5"))[1].startswith("closing holds '12,5', want a number; it looks")


def test_text_of_spaces_is_a_blank(excel: com.Excel) -> None:
    assert excel.formula("SMILE_RISK", rows(-1.0, " ", "")) == ((1.0, 0.0, 0.0),)


def test_an_option_that_points_at_a_blank_cell_is_an_omitted_one(excel: com.Excel) -> None:
    whole = excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0)
    assert excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0, None, None) == whole
    assert excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0, [[None]], [[""]]) == whole
    closing = ("Morocco", 5.0, rows(*WEEKS), rows(*YEAR), rows(*ORDERS))
    assert excel.formula("SMILE_CLOSING", *closing, OMITTED, None) == excel.formula("SMILE_CLOSING", *closing)


def test_a_blank_where_a_name_or_a_table_belongs_is_an_error(excel: com.Excel) -> None:
    common = ("Morocco", 5.0, rows(*WEEKS), rows(*YEAR), rows(*YEAR))
    assert error_of(excel.formula("SMILE_PIPELINE", None, rows(*YEAR))) == (
        "#N/A",
        "the country '' has no row in the rules",
    )
    assert error_of(excel.formula("SMILE_ORDERS", *common, None, None))[0] == "#N/A"
    assert error_of(excel.formula("SMILE_PIPELINE", "Morocco", rows(*YEAR), None)) == (
        "#VALUE!",
        "rules has shape (1, 1), want 11 columns",
    )


def test_a_required_argument_that_is_left_out_is_named(excel: com.Excel) -> None:
    answer = excel.formula("SMILE_CLOSING", "Morocco", OMITTED, rows(*WEEKS), rows(*YEAR), rows(*YEAR))
    assert error_of(answer) == ("#VALUE!", "opening is missing")
    assert error_of(excel.formula("SMILE_CLOSING", "Morocco", MISSING)) == ("#VALUE!", "opening is missing")


@pytest.mark.parametrize(
    ("name", "arguments", "error", "reason"),
    [
        pytest.param("SMILE_CLOSING", ("Morocco", 1.0, rows(*WEEKS), rows(*YEAR), rows(*YEAR[:11])), "#VALUE!", "orders has 11 months, demand 12", id="shapes"),
        pytest.param("SMILE_CV", (rows(5.0, -1.0),), "#NUM!", "demand row 1 column 2 is -1", id="a negative demand"),
        pytest.param("SMILE_PIPELINE", ("Atlantis", rows(*YEAR)), "#N/A", "Atlantis", id="an unknown country"),
        pytest.param("SMILE_ORDERS", ("Morocco", 1.0, rows(*WEEKS), rows(*YEAR), rows(*YEAR), OMITTED, "Lost"), "#N/A", "Lost", id="an unknown status"),
        pytest.param("SMILE_WEEKSCOVER", (5.0, rows(0.0, 0.0), "average"), "#N/A", "no demand", id="infinite cover"),
        pytest.param("SMILE_CV", (rows(0.0, 0.0),), "#N/A", "no demand", id="volatility of nothing"),
        pytest.param("SMILE_VOLATILITYCLASS", (rows(0.0, 0.0),), "#N/A", "no demand", id="class of nothing"),
        pytest.param("SMILE_WEEKSCOVER", (5.0, 1.0, "guess"), "#NUM!", "exact, average", id="an unknown method"),
        pytest.param("SMILE_PROJECTION", (1e200, 0.0, 1e200, 0.0), "#NUM!", "too large", id="a result too large for a cell"),
        pytest.param("SMILE_NOTHING", (), "#NAME?", "SMILE_NOTHING", id="an unknown function"),
        pytest.param("SMILE_RISK", (1.0, 2.0), "#VALUE!", "at most 1", id="one argument too many"),
        pytest.param("SMILE_RISK", ([[1.0], [1.0, 2.0]],), "#VALUE!", "differ in length", id="rows of different lengths"),
        pytest.param("SMILE_RISK", ([[1.0], 2.0],), "#VALUE!", "differ in length", id="a row and a number"),
        pytest.param("SMILE_RISK", ([[[1.0]]],), "#VALUE!", "3 axes", id="an array of three dimensions"),
        pytest.param("SMILE_RISK", ([],), "#VALUE!", "no cell", id="an array without a cell"),
    ],
)  # fmt: skip
def test_an_error_has_its_reason(excel: com.Excel, name: str, arguments: tuple, error: str, reason: str) -> None:
    shown, why = error_of(excel.formula(name, *arguments))
    assert shown == error
    assert reason in why


def test_an_error_of_one_item_leaves_the_others_alone(excel: com.Excel) -> None:
    cover = excel.formula("SMILE_WEEKSCOVER", column(5.0, 10.0), [[0.0, 0.0], [10.0, 10.0]], "average")
    assert error_of(cover[0][0]) == ("#N/A", "no demand")
    assert cover[1] == (4.25,)


def test_a_long_reason_is_cut(excel: com.Excel) -> None:
    answer = excel.formula("SMILE_PIPELINE", "x" * 5000, rows(*YEAR))
    assert len(answer) == 255
    assert answer.endswith("...")


def test_why_says_what_an_error_means_and_nothing_for_another_cell(excel: com.Excel) -> None:
    assert excel.formula("SMILE_WHY", CellError("#NUM!")) == functions.SMILE_WHY("#NUM!") != ""
    assert [excel.formula("SMILE_WHY", value) for value in (12.5, None, "text", [[1.0, 2.0]])] == [""] * 4


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        pytest.param("SMILE_RISK", ([[1.0, 2.0], ["lots", 3.0]],), "#VALUE!", id="text"),
        pytest.param("SMILE_CV", (rows(5.0, -1.0),), "#NUM!", id="a negative demand"),
        pytest.param("SMILE_PIPELINE", ("Atlantis", rows(*YEAR)), "#N/A", id="an unknown country"),
        pytest.param("SMILE_CLOSING", ("Morocco", 1.0, rows(*WEEKS), rows(*YEAR), rows(*YEAR[1:])), "#VALUE!", id="a month short"),
        pytest.param("SMILE_WEEKSCOVER", (5.0, rows(*[0.0] * 12), "average"), "#N/A", id="no demand"),
        pytest.param("SMILE_CV", ([[1.0, 2.0], [3.0, CellError("#DIV/0!")]],), "#DIV/0!", id="an error"),
    ],
)  # fmt: skip
def test_the_page_on_cell_values_repeats_the_reasons(excel: com.Excel, name: str, arguments: tuple, error: str) -> None:
    shown, reason = error_of(excel.formula(name, *arguments))
    assert shown == error
    assert f"| `{error}` | {reason} |" in PAGE.read_text(encoding="utf-8")


def test_a_number_in_place_of_true_or_a_word_in_french_is_understood(excel: com.Excel) -> None:
    closing = ("Morocco", 5.0, rows(*WEEKS), rows(*YEAR), rows(*ORDERS), OMITTED)
    backorders = excel.formula("SMILE_CLOSING", *closing, True)
    assert backorders != excel.formula("SMILE_CLOSING", *closing)
    assert {excel.formula("SMILE_CLOSING", *closing, yes) for yes in (1.0, "VRAI", " yes ", "Oui")} == {backorders}
    average = excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0, "average")
    assert excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0, " Moyenne") == average
    assert error_of(excel.formula("SMILE_SAFETYSTOCK", rows(*YEAR), 6.0, 45352.0))[0] == "#NUM!"


def test_rules_skip_headers_and_rows_without_a_name_and_want_every_column(excel: com.Excel) -> None:
    country = ["Egypt", 2.0, *[0.0] * 8, 1.0]
    with_extras = [RULES[0], country, [None] * 11, ["", *["x"] * 10]]
    assert excel.formula("SMILE_PIPELINE", "egypt", rows(*YEAR), with_extras) == excel.formula(
        "SMILE_PIPELINE", "Egypt", rows(*YEAR), [country]
    )
    answer = excel.formula("SMILE_PIPELINE", "Egypt", rows(*YEAR), [["Egypt", None, *country[2:]]])
    assert error_of(answer) == ("#NUM!", "rules of Egypt is blank, want a whole number from 0 to 12")


# ------------------------------------------------------------------------------------------- defects, start


def test_a_defect_is_a_value_error_that_names_its_log(excel: com.Excel, monkeypatch, logs) -> None:
    def broken(closing: object) -> float:
        raise ZeroDivisionError("a slip")

    monkeypatch.setitem(vars(FUNCTIONS["SMILE_RISK"]), "call", broken)
    error, reason = error_of(excel.formula("SMILE_RISK", 1.0))
    assert error == "#VALUE!"
    assert "defect in smile_xl" in reason
    assert excel.formula("SMILE_RISK", 2.0).endswith(reason)
    (log,) = logs.iterdir()
    assert str(log) in reason
    assert "ZeroDivisionError: a slip" in log.read_text(encoding="utf-8")


def test_a_defect_whose_log_cannot_be_written_is_a_value_error_too(excel: com.Excel, monkeypatch, logs) -> None:
    logs.rmdir()
    monkeypatch.setitem(vars(FUNCTIONS["SMILE_RISK"]), "call", None)
    assert "defect in smile_xl" in error_of(excel.formula("SMILE_RISK", 1.0))[1]


@pytest.mark.parametrize("request_", [None, (), 5, ((1, 2),), "SMILE_RISK", (None,)], ids=repr)
def test_a_call_that_vba_never_makes_is_a_marker_all_the_same(excel: com.Excel, request_: object) -> None:
    assert is_marker(com.taken(excel.server.CallUDF("smile_xl.excel.glue", "call", (request_,))))


def test_a_formula_needs_no_pandas_and_nothing_of_the_command_line() -> None:
    script = """
import sys
for name in ("pandas", "matplotlib", "polars", "plotly"):
    sys.modules[name] = None  # not found
import xlwings
before = set(sys.modules)
from smile_xl.excel.glue import call
assert call(("SMILE_CLOSING", "Morocco", 1.0, (0.0,) * 8, (1.0, 2.0), (0.0, 0.0))) == ((0.0, -2.0),)
assert call(("SMILE_PIPELINE", "x", 1.0))[0][0].startswith(chr(30))
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "smile_xl" in loaded
    assert {"pandas", "rich", "click", "lxml", "xlsxwriter", "python_calamine", "openpyxl"}.isdisjoint(loaded)


def test_no_number_in_a_result_is_nan_or_infinite_by_the_harness_own_word() -> None:
    for bad in (math.nan, math.inf, 1, True, None, np.float64(1), "x" * 256, ((1.0,), (1.0, 2.0)), ((),)):
        with pytest.raises(AssertionError):
            com.taken(bad)
    assert not is_marker("#N/A")
