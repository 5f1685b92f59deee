"""Just enough of pywin32 for the real server of xlwings to run on any system.

``server()`` imports the installed xlwings as if on Windows, over small stand-ins for pythoncom, pywintypes, win32com and
their kin, and gives its COM object: what VBA calls as XLPy. The code of xlwings that runs is its own: CallUDF, call_udf,
the search for the module, the converters. ``Excel`` calls it with values shaped as pywin32 shapes them, and refuses an
answer that pywin32 or Excel would refuse or change.
"""

from __future__ import annotations

import asyncio  # noqa: F401   before the platform looks like Windows
import contextlib
import ctypes
import datetime as dt
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

MISSING = -2147352572
"""What pywin32 gives for an argument that a formula leaves out."""

CODES = {"#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265}
CODES |= {"#NAME?": -2146826259, "#NUM!": -2146826252, "#N/A": -2146826246, "#GETTING_DATA": -2146826245}
CODES |= {"#SPILL!": -2146826243, "#CALC!": -2146826238}
"""What pywin32 gives for a cell with an error."""

LONGEST_STRING = 255


class Time(dt.datetime):
    """pywintypes.TimeType: what pywin32 makes of a date."""


class _Dispatch:
    """A COM object; none is ever made here."""


class _NotWrappedError(Exception):
    """What unwrap raises for a plain value."""


def _module(name: str, **content: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


def _stand_ins() -> dict[str, ModuleType]:
    def unwrap(value: object) -> object:
        raise _NotWrappedError(value)

    com_error = type("com_error", (Exception,), {})
    pywintypes = _module("pywintypes", TimeType=Time, IID=str, com_error=com_error, error=com_error)
    pythoncom = _module(
        "pythoncom",
        IID_IDispatch="IDispatch",
        TypeIIDs={"IDispatch": _Dispatch},
        CoInitialize=lambda: None,
        com_error=com_error,
        ole_error=com_error,
        __file__="pythoncom311.dll",
    )
    client = _module("win32com.client", CDispatch=_Dispatch, CoClassBaseClass=_Dispatch, DispatchBaseClass=_Dispatch)
    vars(client).update(Dispatch=_Dispatch, DispatchEx=_Dispatch, gencache=SimpleNamespace())
    server = {
        name: _module(f"win32com.server.{name}", **content)
        for name, content in {"dispatcher": {}, "policy": {}, "util": {"unwrap": unwrap}}.items()
    }
    packages = {
        "win32com": _module("win32com", __path__=[], client=client),
        "win32com.server": _module("win32com.server", __path__=[], **server),
        **{f"win32com.server.{name}": module for name, module in server.items()},
    }
    names = ("win32api", "win32con", "win32event", "win32gui", "win32process", "win32timezone")
    plain = {name: _module(name) for name in names}
    return {"pywintypes": pywintypes, "pythoncom": pythoncom, "win32com.client": client, **packages, **plain}


class _Library:
    """A Windows DLL: any function of it does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: 0


@contextlib.contextmanager
def windows() -> Iterator[None]:
    """Python as on a Windows with pywin32, and without any module of xlwings; all as before afterwards."""
    dlls = {"windll": SimpleNamespace(user32=_Library()), "PyDLL": lambda _: SimpleNamespace(**{_OBJECT: _Library()})}
    dlls["oledll"] = SimpleNamespace(ole32=_Library(), oleacc=_Library())
    lacking = [name for name in dlls if not hasattr(ctypes, name)]
    before_dlls = {name: getattr(ctypes, name) for name in dlls if name not in lacking}
    modules, platform = dict(sys.modules), sys.platform
    for name in [name for name in modules if name.partition(".")[0] == "xlwings" or name == "smile_xl.excel.glue"]:
        del sys.modules[name]
    sys.modules.update(_stand_ins())
    vars(ctypes).update(dlls)
    try:
        yield
    finally:
        sys.platform = platform
        vars(ctypes).update(before_dlls)
        for name in lacking:
            delattr(ctypes, name)
        for name in set(sys.modules) - set(modules):
            del sys.modules[name]
        sys.modules.update(modules)


_OBJECT = "PyCom_PyObjectFromIUnknown"


def load() -> Any:
    """The COM object that xlwings serves to VBA; within ``windows()``."""
    import xlwings.main  # noqa: F401, PLC0415   with all that it imports for the true platform

    for name in [name for name in sys.modules if name.partition(".")[0] == "xlwings"]:
        del sys.modules[name]
    sys.platform = "win32"
    try:
        importlib.import_module("xlwings")
    finally:
        sys.platform = _PLATFORM
    return importlib.import_module("xlwings.com_server").XLPython()


_PLATFORM = sys.platform
