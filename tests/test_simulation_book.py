"""The command simulate on real files: its page, its figures, and the policies that a planner accepts."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import oracle
import pandas as pd
import pytest
from books_of_items import book_of
from real_book import real_book

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.render import render
from smile_xl.cli import run, simulate
from smile_xl.core import SAFETY_METHODS
from smile_xl.planning import service, simulation
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.findings import InputError
from smile_xl.planning.policies import POLICIES

STAMP = "2023-08-01T09:00"
WHEN = dt.datetime(2023, 8, 1, 9)
QUICK = ("--runs", "40", "--stamp", STAMP)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("made")
    paths = {language: folder / f"book_{language}.xlsx" for language in ("en", "fr")}
    for language, path in paths.items():
        assert run(["new", str(path), "--lang", language, "--stamp", STAMP], language) == 0
    return paths


@pytest.fixture
def book(made: dict[str, Path], tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(made["en"].read_bytes())
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


# ------------------------------------------------------------------------------------------------------------ the page


def test_the_page_is_added_and_nothing_else_changes(book: Path) -> None:
    before = parts(book)
    assert run(["simulate", str(book), *QUICK], "en") == 0
    after = parts(book)
    assert XlsxBook(book).sheet_names()[-1] == "Simulation"
    shared = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml"}  # fmt: skip
    assert {name for name in before if before[name] != after[name]} <= shared
    first = book.read_bytes()
    assert run(["simulate", str(book), *QUICK], "en") == 0
    assert book.read_bytes() == first


def test_a_refresh_leaves_the_page_as_it_is(book: Path) -> None:
    assert run(["simulate", str(book), *QUICK], "en") == 0
    before = [list(row) for row in XlsxBook(book).read("Simulation").rows]
    assert run(["refresh", str(book), "--stamp", "2023-09-01T09:00"], "en") == 0
    assert [list(row) for row in XlsxBook(book).read("Simulation").rows] == before


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_shows_the_figures_of_the_comparison(made: dict[str, Path], tmp_path: Path, language: str) -> None:
    copy = tmp_path / "copy.xlsx"
    before = made[language].read_bytes()
    assert run(["simulate", str(made[language]), "--output", str(copy), *QUICK], language) == 0
    assert made[language].read_bytes() == before
    comparison = simulation.compare(make_cycle(XlsxBook(copy)))
    rows = [list(row) for row in XlsxBook(copy).read("Simulation").rows]
    heads = {"en": {"cover": "Weeks cover", "volatility": "Volatility", "status": "Status"}, "fr": {"cover": "Semaines de couverture", "volatility": "Volatilité", "status": "Statut"}}  # fmt: skip
    for by, head in heads[language].items():
        top = next(place for place, row in enumerate(rows) if row[0] == head) + 1
        expected = simulation.split(comparison, by)
        for place, line in enumerate(expected.to_dict("records")):
            shown = dict(zip([name for name in line if name != "name"], rows[top + place][1:10], strict=True))
            order = ["items", "negative", "negative_share", "old_t", "new_t", "difference_t", "old_cash", "new_cash", "difference_cash"]  # fmt: skip
            assert list(shown.values()) == pytest.approx([line[name] for name in order])
    text = " ".join(str(value) for row in rows for value in row if value)
    assert "{" not in text
    other = {"en": ("Semaines", "Libéré", "Articles"), "fr": ("Weeks", "Freed", "Items")}[language]
    assert not [word for word in other if word in text]


def test_every_chart_points_at_the_figures_that_it_names(book: Path) -> None:
    assert run(["simulate", str(book), *QUICK], "en") == 0
    sheet = openpyxl.load_workbook(book)["Simulation"]
    cells = openpyxl.load_workbook(book, data_only=True)["Simulation"]
    seen = {}
    for chart in sheet._charts:
        title = "".join(run.t for run in chart.title.tx.rich.p[0].r)
        for series in chart.series:
            values = series.val.numRef.f if series.val else series.yVal.numRef.f
            found = cells[values.rpartition("!")[2].replace("$", "")]
            numbers = [cell.value for row in (found if isinstance(found, tuple) else ((found,),)) for cell in row]
            seen[title, series.tx.v or ""] = numbers
    comparison = simulation.compare(make_cycle(XlsxBook(book)))
    months = simulation.by_country_and_month(comparison)
    for country in ("Algeria", "Morocco", "Tunisia"):
        own = months[months["country"] == country]
        for role in ("old", "new"):
            assert seen[f"{country}: cash in safety stock", role] == pytest.approx(own[f"{role}_cash"].tolist())
    volatility = simulation.split(comparison, "volatility")
    assert seen["Items, and those that ask for more", "Items"] == volatility["items"].tolist()
    assert seen["Share of items that ask for more", "Share that asks for more"] == pytest.approx(volatility["negative_share"].tolist())  # fmt: skip
    assert len(seen["Fill rate against mean stock", "today"]) == 1
    assert seen["Fill rate against mean stock", "Total"][4] == seen["Fill rate against mean stock", "today"][0]


def some_item(**given: object) -> oracle.Item:
    usual = {"country": "Morocco", "sap_code": "1", "status": "Regular", "weeks_cover": 6.0, "sub_category": "S", "brand": "B", "demand": [5.0] * 12, "unit_cost": 1.0, "landed_cost": 2.0}  # fmt: skip
    return oracle.Item(**{**usual, **given})


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([some_item()], id="one item"),
        pytest.param([some_item(demand=[0.0] * 12)], id="no demand at all"),
        pytest.param([some_item(status="Delisted")], id="nothing is ordered"),
        pytest.param([some_item(), some_item(country="Tunisia", demand=[0.0] * 12)], id="a country without demand"),
        pytest.param([some_item(weeks_cover=0.0)], id="no safety stock"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_small_and_silent_books_have_a_page(items: list[oracle.Item]) -> None:
    book = book_of(items)
    outcome = commands.simulate(book, WHEN, runs=20, accept=True)
    assert len(render(list(book.pages.values()))) > 10_000
    assert outcome.decision.rule is None
    assert outcome.decision.gain == 0


def test_real_imports_with_18_countries_have_a_page() -> None:
    book = real_book()
    commands.simulate(book, WHEN, new="statistical", runs=20)
    page = book.pages["Simulation"]
    assert len(render([page])) > 50_000
    assert len([chart for chart in page.charts if "cash in safety stock" in chart.title]) == 6


# ----------------------------------------------------------------------------------------------------------- its output


def test_the_figures_come_in_each_format_and_follow_from_the_seed(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(*options: str) -> str:
        assert run(["simulate", str(book), *QUICK, *options], "en") == 0
        return capsys.readouterr().out

    table = pd.read_csv(io.StringIO(printed("--format", "csv")))
    assert table["figure"].tolist() == list(simulation.FIGURES)
    assert pd.DataFrame(json.loads(printed("--format", "json")))["old"].tolist() == table["old"].tolist()
    assert printed("--format", "csv", "--seed", "1") == printed("--format", "csv")
    assert printed("--format", "csv", "--seed", "2") != printed("--format", "csv")
    comparison = simulation.compare(make_cycle(XlsxBook(book)))
    total = simulation.split(comparison, "total").iloc[0]
    held = table.set_index("figure")
    assert held.loc["safety_t", "old"] == pytest.approx(total["old_t"])
    assert held.loc["safety_cash", "new"] == pytest.approx(total["new_cash"])


def test_the_rule_lies_between_the_policies_and_is_their_mix_item_by_item(book: Path) -> None:
    """The rule's service is played anew with the chosen stock: its losses are the chosen policy's, item by item."""
    cycle = make_cycle(XlsxBook(book))
    outcome = simulation.simulate(cycle, new="statistical", runs=60, seed=3)
    assert 0 < outcome.decision.adopted.sum() < len(cycle.inputs.items)
    lost = outcome.policies.set_index("role")["lost_t"]
    assert lost["rule"] - lost["old"] == pytest.approx(outcome.decision.lost, rel=1e-9)
    assert outcome.decision.risk <= cycle.inputs.settings.shortage_cap
    cash = outcome.policies.set_index("role")["safety_cash"]
    assert cash["old"] - cash["rule"] == pytest.approx(outcome.decision.gain, rel=1e-9)
    assert not outcome.decision.adopted[~cycle.inputs.portfolio.proposes].any()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--new", "average"], "both average"),
        (["--new", "statistical", "--accept"], "average, exact only"),
        (["--old", "guess"], "choose one of average, exact, statistical"),
        (["--runs", "1"], "--runs"),
        (["--seed", "-4"], "--seed"),
    ],
)
def test_what_can_not_be_simulated_is_refused(
    book: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = book.read_bytes()
    assert run(["simulate", str(book), *options], "en") == 2
    assert said in capsys.readouterr().err
    assert book.read_bytes() == before


def test_the_command_offers_what_the_registry_has() -> None:
    assert tuple(POLICIES) == simulate.POLICIES
    assert simulate.PLANNED == SAFETY_METHODS
    assert (simulation.OLD, simulation.NEW) == ("average", "exact")
    assert (service.RUNS, service.SEED) == (simulate.RUNS, simulate.SEED)


# ---------------------------------------------------------------------------------------------------- accepted policies


def test_accepted_policies_are_written_and_planned_with(book: Path) -> None:
    assert run(["simulate", str(book), "--accept", *QUICK], "en") == 0
    accepted = make_cycle(XlsxBook(book))
    plain = simulation.simulate(make_cycle(XlsxBook(book)), runs=40)
    chosen = accepted.inputs.safety_methods
    assert set(chosen) == {"average", "exact"}
    assert chosen == plain.chosen
    comparison = simulation.compare(accepted)
    expected = np.where((np.array(chosen) == "exact")[:, np.newaxis], comparison.new_t, comparison.old_t)
    np.testing.assert_array_equal(accepted.plan.safety, expected)
    srm = accepted.inputs.srm
    values = openpyxl.load_workbook(book, data_only=True)["SRM"]
    columns = [srm.results["safety"][month] for month in range(12)]
    cached = [[values.cell(row + 1, column + 1).value for column in columns] for row in srm.table.rows]
    np.testing.assert_array_equal(cached, expected)
    before = parts(book)
    assert run(["refresh", str(book), "--stamp", STAMP], "en") == 0
    after = parts(book)
    assert {name for name in before if before[name] != after[name]} == set()


def test_each_item_is_planned_with_its_own_policy() -> None:
    """Against the slow reference: one plan by each method, and from each the items that have it."""
    items = [
        oracle.Item(country, f"{place:03d}", "Regular", 6.0, sub_category="S", brand="B", demand=[10.0 * (place + month % 5) for month in range(12)], unit_cost=1, landed_cost=2)
        for place, country in enumerate(["Morocco", "Algeria", "Tunisia"] * 3)
    ]  # fmt: skip
    names = ["exact", "average", ""] * 3
    sheets = {name: book_of(items, method="average").read(name).rows for name in book_of(items).sheet_names()}
    table = [["Pays", "Code SAP", "Politique"], *([item.country, item.sap_code.lstrip("0") or "0", name] for item, name in zip(items, names, strict=True))]  # fmt: skip
    cycle = make_cycle(MemoryBook({**sheets, "Politiques de sécurité": table}))
    for place, (item, name) in enumerate(zip(items, names, strict=True)):
        plan = oracle.plan([item], oracle.RULES, oracle.STATUSES, name or "average")[0]
        for figure in ("safety", "orders", "closing", "pipeline"):
            np.testing.assert_allclose(getattr(cycle.plan, figure)[place], plan[figure], rtol=1e-12, atol=1e-9)


def test_without_the_table_or_with_an_empty_one_nothing_changes() -> None:
    items = [oracle.Item("Morocco", "1", "Regular", 6.0, sub_category="S", brand="B", demand=[5.0] * 12, unit_cost=1, landed_cost=2)]  # fmt: skip
    without = book_of(items)
    sheets = {name: without.read(name).rows for name in without.sheet_names()}
    empty = MemoryBook({**sheets, "Safety policies": [["Country", "SAP code", "Policy"]]})
    assert make_cycle(empty).inputs.fingerprint() == make_cycle(without).inputs.fingerprint()
    assert find_all(empty) == find_all(without)


@pytest.mark.parametrize(
    ("rows", "code", "cell"),
    [
        ([["Morocco", "68384144", None, "guess"]], "setting_value", "D5"),
        ([["Morocco", "68384144", None, "statistical"]], "setting_value", "D5"),
        ([["Morocco", "68384144", None, "exact"], ["morocco", "068384144", None, "average"]], "twice", "B6"),
        ([["Morocco", None, None, "exact"]], "blank", "B5"),
        ([["Morocco", "4711", None, "exact"]], "policy_unused", "B5"),
    ],
)
def test_a_policy_that_can_not_be_is_named_with_its_cell(
    made: dict[str, Path], rows: list[list[object]], code: str, cell: str
) -> None:
    book = XlsxBook(made["en"])
    sheets = {name: book.read(name).rows for name in book.sheet_names()}
    below_header = {"Safety policies": [*sheets["Safety policies"][:4], *rows]}
    found = [one for one in find_all(MemoryBook({**sheets, **below_header})) if one.sheet == "Safety policies"]
    assert [(one.code, one.cell) for one in found] == [(code, cell)]
    assert found[0].severity == ("warning" if code == "policy_unused" else "error")


def test_policies_whose_plan_contradicts_an_opportunity_are_not_accepted() -> None:
    """The donor's stock comes from the exact safety stock; with the average one it has less than it gives."""
    donor = oracle.Item("Morocco", "1", "Regular", 4.25, sub_category="S", brand="B", demand=[10.0] * 3 + [300.0] + [10.0] * 8, unit_cost=1, landed_cost=2)  # fmt: skip
    risk = oracle.Item("Morocco", "2", "To be delisted", 0.0, sub_category="S", brand="B", demand=[100.0] * 12, unit_cost=1, landed_cost=2)  # fmt: skip
    line = {"month": 2, "country": "Morocco", "risk_sap_code": "2", "donor_country": "Morocco", "donor_sap_code": "1", "tonnes": 90.0}  # fmt: skip
    book = book_of([donor, risk], opportunities=[line])
    assert make_cycle(book).plan.closing[0, 2] >= 90
    with pytest.raises(InputError) as caught:
        commands.simulate(book, WHEN, runs=20, accept=True)
    assert [one.code for one in caught.value.findings if one.severity == "error"] == ["donor_over"]
    assert book.pages == {}


def test_a_new_policy_is_one_function_and_one_row(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twice: Callable = lambda basis: 2 * POLICIES["average"](basis)  # noqa: E731
    monkeypatch.setitem(POLICIES, "twice", twice)
    comparison = simulation.compare(make_cycle(XlsxBook(book)), "average", "twice")
    np.testing.assert_array_equal(comparison.new_t, 2 * comparison.old_t)
