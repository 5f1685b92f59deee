"""Plan a dataset: the tasks of its row groups, their sums merged, the reports, one result or none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from smile_xl import __version__
from smile_xl.books.dataset.engine import run_tasks
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.job import ITEM_REPORTS, Job, Setting
from smile_xl.books.dataset.opportunities import chosen_items
from smile_xl.books.dataset.outcome import REPORTS, Outcome, Wish, in_order
from smile_xl.books.dataset.reading import Basics
from smile_xl.books.dataset.schema import NEEDED_TEXTS
from smile_xl.books.dataset.source import Dataset
from smile_xl.books.dataset.workplace import at_work, clear
from smile_xl.books.dataset.writing import write
from smile_xl.planning.findings import Finding, InputError
from smile_xl.planning.group_sums import GROUP_REPORTS
from smile_xl.planning.scenarios import Scenario


@dataclass(frozen=True)
class Done:
    """What a run has done."""

    items: int
    pieces: int
    left_out: list[Finding]
    """Why row groups were left out; none where the result is complete."""
    findings: list[Finding]


def plan_dataset(
    dataset: Dataset, output: Path, wish: Wish, when: dt.datetime, progress: Callable[[str], None] = lambda _: None
) -> Done:
    """Plan a dataset into a new folder, whole or not at all; raises InputError, DatasetError."""
    if output.exists():
        raise DatasetError("exists", path=output)
    blocking = [
        one
        for one in dataset.findings
        if one.severity == "error" and not (wish.keep_going and one.code == "dataset_file")
    ]
    if blocking:
        raise InputError(dataset.path.name, in_order(dataset.findings))
    _check_selectors(dataset, wish.scenarios)
    with at_work(output, resume=wish.resume) as work:
        job = job_of(dataset, wish, work)
        progress("tasks")
        outcome = Outcome(dataset, job)
        parts = run_tasks(job, dataset.pieces, engine=wish.engine, workers=wish.workers, scheduler=wish.scheduler)
        for piece, part in zip(dataset.pieces, parts, strict=True):
            outcome.add(piece, part)
            progress("tasks")
        outcome.find_twice()
        findings = outcome.findings()
        if any(one.severity == "error" for one in findings) and not wish.keep_going:
            raise InputError(dataset.path.name, findings)
        progress("merge")
        findings = write(work, outcome, wish, findings, when, output)
    clear(work)
    left_out = [one for one in findings if one.severity == "error"]
    return Done(outcome.items, len(outcome.good), left_out, findings)


def job_of(dataset: Dataset, wish: Wish, work: Path) -> Job:
    """The job that all tasks of a run have in common."""
    written = tuple(name for name in REPORTS if name in wish.reports and name not in (*GROUP_REPORTS, "checks"))
    selected = {attribute for one in wish.scenarios for change in one.changes for attribute, _ in change.where}
    more = set(dataset.schema.texts) if set(written) & set(ITEM_REPORTS) else selected
    basics = Basics(
        schema=dataset.schema,
        countries=dataset.countries,
        statuses=dataset.statuses,
        policies=dataset.policies,
        average=dataset.settings.safety_method == "average",
        texts=tuple(name for name in dataset.schema.texts if name in NEEDED_TEXTS or name in more),
    )
    setting, wanted = Setting(dataset.settings, tuple(dataset.months)), chosen_items(dataset)
    parts = (__version__, basics, setting, wish.scenarios, written, sorted(wanted))
    key = hashlib.sha256(repr(parts).encode()).hexdigest()
    return Job(basics, setting, wish.scenarios, written, wanted, str(work.absolute()), key)


def _check_selectors(dataset: Dataset, scenarios: Sequence[Scenario]) -> None:
    for scenario in scenarios:
        for change in scenario.changes:
            for attribute, _ in change.where:
                if attribute not in dataset.schema.texts:
                    raise DatasetError("no_attribute", attribute=attribute, known=", ".join(dataset.schema.texts))
