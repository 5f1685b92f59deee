"""Faults in the sheets of a workbook: exit 2 or 3, one clear line per finding with its cell, and an untouched book."""

from __future__ import annotations

import datetime as dt

import pytest
from bad_input.judging import assert_errors, counted, edit, untouched


def assert_found(smile, book, *wanted):
    """``check`` lists the errors and exits with 3, ``refresh`` refuses with 2 for the same ones; nothing is written."""
    with untouched(book.parent):
        code, out, err = smile("check", book)
        assert code == 3
        assert_errors(out, wanted)
        assert [line[: line.index(",")] for line in err] == [f"plan.xlsx: {counted(len(wanted), 'error')}"]
        code, out, err = smile("refresh", book)
        assert (code, out) == (2, [])
        assert_errors(err[:-1], wanted)
        assert err[-1] == f"plan.xlsx: errors in the inputs: {len(wanted)}. Nothing was written."


def kind(name, change, *wanted):
    return pytest.param(change, wanted, id=name)


# Changes of more than a cell -----------------------------------------------------------------------------------------


def without_sheet(name):
    return lambda workbook: workbook.remove(workbook[name])


def emptied(name):
    return lambda workbook: workbook[name].delete_rows(1, workbook[name].max_row)


def without_rows(name, first, count=100):
    return lambda workbook: workbook[name].delete_rows(first, count)


def months_from(cell, start):
    """Month headers from a cell of SRM on to the end of the forecast (column X)."""

    def change(workbook):
        year, month = start
        for column in range(workbook["SRM"][cell].column, 25):
            workbook["SRM"].cell(5, column).value = dt.datetime(year, month, 1)
            year, month = year + month // 12, month % 12 + 1

    return change


def second_costs(workbook):
    workbook.copy_worksheet(workbook["Costs"]).title = "Coûts"


def number_header(workbook):
    """A month header of the confirmed orders that lost its date format and its day."""
    cell = workbook["SRM"]["AJ5"]
    cell.value, cell.number_format = 10, "General"


def first_of(year, month):
    return dt.datetime(year, month, 1)


# What a check finds --------------------------------------------------------------------------------------------------

TABLES = [
    kind("no sheet SRM", without_sheet("SRM"), "SRM: the sheet SRM is missing"),
    kind("no sheet Costs", without_sheet("Costs"), "Costs: the sheet Costs is missing"),
    *(
        kind(f"an empty sheet {name}", emptied(name), f"{name}: no header row with {columns} found")
        for name, columns in (
            ("SRM", "Country, SAP code"),
            ("Costs", "Country, SAP code"),
            ("Countries", "Country, Frozen months"),
            ("Statuses", "Status, Propose orders"),
            ("Targets", "Country, Brand"),
            ("Opportunities", "Risk SAP code, Donor SAP code"),
            ("Settings", "Setting, Value"),
        )
    ),
    kind("headers that nobody can guess", {"SRM!B5": "Ref."}, "SRM: no header row with Country, SAP code found"),
    kind("headers without items", without_rows("SRM", 6), "SRM!A5: no item below the headers"),
    kind("no column of weeks cover", {"SRM!G5": None}, "SRM!A5: the column Weeks cover is missing"),
    kind("no column of week 3", {"SRM!AB5": "later"}, "SRM!A5: the column W3 is missing"),
    kind("no column of the unit cost", {"Costs!D4": "Price"}, "Costs!A4: the column Unit cost is missing"),
    kind("no column of pipeline months", {"Countries!K4": "x"}, "Countries!A4: the column Pipeline months is missing"),
    kind("no column of safety stock", {"Statuses!C4": "x"}, "Statuses!A4: the column Hold safety stock is missing"),
    kind("no column of target weeks", {"Targets!C4": "x"}, "Targets!A4: the column Target weeks is missing"),
    kind("no column of tonnes", {"Opportunities!F4": "x"}, "Opportunities!A4: the column Tonnes is missing"),
    kind("a column twice", {"SRM!C5": "Brand"}, "SRM!J5: the column Brand stands here again, first in C5"),
    kind("a cost column twice", {"Costs!C4": "Unit cost"}, "Costs!D4: the column Unit cost stands", *(
        f'Costs!C{row}: "{text}" where a number belongs' for row, text in enumerate(("Soap", "Gel", "Soap", "Soap"), 5)
    )),
    kind("no block of the forecast", {"SRM!M4": "Sales"}, "SRM!A4: the block Forecast (t) is missing"),
    kind("no block of the stock", {"SRM!Y4": "Warehouse"}, "SRM!A4: the block Stock (t) is missing"),
    kind(
        "an unknown name over the item columns",
        {"SRM!A4": "Master data"},
        "SRM!A4: the block Item is missing",
    ),
]  # fmt: skip

MONTHS = [
    kind("eleven months of forecast", {"SRM!X5": None}, "SRM!M5: the forecast has 11 months, 12 are needed"),
    kind("a gap between months", months_from("O5", (2023, 11)), "SRM!O5: the month after 2023-09 is 2023-11, expected"),
    kind(
        "months in the wrong order",
        {"SRM!X5": first_of(2023, 7)},
        "SRM!X5: the month after 2024-06 is 2023-07, expected",
    ),
    kind("a month twice", {"SRM!X5": first_of(2024, 6)}, "SRM!X5: the month 2024-06 of F"),
    kind("a number as month of an order", number_header, 'SRM!AJ5: the header "10" is not a month'),
    kind(
        "an order's month after the plan",
        {"SRM!AJ5": first_of(2025, 7)},
        "SRM!AJ5: the month 2025-07 of Confirmed orders",
    ),
    kind(
        "an order's month before the plan",
        {"SRM!AH5": first_of(2023, 7)},
        "SRM!AH5: the month 2023-07 of Confirmed orders (t)",
    ),
    kind(
        "an order's month twice", {"SRM!AI5": first_of(2023, 8)}, "SRM!AI5: the month 2023-08 of Confirmed orders (t) s"
    ),
    kind(
        "a result's month outside",
        {"SRM!BA5": first_of(2025, 7)},
        "SRM!BA5: the month 2025-07 of Safety stock (t) is out",
    ),
    kind(
        "another start month",
        {"Settings!B5": first_of(2023, 7)},
        "Settings!B5: the start month is 2023-07, but the forecast",
    ),
    kind(
        "a month of an order that is text",
        {"SRM!AJ5": "Oct-23"},
        'SRM!AJ5: the header "Oct-23" is not a month',
    ),
    kind(
        "a month of an order that is an error",
        {"SRM!AJ5": "#REF!"},
        "SRM!AJ5: the cell shows the error #REF!",
    ),
    kind(
        "a month beyond the calendar",
        {"SRM!M5": dt.datetime(9999, 12, 31)},
        "SRM!",
    ),
]

NUMBERS = [
    kind("a text in the forecast", {"SRM!N7": "about 50"}, 'SRM!N7: "about 50" where a number belongs (2023-09)'),
    kind("a number typed as text", {"SRM!N7": "1 234,5"}, 'SRM!N7: "1 234,5" where a number belongs (2023-09)'),
    kind("a true in the forecast", {"SRM!N7": True}, 'SRM!N7: "True" where a number belongs (2023-09)'),
    kind(
        "a date in the forecast", {"SRM!N7": first_of(2023, 7)}, 'SRM!N7: "2023-07-01" where a number belongs (2023-09)'
    ),
    kind("an error in the forecast", {"SRM!N7": "#REF!"}, "SRM!N7: the cell shows the error #REF! (2023-09)"),
    kind("a text in the opening stock", {"SRM!Y6": "none"}, 'SRM!Y6: "none" where a number belongs (Opening)'),
    kind("an error in the transit", {"SRM!AC8": "#DIV/0!"}, "SRM!AC8: the cell shows the error #DIV/0! (W4)"),
    kind("a text in a confirmed order", {"SRM!AJ9": "?"}, 'SRM!AJ9: "?" where a number belongs (2023-10)'),
    kind("a text in the minimum order", {"SRM!K7": "a lot"}, 'SRM!K7: "a lot" where a number belongs (MOQ (t))'),
    kind("a text in a cost", {"Costs!E6": "dear"}, 'Costs!E6: "dear" where a number belongs (Landed cost)'),
    kind("an error in a cost", {"Costs!D6": "#N/A"}, "Costs!D6: the cell shows the error #N/A (Unit cost)"),
    kind("a text in a target", {"Targets!C6": "x"}, 'Targets!C6: "x" where a number belongs (Target weeks)'),
    kind("a text in chosen tonnes", {"Opportunities!F5": "x"}, 'Opportunities!F5: "x" where a number belongs (Tonnes)'),
    kind("a text in a rule", {"Countries!B5": "two"}, 'Countries!B5: "two" where a number belongs (Frozen months)'),
    kind("a negative demand", {"SRM!N7": -5}, "SRM!N7: -5 is negative (2023-09)"),
    kind("a negative transit", {"SRM!AB7": -5}, "SRM!AB7: -5 is negative (W3)"),
    kind("a negative confirmed order", {"SRM!AJ9": -0.5}, "SRM!AJ9: -0.5 is negative (2023-10)"),
    kind("a negative weeks cover", {"SRM!G7": -1}, "SRM!G7: -1 is negative (Weeks cover)"),
    kind("a negative cost", {"Costs!D6": -1}, "Costs!D6: -1 is negative (Unit cost)"),
    kind("negative chosen tonnes", {"Opportunities!F5": -3}, "Opportunities!F5: -3 is negative (Tonnes)"),
    kind("a demand of 1E+13 t", {"SRM!N7": 1e13}, "SRM!N7: 1e+13 is too large to be true (2023-09)"),
    kind("a cost of 1E+13", {"Costs!E6": 1e13}, "Costs!E6: 1e+13 is too large to be true (Landed cost)"),
    kind("half a frozen month", {"Countries!B5": 1.5}, "Countries!B5: 1.5 is not a whole number (Frozen months)"),
    kind("thirteen frozen months", {"Countries!B5": 13}, "Countries!B5: 13 is not between 0 and 12 (Frozen months)"),
    kind("a landing after the plan", {"Countries!J5": 12}, "Countries!J5: 12 is not between 0 and 11 (W8)"),
    kind("a pipeline of -1 months", {"Countries!K5": -1}, "Countries!K5: -1 is not between 0 and 12 (Pipeline months)"),
    kind(
        "a text of two lines",
        {"SRM!N7": "about\n50"},
        'SRM!N7: "about 50" where a number belongs',
    ),
    kind(
        "a formula that was never calculated",
        {"SRM!N7": "=25+25"},
        "SRM!N7: ",
    ),
    kind(
        "a multiple too small to divide by",
        {"SRM!L6": 1e-310},
        "SRM!L6: ",
    ),
    kind(
        "a rule too large to be true",
        {"Countries!B5": 1e13},
        "Countries!B5: 1e+13 is",
    ),
]

NAMES = [
    kind("a blank SAP code", {"SRM!B9": None}, "SRM!B9: the cell is blank (SAP code)"),
    kind("a blank country", {"SRM!A9": None}, "SRM!A9: the cell is blank (Country)"),
    kind("a blank weeks cover", {"SRM!G9": None}, "SRM!G9: the cell is blank (Weeks cover)"),
    kind("a blank cost", {"Costs!D8": None}, "Costs!D8: the cell is blank (Unit cost)"),
    kind("a blank target", {"Targets!C6": None}, "Targets!C6: the cell is blank (Target weeks)"),
    kind("a blank rule", {"Countries!B7": None}, "Countries!B7: the cell is blank (Frozen months)"),
    kind("blank chosen tonnes", {"Opportunities!F5": None}, "Opportunities!F5: the cell is blank (Tonnes)"),
    kind("an item twice", {"SRM!A8": "Morocco"}, "SRM!B8: Morocco 00101 stands here again, first in B6"),
    kind(
        "an item twice but for zeros",
        {"SRM!A8": "Morocco", "SRM!B8": 101},
        "SRM!B8: Morocco 101 stands here again, first in B6",
    ),
    kind("costs twice", {"Costs!A9": "Algeria", "Costs!B9": "101", "Costs!D9": 1, "Costs!E9": 1}, "Costs!B9: Algeria"),
    kind("a country's rules twice", {"Countries!A8": "MOROCCO", **{f"Countries!{c}8": 0 for c in "BCDEFGHIJK"}},
         "Countries!A8: MOROCCO stands here again, first in A5"),
    kind("a status twice", {"Statuses!A8": "regular"}, "Statuses!A8: regular stands here again, first in A5"),
    kind("a target twice", {"Targets!A8": "Algeria", "Targets!B8": "B1", "Targets!C8": 2},
         "Targets!B8: Algeria B1 stands here again, first in B5"),
    kind("a setting twice", {"Settings!A10": "Currency"}, "Settings!A10: Currency stands here again, first in A6"),
    kind("an unknown country", {"SRM!A9": "Atlantis"}, 'SRM!A9: the country "Atlantis" has no row in Countries'),
    kind("an unknown status", {"SRM!D9": "Zombie"}, 'SRM!D9: the status "Zombie" has no row in Statuses'),
    kind("an error as country", {"SRM!A9": "#N/A"}, "SRM!A9: the cell shows the error #N/A (Country)"),
    kind("an item without costs", without_rows("Costs", 8, 1), "SRM!B9: no costs for Tunisia 00101"),
    kind("costs of no item", without_rows("Costs", 5), *(f"SRM!B{row}: no costs for " for row in range(6, 10))),
    kind("a flag that says perhaps", {"Statuses!B5": "perhaps"}, 'Statuses!B5: "perhaps" is neither yes nor no (P'),
    kind("a flag that is an error", {"Statuses!C5": "#N/A"}, 'Statuses!C5: "#N/A" is neither yes nor no (Hold safety'),
    kind("a blank flag", {"Statuses!B5": None}, 'Statuses!B5: "" is neither yes nor no (Propose orders)'),
    kind("an unknown safety method", {"Settings!B8": "magic"}, 'Settings!B8: "magic" is no value for Safety method'),
    kind("a language that is not spoken", {"Settings!B7": "de"}, 'Settings!B7: "de" is no value for Language'),
    kind("a carrying rate of 2000 %", {"Settings!B10": 20}, 'Settings!B10: "20" is no value for Carrying rate'),
    kind("a carrying rate with an error", {"Settings!B10": "#REF!"}, 'Settings!B10: "#REF!" is no value for Carrying'),
    kind("a start month without year", {"Settings!B5": "August"}, 'Settings!B5: "August" is no value for Start month'),
    kind("net transit that says maybe", {"Settings!B9": "maybe"}, 'Settings!B9: "maybe" is no value for Net transit'),
    kind("a start month in the year 0", {"Settings!B5": "0000-05"}, 'Settings!B5: "0000-05" is no value for Start m'),
    kind("an item twice but for an accent", {"SRM!A9": "Algéria"},
            "SRM!B9: Algéria 00101 stands here again, first in B8"),
    kind("costs twice but for an accent",
            {"Costs!A9": "Algéria", "Costs!B9": "00101", "Costs!D9": 1, "Costs!E9": 1},
            "Costs!B9: Algéria 00101 stands here again, first in B7"),
    kind("an error as SAP code", {"SRM!B9": "#N/A"}, "SRM!B9: the cell shows the error #N/A (SAP code)"),
    kind("an error as sub-category", {"SRM!I9": "#N/A"}, "SRM!I9: the cell shows the error #N/A (Sub-category)"),
    kind("a blank status", {"SRM!D9": None}, "SRM!D9: the cell is blank (Status)"),
]  # fmt: skip

CHOICES = [
    kind(
        "a month that is not reconciled",
        {"Opportunities!A5": first_of(2024, 1)},
        "Opportunities!A5: 2024-01 is not one",
    ),
    kind("a month that is no month", {"Opportunities!A5": "soon"}, "Opportunities!A5: soon is not one of the reconcil"),
    kind("an unknown item at risk", {"Opportunities!C5": "999"}, "Opportunities!C5: Morocco 999 is not in SRM (Risk "),
    kind("an unknown donor", {"Opportunities!E5": "999"}, "Opportunities!E5: Morocco 999 is not in SRM (Donor SAP c"),
    kind("a donor of another country", {"Opportunities!D5": "Spain"}, "Opportunities!E5: Spain 00102 is not in SRM"),
    kind(
        "more than the risk",
        {"Opportunities!F5": 150},
        "Opportunities!C5: 150 t cover Morocco 00101 in 2023-08, but its risk is 100 t",
    ),
    kind(
        "more than the donor has",
        {"SRM!Y7": 80},
        "Opportunities!E5: Morocco 00102 gives 36 t up to 2023-08, but has 30 t at the end of 2023-08",
    ),
    kind(
        "a chosen month in the year 0",
        {"Opportunities!A5": "0000-05"},
        "Opportunities!A5: 0000-05 is not one of the reconciled months",
    ),
    kind(
        "a blank chosen month",
        {"Opportunities!A5": None},
        "Opportunities!A5: the cell is blank (Month)",
    ),
    kind(
        "a blank item at risk",
        {"Opportunities!C5": None},
        "Opportunities!C5: the cell is blank (Risk SAP code)",
    ),
]

SEVERAL = [
    kind(
        "three faults in three sheets",
        {"SRM!N7": "x", "Costs!D6": -1, "Settings!B8": "magic"},
        'SRM!N7: "x" where',
        "Costs!D6: -1 is negative",
        'Settings!B8: "magic" is no value',
    ),
    kind(
        "three faults in one row",
        {"SRM!D8": "Zombie", "SRM!G8": None, "SRM!Z8": "#NAME?"},
        'SRM!D8: the status "Zombie"',
        "SRM!G8: the cell is blank",
        "SRM!Z8: the cell shows the error #NAME?",
    ),
    kind(
        "a missing sheet beside a bad header",
        lambda workbook: (workbook.remove(workbook["Costs"]), setattr(workbook["SRM"]["Z5"], "value", None)),
        "SRM!A5: the column W1 is missing",
        "Costs: the sheet Costs is missing",
    ),
]


@pytest.mark.parametrize(("change", "wanted"), [*TABLES, *MONTHS, *NUMBERS, *NAMES, *CHOICES, *SEVERAL])
def test_a_check_finds(change, wanted, book, smile):
    edit(book, change)
    assert_found(smile, book, *wanted)


def test_the_good_book_has_no_error_and_no_warning(book, smile):
    with untouched(book.parent):
        code, out, err = smile("check", book)
    assert (code, err) == (0, ["plan.xlsx: 0 errors, 0 warnings, 2 notes."])
    assert [line.partition(":")[0] for line in out] == ["note", "note"]


WARNINGS = [
    kind("an unknown setting", {"Settings!A10": "Colour"}, 'Settings!A10: the setting "Colour" is unknown'),
    kind("a landed cost under the unit cost", {"Costs!E8": 1}, "Costs!E8: the landed cost 1 is below the unit cost"),
    kind("a frozen month without order", {"SRM!AJ9": None}, "SRM!AJ9: no confirmed order of Tunisia 00101 in the fro"),
    kind("a brand without target", without_rows("Targets", 7), "Targets: no target weeks for Tunisia, B2"),
    kind("a blank sub-category", {"SRM!I9": None}, "SRM!I9: the cell is blank (Sub-category)"),
    kind("stock without forecast", {f"SRM!{column}9": 0 for column in "MNOPQRSTUVWX"}, "SRM!A9: Tunisia 00101 has 60 "),
    kind("a negative opening stock", {"SRM!Y9": -5}, "SRM!"),
    kind("the cell of a negative opening stock", {"SRM!Y9": -5}, "SRM!Y9: the opening stock of Tunisia 00101 is -5"),
    kind("two sheets of costs", second_costs, "Coûts: "),
]  # fmt: skip


@pytest.mark.parametrize(("change", "wanted"), WARNINGS)
def test_a_warning_alone_lets_the_check_pass(change, wanted, book, smile):
    edit(book, change)
    with untouched(book.parent):
        code, out, err = smile("check", book)
    assert code == 0
    assert_errors(out, wanted, "warning")
    warnings, notes = counted(len(wanted), "warning"), counted(len(out) - len(wanted), "note")
    assert err == [f"plan.xlsx: 0 errors, {warnings}, {notes}."]


FRENCH = [
    kind("a text in the forecast", {"SRM!N7": "x"}, "SRM!N7: « x » à la place d'un nombre (2023-09)"),
    kind("a blank SAP code", {"SRM!B9": None}, "SRM!B9: la cellule est vide (Code SAP)"),
    kind("a negative transit", {"SRM!AB7": -0.5}, "SRM!AB7: -0,5 est négatif (S3)"),
    kind("no sheet of costs", without_sheet("Costs"), "Costs: la feuille Coûts manque"),
]


@pytest.mark.parametrize(("change", "wanted"), FRENCH)
def test_a_check_speaks_french(change, wanted, book, smile):
    edit(book, change)
    with untouched(book.parent):
        code, out, err = smile("check", book, "--lang", "fr", language="fr")
        assert code == 3
        assert_errors(out, wanted, "erreur")
        assert err[0].startswith("plan.xlsx : 1 erreur, ")
        code, out, err = smile("refresh", "--lang=fr", book, language="fr")
        assert code == 2
        assert_errors(err[:-1], wanted, "erreur")
        assert err[-1] == "plan.xlsx : erreurs dans les données : 1. Rien n'a été écrit."


def test_a_report_of_a_faulty_book_is_refused(book, smile):
    edit(book, {"SRM!N7": "x"})
    with untouched(book.parent):
        code, out, err = smile("report", "dsr", book)
    assert (code, out) == (2, [])
    assert_errors(err[:-1], ['SRM!N7: "x" where a number belongs'])


def test_a_refresh_into_another_file_names_the_book_that_is_wrong(book, smile):
    edit(book, {"SRM!N7": "x"})
    with untouched(book.parent):
        code, _, err = smile("refresh", "--output", book.with_name("output.xlsx"), book)
    assert code == 2
    assert err[-1] == "plan.xlsx: errors in the inputs: 1. Nothing was written."
