"""What the tests of the edge to Excel share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from excel import com


@pytest.fixture(scope="module")
def excel() -> Iterator[com.Excel]:
    """Excel with the add-in, as far as Python sees it."""
    with com.windows():
        yield com.Excel()
