"""Processes of this machine that belong to a folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def that_know(folder: Path) -> list[int]:
    """Processes, ourselves apart, that name the folder in their command or environment, as what they start does too."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if os.fsencode(folder) in known:
                    found.append(int(entry.name))
    return found


def command(pid: int) -> str:
    """A process's command; empty when it is gone."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
