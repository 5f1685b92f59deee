"""Bad input of every kind: exit 2 or 3, one clear line per finding with its cell, and an untouched book."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest

from smile_xl import cli

DATA = {
    "master.csv": """\
country,sap_code,description,status,net_case_weight_kg,sourcing_unit,\
weeks_cover,category,sub_category,brand,moq_t,opening_t,unit_cost,landed_cost
Morocco,00101,Soap,Regular,10,TR,6,S,Soaps,B1,,0,1000,1200
Morocco,00102,Gel,Regular,10,TR,4,S,Soaps,B1,24,400,1000,1200
Algeria,00101,Soap,Regular,10,TR,6,S,Soaps,B1,24,60,1000,1300
Tunisia,00101,Soap,Innovation,10,TR,4,S,Soaps,B2,,40,1000,1250
""",
    "forecast_t.csv": """\
country,sap_code,2023-08,2023-09,2023-10,2023-11,2023-12,2024-01,2024-02,2024-03,2024-04,2024-05,2024-06,2024-07
Morocco,00101,100,100,100,100,100,100,100,100,100,100,100,100
Morocco,00102,50,50,50,50,50,50,50,50,50,50,50,50
Algeria,00101,40,40,40,40,40,40,40,40,40,40,40,40
Tunisia,00101,20,20,20,20,20,20,20,20,20,20,20,20
""",
    "transit_t.csv": """\
country,sap_code,W1,W2,W3,W4,W5,W6,W7,W8
Morocco,00101,0,0,0,0,10,0,0,0
Morocco,00102,0,0,0,0,0,0,0,0
Algeria,00101,0,0,0,30,0,0,0,0
Tunisia,00101,0,0,0,0,20,0,0,0
""",
    "confirmed_orders_t.csv": "country,sap_code,month,tonnes\nTunisia,00101,2023-10,15\n",
    "targets.csv": "country,brand,target_weeks\nAlgeria,B1,3\nMorocco,B1,4\nTunisia,B2,6\n",
    "opportunities.csv": """\
month,country,risk_sap_code,donor_country,donor_sap_code,tonnes
2023-08,Morocco,00101,Morocco,00102,36
""",
}
"""Four items. In SRM the headers stand in row 5, the items in rows 6 to 9; elsewhere in row 4 and from row 5 on."""

PROGRESS = re.compile(r"\d/\d+ \d:\d\d:\d\d$")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SRM_XML = "xl/worksheets/sheet2.xml"
LATER = ("--stamp", "2030-01-01T00:00")
"""Without it, a refresh in the minute in which the book was made has nothing to write."""


# Running and judging -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """The good CSV files."""
    folder = tmp_path_factory.mktemp("data")
    for name, text in DATA.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def good(tmp_path_factory, data):
    """The good book, made of them."""
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    assert cli.run(["new", str(path), "--data", str(data)], "en") == 0
    return path


@pytest.fixture
def book(good, tmp_path):
    """A copy of the good book, alone in its folder."""
    folder = tmp_path / "books"
    folder.mkdir()
    return Path(shutil.copy(good, folder / "plan.xlsx"))


@pytest.fixture
def smile(capsys):
    """Run a command; its exit code, the lines of its output and those of its messages without the progress bar."""

    def run(*arguments, language="en"):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments], language)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out.splitlines(), [line for line in err.splitlines() if not PROGRESS.search(line)]

    return run


@contextlib.contextmanager
def untouched(folder):
    """Every file of a folder stays as it is, and none comes or goes."""

    def state():
        return {
            path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()
        }

    before = state()
    yield
    assert state() == before


def edit(path, change):
    """Change cells of a book, given as {"SRM!N7": value}, or anything of it by a function."""
    workbook = openpyxl.load_workbook(path)
    if callable(change):
        change(workbook)
    else:
        for place, value in change.items():
            sheet, cell = place.split("!")
            workbook[sheet][cell] = value
    workbook.save(path)


def rewrite(path, change):
    """Change the parts of a book: a function gets them as {name: bytes} and changes, adds and removes."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)


def assert_errors(lines, wanted, severity="error"):
    """One line for each of the wanted errors, in their order, each saying what to do as well."""
    assert all(re.match(r"(error|warning|note|erreur|attention): ", line) for line in lines), lines
    errors = [line for line in lines if line.startswith(f"{severity}: ")]
    assert len(errors) == len(wanted), errors
    for line, want in zip(errors, wanted, strict=True):
        assert line.startswith(f"{severity}: {want}"), line
        assert re.search(r"\. [^.].*[.?]$", line), line


def assert_found(smile, book, *wanted):
    """``check`` lists the errors and exits with 3, ``refresh`` refuses with 2 for the same ones; nothing is written."""
    with untouched(book.parent):
        code, out, err = smile("check", book)
        assert code == 3
        assert_errors(out, wanted)
        assert [line[: line.index(",")] for line in err] == [f"plan.xlsx: {len(wanted)} errors"]
        code, out, err = smile("refresh", book)
        assert (code, out) == (2, [])
        assert_errors(err[:-1], wanted)
        assert err[-1] == f"plan.xlsx: errors in the inputs: {len(wanted)}. Nothing was written."


def assert_refused(smile, folder, want, *arguments, language="en"):
    """A command exits with 2 and one line on standard error; nothing is written."""
    with untouched(folder):
        code, out, err = smile(*arguments, language=language)
        assert (code, out, len(err)) == (2, [], 1), (code, out, err)
        assert re.search(want, err[0]), err


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
    assert err == [f"plan.xlsx: 0 errors, {len(wanted)} warnings, {len(out) - len(wanted)} notes."]


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
        assert err[0].startswith("plan.xlsx : 1 erreurs, ")
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


# Files that can't be read --------------------------------------------------------------------------------------------


def write(content):
    return lambda path: path.write_bytes(content)


def part(name, old, new):
    """Replace a pattern in a part."""

    def change(parts):
        parts[name], count = re.subn(old, new, parts[name], count=1, flags=re.DOTALL)
        assert count == 1

    return lambda path: rewrite(path, change)


def cell(xml):
    return part(SRM_XML, rb'<c r="N7"[^>]*>.*?</c>', xml)


def flip(path):
    """Change one byte of a part's content and leave its checksum as it was."""
    with zipfile.ZipFile(path) as source:
        entry = source.getinfo(SRM_XML)
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0x10
    path.write_bytes(content)


def lock_bit(path):
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)


def twice(path):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as target:
        target.writestr(SRM_XML, b"<worksheet/>")


def added(name, content=b"<a/>"):
    return lambda path: rewrite(path, lambda parts: parts.update({name: content}))


def removed(name):
    return lambda path: rewrite(path, lambda parts: parts.pop(name))


def beside(name):
    return lambda path: path.with_name(name).write_bytes(b"")


def other_zip(path):
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("letter.txt", "Dear planner")


def folder_instead(path):
    path.unlink()
    path.mkdir()


UNREADABLE = [
    pytest.param(Path.unlink, "plan.xlsx is not there", id="no such file"),
    pytest.param(folder_instead, "plan.xlsx is a folder", id="a folder"),
    pytest.param(write(b""), "plan.xlsx is damaged", id="an empty file"),
    pytest.param(write(b"Country;SAP code\n"), "plan.xlsx is damaged", id="a text file named .xlsx"),
    pytest.param(write(OLE + bytes(600)), "plan.xlsx is in the old .xls format", id="an old .xls named .xlsx"),
    pytest.param(
        write(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")), "plan.xlsx has a password", id="a password"
    ),
    pytest.param(lock_bit, "plan.xlsx has a password", id="a zip with a password"),
    pytest.param(lambda path: path.write_bytes(path.read_bytes()[:9000]), "plan.xlsx is damaged", id="a truncated zip"),
    pytest.param(other_zip, "plan.xlsx holds no Excel workbook", id="a zip without a workbook"),
    pytest.param(removed("[Content_Types].xml"), "plan.xlsx holds no Excel workbook", id="no content types"),
    pytest.param(removed(SRM_XML), f"plan.xlsx is damaged \\(at {SRM_XML}\\)", id="a sheet's part that is missing"),
    pytest.param(flip, f"plan.xlsx is damaged \\(at {SRM_XML}\\)", id="a bad checksum"),
    pytest.param(twice, f"plan.xlsx holds the part {SRM_XML} twice", id="a part twice"),
    pytest.param(added("../out.xml"), "plan.xlsx holds a part with an unsafe name", id="a part that leaves the folder"),
    pytest.param(added("xl/a.xml", b"<!DOCTYPE a><a/>"), "plan.xlsx declares a document type", id="a document type"),
    pytest.param(cell(b'<c r="N7"><v>1</v>'), "plan.xlsx is damaged", id="a cell that does not end"),
    pytest.param(cell(b'<c r="N7" t="s"><v>99999</v></c>'), "plan.xlsx is damaged", id="a text that is not there"),
    pytest.param(cell(b'<c r="XFD1048576"><v>1</v></c>'), "plan.xlsx, sheet SRM: its cells reach", id="a cell far off"),
    pytest.param(part(SRM_XML, b"<sheetData>.*", b""), "plan.xlsx, sheet SRM: it is written", id="a sheet cut short"),
    pytest.param(part("xl/workbook.xml", b"<sheets>.*</sheets>", b"<sheets/>"), "plan.xlsx is damaged", id="no sheet"),
    pytest.param(beside("~$plan.xlsx"), "plan.xlsx is open in Excel", id="a book that is open in Excel"),
    pytest.param(beside(".~lock.plan.xlsx#"), "plan.xlsx is open in LibreOffice", id="a book open in LibreOffice"),
]


@pytest.mark.parametrize("command", ["check", "refresh", "report"])
@pytest.mark.parametrize(("spoil", "want"), UNREADABLE)
def test_a_file_is_refused(command, spoil, want, book, smile):
    spoil(book)
    arguments = ("report", "srm", book) if command == "report" else (command, book)
    assert_refused(smile, book.parent, f"^{want}", *arguments)


@pytest.mark.parametrize("name", ["plan.xls", "plan.xlsb", "plan.csv", "plan"])
def test_another_type_of_file_is_refused(name, book, smile):
    other = book.rename(book.with_name(name))
    for command in ("check", "refresh"):
        assert_refused(smile, book.parent, f"^{re.escape(name)} is not an Excel workbook", command, other)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("check", "{long}"), id="to check"),
        pytest.param(("new", "{long}"), id="for a new book"),
        pytest.param(("refresh", "plan.xlsx", "--output", "{long}"), id="for the output"),
    ],
)
def test_a_name_too_long_is_refused(arguments, book, smile, monkeypatch):
    monkeypatch.chdir(book.parent)
    long = "a" * 300 + ".xlsx"
    assert_refused(smile, book.parent, "aaa", *(argument.format(long=long) for argument in arguments))


def test_a_file_that_the_system_keeps_from_us_is_refused(book, smile, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with untouched(book.parent), monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        for command in ("check", "refresh"):
            code, out, err = smile(command, book)
            assert (code, out, len(err)) == (2, [], 1)
            assert err[0].startswith("plan.xlsx can't be read (Permission denied)")


# Books that can be read and not written ------------------------------------------------------------------------------


def chart_as_report(path):
    def change(workbook):
        workbook.remove(workbook["DSR"])
        workbook.create_chartsheet("DSR")

    edit(path, change)


UNWRITABLE = [
    pytest.param(lambda path: edit(path, lambda workbook: workbook["SRM"].merge_cells("BF6:BG6")),
                 "plan.xlsx, sheet SRM: B[FG]6 is part of a merged cell", id="a merge in the results"),
    pytest.param(chart_as_report, "plan.xlsx: DSR is a chart or macro sheet", id="a chart where a report goes"),
    pytest.param(added("_xmlsignatures/sig1.xml"), "plan.xlsx is digitally signed", id="a signature"),
    pytest.param(added("xl/revisions/log.xml"), "plan.xlsx is a shared workbook", id="a shared workbook"),
    pytest.param(lambda path: path.chmod(0o444), "plan.xlsx is marked as read-only", id="a read-only file"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "want"), UNWRITABLE)
def test_a_book_that_can_not_be_written_is_refused_when_it_is_refreshed(spoil, want, book, smile):
    spoil(book)
    assert smile("check", book)[0] == 0
    assert_refused(smile, book.parent, f"^{want}", "refresh", book, *LATER)


@pytest.mark.parametrize(
    ("error", "want"),
    [
        pytest.param(
            PermissionError(errno.EACCES, "Permission denied"), "you may not write to", id="a folder of others"
        ),
        pytest.param(OSError(errno.EROFS, "Read-only file system"), "Read-only file system", id="a read-only disk"),
        pytest.param(OSError(errno.ENOSPC, "No space left"), "no space is left", id="a full disk"),
    ],
)
@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_failed_save_leaves_the_book_and_nothing_else(step, error, want, book, smile, monkeypatch):
    original = getattr(Path, step)

    def fail(path, *arguments, **options):
        if path.name.endswith(".tmp"):
            raise error
        return original(path, *arguments, **options)

    with untouched(book.parent), monkeypatch.context() as patch:
        patch.setattr(Path, step, fail)
        code, _, err = smile("refresh", book, *LATER)
    assert (code, len(err)) == (2, 1)
    assert err[0].startswith("plan.xlsx can't be saved")
    assert want in err[0]


@pytest.fixture
def stranger(good, data, smile):
    """A folder of ours with a book, and a block in which we are somebody else, so that its modes hold for root too."""
    folder = Path(tempfile.mkdtemp(prefix="smile-"))
    path = Path(shutil.copy(good, folder / "plan.xlsx"))
    shutil.copytree(data, folder / "data")
    (folder / "data").chmod(0o755)
    smile("refresh", path, "--output", folder / "warm.xlsx")  # what is imported late may lie where strangers can't read
    (folder / "warm.xlsx").unlink()

    @contextlib.contextmanager
    def other():
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(user)

    yield path, other
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="modes of folders are those of POSIX")
def test_a_read_only_folder_is_refused(stranger, smile):
    path, other = stranger
    path.parent.chmod(0o555)
    with untouched(path.parent):
        with other():
            refreshed = smile("refresh", path, *LATER)
            made = smile("new", path.with_name("other.xlsx"), "--data", path.with_name("data"))
        assert refreshed[0] == made[0] == 2
        assert [line.partition(":")[0] for line in (*refreshed[2], *made[2])] == [
            "plan.xlsx can't be saved",
            "other.xlsx can't be saved",
        ]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="modes of folders are those of POSIX")
@pytest.mark.parametrize("command", ["check", "refresh", "new"])
def test_a_folder_that_may_not_be_entered_is_refused(command, stranger, smile):
    path, other = stranger
    path.parent.chmod(0o600)
    with other():
        code, out, err = smile(command, path)
    assert (code, out, len(err)) == (2, [], 1)
    assert err[0].startswith("plan.xlsx ")


# Usage ---------------------------------------------------------------------------------------------------------------

USAGE = [
    pytest.param(["recalculate"], "there is no command recalculate", id="an unknown command"),
    pytest.param(["check"], "BOOK is missing", id="no book"),
    pytest.param(["check", "."], r"\. is a folder", id="this folder"),
    pytest.param(["native", "{book}"], "^--output is missing", id="an option that is required"),
    pytest.param(["simulate", "{book}", "--runs", "1"], "^--runs: type a whole number from 2 to 100000", id="too few runs"),
    pytest.param(["simulate", "{book}", "--runs", "ten"], "^--runs: type a whole number", id="runs in words"),
    pytest.param(["addin", "build", "--output", "a.zip"], "^a.zip must end in .xlam", id="an add-in of other type"),
    pytest.param(["addin", "build", "--output", "no/a.xlam"], "^a.xlam can't be saved: there is no folder",
                 id="an add-in in a folder that is missing"),
    pytest.param(["libreoffice", "build", "--output", "a.zip"], "^a.zip must end in .oxt", id="an extension of other type"),
    pytest.param(["report"], "NAME is missing", id="no report name"),
    pytest.param(["report", "dsr"], "BOOK is missing", id="a report of no book"),
    pytest.param(["report", "stock", "{book}"], "NAME: choose one of summary, srm, avail", id="an unknown report"),
    pytest.param(["report", "dsr", "{book}", "--format", "xml"], "--format: choose one of", id="an unknown format"),
    pytest.param(["refresh", "{book}", "--report", "stock"], "--report: choose one of", id="refresh of no report"),
    pytest.param(["check", "{book}", "{book}"], "unexpected extra argument", id="two books"),
    pytest.param(["check", "--fast", "{book}"], "there is no option --fast", id="an unknown option"),
    pytest.param(["check", "{book}", "--lang", "de"], "--lang: choose one of en, fr", id="an unknown language"),
    pytest.param(["functions", "SUM"], "there is no function SUM", id="an unknown function"),
    pytest.param(["refresh", "{book}", "--values"], "Give --output as well", id="values without output"),
    pytest.param(["refresh", "{book}", "--values", "--output", "{book}"], "Give --output", id="values onto the book"),
    pytest.param(["refresh", "{book}", "--stamp", "noon"], '"noon" is no date and time', id="a bad stamp"),
    pytest.param(["refresh", "{book}", "--stamp", ""], '"" is no date and time', id="an empty stamp"),
    pytest.param(["refresh", "{book}", "--output"], "requires an argument", id="an option without its value"),
    pytest.param(["refresh", "{book}", "--output", "no/o.xlsx"], "^o.xlsx can't be saved: there is no folder .*no",
                 id="an output in a folder that is missing"),
    pytest.param(["refresh", "{book}", "--output", "o.xlsm"], "o.xlsm must end in .xlsx", id="an output of other type"),
    pytest.param(["refresh", "{book}", "--output", "folder.xlsx"], "folder.xlsx is a folder", id="an output folder"),
    pytest.param(["refresh", "{book}", "--output", "kept.xlsx"], "kept.xlsx is marked as read-only",
                 id="a read-only output"),
    pytest.param(["refresh", "{book}", "--output", "open.xlsx"], "open.xlsx is open in Excel", id="an open output"),
    pytest.param(["new", "plan.xlsx"], "plan.xlsx exists already", id="a new book over another one"),
    pytest.param(["new", "plan.xls"], "plan.xls must end in .xlsx", id="a new book of other type"),
    pytest.param(["new", "no/plan.xlsx"], "plan.xlsx can't be saved: there is no folder", id="a new book in no folder"),
    pytest.param(["new", "open.xlsx"], "open.xlsx is open in Excel", id="a new book that is open"),
    pytest.param(["new", "a.xlsx", "--data", "no"], "There is no folder no", id="a data folder that is missing"),
    pytest.param(["new", "a.xlsx", "--data", "{book}"], "There is no folder .*plan.xlsx", id="a file as data folder"),
    pytest.param(["new", "a.xlsx", "--data", "."], "lacks master.csv, forecast_t.csv, transit_t.csv", id="no data"),
    pytest.param(
        ["refresh", "{book}", "--output", "loop.xlsx"], "loop.xlsx", id="an output that links to itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "want"), USAGE)
def test_usage_is_refused(arguments, want, book, smile, monkeypatch):
    folder = book.parent
    monkeypatch.chdir(folder)
    (folder / "folder.xlsx").mkdir()
    (folder / "kept.xlsx").write_bytes(b"kept")
    (folder / "kept.xlsx").chmod(0o444)
    (folder / "~$open.xlsx").write_bytes(b"")
    if hasattr(os, "symlink") and os.name == "posix":
        (folder / "loop.xlsx").symlink_to("loop.xlsx")
    assert_refused(smile, folder, want, *(argument.format(book=book) for argument in arguments))


# A new book from CSV files -------------------------------------------------------------------------------------------


def csv(name, changes, *wanted):
    return pytest.param(changes, wanted, id=name)


NEW = [
    *(csv(f"no {name}", {name: None}, f"data lacks {name}") for name in list(DATA)[:3]),
    *(csv(f"an empty {name}", {name: b""}, f"{name} is empty") for name in DATA),
    csv("a master without cost", {"master.csv": ("unit_cost", "x")}, "master.csv: the column unit_cost is missing"),
    csv("a master without code", {"master.csv": ("sap_code", "x")}, "master.csv: the column sap_code is missing"),
    csv("a master without cover", {"master.csv": ("weeks_cover", "x")}, "error: master.csv!A1: the column Weeks cover"),
    csv("a transit without week 8", {"transit_t.csv": ("W8", "x")}, "transit_t.csv: the column W8 is missing"),
    csv("orders without tonnes", {"confirmed_orders_t.csv": ("tonnes", "x")}, "confirmed_orders_t.csv: the column"),
    csv("targets without weeks", {"targets.csv": ("target_weeks", "x")}, "error: targets.csv!A1: the column Target"),
    csv("a forecast without months", {"forecast_t.csv": b"country,sap_code,Aug\n"}, "forecast_t.csv has no month colu"),
    csv("an unknown item", {"forecast_t.csv": ("Morocco,00102", "Morocco,999")}, "forecast_t.csv, row 3: Morocco 999"),
    csv("transit of no item", {"transit_t.csv": ("Algeria", "Spain")}, "transit_t.csv, row 4: Spain 00101 is not in m"),
    csv("an order of no item", {"confirmed_orders_t.csv": ("00101", "9")}, "confirmed_orders_t.csv, row 2: Tunisia 9"),
    csv("a choice of no item", {"opportunities.csv": ("00102", "9")}, "error: opportunities.csv!E2: Morocco 9 is not"),
    csv("a forecast twice", {"forecast_t.csv": ("Morocco,00102", "MOROCCO,101")}, "forecast_t.csv, row 3: MOROCCO 101"),
    csv("an order twice", {"confirmed_orders_t.csv": ("15\n", "15\nTunisia,101,2023-10,5\n")},
        "confirmed_orders_t.csv, row 3: Tunisia 101 stands here again"),
    csv("an order after the plan", {"confirmed_orders_t.csv": ("2023-10", "2025-10")},
        "confirmed_orders_t.csv, row 2: 2025-10 is not one of the planned months (2023-08 to 2024-07)"),
    csv("an order of no month", {"confirmed_orders_t.csv": ("2023-10", "Oct-23")},
        "confirmed_orders_t.csv, row 2: Oct-23 is not one of the planned months"),
    csv("a choice after the quarter", {"opportunities.csv": ("2023-08", "2024-01")}, "error: opportunities.csv!A2: "),
    csv("text that is not UTF-8", {"master.csv": DATA["master.csv"].replace("Gel", "Crème").encode("latin-1")},
        "master.csv is not UTF-8 text (at byte 222)"),
    csv("UTF-16", {"forecast_t.csv": DATA["forecast_t.csv"].encode("utf-16")}, "forecast_t.csv is not UTF-8 text"),
    csv("a text in the forecast", {"forecast_t.csv": ("50,50", "50,lots")}, 'error: forecast_t.csv!D3: "lots" where'),
    csv("a text in the transit", {"transit_t.csv": ("30", "some")}, 'error: transit_t.csv!F4: "some" where a number'),
    csv("a text in the opening", {"master.csv": (",60,", ",?,")}, 'error: master.csv!L4: "?" where a number belongs'),
    csv("a text in a cost", {"master.csv": ("1300", "dear")}, 'error: master.csv!N4: "dear" where a number belongs'),
    csv("a text in an order", {"confirmed_orders_t.csv": ("15", "few")}, 'error: confirmed_orders_t.csv!D2: "few"'),
    csv("a nan in the forecast", {"forecast_t.csv": ("50,50", "50,nan")}, 'error: forecast_t.csv!D3: "nan" where'),
    csv("a negative demand", {"forecast_t.csv": ("50,50", "50,-5")}, "error: forecast_t.csv!D3: -5 is negative (2023-"),
    csv("an unknown status", {"master.csv": ("Innovation", "Zombie")}, 'error: master.csv!D5: the status "Zombie"'),
    csv("a setting that can't be", {"settings.csv": b"setting,value\nLanguage,de\n"}, 'error: settings.csv!B2: "de"'),
    csv("rules without weeks",
        {"countries.csv": b"country,frozen,W1,W2,W3,W4,W5,W6,W7,pipeline\nMorocco,2,0,0,0,0,0,0,0,1\n"},
        "error: countries.csv!A1: the column W8 is missing"),
    csv("two faults in two files", {"forecast_t.csv": ("50,50", "50,lots"), "master.csv": (",60,", ",?,")},
        'error: forecast_t.csv!D3: "lots"', 'error: master.csv!L4: "?"'),
    csv("a file of comments", {"forecast_t.csv": ("Morocco,00102", "Morocco,00102" + "x" * 140_000)},
                "forecast_t.csv"),
    csv("an order in the year 0", {"confirmed_orders_t.csv": ("2023-10", "0000-10")},
                "confirmed_orders_t.csv, row 2: 0000-10 is not one of the planned months"),
    csv("a fault below a blank line", {"forecast_t.csv": ("Morocco,00102,50,50", "\nMorocco,00102,50,lots")},
                'error: forecast_t.csv!D4: "lots" where'),
    csv("an item twice", {"master.csv": ("Tunisia,00101,Soap,Innovation", "Algeria,101,Soap,Innovation"),
                                  "forecast_t.csv": ("Tunisia,00101,20,20,20,20,20,20,20,20,20,20,20,20\n", ""),
                                  "transit_t.csv": ("Tunisia,00101,0,0,0,0,20,0,0,0\n", ""),
                                  "confirmed_orders_t.csv": ("Tunisia,00101,2023-10,15\n", "")},
                "error: master.csv!B5: Algeria 101 stands here again, first in B4"),
    csv("a month of the forecast twice", {"forecast_t.csv": lambda text: re.sub(r"(?m)$(?!\Z)", ",9", text)
                                                  .replace("2024-07,9", "2024-07,2024-07")},
                "forecast_t.csv"),
    csv("a gap in the forecast", {"forecast_t.csv": ("2024-07", "2024-09")}, "error: forecast_t.csv!N1: "),
    csv("eleven months", {"forecast_t.csv": ("2024-07", "Jul-24")}, "error: forecast_t.csv!"),
    csv("a row longer than its header", {"forecast_t.csv": ("50,50,50", "50,1,234,50")},
                "forecast_t.csv, row 3"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "wanted"), NEW)
def test_no_book_is_made_of(changes, wanted, data, smile, tmp_path):
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    for name, change in changes.items():
        path = folder / name
        if change is None:
            path.unlink()
        elif isinstance(change, bytes):
            path.write_bytes(change)
        else:
            text = path.read_text(encoding="utf-8")
            new = change(text) if callable(change) else text.replace(*change, 1)
            assert new != text
            path.write_text(new, encoding="utf-8")
    with untouched(tmp_path):
        code, out, err = smile("new", tmp_path / "plan.xlsx", "--data", folder)
    assert (code, out) == (2, []), err
    if err[0].startswith("error: "):
        assert err.pop() == f"plan.xlsx: errors in the inputs: {len(wanted)}. Nothing was written."
    assert len(err) == len(wanted), err
    for line, want in zip(err, wanted, strict=True):
        assert want in line
        assert line.startswith(want) or "lacks" in line


def test_a_description_may_hold_a_line_separator(data, smile, tmp_path):
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    (folder / "master.csv").write_text(DATA["master.csv"].replace("Gel", "Gel\u2028mild"), encoding="utf-8")
    assert smile("new", tmp_path / "plan.xlsx", "--data", folder)[0] == 0


def test_a_new_book_is_refused_in_french(data, smile, tmp_path):
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    (folder / "transit_t.csv").unlink()
    assert_refused(
        smile, tmp_path, "^Il manque transit_t.csv dans ", "new", tmp_path / "p.xlsx", "--data", folder, language="fr"
    )


# When we are wrong ---------------------------------------------------------------------------------------------------


@pytest.fixture
def our_defect(monkeypatch):
    """A check that fails in a way that nobody has foreseen."""

    def fail(book):
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("smile_xl.commands.check", fail)


def test_a_defect_of_ours_is_one_line_and_a_log(our_defect, book, smile, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with untouched(book.parent):
        code, out, err = smile("check", book)
    assert (code, out, len(err)) == (1, [], 1)
    assert "ZeroDivisionError: a slip" in err[0]
    assert "ZeroDivisionError: a slip" in next(tmp_path.glob("smile-xl-error-*.log")).read_text(encoding="utf-8")


def test_a_defect_of_ours_is_one_line_where_no_log_can_be_written(our_defect, book, smile, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    code, out, err = smile("check", book)
    assert (code, out, len(err)) == (1, [], 1)
    assert "ZeroDivisionError: a slip" in err[0]


# As a user runs it ---------------------------------------------------------------------------------------------------


def in_a_process(*arguments, **environment):
    """The installed command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "smile_xl.cli", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=60,
        check=False,
    )


def test_a_check_exits_with_3_and_keeps_findings_and_messages_apart(book):
    edit(book, {"SRM!N7": "x", "Costs!D6": None})
    with untouched(book.parent):
        done = in_a_process("check", book, "--lang", "en")
    assert done.returncode == 3
    assert_errors(done.stdout.splitlines(), ['SRM!N7: "x" where a number', "Costs!D6: the cell is blank (Unit cost)"])
    assert done.stderr.splitlines() == ["plan.xlsx: 2 errors, 0 warnings, 2 notes."]


def test_a_refresh_in_french_exits_with_2(book):
    edit(book, {"SRM!N7": "x"})
    with untouched(book.parent):
        done = in_a_process("refresh", book, LC_ALL="fr_FR.UTF-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-2:] == [
        "erreur: SRM!N7: « x » à la place d'un nombre (2023-09). Saisissez un nombre ou videz la cellule.",
        "plan.xlsx : erreurs dans les données : 1. Rien n'a été écrit.",
    ]


def test_a_check_says_what_the_code_page_can_not(book):
    edit(book, {"SRM!N7": "1\u202f234"})  # a number with the space that French uses, pasted as text
    done = in_a_process("check", book, "--lang", "fr", PYTHONIOENCODING="cp1252")
    assert done.returncode == 3
