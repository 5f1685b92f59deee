"""A team's own workbook, adopted, gives the figures of a Master File with the same inputs."""

from __future__ import annotations

import datetime as dt

import pytest
from adopting import adopt, assert_same_plan, plan, questions
from books_of_items import month
from team_books import START, by_country, french, french_months, items, master

from smile_xl import commands
from smile_xl.book import BookError
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.findings import InputError
from smile_xl.planning.grid import Grid
from smile_xl.planning.layout.heads import heads
from smile_xl.planning.layout.units import Unit, price_of_title, unit_in

OWN = items()
START_TIME = dt.datetime(2019, 4, 2)


def codes(book: MemoryBook) -> list[str]:
    return [finding.code for finding in find_all(book) if finding.severity == "error"]


def mapping(book: MemoryBook) -> dict[str, list[object]]:
    """Rows of the sheet Mapping by field."""
    name = next(sheet for sheet in ("Mapping", "Correspondance") if sheet in book.sheet_names())
    return {str(row[2]): list(row) for row in book.read(name).rows if len(row) == 7}


def edit(book: MemoryBook, field: str, column: int, value: object) -> None:
    """Type something into the sheet Mapping."""
    rows = [list(row) for row in book.read("Mapping").rows]
    next(row for row in rows if len(row) == 7 and row[2] == field)[column] = value
    book._grids["Mapping"] = type(book.read("Mapping"))("Mapping", rows)


def test_a_french_workbook_gives_the_figures_of_a_master_file() -> None:
    book = MemoryBook(french(OWN))
    found = adopt(book, "fr")
    assert_same_plan(book, master(OWN))
    assert [draft.part.sheet for draft in found.drafts] == ["Plan Maghreb", "Coûts std"]
    assert mapping(book)["Prévisions (t)"][3:6] == ["Prévisions de ventes (kg) / {month}", None, "kg"]
    assert mapping(book)["Stock initial"][3] == "Stock physique (kg)"


def test_months_as_texts_may_stand_alone_in_the_lower_header_row() -> None:
    """As where the headers of the items are merged downwards: the row below them names nothing but months."""
    sheets = french(OWN)
    bands, heads = sheets["Plan Maghreb"][3:5]
    for column, text in enumerate(heads):
        if isinstance(text, str) and (column < 7 or text.startswith("S")):
            bands[column] = text if column < 7 else f"En transit {text} (kg)"
            heads[column] = None
    book = MemoryBook(sheets)
    adopt(book, "fr")
    assert_same_plan(book, master(OWN))


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        pytest.param("Coûts standards 2023 (EUR/kg)", Unit("kg"), id="in brackets"),
        pytest.param("Coûts en € par kg, 2023", Unit("kg"), id="in words"),
        pytest.param("Prices in EUR/t", Unit("t"), id="per tonne"),
        pytest.param("Prix (EUR/carton)", Unit(other="EUR/carton"), id="per case"),
        pytest.param("Costs (draft) in 2023, EUR", Unit(), id="a currency alone"),
    ],
)
def test_a_title_may_say_the_unit_of_all_prices(title: str, unit: Unit) -> None:
    assert price_of_title([title]) == unit


def test_prices_under_a_title_with_their_unit_are_read_in_it() -> None:
    sheets = french(OWN)
    sheets["Coûts std"][:2] = [["Coûts 2019 (€/kg)"], ["Pays", "Code article", "Coût standard", "Coût rendu"]]
    book = MemoryBook(sheets)
    adopt(book, "fr")
    assert_same_plan(book, master(OWN))
    sheets["Coûts std"][0] = ["Coûts 2019 (€/carton)"]
    assert set(questions(MemoryBook(sheets))) == {"unit_cost:unit", "landed_cost:unit"}


def test_what_was_left_out_is_counted_in_the_checks() -> None:
    book = MemoryBook(french(OWN))
    adopt(book)
    (one,) = [finding for finding in find_all(book) if finding.code == "map_left_out"]
    assert (one.sheet, one.cell, one.values["count"]) == ("Plan Maghreb", "A6", 6)  # 2 headings, 3 totals, 1 legend


def test_findings_name_the_teams_own_cells() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][6][10] = "douze"
    book = MemoryBook(sheets)
    adopt(book)
    (one,) = [finding for finding in find_all(book) if finding.severity == "error"]
    assert (one.code, one.sheet, one.cell) == ("not_a_number", "Plan Maghreb", "K7")


def test_a_sheet_per_country_is_one_table() -> None:
    names = {"Morocco": "Maroc", "Algeria": "Algérie", "Tunisia": "Tunisie"}
    book = MemoryBook(by_country(OWN, names))
    adopt(book)
    got = plan(book)
    want = {(names[country], code): figures for (country, code), figures in plan(master(OWN)).items()}
    assert got.keys() == want.keys()
    for key, figures in want.items():
        assert got[key] == pytest.approx(figures, rel=1e-9, abs=1e-9)


def test_a_finding_in_one_of_several_sheets_names_that_one() -> None:
    sheets = by_country(OWN, {"Morocco": "Maroc", "Algeria": "Algérie", "Tunisia": "Tunisie"})
    sheets["Tunisie"][2][6] = "x"
    book = MemoryBook(sheets)
    adopt(book)
    (one,) = [finding for finding in find_all(book) if finding.severity == "error"]
    assert (one.sheet, one.cell) == ("Tunisie", "G3")


def test_sheets_of_one_table_with_other_months_are_refused() -> None:
    sheets = by_country(OWN, {"Morocco": "Maroc", "Algeria": "Algérie", "Tunisia": "Tunisie"})
    later = [f"{month(place, START):%m/%Y} Fcst" for place in range(1, 13)]
    sheets["Tunisie"][0][6:18] = later
    book = MemoryBook(sheets)
    adopt(book)
    assert "map_months_differ" in codes(book)


def test_a_second_adopt_asks_nothing_and_has_nothing_new() -> None:
    book = MemoryBook(french(OWN))
    first = adopt(book)
    assert first.is_new
    again = commands.propose_layout(book)
    assert not again.questions
    assert not again.is_new
    page = book.pages["Mapping"]
    commands.write_layout(book, again, "en")
    assert [row[:6] for row in book.pages["Mapping"].blocks[0].rows] == [row[:6] for row in page.blocks[0].rows]


def test_a_master_file_needs_no_mapping() -> None:
    found = commands.propose_layout(master(OWN))
    assert {table for table, _ in found.as_is} == {"srm", "costs"}
    assert not found.drafts
    assert not found.is_new


def test_a_master_file_with_totals_is_adopted() -> None:
    sheets = {name: [list(row) for row in master(OWN).read(name).rows] for name in ("SRM", "Costs")}
    sheets["SRM"].append(["Total", *[None] * 8, *[99.0] * 12])
    book = MemoryBook(sheets)
    adopt(book)
    assert_same_plan(book, master(OWN))


# Changed layouts ----------------------------------------------------------------------------------------------------


def test_a_header_that_is_gone_is_named_with_its_sheet() -> None:
    sheets = french(OWN)
    book = MemoryBook(sheets)
    adopt(book)
    sheets["Plan Maghreb"][3][7] = "Stock au dépôt"
    changed = MemoryBook({**sheets, "Mapping": book.read("Mapping").rows})
    (one,) = [finding for finding in find_all(changed) if finding.severity == "error"]
    assert one.sheet == "Mapping"
    assert one.text("en") == 'the sheet Plan Maghreb has no header "Stock physique (kg)" any more'
    assert "Stock physique (kg)" in one.text("fr")


def test_a_unit_that_changes_in_a_header_is_a_changed_header() -> None:
    sheets = french(OWN)
    book = MemoryBook(sheets)
    adopt(book)
    sheets["Plan Maghreb"][3][7] = "Stock physique (t)"
    assert "map_header_gone" in codes(MemoryBook({**sheets, "Mapping": book.read("Mapping").rows}))


def errors(book: MemoryBook) -> list[str]:
    return [finding.line("en") for finding in find_all(book) if finding.severity == "error"]


def test_the_next_cycle_needs_no_new_mapping() -> None:
    """Rows and columns inserted, months moved on by one: found by their headers again."""
    sheets = french(OWN)
    book = MemoryBook(sheets)
    adopt(book)
    rows = sheets["Plan Maghreb"]
    moved: dict[object, object] = dict(zip(french_heads(0), french_heads(1), strict=True))
    rows[4] = [moved.get(head, head) for head in rows[4]]
    sheets["Plan Maghreb"] = [
        ["a new line"],
        *([*row[:2], "new" if place == 4 else None, *row[2:]] for place, row in enumerate(rows)),
    ]
    again = MemoryBook({**sheets, "Mapping": book.read("Mapping").rows})
    assert errors(again) == []
    cycle = make_cycle(again)
    assert (cycle.inputs.months[0].year, cycle.inputs.months[0].month) == (2019, 5)
    assert len(cycle.inputs.items) == len(OWN)


def french_heads(later: int) -> list[str]:
    return french_months(12 + later)[later:]


@pytest.mark.parametrize(
    ("field", "column", "value", "code"),
    [
        pytest.param("Status", 0, "Blatt 9", "map_sheet_gone", id="a sheet that is not there"),
        pytest.param("Status", 1, "Budget", "map_table_unknown", id="a table that is none"),
        pytest.param("Status", 2, "Colour", "map_field_unknown", id="a field that is none"),
        pytest.param("Status", 2, "Country", "map_twice", id="a field twice"),
        pytest.param("Opening", 5, "pallets", "map_reading_unknown", id="a unit that is none of ours"),
        pytest.param("Header rows", 4, 7.0, "map_header_rows", id="seven header rows"),
        pytest.param("Status", 4, "Regular", "map_both", id="a header and a value"),
        pytest.param("Status", 3, None, "map_empty", id="neither header nor value"),
        pytest.param("Forecast (t)", 3, "Remarques", "map_month_unread", id="months under a header without months"),
        pytest.param("Opening", 3, "Désignation / x", "map_header_gone", id="a header that is not there"),
    ],
)
def test_a_fault_in_the_sheet_mapping_is_named_with_its_cell(field: str, column: int, value: object, code: str) -> None:
    book = MemoryBook(french(OWN))
    adopt(book)
    edit(book, field, column, value)
    found = [finding for finding in find_all(book) if finding.code == code]
    assert found
    assert all(finding.sheet == "Mapping" and finding.cell for finding in found)
    for one in found:
        assert "{" not in one.text("en").replace("{month}", "")
        assert one.action("fr")
    with pytest.raises(InputError):
        make_cycle(book)


def test_a_value_typed_into_the_mapping_holds_for_all_rows() -> None:
    """A team without a column for the status or the weeks of cover can still plan."""
    own = [type(item)(**{**vars(item), "status": "Regular", "weeks_cover": 6.0}) for item in OWN]
    sheets = french(own)
    rows = sheets["Plan Maghreb"]
    for row in rows[4:]:
        row[3:5] = [None, None] if row else []
    book = MemoryBook(sheets)
    found = adopt(book)
    assert [need.key[2] for need in found.needs] == ["status", "weeks_cover"]
    assert codes(book) == ["map_empty", "map_empty"]
    edit(book, "Status", 4, "= Regular")
    edit(book, "Weeks cover", 4, 6.0)
    assert_same_plan(book, master(own))
    edit(book, "Status", 4, "Regulr")
    (one, *_) = [finding for finding in find_all(book) if finding.severity == "error"]
    assert (one.code, one.sheet) == ("status_unknown", "Mapping")


# Results ------------------------------------------------------------------------------------------------------------


def with_closing(book: MemoryBook) -> dict[str, list[list[object]]]:
    sheets = {name: [list(row) for row in book.read(name).rows] for name in book.sheet_names()}
    rows = sheets["Plan Maghreb"]
    width = max(map(len, rows))
    for place, row in enumerate(rows):
        row += [None] * (width - len(row))
        months = [f"{name}" for name in french_heads(0)]
        row += ["Stock fin de mois (t)", *[None] * 11] if place == 3 else months if place == 4 else [-1.0] * 12
    return sheets


def test_figures_of_the_team_are_never_taken_for_results() -> None:
    book = MemoryBook(with_closing(MemoryBook(french(OWN))))
    found = adopt(book)
    assert found.drafts[0].results == ["Stock fin de mois (t) / {month}"]
    before = book.read("Plan Maghreb").rows
    commands.refresh(book, START_TIME)
    assert book.read("Plan Maghreb").rows == before


def test_results_go_into_the_blocks_that_the_team_has_mapped_and_nowhere_else() -> None:
    book = MemoryBook(with_closing(MemoryBook(french(OWN))))
    adopt(book)
    rows = [list(row) for row in book.read("Mapping").rows]
    rows.append(["Plan Maghreb", "SRM", "Closing (t)", "Stock fin de mois (t) / {month}", None, None, None])
    book = MemoryBook({**{name: book.read(name).rows for name in book.sheet_names()}, "Mapping": rows})
    assert errors(book) == []
    before = [list(row) for row in book.read("Plan Maghreb").rows]
    cycle = commands.refresh(book, START_TIME)
    after = book.read("Plan Maghreb").rows
    items_at = [row for row, _ in enumerate(before) if row > 4 and str(before[row][1] or "").startswith("0000")]
    for item, row in enumerate(items_at):
        assert list(after[row][-12:]) == cycle.plan.closing[item].tolist()
    for row, line in enumerate(before):
        assert list(after[row][:-12]) == line[:-12]
        if row not in items_at:
            assert list(after[row]) == line


def test_a_report_never_takes_the_place_of_a_sheet_of_the_team() -> None:
    sheets = french(OWN)
    sheets["Projections"] = [["our own projections"], [1.0]]
    sheets["Countries"] = [["our list of ports"], ["Casablanca"]]
    book = MemoryBook(sheets)
    found = adopt(book)
    assert set(found.own) == {"Projections", "Countries"}
    for _ in range(2):
        commands.refresh(book, START_TIME)
        assert book.read("Projections").rows == sheets["Projections"]
        assert {"Projections SMILE", "Availability"} <= set(book.sheet_names())
    links = [
        cell.sheet
        for block in book.pages["Summary"].blocks
        for row in block.rows
        for cell in row
        if hasattr(cell, "sheet")
    ]
    assert "Projections" not in links
    assert "Projections SMILE" in links


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


# Tables of the team's own are read, and written by the team alone ---------------------------------------------------


def with_own(table: str) -> MemoryBook:
    sheets = french(OWN)
    one = OWN[0]
    if table == "opportunities":
        heads = ["Période", "Pays", "Code SAP à risque", "Code SAP du donneur", "Quantité (kg)"]
        sheets["Échanges"] = [heads, ["avr.-19", one.country, one.sap_code, OWN[3].sap_code, 0.0]]
    else:
        sheets["Règles"] = [["Pays", "N° SAP", "Politique"], [one.country, one.sap_code, "moyenne"]]
    book = MemoryBook(sheets)
    adopt(book, "fr")
    return book


def test_safety_policies_of_the_team_hold_and_are_not_written() -> None:
    book = with_own("safety_policies")
    assert make_cycle(book).inputs.policies == {0: "average"}
    before = {name: book.read(name) for name in book.sheet_names()}
    with pytest.raises(BookError) as refused:
        commands.simulate(book, START_TIME, runs=50, accept=True)
    assert refused.value.code == "adopted_table"
    assert refused.value.values["sheet"] == "Règles"
    assert {name: book.read(name) for name in book.sheet_names()} == before


def test_opportunities_of_the_team_are_read_with_their_month_and_unit() -> None:
    book = with_own("opportunities")
    (line,) = make_cycle(book).inputs.opportunities
    assert (line.month, line.risk, line.donor, line.tonnes) == (0, 0, 3, 0.0)


def test_a_scenario_becomes_the_plan_in_the_teams_own_cells() -> None:
    scenarios = [["Scenario", "What", "Change", "Where"], ["Boost", "demand", "+10%", f"sap_code={OWN[1].sap_code}"]]
    book = MemoryBook({**french(OWN), "Scenarios": scenarios})
    adopt(book)
    before = book.read("Plan Maghreb").rows
    commands.promote_scenario(book, "Boost", START_TIME)
    after = book.read("Plan Maghreb").rows
    changed = {
        (row, column): (old, new)
        for row, (line, own) in enumerate(zip(before, after, strict=True))
        for column, (old, new) in enumerate(zip(line, own, strict=True))
        if old != new
    }
    assert {row for row, _ in changed} == {7}
    assert {column for _, column in changed} == set(range(8, 20))
    assert all(new == pytest.approx(old * 1.1) for old, new in changed.values())


# Rows that are items, and rows that are not -------------------------------------------------------------------------


def test_a_row_with_a_sap_code_is_an_item_whatever_it_is_called() -> None:
    sheets = french(OWN)
    sheets["Plan Maghreb"][6][2] = "Total Care shampoo"
    book = MemoryBook(sheets)
    adopt(book)
    assert_same_plan(book, master(OWN))


def unlabelled(*, right: bool) -> MemoryBook:
    """Sums without a name below each group, and headers that come again."""
    sheets = french(OWN)
    rows = sheets["Plan Maghreb"]
    for row in rows:
        if len(row) > 20 and str(row[2]).startswith("Total"):
            row[0:3] = [None, None, None]
            row[8] = row[8] if right else 1.0
    rows.insert(9, list(rows[4]))
    del rows[-43:]  # the grand total that is none, the legend
    return MemoryBook(sheets)


def test_sums_without_a_name_and_headers_again_are_left_out() -> None:
    book = unlabelled(right=True)
    adopt(book)
    assert "sums without a name" in str(mapping(book)["Rows left out"][4])
    assert_same_plan(book, master(OWN))


def test_a_row_without_a_name_that_is_no_sum_is_an_error() -> None:
    book = unlabelled(right=False)
    adopt(book)
    assert set(codes(book)) == {"blank"}


def test_the_same_month_twice_under_one_header_is_an_error() -> None:
    sheets = french(OWN)
    book = MemoryBook(sheets)
    adopt(book)
    heads = sheets["Plan Maghreb"][4]
    heads[40] = heads[39]
    changed = MemoryBook({**sheets, "Mapping": book.read("Mapping").rows})
    assert "map_header_twice" in codes(changed)


def test_the_country_may_stand_in_the_title() -> None:
    own = items(3, ("Morocco",))
    sheets = by_country(own, {"Morocco": "Feuil1"})
    sheets["Feuil1"] = [["Supply plan Morocco"], [], *sheets["Feuil1"]]
    sheets["Costs"] = [[item if item != "Feuil1" else "Morocco" for item in row] for row in sheets["Costs"]]
    book = MemoryBook(sheets)
    found = adopt(book)
    assert found.drafts[0].part.spots["country"].fixed == "Morocco"
    assert_same_plan(book, master(own))


def test_a_header_holds_up_to_the_next_one_in_its_row_or_above() -> None:
    rows = [["A", None, "B", None], ["a", None, None, None], ["1x", "2x", "3x", "4x"]]
    assert [head.text for head in heads(Grid("x", rows), 2, 3)] == ["A / a / 1x", "A / a / 2x", "B / 3x", "B / 4x"]


def test_costs_may_stand_beside_the_items() -> None:
    sheets = french(OWN)
    del sheets["Coûts std"]
    rows = sheets["Plan Maghreb"]
    costs = {f"0000{item.sap_code}": [item.unit_cost, item.landed_cost] for item in OWN}
    for place, row in enumerate(rows):
        row += [None] * (43 - len(row))
        own = [None, None] if place != 3 else ["Coût unitaire (€/t)", "Coût rendu (€/t)"]
        row += costs.get(str(row[1]), own)
    book = MemoryBook(sheets)
    found = adopt(book)
    assert [draft.part.sheet for draft in found.drafts] == ["Plan Maghreb", "Plan Maghreb"]
    assert_same_plan(book, master(OWN))


def test_adopt_again_finds_a_header_that_was_renamed() -> None:
    sheets = french(OWN)
    book = MemoryBook(sheets)
    adopt(book)
    sheets["Plan Maghreb"][3][7] = "Stock initial (kg)"
    changed = MemoryBook({**sheets, "Mapping": book.read("Mapping").rows})
    found = adopt(changed)
    assert found.is_new
    assert mapping(changed)["Opening"][3] == "Stock initial (kg)"
    assert_same_plan(changed, master(OWN))
