"""Rows of a dataset as the arrays that the core plans, batch by batch, checked on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smile_xl.books.archive.columns import WEEKS, month_names
from smile_xl.books.dataset.columns import Numbers, batches, rows_of
from smile_xl.books.dataset.faults import Faults
from smile_xl.books.dataset.keys import Codes, groups_of, labels_of, merged, named_rows, spread
from smile_xl.books.dataset.schema import Schema
from smile_xl.books.dataset.source import Piece, open_file
from smile_xl.core import HORIZON, TRANSIT_WEEKS, WEEKS_PER_MONTH, Portfolio
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH, SMALLEST_MULTIPLE
from smile_xl.planning.findings import Severity
from smile_xl.planning.group_sums import Key, Members
from smile_xl.planning.names import NO_NAME, plain
from smile_xl.planning.rules import Countries, CountryRule, Statuses, StatusRule
from smile_xl.planning.scenarios import Case, Labels

GROUPED = ("country", "sub_category", "brand")

Rule = TypeVar("Rule", CountryRule, StatusRule)


@dataclass(frozen=True)
class Basics:
    """What rows are read with: the same for all row groups."""

    schema: Schema
    countries: Countries
    statuses: Statuses
    policies: dict[tuple[str, str], str]
    average: bool
    """True where items without a policy of their own take the average one."""
    texts: tuple[str, ...]
    """Columns of text to read: those that are needed, and those that a scenario or report asks for."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a row group, in the order of their groups."""

    case: Case
    members: Members
    keys: list[Key]
    labels: dict[str, Labels]
    codes: pa.Array
    """SAP codes, in the order of the file."""
    hashes: NDArray[np.uint64]
    """A number for each item's country and code as they are joined."""
    order: NDArray[np.intp] | None
    """Row of the file at each position of the batch; None where they are in order."""

    def in_file_order(self, values: np.ndarray) -> np.ndarray:
        """Values of the batch, one row per item, as the rows stand in the file."""
        return values if self._back is None else values.take(self._back, axis=0)

    @cached_property
    def _back(self) -> NDArray[np.intp] | None:
        if self.order is None:
            return None
        back = np.empty_like(self.order)
        back[self.order] = np.arange(len(self.order))
        return back


@dataclass
class Reader:
    """Reads row groups."""

    basics: Basics
    faults: Faults = field(default_factory=Faults)

    def batches(self, piece: Piece) -> Iterator[Batch | None]:
        """The batches of a row group, each valid until the next; None for one with errors, noted in ``faults``."""
        names = self.basics.texts
        file = open_file(piece.file, [name for name in names if name != "sap_code"])
        numbers = Numbers(file, piece.group, self.basics.schema, self.faults)
        first = 0
        for texts in batches(file, piece.group, names):
            yield self._batch(texts, numbers, first)
            first += len(texts)
        if first != piece.rows:
            raise OSError(f"{first} rows where {piece.rows} were announced")

    def _batch(self, texts: pa.RecordBatch, numbers: Numbers, first: int) -> Batch | None:
        basics, faults = self.basics, self.faults
        labels = {name: labels_of(texts.column(name)) for name in basics.texts if name != "sap_code"}
        country, rules = self._ruled(labels["country"], "country", basics.countries, _NOWHERE, first)
        status, kinds = self._ruled(labels["status"], "status", basics.statuses, _NO_STATUS, first)
        labels |= {"country": country, "status": status}
        for name in ("sub_category", "brand"):
            labels[name] = self._named(labels[name], name, first)
        codes = Codes(texts.column("sap_code"))
        faults.add("error", "blank", "sap_code", codes.blank() + first)
        keys, members, order = groups_of([labels[name] for name in GROUPED])
        block = numbers.block(len(texts), first, order)
        if faults.errors:
            return None
        hashes = codes.hashes(country)
        average = self._average(country, texts.column("sap_code"))
        if order is not None:
            labels = {name: Labels(one.names, one.places.take(order)) for name, one in labels.items()}
            average = average.take(order)
        case = self._case(block, numbers.places, labels, rules, kinds, average)
        self._odd(case, first, order)
        if faults.errors:
            return None
        return Batch(case, members, keys, labels, texts.column("sap_code"), hashes, order)

    def _ruled(
        self, labels: Labels, column: str, table: Mapping[str, Rule], placeholder: Rule, first: int
    ) -> tuple[Labels, list[Rule]]:
        """Names as the table of rules spells them, and their rules; a name without rule is an error."""
        names, rules = [], {}
        for place, name in enumerate(labels.names):
            rule = table.get(plain(name))
            if rule is None:
                code = f"{column}_unknown" if name else "blank"
                self.faults.add("error", code, column, np.flatnonzero(labels.places == place) + first, name)
            names.append(rule.name if rule else name)
            rules[names[-1]] = rule or placeholder
        return merged(names, labels.places), list(rules.values())  # spelt in two ways, it is one name

    def _named(self, labels: Labels, column: str, first: int) -> Labels:
        if "" not in labels.names:
            return labels
        place = labels.names.index("")
        self.faults.add("warning", "no_name", column, np.flatnonzero(labels.places == place) + first)
        return merged([name or NO_NAME for name in labels.names], labels.places)

    def _case(
        self,
        block: Array,
        places: dict[str, int],
        labels: dict[str, Labels],
        rules: Sequence[CountryRule],
        kinds: Sequence[StatusRule],
        average: NDArray[np.bool_],
    ) -> Case:
        items = block.shape[1]

        def column(name: str) -> Array:
            return block[places[name]] if name in places else np.broadcast_to(0.0, items)

        def months(names: Sequence[str]) -> Array:
            given = [places[name] for name in names if name in places]
            if len(given) == len(names) and given == list(range(given[0], given[0] + len(given))):
                return block[given[0] : given[0] + len(given)].T
            rows = np.full((len(names), items), np.nan)
            for row, name in enumerate(names):
                if name in places:
                    rows[row] = block[places[name]]
            return rows.T

        by_country, by_status = labels["country"].places, labels["status"].places
        portfolio = Portfolio(
            opening=column("opening_t"),
            transit=months(WEEKS),
            demand=months(month_names("demand", self.basics.schema.months)),
            confirmed=months(month_names("confirmed", HORIZON)),
            weeks_cover=column("weeks_cover"),
            landing=spread([rule.landing for rule in rules], by_country, np.int8),
            frozen=spread([rule.frozen for rule in rules], by_country, np.float64),
            pipeline_months=spread([rule.pipeline for rule in rules], by_country, np.float64),
            proposes=spread([kind.proposes for kind in kinds], by_status, np.bool_),
            holds_safety=spread([kind.holds_safety for kind in kinds], by_status, np.bool_),
            moq=column("moq_t"),
            multiple=column("multiple_t"),
        )
        costs = (column("unit_cost_eur_per_t"), column("landed_cost_eur_per_t"))
        return Case(portfolio, *costs, average)

    def _average(self, country: Labels, codes: pa.Array) -> NDArray[np.bool_]:
        """The policy of each row: its own, or that of the settings."""
        policies = self.basics.policies
        average = np.full(len(codes), self.basics.average)
        for row, key in named_rows(codes, country, policies).items():
            average[row] = policies[key] == "average"
        return average

    def _odd(self, case: Case, first: int, order: NDArray[np.intp] | None) -> None:
        """Note what can be planned with, but should be looked at; an order multiple below a gram is an error."""

        def note(severity: Severity, code: str, column: str, where: NDArray[np.bool_]) -> None:
            if where.any():
                self.faults.add(severity, code, column, rows_of(where, first, order))

        portfolio = case.portfolio
        tiny = (portfolio.multiple > 0) & (portfolio.multiple < SMALLEST_MULTIPLE)
        note("error", "multiple", "multiple_t", tiny)
        note("warning", "landed_below_unit", "landed_cost_eur_per_t", case.landed_cost < case.unit_cost)
        note("warning", "opening_negative", "opening_t", portfolio.opening < 0)
        for month in range(FIRST_ORDER_MONTH, min(int(portfolio.frozen.max(initial=0)), HORIZON)):
            blank = np.isnan(portfolio.confirmed[:, month]) & (portfolio.frozen > month) & portfolio.proposes
            note("warning", "frozen_blank", f"confirmed_{month:02d}", blank)
        silent = portfolio.demand[:, 0] == 0
        if silent.any():
            silent &= portfolio.demand.T.max(axis=0) == 0
            has_stock = np.maximum(portfolio.opening, 0.0) + portfolio.transit.sum(axis=1) > 0
            note("warning", "no_demand", "demand", silent & has_stock & portfolio.proposes)
        given = (portfolio.demand.shape[1] - HORIZON) * WEEKS_PER_MONTH
        beyond = (portfolio.weeks_cover > given) & portfolio.holds_safety & ~case.average
        note("info", "on_mean", "demand", beyond)


_NOWHERE = CountryRule("", 0, (0,) * TRANSIT_WEEKS, 0)
_NO_STATUS = StatusRule("", proposes=False, holds_safety=False)
"""Stand for what is noted as an error."""
