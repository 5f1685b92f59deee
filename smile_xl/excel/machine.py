"""What installer and doctor know of the machine they run on; tests give them another one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from smile_xl.excel import mac
from smile_xl.excel.addin import FILE, Interpreter


def read_registry(key: str) -> dict[str, object]:
    r"""Values of a key such as ``HKCU\Software\...`` by name; empty where there is no such key."""
    if sys.platform != "win32":
        return {}
    import winreg  # noqa: PLC0415 (of Windows alone)

    root, _, path = key.partition("\\")
    roots = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
    try:
        with winreg.OpenKey(roots[root], path) as opened:
            count = winreg.QueryInfoKey(opened)[1]
            return {name: value for name, value, _ in (winreg.EnumValue(opened, place) for place in range(count))}
    except OSError:
        return {}


def ask_excel(addin: Path) -> str:
    """Start an Excel of our own, load the add-in, and return the version that SMILE_VERSION gives."""
    import xlwings  # noqa: PLC0415 (half a second)

    with xlwings.App(visible=False, add_book=False) as app:
        app.display_alerts = False
        app.books.add()
        if not any(book.name.lower() == addin.name.lower() for book in app.books):
            app.books.open(addin)
        return str(app.api.Run(f"'{addin.name}'!SMILE_VERSION"))


@dataclass(frozen=True)
class Machine:
    """A machine, as far as Excel and Python are concerned."""

    platform: str = sys.platform
    python: str = sys.executable
    prefix: Path = Path(sys.prefix)
    base: Path = Path(sys.base_prefix)
    """Folder of the Python that a virtual environment was made with; else the same as ``prefix``."""
    applications: Path = Path("/Applications")
    """Where programs are on a Mac."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    registry: Callable[[str], Mapping[str, object]] = read_registry
    ask_excel: Callable[[Path], str] = ask_excel
    has_module: Callable[[str], bool] = lambda name: find_spec(name) is not None

    @property
    def is_windows(self) -> bool:
        """Excel with sheet functions can be here."""
        return self.platform == "win32"

    @property
    def is_mac(self) -> bool:
        """Excel with the ribbon alone can be here."""
        return self.platform == "darwin"

    @property
    def home(self) -> Path:
        """The user's folder on a Mac."""
        return Path(self.environment.get("HOME", ""))

    @property
    def script(self) -> Path:
        """Where the script stands that Excel on a Mac may start."""
        return self.home / mac.SCRIPTS / mac.SCRIPT

    @property
    def start_folder(self) -> Path:
        """XLSTART: Excel opens what stands there whenever it starts, and trusts it unless told otherwise."""
        if self.is_mac:
            return self.home / mac.SHARED / "User Content.localized" / "Startup.localized" / "Excel"
        return Path(self.environment.get("APPDATA", "")) / "Microsoft" / "Excel" / "XLSTART"

    @property
    def addin(self) -> Path:
        """Where the add-in is installed."""
        return self.start_folder / FILE

    @property
    def in_conda(self) -> bool:
        """Python is conda's: its libraries are found only when its environment is active."""
        return (self.prefix / "conda-meta").is_dir()

    @property
    def interpreter(self) -> Interpreter:
        """The Python that runs now, for an add-in on this machine."""
        if not (self.is_windows and self.in_conda):
            return Interpreter(self.python)
        root = self.environment.get("CONDA_EXE", "")  # <root>\Scripts\conda.exe
        base = str(Path(root).parent.parent) if root else str(self.prefix)
        return Interpreter(self.python, conda=base, environment=str(self.prefix))
