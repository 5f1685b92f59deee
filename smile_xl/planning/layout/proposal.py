"""The proposal: which of a team's sheets holds which table, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from smile_xl import language
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.layout.asking import Answers, Choice, Question
from smile_xl.planning.layout.drafting import Draft, draft
from smile_xl.planning.layout.examine import Candidate, examine
from smile_xl.planning.layout.fields import KINDS
from smile_xl.planning.layout.mapping import Layout, Part, mapping_sheet, read_layout
from smile_xl.planning.names import plain
from smile_xl.planning.tables import Notebook

HasFormulas = Callable[[str, int, int], bool]
"""Tells whether a cell, by sheet, row and column, holds a SMILE_ formula."""

OURS = "smile_xl "
"""Stands in the stamp of every report page."""
_STAMP_ROWS = 12

REQUIRED = ("srm", "costs")
"""Tables without which there is no plan."""


@dataclass
class Proposal:
    """What is proposed for a book."""

    drafts: list[Draft] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    """Sheets to be left alone: the evidence, a key of ``layout.evidence`` or a report's."""
    as_is: list[tuple[str, str]] = field(default_factory=list)
    """Tables that are understood without the sheet Mapping, with their sheet."""
    absent: list[str] = field(default_factory=list)
    """Tables that no sheet holds."""
    questions: list[Question] = field(default_factory=list)
    """What can't be decided without the team."""
    needs: list[Question] = field(default_factory=list)
    """What is needed and was not found."""

    @property
    def is_new(self) -> bool:
        """True where it says more than the sheet Mapping does already."""
        return any(draft.is_new for draft in self.drafts) or bool(self.own)


def propose(
    book: Sheets,
    readable: Callable[[str], bool],
    has_formulas: HasFormulas,
    reports: Sequence[str],
    answers: Answers | None = None,
) -> Proposal:
    """The proposal for a book.

    Parameters
    ----------
    book : Sheets
        The team's workbook.
    readable : callable
        Tells whether a table is understood by its name and headers alone.
    has_formulas : callable
        Tells whether a cell holds a SMILE_ formula.
    reports : list of str
        Keys of the report sheets, whose names the team's own sheets may have.
    answers : dict, optional
        Answers that were given to earlier questions.
    """
    return _Proposer(book, readable, has_formulas, answers or {}).proposal(reports)


class _Proposer:
    def __init__(
        self, book: Sheets, readable: Callable[[str], bool], has_formulas: HasFormulas, answers: Answers
    ) -> None:
        self._book = book
        self._readable = readable
        self._has_formulas = has_formulas
        self._answers = answers
        names = book.sheet_names()
        mapping = mapping_sheet(names)
        self._layout = read_layout(book, Notebook()) or Layout(Grid("", ()))
        self._sheets = [name for name in names if name != mapping]
        self._found = Proposal()
        self._countries = _country_names(book)

    def proposal(self, reports: Sequence[str]) -> Proposal:
        ours = {name for key in reports for name in self._named(key) if is_report(self._book.read(name))}
        self._sheets = [name for name in self._sheets if name not in ours and name not in self._layout.own]
        taken: set[str] = set()
        waiting = []
        for table in KINDS:
            kept = self._layout.of(table)
            if kept:
                self._keep(table, kept)
            elif self._readable(table):
                self._found.as_is.append((table, self._named(table)[0]))
                taken.add(self._named(table)[0])
            else:
                waiting.append(table)
        for table in waiting:
            self._table(table, [name for name in self._sheets if name not in taken])
        self._leave_alone(reports, ours)
        return self._found

    def _named(self, key: str) -> list[str]:
        wanted = {plain(name) for name in language.names(f"headers.sheet.{key}")}
        return [name for name in self._sheets if plain(name) in wanted]

    def _keep(self, table: str, parts: Sequence[Part]) -> None:
        for part in parts:
            found = examine(self._book.read(part.sheet), table)
            self._draft(found, part) if found else self._found.drafts.append(Draft(part, kept=True))

    def _draft(self, candidate: Candidate, part: Part | None = None, country: tuple[str, str] | None = None) -> None:
        one = draft(candidate, self._answers, self._has_formulas, part=part, country=country)
        self._found.drafts.append(one)
        self._found.questions += one.questions
        self._found.needs += one.needs

    def _table(self, table: str, sheets: Sequence[str]) -> None:
        found = [one for name in sheets if (one := examine(self._book.read(name), table))]
        sets = self._sets(table, found)
        if not sets:
            self._found.absent.append(table)
            return
        chosen = sets[0]
        key = ("", table, "")
        if key in self._answers:
            taken = self._answers[key]
            chosen = [one for one in found if one.grid.sheet in taken]
            if not chosen:
                self._found.own |= {one.grid.sheet: "own_chosen" for one in found if not self._is_used(one.grid.sheet)}
                self._found.absent.append(table)
                return
        elif len(sets) > 1:
            self._found.questions.append(_sheet_question(table, sets, self._best(table, sets)))
            return
        for one in chosen:
            self._draft(one, country=self._country(one))

    def _is_used(self, sheet: str) -> bool:
        return any(draft.part.sheet == sheet for draft in self._found.drafts)

    def _sets(self, table: str, found: list[Candidate]) -> list[list[Candidate]]:
        """The sheets that may hold a table: alone, or several of one country each below one another."""
        named = [(one, country[0]) for one in found if (country := self._country(one))]
        several = len(named) > 1 and len({plain(country) for _, country in named}) == len(named)
        if table not in ("srm", "costs") or not several:
            return [[one] for one in found]
        together = [one for one, _ in named]
        return [together, *([one] for one in found if one not in together)]

    def _country(self, candidate: Candidate) -> tuple[str, str] | None:
        """The country that a sheet's name, or a title in it, names, with the evidence; None for none or two."""
        if "country" not in KINDS[candidate.table].fields:
            return None
        for evidence, texts in (("sheet_name", [candidate.grid.sheet]), ("title", candidate.titles())):
            words = f" {' '.join(map(plain, texts))} "
            named = [name for name in self._countries if f" {plain(name)} " in words]
            if len({self._countries[name] for name in named}) == 1:
                return named[0], evidence
        return None

    def _best(self, table: str, sets: list[list[Candidate]]) -> int | None:
        """The choice that has what a plan needs where all others lack some of it."""
        needs = [min(len(one.found) for one in each) for each in sets]
        named = [any(one.grid.sheet in self._named(table) for one in each) for each in sets]
        order = sorted(range(len(sets)), key=lambda place: (needs[place], named[place]), reverse=True)
        first, second = order[:2]
        better = needs[first] > needs[second] or (named[first] and not named[second])
        return first if better else None

    def _leave_alone(self, reports: Sequence[str], ours: set[str]) -> None:
        """Sheets that have the name of a report or a table, and are the team's own."""
        used = {draft.part.sheet for draft in self._found.drafts} | {sheet for _, sheet in self._found.as_is}
        asked = {choice.value for one in self._found.questions if one.code == "sheet" for choice in one.choices}
        for key in reports:
            for name in self._named(key):
                if name not in ours and name not in used:
                    self._found.own[name] = key
        for key in KINDS:
            for name in self._named(key) if key in self._found.absent and key not in REQUIRED else ():
                if name not in used and not any(name in value.split("\n") for value in asked):
                    self._found.own[name] = f"table:{key}"


def is_report(grid: Grid) -> bool:
    """True for a page that we have written: it has our stamp."""
    return any(row and isinstance(row[0], str) and OURS in row[0] for row in grid.rows[:_STAMP_ROWS])


def _country_names(book: Sheets) -> dict[str, str]:
    """Names of countries, with what makes two names the same: the catalogue's, and those of a table of the book."""
    found = {
        name: key for key in language.entries("headers", "country") for name in language.names(f"headers.country.{key}")
    }
    wanted = {plain(name) for name in language.names("headers.sheet.countries")}
    for sheet in book.sheet_names():
        if plain(sheet) in wanted:
            one = examine(book.read(sheet), "countries")
            column = one.options["country"][0].columns[0] if one and one.options.get("country") else None
            if one and column is not None:
                for row in one.grid.rows[one.row + 1 :]:
                    if len(row) > column and isinstance(row[column], str) and str(row[column]).strip():
                        found.setdefault(str(row[column]).strip(), plain(row[column]))
    return found


def _sheet_question(table: str, sets: list[list[Candidate]], best: int | None) -> Question:
    choices = []
    for each in sets:
        names = [one.grid.sheet for one in each]
        text = ("together", {"sheets": ", ".join(names)}) if len(names) > 1 else ("plain", {"text": names[0]})
        choices.append(Choice("\n".join(names), text))
    choices.append(Choice("", ("none", {})))
    return Question(("", table, ""), "sheet", choices, {"table": table}, best, many=True)
