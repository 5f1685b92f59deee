"""What a check lists, counts and leaves asleep; and that check, page and report say the same."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from books_of_items import month
from checks.books import STEADY, book, demand, found, item, only, snoozed
from hypothesis import given, settings
from hypothesis import strategies as st

from smile_xl.books.archive import store
from smile_xl.books.csvs import read_folder
from smile_xl.cli import run
from smile_xl.planning import tidy
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.findings import Batch, Finding, InputError, count_of
from smile_xl.planning.grid import Grid
from smile_xl.planning.ranking import Ranking, ranked
from smile_xl.planning.snoozes import Snooze, SnoozeTable
from smile_xl.planning.steering.agenda import figures
from smile_xl.reports.pages import PAGES
from smile_xl.reports.stamp import Stamp

AUGUST, OCTOBER = dt.date(2023, 8, 1), dt.date(2023, 10, 1)
TUNISIANS = [
    replace(STEADY, country="Tunisia", sap_code=str(number), demand=[float(10 * number)] * 12) for number in range(1, 6)
]
"""Five items without a confirmed order in the frozen third month, with 12 000 to 60 000 at stake."""


def warnings(source: object) -> list[tuple[str, str, float | None]]:
    found = make_cycle(source).findings
    return [(one.kind, one.sap_code, one.cash) for one in found if one.severity == "warning"]


# --------------------------------------------------------------------------------------------------- ranked and capped


def test_warnings_come_by_the_cash_at_stake() -> None:
    source = book([*TUNISIANS, item("9", demand=demand(m5=5.0))])
    assert warnings(source) == [
        ("frozen_blank", "5", 60_000),
        *(("frozen_blank", "4", 48_000), ("demand_jump", "9", 48_000)),
        *(("frozen_blank", "3", 36_000), ("frozen_blank", "2", 24_000), ("frozen_blank", "1", 12_000)),
    ]


def test_of_each_kind_so_many_are_listed_and_the_rest_is_counted_with_its_cash() -> None:
    source = book([*TUNISIANS, item("9", demand=demand(m5=5.0))], settings={"Findings shown": 2.0})
    assert warnings(source) == [
        *(("frozen_blank", "5", 60_000), ("frozen_blank", "4", 48_000), ("demand_jump", "9", 48_000)),
        ("frozen_blank", "", 36_000 + 24_000 + 12_000),
    ]
    more = only(source, "more")
    assert more.line("en").startswith(
        "warning: SRM: further findings of the kind frozen_blank: 3 (72,000 EUR at stake). "
    )
    assert more.line("fr").startswith(
        "attention: SRM: autres constats du type frozen_blank : 3 (72\u202f000 EUR en jeu). "
    )
    assert count_of(make_cycle(source).findings)["warnings"] == 6


def test_what_the_meetings_count_does_not_depend_on_how_many_are_listed() -> None:
    few, all_of_them = (
        {one.name: one.value for one in figures(make_cycle(book(TUNISIANS, settings={"Findings shown": shown})))}
        for shown in (1.0, 100.0)
    )
    assert few == all_of_them
    assert (few["warnings"], few["frozen"]) == (5, 5)


def test_errors_come_first_in_the_order_of_the_sheets_and_are_counted_whole() -> None:
    items = [item(str(number), country="Peru", landed_cost=900.0) for number in range(30)]
    lines = find_all(book(items))
    assert [one.severity for one in lines[:21]] == ["error"] * 21
    assert [one.cell for one in lines[:3]] == ["A3", "A4", "A5"]
    assert lines[20].text("en") == "further findings of the kind country_unknown: 10"
    assert count_of(lines)["errors"] == 30
    with pytest.raises(InputError):
        make_cycle(book(items))


def lines_of(cash: list[float], shown: int, rows: list[Snooze] | None = None) -> list[Finding]:
    """A batch of warnings with some cash, at the items 0, 1, ... of Morocco."""
    grid = Grid("SRM", ())
    count = len(cash)
    batch = Batch(
        "warning", "no_demand", grid, np.arange(count), np.full(count, -1), np.full(count, "Morocco", dtype=object),
        np.array([str(code) for code in range(count)], dtype=object), np.array(cash), lambda _: {"tonnes": 1.0},
    )  # fmt: skip
    table = SnoozeTable(Grid("Snoozed", ()), rows or [])
    return ranked([], [batch] if count else [], Ranking(["SRM"], shown, "EUR", AUGUST, table))


@settings(max_examples=60)
@given(
    cash=st.lists(st.sampled_from([0.0, 1.0, 2.5, 40.0, float("nan")]), max_size=12),
    shown=st.integers(1, 13),
    asleep=st.sets(st.integers(0, 11)),
)
def test_nothing_is_lost_by_listing_fewer_or_by_snoozing(cash: list[float], shown: int, asleep: set[int]) -> None:
    rows = [Snooze("no_demand", "Morocco", str(one), "", OCTOBER, "", "", one) for one in asleep]
    lines = lines_of(cash, shown, rows)
    awake = [value for place, value in enumerate(cash) if place not in asleep]
    listed = [one for one in lines if one.severity == "warning"]
    sleeping = [one for one in lines if one.code == "snoozed"]
    assert sum(one.count for one in listed) == len(awake)
    assert sum(one.values["count"] for one in sleeping) == len(cash) - len(awake)
    total = sum(one.cash or 0.0 for one in (*listed, *sleeping))
    assert total == pytest.approx(np.nansum(cash))
    own = [one.cash or 0.0 for one in listed if one.code == "no_demand"]
    assert own == sorted(np.nan_to_num(awake), reverse=True)[:shown]


# ------------------------------------------------------------------------------------------------------------- snoozed


def test_a_line_of_snoozed_findings_is_one_note_whatever_it_stands_for() -> None:
    lines = asleep(["frozen_blank", "", "", "", OCTOBER, "", ""])
    (line,) = (one for one in lines if one.code == "snoozed")
    assert (line.count, line.values["count"]) == (5, 5)
    assert count_of(lines)["notes"] == sum(one.severity == "info" for one in lines)


def asleep(*rows: list[object], start: dt.date = AUGUST) -> list[Finding]:
    items = [*TUNISIANS, item("9", demand=demand(m5=5.0))]
    return make_cycle(book(items, sheets=snoozed(*rows), start=start)).findings


def kinds(findings: list[Finding]) -> list[str]:
    return [one.kind for one in findings if one.severity == "warning"]


def test_a_snoozed_finding_is_counted_until_its_month_and_comes_back_after_it() -> None:
    row = ["frozen_blank", "Tunisia", "0005", None, OCTOBER, "Supplier closed", "Ana"]
    for later, awake in ((0, 4), (2, 4), (3, 5)):
        lines = asleep(row, start=month(later))
        assert kinds(lines).count("frozen_blank") == awake
        noted = [one for one in lines if one.code == ("snoozed" if awake == 4 else "snooze_over")]
        assert len(noted) == 1
    line = next(one for one in asleep(row) if one.code == "snoozed")
    assert (line.cash, line.snoozed_until, line.severity) == (60_000, "2023-10", "info")
    assert line.line("en") == (
        "note: Snoozed: findings snoozed until 2023-10: 1 (60,000 EUR at stake). "
        "Nothing; they come back after that month."
    )
    over = next(one for one in asleep(row, start=month(3)) if one.code == "snooze_over")
    assert (over.cell, over.text("fr")) == ("A2", "la veille de frozen_blank a pris fin avec 2023-10")


@pytest.mark.parametrize(
    ("row", "left"),
    [
        pytest.param(["frozen_blank", "Tunisia", "", "", OCTOBER], 1, id="all of a country"),
        pytest.param(["frozen_blank", "", "", "", OCTOBER], 1, id="all of a kind"),
        pytest.param(["frozen_blank", "", "", "SRM!X4", OCTOBER], 6, id="a place where none is"),
        pytest.param(["demand_jump", "", "", "srm!$P$8", OCTOBER], 5, id="a place"),
        pytest.param(["demand_jump", "", "", "SRM", OCTOBER], 5, id="a sheet"),
        pytest.param(["frozen_blank", "Morocco", "", "", OCTOBER], 6, id="another country"),
        pytest.param(["frozen_blank", "Tunisia", "77", "", OCTOBER], 6, id="another item"),
    ],
)
def test_what_a_row_leaves_blank_does_not_limit_it(row: list[object], left: int) -> None:
    lines = asleep([*row, "why", "who"])
    assert len(kinds(lines)) == left
    assert [one.code for one in lines if one.sheet == "Snoozed"] == ["snooze_unused" if left == 6 else "snoozed"]


def test_the_later_of_two_rows_counts() -> None:
    rows = [["frozen_blank", "Tunisia", "5", "", until, "", ""] for until in (AUGUST, OCTOBER)]
    assert [one.snoozed_until for one in asleep(*rows) if one.code == "snoozed"] == ["2023-10"]


def test_notes_and_findings_of_one_place_can_be_snoozed_but_errors_can_not() -> None:
    assert [one.code for one in asleep(["unconfirmed", "", "", "SRM", OCTOBER, "", ""]) if one.sheet == "SRM"] == [
        one.code for one in asleep() if one.sheet == "SRM" and one.code != "unconfirmed"
    ]
    wrong = book([item(country="Peru")], sheets=snoozed(["country_unknown", "", "", "", OCTOBER, "", ""]))
    lines = find_all(wrong)
    assert [one.code for one in lines if one.severity == "error"] == ["country_unknown"]
    assert [one.code for one in lines if one.sheet == "Snoozed"] == ["snooze_error"]


def test_a_snooze_of_a_check_that_could_not_run_is_not_called_useless() -> None:
    assert [one for one in asleep(["opening_missed", "", "", "", OCTOBER, "", ""]) if one.sheet == "Snoozed"] == []


@pytest.mark.parametrize(
    ("row", "cell", "text"),
    [
        (["no_demand", "", "", "", None], "E2", "the cell is blank (Until)"),
        (["no_demand", "", "", "", "soon"], "E2", '"soon" is not a date (Until)'),
        ([None, "Morocco", "1", "", OCTOBER], "A2", "the cell is blank (Kind)"),
    ],
)
def test_a_row_that_says_nothing_is_an_error(row: list[object], cell: str, text: str) -> None:
    errors = [one for one in find_all(book([STEADY], sheets=snoozed([*row, "", ""]))) if one.severity == "error"]
    assert [(one.cell, one.text("en")) for one in errors] == [(cell, text)]


def test_a_french_table_and_months_as_text_are_understood() -> None:
    heads = ["Type", "Pays", "Code SAP", "Endroit", "Jusqu'à", "Raison", "Par"]
    row = ["frozen_blank", "Tunisia", "5", None, "2023-10", "Usine fermée", "Ana"]
    lines = make_cycle(book(TUNISIANS, sheets={"En veille": [["Titre"], heads, row]})).findings
    assert [one.text("fr") for one in lines if one.sheet == "En veille"] == ["constats en veille jusqu'à 2023-10 : 1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("Findings shown", 0.0), ("Findings shown", 2.5), ("Demand jump", 1.0), ("Cycle tolerance", -0.1)],
)
def test_a_setting_that_can_not_be_is_an_error(name: str, value: float) -> None:
    errors = [one for one in find_all(book([STEADY], settings={name: value})) if one.severity == "error"]
    assert [one.code for one in errors] == ["setting_value"]


# ------------------------------------------------------------------------------------------------- check, page, report


def test_the_page_and_the_rows_say_what_the_check_says_in_the_same_order() -> None:
    items = [*TUNISIANS, item("9", demand=demand(m5=5.0))]
    rows = snoozed(["frozen_blank", "Tunisia", "5", "", OCTOBER, "", ""])
    for spoken in ("en", "fr"):
        cycle = make_cycle(book(items, sheets=rows, settings={"Findings shown": 2.0, "Language": spoken}))
        table = tidy.checks(cycle)
        page = PAGES["checks"](cycle, Stamp(dt.datetime(2023, 8, 1)))
        said = [one.text(spoken) for one in cycle.findings]
        assert table["finding"].tolist() == said == [row[4] for row in page.blocks[0].rows]
        assert [one.cash for one in cycle.findings] == [row[3] for row in page.blocks[0].rows]
        assert table["count"].sum() == sum(count_of(cycle.findings).values())  # one is snoozed, in one line
        assert list(table.columns[:5]) == ["severity", "sheet", "cell", "finding", "action"]
        keys = table[["code", "country", "sap_code"]].to_numpy().tolist()
        assert [[text or "" for text in row[6:]] for row in page.blocks[0].rows] == keys
    assert table.loc[table["code"] == "snoozed", "snoozed_until"].tolist() == ["2023-10"]


def test_the_key_that_the_page_shows_puts_the_finding_to_sleep() -> None:
    items = [*TUNISIANS, item("9", demand=demand(m5=5.0))]
    page = PAGES["checks"](make_cycle(book(items)), Stamp(dt.datetime(2023, 8, 1)))
    keys = [row[6:] for row in page.blocks[0].rows]
    rows = [[*key, None, OCTOBER, "known", "Ana"] for key in keys if key[2]]
    assert [one for one in make_cycle(book(items, sheets=snoozed(*rows))).findings if one.severity == "warning"] == []


def write_files(folder: Path) -> None:
    """The files of a book with one item without forecast, whose finding is snoozed."""
    for name, text in {
        "master.csv": "country,sap_code,status,description,net_case_weight_kg,sourcing_unit,weeks_cover,category,"
        "sub_category,brand,moq_t,opening_t,unit_cost,landed_cost\nMorocco,01,Regular,Soap,1,TR,4,S,S,B,,50,1000,900\n",
        "forecast_t.csv": "country,sap_code," + ",".join(f"{month(place):%Y-%m}" for place in range(12)) + "\n"
        "Morocco,01" + ",0" * 12 + "\n",
        "transit_t.csv": "country,sap_code,W1,W2,W3,W4,W5,W6,W7,W8\nMorocco,01" + ",0" * 8 + "\n",
        "snoozed.csv": "kind,country,sap_code,place,until,reason,by\nno_demand,Morocco,1,,2023-12,new label,Ana\n",
    }.items():
        (folder / name).write_text(text)


def test_a_book_made_from_files_keeps_what_is_snoozed(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    write_files(tmp_path)
    assert found(read_folder(tmp_path, "en"), "snoozed")
    path = tmp_path / "plan.xlsx"
    assert run(["new", str(path), "--data", str(tmp_path), "--stamp", "2023-08-01T09:00"], "en") == 0
    capsys.readouterr()
    assert run(["check", str(path)], "fr") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].endswith("(5\u202f000 EUR en jeu). Vérifiez les deux avec la finance.")
    assert "constats en veille jusqu'à 2023-12 : 1 (50\u202f000 EUR en jeu)" in out
    assert err.startswith("plan.xlsx : 0 erreur, 2 alertes, ")
    assert run(["report", "checks", str(path), "--format", "json"], "en") == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0] | {"finding": "", "action": ""} == {
        "severity": "warning", "sheet": "Costs", "cell": "E5", "finding": "", "action": "",
        "code": "landed_below_unit", "country": "Morocco", "sap_code": "01", "cash": 5000.0, "count": 1,
        "snoozed_until": "",
    }  # fmt: skip
    assert [row["snoozed_until"] for row in rows if row["code"] == "snoozed"] == ["2023-12"]


def test_a_book_made_beside_an_archive_is_compared_with_it_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    write_files(tmp_path)
    july = make_cycle(book([item("01")], start=month(-1)))
    store.keep(july, "plan.xlsx", tmp_path / "plan.cycles", dt.datetime(2023, 7, 4))
    path = tmp_path / "plan.xlsx"
    assert run(["new", str(path), "--data", str(tmp_path), "--stamp", "2023-08-01T09:00"], "en") == 0
    assert run(["verify", str(path)], "en") == 0
    assert run(["check", str(path)], "en") == 0
    assert "the opening stock of Morocco 01 is 50 t, cycle 2023-07 (kept by " in capsys.readouterr().out
