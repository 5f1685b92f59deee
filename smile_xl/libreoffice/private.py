"""What belongs to one private office: its folder, sockets and processes, and how all of it is removed.

Standard library only: the driver's server loads this file under LibreOffice's Python, which may be as old as 3.8.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

FOLDER_PREFIX = "smile-xl-office-"
ABANDONED = 60.0
"""Seconds after which a folder that no process names belongs to nobody."""
_SOCKET_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108  where LibreOffice puts its sockets, whatever TMPDIR says
PATIENCE = 5.0
"""Seconds to wait for a killed process to be gone."""


def pipe_name(folder: Path) -> str:
    """Name of the pipe through which the office in a folder is reached."""
    return folder.name


def profile_url(folder: Path) -> str:
    """Address of the office's settings."""
    return (folder / "profile").as_uri()


def end(folder: Path) -> None:
    """End every process of the office in a folder, then remove the folder and the sockets; what is gone is fine."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [pid for pid in processes(str(folder)) if pid != os.getpid()]
        if not found or time.monotonic() > deadline:
            break
        for pid in found:
            kill(pid)
        time.sleep(0.02)
    for socket in sockets(folder):
        with contextlib.suppress(OSError):
            socket.unlink()
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what runs left behind whose every process was killed at once."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > ABANDONED and not processes(str(folder)):
                end(folder)


def sockets(folder: Path) -> list[Path]:
    """The pipe, and the socket by which an office finds another one that has the same settings."""
    digest = hashlib.md5(profile_url(folder).encode("utf-16-le")).digest()  # noqa: S324  a name, not a secret
    only = "".join(f"{byte:x}" for byte in digest)  # bytes under 16 have one digit there
    names = [f"OSL_PIPE_{os.getuid()}_{name}" for name in (pipe_name(folder), f"SingleOfficeIPC_{only}")]
    return [Path(parent) / name for parent in _SOCKET_FOLDERS for name in names]


def processes(folder: str) -> list[int]:
    """Processes that name the folder in their command line: only those of its office do."""
    if Path("/proc/self/cmdline").exists():
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    if os.fsencode(folder) in (entry / "cmdline").read_bytes() and _alive(entry):
                        found.append(int(entry.name))
        return found
    lines = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False).stdout  # noqa: S607
    return [int(line.split(None, 1)[0]) for line in lines.splitlines() if folder in line]


def _alive(entry: Path) -> bool:
    return (entry / "stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"


def kill(pid: int) -> None:
    """Kill a process, and its group where it leads one: what an office starts is in its group."""
    with contextlib.suppress(OSError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
