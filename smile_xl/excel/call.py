"""A command of the ribbon while it runs: in which Excel, on which workbook, in which language, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smile_xl.excel.session import Session
from smile_xl.language import Language, say

if TYPE_CHECKING:
    import xlwings

    from smile_xl.books.live.book import LiveBook
    from smile_xl.planning.findings import Finding

TITLE = "SMILE"
SHOWN = 8
"""Findings that a message shows."""


@dataclass(frozen=True)
class Message:
    """What a command says at its end."""

    text: str
    place: tuple[str, str] | None = None
    """Sheet and cell to which it offers to go."""
    critical: bool = False


@dataclass(frozen=True)
class Call:
    """A command that was clicked: in which Excel, on which workbook, in which language."""

    app: xlwings.App
    book: xlwings.Book
    spoken: Language
    session: Session

    @property
    def live(self) -> LiveBook:
        """The workbook as a ``Book``."""
        from smile_xl.books.live.book import LiveBook  # noqa: PLC0415

        return LiveBook(self.book)

    def say(self, key: str, **values: object) -> str:
        """A text of the ribbon's commands."""
        return say(f"macros.{key}", self.spoken, **values)

    def steps(self, count: int) -> Callable[[str], None]:
        """Shows each step in the status bar."""
        done = 0

        def step(name: str) -> None:
            nonlocal done
            done += 1
            text = say(f"commands.step.{name}", self.spoken)
            self.app.status_bar = self.say("step", step=done, steps=max(count, done), text=text)

        return step

    def ask(self, text: str) -> bool:
        """Ask a question that is answered with yes or no."""
        return self.app.alert(text, TITLE, buttons="yes_no", mode="info") == "yes"


def lines_of(findings: Sequence[Finding], spoken: Language) -> str:
    """The first findings, one line each, and how many more there are."""
    lines = [finding.line(spoken) for finding in findings[:SHOWN]]
    if len(findings) > SHOWN:
        lines.append(say("macros.more", spoken, count=sum(one.count for one in findings[SHOWN:])))
    return "\n".join(lines)


def place_of(findings: Sequence[Finding]) -> tuple[str, str] | None:
    """The first cell that findings name."""
    return next(((one.sheet, one.cell) for one in findings if one.cell), None)
