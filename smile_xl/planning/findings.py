"""Findings: what a check of the inputs says, where, how bad it is, the cash at stake, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from smile_xl.language import Language, SaidError, say
from smile_xl.planning.grid import Grid

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One finding; ``code`` is its kind, and its text's key in the catalogue (``findings.<code>``)."""

    severity: Severity
    code: str
    sheet: str
    cell: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    order: tuple[int, int] = (-1, -1)
    """Row and column, to sort by."""
    cash: float | None = None
    """Cash at stake; None where nobody can say."""
    currency: str = ""
    """That of the cash."""
    count: int = 1
    """Findings that it stands for."""
    snoozed_until: str = ""
    """Month up to which those that it stands for are snoozed."""

    @property
    def country(self) -> str:
        """Country of the item that it is about, if it is about one."""
        return str(self.values.get("country", ""))

    @property
    def sap_code(self) -> str:
        """SAP code of the item that it is about, if it is about one."""
        return str(self.values.get("sap_code", ""))

    @property
    def kind(self) -> str:
        """Its code; of a line that counts others, theirs."""
        return str(self.values.get("kind", self.code))

    @property
    def place(self) -> str:
        """Where it was found: SRM!AJ8, or SRM."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    def text(self, language: Language) -> str:
        """What was found."""
        return say(f"findings.{self.code}", language, **self._said(language))

    def action(self, language: Language) -> str:
        """What to do about it."""
        return say(f"findings.{self.code}.do", language, **self._said(language))

    def line(self, language: Language) -> str:
        """One line for a screen: severity, place, what, the cash at stake, what to do."""
        severity = say(f"findings.severity.{self.severity}", language)
        stake = ""
        if self.cash is not None and round(self.cash):
            amount = money(self.cash, language)
            stake = say("findings.at_stake", language, amount=amount, currency=self.currency).rstrip()
        return f"{severity}: {self.place}: {self.text(language)}{stake}. {self.action(language)}"

    def _said(self, language: Language) -> dict[str, str]:
        return said_values(self.values, language)


@dataclass(frozen=True, eq=False)
class Batch:
    """Findings of one kind on many rows, which are put into words only where they are shown."""

    severity: Severity
    code: str
    grid: Grid
    rows: np.ndarray
    """Row of the sheet of each."""
    columns: np.ndarray
    """Column of each, negative for the row."""
    countries: np.ndarray
    codes: np.ndarray
    """Country and SAP code of each, as text."""
    cash: np.ndarray
    """Cash at stake of each, NaN where nobody can say."""
    values: Callable[[int], dict[str, object]]
    """What the text of one needs beside its country and SAP code, by its place in the batch."""

    def __len__(self) -> int:
        return len(self.rows)

    def finding(self, place: int) -> Finding:
        """One of them in words."""
        row, column = int(self.rows[place]), int(self.columns[place])
        sheet, cell = self.grid.place(row, column)
        values = {"country": self.countries[place], "sap_code": self.codes[place], **self.values(place)}
        cash = float(self.cash[place])
        return Finding(self.severity, self.code, sheet, cell, values, (row, column), None if np.isnan(cash) else cash)


class InputError(Exception):
    """Inputs of a book that can't be planned with; ``findings`` says why, worst first."""

    def __init__(self, book: str, findings: list[Finding]) -> None:
        super().__init__(f"{book}: {len(findings)} findings")
        self.book = book
        self.findings = findings


def count_of(findings: Iterable[Finding]) -> dict[str, int]:
    """How many errors, warnings and notes there are, those that a line only counts included, the snoozed ones not."""
    count: Counter[str] = Counter()
    for finding in findings:
        count[finding.severity] += 1 if finding.snoozed_until else finding.count
    return {"errors": count["error"], "warnings": count["warning"], "notes": count["info"]}


def errors_of(findings: Sequence[Finding]) -> list[Finding]:
    """The errors among findings."""
    return [finding for finding in findings if finding.severity == "error"]


def money(number: float, language: Language) -> str:
    """An amount as a reader expects it: 1,234,567 or, in French, with narrow spaces."""
    text = f"{number:,.0f}"
    return text.replace(",", "\u202f") if language == "fr" else text


def tonnes(number: float) -> float:
    """A quantity as a finding shows it: to the kilogram."""
    return round(float(number), 3)


@dataclass(frozen=True)
class Label:
    """A text of the catalogue inside a finding, said in the reader's language."""

    key: str
    values: tuple[tuple[str, object], ...] = ()
    """What its names are filled with."""


def label(key: str, **values: object) -> Label:
    """A text of the catalogue whose names are filled with values."""
    return Label(key, tuple(values.items()))


def said_values(values: Mapping[str, object], language: Language) -> dict[str, str]:
    """What the names of a text are filled with, as a reader of the language expects it."""
    return {name: _shown(value, language) for name, value in values.items()}


def _shown(value: object, language: Language) -> str:
    if isinstance(value, Label):
        return say(value.key, language, **{name: _shown(one, language) for name, one in value.values})
    if isinstance(value, SaidError | Finding):
        return value.text(language).rstrip(".")
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one, language) for one in value)
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", "," if language == "fr" else ".")
    return " ".join(str(value).splitlines())  # one finding is one line
