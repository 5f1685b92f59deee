"""A list understood: where its headers stand, what each column is, and its lines without totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from smile_xl import language
from smile_xl.planning.grid import CellError, is_blank
from smile_xl.planning.imports import words
from smile_xl.planning.imports.dates import DateForm, Order, date_form, date_in
from smile_xl.planning.imports.listing import ListError, RawList
from smile_xl.planning.imports.numbers import Amount, Decimals, Sign, amount, decide, value_of
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.srm import STOCK_COLUMNS

HEADER_ROWS = 200
ORDER_FIELDS = ("open_quantity", "ordered_quantity", "mrp_quantity")
QUANTITIES = (*words.STATES, *STOCK_COLUMNS, *ORDER_FIELDS)
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
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class _Columns:
    raw: RawList
    header: int
    places: dict[str, int]

    def cell(self, row: Sequence[object], name: str) -> object:
        place = self.places.get(name)
        return row[place] if place is not None and place < len(row) else None

    def text(self, row: Sequence[object], name: str) -> str:
        value = self.cell(row, name)
        return "" if isinstance(value, CellError) else as_text(value)


def recognise(
    raw: RawList, *, decimal: Sign | None = None, order: Order | None = None, more: Mapping[str, str] | None = None
) -> Recognised:
    """A list understood; ``more`` maps further headers, in plain form, to fields. Raises ListError."""
    columns = _find_columns(raw, more or {})
    body = raw.rows[columns.header + 1 :]
    numeric = [name for name in columns.places if name in QUANTITIES or name.startswith("value_")]
    texts = [text for _, row in body for name in numeric if isinstance(text := columns.cell(row, name), str)]
    decimals = decide(raw.file, texts, decimal)
    titles = [as_text(cell) for _, row in raw.rows[: columns.header] for cell in row if isinstance(cell, str)]
    dates = date_form([columns.cell(row, "delivery_date") for _, row in body], order, titles)
    found = Recognised(
        file=raw.file,
        kind=_kind(columns, titles),
        form=raw.form,
        encoding=raw.encoding,
        header_row=raw.rows[columns.header][0],
        mapping={name: as_text(raw.rows[columns.header][1][place]) for name, place in columns.places.items()},
        decimals=decimals,
        dates=dates,
        totals=0,
    )
    lines: list[Line] = []
    totals = 0
    above = _above(raw, columns)
    for number, row in body:
        if _is_header_again(columns, row):
            continue
        if _is_total(columns, row, numeric, above):
            totals += 1
            continue
        lines += _lines(found, columns, number, row, above)
    if found.kind == "mmbe":
        kept = _without_nodes(raw, columns, lines)
        totals += len({line.row for line in lines}) - len({line.row for line in kept})
        lines = kept
    return replace(found, totals=totals, lines=lines)


def _find_columns(raw: RawList, more: Mapping[str, str]) -> _Columns:
    """The header row: the one that names most fields, among them a material and a quantity."""
    best: _Columns | None = None
    for index, (_, row) in enumerate(raw.rows[:HEADER_ROWS]):
        places: dict[str, int] = {}
        for place, value in enumerate(row):
            if isinstance(value, str) and 0 < len(value) <= 80:
                name = more.get(plain(value)) or words.field_of(value)
                if name in places:
                    if name in QUANTITIES or name == "material":
                        places["twice"] = place
                    elif words.rank_of(value) < words.rank_of(as_text(row[places[name]])):
                        places[name] = place
                elif name:
                    places[name] = place
        if "material" not in places and not _title_material(raw, index):
            continue
        if any(name in QUANTITIES for name in places) and (best is None or len(places) > len(best.places)):
            best = _Columns(raw, index, places)
    if best is None:
        raise ListError("no_header", file=raw.file)
    _drop_sums(best.places)
    if "twice" in best.places:
        number, row = raw.rows[best.header]
        raise ListError("header_twice", file=raw.file, row=number, header=as_text(row[best.places["twice"]]))
    return best


def _drop_sums(places: dict[str, int]) -> None:
    """Leave out columns of stock that hold the sum of others; two for the opening stock are one too many."""
    if "opening" in places and ("unrestricted" in places or "stock" in places):
        places["twice"] = places.get("unrestricted", places.get("stock", 0))
    if "unrestricted" in places or "valuated" in places:
        places.pop("stock", None)
    if "unrestricted" in places:
        places.pop("valuated", None)


def _title_material(raw: RawList, header: int) -> dict[str, str]:
    """Material and plant that stand above the header, each in the cell after its name."""
    found: dict[str, str] = {}
    for _, row in raw.rows[:header]:
        cells = [as_text(cell) for cell in row if not is_blank(cell)]
        for label, value in pairwise(cells):
            name = words.field_of(label) if label else None
            if name in ("material", "plant") and words.field_of(value) is None:
                found.setdefault(name, value)
    return found if "material" in found else {}


def _above(raw: RawList, columns: _Columns) -> dict[str, str]:
    return {} if "material" in columns.places else _title_material(raw, columns.header)


def _kind(columns: _Columns, titles: Sequence[str]) -> str:
    """What kind of list this is: by its title, else by its columns."""
    said = " ".join(titles).casefold().replace(".", "")
    for kind in language.entries("imports", "kind"):
        if kind != "mc9" and kind in said.split():
            return kind
    has = columns.places.__contains__
    if has("mrp_quantity"):
        return "md04"
    if has("open_quantity") or has("ordered_quantity"):
        return "me2m"
    if has("valuated"):
        return "mc9"
    if has("unrestricted"):
        return "mmbe" if has("company") or has("batch") else "mb52"
    return "table" if any(has(name) for name in STOCK_COLUMNS) else "materials"


def _is_header_again(columns: _Columns, row: Sequence[object]) -> bool:
    header = columns.raw.rows[columns.header][1]
    places = list(columns.places.values())
    return all(place < len(row) and as_text(row[place]) == as_text(header[place]) for place in places)


def _is_total(columns: _Columns, row: Sequence[object], numeric: Sequence[str], above: Mapping[str, str]) -> bool:
    """True for a total in any of its shapes: stars, a word for it, or figures that nothing names."""
    texts = [as_text(cell) for cell in row if isinstance(cell, str)]
    if any(text in ("*", "**", "***", "****") for text in texts):
        return True
    figures = [columns.text(row, name) for name in numeric]
    if any(text.endswith("*") for text in figures):
        return True
    first = next((text for text in texts if text), "")
    named = [columns.text(row, name) for name in _NAMING]
    if any(words.is_total(text) for text in (first, named[0])):
        return True
    return not above and not any(named) and any(figures)


def _lines(
    found: Recognised, columns: _Columns, number: int, row: Sequence[object], above: Mapping[str, str]
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
        unit = unit or ordered or columns.text(row, "unit") or _unit_of_header(found.mapping[quantity], quantity)
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
        if not code:
            fault = fault or "no_material"
        yield Line(**{**vars(line), **changes, "fault": fault})


def _fields(columns: _Columns, row: Sequence[object]) -> list[tuple[str, str]]:
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
        return float(cell), "", ""
    if is_blank(cell):
        return None, "", ""
    parts: Amount | None = amount(str(cell))
    value = value_of(parts, sign) if parts else None
    return (None, "", "no_number") if value is None or parts is None else (value, parts.suffix.strip("*"), "")


def _unit_of_header(header: str, quantity: str) -> str:
    """The unit that a header has in brackets; the stock columns of SRM are tonnes."""
    inside = header.rpartition("(")[2].rstrip(") ") if "(" in header else ""
    return inside if inside and words.unit_of(inside) else ("t" if quantity in STOCK_COLUMNS else "")


def _without_nodes(raw: RawList, columns: _Columns, lines: list[Line]) -> list[Line]:
    """Lines of a tree without its nodes: rows without storage location that repeat the sum of those with one."""
    rows = dict(raw.rows)
    located = {line.row for line in lines if columns.text(rows[line.row], "storage_location")}
    sums: dict[tuple[str, str, str], float] = {}
    for line in lines:
        if line.row in located:
            key = (line.sap_code, line.plant, line.field)
            sums[key] = sums.get(key, 0.0) + (line.value or 0.0)
    nodes: dict[int, list[bool]] = {}
    for line in lines:
        if line.row not in located and line.value:
            total = sums.get((line.sap_code, line.plant, line.field))
            nodes.setdefault(line.row, []).append(total is not None and abs(total - line.value) < 1e-6)
    return [line for line in lines if not all(nodes.get(line.row, [False]))]
