"""The folder in which a run works, beside its result: one run at a time, and nothing in it reads as a result."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from smile_xl.books.dataset.errors import DatasetError

LOCK = "lock"


def work_folder(output: Path) -> Path:
    """Where a run works whose result will be ``output``."""
    return output.with_name(f".{output.name}.work")


@contextlib.contextmanager
def at_work(output: Path, *, resume: bool) -> Iterator[Path]:
    """The work folder of a run, emptied unless the run goes on from an earlier one.

    Raises DatasetError where another run is at work. The folder stays where the run fails, so that it can be resumed;
    ``clear`` removes it.
    """
    folder = work_folder(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a")
    except OSError as error:
        raise DatasetError("not_written", path=output, reason=error.strerror or error) from error
    with lock:
        if not _held(lock.fileno()):
            raise DatasetError("at_work", path=output)
        for path in folder.iterdir():
            # of a run that was killed: temporary files, and a result that it was putting together
            left = path.suffix == ".tmp" or path.is_dir()
            if path.name != LOCK and (left or not resume):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        try:
            yield folder
        finally:
            if folder.is_dir() and [path.name for path in folder.iterdir()] == [LOCK]:
                clear(folder)  # nothing to resume


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep others from publishing into a dataset meanwhile; raises DatasetError where one is."""
    try:
        lock = (folder / ".publish.lock").open("a")
    except OSError as error:
        raise DatasetError("not_written", path=folder, reason=error.strerror or error) from error
    with lock:
        if not _held(lock.fileno()):
            raise DatasetError("publishing", path=folder)
        yield


def _held(handle: int) -> bool:
    """Lock an open file until it is closed, or its process ends; False where another process holds it."""
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def clear(folder: Path) -> None:
    """Remove a work folder."""
    shutil.rmtree(folder, ignore_errors=True)
