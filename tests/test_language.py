"""The catalogue of texts: what it counts is said in the singular and in the plural of the language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from smile_xl.language import Language, say

COUNTED = r"\{(count|items|errors|warnings|notes|rows|lines|cells|formulas|reports|cycles|files|questions)\} ([a-zé]+)"
MANY = {"items", "errors", "warnings", "notes", "rows", "lines", "cells", "formulas", "reports", "cycles", "files"}
MANY |= {"questions", "scenarios", "articles", "erreurs", "alertes", "lignes", "cellules", "formules", "rapports"}
MANY |= {"fichiers", "scénarios", "colonnes", "columns"}
ALWAYS_MANY = ("are too many", "sont trop")


@pytest.mark.parametrize(
    ("count", "language", "want"),
    [
        pytest.param(1, "en", "plan.xlsx: 1 error, 0 warnings, 2 notes.", id="one is singular, none is plural"),
        pytest.param(2, "en", "plan.xlsx: 2 errors, 0 warnings, 2 notes.", id="two are plural"),
        pytest.param(1, "fr", "plan.xlsx : 1 erreur, 0 alerte, 2 notes.", id="in French, none is singular as well"),
    ],
)
def test_a_count_has_the_word_that_fits_it(count: int, language: Language, want: str) -> None:
    assert say("commands.counted", language, file="plan.xlsx", errors=count, warnings=0, notes=2) == want


def test_a_verb_follows_its_count() -> None:
    values = {"file": "a.xlsx", "pages": 3, "unchecked": 0}
    assert "1 formula agrees" in say("audit.refused", "en", formulas=1, **values)
    assert "2 formulas agree" in say("audit.refused", "en", formulas=2, **values)


def texts(table: dict[str, object], key: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from texts(value, f"{key}.{name}")
        elif isinstance(value, str):
            yield f"{key}.{name}", value


CATALOGUE = [one for one in files("smile_xl.language").iterdir() if one.name.endswith(".toml")]


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: str(file.name))
def test_no_text_has_a_plural_whatever_the_count(file: Traversable) -> None:
    found = [
        text
        for _, text in texts(tomllib.loads(file.read_text(encoding="utf-8")))
        if any(word in MANY for _, word in re.findall(COUNTED, text))
    ]
    assert [text for text in found if not any(words in text for words in ALWAYS_MANY)] == []
