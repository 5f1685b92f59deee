"""A team's own tables and rows: which are read, which are written, and which are no items."""

from __future__ import annotations

import datetime as dt

import pytest
from adopting import adopt, assert_same_plan, codes, mapping
from team_books import by_country, french, items, master

from smile_xl import commands
from smile_xl.book import BookError
from smile_xl.books.memory import MemoryBook
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.grid import Grid
from smile_xl.planning.layout.heads import heads

OWN = items()
START_TIME = dt.datetime(2019, 4, 2)


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
