"""The archive of cycles: what is put in comes out, whole versions only, with several planners and under kills."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sap_book
from books_of_items import book_of, month
from test_portfolio import RULES, portfolio

from smile_xl.books.archive import store
from smile_xl.cli import run
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, make_cycle

WHEN = dt.datetime(2023, 8, 1, 9)
STAMP = "2023-08-01T09:00"
BOOKS = Path(__file__).parents[2] / "workbook"
SHIPPED = {"en": BOOKS / "master_file.xlsx", "fr": BOOKS / "fichier_maitre.xlsx"}
ARRAYS = ("demand", "opening", "transit", "confirmed", "weeks_cover", "landing", "frozen", "moq", "multiple")
FLAGS = ("proposes", "holds_safety")


def cycle_of(seed: int = 1, later: int = 0, size: int = 20, **options: object) -> Cycle:
    return make_cycle(book_of(portfolio(seed, size, 14), RULES, start=month(later), **options))


def kept(cycle: Cycle, folder: Path) -> store.Version:
    return store.keep(cycle, "plan.xlsx", folder, WHEN)[0]


# ------------------------------------------------------------------------------------------- what is put in comes out


@pytest.mark.parametrize("seed", range(6))
def test_a_kept_cycle_comes_back_with_the_same_inputs_and_plan(seed: int, tmp_path: Path) -> None:
    items = portfolio(seed, 40, 14)
    targets = {(item.country, item.brand): 4.5 for item in items}
    method = ["exact", "average"][seed % 2]
    book = book_of(items, RULES, method=method, net_transit=seed % 3 == 0, targets=targets, start=month(seed))
    cycle = make_cycle(book)
    cycle = replace(cycle, inputs=replace(cycle.inputs, policies={0: "average", 3: "exact"}))
    back = make_cycle(store.book_of(kept(cycle, tmp_path)))
    assert back.inputs.months == cycle.inputs.months
    assert back.inputs.policies == cycle.inputs.policies
    assert back.inputs.targets == cycle.inputs.targets
    assert back.inputs.settings == cycle.inputs.settings
    assert back.inputs.countries == cycle.inputs.countries
    assert {**cycle.inputs.statuses, **back.inputs.statuses} == cycle.inputs.statuses  # less the other language's
    names = [name for name in cycle.inputs.items if name not in {"weeks_cover", "net_case_weight"}]
    assert back.inputs.items[names].to_numpy().tolist() == cycle.inputs.items[names].to_numpy().tolist()
    for name in (*ARRAYS, *FLAGS):
        np.testing.assert_array_equal(getattr(back.inputs.portfolio, name), getattr(cycle.inputs.portfolio, name))


def test_odd_texts_come_back_as_they_were(tmp_path: Path) -> None:
    brands = ["=1+1", "007", '12" "x", y', "a;b", "été\u00a0", "two\nlines", "TRUE"]
    items = [
        replace(item, brand=brand, sub_category=brand[::-1], sap_code=f"000{number}A")
        for number, (item, brand) in enumerate(zip(portfolio(1, len(brands), 12), brands, strict=True))
    ]
    cycle = make_cycle(book_of(items, RULES, targets={(item.country, item.brand): 3 for item in items}))
    back = make_cycle(store.book_of(kept(cycle, tmp_path)))
    for name in ("brand", "sub_category", "sap_code"):
        assert back.inputs.items[name].tolist() == cycle.inputs.items[name].tolist()
    assert back.inputs.targets == cycle.inputs.targets


def test_inputs_are_restored_into_a_new_or_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = kept(cycle_of(), tmp_path / "archive")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    names = store.restore(version, Path())
    assert sorted(names) == sorted(path.name for path in (tmp_path / "empty").iterdir())
    assert sorted(names) == sorted(store.restore(version, tmp_path / "deep" / "new"))
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "empty", "deep"}


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_new_from_restored_files_plans_the_same(spoken: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    book, again = tmp_path / "plan.xlsx", tmp_path / "again.xlsx"
    shutil.copy(SHIPPED[spoken], book)
    assert run(["archive", str(book), "--stamp", STAMP], spoken) == 0
    assert run(["restore", str(book), "2023-08", "--data", str(tmp_path / "back")], spoken) == 0
    assert run(["new", str(again), "--data", str(tmp_path / "back"), "--lang", spoken, "--stamp", STAMP], spoken) == 0
    capsys.readouterr()
    rows = []
    for path in (book, again):
        for report in ("srm", "projections", "availability"):
            assert run(["report", report, str(path), "--format", "json"], spoken) == 0
        rows.append(capsys.readouterr().out)
    assert rows[0] == rows[1]


def test_results_are_kept_with_the_inputs(tmp_path: Path) -> None:
    cycle = cycle_of()
    version = kept(cycle, tmp_path)
    results = store.read(version)["results"].to_pandas()
    for name in ("safety", "orders", "closing", "pipeline"):
        columns = [f"{name}_{at:02d}" for at in range(12)]
        np.testing.assert_array_equal(results[columns].to_numpy(), getattr(cycle.plan, name))
    total = tidy.projections(cycle).query("country == 'Total'")["value"]
    assert version.manifest["totals"]["value"] == pytest.approx(total.tolist(), rel=1e-12)
    assert version.manifest["counts"]["items"] == 20


def test_the_newest_version_counts_and_the_older_ones_stay(tmp_path: Path) -> None:
    first, second = cycle_of(1), cycle_of(2)
    assert [kept(cycle, tmp_path).number for cycle in (first, first, second, first)] == [1, 1, 2, 3]
    prints = [one.manifest["fingerprint"] for one in store.versions(tmp_path)]
    assert prints == [cycle.inputs.fingerprint() for cycle in (first, second, first)]
    assert store.find(tmp_path, "2023-08").number == 3
    assert store.find(tmp_path, "2023-08", 2).manifest["fingerprint"] == second.inputs.fingerprint()


def test_a_version_says_who_made_it_and_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for number, name in enumerate(("amina", "karim"), start=1):
        monkeypatch.setattr("getpass.getuser", lambda name=name: name)
        monkeypatch.setattr("platform.node", lambda number=number: f"pc-{number}")
        kept(cycle_of(number), tmp_path)

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nobody)
    kept(cycle_of(3), tmp_path)
    assert run(["history", str(tmp_path), "--format", "json"], "en") == 0
    told = json.loads(capsys.readouterr().out)
    made = WHEN.isoformat(timespec="seconds")
    assert [(line["user"], line["machine"], line["made"]) for line in told] == [
        ("amina", "pc-1", made),
        ("karim", "pc-2", made),
        ("", "pc-2", made),
    ]


def test_duckdb_reads_the_archive_as_it_lies_there(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    cycles = [cycle_of(1), cycle_of(2), cycle_of(3, later=1)]
    for cycle in cycles:
        kept(cycle, tmp_path)
    query = f"""
        SELECT cycle, version, sum(value_00) AS value
        FROM read_parquet('{tmp_path}/cycle=*/version=*/results.parquet',
                          hive_partitioning = true, union_by_name = true)
        GROUP BY cycle, version
        QUALIFY version::INT = max(version::INT) OVER (PARTITION BY cycle)
        ORDER BY cycle
    """  # noqa: S608 - the folder is the test's own
    found = duckdb.sql(query).fetchall()
    assert [(str(cycle), int(version)) for cycle, version, _ in found] == [("2023-08", 2), ("2023-09", 1)]
    for line, cycle in zip(found, cycles[1:], strict=True):
        total = tidy.projections(cycle).query("country == 'Total'")["value"].iloc[0]
        assert line[2] == pytest.approx(total, rel=1e-9)


# ------------------------------------------------------------------------------------------------- what is not whole


def test_a_changed_file_is_refused_with_its_name(tmp_path: Path) -> None:
    version = kept(cycle_of(), tmp_path)
    for path in sorted(version.path.iterdir()):
        whole = path.read_bytes()
        for bad in (whole[:-1], whole[:50], b"", bytes([whole[0] ^ 1]) + whole[1:], None):
            if bad is None:
                path.unlink()
            else:
                path.write_bytes(bad)
            with pytest.raises(store.ArchiveError) as refused:
                store.read(store.find(tmp_path, "2023-08"))
            assert refused.value.code == "damaged"
            assert refused.value.values["file"].endswith(path.name)
            path.write_bytes(whole)
    assert store.read(store.find(tmp_path, "2023-08"))


def test_a_figure_changed_in_the_manifest_is_noticed(tmp_path: Path) -> None:
    version = kept(cycle_of(), tmp_path)
    path = version.path / store.MANIFEST
    path.write_text(path.read_text().replace('"items": 20', '"items": 21'))
    with pytest.raises(store.ArchiveError):
        store.read(store.find(tmp_path, "2023-08"))


def test_history_tells_a_damaged_version_from_the_others(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for seed in (1, 2):
        last = kept(cycle_of(seed), tmp_path)
    assert run(["history", str(tmp_path), "--format", "json"], "en") == 0
    whole = json.loads(capsys.readouterr().out)
    assert [(line["cycle"], line["version"], line["state"]) for line in whole] == [
        ("2023-08", 1, "kept"),
        ("2023-08", 2, "kept"),
    ]
    (last.path / store.MANIFEST).write_text("{}")
    assert run(["history", str(tmp_path), "--format", "json"], "en") == 3
    assert [line["state"] for line in json.loads(capsys.readouterr().out)] == ["kept", "damaged"]


def test_a_folder_with_files_is_never_restored_into(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    kept(cycle_of(), tmp_path / "archive")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "note.txt").write_text("mine")
    assert run(["restore", str(tmp_path / "archive"), "2023-08", "--data", str(mine)], "en") == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in mine.iterdir()] == ["note.txt"]


def test_a_cycle_that_is_not_there_is_refused_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    kept(cycle_of(), tmp_path)
    assert run(["restore", str(tmp_path), "2020-01", "--data", str(tmp_path / "back")], "en") == 2
    assert "2023-08" in capsys.readouterr().err
    assert not (tmp_path / "back").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that can't be written to")
def test_an_archive_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(store.ArchiveError):
        kept(cycle_of(), tmp_path / "archive")
    tmp_path.chmod(0o700)


# --------------------------------------------------------------------------------------- several planners, and kills


def readable(folder: Path) -> list[store.Version]:
    """All versions, each read whole."""
    found = store.versions(folder)
    for version in found:
        assert version.manifest
        assert set(store.read(version)) >= {"items", "results", "settings"}
    return found


def test_planners_who_archive_at_the_same_moment_lose_nothing(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")
    from books import forks  # noqa: PLC0415

    rounds, planners = 20, 3
    cycles = [cycle_of(seed, size=5) for seed in range(planners)]

    def work(cycle: Cycle, start: float) -> int:
        for turn in range(rounds):
            one = replace(cycle, inputs=replace(cycle.inputs, unit_cost=cycle.inputs.unit_cost + turn))
            while time.monotonic() < start + turn * 0.05:
                pass
            store.keep(one, "plan.xlsx", tmp_path, WHEN)
        return 0

    start = time.monotonic() + 0.2
    processes = [forks.start(work, cycle, start) for cycle in cycles]
    assert [forks.ended(process, 60) for process in processes] == [0] * planners
    found = readable(tmp_path)
    assert [one.number for one in found] == list(range(1, rounds * planners + 1))
    assert len({one.manifest["fingerprint"] for one in found}) == rounds * planners
    assert [path.name for path in tmp_path.iterdir()] == ["cycle=2023-08"]


def test_archiving_killed_at_any_moment_adds_a_whole_version_or_none(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")
    from books import forks  # noqa: PLC0415

    chance = random.Random(4)
    cycle = cycle_of(size=10)

    def work(turn: int) -> int:
        one = replace(cycle, inputs=replace(cycle.inputs, unit_cost=cycle.inputs.unit_cost + turn))
        store.keep(one, "plan.xlsx", tmp_path, WHEN)
        return 0

    started = time.perf_counter()
    assert forks.ended(forks.start(work, 0), 60) == 0
    whole = time.perf_counter() - started
    count = 1
    seen = {"killed": 0, "ended": 0}
    for turn in range(1, 51):
        process = forks.start(work, turn)
        time.sleep(chance.uniform(0, 1.5 * whole))
        code = forks.kill(process)
        now = len(store.versions(tmp_path))
        assert code in (0, -signal.SIGKILL)
        assert now - count in ((1,) if code == 0 else (0, 1))
        count = now
        seen["ended" if code == 0 else "killed"] += 1
    assert len(readable(tmp_path)) == count
    assert min(seen.values()) >= 3, seen  # else the moments are badly chosen
    assert kept(cycle_of(2), tmp_path).number == count + 1


@pytest.mark.parametrize("step", range(13))
def test_archiving_killed_at_each_step_leaves_nothing_that_reads_as_a_version(step: int, tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")
    from books import forks  # noqa: PLC0415

    cycle = cycle_of(size=3)

    def work() -> int:
        calls = 0

        def dying(number: int) -> None:
            nonlocal calls
            calls += 1
            if calls > step:
                os.kill(os.getpid(), signal.SIGKILL)

        os.fsync = dying
        store.keep(cycle, "plan.xlsx", tmp_path, WHEN)
        return 0

    code = forks.ended(forks.start(work), 60)
    found = readable(tmp_path)
    published = step >= 10  # eight tables, the manifest, the folder: then it has its name
    assert code == (0 if step == 12 else -signal.SIGKILL)
    assert len(found) == published
    assert kept(cycle, tmp_path).number == 1


def test_what_a_killed_planner_left_is_swept_a_day_later(tmp_path: Path) -> None:
    left = tmp_path / f".tmp-{'0' * 16}"
    left.mkdir(parents=True)
    (left / "items.parquet").write_bytes(b"half")
    kept(cycle_of(1), tmp_path)
    assert left.exists()
    os.utime(left, (1, 1))
    kept(cycle_of(2), tmp_path)
    assert not left.exists()


# ------------------------------------------------------------------------------------------------------- the commands


def test_bridge_from_the_archive_prints_rows_that_add_up_and_writes_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    import openpyxl  # noqa: PLC0415

    book, later = tmp_path / "plan.xlsx", tmp_path / "later"
    shutil.copy(SHIPPED["en"], book)
    assert run(["archive", str(book), "--stamp", STAMP], "en") == 0
    assert run(["restore", str(book), "Aug-23", "--data", str(later)], "en") == 0
    text = (later / "forecast_t.csv").read_text().splitlines()
    head, *lines = (line.split(",") for line in text)
    rolled = [[*head[:2], *head[3:], "2024-08"], *([*line[:2], *line[3:], "50"] for line in lines)]
    (later / "forecast_t.csv").write_text("\n".join(",".join(line) for line in rolled))
    for name in ("opportunities.csv", "settings.csv", "confirmed_orders_t.csv"):
        (later / name).unlink()
    book.unlink()
    assert run(["new", str(book), "--data", str(later), "--stamp", STAMP], "en") == 0
    capsys.readouterr()

    before = book.read_bytes()
    assert run(["bridge", str(book), "--from", "2023-08", "--format", "json"], "en") == 0
    out, err = capsys.readouterr()
    assert book.read_bytes() == before
    rows = json.loads(out)
    assert list(rows[0]) == ["country", "sub_category", "month", "driver", "value"]
    sums: dict[tuple[str, str, str], float] = {}
    for row in rows:
        key = (row["country"], row["sub_category"], row["month"])
        sums[key] = sums.get(key, 0.0) + (-row["value"] if row["driver"] == "total" else row["value"])
    assert max(map(abs, sums.values())) < 1e-6
    assert {row["month"] for row in rows} == {f"2023-{at:02d}" for at in range(9, 13)} | {
        f"2024-{at:02d}" for at in range(1, 6)
    }
    assert "The stock at the start of Sep-23" in err

    assert run(["bridge", str(book), "--from", "2023-08", "--write", "--stamp", STAMP], "fr") == 0
    sheet = openpyxl.load_workbook(book)["Bridge"]
    assert sheet["A1"].value == "Bridge: why the projection has moved"
    assert run(["check", str(book)], "en") == 0


def test_another_workbook_in_the_same_archive_is_told(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    kept(cycle_of(), tmp_path / "share")
    book = tmp_path / "mine.xlsx"
    shutil.copy(SHIPPED["en"], book)
    for folder, told in ((tmp_path / "share", True), (tmp_path / "own", False)):
        assert run(["archive", str(book), "--to", str(folder)], "en") == 0
        assert ("other workbooks here too: plan.xlsx." in capsys.readouterr().err) == told


def test_a_copy_under_a_new_name_is_told_of_the_archive_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    kept(cycle_of(), tmp_path / "april.cycles")
    (tmp_path / "empty.cycles").mkdir()
    book = asking(tmp_path / "may.xlsx")
    capsys.readouterr()
    for spoken, word in (("en", "Archive folder"), ("fr", "Dossier d'archive")):
        assert run(["bridge", str(book), "--from", "2023-08"], spoken) == 2
        told = capsys.readouterr().err
        assert "april.cycles" in told and word in told and "empty" not in told
    for beside in (True, False):  # the second time it has an archive of its own
        assert run(["archive", str(book), "--stamp", STAMP], "en") == 0
        assert ("beside it: april.cycles" in capsys.readouterr().err) == beside
    assert run(["bridge", str(book), "--from", "2023-08"], "en") == 2
    assert "There are: 2024-11" in capsys.readouterr().err


def test_accuracy_prints_rows_and_sentences_from_the_archive(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Every item forecasts 2 t; of two of them it is known what came in November."""
    came = [["Country", "SAP code", "Month", "Forecast", "Actual"]]
    came += [
        [country, code, sap_book.START, 2, tonnes]
        for country, code, tonnes in (("Morocco", "67012345", 3), ("Algeria", "69000100", 0.5))
    ]
    book = sap_book.sap_book(tmp_path / "plan.xlsx", {"Actual demand": came})
    assert run(["accuracy", str(book)], "en") == 0
    assert capsys.readouterr().err.startswith("Forecast error and bias are not measured: 0 cycles are archived")
    assert run(["archive", str(book), "--to", str(tmp_path / "share")], "en") == 0
    capsys.readouterr()
    before = book.read_bytes()
    arguments = ["accuracy", str(book), "--archive", str(tmp_path / "share")]
    assert run([*arguments, "--format", "json"], "en") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[-1] == {
        "country": "Total", "sub_category": "TOTAL", "lag": 0, "months": 1, "actual_t": 3.5, "forecast_t": 4.0,
        "error_t": 2.5, "wmape": 2.5 / 3.5, "bias": 0.5 / 3.5,
    }  # fmt: skip
    assert "Lag 0: error 71.4%, bias +14.3%; months compared: 1." in err
    assert run(arguments, "fr") == 0
    assert "erreur 71,4\u202f%, biais +14,3\u202f%" in capsys.readouterr().err
    assert book.read_bytes() == before


# ----------------------------------------------------------------------------------------------- at each refresh


def asking(path: Path, *settings: tuple[str, object], opening: float = 9.0) -> Path:
    """A small workbook whose Settings say so; the first item opens with some tonnes."""
    rows = [("Setting", "Value"), *settings]
    with pytest.MonkeyPatch.context() as patch:
        items = sap_book.ITEMS
        patch.setattr(sap_book, "ITEMS", ((*items[0][:3], opening), *items[1:]))
        return sap_book.sap_book(path, {"Settings": rows})


@pytest.mark.parametrize("folder", ["", "mine", "{tmp}/share"])
def test_a_refresh_archives_where_settings_ask_and_every_command_looks_there(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    said = folder.replace("{tmp}", str(tmp_path))
    place = tmp_path / (Path(said).name or "plan.cycles")
    book = asking(tmp_path / "plan.xlsx", ("Archive", True), ("Archive folder", said or None))
    (tmp_path / "out").mkdir()
    capsys.readouterr()
    for extra, told in (
        ([], "kept as version 1"),
        (["--output", str(tmp_path / "out" / "copy.xlsx")], "with these very inputs"),
    ):
        assert run(["refresh", str(book), "--stamp", STAMP, *extra], "en") == 0
        refreshed, kept_line = capsys.readouterr().err.strip().splitlines()[-2:]
        assert "7 reports refreshed" in refreshed
        assert told in kept_line
    assert [path.name for path in place.iterdir()] == ["cycle=2024-11"]
    assert list((tmp_path / "out").iterdir()) == [tmp_path / "out" / "copy.xlsx"]
    for command in (["archive"], ["history"], ["bridge", "--from", "2024-11"]):
        assert run([command[0], str(book), *command[1:]], "en") == 0
    assert run(["restore", str(book), "2024-11", "--data", str(tmp_path / "back")], "en") == 0
    settings = (tmp_path / "back" / "settings.csv").read_text()
    assert "archive,TRUE" in settings
    assert f"archive_folder,{said}" in settings


def test_a_refresh_that_cannot_be_archived_is_done_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    book = asking(tmp_path / "plan.xlsx", ("Archive", True), ("Archive folder", "taken"))
    before = book.read_bytes()
    assert run(["refresh", str(book), "--stamp", STAMP], "en") == 0
    assert "refreshed, but not archived as Settings ask: " in capsys.readouterr().err
    assert book.read_bytes() != before
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pyarrow" else found(name))
    assert run(["refresh", str(book), "--stamp", STAMP], "fr") == 0
    error = capsys.readouterr().err
    assert "7 rapports actualisés" in error
    assert 'pip install ".[archive]"' in error


def test_without_the_setting_a_refresh_archives_nothing(tmp_path: Path) -> None:
    book = asking(tmp_path / "plan.xlsx", ("Archive", False))
    assert run(["refresh", str(book), "--stamp", STAMP], "en") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["plan.xlsx"]


def test_where_a_cycle_is_archived_is_no_part_of_its_fingerprint(tmp_path: Path) -> None:
    cycle = cycle_of()
    settings = replace(cycle.inputs.settings, archive=True, archive_folder="share")
    other = replace(cycle, inputs=replace(cycle.inputs, settings=settings))
    assert other.inputs.fingerprint() == cycle.inputs.fingerprint()


def test_planners_who_refresh_at_the_same_moment_and_are_killed_lose_nothing(tmp_path: Path) -> None:
    """Each has a workbook of his own, all of one archive; some are killed at any moment."""
    pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")
    from books import forks  # noqa: PLC0415

    chance, share = random.Random(8), tmp_path / "share"
    settings = (("Archive", True), ("Archive folder", str(share)))
    books = [asking(tmp_path / f"plan{number}.xlsx", *settings, opening=number) for number in range(3)]
    whole = {path: path.read_bytes() for path in books}

    def work(path: Path) -> int:
        return run(["refresh", str(path), "--stamp", STAMP], "en")

    codes, usual = [], 0.0
    for turn in range(3):
        for path in books:
            path.write_bytes(whole[path])
        started = time.perf_counter()
        processes = [forks.start(work, path) for path in books]
        if turn:
            time.sleep(chance.uniform(0.1, 1.1) * usual)
            codes.append(forks.kill(processes[turn % 3]))
        for number, process in enumerate(processes):
            if not turn or number != turn % 3:
                assert forks.ended(process, 60) == 0
        assert [run(["check", str(path)], "en") for path in books] == [0] * 3, "a book is the old one or the new one"
        if not turn:
            usual = time.perf_counter() - started
            assert len(readable(share)) == 3, "one version for each planner"
    assert set(codes) <= {0, -signal.SIGKILL}
    assert {one.manifest["book"] for one in readable(share)} == {path.name for path in books}
    prints = [one.manifest["fingerprint"] for one in readable(share)]
    assert len(set(prints)) == 3


@pytest.mark.parametrize("text", ["last", "2023-13", "2023"])
def test_a_cycle_is_named_by_its_month(text: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    kept(cycle_of(), tmp_path)
    assert run(["restore", str(tmp_path), text, "--data", str(tmp_path / "back")], "en") == 2
    assert text in capsys.readouterr().err


def test_pyarrow_and_the_archive_load_with_their_commands_only() -> None:
    code = "import sys, smile_xl.cli, smile_xl.functions; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("command", [["archive", "a.xlsx"], ["history", "a.xlsx"], ["restore", "a.xlsx", "2023-08", "--data", "x"],
                                     ["bridge", "a.xlsx", "--from", "2023-08"], ["accuracy", "a.xlsx"]])  # fmt: skip
def test_without_the_parquet_library_a_command_says_what_to_install(command, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run(command, "en") == 2
    assert 'pip install ".[archive]"' in capsys.readouterr().err
