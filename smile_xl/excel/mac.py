"""The ribbon on a Mac: the script that VBA may start, and what it starts.

Excel on a Mac runs in a sandbox: its VBA can start nothing but scripts that stand in one folder of the user's
(``AppleScriptTask``). Ours starts this module in a Python of its own and ends at once, for Excel answers AppleScript
only when no macro runs. What to run, the workbook's name after it, comes as one text, which the shell gets quoted: it
can name a command of the ribbon, never code.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
import traceback
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl import language
from smile_xl.defects import log_defect
from smile_xl.excel.call import TITLE
from smile_xl.language import say

if TYPE_CHECKING:
    import xlwings

MODULE = "smile_xl.excel.mac"
SCRIPT = "smile_xl.applescript"
HANDLER = "smileRun"
STARTED = "started"
"""What the script answers to VBA."""

SCRIPTS = Path("Library", "Application Scripts", "com.microsoft.Excel")
"""Folder below the user's home whose scripts Excel may run."""

SHARED = Path("Library", "Group Containers", "UBF8T346G9.Office")
"""Folder below the user's home in which Excel opens files without asking the user."""


def script(python: str) -> str:
    """The script for a Python."""
    start = f"{shlex.quote(python)} -P -B -m {MODULE} "
    quoted = start.replace("\\", "\\\\").replace('"', '\\"')
    return f"""-- Starts a command of the SMILE ribbon; written by: smile-xl addin install
on {HANDLER}(request)
	do shell script "{quoted}" & quoted form of request & " > /dev/null 2>&1 &"
	return "{STARTED}"
end {HANDLER}
"""


def main() -> None:
    """Run the command that the script hands on: its words, and on the next line the name of the active workbook."""
    command, _, name = sys.argv[1].partition("\n")
    folder = Path.home() / SHARED
    if folder.is_dir():
        tempfile.tempdir = str(folder)  # or Excel would ask for each file of ours that it opens
    try:
        from smile_xl.excel import macros  # noqa: PLC0415

        macros.run_in(*excel(name), *command.split())
    except Exception as error:
        log = log_defect(f"ribbon on a Mac {sys.argv[1:]}", traceback.format_exc())
        _tell(say("macros.mac_failed", language.of_locale(), error=f"{type(error).__name__}: {error}", log=log))


def excel(name: str) -> tuple[xlwings.App, xlwings.Book | None]:
    """The Excel in which a workbook of this name is open; for no name, the first that runs."""
    import xlwings  # noqa: PLC0415

    apps = [xlwings.apps[pid] for pid in xlwings.apps.keys()]  # noqa: SIM118 (no mapping)
    for app in apps if name else ():
        for book in app.books:
            if _composed(book.name) == _composed(name):
                return app, book
    if not apps or name:
        raise LookupError(say("macros.no_workbook", language.of_locale()))
    return apps[0], None


def _composed(name: str) -> str:
    """A name in one form: a Mac may write an accent as a sign of its own."""
    return unicodedata.normalize("NFC", name)


def _tell(text: str) -> None:
    """Show a message without Excel."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"')
    subprocess.run(  # noqa: S603 (a text of ours, quoted)
        ["/usr/bin/osascript", "-e", f'display alert "{TITLE}" message "{shown}" as critical'], check=False
    )


if __name__ == "__main__":
    main()
