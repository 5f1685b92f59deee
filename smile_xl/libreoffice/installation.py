"""The add-in into the LibreOffice of this machine, and out of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from smile_xl.libreoffice.extension import FILE_NAME, IDENTIFIER, extension_file, extension_parts
from smile_xl.libreoffice.installed import Installed, OfficeError, clean_environment, find_office
from smile_xl.libreoffice.office import write_files

_SHARED = ("share/extensions", "Resources/extensions")


def install() -> Path | None:
    """Install the add-in for this user; as root for all users, whose folder it then stands in."""
    found = find_office()
    if os.geteuid() != 0:
        with tempfile.TemporaryDirectory(prefix="smile-xl-install-") as folder:
            file = Path(folder) / FILE_NAME
            file.write_bytes(extension_file())
            _unopkg(found, "add", "--force", str(file))
        return None
    # unopkg refuses root; what lies unpacked in this folder is installed as well.
    parent = _shared_folder(found)
    shutil.rmtree(parent / FILE_NAME, ignore_errors=True)
    write_files(parent / FILE_NAME, extension_parts())
    return parent / FILE_NAME


def uninstall() -> None:
    """Remove what ``install`` installed."""
    found = find_office()
    if os.geteuid() != 0:
        _unopkg(found, "remove", IDENTIFIER)
        return
    folder = _shared_folder(found) / FILE_NAME
    if not folder.exists():
        raise OfficeError("addin_missing", folder=folder.parent)
    shutil.rmtree(folder)


def _shared_folder(found: Installed) -> Path:
    top = found.soffice.parent.parent
    return next((top / name for name in _SHARED if (top / name).is_dir()), top / _SHARED[0])


def _unopkg(found: Installed, *arguments: str) -> None:
    command = [str(found.soffice.with_name("unopkg")), *arguments]
    # It fails in a folder that it may not read.
    done = subprocess.run(  # noqa: S603
        command, cwd="/", env=clean_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise OfficeError("unopkg", command=arguments[0], reason=" ".join(lines)[:300] or done.returncode)
