"""What the book says about lists: countries of plants, use of stock states, further headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smile_xl import language
from smile_xl.language import Language, names, say
from smile_xl.planning.grid import Grid, Sheets
from smile_xl.planning.imports import words
from smile_xl.planning.imports.listing import ListError
from smile_xl.planning.names import key_of, plain
from smile_xl.planning.sheets import sheets_of
from smile_xl.planning.srm import STOCK_COLUMNS
from smile_xl.planning.tables import Notebook, Table, find_table


@dataclass(frozen=True)
class ImportRules:
    """The tables of a book that an import follows."""

    plants: Mapping[str, str]
    """Country by plant, both in plain form."""
    uses: Mapping[str, str]
    """By stock state what it is used for: a stock column of SRM, or excluded."""
    given: frozenset[str]
    """States that the book itself names."""

    def country(self, plant: str) -> list[str]:
        """Plain names of the country that a plant may have; none where it is unknown."""
        for name in (plant, plant.split(" ", maxsplit=1)[0]):  # some lists have the plant's name behind its code
            if plain(name) in self.plants:
                return country_names(self.plants[plain(name)])
        key = words.country_of_plant(plant)
        return [plain(name) for name in names(f"headers.country.{key}")] if key else []


def country_names(country: str) -> list[str]:
    """Plain names of a country in any language, the one it is called by first."""
    key = key_of("country", country)
    return [plain(country), *(plain(name) for name in names(f"headers.country.{key}"))] if key else [plain(country)]


def read_rules(book: Sheets) -> ImportRules:
    """The tables Plants and Stock states of a book; without a row the defaults hold."""
    plants: dict[str, str] = {}
    table = _table(book, "plants", ("plant", "country"))
    for row, plant, country in _rows(table, "plant", "country"):
        if plain(plant) in plants:
            raise ListError("table_twice", **_place(table, row, "plant"), text=plant)
        plants[plain(plant)] = plain(country)
    uses = {state: words.default_use(state) for state in words.STATES}
    given: set[str] = set()
    table = _table(book, "stock_states", ("state", "use"))
    for row, said, use in _rows(table, "state", "use"):
        state, wanted = words.field_of(said), _use(use)
        state = plain(said) if plain(said) in words.STATES else state
        if state not in words.STATES:
            raise ListError("table_value", **_place(table, row, "state"), text=said, names=", ".join(words.STATES))
        if wanted is None:
            allowed = ", ".join((*STOCK_COLUMNS, "excluded"))
            raise ListError("table_value", **_place(table, row, "use"), text=use, names=allowed)
        if state in given:
            raise ListError("table_twice", **_place(table, row, "state"), text=said)
        uses[state] = wanted
        given.add(state)
    return ImportRules(plants, uses, frozenset(given))


def read_map(book: Sheets, name: str) -> dict[str, str]:
    """The further headers of a map, in plain form, with the field that each means."""
    table = _table(book, "import_maps", ("map", "header", "field"))
    fields = {plain(one): key for key in language.entries("imports", "field") for one in names(f"imports.field.{key}")}
    fields |= {plain(key): key for key in (*language.entries("imports", "field"), *STOCK_COLUMNS)}
    found: dict[str, str] = {}
    known: dict[str, None] = {}
    maps = table.texts("map") if table else []
    for (row, header, said), own in zip(_rows(table, "header", "field"), maps, strict=True):
        known[own] = None
        if plain(own) != plain(name):
            continue
        if plain(said) not in fields:
            allowed = ", ".join(language.entries("imports", "field"))
            raise ListError("map_field", **_place(table, row, "field"), text=said, names=allowed)
        found[plain(header)] = fields[plain(said)]
    if not found:
        raise ListError("no_map", book=book.name, name=name, names=", ".join(known) or "-")
    return found


def field_name(name: str, spoken: Language) -> str:
    """A field as a reader sees it."""
    if name in STOCK_COLUMNS:
        return say(f"headers.column.{name}", spoken)
    if name in language.entries("imports", "apart"):
        return say(f"imports.apart.{name}", spoken)
    return say(f"imports.field.{name}", spoken) if name in words.STATES else name


def _use(text: str) -> str | None:
    for key in ("opening", "excluded"):
        if plain(text) in {plain(name) for name in names(f"imports.use_name.{key}")}:
            return key
    return next((key for key in STOCK_COLUMNS if plain(text) in map(plain, names(f"headers.column.{key}"))), None)


def _table(book: Sheets, key: str, columns: tuple[str, ...]) -> Table | None:
    sheets = sheets_of(key, book.sheet_names())
    if not sheets:
        return None
    grid: Grid = book.read(sheets[0])
    table = find_table(grid, Notebook(), columns, ())
    if table is None:
        headers = ", ".join(names(f"headers.column.{column}")[0] for column in columns)
        raise ListError("table_header", sheet=grid.sheet, names=headers)
    return table


def _rows(table: Table | None, first: str, second: str) -> list[tuple[int, str, str]]:
    return list(zip(table.rows, table.texts(first), table.texts(second), strict=True)) if table else []


def _place(table: Table | None, row: int, column: str) -> dict[str, object]:
    sheet, cell = table.grid.place(row, table.columns[column]) if table else ("", "")
    return {"sheet": sheet, "cell": cell}
