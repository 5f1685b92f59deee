"""The command that finds a team's own sheets and headers: adopt."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smile_xl.cli.frame import REFUSED, Frame, RefusedError, tell
from smile_xl.language import Language, say

if TYPE_CHECKING:
    from smile_xl.books.xlsx.book import XlsxBook
    from smile_xl.planning.layout.asking import Key, Question
    from smile_xl.planning.layout.proposal import Proposal


def add(frame: Frame) -> None:
    """Add the command to the group."""

    @frame.command("adopt")
    @frame.book
    @click.option("--yes", is_flag=True, help=frame.text("adopt_yes"))
    @frame.lang
    def adopt(book: Path, yes: bool) -> int:
        from smile_xl.books.xlsx.book import XlsxBook  # noqa: PLC0415

        return _Adoption(XlsxBook(book), frame.spoken).run(yes)


class _Adoption:
    """A proposal for a book, its questions answered one after another."""

    def __init__(self, book: XlsxBook, spoken: Language) -> None:
        self._book = book
        self._spoken = spoken
        self._answers: dict[Key, tuple[str, ...]] = {}

    def run(self, yes: bool) -> int:
        from smile_xl import commands  # noqa: PLC0415
        from smile_xl.reports.mapping import need_lines, preview_lines  # noqa: PLC0415

        book, spoken = self._book, self._spoken
        asks = sys.stdin.isatty() and not yes
        while True:
            found = commands.propose_layout(book, self._answers)
            questions = found.questions or (self._open_needs(found) if asks else [])
            if not questions:
                break
            if asks:
                self._answers[questions[0].key] = self._ask(questions[0])
            elif not self._take_best(questions, yes):
                return REFUSED
        for line in preview_lines(found, spoken):
            click.echo(line)
        if not found.drafts:
            code = "nothing" if any(table == "srm" for table, _ in found.as_is) else "nothing_found"
            tell(self._done(code))
            return REFUSED if code == "nothing_found" else 0
        for line in need_lines(found, spoken):
            tell(line)
        return self._write(found, yes)

    def _open_needs(self, found: Proposal) -> list[Question]:
        return [question for question in found.needs if question.key not in self._answers]

    def _take_best(self, questions: Sequence[Question], yes: bool) -> bool:
        """Take the best choice of every question; where one has none, or nobody said so, list them."""
        from smile_xl.reports.mapping import question_lines  # noqa: PLC0415

        tied = [question for question in questions if question.best is None]
        if yes and not tied:
            for question in questions:
                for line in question_lines(question, self._spoken):
                    click.echo(line)
                self._answers[question.key] = _values(question, [question.best or 0])
            return True
        for question in tied if yes else questions:
            for line in question_lines(question, self._spoken):
                tell(line)
        tell(self._done("tied" if yes else "open", count=len(tied if yes else questions)))
        return False

    def _ask(self, question: Question) -> tuple[str, ...]:
        """Ask a question until the answer is one of its choices."""
        from smile_xl.reports.mapping import question_lines  # noqa: PLC0415

        for line in question_lines(question, self._spoken):
            tell(line)
        default = str(question.best + 1) if question.best is not None else "" if question.optional else None
        while True:
            said = click.prompt(
                say("layout.ask.prompt", self._spoken), default=default, show_default=bool(default), err=True
            ).strip()
            if question.optional and (not said or said.startswith("=")):
                return (said,) if said else ()
            try:
                places = [int(part) - 1 for part in said.replace(",", " ").split()]
            except ValueError:
                places = []
            fits = all(0 <= place < len(question.choices) for place in places)
            if places and fits and (len(places) == 1 or question.many):
                return _values(question, places)
            tell(say("layout.ask.wrong", self._spoken))

    def _write(self, found: Proposal, yes: bool) -> int:
        from smile_xl import commands  # noqa: PLC0415

        if not found.is_new:
            tell(self._done("same"))
            return 0
        if not yes:
            if not sys.stdin.isatty():
                raise RefusedError(self._done("no_terminal"))
            if not click.confirm(self._done("confirm"), err=True):
                tell(self._done("declined"))
                return 0
        commands.write_layout(self._book, found, self._spoken)
        self._book.save()
        columns = sum(bool(spot.header) for draft in found.drafts for spot in draft.part.spots.values())
        tell(self._done("written", count=columns, tables=len({draft.part.table for draft in found.drafts})))
        if found.needs:
            tell(self._done("needs", count=len(found.needs)))
        return 0

    def _done(self, code: str, **values: object) -> str:
        from smile_xl.planning.layout.mapping import mapping_sheet  # noqa: PLC0415
        from smile_xl.reports.mapping import mapping_name  # noqa: PLC0415

        mapping = mapping_sheet(self._book.sheet_names()) or mapping_name(self._spoken)
        return say(f"layout.done.{code}", self._spoken, file=self._book.name, mapping=mapping, **values)


def _values(question: Question, places: Sequence[int]) -> tuple[str, ...]:
    """The values of the choices taken; one choice may stand for several sheets."""
    return tuple(value for place in places for value in question.choices[place].value.split("\n"))
