"""The driver: values out of a real Calc, and nothing left behind whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from processes import command

from smile_xl.libreoffice import private
from smile_xl.libreoffice.extension import extension_parts, internal_name
from smile_xl.libreoffice.installed import OfficeError
from smile_xl.libreoffice.office import Office
from smile_xl.planning.grid import CellError

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook whose formulas have never been calculated."""
    path = tmp_path / "book été & co.xlsx"
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Feuille 1"
    for row in (
        [2, "=A1*21", "=1/0", "=NA()"],
        ['="a"&"é"', "=A1>1", None, "=1/3"],
        ["=2^9999", '="x"+1', "=foo(1)", 7],
    ):
        sheet.append(row)
    workbook.save(path)
    return path


def test_every_kind_of_value_comes_back(office: Office, book: Path) -> None:
    document = office.open(book)
    assert document.sheets == ("Feuille 1",)
    assert document.calculate() >= 0
    assert document.read("Feuille 1", "A1:D3") == [
        [2, 42, CellError("#DIV/0!"), CellError("#N/A")],
        ["aé", 1, "", 1 / 3],
        [CellError("#NUM!"), CellError("#VALUE!"), CellError("#NAME?"), 7],
    ]
    document.close()
    assert [path.name for path in book.parent.iterdir()] == [book.name]


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no workbook", b"Hello"], ids=["empty", "broken", "text"])
def test_a_file_that_is_no_workbook_is_refused_and_the_office_goes_on(
    office: Office, book: Path, content: bytes
) -> None:
    broken = book.with_name("broken.xlsx")
    broken.write_bytes(content)
    with pytest.raises(OfficeError) as caught:
        office.open(broken).read("nowhere", "A1")
    assert caught.value.code in ("not_opened", "failed")
    assert office.open(book).sheets == ("Feuille 1",)


# ------------------------------------------------------------------------------------------------------ nothing is left

CLIENT = """
    import sys
    from pathlib import Path
    from smile_xl.libreoffice.office import Office
    print("starting", flush=True)
    with Office() as office:
        document = office.open(Path(sys.argv[1]))
        print("open", flush=True)
        while True:
            document.read("Feuille 1", "A1")
"""
OFFICE, SERVER = "soffice.bin", "server.py"


class Client:
    """A process that has an office of its own."""

    def __init__(self, folder: Path, book: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CLIENT), book],
            env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.process.stdout.readline()

    def until_open(self) -> None:
        assert self.process.stdout.readline() == "open\n"

    def pids(self, program: str) -> list[int]:
        """Processes of its office that run a program."""
        return [pid for pid in private.processes(str(self.folder)) if program in command(pid)]

    def kill(self, victim: str) -> list[Path]:
        """Kill a process; the sockets that its office has or would have."""
        deadline = time.monotonic() + 20
        while not (pids := [self.process.pid] if victim == "client" else self.pids(victim)):
            assert time.monotonic() < deadline
        found = [socket for folder in self.folder.iterdir() for socket in private.sockets(folder)]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return found

    def leaves_nothing(self, sockets: list[Path]) -> bool:
        """No process, no folder, no socket after some seconds."""
        self.process.wait(15)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            left = [*self.folder.iterdir(), *(socket for socket in sockets if socket.exists())]
            if not left and not private.processes(str(self.folder)):
                return True
            time.sleep(0.02)
        return False


@pytest.fixture
def client(tmp_path: Path, book: Path) -> Iterator[Client]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    one = Client(folder, book)
    yield one
    one.process.kill()
    one.process.wait()
    for left in folder.iterdir():
        private.end(left)


@pytest.mark.parametrize("victim", [OFFICE, SERVER, "client"])
def test_a_process_killed_at_work_leaves_nothing(client: Client, victim: str) -> None:
    client.until_open()
    sockets = client.kill(victim)
    assert len(sockets) == 4
    assert client.leaves_nothing(sockets)
    if victim != "client":
        assert "OfficeError" in client.process.stderr.read()


@pytest.mark.parametrize("delay", [0, 0.3, 0.8])
@pytest.mark.parametrize("victim", [OFFICE, SERVER, "client"])
def test_a_process_killed_while_the_office_starts_leaves_nothing(client: Client, victim: str, delay: float) -> None:
    time.sleep(delay)
    assert client.leaves_nothing(client.kill(victim))


def test_an_answer_that_takes_too_long_ends_the_office(tmp_path: Path, book: Path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "short"))
    (tmp_path / "short").mkdir()
    office = Office(patience=2)
    document = office.open(book)
    for pid in private.processes(str(tmp_path / "short")):
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(OfficeError) as caught:
        document.calculate()
    assert caught.value.code == "too_slow"
    assert not private.processes(str(tmp_path / "short"))
    assert list((tmp_path / "short").iterdir()) == []
    with pytest.raises(OfficeError):
        document.calculate()


def test_two_offices_at_once_do_not_meet(office: Office, book: Path) -> None:
    first = office.open(book)
    with Office() as other:
        second = other.open(book)
        first.close()
        assert second.read("Feuille 1", "A1") == [[2]]
    assert office.open(book).read("Feuille 1", "A1") == [[2]]


def test_what_a_run_killed_whole_left_behind_is_swept_by_the_next(tmp_path: Path) -> None:
    old, new = tmp_path / f"{private.FOLDER_PREFIX}1", tmp_path / f"{private.FOLDER_PREFIX}2"
    for folder in (old, new):
        (folder / "profile").mkdir(parents=True)
    os.utime(old, (0, 0))
    private.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [new]


def test_an_active_virtual_environment_does_not_hide_the_add_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office's Python looks for its library beside the first python3 of PATH."""
    venv.create(tmp_path / "venv", symlinks=True)
    path = tmp_path / "book.xlsx"
    workbook = Workbook()
    workbook.active.append([f"={internal_name('SMILE_RISK')}(-4)"])
    workbook.save(path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with Office(addin=extension_parts()) as one:
        document = one.open(path)
        document.calculate()
        assert document.read(document.sheets[0], "A1") == [[4.0]]
