"""A dataset and a workbook of the same items give the same figures, whatever the partitions, order, engine, threads."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import (
    TARGETS,
    TIDY,
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

from smile_xl.books.archive import store
from smile_xl.books.dataset import columns
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.what_if import read_scenarios
from smile_xl.planning import tidy
from smile_xl.planning.cycle import plan_of
from smile_xl.planning.group_sums import GROUP_REPORTS
from smile_xl.planning.scenarios import change_of, with_changes
from smile_xl.planning.steering.whatif import ScenarioLine, scenarios_of


@pytest.mark.parametrize(("seed", "method", "net"), [(1, "exact", "FALSE"), (2, "average", "TRUE")])
def test_all_reports_are_those_of_the_workbook(seed: int, method: str, net: str, tmp_path: Path) -> None:
    items = some_items(seed)
    folder = dataset_of(items, tmp_path / "data", files=2, **{"safety method": method, "net transit": net})
    opportunities, policies = with_tables(folder, items)
    assert opportunities
    found = frames_of(planned(folder, tmp_path / "out"))
    options = {"method": method, "net_transit": net == "TRUE", "targets": TARGETS, "opportunities": opportunities}
    cycle = book_cycle(items, policies, **options)
    for name in TIDY:
        assert_same(found[name], tidy.REPORTS[name](cycle), name)
    plan = pq.read_table(tmp_path / "out" / "plan").to_pandas()
    assert plan["sap_code"].tolist() == [item.sap_code for item in items]
    for name, block in vars(cycle.plan).items():
        columns = [f"{name}_{month:02d}" for month in range(12)]
        np.testing.assert_allclose(plan[columns].to_numpy(), block, rtol=1e-9, atol=1e-9, err_msg=name)


def test_partitions_order_and_threads_do_not_change_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit with other threads and a resumed run; to 1e-9 with other partitions and order."""
    items = some_items(3)
    folder = dataset_of(items, tmp_path / "data", group=20)
    with_tables(folder, items)
    names = ("summary", "availability", "imports", "dsr", "projections")
    first = frames_of(planned(folder, tmp_path / "out", workers=1), names)
    again = frames_of(planned(folder, tmp_path / "again", workers=3), names)
    for name in names:
        pd.testing.assert_frame_equal(first[name], again[name], check_exact=True, obj=name)
    manifests = [json.loads((tmp_path / name / "manifest.json").read_bytes()) for name in ("out", "again")]
    assert manifests[0] == manifests[1]
    for number, (order, group, batch) in enumerate([(items[::-1], 7, 5), (items[45:] + items[:45], 90, 16)]):
        monkeypatch.setattr(columns, "BATCH", batch)
        other = dataset_of(order, tmp_path / f"data{number}", group=group, files=number + 1)
        with_tables(other, items)
        for name, table in frames_of(planned(other, tmp_path / f"out{number}"), names).items():
            assert_same(table, first[name], name)


def test_a_name_spelt_in_two_ways_is_one_group(tmp_path: Path) -> None:
    """Within a row group as well: Morocco and MOROCCO, a blank sub-category and "-"."""
    items = [replace(item, sub_category="-") if item.sub_category == "SOS" else item for item in some_items(3)]
    rows = rows_of(items)
    for row in rows[::2]:
        row["country"] = str(row["country"]).upper()
        row["sub_category"] = None if row["sub_category"] == "-" else row["sub_category"]
    folder = dataset_of(items, tmp_path / "data")
    pq.write_table(table_of(rows), folder / "items-0.parquet")
    found = frames_of(planned(folder, tmp_path / "out"), ("projections", "dsr", "imports"))
    for name, table in found.items():
        assert_same(table, tidy.REPORTS[name](book_cycle(items)), name)


def test_the_reports_by_group_do_not_wait_for_pandas(tmp_path: Path) -> None:
    """To load it takes as long as to plan 200 000 items."""
    data = dataset_of(some_items(1, 20), tmp_path / "data")
    reports = [word for name in GROUP_REPORTS for word in ("--report", name)]
    code = "import sys; from smile_xl.cli import run; assert run(sys.argv[1:], 'en') == 0; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, "plan", data, "--output", tmp_path / "out", *reports], check=True)


def test_the_manifest_says_what_the_result_is(tmp_path: Path) -> None:
    items = some_items(4, 40)
    folder = dataset_of(items, tmp_path / "data")
    out = planned(folder, tmp_path / "out")
    manifest = store._read_manifest(out)
    assert manifest["complete"] is True
    assert manifest["counts"] == {"items": 40, "row_groups": 3, "countries": len({item.country for item in items})}
    value = tidy.projections(book_cycle(items)).query("country == 'Total'")["value"]
    assert manifest["totals"]["value"] == pytest.approx(value.tolist(), rel=1e-9)
    assert manifest["totals"]["opening_t"] == pytest.approx(sum(max(item.opening, 0) for item in items))
    files = {path.relative_to(out).as_posix(): path.stat().st_size for path in out.rglob("*.parquet")}
    assert {name: one["bytes"] for name, one in manifest["files"].items()} == files
    assert manifest["inputs"][0]["row_groups"] == [16, 16, 8]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("change", ["a row", "a target", "a setting"])
def test_the_fingerprint_changes_with_the_inputs(change: str, tmp_path: Path) -> None:
    items = some_items(4, 20)
    prints = []
    for turn in range(2):
        folder = dataset_of(items, tmp_path / f"data{turn}")
        with_tables(folder, items)
        if turn and change == "a row":
            dataset_of([*items[:-1], replace(items[-1], opening=items[-1].opening + 1)], folder)
        elif turn and change == "a target":
            (folder / "targets.csv").write_text("country,brand,target weeks\nMorocco,B1,9")
        elif turn:
            (folder / "settings.csv").write_text("setting,value\nstart,2023-08\ncurrency,MAD")
        out = planned(folder, tmp_path / f"out{turn}", reports=("summary",))
        prints.append(json.loads((out / "manifest.json").read_bytes())["fingerprint"])
    assert prints[0] != prints[1]


def test_scenarios_stand_side_by_side_and_equal_the_changed_workbook(tmp_path: Path) -> None:
    items = some_items(5)
    folder = dataset_of(items, tmp_path / "data", group=30)
    opportunities, policies = with_tables(folder, items)
    lines = [
        "high,demand,country=Morocco; brand=B1,+10 %",
        "high,landed_cost,,+5 %",
        "late,delay,sub_category=SOS,4",
        "late,policy,country=Tunisia,average",
        "covered,weeks_cover,,+1.5",
        "silent,demand,country=Algeria,-100 %",
        "some,delay,status=Regular,9",
        "some,unit_cost,sub_category=SOS,-3 %",
        "nobody,demand,brand=Nowhere,+90 %",
    ]
    names = ["high", "late", "covered", "silent", "some", "nobody"]
    (folder / "scenarios.csv").write_text("\n".join(["scenario,what,where,change", *lines]))
    scenarios = read_scenarios(names, folder)
    out = planned(folder, tmp_path / "out", scenarios=scenarios)
    base = book_cycle(items, policies, targets=TARGETS, opportunities=opportunities)
    for name in ("summary", "availability", "imports", "dsr", "projections"):
        rows = pq.read_table(out / "scenarios" / f"{name}.parquet").to_pandas()
        assert list(dict.fromkeys(rows["scenario"])) == ["base", *names]
        assert_same(rows[rows["scenario"] == "base"].drop(columns="scenario"), tidy.REPORTS[name](base), name)
        for scenario in scenarios:
            inputs = with_changes(base.inputs, scenario.changes)
            changed = replace(base, inputs=inputs, plan=plan_of(inputs))
            found = rows[rows["scenario"] == scenario.name].drop(columns="scenario")
            assert_same(found, tidy.REPORTS[name](changed), f"{name} {scenario.name}")
    assert_same(frames_of(out, ("srm",))["srm"], tidy.srm(base), "the plan is the base's")


def test_an_archived_cycle_is_a_dataset(tmp_path: Path) -> None:
    items = some_items(6, 40)
    cycle = book_cycle(items, {0: "average"}, targets=TARGETS, method="average", net_transit=True)
    version = store.keep(cycle, "plan.xlsx", tmp_path / "archive", WHEN)[0]
    out = planned(version.path, tmp_path / "out")
    for name, found in frames_of(out).items():
        assert_same(found, tidy.REPORTS[name](cycle), name)
    results = store.read(version)["results"]
    assert pq.read_table(out / "plan").to_pandas().equals(results.to_pandas())


def test_the_scenarios_of_an_archived_cycle_are_those_of_its_book(tmp_path: Path) -> None:
    lines = (
        ScenarioLine("High", change_of("demand", "country=Morocco; brand=B1", "+10 %")),
        ScenarioLine("Late", change_of("delay", "", 2)),
        ScenarioLine("High", change_of("policy", "status=Regular", "average")),
    )
    cycle = book_cycle(some_items(6, 40))
    inputs = replace(cycle.inputs, steering=replace(cycle.inputs.steering, scenarios=lines))
    version = store.keep(replace(cycle, inputs=inputs), "plan.xlsx", tmp_path / "archive", WHEN)[0]
    assert list(read_scenarios(["high", "late"], version.path)) == scenarios_of(lines)


@pytest.mark.parametrize("header", ["scenario,what,change,remark", "scenario,what,for,change"])
def test_a_table_of_scenarios_without_where_is_refused(header: str, tmp_path: Path) -> None:
    """Each change would be one of all items."""
    (tmp_path / "what.csv").write_text(f"{header}\nhigh,demand,country=Morocco,+10 %")
    with pytest.raises(DatasetError) as refused:
        read_scenarios([str(tmp_path / "what.csv")], tmp_path)
    assert "the column where is missing" in refused.value.text("en")


@pytest.mark.parametrize("size", [1, 2])
def test_one_item_and_blank_columns(size: int, tmp_path: Path) -> None:
    """Optional columns may be missing, of integers or blank; text may be in a dictionary."""
    items = [replace(item, moq=None, multiple=None, confirmed=[None] * 12) for item in some_items(7, size, 12)]
    rows = [
        {
            name: value
            for name, value in row.items()
            if not name.startswith(("confirmed", "moq", "multiple", "category"))
        }
        for row in rows_of(items)
    ]
    table = table_of(rows)
    place = table.column_names.index("weeks_cover")
    whole = pa.array([int(item.weeks_cover) for item in items], pa.int32())
    table = table.set_column(place, "weeks_cover", whole)
    table = table.set_column(0, "country", table["country"].dictionary_encode())
    folder = dataset_of(items, tmp_path / "data")
    pq.write_table(table, folder / "items-0.parquet")
    found = frames_of(planned(folder, tmp_path / "out"))
    cycle = book_cycle([replace(item, weeks_cover=int(item.weeks_cover)) for item in items])
    for name in TIDY:
        assert_same(found[name], tidy.REPORTS[name](cycle), name)
    targets = pq.read_table(tmp_path / "out" / "availability.parquet")["target"]
    assert targets.null_count == len(targets)  # what is not known is null, for other programs too, and no NaN


def test_the_changes_of_a_file_are_read_as_the_cells_hold_them(tmp_path: Path) -> None:
    path = tmp_path / "what.parquet"
    table = {
        "Scénario": ["a", "a"],
        "Quoi": ["Demande", "Retard"],
        "Où": ["pays=Maroc", None],
        "Variation": ["+10 %", "3"],
    }
    pq.write_table(pa.table(table), path)
    assert read_scenarios([str(path)], tmp_path)[0].changes == (
        change_of("demand", "country=Maroc", 0.1),
        change_of("delay", "", 3),
    )
