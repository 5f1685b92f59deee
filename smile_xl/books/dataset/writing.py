"""The end of a run: its reports, what the manifest says, the folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from smile_xl import __version__
from smile_xl.books.dataset.arrow import table_of, texts_of
from smile_xl.books.dataset.job import Job
from smile_xl.books.dataset.opportunities import choices
from smile_xl.books.dataset.outcome import REPORTS, Outcome, Wish, in_order
from smile_xl.books.dataset.result import Result
from smile_xl.books.dataset.source import Dataset
from smile_xl.books.dataset.what_if import BASE
from smile_xl.language import say
from smile_xl.planning import group_reports
from smile_xl.planning.findings import Finding, InputError
from smile_xl.planning.group_sums import Figures
from smile_xl.planning.rule_tables import read_targets
from smile_xl.planning.scenarios import Labels
from smile_xl.planning.settings import settings_as_text
from smile_xl.planning.tables import Notebook, month_text

if TYPE_CHECKING:
    import pandas as pd


def write(
    work: Path, outcome: Outcome, wish: Wish, findings: list[Finding], when: dt.datetime, output: Path
) -> list[Finding]:
    """Write the reports and the manifest, and give the folder its name; the findings, with those of the opportunities.

    Raises InputError, DatasetError.
    """
    dataset, job = outcome.dataset, outcome.job
    if not outcome.good:
        raise InputError(dataset.path.name, findings or [Finding("error", "no_rows", dataset.path.name)])
    used, unused = _used(outcome, wish)
    if unused:
        sheet = say("headers.sheet.opportunities", "en")
        lost = Finding("error", "opportunities_left_out", sheet, values={"count": unused})
        findings = in_order([*findings, lost])
    figures = outcome.sums.figures()
    notes = Notebook()
    targets = read_targets(dataset.tables, notes, [(country, brand) for country, _, brand in figures.keys])
    if notes.has_errors():
        raise InputError(dataset.path.name, in_order([*findings, *notes.findings]))
    rows = group_reports.report_rows(
        figures,
        [month_text(month) for month in dataset.months],
        targets=targets,
        used=used,
        currency=dataset.settings.currency,
    )
    result = Result(work)
    names = [BASE, *(scenario.name for scenario in wish.scenarios)]
    for name, columns in rows.items():
        if name in wish.reports:
            table = table_of(columns)
            each = len(table) // figures.cases
            result.add_table(name, table.slice(0, each))
            if wish.scenarios:
                cases = texts_of(Labels(names, np.repeat(np.arange(len(names)), each)))
                result.add_table(f"scenarios/{name}", table.add_column(0, "scenario", cases))
    kept = [one for one in notes.findings if one.code != "table_missing"]
    if "checks" in wish.reports:
        from smile_xl.planning import tidy  # noqa: PLC0415 - it loads all reports of a book

        checks = tidy.check_rows(in_order([*findings, *kept]), dataset.settings.language)
        result.add_table("checks", pa.Table.from_pandas(checks, preserve_index=False))
    result.add_rows(job, outcome.good)
    result.publish(_manifest(outcome, figures, wish, findings, when), output)
    return findings


def _used(outcome: Outcome, wish: Wish) -> tuple[list[pd.DataFrame | None], int]:
    """A reconciliation of the items of the chosen opportunities in the base and each scenario; None without any.

    And how many opportunities are not used, since an item of theirs is left out.
    """
    cases = (None, *wish.scenarios)
    if not choices(outcome.dataset):
        return [None for _ in cases], 0
    from smile_xl.books.dataset.chosen import reconciled  # noqa: PLC0415 - it loads all reports of a book

    rows = [part.wanted for _, part in outcome.good if part.wanted]
    return reconciled(outcome.dataset, rows, cases, partly=bool(outcome.bad))


def _manifest(
    outcome: Outcome, base: Figures, wish: Wish, findings: list[Finding], when: dt.datetime
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
