"""The sheet Item attributes: what it says, what holds without it, and what is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import oracle
import pytest
from books_of_items import book_of

from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.steering.attributes import Attributes
from smile_xl.reports.steering.tables import steering_pages

HEADS = [
    "Country",
    "SAP code",
    "Flow type",
    "Site",
    "Strategic",
    "Launch month",
    "Lead time (weeks)",
    "Anticipation until",
]


def item(country: str, code: str) -> oracle.Item:
    return oracle.Item(country, code, "Regular", 4.0, demand=[10.0] * 12)


ITEMS = [item("Morocco", "0011"), item("Algeria", "0011"), item("Tunisia", "12")]


def book(*rows: list[object], heads: list[str] = HEADS, sheet: str = "Item attributes") -> MemoryBook:
    made = book_of(ITEMS)
    return MemoryBook({name: made.read(name).rows for name in made.sheet_names()} | {sheet: [heads, *rows]})


def attributes(made: MemoryBook) -> Attributes:
    return make_cycle(made).inputs.steering.attributes


def test_a_row_says_what_differs_and_all_else_has_its_default() -> None:
    row = ["algeria", 11.0, "made to order", "Oran", "yes", dt.date(2023, 9, 15), 6.5, "2023-12"]
    found = attributes(book(row))
    assert found.flow == ["mts", "mto", "mts"]
    assert found.site == ["-", "Oran", "-"]
    assert found.strategic.tolist() == [False, True, False]
    assert found.launch == [None, dt.date(2023, 9, 1), None]
    assert found.lead_time.tolist() == pytest.approx([np.nan, 6.5, np.nan], nan_ok=True)
    assert found.anticipation == [None, dt.date(2023, 12, 1), None]
    assert found.given == (1,)


def test_the_sheet_is_understood_in_french_with_its_columns_in_any_order() -> None:
    heads = ["Type de flux", "Stratégique", "Code SAP", "Pays", "Délai (semaines)"]
    found = attributes(book(["projet", "oui", "12", "Tunisia", 3.0], heads=heads, sheet="Attributs des articles"))
    assert (found.flow[2], found.strategic[2], found.lead_time[2], found.site[2]) == ("project", True, 3.0, "-")


@pytest.mark.parametrize(
    "rows", [[], [["Morocco", "11", None, None, None, None, None, None]]], ids=["no row", "blanks"]
)
def test_blanks_and_an_empty_sheet_leave_the_defaults(rows: list[list[object]]) -> None:
    found = attributes(book(*rows))
    assert found.flow == ["mts"] * 3
    assert not found.strategic.any()


@pytest.mark.parametrize(
    ("row", "cell", "severity", "words"),
    [
        (["Morocco", "11", "made to measure"], "C2", "error", ["made to measure", "MTS, MTO, ATO, project"]),
        (["Morocco", "11", "MTS", "", "perhaps"], "E2", "error", ["perhaps", "yes"]),
        (["Morocco", "11", "MTS", "", "", "soon"], "F2", "error", ["soon"]),
        (["Morocco", "11", "MTS", "", "", None, "long"], "G2", "error", ["long"]),
        (["Morocco", "11", "MTS", "", "", None, -1.0], "G2", "error", ["negative"]),
        (["Morocco", "", "MTS"], "B2", "error", ["blank"]),
        (["Morocco", "99", "MTS"], "B2", "warning", ["Morocco 99", "no effect"]),
    ],
)
def test_what_can_not_be_is_named_with_its_cell(row: list[object], cell: str, severity: str, words: list[str]) -> None:
    made = book(row)
    (found,) = [one for one in find_all(made) if one.sheet == "Item attributes"]
    assert (found.severity, found.cell) == (severity, cell)
    for word in words:
        assert word in found.line("en")
    assert found.line("fr") != found.line("en")


def test_an_item_that_stands_twice_is_an_error() -> None:
    found = [
        one for one in find_all(book(["Morocco", "11", "MTS"], ["Morocco", "0011", "MTO"])) if one.severity == "error"
    ]
    assert [(one.sheet, one.cell) for one in found] == [("Item attributes", "B3")]


def test_a_sheet_of_that_name_with_other_headers_is_left_alone() -> None:
    made = book(["red", 1.0], heads=["Colour", "Size"])
    (found,) = [one for one in find_all(made) if one.sheet == "Item attributes"]
    assert found.severity == "warning"
    assert attributes(made).given == ()


def test_the_fingerprint_changes_with_an_attribute_and_stays_without_the_sheet() -> None:
    row = ["Morocco", "11", "MTO", "Casablanca", "yes", None, 4.0, None]
    plain = make_cycle(book_of(ITEMS)).inputs.fingerprint()
    prints = {plain, make_cycle(book(row)).inputs.fingerprint()}
    for place, value in [(2, "ATO"), (3, "Tangier"), (4, "no"), (5, "2023-10"), (6, 5.0), (7, "2023-11")]:
        prints.add(make_cycle(book([*row[:place], value, *row[place + 1 :]])).inputs.fingerprint())
    assert len(prints) == 8
    assert make_cycle(book()).inputs.fingerprint() == plain


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_the_page_reads_back_as_it_was_given(spoken: str) -> None:
    row = ["Morocco", "0011", "ATO", "Tangier", "yes", dt.date(2023, 10, 1), 4.0, dt.date(2023, 11, 1)]
    made = book(row)
    sheets = {name: made.read(name).rows for name in made.sheet_names()}
    sheets["Settings"] = [["Setting", "Value"], ["Language", spoken]]
    cycle = make_cycle(MemoryBook(sheets))
    (page,) = [
        one for one in steering_pages(cycle.inputs) if one.sheet in ("Item attributes", "Attributs des articles")
    ]
    del sheets["Item attributes"]
    again = make_cycle(MemoryBook(sheets | {page.sheet: page.cells()}))
    assert again.inputs.fingerprint() == cycle.inputs.fingerprint()
    assert vars(again.inputs.steering.attributes).keys() == vars(cycle.inputs.steering.attributes).keys()
    assert again.inputs.steering.attributes.anticipation[0] == dt.date(2023, 11, 1)
