"""The manual, shown in the browser."""

from __future__ import annotations

import io
import tempfile
import webbrowser
from pathlib import Path

PAGES = ("ribbon", "workbook", "reports", "input-checks", "functions", "decisions")
"""Pages of the manual, in the order in which they are shown."""


def open_manual() -> None:
    """Open the manual; it is written anew, for this version, into the folder for temporary files."""
    path = Path(tempfile.gettempdir()) / "smile-xl-manual.html"
    path.write_text(manual(), encoding="utf-8")
    webbrowser.open(path.as_uri())


def manual() -> str:
    """All pages as one of HTML."""
    from rich.console import Console  # noqa: PLC0415
    from rich.markdown import Markdown  # noqa: PLC0415

    console = Console(record=True, file=io.StringIO(), width=120)
    for name in PAGES:
        console.print(Markdown((folder() / f"{name}.md").read_text(encoding="utf-8")))
    return console.export_html()


def folder() -> Path:
    """Where the pages stand, in an installation or in a checkout of the sources."""
    package = Path(__file__).parents[1]
    installed = package / "manual"
    return installed if installed.is_dir() else package.parent / "docs"
