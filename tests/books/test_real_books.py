"""Workbooks that Excel itself saved, with macros: the two that come with xlwings."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import openpyxl
import pytest
from books.foreign_parts import parts, reachable, sheet_parts

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.reports.page import Block, Column, Page

ROOT = Path(importlib.util.find_spec("xlwings").origin).parent
REAL = sorted(path.name for path in ROOT.glob("*.xlsm"))
OURS = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/calcChain.xml"}


def page(value):
    rows = [["Hair", value], ["HHC", None]]
    return Page(
        "DSR",
        "Reconciliation",
        ["t"],
        [Block([Column("Sub-category", "text"), Column("Net", "tonnes")], rows)],
        "en",
        1,
    )


@pytest.fixture(params=REAL)
def real(request, tmp_path):
    return Path(shutil.copy(ROOT / request.param, tmp_path / request.param))


def write(path, value):
    book = XlsxBook(path)
    book.write_page(page(value))
    book.save()
    return parts(path)


def test_there_are_two_of_them():
    assert len(REAL) == 2


def test_macros_and_all_other_parts_stay_byte_for_byte(real):
    before = parts(real)
    assert "xl/vbaProject.bin" in before
    once = write(real, 12.5)
    owned = OURS | reachable(once, [sheet_parts(once)["DSR"]])
    assert {name for name in before if once.get(name) != before[name]} <= OURS
    assert set(once) - set(before) <= owned
    twice = write(real, 13.5)
    assert {name for name in once if twice.get(name) != once[name]} <= {sheet_parts(once)["DSR"]}


def test_other_programs_read_the_page_and_what_was_there(real):
    before = {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(real).worksheets}
    write(real, 12.5)
    after = {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(real, keep_vba=True).worksheets}
    assert {name: after[name] for name in before} == before
    assert ("Hair", 12.5) in {row[:2] for row in after["DSR"]}
