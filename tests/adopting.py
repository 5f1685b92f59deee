"""Adopting a book in memory, and comparing its plan with another's."""

from __future__ import annotations

import numpy as np

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.language import Language
from smile_xl.planning import tidy
from smile_xl.planning.cycle import find_all, make_cycle
from smile_xl.planning.grid import Sheets
from smile_xl.planning.layout.asking import Answers
from smile_xl.planning.layout.proposal import Proposal
from smile_xl.planning.names import join_key


def adopt(book: MemoryBook, spoken: Language = "en", answers: Answers | None = None) -> Proposal:
    """The proposal for a book, its best choices taken, written into it."""
    taken = dict(answers or {})
    while True:
        found = commands.propose_layout(book, taken)
        if not found.questions:
            break
        for one in found.questions:
            assert one.best is not None, (one.key, one.code, [choice.value for choice in one.choices])
            taken[one.key] = (one.choices[one.best].value,)
    commands.write_layout(book, found, spoken)
    return found


def questions(book: MemoryBook, answers: Answers | None = None) -> dict[str, tuple[list[str], int | None]]:
    """By field (or table) the choices of each question, and the best."""
    found = commands.propose_layout(book, answers)
    return {one.key[2] or one.key[1]: ([choice.value for choice in one.choices], one.best) for one in found.questions}


def plan(book: Sheets) -> dict[tuple[str, str], np.ndarray]:
    """Demand, safety, orders, closing and projected value of each item, by country and code."""
    cycle = make_cycle(book)
    rows = tidy.REPORTS["srm"](cycle)
    keys = list(zip(cycle.inputs.items["country"], map(join_key, cycle.inputs.items["sap_code"]), strict=True))
    figures = rows[["demand", "safety", "orders", "closing", "pipeline"]].to_numpy().reshape(len(keys), -1)
    money = np.stack([cycle.inputs.unit_cost, cycle.inputs.landed_cost], axis=1)
    return {key: np.concatenate([own, costs]) for key, own, costs in zip(keys, figures, money, strict=True)}


def assert_same_plan(book: Sheets, other: Sheets) -> None:
    """Both books have the same items with the same figures."""
    got, want = plan(book), plan(other)
    assert got.keys() == want.keys()
    for key in want:
        np.testing.assert_allclose(got[key], want[key], rtol=1e-9, atol=1e-9, err_msg=str(key))


def codes(book: MemoryBook) -> list[str]:
    """What kinds of errors a book has."""
    return [finding.code for finding in find_all(book) if finding.severity == "error"]


def mapping(book: MemoryBook) -> dict[str, list[object]]:
    """Rows of the sheet Mapping by field."""
    name = next(sheet for sheet in ("Mapping", "Correspondance") if sheet in book.sheet_names())
    return {str(row[2]): list(row) for row in book.read(name).rows if len(row) == 7}


def edit(book: MemoryBook, field: str, column: int, value: object) -> None:
    """Type something into the sheet Mapping."""
    rows = [list(row) for row in book.read("Mapping").rows]
    next(row for row in rows if len(row) == 7 and row[2] == field)[column] = value
    book._grids["Mapping"] = type(book.read("Mapping"))("Mapping", rows)
