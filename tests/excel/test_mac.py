"""The ribbon's commands on a Mac: xlwings' own objects for it over a stand-in for appscript, and for the add-in's VBA.

No Mac was there. The stand-in says of a cell what xlwings' authors say that AppleScript says: nothing, of an error.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_excel import Cell, Chart, Error, Excel, Workbook, appscript, vba_on_mac

from smile_xl import commands
from smile_xl.book import BookError
from smile_xl.books.csvs import example_tables
from smile_xl.books.live import mac as mac_host
from smile_xl.books.live.book import LiveBook
from smile_xl.books.xlsx.create import create_book
from smile_xl.excel import dialogs, mac, macros, vba
from smile_xl.planning import tidy
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.grid import CellError

MODULE = Path(__file__).parents[2] / "vba" / "SmileMac.bas"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Master File with three items of the example."""
    path = tmp_path_factory.mktemp("made") / "plan.xlsx"
    pages = commands.master_file(example_tables("en", dt.date(2023, 8, 1), 3), dt.datetime(2023, 8, 1))
    book = create_book(path, pages)
    commands.refresh(book, dt.datetime(2023, 8, 1))
    book.save()
    return path


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[appscript.MacExcel]:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with appscript.xlmac() as module:
        yield appscript.MacExcel(module)


@pytest.fixture
def opened(excel: appscript.MacExcel, made: Path) -> Workbook:
    book = excel.load(made)
    book.active = book.sheet("Costs")
    excel.selected = (book.active, "$B$7:$C$9")
    excel.state["calculation"] = "semiautomatic"
    return book


def run(excel: appscript.MacExcel, *command: str) -> str:
    """Run a command on the active workbook; the one message that it shows."""
    excel.alerts.clear()
    macros.run_in(excel.app, excel.active and excel.xlwings_book(excel.active), *command)
    assert len(excel.alerts) == 1, excel.alerts
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    return excel.alerts[0][0]


def cells_read(excel: appscript.MacExcel, cells: dict[tuple[int, int], Cell]) -> list[list[object]]:
    book = excel.add()
    book.sheets[0].cells = cells
    return LiveBook(excel.xlwings_book(book)).read("Sheet1").rows


# Reading ------------------------------------------------------------------------------------------------------------


def test_every_kind_of_value_is_told_from_an_error(excel: appscript.MacExcel) -> None:
    row = ["text", 1.5, True, dt.datetime(2023, 8, 1), dt.datetime(1899, 12, 30, 6), Error("#N/A"), Error("#DIV/0!"), None, "#N/A as a text", 0.0, "00123"]  # fmt: skip
    expected = ["text", 1.5, True, dt.datetime(2023, 8, 1), 0.25, CellError("#N/A"), CellError("#DIV/0!"), None, "#N/A as a text", 0.0, "00123"]  # fmt: skip
    cells = {(1, column): Cell(value) for column, value in enumerate(row, start=1)}
    assert cells_read(excel, cells) == [expected]
    assert cells_read(excel, {(1, 1): Cell(Error("#NUM!"))}) == [[CellError("#NUM!")]]
    assert cells_read(excel, {(3, 2): Cell("here")}) == [[None, None], [None, None], [None, "here"]]


def test_costs_in_a_currency_format_keep_all_their_digits(excel: appscript.MacExcel) -> None:
    assert cells_read(excel, {(1, 1): Cell(1234.123456789, format="#,##0.00 €")}) == [[1234.123456789]]


@pytest.mark.parametrize("told", [-2146826246, 2.0, "", "#N/A", None])
def test_an_error_that_vba_sees_is_one_whatever_applescript_says(
    excel: appscript.MacExcel, monkeypatch: pytest.MonkeyPatch, told: object
) -> None:
    answer = appscript.Property(excel, "value", lambda: told)
    for what in ("value", "value2"):
        monkeypatch.setattr(appscript.RangeReference, what, property(lambda _: answer))
    assert cells_read(excel, {(1, 1): Cell(Error("#N/A"))}) == [[CellError("#N/A")]]


def test_a_large_sheet_is_read_in_pieces_and_is_the_same(opened: Workbook, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.sheet("SRM").cells[7, 3].value = Error("#REF!")
    whole = LiveBook(opened.excel.xlwings_book(opened)).read("SRM").rows
    monkeypatch.setattr(mac_host, "MOST_CELLS", 250)
    assert LiveBook(opened.excel.xlwings_book(opened)).read("SRM").rows == whole
    assert CellError("#REF!") in whole[6]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        pytest.param("errors", "", id="an error that VBA does not see"),
        pytest.param("errors", "1\t3\t2042\n1\t9\t2042", id="an error outside of the cells"),
        pytest.param("value", [["text", 1.0]], id="fewer cells than there are"),
        pytest.param(
            "value", [["text", appscript.k.missing_value, 2.0]], id="nothing where the other way says a number"
        ),
        pytest.param("value2", [["text", "1", appscript.k.missing_value]], id="text where the other way says a number"),
        pytest.param("value2", [["text", True, appscript.k.missing_value]], id="a truth value for a number"),
        pytest.param("value2", [["other", 1.0, appscript.k.missing_value]], id="another text"),
    ],
)
def test_what_is_not_told_surely_is_refused_with_its_sheet(
    excel: appscript.MacExcel, monkeypatch: pytest.MonkeyPatch, what: str, told: object
) -> None:
    if what == "errors":
        monkeypatch.setitem(vba_on_mac.OF_SHEET, "errors", lambda *_: told)
    else:
        answer = appscript.Property(excel, what, lambda: told)
        monkeypatch.setattr(appscript.RangeReference, what, property(lambda _: answer))
    with pytest.raises(BookError) as error:
        cells_read(excel, {(1, 1): Cell("text"), (1, 2): Cell(1.0), (1, 3): Cell(Error("#N/A"))})
    assert error.value.code == "unsure"
    assert error.value.values["sheet"] == "Sheet1"


def test_an_error_in_an_input_is_named_and_nothing_is_planned(opened: Workbook) -> None:
    srm = opened.sheet("SRM")
    column = next(column for (row, column), cell in srm.cells.items() if cell.value == "Opening")
    row = max(row for row, _ in srm.cells)
    srm.cells[row, column] = Cell(Error("#REF!"), "=#REF!")
    before = opened.sheet("Projections").seen()
    opened.excel.answers = ["yes"]
    message = run(opened.excel, "refresh")
    assert "#REF!" in message
    assert opened.excel.selected[0] is srm
    assert opened.sheet("Projections").seen() == before


# Commands -----------------------------------------------------------------------------------------------------------


def on_windows(made: Path, monkeypatch: pytest.MonkeyPatch, *command: str) -> Workbook:
    """The same workbook after the same command on Windows."""
    other = Excel()
    book = other.load(made)
    _changed(book)
    macros.run_in(other.app, other.xlwings_book(book), *command)
    return book


def _changed(book: Workbook) -> None:
    """Make a book stale, with a chart and a filter of the user's."""
    srm = book.sheet("SRM")
    column = next(column for (row, column), cell in srm.cells.items() if cell.value == "Opening")
    srm.cells[max(row for row, _ in srm.cells), column].value += 500.0
    book.sheet("Projections").charts.append(Chart(['=SERIES("old",Projections!$A$1,Projections!$A$2,1)']))
    book.sheets.remove(book.sheet("Overstock"))


def seen(book: Workbook) -> dict[str, dict[str, object]]:
    return {sheet.name: sheet.seen() for sheet in book.sheets}


def test_a_refresh_leaves_the_workbook_as_on_windows_and_excel_as_it_was(
    opened: Workbook, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    excel = opened.excel

    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda: dt.datetime(2023, 9, 1, 10, 30)))
    monkeypatch.setattr("smile_xl.excel.macros.dt", clock)
    _changed(opened)
    before, state = seen(opened), dict(excel.state)
    message = run(excel, "refresh")
    assert "3 items" in message
    assert dict(excel.state) == state
    assert excel.active is opened
    assert (excel.selected[0].name, excel.selected[1]) == ("Costs", "$B$7:$C$9")
    assert excel.user_books() == ["plan.xlsx"]
    assert any("1/" in str(text) for text in excel.status)
    windows = on_windows(made, monkeypatch, "refresh")
    assert seen(opened) == seen(windows) != before
    assert "Overstock" in seen(opened)

    run(excel, "undo")
    assert {name: one["cells"] for name, one in seen(opened).items()} == {n: one["cells"] for n, one in before.items()}


def test_the_reports_are_those_of_the_core(opened: Workbook) -> None:
    _changed(opened)
    run(opened.excel, "report", "projections")
    cycle = make_cycle(LiveBook(opened.excel.xlwings_book(opened)))
    written = [value for value in opened.sheet("Projections").values().values() if isinstance(value, float)]
    totals = tidy.projections(cycle).query("sub_category == 'TOTAL'")["value"]
    assert set(totals.round(6)) <= {round(value, 6) for value in written}


@pytest.mark.parametrize("command", ["check", "projections", "explain", "about"])
def test_every_other_command_ends_with_its_message(opened: Workbook, command: str) -> None:
    if command == "explain":
        opened.active = opened.sheet("SRM")
        srm = opened.active
        place = next(place for place, cell in srm.cells.items() if "SMILE_CLOSING" in cell.formula)
        opened.excel.selected = (srm, _address(place))
    message = run(opened.excel, command)
    assert "defect" not in message.casefold()
    if command == "explain":
        assert " t" in message


def _address(place: tuple[int, int]) -> str:
    from fake_excel.areas import address_of  # noqa: PLC0415

    return address_of((*place, 1, 1))


def test_settings_and_a_new_master_file_are_shown(opened: Workbook) -> None:
    excel = opened.excel
    macros.run_in(excel.app, excel.xlwings_book(opened), "settings")
    assert excel.selected[0].name == "Settings"
    assert "87 items" in run(excel, "new")
    assert excel.active.name == "Master File1"
    assert excel.selected[0].name == "Summary"


def test_without_a_workbook_a_command_says_so_and_in_french_where_excel_is(excel: appscript.MacExcel) -> None:
    excel.language = 1036
    assert "classeur" in run(excel, "refresh")


def test_whatever_fails_is_told_and_put_back(opened: Workbook) -> None:
    """Every 40th call of a refresh made to fail: one message, the workbook and Excel as they were."""
    excel = opened.excel
    _changed(opened)
    before, state = seen(opened), dict(excel.state)
    excel.calls.clear()
    run(excel, "refresh")
    count = len(excel.calls)
    run(excel, "undo")
    failed = 0
    for place in range(12, count, max(count // 12, 1)):
        excel.calls.clear()
        excel.fail_at = place
        message = run(excel, "refresh")
        excel.fail_at = None
        assert dict(excel.state) == state, excel.calls[place - 1]
        if "Excel refused a step" in message:
            failed += 1
            assert {n: s["cells"] for n, s in seen(opened).items()} == {n: s["cells"] for n, s in before.items()}
        else:
            run(excel, "undo")
    assert failed > 5


# What VBA and the script do -----------------------------------------------------------------------------------------


def test_vba_carries_out_each_request_that_python_makes_and_no_other() -> None:
    source = Path(mac_host.__file__).read_text(encoding="utf-8")
    asked = set(re.findall(r'_ask(?:_sheet)?\([\w.]+, "([a-z ]+)"', source))
    known = set(re.findall(r'Case "([a-z ]+)"', MODULE.read_text(encoding="ascii")))
    assert asked == known == {*vba_on_mac.OF_APPLICATION, *vba_on_mac.OF_BOOK, *vba_on_mac.OF_SHEET}


def test_no_formula_gets_anything_done_on_a_mac() -> None:
    text = MODULE.read_text(encoding="ascii")
    assert "Option Private Module" in text
    assert re.findall(r"(?m)^Public Function (\w+)", text) == ["SmileMacDo"]
    start = text[text.index("Public Function SmileMacDo") :].splitlines()
    assert start[1].strip() == 'If TypeName(Application.Caller) <> "Error" Then Exit Function'
    assert not re.search(r"CallByName|Evaluate|Execute|MacScript|\bShell\b|\.Run\b", text)
    assert text.count("AppleScriptTask") == 1


def test_the_script_starts_our_module_with_what_vba_hands_on_quoted() -> None:
    text = mac.script('/Users/a planner/smile "x"/bin/python')
    lines = text.splitlines()
    assert lines[1] == "on smileRun(request)"
    assert lines[-1] == "end smileRun"
    started = re.search(r'do shell script "((?:[^"\\]|\\.)*)" & quoted form of request & " > /dev/null 2>&1 &"', text)
    assert started
    shell = re.sub(r"\\(.)", r"\1", started[1]) + "'refresh\nplan'"
    printed = subprocess.run(
        ["sh", "-c", f"printf '%s|' {shell}"], capture_output=True, text=True, check=True
    ).stdout.split("|")
    assert printed[:-1] == [
        '/Users/a planner/smile "x"/bin/python',
        "-P",
        "-B",
        "-m",
        "smile_xl.excel.mac",
        "refresh\nplan",
    ]
    called = re.search(
        r'AppleScriptTask\("([\w.]+)", "(\w+)", arguments & vbLf & name\)', vba.modules()["SmileMac.bas"]
    )
    assert called and called.groups() == (mac.SCRIPT, mac.HANDLER)
    assert f'If started = "{mac.STARTED}"' in vba.modules()["SmileMac.bas"]


@pytest.mark.parametrize("accents", ["NFC", "NFD"])
def test_the_command_runs_on_the_workbook_that_was_active(
    opened: Workbook, monkeypatch: pytest.MonkeyPatch, accents: str
) -> None:
    excel = opened.excel
    opened.name = unicodedata.normalize("NFC", "Prévisions d'août.xlsx")
    excel.add("another.xlsx")
    _as_running(excel, monkeypatch)
    monkeypatch.setattr(sys, "argv", ["mac", f"check\n{unicodedata.normalize(accents, opened.name)}"])
    mac.main()
    assert len(excel.alerts) == 1
    assert "SRM" in excel.alerts[0][0]


def test_a_workbook_that_is_gone_is_told_without_excel(opened: Workbook, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    _as_running(opened.excel, monkeypatch)
    monkeypatch.setattr(mac.subprocess, "run", lambda command, check: told.append(command[-1]))
    monkeypatch.setattr(sys, "argv", ["mac", "refresh\nother.xlsx"])
    mac.main()
    assert opened.excel.alerts == []
    assert len(told) == 1 and told[0].startswith('display alert "SMILE" message "')
    (log,) = Path(tempfile.gettempdir()).iterdir()
    assert log.name in told[0]
    log.unlink()


def _as_running(excel: appscript.MacExcel, monkeypatch: pytest.MonkeyPatch) -> None:
    class Apps:
        def keys(self) -> list[int]:
            return [excel.pid]

        def __getitem__(self, pid: int) -> object:
            assert pid == excel.pid
            return excel.app

    monkeypatch.setattr("xlwings.apps", Apps())


# Dialogs ------------------------------------------------------------------------------------------------------------


def test_files_a_folder_and_a_text_are_asked_for_and_may_be_refused(excel: appscript.MacExcel, tmp_path: Path) -> None:
    excel.chosen = [["/a/list.xlsx", "/a/b.csv"], str(tmp_path), " 2023-08 "]
    kinds = {"kind": "Lists", "every": "All"}
    assert dialogs.choose_files(excel.app, "Which?", **kinds) == [Path("/a/list.xlsx"), Path("/a/b.csv")]
    assert dialogs.choose_folder(excel.app, "Where?") == tmp_path
    assert dialogs.ask_text(excel.app, "Which cycle?", "2023-07") == "2023-08"
    assert excel.asked == [("Which?",), ("Where?",), ("Which cycle?", "2023-07")]
    assert dialogs.choose_files(excel.app, "Which?", **kinds) == []
    assert dialogs.choose_folder(excel.app, "Where?") is None
    assert dialogs.ask_text(excel.app, "Which cycle?") is None
