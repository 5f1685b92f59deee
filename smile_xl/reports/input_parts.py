"""What the pages of the input sheets are put together from."""

from __future__ import annotations

from collections.abc import Sequence

from smile_xl.language import Language, say
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.settings import Settings
from smile_xl.planning.srm import STOCK_COLUMNS
from smile_xl.reports.page import Block, Column, Kind, Page

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("unit_cost", "landed_cost", "net_case_weight", "cost_per_t"), "cost"),
    **dict.fromkeys(
        (
            "moq",
            "multiple",
            "tonnes",
            "minimum_t",
            "ordered_t",
            "received_t",
            "forecast",
            "actual",
            "counted",
            *STOCK_COLUMNS,
        ),
        "tonnes",
    ),
    **dict.fromkeys(("weeks_cover", "target", "lead_time", "transfer_weeks"), "weeks"),
    **dict.fromkeys(("frozen", "pipeline"), "whole"),
    **dict.fromkeys(("month", "launch", "anticipation", "settles", "until"), "month"),
    **dict.fromkeys(("planned", "received", "due"), "date"),
    **dict.fromkeys(("expected", "impact", "actual_impact"), "cash"),
    "probability": "share",
    **dict.fromkeys(("description", "decision", "action", "event", "comment", "reason"), "long_text"),
}


def input_table(inputs: Inputs, key: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> Page:
    """The page of one table of columns with nothing to choose from."""
    columns = [input_column(inputs.settings.language, name) for name in names]
    return input_page(inputs.settings, key, [Block(columns, rows)])


def input_page(settings: Settings, key: str, blocks: Sequence[Block], labels: int = 1) -> Page:
    """The page of an input sheet."""
    spoken = settings.language
    unit = say(f"reports.{key}.unit", spoken, currency=settings.currency)
    return Page(
        say(f"headers.sheet.{key}", spoken), say(f"reports.{key}.title", spoken), [unit], blocks, spoken, labels
    )


def input_column(spoken: Language, name: str, kind: Kind | None = None, choices: Sequence[str] | str = ()) -> Column:
    """A column that the planner types into."""
    header = say(f"headers.column.{name}", spoken)
    return Column(header, kind or _KINDS.get(name, "text"), is_input=True, choices=choices)
