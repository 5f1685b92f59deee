"""Styles of one workbook taken into another: appended where missing, never renumbered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

from smile_xl.book import BookError
from smile_xl.books.xlsx.package import STYLES_TYPE, Package, child, local_name, whole_number

_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
_FIRST_CUSTOM_FORMAT = 164
_EMPTY = """<styleSheet xmlns="{main}">
<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"""

Key = tuple[object, ...]


@dataclass(frozen=True)
class StyleIds:
    """Where the formats of the source are in the target: of cells, and of conditional formats and tables."""

    cells: dict[int, int]
    differences: dict[int, int]


def merge_styles(target: Package, source: Package, cells: Iterable[int], differences: Iterable[int]) -> StyleIds:
    """Take the formats with these ids into the target; one that is there already is used again."""
    theirs, ours = _styles(target), _styles(source)
    formats = {element.get("numFmtId"): element.get("formatCode") or "" for element in _items(ours, "numFmts")}
    pools = {name: _Pool(theirs, name) for name in ("fonts", "fills", "borders", "cellXfs", "dxfs")}
    sources = {name: _items(ours, name) for name in pools}

    def part(name: str, number: str | None) -> str:
        return str(pools[name].place(sources[name][int(number or 0)]))

    def of_cell(style: etree._Element) -> None:
        style.set("numFmtId", _number_format(theirs, style.get("numFmtId") or "0", formats))
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            style.set(attribute, part(name, style.get(attribute)))
        style.set("xfId", "0")  # named styles stay behind: the format has all they say

    def of_difference(style: etree._Element) -> None:
        for element in style.findall("{*}numFmt"):
            number = _number_format(theirs, element.get("numFmtId") or "0", formats, element.get("formatCode"))
            element.set("numFmtId", number)

    cell_styles, difference_styles = sources["cellXfs"], sources["dxfs"]
    return StyleIds(
        # The default format of the target is that of the cells without any.
        {number: pools["cellXfs"].place(cell_styles[number], of_cell) if number else 0 for number in sorted(cells)},
        {number: pools["dxfs"].place(difference_styles[number], of_difference) for number in sorted(differences)},
    )


class _Pool:
    """One collection of a stylesheet, with the first place of each of its elements."""

    def __init__(self, root: etree._Element, name: str) -> None:
        self._root = root
        self._name = name
        self._count = 0
        self._places: dict[Key, int] = {}
        for element in _items(root, name):
            self._places.setdefault(_key(element), self._count)
            self._count += 1

    def place(self, element: etree._Element, adapt: Callable[[etree._Element], None] = lambda _: None) -> int:
        """Number of an element like this one, adapted to the target; appended where there is none."""
        copy = _copy(element, self._root)
        adapt(copy)
        key = _key(copy)
        if key not in self._places:
            collection = child(self._root, self._name, _ORDER)
            collection.append(copy)
            self._places[key] = self._count
            self._count += 1
            collection.set("count", str(self._count))
        return self._places[key]


def _styles(package: Package) -> etree._Element:
    links = [link for link in package.relations(package.workbook) if link.kind == "styles"]
    if links:
        if links[0].external or not package.has(links[0].target):
            raise BookError("damaged", file=package.file, part=links[0].target)
        return package.tree(links[0].target)
    part = f"{package.workbook.rpartition('/')[0]}/styles.xml".lstrip("/")
    if package.has(part):
        part = package.free_name(part)
    package.write(part, _EMPTY.format(main=package.main).encode(), STYLES_TYPE)
    package.relate(package.workbook, "styles", part)
    return package.tree(part)


def _items(root: etree._Element, name: str) -> list[etree._Element]:
    collection = root.find(f"{{*}}{name}")
    return [] if collection is None else [element for element in collection if isinstance(element.tag, str)]


def _number_format(root: etree._Element, number: str, formats: dict[str | None, str], code: str | None = None) -> str:
    """Number in the target of a number format; built-in ones have the same in every workbook."""
    code = code if code is not None else formats.get(number)
    if int(number) < _FIRST_CUSTOM_FORMAT or code is None:
        return number
    known = _items(root, "numFmts")
    for element in known:
        if element.get("formatCode") == code:
            return element.get("numFmtId") or "0"
    free = 1 + max([_FIRST_CUSTOM_FORMAT - 1, *(whole_number(element, "numFmtId") for element in known)])
    collection = child(root, "numFmts", _ORDER)
    space = etree.QName(root).namespace
    etree.SubElement(collection, f"{{{space}}}numFmt", numFmtId=str(free), formatCode=code)
    collection.set("count", str(len(known) + 1))
    return str(free)


def _copy(element: etree._Element, root: etree._Element) -> etree._Element:
    """The element in the namespace of ``root``, which may be that of strict workbooks."""
    space = etree.QName(root).namespace
    copy = root.makeelement(
        f"{{{space}}}{local_name(element)}", {str(key): str(value) for key, value in element.attrib.items()}
    )
    copy.text = element.text
    copy.extend(_copy(inner, root) for inner in element if isinstance(inner.tag, str))
    return copy


def _key(element: etree._Element) -> Key:
    """What makes two formats the same: names, attributes in any order, children; no namespaces, no white space."""
    inner = tuple(_key(inner) for inner in element if isinstance(inner.tag, str))
    return local_name(element), frozenset(element.attrib.items()), (element.text or "").strip(), inner
