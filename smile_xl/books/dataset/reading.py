"""Rows of a dataset as the arrays that the core plans, batch by batch, checked on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smile_xl.books.archive.tables import WEEKS, month_names
from smile_xl.books.dataset.faults import Faults
from smile_xl.books.dataset.keys import blank_codes, groups_of, item_hashes, labels_of, named_rows
from smile_xl.books.dataset.schema import Schema
from smile_xl.books.dataset.source import Piece, open_file
from smile_xl.core import HORIZON, TRANSIT_WEEKS, WEEKS_PER_MONTH, Portfolio
from smile_xl.core.checks import Array
from smile_xl.core.units import FIRST_ORDER_MONTH, SMALLEST_MULTIPLE
from smile_xl.planning.group_sums import Key, Members
from smile_xl.planning.names import NO_NAME, plain
from smile_xl.planning.rules import Countries, CountryRule, Statuses, StatusRule
from smile_xl.planning.scenarios import Case, Labels
from smile_xl.planning.tables import LARGEST

BATCH = 32_768
"""Rows in memory at a time and thread; a constant, since the sums of a row group follow its batches."""

GROUPED = ("country", "sub_category", "brand")

_LARGEST_BITS = np.float64(LARGEST).view(np.uint64)
_SCALARS = ("opening_t", "weeks_cover", "moq_t", "multiple_t", "unit_cost_eur_per_t", "landed_cost_eur_per_t")
Rule = TypeVar("Rule", CountryRule, StatusRule)

_NEVER_BLANK = ("weeks_cover", "unit_cost_eur_per_t", "landed_cost_eur_per_t")


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
    back: NDArray[np.intp] | None
    """Position of each row of the file in the batch; None where they are in order."""

    def in_file_order(self, values: np.ndarray) -> np.ndarray:
        """Values of the batch, one row per item, as the rows stand in the file."""
        return values if self.back is None else values[self.back]


@dataclass
class Reader:
    """Reads row groups."""

    basics: Basics
    faults: Faults = field(default_factory=Faults)

    def batches(self, piece: Piece) -> Iterator[Batch | None]:
        """The batches of a row group; None for one with errors, which are noted in ``faults``."""
        basics = self.basics
        dictionaries = [name for name in basics.texts if name != "sap_code"]
        file = open_file(piece.file, dictionaries)
        columns = [*basics.texts, *(name for name in _numbers(basics.schema) if basics.schema.has(name))]
        first = 0
        for rows in file.iter_batches(BATCH, row_groups=[piece.group], columns=columns, use_threads=False):
            yield self._batch(rows, first)
            first += len(rows)
        if first != piece.rows:
            raise OSError(f"{first} rows where {piece.rows} were announced")

    def _batch(self, rows: pa.RecordBatch, first: int) -> Batch | None:
        basics, faults = self.basics, self.faults
        labels = {name: labels_of(rows.column(name)) for name in basics.texts if name != "sap_code"}
        country, rules = self._ruled(labels["country"], "country", basics.countries, _NOWHERE, first)
        status, kinds = self._ruled(labels["status"], "status", basics.statuses, _NO_STATUS, first)
        labels |= {"country": country, "status": status}
        for name in ("sub_category", "brand"):
            labels[name] = self._named(labels[name], name, first)
        codes = rows.column("sap_code")
        faults.add("error", "blank", "sap_code", blank_codes(codes) + first)
        keys, group, order = groups_of([labels[name] for name in GROUPED])
        block, places = self._numbers(rows, first, order)
        if faults.errors:
            return None
        hashes = item_hashes(codes, country)
        average = self._average(country, codes)
        if order is not None:
            labels = {name: Labels(one.names, one.places[order]) for name, one in labels.items()}
            average = average[order]
        case = self._case(block, places, labels, rules, kinds, average)
        starts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
        self._odd(case, first, order)
        if faults.errors:
            return None
        back = None
        if order is not None:
            back = np.empty_like(order)
            back[order] = np.arange(len(order))
        return Batch(case, Members(group, starts), keys, labels, codes, hashes, back)

    def _ruled(
        self, labels: Labels, column: str, table: Mapping[str, Rule], placeholder: Rule, first: int
    ) -> tuple[Labels, list[Rule]]:
        """Names as the table of rules spells them, and their rules; a name without rule is an error."""
        names, rules = [], []
        for place, name in enumerate(labels.names):
            rule = table.get(plain(name))
            if rule is None:
                code = f"{column}_unknown" if name else "blank"
                self.faults.add("error", code, column, np.flatnonzero(labels.places == place) + first, name)
            names.append(rule.name if rule else name)
            rules.append(rule or placeholder)
        return Labels(names, labels.places), rules

    def _named(self, labels: Labels, column: str, first: int) -> Labels:
        if "" not in labels.names:
            return labels
        place = labels.names.index("")
        self.faults.add("warning", "no_name", column, np.flatnonzero(labels.places == place) + first)
        return Labels([name or NO_NAME for name in labels.names], labels.places)

    def _numbers(
        self, rows: pa.RecordBatch, first: int, order: NDArray[np.intp] | None
    ) -> tuple[Array, dict[str, int]]:
        """The numbers of some rows, a column of the file in each row of the block, and which is where."""
        schema = self.basics.schema
        names = [name for name in _numbers(schema) if schema.has(name)]
        block = np.empty((len(names), len(rows)))
        given = []
        for place, name in enumerate(names):
            column = rows.column(name)
            if column.null_count == len(column) and name.startswith("confirmed"):
                block[place].fill(np.nan)  # most months: nothing to rearrange or check
                continue
            given.append(place)
            values = _floats(column)
            if order is None:
                block[place] = values
            else:
                values.take(order, out=block[place], mode="clip")
        for place in given:
            if not _in_range(block[place], blanks=names[place].startswith("confirmed")):
                self._mend(names[place], block[place], first, order)
        return block, {name: place for place, name in enumerate(names)}

    def _mend(self, name: str, values: Array, first: int, order: NDArray[np.intp] | None) -> None:
        """Look at a column that is not all numbers in range: blanks become 0, or stay NaN for confirmed orders."""

        def rows(where: np.ndarray) -> np.ndarray:
            found = np.flatnonzero(where)
            return first + (found if order is None else order[found])

        blank = np.isnan(values)
        add = self.faults.add
        if name in _NEVER_BLANK:
            add("error", "blank", name, rows(blank))
        elif not name.startswith(("confirmed", "moq", "multiple")):
            block = "demand" if name.startswith("demand") else "stock"
            add("info", "blanks", block, rows(blank))
        with np.errstate(invalid="ignore"):
            large = np.abs(values) > LARGEST
            negative = (values < 0) & ~large & (name != "opening_t")
        for code, where in (("too_large", large), ("negative", negative)):
            found = np.flatnonzero(where)
            if len(found):
                add("error", code, name, rows(where), float(values[found[0]]))
        if not name.startswith("confirmed"):
            np.copyto(values, 0.0, where=blank)

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
            return block[places[name]] if name in places else np.zeros(items)

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
        landing = np.array([rule.landing for rule in rules], dtype=np.int8).reshape(-1, TRANSIT_WEEKS)
        frozen = np.array([rule.frozen for rule in rules], dtype=np.float64)
        pipeline = np.array([rule.pipeline for rule in rules], dtype=np.float64)
        proposes = np.array([kind.proposes for kind in kinds], dtype=np.bool_)
        holds = np.array([kind.holds_safety for kind in kinds], dtype=np.bool_)
        portfolio = Portfolio(
            opening=column("opening_t"),
            transit=months(WEEKS),
            demand=months(month_names("demand", self.basics.schema.months)),
            confirmed=months(month_names("confirmed", HORIZON)),
            weeks_cover=column("weeks_cover"),
            landing=landing[by_country],
            frozen=frozen[by_country],
            pipeline_months=pipeline[by_country],
            proposes=proposes[by_status],
            holds_safety=holds[by_status],
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

        def rows(where: np.ndarray) -> np.ndarray:
            found = np.flatnonzero(where)
            return first + (found if order is None else order[found])

        portfolio, add = case.portfolio, self.faults.add
        tiny = (portfolio.multiple > 0) & (portfolio.multiple < SMALLEST_MULTIPLE)
        add("error", "multiple", "multiple_t", rows(tiny))
        add("warning", "landed_below_unit", "landed_cost_eur_per_t", rows(case.landed_cost < case.unit_cost))
        add("warning", "opening_negative", "opening_t", rows(portfolio.opening < 0))
        for month in range(FIRST_ORDER_MONTH, min(int(portfolio.frozen.max(initial=0)), HORIZON)):
            blank = np.isnan(portfolio.confirmed[:, month]) & (portfolio.frozen > month) & portfolio.proposes
            add("warning", "frozen_blank", f"confirmed_{month:02d}", rows(blank))
        silent = portfolio.demand.T.max(axis=0) == 0
        if silent.any():
            has_stock = np.maximum(portfolio.opening, 0.0) + portfolio.transit.sum(axis=1) > 0
            add("warning", "no_demand", "demand", rows(silent & has_stock & portfolio.proposes))
        weeks = np.where(portfolio.holds_safety & ~case.average, portfolio.weeks_cover, 0.0)
        given = (portfolio.demand.shape[1] - HORIZON) * WEEKS_PER_MONTH
        add("info", "on_mean", "demand", rows(weeks > given))


_NOWHERE = CountryRule("", 0, (0,) * TRANSIT_WEEKS, 0)
_NO_STATUS = StatusRule("", proposes=False, holds_safety=False)
"""Stand for what is noted as an error."""


def _numbers(schema: Schema) -> tuple[str, ...]:
    """Columns of numbers that a plan needs, in the order of a block."""
    return (*_SCALARS, *WEEKS, *month_names("demand", schema.months), *month_names("confirmed", HORIZON))


def _in_range(values: Array, *, blanks: bool) -> bool:
    """Whether all are zero or more, and not too large; with ``blanks``, NaN is as well."""
    if blanks:
        return not len(values) or bool(np.fmin.reduce(values) >= 0 and np.fmax.reduce(values) <= LARGEST)
    # read as whole numbers, the bits of positive doubles have their order, with NaN above and negative ones above that
    return bool(values.view(np.uint64).max(initial=0) <= _LARGEST_BITS)


def _floats(column: pa.Array) -> Array:
    if column.type != pa.float64():
        column = column.cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
