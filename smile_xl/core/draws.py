"""Random draws that depend on a seed, a key and a block of runs, and on nothing else."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_NORMAL_POINTS = 65_536


@cache
def normal_points() -> NDArray[np.float32]:
    """Equally likely values of the standard normal distribution."""
    quantile = NormalDist().inv_cdf
    half = [quantile((place + 0.5) / _NORMAL_POINTS) for place in range(_NORMAL_POINTS // 2)]
    return np.array([*half, *(-value for value in reversed(half))], dtype=np.float32)


class Draws:
    """Random positions in tables, from a counter-based generator."""

    def __init__(self, seed: int, block: int) -> None:
        self._bits = np.random.Philox(key=0)
        self._state = self._bits.state
        self._seed, self._block = seed % 2**64, block

    def positions(self, key: int, kind: int, count: int) -> NDArray[np.uint16]:
        """Positions between 0 and 65 535: the same whatever was drawn before."""
        state = self._state
        state["state"]["key"][:] = self._seed, key
        state["state"]["counter"][:] = 0, 0, kind, self._block
        state["buffer_pos"], state["has_uint32"] = 4, 0
        self._bits.state = state
        return self._bits.random_raw(-(-count // 4)).view(np.uint16)[:count]
