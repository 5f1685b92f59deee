"""The input sheets of the steering loop as pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from smile_xl.language import say
from smile_xl.planning.drivers import DRIVERS
from smile_xl.planning.findings import said_values
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.attributes import ATTRIBUTE_COLUMNS, FLOWS
from smile_xl.planning.steering.causes import CAUSE_COLUMNS, CAUSES
from smile_xl.planning.steering.commitments import COMMITMENT_COLUMNS, PROGRESS
from smile_xl.planning.steering.month import MEETINGS
from smile_xl.planning.steering.questionnaire import QUESTION_COLUMNS, wanted
from smile_xl.planning.steering.register import KINDS, REGISTER_COLUMNS
from smile_xl.planning.steering.states import STATE_COLUMNS, STATES
from smile_xl.planning.steering.transfers import TRANSFER_COLUMNS
from smile_xl.reports.input_parts import input_column, input_page
from smile_xl.reports.page import Block, Kind, Page
from smile_xl.reports.steering.policies import policies_page
from smile_xl.reports.steering.scenarios import scenarios_page

BY_ITEM = (
    "item_attributes",
    "stock_by_state",
    "policies",
    "scenarios",
    "gap_causes",
    "decisions",
    "actions",
    "register",
)
"""Sheets whose rows belong to the items of a book, or to its team: one made for other items has none."""


def steering_pages(inputs: Inputs) -> list[Page]:
    """The input sheets of the steering loop, in the order of their tabs."""
    stock = [_attributes(inputs), _states(inputs), _questionnaire(inputs), policies_page(inputs), _transfers(inputs)]
    stock.append(scenarios_page(inputs))
    return [*stock, _causes(inputs), *_commitments(inputs), _register(inputs)]


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


def _states(inputs: Inputs) -> Page:
    """Stock on hand by state, and what was counted."""
    states, names = inputs.steering.states, _names(inputs, "value", STATES)
    keys = inputs.items[["country", "sap_code"]].to_numpy(dtype=object)
    figures = zip(states.item.tolist(), states.state, states.tonnes.tolist(), states.counted.tolist(), strict=True)
    rows = [[*keys[item], names[state], tonnes, _amount(counted)] for item, state, tonnes, counted in figures]
    return _chosen(inputs, "stock_by_state", STATE_COLUMNS, rows, {"state": names})


def _questionnaire(inputs: Inputs) -> Page:
    """Every question with the answer that holds."""
    spoken = inputs.settings.language
    rows = []
    for question, answer in vars(inputs.steering.answers).items():
        used = say(f"headers.used_for.{question}", spoken, **said_values({"want": wanted(question)}, spoken))
        flag = say(f"headers.value.{'yes' if answer else 'no'}", spoken)
        shown = flag if isinstance(answer, bool) else answer or None if isinstance(answer, str) else answer
        rows.append([say(f"headers.question.{question}", spoken), shown, used])
    kinds: dict[str, Kind] = {"question": "long_text", "answer": "any", "used_for": "long_text"}
    columns = [replace(input_column(spoken, name, kinds[name]), is_input=name == "answer") for name in QUESTION_COLUMNS]
    return input_page(inputs.settings, "questionnaire", [Block(columns, rows)])


def _transfers(inputs: Inputs) -> Page:
    """Ways between countries; a blank cost is none, a blank minimum or number of weeks that of the settings."""
    allowed = _names(inputs, "value", ("yes", "no"))
    rows = [
        [
            row.source,
            row.target,
            allowed["yes" if row.allowed else "no"],
            *map(_amount, (row.cost, row.minimum, row.weeks)),
        ]
        for row in inputs.steering.transfers.rows.values()
    ]
    return _chosen(inputs, "transfers", TRANSFER_COLUMNS, rows, {"allowed": allowed})


def _causes(inputs: Inputs) -> Page:
    """Why countries and sub-categories are off their target."""
    causes = _names(inputs, "cause", CAUSES)
    rows = [
        [one.month, one.country, one.sub_category, causes.get(one.cause), one.comment] for one in inputs.steering.causes
    ]
    return _chosen(inputs, "gap_causes", CAUSE_COLUMNS, rows, {"cause": causes})


def _commitments(inputs: Inputs) -> list[Page]:
    """Decisions, then actions."""
    choices = {
        "meeting": _names(inputs, "meeting", MEETINGS),
        "driver": _names(inputs, "driver", DRIVERS),
        "status": _names(inputs, "progress", PROGRESS),
    }
    pages = []
    for key, columns in COMMITMENT_COLUMNS.items():
        rows = [
            [
                *(one.number, one.month, choices["meeting"].get(one.meeting) if key == "decisions" else one.decision),
                *(one.text, one.country, one.sub_category, choices["driver"].get(one.driver), one.owner, one.due),
                *(_amount(one.expected), choices["status"][one.status]),
            ]
            for one in getattr(inputs.steering, key)
        ]
        pages.append(_chosen(inputs, key, columns, rows, choices))
    return pages


def _register(inputs: Inputs) -> Page:
    """Risks and opportunities."""
    choices = {"kind": _names(inputs, "value", KINDS), "came_true": _names(inputs, "value", ("yes", "no"))}
    came_true = {True: choices["came_true"]["yes"], False: choices["came_true"]["no"], None: None}
    rows = [
        [
            *(one.number, choices["kind"][one.kind], one.text, one.country, one.sub_category, one.owner, one.month),
            *(_amount(one.probability), _amount(one.impact), one.settles, came_true[one.came_true]),
            _amount(one.actual_impact),
        ]
        for one in inputs.steering.register
    ]
    return _chosen(inputs, "register", REGISTER_COLUMNS, rows, choices)


def _names(inputs: Inputs, topic: str, keys: Sequence[str]) -> dict[str, str]:
    """What may be chosen, in the book's language."""
    return {key: say(f"headers.{topic}.{key}", inputs.settings.language) for key in keys}


def _amount(number: float) -> float | None:
    return None if np.isnan(number) else number


def _chosen(
    inputs: Inputs,
    key: str,
    names: Sequence[str],
    rows: Sequence[Sequence[object]],
    choices: Mapping[str, Mapping[str, str]],
) -> Page:
    """A page of one table, some of whose columns are chosen from a list."""
    columns = [
        input_column(inputs.settings.language, name, choices=tuple(choices.get(name, {}).values())) for name in names
    ]
    return input_page(inputs.settings, key, [Block(columns, rows)])
