"""One office for all tests of a worker: starting one takes a second or two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smile_xl.libreoffice.extension import extension_parts
from smile_xl.libreoffice.office import Office


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A Calc with the add-in."""
    with Office(addin=extension_parts()) as one:
        yield one
