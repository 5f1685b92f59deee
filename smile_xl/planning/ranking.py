"""What a check shows of its findings: ranked by the cash at stake, a limited number of each kind, without the snoozed.

The rest is counted: a line per kind says how many more there are, a line per month how many are snoozed until then.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from smile_xl.planning.findings import SEVERITIES, Batch, Finding, Severity
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.snoozes import Snooze, SnoozeTable
from smile_xl.planning.tables import Month, month_text


@dataclass
class _Count:
    """Findings that are counted instead of listed."""

    findings: int = 0
    cash: float = 0.0

    def add(self, findings: int, cash: float) -> None:
        self.findings += findings
        self.cash += cash


@dataclass(frozen=True)
class Ranking:
    """How findings are shown: the order of the tabs, how many of a kind, in which currency, in which cycle."""

    sheets: list[str]
    shown: int
    currency: str
    cycle: Month | None
    """None where the forecast could not be read: then nothing is snoozed."""
    snoozes: SnoozeTable | None = None
    absent: frozenset[str] | None = frozenset()
    """Kinds whose checks did not run, so that a snooze of them may well cover nothing; None for any."""


@dataclass
class _Kind:
    """The findings of one kind: those that may be listed, and those that are counted in any case."""

    listed: list[Finding] = field(default_factory=list)
    more: _Count = field(default_factory=_Count)


def ranked(findings: Iterable[Finding], batches: Iterable[Batch], ranking: Ranking) -> list[Finding]:
    """The findings to show, each once: errors, then warnings by the cash at stake, then notes.

    Errors and notes, and warnings with the same cash, come in the order of the sheets.
    """
    asleep = _Snoozing(ranking)
    kinds: dict[tuple[Severity, str], _Kind] = defaultdict(_Kind)
    for one in _once(findings):
        if not asleep.takes(one):
            kinds[one.severity, one.code].listed.append(one)
    for batch in batches:
        kind = kinds[batch.severity, batch.code]
        places = np.flatnonzero(~asleep.taken(batch))
        cash = np.nan_to_num(batch.cash[places])
        order = np.lexsort((batch.columns[places], batch.rows[places], -cash))
        top, rest = places[order[: ranking.shown]], order[ranking.shown :]
        kind.listed += [batch.finding(place) for place in top.tolist()]
        kind.more.add(len(rest), float(cash[rest].sum()))
    for one in asleep.notes():
        kinds[one.severity, one.code].listed.append(one)
    return _lines(kinds, ranking)


def warned_items(findings: Iterable[Finding], batches: Iterable[Batch], ranking: Ranking) -> int:
    """How many items have a warning, be it listed or counted; a snoozed one is no matter."""
    asleep = _Snoozing(ranking)
    single = {
        (one.country, one.sap_code)
        for one in findings
        if one.severity == "warning" and one.sap_code and not asleep.takes(one)
    }
    for batch in batches:
        if batch.severity == "warning":
            places = np.flatnonzero(~asleep.taken(batch))
            single.update(zip(batch.countries[places].tolist(), batch.codes[places].tolist(), strict=True))
    return len(single)


def _once(findings: Iterable[Finding]) -> Iterable[Finding]:
    return {(one.severity, one.code, one.sheet, one.cell, repr(one.values)): one for one in findings}.values()


def _lines(kinds: dict[tuple[Severity, str], _Kind], ranking: Ranking) -> list[Finding]:
    position = {sheet: place for place, sheet in enumerate(ranking.sheets)}

    def rank(one: Finding) -> tuple[object, ...]:
        cash = -(one.cash or 0.0) if one.severity == "warning" else 0.0
        return cash, position.get(one.sheet, len(position)), one.sheet, one.order

    lines: dict[Severity, list[Finding]] = {severity: [] for severity in SEVERITIES}
    ends: dict[Severity, list[Finding]] = {severity: [] for severity in SEVERITIES}
    for (severity, code), kind in kinds.items():
        kind.listed.sort(key=rank)
        for one in kind.listed[ranking.shown :]:
            kind.more.add(one.count, one.cash or 0.0)
        lines[severity] += kind.listed[: ranking.shown]
        if kind.more.findings:
            ends[severity].append(_more(severity, code, kind))
    found = [
        one
        for severity in SEVERITIES
        for one in (*sorted(lines[severity], key=rank), *sorted(ends[severity], key=rank))
    ]
    return [replace(one, currency=ranking.currency) if one.cash is not None else one for one in found]


def _more(severity: Severity, code: str, kind: _Kind) -> Finding:
    """The line that counts what is not listed of a kind."""
    first, more = kind.listed[0], kind.more
    values = {"kind": code, "count": more.findings}
    return Finding(severity, "more", first.sheet, values=values, cash=more.cash or None, count=more.findings)


class _Snoozing:
    """Takes away what is snoozed in a cycle, and counts it."""

    def __init__(self, ranking: Ranking) -> None:
        self._table = ranking.snoozes
        self._absent = ranking.absent
        rows = ranking.snoozes.rows if ranking.snoozes else []
        cycle = ranking.cycle
        self._over = [one for one in rows if cycle is not None and one.until < cycle]
        self._by_kind: dict[str, list[Snooze]] = defaultdict(list)
        for one in rows:
            if cycle is not None and one.until >= cycle:
                self._by_kind[one.kind].append(one)
        self._used: set[int] = set()
        self._refused: set[int] = set()
        self._counts: dict[Month, _Count] = defaultdict(_Count)

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is snoozed; an error never is."""
        rows = [one for one in self._by_kind.get(finding.code, ()) if one.covers(finding)]
        if finding.severity == "error":
            self._refused |= {one.row for one in rows}
            return False
        if rows:
            self._used |= {one.row for one in rows}
            self._counts[max(one.until for one in rows)].add(1, finding.cash or 0.0)
        return bool(rows)

    def taken(self, batch: Batch) -> np.ndarray:
        """Which findings of a batch are snoozed."""
        until = np.zeros(len(batch), dtype=np.int64)
        rows = self._by_kind.get(batch.code, ())
        for one, covered in _covered(batch, rows):
            if covered.size:
                self._used.add(one.row)
                until[covered] = np.maximum(until[covered], one.until.toordinal())
        for day in np.unique(until[until > 0]).tolist():
            own = until == day
            cash = float(np.nan_to_num(batch.cash[own]).sum())
            self._counts[dt.date.fromordinal(day)].add(int(own.sum()), cash)
        taken: np.ndarray = until > 0
        return taken

    def notes(self) -> list[Finding]:
        """What is snoozed, by month, and rows of the table without effect."""
        if self._table is None:
            return []
        sheet, found = self._table.grid.sheet, []
        for until, count in sorted(self._counts.items()):
            month = month_text(until)
            values = {"count": count.findings, "until": month}
            stake, asleep = count.cash or None, count.findings
            found.append(Finding("info", "snoozed", sheet, "", values, cash=stake, count=asleep, snoozed_until=month))
        current = [one for rows in self._by_kind.values() for one in rows]
        for code, rows in (
            ("snooze_error", [one for one in current if one.row in self._refused]),
            ("snooze_over", self._over),
            ("snooze_unused", [one for one in current if self._has_no_use(one)]),
        ):
            for one in rows:
                place, cell = self._table.grid.place(one.row, 0)
                values = {"what": one.kind, "until": month_text(one.until)}
                found.append(Finding("info", code, place, cell, values, (one.row, 0)))
        return found

    def _has_no_use(self, one: Snooze) -> bool:
        is_absent = self._absent is None or one.kind in self._absent
        return not is_absent and one.row not in self._used | self._refused


def _covered(batch: Batch, rows: Sequence[Snooze]) -> Iterator[tuple[Snooze, np.ndarray]]:
    """Each row of the table with the places of the findings of a batch that it covers."""
    if not rows:
        return
    countries = np.array([plain(name) for name in batch.countries], dtype=object)
    codes = np.array([join_key(code) for code in batch.codes], dtype=object)
    for one in rows:
        found = np.ones(len(batch), dtype=bool)
        country, code = one.item_key()
        if one.country or one.sap_code:
            found &= countries == country
        if one.sap_code:
            found &= codes == code
        places = np.flatnonzero(found)
        if one.place and not one.sap_code:
            covers = [one.covers(batch.finding(place)) for place in places.tolist()]
            places = places[np.array(covers, dtype=bool)]
        yield one, places
