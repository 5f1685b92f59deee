"""The input sheet Scenarios as a page, and the comparison of scenarios as a block of a page."""

from __future__ import annotations

from smile_xl.language import say
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.scenarios import WHAT
from smile_xl.planning.steering.policies import selector_text
from smile_xl.planning.steering.whatif import SCENARIO_COLUMNS, amount_text
from smile_xl.reports.input_parts import input_column, input_page
from smile_xl.reports.page import Block, Kind, Page

_KINDS: dict[str, Kind] = {"scenario": "long_text", "where": "long_text", "change": "any"}


def scenarios_page(inputs: Inputs) -> Page:
    """The what-ifs of a book, one change a row."""
    spoken = inputs.settings.language
    names = {what: say(f"headers.what.{what}", spoken) for what in WHAT}
    rows = []
    for line in inputs.steering.scenarios:
        change = line.change
        amount: object = change.shift if change.what == "delay" else amount_text(change, spoken)
        rows.append([line.name, names[change.what], selector_text(change.where, spoken), amount])
    choices = {"what": tuple(names.values())}
    columns = [input_column(spoken, name, _KINDS.get(name), choices.get(name, ())) for name in SCENARIO_COLUMNS]
    return input_page(inputs.settings, "scenarios", [Block(columns, rows)])
