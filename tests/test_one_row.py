"""A formula of one item is calculated in plain floats: to the last bit what the arrays give, and only where it may."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl import cells
from smile_xl.arguments import OMITTED
from smile_xl.one_row import _FUNCTIONS, one_row
from smile_xl.planning.grid import CellError
from smile_xl.registry import FUNCTIONS

Row = tuple[tuple[Any, ...]]

RULES = (
    ("Country", "Frozen months", *[f"W{week}" for week in range(1, 9)], "Pipeline months"),
    ("Egypt", 4.0, *[0.0] * 2, *[1.0] * 4, 5.0, 12.0, 5.0),
    ("Maroc", 0.0, *[0.0] * 8, 0.0),
    (None,) * 11,
)
STATUSES = (("Regular", True, True), ("Old", False, "non"), ("Rare", 1.0, 0.0))
YEAR = ((10.0, 20.0, 0.0, 35.5, 40.0, 5.0, 12.25, 60.0, 10.0, 30.0, 25.0, 15.0),)
WEEKS = ((1.0, 0.0, 2.0, 0.0, 4.0, 0.0, 0.0, 3.0),)

PLAIN: dict[str, tuple[object, ...]] = {
    "SMILE_SAFETYSTOCK": (YEAR, 6.0),
    "SMILE_SAFETYSTOCK_Z": (0.9, 2500.0, 500.0, 7.0, 7.0),
    "SMILE_SAFETYGAIN": (YEAR, 6.0),
    "SMILE_ORDERS": ("Morocco", 50.0, WEEKS, YEAR, YEAR),
    "SMILE_CLOSING": ("Morocco", 50.0, WEEKS, YEAR, YEAR),
    "SMILE_PIPELINE": ("Morocco", YEAR),
    "SMILE_WEEKSCOVER": (45.0, YEAR),
    "SMILE_PROJECTION": (YEAR, YEAR, 1000.0, 1200.0),
    "SMILE_RISK": (YEAR,),
    "SMILE_OPPORTUNITY": (YEAR,),
    "SMILE_OVERSTOCK": (YEAR, YEAR, 4.25),
    "SMILE_TARGET": (6.0, YEAR),
    "SMILE_CV": (YEAR,),
    "SMILE_VOLATILITYCLASS": (YEAR,),
}
"""A formula of each function, as plain as most are."""


class Chance:
    """Arguments at random: round tonnes and odd ones, nothing, blanks, amounts that use a stock up exactly."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.months = int(self.draw.choice([12, 12, 12, 1, 2, 5, 7, 8, 13, 18]))
        self.blanks = bool(self.draw.random() < 0.2)

    def number(self, *, signed: bool = False) -> float:
        amount = float(self.draw.choice([self.draw.gamma(2, 20), self.draw.integers(0, 60), 0.1, 0.0, 1e-9, 1e12]))
        rounded = round(amount, int(self.draw.integers(0, 4))) if self.draw.random() < 0.5 else amount
        return -rounded if signed and self.draw.random() < 0.4 else rounded

    def row(self, months: int | None = None, *, signed: bool = False, blanks: bool | None = None) -> Row:
        count = self.months if months is None else months
        if self.draw.random() < 0.2:  # the same in every month: differences come to nothing, or to rounding noise
            values: list[Any] = [self.number(signed=signed)] * count
        else:
            values = [self.number(signed=signed) for _ in range(count)]
        if self.blanks if blanks is None else blanks:
            values = [None if self.draw.random() < 0.3 else one for one in values]
        return (tuple(values),)

    def one_of(self, *values: object) -> Any:
        return values[int(self.draw.integers(len(values)))]

    def weeks(self) -> float:
        return float(self.one_of(0.0, 4.25, 6.0, 8.5, 1.7, 100.0, round(self.draw.random() * 20, 2)))


def safety(chance: Chance, *methods: str) -> Iterator[object]:
    yield from (chance.row(), chance.weeks())
    yield from (chance.one_of(OMITTED, "exact", "average", " Moyenne ") for _ in methods)
    yield chance.one_of(OMITTED, OMITTED, 0.0, float(min(chance.months, 12) - 1))


def orders(chance: Chance) -> Iterator[object]:
    rules = chance.one_of(OMITTED, RULES)
    yield chance.one_of("Egypt", " maroc") if rules is RULES else chance.one_of("Morocco", "Algérie", "TUNISIA")
    yield from (chance.number(signed=True), chance.row(8), chance.row(), chance.row())
    yield chance.one_of(OMITTED, chance.row(blanks=True), chance.row(blanks=False))
    status = chance.one_of(OMITTED, "Regular", "Old", "rare")
    statuses = chance.one_of(OMITTED, STATUSES) if status in (OMITTED, "Regular") else STATUSES
    yield status
    yield from (chance.one_of(OMITTED, 0.0, 12.0, chance.number()), chance.one_of(OMITTED, 0.0, 0.1, 5.0))
    yield from (rules, statuses, chance.one_of(OMITTED, True, False))


def closing(chance: Chance) -> Iterator[object]:
    yield chance.one_of("Morocco", "algeria", "Tunisie")
    yield from (chance.number(signed=True), chance.row(8), chance.row(), chance.row())
    yield from (OMITTED, chance.one_of(OMITTED, True, False))


def cover(chance: Chance) -> Iterator[object]:
    one_stock = chance.one_of(True, False)
    yield chance.number(signed=True) if one_stock else chance.row(signed=True)
    yield from (chance.row(), chance.one_of("exact", "average", OMITTED))


def overstock(chance: Chance) -> Iterator[object]:
    months = min(chance.months, 12)
    yield from (chance.row(months, signed=True), chance.row(), chance.weeks())


def target(chance: Chance) -> Iterator[object]:
    yield from (chance.weeks(), chance.row(), chance.one_of(OMITTED, "weeks", "semaines", "tonnes", "cash"))
    yield chance.one_of(0.1, 1000.0, 1 + chance.number())


AT_RANDOM: dict[str, Callable[[Chance], Any]] = {
    "SMILE_SAFETYSTOCK": lambda chance: safety(chance, "method"),
    "SMILE_SAFETYSTOCK_Z": lambda chance: (chance.draw.random(), *(chance.number() for _ in range(4))),
    "SMILE_SAFETYGAIN": lambda chance: safety(chance, "old", "new"),
    "SMILE_ORDERS": orders,
    "SMILE_CLOSING": closing,
    "SMILE_PIPELINE": lambda chance: ("Egypt", chance.row(), RULES),
    "SMILE_WEEKSCOVER": cover,
    "SMILE_PROJECTION": lambda chance: (chance.row(signed=True), chance.row(), chance.number(), chance.number()),
    "SMILE_RISK": lambda chance: (chance.row(signed=True),),
    "SMILE_OPPORTUNITY": lambda chance: (chance.row(signed=True),),
    "SMILE_OVERSTOCK": overstock,
    "SMILE_TARGET": target,
    "SMILE_CV": lambda chance: (chance.row(),),
    "SMILE_VOLATILITYCLASS": lambda chance: (chance.row(), 0.4, chance.one_of(OMITTED, 0.8, 0.4)),
}


def of_arrays(name: str, arguments: tuple[object, ...]) -> cells.Answer:
    return cells.evaluate(name, arguments)


def same_bits(answer: Any, expected: cells.Answer) -> bool:
    return bool(np.array(answer, dtype=float).tobytes() == np.ravel(np.array(expected, dtype=float)).tobytes())


@pytest.mark.parametrize("name", AT_RANDOM)
def test_a_row_gives_the_bits_that_the_arrays_give(name: str) -> None:
    answered = 0
    for seed in range(150):
        arguments = tuple(AT_RANDOM[name](Chance(seed)))
        expected = of_arrays(name, arguments)
        answer = one_row(name, arguments)
        if answer is None:  # no demand, as a rule
            continue
        answered += 1
        assert not isinstance(expected, cells.Fault), (arguments, expected)
        assert same_bits(answer, expected), (arguments, answer, expected)
    assert answered > 100


def test_a_plain_form_takes_the_arguments_of_its_function_in_order() -> None:
    assert set(AT_RANDOM) == set(PLAIN) == set(_FUNCTIONS) <= set(FUNCTIONS)
    for name, (function, fewest, most) in _FUNCTIONS.items():
        parameters = FUNCTIONS[name].parameters
        if name != "SMILE_SAFETYSTOCK_Z":  # five numbers, taken alike
            assert list(inspect.signature(function).parameters) == [one.name for one in parameters]
        assert (fewest, most) == (sum(not one.optional for one in parameters), len(parameters))


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_formula_takes_the_short_way(name: str) -> None:
    """So that a slip in a check does not turn every formula slow unnoticed."""
    omitted = [OMITTED] * (len(FUNCTIONS[name].parameters) - len(PLAIN[name]))
    assert same_bits(one_row(name, (*PLAIN[name], *omitted)), of_arrays(name, PLAIN[name]))
    assert same_bits(one_row(name, PLAIN[name]), of_arrays(name, PLAIN[name]))


ODD = [
    None, "", "text", "12,5", True, -1.0, 1e301, float("inf"), float("nan"), 5, Decimal("2.5"), CellError("#N/A"), OMITTED,
    (), ((),), ((), ()), (1.0, 2.0), ((1.0, "x"),), ((1.0, True),), ((1.0, -1.0),), ((1.0, 5),), ((1.0,), (2.0,)),
    ((1.0, CellError("#REF!")),), ((float("nan"), 1.0),), ((1e308, 1e308, -1e308),), ((2.0,) * 11,), ((2.0,) * 13,),
    YEAR, WEEKS, ((None,) * 12,), [[1.0, 2.0]], np.ones((1, 12)), "Nowhere", "average", "guess", 0.5, 12.0, 1e-9,
    RULES, (RULES[1],), (("Egypt", True, *[0.0] * 8, 1.0),), (("Egypt", 2.5, *[0.0] * 8, 1.0),), STATUSES, (("Old", "?", True),),
]  # fmt: skip
"""What an argument may be in place of a plain one."""


@pytest.mark.parametrize("name", PLAIN)
def test_one_odd_argument_gives_what_the_arrays_give(name: str) -> None:
    """Nothing that the arrays refuse has an answer here."""
    plain = PLAIN[name]
    places = range(len(FUNCTIONS[name].parameters))
    for place in places:
        for odd in ODD:
            arguments = [*plain, *[OMITTED] * (place + 1 - len(plain))]
            arguments[place] = odd
            if (name, place) == ("SMILE_ORDERS", 10):
                arguments[6] = "Old"  # or the table of statuses would not be looked at
            agrees(name, tuple(arguments))
    assert one_row(name, plain[:-1]) is None
    assert one_row(name, (*plain, *[OMITTED] * (len(places) - len(plain) + 1))) is None


values = st.sampled_from(ODD) | st.floats() | st.sampled_from([one for plain in PLAIN.values() for one in plain])
rows = st.lists(st.floats(0, 1e9) | st.sampled_from([0.0, -0.0, 0.1, 0.3, None]), min_size=1, max_size=13)


@given(st.sampled_from(list(PLAIN)), st.lists(values | rows.map(lambda row: (tuple(row),)), max_size=13))
@settings(max_examples=200)
def test_any_arguments_give_what_the_arrays_give_or_nothing(name: str, arguments: list[object]) -> None:
    agrees(name, tuple(arguments))


def agrees(name: str, arguments: tuple[object, ...]) -> None:
    answer = one_row(name, arguments)
    if answer is not None:
        expected = of_arrays(name, arguments)
        assert not isinstance(expected, cells.Fault), (name, arguments, expected)
        np.testing.assert_array_equal(answer, np.ravel(np.array(expected, dtype=float)), err_msg=str(arguments))


def test_rules_that_differ_only_in_a_type_are_not_mixed_up() -> None:
    """1 and TRUE are equal in Python, so a table that was read once must not answer for the other."""
    row = ("Egypt", 1.0, *[0.0] * 8, 1.0)
    assert one_row("SMILE_PIPELINE", ("Egypt", YEAR, (row,))) is not None
    for other in (("Egypt", True, *row[2:]), ("Egypt", 1, *row[2:]), ("Egypt", Decimal(1), *row[2:])):
        assert one_row("SMILE_PIPELINE", ("Egypt", YEAR, (other,))) is None


def test_a_rule_that_changes_is_read_again() -> None:
    first, second = (("Egypt", 1.0, *[0.0] * 8, months) for months in (1.0, 2.0))
    answers = [one_row("SMILE_PIPELINE", ("Egypt", YEAR, (rule,))) for rule in (first, second, first)]
    assert answers[0] == answers[2] != answers[1]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("SMILE_PROJECTION", (((1e200,),), ((0.0,),), 1e200, 0.0), id="a result too large for a cell"),
        pytest.param("SMILE_SAFETYSTOCK_Z", (1.0, 1.0, 1.0, 1.0, 1.0), id="a service level of 100 %"),
        pytest.param("SMILE_OVERSTOCK", (((1.0,) * 13,), ((1.0,) * 18,), 6.0), id="overstock of a thirteenth month"),
        pytest.param("SMILE_CV", (((0.0, 0.0),),), id="volatility of nothing"),
        pytest.param("SMILE_WEEKSCOVER", (5.0, ((0.0, 0.0),), "average"), id="average cover of no demand"),
    ],
)
def test_what_is_an_error_in_a_cell_has_no_answer(name: str, arguments: tuple[object, ...]) -> None:
    assert one_row(name, arguments) is None


def test_rounding_noise_is_no_overstock() -> None:
    demand, stock = ((0.1, 0.1, 0.2, 0.3),), ((0.1 + 0.2 + 1e-11, 0.5),)
    answer = one_row("SMILE_OVERSTOCK", (stock, demand, 4.25))
    assert same_bits(answer, of_arrays("SMILE_OVERSTOCK", (stock, demand, 4.25)))
    assert answer == [0.0, 0.0]
