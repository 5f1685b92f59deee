"""Excel's own dialogs: files and folders to choose, a text to type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl.excel.call import TITLE

if TYPE_CHECKING:
    import xlwings

LIST_TYPES = "*.xlsx;*.xlsm;*.xls;*.txt;*.csv;*.tsv;*.dat"
"""Endings that exported lists have."""
_FOLDER_PICKER = 4
_CHOSEN = -1


def choose_files(app: xlwings.App, title: str, kind: str, every: str) -> list[Path]:
    """Files that the user chooses, one or more; none if they cancel."""
    kinds = f"{kind} ({LIST_TYPES}),{LIST_TYPES},{every} (*.*),*.*"
    chosen = app.api.GetOpenFilename(kinds, 1, title, "", True)
    return [Path(name) for name in chosen] if isinstance(chosen, tuple | list) else []


def choose_folder(app: xlwings.App, title: str) -> Path | None:
    """A folder that the user chooses."""
    dialog = app.api.FileDialog(_FOLDER_PICKER)
    dialog.Title = title
    return Path(dialog.SelectedItems(1)) if dialog.Show() == _CHOSEN else None


def ask_text(app: xlwings.App, text: str, default: str = "") -> str | None:
    """A text that the user types; None if they cancel."""
    answer = app.api.InputBox(text, TITLE, default)
    return None if answer is False else str(answer).strip()
