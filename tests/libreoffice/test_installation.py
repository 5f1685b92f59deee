"""The add-in into LibreOffice and out of it, with a LibreOffice that only looks like one."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from smile_xl.cli import run
from smile_xl.libreoffice import installation
from smile_xl.libreoffice.installed import Installed

UNOPKG = """#!/bin/sh
echo "$@" >> {log}
[ "$1" = remove ] || cp "$3" {kept}
[ -z "{fault}" ] || {{ echo "{fault}" >&2; exit 1; }}
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the programs of a LibreOffice."""
    folder = tmp_path / "office" / "program"
    folder.mkdir(parents=True)
    (folder.parent / "share" / "extensions").mkdir(parents=True)
    monkeypatch.setattr(installation, "find_office", lambda: Installed(folder / "soffice.bin", Path(sys.executable)))
    return folder


def unopkg(program: Path, fault: str = "") -> Path:
    log = program / "log"
    script = program / "unopkg"
    script.write_text(UNOPKG.format(log=log, kept=program / "kept.oxt", fault=fault))
    script.chmod(0o755)
    return log


def test_root_installs_for_all_users_and_uninstall_removes_it(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    extensions = program.parent / "share" / "extensions"
    for _ in range(2):  # again, over the one that is there
        assert run(["libreoffice", "install"], "en") == 0
        assert str(extensions / "smile_xl.oxt") in capsys.readouterr().err
    worker = json.loads((extensions / "smile_xl.oxt" / "addin.json").read_text())["worker"]
    assert worker[0] == sys.executable
    assert Path(worker[1]).is_file()
    assert run(["libreoffice", "uninstall"], "en") == 0
    assert list(extensions.iterdir()) == []
    assert run(["libreoffice", "uninstall"], "fr") == 2
    assert "il n'y a pas de complément" in capsys.readouterr().err


def test_a_user_installs_for_himself_through_unopkg(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    log = unopkg(program)
    assert run(["libreoffice", "install"], "en") == 0
    assert run(["libreoffice", "uninstall"], "en") == 0
    added, removed = log.read_text().splitlines()
    assert added.startswith("add --force ")
    assert removed == "remove org.smilexl"
    with zipfile.ZipFile(program / "kept.oxt") as package:
        assert {"description.xml", "functions.idl", "component.py", "CalcAddIns.xcu"} <= set(package.namelist())
    assert not Path(added.split()[-1]).exists()


def test_what_unopkg_says_reaches_the_user(program: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    unopkg(program, "The lock file indicates it is already running.")
    assert run(["libreoffice", "install"], "en") == 2
    assert "unopkg add failed (The lock file indicates it is already running.)" in capsys.readouterr().err


def test_build_writes_the_file_where_it_is_wanted(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["libreoffice", "build"], "en") == 0
    assert run(["libreoffice", "build", "--output", "other.oxt"], "en") == 0
    assert (tmp_path / "smile_xl.oxt").read_bytes() == (tmp_path / "other.oxt").read_bytes()
    assert run(["libreoffice", "build", "--output", "nowhere/a.oxt"], "en") == 2
