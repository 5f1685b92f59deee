"""Every text that a user reads, in English and French, from one catalogue: the ``*.toml`` files of this folder.

A key is ``file.table``: ``say("book.locked", "fr", file="plan.xlsx")`` reads ``[locked]`` of ``book.toml``.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Literal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def say(key: str, language: Language, **values: object) -> str:
    """The text of ``key`` in ``language``, its ``{names}`` filled with ``values``."""
    entry = _entry(key)
    return str(entry[language]).format(**values) if values else str(entry[language])


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
