"""Parts of a workbook file, their types and relationships; what is not changed here is saved byte for byte."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from smile_xl.book import BookError
from smile_xl.books.xlsx.archive import Archive

CONTENT_TYPES = "[Content_Types].xml"
_CONTENT_TYPES_SPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS_SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TARGET = re.compile(rb"""\sTarget\s*=\s*["']([^"']*)""")
_RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
WORKSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_RELATION_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_STRICT_RELATION_KIND = "http://purl.oclc.org/ooxml/officeDocument/relationships"

_WORKBOOK_ORDER = ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets",
                   "functionGroups", "externalReferences", "definedNames", "calcPr")  # fmt: skip


@dataclass(frozen=True)
class Relation:
    """Link from a part to another part, or to a place outside the package."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class Sheet:
    """A tab of the workbook; ``kind`` is worksheet, chartsheet, dialogsheet or a macro sheet's."""

    name: str
    part: str
    kind: str
    position: int


class Package:
    """A workbook's parts by name, whatever the case of their letters."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.file = archive.file
        self._names = {name.casefold(): name for name in archive}
        self._changes: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self._trees: dict[str, tuple[etree._Element, bytes]] = {}
        if CONTENT_TYPES.casefold() not in self._names:
            raise BookError("not_a_workbook", file=self.file)
        self.tree(CONTENT_TYPES)
        self.workbook = next((link.target for link in self.relations("") if link.kind == "officeDocument"), "")
        if not self.workbook.endswith(".xml") or not self.has(self.workbook):
            raise BookError("not_a_workbook", file=self.file)
        root = self.tree(self.workbook)
        if local_name(root) != "workbook":
            raise BookError("not_a_workbook", file=self.file)
        self.main = etree.QName(root).namespace or ""
        self.strict = self.main == _STRICT_MAIN
        set_up = root.find(f"{{{self.main}}}workbookPr")
        self.from_1904 = set_up is not None and set_up.get("date1904") in ("1", "true")
        """Days are counted from 1904, as in books of Excel's first years on the Mac."""
        self._kinds = _STRICT_RELATION_KIND if self.strict else _RELATION_KIND

    # Parts ----------------------------------------------------------------------------------------------------------

    def parts(self) -> list[str]:
        """Names of all parts, in the order of the file."""
        return list(self._names.values())

    def has(self, part: str) -> bool:
        """True where the package holds the part."""
        return part.casefold() in self._names

    def read(self, part: str) -> bytes:
        """Bytes of a part as they would be saved now."""
        name = self._names.get(part.casefold())
        if name is None:
            raise BookError("damaged", file=self.file, part=part)
        if name in self._trees:
            self._store_tree(name)
        return self._changes[name] if name in self._changes else self.archive.read(name)

    def write(self, part: str, data: bytes, content_type: str = "") -> None:
        """Put a part; one that already has these bytes keeps its place and date."""
        name = self._names.setdefault(part.casefold(), part)
        self._trees.pop(name, None)
        self._removed.discard(name)
        self._changes[name] = data
        if content_type:
            self._set_type(name, content_type)

    def remove(self, part: str) -> None:
        """Take a part out, with its relationships and its content type."""
        for name in (part, relations_name(part)):
            actual = self._names.pop(name.casefold(), None)
            if actual is not None:
                self._trees.pop(actual, None)
                self._changes.pop(actual, None)
                self._removed.add(actual)

    def tree(self, part: str) -> etree._Element:
        """Root element of a part; what the caller changes in it is saved."""
        name = self._names.get(part.casefold(), part)
        if name not in self._trees:
            root = parse(self.read(part), self.file, name)
            self._trees[name] = (root, _to_bytes(root))
        return self._trees[name][0]

    def free_name(self, like: str) -> str:
        """A part name such as ``like`` with the lowest number that is free."""
        stem, end = re.fullmatch(r"(.*?)\d*(\.[^./]+)?", like, re.DOTALL).groups("")  # type: ignore[union-attr]
        wanted = self._wanted()
        number = 1
        while self.has(f"{stem}{number}{end}") or posixpath.basename(f"{stem}{number}{end}").casefold() in wanted:
            number += 1
        return f"{stem}{number}{end}"

    def _wanted(self) -> set[str]:
        """File names that links lead to: under the name of a part that is missing, a new one would take its place."""
        links = (_TARGET.findall(self.read(part)) for part in self.parts() if part.casefold().endswith(".rels"))
        paths = (path.decode(errors="replace") for found in links for path in found)
        return {posixpath.basename(unquote(path)).casefold() for path in paths}

    def content_type(self, part: str) -> str:
        """Content type of a part, its own or that of its extension."""
        extension = part.rpartition(".")[2].casefold()
        default = ""
        for entry in self.tree(CONTENT_TYPES):
            if (entry.get("PartName") or "").casefold() == f"/{part}".casefold():
                return entry.get("ContentType") or ""
            if (entry.get("Extension") or "").casefold() == extension:
                default = entry.get("ContentType") or ""
        return default

    def _set_type(self, part: str, content_type: str) -> None:
        if self.content_type(part) == content_type:
            return
        types = self.tree(CONTENT_TYPES)
        for entry in types:
            if (entry.get("PartName") or "").casefold() == f"/{part}".casefold():
                entry.set("ContentType", content_type)
                return
        space = etree.QName(types).namespace
        etree.SubElement(types, f"{{{space}}}Override", PartName=f"/{part}", ContentType=content_type)

    # Relationships --------------------------------------------------------------------------------------------------

    def relations(self, part: str) -> list[Relation]:
        """Links of a part; of the package itself for the name ""."""
        if not self.has(relations_name(part)):
            return []
        return [
            Relation(
                link.get("Id") or "",
                (link.get("Type") or "").rpartition("/")[2],
                self._resolve(part, link),
                link.get("TargetMode") == "External",
            )
            for link in self.tree(relations_name(part))
            if isinstance(link.tag, str)
        ]

    def relate(self, part: str, kind: str, target: str) -> str:
        """Link a part to another one; the link's id."""
        if not self.has(relations_name(part)):
            self.write(relations_name(part), f'<Relationships xmlns="{_RELATIONS_SPACE}"/>'.encode())
        links = self.tree(relations_name(part))
        taken = {link.get("Id") for link in links}
        number = 1
        while f"rId{number}" in taken:
            number += 1
        etree.SubElement(
            links,
            f"{{{etree.QName(links).namespace}}}Relationship",
            Id=f"rId{number}",
            Type=f"{self._kinds}/{kind}",
            Target=posixpath.relpath(target, posixpath.dirname(part) or "."),
        )
        return f"rId{number}"

    def unrelate(self, part: str, target: str) -> None:
        """Take out the links of a part to another one."""
        links = self.tree(relations_name(part))
        for link in list(links):
            if link.get("TargetMode") != "External" and self._resolve(part, link).casefold() == target.casefold():
                links.remove(link)

    def reachable(self, *starts: str) -> set[str]:
        """Parts that links lead to from ``starts``, these included, in the names that the package uses."""
        found: set[str] = set()
        waiting = list(starts)
        while waiting:
            part = waiting.pop()
            if part and (not self.has(part) or self._names[part.casefold()] in found):
                continue
            if part:
                found.add(self._names[part.casefold()])
            waiting += [link.target for link in self.relations(part) if link.target and not link.external]
        return found

    def _resolve(self, part: str, link: etree._Element) -> str:
        target = link.get("Target") or ""
        if link.get("TargetMode") == "External":
            return target
        path = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
        return path if self.has(path) else unquote(path)

    # The workbook ---------------------------------------------------------------------------------------------------

    @property
    def sheets(self) -> list[Sheet]:
        """Tabs from left to right."""
        links = {link.id: link for link in self.relations(self.workbook)}
        found = []
        for position, element in enumerate(self.children("sheets")):
            link = links.get(_relation_id(element))
            if link is None:
                raise BookError("damaged", file=self.file, part=self.workbook)
            found.append(Sheet(element.get("name") or "", link.target, link.kind, position))
        return found

    def sheet(self, name: str) -> Sheet | None:
        """The tab of that name, whatever the case of its letters."""
        return next((sheet for sheet in self.sheets if sheet.name.casefold() == name.casefold()), None)

    def add_sheet(self, name: str, data: bytes) -> Sheet:
        """Put a new worksheet last."""
        folder = posixpath.dirname(self.workbook)
        part = self.free_name(posixpath.join(folder, "worksheets", "sheet.xml"))
        self.write(part, data, WORKSHEET_TYPE)
        link = self.relate(self.workbook, "worksheet", part)
        sheets = self.element("sheets")
        free = 1 + max((whole_number(sheet, "sheetId") for sheet in sheets), default=0)
        sheet = etree.SubElement(sheets, f"{{{self.main}}}sheet", name=name, sheetId=str(free))
        sheet.set(f"{{{self._kinds}}}id", link)
        return Sheet(name, part, "worksheet", len(sheets) - 1)

    def children(self, name: str) -> Iterator[etree._Element]:
        """Elements inside the workbook's element ``name``, none where it is missing."""
        container = self.tree(self.workbook).find(f"{{{self.main}}}{name}")
        return iter(()) if container is None else iter(container.findall(f"{{{self.main}}}*"))

    def element(self, name: str) -> etree._Element:
        """The workbook's element ``name``, put at its place by the schema where it is missing."""
        return child(self.tree(self.workbook), name, _WORKBOOK_ORDER)

    # Saving ---------------------------------------------------------------------------------------------------------

    def changed(self) -> set[str]:
        """Names of the parts that differ from the file's, new and removed ones included."""
        for name in list(self._trees):
            self._store_tree(name)
        gone = {name for name in self._removed if name in self.archive}
        return gone | {name for name, data in self._changes.items() if not self.archive.holds(name, data)}

    def to_bytes(self) -> bytes:
        """The file: the original one, byte for byte, where nothing differs."""
        self._drop_types_of_removed()
        changed = self.changed()
        if not changed:
            return self.archive.data
        changes = {name: data for name, data in self._changes.items() if name in changed}
        return self.archive.packed_with(changes, self._removed)

    def _store_tree(self, name: str) -> None:
        root, before = self._trees[name]
        now = _to_bytes(root)
        if now != before:
            self._trees[name] = (root, now)
            self._changes[name] = now

    def _drop_types_of_removed(self) -> None:
        if not self._removed:
            return
        types = self.tree(CONTENT_TYPES)
        gone = {f"/{name}".casefold() for name in self._removed}
        for entry in list(types):
            if (entry.get("PartName") or "").casefold() in gone:
                types.remove(entry)


def parse(data: bytes, file: str, part: str) -> etree._Element:
    """Root element of untrusted XML: no entities, no DTD, no network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BookError("damaged", file=file, part=part) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BookError("dtd", file=file, part=part)
    return root


def relations_name(part: str) -> str:
    """Name of the part that holds the links of ``part``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def local_name(element: etree._Element) -> str:
    """Name of an element without its namespace; "" for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def whole_number(element: etree._Element, attribute: str, default: int = 0) -> int:
    """Whole number in an attribute; ``default`` where there is none."""
    text = element.get(attribute) or ""
    return int(text) if text.isdecimal() else default


def child(root: etree._Element, name: str, order: Sequence[str]) -> etree._Element:
    """The child ``name`` of ``root``, put at its place in ``order`` where it is missing."""
    space = etree.QName(root).namespace
    found = root.find(f"{{{space}}}{name}")
    if found is None:
        found = root.makeelement(f"{{{space}}}{name}")
        before = order[: order.index(name)]
        place = max((at + 1 for at, element in enumerate(root) if local_name(element) in before), default=0)
        root.insert(place, found)
    return found


def _relation_id(element: etree._Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("relationships}id")), "")


def _to_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
