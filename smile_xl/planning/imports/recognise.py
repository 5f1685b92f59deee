"""A list understood: where its headers stand, what each column is, and its lines without totals."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from smile_xl.planning.grid import CellError, is_blank
from smile_xl.planning.imports import words
from smile_xl.planning.imports.columns import QUANTITIES, Columns, find_columns, kind_of, title_material
from smile_xl.planning.imports.dates import DateForm, Order, date_form, date_in
from smile_xl.planning.imports.listing import RawList
from smile_xl.planning.imports.numbers import Amount, Decimals, Sign, amount, decide, decimals_of, value_of
from smile_xl.planning.imports.titles import titled
from smile_xl.planning.imports.totals import Figure, Mismatch, hidden, mismatches
from smile_xl.planning.imports.tree import Node, flattened
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.srm import STOCK_COLUMNS

_NAMING = ("material", "description", "plant", "storage_location", "country")


@dataclass(frozen=True)
class Line:
    """One quantity of one line of a list, as the file says it."""

    file: str
    row: int
    sap_code: str
    plant: str
    country: str
    field: str
    """A stock state, a column of SRM, or ``order``."""
    value: float | None
    unit: str
    date: dt.date | None = None
    cash: float | None = None
    currency: str = ""
    fault: str = ""
    """Why the line can't be used, where the list alone shows it."""
    text: str = ""
    """What the cell holds where it is at fault."""


@dataclass(frozen=True)
class Recognised:
    """What a list was recognised as, with the evidence, and its lines."""

    file: str
    kind: str
    form: str
    encoding: str
    header_row: int
    mapping: dict[str, str]
    """From each field to the header that names it."""
    decimals: Decimals
    dates: DateForm
    totals: int
    """Rows of totals that were left out."""
    differing: list[Mismatch] = field(default_factory=list)
    """Totals that are not the sum of their lines."""
    unused: tuple[str, ...] = ()
    """Headers of columns that nothing is taken from."""
    lines: list[Line] = field(default_factory=list)


def recognise(
    raw: RawList, *, decimal: Sign | None = None, order: Order | None = None, more: Mapping[str, str] | None = None
) -> Recognised:
    """A list understood; ``more`` maps further headers, in plain form, to fields. Raises ListError."""
    raw, nodes = flattened(raw) or (raw, [])
    columns = find_columns(raw, more or {})
    body = raw.rows[columns.header + 1 :]
    numeric = [name for name in columns.places if name in QUANTITIES or name.startswith("value_")]
    shown = [*numeric, *(name for name in ("available", "delivered_quantity") if name in columns.places)]
    texts = [text for _, row in body for name in shown if isinstance(text := columns.cell(row, name), str)]
    texts += [node.cell for node in nodes if isinstance(node.cell, str)]
    decimals = decide(raw.file, texts, decimal)
    titles = [as_text(cell) for _, row in raw.rows[: columns.header] for cell in row if isinstance(cell, str)]
    dates = date_form([columns.cell(row, "delivery_date") for _, row in body], order, titles)
    found = Recognised(
        file=raw.file,
        kind=kind_of(columns, titles),
        form=raw.form,
        encoding=raw.encoding,
        header_row=raw.rows[columns.header][0],
        mapping={name: as_text(raw.rows[columns.header][1][place]) for name, place in columns.places.items()},
        decimals=decimals,
        dates=dates,
        totals=0,
        unused=_unused(columns),
    )
    lines: list[Line] = []
    stated: list[Figure] = []
    counted: list[Figure] = []
    totals = len({node.row for node in nodes})
    above = {} if "material" in columns.places else title_material(raw, columns.header)
    for number, row in body:
        if _is_header_again(columns, row):
            continue
        named = {} if "material" in columns.places else titled(row)
        if named:  # the next material begins
            above = named if "material" in named else {**above, **named}
            continue
        if _is_total(columns, row, numeric, above):
            totals += 1
            stated += _figures(found, columns, number, row, numeric)
            continue
        counted += _figures(found, columns, number, row, numeric)
        lines += _lines(found, columns, number, row, above)
    differing = [] if found.kind == "md04" else mismatches(stated, counted)
    differing += _differing_nodes(found, columns, nodes)
    if found.kind == "mmbe" and not nodes:
        kept, wrong = _without_nodes(raw, columns, lines)
        totals += len({line.row for line in lines}) - len({line.row for line in kept})
        lines, differing = kept, differing + wrong
    return replace(found, totals=totals, lines=lines, differing=differing)


def _unused(columns: Columns) -> tuple[str, ...]:
    header = columns.raw.rows[columns.header][1]
    names = (as_text(cell) for place, cell in enumerate(header) if place not in columns.places.values())
    return tuple(name for name in names if name)


def _is_header_again(columns: Columns, row: Sequence[object]) -> bool:
    header = columns.raw.rows[columns.header][1]
    places = list(columns.places.values())
    return all(place < len(row) and as_text(row[place]) == as_text(header[place]) for place in places)


def _is_total(columns: Columns, row: Sequence[object], numeric: Sequence[str], above: Mapping[str, str]) -> bool:
    """True for a total in any of its shapes: stars, a word for it, or figures that nothing names."""
    texts = [as_text(cell) for cell in row if isinstance(cell, str)]
    if any(text in ("*", "**", "***", "****") for text in texts):
        return True
    figures = [columns.text(row, name) for name in numeric]
    if any(text.endswith("*") for text in figures):
        return True
    first = next((text for text in texts if text), "")
    named = [columns.text(row, name) for name in _NAMING]
    if words.is_total(named[0]) or (words.is_total(first) and not _is_articles_name(first, named[0], named[1])):
        return True
    return not above and not any(named) and any(figures)


def _is_articles_name(text: str, code: str, description: str) -> bool:
    """True for an article called "Total Repair": more than the word, beside a code that it does not repeat."""
    return bool(code) and text == description and not words.is_total_alone(text) and code not in text


def _lines(
    found: Recognised, columns: Columns, number: int, row: Sequence[object], above: Mapping[str, str]
) -> Iterator[Line]:
    """The quantities of a row; a row without any is no line."""
    code = columns.text(row, "material") or above.get("material", "")
    plant = columns.text(row, "plant") or above.get("plant", "")
    for name, quantity in _fields(columns, row):
        cell = columns.cell(row, quantity)
        value, unit, fault = _number(cell, found.decimals.sign)
        if value is None and not fault:
            continue
        ordered = columns.text(row, "order_unit") if name == "order" else ""
        unit = unit or ordered or columns.text(row, "unit") or above.get("unit") or ""
        headed = _unit_of_header(found.mapping[quantity])
        if value and unit and headed and words.unit_of(unit) != words.unit_of(headed):
            fault = fault or "unit_twice"
        unit = unit or headed or ("t" if quantity in STOCK_COLUMNS else "")
        line = Line(found.file, number, code, plant, columns.text(row, "country"), name, value, unit)
        cash, currency, _ = _number(columns.cell(row, f"value_{quantity}"), found.decimals.sign)
        changes: dict[str, object] = {"cash": cash, "currency": currency or columns.text(row, "currency")}
        if name == "order":
            date, reason = date_in(columns.cell(row, "delivery_date"), found.dates)
            delivered, _, odd = _number(columns.cell(row, "delivered_quantity"), found.decimals.sign)
            if quantity == "ordered_quantity" and value is not None:
                known = delivered is not None and not odd
                changes["value"] = value - delivered if known and delivered is not None else value
                fault = fault or ("" if known else "not_open")
            if columns.text(row, "deletion"):
                fault = fault or "deleted"
            changes |= {"date": date}
            fault = fault or reason
            if reason:
                changes["text"] = as_text(columns.cell(row, "delivery_date"))
        if fault == "no_number":
            changes["text"] = as_text(cell)[:40]
        if fault == "unit_twice":
            changes["text"] = headed
        if not code:
            fault = fault or "no_material"
        yield Line(**{**vars(line), **changes, "fault": fault})


def _fields(columns: Columns, row: Sequence[object]) -> list[tuple[str, str]]:
    """What each quantity of a row is, with the column that holds it."""
    has = columns.places.__contains__
    if has("mrp_quantity"):
        element = words.element_of(columns.text(row, "mrp_element"))
        if element == "stock":
            return [("unrestricted", "available" if has("available") else "mrp_quantity")]
        return [("order" if element == "order" else "requirement", "mrp_quantity")]
    if has("open_quantity"):
        return [("order", "open_quantity")]
    if has("ordered_quantity"):
        return [("order", "ordered_quantity")]
    return [(name, name) for name in columns.places if name in (*words.STATES, *STOCK_COLUMNS)]


def _number(cell: object, sign: Sign) -> tuple[float | None, str, str]:
    """A cell's number and the unit in it; a reason where it holds something else."""
    if isinstance(cell, bool | CellError | dt.date):
        return None, "", "no_number"
    if isinstance(cell, float | int):
        return (float(cell), "", "") if math.isfinite(cell) else (None, "", "no_number")
    if is_blank(cell):
        return None, "", ""
    parts: Amount | None = amount(str(cell))
    value = value_of(parts, sign) if parts else None
    return (None, "", "no_number") if value is None or parts is None else (value, parts.suffix.strip("*"), "")


def _unit_of_header(header: str) -> str:
    """The unit that a header has in brackets."""
    inside = header.rpartition("(")[2].rstrip(") ") if "(" in header else ""
    return inside if inside and words.unit_of(inside) else ""


def _figures(
    found: Recognised, columns: Columns, number: int, row: Sequence[object], numeric: Sequence[str]
) -> Iterator[Figure]:
    """The numbers of a row, quantities and values, with the units in which they can be added up."""
    for name in numeric:
        cell = columns.cell(row, name)
        value, unit, _ = _number(cell, found.decimals.sign)
        if value is not None:
            unit = unit or columns.text(row, "currency" if name.startswith("value_") else "unit")
            yield Figure(number, name, value, plain(unit), _decimals(cell, found.decimals.sign))


def _decimals(cell: object, sign: Sign) -> int | None:
    parts = amount(cell) if isinstance(cell, str) else None
    return decimals_of(parts, sign) if parts else None


def _differing_nodes(found: Recognised, columns: Columns, nodes: Sequence[Node]) -> list[Mismatch]:
    """Nodes of a tree that are not the sum of what stands below them."""
    rows = dict(columns.raw.rows)
    names = {place: name for name, place in columns.places.items()}
    sign = found.decimals.sign
    wrong = []
    for node in nodes:
        value, _, _ = _number(node.cell, sign)
        cells = [rows[number][node.place] for number in node.below]
        parts = [_number(cell, sign)[0] for cell in cells]
        if node.place not in names or value is None or None in parts:
            continue
        total = sum(part for part in parts if part is not None)
        shown = _decimals(node.cell, sign)
        slack = sum(hidden(_decimals(cell, sign), shown) for cell in cells) + 1e-6 * max(1.0, abs(value))
        if abs(total - value) > slack:
            wrong.append(Mismatch(node.row, names[node.place], value, total, node.below[0], node.below[-1]))
    return wrong


def _without_nodes(raw: RawList, columns: Columns, lines: list[Line]) -> tuple[list[Line], list[Mismatch]]:
    """Lines of a flat stock overview without its nodes: quantities without a storage location that others have.

    Such a quantity is the sum of those with one, and is told where it is not. A state that no storage location of the
    plant has any of, as stock in transit, stands in the plant alone and counts.
    """
    rows = dict(raw.rows)
    located = {line.row for line in lines if columns.text(rows[line.row], "storage_location")}
    below: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        if line.row in located and line.value:
            below.setdefault((line.sap_code, line.plant, line.field), []).append(line)
    kept, wrong = [], []
    for line in lines:
        own = below.get((line.sap_code, line.plant, line.field), [])
        if line.row in located or not line.value or not own:
            kept.append(line)
            continue
        total = sum(one.value or 0.0 for one in own)
        if abs(total - line.value) > 1e-6 * max(1.0, abs(total)):
            wrong.append(Mismatch(line.row, line.field, line.value, total, own[0].row, own[-1].row, plain(line.unit)))
    empty = {line.row for line in lines} - {line.row for line in kept if line.value}
    return [line for line in kept if line.row in located or line.row not in empty or line.fault], wrong
