"""Installing and removing the add-in, on a Windows that is a folder of this test."""

import dataclasses
import sys
from pathlib import Path

import pytest

from smile_xl.cli import run
from smile_xl.excel import addin, mac, machine, vba
from smile_xl.excel.install import InstallError, install, uninstall
from smile_xl.excel.machine import Machine


@pytest.fixture
def windows(tmp_path):
    return Machine(
        platform="win32",
        python=r"C:\Users\planner\venv\Scripts\python.exe",
        prefix=tmp_path / "venv",
        environment={"APPDATA": str(tmp_path / "Roaming")},
        registry=lambda key: {},
    )


def test_the_addin_stands_in_excels_start_folder_and_calls_this_python(windows, tmp_path):
    install(windows)
    path = tmp_path / "Roaming" / "Microsoft" / "Excel" / "XLSTART" / "smile_xl.xlam"
    assert path.read_bytes() == addin.build(windows.interpreter)
    assert addin.settings(path)["INTERPRETER_WIN"] == r"C:\Users\planner\venv\Scripts\python.exe"
    assert [file.name for file in path.parent.iterdir()] == ["smile_xl.xlam"]


def test_installing_again_replaces_the_addin(windows):
    windows.start_folder.mkdir(parents=True)
    windows.addin.write_bytes(b"old")
    install(windows)
    assert windows.addin.read_bytes() == addin.build(windows.interpreter)


def test_an_addin_that_excel_has_open_is_left_and_named(windows, monkeypatch):
    install(windows)
    before = windows.addin.read_bytes()

    def refuse(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InstallError) as error:
        install(windows)
    assert error.value.code == "in_use"
    assert windows.addin.read_bytes() == before
    assert len(list(windows.start_folder.iterdir())) == 1


def test_removing_takes_the_addin_away_and_nothing_else(windows):
    install(windows)
    (windows.start_folder / "other.xlam").write_bytes(b"another add-in")
    assert uninstall(windows)
    assert [file.name for file in windows.start_folder.iterdir()] == ["other.xlam"]
    assert not uninstall(windows)


def test_two_machines_with_the_same_python_get_the_same_bytes(windows):
    assert addin.build(windows.interpreter) == addin.build(addin.Interpreter(windows.python))


def test_the_command_line_of_the_server_is_constant_and_keeps_the_current_folder_out():
    command = addin.Interpreter(r"C:\Program Files\Python\python.exe").command
    assert command == (
        r'cmd.exe /K ""C:\Program Files\Python\python.exe" -P -B -c '
        '"import xlwings;xlwings.serve(\'$(CLSID)\')""'
    )


def test_the_environment_of_conda_is_activated_before_python_starts(windows):
    (windows.prefix / "conda-meta").mkdir(parents=True)
    home = r"C:\Users\planner\miniconda3"
    conda = Machine(
        platform="win32",
        python=rf"{home}\envs\plan\python.exe",
        prefix=windows.prefix,
        environment={"CONDA_EXE": f"{home}/Scripts/conda.exe"},
    )
    command = conda.interpreter.command
    assert f'condabin\\conda" activate "{windows.prefix}" && "{conda.python}" -P' in command


def test_the_dll_is_looked_for_beside_python_and_one_folder_above():
    folders = addin.Interpreter(r"C:\venv\Scripts\python.exe").dll_folders
    assert folders == [r"C:\venv\Scripts", r"C:\venv"]
    assert addin.Interpreter("python").dll_folders == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="what other systems answer")
@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_other_systems_say_what_works_there(command, capsys):
    assert run(["addin", command], "en") == 2
    assert "smile-xl addin build --python PATH" in capsys.readouterr().err


@pytest.fixture
def apple(tmp_path):
    return Machine(platform="darwin", python="/Users/planner/smile/bin/python", environment={"HOME": str(tmp_path)})


def test_on_a_mac_the_addin_and_its_script_stand_where_excel_finds_them(apple, tmp_path):
    install(apple)
    library = tmp_path / "Library"
    startup = "Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel/smile_xl.xlam"
    assert (library / startup).read_bytes() == addin.build(apple.interpreter)
    script = library / "Application Scripts/com.microsoft.Excel/smile_xl.applescript"
    assert script.read_text() == mac.script("/Users/planner/smile/bin/python")
    assert sorted(file.name for file in library.rglob("*") if file.is_file()) == [mac.SCRIPT, addin.FILE]
    assert uninstall(apple)
    assert [file for file in library.rglob("*") if file.is_file()] == []
    assert not uninstall(apple)


def test_on_a_mac_without_a_folder_of_the_user_nothing_is_written(apple):
    with pytest.raises(InstallError) as error:
        install(dataclasses.replace(apple, environment={}))
    assert error.value.code == "no_home"
    assert not Path("Library").exists()


def test_on_a_mac_a_python_whose_path_a_script_cannot_hold_is_refused(apple, tmp_path):
    with pytest.raises(InstallError) as error:
        install(dataclasses.replace(apple, python="/Users/rené/bin/python"))
    assert error.value.code == "letters"
    assert not (tmp_path / "Library").exists()


@pytest.mark.parametrize(("lang", "text"), [("en", "may control Excel"), ("fr", "peut contrôler Excel")])
def test_on_a_mac_the_command_says_what_it_will_ask(apple, monkeypatch, capsys, lang, text):
    monkeypatch.setattr("smile_xl.excel.machine.Machine", lambda: apple)
    assert run(["addin", "install"], lang) == 0
    assert text in capsys.readouterr().err


def test_building_writes_the_addin_for_the_python_that_is_named(tmp_path, capsys):
    path = tmp_path / "smile_xl.xlam"
    assert run(["addin", "build", "-o", str(path), "--python", r"D:\smile\python.exe"], "en") == 0
    assert addin.settings(path)["INTERPRETER_WIN"] == r"D:\smile\python.exe"
    assert r"D:\smile\python.exe" in capsys.readouterr().err


def test_building_into_a_folder_that_is_not_there_is_refused(tmp_path, capsys):
    assert run(["addin", "build", "-o", str(tmp_path / "no" / "a.xlam")], "fr") == 2
    assert "n'existe pas" in capsys.readouterr().err


def test_without_xlwings_the_command_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(machine.Machine, "has_module", lambda self, name: False, raising=False)
    monkeypatch.setattr(
        machine.Machine, "__init__", lambda self: object.__setattr__(self, "has_module", lambda name: False)
    )
    assert run(["addin", "build", "-o", str(tmp_path / "a.xlam")], "en") == 2
    assert "pip install xlwings==" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["SOURCE", "INSTALLED"])
def test_the_modules_come_from_a_checkout_as_from_an_installation(missing, monkeypatch):
    committed = Path(__file__).parents[2] / "vba"
    monkeypatch.setattr(vba, "SOURCE", committed)
    monkeypatch.setattr(vba, "INSTALLED", committed)
    monkeypatch.setattr(vba, missing, Path("/nowhere"))
    assert vba.modules() == {file.name: file.read_text(encoding="ascii") for file in committed.iterdir()}
