"""What the add-in needs, point by point: found or not, and what to do.

On Windows everything is looked at, up to a call of a function in an Excel of our own; on a Mac what the ribbon needs;
elsewhere what can be.
"""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.parsers.expat import ExpatError

from smile_xl import __version__
from smile_xl.excel import addin, mac
from smile_xl.excel.machine import Machine

State = Literal["ok", "warning", "problem"]

APP_PATH = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
OPTIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Options"
SECURITY = r"Microsoft\Office\16.0\Excel\Security"
DISABLED = r"HKCU\Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems"
MACHINES = {0x8664: 64, 0xAA64: 64, 0x14C: 32}
"""Bits of a program by the machine that its header names."""
NO_MACROS, SIGNED_MACROS = 4, 3
"""Values of VBAWarnings that stop an add-in."""
ADDIN_TYPES = (".xla", ".xlam")
FIRST_ON_MAC = 16
"""Excel for Mac whose VBA can start scripts and show ribbons of add-ins."""
FROM_INTERNET = "3"
"""Zone that Windows writes beside a file from the web."""


@dataclass(frozen=True)
class Point:
    """One thing looked at; its texts stand in the catalogue as ``addin.doctor.<name>.<case>``."""

    name: str
    case: str
    state: State
    values: dict[str, object] = field(default_factory=dict)


def examine(machine: Machine, *, calls_excel: bool = True) -> list[Point]:
    """All points, in the order in which things depend on each other; the last one starts an Excel of its own."""
    if machine.is_mac:
        points = [Point("system", "mac", "ok")]
        for look in (_python, _xlwings, _excel_on_mac, _addin, _script, _copies):
            points += look(machine)
        return points
    if not machine.is_windows:
        return [Point("system", "elsewhere", "warning"), *_python(machine), *_xlwings(machine)]
    points = [Point("system", "windows", "ok")]
    for look in (_python, _xlwings, _excel, _dll, _addin, _copies, _mark, _macros, _disabled):
        points += look(machine)
    if calls_excel and all(point.state != "problem" for point in points):
        points += _round_trip(machine)
    return points


def _python(machine: Machine) -> Iterator[Point]:
    where = machine.python
    kind = "conda" if machine.in_conda else "venv" if machine.prefix != machine.base else "plain"
    if machine.is_windows and "windowsapps" in f"{where} {machine.base}".lower():
        yield Point("python", "store", "problem", {"path": where})
    elif not where.isascii():
        yield Point("python", "letters", "warning", {"path": where})
    else:
        yield Point("python", kind, "ok", {"path": where})


def _xlwings(machine: Machine) -> Iterator[Point]:
    if not machine.has_module("xlwings"):
        yield (
            Point("xlwings", "missing", "problem")
            if machine.is_windows or machine.is_mac
            else Point("xlwings", "only_to_build", "warning")
        )
        return
    version = addin.version_of_xlwings()
    if machine.is_windows and not machine.has_module("win32api"):
        yield Point("xlwings", "no_pywin32", "problem", {"version": version})
    elif machine.is_mac and not machine.has_module("appscript"):
        yield Point("xlwings", "no_appscript", "problem", {"version": version})
    else:
        yield Point("xlwings", "found", "ok", {"version": version})


def _excel(machine: Machine) -> Iterator[Point]:
    path = _excel_path(machine)
    if path is None:
        yield Point("excel", "missing", "problem")
        return
    version = machine.registry(CLICK_TO_RUN).get("VersionToReport", "?")
    values = {"path": path, "version": version, "bits": _bits(path) or "?"}
    if "windowsapps" in str(path).lower():
        yield Point("excel", "store", "problem", values)
    else:
        yield Point("excel", "found", "ok", values)


def _excel_on_mac(machine: Machine) -> Iterator[Point]:
    for root in (machine.applications, machine.home / "Applications"):
        path = root / "Microsoft Excel.app"
        try:
            about = plistlib.loads((path / "Contents" / "Info.plist").read_bytes())
        except (OSError, ValueError, ExpatError):
            continue
        version = str(about.get("CFBundleShortVersionString", "?"))
        is_new = version.partition(".")[0].isdecimal() and int(version.partition(".")[0]) >= FIRST_ON_MAC
        values: dict[str, object] = {"path": path, "version": version}
        yield Point("excel", "on_mac", "ok", values) if is_new else Point("excel", "old_on_mac", "problem", values)
        return
    yield Point("excel", "missing", "problem")


def _script(machine: Machine) -> Iterator[Point]:
    """The script that VBA starts."""
    values: dict[str, object] = {"path": machine.script}
    try:
        text = machine.script.read_text(encoding="utf-8", errors="replace")
    except OSError:
        yield Point("script", "missing", "problem", values)
        return
    is_current = text == mac.script(machine.python)
    yield Point("script", "found", "ok", values) if is_current else Point("script", "other", "problem", values)


def _dll(machine: Machine) -> Iterator[Point]:
    path = _excel_path(machine)
    bits = _bits(path) if path else None
    if bits is None or not machine.has_module("xlwings"):
        return
    file = f"xlwings{bits}-{addin.version_of_xlwings()}.dll"
    folders = [machine.prefix, Path(machine.python).parent]
    found = next((folder for folder in folders if (folder / file).is_file()), None)
    if found:
        yield Point("dll", "found", "ok", {"file": file, "folder": found})
    else:
        yield Point("dll", "missing", "problem", {"file": file, "folder": machine.prefix})


def _addin(machine: Machine) -> Iterator[Point]:
    path = machine.addin
    if not path.is_file():
        yield Point("addin", "missing", "problem", {"path": path})
        return
    have, want = addin.settings(path), addin.configuration(machine.interpreter)
    if have.get("SMILE_VERSION") != __version__:
        values: dict[str, object] = {"old": have.get("SMILE_VERSION", "?"), "new": __version__}
        yield Point("addin", "other_version", "problem", values)
    elif have.get("SMILE_SERVER") != want["SMILE_SERVER"]:
        yield Point("addin", "other_python", "problem", {"python": have.get("INTERPRETER_WIN", "?")})
    elif machine.has_module("xlwings") and path.read_bytes() != addin.build(machine.interpreter):
        yield Point("addin", "stale", "problem")
    else:
        yield Point("addin", "found", "ok", {"path": path})


def _copies(machine: Machine) -> Iterator[Point]:
    other = machine.registry(OPTIONS).get("AltStartup")
    folders = [machine.start_folder, machine.start_folder.parents[1] / "AddIns"]
    folders += [Path(str(other))] if other else []
    copies = [
        file
        for folder in folders
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in ADDIN_TYPES and "smile" in file.name.lower() and file != machine.addin
    ]
    for file in copies:
        yield Point("copies", "found", "warning", {"path": file})
    if not copies:
        yield Point("copies", "none", "ok")


def _mark(machine: Machine) -> Iterator[Point]:
    try:
        mark = Path(f"{machine.addin}:Zone.Identifier").read_text(encoding="ascii", errors="replace")
    except OSError:
        mark = ""
    if f"ZoneId={FROM_INTERNET}" in mark:
        yield Point("mark", "found", "problem", {"path": machine.addin})
    else:
        yield Point("mark", "none", "ok")


def _macros(machine: Machine) -> Iterator[Point]:
    """Settings of the user, and those of a policy, which win."""
    policy = machine.registry(rf"HKCU\Software\Policies\{SECURITY}")
    chosen = machine.registry(rf"HKCU\Software\{SECURITY}")
    by = "policy" if "VBAWarnings" in policy else "user"
    level = policy.get("VBAWarnings", chosen.get("VBAWarnings"))
    trusts = [machine.registry(rf"HKCU\Software\{branch}{SECURITY}\Trusted Locations") for branch in ("Policies\\", "")]
    if any(trust.get("AllLocationsDisabled") == 1 for trust in trusts):
        yield Point("macros", "no_trusted_folders", "warning" if level in (None, 1, 2) else "problem")
    elif level == NO_MACROS:
        yield Point("macros", f"off_by_{by}", "warning")
    elif level == SIGNED_MACROS:
        yield Point("macros", "signed_only", "warning")
    else:
        yield Point("macros", "allowed", "ok")


def _disabled(machine: Machine) -> Iterator[Point]:
    """Excel keeps a list of what it thinks made it crash, and does not load it again."""
    listed = [
        value.decode("utf-16-le", "ignore") for value in machine.registry(DISABLED).values() if isinstance(value, bytes)
    ]
    if any(addin.FILE in text.lower() for text in listed):
        yield Point("disabled", "found", "problem")
    else:
        yield Point("disabled", "none", "ok")


def _round_trip(machine: Machine) -> Iterator[Point]:
    try:
        answer = machine.ask_excel(machine.addin)
    except Exception as error:  # whatever Excel, COM or a policy comes up with
        yield Point("round_trip", "failed", "problem", {"reason": error})
        return
    if answer == __version__:
        yield Point("round_trip", "answered", "ok", {"answer": answer})
    else:
        yield Point("round_trip", "wrong", "problem", {"answer": answer, "want": __version__})


def _excel_path(machine: Machine) -> Path | None:
    for root in ("HKCU", "HKLM"):
        path = machine.registry(rf"{root}\{APP_PATH}").get("")
        if path and Path(str(path)).is_file():
            return Path(str(path))
    return None


def _bits(program: Path) -> int | None:
    """64 or 32, from the header of a program."""
    try:
        with program.open("rb") as file:
            head = file.read(4096)
        start = struct.unpack_from("<I", head, 0x3C)[0]
        return MACHINES.get(struct.unpack_from("<H", head, start + 4)[0])
    except (OSError, struct.error):
        return None
