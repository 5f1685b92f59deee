"""The native twin recalculated by Calc: plain formulas give what the core gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from books_of_items import book_of
from calc_books import open_for_calc
from test_native import SHIPPED, awkward_book, edited, policy_book, random_book, twin_of
from test_portfolio import RULES, portfolio
from test_real_imports import rules_of, scms_items

from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.libreoffice.office import Office
from smile_xl.planning.grid import CellError, address

pytestmark = pytest.mark.libreoffice

TWINS = ("en", "fr", "net", "policies", "imports", "awkward")
Rows = Sequence[Sequence[object]]
OPENING = "Y9"
"""Cell of the first item's opening stock in the twin of a random portfolio."""


def recalculated(office: Office, path: Path) -> dict[str, Rows]:
    """The sheets of a file as Calc calculates them anew, by name."""
    written = XlsxBook(path)
    grids = {name: written.read(name).rows for name in written.sheet_names()}
    document = open_for_calc(office, path)
    areas = [(name, f"A1:{address(len(rows) - 1, max(map(len, rows)) - 1)}") for name, rows in grids.items()]
    blocks = document.read_all(areas)
    document.close()
    return dict(zip(grids, blocks, strict=True))


def same(one: float, other: object) -> bool:
    return isinstance(other, float) and abs(other - one) <= 1e-9 * max(1.0, abs(one))


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Twins of the shipped workbooks, of random portfolios, of the real imports and of awkward names."""
    folder = tmp_path_factory.mktemp("twins")
    files = {}
    for language, book in SHIPPED.items():
        files[language] = folder / f"{language}.xlsx"
        assert run(["native", str(book), "--output", str(files[language])], language) == 0
    imports = scms_items()
    books = {
        "net": random_book(4, net_transit=True, months=15),
        "policies": policy_book(5),
        "imports": book_of(imports, rules_of(imports), targets={("Haiti", "Generic"): 8}),
        "awkward": awkward_book(),
    }
    return files | {name: twin_of(book, folder / f"{name}.xlsx") for name, book in books.items()}


@pytest.fixture(scope="module")
def fresh(
    office: Office, twins: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Rows]]:
    """The twins, and faulty ones, recalculated."""
    folder = tmp_path_factory.mktemp("faults")
    moved = edited(twins["policies"], folder / "moved.xlsx", {("SRM", OPENING): 5000})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smile_xl.core.orders.FIRST_ORDER_MONTH", 1)
        broken = twin_of(book_of(portfolio(1, size=12), RULES), folder / "broken.xlsx")
    files = {**twins, "moved": moved, "broken": broken}
    return {name: recalculated(office, path) for name, path in files.items()}


def figures(sheets: dict[str, Rows]) -> dict[str, float]:
    """What the overview says of all differences."""
    rows = next(iter(sheets.values()))
    names = {"Largest difference", "Plus grand écart", "Values that differ", "Valeurs qui diffèrent", "Values compared", "Valeurs comparées"}  # fmt: skip
    found = [row[1] for row in rows if row[0] in names]
    return dict(zip(("largest", "differ", "values"), found, strict=True))  # type: ignore[arg-type]


def by_result(sheets: dict[str, Rows]) -> dict[str, float]:
    """Values that differ, by result and sheet, in English."""
    rows = sheets["Native"]
    start = next(place for place, row in enumerate(rows) if row[0] == "Columns")
    return {f"{row[5]}: {row[0]}": row[4] for row in rows[start + 1 :]}  # type: ignore[misc]


@pytest.mark.parametrize("name", TWINS)
def test_the_largest_difference_is_zero(name: str, fresh: dict[str, dict[str, Rows]]) -> None:
    found = figures(fresh[name])
    assert found["values"] > 500
    assert found["largest"] == found["differ"] == 0


@pytest.mark.parametrize("name", TWINS)
def test_every_cell_is_what_it_was_before_it_was_recalculated(
    name: str, fresh: dict[str, dict[str, Rows]], twins: dict[str, Path]
) -> None:
    """Helping columns too; so viewers that do not calculate show right numbers."""
    written = XlsxBook(twins[name])
    for sheet in written.sheet_names():
        for number, (before, after) in enumerate(zip(written.read(sheet).rows, fresh[name][sheet], strict=True)):
            for one, other in zip(before, after, strict=False):
                if isinstance(one, float):
                    assert same(one, other), (sheet, number + 1)
                elif isinstance(one, str):
                    assert other == one or not (other or one), (sheet, number + 1)
                assert not isinstance(other, CellError)


def test_a_changed_input_moves_the_native_cells_and_not_ours(
    fresh: dict[str, dict[str, Rows]], twins: dict[str, Path]
) -> None:
    written = XlsxBook(twins["policies"])
    assert written.read("SRM").rows[7][24] == "Opening"
    changed = by_result(fresh["moved"])
    assert changed["Native SRM: Closing (t)"] > 0
    assert changed["Native projections: Value (EUR)"] > 0
    assert changed["Native SRM: Safety stock (t)"] == 0
    rows = zip(written.read("Native SRM").rows, fresh["moved"]["Native SRM"], strict=True)
    moved = [
        number
        for number, (before, after) in enumerate(rows, start=1)
        if any(isinstance(one, float) and not same(one, other) for one, other in zip(before, after, strict=True))
    ]
    assert moved == [int(OPENING[1:])]


def test_a_core_with_a_broken_rule_differs(fresh: dict[str, dict[str, Rows]]) -> None:
    assert figures(fresh["broken"])["largest"] > 0.1
    assert by_result(fresh["broken"])["Native SRM: Closing (t)"] > 0
    assert by_result(fresh["broken"])["Native SRM: Safety stock (t)"] == 0
