"""Items and months as people name them; what is not found comes with what is near."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.months import month_name, month_said
from smile_xl.planning.names import join_key, plain
from smile_xl.planning.tables import Month, month_text

_MOST = 5
"""Names that are offered."""


class NotFoundError(Exception):
    """A country, item or month that the book does not have; its text is ``explain.refused.<code>``."""

    def __init__(
        self,
        code: str,
        values: dict[str, object],
        near: tuple[str, Sequence[str]] = ("", ()),
        months: Sequence[Month] = (),
    ) -> None:
        """``near`` is offered instead: a text of ``explain.refused`` and its names. ``months`` are first and last."""
        super().__init__(code, values)
        self.code = code
        self.values = values
        self.near = near
        self.months = months

    def text(self, spoken: Language) -> str:
        """What is missing, and what there is."""
        key, names = self.near
        near = say(f"explain.refused.{key}", spoken, names=", ".join(names)) if names else ""
        months = {}
        if self.months:
            first, last = self.months
            months = {
                "first": month_name(first, spoken),
                "last": month_name(last, spoken),
                "iso": month_text(first),
            }
        return say(f"explain.refused.{self.code}", spoken, near=near, **months, **self.values).strip()


def find_item(cycle: Cycle, file: str, country: str, code: str) -> int:
    """Position of an item; raises NotFoundError."""
    items = cycle.inputs.items
    countries = sorted(set(items["country"]))
    own = next((name for name in countries if plain(name) == plain(country)), None)
    if own is None:
        near = _near(country, countries)
        offer = ("near", near) if near else ("choose", countries[:_MOST])
        raise NotFoundError("country", {"file": file, "text": country}, offer)
    codes = items["sap_code"].tolist()
    keys = [join_key(one) for one in codes]
    same = [place for place, key in enumerate(keys) if key == join_key(code)]
    for place in same:
        if items["country"].iloc[place] == own:
            return place
    if same:
        offer = ("elsewhere", sorted({items["country"].iloc[place] for place in same}))
    else:
        there = items[items["country"] == own]
        named = there[[plain(code) in plain(text) for text in there["description"]]]["sap_code"].tolist()
        near = named if plain(code) and named else _near(code, there["sap_code"].tolist())
        offer = ("near", near[:_MOST]) if near else ("choose", there["sap_code"].tolist()[:_MOST])
    raise NotFoundError("item", {"file": file, "text": code, "country": own}, offer)


def find_month(cycle: Cycle, text: str, months: int) -> int:
    """Place of a month among the first ``months`` of the plan; raises NotFoundError."""
    planned = cycle.inputs.months[:months]
    month = month_said(text)
    if month not in planned:
        raise NotFoundError("month", {"text": text}, months=(planned[0], planned[-1]))
    return planned.index(month)


def _near(text: str, names: Sequence[str]) -> list[str]:
    by_plain = {plain(name): name for name in names}
    return [by_plain[key] for key in difflib.get_close_matches(plain(text), by_plain, _MOST)]
