"""The sheet Scenarios: what it says, how scenarios compare with the base, and what becomes of a promoted one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import oracle
import pytest
from books_of_items import book_of
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.books.xlsx.create import create_book
from smile_xl.cli import run
from smile_xl.formulas.cells import CellFormula, Span
from smile_xl.planning import tidy
from smile_xl.planning.cycle import find_all, make_cycle, plan_of
from smile_xl.planning.scenarios import Change, Scenario, ScenarioError, change_of, with_changes
from smile_xl.planning.steering.comparison import COLUMNS, compare, rows, totals
from smile_xl.planning.steering.whatif import ScenarioLine, amount_text, find_scenario, what_text, without
from smile_xl.reports.steering.scenarios import scenarios_page

HEADS = ["Scenario", "What", "Applies to", "Change"]
WHEN = dt.datetime(2023, 8, 1, 9)


def item(country: str, code: str, brand: str, **more: object) -> oracle.Item:
    transit = [7.0, 5, 0, 3, 11, 2, 13, 4]
    demand = [30.0, 10, 40, 20, 0, 50, 30, 20, 10, 40, 60, 30, 20]
    confirmed: list[float | None] = [None, None, 25.0, None, 10.0, *[None] * 7]
    given = {"weeks_cover": 3.0, "transit": transit, "demand": demand, "confirmed": confirmed, "opening": 45.0}
    given |= {"brand": brand, "sub_category": "S", "unit_cost": 2.0, "landed_cost": 3.0}
    return oracle.Item(country, code, "Regular", **(given | more))


ITEMS = [
    item("Morocco", "1", "B1"),
    item("Morocco", "2", "B2", opening=5.0),
    item("Algeria", "1", "B1"),
    item("Tunisia", "3", "B1"),
]


def book(*lines: list[object], items: list[oracle.Item] = ITEMS, leave: tuple[str, ...] = ()) -> MemoryBook:
    made = book_of(items)
    sheets = {name: made.read(name).rows for name in made.sheet_names() if name not in leave}
    return MemoryBook(sheets | {"Scenarios": [["What if"], HEADS, *lines]})


def test_rows_of_one_name_are_one_scenario_whatever_its_spelling() -> None:
    made = book(
        ["More", "demand", None, "+10 %"],
        ["Late", "Retard", "Pays=Maroc", 2.0],
        ["  more", "Weeks cover", "brand=B1", -1.0],
    )
    lines = make_cycle(made).inputs.steering.scenarios
    assert find_scenario(lines, "MORE").changes == (
        Change("demand", (), factor=1.1),
        Change("weeks_cover", (("brand", "B1"),), shift=-1.0),
    )
    assert [line.name for line in without(lines, "More")] == ["Late"]
    with pytest.raises(ScenarioError, match="no_scenario") as refused:
        find_scenario(lines, "less")
    assert "More, Late" in refused.value.text("en")
    assert "pas de scénario" in refused.value.text("fr")


@pytest.mark.parametrize(
    ("line", "cell", "words"),
    [
        (["X", "colour", None, 1.0], "B3", "Demand, Delay"),
        (["X", "demand", "colour=red", 0.1], "C3", "attribute=value"),
        (["X", "demand", None, "more"], "D3", "percentage"),
        (["X", "delay", None, 1.5], "D3", "whole weeks"),
        ([None, "delay", None, 1.0], "A3", "blank"),
    ],
)
def test_a_change_that_cannot_be_is_an_error_at_its_cell(line: list[object], cell: str, words: str) -> None:
    (finding,) = [one for one in find_all(book(line)) if one.severity == "error"]
    assert (finding.sheet, finding.cell) == ("Scenarios", cell)
    assert words in finding.text("en")
    assert finding.text("en") != finding.text("fr")


def test_without_the_column_of_the_items_nothing_is_read() -> None:
    """Under another header, each change would be one of all items."""
    made = book(["X", "demand", "country=Morocco", "+10 %"])
    rows = [["Scenario", "What", "For whom", "Change"] if row is HEADS else row for row in made.read("Scenarios").rows]
    sheets = {name: made.read(name).rows for name in made.sheet_names()}
    (finding,) = [one for one in find_all(MemoryBook(sheets | {"Scenarios": rows})) if one.severity == "error"]
    assert finding.sheet == "Scenarios"
    assert "Applies to" in finding.text("en")


@pytest.mark.parametrize(
    ("where", "cells"),
    [
        pytest.param("country=Moroco", ["C4"], id="a misspelt country"),
        pytest.param("country=Tunisia, brand=B1", ["C4"], id="a comma between the conditions"),
        pytest.param("country=Algeria; brand=B2", ["C4"], id="no item has both"),
        pytest.param("Pays=Maroc; Marque=B2", [], id="the other language"),
        pytest.param(None, [], id="every item"),
    ],
)
def test_a_change_of_no_item_is_a_warning_at_its_cell(where: str | None, cells: list[str]) -> None:
    lines = book(["X", "demand", None, "+10 %"], ["X", "demand", where, "+10 %"])
    found = [one for one in find_all(lines) if one.code == "scenario_no_item"]
    assert [(one.severity, one.sheet, one.cell) for one in found] == [("warning", "Scenarios", cell) for cell in cells]


WHERE = st.sampled_from(
    ["", "country=Morocco", "country=Morocco; country=Algeria; country=Tunisia", "brand=B1", "sap_code=1"]
)
PERCENT = st.integers(-90, 200).map(lambda number: f"{number:+d} %")
CHANGES = st.one_of(
    st.tuples(st.sampled_from(["demand", "unit_cost", "landed_cost"]), WHERE, PERCENT),
    st.tuples(st.just("delay"), WHERE, st.integers(0, 2).map(float)),
    st.tuples(
        st.just("delay"), st.sampled_from(["", "country=Morocco", "country=Tunisia"]), st.integers(3, 9).map(float)
    ),
    st.tuples(st.just("policy"), WHERE, st.sampled_from(["exact", "average"])),
    st.tuples(st.just("weeks_cover"), WHERE, st.integers(-4, 8).map(lambda half: half / 2)),
)


@given(st.lists(CHANGES, min_size=1, max_size=3), st.sampled_from(["en", "fr"]))
@budget(max_examples=25)
def test_a_change_is_read_as_it_is_shown(changes: list[tuple], spoken: str) -> None:
    for what, where, amount in changes:
        change = change_of(what, where, amount)
        again = change_of(
            what_text(change, spoken), where, amount_text(change, spoken) if what != "delay" else change.shift
        )
        assert again.factor == pytest.approx(change.factor, rel=1e-12)
        assert (again.what, again.where, again.shift, again.policy) == (
            change.what,
            change.where,
            change.shift,
            change.policy,
        )


@given(st.lists(CHANGES, min_size=1, max_size=3).filter(lambda changes: sum(one[0] == "delay" for one in changes) < 2))
@budget(max_examples=10)
def test_a_promoted_scenario_is_the_plan_that_was_compared(changes: list[tuple]) -> None:
    made = book(*(["Chosen", *change] for change in changes), ["Other", "demand", None, "+1 %"])
    base = make_cycle(made)
    wanted = with_changes(base.inputs, find_scenario(base.inputs.steering.scenarios, "Chosen").changes)
    plan = plan_of(wanted)
    promoted = commands.promote_scenario(made, "chosen", WHEN)
    again = make_cycle(made)
    for found in (promoted, again):
        for name in ("safety", "orders", "closing", "pipeline"):
            np.testing.assert_allclose(
                getattr(found.plan, name), getattr(plan, name), rtol=1e-9, atol=1e-9, err_msg=name
            )
        np.testing.assert_allclose(found.inputs.unit_cost, wanted.unit_cost)
        np.testing.assert_allclose(found.inputs.landed_cost, wanted.landed_cost)
        assert [line.name for line in found.inputs.steering.scenarios] == ["Other"]
    assert again.inputs.fingerprint() == promoted.inputs.fingerprint()
    totals_of = tidy.projections(again).query("country == 'Total'")["value"].sum()
    assert totals_of == pytest.approx(made_value(wanted, plan), rel=1e-9)


def made_value(inputs, plan) -> float:
    stock = np.maximum(plan.closing, 0) * inputs.unit_cost[:, None] + plan.pipeline * inputs.landed_cost[:, None]
    return float(stock[:, :10].sum())


def test_the_base_stands_first_and_is_the_projection() -> None:
    made = book(["More", "demand", "country=Morocco", "+50 %"])
    cycle = make_cycle(made)
    before = cycle.inputs.fingerprint()
    found = compare(cycle, [find_scenario(cycle.inputs.steering.scenarios, "More")])
    assert make_cycle(made).inputs.fingerprint() == cycle.inputs.fingerprint() == before
    table = rows(found, "base")
    assert list(table.columns) == ["scenario", "country", "month", *COLUMNS, "value"]
    assert len(table) == 2 * 3 * 12
    base = table[table["scenario"] == "base"].groupby("month")["value"].sum().to_numpy()[:10]
    projected = tidy.projections(cycle).query("country == 'Total'")["value"].to_numpy()
    np.testing.assert_allclose(base, projected, rtol=1e-9)
    same = table.set_index(["scenario", "country", "month"]).sort_index()
    for country in ("Algeria", "Tunisia"):
        assert same.loc[("base", country)].equals(same.loc[("More", country)])
    plans = oracle.plan(
        [item("Morocco", "1", "B1", demand=[1.5 * one for one in ITEMS[0].demand])],
        oracle.RULES,
        oracle.STATUSES,
        "exact",
        net_transit=False,
    )
    alone = compare(make_cycle(book(items=[ITEMS[0]])), [Scenario("More", (change_of("demand", "", "+50 %"),))])
    np.testing.assert_allclose(alone.sides[1].figures["orders_t"][0], plans[0]["orders"])
    assert totals(alone.sides[1])["shortage_t"] == pytest.approx(-sum(min(one, 0) for one in plans[0]["closing"]))


@pytest.mark.parametrize(
    ("lines", "leave", "code"),
    [
        pytest.param([["X", "delay", "brand=B1", 3.0]], (), "delay_partial", id="three weeks of a part of a country"),
        pytest.param([["X", "delay", None, 50.0]], (), "delay_long", id="beyond the plan"),
        pytest.param([["X", "delay", None, 4.0]], ("Countries",), "no_countries", id="no table of countries"),
        pytest.param([], (), "no_scenario", id="no such scenario"),
    ],
)
def test_a_scenario_that_no_input_can_say_is_refused_and_nothing_is_written(
    lines: list, leave: tuple, code: str
) -> None:
    made = book(*lines, leave=leave)
    before = {name: [list(row) for row in made.read(name).rows] for name in made.sheet_names()}
    with pytest.raises(ScenarioError) as refused:
        commands.promote_scenario(made, "X", WHEN)
    assert refused.value.code == code
    assert refused.value.text("en") != refused.value.text("fr")
    assert {name: [list(row) for row in made.read(name).rows] for name in made.sheet_names()} == before


class WithFormula(MemoryBook):
    """A book whose forecast begins with a formula."""

    def formulas(self, sheet: str) -> list[CellFormula]:
        return [CellFormula(Span(2, 9, 2, 9), "1+1")] if sheet == "SRM" else []

    def asides(self) -> list:
        return []

    def defined_names(self) -> dict:
        return {}

    def tables(self) -> list:
        return []


def test_a_number_is_not_put_where_a_formula_stands() -> None:
    plain = book(["More", "demand", None, "+10 %"])
    made = WithFormula({name: plain.read(name).rows for name in plain.sheet_names()})
    with pytest.raises(ScenarioError) as refused:
        commands.promote_scenario(made, "More", WHEN)
    assert (refused.value.code, refused.value.values) == ("formula", {"sheet": "SRM", "cell": "J3"})


def test_scenarios_are_added_and_dropped_and_the_sheet_is_made_where_it_is_missing() -> None:
    made = book_of(ITEMS)
    commands.add_scenario(made, "Late", change_of("delay", "Pays=Maroc", 2))
    commands.add_scenario(made, "More", change_of("demand", "", "+10 %"))
    assert [line.name for line in make_cycle(made).inputs.steering.scenarios] == ["Late", "More"]
    assert made.pages["Scenarios"].blocks[0].rows[0] == ["Late", "Delay", "Country = Morocco", 2.0]
    commands.drop_scenario(made, "late")
    assert make_cycle(made).inputs.steering.scenarios == (ScenarioLine("More", Change("demand", (), factor=1.1)),)
    assert "Scenarios" in {scenarios_page(make_cycle(made).inputs).sheet}


def test_the_command_compares_adds_promotes_and_drops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.xlsx"
    create_book(path, commands.master_file(book(["More", "demand", None, "+10 %"]), WHEN)).save()

    def told(*arguments: str, code: int = 0) -> tuple[str, str]:
        assert run(["scenario", str(path), *arguments], "en") == code
        return capsys.readouterr()

    lines = told("more", "--format", "csv")[0].splitlines()
    assert lines[0].startswith("scenario,country,month,stock_t,stock_cash")
    assert {line.split(",")[0] for line in lines[1:]} == {"base", "More"}
    assert "Orders, 12 months (t)" in told()[0]
    assert len(told()[0].splitlines()) == 8, "a file has one long line a figure"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        patch.setenv("COLUMNS", "70")
        narrow = told()[0].splitlines()
    assert max(map(len, narrow)) <= 70
    assert sum(line.startswith("Orders, 12 months (t)") for line in narrow) > 1, "each part names the figures"
    assert "no scenario" in told("less", code=2)[1]
    assert "--what and --change" in told("--add", "Late", code=2)[1]
    assert "Choose one" in told("--drop", "More", "--promote", "More", code=2)[1]
    was = path.read_bytes()
    assert (
        "No item of the book is picked by Country = Moroco"
        in told("--add", "Bad", "--what", "demand", "--change", "+5 %", "--where", "country=Moroco", code=2)[1]
    )
    assert "percent sign" in told("--add", "Bad", "--what", "demand", "--change", "10", code=2)[1]
    assert path.read_bytes() == was
    assert "percentage" in told("--add", "Bad", "--what", "demand", "--change", "lots", code=2)[1]
    assert (
        "Delay 2 (Country = Morocco)"
        in told("--add", "Late", "--what", "retard", "--change", "2", "--where", "Pays=Maroc")[1]
    )
    before = told("Late", "--format", "csv")[0]
    assert "is the plan now" in told("--promote", "Late", "--stamp", "2023-08-01")[1]
    late = [line.split(",", 1)[1] for line in before.splitlines() if line.startswith("Late")]
    now = [line.split(",", 1)[1] for line in told("More", "--format", "csv")[0].splitlines() if line.startswith("base")]
    for line, want in zip(now, late, strict=True):
        np.testing.assert_allclose(
            [float(one) for one in line.split(",")[2:]], [float(one) for one in want.split(",")[2:]], rtol=1e-9
        )
    assert "is dropped" in told("--drop", "More")[1]
    assert "no scenarios" in told()[1]
