"""Findings: what a check of the inputs says, where, how bad it is, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from smile_xl.language import Language, say

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One finding; ``code`` is its text's key in the catalogue (``findings.<code>``)."""

    severity: Severity
    code: str
    sheet: str
    cell: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    order: tuple[int, int] = (-1, -1)
    """Row and column, to sort by."""

    def text(self, language: Language) -> str:
        """What was found."""
        values = {name: _shown(value, language) for name, value in self.values.items()}
        return say(f"findings.{self.code}", language, **values)

    def action(self, language: Language) -> str:
        """What to do about it."""
        values = {name: _shown(value, language) for name, value in self.values.items()}
        return say(f"findings.{self.code}.do", language, **values)

    def line(self, language: Language) -> str:
        """One line for a screen: severity, place, what, what to do."""
        place = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        severity = say(f"findings.severity.{self.severity}", language)
        return f"{severity}: {place}: {self.text(language)}. {self.action(language)}"


class InputError(Exception):
    """Inputs of a book that can't be planned with; ``findings`` says why, worst first."""

    def __init__(self, book: str, findings: list[Finding]) -> None:
        super().__init__(f"{book}: {len(findings)} findings")
        self.book = book
        self.findings = findings


def worst_first(findings: Iterable[Finding], sheets: list[str]) -> list[Finding]:
    """Each once, sorted by severity, then sheet in the order of the tabs, then row and column."""
    position = {sheet: place for place, sheet in enumerate(sheets)}
    return sorted(
        {(one.severity, one.code, one.sheet, one.cell, repr(one.values)): one for one in findings}.values(),
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            position.get(finding.sheet, len(position)),
            finding.sheet,
            finding.order,
        ),
    )


def count_of(findings: Iterable[Finding]) -> dict[str, int]:
    """How many errors, warnings and notes there are."""
    count = Counter(finding.severity for finding in findings)
    return {"errors": count["error"], "warnings": count["warning"], "notes": count["info"]}


@dataclass(frozen=True)
class Label:
    """A text of the catalogue inside a finding, said in the reader's language."""

    key: str


def _shown(value: object, language: Language) -> str:
    if isinstance(value, Label):
        return say(value.key, language)
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one, language) for one in value)
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", "," if language == "fr" else ".")
    return " ".join(str(value).splitlines())  # one finding is one line
