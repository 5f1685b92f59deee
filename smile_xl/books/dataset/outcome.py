"""What is wanted of a run, and what its tasks have left so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smile_xl.books.dataset.duplicates import find_twice
from smile_xl.books.dataset.faults import Fault, findings_of
from smile_xl.books.dataset.job import ITEM_REPORTS, Job, name_of, sums_of
from smile_xl.books.dataset.partition import Part, finished, hashes_file
from smile_xl.books.dataset.source import Dataset, Piece
from smile_xl.planning.findings import SEVERITIES, Finding
from smile_xl.planning.group_sums import GROUP_REPORTS, Sums
from smile_xl.planning.scenarios import Scenario

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


class Outcome:
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
        return in_order([*self.dataset.findings, *findings_of(lines, self.dataset.settings.language)])


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Worst first, then by file, row group and row."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.sheet, one.order, one.code))
