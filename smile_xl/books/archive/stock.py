"""What the book says about its items, the states of their stock and the method, as tables of the archive."""

from __future__ import annotations

import pyarrow as pa

from smile_xl.books.archive.columns import numbers, texts
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.steering.questionnaire import Answers
from smile_xl.planning.tables import Month, month_text


def stock_tables(inputs: Inputs) -> dict[str, pa.Table]:
    """The tables in the columns of their CSV files."""
    return {
        "item_attributes": _attributes(inputs),
        "stock_by_state": _states(inputs),
        "questionnaire": _questionnaire(inputs),
    }


def _attributes(inputs: Inputs) -> pa.Table:
    country, code = (inputs.items[name].tolist() for name in ("country", "sap_code"))
    attributes = inputs.steering.attributes
    given = attributes.given

    def months(column: list[Month | None]) -> pa.Array:
        return pa.array([None if (month := column[item]) is None else month_text(month) for item in given], pa.string())

    return pa.table(
        {
            "country": texts([country[item] for item in given]),
            "sap_code": texts([code[item] for item in given]),
            "flow_type": texts([attributes.flow[item] for item in given]),
            "site": texts([attributes.site[item] for item in given]),
            "strategic": pa.array([bool(attributes.strategic[item]) for item in given], pa.bool_()),
            "launch_month": months(attributes.launch),
            "lead_time": numbers(attributes.lead_time[list(given)]),
            "anticipation_until": months(attributes.anticipation),
        }
    )


def _states(inputs: Inputs) -> pa.Table:
    country, code = (inputs.items[name].to_numpy() for name in ("country", "sap_code"))
    states = inputs.steering.states
    return pa.table(
        {
            "country": texts(country[states.item].tolist()),
            "sap_code": texts(code[states.item].tolist()),
            "state": texts(states.state),
            "tonnes": numbers(states.tonnes),
            "counted": numbers(states.counted),
        }
    )


def _questionnaire(inputs: Inputs) -> pa.Table:
    """The answers that are not the usual ones."""
    usual = vars(Answers())
    given = {name: answer for name, answer in vars(inputs.steering.answers).items() if answer != usual[name]}
    answers = [str(answer).upper() if isinstance(answer, bool) else str(answer) for answer in given.values()]
    return pa.table({"question": texts(list(given)), "answer": texts(answers)})
