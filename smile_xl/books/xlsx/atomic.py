"""Save a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from pathlib import Path

from smile_xl.book import BookError
from smile_xl.books.durable import sync_folder

ABANDONED = 3600.0
"""Seconds after which a temporary file belongs to no save that is still running."""


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` into ``path``: after a failure the old file is as it was and nothing is left beside it."""
    target = Path(os.path.realpath(path))  # through a link, so that the link stays one
    if not target.parent.is_dir():
        raise BookError("no_folder", file=path.name, folder=str(target.parent))
    if target.is_symlink():
        raise BookError("not_saved", file=path.name, reason=os.strerror(errno.ELOOP))
    if target.is_dir():
        raise BookError("is_folder", file=path.name)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        if mode is not None and not mode & 0o222:
            raise BookError("read_only", file=path.name)
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except PermissionError as error:
        raise BookError("no_permission", file=path.name, folder=str(target.parent)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BookError("disk_full", file=path.name, folder=str(target.parent)) from error
        raise BookError("not_saved", file=path.name, reason=error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    sync_folder(target.parent)
    _sweep(target)


def _sweep(target: Path) -> None:
    """Remove what saves of this file left behind that were killed an hour ago or more."""
    left = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.tmp")
    with contextlib.suppress(OSError):
        for path in target.parent.iterdir():
            if left.fullmatch(path.name) and time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()
