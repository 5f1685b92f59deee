"""The folder of a result: written beside, made to last, and given its name when it is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smile_xl.books.archive.store import MANIFEST, sealed
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.partition import Job, Part, name_of, rows_file
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
                target = self._folder / name
                target.parent.mkdir(exist_ok=True)
                rows_file(Path(job.folder, name_of(job, piece)), report).replace(target)
                _sync(target)
                self.files[name] = {"rows": written.rows, "bytes": written.bytes, "sha256": written.sha256}

    def add_table(self, name: str, rows: pd.DataFrame) -> None:
        """Write tidy rows as ``<name>.parquet``."""
        path = self._folder / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path, compression="zstd")
        _sync(path)
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.files[f"{name}.parquet"] = {"rows": len(rows), "bytes": len(data), "sha256": digest}

    def publish(self, manifest: Mapping[str, Any], output: Path) -> None:
        """Give the result its name; raises DatasetError where that is taken."""
        files = dict(sorted(self.files.items()))
        path = self._folder / MANIFEST
        path.write_bytes(sealed({"format": FORMAT, **manifest, "files": files}))
        _sync(path)
        for folder in (*(one for one in self._folder.iterdir() if one.is_dir()), self._folder):
            sync_folder(folder)
        try:
            self._folder.rename(output)
        except OSError as error:
            raise DatasetError("not_written", path=output, reason=error.strerror or error) from error
        sync_folder(output.parent)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
