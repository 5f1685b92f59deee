"""Every text that a user reads, in English and French, from one catalogue: the ``*.toml`` files of this folder.

A key is ``file.table``: ``say("book.locked", "fr", file="plan.xlsx")`` reads ``[locked]`` of ``book.toml``.
"""

from __future__ import annotations

import os
import string
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Literal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def say(key: str, language: Language, **values: object) -> str:
    """The text of ``key`` in ``language``, its ``{names}`` filled with ``values``.

    ``{count:row|rows}`` is a count and what is counted: 1 row, 2 rows.
    """
    text = str(_entry(key)[language])
    if not values:
        return text
    return _Counted(language).vformat(text, (), values) if "|" in text else text.format(**values)


class _Counted(string.Formatter):
    """Fills texts in, each count with the word for one or the word for many; in French, nothing counts as one."""

    def __init__(self, language: Language) -> None:
        self._alone = ("0", "1") if language == "fr" else ("1",)

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return f"{value} {one if str(value) in self._alone else many}"


class SaidError(Exception):
    """What the user is told in the language asked for: the text ``<topic>.<code>``, its names filled with values."""

    topic: ClassVar[str]

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it travels between processes."""
        return _said_again, (type(self), self.code, self.values)

    def text(self, language: Language) -> str:
        """The text in a language."""
        return say(f"{self.topic}.{self.code}", language, **self.values)


def _said_again(kind: type[SaidError], code: str, values: dict[str, object]) -> SaidError:
    return kind(code, **values)


def names(key: str) -> tuple[str, ...]:
    """All names of ``key``: in each language, and what else is understood (``also``)."""
    entry = _entry(key)
    return (*(str(entry[language]) for language in LANGUAGES), *entry.get("also", ()))


def entries(topic: str, table: str) -> tuple[str, ...]:
    """The keys of one table of one file of the catalogue, in its order."""
    return tuple(_topic(topic)[table])


def of_locale(environment: dict[str, str] | os._Environ[str] = os.environ) -> Language:
    """French where the machine speaks French, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        if environment.get(name):
            return "fr" if environment[name].lower().startswith("fr") else "en"
    return "en"


@cache
def _entry(key: str) -> dict[str, Any]:
    topic, *path = key.split(".")
    entry = _topic(topic)
    for part in path:
        entry = entry[part]
    return entry


@cache
def _topic(topic: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{topic}.toml").read_text(encoding="utf-8"))
