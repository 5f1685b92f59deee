"""The S&OP month: four meetings, one a week."""

from __future__ import annotations

import datetime as dt

MEETINGS = ("demand", "supply", "reconciliation", "executive")
"""The four meetings of a cycle, in the order of their weeks."""


def weeks_of(month: dt.date) -> dict[str, dt.date]:
    """The Monday of each meeting's week: the first to the fourth Monday of a month.

    >>> weeks_of(dt.date(2023, 8, 1))["supply"]
    datetime.date(2023, 8, 14)
    """
    first = month + dt.timedelta(days=-month.weekday() % 7)
    return {meeting: first + dt.timedelta(weeks=week) for week, meeting in enumerate(MEETINGS)}
