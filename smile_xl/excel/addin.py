"""The add-in put together: its VBA, the ribbon, and which Python Excel is to call.

Of xlwings' own VBA nothing goes in: any formula of any workbook could call it, and RunPython runs what it is given. The
interpreter stands in a hidden sheet of the add-in, not in one of the planner's workbooks: who sends a workbook does not
choose what runs.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PureWindowsPath
from xml.etree import ElementTree

from smile_xl import __version__
from smile_xl.excel import ribbon, vba, xlam

FILE = "smile_xl.xlam"
CONFIGURATION = "smile_xl.conf"
"""Name of the hidden sheet with the add-in's settings."""

VERSION_OF_XLWINGS = "VERSION_OF_XLWINGS"
"""What stands in the VBA for the version of xlwings whose DLL it calls."""

SERVE = "import xlwings;xlwings.serve('$(CLSID)')"
"""What Python runs; xlwings' DLL puts the id in."""


@dataclass(frozen=True)
class Interpreter:
    """The Python that an add-in calls."""

    python: str = "python"
    """Its path on the user's machine; "python" is whichever the PATH gives."""
    conda: str = ""
    """Folder of the conda installation, where the interpreter needs its environment activated."""
    environment: str = ""
    """Folder of that environment."""

    @property
    def dll_folders(self) -> list[str]:
        """Where pip may have put xlwings' DLL: beside the interpreter or, in a virtual environment, one above."""
        path = PureWindowsPath(self.python)
        return [str(path.parent), str(path.parent.parent)] if path.is_absolute() else []

    @property
    def command(self) -> str:
        """The command line that starts the server: the same for all workbooks, so that they share one process.

        -P keeps the current folder, often that of a workbook from somebody else, out of Python's path. The quotes
        around everything are for cmd.exe, which takes the outermost pair away.
        """
        start = f'"{self.python}"'
        if self.conda:
            start = f'"{self.conda}\\condabin\\conda" activate "{self.environment}" && {start}'
        return f'cmd.exe /K "{start} -P -B -c "{SERVE}""'


def build(interpreter: Interpreter) -> bytes:
    """The add-in's file for an interpreter."""
    sheets: dict[str, xlam.Rows] = {
        CONFIGURATION: list(configuration(interpreter).items()),
        **{sheet: vba.help_rows(language) for language, sheet in vba.HELP_SHEETS.items()},
        vba.TEXT_SHEET: ribbon.texts(),
    }
    sources = modules()
    custom_ui = sources.pop("customUI14.xml")
    return xlam.addin(sources, custom_ui, sheets)


def modules() -> dict[str, str]:
    """The VBA and the ribbon by file name, for the DLL of the installed xlwings."""
    return {name: text.replace(VERSION_OF_XLWINGS, version_of_xlwings()) for name, text in vba.modules().items()}


def configuration(interpreter: Interpreter) -> dict[str, str]:
    """Settings of an add-in."""
    return {
        "INTERPRETER_WIN": interpreter.python,
        "SMILE_SERVER": interpreter.command,
        "SMILE_DLL_FOLDERS": ";".join(interpreter.dll_folders),
        "SMILE_VERSION": __version__,
    }


def settings(path: Path) -> dict[str, str]:
    """Settings of an add-in's file; empty where it has none."""
    try:
        with zipfile.ZipFile(path) as package:
            sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (our own file)
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return {}
    texts = [text.text or "" for text in sheet.iter(f"{{{xlam.MAIN}}}t")]
    return dict(zip(texts[::2], texts[1::2], strict=False))


def version_of_xlwings() -> str:
    """Version of the installed xlwings, which its DLL's name carries."""
    return version("xlwings")
