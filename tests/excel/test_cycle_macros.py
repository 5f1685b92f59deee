"""The ribbon's buttons for import, archive and bridge, on a workbook that is open in a stand-in for Excel."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlwings
from fake_excel import Cell, Excel, Workbook
from sap_book import CONFIRMED, FILES, FIRST_ROW, OPENING, W1, sap_book

from smile_xl import commands
from smile_xl.books.archive import store
from smile_xl.books.lists.reading import read_list
from smile_xl.books.live.book import LiveBook
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.excel import macros
from smile_xl.planning.cycle import make_cycle

Settings = Sequence[Sequence[object]]


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Excel:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    excel = Excel()
    add_in = excel.add("smile_xl.xlam")
    add_in.visible = False
    monkeypatch.setattr(xlwings.Book, "_mock_caller", excel.xlwings_book(add_in), raising=False)
    return excel


def opened(excel: Excel, folder: Path, settings: Settings = (), sheets: dict[str, Settings] | None = None) -> Workbook:
    """A workbook with the items of the SAP lists, open; settings are rows of its sheet Settings."""
    folder.mkdir(exist_ok=True)
    own = {"Settings": [("Setting", "Value"), *settings]} if settings else {}
    return excel.load(sap_book(folder / "plan.xlsx", {**own, **(sheets or {})}))


def message(excel: Excel, *answers: str, chosen: Sequence[object] = (), command: str = "import") -> str:
    """What a button says at its end; the answers are those to its questions, the choices those to its dialogs."""
    excel.alerts.clear()
    excel.asked.clear()
    excel.answers, excel.chosen = list(answers), list(chosen)
    macros.run(command)
    assert (excel.answers, excel.chosen) == ([], [])
    return excel.alerts[-1][0] if excel.alerts else ""


def column(book: Workbook, place: int, rows: int = 6) -> list[object]:
    cells = book.sheet("SRM").cells
    return [cells[row, place].value if (row, place) in cells else None for row in range(FIRST_ROW, FIRST_ROW + rows)]


def seen(book: Workbook) -> dict[str, object]:
    return {sheet.name: sheet.seen() for sheet in book.sheets}


def listed(folder: Path, text: str, name: str = "list.csv") -> tuple[str]:
    (folder / name).write_text(text, encoding="utf-8")
    return (str(folder / name),)


HEAD = "Material;Plant;BUn;Unrestricted\n"


# Import -------------------------------------------------------------------------------------------------------------


def test_an_import_shows_first_and_writes_after_a_yes_what_the_command_line_writes(
    excel: Excel, tmp_path: Path
) -> None:
    book = opened(excel, tmp_path / "plans")
    before = seen(book)
    assert message(excel, "no", chosen=[(str(FILES[0]),)]) == "Nothing written."
    question = excel.alerts[0][0]
    assert f"{FILES[0].name}: stock by storage location (MB52)" in question
    assert 'decimal sign ",", shown by' in question
    assert question.endswith("Write this into plan.xlsx?")
    assert seen(book) == before

    text = message(excel, "yes", chosen=[(str(FILES[0]),)])
    assert text.startswith("5 cells of SRM filled for 5 items; ")
    file = XlsxBook(Path(book.path))
    cycle, found = commands.read_import(file, [read_list(FILES[0])])
    commands.write_import(file, cycle, found, dt.datetime(2024, 11, 5))
    file.save()
    want = make_cycle(XlsxBook(Path(book.path))).inputs.portfolio.opening
    assert [value or 0.0 for value in column(book, OPENING)] == want.tolist()
    assert "640" in str(list(book.sheet("Quarantine").values().values()))

    assert "undone" in message(excel, command="undo")
    assert seen(book) == before


def test_no_file_chosen_is_no_import_and_no_message(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans")
    before = seen(book)
    assert message(excel, chosen=[False]) == ""
    assert seen(book) == before


def test_two_lists_are_imported_at_once(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans")
    stock = listed(tmp_path, HEAD + "67012345;MA01;KG;1500,5\n", "stock.csv")
    orders = "Material;Plant;Order Unit;Still to be delivered (qty);Delivery Date\n67012345;MA01;KG;2500,5;15.01.2025\n"
    text = message(excel, "yes", chosen=[(*stock, *listed(tmp_path, orders, "orders.csv"))])
    assert text.startswith("10 cells of SRM filled for 1 item; 0 quantities")  # the stock, eight weeks, a month
    assert column(book, OPENING, 1) == [1.5005]
    assert column(book, CONFIRMED + 2, 1) == [2.5005]
    assert column(book, W1, 1) == [0.0]


@pytest.mark.parametrize(("answer", "tonnes"), [("yes", 1.5), ("no", 1500.0), ("cancel", 9.0)])
def test_a_decimal_sign_that_no_number_decides_is_asked(
    answer: str, tonnes: float, excel: Excel, tmp_path: Path
) -> None:
    book = opened(excel, tmp_path / "plans")
    file = listed(tmp_path, HEAD + "67012345;MA01;TO;1,500\n")
    text = message(excel, *([answer] if answer == "cancel" else [answer, "yes"]), chosen=[file])
    assert "1,500 can be read in two ways" in excel.alerts[0][0]
    assert column(book, OPENING, 1) == [tonnes]
    if answer == "cancel":
        assert "--decimal" in text


@pytest.mark.parametrize(("answer", "week"), [("yes", W1 + 5), ("no", None), ("cancel", None)])
def test_an_order_of_day_and_month_that_no_date_decides_is_asked(
    answer: str, week: int | None, excel: Excel, tmp_path: Path
) -> None:
    book = opened(excel, tmp_path / "plans")
    orders = "Material;Plant;Order Unit;Still to be delivered (qty);Delivery Date\n67012345;MA01;KG;2500,5;12/12/2024\n"
    orders += "67012345;MA01;KG;1000,0;05/12/2024\n"
    text = message(excel, answer, "yes", chosen=[listed(tmp_path, orders)])
    assert "05/12/2024: day and month could be swapped" in excel.alerts[0][0]
    assert column(book, W1 + 5, 1) == [2.5005], "12/12 is the same either way"
    assert column(book, W1 + 4, 1) == [1.0 if answer == "yes" else 0.0]
    assert ("1 quantity" in text) is (answer != "yes")


def test_headers_that_nobody_knows_are_looked_up_in_the_map_that_the_user_names(excel: Excel, tmp_path: Path) -> None:
    maps = [("Map", "Header", "Field"), ("depot", "Ref", "material"), ("depot", "On hand", "unrestricted")]
    book = opened(excel, tmp_path / "plans", sheets={"Import maps": maps})
    file = listed(tmp_path, "Ref;Plant;BUn;On hand\n67012345;MA01;KG;1500,5\n")
    assert "no row of headers" in message(excel, chosen=[file, False])
    message(excel, "yes", chosen=[file, "depot"])
    assert "type the name of the map" in excel.asked[1][0]
    assert column(book, OPENING, 1) == [1.5005]


def test_a_formula_in_an_input_cell_is_refused_by_name(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans")
    book.sheet("SRM").cells[FIRST_ROW, OPENING] = Cell(9.0, "=4+5")
    before = seen(book)
    text = message(excel, "yes", "no", chosen=[(str(FILES[0]),)])
    assert "SRM!T4 holds a formula" in text
    assert text.endswith("Go to SRM!T4?")
    assert seen(book) == before


def test_a_list_that_cannot_be_read_is_refused(excel: Excel, tmp_path: Path) -> None:
    opened(excel, tmp_path / "plans")
    (tmp_path / "old.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert "old .xls format" in message(excel, chosen=[(str(tmp_path / "old.xls"),)])


def test_questions_and_answers_are_french_where_excel_is(excel: Excel, tmp_path: Path) -> None:
    excel.language = 1036
    opened(excel, tmp_path / "plans")
    text = message(excel, "yes", chosen=[(str(FILES[0]),)])
    assert "signe décimal" in excel.alerts[0][0]
    assert "cellules de SRM remplies" in text


# Archive ------------------------------------------------------------------------------------------------------------


def kept(folder: Path) -> list[tuple[str, int]]:
    return [(one.cycle, one.number) for one in store.versions(folder)]


def test_the_cycle_is_kept_beside_the_file_as_it_is_in_excel(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans")
    assert "cycle 2024-11 kept as version 1, 6 items" in message(excel, command="archive")
    assert "with these very inputs" in message(excel, command="archive")
    book.sheet("SRM").cells[FIRST_ROW, OPENING].value = 77.0  # not saved
    assert "kept as version 2" in message(excel, command="archive")
    newest = store.find(tmp_path / "plans" / "plan.cycles", "2024-11")
    assert make_cycle(store.book_of(newest)).inputs.portfolio.opening[0] == 77.0


def test_a_workbook_in_a_cloud_is_asked_for_a_folder(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans")
    book.path = "https://d.docs.example/9f/plans/plan.xlsx"
    assert message(excel, command="archive") == ""
    assert "Folder of the archive" in excel.asked[0][0]
    assert "kept as version 1" in message(excel, command="archive", chosen=[str(tmp_path / "share")])
    assert kept(tmp_path / "share") == [("2024-11", 1)]


@pytest.mark.parametrize("path", ["https://d.docs.example/9f/plans/plan.xlsx", ""])
def test_the_folder_of_settings_counts_wherever_the_workbook_is(path: str, excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans", [("Archive folder", str(tmp_path / "share"))])
    book.path = path
    assert "kept as version 1" in message(excel, command="archive")
    live = LiveBook(excel.xlwings_book(book))
    assert [one.month for one in live.past.cycles()] == [dt.date(2024, 11, 1)]


def test_a_refresh_archives_where_settings_ask_for_it(excel: Excel, tmp_path: Path) -> None:
    opened(excel, tmp_path / "plans", [("Archive", True)])
    text = message(excel, command="refresh")
    assert text.startswith("6 items, cycle Nov-24. Refreshed in ")
    assert "cycle 2024-11 kept as version 1" in text
    assert kept(tmp_path / "plans" / "plan.cycles") == [("2024-11", 1)]


def test_a_refresh_that_cannot_be_archived_is_done_and_says_why(
    excel: Excel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = opened(excel, tmp_path / "plans", [("Archive", True)])
    book.path = ""
    text = message(excel, command="refresh")
    assert "Refreshed in " in text
    assert "no folder on this machine. Name one in Settings" in text
    assert book.sheet("Projections").values()
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pyarrow" else found(name))
    text = message(excel, command="refresh")
    assert "Refreshed in " in text
    assert 'pip install ".[archive]"' in text
    for command in ("archive", "bridge"):
        assert 'pip install ".[archive]"' in message(excel, command=command)


# Bridge -------------------------------------------------------------------------------------------------------------


def test_the_bridge_asks_for_a_cycle_and_writes_its_page(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans")
    assert "no cycle is archived here" in message(excel, command="bridge")
    message(excel, command="archive")
    book.sheet("SRM").cells[FIRST_ROW, OPENING].value = 77.0
    before = seen(book)
    for answer, said in ((False, ""), ("last year", "names no cycle"), ("2020-01", "There are: 2024-11")):
        text = message(excel, command="bridge", chosen=[answer])
        assert said in text
        assert bool(text) is bool(said)
        assert seen(book) == before
    text = message(excel, command="bridge", chosen=["Nov-24"])
    assert excel.asked[0] == ("Why has the projection moved since which cycle? Archived: 2024-11.", "2024-11")
    assert "The projection was" in text
    assert "The stock at the start of Nov-24" in text
    assert "Sheet Bridge written." in text
    assert excel.selected[0].name == "Bridge"
    assert "Opening stock" in book.sheet("Bridge").values().values()
    message(excel, command="undo")
    assert seen(book) == before


def test_another_currency_is_asked_for_its_rate(excel: Excel, tmp_path: Path) -> None:
    book = opened(excel, tmp_path / "plans", [("Currency", "MAD")])
    message(excel, command="archive")
    settings = book.sheet("Settings").cells
    next(cell for cell in settings.values() if cell.value == "MAD").value = "EUR"
    assert "Give --rate" in message(excel, command="bridge", chosen=["2024-11", False])
    text = message(excel, command="bridge", chosen=["2024-11", "0,1"])
    assert "How many EUR is one MAD?" in excel.asked[1][0]
    assert "Figures are in EUR now" in text
