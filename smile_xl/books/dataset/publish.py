"""Give the inputs of a book back to the dataset that it was made from: all or, where others changed it, none."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from smile_xl.book import Book
from smile_xl.books.archive.columns import NUMBERS, TEXTS, WEEKS, month_names
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.keys import Codes, labels_of
from smile_xl.books.dataset.origin import Source, fingerprint, origin_page, read_origin
from smile_xl.books.dataset.source import DataFile, Dataset, Piece, open_dataset, open_file
from smile_xl.books.dataset.workplace import one_at_a_time
from smile_xl.books.durable import sync_folder
from smile_xl.core import HORIZON
from smile_xl.language import say
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.names import NO_NAME
from smile_xl.planning.scenarios import Labels, comparable
from smile_xl.planning.tables import month_text

SHOWN = 5
"""Row groups or items that a message names."""


@dataclass(frozen=True)
class Published:
    """What was given back."""

    items: int
    changed: int
    files: int
    renewed: bool
    """Whether the book's sheet Origin was written anew, and the book is to be saved."""


def publish(book: Book, into: Path) -> Published:
    """Write the inputs of a book's items into the dataset, and the new fingerprints into the book, which is not saved.

    Raises InputError where the book has errors, DatasetError where the dataset has changed since the book was made;
    then nothing is written. A file is replaced when the new one is whole.
    """
    cycle = make_cycle(book)
    inputs = cycle.inputs
    origin = read_origin(book)
    if origin is None:
        sheet = say("headers.sheet.origin", inputs.settings.language)
        raise DatasetError("no_origin", file=book.name, sheet=sheet)
    sheet, sources = origin
    with one_at_a_time(into if into.is_dir() else into.parent):
        dataset = open_dataset(into)
        _check_cycle(book.name, inputs, dataset)
        items = _Items.of(inputs)
        changes = _changes(book.name, items, dataset, sources)
        files = _write(dataset, items, {change.piece: change.rows for change in changes if change.count})
    renewed = [replace(source, fingerprint=one.after) for source, one in zip(sources, changes, strict=True)]
    if renewed != sources:
        page = origin_page(renewed, dataset.path, (), inputs.settings.language)
        lines = [_first_text(book, sheet, 1) or page.lines[0]]
        book.write_page(replace(page, sheet=sheet, lines=lines))
    return Published(len(inputs.items), sum(change.count for change in changes), files, renewed != sources)


def _first_text(book: Book, sheet: str, row: int) -> str:
    """The line under the title, which says what was picked."""
    rows = book.read(sheet).rows
    return str(rows[row][0]) if len(rows) > row and rows[row] and isinstance(rows[row][0], str) else ""


def _check_cycle(book: str, inputs: Inputs, dataset: Dataset) -> None:
    first = inputs.months[0]
    if first != dataset.start:
        raise DatasetError("other_start", file=book, book=month_text(first), dataset=month_text(dataset.start))
    if len(inputs.months) != dataset.schema.months:
        raise DatasetError("other_months", file=book, book=len(inputs.months), dataset=dataset.schema.months)


@dataclass(frozen=True)
class _Items:
    """The items of a book, and their inputs under the names of the dataset's columns."""

    names: list[str]
    """Country and code, as messages show them."""
    values: dict[str, np.ndarray]
    """One value per item; NaN and "" are blank."""
    hashes: NDArray[np.uint64]
    order: NDArray[np.intp]
    """The order that sorts the hashes."""

    @classmethod
    def of(cls, inputs: Inputs) -> _Items:
        """The items of a book."""
        countries, codes = (inputs.items[name].tolist() for name in ("country", "sap_code"))
        labels = Labels.of([comparable("country", name) for name in countries])
        hashes = Codes(pa.array(codes, pa.string())).hashes(labels)
        names = [f"{country} {code}" for country, code in zip(countries, codes, strict=True)]
        return cls(names, _values(inputs), hashes, np.argsort(hashes))

    def matched(self, table: pa.Table) -> _Rows:
        """The rows of a row group that are items of the book, and which ones."""
        labels = labels_of(table.column("country").combine_chunks())
        country = Labels([comparable("country", name) for name in labels.names], labels.places)
        own = Codes(table.column("sap_code").cast(pa.string()).combine_chunks()).hashes(country)
        place = np.minimum(np.searchsorted(self.hashes, own, sorter=self.order), len(self.order) - 1)
        items = self.order[place]
        rows = np.flatnonzero(self.hashes[items] == own)
        return rows, items[rows]


_Rows = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows of a row group, and the item of the book that each is."""


@dataclass(frozen=True)
class _Change:
    """What publishing does to a row group."""

    piece: Piece
    rows: _Rows
    count: int
    """Items whose values change."""
    after: str
    """Fingerprint that it will have."""


def _changes(book: str, items: _Items, dataset: Dataset, sources: Sequence[Source]) -> list[_Change]:
    """What is to be done; raises DatasetError for a lost update, or for items that are not there."""
    pieces = {(piece.file.name, piece.group): piece for piece in dataset.pieces}
    if not any((source.file, source.group) in pieces for source in sources):
        others = ", ".join(dict.fromkeys(one.file for one in sources))
        raise DatasetError("other_origin", file=book, other=others, path=dataset.path)
    found = np.zeros(len(items.names), dtype=np.bool_)
    lost, changes = [], []
    for source in sources:
        piece = pieces.get((source.file, source.group))
        if piece is None:
            lost.append(f"{source.file} ({source.group + 1})")
            continue
        table = _read(open_file(piece.file), piece)
        rows = items.matched(table)
        found[rows[1]] = True
        new, count = _applied(piece, table, rows, items.values)
        before, after = fingerprint(table), fingerprint(new)
        if before not in (source.fingerprint, after):  # the second: this very book was published already
            lost.append(piece.name)
        changes.append(_Change(piece, rows, count, after))
    if lost:
        shown = ", ".join(lost[:SHOWN]) + (", ..." if len(lost) > SHOWN else "")
        raise DatasetError("lost_update", path=dataset.path, file=book, pieces=shown)
    missing = np.flatnonzero(~found)
    if len(missing):
        shown = ", ".join(items.names[item] for item in missing[:SHOWN]) + (", ..." if len(missing) > SHOWN else "")
        raise DatasetError("unknown_items", path=dataset.path, file=book, items=shown)
    return changes


def _read(file: pq.ParquetFile, piece: Piece) -> pa.Table:
    return file.read_row_group(piece.group).combine_chunks()


def _values(inputs: Inputs) -> dict[str, np.ndarray]:
    portfolio, items = inputs.portfolio, inputs.items
    columns = (
        *(items["net_case_weight"].to_numpy(dtype=np.float64), portfolio.weeks_cover, portfolio.moq),
        *(portfolio.multiple, portfolio.opening, inputs.unit_cost, inputs.landed_cost),
    )
    numbers = dict(zip(NUMBERS, columns, strict=True))
    blocks = (
        (WEEKS, portfolio.transit),
        (month_names("demand", portfolio.demand.shape[1]), portfolio.demand),
        (month_names("confirmed", HORIZON), portfolio.confirmed),
    )
    for names, block in blocks:
        numbers |= {name: block[:, place] for place, name in enumerate(names)}
    return {**{name: items[name].to_numpy(dtype=object) for name in TEXTS[2:]}, **numbers}


def _applied(piece: Piece, table: pa.Table, matched: _Rows, values: Mapping[str, np.ndarray]) -> tuple[pa.Table, int]:
    """The row group with the book's values, and how many items that changes; what means the same stays as it is."""
    rows, items = matched
    changed = np.zeros(len(rows), dtype=np.bool_)
    for name, column in values.items():
        mine = column[items]
        text = name in TEXTS
        if name not in table.column_names:
            given = (mine != "") if text else np.nan_to_num(mine) != 0
            if given.any():
                raise DatasetError("no_column", file=piece.file.name, column=name)
            continue
        old = table.column(name)
        differs = _text_differs(name, old, rows, mine) if text else _number_differs(name, old, rows, mine)
        if not differs.any():
            continue
        changed |= differs
        place, field = table.column_names.index(name), table.schema.field(name)
        put = _texts_put if text else _numbers_put
        try:
            table = table.set_column(place, field, put(old, rows[differs], mine[differs]).cast(field.type))
        except pa.ArrowInvalid as error:
            raise DatasetError("column_kind", file=piece.file.name, column=name, kind=str(field.type)) from error
    return table, int(changed.sum())


def _texts_put(old: pa.ChunkedArray, rows: NDArray[np.intp], values: np.ndarray) -> pa.Array:
    new = old.to_pylist()
    for row, value in zip(rows.tolist(), values.tolist(), strict=True):
        new[row] = value or None
    return pa.array(new, pa.string())


def _numbers_put(old: pa.ChunkedArray, rows: NDArray[np.intp], values: np.ndarray) -> pa.Array:
    new = old.cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    new[rows] = values
    return pa.array(new, from_pandas=True)


def _text_differs(name: str, old: pa.ChunkedArray, rows: NDArray[np.intp], mine: np.ndarray) -> NDArray[np.bool_]:
    theirs = old.take(rows).to_pylist()
    blank = {"", NO_NAME}

    def same(before: str | None, now: str) -> bool:
        before = (before or "").strip()
        return (before in blank and now in blank) or before == now or _means(name, before) == _means(name, now)

    return np.array([not same(*pair) for pair in zip(theirs, mine.tolist(), strict=True)], dtype=np.bool_)


def _means(name: str, text: str) -> str:
    """A status means the same in either language; any other text means itself."""
    return comparable(name, text) if name == "status" else text


def _number_differs(name: str, old: pa.ChunkedArray, rows: NDArray[np.intp], mine: np.ndarray) -> NDArray[np.bool_]:
    theirs = old.cast(pa.float64()).to_numpy(zero_copy_only=False)[rows] if old.num_chunks else mine
    if name.startswith(("confirmed", "net_case")):
        return np.asarray(~((theirs == mine) | (np.isnan(theirs) & np.isnan(mine))))
    return np.asarray(np.nan_to_num(theirs) != np.nan_to_num(mine))  # blank counts as 0


def _write(dataset: Dataset, items: _Items, changed: Mapping[Piece, _Rows]) -> int:
    """Write the files with changed row groups beside the old ones, then put each in its place; gives their number."""
    files = [file for file in dataset.files if any(piece.file == file for piece in changed)]
    written: list[tuple[Path, Path]] = []
    try:
        for file in files:
            target = Path(os.path.realpath(file.path))
            temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
            written.append((temporary, target))
            _rewrite(file, [piece for piece in dataset.pieces if piece.file == file], items, changed, temporary)
        for file in files:
            open_file(file)  # raises DatasetError where somebody has written into it meanwhile
        for temporary, target in written:
            temporary.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise DatasetError("not_written", path=dataset.path, reason=error.strerror or error) from error
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
    return len(files)


def _rewrite(
    file: DataFile, pieces: Sequence[Piece], items: _Items, changed: Mapping[Piece, _Rows], path: Path
) -> None:
    """Write a file anew, row group by row group, in the schema and compression that it has."""
    old = open_file(file)
    compression = old.metadata.row_group(pieces[0].group).column(0).compression
    with path.open("xb") as sink:
        with pq.ParquetWriter(
            sink, old.schema_arrow, compression="none" if compression == "UNCOMPRESSED" else compression
        ) as writer:
            for piece in pieces:
                table = _read(old, piece)
                if piece in changed:
                    table = _applied(piece, table, changed[piece], items.values)[0]
                writer.write_table(table, row_group_size=max(len(table), 1))
        sink.flush()
        os.fsync(sink.fileno())
    path.chmod(Path(file.path).stat().st_mode & 0o7777)
