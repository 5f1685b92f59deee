"""The good book that each test spoils, and how a command is run on it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bad_input.judging import DATA
from small_books import small_book

from smile_xl import cli

PROGRESS = re.compile(r"\d/\d+ \d:\d\d:\d\d$")


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """The good CSV files."""
    folder = tmp_path_factory.mktemp("data")
    for name, text in DATA.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def good(tmp_path_factory, data):
    """The good book, made of them."""
    return small_book(tmp_path_factory.mktemp("good") / "good.xlsx", data, ["srm"])


@pytest.fixture
def book(good, tmp_path):
    """A copy of the good book, alone in its folder."""
    folder = tmp_path / "books"
    folder.mkdir()
    return Path(shutil.copy(good, folder / "plan.xlsx"))


@pytest.fixture
def smile(capsys):
    """Run a command; its exit code, the lines of its output and those of its messages without the progress bar."""

    def run(*arguments, language="en"):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments], language)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out.splitlines(), [line for line in err.splitlines() if not PROGRESS.search(line)]

    return run
