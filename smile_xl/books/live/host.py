"""The Excel that a workbook is open in: on Windows, or on a Mac."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smile_xl.books.live.mac import Mac
from smile_xl.books.live.windows import Windows

if TYPE_CHECKING:
    import xlwings

_MAC = "xlwings._xlmac"
"""Where xlwings keeps what it does on a Mac."""

_WINDOWS_HOST, _MAC_HOST = Windows(), Mac()


def is_mac(thing: xlwings.App | xlwings.Book | xlwings.Sheet | xlwings.Range) -> bool:
    """It is open in an Excel on a Mac."""
    return type(thing.impl).__module__ == _MAC


def host(thing: xlwings.App | xlwings.Book | xlwings.Sheet | xlwings.Range) -> Windows | Mac:
    """What carries out for this Excel what xlwings has no word for."""
    return _MAC_HOST if is_mac(thing) else _WINDOWS_HOST
