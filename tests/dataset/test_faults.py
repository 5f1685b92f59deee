"""A dataset that can't be planned is refused with all findings, or planned without what is bad; nothing half is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import (
    WHEN,
    assert_same,
    book_cycle,
    dataset_of,
    frames_of,
    planned,
    rows_of,
    some_items,
    table_of,
    with_tables,
)

from smile_xl.books.dataset import partition
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.outcome import Wish
from smile_xl.books.dataset.run import plan_dataset
from smile_xl.books.dataset.source import open_dataset
from smile_xl.books.dataset.workplace import work_folder
from smile_xl.cli import run
from smile_xl.planning import tidy
from smile_xl.planning.findings import InputError
from smile_xl.planning.group_sums import GROUP_REPORTS

ITEMS = some_items(1, 60)
"""Four row groups of 16, 16, 16 and 12."""


def nothing_to_read(output: Path) -> bool:
    """Whether no result is there, nor anything beside it that reads as one."""
    left = work_folder(output)
    return not output.exists() and not [*left.rglob("*.parquet"), *left.rglob("manifest.json")]


def with_value(folder: Path, column: str, values: dict[int, object]) -> Path:
    """A dataset with other values in some rows."""
    rows = rows_of(ITEMS)
    for row, value in values.items():
        rows[row][column] = value
    data = dataset_of(ITEMS, folder)
    pq.write_table(table_of(rows), data / "items-0.parquet", row_group_size=16)
    return data


def findings(data: Path, output: Path, **wish: object) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as refused:
        plan_dataset(open_dataset(data), output, Wish(**wish), WHEN)
    assert nothing_to_read(output)
    return [(one.code, one.cell, one.text("en")) for one in refused.value.findings if one.severity == "error"]


@pytest.mark.parametrize(
    ("column", "values", "code", "cell", "text"),
    [
        ("demand_03", {17: -5.0, 20: -1.0}, "rows.negative", "row group 2, row 2, 5", "-5 is negative (demand_03; 2 rows)"),
        ("W8", {0: float("inf")}, "rows.too_large", "row group 1, row 1", "inf is too large"),
        ("opening_t", {59: -2e12}, "rows.too_large", "row group 4, row 12", "-2e+12"),
        ("confirmed_05", {33: -1.0}, "rows.negative", "row group 3, row 2", "confirmed_05"),
        ("weeks_cover", {1: None, 2: float("nan")}, "rows.blank", "row group 1, row 2, 3", "weeks_cover; 2 rows"),
        ("landed_cost_eur_per_t", {1: None}, "rows.blank", "row group 1, row 2", "landed_cost_eur_per_t"),
        ("sap_code", {18: None, 19: "  "}, "rows.blank", "row group 2, row 3, 4", "sap_code"),
        ("country", {18: "Atlantis"}, "rows.country_unknown", "row group 2, row 3", '"Atlantis"'),
        ("country", {18: None}, "rows.blank", "row group 2, row 3", "country"),
        ("status", {48: "Old"}, "rows.status_unknown", "row group 4, row 1", '"Old"'),
        ("multiple_t", {3: 1e-9}, "rows.multiple", "row group 1, row 4", "gram"),
        ("demand_00", dict.fromkeys(range(16, 26), -1.0), "rows.negative", "row group 2, row 1, 2, 3, 4, 5 and 5 more", "10 rows"),
    ],
)  # fmt: skip
def test_bad_rows_are_named(
    column: str, values: dict[int, object], code: str, cell: str, text: str, tmp_path: Path
) -> None:
    data = with_value(tmp_path / "data", column, values)
    (found,) = findings(data, tmp_path / "out")
    assert found[:2] == (code, cell)
    assert text in found[2]


def test_all_findings_of_all_row_groups_come_in_one_pass(tmp_path: Path) -> None:
    rows = rows_of(ITEMS)
    rows[1]["demand_00"], rows[17]["country"], rows[33]["weeks_cover"] = -1.0, "Atlantis", None
    rows[34]["country"], rows[35]["country"] = "Lemuria", "Atlantis"
    data = dataset_of(ITEMS, tmp_path / "data")
    pq.write_table(table_of(rows), data / "items-0.parquet", row_group_size=16)
    assert sorted((code, cell) for code, cell, _ in findings(data, tmp_path / "out")) == [
        ("rows.blank", "row group 3, row 2"),
        ("rows.country_unknown", "row group 2, row 2"),
        ("rows.country_unknown", "row group 3, row 3"),
        ("rows.country_unknown", "row group 3, row 4"),
        ("rows.negative", "row group 1, row 2"),
    ]


@pytest.mark.parametrize("far", [False, True])
def test_an_item_that_stands_twice_is_found_in_any_row_group(far: bool, tmp_path: Path) -> None:
    code, country = ITEMS[2].sap_code, ITEMS[2].country
    row = 50 if far else 5
    rows = rows_of(ITEMS)
    rows[row] |= {"sap_code": f"000{code.lstrip('0')}", "country": country.upper()}
    data = dataset_of(ITEMS, tmp_path / "data")
    pq.write_table(table_of(rows), data / "items-0.parquet", row_group_size=16)
    ((found, cell, text),) = findings(data, tmp_path / "out")
    assert found == "rows.twice"
    assert cell == f"row group {row // 16 + 1}, row {row % 16 + 1}"
    assert "items-0.parquet (1): 3" in text
    done = plan_dataset(open_dataset(data), tmp_path / "kept", Wish(keep_going=True), WHEN)
    assert len(done.left_out) == 1
    left = 48 if far else 44
    assert done.items == left
    kept = [item for place, item in enumerate(ITEMS) if place // 16 != row // 16]
    assert_same(frames_of(tmp_path / "kept", ("dsr",))["dsr"], tidy.dsr(book_cycle(kept)), "dsr")


def broken(data: Path) -> None:
    """Spoil bytes in the middle of the second row group."""
    path = data / "items-0.parquet"
    column = pq.read_metadata(path).row_group(1).column(25)
    whole = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    whole[start : start + 40] = b"\xff" * 40
    path.write_bytes(whole)


def test_a_broken_row_group_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    broken(data)
    ((code, cell, text),) = findings(data, tmp_path / "out")
    assert code == "rows.unreadable"
    assert cell.startswith("row group 2, ")
    assert "16 rows" in text
    done = plan_dataset(open_dataset(data), tmp_path / "kept", Wish(keep_going=True), WHEN)
    assert (done.items, done.pieces) == (44, 3)
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_bytes())
    assert manifest["complete"] is False
    assert manifest["items_left_out"] == 16
    assert "16 rows" in manifest["left_out"][0]["finding"]
    cycle = book_cycle([*ITEMS[:16], *ITEMS[32:]])
    for name, table in frames_of(tmp_path / "kept", ("dsr", "projections", "availability")).items():
        assert_same(table, tidy.REPORTS[name](cycle), name)


def test_a_file_that_was_cut_off_is_left_out_only_where_that_is_asked_for(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data", files=2)
    path = data / "items-1.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    ((code, _, text),) = findings(data, tmp_path / "out")
    assert (code, "can't be read" in text) == ("dataset_file", True)
    done = plan_dataset(open_dataset(data), tmp_path / "kept", Wish(keep_going=True), WHEN)
    assert done.items == 30
    assert json.loads((tmp_path / "kept" / "manifest.json").read_bytes())["complete"] is False


@pytest.mark.parametrize(
    ("spoil", "code", "text"),
    [
        (lambda table: table.drop_columns(["W3"]), "dataset_column", "W3"),
        (lambda table: table.drop_columns(["demand_05"]), "dataset_column", "demand_05"),
        (lambda table: table.drop_columns(["brand"]), "dataset_column", "brand"),
        (lambda table: table.set_column(0, "country", pa.array([1] * len(table))), "dataset_type", "int64"),
        (lambda table: table.set_column(20, "demand_00", pa.array(["x"] * len(table))), "dataset_type", "string"),
        (lambda table: table.append_column("W1", table["W1"]), "dataset_column_twice", "W1"),
    ],
)
def test_columns_are_checked_before_any_row(
    spoil: Callable[[pa.Table], pa.Table], code: str, text: str, tmp_path: Path
) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    pq.write_table(spoil(table_of(rows_of(ITEMS))), data / "items-0.parquet")
    found = findings(data, tmp_path / "out", keep_going=True)
    assert found[0][0] == code
    assert text in found[0][2]
    assert not work_folder(tmp_path / "out").exists()


def test_files_with_other_months_are_refused(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    pq.write_table(table_of(rows_of(some_items(2, 5, 12))), data / "items-9.parquet")
    ((code, _, text),) = findings(data, tmp_path / "out")
    assert (code, "12 months" in text) == ("dataset_months", True)


def test_donors_are_checked_as_in_a_workbook(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    one, other = ITEMS[0], ITEMS[40]
    line = f"2023-08,{one.country},{one.sap_code},{other.country},{other.sap_code},1e9"
    (data / "opportunities.csv").write_text(
        f"month,country,risk sap code,donor country,donor sap code,tonnes\n{line}\n2023-08,Morocco,999,,998,1"
    )
    codes = [code for code, _, _ in findings(data, tmp_path / "out")]
    assert codes == ["item_unknown", "item_unknown"]
    (data / "opportunities.csv").write_text(f"month,country,risk sap code,donor country,donor sap code,tonnes\n{line}")
    codes = [code for code, _, _ in findings(data, tmp_path / "out", resume=True)]
    assert "donor_over" in codes


# ------------------------------------------------------------------------------------------- resumed, changed, refused


def test_opportunities_of_items_that_are_left_out_do_not_lose_the_others(tmp_path: Path) -> None:
    data, left = with_value(tmp_path / "data", "demand_03", {17: -5.0}), ITEMS[:16] + ITEMS[32:]
    with_tables(data, ITEMS)
    head, *lines = (data / "opportunities.csv").read_text().splitlines()
    known = {(item.country, item.sap_code) for item in left}
    kept = [line for line in lines if {tuple(line.split(",")[1:3]), tuple(line.split(",")[3:5])} <= known]
    assert 0 < len(kept) < len(lines)
    done = plan_dataset(open_dataset(data), tmp_path / "out", Wish(keep_going=True), WHEN)
    assert (done.items, len(done.left_out)) == (len(left), 2)
    assert f"{len(lines) - len(kept)} opportunit" in done.left_out[0].text("en")
    assert len(json.loads((tmp_path / "out" / "manifest.json").read_text())["left_out"]) == 2
    other = dataset_of(left, tmp_path / "other")
    for name in ("targets.csv", "safety_policies.csv"):
        (other / name).write_text((data / name).read_text())
    (other / "opportunities.csv").write_text("\n".join([head, *kept]))
    found = frames_of(tmp_path / "out", GROUP_REPORTS)
    for name, frame in frames_of(planned(other, tmp_path / "whole"), GROUP_REPORTS).items():
        assert_same(found[name], frame, name)


def test_resume_goes_on_from_the_row_groups_that_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = with_value(tmp_path / "data", "demand_03", {17: -5.0})
    findings(data, tmp_path / "out")
    worked: list[int] = []
    work = partition._work
    monkeypatch.setattr(
        partition, "_work", lambda job, piece, *more: (worked.append(piece.number), work(job, piece, *more))[1]
    )
    kept = plan_dataset(open_dataset(data), tmp_path / "kept", Wish(keep_going=True), WHEN)
    assert (sorted(worked), kept.items) == ([0, 1, 2, 3], 44)
    worked.clear()
    findings(data, tmp_path / "out", resume=True)
    assert worked == [1]  # the others are finished, and their file has not changed
    worked.clear()
    findings(data, tmp_path / "out")
    assert sorted(worked) == [0, 1, 2, 3]
    worked.clear()
    (data / "settings.csv").write_text("setting,value\nstart,2023-08\nnet transit,TRUE")
    findings(data, tmp_path / "out", resume=True)
    assert sorted(worked) == [0, 1, 2, 3]  # another setting, other figures
    dataset_of(ITEMS, data)
    worked.clear()
    plan_dataset(open_dataset(data), tmp_path / "out", Wish(resume=True), WHEN)
    assert sorted(worked) == [0, 1, 2, 3]  # another file
    assert not work_folder(tmp_path / "out").exists()


@pytest.mark.parametrize("spoil", [".part", ".items.npy", ".plan.unfinished"])
def test_a_finished_row_group_that_was_cut_off_is_done_again(spoil: str, tmp_path: Path) -> None:
    data = with_value(tmp_path / "data", "demand_03", {17: -5.0})
    findings(data, tmp_path / "out")
    (path,) = work_folder(tmp_path / "out").glob(f"000000-*{spoil}")
    path.write_bytes(path.read_bytes()[:-30])
    kept = plan_dataset(open_dataset(data), tmp_path / "out", Wish(resume=True, keep_going=True), WHEN)
    assert kept.items == 44
    cycle = book_cycle([*ITEMS[:16], *ITEMS[32:]])
    assert_same(frames_of(tmp_path / "out", ("dsr",))["dsr"], tidy.dsr(cycle), "dsr")


def test_a_file_that_changes_during_the_run_ends_it(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    opened = open_dataset(data)
    dataset_of(ITEMS[::-1], data)
    with pytest.raises(DatasetError) as refused:
        plan_dataset(opened, tmp_path / "out", Wish(), WHEN)
    assert refused.value.code == "changed"
    assert not (tmp_path / "out").exists()


def test_two_runs_into_one_folder_are_refused(tmp_path: Path) -> None:
    from smile_xl.books.dataset.workplace import at_work  # noqa: PLC0415

    data = dataset_of(ITEMS, tmp_path / "data")
    with at_work(tmp_path / "out", resume=False), pytest.raises(DatasetError) as refused:
        plan_dataset(open_dataset(data), tmp_path / "out", Wish(), WHEN)
    assert refused.value.code == "at_work"


@pytest.mark.parametrize(("spoken", "text"), [("en", "exists already"), ("fr", "existe déjà")])
def test_a_folder_that_is_there_is_never_written_into(
    spoken: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    (tmp_path / "out").mkdir()
    assert run(["plan", str(data), "--output", str(tmp_path / "out")], spoken) == 2
    assert text in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--scenario", "boom"], "Il y a : dear, late."),
        (["--scenario", "nowhere.csv"], "nowhere.csv n'existe pas"),
        (["--scenario", "dear", "--scenario", "Dear"], "deux fois"),
        (["--scenario", "late"], "n'a pas de colonne description"),
        (["--scheduler", "tcp://x:1"], "--engine dask"),
        (["--report", "everything"], "--report"),
    ],
)
def test_wishes_that_cannot_be_are_refused_in_french(
    arguments: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    data = dataset_of(ITEMS[:2], tmp_path / "data")
    (data / "scenarios.csv").write_text(
        "scenario,what,where,change\ndear,landed_cost,,+5 %\nlate,delay,description=x,2"
    )
    assert run(["plan", str(data), "--output", str(tmp_path / "out"), *arguments], "fr") == 2
    assert text in capsys.readouterr().err
    assert nothing_to_read(tmp_path / "out")
    assert not work_folder(tmp_path / "out").exists()


def test_findings_and_an_incomplete_result_are_said_in_french(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = with_value(tmp_path / "data", "demand_03", {17: -5.0})
    (data / "settings.csv").write_text("setting,value\nstart,2023-08\nlanguage,fr")
    assert run(["plan", str(data), "--output", str(tmp_path / "out")], "fr") == 2
    told = capsys.readouterr().err
    assert "groupe de lignes 2, ligne 2" in told
    assert "-5 est négatif (demand_03 ; 1 ligne)" in told
    assert "--resume" in told
    assert run(["plan", str(data), "--output", str(tmp_path / "out"), "--keep-going", "--resume"], "fr") == 3
    assert "INCOMPLET" in capsys.readouterr().err
    rows = pq.read_table(tmp_path / "out" / "checks.parquet").to_pylist()
    assert rows[0]["severity"] == "error"
    assert rows[0]["cell"] == "groupe de lignes 2, ligne 2"


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda folder: None, "no_dataset"),
        (lambda folder: folder.mkdir(), "no_files"),
        (lambda folder: (dataset_of(ITEMS[:1], folder), (folder / "settings.csv").unlink()), "no_start"),
        (lambda folder: (dataset_of(ITEMS[:1], folder), pq.write_table(pa.table({"a": [1]}), folder / "countries.parquet")), "table_twice"),
        (lambda folder: (dataset_of(ITEMS[:1], folder), (folder / "targets.parquet").write_bytes(b"PAR1")), "table_unread"),
    ],
)  # fmt: skip
def test_what_is_no_dataset_is_refused(prepare: Callable[[Path], object], code: str, tmp_path: Path) -> None:
    prepare(tmp_path / "data")
    with pytest.raises(DatasetError) as refused:
        open_dataset(tmp_path / "data")
    assert refused.value.code == code
    assert refused.value.text("en") != refused.value.text("fr")
