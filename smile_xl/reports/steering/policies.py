"""The input sheet Policies as a page."""

from __future__ import annotations

import numpy as np

from smile_xl.core import TARGET_UNITS
from smile_xl.language import say
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.policies import LEVELS, POLICY_COLUMNS, selector_text
from smile_xl.reports.input_parts import input_column, input_page
from smile_xl.reports.page import Block, Kind, Page

_KINDS: dict[str, Kind] = {
    "where": "long_text",
    **dict.fromkeys(LEVELS, "cost"),
    **dict.fromkeys(("valid_from", "valid_to", "reviewed"), "date"),
}


def policies_page(inputs: Inputs) -> Page:
    """The rules of a book, their selectors in the book's language."""
    spoken = inputs.settings.language
    units = {unit: say(f"headers.value.{unit}", spoken) for unit in TARGET_UNITS}
    rows = []
    for rule in inputs.steering.policies.rules:
        levels = [None if np.isnan(level) else level for level in (rule.goal, rule.minimum, rule.maximum)]
        texts = [rule.name, selector_text(rule.where, spoken), units[rule.unit]]
        rows.append([*texts, *levels, rule.owner, rule.valid_from, rule.valid_to, rule.reviewed])
    choices = {"unit": tuple(units.values())}
    columns = [input_column(spoken, name, _KINDS.get(name), choices.get(name, ())) for name in POLICY_COLUMNS]
    return input_page(inputs.settings, "policies", [Block(columns, rows)], labels=2)
