"""explain: an item's figure with its equation, its cells and the rules that applied."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import oracle
import pytest
from books_of_items import START, book_of, month
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.core import projected_value
from smile_xl.formulas.cells import CellFormula, Span
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.planning.months import month_name, month_said
from smile_xl.planning.selection import NotFoundError
from smile_xl.reports.explained import explained

BOOKS = Path(__file__).parent.parent / "workbook"
SHIPPED = {"en": BOOKS / "master_file.xlsx", "fr": BOOKS / "fichier_maitre.xlsx"}
REPORTS = ("closing", "orders", "safety", "cover", "projection")


def shown(text: str) -> tuple[list[Decimal], Decimal]:
    """Terms and value of the equation, as the second line shows them."""
    left, _, right = text.splitlines()[1].replace(",", ".").partition(" = ")
    terms = re.findall(r"(?:^|([+-]) )(-?[\d.]+)", left)
    return [-Decimal(one) if sign == "-" else Decimal(one) for sign, one in terms], Decimal(right)


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """Amount, text and cells of each line of the table."""
    for line in text.split("\n\n")[1].splitlines():
        amount, words, *cells = re.split(r" {2,}", line)
        yield amount, words, cells[0] if cells else ""


def figures(cycle: Cycle, report: str) -> np.ndarray:
    """What the plan says, shape (items, months)."""
    plan, inputs = cycle.plan, cycle.inputs
    if report == "projection":
        return projected_value(plan.closing, plan.pipeline, inputs.unit_cost, inputs.landed_cost)[:, :10]
    return getattr(plan, report)


# ------------------------------------------------------------------------------------------------ what the text shows


@given(st.integers(0, 10_000), st.sampled_from(["exact", "average"]), st.booleans())
@settings(max_examples=12)
def test_the_terms_add_up_to_the_figure_on_random_portfolios(seed: int, method: str, net: bool) -> None:
    book = book_of(random_items(seed), method=method, net_transit=net)
    cycle = make_cycle(book)
    for item in range(len(cycle.inputs.items)):
        for place in (0, 1, 2, 5, 9):
            for report in REPORTS:
                terms, value = shown(explained(book, cycle, report, item, place, "en"))
                assert sum(terms) == value
                portfolio = cycle.inputs.portfolio
                if report == "cover":
                    stock = portfolio.opening[item] if place == 0 else cycle.plan.closing[item, place - 1]
                    figure, _ = oracle.exact_cover(max(stock, 0.0), portfolio.demand[item, place:].tolist())
                else:
                    figure = figures(cycle, report)[item, place]
                assert float(value) == pytest.approx(figure, rel=1e-9, abs=1e-9)


def random_items(seed: int) -> list[oracle.Item]:
    random = np.random.default_rng(seed)

    def number(low: float, high: float) -> float:
        return float(random.choice([0.0, round(random.uniform(low, high), 3), random.uniform(low, high)]))

    return [
        oracle.Item(
            country=str(random.choice(["Morocco", "Algeria", "Tunisia"])),
            sap_code=f"0000{place}",
            status=str(random.choice(["Regular", "Promotion", "To be delisted", "Delisted"])),
            weeks_cover=number(0, 30),
            category="C",
            sub_category="S",
            brand=f"B{place % 2}",
            moq=number(0, 200),
            multiple=number(0.5, 50),
            demand=[number(0, 300) for _ in range(14)],
            opening=number(0, 900),
            transit=[number(0, 200) for _ in range(8)],
            confirmed=[None if random.random() < 0.7 else number(0, 300) for _ in range(12)],
            unit_cost=number(500, 3000),
            landed_cost=number(500, 4000),
        )
        for place in range(4)
    ]


@functools.cache
def shipped(spoken: str) -> tuple[XlsxBook, openpyxl.Workbook, Cycle]:
    """A shipped book, what another reader sees in it, and its cycle."""
    book = XlsxBook(SHIPPED[spoken])
    return book, openpyxl.load_workbook(SHIPPED[spoken], data_only=True), make_cycle(book)


@pytest.mark.parametrize("spoken", SHIPPED)
@pytest.mark.parametrize("report", REPORTS)
def test_each_term_is_the_number_of_the_cell_that_it_names(report: str, spoken: str) -> None:
    book, values, cycle = shipped(spoken)
    checked = 0
    for item in range(0, len(cycle.inputs.items), 40 if report == "cover" else 9):
        for place in (0, 1, 2, 3, 6, 9):
            for amount, words, cells in rows(explained(book, cycle, report, item, place, spoken)):
                if not re.fullmatch(r"[^!]+![A-Z]+\d+", cells):
                    continue
                sheet, cell = cells.split("!")
                number, held = float(re.sub(r"^[+=-] ", "", amount).replace(",", ".")), values[sheet][cell].value
                direct = amount[0] == "=" or report in ("closing", "orders")
                if direct and not words.startswith(("up to", "jusqu'")):
                    floor = 0 if words.startswith("stock") and amount[0] != "=" else -np.inf  # a shortage is lost
                    assert number == pytest.approx(max(held or 0, floor), rel=1e-9, abs=1e-9)
                    checked += 1
                elif report == "safety":
                    assert f"{held:.10g}".replace(".", "," if spoken == "fr" else ".") in words
                    checked += 1
    assert checked or report in ("cover", "projection")


def test_the_cells_of_a_projection_are_those_of_its_costs() -> None:
    book, values, cycle = shipped("en")
    for amount, _, cells in list(rows(explained(book, cycle, "projection", 40, 3, "en")))[:-1]:
        factors = [values[place.split("!")[0]][place.split("!")[1]].value for place in cells.split(", ")]
        assert float(amount.removeprefix("+ ")) == pytest.approx(max(factors[0], 0) * factors[1])


def test_a_planner_gets_the_equation_of_a_closing_stock(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", str(SHIPPED["en"]), "--item", "68384144", "--country", "algeria", "--month", "2023-10"]
    assert run(command, "en") == 0
    assert capsys.readouterr().out.splitlines() == [
        "Closing stock (t), end of Oct-23: Algeria 68384144 SOS 8L x02",
        "0 + 0 + 113.09447059 - 42.465 = 70.62947059",
        "",
        "+ 0             stock left from Sep-23          SRM!BS7",
        "+ 0             transit of W8, lands in Oct-23  SRM!AG7",
        "+ 113.09447059  orders of Oct-23                SRM!BH7",
        "- 42.465        demand of Oct-23                SRM!O7",
        "= 70.62947059   closing                         SRM!BT7",
        "",
        "A shortage of 6.338 t is lost, not carried into the month.",
        "Country Algeria: 2 frozen months, W1..W8 land in the months 0 0 0 1 1 1 1 2 (0 is the current one), "
        "2 pipeline months (Countries!A6).",
    ]


def test_months_are_understood_in_both_languages() -> None:
    for place in range(12):
        for spoken in ("en", "fr"):
            assert month_said(month_name(month(place), spoken)) == month(place)
    assert month_said("août 2023") == month_said("AUGUST-23") == month_said("2023-08") == START
    assert month_said("aout-23") == START
    assert month_said("Smarch-23") is None
    assert month_said("2023-13") is None


def test_french_figures_have_a_comma_and_french_words(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", str(SHIPPED["fr"]), "--item", "000068384144", "--country", "algérie", "--month", "oct.-23"]
    assert run([*command, "--report", "orders", "--lang", "fr"], "fr") == 0
    out = capsys.readouterr().out
    assert "42,465 + 70,62947059 + 0 = 113,09447059" in out
    assert "stock de sécurité, oct.-23" in out
    assert "Statut Régulier : des commandes sont proposées" in out
    assert "Pays!A6" in out
    assert "Statuts!A5" in out


@pytest.mark.parametrize(
    ("item", "country", "when", "words"),
    [
        pytest.param("68384145", "Algeria", "2023-10", "Did you mean 68384144", id="a code with a digit wrong"),
        pytest.param("zzz", "Algeria", "2023-10", "It has 68384144", id="a code like no other"),
        pytest.param("68384144", "Algeriaa", "2023-10", "Did you mean Algeria?", id="a country with a letter too many"),
        pytest.param("68384144", "Spain", "2023-10", "It has Algeria, Morocco, Tunisia", id="another country"),
        pytest.param("68384144", "Algeria", "2022-10", "Give one from Aug-23 to Jul-24, such as 2023-08", id="a month of another year"),
        pytest.param("68384144", "Algeria", "soon", "Give one from Aug-23 to Jul-24", id="no month"),
    ],
)  # fmt: skip
def test_what_is_not_found_comes_with_what_is_near(item, country, when, words, capsys) -> None:
    command = ["explain", str(SHIPPED["en"]), "--item", item, "--country", country, "--month", when]
    assert run(command, "en") == 2
    out, err = capsys.readouterr()
    assert words in err
    assert (out, len(err.splitlines())) == ("", 1)


def test_a_projection_ends_after_ten_months(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", str(SHIPPED["en"]), "--item", "68384144", "--country", "Algeria", "--month", "2024-06"]
    assert run([*command, "--report", "projection"], "en") == 2
    assert "Give one from Aug-23 to May-24" in capsys.readouterr().err


def test_a_code_of_another_country_is_said_to_be_there() -> None:
    book = book_of([oracle.Item("Algeria", "77", "Regular", 4.0), oracle.Item("Tunisia", "88", "Regular", 4.0)])
    with pytest.raises(NotFoundError) as error:
        commands.explain(book, "closing", "Algeria", "88", "2023-10", "en")
    assert error.value.text("en") == 'memory has no item "88" in Algeria. It is an item of Tunisia.'


def test_built_in_rules_have_no_cell() -> None:
    book = book_of(random_items(1))
    without = MemoryBook({name: book.read(name).rows for name in book.sheet_names() if name != "Countries"})
    last = [explained(one, make_cycle(one), "closing", 0, 1, "en").splitlines()[-1] for one in (book, without)]
    assert last[0].endswith("pipeline months (Countries!A3).")
    assert last[1] == last[0].replace(" (Countries!A3)", "")


# ------------------------------------------------------------------------------------------------- the selected cell


def test_a_result_cell_is_explained_as_the_item_and_month_are() -> None:
    book = XlsxBook(SHIPPED["fr"])
    cycle = make_cycle(book)
    for report, columns in cycle.inputs.srm.results.items():
        text = commands.explain_cell(book, "SRM", cycle.inputs.srm.table.rows[4], columns[3])
        assert text == explained(book, cycle, report, 4, 3, "fr")


def test_another_cell_says_what_to_select() -> None:
    text = commands.explain_cell(XlsxBook(SHIPPED["en"]), "Costs", 7, 3)
    assert text.startswith(
        "Costs!D8 holds no result. Select a cell in the blocks Safety stock, Orders or Closing of SRM"
    )


@pytest.mark.parametrize(
    ("formula", "cell", "words"),
    [
        pytest.param("SMILE_CLOSING(A1:A2,B1:B2,C1:J2,K1:M2,N1:P2)", (1, 1), "closing, month 1: 6 (stock left from month 0) + 7 (transit of W4, lands in month 1) - 5 (demand of month 1) = 8 t", id="row and column of an array formula"),
        pytest.param("IFERROR([1]!SMILE_CLOSING(A1:A2,B1:B2,C1:J2,K1:M2,N1:P2),0)", (1, 0), "month 0: 10 (opening stock) - 4 (demand of month 0) = 6 t", id="a call inside IFERROR, stored with its add-in"),
        pytest.param("SMILE_WEEKSCOVER(B1:B2,K1:M2)", (1, 0), "Stock at the start of the month: 10 t", id="weeks of cover"),
        pytest.param("SMILE_SAFETYSTOCK(K1:M2,4.25,\"exact\",1)", (0, 0), "safety, month 1: 3 (month 2", id="the month that the formula asks for"),
        pytest.param("SMILE_CLOSING(A1:A2,B1:B2,C1:J2,K1:M2,SMILE_ORDERS(1,2))", (0, 0), "can't be explained: SMILE_ORDERS stands inside another function", id="a call inside a call"),
        pytest.param("SMILE_CLOSING(B1:B2,B1:B2,C1:J2,K1:M2,N1:P2)", (0, 0), "can't be explained: the country", id="wrong arguments"),
        pytest.param("SMILE_RISK(K1:M2)", (0, 0), "holds no result", id="another function"),
        pytest.param("SUM(K1:M2)", (0, 0), "holds no result", id="a formula of the spreadsheet"),
    ],
)  # fmt: skip
def test_a_cell_with_a_formula_is_explained_with_its_own_row_and_month(formula, cell, words) -> None:
    rows = [
        ["Morocco", 100.0, *[0.0] * 8, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0],
        ["Algeria", 10.0, 0.0, 0.0, 0.0, 7.0, *[0.0] * 4, 4.0, 5.0, 6.0, 0.0, 0.0, 9.0],
    ]
    text = commands.explain_cell(
        MemoryBook({"Mine": rows}), "Mine", *cell, CellFormula(Span(0, 0, 1, 2), formula, is_array=True)
    )
    assert words in text


def test_a_cell_with_a_formula_names_the_cells_of_its_own_row() -> None:
    rows = [["Morocco", 100.0, *[0.0] * 8, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0]] * 2
    formula = CellFormula(Span(0, 20, 1, 22), "SMILE_CLOSING(A1:A2,B1:B2,C1:J2,K1:M2,N1:P2)", is_array=True)
    text = commands.explain_cell(MemoryBook({"Mine": rows}), "Mine", 1, 20, formula)
    assert text.startswith("Mine!U2, SMILE_CLOSING: closing, month 0: ")
    assert text.endswith(
        "Inputs: country Mine!A2, opening Mine!B2, transit Mine!C2:J2, demand Mine!K2:M2, orders Mine!N2:P2."
    )


def test_the_page_on_explain_shows_what_the_command_says(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.chdir(BOOKS.parent)
    blocks = re.findall(
        r"```\n(.*?)\n```", (BOOKS.parent / "docs" / "explain.md").read_text(encoding="utf-8"), re.DOTALL
    )
    shown_commands = [(block, blocks[place + 1]) for place, block in enumerate(blocks) if block.startswith("smile-xl ")]
    assert len(shown_commands) == 2
    for command, output in shown_commands:
        assert run(command.split()[1:], "en") == 0
        assert capsys.readouterr().out.strip() == output
