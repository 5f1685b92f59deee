"""What the simulation assumes of each item: measured where the book has the past, stated in Settings elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from smile_xl.core import WEEKS_PER_MONTH, Uncertainty, observed_delays, stated_delays
from smile_xl.core.checks import Array
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.names import join_key, plain


def uncertainty_of(inputs: Inputs) -> Uncertainty:
    """Demand error of each item and delays of each lane.

    A lane is a sourcing unit and a country. The draws of an item follow from its country and code, those of a lane from
    its names: a row more or less in the book does not change what the other items meet.
    """
    settings, measured = inputs.settings, inputs.measured
    lanes = sorted(set(measured.lanes))
    position = {lane: place for place, lane in enumerate(lanes)}
    stated = stated_delays(settings.delay_sd)
    weeks = [observed_delays(measured.delays[lane]) if lane in measured.delays else stated for lane in lanes]
    names = zip(inputs.items["country"].tolist(), inputs.items["sap_code"].tolist(), strict=True)
    return Uncertainty(
        demand_error=demand_error(inputs),
        lane=np.array([position[lane] for lane in measured.lanes], dtype=np.intp),
        delays=np.stack(weeks) / WEEKS_PER_MONTH,
        lognormal=settings.demand_shape == "lognormal",
        item_keys=_keys((plain(country), join_key(code)) for country, code in names),
        lane_keys=_keys(lanes),
    )


def demand_error(inputs: Inputs) -> Array:
    """Standard deviation of the demand over its forecast: measured or stated, shape (items,)."""
    measured = inputs.measured.demand_error
    return np.where(np.isnan(measured), inputs.settings.demand_error, measured)


def _keys(names: Iterable[tuple[str, str]]) -> NDArray[np.uint64]:
    digests = [hashlib.sha256("\x1f".join(parts).encode()).digest()[:8] for parts in names]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
