"""A figure of the plan explained as text: the equation, its terms with their cells, the rules that applied."""

from __future__ import annotations

from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.equations import Source
from smile_xl.planning.explanation import equation_text, lines_of, rule_text
from smile_xl.planning.grid import Sheets
from smile_xl.planning.item_equations import item_equation
from smile_xl.planning.months import month_name
from smile_xl.planning.places import Places
from smile_xl.planning.srm import RESULT_BLOCKS


def explained(book: Sheets, cycle: Cycle, report: str, item: int, month: int, spoken: Language) -> str:
    """The text for an item's figure in a month, counted from 0."""
    places = Places(book, cycle)

    def name(place: int) -> str:
        return month_name(cycle.inputs.months[place], spoken)

    equation = item_equation(cycle, report, item, month)
    lines, value = lines_of(equation, spoken, name)
    row = cycle.inputs.items.iloc[item]
    title = say(f"explain.title.{report}", spoken, month=name(month), currency=cycle.inputs.settings.currency)
    texts = [
        " ".join(filter(None, (title, row["country"], row["sap_code"], row["description"]))),
        equation_text(lines, value),
        "",
    ]
    own = places.named(item, [Source(report, month)] if report in RESULT_BLOCKS else [])
    figure = say(f"explain.report.{report}", spoken)
    rows = [(_signed(line.amount), line.text, places.named(item, line.sources)) for line in lines]
    rows.append((f"= {value}", figure, own))
    width = max(len(amount) for amount, _, _ in rows)
    longest = max(len(text) for _, text, _ in rows)
    texts += [f"{amount:<{width}}  {text:<{longest}}  {cells}".rstrip() for amount, text, cells in rows]
    texts.append("")
    for rule in equation.rules:
        cells = places.named(item, rule.sources)
        texts.append(f"{rule_text(rule, spoken, name)}{f' ({cells})' if cells else ''}.")
    return "\n".join(texts)


def _signed(amount: str) -> str:
    return f"- {amount[1:]}" if amount.startswith("-") else f"+ {amount}"
