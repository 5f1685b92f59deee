"""The Master File: its input sheets as pages, the results as SMILE_ array formulas with their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from smile_xl.core import HORIZON, SAFETY_METHODS
from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle
from smile_xl.planning.grid import address
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.measured import MEASURED_COLUMNS
from smile_xl.planning.rule_tables import WEEKS
from smile_xl.planning.rules import (
    BUILT_IN_COUNTRIES,
    BUILT_IN_STATUSES,
    CountryRule,
    StatusRule,
    country_rows,
    status_rows,
)
from smile_xl.planning.settings import Settings, numbers_text
from smile_xl.planning.snoozes import SNOOZE_COLUMNS
from smile_xl.planning.srm import ITEM_COLUMNS, STOCK_COLUMNS
from smile_xl.reports.input_parts import input_column, input_page, input_table
from smile_xl.reports.page import SPARE_ROWS, Block, Column, Formula, Kind, Page
from smile_xl.reports.steering.tables import steering_pages


def master_pages(cycle: Cycle) -> list[Page]:
    """The input sheets of a Master File, SRM first."""
    inputs = cycle.inputs
    settings = settings_page(inputs.settings, inputs.months[0])
    return [_srm(cycle), _costs(inputs), _countries(inputs), _statuses(inputs), _targets(inputs),
            opportunities_page(inputs), policies_page(inputs), *steering_pages(inputs), *_measured(inputs),
            _snoozed(inputs), settings]  # fmt: skip


def _srm(cycle: Cycle) -> Page:
    inputs, plan = cycle.inputs, cycle.plan
    spoken, portfolio = inputs.settings.language, inputs.portfolio
    blank_zero = {
        name: np.where(getattr(portfolio, name) > 0, getattr(portfolio, name), np.nan) for name in ("moq", "multiple")
    }
    choices = {
        "country": _table_range(inputs, "countries", len(country_rules(inputs)), 1),
        "status": _table_range(inputs, "statuses", len(status_rules(inputs)), 1),
    }
    items = inputs.items.assign(**blank_zero)[list(ITEM_COLUMNS)].to_numpy(dtype=object)
    parts: list[tuple[str, list[Column], np.ndarray]] = [
        ("item", [input_column(spoken, name, choices=choices.get(name, ())) for name in ITEM_COLUMNS], items),
        ("forecast", _months(inputs, len(inputs.months), is_input=True), portfolio.demand),
        (
            "stock",
            [input_column(spoken, name) for name in STOCK_COLUMNS],
            np.column_stack((portfolio.opening, portfolio.transit)),
        ),
        ("confirmed", _months(inputs, HORIZON, is_input=True), portfolio.confirmed),
        ("safety", _months(inputs, HORIZON), plan.safety),
        ("orders", _months(inputs, HORIZON), plan.orders),
        ("closing", _months(inputs, HORIZON), plan.closing),
    ]
    columns: list[Column] = []
    bands: list[tuple[str, int, int]] = []
    first: dict[str, int] = {}
    for name, part_columns, _ in parts:
        first[name] = len(columns)
        columns += part_columns
        bands.append((say(f"headers.block.{name}", spoken), first[name], len(columns) - 1))
    rows = [_blank_nan(row) for row in np.hstack([part.astype(object) for _, _, part in parts]).tolist()]
    block = Block(columns, rows, bands=bands)
    page = input_page(inputs.settings, "srm", [block], labels=3)
    formulas = _result_formulas(inputs, first, page.first_row(), len(rows))
    results = [Formula(0, first[name], len(rows), HORIZON, text) for name, text in formulas.items()]
    return input_page(inputs.settings, "srm", [Block(columns, rows, bands=bands, formulas=results)], labels=3)


def _result_formulas(inputs: Inputs, first: dict[str, int], top: int, count: int) -> dict[str, str]:
    """The formula of each result block, over the ranges of the sheet."""
    spoken = inputs.settings.language
    item = {name: first["item"] + place for place, name in enumerate(ITEM_COLUMNS)}

    def span(column: int, columns: int = 1) -> str:
        return _range(top, column, top + count - 1, column + columns - 1)

    statuses = _table_range(inputs, "statuses", len(status_rules(inputs)), 3)
    settings = {name: f"{_sheet(spoken, 'settings')}!{_range(*_setting_cell(name))}" for name in vars(Settings())}
    status_names, _, holds = (
        _table_range(inputs, "statuses", len(status_rules(inputs)), 1, column=column) for column in range(3)
    )
    yes = say("headers.value.yes", spoken)
    held = f'COUNTIFS({status_names},{span(item["status"])},{holds},"{yes}")'
    method = settings["safety_method"]
    for name in SAFETY_METHODS:
        own = f"COUNTIFS({_policy_matches(inputs, span(item['country']), span(item['sap_code']), name)})"
        method = f'IF({own}>0,"{name}",{method})'
    forecast = span(first["forecast"], HORIZON)
    transit = span(first["stock"] + 1, len(WEEKS))
    opening = span(first["stock"])
    rules = _table_range(inputs, "countries", len(country_rules(inputs)), 3 + len(WEEKS))
    country = span(item["country"])
    orders = ",".join(
        (
            *(country, opening, transit, forecast, span(first["safety"], HORIZON), span(first["confirmed"], HORIZON)),
            *(span(item["status"]), span(item["moq"]), span(item["multiple"])),
            *(rules, statuses, settings["net_transit"]),
        )
    )
    return {
        "safety": f"SMILE_SAFETYSTOCK({span(first['forecast'], len(inputs.months))},"
        f"{span(item['weeks_cover'])}*{held},{method})",
        "orders": f"SMILE_ORDERS({orders})",
        "closing": f"SMILE_CLOSING({country},{opening},{transit},{forecast},{span(first['orders'], HORIZON)},{rules})",
    }


def _policy_matches(inputs: Inputs, country: str, sap_code: str, name: str) -> str:
    """Ranges and criteria that count the rows in which the table of policies gives an item this one."""
    columns = (
        _table_range(inputs, "safety_policies", len(inputs.items), 1, column=place)
        for place, column in enumerate(_POLICY_COLUMNS)
        if column in ("country", "sap_code", "policy")
    )
    wanted = (country, sap_code, f'"{say(f"headers.value.{name}", inputs.settings.language)}"')
    return ",".join(part for pair in zip(columns, wanted, strict=True) for part in pair)


def _costs(inputs: Inputs) -> Page:
    names = ("country", "sap_code", "description", "unit_cost", "landed_cost")
    texts = inputs.items[["country", "sap_code", "description"]].to_numpy(dtype=object)
    costs = np.column_stack((inputs.unit_cost, inputs.landed_cost)).astype(object)
    return input_table(inputs, "costs", names, np.hstack((texts, costs)).tolist())


def country_rules(inputs: Inputs) -> Sequence[CountryRule]:
    """The rules that the table shows: the given ones, or the built-in ones in the book's language."""
    given = inputs.countries
    return country_rows(inputs.settings.language) if given is BUILT_IN_COUNTRIES else list(given.values())


def status_rules(inputs: Inputs) -> Sequence[StatusRule]:
    """The statuses that the table shows: the given ones, or the built-in ones in the book's language."""
    given = inputs.statuses
    return status_rows(inputs.settings.language) if given is BUILT_IN_STATUSES else list(given.values())


def _countries(inputs: Inputs) -> Page:
    spoken = inputs.settings.language
    rows = [[rule.name, rule.frozen, *rule.landing, rule.pipeline] for rule in country_rules(inputs)]
    columns = [input_column(spoken, name) for name in ("country", "frozen")]
    columns += [input_column(spoken, week, "whole") for week in WEEKS]
    columns += [input_column(spoken, "pipeline")]
    return input_page(inputs.settings, "countries", [Block(columns, rows)])


def _statuses(inputs: Inputs) -> Page:
    spoken = inputs.settings.language
    flags = {flag: say(f"headers.value.{'yes' if flag else 'no'}", spoken) for flag in (True, False)}
    rows = [[rule.name, flags[rule.proposes], flags[rule.holds_safety]] for rule in status_rules(inputs)]
    flag = tuple(flags.values())
    columns = [input_column(spoken, "status")]
    columns += [input_column(spoken, name, choices=flag) for name in ("proposes", "holds_safety")]
    return input_page(inputs.settings, "statuses", [Block(columns, rows)])


def _targets(inputs: Inputs) -> Page:
    rows = [[country, brand, weeks] for (country, brand), weeks in inputs.targets.items()]
    return input_table(inputs, "targets", ("country", "brand", "target"), rows)


def opportunities_page(inputs: Inputs) -> Page:
    """The chosen opportunities."""
    keys = inputs.items[["country", "sap_code"]].to_numpy(dtype=object)
    rows = [
        [inputs.months[line.month], *keys[line.risk], *keys[line.donor], line.tonnes] for line in inputs.opportunities
    ]
    names = ("month", "country", "risk_code", "donor_country", "donor_code", "tonnes")
    return input_table(inputs, "opportunities", names, rows)


_POLICY_COLUMNS = ("country", "sap_code", "description", "policy")


def policies_page(inputs: Inputs) -> Page:
    """The safety method of the items that have one of their own."""
    spoken = inputs.settings.language
    names = {name: say(f"headers.value.{name}", spoken) for name in SAFETY_METHODS}
    texts = inputs.items[["country", "sap_code", "description"]].to_numpy(dtype=object)
    rows = [[*texts[item], names[method]] for item, method in sorted(inputs.policies.items())]
    columns = [input_column(spoken, name) for name in _POLICY_COLUMNS[:-1]]
    columns.append(input_column(spoken, "policy", choices=tuple(names.values())))
    return input_page(inputs.settings, "safety_policies", [Block(columns, rows)])


def _measured(inputs: Inputs) -> list[Page]:
    """The sheets of the past, empty where nothing is known of it."""
    words = {
        flag: say(f"headers.value.{name}", inputs.settings.language) for flag, name in ((True, "yes"), (False, "no"))
    }
    return [
        input_table(inputs, key, MEASURED_COLUMNS[key], [[_word(value, words) for value in row] for row in rows])
        for key, rows in inputs.measured.rows.items()
    ]


def _word(value: object, words: dict[bool, str]) -> object:
    return words[value] if isinstance(value, bool) else value


def _snoozed(inputs: Inputs) -> Page:
    """The findings that are snoozed."""
    rows = [one.values() for one in inputs.snoozes.rows] if inputs.snoozes else []
    return input_table(inputs, "snoozed", SNOOZE_COLUMNS, rows)


def settings_page(settings: Settings, start: dt.date | None) -> Page:
    """The Settings sheet, with the first planned month."""
    spoken = settings.language
    values: dict[str, object] = {
        **vars(settings),
        "start": start,
        "safety_method": say(f"headers.value.{settings.safety_method}", spoken),
        "demand_shape": say(f"headers.value.{settings.demand_shape}", spoken),
        "cover_edges": numbers_text(settings.cover_edges, spoken),
        "planner": settings.planner or None,
        "volatility_cuts": numbers_text(settings.volatility_cuts, spoken),
        "archive_folder": settings.archive_folder or None,
        "abc_cuts": numbers_text(settings.abc_cuts, spoken),
        "abc_scope": say(f"headers.value.{settings.abc_scope}", spoken),
        "stock_levels": "; ".join(say(f"headers.level.{level}", spoken) for level in settings.stock_levels),
    }
    rows = [
        [say(f"headers.setting.{name}", spoken), value, say(f"headers.meaning.{name}", spoken)]
        for name, value in values.items()
    ]
    kinds: tuple[Kind, ...] = ("text", "any", "long_text")
    names = ("setting", "value", "meaning")
    columns = [input_column(spoken, name, kind) for name, kind in zip(names, kinds, strict=True)]
    return input_page(settings, "settings", [Block(columns, rows)])


def _months(inputs: Inputs, count: int, *, is_input: bool = False) -> list[Column]:
    return [Column(month, "tonnes", is_input) for month in inputs.months[:count]]


def _blank_nan(row: list[object]) -> list[object]:
    return [None if isinstance(value, float) and np.isnan(value) else value for value in row]


def _sheet(spoken: Language, key: str) -> str:
    name = say(f"headers.sheet.{key}", spoken)
    return name if name.isascii() and name.isalnum() else f"'{name}'"


def _range(top: int, left: int, bottom: int, right: int) -> str:
    """An absolute reference: $A$1 or $A$1:$B$9."""
    corners = [_absolute(top, left), _absolute(bottom, right)]
    return ":".join(dict.fromkeys(corners))


def _absolute(row: int, column: int) -> str:
    name = address(row, column)
    letters = name.rstrip("0123456789")
    return f"${letters}${name[len(letters) :]}"


def _table_range(inputs: Inputs, key: str, rows: int, columns: int, column: int = 0) -> str:
    """The rows of an input table and some spare ones, from one of its columns on."""
    bottom = _TABLE_TOP + rows + SPARE_ROWS - 1
    cells = _range(_TABLE_TOP, column, bottom, column + columns - 1)
    return f"{_sheet(inputs.settings.language, key)}!{cells}"


_TABLE_TOP = Page("", "", [""], [Block([], [])], "en").first_row()
"""Row of the first values of a page with one line and one block."""


def _setting_cell(name: str) -> tuple[int, int, int, int]:
    row = _TABLE_TOP + list(vars(Settings())).index(name)
    return row, 1, row, 1
