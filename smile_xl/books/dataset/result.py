"""The folder of a result: written beside, made to last, and given its name when it is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from smile_xl.books.archive.seal import MANIFEST, sealed
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.job import Job, name_of
from smile_xl.books.dataset.partition import UNFINISHED, Part, rows_file
from smile_xl.books.dataset.source import Piece
from smile_xl.books.durable import sync_folder

FORMAT = 1
"""Changes when results are laid out otherwise."""


class Result:
    """A result that nobody sees yet."""

    def __init__(self, work: Path) -> None:
        self._work, self._folder = work, work / "result"
        self._folder.mkdir()
        self.files: dict[str, dict[str, object]] = {}
        """What the manifest says of each file."""

    def add_rows(self, job: Job, parts: Sequence[tuple[Piece, Part]]) -> None:
        """Take over the rows that the tasks wrote, as ``<report>/part-000000.parquet``."""
        for piece, part in parts:
            for report, written in part.files.items():
                name = f"{report}/part-{piece.number:06d}.parquet"
                rows_file(Path(job.folder, name_of(job, piece)), report).replace(self._place(name))
                _sync(self._place(name))
                self.files[name] = {"rows": written.rows, "bytes": written.bytes, "sha256": written.sha256}

    def add_table(self, name: str, rows: pa.Table) -> None:
        """Write tidy rows as ``<name>.parquet``."""
        name = f"{name}.parquet"
        path = self._place(name)
        pq.write_table(rows, path, compression="zstd")
        _sync(path)
        data = path.read_bytes()
        self.files[name] = {"rows": len(rows), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def publish(self, manifest: Mapping[str, Any], output: Path) -> None:
        """Give everything its name, the folder last; raises DatasetError where that is taken."""
        path = self._place(MANIFEST)
        path.write_bytes(sealed({"format": FORMAT, **manifest, "files": dict(sorted(self.files.items()))}))
        _sync(path)
        for name in (*self.files, MANIFEST):
            self._place(name).replace(self._folder / name)
        for folder in (*(one for one in self._folder.iterdir() if one.is_dir()), self._folder):
            sync_folder(folder)
        try:
            self._folder.rename(output)
        except OSError as error:
            raise DatasetError("not_written", path=output, reason=error.strerror or error) from error
        sync_folder(output.parent)

    def _place(self, name: str) -> Path:
        """Where a file lies until all are whole."""
        path = self._folder / f"{name}{UNFINISHED}"
        path.parent.mkdir(exist_ok=True)
        return path


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
