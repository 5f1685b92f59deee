"""Forecast error and bias: published figures, laws, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl import core

PUBLISHED = [
    pytest.param(
        # forecaststudio.com.mx, "Forecast accuracy metrics that actually matter": 50 + 15 of 1 010 are 6.4 %.
        [1000, 10], [950, 25], 0.064, None, id="a top seller and a long tail: 6.4 %",
    ),
    pytest.param(
        # answerstreak.com, Smile-A-Lot's weighted moving average: sum of A - F is 6, of |A - F| 10.
        [65, 60, 63], [60, 62, 60], 10 / 188, -6 / 188, id="three years of a moving average",
    ),
    pytest.param([0, 0], [5, 0], math.nan, math.nan, id="no demand at all has no error"),
    pytest.param([0, 10], [5, 10], 0.5, 0.5, id="a month without demand counts with what was forecast for it"),
    pytest.param([10, math.nan], [12, 99], 0.2, 0.2, id="a month whose demand is not known does not count"),
    pytest.param([10, 50], [7, math.nan], 0.3, -0.3, id="a month without forecast does not count"),
    pytest.param([], [], math.nan, math.nan, id="no month"),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "forecast", "error", "bias"), PUBLISHED)
def test_error_and_bias_are_as_published(
    actual: list[float], forecast: list[float], error: float, bias: float | None
) -> None:
    [found] = core.wmape([actual], [forecast])
    assert found == pytest.approx(error, abs=5e-4, nan_ok=True)
    if bias is not None:
        [found] = core.bias([actual], [forecast])
        assert found == pytest.approx(bias, abs=1e-12, nan_ok=True)


TONNES = st.just(0.0) | st.floats(1e-9, 1e6)
"""None, or a milligram at least."""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TONNES, TONNES), min_size=1, max_size=12), st.floats(0.01, 100))
def test_laws(pairs: list[tuple[float, float]], scale: float) -> None:
    actual, forecast = np.array(pairs).T[:, None, :]
    error, bias = core.wmape(actual, forecast), core.bias(actual, forecast)
    slow = math.fsum(abs(a - f) for a, f in pairs), math.fsum(f - a for a, f in pairs), math.fsum(a for a, _ in pairs)
    if slow[2] == 0:
        assert math.isnan(error[0])
        assert math.isnan(bias[0])
        return
    assert error[0] * slow[2] == pytest.approx(slow[0], rel=1e-9, abs=1e-6)
    assert bias[0] * slow[2] == pytest.approx(slow[1], rel=1e-9, abs=1e-6)
    assert abs(bias[0]) <= error[0] * (1 + 1e-12), "misses cancel out in the bias alone"
    np.testing.assert_allclose(core.wmape(actual * scale, forecast * scale), error, rtol=1e-9)


def test_each_item_has_its_own_figure_and_no_item_has_none() -> None:
    both = core.wmape([[10, 10], [20, 0]], [[10, 5], [20, 10]])
    np.testing.assert_allclose(both, [0.25, 0.5])
    assert core.bias(np.empty((0, 12)), np.empty((0, 12))).shape == (0,)


@pytest.mark.parametrize(
    ("actual", "forecast", "error", "message"),
    [
        ([[1, 2]], [[1]], core.ShapeError, "forecast has 1 months, actual 2"),
        ([[1, -2]], [[1, 2]], core.DomainError, "actual row 1 column 2 is -2, want zero or more"),
        ([[1, 2]], [[math.inf, 2]], core.DomainError, "forecast row 1 column 1 is inf, want a number"),
        ([1, 2], [[1, 2]], core.ShapeError, "actual has 1 axes, want 2: items, months"),
    ],
)
@pytest.mark.parametrize("measure", [core.wmape, core.bias])
def test_what_is_no_demand_is_refused(measure, actual, forecast, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        measure(actual, forecast)
