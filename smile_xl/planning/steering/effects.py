"""What decisions and actions have brought: the bridge from the cycle in which they were taken to this one.

The effect is what the commitment's driver adds to the projected value of the stock of its country and sub-category, at
the first month from its due date on that both cycles project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from smile_xl.planning.bridge import Bridge, BridgeError, bridge
from smile_xl.planning.cycle import Cycle, kept_inputs
from smile_xl.planning.findings import InputError
from smile_xl.planning.names import plain
from smile_xl.planning.steering.commitments import Commitment
from smile_xl.planning.tables import Month

Unmeasured = Literal["this_cycle", "not_kept", "not_compared", "not_due"]
"""Why an effect is not measured: it was taken in this cycle, its cycle was not kept, the two cycles can't be compared,
or no month from its due date on is projected by both."""


@dataclass(frozen=True)
class Effect:
    """What a commitment has changed the projected value of the stock by, in money, or why that is not known."""

    value: float | None
    month: Month | None
    """At the end of which month."""
    reason: Unmeasured | None = None


def effects(cycle: Cycle, commitments: Sequence[Commitment]) -> list[Effect]:
    """The measured effect of each commitment."""
    start = cycle.inputs.months[0]
    kept = {one.month for one in cycle.earlier()}
    bridges: dict[Month, Bridge | None] = {}
    found = []
    for one in commitments:
        if one.month is None or one.month >= start:
            found.append(Effect(None, None, "this_cycle"))
        elif one.month not in kept:
            found.append(Effect(None, None, "not_kept"))
        else:
            if one.month not in bridges:
                bridges[one.month] = _bridge(cycle, one.month)
            found.append(_effect(bridges[one.month], one))
    return found


def _bridge(cycle: Cycle, since: Month) -> Bridge | None:
    try:
        return bridge(kept_inputs(cycle, since), cycle.inputs)
    except (BridgeError, InputError):
        return None


def _effect(found: Bridge | None, commitment: Commitment) -> Effect:
    if found is None:
        return Effect(None, None, "not_compared")
    due = commitment.due.replace(day=1) if commitment.due else found.months[0]
    place = next((place for place, month in enumerate(found.months) if month >= due), None)
    if place is None:
        return Effect(None, None, "not_due")
    values = found.terms[commitment.driver] if commitment.driver else found.change
    country, sub_category = plain(commitment.country), plain(commitment.sub_category)
    rows = [
        row
        for row, key in enumerate(found.keys)
        if country in ("", plain(key[0])) and sub_category in ("", plain(key[1]))
    ]
    return Effect(float(values[rows, place].sum()), found.months[place])
