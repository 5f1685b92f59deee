"""Formulas of a workbook file: of cells, names, conditional formats and validations; and the tables they refer to."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from smile_xl.books.xlsx.package import Package, whole_number
from smile_xl.books.xlsx.sheetdata import SheetData, area
from smile_xl.formulas.cells import Aside, CellFormula, Span, TableRange
from smile_xl.formulas.tokens import FormulaError, moved

_KIND = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_REF = re.compile(rb"""\sref\s*=\s*["']([^"']+)["']""")
_SHARED_ID = re.compile(rb"""\ssi\s*=\s*["'](\d+)["']""")
# In the order of a file: the cells of a rule stand before its formulas, but after them in the newer kind.
_RULES = re.compile(
    rb"""<(?:[^\s<>/:!?]+:)?(?P<rule>conditionalFormatting|dataValidation)(?=[\s>])(?P<attributes>[^<>]*)>
    |<(?:[^\s<>/:!?]+:)?(?:formula[12]?|f)(?:\s[^<>]*)?>(?P<formula>[^<]*)</
    |<(?:[^\s<>/:!?]+:)?sqref(?:\s[^<>]*)?>(?P<cells>[^<]*)</""",
    re.VERBOSE,
)
_SQREF = re.compile(rb"""\ssqref\s*=\s*["']([^"']+)["']""")


def formulas_of(data: SheetData) -> Iterator[CellFormula]:
    """Cells of a sheet with a formula, from top to bottom; shared formulas are written out."""
    p = re.escape(data.prefix)
    pattern = re.compile(rb"<%bf(?=[\s/>])([^<>]*?)(?:/>|>([^<]*)</%bf>)" % (p, p))
    mark = b"<%bf" % data.prefix
    shared: dict[bytes, tuple[int, int, str]] = {}
    for row in data.rows():
        if row.inside is None or data.xml.find(mark, *row.inside) < 0:
            continue
        for cell in data.cells(row):
            found = pattern.search(cell.inside or b"")
            if found is None:
                continue
            kind = _KIND.search(found[1])
            text = _text(found[2] or b"")
            span = Span(row.number, cell.column, row.number, cell.column)
            if kind and kind[1] == b"array":
                reference = _REF.search(found[1])
                covered = area(reference[1]) if reference else None
                yield CellFormula(Span(*covered) if covered else span, text, is_array=True)
                continue
            number = _SHARED_ID.search(found[1]) if kind and kind[1] == b"shared" else None
            if number and text:
                shared[number[1]] = (row.number, cell.column, text)
            elif number and number[1] in shared:
                top, left, master = shared[number[1]]
                text = _moved(master, row.number - top, cell.column - left)
            if text:
                yield CellFormula(span, text)


def _moved(text: str, rows: int, columns: int) -> str:
    try:
        return moved(text, rows, columns)
    except FormulaError:
        return text


def asides(sheet: str, data: SheetData) -> Iterator[Aside]:
    """Formulas of a sheet's conditional formats and validations."""
    waiting: list[tuple[str, str]] = []
    kind, cells = "", ""
    for found in _RULES.finditer(data.xml, data.end):
        if found["rule"]:
            kind = "conditional" if found["rule"] == b"conditionalFormatting" else "validation"
            reference = _SQREF.search(found["attributes"])
            cells = reference[1].decode() if reference else ""
        elif found["cells"] is not None:
            yield from (Aside(sheet, _text(found["cells"]), one, text) for one, text in waiting)
            waiting.clear()
        elif kind and cells:
            yield Aside(sheet, cells, kind, _text(found["formula"]))
        elif kind:
            waiting.append((kind, _text(found["formula"])))


def defined_names(package: Package) -> dict[tuple[str, str], str]:
    """Formulas of the defined names, by sheet and name in lower case; those of Excel's own are left out."""
    sheets = package.sheets
    found = {}
    for element in package.children("definedNames"):
        name, local = element.get("name") or "", element.get("localSheetId")
        if name.startswith("_xlnm."):
            continue
        place = whole_number(element, "localSheetId", -1)
        if local is None or 0 <= place < len(sheets):
            sheet = "" if local is None else sheets[place].name
            found[sheet.casefold(), name.casefold()] = element.text or ""
    return found


def tables(package: Package) -> Iterator[TableRange]:
    """The tables of all sheets."""
    for sheet in package.sheets:
        for link in package.relations(sheet.part):
            if link.kind != "table" or link.external or not package.has(link.target):
                continue
            root = package.tree(link.target)
            covered = area((root.get("ref") or "").encode())
            if covered is None:
                continue
            columns = [column.get("name") or "" for column in root.iterfind("{*}tableColumns/{*}tableColumn")]
            headers, totals = whole_number(root, "headerRowCount", 1), whole_number(root, "totalsRowCount")
            name = root.get("displayName") or root.get("name") or ""
            yield TableRange(name, sheet.name, Span(*covered), headers, totals, columns)


def _text(raw: bytes) -> str:
    return html.unescape(raw.decode("utf-8", "replace")).strip().removeprefix("=")
