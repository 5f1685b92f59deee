"""What touches Windows itself, over stand-ins: the registry, and an Excel of our own."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from smile_xl.excel.machine import Machine, ask_excel, read_registry


class Key:
    def __init__(self, values):
        self.values = values

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def winreg(monkeypatch):
    """A registry with one key; a missing key is an OSError, as Windows has it."""
    keys = {("user", r"Software\Office"): [("VBAWarnings", 4, 4), ("", r"C:\EXCEL.EXE", 1)]}

    def open_key(root, path):
        if (root, path) not in keys:
            raise FileNotFoundError(2, "no such key")
        return Key(keys[root, path])

    module = SimpleNamespace(
        HKEY_CURRENT_USER="user",
        HKEY_LOCAL_MACHINE="machine",
        OpenKey=open_key,
        QueryInfoKey=lambda key: (0, len(key.values), 0),
        EnumValue=lambda key, place: key.values[place],
    )
    monkeypatch.setitem(sys.modules, "winreg", module)
    monkeypatch.setattr(sys, "platform", "win32")


def test_a_key_of_the_registry_gives_its_values_by_name(winreg):
    assert read_registry(r"HKCU\Software\Office") == {"VBAWarnings": 4, "": r"C:\EXCEL.EXE"}


def test_a_key_that_is_not_there_gives_nothing(winreg):
    assert read_registry(r"HKLM\Software\Office") == {}
    assert read_registry(r"HKCU\Software\Other") == {}


@pytest.mark.skipif(sys.platform == "win32", reason="where there is no registry")
def test_other_systems_have_an_empty_registry():
    assert read_registry(r"HKCU\Software\Office") == {}


@pytest.mark.parametrize("loaded", [[], ["smile_xl.xlam"]], ids=["not loaded yet", "loaded by Excel itself"])
def test_the_question_to_excel_goes_to_an_excel_of_our_own_that_is_closed_again(monkeypatch, loaded):
    done = []

    class Books(list):
        def add(self):
            done.append("new workbook")

        def open(self, path):
            done.append(f"open {path.name}")

    class App:
        def __init__(self, visible, add_book):
            assert not visible
            assert not add_book
            self.books = Books(SimpleNamespace(name=name) for name in loaded)
            self.api = SimpleNamespace(Run=lambda macro: done.append(macro) or "0.1.0")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            done.append("closed")

    monkeypatch.setitem(sys.modules, "xlwings", SimpleNamespace(App=App))
    assert ask_excel(Path("/start/smile_xl.xlam")) == "0.1.0"
    opened = [] if loaded else ["open smile_xl.xlam"]
    assert done == ["new workbook", *opened, "'smile_xl.xlam'!SMILE_VERSION", "closed"]


def test_the_start_folder_is_that_of_the_user():
    machine = Machine(environment={"APPDATA": "/home/planner/Roaming"})
    assert machine.addin == Path("/home/planner/Roaming/Microsoft/Excel/XLSTART/smile_xl.xlam")
