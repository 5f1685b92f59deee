"""Commands in processes of their own, forked from one that has all modules loaded: quick, and no harm to the tests."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl

from smile_xl import cli

HANGS = "hangs"
FAILED, UNSTABLE = 76, 77
"""Exit codes of a call that raised, and of a refresh whose own result it can't refresh to the same bytes."""
STEPS = ("open", "write", "fsync", "chmod", "replace")
"""Of a save, in this order."""


def start(target: Callable, *arguments: object) -> int:
    """Start a call in a process of its own, silent; the process's number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none of them
        process = os.fork()
    if process:
        return process
    gc.freeze()  # what the tests have made is no garbage: to look for some in it would copy each page of it
    code = FAILED
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a call patches Path.open
            sys.stdout = sys.stderr = nowhere
            os.dup2(nowhere.fileno(), 2)  # what libraries in other languages say
            code = target(*arguments)
    finally:
        os._exit(code)


def ended(process: int, seconds: float) -> int | str:
    """Exit code of a process, negative for a signal, or that it did not end in time."""
    until = time.monotonic() + seconds
    pause = 0.001
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            kill(process)
            return HANGS
        time.sleep(pause)
        pause = min(2 * pause, 0.01)


def kill(process: int) -> int:
    """Kill a process that has not been waited for; its exit code if it was quicker, else that of the signal."""
    os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def outcome(seconds: float, target: Callable, *arguments: object) -> int | str:
    """How a call in a process of its own ends."""
    return ended(start(target, *arguments), seconds)


def refresh(path: Path, stamp: str, *reports: str) -> int:
    """The command; its exit code."""
    only = [word for report in reports for word in ("--report", report)]
    return cli.run(["refresh", str(path), "--stamp", stamp, *only], "en")


def refresh_twice(path: Path, stamp: str, memory: int, *reports: str) -> int:
    """The command within so many bytes of memory more than there are in use, and again where it succeeded."""
    return _twice(lambda: refresh(path, stamp, *reports), path, memory)


def import_twice(path: Path, files: Sequence[Path], stamp: str, memory: int) -> int:
    """The import of lists into a book, within so much more memory, and again where it succeeded."""
    words = ["import", *map(str, files), "--into", str(path), "--yes", "--stamp", stamp]
    return _twice(lambda: cli.run(words, "en"), path, memory)


def _twice(command: Callable[[], int], path: Path, memory: int) -> int:
    if sys.platform == "linux":  # other systems don't keep to such a limit
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    code = command()
    if code == 0:
        once = path.read_bytes()
        if command() != 0 or path.read_bytes() != once:
            return UNSTABLE
    return code


def refresh_and_die(path: Path, stamp: str, step: str, after: bool, *reports: str) -> int:
    """The command, killed right before or after a step of its save."""

    def deadly(call: Callable) -> Callable:
        def run(*arguments: object, **named: object) -> object:
            if after:
                call(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        return run

    if step == "open":
        _die_in_write(b"" if after else None)
    elif step == "write":
        _die_in_write(b"PK\3\4 a" if after else b"P")
    elif step == "fsync":
        os.fsync = deadly(os.fsync)
    else:
        setattr(Path, step, deadly(getattr(Path, step)))
    return refresh(path, stamp, *reports)


def _die_in_write(beginning: bytes | None) -> None:
    """Die when the temporary file has these bytes; for None, before it is there."""
    opened = Path.open

    def half(self: Path, mode: str = "r", *arguments: object, **named: object) -> object:
        if mode == "xb" and beginning is None:
            os.kill(os.getpid(), signal.SIGKILL)
        file = opened(self, mode, *arguments, **named)
        if mode == "xb":
            file.write(beginning)
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return file

    Path.open = half


def opens(path: Path) -> int:
    """0 where openpyxl opens a file."""
    warnings.simplefilter("ignore")
    try:
        openpyxl.load_workbook(path)
    except Exception:
        return 1
    return 0
