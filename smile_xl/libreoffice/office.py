"""A Calc of our own without a window: started, asked and ended from any Python, leaving nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from smile_xl.libreoffice import private
from smile_xl.libreoffice.installed import OfficeError, clean_environment, find_office
from smile_xl.planning.grid import CellError

ERROR_TEXTS = {32767: "#N/A", 519: "#VALUE!", 532: "#DIV/0!", 503: "#NUM!", 524: "#REF!", 525: "#NAME?", 521: "#NULL!"}
"""Calc's codes of the errors that Excel has as well; another code is shown as Calc shows it, Err:504."""

STARTING, ANSWERING = 90.0, 120.0
"""Seconds to wait for an office to start, and for an answer."""

Values = list[list[object]]
"""Cells by row: floats, texts ("" is a blank) and ``CellError``. A truth value is 0 or 1."""


class Office:
    """An office with its own settings, pipe and folder. Use it as a context; what it opened ends with it."""

    def __init__(self, *, addin: Mapping[str, bytes] | None = None, patience: float = ANSWERING) -> None:
        """Start it, with the files of an add-in; ``patience`` is how long an answer may take, in s."""
        found = find_office()
        parent = Path(os.path.realpath(tempfile.gettempdir()))
        private.sweep(parent)
        self.folder = parent / f"{private.FOLDER_PREFIX}{secrets.token_hex(6)}"
        self._patience = patience
        self._rest = b""
        # The server makes the folder, so that it is gone with the server whenever this process is killed.
        self._server = subprocess.Popen(  # noqa: S603
            [found.python, Path(__file__).with_name("server.py"), self.folder, found.soffice],
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._open = True
        self._answer(STARTING)
        options = []
        if addin is not None:
            extensions = self.folder / "extensions"
            write_files(extensions / "addin.oxt", addin)
            options.append(f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}")
        self._send({"do": "start", "options": options})
        self._answer(STARTING)

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def open(self, path: Path) -> Document:
        """Open a workbook, which stays as it is on the disk."""
        answer = self.ask(do="open", path=str(path.resolve()))
        return Document(self, answer["document"], tuple(answer["sheets"]))

    def close(self) -> None:
        """End the office; nothing of it is left."""
        if not self._open:
            return
        self._open = False
        streams = self._server.stdin, self._server.stdout
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            for stream in streams:
                if stream:
                    stream.close()
            self._server.wait(private.PATIENCE * 2)
        if self._server.poll() is None:
            self._server.kill()
            self._server.wait()
        private.end(self.folder)

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request and its answer; after a failure of the office itself, this one is ended."""
        self._send(request)
        return self._answer(self._patience)

    @contextlib.contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for files on their way to the office; it is gone with the office in any case."""
        with tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def _send(self, request: Mapping[str, Any]) -> None:
        if not self._open or self._server.stdin is None:
            raise OfficeError("died")
        try:
            self._server.stdin.write(json.dumps(request).encode() + b"\n")
            self._server.stdin.flush()
        except OSError:
            self._give_up("died")

    def _answer(self, patience: float) -> dict[str, Any]:
        line = self._line(patience)
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            self._give_up("died")
        code = answer.get("error")
        if code in ("died", "not_started"):
            self._give_up(code, reason=answer["reason"])
        if code:
            raise OfficeError(code, reason=answer["reason"])
        return answer

    def _line(self, patience: float) -> bytes:
        """What the server says next; empty when it is gone."""
        assert self._server.stdout is not None  # noqa: S101
        handle = self._server.stdout.fileno()
        deadline = time.monotonic() + patience
        pieces = [self._rest]
        try:
            while b"\n" not in pieces[-1]:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([handle], [], [], left)[0]:
                    self._give_up("too_slow", seconds=round(patience))
                got = os.read(handle, 1 << 20)
                if not got:
                    return b""
                pieces.append(got)
        except KeyboardInterrupt:
            self._end_now()
            raise
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        return line

    def _give_up(self, code: str, **values: object) -> Any:
        self._end_now()
        raise OfficeError(code, **values)

    def _end_now(self) -> None:
        self._server.kill()
        self.close()


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by name, which may have folders, below a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


@dataclass(frozen=True)
class Document:
    """A workbook that an office has open."""

    office: Office
    number: int
    sheets: tuple[str, ...]

    def calculate(self) -> float:
        """Recalculate every formula; seconds that the office took."""
        seconds: float = self.office.ask(do="calculate", document=self.number)["seconds"]
        return seconds

    def read(self, sheet: str, area: str) -> Values:
        """Values of an area such as ``B2:D9``."""
        return self.read_all([(sheet, area)])[0]

    def read_all(self, ranges: Sequence[tuple[str, str]]) -> list[Values]:
        """Values of several areas, each on a sheet."""
        blocks = self.office.ask(do="read", document=self.number, ranges=list(ranges))["blocks"]
        found = []
        for block in blocks:
            rows: Values = [list(row) for row in block["rows"]]
            for row, column, code in block["errors"]:
                rows[row][column] = CellError(ERROR_TEXTS.get(code, f"Err:{code}"))
            found.append(rows)
        return found

    def texts(self, sheet: str, cells: Sequence[str]) -> list[str]:
        """Cells as they are shown."""
        texts: list[str] = self.office.ask(do="texts", document=self.number, sheet=sheet, cells=list(cells))["texts"]
        return texts

    def export_pdf(self, path: Path, sheets: Sequence[str]) -> None:
        """Write some of its sheets as one PDF."""
        self.office.ask(do="pdf", document=self.number, path=str(path.resolve()), sheets=list(sheets))

    def close(self) -> None:
        """Close it without saving."""
        self.office.ask(do="close", document=self.number)
