"""The formulas of the function pages: pasted into a cell, each gives what the page says."""

import re
from pathlib import Path

import numpy as np
import pytest

from smile_xl import functions
from smile_xl.cells import evaluate
from smile_xl.registry import FUNCTIONS, in_french

PAGE = (Path(__file__).parents[1] / "docs" / "functions.md").read_text(encoding="utf-8")
EXAMPLES = dict(
    re.findall(r"French one:\n\n    (=SMILE_.+)\n    =SMILE_.+\n\ngives `([^`]*)`", PAGE),
)


def arguments_of(formula):
    """Arguments of a formula, read as an English Excel reads them."""
    inside = formula[formula.index("(") + 1 : -1]
    for token in re.findall(r'"[^"]*"|\{[^}]*\}|[^,]+', inside):
        if token.startswith("{"):
            yield [[float(cell) for cell in row.split(",")] for row in token[1:-1].split(";")]
        elif token.startswith('"'):
            yield token[1:-1]
        else:
            yield {"TRUE": True, "FALSE": False}.get(token) if token in ("TRUE", "FALSE") else float(token)


def shown(answer):
    cells = np.atleast_1d(np.asarray(answer, dtype=object)).ravel().tolist()
    return " | ".join(one if isinstance(one, str) else f"{one:.15g}" for one in cells)


def test_every_function_has_an_example_on_its_page():
    assert {formula[1 : formula.index("(")] for formula in EXAMPLES} == set(FUNCTIONS)


@pytest.mark.parametrize(("formula", "result"), EXAMPLES.items())
def test_the_example_gives_what_the_page_says(formula, result):
    name = formula[1 : formula.index("(")]
    assert shown(getattr(functions, name)(*arguments_of(formula))) == result
    assert shown(evaluate(name, list(arguments_of(formula)))) == result


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ('=F(1.5,"a,b.c",TRUE)', '=F(1,5;"a,b.c";VRAI)'),
        ("=F({1.5,2;-3,4})", "=F({1,5.2;-3.4})"),
        ("=F()", "=F()"),
    ],
)
def test_a_formula_is_typed_with_the_separators_of_a_french_excel(english, french):
    assert in_french(english) == french
