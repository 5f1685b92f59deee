"""The sheets Decisions, Actions, Register and Gap causes: what they say, and what is refused."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from steering.meeting_books import ACTIONS, DECISIONS, REGISTER, book

from smile_xl.books.archive import store
from smile_xl.books.archive.past import past_in
from smile_xl.books.csvs import example_folder, read_folder
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.steering.causes import cause_of
from smile_xl.planning.steering.register import to_settle
from smile_xl.reports.steering.tables import steering_pages

AUGUST = dt.date(2023, 8, 1)


def codes(made, severity="error"):
    return [(one.sheet, one.cell, one.code) for one in find_all(made) if one.severity == severity]


def test_a_decision_says_who_does_what_until_when_and_to_what_effect():
    row = ["D1", dt.date(2023, 7, 1), "Executive review", "Less stock", "algeria", "sos", "Supply", "Amine", dt.date(2023, 9, 30), -5000.0, "open"]  # fmt: skip
    (found,) = make_cycle(book(decisions=[row])).inputs.steering.decisions
    assert (found.number, found.month, found.meeting, found.text) == ("D1", dt.date(2023, 7, 1), "executive", "Less stock")  # fmt: skip
    assert (found.country, found.sub_category, found.driver) == ("Algeria", "SOS", "supply")
    assert (found.owner, found.due, found.expected, found.status) == ("Amine", dt.date(2023, 9, 30), -5000.0, "open")


def test_what_is_blank_stands_for_all_and_for_open():
    (found,) = make_cycle(
        book(actions=[["A1", None, None, "Count again", *[None] * 3, "Lina"]])
    ).inputs.steering.actions
    assert (found.country, found.sub_category, found.driver, found.status) == ("", "", "", "open")
    assert math.isnan(found.expected)
    assert not found.overdue(dt.date(2030, 1, 1))


@pytest.mark.parametrize(
    ("due", "status", "late"),
    [
        pytest.param(dt.date(2023, 7, 31), "open", True, id="open and due yesterday"),
        pytest.param(AUGUST, "open", False, id="due today"),
        pytest.param(dt.date(2023, 7, 31), "done", False, id="done"),
        pytest.param(dt.date(2023, 7, 31), "dropped", False, id="dropped"),
    ],
)
def test_a_row_is_overdue_when_it_is_open_after_its_date(due, status, late):
    row = ["A1", None, None, "Count again", None, None, None, "Lina", due, None, status]
    (found,) = make_cycle(book(actions=[row])).inputs.steering.actions
    assert found.overdue(AUGUST) is late


def test_french_sheets_and_words_are_understood():
    heads = ["N°", "Mois", "Réunion", "Décision", "Responsable", "Échéance", "Statut"]
    row = ["D1", "2023-07", "Revue de direction", "Moins de stock", "Amine", dt.date(2023, 9, 30), "faite"]
    (found,) = make_cycle(book(more={"Décisions": [heads, row]})).inputs.steering.decisions
    assert (found.meeting, found.status, found.owner) == ("executive", "done", "Amine")


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param({"decisions": [["D1", "soon", None, "x"]]}, ("Decisions", "B2", "date_unknown"), id="a month that is none"),
        pytest.param({"decisions": [["D1", None, "lunch", "x"]]}, ("Decisions", "C2", "choice_unknown"), id="a meeting that there is not"),
        pytest.param({"decisions": [["D1", None, None, "x", "Spain"]]}, ("Decisions", "E2", "scope_unknown"), id="a country without items"),
        pytest.param({"actions": [["A1", None, None, "x", None, "XYZ"]]}, ("Actions", "F2", "scope_unknown"), id="a sub-category without items"),
        pytest.param({"actions": [["A1", None, None, "x", None, None, None, "L", "later"]]}, ("Actions", "I2", "date_unknown"), id="a date that is none"),
        pytest.param({"decisions": [["D1", None, None, "x"], ["d1", None, None, "y"]]}, ("Decisions", "A3", "twice"), id="a number twice"),
        pytest.param({"decisions": [[None, None, None, "x"]]}, ("Decisions", "A2", "blank"), id="no number"),
        pytest.param({"decisions": [["D1", *[None] * 8, "much"]]}, ("Decisions", "J2", "not_a_number"), id="an effect in words"),
        pytest.param({"register": [["R1", "hope", "x"]]}, ("Register", "B2", "choice_unknown"), id="neither risk nor opportunity"),
        pytest.param({"register": [["R1", "risk", "x", *[None] * 4, 1.5]]}, ("Register", "H2", "out_of_range"), id="more than certain"),
        pytest.param({"register": [["R1", "risk", "x", *[None] * 4, -0.1]]}, ("Register", "H2", "negative"), id="less than impossible"),
        pytest.param({"register": [["R1", "risk", "x", *[None] * 7, "maybe"]]}, ("Register", "K2", "flag_unknown"), id="neither true nor not"),
        pytest.param({"causes": [[None, None, None, "weather", "x"]]}, ("Gap causes", "D2", "choice_unknown"), id="a cause that is not in the list"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_an_error_at_its_cell(tables, expected):
    assert expected in codes(book(**tables))


def test_warnings_name_rows_without_owner_loose_actions_and_events_to_settle():
    made = book(
        decisions=[["D1", None, None, "x"]],
        actions=[["A1", None, "D9", "x", *[None] * 3, "Lina"]],
        register=[["R1", "risk", "x", *[None] * 3, dt.date(2023, 5, 1), 0.5, 10.0, dt.date(2023, 7, 1)]],
    )
    found = codes(made, "warning")
    assert {code for _, _, code in found} >= {"owner_missing", "decision_unknown", "event_unsettled"}
    assert not codes(made)


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param({"decisions": [["D1", None, None, "x", *[None] * 3, "L"]]}, [("Decisions", "", "month_missing")], id="a decision of no cycle"),
        pytest.param({"actions": [["A1", dt.date(2030, 8, 1), None, "x", *[None] * 3, "L"]]}, [("Actions", "", "month_ahead")], id="an action of a cycle to come"),
        pytest.param({"decisions": [["D1", None, None, "x", *[None] * 3, "L", None, None, "dropped"]]}, [], id="what was dropped needs no month"),
        pytest.param({"decisions": [["D1", AUGUST, None, "x", *[None] * 3, "L"]]}, [], id="a decision of this cycle"),
        pytest.param({"register": [["R1", "risk", "x", *[None] * 3, AUGUST, 0.5, 10.0]]}, [("Register", "", "event_incomplete")], id="an event without owner and end"),
        pytest.param({"register": [["R1", "risk", "x", None, None, "L", AUGUST, 0.5, 10.0, AUGUST]]}, [], id="a whole event"),
        pytest.param({"register": [["R1", "risk", "x", *[None] * 7, "no"]]}, [], id="a settled event is left alone"),
        pytest.param({"causes": [[AUGUST, "Morocco", None, "launch"], [AUGUST, "Morocco", None, "price"]]}, [("Gap causes", "D3", "cause_twice")], id="two causes of one gap"),
        pytest.param({"causes": [[AUGUST, "Morocco", None, "launch"], [None, "Morocco", None, "price"]]}, [], id="the cause of a cycle beside that of all"),
        pytest.param({"more": {"Policies": [["Applies to", "Target", "Owner"], ["country = Morocco", 5, None]]}}, [("Policies", "C2", "owner_missing")], id="a rule of nobody"),
        pytest.param({"more": {"Policies": [["Applies to", "Target", "Owner"], ["country = Morocco", 5, "L"]]}}, [], id="a rule of somebody"),
    ],
)  # fmt: skip
def test_what_would_be_lost_in_silence_is_a_warning(tables, expected):
    bare = codes(book(), "warning")
    found = [one for one in codes(book(**tables), "warning") if one not in bare]
    assert [(sheet, cell if cell[:1] in "CD" else "", code) for sheet, cell, code in found] == expected


def test_an_event_is_to_be_settled_once_its_month_has_passed():
    def event(number, settles, came_true=None):
        return [number, "risk", "x", *[None] * 3, None, 0.5, 10.0, settles, came_true]

    rows = [event("R1", dt.date(2023, 7, 1)), event("R2", AUGUST), event("R3", dt.date(2023, 6, 1), "no"), event("R4", None)]  # fmt: skip
    register = make_cycle(book(register=rows)).inputs.steering.register
    assert [one.number for one in to_settle(register, AUGUST)] == ["R1"]


def test_the_cause_for_exactly_a_group_comes_before_one_for_all():
    rows = [
        [None, None, None, "other", "all"],
        [AUGUST, "Morocco", None, "launch", "country"],
        [AUGUST, "Morocco", "SOS", "price", "both"],
        [dt.date(2023, 7, 1), "Algeria", "SOS", "price", "last cycle's"],
    ]
    causes = make_cycle(book(causes=rows)).inputs.steering.causes
    found = {key: cause_of(causes, AUGUST, *key).comment for key in (("Morocco", "SOS"), ("Morocco", "POP"), ("Algeria", "SOS"))}  # fmt: skip
    assert found == {("Morocco", "SOS"): "both", ("Morocco", "POP"): "country", ("Algeria", "SOS"): "all"}
    assert cause_of([], AUGUST, "Morocco", "SOS") is None


def test_a_sheet_of_the_same_name_with_other_headers_is_somebody_elses():
    made = book(more={"Actions": [["Stock exchange", "Price"], ["SMILE", 12.0]]})
    assert make_cycle(made).inputs.steering.actions == []
    assert not codes(made)


def test_the_tables_do_not_move_a_figure_and_are_in_the_fingerprint():
    bare, full = make_cycle(book()), make_cycle(book(decisions=[["D1", None, None, "x", *[None] * 3, "L"]]))
    assert (bare.plan.closing == full.plan.closing).all()
    assert bare.inputs.fingerprint() != full.inputs.fingerprint()


def test_the_input_pages_give_back_what_was_read():
    tables = {
        "decisions": [["D1", AUGUST, "Supply review", "x", "Morocco", "SOS", "Cost", "L", dt.date(2023, 9, 3), 5.0, "done"]],
        "actions": [["A1", AUGUST, "D1", "y", "Morocco", "", "", "L", dt.date(2023, 9, 3), 5.0, "dropped"]],
        "register": [["R1", "opportunity", "z", "", "POP", "L", AUGUST, 0.25, 9.0, AUGUST, "yes", 7.0]],
    }  # fmt: skip
    inputs = make_cycle(book(**tables)).inputs
    pages = {page.sheet: page for page in steering_pages(inputs)}
    again = book(more={name: pages[name].cells() for name in ("Decisions", "Actions", "Register", "Gap causes")})
    steering, before = make_cycle(again).inputs.steering, inputs.steering
    assert [vars(one) | {"row": 0} for one in steering.decisions + steering.actions] == [vars(one) | {"row": 0} for one in before.decisions + before.actions]  # fmt: skip
    assert [vars(one) | {"row": 0} for one in steering.register] == [vars(one) | {"row": 0} for one in before.register]


def test_an_archived_cycle_gives_the_tables_back(tmp_path):
    then = make_cycle(read_folder(example_folder(), "fr"))
    store.keep(then, "plan.xlsx", tmp_path, dt.datetime(2023, 8, 4))
    again = make_cycle(past_in(tmp_path).book(AUGUST)).inputs.steering
    for name in ("causes", "decisions", "actions", "register"):
        rows = getattr(then.inputs.steering, name)
        assert rows
        assert [repr(one) for one in getattr(again, name)] == [repr(one) for one in rows]


def test_the_example_speaks_the_language_of_the_book():
    english, french = (make_cycle(read_folder(example_folder(), spoken)).inputs.steering for spoken in ("en", "fr"))
    assert english.decisions[0].text.startswith("No more orders")
    assert french.decisions[0].text.startswith("Plus de commandes")
    assert (english.decisions[0].country, french.decisions[0].country) == ("Morocco", "Maroc")


@pytest.mark.parametrize(("name", "heads"), [("Decisions", DECISIONS), ("Actions", ACTIONS), ("Register", REGISTER)])
def test_a_table_without_rows_says_nothing(name, heads):
    steering = make_cycle(book(more={name: [heads]})).inputs.steering
    assert steering.decisions == steering.actions == steering.register == []
