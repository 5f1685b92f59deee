"""One office for all tests of a worker: starting one takes a second or two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smile_xl.libreoffice.extension import unpack_extension
from smile_xl.libreoffice.office import Office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A Calc with the add-in."""
    folder = tmp_path_factory.mktemp("extensions")
    unpack_extension(folder)
    with Office(extension=folder) as one:
        yield one
