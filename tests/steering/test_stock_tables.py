"""The sheets Stock by state and Questionnaire: what they say, what holds without them, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import oracle
import pytest
from books_of_items import book_of

from smile_xl.books.archive import store
from smile_xl.books.archive.past import past_in
from smile_xl.books.csvs import example_folder, read_folder
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.settings import Settings
from smile_xl.planning.steering.questionnaire import QUESTIONS, Answers
from smile_xl.planning.steering.tables import Steering
from smile_xl.reports.master import settings_page
from smile_xl.reports.steering.tables import steering_pages

ITEMS = [
    oracle.Item("Morocco", "0011", "Regular", 4.0, opening=50.0),
    oracle.Item("Algeria", "0011", "Regular", 4.0, opening=20.0),
]
STATE_HEADS = ["Country", "SAP code", "State", "Tonnes", "Counted (t)"]


def book(**sheets: list[list[object]]) -> MemoryBook:
    made = book_of(ITEMS)
    rows = {name: made.read(name).rows for name in made.sheet_names()}
    return MemoryBook(rows | {name.replace("_", " "): given for name, given in sheets.items()})


def steering(made: MemoryBook) -> Steering:
    return make_cycle(made).inputs.steering


# --------------------------------------------------------------------------------------------------- stock by state


def test_states_are_read_by_item_and_rows_of_one_state_add_up() -> None:
    rows = [
        ["Morocco", 11.0, "unrestricted", 40.0, 39.5],
        ["Morocco", "11", "Bloqué", 4.0, None],
        ["Morocco", "11", "blocked", 6.0, 6.0],
    ]
    states = steering(book(Stock_by_state=[STATE_HEADS, *rows])).states
    assert states.given("blocked", 2).tolist() == [10.0, 0.0]
    assert states.given("unrestricted", 2).tolist() == [40.0, 0.0]
    np.testing.assert_array_equal(states.counted, [39.5, np.nan, 6.0])


@pytest.mark.parametrize(
    ("row", "cell", "severity", "words"),
    [
        (["Morocco", "11", "lost", 50.0], "C2", "error", ["lost", "unrestricted"]),
        (["Morocco", "11", "blocked", "many"], "D2", "error", ["many"]),
        (["Morocco", "11", "blocked", -1.0], "D2", "error", ["negative"]),
        (["Morocco", "11", "blocked", None], "D2", "error", ["blank"]),
        (["Morocco", "12", "blocked", 1.0], "B2", "warning", ["Morocco 12"]),
        (["Morocco", "11", "blocked", 49.0], "D2", "warning", ["49", "50"]),
    ],
)
def test_what_can_not_be_is_named(row: list[object], cell: str, severity: str, words: list[str]) -> None:
    found = next(one for one in find_all(book(Stock_by_state=[STATE_HEADS, row])) if one.sheet == "Stock by state")
    assert (found.severity, found.cell) == (severity, cell)
    assert all(word in found.line("en") for word in words)
    assert found.line("fr") != found.line("en")


# ----------------------------------------------------------------------------------------------------- questionnaire


def answers(*rows: list[object], heads: tuple[str, str] = ("Question", "Answer")) -> Answers:
    return steering(book(Questionnaire=[list(heads), *rows])).answers


def test_answers_replace_the_usual_ones_in_either_language() -> None:
    found = answers(
        ["Service wanted for A items?", 0.995], ["service_c", None], ["Who owns the stock policy of B items?", "Amina"]
    )
    assert found == Answers(service_a=0.995, owner_b="Amina")
    french = answers(["Combien de mois dure un lancement ?", 4.0], ["stock_cz", "non"], heads=("Question", "Réponse"))
    assert french == Answers(launch_months=4.0, stock_cz=False)
    assert found.service("A") == 0.995
    assert found.service("C", strategic=True) == 0.99
    assert found.owner("B") == "Amina"


def test_the_sheet_says_in_its_language_what_an_answer_may_be_and_marks_what_is_typed() -> None:
    wants = {}
    for spoken in ("en", "fr"):
        page = next(one for one in steering_pages(make_cycle(read_folder(example_folder(), spoken)).inputs)
                    if one.sheet == "Questionnaire")  # fmt: skip
        wants[spoken] = str(page.blocks[0].rows[0][2])
        assert [column.is_input for column in page.blocks[0].columns] == [False, True, False]
    assert "0.5 ... 0.9999" in wants["en"]
    assert "0,5 ... 0,9999" in wants["fr"]


@pytest.mark.parametrize(
    ("row", "severity", "words"),
    [
        (["service_a", 1.0], "error", ["0.5 ... 0.9999"]),
        (["service_a", "high"], "error", ["high"]),
        (["launch_months", 2.5], "error", ["0, 1, ... 12"]),
        (["stock_cz", "maybe"], "error", ["yes, no"]),
        (["medium_lead", 30.0], "error", ["long lead time"]),
        (["Is it Monday?", 1.0], "warning", ["Monday", "no effect"]),
    ],
)
def test_an_answer_that_can_not_be_is_named(row: list[object], severity: str, words: list[str]) -> None:
    made = book(Questionnaire=[["Question", "Answer"], row])
    (found,) = [one for one in find_all(made) if one.sheet == "Questionnaire"]
    assert found.severity == severity
    assert all(word in found.line("en") for word in words)
    assert found.line("fr") != found.line("en")


def test_a_question_that_stands_twice_is_an_error() -> None:
    found = find_all(book(Questionnaire=[["Question", "Answer"], ["service_a", 0.9], ["service_a", 0.95]]))
    assert ("error", "A3") in [(one.severity, one.cell) for one in found]


def test_sheets_of_those_names_for_something_else_are_left_alone() -> None:
    made = book(Questionnaire=[["Name", "Vote"], ["x", 1.0]], Stock_by_state=[["Colour"], ["red"]])
    assert steering(made).answers == Answers()
    assert {one.severity for one in find_all(made) if one.sheet in ("Questionnaire", "Stock by state")} == {"warning"}


# ------------------------------------------------------------------------------------------------- pages and settings


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_the_pages_read_back_as_they_were_given(spoken: str) -> None:
    made = book(
        Settings=[["Setting", "Value"], ["Language", spoken]],
        Stock_by_state=[STATE_HEADS, ["Morocco", "11", "blocked", 50.0, 49.0]],
        Questionnaire=[["Question", "Answer"], ["stock_cz", "no"], ["owner_a", "Leïla"], ["strategic_weeks", 3.0]],
    )
    inputs = make_cycle(made).inputs
    pages = {page.sheet: page.cells() for page in steering_pages(inputs)}
    again = make_cycle(book(Settings=[["Setting", "Value"], ["Language", spoken]], **pages)).inputs
    assert again.steering.answers == inputs.steering.answers != Answers()
    assert again.fingerprint() == inputs.fingerprint() != make_cycle(book_of(ITEMS)).inputs.fingerprint()


def test_every_question_says_what_it_is_used_for() -> None:
    for spoken in ("en", "fr"):
        made = book(Settings=[["Setting", "Value"], ["Language", spoken]])
        (page,) = [page for page in steering_pages(make_cycle(made).inputs) if page.sheet == "Questionnaire"]
        assert len(page.blocks[0].rows) == len(QUESTIONS)
        assert all("{" not in str(row[2]) and len(str(row[2])) > 20 for row in page.blocks[0].rows)


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_the_settings_of_segments_and_stock_read_back(spoken: str) -> None:
    wanted = Settings(language=spoken, abc_cuts=(0.7, 0.9), abc_scope="all", stock_levels=("brand", "item"))  # type: ignore[arg-type]
    page = settings_page(wanted, None)
    found = make_cycle(book(Settings=page.cells())).inputs.settings
    assert (found.abc_cuts, found.abc_scope, found.stock_levels) == ((0.7, 0.9), "all", ("brand", "item"))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("ABC cuts", "0.95; 0.8"), ("ABC cuts", "80; 95"), ("ABC scope", "world"), ("Stock levels", "country; moon"), ("Stock levels", "item; item")],
)  # fmt: skip
def test_a_setting_that_can_not_be_is_named(setting: str, value: str) -> None:
    found = find_all(book(Settings=[["Setting", "Value"], [setting, value]]))
    assert [(one.severity, one.sheet, one.cell) for one in found if one.severity == "error"] == [
        ("error", "Settings", "B2")
    ]


def test_an_archived_cycle_gives_the_tables_back(tmp_path: Path) -> None:
    then = make_cycle(read_folder(example_folder(), "fr"))
    store.keep(then, "plan.xlsx", tmp_path, dt.datetime(2023, 8, 4))
    again = make_cycle(past_in(tmp_path).book(dt.date(2023, 8, 1))).inputs.steering
    for name in ("attributes", "states", "answers"):
        assert getattr(then.inputs.steering, name).fingerprint() == getattr(again, name).fingerprint() != b""
