"""The Brier score against worked examples and its laws."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smile_xl.core.calibration import brier_score
from smile_xl.core.errors import DomainError, ShapeError


@pytest.mark.parametrize(
    ("probability", "came_true", "score"),
    [
        # The examples of Wikipedia's article "Brier score": a forecast of rain with 100, 70 and 30 %, and it rains.
        pytest.param([1.0], [True], 0.0, id="certain of what happens"),
        pytest.param([0.7], [True], 0.09, id="70 % and it happens"),
        pytest.param([0.3], [True], 0.49, id="30 % and it happens"),
        pytest.param([0.5, 0.5], [True, False], 0.25, id="a coin"),
        pytest.param([0.0, 1.0], [True, False], 1.0, id="wrong about everything"),
    ],
)
def test_the_score_is_the_mean_squared_miss(probability, came_true, score):
    assert brier_score(probability, came_true) == pytest.approx(score, abs=1e-15)


def test_without_an_event_there_is_no_score():
    assert math.isnan(brier_score([], []))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=8))
def test_saying_the_opposite_of_the_opposite_scores_the_same(events):
    stated, happened = zip(*events, strict=True)
    score = brier_score(stated, happened)
    assert 0 <= score <= 1
    assert brier_score([1 - one for one in stated], [not one for one in happened]) == pytest.approx(score, abs=1e-12)


def test_what_is_no_probability_is_refused():
    with pytest.raises(DomainError, match="probability is"):
        brier_score([1.2], [True])
    with pytest.raises(DomainError, match="want zero or more"):
        brier_score([-0.1], [True])
    with pytest.raises(ShapeError):
        brier_score([0.1, 0.2], [True])
