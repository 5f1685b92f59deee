"""The preview of an import in words: what each list was recognised as, by which evidence, and what becomes of it."""

from __future__ import annotations

from collections import Counter, defaultdict

from smile_xl.language import Language, say
from smile_xl.planning.imports.allocate import TABLE, Import
from smile_xl.planning.imports.recognise import Recognised
from smile_xl.planning.imports.rules import field_name
from smile_xl.planning.srm import STOCK_COLUMNS

TOTALS = 5
"""Totals that differ from their lines which are said one by one."""


def preview_lines(found: Import, spoken: Language) -> list[str]:
    """One line per fact: each list, then what was set apart with its reasons, then what the lists do not touch."""
    lines = [line for one in found.lists for line in _told(one, found, spoken)]
    count: Counter[str] = Counter()
    tonnes: defaultdict[str, float] = defaultdict(float)
    for entry in found.quarantined:
        count[entry.why(spoken)] += 1
        tonnes[entry.why(spoken)] += entry.tonnes or 0.0
    for reason, times in count.most_common():
        excluded = _number(tonnes[reason], spoken)
        lines.append(say("imports.preview.reason", spoken, count=times, reason=reason, tonnes=excluded))
    unknown = sum(entry.tonnes is None for entry in found.entries)
    if unknown:
        lines.append(say("imports.preview.unknown", spoken, count=unknown))
    kept = found.items - len({item for item, _ in found.cells})
    if kept:
        lines.append(say("imports.preview.kept", spoken, count=kept))
    return lines


def _told(one: Recognised, found: Import, spoken: Language) -> list[str]:
    """A list: what it is, which column is what, its decimal sign and dates, its tonnes by field."""
    kind, form = say(f"imports.kind.{one.kind}", spoken), say(f"imports.form.{one.form}", spoken)
    own = [entry for entry in found.entries if entry.line.file == one.file]
    counts = {"lines": len(own), "totals": one.totals, "row": one.header_row}
    lines = [say("imports.preview.list", spoken, file=one.file, kind=kind, form=form, encoding=one.encoding, **counts)]
    mapping = "; ".join(f"{header} = {name}" for name, header in one.mapping.items())
    lines.append(say("imports.preview.mapping", spoken, mapping=mapping))
    if one.unused:
        lines.append(say("imports.preview.unused", spoken, headers="; ".join(one.unused)))
    sign, evidence = one.decimals.sign, "; ".join(one.decimals.evidence)
    code = "decimal" if evidence else "told" if one.decimals.told else "native"
    lines.append(say(f"imports.preview.{code}", spoken, sign=sign, evidence=evidence))
    if one.dates.evidence:
        lines.append(say("imports.preview.dates", spoken, order=one.dates.order, evidence=one.dates.evidence))
    lines += [say(f"imports.preview.{code}", spoken) for code in ("mended", "mixed") if getattr(one.dates, code)]
    lines += totals_lines(one, spoken)
    for name in dict.fromkeys(entry.field for entry in own):
        taken, apart = (
            sum(entry.tonnes or 0.0 for entry in own if entry.field == name and bool(entry.reason) is wanted)
            for wanted in (False, True)
        )
        values = {"taken": _number(taken, spoken), "quarantined": _number(apart, spoken)}
        table = f"{TABLE} " if name in STOCK_COLUMNS or name[:1].isdigit() else ""
        lines.append(say("imports.preview.fields", spoken, field=table + field_name(name, spoken), **values))
    return lines


def totals_lines(one: Recognised, spoken: Language) -> list[str]:
    """The list's own totals that its lines don't add up to, each with its row; that all agree, where there are any."""
    if not one.differing:
        return [say("imports.preview.totals_agree", spoken)] if one.totals else []
    lines = []
    for total in one.differing[:TOTALS]:
        values = {"stated": _number(total.stated, spoken), "found": _number(total.found, spoken)}
        header = " ".join(filter(None, (one.mapping.get(total.field, ""), total.unit.upper())))
        places = {"row": total.row, "first": total.first, "last": total.last}
        lines.append(say("imports.preview.total_differs", spoken, header=header, **places, **values))
    if len(one.differing) > TOTALS:
        lines.append(say("imports.preview.totals_more", spoken, count=len(one.differing) - TOTALS))
    return lines


def _number(tonnes: float, spoken: Language) -> str:
    text = f"{tonnes:,.3f}"
    return text.replace(",", "\u202f").replace(".", ",") if spoken == "fr" else text
