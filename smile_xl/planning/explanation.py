"""An equation in words: figures that add up as they are shown, what each term is, the rules that applied."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from smile_xl.language import Language, entries, names, say
from smile_xl.planning.equations import Equation, Rule, Source, Term
from smile_xl.planning.names import plain

REPORTS = ("safety", "orders", "closing", "cover", "projection")

_EXACT = 1e-9
"""Relative size under which a figure as shown is the figure."""
_FEWEST, _MOST = 9, 13
"""Decimals that are tried for figures that never end, so that the terms add up as shown."""
_DIGITS = 15

SayMonth = Callable[[int], str]


@dataclass(frozen=True)
class Line:
    """One term as shown, signed, what it is, and where it comes from."""

    amount: str
    text: str
    sources: tuple[Source, ...]


def report_of(text: str) -> tuple[str, Language] | None:
    """The report that a text names, and the language that it is said in; None where it names none.

    >>> report_of("closing"), report_of("Stock final"), report_of("SMILE_CLOSING")
    (('closing', 'en'), ('closing', 'fr'), ('closing', 'en'))
    """
    for report in entries("explain", "report"):
        for place, name in enumerate(names(f"explain.report.{report}")):
            if plain(text) == plain(name):
                return report, "fr" if place == 1 else "en"
    return None


def lines_of(equation: Equation, spoken: Language, month: SayMonth) -> tuple[list[Line], str]:
    """The terms as shown, and the value: the shown terms add up to the shown value."""
    amounts, value = shown_sum([term.value for term in equation.terms], equation.value)
    lines = [
        Line(_number(amount, spoken), _term_text(term, spoken, month), term.sources)
        for term, amount in zip(equation.terms, amounts, strict=True)
    ]
    rest = value - sum(amounts)
    if rest and math.isfinite(equation.value):
        lines.append(Line(_number(rest, spoken), say("explain.term.rounding", spoken), ()))
    return lines, _number(value, spoken) if math.isfinite(equation.value) else say("reports.no_demand", spoken)


def shown_sum(terms: Sequence[float], value: float) -> tuple[list[Decimal], Decimal]:
    """Terms and their sum with the fewest decimals that say them exactly and add up; else with nine.

    Raises ValueError for terms that do not add up to the value: what is left is the rounding of what is shown only.

    >>> shown_sum([0.1, 0.2], 0.1 + 0.2)
    ([Decimal('0.1'), Decimal('0.2')], Decimal('0.3'))
    """
    if not math.isfinite(value):
        return [], Decimal(0)
    numbers = [*terms, value]
    if abs(math.fsum(terms) - value) > _EXACT * max(1.0, math.fsum(map(abs, terms))):
        raise ValueError(f"terms add up to {math.fsum(terms)!r}, want {value!r}")
    largest = max(map(abs, numbers))
    room = _DIGITS - 1 - (math.floor(math.log10(largest)) if largest >= 1 else 0)
    for decimals in range(min(_FEWEST, room) + 1):
        if all(abs(round(one, decimals) - one) <= _EXACT * max(1.0, abs(one)) / 10 for one in numbers):
            shown = [_rounded(one, decimals) for one in numbers]
            if sum(shown[:-1]) == shown[-1]:
                return shown[:-1], shown[-1]
    for decimals in (*range(_FEWEST, _MOST), _FEWEST):
        shown = [_rounded(one, min(decimals, room)) for one in numbers]
        if sum(shown[:-1]) == shown[-1]:
            break
    return shown[:-1], shown[-1]


def _rounded(number: float, decimals: int) -> Decimal:
    """The number with at most so many decimals, none of them a zero at the end."""
    text = f"{number:.{max(decimals, 0)}f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text) + 0


def _number(number: Decimal, spoken: Language) -> str:
    return f"{number:f}".replace(".", "," if spoken == "fr" else ".")


def equation_text(lines: Sequence[Line], value: str) -> str:
    """The sum on one line: 100 + 20 - 60 = 60."""
    return f"{_joined([line.amount for line in lines])} = {value}" if lines else value


def _joined(amounts: Sequence[str]) -> str:
    text = amounts[0]
    for amount in amounts[1:]:
        text += f" - {amount[1:]}" if amount.startswith("-") else f" + {amount}"
    return text


def rule_text(rule: Rule, spoken: Language, month: SayMonth) -> str:
    """A rule in words."""
    return say(f"explain.rule.{rule.key}", spoken, **_said(rule.values, spoken, month))


def _term_text(term: Term, spoken: Language, month: SayMonth) -> str:
    return say(f"explain.term.{term.label}", spoken, **_said(term.values, spoken, month))


def _said(values: Mapping[str, object], spoken: Language, month: SayMonth) -> dict[str, str]:
    said = {}
    for name, value in values.items():
        if name == "month" and isinstance(value, int):
            said[name] = month(value)
        elif name == "week" and isinstance(value, int):
            said[name] = say(f"headers.column.W{value + 1}", spoken)
        elif isinstance(value, float):
            said[name] = f"{value:.10g}".replace(".", "," if spoken == "fr" else ".")
        else:
            said[name] = str(value)
    return said


def in_short(equation: Equation, spoken: Language, limit: int) -> str:
    """The equation with what its terms are and the rules, in at most ``limit`` characters.

    What does not fit is left out from the end: the rules, then what the terms are, then small terms, said together.
    """

    def name(month: int) -> str:
        return say("explain.month_number", spoken, number=month)

    lines, value = lines_of(equation, spoken, name)
    unit = say(f"explain.unit.{equation.report}", spoken)
    title = say("explain.short", spoken, report=say(f"explain.report.{equation.report}", spoken), month=equation.month)
    told = [line for line in lines if Decimal(line.amount.replace(",", "."))] or lines[:1]
    whole = _joined([f"{line.amount} ({line.text})" for line in told]) if told else ""
    result = f" = {value}{unit}" if told else value
    text = f"{title} {whole}{result}."
    if len(text) > limit:
        bare = [line.amount for line in told]
        text = f"{title} {_joined(bare)}{result}."
        kept = len(bare)
        while len(text) > limit:
            kept -= 1
            others = sum((Decimal(one.replace(",", ".")) for one in bare[kept:]), Decimal(0))
            rest = say("explain.others", spoken, amount=_number(others, spoken), count=len(bare) - kept)
            text = f"{title} {_joined([*bare[:kept], rest])}{result}."
    for rule in equation.rules:
        longer = f"{text} {rule_text(rule, spoken, name)}."
        if len(longer) > limit:
            break
        text = longer
    return text
