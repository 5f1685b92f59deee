"""A team's own workbook, adopted, gives the figures of a Master File with the same inputs."""

from __future__ import annotations

import datetime as dt

import pytest
from adopting import adopt, assert_same_plan, codes, edit, mapping, plan, questions
from books_of_items import month
from team_books import START, by_country, french, french_months, items, master

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.findings import InputError
from smile_xl.planning.layout.units import Unit, price_of_title

OWN = items()
START_TIME = dt.datetime(2019, 4, 2)


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
