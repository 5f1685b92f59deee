"""What is wrong or odd in the rows of a row group, counted by kind and column, with the first places of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from smile_xl.language import Language, say
from smile_xl.planning.findings import Finding, Severity

SHOWN = 5
"""Rows that a finding names."""


@dataclass
class Fault:
    """One kind of finding in one column of a row group."""

    severity: Severity
    code: str
    column: str
    count: int = 0
    rows: list[int] = field(default_factory=list)
    """The first rows, counted from 1 within the row group."""
    value: str = ""
    """What stands in the first of them."""


@dataclass
class Faults:
    """The faults of a row group."""

    found: dict[tuple[str, str, str], Fault] = field(default_factory=dict)

    def add(self, severity: Severity, code: str, column: str, rows: np.ndarray, value: object = "") -> None:
        """Add rows, counted from 0 and in any order, to a fault; none is no fault."""
        if not len(rows):
            return
        fault = self.found.setdefault(
            (code, column, str(value) if code in _BY_VALUE else ""), Fault(severity, code, column)
        )
        if not fault.count:
            fault.value = f"{value:.10g}" if isinstance(value, float) else str(value)
        fault.count += len(rows)
        free = SHOWN - len(fault.rows)
        if free:
            first = np.partition(rows, free - 1)[:free] if len(rows) > free else rows
            fault.rows = [*fault.rows, *(np.sort(first) + 1).tolist()]

    @property
    def errors(self) -> bool:
        """Whether one of them is an error."""
        return any(fault.severity == "error" for fault in self.found.values())


_BY_VALUE = ("country_unknown", "status_unknown")
"""Faults that are told apart by what stands in the cell."""


def findings_of(faults: Iterable[tuple[str, int, Fault]], spoken: Language) -> list[Finding]:
    """Findings from faults with their file and row group: each error by itself, others of a kind in one."""
    findings = []
    others: dict[tuple[str, str], list[tuple[str, int, Fault]]] = {}
    for file, group, fault in faults:
        if fault.severity == "error":
            findings.append(_finding(file, group, fault, fault.count, spoken))
        else:
            others.setdefault((fault.code, fault.column), []).append((file, group, fault))
    for lines in others.values():
        file, group, first = lines[0]
        findings.append(_finding(file, group, first, sum(fault.count for _, _, fault in lines), spoken))
    return findings


def _finding(file: str, group: int, fault: Fault, count: int, spoken: Language) -> Finding:
    rows = ", ".join(str(row) for row in fault.rows)
    more = say("dataset.more", spoken, count=count - len(fault.rows)) if count > len(fault.rows) else ""
    cell = say("dataset.place", spoken, group=group + 1, rows=rows + more)
    values = {"column": fault.column, "value": fault.value, "count": count}
    return Finding(fault.severity, f"rows.{fault.code}", file, cell, values, (group, fault.rows[0]), count=count)
