"""What Excel wants of an add-in's file, as far as it can be checked without Excel: one rule, one sentence."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator

import olefile
from excel.vba_types import mismatches
from lxml import etree
from oletools.olevba import VBA_Parser, decompress_stream

ICONS = {"RefreshAll", "TableInsert", "CalculateNow", "Undo", "ErrorChecking", "TraceError", "FormulaEvaluate"}
ICONS |= {"FileNew", "SheetInsert", "PropertySheet", "Refresh", "Help", "Info"}
ICONS |= {
    "GetExternalDataFromText",
    "FileSaveAs",
    "ChartTypeColumnInsertGallery",
    "DataValidation",
    "WhatIfAnalysisMenu",
}
"""Pictures that Office has, by the names of its own commands."""

SIGNATURES = {
    "onAction": "(control As IRibbonControl)",
    "getLabel": "(control As IRibbonControl, ByRef returned As Variant)",
    "getScreentip": "(control As IRibbonControl, ByRef returned As Variant)",
    "getSupertip": "(control As IRibbonControl, ByRef returned As Variant)",
}
ATTRIBUTES = {
    "customUI": set(),
    "ribbon": set(),
    "tabs": set(),
    "tab": {"id", "label", "keytip", "insertAfterMso"},
    "group": {"id", "getLabel"},
    "menu": {"id", "itemSize", "size", "imageMso", "getLabel", "getScreentip", "getSupertip"},
    "button": {"id", "tag", "size", "imageMso", "onAction", "getLabel", "getScreentip", "getSupertip"},
}
"""The part of customUI14.xsd that the ribbon uses: attributes by element; and which element may hold which."""
HOLDS = {
    "customUI": "ribbon",
    "ribbon": "tabs",
    "tabs": "tab",
    "tab": "group",
    "group": "button menu",
    "menu": "button",
}
RIBBON = "{http://schemas.microsoft.com/office/2009/07/customui}"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PROCEDURE = re.compile(
    r"^(?:(Public|Private|Friend)\s+)?(?:Static\s+)?(Sub|Function|Property\s+[GLS]et)\s+(\w+)\s*(\([^\n]*)",
    re.MULTILINE,
)


def modules(addin: bytes) -> dict[str, str]:
    """Source of each module as oletools reads it."""
    parser = VBA_Parser("addin.xlam", data=addin)
    return {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}


def broken_rules(addin: bytes) -> list[str]:
    """Every rule that an add-in breaks."""
    with zipfile.ZipFile(io.BytesIO(addin)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
        dates = {info.date_time for info in package.infolist()}
    try:
        project = olefile.OleFileIO(io.BytesIO(parts["xl/vbaProject.bin"]), raise_defects=olefile.DEFECT_INCORRECT)
    except olefile.olefile.OleFileError:
        return ["the compound file has faults"]
    sources = modules(addin)
    return [
        *_package(parts, dates),
        *_project(parts, project, sources),
        *_sources(sources),
        *_ribbon(etree.fromstring(parts["customUI/customUI14.xml"]), sources),
    ]


def _package(parts: dict[str, bytes], dates: set[tuple[int, ...]]) -> Iterator[str]:
    if b"application/vnd.ms-excel.addin.macroEnabled.main+xml" not in parts["[Content_Types].xml"]:
        yield "the workbook part is not of the type of an add-in"
    if b'/2006/relationships/vbaProject" Target="vbaProject.bin"' not in parts["xl/_rels/workbook.xml.rels"]:
        yield "the workbook does not lead to its VBA project"
    if b'/2007/relationships/ui/extensibility" Target="customUI/customUI14.xml"' not in parts["_rels/.rels"]:
        yield "the package does not lead to its ribbon"
    if dates != {(1980, 1, 1, 0, 0, 0)}:
        yield "a part of the zip has a time"


def _project(parts: dict[str, bytes], project: olefile.OleFileIO, sources: dict[str, str]) -> Iterator[str]:
    names = {etree.fromstring(parts["xl/workbook.xml"]).find(f"{MAIN}workbookPr").get("codeName")}
    for name, part in parts.items():
        if name.startswith("xl/worksheets/"):
            names.add(etree.fromstring(part).find(f"{MAIN}sheetPr").get("codeName"))
    listed = project.openstream("PROJECT").read().decode("ascii")
    documents = set(re.findall(r"^Document=(\w+)/", listed, re.MULTILINE))
    if names != documents:
        yield "code names differ from document modules"
    for name in documents & set(sources):
        want = "00020819" if name == "ThisWorkbook" else "00020820"
        if f'VB_Base = "0{{{want}-0000-0000-C000-000000000046}}"' not in sources[name]:
            yield "a document module has the wrong base"
    directory = bytes(decompress_stream(bytearray(project.openstream("VBA/dir").read())))
    for reference in (rb"\x16\x00\x06\x00\x00\x00stdole", rb"\x16\x00\x06\x00\x00\x00Office"):
        if not re.search(reference, directory):
            yield "a reference is missing"
    if listed.count("\nName=") != 1 or re.search(r'^Name="(\w+)"', listed, re.MULTILINE).group(1) in sources:
        yield "the project is named like a module"


def _sources(sources: dict[str, str]) -> Iterator[str]:
    for name, text in sources.items():
        lines = text.split("\r\n")
        if any("\n" in line or "\r" in line for line in lines):
            yield "a line does not end in CRLF"
        if not text.isascii():
            yield "a letter is not ASCII"
        if name.startswith("Smile") and "Option Explicit" not in lines:
            yield "a module lacks Option Explicit"
        if max(map(len, lines)) >= 1023:
            yield "a line is too long"
        run = 0
        for line in lines:
            run = run + 1 if line.endswith(" _") else 0
            if run >= 25:
                yield "a statement has too many continuations"
                break
        for _, _, procedure, _ in PROCEDURE.findall(text):
            if procedure.lower() in {other.lower() for other in sources}:
                yield "a procedure is named like a module"
    if mismatches({name: text for name, text in sources.items() if name.startswith(("Smile", "ThisWorkbook"))}):
        yield "a variable of another type is passed by reference"
    public = [
        procedure.lower()
        for name, text in sources.items()
        if name.startswith("Smile")
        for scope, _, procedure, _ in PROCEDURE.findall(text)
        if scope != "Private"
    ]
    if any(count > 1 for count in Counter(public).values()):
        yield "two public procedures share a name"


def _ribbon(root: etree._Element, sources: dict[str, str]) -> Iterator[str]:
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    if any(count > 1 for count in ids.values()):
        yield "two controls share an id"
    for element in root.iter():
        name = element.tag.removeprefix(RIBBON)
        if name not in ATTRIBUTES or not set(element.attrib) <= ATTRIBUTES[name]:
            yield "the ribbon has what the schema does not know"
            continue
        if any(child.tag.removeprefix(RIBBON) not in HOLDS.get(name, "").split() for child in element):
            yield "the ribbon has what the schema does not know"
        if len(element.get("keytip", "")) > 3 or not re.fullmatch(r"[A-Za-z_]\w*|", element.get("id", "")):
            yield "the ribbon has what the schema does not know"
        if element.get("imageMso", "Help") not in ICONS:
            yield "Office has no such picture"
        for attribute, signature in SIGNATURES.items():
            callback = element.get(attribute)
            if callback is None:
                continue
            found = [
                (scope, kind, rest.strip())
                for text in sources.values()
                for scope, kind, procedure, rest in PROCEDURE.findall(text)
                if procedure == callback
            ]
            if found != [("Public", "Sub", signature)]:
                yield "a callback is not one Public Sub with the signature that Excel wants"
