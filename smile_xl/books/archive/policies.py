"""The rules of stock steering as a table of the archive."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smile_xl.books.archive.columns import numbers, texts
from smile_xl.planning.inputs import Inputs


def policy_tables(inputs: Inputs) -> dict[str, pa.Table]:
    """The table in the columns of its CSV file."""
    rules = inputs.steering.policies.rules

    def days(name: str) -> pa.Array:
        found = [getattr(rule, name) for rule in rules]
        return pa.array([None if day is None else day.isoformat() for day in found], pa.string())

    policies = {
        "rule": texts([rule.name for rule in rules]),
        "applies_to": texts(["; ".join(f"{name}={value}" for name, value in rule.where) for rule in rules]),
        "unit": texts([rule.unit for rule in rules]),
        "target": numbers(np.array([rule.goal for rule in rules])),
        "minimum": numbers(np.array([rule.minimum for rule in rules])),
        "maximum": numbers(np.array([rule.maximum for rule in rules])),
        "owner": texts([rule.owner for rule in rules]),
        "valid_from": days("valid_from"),
        "valid_to": days("valid_to"),
        "reviewed_on": days("reviewed"),
    }
    return {"policies": pa.table(policies)}
