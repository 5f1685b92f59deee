"""A slice of a dataset as a book: the same figures, given back whole, and never over somebody else's changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import WHEN, book_cycle, dataset_of, rows_of, some_items, table_of, with_tables

from smile_xl.books.dataset import publish as publishing
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.outcome import Wish
from smile_xl.books.dataset.publish import publish
from smile_xl.books.dataset.run import plan_dataset
from smile_xl.books.dataset.source import open_dataset
from smile_xl.books.dataset.taking import take
from smile_xl.books.dataset.workplace import one_at_a_time
from smile_xl.books.memory import MemoryBook
from smile_xl.cli import run
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.scenarios import selector_of

ITEMS = some_items(1, 60)
MOROCCO = [item for item in ITEMS if item.country == "Morocco"]


def taken(data: Path, where: str = "country=Morocco", spoken: str = "en") -> MemoryBook:
    book, page = take(data, selector_of(where), spoken)
    book.write_page(page)
    return book


def column(book: MemoryBook, block: str, header: object) -> int:
    """Column of SRM of a block and header."""
    blocks, heads = book.read("SRM").rows[:2]
    first = next(place for place, name in enumerate(blocks) if name and str(name).startswith(block))
    return next(place for place in range(first, len(heads)) if str(heads[place]).startswith(str(header)))


def typed(book: MemoryBook, item: int, where: int, value: object) -> None:
    """Type a value into SRM."""
    rows = [list(row) for row in book.read("SRM").rows]
    rows[2 + item][where] = value
    book._grids["SRM"] = replace(book.read("SRM"), rows=rows)


def table(data: Path) -> pa.Table:
    return pa.concat_tables([pq.read_table(path) for path in sorted(data.glob("items*.parquet"))])


# ----------------------------------------------------------------------------------------------------------- a slice


@pytest.mark.parametrize(
    ("where", "picked"),
    [
        ("pays=Maroc", lambda item: item.country == "Morocco"),
        ("country=Morocco; brand=b1", lambda item: (item.country, item.brand) == ("Morocco", "B1")),
        ("brand=B1; brand=B2", lambda item: item.brand in ("B1", "B2")),
        ("sap_code=68000007", lambda item: item.sap_code.endswith("68000007")),
        ("", lambda item: True),
    ],
)
def test_the_book_plans_as_the_dataset_does(where: str, picked: Callable, tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data", files=2)
    with_tables(data, ITEMS)
    items = [item for item in ITEMS if picked(item)]
    cycle = make_cycle(taken(data, where))
    assert cycle.inputs.items["sap_code"].tolist() == [item.sap_code for item in items]
    plan_dataset(open_dataset(data), tmp_path / "out", Wish(reports=("plan",)), WHEN)
    plan = pq.read_table(tmp_path / "out" / "plan").to_pandas()
    rows = [place for place, item in enumerate(ITEMS) if picked(item)]
    for name, block in vars(cycle.plan).items():
        columns = [f"{name}_{month:02d}" for month in range(12)]
        np.testing.assert_allclose(plan[columns].to_numpy()[rows], block, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(("where", "code"), [("country=Peru", "no_row"), ("description=x", "no_attribute")])
def test_a_slice_that_cannot_be_is_refused(where: str, code: str, tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    with pytest.raises(DatasetError) as refused:
        taken(data, where)
    assert refused.value.code == code
    assert refused.value.text("en") != refused.value.text("fr")


# --------------------------------------------------------------------------------------------------------- given back


def test_inputs_are_given_back_and_nothing_else_changes(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data", files=2)
    path = data / "items-0.parquet"
    more = pq.read_table(path).append_column("buyer", pa.array(range(30)))
    pq.write_table(more, path, row_group_size=7, compression="zstd")
    pq.write_table(
        pq.read_table(data / "items-1.parquet").append_column("buyer", pa.array(range(30))), data / "items-1.parquet"
    )
    before = table(data).to_pylist()
    book = taken(data)
    typed(book, 0, column(book, "Confirmed", "2023-11"), 77.25)
    typed(book, 0, column(book, "Stock", "Opening"), 3.5)
    typed(book, 1, column(book, "Item", "Status"), "Delisted")
    typed(book, 1, column(book, "Item", "Sub-category"), "NEW")
    typed(book, 2, column(book, "Confirmed", "2023-08"), None)
    done = publish(book, data)
    after = table(data).to_pylist()
    rows = [place for place, item in enumerate(ITEMS) if item.country == "Morocco"]
    expected = [dict(row) for row in before]
    expected[rows[0]] |= {"confirmed_03": 77.25, "opening_t": 3.5}
    expected[rows[1]] |= {"status": "Delisted", "sub_category": "NEW"}
    expected[rows[2]] |= {"confirmed_00": None}
    assert after == expected
    changed = sum(one != other for one, other in zip(before, expected, strict=True))
    assert (done.items, done.changed) == (len(rows), changed)
    metadata = pq.read_metadata(path)
    assert [metadata.row_group(group).num_rows for group in range(5)] == [7, 7, 7, 7, 2]
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert publish(book, data).changed == 0  # and the book knows what it has published
    typed(book, 0, column(book, "Stock", "Opening"), 4.5)
    assert publish(book, data).changed == 1


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_a_book_that_nobody_touched_gives_back_what_it_took(spoken: str, tmp_path: Path) -> None:
    """Blanks, statuses in the other language and codes with zeros stay as the dataset spells them."""
    rows = rows_of(ITEMS)
    rows[3]["sub_category"], rows[4]["brand"], rows[5]["demand_02"], rows[6]["W2"] = None, " ", None, None
    data = dataset_of(ITEMS, tmp_path / "data")
    pq.write_table(table_of(rows), data / "items-0.parquet", row_group_size=16)
    whole = (data / "items-0.parquet").read_bytes()
    done = publish(taken(data, "", spoken), data)
    assert (done.items, done.changed, done.files) == (60, 0, 0)
    assert (data / "items-0.parquet").read_bytes() == whole


def test_an_update_of_somebody_else_is_never_lost(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data", group=16)
    mine, theirs = taken(data), taken(data, "country=Algeria")
    first = next(place for place, item in enumerate(ITEMS) if item.country == "Algeria")
    typed(theirs, 0, column(theirs, "Stock", "Opening"), 1234.0)
    assert publish(theirs, data).changed == 1
    typed(mine, 0, column(mine, "Stock", "Opening"), 4321.0)
    before = (data / "items-0.parquet").read_bytes()
    with pytest.raises(DatasetError) as refused:
        publish(mine, data)
    assert refused.value.code == "lost_update"
    assert refused.value.values["pieces"] == f"items-0.parquet ({first // 16 + 1})"
    assert (data / "items-0.parquet").read_bytes() == before
    again = taken(data)
    typed(again, 0, column(again, "Stock", "Opening"), 4321.0)
    assert publish(again, data).changed == 1
    opening = table(data)["opening_t"].to_pylist()
    assert opening[first] == 1234.0
    assert opening[ITEMS.index(MOROCCO[0])] == 4321.0


def test_changes_in_other_row_groups_do_not_stand_in_the_way(tmp_path: Path) -> None:
    ordered = sorted(ITEMS, key=lambda item: item.country)
    data = dataset_of(ordered, tmp_path / "data", group=60)
    pq.write_table(table_of(rows_of([item for item in ordered if item.country == "Morocco"])), data / "items-0.parquet")
    pq.write_table(table_of(rows_of([item for item in ordered if item.country != "Morocco"])), data / "items-1.parquet")
    mine, theirs = taken(data), taken(data, "country=Algeria")
    typed(theirs, 0, column(theirs, "Stock", "Opening"), 1234.0)
    typed(mine, 0, column(mine, "Stock", "Opening"), 4321.0)
    assert publish(theirs, data).changed == 1
    assert publish(mine, data).changed == 1


def test_a_book_published_before_the_machine_stopped_is_recognised(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    book = taken(data)
    typed(book, 0, column(book, "Stock", "Opening"), 4321.0)
    kept = book.read("Origin")
    publish(book, data)
    book._grids["Origin"] = kept
    assert publish(book, data).changed == 0
    assert book.read("Origin").rows != kept.rows


@pytest.mark.parametrize("step", ["_rewrite", "replace"])
def test_a_publication_that_fails_leaves_the_old_files(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    book = taken(data)
    typed(book, 0, column(book, "Stock", "Opening"), 4321.0)
    before = (data / "items-0.parquet").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((publishing, "_rewrite", full) if step == "_rewrite" else (Path, "replace", full)))
    with pytest.raises(DatasetError) as refused:
        publish(book, data)
    monkeypatch.undo()
    assert "No space left" in refused.value.text("en")
    assert (data / "items-0.parquet").read_bytes() == before
    assert [path for path in data.iterdir() if path.suffix == ".tmp"] == []
    assert publish(book, data).changed == 1


def spoiled(data: Path, how: str, book: MemoryBook) -> None:
    path = data / "items-0.parquet"
    whole = pq.read_table(path)
    match how:
        case "no_origin":
            del book._grids["Origin"]
        case "other_start":
            (data / "settings.csv").write_text("setting,value\nstart,2023-09")
        case "other_months":
            pq.write_table(whole.drop_columns(["demand_13"]), path)
        case "other_origin":
            path.rename(data / "else.parquet")
        case "unknown_items":
            typed(book, 0, column(book, "Item", "SAP"), "new")
            rows = [list(row) for row in book.read("Costs").rows]
            rows[1][1] = "new"
            book._grids["Costs"] = replace(book.read("Costs"), rows=rows)
        case "no_column":
            typed(book, 0, column(book, "Item", "Description"), "a new name")
        case "column_kind":
            place = whole.column_names.index("opening_t")
            whole = whole.set_column(place, "opening_t", pa.array([int(item.opening) for item in ITEMS]))
            pq.write_table(whole, path, row_group_size=16)
            book._grids |= taken(data)._grids
            typed(book, 0, column(book, "Stock", "Opening"), 0.5)


@pytest.mark.parametrize(
    "how",
    ["no_origin", "other_start", "other_months", "other_origin", "unknown_items", "no_column", "column_kind"],
)
def test_what_cannot_be_published_is_refused(how: str, tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    book = taken(data)
    spoiled(data, how, book)
    before = {path: path.read_bytes() for path in data.glob("*.parquet")}
    with pytest.raises(DatasetError) as refused:
        publish(book, data)
    assert refused.value.code == how
    assert refused.value.text("en") != refused.value.text("fr")
    assert {path: path.read_bytes() for path in data.glob("*.parquet")} == before


def test_one_publishes_at_a_time(tmp_path: Path) -> None:
    data = dataset_of(ITEMS, tmp_path / "data")
    book = taken(data)
    with one_at_a_time(data), pytest.raises(DatasetError) as refused:
        publish(book, data)
    assert refused.value.code == "publishing"


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_a_workbook_is_made_refreshed_and_published(spoken: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

    data = dataset_of(ITEMS, tmp_path / "data")
    path = tmp_path / "team.xlsx"
    arguments = ["--where", "country=Morocco", "--lang", spoken]
    assert run(["new", str(path), "--from", str(data), *arguments], spoken) == 0
    assert run(["refresh", str(path), "--lang", spoken], spoken) == 0
    book = XlsxBook(path)
    assert [name for name in book.sheet_names() if name in ("Origin", "Origine")] == [
        "Origin" if spoken == "en" else "Origine"
    ]
    cycle = make_cycle(book)
    np.testing.assert_allclose(cycle.plan.orders, book_cycle(MOROCCO).plan.orders, rtol=1e-9, atol=1e-9)
    srm = cycle.inputs.srm
    book.renew_values(srm.table.grid.sheet, srm.table.rows[0], srm.opening_column, np.array([[777.0]]))
    book.save()
    for changed in (True, False):
        capsys.readouterr()
        assert run(["publish", str(path), "--into", str(data), "--lang", spoken], spoken) == 0
        words = {"en": ("1 of them changed", "nothing was written"), "fr": ("dont 1 modifié ", "rien n'a été écrit")}
        assert words[spoken][0 if changed else 1] in capsys.readouterr().err
    assert table(data)["opening_t"].to_pylist()[ITEMS.index(MOROCCO[0])] == 777.0
    assert run(["new", str(tmp_path / "b.xlsx"), "--where", "country=Morocco"], spoken) == 2
    assert run(["new", str(tmp_path / "b.xlsx"), "--from", str(data), "--data", str(data)], spoken) == 2
    assert run(["new", str(tmp_path / "b.xlsx"), "--from", str(data), "--where", "Morocco"], spoken) == 2
