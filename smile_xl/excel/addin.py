"""The add-in put together: this product's VBA, xlwings' own, the ribbon, and which Python Excel is to call.

Of xlwings only modules of its BSD-licensed part go in. The interpreter stands in a hidden sheet of the add-in, not in
one of the planner's workbooks: who sends a workbook does not choose what runs.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PureWindowsPath
from xml.etree import ElementTree

from smile_xl import __version__
from smile_xl.excel import ribbon, vba, xlam

FILE = "smile_xl.xlam"
CONFIGURATION = "smile_xl.conf"
"""Name of the hidden sheet with the add-in's settings, as xlwings looks for it."""

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
    sources = vba.modules()
    custom_ui = sources.pop("customUI14.xml")
    return xlam.addin(sources | xlwings_modules(), custom_ui, sheets)


def configuration(interpreter: Interpreter) -> dict[str, str]:
    """Settings of an add-in."""
    return {
        "INTERPRETER_WIN": interpreter.python,
        "INTERPRETER_MAC": interpreter.python,
        "ADD_WORKBOOK_TO_PYTHONPATH": "False",
        "PYTHONPATH": "",
        "SMILE_SERVER": interpreter.command,
        "SMILE_DLL_FOLDERS": ";".join(interpreter.dll_folders),
        "SMILE_VERSION": __version__,
    }


def xlwings_folder() -> Path:
    """Where the installed xlwings stands."""
    found = find_spec("xlwings")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("xlwings is not installed")
    return Path(found.origin).parent


def xlwings_modules() -> dict[str, str]:
    """The VBA of the installed xlwings, so that it asks for the DLL that is installed with it."""
    folder = xlwings_folder()
    module = (folder / "xlwings_custom_addin.bas").read_text(encoding="ascii")
    named = module.replace('PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{CONFIGURATION[:-5]}"')
    if named == module:
        raise ValueError("this version of xlwings names the settings of an add-in in another way")
    return {
        "xlwings.bas": named,
        "Dictionary.cls": (folder / "addin" / "Dictionary.cls").read_text(encoding="ascii"),
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
    """Version that the installed xlwings' VBA asks its DLL for."""
    found = re.search(r'XLWINGS_VERSION As String = "([^"]+)"', xlwings_modules()["xlwings.bas"])
    return found.group(1) if found else ""
