"""The input sheets of the steering loop as pages."""

from __future__ import annotations

import numpy as np

from smile_xl.language import say
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.attributes import ATTRIBUTE_COLUMNS, FLOWS
from smile_xl.reports.input_parts import input_column, input_page
from smile_xl.reports.page import Block, Page

BY_ITEM = ("item_attributes",)
"""Sheets whose rows belong to the items of a book: one made for other items has none."""


def steering_pages(inputs: Inputs) -> list[Page]:
    """The input sheets of the steering loop, in the order of their tabs."""
    return [_attributes(inputs)]


def _attributes(inputs: Inputs) -> Page:
    """The items of which something is said."""
    spoken, attributes = inputs.settings.language, inputs.steering.attributes
    keys = inputs.items[["country", "sap_code"]].to_numpy(dtype=object)
    flags = {flag: say(f"headers.value.{'yes' if flag else 'no'}", spoken) for flag in (True, False)}
    flows = {flow: say(f"headers.value.{flow}", spoken) for flow in FLOWS}
    rows = [
        [
            *keys[item],
            flows[attributes.flow[item]],
            attributes.site[item],
            flags[bool(attributes.strategic[item])],
            attributes.launch[item],
            None if np.isnan(attributes.lead_time[item]) else float(attributes.lead_time[item]),
            attributes.anticipation[item],
        ]
        for item in attributes.given
    ]
    choices = {"flow": tuple(flows.values()), "strategic": tuple(flags.values())}
    columns = [input_column(spoken, name, choices=choices.get(name, ())) for name in ATTRIBUTE_COLUMNS]
    return input_page(inputs.settings, "item_attributes", [Block(columns, rows)])
