"""Whatever COM may deliver, a formula gives a number, the text it was meant to give, or a well-formed marker."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from excel import com
from excel.com import CODES, MISSING, Time, error_of, is_marker
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl import functions
from smile_xl.core import DEMAND_CLASSES, NO_DEMAND
from smile_xl.functions import MEANING_OF_ERROR
from smile_xl.registry import ERRORS, FUNCTIONS, Parameter

MEANT = {
    "SMILE_VERSION": {functions.SMILE_VERSION()},
    "SMILE_WHY": {*MEANING_OF_ERROR.values(), ""},
    "SMILE_ABC": {"A", "B", "C"},
    "SMILE_XYZ": {"X", "Y", "Z", NO_DEMAND},
    "SMILE_DEMANDCLASS": {*DEMAND_CLASSES, NO_DEMAND},
    "SMILE_SEGMENT": {*(abc + xyz for abc in "ABC" for xyz in "XYZ"), NO_DEMAND},
}
"""Text that a function gives; the others give none."""

EXPLAINED = {
    "safety": "SMILE_SAFETYSTOCK",
    "commandes": "SMILE_ORDERS",
    "closing": "SMILE_CLOSING",
    "couverture": "SMILE_WEEKSCOVER",
    "projection": "SMILE_PROJECTION",
}

tonnes = st.floats(0, 1e6) | st.sampled_from([0.0, 1.0, 12.0, 4.25])
doubles = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20) | st.sampled_from(
    ["1 234,56", "12,5", "\x1e#N/A|x", "=1", "exact", "average", "oui", "x" * 40_000]
)
numbers = st.one_of(
    doubles, st.none(), st.integers(-(2**31), 2**31 - 1), st.decimals(allow_nan=False, allow_infinity=False)
)
others = st.one_of(
    texts, st.booleans(), st.sampled_from([*CODES.values(), MISSING, Decimal("1e400"), Time(2024, 3, 1)])
)
values = numbers | others


def block(cells: st.SearchStrategy, heights: st.SearchStrategy, widths: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(heights, widths).flatmap(
        lambda shape: st.tuples(*[st.tuples(*[cells] * shape[1])] * shape[0])
    )  # fmt: skip


few = st.sampled_from([1, 2, 3])
months = st.sampled_from([1, 2, 8, 11, 12, 13])
wild = st.one_of(values, block(values, few, months), block(values, few, few), st.tuples(values, values), st.just(()))
countries = st.sampled_from(["Morocco", "Maroc", "algeria", "Tunisia", "Nowhere"])
statuses = st.sampled_from(["Regular", "Delisted", "Promotion", "None of these"])
RULES = (("Country", *["x"] * 10), ("Morocco", 2.0, *[0.0] * 4, *[1.0] * 4, 3.0), ("Algeria", 3.0, *[1.0] * 8, 2.0))


def plausible(one: Parameter, items: int) -> st.SearchStrategy:
    """What a planner gives for an argument, for some items."""
    width = 8 if one.name == "transit" else 12
    column = st.just(items)
    fitting = {
        "months": block(tonnes | st.none(), column, st.just(width)),
        "months or blank": block(tonnes | st.none(), column, st.just(width)),
        "number per item": tonnes | block(tonnes | st.none(), column, st.just(1)),
        "text per item": {"country": countries, "status": statuses}.get(one.name, texts),
        "option": st.sampled_from(["exact", "average", "moyenne", True, False, 0.0, 3.0, None, MISSING]),
        "rules": st.sampled_from([MISSING, MISSING, RULES]),
        "two numbers": st.sampled_from([MISSING, None, (0.5, 0.9), ((0.7,), (1.0,)), (0.9, 0.5), (0.5, 2.0)]),
        "cell": values,
        "as explained": block(tonnes, st.just(1), st.just(12)) | tonnes | countries,
    }
    return fitting[one.kind]


def answered(name: str, excel: com.Excel, arguments: tuple) -> object:
    """The answer to a formula, checked value by value."""
    answer = com.taken(excel.server.CallUDF("smile_xl.excel.glue", "call", ((name, *arguments),)))
    for value in (one for row in answer for one in row) if isinstance(answer, tuple) else (answer,):
        if isinstance(value, str) and value not in MEANT.get(name, ()) and not explained(name, value):
            assert is_marker(value), f"{value!r} is text that no function gives"
            assert "defect" not in value
    return answer


def explained(name: str, value: str) -> bool:
    return name == "SMILE_EXPLAIN" and re.match(r"[\w ]+, (month|mois) \d+ ?: ", value) is not None


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
@settings(max_examples=40)
def test_anything_gives_a_number_a_meant_text_or_a_marker(excel: com.Excel, name: str, data: st.DataObject) -> None:
    arguments = data.draw(st.lists(wild, max_size=len(FUNCTIONS[name].parameters) + 1))
    answered(name, excel, tuple(arguments))


@pytest.mark.parametrize("name", [name for name, one in FUNCTIONS.items() if one.parameters])
@given(data=st.data())
@settings(max_examples=40)
def test_a_plausible_formula_with_at_most_one_odd_argument_does_so_too(
    excel: com.Excel, name: str, data: st.DataObject
) -> None:
    items, given_first = data.draw(few), []
    parameters = FUNCTIONS[name].parameters
    if name == "SMILE_EXPLAIN":
        items, given_first = 1, [data.draw(st.sampled_from(list(EXPLAINED))), float(data.draw(st.integers(-1, 12)))]
        parameters = FUNCTIONS[EXPLAINED[given_first[0]]].parameters
    arguments = given_first + [data.draw(plausible(one, items)) for one in parameters]
    odd = data.draw(st.none() | st.sampled_from(range(len(arguments))))
    if odd is not None:
        arguments[odd] = data.draw(wild)
    answer = answered(name, excel, tuple(arguments))
    if odd is None and is_marker(answer):
        assert error_of(answer)[0] in {*ERRORS.values()}
