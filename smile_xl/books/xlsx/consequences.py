"""What must follow elsewhere in a workbook when cells of some sheets change: calculation chain, pivots, formulas."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable

from smile_xl.books.xlsx.package import Package, Sheet

_FORMULA = re.compile(rb"<f(?:\s[^<>]*)?>([^<]+)</")
_PREFIXED_FORMULA = re.compile(rb"<(?:[^\s<>/:!?]+:)?f(?:\s[^<>]*)?>([^<]+)</")
_CALLS = re.compile(r"(?:(?:'[^']*'|\[\d+\]|[\w.\\/:]+)!|_xll\.|_xludf\.)?smile_\w+$")
_VOLATILE_PLACE = re.compile(r"\b(?:indirect|offset)\s*\(")
_SEVERAL_SHEETS = re.compile(r":[^!:,;(){}+\-*/&=<>\"\n]*!")


def drop_calculation_chain(package: Package) -> None:
    """Take out Excel's list of formula cells, which it makes anew; one that names a missing formula is damage to it."""
    for link in package.relations(package.workbook):
        if link.kind == "calcChain":
            package.remove(link.target)
            package.unrelate(package.workbook, link.target)


def has_formulas(xml: bytes) -> bool:
    """True where a sheet has formulas."""
    end = xml.rfind(b"sheetData>")
    return _formula(xml, end).search(xml, 0, end) is not None


def _formula(xml: bytes, end: int) -> re.Pattern[bytes]:
    """What finds formulas in a sheet: ten times as fast where no element has a prefix."""
    return _FORMULA if xml.find(b":f", 0, end) < 0 else _PREFIXED_FORMULA


def refresh_pivots(package: Package, sheets: Iterable[Sheet]) -> None:
    """Make the pivot tables on these sheets' cells refresh when the workbook is opened."""
    words = _words(package, sheets)
    for link in package.relations(package.workbook):
        if link.kind != "pivotCacheDefinition" or not package.has(link.target):
            continue
        root = package.tree(link.target)
        place = root.find("{*}cacheSource/{*}worksheetSource")
        if place is None:
            continue
        if {(place.get(key) or "").casefold() for key in ("sheet", "name")} & words and root.get(
            "refreshOnLoad"
        ) != "1":
            root.set("refreshOnLoad", "1")


def recalculate_if_needed(package: Package, changed: Collection[Sheet], rendered: Collection[Sheet]) -> None:
    """Make Excel calculate on opening where a formula that is not the product's may depend on a changed sheet.

    It shows #NAME? in SMILE_ cells where the add-in is missing, but a wrong figure that looks right is worse.
    """
    if changed and _depend(package, changed, rendered):
        calculation = package.element("calcPr")
        if calculation.get("fullCalcOnLoad") not in ("1", "true"):
            calculation.set("fullCalcOnLoad", "1")


def _depend(package: Package, changed: Collection[Sheet], rendered: Collection[Sheet]) -> bool:
    words = _words(package, changed)
    mention = re.compile("|".join(rf"(?<![\w.]){re.escape(word)}(?![\w.])" for word in sorted(words)))
    for sheet in package.sheets:
        if sheet in rendered or not package.has(sheet.part):
            continue
        foreign = [text for text in formulas(package.read(sheet.part)) if not is_ours(text)]
        if foreign and sheet in changed:
            return True
        text = "\n".join(foreign)
        if mention.search(text) or _VOLATILE_PLACE.search(text) or _SEVERAL_SHEETS.search(text):
            return True
    return False


def formulas(xml: bytes) -> list[str]:
    """Formulas of a sheet in lower case."""
    # What follows the cells has formulas too, of sparklines and rules: those are never stale.
    end = xml.rfind(b"sheetData>")
    found = _formula(xml, end).findall(xml, 0, end)
    text = b"\n".join(found).decode("utf-8", "replace").casefold()
    return (html.unescape(text) if "&" in text else text).split("\n") if text else []


def is_ours(formula: str) -> bool:
    """True for a call of a SMILE_ function and nothing around it.

    >>> is_ours("smile_closing(a1,srm!b1:c1)"), is_ours("[1]!smile_cv(a1)"), is_ours("smile_cv(a1)+srm!b2")
    (True, True, False)
    """
    if "smile_" not in formula:
        return False
    text = re.sub(r'"[^"]*"', "", formula.strip().removeprefix("="))
    if not text.endswith(")"):
        return False
    while "(" in text:
        shorter = re.sub(r"\([^()]*\)", "", text)
        if shorter == text:
            return False
        text = shorter
    return _CALLS.match(text) is not None


def _words(package: Package, sheets: Iterable[Sheet]) -> set[str]:
    """Names, in lower case, by which a formula can reach cells of these sheets."""
    words = set()
    for sheet in sheets:
        words |= {sheet.name.casefold(), sheet.name.casefold().replace("'", "''")}
        for link in package.relations(sheet.part):
            if link.kind == "table" and package.has(link.target):
                table = package.tree(link.target)
                words |= {(table.get(key) or "").casefold() for key in ("name", "displayName")} - {""}
    names = {
        (element.get("name") or "").casefold(): (element.text or "").casefold()
        for element in package.children("definedNames")
        if not (element.get("name") or "").startswith("_xlnm.")
    }
    grown = True
    while grown:  # names may be made of names
        reached = {name for name, text in names.items() if _reaches(text, words)} - words
        grown = bool(reached)
        words |= reached
    return words


def _reaches(text: str, words: set[str]) -> bool:
    if _VOLATILE_PLACE.search(text) or _SEVERAL_SHEETS.search(text):
        return True
    return any(re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text) for word in words)
