"""The page Mapping, and the preview of a proposal: which column of the team's own is what, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from smile_xl.language import LANGUAGES, Language, say
from smile_xl.planning.grid import address
from smile_xl.planning.layout.asking import Question
from smile_xl.planning.layout.drafting import Draft, Said
from smile_xl.planning.layout.fields import KINDS, field_name
from smile_xl.planning.layout.mapping import COLUMNS, SUMS, Spot, own_name
from smile_xl.planning.layout.proposal import REQUIRED, Proposal
from smile_xl.planning.months import month_name
from smile_xl.reports.page import Block, Column, Kind, Page

SHOWN = 12
"""Headers and items that a line of the preview names."""

_LINES = ("line_1", "line_2", "line_3", "line_4")
_WIDE: dict[str, Kind] = {"sheet": "text", "table": "text", "field": "long_text", "header": "long_text",
                          "fixed": "any", "reading": "text", "evidence": "long_text"}  # fmt: skip


def mapping_page(proposal: Proposal, spoken: Language) -> Page:
    """The page Mapping that a proposal gives, questions left open being rows to fill in."""
    columns = [
        Column(say(f"headers.column.{name}", spoken), _WIDE[name], is_input=name != "evidence") for name in COLUMNS
    ]
    rows = [row for draft in proposal.drafts for row in _rows(draft, spoken)]
    rows += [[sheet, None, None, None, None, None, own_evidence(sheet, why, spoken)]
             for sheet, why in proposal.own.items()]  # fmt: skip
    lines = [say(f"layout.page.{line}", spoken) for line in _LINES]
    return Page(
        say("headers.sheet.mapping", spoken), say("layout.page.title", spoken), lines,
        [Block(columns, rows, filtered=True)], spoken, labels=3,
    )  # fmt: skip


def _rows(draft: Draft, spoken: Language) -> Iterable[list[object]]:
    part = draft.part
    first = [part.sheet, say(f"headers.sheet.{part.table}", spoken)]
    yield [*first, say("layout.row.header_rows", spoken), None, part.depth, None, None]
    if part.left_out:
        labels = "; ".join(say("layout.total.sums", spoken) if one == SUMS else one for one in part.left_out)
        evidence = _evidence(draft.evidence.get("left_out", ()), spoken)
        yield [*first, say("layout.row.left_out", spoken), None, labels, None, evidence]
    open_fields = {question.key[2].partition(":")[0]: question for question in draft.questions}
    for name in KINDS[part.table].fields:
        spot = part.spots.get(name)
        field = field_name(part.table, name, spoken)
        if spot is not None:
            evidence = _evidence(draft.evidence.get(name, ()), spoken)
            yield [*first, field, spot.header or None, spot.fixed, _reading(spot, spoken), evidence]
        elif name in open_fields:
            choices = "; ".join(choice_texts(open_fields[name], spoken, bare=True))
            yield [*first, field, None, None, None, say("layout.evidence.open", spoken, choices=choices)]


def _reading(spot: Spot, spoken: Language) -> str | None:
    return "; ".join(say(f"layout.reading.{one}", spoken) for one in (spot.unit, spot.order) if one) or None


def own_evidence(sheet: str, why: str, spoken: Language) -> str:
    """Why a sheet is left alone."""
    if why == "own_chosen":
        return say("layout.evidence.own_chosen", spoken)
    if why.startswith("table:"):
        return say("layout.evidence.other_table", spoken, table=say(f"headers.sheet.{why[6:]}", spoken))
    return say("layout.evidence.own", spoken, report=own_name(sheet))


def _evidence(said: Iterable[Said], spoken: Language) -> str:
    return "; ".join(say(f"layout.evidence.{code}", spoken, **_shown(values, spoken)) for code, values in said)


def _shown(values: Mapping[str, object], spoken: Language) -> dict[str, object]:
    """Values of a text as the reader sees them: months, units and readings by name."""
    shown: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, dt.date):
            shown[name] = month_name(value, spoken)
        elif name in ("unit", "order", "reading"):
            shown[name] = say(f"layout.reading.{value}", spoken)
        elif name == "text" and value == SUMS:
            shown[name] = say("layout.total.sums", spoken)
        else:
            shown[name] = value
    return shown


def first_open(page: Page) -> str | None:
    """The first cell of the page that is to be filled in: the header of a field that is needed or asked for."""
    wanted = {say(f"layout.evidence.{code}", spoken, choices="").strip() for code in ("needed", "open")
              for spoken in LANGUAGES}  # fmt: skip
    column = COLUMNS.index("header")
    for row, values in enumerate(page.blocks[0].rows, page.first_row()):
        evidence = str(values[COLUMNS.index("evidence")] or "")
        if values[column] is None and any(evidence.startswith(text) for text in wanted):
            return address(row, column)
    return None


# The preview --------------------------------------------------------------------------------------------------------


def preview_lines(proposal: Proposal, spoken: Language) -> list[str]:
    """What is proposed, with the evidence, and what stays as it is."""
    lines = [line for draft in proposal.drafts for line in _told(draft, spoken)]
    for table, sheet in proposal.as_is:
        lines.append(_say("as_is", spoken, table=say(f"headers.sheet.{table}", spoken), sheet=sheet))
    for sheet, why in proposal.own.items():
        lines.append(f"{sheet}: {own_evidence(sheet, why, spoken)}")
    names = {table: say(f"headers.sheet.{table}", spoken) for table in proposal.absent}
    needed = [name for table, name in names.items() if table in REQUIRED]
    lines += [_say("absent_required", spoken, table=name, mapping=mapping_name(spoken)) for name in needed]
    others = [name for table, name in names.items() if table not in REQUIRED]
    if others:
        lines.append(_say("absent_optional", spoken, tables=", ".join(others)))
    return lines


def _told(draft: Draft, spoken: Language) -> list[str]:
    part = draft.part
    table = say(f"headers.sheet.{part.table}", spoken)
    count = len(draft.rows.items)
    lines = [_say("table", spoken, table=table, sheet=part.sheet, row=draft.row + 1, rows=count)]
    for name in KINDS[part.table].fields:
        spot = part.spots.get(name)
        if spot is None:
            continue
        what = spot.header or (_say("fixed", spoken, value=_number(spot.fixed)) if not spot.empty else "-")
        evidence = _evidence(draft.evidence.get(name, ()), spoken)
        lines.append(_say("field", spoken, field=field_name(part.table, name, spoken), what=what, evidence=evidence))
    if draft.rows.left_out:
        evidence = _evidence(draft.evidence.get("left_out", ()), spoken)
        lines.append(_say("left_out", spoken, evidence=evidence))
    if draft.months:
        lines.append(_say("cycle", spoken, month=month_name(draft.months[0], spoken)))
    if draft.assumed:
        fields = ", ".join(field_name(part.table, name, spoken) for name in draft.assumed)
        lines.append(_say("assumed", spoken, fields=fields))
    lines += [_say("refused", spoken, header=header, unit=unit) for header, unit in draft.refused]
    if draft.results:
        lines.append(_say("results", spoken, headers=_few(draft.results)))
    unmapped = [header for header in draft.unmapped if header not in draft.results]
    if unmapped:
        lines.append(_say("unmapped", spoken, headers=_few(unmapped)))
    if draft.twice:
        lines.append(_say("twice", spoken, count=len(draft.twice), what=draft.twice[0]))
    return lines


def _few(headers: Sequence[str]) -> str:
    more = f" ... (+{len(headers) - SHOWN})" if len(headers) > SHOWN else ""
    return "; ".join(headers[:SHOWN]) + more


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def need_lines(proposal: Proposal, spoken: Language) -> list[str]:
    """What is still needed, and what to do about it."""
    return [
        _say(
            "needs",
            spoken,
            sheet=question.key[0],
            field=field_name(question.key[1], question.key[2], spoken),
            example=_EXAMPLES.get(question.key[2], {"en": "0", "fr": "0"})[spoken],
            mapping=mapping_name(spoken),
        )
        for question in proposal.needs
    ]


_EXAMPLES: dict[str, dict[Language, str]] = {
    "country": {"en": "Morocco", "fr": "Maroc"},
    "status": {"en": "Regular", "fr": "Régulier"},
    "weeks_cover": {"en": "6", "fr": "6"},
    "brand": {"en": "Own brand", "fr": "Marque propre"},
    "sub_category": {"en": "All", "fr": "Tout"},
}
"""Fixed values that a plan can do with."""


def question_text(question: Question, spoken: Language) -> str:
    """What is asked."""
    values = dict(question.values)
    if "field" in values:
        values["field"] = field_name(question.key[1], str(values["field"]), spoken)
    if "table" in values:
        values["table"] = say(f"headers.sheet.{question.key[1]}", spoken)
    return say(f"layout.ask.{question.code}", spoken, **values)


def choice_texts(question: Question, spoken: Language, *, bare: bool = False) -> list[str]:
    """The choices of a question; ``bare`` without the word for the best and for none."""
    texts = []
    for place, choice in enumerate(question.choices):
        code, values = choice.text
        if bare and not choice.value:
            continue
        text = say(f"layout.ask.{code}", spoken, **_shown(values, spoken))
        texts.append(f"{text} {say('layout.ask.better', spoken)}" if place == question.best and not bare else text)
    return texts


def question_lines(question: Question, spoken: Language) -> list[str]:
    """A question with its numbered choices."""
    lines = [_say("question", spoken, text=question_text(question, spoken))]
    for number, text in enumerate(choice_texts(question, spoken), start=1):
        lines.append(_say("choice", spoken, number=number, text=text))
    return lines


def mapping_name(spoken: Language) -> str:
    """Name of the sheet Mapping."""
    return say("headers.sheet.mapping", spoken)


def _say(code: str, spoken: Language, **values: object) -> str:
    return say(f"layout.preview.{code}", spoken, **values)
