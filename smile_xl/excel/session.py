"""Excel while a command runs: quiet, and afterwards as it was, whatever happens; one command at a time."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from smile_xl.books.live.host import host

if TYPE_CHECKING:
    import xlwings

    from smile_xl.books.live.windows import Selection

_QUIET: dict[str, object] = {
    "screen_updating": False,
    "enable_events": False,
    "display_alerts": False,
    "calculation": "manual",
}
_RESTORED = ("calculation", "display_alerts", "enable_events", "status_bar", "screen_updating")
"""In this order: what is calculated again should not be seen happening."""
_ATTEMPTS = 3
"""Excel may be busy for a moment."""
_BEYOND = 1 << 20
"""Place in the file that is locked: what is locked can't be read, on Windows."""

State = dict[str, Any]


class BusyError(Exception):
    """A command is running in this Excel already."""


@dataclass
class Session:
    """A command that is running."""

    place: tuple[str, str, str] | None
    """Workbook, sheet and cells that are selected at its end: those of its beginning, unless it goes elsewhere."""


@contextmanager
def quiet(app: xlwings.App) -> Iterator[Session]:
    """Keep Excel still; then put back calculation, screen, events, alerts, status bar and selection.

    What they were stands in a file while the command runs, and the system unlocks it when the process ends. So a run
    that was killed neither blocks the next one nor leaves Excel silent: the next one puts back what it finds there.
    """
    path = Path(tempfile.gettempdir()) / f"smile-xl-{app.pid}.json"
    with _held(path) as file:
        before = _left_behind(file)
        if before is None:
            before = _state(app)
            _write(file, before)
        session = Session(before["place"] and tuple(before["place"]))
        try:
            for name, value in _QUIET.items():
                setattr(app, name, value)
            yield session
        finally:
            if _restore(app, before, session):
                _write(file, None)


@contextmanager
def _held(path: Path) -> Iterator[IO[str]]:
    """A file that no other run has; it goes unless something is left to be put back."""
    is_done = False
    try:
        with path.open("a+", encoding="utf-8") as file:
            if not _locked(file):
                raise BusyError
            try:
                yield file
            finally:
                is_done = _left_behind(file) is None
    finally:
        if is_done:
            with suppress(OSError):
                path.unlink()


def _state(app: xlwings.App) -> State:
    place = selected(app)
    return {**{name: getattr(app, name) for name in _RESTORED}, "place": place and place[:3]}


def selected(app: xlwings.App) -> Selection | None:
    """The selected cells; None where something else is selected."""
    for _ in range(_ATTEMPTS):
        with suppress(Exception):
            return host(app).selection(app)
    return None


def _restore(app: xlwings.App, state: State, session: Session) -> bool:
    """Put back everything that can be; True if all that matters was."""
    done = True
    for name in _RESTORED:
        if name == "screen_updating" and session.place:
            workbook, sheet, cells = session.place
            _tried(lambda: host(app).go_to(app.books[workbook], sheet, cells))  # noqa: B023
        done &= _tried(lambda: setattr(app, name, state[name]))  # noqa: B023
    return done


def _tried(action: Callable[[], None]) -> bool:
    for _ in range(_ATTEMPTS):
        with suppress(Exception):
            action()
            return True
    return False


def _locked(file: IO[str]) -> bool:
    """Lock a file for this process, unless another run has."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            file.seek(_BEYOND)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _left_behind(file: IO[str]) -> State | None:
    """What a run that was killed wanted to put back."""
    file.seek(0)
    with suppress(ValueError):
        state = json.loads(file.read() or "null")
        return state if isinstance(state, dict) and {*_RESTORED, "place"} <= set(state) else None
    return None


def _write(file: IO[str], state: State | None) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(state))
    file.flush()
    os.fsync(file.fileno())
