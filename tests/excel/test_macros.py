"""The ribbon's commands on a workbook that is open in a stand-in for Excel: what they do, say and leave behind."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import fake_excel
import pytest
import xlwings
from fake_excel import Cell, Excel, Workbook, com_error
from openpyxl.utils import get_column_letter

from smile_xl import commands
from smile_xl.books.csvs import example_tables
from smile_xl.books.live.book import LiveBook
from smile_xl.books.xlsx.create import create_book
from smile_xl.excel import macros, manual
from smile_xl.excel.call import SHOWN
from smile_xl.excel.session import BusyError, quiet
from smile_xl.planning import tidy
from smile_xl.planning.cycle import make_cycle
from smile_xl.registry import COMMANDS
from smile_xl.reports import STEERING

QUIET = {"calculation": "manual", "screen_updating": False, "enable_events": False, "display_alerts": False}
OF_VBA = {"why", "restart"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Master File with the first items of the example."""
    path = tmp_path_factory.mktemp("made") / "plan.xlsx"
    pages = commands.master_file(example_tables("en", dt.date(2023, 8, 1), 3), dt.datetime(2023, 8, 1))
    book = create_book(path, pages)
    commands.refresh(book, dt.datetime(2023, 8, 1))
    book.save()
    return path


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Excel:
    """An Excel that calls us, and a folder of its own for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    excel = Excel()
    add_in = excel.add("smile_xl.xlam")
    add_in.visible = False
    excel.active = excel.selected = None
    monkeypatch.setattr(xlwings.Book, "_mock_caller", excel.xlwings_book(add_in), raising=False)
    return excel


@pytest.fixture
def opened(excel: Excel, made: Path) -> Workbook:
    """The Master File, open, cells of Costs selected, calculation as its user likes it."""
    book = excel.load(made)
    book.active = book.sheet("Costs")
    excel.selected = (book.active, "$B$7:$C$9")
    excel.state["calculation"] = "semiautomatic"
    excel.state["status_bar"] = "mine"
    return book


def leftovers() -> list[str]:
    return sorted(path.name for path in Path(tempfile.gettempdir()).iterdir())


def state_of(excel: Excel) -> tuple[dict[str, object], str, str, str]:
    sheet, cells = excel.selected
    return dict(excel.state), excel.active.name, sheet.name, cells


def only_message(excel: Excel) -> str:
    assert len(excel.alerts) == 1, excel.alerts
    return excel.alerts[0][0]


def damaged(book: Workbook) -> str:
    """Put text where a number belongs, and name its cell."""
    srm = book.sheet("SRM")
    column = next(column for (row, column), cell in srm.cells.items() if cell.value == "Opening")
    row = max(row for row, _ in srm.cells)
    srm.cells[row, column].value = "ten"
    return f"{get_column_letter(column)}{row}"


# Every command ------------------------------------------------------------------------------------------------------


def test_every_command_of_the_ribbon_is_known_but_for_those_of_vba() -> None:
    assert {*macros._COMMANDS, *macros._WITHOUT_BOOK} == set(COMMANDS) - OF_VBA


@pytest.mark.parametrize("command", ["refresh", "projections", "check", "undo"])
def test_excel_is_afterwards_as_it_was_and_one_message_is_shown(opened: Workbook, command: str) -> None:
    excel = opened.excel
    before = state_of(excel)
    macros.run(command)
    assert state_of(excel) == before
    assert len(excel.alerts) == 1
    assert leftovers() == []
    assert excel.user_books() == ["plan.xlsx"]


def test_excel_is_quiet_while_a_command_runs_and_says_how_far_it_is(opened: Workbook, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    seen = []

    def refresh(*arguments: object, **named: object) -> object:
        seen.append({name: opened.excel.state[name] for name in QUIET})
        return original(*arguments, **named)

    original = commands.refresh
    monkeypatch.setattr(commands, "refresh", refresh)
    macros.run("refresh")
    assert seen == [QUIET]
    shown = [text for text in opened.excel.status if text != "mine"]
    assert shown[:2] == ["SMILE ...", "SMILE 1/9: Reading and checking ..."]
    assert shown[-1] == "SMILE 9/9: Saving ..."
    assert opened.excel.status[-1] == "mine"


@pytest.mark.parametrize("place", range(1, 40))
def test_whatever_call_fails_excel_is_restored(excel: Excel, place: int) -> None:
    """Each call of a command that does nothing: the last ones are those that restore."""
    excel.add()
    before = state_of(excel)
    excel.calls.clear()
    excel.fail_at = place
    try:
        with quiet(excel.app):
            excel.app.status_bar = "working"
    except com_error:
        pass
    assert state_of(excel) == before
    excel.fail_at = None
    with quiet(excel.app):
        pass
    assert leftovers() == []


def test_whatever_call_fails_a_refresh_changes_nothing_says_so_and_restores(opened: Workbook, made: Path) -> None:
    excel = opened.excel
    sheets = {sheet.name: sheet.seen() for sheet in opened.sheets}
    before = state_of(excel)
    excel.calls.clear()
    macros.run("projections")
    calls = list(excel.calls)
    first = calls.index("App.calculation")
    refused = 0
    for place in range(first + 1, len(calls), 23):
        macros.run("undo")
        excel.alerts.clear()
        excel.calls.clear()
        excel.fail_at = place
        macros.run("projections")
        excel.fail_at = None
        assert state_of(excel) == before, calls[place - 1]
        assert leftovers() == [], calls[place - 1]
        if "planted" in only_message(excel):
            refused += 1
            assert {sheet.name: sheet.seen() for sheet in opened.sheets if sheet.name != "Projections"} == {
                name: sheet for name, sheet in sheets.items() if name != "Projections"
            }
            assert {place: cell.value for place, cell in opened.sheet("Projections").cells.items()} == {
                place: cell.value for place, cell in sheets["Projections"]["cells"].items()
            }, calls[place - 1]
    assert refused > 3


def test_a_second_command_is_refused_while_one_runs(opened: Workbook) -> None:
    with quiet(opened.excel.app):
        before = dict(opened.excel.state)
        macros.run("refresh")
        assert "still at work" in only_message(opened.excel)
        assert opened.excel.state == before  # the first one's silence is not broken
        with pytest.raises(BusyError), quiet(opened.excel.app):
            pass
    opened.excel.alerts.clear()
    macros.run("check")
    assert "still at work" not in only_message(opened.excel)


def test_after_a_run_that_was_killed_the_next_one_puts_back_what_was_before_it(opened: Workbook) -> None:
    excel = opened.excel
    before = state_of(excel)
    killed = {**{name: excel.state[name] for name in excel.state}, "place": ["plan.xlsx", "Costs", "$B$7:$C$9"]}
    (Path(tempfile.gettempdir()) / f"smile-xl-{excel.pid}.json").write_text(json.dumps(killed), encoding="utf-8")
    excel.state.update(QUIET, status_bar="SMILE 3/9")
    excel.selected = (opened.sheet("SRM"), "$A$1")
    opened.active = opened.sheet("SRM")
    macros.run("check")
    assert state_of(excel) == before
    assert leftovers() == []


def test_a_file_of_nonsense_blocks_nothing(opened: Workbook) -> None:
    (Path(tempfile.gettempdir()) / f"smile-xl-{opened.excel.pid}.json").write_text("[1", encoding="utf-8")
    macros.run("check")
    assert leftovers() == []


def test_without_a_workbook_a_command_says_so(excel: Excel) -> None:
    macros.run("refresh")
    assert only_message(excel).startswith("No workbook is open.")


def test_without_a_caller_and_without_a_workbook_vba_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(xlwings.Book, "_mock_caller", raising=False)
    monkeypatch.setattr(xlwings.Book, "caller", classmethod(lambda cls: 1 / 0))
    monkeypatch.setattr(xlwings, "apps", {})
    with pytest.raises(LookupError, match=r"workbook|classeur"):
        macros.run("refresh")


def test_the_stand_in_has_nothing_that_xlwings_lacks_on_windows() -> None:
    """Its objects behind xlwings' own have the members of the real ones; of COM's objects nothing here can tell."""
    source = (Path(xlwings.__file__).parent / "_xlwindows.py").read_text(encoding="utf-8")
    classes = {one.name: one for one in ast.parse(source).body if isinstance(one, ast.ClassDef)}

    def members(name: str) -> set[str]:
        bases = [base.id for base in classes[name].bases if isinstance(base, ast.Name) and base.id in classes]
        own = {one.name for one in classes[name].body if isinstance(one, ast.FunctionDef)}
        own |= {target.id for one in classes[name].body if isinstance(one, ast.Assign) for target in one.targets}
        own |= {
            one.attr
            for one in ast.walk(classes[name])
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self"
        }
        return own.union(*map(members, bases))

    for name in ("App", "Books", "Book", "Sheets", "Sheet", "Range", "Charts"):
        stand_in = {one for one in vars(getattr(fake_excel, name)) if not one.startswith("_")}
        assert stand_in <= members(name), stand_in - members(name)


def test_a_chart_may_be_selected(opened: Workbook) -> None:
    opened.excel.selected = None
    macros.run("check")
    assert only_message(opened.excel).startswith("Inputs:")


def test_a_whole_sheet_may_be_selected(opened: Workbook) -> None:
    opened.excel.selected = (opened.active, "$A$1:$XFD$1048576")
    before = state_of(opened.excel)
    macros.run("check")
    assert only_message(opened.excel).startswith("Inputs:")
    assert state_of(opened.excel) == before


def test_messages_are_french_where_excel_is(opened: Workbook) -> None:
    for number in (1036, 3084):
        opened.excel.language = number
        opened.excel.alerts.clear()
        macros.run("refresh")
        assert "Actualisé en" in only_message(opened.excel)
    assert any("Lecture et contrôle" in str(text) for text in opened.excel.status)


def test_a_defect_of_ours_is_a_message_with_a_log_and_nothing_is_changed(opened: Workbook, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("smile_xl.commands.make_cycle", broken)
    before = state_of(opened.excel)
    macros.run("refresh")
    assert "ZeroDivisionError: planted" in only_message(opened.excel)
    assert state_of(opened.excel) == before
    assert [name.split("-error-")[0] for name in leftovers()] == ["smile-xl"]


def test_the_wrong_word_from_vba_is_a_message_too(opened: Workbook) -> None:
    macros.run("report", "nonsense")
    assert "no report 'nonsense'" in only_message(opened.excel)


# Refresh ------------------------------------------------------------------------------------------------------------


def test_the_message_of_a_refresh_says_what_when_and_what_was_found(opened: Workbook) -> None:
    macros.run("refresh")
    text = only_message(opened.excel)
    assert text.startswith("3 items, cycle Aug-23. Refreshed in ")
    assert "SRM, Summary, Availability, DSR, Projections, Overstock, Checks" in text
    assert "warnings" in text
    assert opened.excel.alerts[0][1] == "info"


def test_one_report_is_refreshed_alone(opened: Workbook) -> None:
    old = {sheet.name: sheet.seen() for sheet in opened.sheets}
    for command in (("report", "overstock"), ("projections",)):
        macros.run(*command)
    changed = {name for name, sheet in old.items() if opened.sheet(name).seen() != sheet}
    assert changed == {"Overstock", "Projections"}


def test_finance_changes_costs_and_recalculates_projections_in_place(opened: Workbook) -> None:
    costs = opened.sheet("Costs")
    heads = {cell.value: place for place, cell in costs.cells.items()}
    row, column = next(place for head, place in heads.items() if str(head).startswith("Unit cost"))
    costs.cells[row + 1, column].value *= 2
    macros.run("projections")
    cycle = make_cycle(LiveBook(opened.excel.xlwings_book(opened)))
    shown = {cell.value for cell in opened.sheet("Projections").cells.values() if isinstance(cell.value, float)}
    assert set(tidy.projections(cycle)["value"]) <= shown


def test_an_error_names_its_cell_and_yes_goes_there(opened: Workbook) -> None:
    cell = damaged(opened)
    before = {sheet.name: sheet.seen() for sheet in opened.sheets}
    opened.excel.answers = ["no", "yes"]
    macros.run("refresh")
    text = only_message(opened.excel)
    assert f"SRM!{cell}" in text
    assert text.endswith(f"Go to SRM!{cell}?")
    assert opened.excel.alerts[0][1] == "critical"
    assert opened.excel.selected[0].name == "Costs"
    macros.run("refresh")
    assert (opened.excel.selected[0].name, opened.excel.selected[1].replace("$", "")) == ("SRM", cell)
    assert {sheet.name: sheet.seen() for sheet in opened.sheets} == before


def test_a_protected_report_is_named(opened: Workbook) -> None:
    opened.sheet("DSR").protected = True
    macros.run("refresh")
    assert "the sheet DSR is protected" in only_message(opened.excel)


def test_pending_calculations_are_done_before_inputs_are_read(opened: Workbook) -> None:
    opened.excel.pending = True
    macros.run("projections")
    assert opened.excel.pending is False
    assert opened.excel.calls.index("App.calculate") < opened.excel.calls.index("Range.Value")


def test_undo_puts_the_reports_back_and_says_so(opened: Workbook) -> None:
    opened.sheet("Checks").cells[9, 9] = Cell("a note of mine")
    before = {sheet.name: sheet.values() for sheet in opened.sheets}
    macros.run("refresh")
    assert {sheet.name: sheet.values() for sheet in opened.sheets} != before
    opened.excel.alerts.clear()
    macros.run("undo")
    assert "is undone" in only_message(opened.excel)
    assert {sheet.name: sheet.values() for sheet in opened.sheets} == before
    opened.excel.alerts.clear()
    macros.run("undo")
    assert only_message(opened.excel).startswith("There is nothing to undo")


# Check --------------------------------------------------------------------------------------------------------------


def test_check_lists_the_worst_findings_and_changes_nothing(opened: Workbook) -> None:
    cell = damaged(opened)
    before = {sheet.name: sheet.seen() for sheet in opened.sheets}
    opened.excel.answers = ["yes"]
    macros.run("check")
    text = only_message(opened.excel)
    assert text.startswith("Inputs: 1 error, ")
    assert text.index(f"error: SRM!{cell}") < text.index("note:")
    assert opened.excel.selected[1].replace("$", "") == cell
    assert {sheet.name: sheet.seen() for sheet in opened.sheets} == before


def test_a_long_list_is_cut_and_counted(opened: Workbook) -> None:
    srm = opened.sheet("SRM")
    row = max(row for row, _ in srm.cells)
    for column in range(14, 26):
        srm.cells[row, column].value = "x"
    opened.excel.answers = ["no"]
    macros.run("check")
    text = only_message(opened.excel)
    assert text.count("error: SRM!") == SHOWN
    assert "more." in text


# Sheets and workbooks -----------------------------------------------------------------------------------------------


def test_a_new_master_file_is_open_unsaved_and_in_front(excel: Excel) -> None:
    macros.run("new")
    book = excel.active
    assert (book.name, book.path) == ("Master File1", "")
    assert len(book.sheets) > 10
    assert "87 items" in only_message(excel)
    assert excel.selected[0].name == "Summary"
    assert leftovers() == []


def test_a_bare_workbook_gets_every_sheet_and_keeps_its_own(excel: Excel) -> None:
    book = excel.add("team.xlsx")
    book.sheets[0].cells = {(1, 1): Cell("our notes"), (2, 1): Cell(3.0, "=1+2")}
    before = book.sheets[0].seen()
    excel.language = 1036
    macros.run("add_sheets")
    names = [sheet.name for sheet in book.sheets]
    assert names[:3] == ["Sheet1", "SRM", "Coûts"]
    assert names[-2 - len(STEERING) : -len(STEERING)] == ["Surstock", "Contrôles"]
    assert book.sheets[0].seen() == before
    assert not any("[" in cell.formula for sheet in book.sheets for cell in sheet.cells.values())
    assert not any("[" in text for sheet in book.sheets for text in (*sheet.lists, *sheet.rules))
    assert any(cell.formula.startswith("=SMILE_ORDERS(") for cell in book.sheet("SRM").cells.values())
    assert only_message(excel).startswith("Ajouté : SRM, Coûts, ")
    cycle = make_cycle(LiveBook(excel.xlwings_book(book)))
    assert cycle.inputs.months[0] == dt.date.today().replace(day=1)
    excel.alerts.clear()
    macros.run("add_sheets")
    assert "a toutes les feuilles" in only_message(excel)
    assert [sheet.name for sheet in book.sheets] == names


def test_a_workbook_with_its_own_srm_gets_costs_to_fill_in_and_no_example(opened: Workbook) -> None:
    for sheet in list(opened.sheets):
        if sheet.name not in ("SRM", "Countries"):
            opened.sheets.remove(sheet)
    opened.active = opened.sheet("SRM")
    opened.excel.selected = (opened.active, "$A$1")
    before = {sheet.name: sheet.seen() for sheet in opened.sheets}
    opened.excel.answers = ["yes"]
    macros.run("add_sheets")
    text = only_message(opened.excel)
    assert text.startswith("Added: Costs, Statuses, Targets, Opportunities, Safety policies, Item attributes, ")
    assert ", Snoozed, Settings. Nothing else" in text
    assert "then click Refresh all" in text
    assert {name: opened.sheet(name).seen() for name in before} == before
    costs = opened.sheet("Costs").values()
    assert "68384144" in costs.values()
    assert not any(isinstance(value, float) for value in costs.values())  # blank, never a quiet 0
    assert opened.excel.selected[0].name == "Costs"


def test_srm_beside_sheets_of_the_teams_own_points_at_no_fixed_cells(opened: Workbook) -> None:
    opened.sheets = [sheet for sheet in opened.sheets if sheet.name in ("Countries", "Costs")]
    opened.active = opened.sheets[0]
    macros.run("add_sheets")
    srm = opened.sheet("SRM")
    assert not any(cell.formula for cell in srm.cells.values())
    assert srm.lists == []


def test_a_sheet_of_the_team_is_mapped_and_left_as_it_is(opened: Workbook) -> None:
    opened.sheet("SRM").name = "Plan 2023"
    before = opened.sheet("Plan 2023").seen()
    for name in ("Summary", "Availability", "DSR", "Projections", "Overstock", "Checks"):
        opened.sheets.remove(opened.sheet(name))
    opened.active = opened.sheets[0]
    macros.run("add_sheets")
    text = only_message(opened.excel)
    assert text.startswith("Added: Mapping, ")
    assert "Your own sheets are used as they are: Plan 2023 = SRM." in text
    names = [sheet.name for sheet in opened.sheets]
    assert "Plan 2023" in names
    assert "SRM" not in names
    assert opened.sheet("Plan 2023").seen() == before
    assert {"Availability", "Projections", "Checks"} <= set(names)
    opened.excel.alerts.clear()
    macros.run("projections")
    assert only_message(opened.excel).startswith("3 items, cycle Aug-23.")


def test_what_is_ambiguous_is_said_and_no_sheet_is_made_in_its_place(opened: Workbook) -> None:
    opened.sheet("SRM").name = "Plan 2023"
    copy = opened.add("Plan 2023 (2)")
    copy.cells = dict(opened.sheet("Plan 2023").cells)
    macros.run("add_sheets")
    text = only_message(opened.excel)
    assert "Only you can decide the following." in text
    assert "Which sheet holds SRM?" in text
    assert "2  Plan 2023 (2)" in text
    assert "SRM" not in [sheet.name for sheet in opened.sheets]


def test_what_a_plan_needs_and_the_team_lacks_is_a_cell_to_fill_in(opened: Workbook) -> None:
    plan = opened.sheet("SRM")
    plan.name = "Plan 2023"
    head = next(cell for cell in plan.cells.values() if cell.value == "Status")
    head.value = "Zzz"
    opened.excel.answers = ["yes"]
    macros.run("add_sheets")
    text = only_message(opened.excel)
    assert (
        "Plan 2023: Status is needed. Type its header, or a fixed value such as Regular, in the sheet Mapping." in text
    )
    assert text.endswith(f"Go to Mapping!{opened.excel.selected[1].replace('$', '')}?")
    assert opened.excel.selected[0].name == "Mapping"


def test_settings_goes_to_the_sheet(opened: Workbook) -> None:
    macros.run("settings")
    assert opened.excel.selected[0].name == "Settings"
    assert opened.excel.alerts == []


def test_settings_makes_the_sheet_where_it_is_missing(opened: Workbook) -> None:
    opened.sheets.remove(opened.sheet("Settings"))
    macros.run("settings")
    assert opened.excel.selected[0].name == "Settings"
    assert opened.sheets[-1].name == "Settings"
    values = list(opened.sheet("Settings").values().values())
    assert dt.datetime(2023, 8, 1) in values
    make_cycle(LiveBook(opened.excel.xlwings_book(opened)))


# Explain ------------------------------------------------------------------------------------------------------------


def test_the_selected_result_is_explained_with_its_equation(opened: Workbook) -> None:
    srm = opened.sheet("SRM")
    row, column = next(place for place, cell in srm.cells.items() if cell.formula.startswith("=SMILE_CLOSING("))
    opened.active = srm
    opened.excel.selected = (srm, f"${get_column_letter(column)}${row}")
    macros.run("explain")
    text = only_message(opened.excel)
    assert text.startswith("Closing")
    assert "68384144" in text
    assert f"= {srm.cells[row, column].value:.3f}" in text


def test_a_formula_of_the_teams_own_sheet_is_explained(opened: Workbook) -> None:
    notes = opened.add("Notes")
    notes.cells[2, 2] = Cell(0.0, "=SMILE_PROJECTION(D2,E2,F2,G2)")
    notes.cells.update({(2, 4 + place): Cell(float(value)) for place, value in enumerate((10, 2, 3, 4))})
    opened.excel.selected = (notes, "$B$2")
    macros.run("explain")
    assert "SMILE_PROJECTION" in only_message(opened.excel)
    assert "38" in only_message(opened.excel)


def test_a_cell_without_a_figure_says_what_to_select(opened: Workbook) -> None:
    opened.excel.selected = (opened.sheet("Costs"), "$A$1")
    macros.run("explain")
    assert "SRM" in only_message(opened.excel)
    opened.excel.alerts.clear()
    opened.excel.selected = None
    macros.run("explain")
    assert only_message(opened.excel).startswith("No cell is selected.")


# Help ---------------------------------------------------------------------------------------------------------------


def test_help_opens_the_manual_in_the_browser(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    macros.run("help")
    assert opened[0].startswith("file:///")
    assert excel.alerts == []


def test_the_manual_holds_every_page_and_its_links_lead_to_them() -> None:
    text = manual.manual()
    assert manual.pages()[: len(manual.FIRST)] == list(manual.FIRST)
    assert "decisions" in manual.pages()
    places = set(re.findall(r'id="([^"]*)"', text))
    links = re.findall(r'href="([^"]*)"', text)
    assert "#workbook" in links
    assert [link for link in links if not link.startswith("http") and link.removeprefix("#") not in places] == []
    assert all(Path(url2pathname(urlsplit(one).path)).is_file() for one in re.findall(r'src="([^"]*)"', text))


def test_about_says_the_versions(excel: Excel) -> None:
    macros.run("about")
    text = only_message(excel)
    assert xlwings.__version__ in text
    assert "Excel 16" in text
    assert "neither Windows" in text  # what the doctor finds here


def test_about_runs_beside_another_command(opened: Workbook) -> None:
    with quiet(opened.excel.app):
        macros.run("about")
    assert "still at work" not in only_message(opened.excel)
