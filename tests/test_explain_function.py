"""SMILE_EXPLAIN: the numbers that its text shows add up to the figure that the function explained gives."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smile_xl import functions
from smile_xl.arguments import UnknownNameError
from smile_xl.core import DomainError, ShapeError
from smile_xl.functions import SMILE_EXPLAIN
from smile_xl.planning.explanation import shown_sum

TRANSIT = [20, 0, 0, 7, 5, 0, 0, 3]
DEMAND = [60.5, 70, 50, 40, 30, 20, 10, 20, 30, 40, 50, 60]
tonnes = st.one_of(st.just(0.0), st.floats(0.001, 5000).map(lambda one: round(one, 3)), st.floats(0.001, 5000))
months = st.lists(tonnes, min_size=12, max_size=12)


def shown(text: str) -> tuple[Decimal, Decimal]:
    """Sum of the terms that a text shows, and the value that it shows after them."""
    equation = re.sub(r"\([^()]*\)", "", text.split(": ", 1)[1]).replace(",", ".")
    left, right = re.split(r" = ", equation, maxsplit=1)
    terms = re.findall(r"(^|[+-]) *(-?[\d.]*\d)", left)
    value = re.match(r"-?\d+(?:\.\d+)?", right)
    return sum((-Decimal(one) if sign == "-" else Decimal(one) for sign, one in terms), Decimal(0)), Decimal(value[0])


def assert_explains(text: str, figure: float) -> None:
    total, value = shown(text)
    assert total == value, text
    assert float(value) == pytest.approx(figure, rel=1e-9, abs=1e-9), text
    assert len(text) <= 255


@given(
    st.sampled_from(["Morocco", "Algeria", "Tunisia"]),
    st.floats(-50, 5000),
    st.lists(tonnes, min_size=8, max_size=8),
    months,
    st.lists(st.one_of(st.none(), tonnes), min_size=12, max_size=12),
    st.sampled_from(["Regular", "Delisted", "To be delisted"]),
    st.sampled_from([None, 25.0, 333.3]),
    st.sampled_from([None, 7.0, 0.35]),
    st.floats(0, 70).map(lambda one: round(one, 2)),
    st.sampled_from(["exact", "average"]),
    st.booleans(),
)
def test_the_terms_of_every_month_add_up(
    country, opening, transit, demand, confirmed, status, moq, multiple, nc, method, net
):
    safety = functions.SMILE_SAFETYSTOCK(demand, nc, method)
    call = (country, opening, transit, demand, safety, confirmed, status, moq, multiple, None, None, net)
    orders = functions.SMILE_ORDERS(*call)
    closing = functions.SMILE_CLOSING(country, opening, transit, demand, orders)
    pipeline = functions.SMILE_PIPELINE(country, orders)
    value = functions.SMILE_PROJECTION(closing, pipeline, 1234.56, 1500)
    stock = np.maximum([opening, *closing[:-1]], 0)
    weeks = functions.SMILE_WEEKSCOVER(stock, demand, method)
    for month in range(12):
        assert_explains(SMILE_EXPLAIN("safety", month, demand, nc, method), safety[month])
        assert_explains(SMILE_EXPLAIN("commandes", month, *call), orders[month])
        assert_explains(SMILE_EXPLAIN("closing", month, country, opening, transit, demand, orders), closing[month])
        assert_explains(SMILE_EXPLAIN("projection", month, closing, pipeline, 1234.56, 1500), value[month])
        if np.isfinite(weeks[month]):
            assert_explains(SMILE_EXPLAIN("couverture", month, stock, demand, method), weeks[month])
        else:
            assert "no demand" in SMILE_EXPLAIN("cover", month, stock, demand, method)


def test_terms_that_never_end_seldom_need_a_rounding() -> None:
    random = np.random.default_rng(1)
    rounded = 0
    for _ in range(500):
        terms = random.uniform(0, 500, 3).tolist()
        shown_terms, value = shown_sum(terms, sum(terms))
        assert [float(one) for one in shown_terms] == pytest.approx(terms, rel=1e-8)
        assert abs(sum(shown_terms) - value) <= Decimal("2e-9")
        rounded += sum(shown_terms) != value
    assert rounded < 50


def test_terms_that_miss_the_value_are_a_defect_not_a_rounding() -> None:
    with pytest.raises(ValueError, match="terms add up to 3"):
        shown_sum([1.0, 2.0], 3.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        pytest.param(("closing", 3, "Morocco", 100, TRANSIT, DEMAND, [0] * 12), "A shortage of 45.5 t is lost", id="a shortage is lost"),
        pytest.param(("closing", 0, "Algeria", 0, TRANSIT, DEMAND, [0] * 12), "20 (transit of W1", id="W4 clears customs a month later in Algeria"),
        pytest.param(("orders", 3, "Morocco", 0, TRANSIT, DEMAND, DEMAND, [None, None, None, 8, *[None] * 8]), "8 (confirmed for month 3) = 8 t. Confirmed with", id="a confirmed quantity wins"),
        pytest.param(("orders", 2, "Tunisia", 0, TRANSIT, DEMAND, DEMAND), "= 0 t. Frozen: the first 3 months", id="a frozen month takes nothing"),
        pytest.param(("orders", 1, "Morocco", 0, TRANSIT, DEMAND, DEMAND), "the first two months are the transit", id="the first months are the transit"),
        pytest.param(("orders", 5, "Morocco", 0, TRANSIT, DEMAND, DEMAND, None, "Delisted"), "proposes no orders", id="a delisted item runs out"),
        pytest.param(("orders", 2, "Morocco", 900, TRANSIT, DEMAND, [0] * 12), "(not below 0: nothing is needed) = 0 t", id="stock enough"),
        pytest.param(("orders", 2, "Morocco", 0, TRANSIT, DEMAND, [0] * 12, None, None, 60, 25), "+ 10 (up to the minimum order of 60 t) + 15 (up to a multiple of 25 t) = 75 t", id="minimum and multiple"),
        pytest.param(("cover", 0, 1000, DEMAND), "At least: the stock covers all 12 months", id="a capped cover is at least"),
        pytest.param(("cover", 0, 5, [0] * 12, "average"), "no demand", id="no demand"),
        pytest.param(("safety", 11, DEMAND, 4.25), "after the forecast: 4.25 weeks at the mean of 40.04166667 t", id="months beyond the forecast"),
        pytest.param(("stock final", 0, "Maroc", 1.5, [0] * 8, [0.25], [0]), "1,5 (stock initial) - 0,25 (demande, mois 0) = 1,25 t", id="French words, French numbers"),
    ],
)  # fmt: skip
def test_the_text_says_which_rule_applied(call, words) -> None:
    assert words in SMILE_EXPLAIN(*call)


def test_it_takes_the_arguments_of_the_function_explained_also_by_its_name() -> None:
    arguments = ("Morocco", 100, TRANSIT, DEMAND, [0] * 12)
    assert SMILE_EXPLAIN("SMILE_CLOSING", 3, *arguments) == SMILE_EXPLAIN("closing", 3, *arguments)


def test_it_refuses_what_it_can_not_explain() -> None:
    arguments = ("Morocco", 100, TRANSIT, DEMAND, [0] * 12)
    with pytest.raises(DomainError, match="want one of safety, orders, closing, cover, projection"):
        SMILE_EXPLAIN("weather", 0, *arguments)
    with pytest.raises(DomainError, match="month is 12, want a whole number from 0 to 11"):
        SMILE_EXPLAIN("closing", 12, *arguments)
    with pytest.raises(ShapeError, match="demand has 2 rows, want one item"):
        SMILE_EXPLAIN("closing", 0, "Morocco", 100, TRANSIT, [DEMAND, DEMAND], [0] * 12)
    with pytest.raises(ShapeError, match="orders is missing"):
        SMILE_EXPLAIN("closing", 0, "Morocco", 100, TRANSIT, DEMAND)
    with pytest.raises(ShapeError, match="want at most 4"):
        SMILE_EXPLAIN("projection", 0, 1, 2, 3, 4, 5)
    with pytest.raises(UnknownNameError):
        SMILE_EXPLAIN("closing", 0, "Atlantis", 100, TRANSIT, DEMAND, [0] * 12)


def test_a_sheet_that_only_calls_functions_needs_no_pandas() -> None:
    code = "import sys; from smile_xl import registry; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
