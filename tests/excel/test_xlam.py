"""The add-in's file: read back by independent readers, and every rule proven to catch its fault."""

import io
import re
import shutil
import subprocess
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import olefile
import pytest
from excel.addin_rules import broken_rules, modules
from hypothesis import given, settings
from hypothesis import strategies as st
from oletools.olevba import decompress_stream

from smile_xl.excel import addin, cfb, ovba, ribbon, vba, xlam
from smile_xl.registry import FUNCTIONS

WINDOWS = addin.Interpreter(r"C:\Users\Zoé Martin\venv\Scripts\python.exe")


@pytest.fixture(scope="module")
def built():
    return addin.build(WINDOWS)


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def altered(content, part, old, new):
    """The add-in with a text in one part replaced."""
    parts = parts_of(content)
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, data in parts.items():
            package.writestr(zipfile.ZipInfo(name, xlam.MOMENT), data)
    return file.getvalue()


def rebuilt(**changed):
    """The add-in with some of its sources changed: a function of the text by file name."""
    sources = addin.modules()
    for name, change in changed.items():
        file = next(one for one in sources if one.startswith(name))
        sources[file] = change(sources[file])
    custom_ui = sources.pop("customUI14.xml")
    return xlam.addin(sources, custom_ui, {"smile_xl.conf": [["a", "b"]]})


def test_the_built_addin_keeps_every_rule(built):
    assert broken_rules(built) == []


def test_the_rules_hold_for_sources_put_together_in_this_test():
    assert broken_rules(rebuilt()) == []


FAULTS = {
    "the workbook part is not of the type of an add-in": lambda built, _: altered(
        built, "[Content_Types].xml", "excel.addin.macro", "excel.sheet.macro"
    ),
    "the workbook does not lead to its VBA project": lambda built, _: altered(
        built, "xl/_rels/workbook.xml.rels", "/vbaProject", "/project"
    ),
    "the package does not lead to its ribbon": lambda built, _: altered(
        built, "_rels/.rels", "customUI14.xml", "customUI.xml"
    ),
    "a part of the zip has a time": lambda built, patch: patch(xlam, "MOMENT", (2026, 1, 1, 0, 0, 0)),
    "the compound file has faults": lambda built, patch: patch(cfb, "FREE", 5),
    "code names differ from document modules": lambda built, _: altered(
        built, "xl/worksheets/sheet1.xml", '"Sheet1"', '"Tabelle1"'
    ),
    "a document module has the wrong base": lambda built, patch: patch(ovba, "SHEET_BASE", ovba.WORKBOOK_BASE),
    "a reference is missing": lambda built, patch: patch(ovba, "REFERENCES", {"stdole": ovba.REFERENCES["stdole"]}),
    "the project is named like a module": lambda built, patch: patch(xlam, "PROJECT", "SmileErrors"),
    "a line does not end in CRLF": lambda built, patch: patch(ovba, "_ended", lambda text: text.encode()),
    "a letter is not ASCII": lambda built, patch: patch(
        ovba, "_ended", lambda text: text.replace("\n", "\r\n").replace("cell", "cellulé").encode("cp1252")
    ),
    "a module lacks Option Explicit": lambda *_: rebuilt(
        SmileErrors=lambda text: text.replace("Option Explicit\n", "")
    ),
    "a line is too long": lambda *_: rebuilt(SmileErrors=lambda text: text + "' " + "x" * 1021),
    "a statement has too many continuations": lambda *_: rebuilt(
        SmileErrors=lambda text: text + "Public Sub Long_()\n    Call A(1" + ", _\n        1" * 25 + ")\nEnd Sub\n"
    ),
    "a procedure is named like a module": lambda *_: rebuilt(
        SmileErrors=lambda text: text + "Private Sub smileserver()\nEnd Sub\n"
    ),
    "two public procedures share a name": lambda *_: rebuilt(
        SmileErrors=lambda text: text + "Public Sub SmileRestart()\nEnd Sub\n"
    ),
    "a variable of another type is passed by reference": lambda *_: rebuilt(
        SmileErrors=lambda text: text.replace("Used(ByVal block As Range)", "Used(block As Range)")
    ),
    "two controls share an id": lambda *_: rebuilt(
        customUI14=lambda text: text.replace('"smile_help"', '"smile_about"')
    ),
    "the ribbon has what the schema does not know": lambda *_: rebuilt(
        customUI14=lambda text: text.replace("tag=", "tooltip=", 1)
    ),
    "Office has no such picture": lambda *_: rebuilt(customUI14=lambda text: text.replace('"Undo"', '"Oops"')),
    "a callback is not one Public Sub with the signature that Excel wants": lambda *_: rebuilt(
        SmileRibbon=lambda text: text.replace("ByRef returned As Variant", "returned As String", 1)
    ),
}


@pytest.mark.parametrize(("rule", "fault"), FAULTS.items(), ids=FAULTS)
def test_a_deliberate_fault_against_a_rule_is_caught(built, monkeypatch, rule, fault):
    def patched(module, name, value):
        monkeypatch.setattr(module, name, value)
        return addin.build(WINDOWS)

    found = set(broken_rules(fault(built, patched)))
    assert rule in found


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("Public Sub SmileTip", "Private Sub SmileTip"), id="private"),
        pytest.param(("Public Sub SmileTip", "Public Sub SmileTips"), id="missing"),
        pytest.param(("Public Sub SmileTip(", "Public Function SmileTip("), id="a function"),
    ],
)
def test_a_callback_that_excel_would_not_find_is_caught(change):
    broken = broken_rules(rebuilt(SmileRibbon=lambda text: text.replace(*change)))
    assert "a callback is not one Public Sub with the signature that Excel wants" in broken


def test_oletools_reads_back_the_sources_that_went_in(built):
    read = modules(built)
    sources = addin.modules()
    for file, text in sources.items():
        name = file.rpartition(".")[0]
        if file.endswith(".bas"):
            assert read[name].replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n"), name
        elif file.endswith(".cls"):
            body = read[name].replace("\r\n", "\n").split("Attribute VB_Customizable = ")[1].split("\n", 1)[1]
            assert body.strip("\n") == xlam._code(text).strip("\n"), name


def test_the_project_streams_name_every_module_once(built):
    project = olefile.OleFileIO(io.BytesIO(parts_of(built)["xl/vbaProject.bin"]))
    listed = project.openstream("PROJECT").read().decode("ascii")
    named = re.findall(r"^(?:Document|Module|Class)=(\w+)", listed, re.MULTILINE)
    streams = {path[1] for path in project.listdir() if path[0] == "VBA"} - {"dir", "_VBA_PROJECT"}
    assert sorted(named) == sorted(streams)
    utf16 = b"".join(name.encode() + b"\0" + name.encode("utf-16-le") + b"\0\0" for name in named)
    assert len(project.openstream("PROJECTwm").read()) == len(utf16) + 2


def test_two_builds_are_the_same_bytes(built, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert addin.build(WINDOWS) == built


def test_another_interpreter_changes_the_settings_alone(built):
    other = addin.build(addin.Interpreter(r"D:\Python\python.exe"))
    before, after = parts_of(built), parts_of(other)
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet1.xml"]


def test_the_settings_read_back_are_those_that_went_in(built, tmp_path):
    (tmp_path / "a.xlam").write_bytes(built)
    assert addin.settings(tmp_path / "a.xlam") == addin.configuration(WINDOWS)


def test_the_dll_that_is_called_is_the_one_that_is_installed(built):
    named = set(re.findall(r"xlwings[^\s\"]*\.dll", modules(built)["SmileServer"]))
    assert named == {f"xlwings{bits}-{version('xlwings')}.dll" for bits in (64, 32)}


def test_the_dll_is_called_as_the_vba_of_the_installed_xlwings_calls_it():
    theirs = (Path(find_spec("xlwings").origin).parent / "xlwings_custom_addin.bas").read_text(encoding="ascii")
    declared = (
        r"XLPyDLLActivateAuto Lib \"\S+\" \((?: _\s+)?ByRef \w+ As (\w+), (?:Optional )?ByVal \w+ As (\w+)[^,]*, "
    )
    declared += r"(?:Optional )?ByVal \w+ As (\w+)[^)]*\) As (\w+)"
    ours = re.findall(declared, vba.modules()["SmileServer.bas"])
    assert len(ours) == 2
    assert set(ours) == set(re.findall(declared, theirs)) == {("Variant", "String", "Long", "Long")}


def test_nothing_but_our_own_modules_goes_in_and_no_formula_can_run_what_it_likes(built):
    """Public functions of a module of an add-in can be called by any formula, in a workbook without macros too."""
    found = modules(built)
    assert set(found) == {
        "ThisWorkbook", "Sheet1", "Sheet2", "Sheet3", "Sheet4",
        "SmileErrors", "SmileFunctions", "SmileMac", "SmileNames", "SmileRibbon", "SmileServer",
    }  # fmt: skip
    for name in ("SmileErrors", "SmileMac", "SmileNames", "SmileServer"):
        assert "Option Private Module" in found[name]
    for name in ("SmileFunctions", "SmileRibbon"):
        public = re.findall(r"(?m)^(?:Public )?Function (\w+)", found[name])
        assert all(function in FUNCTIONS for function in public)
    assert "Public Declare" not in "".join(found.values())
    assert not re.search(r"(?m)^ *Declare ", "".join(found.values()))


def test_the_builder_is_small():
    lines = sum(len(Path(module.__file__).read_text().splitlines()) for module in (xlam, ovba, cfb))
    assert lines <= 350


@given(st.binary(max_size=9000) | st.text("ab\n", max_size=13_000).map(str.encode))
def test_what_is_compressed_comes_back(content):
    back = bytes(decompress_stream(bytearray(ovba.compress(content)))) if content else b""
    assert back[: len(content)] == content
    assert not back[len(content) :].strip(b"\0")


@settings(max_examples=40)
@given(st.dictionaries(st.text("abcXYZ_1", min_size=1, max_size=20), st.integers(0, 6000), max_size=12))
def test_streams_of_any_size_come_back_from_a_compound_file(streams):
    streams = {name.lower(): bytes([n % 251]) * size for n, (name, size) in enumerate(streams.items())}
    file = olefile.OleFileIO(io.BytesIO(cfb.compound_file({"VBA": dict(streams), "PROJECT": b"x"})))
    assert file.parsing_issues == []
    assert {path[1]: file.openstream(path).read() for path in file.listdir() if path[0] == "VBA"} == streams


def test_a_compound_file_of_several_allocation_sectors_comes_back():
    content = bytes(range(256)) * 400  # 200 sectors each, 2 sectors of allocation table
    streams = {f"s{n}": content for n in range(2)}
    file = olefile.OleFileIO(io.BytesIO(cfb.compound_file(streams)))
    assert all(file.openstream(name).read() == content for name in streams)


@pytest.mark.libreoffice
def test_libreoffice_imports_every_module(built, tmp_path):
    (tmp_path / "smile_xl.xlam").write_bytes(built)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    reader = "--infilter=Calc MS Excel 2007 VBA XML"
    command = [shutil.which("soffice"), "--headless", profile, reader, "--convert-to", "ods", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "smile_xl.xlam")], check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(tmp_path / "smile_xl.ods") as package:
        for name in modules(built):
            assert f"Basic/SmileXl/{name}.xml" in package.namelist()
        assert b"SMILE_CLOSING = SmileAnswer(" in package.read("Basic/SmileXl/SmileFunctions.xml")


def test_every_command_has_texts_in_both_languages(built):
    texts = {row[0]: row[1:] for row in ribbon.texts()}
    for name in re.findall(r'id="(smile_\w+)"', parts_of(built)["customUI/customUI14.xml"].decode()):
        assert texts[name][0], name
        assert texts[name][1], name
