"""The folder of an archive: versions of cycles that appear whole or not at all, and are checked when they are read.

A version is a folder ``cycle=2023-08/version=0001`` with Parquet files and ``manifest.json``. It is written under a
temporary name beside them and renamed when everything is on the disk. A name that another planner took meanwhile can't
be renamed onto: the next number is tried. So no lock is needed, and none can stay behind.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import getpass
import hashlib
import io
import json
import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from smile_xl import __version__
from smile_xl.books.archive.past import SUFFIX
from smile_xl.books.archive.restore import write_csvs
from smile_xl.books.archive.seal import MANIFEST, seal_of, sealed
from smile_xl.books.archive.tables import item_values, settings_of, tables_of
from smile_xl.books.csvs import read_folder
from smile_xl.books.durable import sync_folder
from smile_xl.books.memory import MemoryBook
from smile_xl.language import SaidError
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.tables import Month, as_month, month_text

FORMAT = 1
"""Changes when files of the archive are laid out otherwise."""

ABANDONED = 86_400.0
"""Seconds after which a temporary folder belongs to nobody who is still writing."""

_CYCLE = re.compile(r"cycle=(\d{4}-\d{2})")
_VERSION = re.compile(r"version=(\d{4,})")
_TEMPORARY = re.compile(r"\.tmp-[0-9a-f]{16}")
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.EACCES, errno.EPERM}
"""How systems say that a folder of the new name is there already."""


class ArchiveError(SaidError):
    """An archive that can't be read or written as asked; the text stands in the catalogue as ``cycles.<code>``."""

    topic = "cycles"


@dataclass(frozen=True)
class Version:
    """One version of a cycle in the archive."""

    cycle: str
    number: int
    path: Path
    manifest: dict[str, Any]
    """Empty where it can't be read."""

    @property
    def start(self) -> Month:
        """First month of the cycle."""
        month = as_month(self.cycle)
        if month is None:
            raise ArchiveError("no_cycle", cycle=self.cycle)
        return month


def keep(cycle: Cycle, book: str, folder: Path, when: dt.datetime) -> tuple[Version, bool]:
    """Keep a cycle as its newest version; False beside it where the newest is of the same inputs already."""
    name = month_text(cycle.inputs.months[0])
    kept = [one for one in versions(folder) if one.cycle == name]
    manifest = _manifest(cycle, book, when)
    if kept and all(kept[-1].manifest.get(key) == manifest[key] for key in ("fingerprint", "product", "format")):
        return kept[-1], False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        temporary = folder / f".tmp-{secrets.token_hex(8)}"
        temporary.mkdir()
        try:
            manifest["files"] = {
                f"{table}.parquet": _write_table(temporary / f"{table}.parquet", content)
                for table, content in tables_of(cycle).items()
            }
            _write_file(temporary / MANIFEST, sealed(manifest))
            sync_folder(temporary)
            place = folder / f"cycle={name}"
            place.mkdir(exist_ok=True)
            number = _publish(temporary, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        sync_folder(place)
        sync_folder(folder)
    except OSError as error:
        raise ArchiveError("not_kept", folder=folder, reason=error.strerror or error) from error
    path = place / f"version={number:04d}"
    return Version(name, number, path, _read_manifest(path)), True


def versions(folder: Path) -> list[Version]:
    """Every version in an archive, the oldest cycle first, each cycle's newest version last."""
    found = []
    for place in folder.iterdir() if folder.is_dir() else ():
        cycle = _CYCLE.fullmatch(place.name)
        for path in place.iterdir() if cycle and place.is_dir() else ():
            version = _VERSION.fullmatch(path.name)
            if cycle and version and path.is_dir():
                found.append(Version(cycle[1], int(version[1]), path, _read_manifest(path)))
    return sorted(found, key=lambda one: (one.cycle, one.number))


def neighbours(folder: Path) -> list[str]:
    """Other archives beside this one, by name: that of the workbook from which a new cycle was copied may be one."""
    places = folder.parent.glob(f"*{SUFFIX}") if folder.parent.is_dir() else ()
    return sorted(one.name for one in places if one.name != folder.name and versions(one))


def find(folder: Path, cycle: str, number: int | None = None) -> Version:
    """A version of a cycle, by default its newest; raises ArchiveError where there is none."""
    everything = versions(folder)
    of_cycle = [one for one in everything if one.cycle == cycle and number in (None, one.number)]
    others = ", ".join(neighbours(folder))
    if not everything and others:
        raise ArchiveError("no_cycle_beside", folder=folder, cycle=cycle, others=others)
    if not of_cycle:
        known = ", ".join(dict.fromkeys(one.cycle for one in everything)) or "-"
        wanted = cycle if number is None else f"{cycle} ({number})"
        raise ArchiveError("no_cycle", folder=folder, cycle=wanted, known=known)
    return of_cycle[-1]


def read(version: Version) -> dict[str, pa.Table]:
    """The tables of a version; raises ArchiveError naming a file that is not what was written."""
    manifest = version.manifest
    if not manifest:
        raise ArchiveError("damaged", file=_shown(version.path / MANIFEST))
    if manifest["format"] != FORMAT:
        raise ArchiveError("newer", file=_shown(version.path), product=manifest["product"])
    tables = {}
    for name, known in manifest["files"].items():
        path = version.path / name
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ArchiveError("damaged", file=_shown(path)) from None
        except OSError as error:
            raise ArchiveError("not_read", file=_shown(path), reason=error.strerror or error) from error
        if hashlib.sha256(data).hexdigest() != known["sha256"]:
            raise ArchiveError("damaged", file=_shown(path))
        tables[path.stem] = pq.read_table(io.BytesIO(data))
    return tables


def book_of(version: Version) -> MemoryBook:
    """The inputs of a version as a book."""
    tables = read(version)
    settings = dict(zip(*(tables["settings"][name].to_pylist() for name in ("setting", "value")), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        write_csvs(tables, version.start, Path(folder))
        return read_folder(Path(folder), "fr" if settings["language"] == "fr" else "en", version.cycle)


def restore(version: Version, folder: Path) -> list[str]:
    """Put the inputs of a version as CSV files into a new or empty folder; gives the names of the files."""
    tables = read(version)
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArchiveError("not_empty", folder=folder)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.tmp")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        try:
            names = [path.name for path in write_csvs(tables, version.start, temporary)]
            if not folder.exists():
                temporary.rename(folder)
            else:
                for name in reversed(names):  # master.csv last: without it the folder is no input
                    (temporary / name).rename(folder / name)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ArchiveError("not_restored", folder=folder, reason=error.strerror or error) from error
    return names


def _manifest(cycle: Cycle, book: str, when: dt.datetime) -> dict[str, Any]:
    """What a version says about itself, without its files."""
    inputs = cycle.inputs
    return {
        "format": FORMAT,
        "cycle": month_text(inputs.months[0]),
        "months": [month_text(month) for month in inputs.months],
        "made": when.isoformat(timespec="seconds"),
        "user": _user(),
        "machine": platform.node(),
        "product": __version__,
        "book": book,
        "fingerprint": inputs.fingerprint(),
        "settings": settings_of(inputs),
        "counts": {
            "items": len(inputs.items),
            "countries": len(set(inputs.items["country"])),
            "opportunities": len(inputs.opportunities),
        },
        "totals": {
            "opening_t": float(inputs.portfolio.opening.sum()),
            "demand_t": float(inputs.portfolio.demand.sum()),
            "value": item_values(cycle).sum(axis=0).tolist(),
        },
    }


def _user() -> str:
    """Who is archiving, as the machine knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # an account without a name, as in some containers
        return ""


def _read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a version; empty where it is damaged."""
    try:
        found = json.loads((path / MANIFEST).read_bytes())
        seal = found.pop("seal")
        return found if seal == seal_of(found) else {}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}


def _publish(temporary: Path, place: Path) -> int:
    """Give a whole version the first number after all that are there; gives the number."""
    while True:
        taken = [int(found[1]) for path in place.iterdir() if (found := _VERSION.fullmatch(path.name))]
        number = max(taken, default=0) + 1
        target = place / f"version={number:04d}"
        try:
            temporary.rename(target)  # refused where the name is taken: a version is never an empty folder
        except OSError as error:
            if error.errno not in _TAKEN or not target.exists():
                raise
        else:
            return number


def _write_table(path: Path, table: pa.Table) -> dict[str, object]:
    """Write a table; gives what the manifest says about the file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    data = sink.getvalue()
    _write_file(path, data)
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "rows": table.num_rows}


def _write_file(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sweep(folder: Path) -> None:
    """Remove what was left behind by a planner whose archiving was killed a day ago or more."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name) and time.time() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path, ignore_errors=True)


def _shown(path: Path) -> str:
    """A file as a planner finds it: below the archive's folder."""
    return str(Path(*path.parts[-3:]))
