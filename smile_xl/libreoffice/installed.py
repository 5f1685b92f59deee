"""The LibreOffice of this machine: its program, and a Python that can talk to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from smile_xl.language import SaidError

_PLACES = ("/opt/libreoffice*/program/soffice", "/usr/lib*/libreoffice/program/soffice", "/snap/bin/libreoffice",
           "Applications/LibreOffice.app/Contents/MacOS/soffice")  # fmt: skip
_OTHERS_PYTHON = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "URE_BOOTSTRAP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


class OfficeError(SaidError):
    """What LibreOffice can't do; its text stands in the catalogue as ``libreoffice.<code>``."""

    topic = "libreoffice"


@dataclass(frozen=True)
class Installed:
    """A LibreOffice."""

    soffice: Path
    """The program itself, not the script around it: that one would be in between when a process is to be ended."""
    python: Path
    """A Python that has ``uno``."""


def find_office() -> Installed:
    """The LibreOffice of this machine; raises OfficeError that says what to install."""
    if os.name != "posix":
        raise OfficeError("not_here")
    script = shutil.which("soffice") or shutil.which("libreoffice") or next(_elsewhere(), None)
    if script is None:
        raise OfficeError("not_installed")
    program = Path(os.path.realpath(script)).parent
    binary = program / "soffice.bin"
    python = _python_with_uno(program)
    if python is None:
        raise OfficeError("no_uno", folder=program)
    return Installed(binary if binary.exists() else Path(os.path.realpath(script)), python)


def clean_environment() -> dict[str, str]:
    """Our environment without what would lead another Python or LibreOffice to the wrong libraries.

    The office's own Python looks for its library beside the first ``python3`` of PATH: in an active virtual
    environment it would find none that has ``uno``, and the add-in's functions would be unknown.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _OTHERS_PYTHON}
    return kept | {"PATH": os.defpath}


def _elsewhere() -> Iterator[str]:
    for place in _PLACES:
        yield from sorted(str(path) for path in Path("/").glob(place.lstrip("/")))


@cache
def _python_with_uno(program: Path) -> Path | None:
    own = [program / "python", program.parent / "Resources" / "python"]
    system = [Path("/usr/bin/python3"), Path(shutil.which("python3") or sys.executable)]
    for python in (*own, *system):
        if python.exists() and _has_uno(python):
            return python
    return None


def _has_uno(python: Path) -> bool:
    done = subprocess.run(  # noqa: S603
        [python, "-c", "import uno"],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
