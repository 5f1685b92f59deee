"""The add-in in Excel's start folder: put there, taken away."""

from __future__ import annotations

from smile_xl.excel import addin
from smile_xl.excel.machine import Machine


class InstallError(Exception):
    """Why the add-in can't be installed or removed: a key of ``addin.toml`` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def install(machine: Machine) -> None:
    """Build the add-in for this interpreter and put it into XLSTART, whole or not at all."""
    _windows_only(machine)
    content = addin.build(machine.interpreter)
    machine.start_folder.mkdir(parents=True, exist_ok=True)
    new = machine.addin.with_suffix(".new")
    try:
        new.write_bytes(content)
        new.replace(machine.addin)
    except PermissionError:
        raise InstallError("in_use", file=machine.addin) from None
    finally:
        new.unlink(missing_ok=True)


def uninstall(machine: Machine) -> bool:
    """Remove the add-in; False where there was none."""
    _windows_only(machine)
    try:
        machine.addin.unlink()
    except FileNotFoundError:
        return False
    except PermissionError:
        raise InstallError("in_use", file=machine.addin) from None
    return True


def _windows_only(machine: Machine) -> None:
    if not machine.is_windows:
        raise InstallError("not_windows")
    if "APPDATA" not in machine.environment:
        raise InstallError("no_appdata")
