"""One sheet proposed as one table: the header of each field, its unit, the rows to leave out, what is to be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from smile_xl.core import HORIZON
from smile_xl.planning.grid import column_name
from smile_xl.planning.layout.asking import FIXED, Answers, Choice, Question
from smile_xl.planning.layout.examine import Candidate, Option
from smile_xl.planning.layout.fields import BLOCKS, FAMILIES, KINDS, RANKS, family_of, own_unit
from smile_xl.planning.layout.heads import Head
from smile_xl.planning.layout.mapping import SUMS, Part, Spot
from smile_xl.planning.layout.months import ANY, read_as, readings_of
from smile_xl.planning.layout.places import locate
from smile_xl.planning.layout.rows import Rows, rows_of
from smile_xl.planning.layout.units import Unit, price_of_title, speaking_of, unit_in, unit_of_title, units_listed
from smile_xl.planning.names import as_text, join_key, plain
from smile_xl.planning.srm import RESULT_BLOCKS
from smile_xl.planning.tables import Month, column_values

Said = tuple[str, Mapping[str, object]]
"""An entry of the catalogue with its values."""


@dataclass
class Draft:
    """One part as proposed, with the evidence and what stays unmapped."""

    part: Part
    kept: bool = False
    """The sheet Mapping has it already, all of it."""
    row: int = -1
    rows: Rows = field(default_factory=Rows)
    evidence: dict[str, list[Said]] = field(default_factory=dict)
    """By field, and for ``left_out``."""
    assumed: list[str] = field(default_factory=list)
    """Fields of quantities and money that no unit was stated for."""
    unmapped: list[str] = field(default_factory=list)
    """Headers that are not used."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Headers whose unit can't be converted, with the unit."""
    results: list[str] = field(default_factory=list)
    """Blocks named as results that hold no formulas of ours."""
    months: list[Month] = field(default_factory=list)
    """Months of the forecast."""
    twice: list[str] = field(default_factory=list)
    """Items that stand more than once."""
    questions: list[Question] = field(default_factory=list)
    needs: list[Question] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """True where it says more than the sheet Mapping does."""
        return not self.kept


def draft(
    candidate: Candidate,
    answers: Answers,
    has_formulas: Callable[[str, int, int], bool],
    *,
    part: Part | None = None,
    country: tuple[str, str] | None = None,
) -> Draft:
    """A sheet proposed as a table; ``part`` is what the sheet Mapping says of it already, and stays."""
    return _Drafter(candidate, answers, has_formulas, part, country).draft()


class _Drafter:
    def __init__(
        self,
        candidate: Candidate,
        answers: Answers,
        has_formulas: Callable[[str, int, int], bool],
        part: Part | None,
        country: tuple[str, str] | None,
    ) -> None:
        self._candidate = candidate
        self._answers = answers
        self._has_formulas = has_formulas
        self._before = part
        self._country = country
        self._spots: dict[str, Spot] = {}
        self._used: dict[str, Sequence[Head]] = {}
        self._title_unit = unit_of_title(candidate.titles())
        self._units = units_listed(candidate)
        self._unit_column = "".join(self._units) if len(self._units) == 1 else ""
        if self._unit_column not in FAMILIES["quantity"]:
            self._unit_column = ""
        sheet, table = candidate.grid.sheet, candidate.table
        self._draft = Draft(Part(sheet, table, candidate.depth, (), self._spots), row=candidate.row)

    def draft(self) -> Draft:
        candidate, done = self._candidate, self._draft
        if self._before:
            self._keep(self._before)
        for name in KINDS[candidate.table].fields:
            if name not in self._spots:
                self._field(name)
        self._find_rows()
        used = {head.column for heads in self._used.values() for head in heads}
        done.unmapped = list(dict.fromkeys(head.text for head in candidate.heads if head.column not in used))
        if self._before:
            done.kept = self._before.said() == done.part.said() and not done.questions
        return done

    def _keep(self, part: Part) -> None:
        """Take over what the sheet Mapping says, but for headers that are gone."""
        found = locate(self._candidate.grid, part)
        self._draft.part = replace(self._draft.part, depth=part.depth)
        for name, spot in part.spots.items():
            if (spot.header and name not in found.heads) or (spot.empty and name in KINDS[part.table].required):
                continue
            self._spots[name] = spot
            self._used[name] = found.heads.get(name, [])
            self._say(name, "kept")
        if found.row >= 0:
            self._draft.row = found.row
            if self._used.get("forecast"):
                order = self._spots["forecast"].order
                self._draft.months = read_as([head.months for head in self._used["forecast"]], order) or []

    def _say(self, name: str, code: str, **values: object) -> None:
        self._draft.evidence.setdefault(name, []).append((code, values))

    def _key(self, name: str) -> tuple[str, str, str]:
        return (self._draft.part.sheet, self._draft.part.table, name)

    # A field ------------------------------------------------------------------------------------------------------

    def _field(self, name: str) -> None:
        answer = self._answers.get(self._key(name))
        options = self._usable(name)
        if answer is not None:
            self._answered(name, answer, options)
        elif name == "country" and not options and self._country:
            self._spots[name] = Spot(name, fixed=self._country[0])
            self._say(name, self._country[1])
        elif name in RESULT_BLOCKS:
            self._result(name, options)
        elif name == "confirmed" and not options and self._candidate.unread:
            self._ask(name, [], None, "unread")
        elif name == "confirmed" and not options:
            self._perhaps_confirmed()
        elif name == "forecast" and not options:
            self._ask(name, self._candidate.runs, None, "field")
        elif len(options) == 1:
            self._take(name, options[0], RANKS[options[0].rank])
        elif options:
            best = 0 if options[0].rank < options[1].rank else None
            self._ask(name, options, best, "field")
        elif name in KINDS[self._draft.part.table].required:
            self._need(name)

    def _usable(self, name: str) -> list[Option]:
        """The options of a field whose unit can be converted."""
        family = family_of(self._draft.part.table, name)
        usable = []
        for option in self._candidate.options.get(name, []):
            unit = unit_in(self._speaking(name, option), family) if family else None
            if unit and unit.other:
                self._draft.refused.append((option.text, unit.other))
            else:
                usable.append(option)
        return usable

    def _speaking(self, name: str, option: Option) -> Sequence[str]:
        """The texts above an option's columns that speak of a field."""
        head = option.heads[0]
        return head.path if head.months else speaking_of(self._draft.part.table, name, head.path)

    def _answered(self, name: str, answer: tuple[str, ...], options: list[Option]) -> None:
        text = answer[0] if answer else ""
        if text.startswith(FIXED):
            value = text.removeprefix(FIXED).strip()
            self._spots[name] = Spot(name, fixed=_number(value))
            self._say(name, "chosen")
            return
        every = [*options, *self._candidate.runs, *self._single_columns(), *self._orders()]
        option = next((one for one in every if one.text == text), None)
        if text and option:
            self._take(name, option, "chosen")
        elif name in KINDS[self._draft.part.table].required:
            self._need(name)
        else:
            self._spots[name] = Spot(name)
            self._say(name, "none")

    def _single_columns(self) -> list[Option]:
        return [Option([head], 0) for head in self._candidate.heads if not head.months and not head.week]

    def _take(self, name: str, option: Option, evidence: str) -> None:
        """Put a field under a header, with the unit and the order of day and month that it is read in."""
        is_block = self._draft.part.table == "srm" and name in BLOCKS
        unit = self._unit(name, option)
        order = self._order(name, option) if is_block else ANY
        if unit is None or order is None:
            return
        self._spots[name] = Spot(name, option.text, unit=unit, order=order)
        self._used[name] = option.heads
        self._say(name, evidence)
        if is_block:
            months = read_as([head.months for head in option.heads], order) or []
            self._say(name, "months", count=len(months), first=months[0], last=months[-1])
            if name == "forecast":
                self._draft.months = months
        if order:
            self._say(name, "order", order=order)
        if unit:
            self._say(name, "unit", unit=unit)

    def _unit(self, name: str, option: Option) -> str | None:
        """The unit of a field, "" for our own; None while it is to be asked."""
        table = self._draft.part.table
        family = family_of(table, name)
        if not family:
            return ""
        unit = unit_in(self._speaking(name, option), family)
        above = unit_in(option.heads[0].path, family)
        if not unit.name and above.name:  # the name of another block goes on over this column, and its unit may
            unit = Unit(unclear=above.name)
        if family == "money" and unit == Unit():
            title = price_of_title(self._candidate.titles())
            unit = Unit(unclear=title.other) if title.other else title
        said = unit.name
        if not said and family == "quantity" and not unit.unclear:
            said = self._title_unit or self._unit_column
        if not said and (unit.unclear or (family == "quantity" and self._units)):
            answer = self._answers.get(self._key(f"{name}:unit"))
            if answer is None:
                choices = [Choice(one, ("reading", {"reading": one})) for one in FAMILIES[family]]
                values = {"sheet": self._draft.part.sheet, "header": option.text}
                question = Question(self._key(f"{name}:unit"), "unit", choices, values)
                self._draft.questions.append(question)
                return None
            said = answer[0]
        elif not said and family in ("quantity", "money"):
            self._draft.assumed.append(name)
        return "" if said == own_unit(table, name) else said

    def _order(self, name: str, option: Option) -> str | None:
        """How the months of a block are read; None while it is to be asked."""
        months = [head.months for head in option.heads]
        orders = readings_of(months, gaps=name != "forecast")
        planned = set(self._draft.months[:HORIZON])
        if name != "forecast" and planned and len(orders) > 1:
            orders = [one for one in orders if planned.issuperset(read_as(months, one) or [])] or orders
        if len(orders) == 1:
            return orders[0]
        answer = self._answers.get(self._key(f"{name}:order"))
        if answer is not None:
            return answer[0]
        choices = [Choice(one, ("reading", {"reading": one})) for one in orders]
        values = {"sheet": self._draft.part.sheet, "header": option.text}
        self._draft.questions.append(Question(self._key(f"{name}:order"), "order", choices, values))
        return None

    def _result(self, name: str, options: Sequence[Option]) -> None:
        """A result block is renewed only where it holds our formulas: anything else there is the team's own."""
        for option in options:
            unit = unit_in(option.heads[0].path, "quantity").name or self._title_unit or self._unit_column
            rows = range(self._candidate.row + 1, min(self._candidate.row + 60, len(self._candidate.grid.rows)))
            ours = any(self._has_formulas(self._draft.part.sheet, row, option.columns[0]) for row in rows)
            if ours and unit in ("", "t"):
                self._take(name, option, "formulas")
                return
            if not self._is_order(name, option):
                self._draft.results.append(option.text)

    def _is_order(self, name: str, option: Option) -> bool:
        confirmed = self._spots.get("confirmed")
        return name == "orders" and confirmed is not None and confirmed.header == option.text

    def _orders(self) -> list[Option]:
        """Blocks named orders that hold none of our formulas: the orders of a plan, or confirmed ones."""
        sheet = self._draft.part.sheet
        rows = range(self._candidate.row + 1, min(self._candidate.row + 60, len(self._candidate.grid.rows)))
        return [
            option
            for option in self._candidate.options.get("orders", [])
            if not any(self._has_formulas(sheet, row, option.columns[0]) for row in rows)
        ]

    def _perhaps_confirmed(self) -> None:
        """Months of orders may be an input or a result: only the team knows."""
        orders = self._orders()
        if not orders:
            return
        choices = [Choice(option.text, ("confirmed", {})) for option in orders] + [Choice("", ("alone", {}))]
        values = {"sheet": self._draft.part.sheet, "header": ", ".join(option.text for option in orders)}
        self._draft.questions.append(Question(self._key("confirmed"), "orders", choices, values))

    # What is not clear --------------------------------------------------------------------------------------------

    def _ask(self, name: str, options: Sequence[Option], best: int | None, code: str) -> None:
        if not options and code != "unread":
            self._need(name)
            return
        choices = [_choice(option) for option in options]
        if name not in KINDS[self._draft.part.table].required:
            choices.append(Choice("", ("none", {})))
        self._draft.questions.append(Question(self._key(name), code, choices, self._asked(name), best))

    def _need(self, name: str) -> None:
        """A field that is needed and was not found: a row of the sheet Mapping to be filled in."""
        self._spots[name] = Spot(name)
        self._say(name, "needed")
        choices = [_choice(option) for option in self._single_columns()] if name not in ("forecast", "transit") else []
        choices = [choice for choice in choices if not self._is_taken(choice.value)]
        question = Question(self._key(name), "needed", choices, self._asked(name), optional=True)
        self._draft.needs.append(question)

    def _is_taken(self, header: str) -> bool:
        return any(spot.header == header for spot in self._spots.values())

    def _asked(self, name: str) -> dict[str, object]:
        header = "; ".join(option.text for option in self._candidate.unread)
        return {"sheet": self._draft.part.sheet, "table": self._draft.part.table, "field": name, "header": header}

    # The rows -----------------------------------------------------------------------------------------------------

    def _find_rows(self) -> None:
        """The rows that are items, with the labels of those that are not."""
        table, grid = self._draft.part.table, self._candidate.grid
        used = {name: heads for name, heads in self._used.items() if heads and name not in RESULT_BLOCKS}
        texts = {name: heads[0].column for name, heads in used.items() if not family_of(table, name)}
        figures = [head.column for name, heads in used.items() if family_of(table, name) for head in heads]
        before = self._before.left_out if self._before else None
        rows = rows_of(grid, self._draft.row, texts, figures, KINDS[table].key, before)
        self._draft.rows = rows
        labels = before if before is not None else tuple(rows.labels)
        self._draft.part = replace(self._draft.part, left_out=labels, line=self._before.line if self._before else -1)
        if rows.left_out:
            first = rows.left_out[0]
            text = next((as_text(value) for value in grid.rows[first] if isinstance(value, str) and value), SUMS)
            self._say("left_out", "rows", count=len(rows.left_out), row=first + 1, text=text)
        if "sap_code" in texts and table in ("srm", "costs"):
            self._draft.twice = self._doubles(rows.items, texts)

    def _doubles(self, rows: Sequence[int], texts: dict[str, int]) -> list[str]:
        """Items that stand more than once."""
        grid = self._candidate.grid
        codes = [as_text(value) for value in column_values(grid, rows, texts["sap_code"])]
        countries = column_values(grid, rows, texts["country"]) if "country" in texts else codes
        names = [as_text(value) for value in countries]
        count = Counter((plain(name), join_key(code)) for name, code in zip(names, codes, strict=True) if code)
        first = {(plain(name), join_key(code)): f"{name} {code}" if name != code else code
                 for name, code in zip(names, codes, strict=True)}  # fmt: skip
        return [first[key] for key, times in count.items() if times > 1]


def _choice(option: Option) -> Choice:
    return Choice(option.text, ("column", {"header": option.text, "column": column_name(option.columns[0])}))


def _number(text: str) -> object:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text
