"""The add-in's VBA: generated from the registry, accepted by an independent reader, run where it can be."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from smile_xl.arguments import Cell
from smile_xl.excel import addin, ovba, values, vba
from smile_xl.language import LANGUAGES
from smile_xl.registry import FUNCTIONS, SheetFunction

COMMITTED = Path(__file__).parents[2] / "vba"
SOURCES = {name: text for name, text in vba.modules().items() if name != "customUI14.xml"}
WRAPPER = re.compile(
    r"^Public Function (SMILE_\w+)\(([^)]*)\) As Variant\n    (\w+) = SmileAnswer\(\"(\w+)\"(?:, ([^)]*))?\)\nEnd Function$",
    re.MULTILINE,
)

WORDS_OF_VBA = {"new": "new_"}
"""Arguments whose name is a word of VBA, and their name there."""


def test_the_committed_modules_are_those_that_the_registry_gives():
    for name, text in vba.generated().items():
        assert (COMMITTED / name).read_text(encoding="ascii") == text, f"run: smile-xl addin build --vba ({name})"


def test_each_function_has_a_wrapper_that_hands_on_its_own_arguments_in_order():
    found = {}
    for name, declared, result, called, handed in WRAPPER.findall(SOURCES["SmileFunctions.bas"]):
        assert name == result == called
        arguments = [one.strip() for one in declared.replace("_\n", "").split(",") if one.strip()]
        found[name] = arguments
        assert [re.sub(r"^Optional ", "", one).removesuffix(" As Variant") for one in arguments] == [
            one for one in handed.split(", ") if one
        ]
    expected = {
        name: [
            f"{'Optional ' if one.optional else ''}{WORDS_OF_VBA.get(one.name, one.name)} As Variant"
            for one in function.parameters
        ]
        for name, function in FUNCTIONS.items()
        if name != "SMILE_WHY"
    }
    assert found == expected


def test_the_reason_of_an_error_is_answered_by_vba_itself():
    assert (
        "Public Function SMILE_WHY(cell As Variant) As Variant\n    SMILE_WHY = SmileWhy(cell)\n"
        in SOURCES["SmileFunctions.bas"]
    )


def test_the_help_of_each_function_and_argument_stands_in_the_addin():
    rows = {row[0]: row for row in vba.help_rows("en")}
    assert rows["SMILE_CV"] == (
        "SMILE_CV",
        "Volatility of the demand: its standard deviation over its mean, for 12 months.",
        "SMILE Overstock",
        1,
        "Forecast demand in t per month, one row per item; the first 12 months count.",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_in_each_language_is_whole_and_as_short_as_excel_wants(language):
    rows = vba.help_rows(language)
    assert [row[0] for row in rows] == list(FUNCTIONS)
    assert all(row[3] == len(row) - 4 == len(FUNCTIONS[row[0]].parameters) for row in rows)
    assert all(0 < len(str(text)) <= 255 for row in rows for text in row)


def test_the_help_in_french_is_french():
    french = {row[0]: row for row in vba.help_rows("fr")}
    assert french["SMILE_WEEKSCOVER"][1:3] == ("Nombre de semaines que dure un stock.", "SMILE Disponibilité")
    for english in vba.help_rows("en"):
        assert not {*english[1:2], *english[4:]} & {*french[english[0]][1:2], *french[english[0]][4:]}


def test_a_french_text_that_excel_would_cut_is_refused_when_the_addin_is_built(monkeypatch):
    monkeypatch.setattr(SheetFunction, "help_of", lambda *_: "é" * 256)
    with pytest.raises(vba.LimitError):
        vba.help_rows("fr")


def test_excel_is_given_the_help_of_a_sheet_that_the_addin_has():
    asked = re.findall(r'"(functions_\w+)"', SOURCES["SmileFunctions.bas"])
    assert asked == ["functions_fr", "functions_en"]
    with zipfile.ZipFile(io.BytesIO(addin.build(addin.Interpreter()))) as package:
        names = re.findall(r'<sheet name="([^"]+)"', package.read("xl/workbook.xml").decode())
        french = package.read(f"xl/worksheets/sheet{names.index('functions_fr') + 1}.xml").decode("utf-8")
    assert set(asked) <= set(names)
    assert "Nombre de semaines que dure un stock." in french


def _function(name="SMILE_X", text="Help.", argument="Text.", parameter="a"):
    """A function of one argument."""
    call = eval(f"lambda {parameter}: 0")  # noqa: S307
    call.__annotations__ = {parameter: Cell}
    call.__doc__ = f"{text}\n\nParameters\n----------\n{parameter} : cell\n    {argument}\n"
    return SheetFunction(name, call, "Tests")


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(_function(name="SM12"), id="a name that looks like a cell"),
        pytest.param(_function(text="x" * 256), id="a help text that Excel would cut"),
        pytest.param(_function(argument="x" * 256), id="help for an argument that Excel would cut"),
        pytest.param(_function(parameter="été"), id="an argument that VBA could not spell"),
        pytest.param(_function(parameter="a" * 233), id="argument names longer than the function wizard takes"),
    ],
)
def test_a_function_that_excel_would_not_take_is_refused_when_it_is_generated(function):
    with pytest.raises(vba.LimitError):
        vba.check(function)


def test_a_function_within_all_limits_is_taken():
    vba.check(_function())


def _complaints(folder, machine, **changed):
    """What vbalidator says of our modules."""
    sources = SOURCES | changed  # it knows ThisWorkbook as Excel's own
    folder.mkdir()
    for name, text in sources.items():
        if name != "ThisWorkbook.cls":
            (folder / name).write_text(text)
    report = folder / "report.json"
    command = [Path(sys.executable).with_name("vbalidator"), str(folder), "--host", "excel", "--define", machine]
    subprocess.run([*command, "--output", str(report)], capture_output=True, check=False, timeout=120)
    return [line for line in json.loads(report.read_text())["issues"] if Path(line["file"]).name.startswith("Smile")]


OF_MACS = "Undefined identifier 'AppleScriptTask' in 'SmileStartOnMac'."
"""What vbalidator says of a function that only VBA on a Mac has."""


@pytest.mark.parametrize("machine", ["VBA7=True,WIN64=True", "VBA7=True,WIN64=False", "VBA7=True,MAC=True"])
def test_every_name_is_declared_on_each_kind_of_machine(tmp_path, machine):
    said = [line["message"] for line in _complaints(tmp_path / "vba", machine)]
    assert said == ([OF_MACS] if "MAC" in machine else [])


def test_a_name_that_is_not_declared_is_caught(tmp_path):
    faulty = SOURCES["SmileErrors.bas"].replace("Shown(SmileCall(message))", "Shown(SmileCal(message))")
    assert _complaints(tmp_path / "vba", "VBA7=True,WIN64=True", **{"SmileErrors.bas": faulty})


def test_vba_knows_every_error_that_python_names():
    text = SOURCES["SmileErrors.bas"]
    known = {name: int(number) for name, number in re.findall(r'Case "(\S+)": SmileErrorNumber = (\d+)', text)}
    assert {**known, "#VALUE!": 2015} == {name: number for number, name in values.ERROR_NAMES.items()}


STUB = """Attribute VB_Name = "SmileServer"
Public Function SmileCall(message As Variant) As Variant
    Dim one As Variant, block(0 To 1, 0 To 1) As Variant
    If message(0) = "row" Then
        SmileCall = Array(1.5, 2.5, SmileMarker("#N/A", "no demand"))
        Exit Function
    ElseIf message(0) = "rows" Then
        SmileCall = UBound(message(1), 1)
        Exit Function
    ElseIf message(0) = "block" Then
        block(0, 0) = 1
        block(0, 1) = 2
        block(1, 0) = "text"
        block(1, 1) = 4
        SmileCall = block
        Exit Function
    End If
    For Each one In message
        If IsMissing(one) Then
            SmileCall = SmileCall & "/missing"
        Else
            SmileCall = SmileCall & "/" & TypeName(one)
        End If
    Next one
End Function
Public Function RowsHandedOn(address As String) As Variant
    RowsHandedOn = SmileAnswer("rows", ThisWorkbook.Worksheets("Used").Range(address))
End Function
"""
ASK = """
import json, subprocess, sys, time
import uno
from com.sun.star.beans import PropertyValue

book, profile, pipe, cells = sys.argv[1:]
command = ["soffice", "--headless", "--norestore", "-env:UserInstallation=" + profile, "--accept=pipe,name=" + pipe + ";urp;"]
office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
manager = uno.getComponentContext().ServiceManager
resolver = manager.createInstance("com.sun.star.bridge.UnoUrlResolver")
for _ in range(300):
    try:
        context = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.1)
desktop = context.ServiceManager.createInstance("com.sun.star.frame.Desktop")
always = PropertyValue("MacroExecutionMode", 0, 4, 0)
document = desktop.loadComponentFromURL(book, "_blank", 0, (PropertyValue("Hidden", 0, True, 0), always))
document.calculateAll()
print(json.dumps([row[0] for row in document.Sheets[0].getCellRangeByName("B1:B" + cells).DataArray]), flush=True)
document.close(True)
try:
    desktop.terminate()
except Exception:
    pass
office.wait(30)
"""
ASKED = {
    '=SmileErrorNumber("#N/A")': 2042,
    '=SmileErrorNumber(SmileMarker("#DIV/0!","why"))': 2007,
    '=SmileErrorNumber("#SPILL!")': 2045,
    '=SmileErrorNumber("anything else")': 2015,
    "=SmileErrorName(2036)": "#NUM!",
    "=SmileErrorName(2015)": "#VALUE!",
    "=SmileErrorName(1)": "#VALUE!",
    '=SmileReason(SmileMarker("#N/A","no row | in the table"))': "no row | in the table",
    '=SmileIsMarker(SmileMarker("#NUM!",""))': 1,
    '=SmileIsMarker("#NUM!|not one")': 0,
    "=SmileIsMarker(5)": 0,
    '=SmileAnswer("f",1.5,"text")': "/String/Double/String",
    "=SmilePlainFormula(\"='C:\\Zoé''s\\XLSTART\\smile_xl.xlam'!SMILE_CV(A1)+smile_xl.xlam!SMILE_CV(B1)\")": (
        "=SMILE_CV(A1)+SMILE_CV(B1)"
    ),
    "=SmilePlainFormula(\"=SMILE_CV('it''s'!A1)\")": "=SMILE_CV('it''s'!A1)",
    '=SUM(SmileAnswer("row"))': 4,
    '=SUM(SmileAnswer("block"))': 7,
    '=INDEX(SmileAnswer("block"),2,1)': "text",
    '=COLUMNS(SmileAnswer("row"))': 3,
    '=RowsHandedOn("A:B")': 7,
    '=RowsHandedOn("A5:B1048576")': 3,
    '=RowsHandedOn("A1048575:B1048576")': 1,
    '=RowsHandedOn("A1:B9")': 9,
}


@pytest.mark.libreoffice
def test_the_functions_that_need_no_excel_give_what_they_should(tmp_path):
    uno = ["/usr/bin/python3", "-c", "import uno"]
    if not Path(uno[0]).exists() or subprocess.run(uno, capture_output=True, check=False).returncode:
        pytest.skip("the system's Python has no UNO bridge to LibreOffice")
    own = {name: SOURCES[f"{name}.bas"] for name in ("SmileErrors", "SmileNames")} | {"SmileServer": STUB}
    own["SmileErrors"] = own["SmileErrors"].replace(".Value2", ".Value")  # which LibreOffice 7.4 does not have
    documents = {"ThisWorkbook": "", "Sheet1": "", "Sheet2": ""}
    (tmp_path / "vba.bin").write_bytes(ovba.vba_project("SmileXl", own, {}, documents))
    with xlsxwriter.Workbook(tmp_path / "book.xlsm") as book:
        book.set_vba_name("ThisWorkbook")
        sheet = book.add_worksheet()
        sheet.set_vba_name("Sheet1")
        book.add_vba_project(str(tmp_path / "vba.bin"))
        for row, formula in enumerate(ASKED):
            sheet.write_formula(row, 1, formula, None, -1)
        used = book.add_worksheet("Used")
        used.set_vba_name("Sheet2")
        used.write("B7", "last")
    places = [(tmp_path / name).as_uri() for name in ("book.xlsm", "profile")]
    ask = ["/usr/bin/python3", "-c", ASK, *places, f"smile_{tmp_path.name}_{id(tmp_path)}", str(len(ASKED))]
    answers = json.loads(subprocess.run(ask, check=True, capture_output=True, timeout=120).stdout)
    assert dict(zip(ASKED, answers, strict=True)) == ASKED
