"""The rules of stock steering and its scenarios as tables of the archive."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smile_xl.books.archive.columns import numbers, texts
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.scenarios import Selector
from smile_xl.planning.steering.whatif import amount_text


def policy_tables(inputs: Inputs) -> dict[str, pa.Table]:
    """The tables in the columns of their CSV files."""
    rules = inputs.steering.policies.rules

    def days(name: str) -> pa.Array:
        found = [getattr(rule, name) for rule in rules]
        return pa.array([None if day is None else day.isoformat() for day in found], pa.string())

    policies = {
        "rule": texts([rule.name for rule in rules]),
        "applies_to": texts([_where(rule.where) for rule in rules]),
        "unit": texts([rule.unit for rule in rules]),
        "target": numbers(np.array([rule.goal for rule in rules])),
        "minimum": numbers(np.array([rule.minimum for rule in rules])),
        "maximum": numbers(np.array([rule.maximum for rule in rules])),
        "owner": texts([rule.owner for rule in rules]),
        "valid_from": days("valid_from"),
        "valid_to": days("valid_to"),
        "reviewed_on": days("reviewed"),
    }
    lines = inputs.steering.scenarios
    scenarios = {
        "scenario": texts([line.name for line in lines]),
        "what": texts([line.change.what for line in lines]),
        "applies_to": texts([_where(line.change.where) for line in lines]),
        "change": texts([amount_text(line.change, "en") for line in lines]),
    }
    return {"policies": pa.table(policies), "scenarios": pa.table(scenarios)}


def _where(where: Selector) -> str:
    return "; ".join(f"{name}={value}" for name, value in where)
