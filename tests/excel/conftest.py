"""What the tests of the edge to Excel share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from excel import com

from smile_xl import cells


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which a defect leaves its log."""
    folder = tmp_path / "logs"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    cells.kept.cache_clear()
    return folder


@pytest.fixture(scope="module")
def excel() -> Iterator[com.Excel]:
    """Excel with the add-in, as far as Python sees it."""
    with com.windows():
        yield com.Excel()
