"""Plan a dataset: the tasks of its row groups, their sums merged, the reports, one result or none."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smile_xl import __version__
from smile_xl.books.archive.tables import settings_as_text
from smile_xl.books.dataset.chosen import choose, chosen_items
from smile_xl.books.dataset.duplicates import find_twice
from smile_xl.books.dataset.engine import run_tasks
from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.faults import Fault, findings_of
from smile_xl.books.dataset.partition import Job, Part, finished, hashes_file, name_of, sums_of
from smile_xl.books.dataset.reading import Basics
from smile_xl.books.dataset.result import Result
from smile_xl.books.dataset.rows import ITEM_REPORTS, Setting
from smile_xl.books.dataset.schema import NEEDED_TEXTS
from smile_xl.books.dataset.source import Dataset, Piece
from smile_xl.books.dataset.what_if import BASE
from smile_xl.books.dataset.workplace import at_work, clear
from smile_xl.planning import group_sums, tidy
from smile_xl.planning.findings import SEVERITIES, Finding, InputError
from smile_xl.planning.group_sums import GROUP_REPORTS, Figures, Sums
from smile_xl.planning.rule_tables import read_targets
from smile_xl.planning.scenarios import Scenario
from smile_xl.planning.tables import Notebook, month_text

REPORTS = ("plan", *GROUP_REPORTS, *ITEM_REPORTS, "checks")
"""What can be written."""

USUAL = ("plan", *GROUP_REPORTS, "checks")
"""What is written unless something is asked for: twelve rows per item are many."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of a run."""

    reports: tuple[str, ...] = USUAL
    scenarios: tuple[Scenario, ...] = ()
    engine: str = "local"
    workers: int | None = None
    scheduler: str | None = None
    resume: bool = False
    keep_going: bool = False


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
        raise InputError(dataset.path.name, _sorted(dataset.findings))
    _check_selectors(dataset, wish.scenarios)
    with at_work(output, resume=wish.resume) as work:
        job = job_of(dataset, wish, work)
        progress("tasks")
        outcome = _Outcome(dataset, job)
        for piece, part in zip(dataset.pieces, _parts(job, dataset.pieces, wish), strict=True):
            outcome.add(piece, part)
            progress("tasks")
        outcome.find_twice()
        findings = outcome.findings()
        if any(one.severity == "error" for one in findings) and not wish.keep_going:
            raise InputError(dataset.path.name, findings)
        progress("merge")
        _write(work, outcome, wish, findings, when, output)
    clear(work)
    left_out = [one for one in findings if one.severity == "error"]
    return Done(outcome.items, len(outcome.good), left_out, findings)


def _parts(job: Job, pieces: Sequence[Piece], wish: Wish) -> Any:
    return run_tasks(job, pieces, engine=wish.engine, workers=wish.workers, scheduler=wish.scheduler)


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


class _Outcome:
    """What the tasks have left so far."""

    def __init__(self, dataset: Dataset, job: Job) -> None:
        self.dataset, self.job = dataset, job
        self.sums: Sums = sums_of(job)
        self.good: list[tuple[Piece, Part]] = []
        self.bad: list[tuple[Piece, list[Fault]]] = []

    @property
    def items(self) -> int:
        """Items planned."""
        return sum(piece.rows for piece, _ in self.good)

    def add(self, piece: Piece, part: Part) -> None:
        """Merge the next part."""
        if part.bad:
            self.bad.append((piece, part.faults))
        else:
            self.sums.add(part.keys, part.sums)
            # the sums are merged: of many parts, not all are kept in memory
            self.good.append((piece, Part(part.number, [], part.sums[:0], part.faults, part.files, part.wanted)))

    def find_twice(self) -> None:
        """Items that stand twice make the row group bad in which they stand again."""
        pieces = [piece for piece, _ in self.good]
        files = [hashes_file(self._path(piece)) for piece in pieces]
        twice: dict[int, list[Fault]] = {}
        for piece, fault in find_twice(pieces, files, self.dataset.countries):
            twice.setdefault(piece.number, []).append(fault)
        if not twice:
            return
        kept, self.good, self.sums = self.good, [], sums_of(self.job)
        for piece, _ in kept:
            if piece.number in twice:
                self.bad.append((piece, twice[piece.number]))
            elif part := finished(self._path(piece), piece):
                self.add(piece, part)

    def _path(self, piece: Piece) -> Path:
        return Path(self.job.folder, name_of(self.job, piece))

    def findings(self) -> list[Finding]:
        """Everything that was found, worst first."""
        faults = [(piece, part.faults) for piece, part in self.good]
        lines = [(piece.file.name, piece.group, fault) for piece, own in [*faults, *self.bad] for fault in own]
        return _sorted([*self.dataset.findings, *findings_of(lines, self.dataset.settings.language)])


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    """Worst first, then by file, row group and row."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.sheet, one.order, one.code))


def _write(work: Path, outcome: _Outcome, wish: Wish, findings: list[Finding], when: dt.datetime, output: Path) -> None:
    dataset, job = outcome.dataset, outcome.job
    if not outcome.good:
        raise InputError(dataset.path.name, findings or [Finding("error", "no_rows", dataset.path.name)])
    chosen = choose(dataset, [part.wanted for _, part in outcome.good if part.wanted])
    figures = outcome.sums.figures()
    notes = Notebook()
    targets = read_targets(dataset.tables, notes, [(country, brand) for country, _, brand in figures.keys])
    if notes.has_errors():
        raise InputError(dataset.path.name, _sorted([*findings, *notes.findings]))
    rows = group_sums.report_rows(
        figures,
        [month_text(month) for month in dataset.months],
        targets=targets,
        used=[chosen.used(scenario) for scenario in (None, *wish.scenarios)],
        currency=dataset.settings.currency,
    )
    result = Result(work)
    for name, table in rows.items():
        if name in wish.reports:
            each = len(table) // figures.cases
            result.add_table(name, table.iloc[:each])
            if wish.scenarios:
                names = [BASE, *(scenario.name for scenario in wish.scenarios)]
                table.insert(0, "scenario", np.repeat(names, each))
                result.add_table(f"scenarios/{name}", table)
    kept = [one for one in notes.findings if one.code != "table_missing"]
    if "checks" in wish.reports:
        result.add_table("checks", tidy.check_rows(_sorted([*findings, *kept]), dataset.settings.language))
    result.add_rows(job, outcome.good)
    result.publish(_manifest(outcome, figures, wish, findings, when), output)


def _manifest(
    outcome: _Outcome, base: Figures, wish: Wish, findings: list[Finding], when: dt.datetime
) -> dict[str, Any]:
    """What a result says about itself; nothing in it depends on the engine."""
    dataset = outcome.dataset
    spoken = dataset.settings.language
    inputs = [
        {"file": file.name, "bytes": file.size, "footer": file.footer, "row_groups": list(file.rows)}
        for file in dataset.files
    ]
    broken = [one for one in findings if one.severity == "error"]
    return {
        "complete": not broken,
        "left_out": [{"file": one.sheet, "place": one.cell, "finding": one.text(spoken)} for one in broken],
        "items_left_out": sum(piece.rows for piece, _ in outcome.bad),
        "dataset": dataset.path.name,
        "made": when.isoformat(timespec="seconds"),
        "product": __version__,
        "months": [month_text(month) for month in dataset.months],
        "settings": settings_as_text(dataset.settings),
        "fingerprint": _fingerprint(dataset, outcome.job, inputs),
        "reports": [name for name in REPORTS if name in wish.reports],
        "scenarios": [asdict(scenario) for scenario in wish.scenarios],
        "counts": {
            "items": outcome.items,
            "row_groups": len(outcome.good),
            "countries": len({country for country, _, _ in base.keys}),
        },
        "totals": {
            "opening_t": float(base["opening"][0, :, 0].sum()),
            "demand_t": float(base["demand"][0].sum()),
            "value": base["value"][0].sum(axis=0).tolist(),
        },
        "inputs": inputs,
    }


def _fingerprint(dataset: Dataset, job: Job, inputs: list[dict[str, Any]]) -> str:
    """Twelve letters that change with the files, the small tables, the settings and what was asked for."""
    tables = [(sheet, [list(row) for row in dataset.tables.read(sheet).rows]) for sheet in dataset.tables.sheet_names()]
    return hashlib.sha256(repr((json.dumps(inputs), job.key, tables)).encode()).hexdigest()[:12]
