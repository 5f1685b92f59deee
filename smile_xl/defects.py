"""A defect of ours leaves a file with its traceback behind, for whoever mends it."""

from __future__ import annotations

import tempfile

from smile_xl import __version__


def log_defect(doing: str, trace: str) -> str:
    """Name of a new file with a traceback and what was being done; "-" where none can be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="smile-xl-error-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(f"smile-xl {__version__} {doing}\n{trace}\n")
            return file.name
    except OSError:
        return "-"
