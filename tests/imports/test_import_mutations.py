"""Imports from mutated workbooks and into mutated books: a right result or a refusal, and then nothing written.

The suite tries a sample. ``SMILE_XL_FUZZ=2000 pytest tests/imports -n2`` tries so many in all, with the damaged lists of
``test_import_fuzz``: half of them lists, a quarter workbooks as lists, a quarter books as targets.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import openpyxl
import pytest

pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")

from books import forks, test_mutations
from books.foreign_parts import parts, zipped
from sap_book import FILES, sap_book

from smile_xl.cli import run

RUNS = int(os.environ.get("SMILE_XL_FUZZ", "80")) // 4
GROUPS = 2
STAMP = "2024-11-05T09:00"
SECONDS, MEMORY = 10, 1 << 30
SHEET = "xl/worksheets/sheet1.xml"

Parts = dict[str, bytes]


def days_from_1904(pick: random.Random, content: Parts) -> None:
    """The other way to count days, right or wrong for the dates in the cells."""
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)


def swapped_cells(pick: random.Random, content: Parts) -> None:
    """What two cells hold, or two rows."""
    xml = content[SHEET]
    found = [re.findall(rb"<row .*?</row>", xml), re.findall(rb"(?:<v>[^<]*</v>|<is>.*?</is>)", xml)]
    one, other = pick.sample(pick.choice(found), 2)
    content[SHEET] = xml.replace(one, b"\0", 1).replace(other, one, 1).replace(b"\0", other, 1)


def mixed_encodings(pick: random.Random, content: Parts) -> None:
    """Texts in another encoding than the part says, or the part in another with or without its mark."""
    name = pick.choice(list(content))
    text = content[name].decode("utf-8", "replace")
    content[name] = pick.choice([
        text.encode("utf-16"), text.encode("cp1252", "replace"), b"\xef\xbb\xbf" + text.encode(),
        text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode(), text.replace("a", "\xe9").encode("latin-1", "replace"),
    ])  # fmt: skip


OF_FILE = test_mutations.OF_FILE
NOT_HERE = (test_mutations.formula_changed, test_mutations.strings_changed)
"""They want the parts of a Master File."""
OF_PARTS = (
    *(one for one in test_mutations.OF_PARTS if one not in NOT_HERE),
    *(days_from_1904, swapped_cells, mixed_encodings, mixed_encodings),
)
ALL = (*OF_FILE, *OF_PARTS)


@pytest.fixture(autouse=True)
def one_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutations of Master Files work on the first sheet of others."""
    monkeypatch.setattr(test_mutations, "SRM", SHEET)
    monkeypatch.setattr(test_mutations, "SHEETS", [SHEET])


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Purchase orders as a workbook: texts, numbers and dates."""
    path = tmp_path_factory.mktemp("export") / "orders.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["Material", "Plant", "Order Unit", "Still to be delivered (qty)", "Delivery Date"])
    pick = random.Random(7)
    for _ in range(30):
        code, plant = pick.choice([("67012345", "MA01"), ("69000100", "DZ01"), ("70000001", "TN01"), ("1", "XX01")])
        sheet.append([code, plant, pick.choice(["CAR", "KG", "TO"]), round(pick.uniform(0, 900), 3), pick_date(pick)])
    workbook.save(path)
    return path


def pick_date(pick: random.Random) -> object:
    import datetime as dt  # noqa: PLC0415

    return dt.date(2024, 11, 1) + dt.timedelta(days=pick.randrange(200))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound book; an import has been made before, so that the forked ones find all modules loaded."""
    folder = tmp_path_factory.mktemp("book")
    assert run(["import", str(FILES[-1]), "--into", str(sap_book(folder / "first.xlsx")), "--yes"], "en") == 0
    return sap_book(folder / "plan.xlsx")


OUTCOMES: set[tuple[bool, int | str]] = set()
"""How the imports of this process have ended."""


def mutated(number: int, good: Path, path: Path) -> str:
    """Write the mutated workbook of this number; what was done to it."""
    pick = random.Random(number)
    mutation = ALL[number % len(ALL)]
    if mutation in OF_FILE:
        path.write_bytes(mutation(pick, good.read_bytes()))
    else:
        content = parts(good)
        for _ in range(pick.choice([1, 1, 1, 2])):
            mutation(pick, content)
        zipped(path, content)
    return mutation.__name__


def fault(number: int, folder: Path, book: Path, export: Path, into: bool) -> str:
    """What is wrong about the import of this number; "" where nothing is."""
    target, listed = folder / "plan.xlsx", folder / "orders.xlsx"
    name = mutated(number, book, target) if into else mutated(number, export, listed)
    if into:
        listed = FILES[number % len(FILES)]
    else:
        target.write_bytes(book.read_bytes())
    before = target.read_bytes()
    code = forks.outcome(SECONDS, forks.import_twice, target, [listed], STAMP, MEMORY)
    wrong = ""
    OUTCOMES.add((into, code))
    if code not in (0, 2):
        wrong = f"ends with {code}"
    elif {one.name for one in folder.iterdir()} - {target.name, "orders.xlsx"}:
        wrong = "leaves files"
    elif code == 2 and target.read_bytes() != before:
        wrong = "is refused and changed"
    elif code == 0 and name != "link_changed" and forks.outcome(30, forks.opens, target) != 0:
        # openpyxl takes the styles from the first part of that type, not from the one that the workbook links to.
        target.write_bytes(before)
        wrong = "is no more opened by openpyxl" if forks.outcome(30, forks.opens, target) == 0 else ""
    for path in list(folder.iterdir()):
        path.unlink()
    return f"{number} ({name}) {wrong}" if wrong else ""


@pytest.mark.parametrize("into", [True, False], ids=["into a mutated book", "from a mutated workbook"])
@pytest.mark.parametrize("group", range(GROUPS))
def test_an_import_of_what_is_damaged_is_right_or_refused(
    group: int, into: bool, book: Path, export: Path, tmp_path: Path
) -> None:
    faults = [fault(number, tmp_path, book, export, into) for number in range(group, RUNS, GROUPS)]
    assert [text for text in faults if text] == []
    assert {(into, 0), (into, 2)} <= OUTCOMES, "the mutations are too harsh, or too mild, to show anything"
