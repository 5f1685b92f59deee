"""A copy of a workbook that Calc can calculate: its SMILE_ calls have the names that every Calc finds in a file."""

from __future__ import annotations

import html
import re
from xml.sax.saxutils import escape

from smile_xl.books.xlsx.package import Package
from smile_xl.libreoffice.calls import guarded, renamed
from smile_xl.libreoffice.extension import internal_name

# Formulas of cells, conditional formats, validations, charts and names, whatever the prefix of their elements.
_FORMULA = re.compile(
    rb"(<(?:[^\s<>/:!?]+:)?(?:f|formula|formula1|formula2|definedName)(?:\s[^<>]*)?>)([^<]*?smile_[^<]*)(</)",
    re.IGNORECASE,
)


def for_calc(package: Package, *, guard: bool, printed: bool = False) -> bytes:
    """The workbook's bytes with the names that Calc knows.

    With ``guard`` the calls take ranges that show errors as well, at the cost of two copies of each range. Only what
    is ``printed`` keeps the rows to repeat on each page: Calc takes a tenth of a second to open a sheet with some.
    """

    def put(found: re.Match[bytes]) -> bytes:
        formula = html.unescape(found[2].decode())
        if guard:
            formula = guarded(formula)
        return found[1] + escape(renamed(formula, internal_name)).encode() + found[3]

    copy = Package(package.archive)
    for part in (copy.workbook, *(sheet.part for sheet in copy.sheets)):
        if copy.has(part) and b"smile_" in (xml := copy.read(part)).lower():
            copy.write(part, _FORMULA.sub(put, xml))
    if not printed:
        for name in copy.children("definedNames"):
            if name.get("name") == "_xlnm.Print_Titles":
                copy.element("definedNames").remove(name)
    return copy.to_bytes()
