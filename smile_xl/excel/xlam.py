"""The add-in as a file that Excel loads: built from text alone, the same text giving the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from smile_xl.excel.ovba import vba_project

PROJECT = "SmileXl"
MOMENT = (1980, 1, 1, 0, 0, 0)
"""Time of each part: the first that a zip can hold."""

FORMATS = "http://schemas.openxmlformats.org"
MAIN = f"{FORMATS}/spreadsheetml/2006/main"
DOCUMENT = f"{FORMATS}/officeDocument/2006/relationships"
PACKAGE = f"{FORMATS}/package/2006"
MICROSOFT = "http://schemas.microsoft.com/office"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    '<Default Extension="xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.addin.macroEnabled.main+xml"/>'
    '<Override PartName="/customUI/customUI14.xml" ContentType="application/xml"/></Types>'
)

Rows = Sequence[Sequence[str | int]]


def addin(modules: dict[str, str], custom_ui: str, sheets: dict[str, Rows]) -> bytes:
    """The add-in's file, from each module's source by file name, the ribbon's xml and the rows of its hidden sheets.

    A .bas file is a standard module, a .cls file a class, ThisWorkbook.cls the workbook's own module.
    """
    numbered = list(enumerate(sheets.items(), 1))
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in numbered)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": _relationships(
            (f"{DOCUMENT}/officeDocument", "xl/workbook.xml"),
            (f"{MICROSOFT}/2007/relationships/ui/extensibility", "customUI/customUI14.xml"),
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><workbookPr codeName="ThisWorkbook"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relationships(
            *((f"{DOCUMENT}/worksheet", f"worksheets/sheet{n}.xml") for n, _ in numbered),
            (f"{MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin"),
        ),
        **{f"xl/worksheets/sheet{n}.xml": _sheet(n, rows) for n, (_, rows) in numbered},
        "xl/vbaProject.bin": _project(modules, [f"Sheet{n}" for n, _ in numbered]),
        "customUI/customUI14.xml": custom_ui.removeprefix(HEAD),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system = 0  # the same bytes whatever system builds it
            package.writestr(entry, content if isinstance(content, bytes) else (HEAD + content).encode("utf-8"))
    return file.getvalue()


def _project(modules: dict[str, str], sheets: list[str]) -> bytes:
    standard = {name.removesuffix(".bas"): text for name, text in modules.items() if name.endswith(".bas")}
    classes = {name.removesuffix(".cls"): _code(text) for name, text in modules.items() if name.endswith(".cls")}
    documents = {"ThisWorkbook": classes.pop("ThisWorkbook"), **dict.fromkeys(sheets, "")}
    return vba_project(PROJECT, standard, classes, documents)


def _code(text: str) -> str:
    """Source of a class without the head that its file has; the project has its own."""
    lines = text.splitlines()
    if lines[0].startswith("VERSION "):
        lines = lines[lines.index("END") + 1 :]
    return "\n".join(line for line in lines if not line.startswith("Attribute VB_"))


def _relationships(*targets: tuple[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def _sheet(number: int, rows: Rows) -> str:
    """A sheet of text and whole numbers in at most 26 columns."""
    lines = (
        f'<row r="{r}">' + "".join(_cell(f"{chr(64 + c)}{r}", value) for c, value in enumerate(row, 1)) + "</row>"
        for r, row in enumerate(rows, 1)
    )
    head = f'<worksheet xmlns="{MAIN}"><sheetPr codeName="Sheet{number}"/>'
    return f"{head}<sheetData>{''.join(lines)}</sheetData></worksheet>"


def _cell(reference: str, value: str | int) -> str:
    if isinstance(value, int):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
