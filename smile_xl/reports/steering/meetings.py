"""Meetings: the calendar of the S&OP month, what each meeting looks at, what is open, and what has come of it."""

from __future__ import annotations

from collections.abc import Sequence

from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.months import month_name
from smile_xl.planning.steering.agenda import commitments, figures, open_commitments
from smile_xl.planning.steering.commitments import Commitment
from smile_xl.planning.steering.effects import effects
from smile_xl.planning.steering.maturity import Criterion, maturity, overall, stage
from smile_xl.planning.steering.month import weeks_of
from smile_xl.planning.steering.register import Event, calibrations
from smile_xl.reports import sheet_key
from smile_xl.reports.page import Block, Column, Kind, Mark, Page
from smile_xl.reports.parts import header, make_page
from smile_xl.reports.stamp import Stamp

PAGES_OF = {
    "demand": ("summary", "segments", "indicators", "checks"),
    "supply": ("availability", "stock", "targets", "overstock"),
    "reconciliation": ("dsr", "matching", "availability"),
    "executive": ("summary", "projections", "gaps", "budget", "overstock"),
}
"""The pages that each meeting looks at, by their reports; its own papers begin with Meetings."""


def meetings(cycle: Cycle, stamp: Stamp) -> Page:
    """Calendar, figures, open commitments, effects, the register, calibration, maturity."""
    sheets = {
        name: say(f"headers.sheet.{name}", cycle.inputs.settings.language)
        for name in ("decisions", "actions", "register")
    }
    blocks = [
        _calendar(cycle),
        _figures(cycle),
        _open(cycle),
        _effects(cycle),
        _register(cycle),
        _calibration(cycle),
        _maturity(cycle),
    ]
    lines = [_said(cycle, "unit"), _said(cycle, "write", **sheets)]
    return make_page(cycle, stamp, "meetings", lines, blocks, labels=1)


def _said(cycle: Cycle, key: str, **values: object) -> str:
    settings = cycle.inputs.settings
    return say(f"governance.meetings.{key}", settings.language, currency=settings.currency, **values)


def _own(cycle: Cycle, name: str, kind: Kind) -> Column:
    return Column(_said(cycle, f"column.{name}"), kind)


# Every block has a short text first, then the long one, then a number, so that the columns fit all of them.


def _calendar(cycle: Cycle) -> Block:
    spoken = cycle.inputs.settings.language
    columns = [_own(cycle, "meeting", "text"), _own(cycle, "does", "long_text"), _own(cycle, "week", "date")]
    rows: list[list[object]] = []
    for meeting, monday in weeks_of(cycle.inputs.months[0]).items():
        sheets = ", ".join(say(f"headers.sheet.{sheet_key(name)}", spoken) for name in PAGES_OF[meeting])
        texts = {what: _said(cycle, f"{what}.{meeting}") for what in ("inputs", "outputs")} | {"pages": sheets}
        names = [say(f"headers.meeting.{meeting}", spoken), None, None]
        rows += [
            [name, _said(cycle, f"column.{what}", text=text), monday if name else None]
            for name, (what, text) in zip(names, texts.items(), strict=True)
        ]
    return Block(columns, rows, _said(cycle, "calendar"))


def _figures(cycle: Cycle) -> Block:
    inputs = cycle.inputs
    spoken = inputs.settings.language
    columns = [_own(cycle, "meeting", "text"), _own(cycle, "figure", "long_text"), _own(cycle, "value", "cash")]
    columns.append(_own(cycle, "unit", "text"))
    first = month_name(inputs.months[0], spoken)
    rows = [
        [
            say(f"headers.meeting.{one.meeting}", spoken),
            _said(cycle, f"figure.{one.name}", first=first),
            one.value,
            inputs.settings.currency if one.unit == "cash" else _said(cycle, f"measure.{one.unit}", of=one.of),
        ]
        for one in figures(cycle)
    ]
    return Block(columns, rows, _said(cycle, "figures"))


def _open(cycle: Cycle) -> Block:
    today = cycle.inputs.months[0]
    columns = [header(cycle, "number"), _own(cycle, "what", "long_text"), _own(cycle, "late", "whole")]
    columns += [_own(cycle, "scope", "text"), header(cycle, "owner"), header(cycle, "due", "date")]
    columns += [header(cycle, "expected", "cash")]
    rows: list[list[object]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for one in open_commitments(cycle):
        late = (today - one.due).days if one.due and one.overdue(today) else None
        if late:
            marks[len(rows), 2] = "risk"
        rows.append([_name(cycle, one), one.text, late, _scope(cycle, one), one.owner, one.due, _amount(one.expected)])
    return _block(cycle, "open", columns, rows, marks)


def _effects(cycle: Cycle) -> Block:
    spoken, start = cycle.inputs.settings.language, cycle.inputs.months[0]
    before = [one for one in commitments(cycle) if one.month and one.month < start and one.status != "dropped"]
    columns = [header(cycle, "number"), _own(cycle, "what", "long_text"), _own(cycle, "measured", "cash")]
    columns += [_own(cycle, "scope", "text"), _own(cycle, "when", "text"), header(cycle, "driver")]
    columns += [header(cycle, "expected", "cash"), header(cycle, "status")]
    rows: list[list[object]] = []
    for one, effect in zip(before, effects(cycle, before), strict=True):
        driver = say(f"headers.driver.{one.driver}", spoken) if one.driver else None
        if effect.month is not None:
            when = month_name(effect.month, spoken)
        else:
            when = _said(cycle, f"unmeasured.{effect.reason}")
        status = say(f"headers.progress.{one.status}", spoken)
        texts = [_scope(cycle, one), when, driver]
        rows.append([_name(cycle, one), one.text, effect.value, *texts, _amount(one.expected), status])
    return _block(cycle, "effects", columns, rows)


def _register(cycle: Cycle) -> Block:
    columns = [header(cycle, "number"), header(cycle, "event", "long_text"), header(cycle, "probability", "share")]
    columns += [_own(cycle, "scope", "text"), header(cycle, "owner"), header(cycle, "settles", "month")]
    columns += [header(cycle, "impact", "cash"), _own(cycle, "weight", "cash")]
    events = [one for one in cycle.inputs.steering.register if one.came_true is None]
    rows: list[list[object]] = [
        [
            *(f"{_said(cycle, f'kind.{one.kind}')} {one.number}", one.text, _amount(one.probability)),
            *(_scope(cycle, one), one.owner, one.settles, _amount(one.impact), one.weight),
        ]
        for one in sorted(events, key=lambda one: (-one.weight, one.number))
    ]
    return _block(cycle, "register", columns, rows)


def _calibration(cycle: Cycle) -> Block:
    columns = [header(cycle, "owner"), _own(cycle, "settled", "long_text"), _own(cycle, "brier", "cost")]
    columns += [_own(cycle, "stated", "share"), _own(cycle, "happened", "share")]
    columns += [_own(cycle, "expected", "cash"), _own(cycle, "actual", "cash")]
    rows: list[list[object]] = [
        [one.owner or "-", ", ".join(one.events), one.brier, one.stated, one.happened, one.expected, one.actual]
        for one in calibrations(cycle.inputs.steering.register)
    ]
    return _block(cycle, "calibration", columns, rows)


def _maturity(cycle: Cycle) -> Block:
    spoken = cycle.inputs.settings.language
    criteria = maturity(cycle)
    columns = [_own(cycle, "criterion", "text"), _own(cycle, "evidence", "long_text"), _own(cycle, "score", "share")]
    rows: list[list[object]] = [
        [say(f"governance.maturity.criterion.{one.name}", spoken), _evidence(cycle, one), one.score] for one in criteria
    ]
    mean = overall(criteria)
    values = {"stage": stage(mean), "score": f"{mean:.0%}".rstrip("%")}
    name = say(f"governance.maturity.stage.{stage(mean)}", spoken)
    return Block(columns, rows, _said(cycle, "maturity", name=name, **values))


def _evidence(cycle: Cycle, one: Criterion) -> str:
    spoken = cycle.inputs.settings.language
    numbers = {"done": _number(one.done, spoken), "of": _number(one.of, spoken)}
    return say(f"governance.maturity.evidence.{one.name}", spoken, currency=cycle.inputs.settings.currency, **numbers)


def _number(number: float, spoken: Language) -> str:
    text = f"{number:,.0f}" if float(number).is_integer() or abs(number) >= 100 else f"{number:,.2f}"
    return text.replace(",", "\u202f").replace(".", ",") if spoken == "fr" else text


def _name(cycle: Cycle, one: Commitment) -> str:
    kind = "decision" if one in cycle.inputs.steering.decisions else "action"
    return f"{_said(cycle, f'kind.{kind}')} {one.number}"


def _scope(cycle: Cycle, one: Commitment | Event) -> str:
    return " / ".join(part for part in (one.country, one.sub_category) if part) or _said(cycle, "scope.all")


def _amount(number: float) -> float | None:
    return None if number != number else number


def _block(
    cycle: Cycle,
    key: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    marks: dict[tuple[int, int], Mark] | None = None,
) -> Block:
    """A block, or a line that says that it is empty."""
    none = "none_open" if key == "open" else f"{key}_none"
    return Block(columns, rows or [[_said(cycle, none)]], _said(cycle, key), marks=marks or {})
