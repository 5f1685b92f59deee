"""The commands on real files: what a planner types and what is in the workbook afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from smile_xl import functions
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import build, run
from smile_xl.cli.planning import REPORTS
from smile_xl.language import say
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle
from smile_xl.reports import REFRESHED, STEERING, sheet_key
from smile_xl.reports.pages import PAGES

STAMP = "2023-08-01T09:00"
RESULTS = ("safety", "orders", "closing")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "master_file.xlsx"
    assert run(["new", str(path), "--stamp", STAMP], "en") == 0
    return path


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / made.name
    path.write_bytes(made.read_bytes())
    return path


@pytest.fixture(scope="module")
def cycle(made: Path) -> Cycle:
    return make_cycle(XlsxBook(made))


@pytest.fixture(scope="module")
def formulas(made: Path) -> openpyxl.Workbook:
    """What openpyxl reads of the book, to look at only."""
    return openpyxl.load_workbook(made)


@pytest.fixture(scope="module")
def values(made: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(made, data_only=True)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def sheet_parts(path: Path) -> dict[str, str]:
    """Part of each sheet, by name."""
    book = openpyxl.load_workbook(path)
    return {sheet.title: f"xl/worksheets/sheet{place}.xml" for place, sheet in enumerate(book.worksheets, start=1)}


def test_a_refresh_of_a_new_book_changes_nothing_but_the_stamp(book: Path) -> None:
    before = parts(book)
    assert run(["refresh", str(book), "--stamp", STAMP], "en") == 0
    assert parts(book) == before
    assert run(["refresh", str(book), "--stamp", "2023-08-02T10:30"], "en") == 0
    after = parts(book)
    assert before.keys() == after.keys()
    names = sheet_parts(book)
    changed = {name for name in before if before[name] != after[name]}
    pages = (*REFRESHED[1:], *STEERING)
    assert changed == {names[say(f"headers.sheet.{sheet_key(name)}", "en")] for name in pages}
    for name in changed:
        assert before[name].replace(b"2023-08-01 09:00", b"2023-08-02 10:30") == after[name]


def test_the_same_inputs_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    other = tmp_path / made.name
    assert run(["new", str(other), "--stamp", STAMP], "en") == 0
    assert other.read_bytes() == made.read_bytes()


def test_inputs_come_back_from_the_file_to_the_last_digit(cycle: Cycle, made: Path, tmp_path: Path) -> None:
    """A book made from odd numbers, read again, has exactly these numbers."""
    data = Path(__file__).parent.parent / "workbook" / "data"
    folder = tmp_path / "data"
    folder.mkdir()
    for file in data.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    odd = 0.1 + 0.2  # 17 digits
    forecast = (folder / "forecast_t.csv").read_text(encoding="utf-8").replace("134.402", repr(odd), 1)
    (folder / "forecast_t.csv").write_text(forecast, encoding="utf-8")
    path = tmp_path / "odd.xlsx"
    assert run(["new", str(path), "--data", str(folder)], "en") == 0
    assert make_cycle(XlsxBook(path)).inputs.portfolio.demand[0, 0] == odd


@pytest.mark.parametrize("block", RESULTS)
def test_result_blocks_are_one_array_formula_each_with_fresh_values(
    formulas: openpyxl.Workbook, values: openpyxl.Workbook, cycle: Cycle, block: str
) -> None:
    columns = list(cycle.inputs.srm.results[block].values())
    rows = cycle.inputs.srm.table.rows
    first = formulas["SRM"].cell(rows[0] + 1, columns[0] + 1)
    last = formulas["SRM"].cell(rows[-1] + 1, columns[-1] + 1)
    assert first.value.ref == f"{first.coordinate}:{last.coordinate}"
    name = {"safety": "SMILE_SAFETYSTOCK", "orders": "SMILE_ORDERS", "closing": "SMILE_CLOSING"}[block]
    assert first.value.text.startswith(f"={name}(")
    cached = [[values["SRM"].cell(row + 1, column + 1).value for column in columns] for row in rows]
    np.testing.assert_array_equal(cached, getattr(cycle.plan, block))


@pytest.mark.parametrize("block", RESULTS)
def test_the_formula_of_a_result_block_gives_its_values(
    formulas: openpyxl.Workbook, values: openpyxl.Workbook, cycle: Cycle, block: str
) -> None:
    """The ranges that the formula names, put into the function of that name, give the cached values."""
    srm = cycle.inputs.srm
    top, left = srm.table.rows[0] + 1, min(srm.results[block].values()) + 1
    text = formulas["SRM"].cell(top, left).value.text.removeprefix("=")
    name, inside = text.rstrip(")").split("(", 1)
    if block == "safety":  # weeks of cover where the status holds safety stock: native functions inside the argument
        assert "*COUNTIFS(Statuses!" in inside
        demand, _, rest = inside.partition(",")
        held = cycle.inputs.portfolio.weeks_cover * cycle.inputs.portfolio.holds_safety
        arguments = [reference(values, demand), held[:, None], reference(values, rest.rsplit(",", 1)[1])]
    else:
        arguments = [reference(values, one) for one in inside.split(",")]
    result = getattr(functions, name)(*arguments)
    np.testing.assert_allclose(result, getattr(cycle.plan, block), rtol=1e-12, atol=1e-12)


def reference(book: openpyxl.Workbook, text: str) -> object:
    sheet, _, cells = text.rpartition("!")
    found = book[sheet.strip("'") or "SRM"][cells.replace("$", "")]
    if not isinstance(found, tuple):
        return found.value
    return [[cell.value for cell in row] for row in found]


def test_a_planner_sees_changed_inputs_after_a_refresh(book: Path, cycle: Cycle) -> None:
    srm = cycle.inputs.srm
    opening = next(column for column, value in enumerate(srm.table.grid.rows[srm.table.header]) if value == "Opening")
    workbook = openpyxl.load_workbook(book)
    cell = workbook["SRM"].cell(srm.table.rows[0] + 1, opening + 1)
    cell.value += 1000
    workbook.save(book)
    assert run(["refresh", str(book)], "en") == 0
    values = openpyxl.load_workbook(book, data_only=True)["SRM"]
    closing = values.cell(srm.table.rows[0] + 1, min(srm.results["closing"].values()) + 1).value
    assert closing == pytest.approx(cycle.plan.closing[0, 0] + 1000)


def test_rows_and_columns_inserted_by_the_team_do_not_matter(book: Path, cycle: Cycle) -> None:
    """A table is found by its headers: rows above, a column inside, a sheet in front."""
    workbook = openpyxl.load_workbook(book)
    costs = workbook["Costs"]
    costs.insert_rows(1, 3)
    costs.insert_cols(2)
    costs["B8"] = "our own note"
    workbook.create_sheet("Team notes", 0)["A1"] = "not a table"
    workbook.save(book)
    fresh = make_cycle(XlsxBook(book))
    np.testing.assert_array_equal(fresh.plan.closing, cycle.plan.closing)
    np.testing.assert_array_equal(fresh.inputs.landed_cost, cycle.inputs.landed_cost)


def test_values_in_a_copy_leave_the_book_alone_and_have_no_formula(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    copy = tmp_path / "for_finance.xlsx"
    assert run(["refresh", str(book), "--values", "--output", str(copy)], "en") == 0
    assert book.read_bytes() == before
    assert not any(b"SMILE_" in part for name, part in parts(copy).items() if name.startswith("xl/worksheets/"))
    assert b"SMILE_" in parts(book)[sheet_parts(book)["SRM"]]
    values = openpyxl.load_workbook(copy)["SRM"]
    assert isinstance(values["AT6"].value, int | float)


def test_a_refresh_of_one_report_leaves_the_others(book: Path) -> None:
    before = parts(book)
    assert run(["refresh", str(book), "--report", "projections", "--stamp", "2024-01-01T00:00"], "en") == 0
    after = parts(book)
    changed = {name for name in before if before[name] != after[name]}
    assert {name for name in changed if "/charts/" not in name} == {sheet_parts(book)["Projections"]}


def test_missing_report_sheets_are_created_at_the_end(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    del workbook["Overstock"]
    workbook.create_sheet("Mine")
    workbook.save(book)
    assert run(["refresh", str(book)], "en") == 0
    assert XlsxBook(book).sheet_names()[-2:] == ["Mine", "Overstock"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_prints_the_same_rows_in_each_format(
    made: Path, cycle: Cycle, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = tidy.REPORTS[name](cycle)
    assert run(["report", name, str(made), "--format", "json"], "en") == 0
    rows = json.loads(capsys.readouterr().out)
    assert list(rows[0]) == list(expected.columns)
    pd.testing.assert_frame_equal(pd.DataFrame(rows), expected, check_dtype=False, check_exact=True)
    assert run(["report", name, str(made), "--format", "csv"], "en") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ",".join(expected.columns)
    assert len(lines) == len(expected) + 1
    assert run(["report", name, str(made)], "en") == 0
    assert len(capsys.readouterr().out.splitlines()) >= len(expected)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("srm", "country, sap_code, month, demand, safety, orders, closing, pipeline"),
        ("availability", "country, brand, month, stock, method, weeks, capped, target, at_risk"),
        (
            "dsr",
            "country, sub_category, month, risk_t, opportunity_t, used_t, net_t, risk_cash, used_cash, net_cash",
        ),
        ("projections", "country, sub_category, month, value"),
        (
            "overstock",
            "country, sap_code, month, overstock_t, overstock_cash, residual_t, residual_cash, reason",
        ),
    ],
)
def test_tidy_rows_have_the_promised_columns(cycle: Cycle, name: str, columns: str) -> None:
    assert ", ".join(tidy.REPORTS[name](cycle).columns) == columns


def test_the_command_line_offers_every_report() -> None:
    assert tuple(tidy.REPORTS) == REPORTS
    assert ("srm", *PAGES) == (*REFRESHED, *STEERING)


def test_the_pages_show_the_tidy_figures(values: openpyxl.Workbook, cycle: Cycle) -> None:
    """Every value of the projections, in the order of the rows, at full precision."""
    shown = [
        cell.value for row in values["Projections"].iter_rows() for cell in row if isinstance(cell.value, int | float)
    ]
    np.testing.assert_array_equal(shown, tidy.projections(cycle)["value"])


def test_the_opportunities_of_the_example_reduce_risks(cycle: Cycle) -> None:
    rows = tidy.dsr(cycle)
    assert (rows["used_t"] > 0).sum() >= 8
    np.testing.assert_allclose(rows["risk_t"] - rows["used_t"], rows["net_t"])


def test_functions_lists_all_and_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["functions"], "en") == 0
    assert (
        "SMILE_CLOSING(country, opening, transit, demand, orders, [rules], [backorders=FALSE])"
        in capsys.readouterr().out
    )
    assert run(["functions", "smile_cv"], "en") == 0
    assert "STDEV.P / AVERAGE" in capsys.readouterr().out


def test_the_program_runs_as_a_module_and_says_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smile_xl.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"smile-xl {functions.SMILE_VERSION()}\n"


def test_help_is_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, language, expected in (
        (["refresh", "--help"], "en", "Recalculate BOOK"),
        (["refresh", "--help", "--lang", "fr"], "fr", "Recalcule BOOK"),
    ):
        assert run(arguments, language) == 0
        assert expected in capsys.readouterr().out


def test_a_french_book_is_french_and_has_the_same_figures(cycle: Cycle, tmp_path: Path) -> None:
    path = tmp_path / "fichier_maitre.xlsx"
    assert run(["new", str(path), "--lang", "fr", "--stamp", STAMP], "fr") == 0
    book = XlsxBook(path)
    inputs = ["SRM", "Coûts", "Pays", "Statuts", "Cibles", "Opportunités", "Politiques de sécurité"]
    inputs += [
        "Attributs des articles",
        "Stock par état",
        "Questionnaire",
        "Politiques",
        "Transferts",
        "Scénarios",
        "Causes des écarts",
        "Décisions",
        "Actions",
        "Registre",
        "Demande réelle",
        "Réceptions",
        "En veille",
        "Paramètres",
    ]
    reports = [say(f"headers.sheet.{sheet_key(name)}", "fr") for name in (*REFRESHED[2:], *STEERING)]
    assert book.sheet_names() == ["Synthèse", *inputs, *reports]
    french = make_cycle(book)
    assert set(french.inputs.items["country"]) == {"Maroc", "Algérie", "Tunisie"}
    assert "À délister" in set(french.inputs.items["status"])
    np.testing.assert_array_equal(french.plan.closing, cycle.plan.closing)
    assert run(["refresh", str(path)], "fr") == 0


def test_a_defect_of_ours_is_one_line_a_log_and_exit_1(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("smile_xl.commands.make_cycle", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = book.read_bytes()
    assert run(["refresh", str(book)], "en") == 1
    error = capsys.readouterr().err
    assert "ZeroDivisionError: planted" in error
    assert "Traceback" not in error
    assert "Traceback" in next(tmp_path.glob("smile-xl-error-*.log")).read_text(encoding="utf-8")
    assert book.read_bytes() == before


@pytest.mark.parametrize("command", build("en").commands)
def test_the_readme_and_the_reference_name_every_command(command: str) -> None:
    root = Path(__file__).parents[1]
    assert f"`smile-xl {command}`" in (root / "README.md").read_text(encoding="utf-8")
    assert f"\n## {command}\n" in (root / "docs" / "command-line.md").read_text(encoding="utf-8")
