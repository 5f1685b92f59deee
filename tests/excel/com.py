"""Just enough of pywin32 for the real server of xlwings to run on any system.

``Excel`` stands for Excel with the add-in: it imports the installed xlwings as if on Windows, over small stand-ins for
pythoncom, pywintypes, win32com and their kin, and calls its COM object as VBA does. What runs between is xlwings' own
code: CallUDF, call_udf, the search for the module, the converters. Values go in as pywin32 shapes them, and an answer
that pywin32 or Excel would refuse or change is refused.
"""

from __future__ import annotations

import asyncio  # noqa: F401   must be imported before the platform looks like Windows
import contextlib
import ctypes
import datetime as dt
import importlib
import math
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

from smile_xl.arguments import OMITTED
from smile_xl.planning.grid import CellError

MISSING = -2147352572
"""What pywin32 gives for an argument that a formula leaves out."""

CODES = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#GETTING_DATA": -2146826245,
    "#SPILL!": -2146826243,
    "#CONNECT!": -2146826242,
    "#BLOCKED!": -2146826241,
    "#UNKNOWN!": -2146826240,
    "#FIELD!": -2146826239,
    "#CALC!": -2146826238,
}
"""What pywin32 gives for a cell with an error: the HRESULT 0x800A0000 plus the number that CVErr takes."""

LONGEST_STRING = 255


class Time(dt.datetime):
    """pywintypes.TimeType: what pywin32 makes of a date."""


class Excel:
    """Calls SMILE_ functions as the add-in's VBA does; to be made within ``windows()``."""

    def __init__(self) -> None:
        self.server = _served()

    def formula(self, name: str, *arguments: object) -> Any:
        """What VBA gets for a formula: a number or text, or rows of these; a marker is a text."""
        given = tuple(map(shaped, arguments))
        return taken(self.server.CallUDF("smile_xl.excel.glue", "call", ((name, *given),)))


def shaped(value: object) -> object:
    """A value, or rows of values, as pywin32 delivers the ``.Value2`` of cells that hold it."""
    if isinstance(value, list | tuple):
        return tuple(map(shaped, value))
    if isinstance(value, CellError):
        return CODES[value.text]
    if value is OMITTED:
        return MISSING
    if isinstance(value, dt.date):
        return Time(value.year, value.month, value.day)
    return float(value) if type(value) is int and value not in {*CODES.values(), MISSING} else value


def taken(answer: object) -> object:
    """An answer as VBA has it, rows as tuples of tuples; refused when it is not what Excel takes as it is."""
    if not isinstance(answer, tuple):
        return _taken_value(answer)
    rows = answer if isinstance(answer[0], tuple) else (answer,)
    assert len({len(row) for row in rows}) == 1, "rows of different lengths"
    assert rows[0], "an array without a cell"
    return tuple(tuple(map(_taken_value, row)) for row in rows)


def _taken_value(value: object) -> object:
    assert type(value) in (float, str), f"{value!r} is neither a number nor text"
    if isinstance(value, float):
        assert math.isfinite(value), f"{value} is no number in Excel"
    else:
        assert isinstance(value, str)
        assert len(value) <= LONGEST_STRING, f"a text of {len(value)} characters"
    return value


def is_marker(value: object) -> bool:
    """True for a text that stands for an error, well formed."""
    if not (isinstance(value, str) and value.startswith(chr(30))):
        return False
    error, bar, reason = value[1:].partition("|")
    assert bar, value
    assert error in CODES, value
    assert reason.strip(), value
    return True


def error_of(value: object) -> tuple[str, str]:
    """Error and reason of a marker."""
    assert is_marker(value), f"{value!r} is no marker"
    error, _, reason = str(value)[1:].partition("|")
    return error, reason


@contextlib.contextmanager
def windows() -> Iterator[None]:
    """Python as on a Windows with pywin32, and without any module of xlwings; all as before afterwards."""
    stand_ins = _stand_ins()
    before = {name: module for name, module in sys.modules.items() if _ours(name) or name in stand_ins}
    _forget(before)
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        _forget([name for name in sys.modules if _ours(name) or name in stand_ins])
        sys.modules.update(before)


def _ours(name: str) -> bool:
    return name.partition(".")[0] == "xlwings" or name == "smile_xl.excel.glue"


def _forget(names: Any) -> None:
    for name in list(names):
        del sys.modules[name]


def _served() -> Any:
    """The COM object that xlwings serves to VBA."""
    importlib.import_module("xlwings")  # the modules that it needs, as they are for the true platform
    _forget([name for name in sys.modules if _ours(name)])
    platform, sys.platform = sys.platform, "win32"
    libraries = {"windll": _Library(), "oledll": _Library(), "PyDLL": lambda _: _Library()}
    before = {name: getattr(ctypes, name) for name in libraries if hasattr(ctypes, name)}
    vars(ctypes).update(libraries)
    try:
        importlib.import_module("xlwings")
    finally:
        sys.platform = platform
        for name in libraries:
            delattr(ctypes, name)
        vars(ctypes).update(before)
    return sys.modules["xlwings.com_server"].XLPython()


class _Library:
    """A Windows DLL, or a function of one, which does nothing."""

    def __getattr__(self, name: str) -> Any:
        return _Library()

    def __call__(self, *_: object) -> int:
        return 0


class _Dispatch:
    """A COM object; none is ever made here."""


class _ComError(Exception):
    """What pywin32 raises."""


def _unwrap(value: object) -> object:
    raise _ComError(value)  # a plain value is no wrapped Python object


def _stand_ins() -> dict[str, ModuleType]:
    pythoncom = {"IID_IDispatch": "IDispatch", "TypeIIDs": {"IDispatch": _Dispatch}, "__file__": "pythoncom311.dll"}
    pythoncom |= {"CoInitialize": lambda: None, "com_error": _ComError, "ole_error": _ComError}
    client = {"CDispatch": _Dispatch, "CoClassBaseClass": _Dispatch, "DispatchBaseClass": _Dispatch}
    client |= {"Dispatch": _Dispatch, "DispatchEx": _Dispatch, "gencache": SimpleNamespace()}
    contents: dict[str, dict[str, Any]] = {
        "pywintypes": {"TimeType": Time, "IID": str, "com_error": _ComError, "error": _ComError},
        "pythoncom": pythoncom,
        "win32com": {"__path__": []},
        "win32com.client": client,
        "win32com.server": {"__path__": []},
        "win32com.server.dispatcher": {},
        "win32com.server.policy": {},
        "win32com.server.util": {"unwrap": _unwrap},
    }
    for name in ("win32api", "win32con", "win32event", "win32gui", "win32process", "win32timezone"):
        contents[name] = {}
    modules = {}
    for name, content in contents.items():
        modules[name] = ModuleType(name)
        vars(modules[name]).update(content)
        package, _, child = name.rpartition(".")
        if package:
            setattr(modules[package], child, modules[name])
    return modules
