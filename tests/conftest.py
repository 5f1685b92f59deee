"""What all tests share."""

from __future__ import annotations

import gc
import shutil

import pytest
from hypothesis import settings

settings.register_profile("tests", deadline=None)  # a slow machine is no defect
settings.load_profile("tests")
gc.set_threshold(500_000)  # as on the command line
pytest.register_assert_rewrite("bad_input.judging")  # its asserts say as much as those of tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs LibreOffice where there is none."""
    if shutil.which("soffice"):
        return
    skip = pytest.mark.skip(reason="LibreOffice (soffice) is not installed")
    for item in items:
        if "libreoffice" in item.keywords:
            item.add_marker(skip)
