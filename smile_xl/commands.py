"""Use cases on a book: what the command line and, in Excel, the ribbon run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from smile_xl.arguments import NotNumberError, UnknownNameError
from smile_xl.book import Book, BookError
from smile_xl.core import DomainError, ShapeError
from smile_xl.explaining.selected import formula_explanation
from smile_xl.formulas.book_cells import BookCells
from smile_xl.formulas.cells import CellFormula, FormulaBook, FormulaFinder, own_formulas
from smile_xl.formulas.evaluate import NotEvaluatedError
from smile_xl.language import Language, names, say
from smile_xl.planning import service, simulation, tidy
from smile_xl.planning.accuracy import Accuracy, forecast_accuracy
from smile_xl.planning.bridge import Bridge
from smile_xl.planning.bridge import bridge as make_bridge
from smile_xl.planning.cycle import Cycle, find_all, make_cycle, with_inputs, with_policies
from smile_xl.planning.findings import Finding
from smile_xl.planning.grid import Grid, Sheets, address
from smile_xl.planning.imports import rules
from smile_xl.planning.imports.allocate import Import, allocate
from smile_xl.planning.imports.dates import Order
from smile_xl.planning.imports.listing import ListError, RawList
from smile_xl.planning.imports.numbers import Sign
from smile_xl.planning.imports.recognise import Recognised, recognise
from smile_xl.planning.item_equations import MONTHS
from smile_xl.planning.layout.asking import Answers
from smile_xl.planning.layout.mapping import Layout, mapping_sheet, own_name, read_layout
from smile_xl.planning.layout.proposal import Proposal, propose
from smile_xl.planning.layout.readable import is_readable
from smile_xl.planning.months import month_name
from smile_xl.planning.past import Past
from smile_xl.planning.scenarios import Change, ScenarioError, picks_none
from smile_xl.planning.selection import find_item, find_month
from smile_xl.planning.sheets import language_of, own_sheets, table_sheets
from smile_xl.planning.simulation import Outcome
from smile_xl.planning.steering import stock
from smile_xl.planning.steering.accepted import chosen_places, with_lines
from smile_xl.planning.steering.comparison import Comparison, compare
from smile_xl.planning.steering.curve import curve_of
from smile_xl.planning.steering.matching import Matching
from smile_xl.planning.steering.matching import match as make_match
from smile_xl.planning.steering.month import weeks_of
from smile_xl.planning.steering.policies import selector_text
from smile_xl.planning.steering.promotion import Promotion, blocks_of, promotion_of
from smile_xl.planning.steering.whatif import ScenarioLine, find_scenario, scenarios_of, without
from smile_xl.planning.tables import Notebook
from smile_xl.planning.written import find_result, import_blocks, import_cells, result_blocks
from smile_xl.reports import REFRESHED, STEERING, sheet_key
from smile_xl.reports.bridge import bridge as bridge_page
from smile_xl.reports.explained import explained
from smile_xl.reports.mapping import mapping_page
from smile_xl.reports.master import master_pages, opportunities_page, policies_page
from smile_xl.reports.missing import missing_pages, missing_settings
from smile_xl.reports.native import native_pages
from smile_xl.reports.page import Page
from smile_xl.reports.pages import PAGES
from smile_xl.reports.quarantine import quarantine
from smile_xl.reports.simulation import simulation as simulation_page
from smile_xl.reports.stamp import Stamp
from smile_xl.reports.steering.matching import matching_page
from smile_xl.reports.steering.meetings import PAGES_OF
from smile_xl.reports.steering.scenarios import scenarios_page

Progress = Callable[[str], None]
"""Told the name of each step when it starts: read, then each report."""


@dataclass(frozen=True)
class Crossing:
    """A cycle and the bridge that leads to it."""

    cycle: Cycle
    bridge: Bridge


@dataclass(frozen=True)
class Matched:
    """A cycle, the lines that were proposed for it, and the places of those that were accepted into it."""

    cycle: Cycle
    found: Matching
    accepted: list[int]


def refreshed(book: Sheets) -> tuple[str, ...]:
    """What a refresh of a book writes: the usual reports, and the pages of the steering loop that the book has."""
    return (*REFRESHED, *(name for name in STEERING if _is_ours(book, name)))


def _is_ours(book: Sheets, name: str) -> bool:
    """True where a book has the sheet of a page of the steering loop, and not one of that name for something else."""
    sheets = own_sheets(book, sheet_key(name))
    return bool(sheets) and _is_page(book.read(sheets[0]), name)


def _is_page(grid: Grid, name: str) -> bool:
    """True for an empty sheet, or one with the title of a page."""
    return not any(map(any, grid.rows)) or grid.rows[0][0] in names(f"reports.{sheet_key(name)}.title")


def refresh(
    book: Book, when: dt.datetime, reports: Sequence[str] | None = None, progress: Progress = lambda _: None
) -> Cycle:
    """Read, check and plan a book, and write reports into it; raises InputError before anything is written.

    Without ``reports``, those that ``refreshed`` names.
    """
    progress("read")
    cycle = make_cycle(book)
    _write_reports(book, cycle, Stamp(when), refreshed(book) if reports is None else reports, progress)
    return cycle


def simulate(
    book: Book,
    when: dt.datetime,
    old: str = simulation.OLD,
    new: str = simulation.NEW,
    *,
    runs: int = service.RUNS,
    seed: int = service.SEED,
    accept: bool = False,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Compare two safety-stock policies and write the page of the simulation.

    ``accept`` also writes the policy that the decision gives to each item, and the plan and reports that follow from
    it. Raises InputError before anything is written.
    """
    progress("read")
    cycle = make_cycle(book)
    progress("simulate")
    outcome = simulation.simulate(cycle, old, new, runs=runs, seed=seed)
    page = simulation_page(outcome, Stamp(when))
    if accept:
        accepted = with_policies(cycle, dict(enumerate(outcome.chosen)), book)
        accepted = replace(accepted, curve=lambda: curve_of(page.cells()))  # Budget shows the curve of this simulation
        _write(book, "safety_policies", policies_page(accepted.inputs))
        _write_reports(book, accepted, Stamp(when), refreshed(book), progress)
    _write(book, "simulation", page)
    return outcome


def compare_scenarios(book: Sheets, names: Sequence[str] = ()) -> tuple[Cycle, Comparison]:
    """The base and some scenarios of a book, all without names; raises InputError, ScenarioError."""
    cycle = make_cycle(book)
    lines = cycle.inputs.steering.scenarios
    chosen = [find_scenario(lines, name) for name in names] or scenarios_of(lines)
    return cycle, compare(cycle, chosen)


def add_scenario(book: Book, name: str, change: Change) -> Cycle:
    """Add a change to a scenario of a book, making the scenario and the sheet where they are missing.

    Raises InputError, ScenarioError before anything is written.
    """
    cycle = make_cycle(book)
    if picks_none(cycle.inputs.items, change.where):
        raise ScenarioError("no_item", where=selector_text(change.where, cycle.inputs.settings.language))
    lines = (*cycle.inputs.steering.scenarios, ScenarioLine(name, change))
    return _write_scenarios(book, cycle, lines)


def drop_scenario(book: Book, name: str) -> Cycle:
    """Take a scenario out of a book; raises InputError, ScenarioError."""
    cycle = make_cycle(book)
    lines = cycle.inputs.steering.scenarios
    find_scenario(lines, name)
    return _write_scenarios(book, cycle, without(lines, name))


def promote_scenario(book: Book, name: str, when: dt.datetime, progress: Progress = lambda _: None) -> Cycle:
    """Make a scenario the plan of a book: its changes go into the inputs, it leaves the table, the reports follow.

    Raises InputError, ScenarioError before anything is written.
    """
    progress("read")
    cycle = make_cycle(book)
    lines = cycle.inputs.steering.scenarios
    promotion = promotion_of(cycle.inputs, find_scenario(lines, name), book)
    _refuse_formulas(book, promotion)
    promoted = with_inputs(cycle, promotion.inputs, book)
    for sheet, cells in promotion.cells.items():
        for row, column, values in blocks_of(cells):
            book.renew_values(sheet, row, column, values)
    if promotion.policies:
        _write(book, "safety_policies", policies_page(promoted.inputs))
    promoted = _write_scenarios(book, promoted, without(lines, name))
    _write_reports(book, promoted, Stamp(when), refreshed(book), progress)
    return promoted


def _refuse_formulas(book: Book, promotion: Promotion) -> None:
    """Refuse to put a number where a formula would soon put another."""
    if isinstance(book, FormulaFinder):
        for sheet, cells in promotion.cells.items():
            place = book.formula_among(sheet, list(cells))
            if place is not None:
                raise ScenarioError("formula", sheet=sheet, cell=address(*place))
    if not isinstance(book, FormulaBook):
        return
    for sheet, cells in promotion.cells.items():
        for top, left, bottom, right in (formula.span for formula in book.formulas(sheet)):
            corner = {(top, left)} if (top, left) == (bottom, right) else cells
            for row, column in corner:
                if (row, column) in cells and top <= row <= bottom and left <= column <= right:
                    raise ScenarioError("formula", sheet=sheet, cell=address(row, column))


def _write_scenarios(book: Book, cycle: Cycle, lines: tuple[ScenarioLine, ...]) -> Cycle:
    """Write the table of scenarios, and give the cycle that has it."""
    inputs = replace(cycle.inputs, steering=replace(cycle.inputs.steering, scenarios=lines))
    _write(book, "scenarios", scenarios_page(inputs))
    return replace(cycle, inputs=inputs)


def match(
    book: Book,
    when: dt.datetime,
    accept: str | None = None,
    reports: Sequence[str] | None = None,
    progress: Progress = lambda _: None,
) -> Matched:
    """Propose which surplus covers which shortage, as the page Matching.

    ``accept`` says which lines become rows of Opportunities: marked, all, or numbers such as 1,3; then the reports
    follow, without ``reports`` all that ``refreshed`` names. Raises InputError or AcceptanceError before anything is
    written.
    """
    progress("read")
    cycle = make_cycle(book)
    found = make_match(cycle)
    if accept is None:
        progress("matching")
        _write(book, "matching", matching_page(cycle, found, Stamp(when)))
        return Matched(cycle, found, [])
    accepted = with_lines(cycle, found, chosen_places(cycle, found, accept), book)
    table = cycle.inputs.opportunity_table
    if table:
        _refuse_adopted(book, "opportunities", read_layout(book, Notebook()))
        book.add_rows(table.grid.sheet, accepted.row, accepted.rows)
    else:
        _write(book, "opportunities", opportunities_page(accepted.cycle.inputs))
    _write_reports(book, accepted.cycle, Stamp(when), refreshed(book) if reports is None else reports, progress)
    return Matched(accepted.cycle, found, accepted.places)


def read_import(
    book: Sheets,
    files: Sequence[Sequence[RawList]],
    *,
    map_name: str | None = None,
    decimal: Sign | None = None,
    order: Order | None = None,
) -> tuple[Cycle, Import]:
    """What the lists of some files would put into a book; raises ListError or InputError."""
    cycle = make_cycle(book)
    more = rules.read_map(book, map_name) if map_name else {}
    found: list[Recognised] = []
    for lists in files:
        own: list[Recognised] = []
        unknown: ListError | None = None
        for raw in lists:
            try:
                own.append(_recognised(raw, decimal, order, more, alone=len(files) == 1))
            except ListError as error:
                if error.code != "no_header":
                    raise
                unknown = error  # a sheet of notes beside the list
        if unknown and not own:
            raise unknown
        found += own
    return cycle, allocate(found, cycle.inputs, rules.read_rules(book))


def _recognised(
    raw: RawList, decimal: Sign | None, order: Order | None, more: Mapping[str, str], *, alone: bool
) -> Recognised:
    """A list understood. Of several, the sign that is told serves those that leave it open: each has its own."""
    try:
        return recognise(raw, decimal=decimal if alone else None, order=order, more=more)
    except ListError as error:
        if alone or error.code != "decimal_open":
            raise
    return recognise(raw, decimal=decimal, order=order, more=more)


def write_import(book: Book, cycle: Cycle, found: Import, when: dt.datetime) -> None:
    """Fill the input columns of SRM with an import, and write what it could not use as the page Quarantine."""
    for block in import_blocks(book, cycle, import_cells(cycle, found)):
        book.renew_values(*block)
    _write(book, "quarantine", quarantine(found, cycle.inputs.settings, when))


def bridge(
    book: Book,
    old: Sheets,
    when: dt.datetime,
    rate: float | None = None,
    *,
    write: bool = False,
    past: Past | None = None,
) -> Crossing:
    """The bridge from an old cycle to that of a book, and its page where it is to be written.

    The page has the forecast error of the archived cycles as well: of ``past``, where that is not the book's own
    archive. Raises InputError or BridgeError before anything is written.
    """
    cycle = make_cycle(book)
    found = make_bridge(make_cycle(old).inputs, cycle.inputs, rate)
    if write:
        _write(book, "bridge", bridge_page(cycle, found, Stamp(when), forecast_accuracy(cycle, past)))
    return Crossing(cycle, found)


def accuracy(book: Sheets, past: Past | None = None) -> Accuracy:
    """Forecast error and bias of the archived cycles of a book, or of another archive; raises InputError."""
    return forecast_accuracy(make_cycle(book), past)


@dataclass(frozen=True)
class Papers:
    """The pages of a meeting."""

    cycle: Cycle
    title: str
    subtitle: str
    pages: list[Page]


def pack(book: Sheets, meeting: str, when: dt.datetime) -> Papers:
    """The papers of a meeting, calculated from the inputs of a book as they are now; raises InputError."""
    cycle = make_cycle(book)
    spoken, start = cycle.inputs.settings.language, cycle.inputs.months[0]
    values = {"cycle": month_name(start, spoken), "week": weeks_of(start)[meeting], "book": book.name}
    return Papers(
        cycle=cycle,
        title=say(f"headers.meeting.{meeting}", spoken),
        subtitle=say("governance.pack.subtitle", spoken, **values),
        pages=[PAGES[name](cycle, Stamp(when)) for name in ("meetings", *PAGES_OF[meeting])],
    )


def _write_reports(book: Book, cycle: Cycle, stamp: Stamp, reports: Sequence[str], progress: Progress) -> None:
    """Write the results and the reports that are asked for, in the order of the tabs."""
    for name in (*REFRESHED, *STEERING):
        if name not in reports:
            continue
        progress(name)
        sheets = own_sheets(book, sheet_key(name)) if name in STEERING else []
        if sheets and not _is_page(book.read(sheets[0]), name):
            raise BookError("sheet_taken", file=book.name, sheet=sheets[0])
        if name == "srm":
            renew_results(book, cycle)
        else:
            _write(book, name, PAGES[name](cycle, stamp))


def _write(book: Book, name: str, page: Page) -> None:
    """Write a page under the name that its sheet has in the book, if it has one in either language.

    A sheet of the team's own that has its name stays: the page then gets another.
    """
    layout = read_layout(book, Notebook())
    key = sheet_key(name)
    _refuse_adopted(book, key, layout)
    sheets = own_sheets(book, key, layout)
    if layout:
        page = page.linked({sheet: own_name(sheet) for sheet in book.sheet_names() if layout.holds(sheet)})
        if not sheets and layout.holds(page.sheet):
            sheets = [own_name(page.sheet)]
    book.write_page(page.named(sheets[0]) if sheets else page)


def _refuse_adopted(book: Book, key: str, layout: Layout | None) -> None:
    """Refuse to write a table that stands in a sheet of the team's own."""
    if layout and layout.of(key):
        table = say(f"headers.sheet.{key}", language_of(book.sheet_names()))
        raise BookError("adopted_table", file=book.name, table=table, sheet=layout.of(key)[0].sheet)


def renew_results(book: Book, cycle: Cycle) -> None:
    """Put fresh values into the result blocks that the book has; formulas stay."""
    for block in result_blocks(cycle):
        book.renew_values(*block)


def native(book: Sheets, when: dt.datetime) -> tuple[Cycle, list[Page]]:
    """The native twin of a book: its inputs, and the results as plain formulas beside ours; raises InputError."""
    cycle = make_cycle(book)
    return cycle, native_pages(cycle, Stamp(when))


def check(book: Sheets) -> list[Finding]:
    """Every finding on a book's inputs, worst first."""
    return find_all(book)


def report(book: Sheets, name: str, levels: Sequence[str] | None = None) -> pd.DataFrame:
    """One report's tidy rows; those of the stock may be summed by ``levels``."""
    cycle = make_cycle(book)
    return tidy.REPORTS[name](cycle) if levels is None else stock.rows_by(cycle, levels)


def master_file(tables: Sheets, when: dt.datetime) -> list[Page]:
    """The summary and the input sheets of a Master File from input tables; raises InputError."""
    cycle = make_cycle(tables)
    return [PAGES["summary"](cycle, Stamp(when)), *master_pages(cycle)]


def add_input_sheets(book: Book, example: Sheets, leave: Sequence[str] = ()) -> list[str]:
    """Write the input sheets that a book lacks, from an example and what its other sheets hold, and name them."""
    return _written(book, missing_pages(book, make_cycle(example), leave))


def add_settings(book: Book) -> list[str]:
    """Write the Settings sheet if a book lacks it, and name it."""
    return _written(book, missing_settings(book))


def _written(book: Book, pages: Sequence[Page]) -> list[str]:
    for page in pages:
        book.write_page(page)
    return [page.sheet for page in pages]


def explain(book: Sheets, report: str, country: str, item: str, month: str, spoken: Language) -> str:
    """How an item's figure in a month comes about; raises InputError, NotFoundError."""
    cycle = make_cycle(book)
    place = find_item(cycle, book.name, country, item)
    return explained(book, cycle, report, place, find_month(cycle, month, MONTHS[report]), spoken)


def explain_cell(
    book: Sheets,
    sheet: str,
    row: int,
    column: int,
    formula: CellFormula | None = None,
    *,
    spoken: Language | None = None,
) -> str:
    """How the figure in a cell comes about: of a result block of SRM, or of any SMILE_ formula.

    Parameters
    ----------
    book : Sheets
        A workbook; if it is a ``FormulaBook`` as well, the cell's formula is looked up in it.
    sheet, row, column : str, int, int
        The cell, rows and columns counted from 0.
    formula : CellFormula, optional
        The cell's formula, where the book can't tell it; of an array formula the whole range.

    Returns
    -------
    str
        The text to show, in the book's language; for a cell without such a figure, what to select instead.
    """
    planned = table_sheets(book, "srm")
    if sheet.casefold() in (name.casefold() for name in planned):
        cycle = make_cycle(book)
        found = find_result(cycle, sheet, row, column)
        if found:
            return explained(book, cycle, *found, cycle.inputs.settings.language)
    spoken = language_of(book.sheet_names())
    text = _explain_formula(book, sheet, row, column, formula, spoken)
    if text is not None:
        return text
    names = {"srm": planned[0] if planned else say("headers.sheet.srm", spoken), "sheet": sheet}
    return say("explain.refused.cell", spoken, cell=address(row, column), **names)


def _explain_formula(
    book: Sheets, sheet: str, row: int, column: int, formula: CellFormula | None, spoken: Language
) -> str | None:
    """The text for a cell with a SMILE_ formula; None for another cell."""
    if formula is None and isinstance(book, FormulaBook):
        formula = next((one for one in book.formulas(sheet) if one.span.holds(row, column)), None)
    if formula is None or "SMILE_" not in formula.text.upper():
        return None
    try:
        return formula_explanation(BookCells(book), sheet, formula, row, column, spoken)
    except NotEvaluatedError as error:
        why = error.text(spoken)
    except (DomainError, ShapeError, NotNumberError, UnknownNameError) as error:
        why = str(error)
    return say("explain.refused.formula", spoken, place=f"{sheet}!{address(row, column)}", why=why)


def propose_layout(book: Sheets, answers: Answers | None = None) -> Proposal:
    """Which of a team's own sheets holds which table, under which headers, and what is to be asked."""

    def readable(key: str) -> bool:
        sheets = own_sheets(book, key)
        return bool(sheets) and is_readable(book.read(sheets[0]), key)

    reports = [sheet_key(name) for name in (*REFRESHED[1:], *STEERING, "simulation", "bridge")]
    return propose(book, readable, own_formulas(book), reports, answers)


def write_layout(book: Book, proposal: Proposal, spoken: Language) -> Page:
    """Write the sheet Mapping that a proposal gives, under the name that it has in the book."""
    page = mapping_page(proposal, spoken)
    page = page.named(mapping_sheet(book.sheet_names()) or page.sheet)
    book.write_page(page)
    return page
