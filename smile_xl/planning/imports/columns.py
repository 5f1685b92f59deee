"""Where a list's headers stand, and what each of its columns is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smile_xl import language
from smile_xl.planning.grid import CellError
from smile_xl.planning.imports import words
from smile_xl.planning.imports.listing import ListError, RawList
from smile_xl.planning.imports.titles import titled
from smile_xl.planning.names import as_text, plain
from smile_xl.planning.srm import STOCK_COLUMNS

HEADER_ROWS = 200
ORDER_FIELDS = ("open_quantity", "ordered_quantity", "mrp_quantity")
QUANTITIES = (*words.STATES, *STOCK_COLUMNS, *ORDER_FIELDS)


@dataclass(frozen=True)
class Columns:
    """The columns of a list, by the field that each holds."""

    raw: RawList
    header: int
    """Position of the row of headers."""
    places: dict[str, int]

    def cell(self, row: Sequence[object], name: str) -> object:
        """A field's cell in a row."""
        place = self.places.get(name)
        return row[place] if place is not None and place < len(row) else None

    def text(self, row: Sequence[object], name: str) -> str:
        """A field's text in a row; nothing where the cell shows an error."""
        value = self.cell(row, name)
        return "" if isinstance(value, CellError) else as_text(value)


def find_columns(raw: RawList, more: Mapping[str, str]) -> Columns:
    """The header row: the one that names most fields, among them a material and a quantity."""
    best: Columns | None = None
    above: dict[str, str] = {}
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
        named, above = above, {**titled(row), **above}
        if "material" not in places and "material" not in named:
            continue
        if any(name in QUANTITIES for name in places) and (best is None or len(places) > len(best.places)):
            best = Columns(raw, index, places)
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


def title_material(raw: RawList, header: int) -> dict[str, str]:
    """Material, plant and unit that stand above the header."""
    found: dict[str, str] = {}
    for _, row in raw.rows[:header]:
        found = {**titled(row), **found}
    return found if "material" in found else {}


def kind_of(columns: Columns, titles: Sequence[str]) -> str:
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
