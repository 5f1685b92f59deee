"""Parts of a workbook file: read, found, followed and zipped."""

from __future__ import annotations

import base64
import posixpath
import zipfile
from collections.abc import Iterable
from pathlib import Path

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
"""The first sector of an OLE file: nothing here looks further into macros and embedded objects."""


def parts(path: Path) -> dict[str, bytes]:
    """Bytes of each part."""
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def sheet_parts(content: dict[str, bytes]) -> dict[str, str]:
    """Part of each sheet, by its name, in the order of the tabs."""
    targets = {
        link.get("Id"): link.get("Target")
        for link in etree.fromstring(content["xl/_rels/workbook.xml.rels"])
        if link.get("Id")
    }
    found = {}
    for sheet in etree.fromstring(content["xl/workbook.xml"]).iter(f"{{{MAIN}}}sheet"):
        target = targets[sheet.get(f"{{{OFFICE}}}id")]
        found[sheet.get("name")] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return found


def reachable(content: dict[str, bytes], starts: Iterable[str]) -> set[str]:
    """Parts that links lead to from these parts, with the parts that hold the links, these included."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        part = waiting.pop()
        if part in found or part not in content:
            continue
        found.add(part)
        folder, _, file = part.rpartition("/")
        links = f"{folder}/_rels/{file}.rels"
        if links in content:
            found.add(links)
            targets = [link.get("Target") for link in etree.fromstring(content[links]) if not link.get("TargetMode")]
            waiting += [posixpath.normpath(posixpath.join("/", folder, target))[1:] for target in targets]
    return found


def zipped(path: Path, content: dict[str, bytes]) -> Path:
    """Write parts as a file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name, data in content.items():
            out.writestr(name, data)
    return path
