"""Every sheet function in real Calc cells: the same as in Python, errors that Calc knows, reasons, help."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

import numpy as np
import processes
import pytest
from calc_books import open_for_calc, write_book
from lxml import etree

from smile_xl import __version__
from smile_xl import functions as f
from smile_xl.language import LANGUAGES
from smile_xl.libreoffice.extension import FUNCTIONS_SERVICE, extension_file, extension_parts
from smile_xl.libreoffice.office import Document, Office
from smile_xl.planning.grid import CellError
from smile_xl.registry import FUNCTIONS, HELP_LIMIT

COUNTRY = [["Morocco"], ["Algeria"], ["Tunisia"]]
OPENING = [[100.0], [40.0], [0.0]]
TRANSIT = [[5.0, 0, 3, 0, 0, 7, 0, 2], [0.0] * 8, [1.0, 2, 3, 4, 5, 6, 7, 8]]
DEMAND = [[40.0, 50, 60, 45, 30, 20, 35, 45, 55, 50, 40, 30], [10.0] * 12, [0.0, 0, 9, 0, 12, 0, 0, 7, 0, 0, 3, 0]]
ORDERS = [[0.0, 0, 60, 45, 30, 0, 0, 45, 55, 50, 0, 30], [0.0, 5] * 6, [2.5] * 12]
WEEKS = [[4.0], [6.0], [2.5]]
COSTS = [[1000.0, 1200.0], [900.0, 1100.0], [2000.0, 2100.0]]
STATUS = [["Regular"], ["To be delisted"], ["Promotion"]]
LOTS = [[30.0, 5.0], [None, None], [12.0, None]]
CONFIRMED = [[None, None, 33.0, *[None] * 9], [None] * 12, [0.0, *[None] * 11]]
RULES = [["Country", "Frozen months", *[f"W{week}" for week in range(1, 9)], "Pipeline months"],
         ["Morocco", 1, 0, 0, 0, 0, 1, 1, 1, 1, 1], ["Algeria", 3, 0, 1, 1, 1, 1, 2, 2, 2, 3],
         ["Tunisia", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]  # fmt: skip

# Columns of the sheet Data, items in rows 1 to 3; rules in rows 6 to 9; a blank, a text and an error below.
BLOCKS = {"country": COUNTRY, "opening": OPENING, "transit": TRANSIT, "demand": DEMAND, "orders": ORDERS, "weeks": WEEKS,
          "costs": COSTS, "status": STATUS, "lots": LOTS, "confirmed": CONFIRMED}  # fmt: skip


def _column_names():
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from letters
    yield from ("".join(pair) for pair in itertools.product(letters, letters))


def _places() -> dict[str, str]:
    names, found = _column_names(), {}
    for name, block in BLOCKS.items():
        columns = [next(names) for _ in block[0]]
        found[name] = f"Data!{columns[0]}1:{columns[-1]}3"
        found[f"{name}1"] = f"Data!{columns[0]}1:{columns[-1]}1" if len(columns) > 1 else f"Data!{columns[0]}1"
    return found


def column(block: list, place: int) -> list:
    return [[row[place]] for row in block]


PLACES = _places()
FIRST, LAST = (PLACES["costs"].removeprefix("Data!").split(":")[end].rstrip("13") for end in (0, 1))
PLACES |= {"unit": f"Data!{FIRST}1:{FIRST}3", "landed": f"Data!{LAST}1:{LAST}3"}
FIRST, LAST = (PLACES["lots"].removeprefix("Data!").split(":")[end].rstrip("13") for end in (0, 1))
PLACES |= {"moq": f"Data!{FIRST}1:{FIRST}3", "multiple": f"Data!{LAST}1:{LAST}3", "rules": "Data!A6:K9",
           "blank": "Data!A11", "text": "Data!B11", "error": "Data!C11", "with_error": "Data!C11:F11"}  # fmt: skip

CLOSING = f.SMILE_CLOSING(COUNTRY, OPENING, TRANSIT, DEMAND, ORDERS)
VALUES = {
    "SMILE_SAFETYSTOCK({demand},{weeks})": f.SMILE_SAFETYSTOCK(DEMAND, WEEKS),
    'SMILE_SAFETYSTOCK({demand1},4,"average")': f.SMILE_SAFETYSTOCK([DEMAND[0]], 4, "average"),
    "SMILE_SAFETYSTOCK({demand},{weeks},,3)": f.SMILE_SAFETYSTOCK(DEMAND, WEEKS, "exact", 3),
    "SMILE_SAFETYSTOCK_Z(0.9,2500,500,7,7)": 22491.0,
    "SMILE_SAFETYGAIN({demand},{weeks})": f.SMILE_SAFETYGAIN(DEMAND, WEEKS),
    "SMILE_ORDERS({country},{opening},{transit},{demand},{orders})": f.SMILE_ORDERS(
        COUNTRY, OPENING, TRANSIT, DEMAND, ORDERS
    ),
    "SMILE_ORDERS({country},{opening},{transit},{demand},{orders},{confirmed},{status},{moq},{multiple},{rules},,TRUE)": f.SMILE_ORDERS(
        COUNTRY,
        OPENING,
        TRANSIT,
        DEMAND,
        ORDERS,
        CONFIRMED,
        STATUS,
        column(LOTS, 0),
        column(LOTS, 1),
        RULES,
        None,
        True,
    ),
    "SMILE_CLOSING({country},{opening},{transit},{demand},{orders})": CLOSING,
    "SMILE_CLOSING({country1},{opening1},{transit1},{demand1},{orders1},,TRUE())": f.SMILE_CLOSING(
        COUNTRY[:1], OPENING[:1], TRANSIT[:1], DEMAND[:1], ORDERS[:1], backorders=True
    ),
    'SMILE_CLOSING("Maroc",100,{transit1},{demand1},{orders1})': CLOSING[:1],
    "SMILE_PIPELINE({country},{orders},{rules})": f.SMILE_PIPELINE(COUNTRY, ORDERS, RULES),
    "SMILE_WEEKSCOVER({opening},{demand})": f.SMILE_WEEKSCOVER(OPENING, DEMAND),
    "SMILE_WEEKSCOVER({orders1},{demand1})": f.SMILE_WEEKSCOVER([ORDERS[0]], [DEMAND[0]]),
    "SMILE_PROJECTION({demand},{orders},{unit},{landed})": f.SMILE_PROJECTION(
        DEMAND, ORDERS, column(COSTS, 0), column(COSTS, 1)
    ),
    "SMILE_RISK({demand}-{orders})": f.SMILE_RISK(np.subtract(DEMAND, ORDERS)),
    "SMILE_RISK(-4)": 4.0,
    "SMILE_OPPORTUNITY({{1,-2;-3,4}})": [[1.0, 0.0], [0.0, 4.0]],
    "SMILE_OVERSTOCK({orders},{demand},{weeks})": f.SMILE_OVERSTOCK(ORDERS, DEMAND, WEEKS),
    "SMILE_CV({demand})": f.SMILE_CV(DEMAND),
    "SMILE_VOLATILITYCLASS({demand})": f.SMILE_VOLATILITYCLASS(DEMAND),
    "SMILE_ABC({{60;30;6;4}})": [["A"], ["A"], ["B"], ["C"]],
    "SMILE_XYZ({demand},{{0.1;0.2}})": f.SMILE_XYZ(DEMAND, [0.1, 0.2]),
    "SMILE_DEMANDCLASS({demand})": f.SMILE_DEMANDCLASS(DEMAND),
    "SMILE_SEGMENT({demand},{unit})": f.SMILE_SEGMENT(DEMAND, column(COSTS, 0)),
    'SMILE_TARGET({weeks},{demand},"semaines")': f.SMILE_TARGET(WEEKS, DEMAND),
    "SMILE_WMAPE({demand},{orders})": f.SMILE_WMAPE(DEMAND, ORDERS),
    "SMILE_BIAS({demand1},{orders1})": f.SMILE_BIAS([DEMAND[0]], [ORDERS[0]]),
    "SMILE_TURNS(600000,{{100000,150000}})": 4.8,
    "SMILE_OTIF({{10;20}},{{10;19}},{{45139;45139}},{{45140;45139}},0,1)": 0.5,
    "SMILE_VERSION()": __version__,
    'SMILE_EXPLAIN("closing",2,{country1},{opening1},{transit1},{demand1},{orders1})': f.SMILE_EXPLAIN(
        "closing", 2, "Morocco", 100, TRANSIT[:1], DEMAND[:1], ORDERS[:1]
    ),
    "SMILE_WHY(Data!A1)": "",
    "SUM(SMILE_RISK({demand}))": 0.0,
    "SMILE_RISK({blank})": 0.0,
    "SMILE_PIPELINE({country1},SMILE_OPPORTUNITY({orders1}))": f.SMILE_PIPELINE("Morocco", [ORDERS[0]]),
}

NO_COUNTRY, NO_NUMBER, NEGATIVE, NO_DEMAND, NO_FIT = (
    'SMILE_PIPELINE("Egypt",{orders1})',
    "SMILE_CV({text})",
    "SMILE_SAFETYSTOCK({demand1},-4)",
    "SMILE_CV({blank})",
    "SMILE_CLOSING({country1},{opening1},{transit1},{demand1},{weeks})",
)
ERRORS = {
    NO_COUNTRY: ("#N/A", "the country 'Egypt' has no row in the rules"),
    NO_NUMBER: ("#VALUE!", "demand holds 'ten', want a number"),
    NEGATIVE: ("#NUM!", "weeks_cover row 1 is -4, want zero or more"),
    NO_DEMAND: ("#N/A", "no demand"),
    NO_FIT: ("#VALUE!", "orders has 3 items, demand 1"),
    "SMILE_CV({error})": ("#DIV/0!", "demand shows this error"),
    "1+SMILE_RISK({text})": ("#VALUE!", f.MEANING_OF_ERROR["#VALUE!"]),
}
SEEN = {
    f"IFERROR({NO_COUNTRY},7)": 7.0,
    f"IFERROR({NEGATIVE},7)": 7.0,
    f"ISNA({NO_COUNTRY})": 1.0,
    f"ISNA({NO_NUMBER})": 0.0,
    f"ISERR({NO_NUMBER})": 1.0,
    f"ISERR({NO_DEMAND})": 0.0,
    f"ISERROR({NO_FIT})": 1.0,
    f"COUNT({NO_DEMAND},1)": 1.0,
}


class Sheet:
    """All formulas in one workbook that Calc has calculated, each with room for its array."""

    def __init__(self, office: Office, folder: Path) -> None:
        data = [[cell for block in BLOCKS.values() for cell in block[row]] for row in range(3)]
        data += [[], [], *RULES, [], [None, "ten", "=1/0", 2, 3, 4]]
        self._first: dict[str, str] = {}
        self._why: dict[str, str] = {}
        formulas = {}
        row = 1
        for text in (*VALUES, *ERRORS, *SEEN):
            cell, values = f"A{row}", np.atleast_2d(VALUES.get(text, 0.0))
            self._first[text] = cell
            formula = "=" + text.format(**PLACES)
            # A formula that sums an array is one itself, as in Excel before dynamic arrays.
            is_array = values.size > 1 or text.startswith("SUM(")
            formulas[cell] = (formula, *values.shape) if is_array else formula
            if text in ERRORS:
                self._why[text] = f"B{row}"
                formulas[f"B{row}"] = f"=SMILE_WHY({cell})"
            row += len(values)
        path = write_book(folder / "functions.xlsx", {"Data": data, "Cells": []}, {"Cells": formulas})
        self.document: Document = open_for_calc(office, path)

    def values(self, text: str, shape: tuple[int, ...] = (1, 1)) -> list[list[object]]:
        rows, columns = np.atleast_2d(np.empty(shape)).shape
        first = int(self._first[text][1:])
        names = list(itertools.islice(_column_names(), columns))
        return self.document.read("Cells", f"A{first}:{names[-1]}{first + rows - 1}")

    def value(self, text: str) -> object:
        return self.values(text)[0][0]

    def why(self, text: str) -> object:
        return self.document.read("Cells", self._why[text])[0][0]


@pytest.fixture(scope="module")
def sheet(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    return Sheet(office, tmp_path_factory.mktemp("functions"))


@pytest.mark.libreoffice
@pytest.mark.parametrize("text", VALUES)
def test_a_function_gives_in_calc_what_it_gives_in_python(sheet: Sheet, text: str) -> None:
    expected = VALUES[text]
    if isinstance(expected, str):
        assert sheet.value(text) == expected
        return
    if np.asarray(expected).dtype.kind == "U":
        assert sheet.values(text, np.shape(expected)) == np.asarray(expected).tolist()
        return
    expected = np.atleast_2d(expected)
    tolerance = 1e-5 if text.startswith("SMILE_SAFETYSTOCK_Z") else 1e-12
    np.testing.assert_allclose(np.array(sheet.values(text, expected.shape), dtype=float), expected, rtol=tolerance)


def test_every_function_has_a_formula_here() -> None:
    assert {name for name in FUNCTIONS if any(f"{name}(" in text for text in VALUES)} == set(FUNCTIONS)


@pytest.mark.libreoffice
@pytest.mark.parametrize("text", ERRORS)
def test_an_error_is_one_of_calc_and_has_its_reason(sheet: Sheet, text: str) -> None:
    error, reason = ERRORS[text]
    assert sheet.value(text) == CellError(error)
    assert sheet.why(text) == reason


@pytest.mark.libreoffice
@pytest.mark.parametrize("text", SEEN)
def test_functions_that_look_for_errors_see_them(sheet: Sheet, text: str) -> None:
    assert sheet.value(text) == SEEN[text]


@pytest.mark.libreoffice
def test_a_range_with_an_error_is_not_passed_by_calc_and_comes_back_as_that_error_when_recalculated(
    office: Office, tmp_path: Path
) -> None:
    formulas = {"A2": "=SMILE_CV(A1:C1)", "A3": "=SMILE_WHY(A2)", "A4": "=ISNA(SMILE_CV(A1:C1))"}
    path = write_book(tmp_path / "error.xlsx", {"S": [[1, 2, "=NA()"]]}, {"S": formulas})
    shown = {guard: open_for_calc(office, path, guard=guard).read("S", "A2:A4") for guard in (False, True)}
    assert shown[False] == [[CellError("Err:504")], ["demand row 1 column 3 shows this error"], [0.0]]
    assert [row[0] for row in shown[True]] == [CellError("#N/A"), "demand row 1 column 3 shows this error", 1.0]


@pytest.mark.libreoffice
@pytest.mark.parametrize("prefix", ["", "[1]!", "_xll.", "'C:\\Users\\x\\AddIns\\smile_xl.xlam'!", "smile_xl.xlam!"])
def test_names_in_a_file_from_excel_are_repaired_when_it_is_opened(office: Office, tmp_path: Path, prefix: str) -> None:
    formulas = {
        "A2": f"={prefix}SMILE_CV(A1:C1)",
        "A3": f"=IFERROR({prefix}SMILE_RISK(-4),0)+1",
        "A4": (f"={prefix}SMILE_RISK(A1:C1)", 1, 3),
        "A5": '="SMILE_CV(" & "x)"',
    }
    path = write_book(
        tmp_path / "excel.xlsx",
        {"S": [[10, -30, 5]], "T": []},
        {"S": formulas, "T": {"B2": f"={prefix}SMILE_OPPORTUNITY(S!A1)"}},
    )
    document = office.open(path)
    assert document.read("S", "A3:C5") == [[5, "", ""], [0, 30, 0], ["SMILE_CV(x)", "", ""]]
    assert document.read("S", "A2") == [[CellError("#NUM!")]]
    assert document.read("T", "B2") == [[10]]


# ---------------------------------------------------------------------------------------------------------- the worker


@pytest.mark.libreoffice
def test_a_worker_that_was_killed_is_started_again(office: Office, sheet: Sheet) -> None:
    text = "SMILE_CV({demand})"
    workers = [pid for pid in processes.that_know(office.folder) if "worker.py" in processes.command(pid)]
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)
    sheet.document.calculate()
    np.testing.assert_array_equal(sheet.values(text, (3, 1)), VALUES[text])


@pytest.mark.libreoffice
def test_a_python_that_is_gone_is_an_error_with_its_reason(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "book.xlsx", {"S": [[1, 2]]}, {"S": {"A2": "=SMILE_CV(A1:B1)", "A3": "=SMILE_WHY(A2)"}}
    )
    with Office(addin=extension_parts("/nowhere/python")) as office:
        shown = office.open(path).read("S", "A2:A3")
    assert shown[0] == [CellError("#VALUE!")]
    assert shown[1][0].startswith("/nowhere/python: ")


# ------------------------------------------------------------------------------------------------------- the extension


def test_the_extension_has_the_same_bytes_each_time_and_names_its_python() -> None:
    assert extension_file("/usr/bin/python3") == extension_file("/usr/bin/python3")
    assert extension_file("/usr/bin/python3") != extension_file("/opt/python3")


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_there_in_each_language_and_short_enough(language: str) -> None:
    space = "{http://openoffice.org/2001/registry}"
    tree = etree.fromstring(extension_parts()["CalcAddIns.xcu"])
    functions = {node.get(f"{space}name"): node for node in tree.find(f".//*[@{space}name='AddInFunctions']")}
    assert list(functions) == list(FUNCTIONS)
    assert tree.find(f".//*[@{space}name='{FUNCTIONS_SERVICE}']") is not None
    shown = set()
    for name, function in FUNCTIONS.items():
        parameters = functions[name].find(f"*[@{space}name='Parameters']")
        labels = [node.find(f"prop[@{space}name='DisplayName']/value").text for node in parameters]
        assert labels == [one.name for one in function.parameters]
        for node in (functions[name], *parameters):
            text = node.find(
                f"prop[@{space}name='Description']/value[@{{http://www.w3.org/XML/1998/namespace}}lang='{language}']"
            ).text
            assert 0 < len(text) <= HELP_LIMIT
            shown.add(text)
    assert len(shown) > 40
