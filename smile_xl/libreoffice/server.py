"""The driver's server: runs under the Python that has ``uno``, starts an office of its own, obeys JSON lines.

    python server.py FOLDER SOFFICE

One request a line on standard input, one answer a line on standard output. The server makes the folder, says so, and
starts the office when the client has put into the folder what the office shall find. It ends the office and removes the
folder when standard input ends, however the client died; on Linux the kernel ends the office when the server dies.
Standard library and ``uno`` only, for the Python 3.8 that older offices carry.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional  # noqa: UP035

sys.path.insert(0, str(Path(__file__).parent))  # there is no package smile_xl under this Python
import private  # type: ignore[import-not-found,unused-ignore]

RESTART = (79, 81)
"""Exit codes with which an office asks to be started again, as it does after making new settings."""
_PR_SET_PDEATHSIG = 1
_NEVER = 0
_ERROR_CELLS = 4
_OPENING_PATIENCE = 60.0

Answer = Dict[str, Any]  # noqa: UP006


class OfficeProcess:
    """The office, from its start to its end."""

    def __init__(self, folder: Path, soffice: str) -> None:
        self._folder = folder
        self._command = [
            soffice,
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
            "--nolockcheck",
            "--nofirststartwizard",
            f"-env:UserInstallation={private.profile_url(folder)}",
            f"--accept=pipe,name={private.pipe_name(folder)};urp;StarOffice.ComponentContext",
        ]
        self._process: Optional[subprocess.Popen[bytes]] = None  # noqa: UP045
        self._lock = threading.Lock()
        self._ended = False

    def connect(self, options: List[str]) -> Any:  # noqa: UP006
        """Start the office and return its context."""
        self._command += options
        import uno  # noqa: PLC0415

        for name in ("tmp", "home"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        address = f"uno:pipe,name={private.pipe_name(self._folder)};urp;StarOffice.ComponentContext"
        deadline = time.monotonic() + _OPENING_PATIENCE
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() in RESTART:
                self._start()
            elif self._process.poll() is not None:
                raise RuntimeError(f"it ended with {self._process.poll()}")
            try:
                return resolver.resolve(address)
            except Exception as error:
                if "NoConnect" not in type(error).__name__:
                    raise
                time.sleep(0.02)
        raise RuntimeError(f"it did not answer in {_OPENING_PATIENCE:.0f} s")

    def _start(self) -> None:
        environment = {**os.environ, "TMPDIR": str(self._folder / "tmp"), "HOME": str(self._folder / "home")}
        with self._lock:
            if self._ended:
                return
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509
            )

    def end(self) -> None:
        """End the office and remove everything that was its own."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                private.kill(self._process.pid)
                self._process.wait()
        private.end(self._folder)


def _dies_with(parent: int) -> Optional[Callable[[], None]]:  # noqa: UP045
    """What a child does first so that the kernel kills it when its parent dies; only Linux can."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return bind


class Desktop:
    """What a client may ask for."""

    def __init__(self, context: Any) -> None:
        self._desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self._documents: Dict[int, Any] = {}  # noqa: UP006
        self._count = 0

    def answer(self, request: Dict[str, Any]) -> Answer:  # noqa: UP006
        """Do what is asked; what the office refuses is an answer too."""
        task = getattr(self, f"do_{request.pop('do')}")
        try:
            answer: Answer = task(**request)
        except Exception as error:
            # A dead office and a refused request differ in what is still possible.
            dead = "Disposed" in type(error).__name__
            return {"error": "died" if dead else "failed", "reason": f"{type(error).__name__}: {error}"[:300]}
        return answer

    def do_open(self, path: str) -> Answer:
        """Open a file without a window, without macros, links or locks."""
        document = self._desktop.loadComponentFromURL(
            Path(path).as_uri(),
            "_blank",
            0,
            _properties(Hidden=True, ReadOnly=True, MacroExecutionMode=_NEVER, UpdateDocMode=_NEVER),
        )
        if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            return {"error": "not_opened", "reason": Path(path).name}
        self._count += 1
        self._documents[self._count] = document
        return {"document": self._count, "sheets": list(document.Sheets.ElementNames)}

    def do_calculate(self, document: int) -> Answer:
        """Recalculate every formula; how long that took."""
        start = time.perf_counter()
        self._documents[document].calculateAll()
        return {"seconds": time.perf_counter() - start}

    def do_read(self, document: int, ranges: List[List[str]]) -> Answer:  # noqa: UP006
        """Values of ranges, each a sheet and an area: numbers and texts by row; errors by row, column and code."""
        sheets = self._documents[document].Sheets
        blocks = []
        for sheet, area in ranges:
            cells = sheets.getByName(sheet).getCellRangeByName(area)
            blocks.append({"rows": cells.getDataArray(), "errors": _errors(cells)})
        return {"blocks": blocks}

    def do_texts(self, document: int, sheet: str, cells: List[str]) -> Answer:  # noqa: UP006
        """Cells as they are shown."""
        found = self._documents[document].Sheets.getByName(sheet)
        return {"texts": [found.getCellRangeByName(cell).getString() for cell in cells]}

    def do_pdf(self, document: int, path: str, sheets: List[str]) -> Answer:  # noqa: UP006
        """Write some sheets as one PDF.

        The others lose what of them is to be printed: of a selection, Calc fits a sheet with page breaks into half of a
        page's width.
        """
        opened = self._documents[document]
        for name in opened.Sheets.ElementNames:
            if name not in sheets:
                opened.Sheets.getByName(name).setPrintAreas(())
        opened.storeToURL(Path(path).as_uri(), _properties(FilterName="calc_pdf_Export"))
        return {}

    def do_close(self, document: int) -> Answer:
        """Close a document without saving it."""
        self._documents.pop(document).close(True)
        return {}


def _errors(cells: Any) -> List[List[int]]:  # noqa: UP006
    """Errors that cells show: row and column from the first cell, and Calc's code."""
    first = cells.getRangeAddress()
    found = []
    for area in cells.queryFormulaCells(_ERROR_CELLS).getRangeAddresses():
        for row in range(area.StartRow - first.StartRow, area.EndRow - first.StartRow + 1):
            for column in range(area.StartColumn - first.StartColumn, area.EndColumn - first.StartColumn + 1):
                found.append([row, column, cells.getCellByPosition(column, row).getError()])
    return found


def _properties(**values: Any) -> Any:
    import uno  # noqa: PLC0415

    made = []
    for name, value in values.items():
        one = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        one.Name, one.Value = name, value
        made.append(one)
    return tuple(made)


def _watch(requests: queue.Queue[str], office: OfficeProcess) -> None:
    """Queue what the client asks; when it is gone, end everything, whatever the main thread waits for."""
    client = os.getppid()
    rest = b""
    while os.getppid() == client:  # another process may hold our standard input open
        if not select.select([0], [], [], 1.0)[0]:
            continue
        got = os.read(0, 1 << 16)
        if not got:
            break
        *lines, rest = (rest + got).split(b"\n")
        for line in lines:
            requests.put(line.decode())
    office.end()
    os._exit(0)


def main(folder: Path, soffice: str) -> None:
    """Serve until the client closes our standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    folder.mkdir(mode=0o700)
    office = OfficeProcess(folder, soffice)
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_watch, args=(requests, office), daemon=True).start()

    def tell(answer: Answer) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        tell({})
        options = json.loads(requests.get())["options"]
        try:
            desktop = Desktop(office.connect(options))
        except Exception as error:
            tell({"error": "not_started", "reason": f"{type(error).__name__}: {error}"[:300]})
            return
        tell({})
        while True:
            tell(desktop.answer(json.loads(requests.get())))
    finally:
        office.end()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(Path(sys.argv[1]), sys.argv[2])
