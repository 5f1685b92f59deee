"""The stamp of a page: which cycle, when, by which version, from which inputs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from smile_xl import __version__
from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle


@dataclass(frozen=True)
class Stamp:
    """When a refresh took place."""

    when: dt.datetime

    def line(self, cycle: Cycle) -> str:
        """The stamp's line on a page."""
        inputs = cycle.inputs
        return say(
            "reports.stamp",
            inputs.settings.language,
            cycle=month_name(inputs.months[0], inputs.settings.language),
            when=self.when.strftime("%Y-%m-%d %H:%M"),
            version=__version__,
            fingerprint=inputs.fingerprint(),
        )


_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


def month_name(month: dt.date, language: Language) -> str:
    """A month as a reader says it: Apr-19 or avr.-19."""
    return f"{_MONTHS[language][month.month - 1]}-{month.year % 100:02d}"
