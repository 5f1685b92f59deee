"""What all tasks of a run have in common: it is sent to each worker."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from smile_xl.books.dataset.reading import Basics
from smile_xl.books.dataset.source import Piece
from smile_xl.planning.group_sums import Sums
from smile_xl.planning.scenarios import Scenario
from smile_xl.planning.settings import Settings
from smile_xl.planning.tables import Month

ITEM_REPORTS = ("srm", "overstock", "simulation")
"""The reports with rows by item and month."""


@dataclass(frozen=True)
class Setting:
    """What the reports by item need to know beside the items."""

    settings: Settings
    months: Sequence[Month]


@dataclass(frozen=True)
class Job:
    """What all tasks of a run have in common."""

    basics: Basics
    setting: Setting
    scenarios: tuple[Scenario, ...]
    written: tuple[str, ...]
    """What is written per item: the plan, reports."""
    wanted: frozenset[tuple[str, str]]
    """Items whose rows are handed back, by country and code as they are joined."""
    folder: str
    """Where the tasks write; every machine that works on the run must see it."""
    key: str
    """Changes with everything that decides the figures but the rows themselves."""


def name_of(job: Job, piece: Piece) -> str:
    """Name of a task's files, without ending."""
    key = hashlib.sha256(f"{job.key} {piece.fingerprint}".encode()).hexdigest()[:16]
    return f"{piece.number:06d}-{key}"


def sums_of(job: Job) -> Sums:
    """No sums yet."""
    return Sums(1 + len(job.scenarios), len(job.setting.months))
