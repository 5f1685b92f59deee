"""Bridge: why the projection has moved since an earlier cycle, as a waterfall, sentences and tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smile_xl.core.checks import Array
from smile_xl.language import Language, say
from smile_xl.planning.accuracy import Accuracy
from smile_xl.planning.bridge import Bridge
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.drivers import DRIVERS
from smile_xl.planning.months import month_name
from smile_xl.reports.accuracy import accuracy_blocks, accuracy_lines
from smile_xl.reports.page import Block, Chart, Column, Page, Role, Series
from smile_xl.reports.parts import header, make_page
from smile_xl.reports.stamp import Stamp

CHART_ROWS = 20
"""Empty rows that make room for the waterfall."""

TRACE = 5e-3
"""Currency under which a term is nothing that a sentence would say."""


def bridge(cycle: Cycle, found: Bridge, stamp: Stamp, accuracy: Accuracy) -> Page:
    """The waterfall with a sentence per driver, every group, every month, then how far off the forecasts were."""
    blocks = [_steps(cycle, found), _groups(cycle, found), _months(cycle, found), *accuracy_blocks(cycle, accuracy)]
    lines = [_said(cycle, found, "unit"), _said(cycle, found, "order")]
    lines += accuracy_lines(accuracy, cycle.inputs.settings.language)[:2]
    page = make_page(cycle, stamp, "bridge", lines, blocks, labels=2)
    top = page.first_row()
    last = top + len(blocks[0].rows) - 1
    names = (top, 0, last, 0)
    series = [
        Series(str(blocks[0].columns[column].header), names, (top, column, last, column), clear=column == 2)
        for column in range(2, 6)
    ]
    title, unit = _said(cycle, found, "chart"), cycle.inputs.settings.currency
    least = _axis_start(found)
    if least:
        spoken = cycle.inputs.settings.language
        title = f"{title} {_words(cycle, found, 'axis', spoken, least=_money(least, spoken))}"
    chart = Chart(title, unit, series, last + 2, 0, "stacked", width=980, height=380, least=least)
    return make_page(cycle, stamp, "bridge", lines, blocks, labels=2, charts=[chart])


def _axis_start(found: Bridge) -> float:
    """Where the axis begins so that the terms can be seen: a round figure well under the lowest level."""
    steps = [float(_mean(found.terms[driver]).sum()) for driver in DRIVERS]
    levels = float(_mean(found.before).sum()) + np.cumsum([0.0, *steps])
    wanted = float(2 * levels.min() - levels.max())
    if wanted <= 0:
        return 0.0
    unit = float(10 ** np.floor(np.log10(wanted)))
    return float(np.floor(wanted / unit) * unit)


def sentences(cycle: Cycle, found: Bridge, spoken: Language) -> dict[str, str]:
    """What each driver did to the mean of the months."""
    return {driver: _sentence(cycle, found, driver, spoken) for driver in DRIVERS}


def change_text(cycle: Cycle, found: Bridge, spoken: Language) -> str:
    """The change itself in one sentence."""
    figures = {"before": found.before, "after": found.after, "change": found.change}
    shown = {name: _money(_mean(values).sum(), spoken, signed=name == "change") for name, values in figures.items()}
    return _words(cycle, found, "change", spoken, **shown)


def _sentence(cycle: Cycle, found: Bridge, driver: str, spoken: Language) -> str:
    means = _mean(found.terms[driver])
    name = say(f"headers.driver.{driver}", spoken)
    if not np.abs(found.terms[driver]).max(initial=0.0) > TRACE:
        return _words(cycle, found, "none", spoken, name=name)
    place = int(np.argmax(np.abs(means)))
    country, sub_category = found.keys[place]
    values = {
        "amount": _money(means.sum(), spoken, signed=True),
        "country": country,
        "sub_category": sub_category,
        "part": _money(means[place], spoken, signed=True),
    }
    return " ".join((_words(cycle, found, f"why.{driver}", spoken), _words(cycle, found, "amount", spoken, **values)))


def _without_traces(values: Array) -> Array:
    """Values without what rounding has left of nothing, which a page would show as -0."""
    return np.where(np.abs(values) > TRACE, values, 0.0)


def _mean(values: Array) -> Array:
    """Mean of the months, by group."""
    return np.asarray(values.mean(axis=1))


def _said(cycle: Cycle, found: Bridge, key: str) -> str:
    """A text in the book's language."""
    return _words(cycle, found, key, cycle.inputs.settings.language)


def _words(cycle: Cycle, found: Bridge, key: str, spoken: Language, **values: object) -> str:
    months = {"then": found.then, "now": found.now, "first": found.months[0], "last": found.months[-1]}
    named = {name: month_name(month, spoken) for name, month in months.items()}
    return say(f"cycles.{key}", spoken, currency=cycle.inputs.settings.currency, **named, **values)


def _money(number: float, spoken: Language, *, signed: bool = False) -> str:
    text = f"{number:+,.0f}" if signed else f"{number:,.0f}"
    return text.replace(",", "\u202f") if spoken == "fr" else text


def _steps(cycle: Cycle, found: Bridge) -> Block:
    """From the old figure to the new one, mean of the months, with what the waterfall is drawn from."""
    terms = _without_traces(np.array([_mean(found.terms[driver]).sum() for driver in DRIVERS])).tolist()
    before, after = (float(_mean(values).sum()) for values in (found.before, found.after))
    columns = [
        Column(_said(cycle, found, "column.step"), "text"),
        Column(_said(cycle, found, "column.amount"), "cash"),
        *(Column(_said(cycle, found, f"column.{name}"), "cash") for name in ("under", "level", "more", "less")),
        Column(_said(cycle, found, "column.why"), "sentence"),
    ]
    spoken = cycle.inputs.settings.language
    told, change = sentences(cycle, found, spoken), change_text(cycle, found, spoken)
    rows: list[list[object]] = [[_said(cycle, found, "before"), before, 0, before, 0, 0, change]]
    level = before
    for driver, term in zip(DRIVERS, terms, strict=True):
        bars = [min(level, level + term), 0, max(term, 0.0), max(-term, 0.0)]
        rows.append([say(f"headers.driver.{driver}", spoken), term, *bars, told[driver]])
        level += term
    rows.append([_said(cycle, found, "after"), after, 0, after, 0, 0, None])
    roles: dict[int, Role] = {0: "subtotal", len(rows) - 1: "total"}
    return Block(columns, rows, _said(cycle, found, "block.steps"), roles=roles, gap=CHART_ROWS)


def _groups(cycle: Cycle, found: Bridge) -> Block:
    """Mean of the months by country and sub-category, with the total of each country and of all."""
    columns = [header(cycle, "country"), header(cycle, "sub_category"), Column(_said(cycle, found, "before"), "cash")]
    columns += [Column(_driver(cycle, driver), "cash") for driver in DRIVERS]
    columns += [Column(_said(cycle, found, name), "cash") for name in ("after", "column.change")]
    parts = [found.before, *(found.terms[driver] for driver in DRIVERS), found.after, found.change]
    figures = _without_traces(np.column_stack([_mean(values) for values in parts]))
    rows: list[list[object]] = []
    roles: dict[int, Role] = {}
    countries = np.array([country for country, _ in found.keys])
    for country in dict.fromkeys(countries.tolist()):
        places = np.flatnonzero(countries == country)
        rows += [[*found.keys[place], *figures[place].tolist()] for place in places]
        roles[len(rows)] = "subtotal"
        rows.append([country, _total(cycle, "total"), *figures[places].sum(axis=0).tolist()])
    roles[len(rows)] = "total"
    rows.append([_total(cycle, "grand_total"), _total(cycle, "total"), *figures.sum(axis=0).tolist()])
    return Block(columns, rows, _said(cycle, found, "block.groups"), roles=roles)


def _months(cycle: Cycle, found: Bridge) -> Block:
    """All countries by month."""
    columns = [Column(_said(cycle, found, "column.step"), "text"), Column("", "text")]
    columns += [Column(month, "cash") for month in found.months]
    parts: Sequence[tuple[str, Array]] = [
        (_said(cycle, found, "before"), found.before),
        *((_driver(cycle, driver), found.terms[driver]) for driver in DRIVERS),
        (_said(cycle, found, "after"), found.after),
    ]
    rows = [[name, None, *_without_traces(values.sum(axis=0)).tolist()] for name, values in parts]
    roles: dict[int, Role] = {0: "subtotal", len(rows) - 1: "total"}
    return Block(columns, rows, _said(cycle, found, "block.months"), roles=roles)


def _driver(cycle: Cycle, driver: str) -> str:
    return say(f"headers.driver.{driver}", cycle.inputs.settings.language)


def _total(cycle: Cycle, key: str) -> str:
    return say(f"reports.{key}", cycle.inputs.settings.language)
