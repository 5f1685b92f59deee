"""Sheet functions with values as cells hold them."""

from __future__ import annotations

import numpy as np
import pytest

from smile_xl import functions
from smile_xl.arguments import OMITTED
from smile_xl.cells import UNDEFINED, Fault, evaluate
from smile_xl.planning.grid import CellError
from smile_xl.registry import FUNCTIONS

WEEKS = ((0.0,) * 8,)


def test_a_block_gives_what_the_function_gives() -> None:
    arguments = ("Morocco", 100.0, WEEKS, ((60.0, None, 50.0),), ((0.0, 0.0, 80.0),))
    expected = functions.SMILE_CLOSING("Morocco", 100.0, [[0.0] * 8], [[60.0, 0.0, 50.0]], [[0.0, 0.0, 80.0]])
    np.testing.assert_array_equal(evaluate("SMILE_CLOSING", arguments), expected)


def test_one_cell_gives_one_value() -> None:
    assert evaluate("SMILE_RISK", (-3.0,)) == 3.0
    assert evaluate("SMILE_VERSION", ()) == functions.SMILE_VERSION()


def test_an_omitted_argument_takes_its_default() -> None:
    demand = ((0.0, 100.0, 170.0) + (0.0,) * 9,)
    whole = evaluate("SMILE_SAFETYSTOCK", (demand, 6.0, OMITTED, 0.0))
    np.testing.assert_array_equal(whole, [[170.0]])


@pytest.mark.parametrize(
    ("name", "arguments", "fault"),
    [
        pytest.param("SMILE_RISK", (CellError("#REF!"),), ("#REF!", "shows this error"), id="an error comes back"),
        pytest.param(
            "SMILE_WEEKSCOVER",
            (((1.0, CellError("#DIV/0!")),), CellError("#N/A")),
            ("#DIV/0!", "error"),
            id="the first",
        ),
        pytest.param("SMILE_RISK", ("many",), ("#VALUE!", "closing holds 'many'"), id="text in numbers"),
        pytest.param("SMILE_PIPELINE", ("Atlantis", 1.0), ("#N/A", "Atlantis"), id="an unknown country"),
        pytest.param("SMILE_CV", ((0.0, -1.0),), ("#NUM!", "demand"), id="a negative demand"),
        pytest.param("SMILE_WEEKSCOVER", (5.0, 0.0, "average"), ("#N/A", "no demand"), id="infinite cover"),
        pytest.param("SMILE_RISK", (), ("#VALUE!", "closing is missing"), id="a missing argument"),
        pytest.param("SMILE_RISK", (1.0, 2.0), ("#VALUE!", "at most 1"), id="one argument too many"),
        pytest.param("SMILE_NOTHING", (), ("#NAME?", "SMILE_NOTHING"), id="an unknown function"),
        pytest.param("SMILE_RISK", (CellError(),), ("#VALUE!", "no value"), id="a cell that was never calculated"),
    ],
)
def test_an_error_has_a_reason(name: str, arguments: tuple[object, ...], fault: tuple[str, str]) -> None:
    answer = evaluate(name, arguments)
    assert isinstance(answer, Fault)
    assert answer.error == fault[0]
    assert fault[1] in answer.reason


def test_a_defect_is_an_error_and_is_told() -> None:
    def broken(closing: object) -> float:
        raise RuntimeError("broken")

    told: list[str] = []
    object.__setattr__(FUNCTIONS["SMILE_RISK"], "call", broken)
    try:
        answer = evaluate("SMILE_RISK", (1.0,), told.append)
    finally:
        object.__setattr__(FUNCTIONS["SMILE_RISK"], "call", functions.SMILE_RISK)
    assert isinstance(answer, Fault)
    assert answer.error == "#VALUE!"
    assert "defect" in answer.reason
    assert "RuntimeError: broken" in told[0]


def test_what_is_not_finite_stays_in_its_place() -> None:
    cover = evaluate("SMILE_WEEKSCOVER", (((5.0,), (5.0,)), ((0.0,), (1.0,)), "average"))
    assert isinstance(cover, np.ndarray)
    assert cover.shape == (2, 1)
    assert not np.isfinite(cover[0, 0])
    assert np.isfinite(cover[1, 0])
    assert Fault("#N/A", "no demand") == UNDEFINED


def test_classes_are_an_array_of_texts_whatever_holds_the_numbers() -> None:
    for values, cuts in [(((60.0,), (40.0,)), ((0.5, 0.9),)), (np.array([[60.0], [40.0]]), np.array([[0.5, 0.9]]))]:
        answer = evaluate("SMILE_ABC", (values, cuts))
        assert isinstance(answer, np.ndarray)
        assert answer.tolist() == [["A"], ["B"]]
