"""The add-in's part inside LibreOffice: passes the calls of the sheet to the worker, and repairs names in new files.

Runs under LibreOffice's own Python, 3.8 or later, without the package: standard library and UNO only. The names of
the functions and the worker's command are in ``addin.json`` beside it.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import re
import struct
import subprocess
import threading
import zipfile
from typing import Any

import uno  # noqa: F401  makes the imports of com.sun.star and org.smilexl work
import unohelper
from com.sun.star.lang import XServiceInfo
from com.sun.star.task import XJob
from com.sun.star.uno import RuntimeException
from org.smilexl import XFunctions
from smile_xl_calls import renamed, split_call

HERE = os.path.dirname(unohelper.fileUrlToSystemPath(__file__) if __file__.startswith("file:") else __file__)  # noqa: PTH120
with open(os.path.join(HERE, "addin.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
    ADDIN = json.load(file)

LENGTH = struct.Struct("<Q")
ERROR_BITS = 0x7FF8000000000000
ERRORS = {32767: "#N/A", 519: "#VALUE!", 532: "#DIV/0!", 503: "#NUM!", 524: "#REF!", 525: "#NAME?", 521: "#NULL!"}
FORMULAS = 1 + 2 + 4
"""Formulas with a number, with a text and with an error."""
FOREIGN_NAME = re.compile(rb"(?<!functions\.)smile_\w+\s*\(", re.IGNORECASE)
PIECE = 2000
"""Cells whose formulas are looked at together."""
OTHERS_PYTHON = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "URE_BOOTSTRAP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


class Worker:
    """The process that calculates; started with the first call, and again after it died."""

    def __init__(self) -> None:
        self._process: Any = None
        self._lock = threading.Lock()

    def ask(self, name: Any, arguments: Any) -> Any:
        """Rows of a result and the reason of an error."""
        message = marshal.dumps((name, arguments), 2)
        with self._lock:
            for _ in range(2):
                try:
                    return self._answer(message)
                except (OSError, EOFError) as error:
                    reason = str(error)
                    self._process = None
        return ((_coded(519),),), "{}: {}".format(ADDIN["worker"][0], reason)

    def _answer(self, message: Any) -> Any:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  the command that install wrote
                ADDIN["worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name not in OTHERS_PYTHON},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        self._process.stdin.write(LENGTH.pack(len(message)) + message)
        self._process.stdin.flush()
        answer = self._read(LENGTH.unpack(self._read(LENGTH.size))[0])
        collecting = gc.isenabled()
        gc.disable()  # thousands of rows without a cycle would be searched for cycles again and again
        try:
            return marshal.loads(answer)  # noqa: S302  from the worker
        finally:
            if collecting:
                gc.enable()

    def _read(self, size: Any) -> Any:
        got = self._process.stdout.read(size)
        if len(got) < size:
            raise EOFError("the worker ended")
        return got


WORKER = Worker()


class Functions(unohelper.Base, XServiceInfo, XFunctions):
    """The sheet functions; each is added below, by its name."""

    def __init__(self, context: Any) -> None:
        pass

    def getImplementationName(self) -> Any:
        return ADDIN["functions_service"]

    def supportsService(self, name: Any) -> Any:
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self) -> Any:
        return (ADDIN["functions_service"],)

    def SMILE_WHY(self, document: Any, cell: Any) -> Any:
        first = cell.getCellByPosition(0, 0)
        error = first.getError()
        return ((_reason(document, first, error) if error else "",),)


def _reason(document: Any, cell: Any, error: Any) -> Any:
    """Why a cell shows an error: its call is made again; a formula of several parts has only the error's meaning."""
    call = split_call(cell.getFormula())
    try:
        arguments = [_value(document, cell.getSpreadsheet(), text) for text in call[1]]
        reason = WORKER.ask(call[0], arguments)[1]
    except (TypeError, ValueError, RuntimeException):
        reason = ""
    return reason or WORKER.ask("SMILE_WHY", (ERRORS.get(error, "#VALUE!"),))[0][0][0]


def _value(document: Any, sheet: Any, text: Any) -> Any:
    """Value of an argument in a formula: a constant, a range or a name."""
    if not text:
        return None
    if text[0] == '"':
        return text[1:-1].replace('""', '"')
    if text.upper().rstrip("()") in ("TRUE", "FALSE"):
        return text.upper().startswith("TRUE")
    try:
        return float(text)
    except ValueError:
        return _cells(_range(document, sheet, text))


def _range(document: Any, sheet: Any, text: Any) -> Any:
    if document.NamedRanges.hasByName(text):
        return document.NamedRanges.getByName(text).getReferredCells()
    place = re.fullmatch(r"(?:\$?(?:'((?:[^']|'')*)'|([^'.]+))\.)?(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)", text)
    if place is None:
        raise ValueError(text)
    name = (place[1] or place[2] or "").replace("''", "'")
    return (document.Sheets.getByName(name) if name else sheet).getCellRangeByName(place[3])


def _cells(cells: Any) -> Any:
    """Values of a range, an error as the number that stands for it; one cell as it is."""
    rows = cells.getDataArray()
    rows = tuple(
        tuple(
            _coded(cells.getCellByPosition(c, r).getError()) if value is None else value for c, value in enumerate(row)
        )
        for r, row in enumerate(rows)
    )
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def _coded(error: Any) -> Any:
    return struct.unpack("<d", LENGTH.pack(ERROR_BITS | error))[0]


def _passed_on(name: Any) -> Any:
    def call(_: Any, *arguments: Any) -> Any:
        return WORKER.ask(name, arguments)[0]

    return call


for _name in ADDIN["functions"]:
    if not hasattr(Functions, _name):
        setattr(Functions, _name, _passed_on(_name))


class NameRepair(unohelper.Base, XServiceInfo, XJob):
    """Run when a file has been opened: gives SMILE_ formulas from Excel the names that Calc knows."""

    def __init__(self, context: Any) -> None:
        pass

    def getImplementationName(self) -> Any:
        return ADDIN["names_service"]

    def supportsService(self, name: Any) -> Any:
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self) -> Any:
        return (ADDIN["names_service"],)

    def execute(self, arguments: Any) -> None:
        document = _opened(arguments)
        if document is None or not _may_have_foreign_names(document):
            return
        before = document.isModified()
        for sheet in document.Sheets:
            for area in sheet.queryFormulaCells(FORMULAS).getRangeAddresses():
                _repair(sheet, area)
        document.setModified(before)


def _opened(arguments: Any) -> Any:
    """The spreadsheet that an event is about."""
    for argument in arguments:
        if argument.Name == "Environment":
            for detail in argument.Value:
                if detail.Name == "Model" and hasattr(detail.Value, "Sheets"):
                    return detail.Value
    return None


def _may_have_foreign_names(document: Any) -> Any:
    """False for a file without SMILE_ formulas from Excel: a look into it is quicker than one at every formula."""
    try:
        with zipfile.ZipFile(unohelper.fileUrlToSystemPath(document.URL)) as package:
            parts = [name for name in package.namelist() if "/worksheets/" in name and name.endswith(".xml")]
            return any(FOREIGN_NAME.search(package.read(name)) for name in parts)
    except (OSError, zipfile.BadZipFile, RuntimeException):
        return True


def _repair(sheet: Any, area: Any) -> None:
    """Put the names that Calc knows into an area's formulas, array by array and else in pieces of some cells."""
    waiting = [(area.StartRow, area.StartColumn, area.EndRow, area.EndColumn)]
    while waiting:
        top, left, bottom, right = waiting.pop()
        if top > bottom or left > right:
            continue
        first = sheet.getCellByPosition(left, top)
        formula = first.getFormula()
        if formula.startswith("{"):
            array = sheet.createCursorByRange(first)
            array.collapseToCurrentArray()
            end = array.getRangeAddress()
            known = renamed(formula, _known_name)
            if known != formula:
                array.setArrayFormula(known[1:-1])  # without its braces
            waiting += [(top, end.EndColumn + 1, min(end.EndRow, bottom), right), (end.EndRow + 1, left, bottom, right)]
        elif (bottom - top + 1) * (right - left + 1) <= PIECE:
            _repair_cells(sheet, top, left, bottom, right)
        elif bottom > top:
            middle = (top + bottom) // 2
            waiting += [(top, left, middle, right), (middle + 1, left, bottom, right)]
        else:
            middle = (left + right) // 2
            waiting += [(top, left, bottom, middle), (top, middle + 1, bottom, right)]


def _repair_cells(sheet: Any, top: Any, left: Any, bottom: Any, right: Any) -> None:
    for row, formulas in enumerate(sheet.getCellRangeByPosition(left, top, right, bottom).getFormulaArray(), top):
        for column, formula in enumerate(formulas, left):
            known = renamed(formula, _known_name)
            if known == formula:
                continue
            if formula.startswith("{"):
                area = sheet.getCellByPosition(column, row).getRangeAddress()
                _repair(sheet, area)
            else:
                sheet.getCellByPosition(column, row).setFormula(known)


def _known_name(name: Any) -> Any:
    """The name by which Calc knows a function; one that it does not know stays."""
    return "{}.{}".format(ADDIN["functions_service"].upper(), name) if name in ADDIN["functions"] else name


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816  the name that LibreOffice looks for
g_ImplementationHelper.addImplementation(Functions, ADDIN["functions_service"], (ADDIN["functions_service"],))
g_ImplementationHelper.addImplementation(NameRepair, ADDIN["names_service"], (ADDIN["names_service"],))
