"""What the product offers, one row each: FUNCTIONS for sheets, COMMANDS for the ribbon.

Wrappers, help, reference and tests follow from it.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

import numpy as np

from smile_xl import functions
from smile_xl.arguments import NotNumberError, UnknownNameError
from smile_xl.core import DomainError, ShapeError
from smile_xl.language import Language, say
from smile_xl.reports import REFRESHED, STEERING

HELP_LIMIT = 255
"""Characters of help that Excel shows."""

ERRORS: dict[type[Exception], str] = {
    ShapeError: "#VALUE!",
    NotNumberError: "#VALUE!",
    DomainError: "#NUM!",
    UnknownNameError: "#N/A",
}
"""The error that a cell shows for each exception of a sheet function."""

NO_DEMAND = "no demand"
"""Reason of the #N/A that stands for an infinite or undefined result."""


@dataclass(frozen=True)
class Parameter:
    """One argument of a sheet function."""

    name: str
    kind: str
    """What it takes, as in ``smile_xl.arguments``."""
    help: str
    """What the function wizard shows."""
    default: object
    """Value when omitted; ``inspect.Parameter.empty`` where it is required."""

    @property
    def optional(self) -> bool:
        """It may be omitted."""
        return self.default is not inspect.Parameter.empty


@dataclass(frozen=True)
class SheetFunction:
    """One sheet function."""

    name: str
    call: Callable[..., Any]
    category: str
    may_be_undefined: bool = False
    """Its result is infinite or not a number where there is no demand."""

    @property
    def help(self) -> str:
        """First line of its docstring: what the function wizard shows."""
        return inspect.getdoc(self.call).split("\n", 1)[0]  # type: ignore[union-attr]

    def help_in(self, language: Language) -> str:
        """Its help in a language: English stands in its docstring, other languages in the catalogue."""
        return self.help if language == "en" else say(f"functions.{self.name}.help", language)

    def help_of(self, parameter: Parameter, language: Language) -> str:
        """Help of one of its arguments in a language."""
        return parameter.help if language == "en" else say(f"functions.{self.name}.{parameter.name}", language)

    def category_in(self, language: Language) -> str:
        """Its category in a language."""
        return say(f"functions.category.{self.category}", language)

    @cached_property
    def sections(self) -> dict[str, str]:
        """Sections of its docstring by title: Parameters, Notes, Examples."""
        parts = re.split(r"\n(\w+)\n-{3,}\n", inspect.getdoc(self.call) or "")
        return dict(zip(parts[1::2], (part.strip("\n") for part in parts[2::2]), strict=True))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its arguments in order."""
        hints = get_type_hints(self.call, include_extras=True)
        texts = _parameter_texts(self.sections.get("Parameters", ""))
        return tuple(
            Parameter(one.name, hints[one.name].__metadata__[0], texts[one.name], one.default)
            for one in inspect.signature(self.call).parameters.values()
        )

    @property
    def usage(self) -> str:
        """The call as a planner types it: SMILE_CV(demand)."""
        return f"{self.name}({', '.join(_shown(one) for one in self.parameters)})"


def _shown(parameter: Parameter) -> str:
    if not parameter.optional:
        return parameter.name
    if parameter.default is None:
        return f"[{parameter.name}]"
    text = isinstance(parameter.default, str)
    default = f'"{parameter.default}"' if text else str(parameter.default).upper()
    return f"[{parameter.name}={default}]"


def _parameter_texts(section: str) -> dict[str, str]:
    found = re.findall(r"^(\w+) : [^\n]*\n((?: +[^\n]+\n?)+)", section, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


FUNCTIONS: dict[str, SheetFunction] = {
    row.name: row
    for row in (
        SheetFunction("SMILE_SAFETYSTOCK", functions.SMILE_SAFETYSTOCK, "Supply plan"),
        SheetFunction("SMILE_SAFETYSTOCK_Z", functions.SMILE_SAFETYSTOCK_Z, "Supply plan"),
        SheetFunction("SMILE_SAFETYGAIN", functions.SMILE_SAFETYGAIN, "Supply plan"),
        SheetFunction("SMILE_ORDERS", functions.SMILE_ORDERS, "Supply plan"),
        SheetFunction("SMILE_CLOSING", functions.SMILE_CLOSING, "Supply plan"),
        SheetFunction("SMILE_PIPELINE", functions.SMILE_PIPELINE, "Supply plan"),
        SheetFunction("SMILE_WEEKSCOVER", functions.SMILE_WEEKSCOVER, "Availability", may_be_undefined=True),
        SheetFunction("SMILE_PROJECTION", functions.SMILE_PROJECTION, "Finance"),
        SheetFunction("SMILE_RISK", functions.SMILE_RISK, "Reconciliation"),
        SheetFunction("SMILE_OPPORTUNITY", functions.SMILE_OPPORTUNITY, "Reconciliation"),
        SheetFunction("SMILE_OVERSTOCK", functions.SMILE_OVERSTOCK, "Overstock"),
        SheetFunction("SMILE_CV", functions.SMILE_CV, "Overstock", may_be_undefined=True),
        SheetFunction("SMILE_VOLATILITYCLASS", functions.SMILE_VOLATILITYCLASS, "Overstock", may_be_undefined=True),
        SheetFunction("SMILE_ABC", functions.SMILE_ABC, "Steering"),
        SheetFunction("SMILE_XYZ", functions.SMILE_XYZ, "Steering"),
        SheetFunction("SMILE_DEMANDCLASS", functions.SMILE_DEMANDCLASS, "Steering"),
        SheetFunction("SMILE_SEGMENT", functions.SMILE_SEGMENT, "Steering"),
        SheetFunction("SMILE_TARGET", functions.SMILE_TARGET, "Steering"),
        SheetFunction("SMILE_WMAPE", functions.SMILE_WMAPE, "Steering", may_be_undefined=True),
        SheetFunction("SMILE_BIAS", functions.SMILE_BIAS, "Steering", may_be_undefined=True),
        SheetFunction("SMILE_TURNS", functions.SMILE_TURNS, "Steering", may_be_undefined=True),
        SheetFunction("SMILE_OTIF", functions.SMILE_OTIF, "Steering", may_be_undefined=True),
        SheetFunction("SMILE_VERSION", functions.SMILE_VERSION, "Information"),
        SheetFunction("SMILE_WHY", functions.SMILE_WHY, "Information"),
        SheetFunction("SMILE_EXPLAIN", functions.SMILE_EXPLAIN, "Information"),
    )
}


@dataclass(frozen=True)
class Command:
    """One command of the ribbon; its label and tip stand in the catalogue as ``ribbon.<name>``."""

    name: str
    group: str
    """Group of the ribbon's tab that it stands in."""
    icon: str
    """Name of a picture that Office has."""
    choices: tuple[str, ...] = ()
    """What its menu offers; empty for a button."""


COMMANDS: dict[str, Command] = {
    row.name: row
    for row in (
        Command("refresh", "reports", "RefreshAll"),
        Command("report", "reports", "TableInsert", (*REFRESHED, *STEERING)),
        Command("projections", "reports", "CalculateNow"),
        Command("match", "reports", "DataValidation"),
        Command("scenario", "reports", "WhatIfAnalysisMenu", ("compare", "promote", "drop")),
        Command("undo", "reports", "Undo"),
        Command("check", "inputs", "ErrorChecking"),
        Command("why", "inputs", "TraceError"),
        Command("explain", "inputs", "FormulaEvaluate"),
        Command("import", "cycles", "GetExternalDataFromText"),
        Command("archive", "cycles", "FileSaveAs"),
        Command("bridge", "cycles", "ChartTypeColumnInsertGallery"),
        Command("new", "workbook", "FileNew"),
        Command("add_sheets", "workbook", "SheetInsert"),
        Command("settings", "workbook", "PropertySheet"),
        Command("restart", "program", "Refresh"),
        Command("help", "program", "Help"),
        Command("about", "program", "Info"),
    )
}


@dataclass(frozen=True)
class Example:
    """A formula to paste into a cell, and what it gives."""

    formula: str
    """As in an English Excel."""
    result: Any

    @property
    def spills(self) -> bool:
        """The result takes several cells."""
        return bool(np.size(self.result) > 1)

    @property
    def shown(self) -> str:
        """The result as cells show it, side by side."""
        cells = np.atleast_1d(np.asarray(self.result, dtype=object)).ravel().tolist()
        return " | ".join(one if isinstance(one, str) else f"{one:.15g}" for one in cells)


def example_of(function: SheetFunction) -> Example:
    """The first example of a function's docstring, as a formula."""
    line = re.search(r">>> (.+)", function.sections["Examples"])
    tree = ast.walk(ast.parse(line.group(1))) if line else ()
    call = next(node for node in tree if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function.name)
    arguments = [_literal(one) for one in call.args]
    formula = f"={function.name}({','.join(map(_in_a_cell, arguments))})"
    return Example(formula, function.call(*arguments))


def in_french(formula: str) -> str:
    """A formula as a French Excel wants it: ; between arguments, a point between columns, a comma in numbers.

    >>> in_french('=SMILE_WEEKSCOVER(1.5,{1,2;3,4},"exact")')
    '=SMILE_WEEKSCOVER(1,5;{1.2;3.4};"exact")'
    """
    pieces = re.split(r'("[^"]*"|\{[^}]*\})', formula)
    return "".join(_piece_in_french(piece) for piece in pieces)


def _piece_in_french(piece: str) -> str:
    if piece.startswith('"'):
        return piece
    columns = "." if piece.startswith("{") else ";"
    piece = re.sub(r",", columns, re.sub(r"(\d)\.(\d)", r"\1\0\2", piece)).replace("\0", ",")
    return piece.replace("TRUE", "VRAI").replace("FALSE", "FAUX")


def _literal(node: ast.expr) -> Any:
    """Value of an argument in an example: numbers, texts, lists, and a list times a number."""
    if isinstance(node, ast.BinOp):
        return _literal(node.left) * _literal(node.right)
    return ast.literal_eval(node)


def _in_a_cell(value: object) -> str:
    if isinstance(value, list):
        rows = value if value and isinstance(value[0], list) else [value]
        return "{" + ";".join(",".join(map(_in_a_cell, row)) for row in rows) + "}"
    if isinstance(value, bool):
        return str(value).upper()
    return f'"{value}"' if isinstance(value, str) else f"{value:.15g}"


def reference(function: SheetFunction) -> str:
    """The reference of a function, in Markdown."""
    lines = [f"## {function.name}", "", function.help, "", f"    ={function.usage}", ""]
    if function.parameters:
        lines += ["| argument | takes | meaning |", "|---|---|---|"]
        lines += [
            f"| `{one.name}`{' (optional)' if one.optional else ''} | {one.kind} | {one.help} |"
            for one in function.parameters
        ]
        lines.append("")
    if "Notes" in function.sections:
        lines += [f"**Formula.** {function.sections['Notes']}", ""]
    example = example_of(function)
    lines += ["**In a cell.** In an English Excel, then in a French one:", ""]
    lines += [f"    {example.formula}", f"    {in_french(example.formula)}", ""]
    lines += [f"gives `{example.shown}`" + (", each in a cell of its own." if example.spills else "."), ""]
    if "Examples" in function.sections:
        paragraphs = function.sections["Examples"].split("\n\n")
        lines.append("**In Python.**\n")
        lines += [f"```python\n{one}\n```\n" if one.startswith(">>>") else f"{one}\n" for one in paragraphs]
    return "\n".join(lines)
