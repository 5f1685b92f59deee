"""Excel's own dialogs: files and folders to choose, a text to type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smile_xl.books.live.host import is_mac
from smile_xl.excel.call import TITLE

if TYPE_CHECKING:
    import xlwings

LIST_TYPES = "*.xlsx;*.xlsm;*.xls;*.txt;*.csv;*.tsv;*.dat"
"""Endings that exported lists have."""
_FOLDER_PICKER = 4
_CHOSEN = -1
_CANCELLED = -128
"""AppleScript's number for Cancel."""


def choose_files(app: xlwings.App, title: str, kind: str, every: str) -> list[Path]:
    """Files that the user chooses, one or more; none if they cancel."""
    if is_mac(app):
        return [
            Path(one.path)
            for one in _asked(app, "choose_file", with_prompt=title, multiple_selections_allowed=True) or []
        ]
    kinds = f"{kind} ({LIST_TYPES}),{LIST_TYPES},{every} (*.*),*.*"
    chosen = app.api.GetOpenFilename(kinds, 1, title, "", True)
    return [Path(name) for name in chosen] if isinstance(chosen, tuple | list) else []


def choose_folder(app: xlwings.App, title: str) -> Path | None:
    """A folder that the user chooses."""
    if is_mac(app):
        chosen = _asked(app, "choose_folder", with_prompt=title)
        return Path(chosen.path) if chosen else None
    dialog = app.api.FileDialog(_FOLDER_PICKER)
    dialog.Title = title
    return Path(dialog.SelectedItems(1)) if dialog.Show() == _CHOSEN else None


def ask_text(app: xlwings.App, text: str, default: str = "") -> str | None:
    """A text that the user types; None if they cancel."""
    if is_mac(app):
        said = _asked(app, "display_dialog", text, default_answer=default, with_title=TITLE)
        return said and next(str(value).strip() for key, value in said.items() if key.AS_name == "text_returned")
    answer = app.api.InputBox(text, TITLE, default)
    return None if answer is False else str(answer).strip()


def _asked(app: xlwings.App, dialog: str, *arguments: object, **named: object) -> Any:
    """What the user says in a dialog of AppleScript's Standard Additions; None if they cancel."""
    import osax  # noqa: PLC0415 (of Macs alone)

    additions = osax.OSAX(pid=app.pid)
    additions.activate()
    try:
        return getattr(additions, dialog)(*arguments, **named)
    except Exception as error:
        if getattr(error, "errornumber", None) == _CANCELLED:
            return None
        raise
