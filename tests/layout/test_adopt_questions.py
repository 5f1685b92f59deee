"""What adopting a workbook asks rather than guesses: sheets, columns, units, months."""

from __future__ import annotations

import pytest
from adopting import adopt, assert_same_plan, mapping, questions
from team_books import french, items, master

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import find_all
from smile_xl.planning.layout.units import Unit, unit_in

OWN = items()


# Questions ----------------------------------------------------------------------------------------------------------


def test_two_sheets_that_could_be_srm_are_a_question_without_a_best_choice() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb (2)"] = sheets["Plan Maghreb"]
    assert questions(MemoryBook(sheets)) == {"srm": (["Plan Maghreb", "Plan Maghreb (2)", ""], None)}
    book = MemoryBook(sheets)
    adopt(book, answers={("", "srm", ""): ("Plan Maghreb (2)",)})
    assert_same_plan(book, master(OWN))
    assert not commands.propose_layout(book).questions


def test_an_old_sheet_without_transit_is_asked_but_the_whole_one_is_the_best() -> None:
    sheets = french(OWN)
    sheets["Ancien"] = [row[:20] for row in sheets["Plan Maghreb"]]
    choices, best = questions(MemoryBook(sheets))["srm"]
    assert best is not None
    assert choices[best] == "Plan Maghreb"


def test_two_columns_that_could_be_the_opening_stock_are_a_question() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][3][20] = "Stock disponible (kg)"
    choices, best = questions(MemoryBook(sheets))["opening"]
    assert choices == ["Stock physique (kg)", "Stock disponible (kg)"]
    assert best is None


def test_a_name_of_the_catalogue_is_the_best_choice_beside_a_weaker_one() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][3][20] = "Stock initial (kg)"
    choices, best = questions(MemoryBook(sheets))["opening"]
    assert choices[best or 0] == "Stock initial (kg)"


def test_orders_without_our_formulas_may_be_confirmed_ones() -> None:
    sheets = french(OWN)
    bands = sheets["Plan Maghreb"][3]
    bands[bands.index("Commandes fermes (kg)")] = "Commandes (kg)"
    assert questions(MemoryBook(sheets)) == {"confirmed": (["Commandes (kg) / {month}", ""], None)}
    key = ("Plan Maghreb", "srm", "confirmed")
    book = MemoryBook(sheets)
    adopt(book, answers={key: ("Commandes (kg) / {month}",)})
    assert_same_plan(book, master(OWN))
    book = MemoryBook(sheets)
    adopt(book, answers={key: ("",)})
    assert "Commandes" not in str([row[3] for row in mapping(book).values()])
    assert not commands.propose_layout(book).questions


def test_months_without_a_name_above_them_are_asked() -> None:
    sheets = french(OWN)
    bands = sheets["Plan Maghreb"][3]
    bands[bands.index("Prévisions de ventes (kg)")] = "Chiffres (kg)"
    assert questions(MemoryBook(sheets)) == {"forecast": (["Chiffres (kg) / {month}"], None)}


def test_a_unit_in_brackets_that_is_none_is_asked() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][3][7] = "Stock physique (unité X)"
    choices, best = questions(MemoryBook(sheets))["opening:unit"]
    assert (choices, best) == (["t", "kg", "g", "cases"], None)


def test_a_unit_that_can_not_be_converted_is_not_taken() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][3][7] = "Stock physique (palettes)"
    found = commands.propose_layout(MemoryBook(sheets))
    assert found.drafts[0].refused == [("Stock physique (palettes)", "palettes")]
    assert [need.key[2] for need in found.needs] == ["opening"]


def test_units_that_differ_row_by_row_are_asked() -> None:
    sheets = {name: [list(row) for row in master(OWN).read(name).rows] for name in ("SRM", "Costs")}
    sheets["SRM"][0][0] = "Produits"
    sheets["SRM"][1] += ["UQ"]
    for place, row in enumerate(sheets["SRM"][2:]):
        row += ["CAR" if place % 2 else "KG"]
    sheets["SRM"].append(["Total"])
    assert "opening:unit" not in questions(MemoryBook(sheets))  # the blocks say tonnes
    sheets["SRM"][0] = ["Stock" if cell == "Stock (t)" else cell for cell in sheets["SRM"][0]]
    assert questions(MemoryBook(sheets))["opening:unit"][1] is None


# Units --------------------------------------------------------------------------------------------------------------


def in_cases(weight: float | None = 4.8) -> dict[str, list[list[object]]]:
    """Opening stock in cases of 4.8 kg, cover in days."""
    sheets = french(OWN)
    rows = sheets["Plan Maghreb"]
    rows[3][7] = "Stock physique (caisses)"
    rows[4][4] = "Couverture (jours)"
    rows[4][2] = "Poids carton (kg)"
    for row in rows[5:]:
        if len(row) > 7 and str(row[1] or "").startswith("0000"):
            row[7] = float(row[7]) / 4.8  # type: ignore[arg-type]
            row[4] = float(row[4]) * 7  # type: ignore[arg-type]
            row[2] = weight
        elif len(row) > 2 and row[2]:
            row[1:3] = [None, None]
            row[0] = "Total"
    return sheets


def test_cases_and_days_become_tonnes_and_weeks() -> None:
    book = MemoryBook(in_cases())
    adopt(book)
    assert_same_plan(book, master(OWN))
    assert mapping(book)["Opening"][5] == "cases"
    assert mapping(book)["Weeks cover"][5] == "days"


def test_cases_of_unknown_weight_are_an_error_at_their_cell() -> None:
    book = MemoryBook(in_cases(weight=None))
    adopt(book)
    errors_found = [finding for finding in find_all(book) if finding.severity == "error"]
    assert {finding.code for finding in errors_found} == {"map_no_weight"}
    assert (errors_found[0].sheet, errors_found[0].cell) == ("Plan Maghreb", "H7")


@pytest.mark.parametrize(
    ("path", "family", "unit"),
    [
        pytest.param(("Stock (kg)", "Initial"), "quantity", Unit("kg"), id="above the column"),
        pytest.param(("MOQ t",), "quantity", Unit("t"), id="without brackets"),
        pytest.param(("Stock début de mois",), "quantity", Unit(), id="a month is no unit of a stock"),
        pytest.param(("Stock en jours",), "quantity", Unit(other="jours"), id="a stock in days is a cover"),
        pytest.param(("Stock (UVC)",), "quantity", Unit(other="UVC"), id="pieces"),
        pytest.param(("Stock (net)",), "quantity", Unit(unclear="net"), id="something in brackets"),
        pytest.param(("Unit cost (EUR/t)",), "money", Unit("t"), id="money per tonne"),
        pytest.param(("Coût unitaire €/kg",), "money", Unit("kg"), id="money per kilogram"),
        pytest.param(("Unit cost (EUR)",), "money", Unit(), id="a currency alone"),
        pytest.param(("Coût (k€/t)",), "money", Unit(other="k€/t"), id="thousands"),
        pytest.param(("Cost per case",), "money", Unit(other="per case"), id="money per case"),
        pytest.param(("Kg per case",), "weight", Unit("kg"), id="a weight names its unit anywhere"),
        pytest.param(("Poids net (g)",), "weight", Unit("g"), id="grams"),
        pytest.param(("Couverture (mois)",), "time", Unit("months"), id="a cover in months"),
    ],
)
def test_the_unit_of_a_header(path: tuple[str, ...], family: str, unit: Unit) -> None:
    assert unit_in(path, family) == unit


def test_a_unit_of_another_block_that_goes_on_over_a_column_is_asked() -> None:
    """Without its own name above, the stock would be read in the kilograms of the forecast, or in tonnes."""
    sheets = french(OWN)
    rows = sheets["Plan Maghreb"]
    for row in rows:
        if len(row) > 20:
            row[20] = row[7]
            row[7] = None
    rows[3][20], rows[4][20] = None, "Stock initial"
    assert questions(MemoryBook(sheets))["opening:unit"] == (["t", "kg", "g", "cases"], None)


# Months that would be lost ------------------------------------------------------------------------------------------


def test_a_month_with_a_slip_in_its_header_is_an_error_and_not_left_out() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][4][40] = "mars-2o2"
    book = MemoryBook(sheets)
    adopt(book)
    (one,) = [finding for finding in find_all(book) if finding.severity == "error"]
    assert (one.code, one.sheet, one.cell) == ("month_not_date", "Plan Maghreb", "AO5")


def test_figures_without_a_header_beside_the_months_are_an_error() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][4][40] = None
    book = MemoryBook(sheets)
    adopt(book)
    (one,) = [finding for finding in find_all(book) if finding.severity == "error"]
    assert (one.code, one.sheet, one.cell) == ("map_unnamed", "Plan Maghreb", "AO5")


def test_confirmed_orders_whose_months_can_not_be_read_are_asked() -> None:
    sheets = french(OWN)
    heads = sheets["Plan Maghreb"][4]
    heads[29:41] = list(reversed(heads[29:41]))
    assert questions(MemoryBook(sheets)) == {"confirmed": ([""], None)}


def test_confirmed_orders_may_leave_months_out() -> None:
    sheets = french(OWN)
    for row in sheets["Plan Maghreb"]:
        del row[33:39]
    book = MemoryBook(sheets)
    adopt(book)
    assert_same_plan(book, master(OWN))
