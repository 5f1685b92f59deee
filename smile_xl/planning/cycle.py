"""A cycle: the inputs of a book, the plan that follows from them, and what the checks say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from smile_xl.core import Plan, plan_portfolio
from smile_xl.language import SaidError
from smile_xl.planning.checks import check_plan
from smile_xl.planning.findings import Finding, InputError, errors_of
from smile_xl.planning.grid import Sheets
from smile_xl.planning.inputs import Inputs, Read, read_inputs
from smile_xl.planning.last_cycle import LastCycle, Records, Said, said
from smile_xl.planning.past import NOTHING_KEPT, UNREADABLE, Kept, Past
from smile_xl.planning.previous import Previous, read_previous
from smile_xl.planning.ranking import Ranking, ranked, warned_items
from smile_xl.planning.since_last import KINDS, check_since
from smile_xl.planning.steering.curve import Point, read_curve
from smile_xl.planning.tables import Month, Notebook, month_text

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Cycle:
    """Inputs, plan and findings of one planning month; no finding is an error."""

    inputs: Inputs
    plan: Plan
    findings: list[Finding]
    """Those to show; some of them only count others."""
    previous: Previous | None = None
    """What the last cycle projected, where the book still holds it."""
    past: Past = NOTHING_KEPT
    """Earlier cycles of the book, where they were kept."""
    noted: Notebook = field(default_factory=Notebook, repr=False)
    """What was noted while the tables were read, before the plan was made."""
    last: LastCycle | None = field(default=None, repr=False)
    """What the last cycle said, where it was kept."""

    curve: Callable[[], tuple[Point, ...]] = tuple
    """Service against stock, as the simulation in the book found it; looked up when it is asked for."""
    warned: int = 0
    """Items with a warning that is not snoozed."""

    def earlier(self) -> list[Kept]:
        """The kept cycles before this one, the oldest first."""
        return _earlier(self.past, self.inputs.months[0])


def once(find: Callable[[Cycle], Found]) -> Callable[[Cycle], Found]:
    """``find``, calculated once for each cycle: several reports show what it finds, and none may change that."""
    known: WeakKeyDictionary[Cycle, Found] = WeakKeyDictionary()

    @wraps(find)
    def shared(cycle: Cycle) -> Found:
        if cycle not in known:
            known[cycle] = find(cycle)
        return known[cycle]

    return shared


@once
def _kept_inputs(cycle: Cycle) -> dict[Month, Inputs]:  # noqa: ARG001 - of each cycle its own
    return {}


def kept_inputs(cycle: Cycle, month: Month) -> Inputs:
    """The inputs of a kept cycle, read once for all reports: a large book takes a second or more.

    Raises KeyError where none of this month was kept, InputError or ArchiveError where it can't be read.
    """
    known = _kept_inputs(cycle)
    if month not in known:
        known[month] = inputs_of(cycle.past.book(month))
    return known[month]


def make_cycle(book: Sheets) -> Cycle:
    """Read, check and plan a book; raises InputError with every finding when one is an error."""
    cycle, findings = _try(book)
    if cycle is None:
        raise InputError(book.name, findings)
    return cycle


def with_policies(cycle: Cycle, policies: dict[int, str], book: Sheets) -> Cycle:
    """The cycle planned anew with safety methods by item; raises InputError where the new plan shows an error."""
    return with_inputs(cycle, replace(cycle.inputs, policies=policies), book)


def with_inputs(cycle: Cycle, inputs: Inputs, book: Sheets) -> Cycle:
    """The cycle planned anew with other inputs of its items; raises InputError where the new plan shows an error."""
    plan = plan_of(inputs)
    notes = cycle.noted.copy()
    _check(inputs, plan, cycle.last, notes)
    read = Read(inputs.settings, inputs.snoozes, inputs, inputs.months[0])
    findings = _ranked(book, read, notes, cycle.last)
    if notes.has_errors():
        raise InputError(book.name, findings)
    warned = warned_items(notes.findings, notes.batches, _ranking(book, read, cycle.last))
    return replace(cycle, inputs=inputs, plan=plan, findings=findings, warned=warned)


def plan_of(inputs: Inputs) -> Plan:
    """The plan that follows from inputs."""
    settings = inputs.settings
    method = inputs.safety_methods if inputs.policies else settings.safety_method
    return plan_portfolio(inputs.portfolio, method=method, net_transit=settings.net_transit)


def inputs_of(book: Sheets) -> Inputs:
    """The inputs of a book; raises InputError with the errors in its tables."""
    notes = Notebook()
    inputs = read_inputs(book, notes).inputs
    if inputs is None:
        raise InputError(book.name, errors_of(notes.findings))
    return inputs


def find_all(book: Sheets) -> list[Finding]:
    """The findings on a book's inputs, worst first, as a check shows them."""
    return _try(book)[1]


def _try(book: Sheets) -> tuple[Cycle | None, list[Finding]]:
    notes = Notebook()
    read = read_inputs(book, notes)
    inputs = read.inputs
    if inputs is None:
        return None, _ranked(book, read, notes, None)
    past = book.past
    last = _last_cycle(past, inputs, notes)
    noted, plan = notes.copy(), plan_of(inputs)
    _check(inputs, plan, last, notes)
    findings = _ranked(book, read, notes, last)
    if notes.has_errors():
        return None, findings
    previous, curve = read_previous(book, inputs.months), partial(read_curve, book)
    warned = warned_items(notes.findings, notes.batches, _ranking(book, read, last))
    return Cycle(inputs, plan, findings, previous, past, noted, last, curve, warned), findings


def _check(inputs: Inputs, plan: Plan, last: LastCycle | None, notes: Notebook) -> None:
    check_plan(inputs, plan, notes)
    if last is not None:
        check_since(inputs, plan, last, notes)


def _ranked(book: Sheets, read: Read, notes: Notebook, last: LastCycle | None) -> list[Finding]:
    return ranked(notes.findings, notes.batches, _ranking(book, read, last))


def _ranking(book: Sheets, read: Read, last: LastCycle | None) -> Ranking:
    return Ranking(
        sheets=book.sheet_names(),
        shown=read.settings.findings_shown,
        currency=read.settings.currency,
        cycle=read.start,
        snoozes=read.snoozes,
        absent=None if read.inputs is None else frozenset(() if last else KINDS),
    )


def _earlier(past: Past, start: Month) -> list[Kept]:
    return [kept for kept in past.cycles() if kept.month < start]


def _last_cycle(past: Past, inputs: Inputs, notes: Notebook) -> LastCycle | None:
    """The latest kept cycle before this one; that it can't be read is noted."""
    grid = inputs.srm.table.grid
    if past is UNREADABLE:
        notes.note("info", "past_unreadable", grid)
        return None
    earlier = _earlier(past, inputs.months[0])
    if not earlier:
        return None
    month, user = earlier[-1].month, earlier[-1].user
    try:
        return LastCycle(past.said(month) if isinstance(past, Records) else _planned(past.book(month)), user)
    except (SaidError, InputError) as error:
        reason = error.findings[0] if isinstance(error, InputError) else error
        notes.note("info", "past_damaged", grid, cycle=month_text(month), reason=reason)
        return None


def _planned(book: Sheets) -> Said:
    inputs = inputs_of(book)
    return said(inputs, plan_of(inputs))
