"""The native twin: plain formulas of Excel 2007 give in a real spreadsheet program what the core gives."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import oracle
import pytest
from books_of_items import book_of
from test_portfolio import RULES, oracle_opportunities, portfolio

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.books.xlsx.create import write_computed_book
from smile_xl.cli import run

WORKBOOKS = Path(__file__).parents[1] / "workbook"
SHIPPED = {"en": WORKBOOKS / "master_file.xlsx", "fr": WORKBOOKS / "fichier_maitre.xlsx"}
WHEN = dt.datetime(2023, 8, 1, 9)
IN_EXCEL_2016 = {
    *(
        "ABS",
        "AND",
        "COLUMN",
        "COUNTIFS",
        "EXACT",
        "IF",
        "INDEX",
        "ISNUMBER",
        "ISTEXT",
        "MATCH",
        "MAX",
        "MIN",
        "NA",
        "OR",
    ),
    *("ROUND", "ROUNDUP", "SUM", "SUMIF", "SUMIFS", "SUMPRODUCT"),
}
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}
FORMULA = re.compile(r"<f>([^<]*)</f><v>([^<]*)</v>")


def random_book(seed: int, *, method: str = "exact", net_transit: bool = False, months: int = 12) -> MemoryBook:
    items = portfolio(seed, size=16, months=months)
    plans = oracle.plan(items, RULES, oracle.STATUSES, method, net_transit)
    targets = {(country, brand): float(3 + len(country)) for country in RULES for brand in ("B1", "B2")}
    opportunities = oracle_opportunities(items, plans)
    return book_of(items, RULES, method=method, net_transit=net_transit, targets=targets, opportunities=opportunities)


def policy_book(seed: int) -> MemoryBook:
    """A book in which some items have a safety policy of their own."""
    items = portfolio(seed, size=16)
    book = book_of(items, RULES, method="average")
    chosen = zip(items[::3], ["average", "exact", None] * 3, strict=False)
    rows = [["Country", "SAP code", "Policy"], *([item.country, item.sap_code, policy] for item, policy in chosen)]
    return MemoryBook({**{name: book.read(name).rows for name in book.sheet_names()}, "Safety policies": rows})


def awkward_book() -> MemoryBook:
    """Brands that differ in case only, stars in names, a country in the other language, no tables at all."""
    items = portfolio(77, size=12)
    for item, brand in zip(
        items, ("Dove", "DOVE", "*", "D*", "1", "01", "<3", "~", "Dove ", "=A1", "é", "e"), strict=True
    ):
        item.brand, item.sub_category = brand, brand.swapcase()
        item.country = "Maroc" if brand.isupper() else "Morocco"
    book = book_of(items)
    sheets = {name: book.read(name).rows for name in ("SRM", "Costs")}
    return MemoryBook(sheets)


def twin_of(book: MemoryBook, path: Path) -> Path:
    write_computed_book(path, commands.native(book, WHEN)[1])
    return path


def edited(path: Path, target: Path, changes: Mapping[tuple[str, str], object]) -> Path:
    """A copy with other inputs; openpyxl keeps no cached value."""
    workbook = openpyxl.load_workbook(path)
    for (sheet, cell), value in changes.items():
        workbook[sheet][cell].value = value
    workbook.save(target)
    return target


def formulas_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every formula of a file with its cached value."""
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/"):
                xml = package.read(name).decode()
                found = FORMULA.findall(xml)
                assert len(found) == len(re.findall("<f[ >]", xml)), name
                for formula, value in found:
                    yield (
                        re.sub("&(amp|lt|gt|quot);", lambda one: ENTITIES[one[1]], formula),
                        value,
                    )


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Twins of the shipped workbooks, of a portfolio with more months, and of awkward names."""
    folder = tmp_path_factory.mktemp("twins")
    for language, book in SHIPPED.items():
        arguments = ["native", str(book), "--output", str(folder / f"{language}.xlsx"), "--stamp", "2023-08-01T09:00"]
        assert run(arguments, language) == 0
    twin_of(random_book(4, months=15), folder / "longer.xlsx")
    twin_of(awkward_book(), folder / "awkward.xlsx")
    return {path.stem: path for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["en", "fr", "longer", "awkward"])
def test_formulas_need_nothing_newer_than_excel_2016_and_have_their_values(name: str, twins: dict[str, Path]) -> None:
    count = 0
    for formula, value in formulas_of(twins[name]):
        count += 1
        assert set(re.findall(r"([A-Z][A-Z0-9_.]*)\(", formula)) <= IN_EXCEL_2016
        assert len(formula) < 400
        assert value != "" or formula.endswith('&""') or '=0,"",' in formula, formula
    assert count > 1000
    with zipfile.ZipFile(twins[name]) as package:
        for part in package.namelist():
            assert b"SMILE_" not in package.read(part) or "sharedStrings" in part
        assert b'fullCalcOnLoad="1"' in package.read("xl/workbook.xml")


@pytest.mark.parametrize("language", SHIPPED)
def test_the_twin_is_a_book_with_the_same_plan(
    language: str, twins: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []
    for book in (SHIPPED[language], twins[language]):
        for report in ("srm", "availability", "dsr", "projections", "overstock"):
            assert run(["report", report, str(book), "--format", "csv"], "en") == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_the_same_book_gives_the_same_bytes(tmp_path: Path, twins: dict[str, Path]) -> None:
    again = tmp_path / "again.xlsx"
    assert run(["native", str(SHIPPED["en"]), "--output", str(again), "--stamp", "2023-08-01T09:00"], "en") == 0
    assert again.read_bytes() == twins["en"].read_bytes()


def test_the_book_itself_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Path(shutil.copy(SHIPPED["en"], tmp_path / "book.xlsx"))
    assert run(["native", str(book), "--output", str(book)], "en") == 2
    assert "another name" in capsys.readouterr().err
    assert book.read_bytes() == SHIPPED["en"].read_bytes()


def test_only_a_workbook_without_macros_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["native", str(SHIPPED["en"]), "--output", str(tmp_path / "twin.xlsm")], "en") == 2
    assert ".xlsx" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_book_with_errors_has_no_twin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = edited(SHIPPED["en"], tmp_path / "book.xlsx", {("SRM", "A9"): "Atlantis"})
    assert run(["native", str(book), "--output", str(tmp_path / "twin.xlsx")], "en") == 2
    assert "Atlantis" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["book.xlsx"]


def test_a_twin_that_a_program_has_open_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "~$twin.xlsx").touch()
    assert run(["native", str(SHIPPED["en"]), "--output", str(tmp_path / "twin.xlsx")], "en") == 2
    assert "Excel" in capsys.readouterr().err
