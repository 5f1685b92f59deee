"""Sheets of a rendered workbook put into another one, with their formats, charts, tables and links.

The source is a package as XlsxWriter writes it, so the patterns below follow its way of writing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from lxml import etree

from smile_xl.book import BookError
from smile_xl.books.xlsx.archive import Archive
from smile_xl.books.xlsx.package import Package, Sheet, relations_name, whole_number
from smile_xl.books.xlsx.styles import StyleIds, merge_styles

_STYLED = re.compile(rb'(<c r="[A-Z]+[0-9]+" s="|<row [^<>]*? s="|<col [^<>]*? style=")([0-9]+)')
_DIFFERENCE = re.compile(rb'(<[^<>]*? (?:dxfId|dataDxfId|headerRowDxfId|totalsRowDxfId)=")([0-9]+)')
_STRING = re.compile(rb' t="s"><v>([0-9]+)</v>')
_ITEM = re.compile(rb"<si>(.*?)</si>", re.DOTALL)
_SELECTED = re.compile(rb' tabSelected="(?:1|true)"')
_CODE_NAME = re.compile(rb""" codeName=["']([^"']*)["']""")
_BUILT_IN = ("_xlnm.Print_Titles", "_xlnm.Print_Area", "_xlnm._FilterDatabase")
# Strict workbooks name the same things in other namespaces.
_STRICT_NAMES = (
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"),
    (b"http://schemas.openxmlformats.org/drawingml/2006/", b"http://purl.oclc.org/ooxml/drawingml/"),
)


def graft(target: Package, rendered: bytes, names: Sequence[str]) -> None:
    """Put sheets of the rendered workbook into the target: in place of those of the same name, else at the end."""
    source = Package(Archive(rendered, target.file))
    chosen = [_source_sheet(source, name) for name in names]
    existing = {sheet.name: _existing(target, sheet.name) for sheet in chosen}
    kept = {sheet.name: _marks(target.read(old.part)) for sheet in chosen if (old := existing[sheet.name])}
    # All go before the first comes, so that a second refresh finds the same part names free.
    _remove_parts_of(target, [old for old in existing.values() if old])
    texts = {part: _Formatted(source.read(part)) for part in _formatted_parts(source, chosen)}
    cells = {number for text in texts.values() for number in text.cells}
    differences = {number for text in texts.values() for number in text.differences}
    styles = merge_styles(target, source, cells, differences)
    copied = {part: text.with_ids(styles) for part, text in texts.items()}
    strings = _strings(source)
    part_names: dict[str, str] = {}
    for sheet in chosen:
        selected, code_name = kept.get(sheet.name, (False, b""))
        xml = _inlined(copied[sheet.part], strings)
        xml = _in_namespaces(target, _marked(xml, selected, code_name))
        old = existing[sheet.name]
        if old:
            target.write(old.part, xml)
        new = old or target.add_sheet(sheet.name, xml)
        _copy_links(target, source, sheet.part, new.part, part_names, copied)
        _name_ranges(target, source, sheet, new)


def _source_sheet(source: Package, name: str) -> Sheet:
    sheet = source.sheet(name)
    if sheet is None:
        raise BookError("no_sheet", file=source.file, sheet=name)
    return sheet


def _existing(target: Package, name: str) -> Sheet | None:
    sheet = target.sheet(name)
    if sheet is not None and sheet.kind != "worksheet":
        raise BookError("not_a_worksheet", file=target.file, sheet=sheet.name)
    return sheet


# Text of a sheet ----------------------------------------------------------------------------------------------------


class _Formatted:
    """The XML of a sheet or table, cut at the numbers of its formats."""

    def __init__(self, xml: bytes) -> None:
        place = xml.rfind(b"</sheetData>") + 1  # differential formats come after the cells only
        self._cells = _STYLED.split(xml[:place]) if place else [b""]
        self._rest = _DIFFERENCE.split(xml[place:])
        self.cells = {int(number) for number in set(self._cells[2::3])}
        self.differences = {int(number) for number in set(self._rest[2::3])}

    def with_ids(self, styles: StyleIds) -> bytes:
        """The XML with the numbers that the formats have in the target."""
        return b"".join([*_renumbered(self._cells, styles.cells), *_renumbered(self._rest, styles.differences)])


def _renumbered(pieces: list[bytes], numbers: Mapping[int, int]) -> list[bytes]:
    new = {b"%d" % old: b"%d" % number for old, number in numbers.items()}
    pieces[2::3] = [new[number] for number in pieces[2::3]]
    return pieces


def _strings(source: Package) -> list[bytes]:
    """The shared strings as cells hold them in themselves; those of the target are never touched."""
    part = next((link.target for link in source.relations(source.workbook) if link.kind == "sharedStrings"), "")
    items = _ITEM.findall(source.read(part)) if part and source.has(part) else []
    return [b' t="inlineStr"><is>%b</is>' % item for item in items]


def _inlined(xml: bytes, strings: Sequence[bytes]) -> bytes:
    pieces = _STRING.split(xml)
    pieces[1::2] = [strings[int(number)] for number in pieces[1::2]]
    return b"".join(pieces)


def _marks(xml: bytes) -> tuple[bool, bytes]:
    """Whether a sheet is selected, and the name that macros know it by."""
    head = xml[: xml.find(b"sheetData")]
    code_name = _CODE_NAME.search(head)
    return _SELECTED.search(head) is not None, code_name[1] if code_name else b""


def _marked(xml: bytes, selected: bool, code_name: bytes) -> bytes:
    """The sheet with the marks of the one it replaces, so that the active tab and the macros stay right."""
    place = xml.find(b"<sheetData")
    head, rest = xml[:place], xml[place:]
    # Without metadata of its own a dynamic array is a plain one.
    rest = re.sub(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) cm="[0-9]+"', rb"\1", rest) if b' cm="' in rest else rest
    head = _CODE_NAME.sub(b"", _SELECTED.sub(b"", head))
    if selected:
        head = head.replace(b"<sheetView ", b'<sheetView tabSelected="1" ', 1)
    if code_name and b"<sheetPr" in head:
        head = head.replace(b"<sheetPr", b'<sheetPr codeName="%b"' % code_name, 1)
    elif code_name:
        head = re.sub(rb"(<worksheet[^<>]*>)", lambda tag: tag[1] + b'<sheetPr codeName="%b"/>' % code_name, head)
    return head + rest


def _in_namespaces(target: Package, xml: bytes) -> bytes:
    for transitional, strict in _STRICT_NAMES if target.strict else ():
        xml = xml.replace(transitional, strict)
    return xml


# Parts of a sheet ---------------------------------------------------------------------------------------------------


def _formatted_parts(source: Package, sheets: Sequence[Sheet]) -> list[str]:
    """The sheets and their tables: the parts that name formats by number."""
    links = [link for sheet in sheets for link in source.relations(sheet.part)]
    return [*(sheet.part for sheet in sheets), *(link.target for link in links if link.kind == "table")]


def _remove_parts_of(target: Package, sheets: Sequence[Sheet]) -> None:
    """Take out what only these sheets lead to: drawings, charts, tables, comments."""
    owned = target.reachable(*(sheet.part for sheet in sheets)) if sheets else set()
    for sheet in sheets:
        target.remove(relations_name(sheet.part))
    for part in sorted(owned - target.reachable("")):
        target.remove(part)


def _copy_links(
    target: Package, source: Package, part: str, new: str, names: dict[str, str], formatted: Mapping[str, bytes]
) -> None:
    """Copy the relationships of a part, with the parts they lead to, under free names."""
    name = relations_name(part)
    if not source.has(name):
        return
    xml = source.read(name)
    for link in source.relations(part):
        if link.external:
            continue
        if link.target not in names:
            names[link.target] = target.free_name(link.target)
            data = formatted.get(link.target) or source.read(link.target)
            data = _with_own_id(target, data) if link.kind == "table" else data
            _write_copy(target, names[link.target], _in_namespaces(target, data), source.content_type(link.target))
            _copy_links(target, source, link.target, names[link.target], names, formatted)
        path = posixpath.relpath(names[link.target], posixpath.dirname(new))
        xml = re.sub(rb'( Id="%b" [^<>]*?Target=")[^"]*' % link.id.encode(), rb"\g<1>" + path.encode(), xml)
    target.write(relations_name(new), _in_namespaces(target, xml))


def _write_copy(target: Package, part: str, data: bytes, content_type: str) -> None:
    known = target.content_type(part)
    target.write(part, data, "" if known == content_type else content_type)


def _with_own_id(target: Package, table: bytes) -> bytes:
    """A table with an id and a name that no other table of the workbook has."""
    others = [target.tree(part) for part in target.parts() if target.content_type(part).endswith(".table+xml")]
    ids = {whole_number(other, "id") for other in others}
    names = {(other.get(key) or "").casefold() for other in others for key in ("name", "displayName")}
    root = etree.fromstring(table)
    number = next(number for number in range(1, len(ids) + 2) if number not in ids)
    name = root.get("displayName") or "Table"
    while name.casefold() in names:
        name += "_"
    head, rest = re.match(rb"(.*?<table [^<>]*>)(.*)", table, re.DOTALL).groups()  # type: ignore[union-attr]
    head = re.sub(rb' id="[0-9]+"', b' id="%d"' % number, head, count=1)
    return re.sub(rb' (name|displayName)="[^"]*"', lambda key: b' %b="%b"' % (key[1], name.encode()), head) + rest


# Names of ranges ----------------------------------------------------------------------------------------------------


def _name_ranges(target: Package, source: Package, sheet: Sheet, new: Sheet) -> None:
    """Give the new sheet its print titles, print area and filter in place of those of the sheet it replaces."""
    wanted = {
        element.get("name") or "": element
        for element in source.children("definedNames")
        if element.get("localSheetId") == str(sheet.position)
    }
    for element in list(target.children("definedNames")):
        name = element.get("name") or ""
        if element.get("localSheetId") != str(new.position):
            continue
        if name in wanted:
            element.text = wanted.pop(name).text
        elif name in _BUILT_IN:
            element.getparent().remove(element)  # type: ignore[union-attr]
    for name, element in wanted.items():
        names = target.element("definedNames")
        copy = etree.SubElement(names, f"{{{target.main}}}definedName", name=name, localSheetId=str(new.position))
        copy.text = element.text
        if element.get("hidden"):
            copy.set("hidden", element.get("hidden") or "1")
    remaining = target.tree(target.workbook).find(f"{{{target.main}}}definedNames")
    if remaining is not None and not len(remaining):
        remaining.getparent().remove(remaining)  # type: ignore[union-attr]
