"""The stamp of a page: which cycle, when, by which version, from which inputs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from smile_xl import __version__
from smile_xl.language import say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.months import month_name


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
