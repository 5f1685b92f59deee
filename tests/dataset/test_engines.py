"""The same result from threads and from Dask, and from a run that was killed and resumed; never half of one."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from datasets import WHEN, dataset_of, frames_of, some_items, with_tables

from smile_xl.books.dataset import engine
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.outcome import Wish
from smile_xl.books.dataset.run import plan_dataset
from smile_xl.books.dataset.source import open_dataset
from smile_xl.books.dataset.workplace import work_folder
from smile_xl.cli import run

ITEMS = some_items(2, 60)
NAMES = ("summary", "availability", "imports", "dsr", "projections", "plan")


def planned(data: Path, output: Path, progress: Any = lambda _: None, **wish: Any) -> Path:
    plan_dataset(open_dataset(data), output, Wish(**wish), WHEN, progress)
    return output


def assert_equal(one: Path, other: Path, names: tuple[str, ...] = NAMES) -> None:
    """To the last bit, and so are the manifests."""
    first, second = frames_of(one, names), frames_of(other, names)
    for name in names:
        pd.testing.assert_frame_equal(first[name], second[name], check_exact=True, obj=name)
    assert (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


def nothing_to_read(output: Path) -> bool:
    left = work_folder(output)
    return not output.exists() and not [*left.rglob("*.parquet"), *left.rglob("manifest.json")]


def whole_already(output: Path) -> bool:
    """Whether all files of the result are whole and on the disk, and only their names were still to be given."""
    result = work_folder(output) / "result"
    return (result / "manifest.json").exists() or (result / "manifest.json.unfinished").exists()


# ------------------------------------------------------------------------------------------------------------- killed


def test_a_run_killed_at_any_step_leaves_a_whole_result_or_none_and_can_be_resumed(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")
    from books import forks  # noqa: PLC0415

    data = dataset_of(ITEMS[:6], tmp_path / "data", group=3)
    with_tables(data, ITEMS[:6])
    names = ("dsr", "plan")
    whole, output = planned(data, tmp_path / "whole", reports=names), tmp_path / "out"

    def dying_at(step: int) -> int:
        calls = 0

        def before(call: Any) -> Any:
            def counted(*arguments: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls > step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments)

            return counted

        os.fsync, Path.replace, Path.rename = before(os.fsync), before(Path.replace), before(Path.rename)
        planned(data, output, workers=1, reports=names)
        return 0

    step, killed = 0, 0
    while (code := forks.ended(forks.start(dying_at, step), 60)) != 0:
        assert code == -signal.SIGKILL
        killed += 1
        if output.exists():  # its name was the last thing but one
            assert_equal(whole, output, names)
        else:
            assert nothing_to_read(output) or whole_already(output)
            if step % 4 == 0:
                assert_equal(whole, planned(data, output, reports=names, resume=True), names)
        shutil.rmtree(output, ignore_errors=True)
        step += 1
    assert killed > 15  # two row groups in three files each, a report, the manifest, the folders
    assert_equal(whole, output, names)
    assert not work_folder(output).exists()


# --------------------------------------------------------------------------------------------------------------- Dask


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, each a process of its own that is replaced when it dies."""
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    shared = ["--scheduler-file", str(file), "--no-dashboard"]
    programs = (
        ["distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1", *shared],
        ["distributed.cli.dask_worker", "--nworkers", "2", "--nthreads", "1", "--memory-limit", "0", *shared],
    )
    processes = [
        subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.DEVNULL, cwd=folder) for words in programs
    ]
    try:
        until = time.monotonic() + 60
        while not (file.exists() and file.read_text().strip().endswith("}")):
            assert time.monotonic() < until
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        with distributed().Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(30)


def distributed() -> Any:
    return pytest.importorskip("distributed")


@pytest.mark.parametrize(("group", "pieces"), [(20, 3), (1, 60)], ids=["few", "many"])
def test_dask_gives_what_threads_give(
    scheduler: str, tmp_path: Path, capsys: pytest.CaptureFixture, group: int, pieces: int
) -> None:
    """Of many row groups, a task takes several."""
    data = dataset_of(ITEMS, tmp_path / "data", group=group)
    with_tables(data, ITEMS)
    arguments = ["--engine", "dask", "--scheduler", scheduler, "--stamp", WHEN.isoformat()]
    assert run(["plan", str(data), "--output", str(tmp_path / "dask"), *arguments], "fr") == 0
    assert f"60 articles en {pieces} groupes de lignes" in capsys.readouterr().err
    assert_equal(planned(data, tmp_path / "local"), tmp_path / "dask")


def test_workers_elsewhere_find_a_dataset_by_its_place_and_not_by_ours(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset_of(ITEMS, tmp_path / "data", group=20)
    monkeypatch.chdir(tmp_path)
    assert run(["plan", "data", "--output", "out", "--engine", "dask", "--scheduler", scheduler], "en") == 0


def test_dask_with_workers_of_its_own_gives_what_threads_give(tmp_path: Path) -> None:
    distributed()
    data = dataset_of(ITEMS, tmp_path / "data", group=20)
    arguments = ["--engine", "dask", "--workers", "1", "--stamp", WHEN.isoformat()]
    assert run(["plan", str(data), "--output", str(tmp_path / "dask"), *arguments], "en") == 0
    assert_equal(planned(data, tmp_path / "local"), tmp_path / "dask")


def test_a_worker_that_is_killed_is_replaced_and_the_result_is_whole(scheduler: str, tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data", group=3)
    seen = 0

    def kill(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == 4:
            with distributed().Client(scheduler) as client:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    wish = {"engine": "dask", "scheduler": scheduler}
    assert_equal(planned(data, tmp_path / "local"), planned(data, tmp_path / "dask", kill, **wish))


def test_workers_that_die_again_and_again_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With workers of the run's own; Dask gives up at the first death here."""
    distributed()
    monkeypatch.setattr(engine, "run_bundle", lambda job, bundle: os._exit(1))
    data, wish = dataset_of(ITEMS[:2], tmp_path / "data"), {"engine": "dask", "workers": 1}
    with (
        pytest.importorskip("dask").config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(DatasetError) as refused,
    ):
        planned(data, tmp_path / "out", **wish)
    assert refused.value.code == "workers_died"
    assert "\n" not in refused.value.text("en")
    assert not (tmp_path / "out").exists()


def test_a_client_that_is_killed_publishes_nothing_and_can_be_resumed(scheduler: str, tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data", group=1)
    output = tmp_path / "out"
    arguments = ["plan", str(data), "--output", str(output), "--engine", "dask", "--stamp", WHEN.isoformat()]
    arguments += ["--scheduler", scheduler]
    process = subprocess.Popen([sys.executable, "-m", "smile_xl.cli", *arguments], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(work_folder(output).glob("*.part")):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert nothing_to_read(output)
    assert run([*arguments, "--resume"], "en") == 0
    assert_equal(planned(data, tmp_path / "local"), output)


def test_what_goes_wrong_on_a_worker_is_told_as_here(scheduler: str, tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    opened = open_dataset(data)
    dataset_of(ITEMS[::-1], data)
    wish = Wish(engine="dask", scheduler=scheduler)
    with pytest.raises(DatasetError) as refused:
        plan_dataset(opened, tmp_path / "out", wish, WHEN)
    assert refused.value.code == "changed"
    assert not work_folder(tmp_path / "out").exists()


@pytest.mark.parametrize(("spoken", "text"), [("en", "can't be used"), ("fr", "ne peut pas être utilisé")])
def test_a_scheduler_that_cannot_be_reached_is_told_in_one_line(
    spoken: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    pytest.importorskip("distributed")
    data = dataset_of(ITEMS[:2], tmp_path / "data")
    arguments = ["--engine", "dask", "--scheduler", "nowhere"]
    assert run(["plan", str(data), "--output", str(tmp_path / "out"), *arguments], spoken) == 2
    assert text in capsys.readouterr().err
    assert not work_folder(tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("missing", "arguments", "text"),
    [
        ("pyarrow", ["plan", "x", "--output", "y"], 'pip install ".[archive]"'),
        ("pyarrow", ["publish", "x.xlsx", "--into", "y"], 'pip install ".[archive]"'),
        ("pyarrow", ["new", "x.xlsx", "--from", "y"], 'pip install ".[archive]"'),
        ("distributed", ["plan", "data", "--output", "y", "--engine", "dask"], 'pip install ".[scale]"'),
    ],
)
@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_a_missing_library_is_told_with_how_to_install_it(
    spoken: str,
    missing: str,
    arguments: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    dataset_of(ITEMS[:2], tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    assert run(arguments, spoken) == 2
    told = capsys.readouterr().err
    assert text in told
    assert len([line for line in told.splitlines() if "pip install" in line]) == 1
