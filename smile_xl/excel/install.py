"""The add-in in Excel's start folder: put there, taken away."""

from __future__ import annotations

from pathlib import Path

from smile_xl.excel import addin, mac
from smile_xl.excel.machine import Machine


class InstallError(Exception):
    """Why the add-in can't be installed or removed: a key of ``addin.toml`` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def install(machine: Machine) -> None:
    """Build the add-in for this interpreter and put it where Excel opens it; on a Mac its script as well."""
    _has_excel(machine)
    content = addin.build(machine.interpreter)
    if machine.is_mac:
        if not machine.python.isascii():
            raise InstallError("letters", path=machine.python)
        _put(machine.script, mac.script(machine.python).encode())
    _put(machine.addin, content)


def uninstall(machine: Machine) -> bool:
    """Remove the add-in; False where there was none."""
    _has_excel(machine)
    was_there = _taken(machine.addin)
    if machine.is_mac:
        was_there |= _taken(machine.script)
    return was_there


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    try:
        new.write_bytes(content)
        new.replace(path)
    except PermissionError:
        raise InstallError("in_use", file=path) from None
    finally:
        new.unlink(missing_ok=True)


def _taken(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except PermissionError:
        raise InstallError("in_use", file=path) from None
    return True


def _has_excel(machine: Machine) -> None:
    if not (machine.is_windows or machine.is_mac):
        raise InstallError("no_excel")
    if machine.is_windows and "APPDATA" not in machine.environment:
        raise InstallError("no_appdata")
    if machine.is_mac and "HOME" not in machine.environment:
        raise InstallError("no_home")
