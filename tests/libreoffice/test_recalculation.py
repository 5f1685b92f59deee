"""``smile-xl recalc``: Calc's values in the original file, nothing else changed, reports as a PDF."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import processes
import pytest
from calc_books import write_book

import smile_xl
from smile_xl.books.xlsx import preflight
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.formula_values import areas_of, formula_cells, with_formula_values
from smile_xl.books.xlsx.sheetdata import SheetData
from smile_xl.cli import run
from smile_xl.language import say
from smile_xl.libreoffice import installed, private, recalculation
from smile_xl.libreoffice.calc_copy import for_calc
from smile_xl.libreoffice.calls import split_call
from smile_xl.libreoffice.installed import OfficeError
from smile_xl.libreoffice.office import Office
from smile_xl.libreoffice.recalculation import recalculate
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.grid import CellError
from smile_xl.planning.srm import RESULT_BLOCKS

WORKBOOK = Path(__file__).parents[2] / "workbook"


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def without_values(xml: bytes) -> bytes:
    return re.sub(rb"(</f>|<f [^>]*/>)?<v>[^<]*</v>", rb"\1", re.sub(rb'(<c [^>]*?) t="(?:b|e|str|n)"', rb"\1", xml))


# ------------------------------------------------------------------------------------------------- the shipped workbooks


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", ["master_file.xlsx", "fichier_maitre.xlsx"])
def test_a_shipped_workbook_recalculated_in_calc_equals_the_core(office: Office, tmp_path: Path, name: str) -> None:
    stale, fresh = tmp_path / "stale.xlsx", tmp_path / "fresh.xlsx"
    book = XlsxBook(WORKBOOK / name)
    plan = make_cycle(book).plan
    sheet, places = _results(book)
    for row, column in places:
        book.renew_values(sheet, row, column, np.array([[-12345.0]]))
    book.save(stale)

    done = recalculate(stale, fresh, office=office)
    assert done.formulas > len(places) > 3000
    values = XlsxBook(fresh).read(sheet).rows
    assert not any(values[row][column] == -12345.0 for row, column in places)
    srm = make_cycle(XlsxBook(fresh)).inputs.srm
    for block in RESULT_BLOCKS:
        columns = [column for _, column in sorted(srm.results[block].items())]
        found = np.array([[values[row][column] for column in columns] for row in srm.table.rows], dtype=float)
        np.testing.assert_allclose(found, getattr(plan, block)[:, : len(columns)], rtol=1e-9, atol=1e-9)

    before, after = parts_of(stale), parts_of(fresh)
    changed = {part for part in before if before[part] != after[part]}
    assert list(before) == list(after)
    assert len(changed) == 1
    assert without_values(before[changed.copy().pop()]) == without_values(after[changed.pop()])

    again = tmp_path / "again.xlsx"
    recalculate(fresh, again, office=office)
    assert again.read_bytes() == fresh.read_bytes()


def _results(book: XlsxBook) -> tuple[str, list[tuple[int, int]]]:
    srm = make_cycle(book).inputs.srm
    columns = [column for block in RESULT_BLOCKS for column in srm.results[block].values()]
    return srm.table.grid.sheet, [(row, column) for row in srm.table.rows for column in columns]


@pytest.mark.libreoffice
def test_the_reports_become_one_pdf_with_page_numbers(tmp_path: Path) -> None:
    book, pdf = tmp_path / "book.xlsx", tmp_path / "reports.pdf"
    shutil.copy(WORKBOOK / "master_file.xlsx", book)
    assert run(["recalc", str(book), "--pdf", str(pdf)], "en") == 0
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF-")
    assert 6 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 40
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx", "reports.pdf"]
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
        pages = len(re.findall(rb"/Type\s*/Page\b", data))
        assert all(f"{page} / {pages}" in text for page in range(1, pages + 1))
        assert "book.xlsx - Summary" in text
        assert "book.xlsx - SRM" not in text
        projections = [page.split() for page in text.split("\f") if "book.xlsx - Projections" in page]
        assert len(projections) > 1
        assert all(page[:2] == ["Country", "Sub-category"] for page in projections[1:]), "headers are repeated"


def test_only_what_is_printed_keeps_the_rows_to_repeat() -> None:
    """To set them takes Calc more time than all formulas."""
    package = XlsxBook(WORKBOOK / "master_file.xlsx").package

    def names(printed: bool) -> set[str]:
        copy = preflight.check_bytes(for_calc(package, guard=False, printed=printed), "book.xlsx")
        return {element.get("name") for element in copy.children("definedNames")}

    assert "_xlnm.Print_Titles" in names(printed=True)
    assert names(printed=False) == names(printed=True) - {"_xlnm.Print_Titles"}
    assert "_xlnm.Print_Titles" in {element.get("name") for element in package.children("definedNames")}


class Command:
    """The command in a process of its own, with a temporary folder of its own."""

    def __init__(self, folder: Path, output: str) -> None:
        self.temporary = folder / f"temporary {output}"
        self.temporary.mkdir()
        self.output = folder / output
        command = [
            sys.executable,
            "-m",
            "smile_xl.cli",
            "recalc",
            WORKBOOK / "master_file.xlsx",
            "--output",
            self.output,
        ]
        paths = os.pathsep.join([str(Path(smile_xl.__file__).parents[1]), *filter(None, sys.path)])
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": paths},
            stderr=subprocess.PIPE,
        )

    def is_gone(self) -> bool:
        """No process and no file of it is left after some seconds."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if not processes.that_know(self.temporary) and not any(self.temporary.iterdir()):
                return True
            time.sleep(0.02)
        return False


@pytest.mark.libreoffice
def test_runs_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    both = [Command(tmp_path, name) for name in ("one.xlsx", "two.xlsx")]
    for one in both:
        assert one.process.wait(120) == 0, one.process.stderr.read()
        assert one.is_gone()
    assert both[0].output.read_bytes() == both[1].output.read_bytes()


@pytest.mark.libreoffice
@pytest.mark.parametrize("step", ["smile-xl-office-*", "smile-xl-office-*/*/master_file.xlsx"])
def test_a_killed_command_leaves_nothing(tmp_path: Path, step: str) -> None:
    one = Command(tmp_path, "killed.xlsx")
    deadline = time.monotonic() + 60
    while not list(one.temporary.glob(step)):
        assert one.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    one.process.kill()
    one.process.wait()
    assert one.is_gone()
    assert not one.output.exists()


@pytest.mark.libreoffice
def test_without_client_and_server_no_process_is_left_and_the_next_run_sweeps_the_folder(tmp_path: Path) -> None:
    one = Command(tmp_path, "killed.xlsx")
    while not list(one.temporary.glob("smile-xl-office-*/*/master_file.xlsx")):
        assert one.process.poll() is None
        time.sleep(0.005)
    (folder,) = one.temporary.iterdir()
    servers = [pid for pid in processes.that_know(folder) if "server.py" in processes.command(pid)]
    for pid in (one.process.pid, *servers):
        os.kill(pid, signal.SIGKILL)
    one.process.wait()
    deadline = time.monotonic() + 15
    while processes.that_know(one.temporary) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes.that_know(one.temporary) == []
    os.utime(folder, (0, 0))
    sockets = private.sockets(folder)
    private.sweep(one.temporary)
    assert not folder.exists()
    assert not any(socket.exists() for socket in sockets)


# ------------------------------------------------------------------------------------------------------- any workbook


@pytest.mark.libreoffice
def test_every_kind_of_formula_gets_its_value(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "mixed.xlsx"
    formulas = {
        "A3": "=A1*2", "B3": '=A1&" < "&B1', "C3": "=A1>1", "D3": "=NA()", "E3": "=1/0", "F3": "=A1>5", "G3": '=""',
        "A4": "=[1]!SMILE_CV(A1:C1)", "B4": "=SMILE_CV(A1:D1)", "C4": "=IFERROR(B4,5)", "D4": "=ISNA(B4)", "E4": "=SQRT(-1)",
        "A5": ("=SMILE_RISK(A1:C1-4)", 1, 3), "D5": "=SMILE_WHY(B4)", "E5": "=SUM(A5:C5)", "F5": "=A1-1",
    }  # fmt: skip
    write_book(path, {"S": [[2, 3, 4, "=NA()"]]}, {"S": formulas})
    recalculate(path, office=office)
    sheet = openpyxl.load_workbook(path, data_only=True)["S"]
    shown = {cell: sheet[cell].value for cell in formulas}
    cv = np.std([2, 3, 4]) / 3
    assert shown.pop("A4") == pytest.approx(cv, rel=1e-12)
    assert shown == {
        "A3": 4, "B3": "2 < 3", "C3": True, "D3": "#N/A", "E3": "#DIV/0!", "F3": False, "G3": None,
        "B4": "#N/A", "C4": 5, "D4": True, "E4": "#VALUE!", "A5": 2, "D5": "demand row 1 column 4 shows this error", "E5": 3, "F5": 1,
    }  # fmt: skip
    assert [type(shown[cell]) for cell in ("C3", "F3", "F5")] == [bool, bool, int]
    kept = openpyxl.load_workbook(path)["S"]
    assert {cell: kept[cell].value for cell in formulas if isinstance(formulas[cell], str)} == {
        cell: text for cell, text in formulas.items() if isinstance(text, str)
    }


@pytest.mark.libreoffice
@pytest.mark.parametrize(("formula", "error"), [("=_xlfn.LAMBDA_OF_TOMORROW(A1)", "#NAME?"), ("=B1+1", "Err:522")])
def test_what_calc_cannot_calculate_is_refused_by_cell_and_nothing_is_written(
    office: Office, tmp_path: Path, formula: str, error: str
) -> None:
    path = tmp_path / "book.xlsx"
    write_book(path, {"Plan": [[1]]}, {"Plan": {"B1": formula}})
    before = path.read_bytes()
    with pytest.raises(OfficeError) as caught:
        recalculate(path, office=office)
    said = say(f"libreoffice.{caught.value.code}", "en", **caught.value.values)
    assert said.startswith(f"book.xlsx, sheet Plan: LibreOffice can't calculate B1 ({error})")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["book.xlsx"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_without_libreoffice_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installed, "_PLACES", ())
    book = tmp_path / "book.xlsx"
    shutil.copy(WORKBOOK / "master_file.xlsx", book)
    assert run(["recalc", str(book), "--lang", language], language) == 2
    assert "apt install libreoffice-calc python3-uno" in capsys.readouterr().err
    assert book.read_bytes() == (WORKBOOK / "master_file.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pdf", "reports.txt"], "must end in .pdf"),
        (["--pdf", "nowhere/reports.pdf"], "there is no folder"),
        (["--output", "out.xlsm"], "must end in .xlsx"),
    ],
)
def test_a_wrong_target_is_refused_before_anything_is_calculated(
    tmp_path: Path, monkeypatch, capsys, options: list[str], said: str
) -> None:
    monkeypatch.setattr(recalculation, "Office", None)
    book = tmp_path / "book.xlsx"
    shutil.copy(WORKBOOK / "master_file.xlsx", book)
    option, target = options
    assert run(["recalc", str(book), option, str(tmp_path / target)], "en") == 2
    assert said in capsys.readouterr().err


# ------------------------------------------------------------------------------------------- values into a sheet's text


SHEET = b"""<worksheet xmlns="x"><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1" s="3"><f>A1</f><v>1.50</v></c>\
<c r="C1" t="str" s="2"><f t="shared" ref="C1:C2" si="0">A1&amp;"x"</f><v>old</v></c><c r="D1" t="b"><f>A1=1</f><v>0</v></c>\
<c r="E1" t="e"><f ca="1">1/0</f><v>#DIV/0!</v></c><c r="F1"><f t="array" ref="F1:G2">x</f></c><c r="G1"/></row>\
<row r="2"><c r="C2" t="str"><f t="shared" si="0"/><v>a</v></c><c r="F2" s="9"/><c r="G2"><v>4</v></c><c r="H2"><v>5</v></c></row>\
<row r="3"><c r="A3"><f t="dataTable" ref="A3:B3" r1="A1"/><v>1</v></c><c r="B3"><v>2</v></c></row></sheetData></worksheet>"""


def test_formula_cells_are_found_with_shared_and_array_formulas_but_no_data_table() -> None:
    found = {cell.place: (cell.kind, cell.text) for cell in formula_cells(SheetData(SHEET, "f", "s"))}
    assert found == {
        (0, 1): ("n", "1.50"), (0, 2): ("str", "old"), (0, 3): ("b", "0"), (0, 4): ("e", "#DIV/0!"), (0, 5): ("", ""),
        (0, 6): ("", ""), (1, 2): ("str", "a"), (1, 5): ("", ""), (1, 6): ("n", "4"),
    }  # fmt: skip


def test_values_of_all_kinds_are_put_in_and_the_rest_stays() -> None:
    data = SheetData(SHEET, "f", "s")
    new = with_formula_values(
        data,
        {
            (0, 1): 2.0,
            (0, 2): "a < b & \x01 ",
            (0, 3): True,
            (0, 4): 0.1,
            (0, 5): CellError("#N/A"),
            (1, 5): False,
            (1, 6): -0.0,
        },
    )
    assert new == (
        SHEET.replace(b"<v>1.50</v>", b"<v>2</v>")
        .replace(b'<c r="C1" t="str" s="2">', b'<c r="C1" s="2" t="str">')
        .replace(b"<v>old</v>", b'<v xml:space="preserve">a &lt; b &amp; _x0001_ </v>')
        .replace(b"<v>0</v>", b"<v>1</v>")
        .replace(b'<c r="E1" t="e"><f ca="1">1/0</f><v>#DIV/0!</v>', b'<c r="E1"><f ca="1">1/0</f><v>0.1</v>')
        .replace(b'<c r="F1"><f t="array" ref="F1:G2">x</f></c>', b'<c r="F1" t="e"><f t="array" ref="F1:G2">x</f><v>#N/A</v></c>')
        .replace(b'<c r="F2" s="9"/>', b'<c r="F2" s="9" t="b"><v>0</v></c>')
        .replace(b'<c r="G2"><v>4</v>', b'<c r="G2"><v>0</v>')
    )  # fmt: skip
    same = {(0, 1): 1.5, (0, 2): "old", (0, 3): False, (0, 4): CellError("#DIV/0!"), (1, 6): 4.0}
    assert with_formula_values(data, same) is data.xml


def test_rectangles_hold_exactly_the_cells_given() -> None:
    places = sorted({(row, column) for row in range(4) for column in (1, 2, 3)} | {(2, 7), (9, 1), (3, 5), (4, 2)})
    rectangles = list(areas_of(places))
    covered = [
        (row, column)
        for top, left, bottom, right in rectangles
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]
    assert sorted(covered) == places
    assert len(rectangles) == 5


@pytest.mark.parametrize(
    ("formula", "call"),
    [
        ("=SMILE_CV(A1)", ("SMILE_CV", ["A1"])),
        ("{=X.SMILE_PIPELINE(\"a;b\";'x)y'.A1:B2)}", ("SMILE_PIPELINE", ['"a;b"', "'x)y'.A1:B2"])),
        ("=SMILE_ORDERS(A1;;{1;2};SUM(B1;2))", ("SMILE_ORDERS", ["A1", "", "{1;2}", "SUM(B1;2)"])),
        ("=SMILE_VERSION()", ("SMILE_VERSION", [])),
        ("=SMILE_CV(A1)*2", None),
        ("=SUM(SMILE_CV(A1))", None),
        ("=SMILE_CV(A1", None),
    ],
)
def test_a_call_is_split_where_the_formula_is_nothing_else(formula: str, call: object) -> None:
    assert split_call(formula) == call
