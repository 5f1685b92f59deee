"""A cycle: the inputs of a book, the plan that follows from them, and what the checks say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from smile_xl.core import Plan, plan_portfolio
from smile_xl.planning.checks import check_plan
from smile_xl.planning.findings import Finding, InputError, worst_first
from smile_xl.planning.grid import Sheets
from smile_xl.planning.inputs import Inputs, read_inputs
from smile_xl.planning.past import NOTHING_KEPT, Kept, Past
from smile_xl.planning.previous import Previous, read_previous
from smile_xl.planning.tables import Notebook


@dataclass(frozen=True)
class Cycle:
    """Inputs, plan and findings of one planning month; no finding is an error."""

    inputs: Inputs
    plan: Plan
    findings: list[Finding]
    previous: Previous | None = None
    """What the last cycle projected, where the book still holds it."""
    past: Past = NOTHING_KEPT
    """Earlier cycles of the book, where they were kept."""

    def earlier(self) -> list[Kept]:
        """The kept cycles before this one, the oldest first."""
        return [kept for kept in self.past.cycles() if kept.month < self.inputs.months[0]]


def make_cycle(book: Sheets) -> Cycle:
    """Read, check and plan a book; raises InputError with every finding when one is an error."""
    cycle, findings = _try(book)
    if cycle is None:
        raise InputError(book.name, findings)
    return cycle


def with_policies(cycle: Cycle, policies: dict[int, str], book: Sheets) -> Cycle:
    """The cycle planned anew with safety methods by item; raises InputError where the new plan shows an error."""
    inputs = replace(cycle.inputs, policies=policies)
    plan = plan_of(inputs)
    notes = Notebook()
    check_plan(inputs, plan, notes)
    before = Notebook()
    check_plan(cycle.inputs, cycle.plan, before)
    kept = [one for one in cycle.findings if one not in before.findings]
    findings = worst_first([*kept, *notes.findings], book.sheet_names())
    if notes.has_errors():
        raise InputError(book.name, findings)
    return replace(cycle, inputs=inputs, plan=plan, findings=findings)


def plan_of(inputs: Inputs) -> Plan:
    """The plan that follows from inputs."""
    settings = inputs.settings
    method = inputs.safety_methods if inputs.policies else settings.safety_method
    return plan_portfolio(inputs.portfolio, method=method, net_transit=settings.net_transit)


def find_all(book: Sheets) -> list[Finding]:
    """Every finding on a book's inputs, worst first."""
    return _try(book)[1]


def _try(book: Sheets) -> tuple[Cycle | None, list[Finding]]:
    notes = Notebook()
    inputs = read_inputs(book, notes)
    plan = None
    if inputs is not None:
        plan = plan_of(inputs)
        check_plan(inputs, plan, notes)
    findings = worst_first(notes.findings, book.sheet_names())
    if inputs is None or plan is None or notes.has_errors():
        return None, findings
    return Cycle(inputs, plan, findings, read_previous(book, inputs.months), book.past), findings
