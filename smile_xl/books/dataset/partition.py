"""The task of one row group: check it, plan it, sum it, write its rows. The same for every engine and machine.

A finished task leaves one file, ``000012-<key>.part``, beside the rows that it wrote; the key changes with everything
that decides them, so that a later run can go on from it. Without that file, nothing of the task counts.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import secrets
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from smile_xl.books.dataset.faults import Fault, Faults
from smile_xl.books.dataset.job import ITEM_REPORTS, Job, name_of, sums_of
from smile_xl.books.dataset.keys import named_rows
from smile_xl.books.dataset.reading import Batch, Reader
from smile_xl.books.dataset.source import Piece, open_file
from smile_xl.core import Plan
from smile_xl.core.checks import Array
from smile_xl.planning.group_sums import Key, Sums, summarise, summarise_changed
from smile_xl.planning.scenarios import Labels

UNFINISHED = ".unfinished"
"""Ending of rows that belong to no result yet."""


@dataclass(frozen=True)
class Written:
    """A file of rows."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """What is left of a row group: its sums, and what is wrong with it. With an error, there are no sums."""

    number: int
    keys: list[Key]
    sums: Array
    """Shape (1 + scenarios, groups, width)."""
    faults: list[Fault]
    files: dict[str, Written]
    """What was written, by report."""
    wanted: bytes
    """The wanted items' rows as an Arrow table; nothing where there are none."""

    @property
    def bad(self) -> bool:
        """Whether it can't be planned."""
        return any(fault.severity == "error" for fault in self.faults)


def run_piece(job: Job, piece: Piece) -> Part:
    """Check and plan a row group; a part with errors where it can't be read or planned."""
    path = Path(job.folder, name_of(job, piece))
    done = finished(path, piece)
    if done is not None:
        return done
    _keep_freed_memory()
    faults = Faults()
    writer = _Writer(path, job.written)
    try:
        sums, hashes, wanted = _work(job, piece, faults, writer)
    except (OSError, pa.ArrowException) as error:
        writer.drop()
        reason = " ".join(str(error).split())[:200].rstrip(".")
        rows = Fault("error", "unreadable", "", piece.rows, [1], reason)
        return Part(piece.number, [], sums_of(job).values, [*faults.found.values(), rows], {}, b"")
    if faults.errors:
        writer.drop()
        return Part(piece.number, [], sums_of(job).values, list(faults.found.values()), {}, b"")
    part = Part(piece.number, sums.keys, sums.values, list(faults.found.values()), writer.close(), wanted)
    _keep(path, part, hashes)
    return part


def _keep_freed_memory() -> None:
    """Let the process keep what it frees for the next batch: to get memory from the system again is a fifth of a run.

    The C library of Linux gives back whatever is free beyond twice the largest block that was freed so far, of those up
    to 32 MB. So one of nearly that size is taken and freed, without being written to.
    """
    np.empty(31 << 20, dtype=np.uint8)


def _work(job: Job, piece: Piece, faults: Faults, writer: _Writer) -> tuple[Sums, NDArray[np.uint64], bytes]:
    sums, hashes = sums_of(job), [np.empty(0, dtype=np.uint64)]
    wanted: dict[int, tuple[str, str]] = {}
    first = 0
    for batch in Reader(job.basics, faults).batches(piece):
        if batch is None:
            continue
        values, plan = _cases(job, batch)
        sums.add(batch.keys, values)
        hashes.append(batch.hashes)
        if plan is not None:
            _write_rows(job, batch, plan, writer)
        if job.wanted:
            country = batch.labels["country"]
            in_file = Labels(country.names, batch.in_file_order(np.asarray(country.places)))
            rows = named_rows(batch.codes, in_file, job.wanted)
            wanted |= {first + row: key for row, key in rows.items()}
        first += len(batch.codes)
    return sums, _sorted(np.concatenate(hashes)), _rows_of(piece, sorted(wanted)) if wanted else b""


def _sorted(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return numbers if (numbers[1:] >= numbers[:-1]).all() else np.sort(numbers)


def _write_rows(job: Job, batch: Batch, plan: Plan, writer: _Writer) -> None:
    from smile_xl.books.dataset.rows import plan_rows, report_rows  # noqa: PLC0415 - it loads pandas

    if "plan" in job.written:
        writer.write("plan", plan_rows(batch, plan))
    reports = [name for name in job.written if name in ITEM_REPORTS]
    for name, table in report_rows(batch, plan, job.setting, reports).items() if reports else ():
        writer.write(name, table)


def _cases(job: Job, batch: Batch) -> tuple[Array, Plan | None]:
    """Sums of the base and of each scenario, shape (1 + scenarios, groups, width), and the base's plan if needed."""
    net_transit = job.setting.settings.net_transit
    base, summary = summarise(batch.case, batch.members, net_transit=net_transit, with_plan=bool(job.written))
    values = np.empty((1 + len(job.scenarios), *base.shape))
    values[0] = base
    for number, scenario in enumerate(job.scenarios, start=1):
        values[number] = summarise_changed(
            batch.case, batch.labels, scenario.changes, batch.members, base, net_transit=net_transit
        )
    return values, summary.plan


def _rows_of(piece: Piece, rows: list[int]) -> bytes:
    table = open_file(piece.file).read_row_group(piece.group).take(rows)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


class _Writer:
    """Files of rows that count once their task has finished."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._path, self._token, self._names = path, secrets.token_hex(4), names
        self._open: dict[str, pq.ParquetWriter] = {}
        self._rows: dict[str, int] = {}

    def write(self, name: str, table: pa.Table) -> None:
        """Append rows."""
        if name not in self._open:
            texts = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
            self._open[name] = pq.ParquetWriter(
                self._temporary(name), table.schema, compression="zstd", use_dictionary=texts
            )
        self._open[name].write_table(table)
        self._rows[name] = self._rows.get(name, 0) + len(table)

    def close(self) -> dict[str, Written]:
        """Give the files their names; a task that ran twice writes the same bytes."""
        written = {}
        for name, writer in self._open.items():
            writer.close()
            temporary = self._temporary(name)
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            written[name] = Written(self._rows[name], temporary.stat().st_size, digest)
            temporary.replace(rows_file(self._path, name))
        return written

    def drop(self) -> None:
        """Remove what was written."""
        for name, writer in self._open.items():
            writer.close()
            self._temporary(name).unlink(missing_ok=True)

    def _temporary(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{name}.{self._token}.tmp")


def rows_file(path: Path, report: str) -> Path:
    """Where a task's rows lie, from the path without ending."""
    return path.with_name(f"{path.name}.{report}{UNFINISHED}")


def hashes_file(path: Path) -> Path:
    """Where a task's sorted numbers of its items lie, from the path without ending."""
    return path.with_name(f"{path.name}.items.npy")


def _keep(path: Path, part: Part, hashes: NDArray[np.uint64]) -> None:
    body = part.sums.tobytes() + part.wanted
    meta: dict[str, Any] = {
        "keys": part.keys,
        "shape": part.sums.shape,
        "check": zlib.crc32(body),
        "faults": [asdict(fault) for fault in part.faults],
        "files": {name: asdict(one) for name, one in part.files.items()},
    }
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    with temporary.open("wb") as file:
        np.save(file, hashes)
    temporary.replace(hashes_file(path))
    temporary.write_bytes(json.dumps(meta).encode() + b"\n" + body)
    temporary.replace(path.with_name(f"{path.name}.part"))


def finished(path: Path, piece: Piece) -> Part | None:
    """What an earlier run left of a task, from the path without ending; None where it did not finish."""
    try:
        head, _, body = path.with_name(f"{path.name}.part").read_bytes().partition(b"\n")
        meta = json.loads(head)
        if zlib.crc32(body) != meta["check"]:
            return None
        size = math.prod(meta["shape"])
        part = Part(
            number=piece.number,
            keys=[(country, sub, brand) for country, sub, brand in meta["keys"]],
            sums=np.frombuffer(body, count=size).reshape(meta["shape"]),
            faults=[Fault(**fault) for fault in meta["faults"]],
            files={name: Written(**one) for name, one in meta["files"].items()},
            wanted=body[8 * size :],
        )
        if len(np.load(hashes_file(path), mmap_mode="r")) != piece.rows:
            return None
        if any(rows_file(path, name).stat().st_size != one.bytes for name, one in part.files.items()):
            return None
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
    ):  # never written, or cut off by the end of the machine
        return None
    return part
