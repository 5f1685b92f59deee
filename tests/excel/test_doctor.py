"""The doctor on machines with one fault each: it names the fault and what to do, and finds nothing on a healthy one."""

import dataclasses
import plistlib
import shutil
import struct
from pathlib import Path

import pytest

from smile_xl import __version__
from smile_xl.cli import addin as commands
from smile_xl.cli import run
from smile_xl.excel import addin, doctor, xlam
from smile_xl.excel.install import install
from smile_xl.excel.machine import Machine
from smile_xl.language import LANGUAGES, say

EXCEL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
USER_SECURITY = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security"
POLICY_SECURITY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security"


def program(bits):
    """The first bytes of a Windows program."""
    machine = {64: 0x8664, 32: 0x14C}[bits]
    return b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80) + bytes(0x40) + b"PE\0\0" + struct.pack("<H", machine)


@pytest.fixture
def registry(tmp_path):
    return {
        EXCEL: {"": str(tmp_path / "Office16" / "EXCEL.EXE")},
        doctor.CLICK_TO_RUN: {"VersionToReport": "16.0.17932.20130"},
        doctor.OPTIONS: {},
    }


@pytest.fixture
def healthy(tmp_path, registry):
    (tmp_path / "Office16").mkdir()
    (tmp_path / "Office16" / "EXCEL.EXE").write_bytes(program(64))
    (tmp_path / "venv" / "Scripts").mkdir(parents=True)
    (tmp_path / "venv" / f"xlwings64-{addin.version_of_xlwings()}.dll").write_bytes(b"dll")
    machine = Machine(
        platform="win32",
        python=str(tmp_path / "venv" / "Scripts" / "python.exe"),
        prefix=tmp_path / "venv",
        base=tmp_path / "Python",
        environment={"APPDATA": str(tmp_path / "Roaming")},
        registry=lambda key: registry.get(key, {}),
        ask_excel=lambda path: __version__,
        has_module=lambda name: True,
    )
    install(machine)
    return machine


def found(machine):
    """State of each point; all have their texts."""
    points = doctor.examine(machine)
    for point in points:
        for language in LANGUAGES:
            assert say(f"addin.doctor.{point.name}.{point.case}.found", language, **point.values)
            assert point.state == "ok" or say(f"addin.doctor.{point.name}.{point.case}.todo", language)
    return {(point.name, point.case): point.state for point in points}


def test_a_healthy_machine_has_no_problem_and_answers_from_excel(healthy):
    assert found(healthy) == {
        ("system", "windows"): "ok",
        ("python", "venv"): "ok",
        ("xlwings", "found"): "ok",
        ("excel", "found"): "ok",
        ("dll", "found"): "ok",
        ("addin", "found"): "ok",
        ("copies", "none"): "ok",
        ("mark", "none"): "ok",
        ("macros", "allowed"): "ok",
        ("disabled", "none"): "ok",
        ("round_trip", "answered"): "ok",
    }


def remove_dll(machine, registry):
    next(machine.prefix.glob("*.dll")).unlink()


def thirty_two_bits(machine, registry):
    (machine.prefix.parent / "Office16" / "EXCEL.EXE").write_bytes(program(32))


def remove_excel(machine, registry):
    (machine.prefix.parent / "Office16" / "EXCEL.EXE").unlink()


def excel_of_the_store(machine, registry):
    store = machine.prefix.parent / "WindowsApps"
    store.mkdir()
    (store / "EXCEL.EXE").write_bytes(program(64))
    registry[EXCEL] = {"": str(store / "EXCEL.EXE")}


def remove_addin(machine, registry):
    machine.addin.unlink()


def stale_addin(machine, registry):
    machine.addin.write_bytes(machine.addin.read_bytes() + b"\0")


def addin_of_another_python(machine, registry):
    machine.addin.write_bytes(addin.build(addin.Interpreter(r"D:\old\python.exe")))


def addin_of_another_version(machine, registry):
    sources = {"ThisWorkbook.cls": "Option Explicit\n"}
    machine.addin.write_bytes(xlam.addin(sources, "<customUI/>", {"smile_xl.conf": [["SMILE_VERSION", "0.0.1"]]}))


def copy_among_the_addins(machine, registry):
    folder = machine.start_folder.parents[1] / "AddIns"
    folder.mkdir()
    (folder / "smile_xl (1).xlam").write_bytes(b"")


def copy_in_the_other_start_folder(machine, registry):
    folder = machine.prefix.parent / "shared"
    folder.mkdir()
    (folder / "SMILE_old.xla").write_bytes(b"")
    registry[doctor.OPTIONS] = {"AltStartup": str(folder)}


def marked_by_the_web(machine, registry):
    (machine.addin.parent / f"{machine.addin.name}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n")


def macros_off(machine, registry):
    registry[USER_SECURITY] = {"VBAWarnings": 4}


def macros_off_by_policy(machine, registry):
    registry[USER_SECURITY] = {"VBAWarnings": 1}
    registry[POLICY_SECURITY] = {"VBAWarnings": 4}


def signed_macros_only(machine, registry):
    registry[POLICY_SECURITY] = {"VBAWarnings": 3}


def no_trusted_folders(machine, registry):
    registry[POLICY_SECURITY] = {"VBAWarnings": 3}
    registry[rf"{POLICY_SECURITY}\Trusted Locations"] = {"AllLocationsDisabled": 1}


def disabled_after_a_crash(machine, registry):
    text = r"C:\Users\p\AppData\Roaming\Microsoft\Excel\XLSTART\SMILE_XL.xlam"
    registry[doctor.DISABLED] = {"3F2": b"\x01\0\0\0" + text.encode("utf-16-le"), "other": 7}


@pytest.mark.parametrize(
    ("fault", "point", "state"),
    [
        (remove_dll, ("dll", "missing"), "problem"),
        (thirty_two_bits, ("dll", "missing"), "problem"),
        (remove_excel, ("excel", "missing"), "problem"),
        (excel_of_the_store, ("excel", "store"), "problem"),
        (remove_addin, ("addin", "missing"), "problem"),
        (stale_addin, ("addin", "stale"), "problem"),
        (addin_of_another_python, ("addin", "other_python"), "problem"),
        (addin_of_another_version, ("addin", "other_version"), "problem"),
        (copy_among_the_addins, ("copies", "found"), "warning"),
        (copy_in_the_other_start_folder, ("copies", "found"), "warning"),
        (marked_by_the_web, ("mark", "found"), "problem"),
        (macros_off, ("macros", "off_by_user"), "warning"),
        (macros_off_by_policy, ("macros", "off_by_policy"), "warning"),
        (signed_macros_only, ("macros", "signed_only"), "warning"),
        (no_trusted_folders, ("macros", "no_trusted_folders"), "problem"),
        (disabled_after_a_crash, ("disabled", "found"), "problem"),
    ],
)
def test_one_fault_is_found_and_nothing_else_is_complained_of(healthy, registry, fault, point, state):
    fault(healthy, registry)
    complaints = {name: one for name, one in found(healthy).items() if one != "ok"}
    assert complaints == {point: state}


@pytest.mark.parametrize(
    ("changed", "point", "state"),
    [
        pytest.param(
            {"python": r"C:\Program Files\WindowsApps\python.exe"}, ("python", "store"), "problem", id="store"
        ),
        pytest.param(
            {"base": Path("C:/Program Files/WindowsApps/Python")}, ("python", "store"), "problem", id="its venv"
        ),
        pytest.param({"has_module": lambda name: name != "xlwings"}, ("xlwings", "missing"), "problem", id="xlwings"),
        pytest.param(
            {"has_module": lambda name: name != "win32api"}, ("xlwings", "no_pywin32"), "problem", id="pywin32"
        ),
        pytest.param({"ask_excel": lambda path: "0.0.1"}, ("round_trip", "wrong"), "problem", id="another answer"),
        pytest.param({"ask_excel": lambda path: 1 / 0}, ("round_trip", "failed"), "problem", id="no answer"),
    ],
)
def test_a_machine_that_differs_in_one_thing(healthy, changed, point, state):
    machine = dataclasses.replace(healthy, **changed)
    assert found(machine)[point] == state


def test_excel_is_not_started_while_something_else_is_wrong(healthy, registry):
    remove_dll(healthy, registry)
    machine = dataclasses.replace(healthy, ask_excel=lambda path: pytest.fail("Excel was started"))
    assert ("dll", "missing") in found(machine)


@pytest.fixture
def apple(tmp_path):
    """A Mac on which all is well."""
    machine = Machine(
        platform="darwin",
        python="/Users/planner/smile/bin/python",
        prefix=tmp_path / "smile",
        base=tmp_path / "base",
        applications=tmp_path / "Applications",
        environment={"HOME": str(tmp_path)},
        has_module=lambda name: True,
    )
    about = machine.applications / "Microsoft Excel.app" / "Contents" / "Info.plist"
    about.parent.mkdir(parents=True)
    about.write_bytes(plistlib.dumps({"CFBundleShortVersionString": "16.89.1"}))
    install(machine)
    return machine


def test_on_a_healthy_mac_all_is_well(apple):
    points = found(apple)
    assert set(points.values()) == {"ok"}
    assert {name for name, _ in points} == {"system", "python", "xlwings", "excel", "addin", "script", "copies"}
    assert ("system", "mac") in points


def _old_excel(apple):
    about = apple.applications / "Microsoft Excel.app" / "Contents" / "Info.plist"
    about.write_bytes(plistlib.dumps({"CFBundleShortVersionString": "15.33"}))


def _broken_excel(apple):
    (apple.applications / "Microsoft Excel.app" / "Contents" / "Info.plist").write_bytes(b"<plist>")


@pytest.mark.parametrize(
    ("fault", "point"),
    [
        pytest.param(lambda apple: apple.script.unlink(), ("script", "missing"), id="no script"),
        pytest.param(lambda apple: apple.script.write_text("on smileRun"), ("script", "other"), id="another script"),
        pytest.param(lambda apple: apple.addin.unlink(), ("addin", "missing"), id="no add-in"),
        pytest.param(lambda apple: shutil.rmtree(apple.applications), ("excel", "missing"), id="no Excel"),
        pytest.param(_old_excel, ("excel", "old_on_mac"), id="an old Excel"),
        pytest.param(_broken_excel, ("excel", "missing"), id="an Excel that says nothing of itself"),
    ],
)
def test_a_fault_on_a_mac_is_found(apple, fault, point):
    fault(apple)
    points = found(apple)
    assert points[point] == "problem"
    assert [state for state in points.values() if state != "ok"] == ["problem"]


def test_on_a_mac_without_appscript_its_package_is_named(apple):
    points = found(dataclasses.replace(apple, has_module=lambda name: name != "appscript"))
    assert points[("xlwings", "no_appscript")] == "problem"
    assert "appscript" in say("addin.doctor.xlwings.no_appscript.todo", "fr")


def test_other_systems_report_what_they_can_check():
    points = found(Machine(platform="linux"))
    assert points[("system", "elsewhere")] == "warning"
    assert {name for name, _ in points} == {"system", "python", "xlwings"}


def test_a_linux_machine_without_xlwings_has_no_problem():
    states = found(Machine(platform="linux", has_module=lambda name: False))
    assert states[("xlwings", "only_to_build")] == "warning"
    assert "problem" not in states.values()


def test_a_problem_leaves_with_exit_code_3_and_a_table(healthy, registry, monkeypatch, capsys):
    remove_addin(healthy, registry)
    monkeypatch.setattr("smile_xl.excel.machine.Machine", lambda: healthy)
    assert run(["addin", "doctor"], "en") == commands.FOUND == 3
    out, err = capsys.readouterr()
    assert "smile-xl addin install" in out
    assert "Problems: 1. Warnings: 0." in err


def test_a_healthy_machine_leaves_with_exit_code_0_in_french(healthy, monkeypatch, capsys):
    monkeypatch.setattr("smile_xl.excel.machine.Machine", lambda: healthy)
    assert run(["addin", "doctor"], "fr") == 0
    out, err = capsys.readouterr()
    assert "complément" in out
    assert "Problèmes : 0." in err
