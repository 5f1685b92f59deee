"""The add-in's VBA: what is generated from the registry, and the sources as they go into the add-in.

VBA does only what Python can't: read ``.Value2``, make real errors, answer the ribbon. Texts are no code: they stand in
sheets of the add-in. All modules stand in ``vba/``, the generated ones beside those written by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

from smile_xl.excel import ribbon
from smile_xl.language import LANGUAGES, Language
from smile_xl.registry import FUNCTIONS, HELP_LIMIT, Parameter, SheetFunction

SOURCE = Path(__file__).parents[2] / "vba"
INSTALLED = Path(__file__).parent / "sources"
"""Where the modules stand in a checkout of the sources, and in an installation."""

HELP_SHEETS: dict[Language, str] = {language: f"functions_{language}" for language in LANGUAGES}
"""The sheet with the functions' help in each language."""

TEXT_SHEET = "ribbon"
ARGUMENT_NAMES_LIMIT = 232
"""Characters of all argument names of a function, joined by commas, that Excel's function wizard takes."""

RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
    and any as boolean byref byte byval call case close const currency date debug declare dim do double each else
    empty end enum erase error event exit false for friend function get global gosub goto if imp implements in
    input integer is let like line lock long loop lset me mod name new next not nothing null object on open option
    optional or paramarray preserve print private property public put redim rem resume return rset seek select set
    single static step stop string sub then to true type until variant wend while with withevents write xor
""",
    )
)
"""Words of VBA that can't be an argument's name: such an argument gets an underscore."""


class LimitError(ValueError):
    """A function that Excel would not take."""


def modules() -> dict[str, str]:
    """All modules written for this add-in, by file name."""
    folder = INSTALLED if INSTALLED.is_dir() else SOURCE
    by_hand = ("SmileErrors.bas", "SmileMac.bas", "SmileNames.bas", "SmileServer.bas", "ThisWorkbook.cls")
    return {**{name: (folder / name).read_text(encoding="ascii") for name in by_hand}, **generated()}


def generated() -> dict[str, str]:
    """The modules and the ribbon that follow from the registry, by file name."""
    return {
        "SmileFunctions.bas": functions_module(),
        "SmileRibbon.bas": ribbon_module(),
        "customUI14.xml": ribbon.custom_ui(),
    }


def functions_module() -> str:
    """A wrapper for each sheet function, and what tells Excel's function wizard about them."""
    wrappers = "\n".join(_wrapper(function) for function in FUNCTIONS.values())
    return f"""Attribute VB_Name = "SmileFunctions"
' Generated from the registry of functions by .ci/generate: do not edit.
Option Explicit

{wrappers}
' Help and category of each function for the function wizard, from the sheet of this add-in in Excel's language.
Public Sub SmileHelp()
    Dim sheet As Worksheet, row As Long, place As Long, macro As String, help As String, group As String
    Dim texts() As String
    Set sheet = ThisWorkbook.Worksheets(IIf(SmileFrench(), "{HELP_SHEETS["fr"]}", "{HELP_SHEETS["en"]}"))
    On Error Resume Next
    For row = 1 To sheet.UsedRange.Rows.Count
        macro = "'" & ThisWorkbook.Name & "'!" & sheet.Cells(row, 1).Value2
        help = sheet.Cells(row, 2).Value2
        group = sheet.Cells(row, 3).Value2
        If sheet.Cells(row, 4).Value2 = 0 Then
            Application.MacroOptions Macro:=macro, Description:=help, Category:=group
        Else
            ReDim texts(1 To sheet.Cells(row, 4).Value2)
            For place = 1 To UBound(texts)
                texts(place) = sheet.Cells(row, 4 + place).Value2
            Next place
            Application.MacroOptions Macro:=macro, Description:=help, Category:=group, ArgumentDescriptions:=texts
        End If
    Next row
    ThisWorkbook.Saved = True
End Sub
"""


def ribbon_module() -> str:
    """The callbacks that the ribbon's xml names."""
    plain, looked_up = ribbon.CALLBACKS["onAction"], ribbon.CALLBACKS["getLabel"]
    return f"""Attribute VB_Name = "SmileRibbon"
' Generated from the registry of commands by .ci/generate: do not edit.
Option Explicit

Public Sub SmileCommand{plain}
    SmileRun control.Tag
End Sub

Public Sub {ribbon.OF_VBA["why"]}{plain}
    Dim reason As String
    If Not ActiveCell Is Nothing Then reason = SmileWhy(ActiveCell)
    If reason = "" Then reason = Text("smile_why_none", 2)
    MsgBox reason, vbInformation, "SMILE"
End Sub

Public Sub {ribbon.OF_VBA["restart"]}{plain}
    SmileRestart
End Sub

Public Sub SmileLabel{looked_up}
    returned = Text(control.ID, 2)
End Sub

Public Sub SmileTip{looked_up}
    returned = Text(control.ID, 4)
End Sub

' A text of a control: the sheet holds English in this column and French in the next.
Private Function Text(id As String, ByVal column As Long) As String
    If SmileFrench() Then column = column + 1
    Text = SmileLookup("{TEXT_SHEET}", id, column)
End Function
"""


def help_rows(language: Language) -> list[tuple[str | int, ...]]:
    """Rows of a help sheet: name, help, category, number of arguments, help of each argument."""
    return [_help_row(function, language) for function in FUNCTIONS.values()]


def _help_row(function: SheetFunction, language: Language) -> tuple[str | int, ...]:
    texts = [function.help_in(language), *(function.help_of(one, language) for one in function.parameters)]
    _check_help(function, texts)
    return (function.name, texts[0], f"SMILE {function.category_in(language)}", len(texts) - 1, *texts[1:])


def check(function: SheetFunction) -> None:
    """Raise where Excel or VBA would not take a function."""
    name, parameters = function.name, function.parameters
    if re.fullmatch(r"[A-Za-z]{1,3}\d+", name):
        raise LimitError(f"{name} looks like a cell")
    _check_help(function, [function.help, *(one.help for one in parameters)])
    joined = ",".join(_argument(one) for one in parameters)
    if len(joined) > ARGUMENT_NAMES_LIMIT:
        raise LimitError(f"{name}: argument names have {len(joined)} characters, at most {ARGUMENT_NAMES_LIMIT}")
    for one in parameters:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", one.name):
            raise LimitError(f"{name}: {one.name} can't be an argument in VBA")


def _check_help(function: SheetFunction, texts: list[str]) -> None:
    for text in texts:
        if len(text) > HELP_LIMIT:
            raise LimitError(f"{function.name}: a help text has {len(text)} characters, at most {HELP_LIMIT}: {text}")


def _wrapper(function: SheetFunction) -> str:
    check(function)
    declared = [f"{'Optional ' if one.optional else ''}{_argument(one)} As Variant" for one in function.parameters]
    head = f"Public Function {function.name}("
    body = ", ".join([f'"{function.name}"', *(_argument(one) for one in function.parameters)])
    answer = "SmileWhy(cell)" if function.name == "SMILE_WHY" else f"SmileAnswer({body})"
    return f"{_wrapped(head, declared)}) As Variant\n    {function.name} = {answer}\nEnd Function\n"


def _argument(parameter: Parameter) -> str:
    return f"{parameter.name}_" if parameter.name in RESERVED else parameter.name


def _wrapped(head: str, parts: list[str]) -> str:
    """Arguments after the head of a declaration, over several lines where one would be too long to read."""
    if len(head) + len(", ".join(parts)) <= 100:
        return head + ", ".join(parts)
    lines = [", ".join(parts[place : place + 3]) for place in range(0, len(parts), 3)]
    return head + " _\n        " + ", _\n        ".join(lines)
