"""Matching on books: within all limits, in both languages, and every accepted line passes the checks."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import oracle
import pytest
from books_of_items import book_of, month
from real_book import real_book

from smile_xl import commands
from smile_xl.books.memory import MemoryBook
from smile_xl.core import DSR_MONTHS
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, find_all, make_cycle
from smile_xl.planning.findings import InputError
from smile_xl.planning.steering.accepted import AcceptanceError
from smile_xl.planning.steering.matching import Cover, match
from smile_xl.planning.steering.transfers import months_on_the_way

WHEN = dt.datetime(2023, 8, 1, 9)
HEADS = ["From country", "To country", "Allowed", "Cost per t", "Minimum (t)", "Weeks"]


def item(country: str, code: str, closing: float, landed: float = 1000.0, **more: object) -> oracle.Item:
    """An item without orders or demand after month 0, whose stock stays what it is; negative: short in month 0."""
    short = max(-closing, 0.0)
    values = {"opening": max(closing, 0.0), "demand": [short, *[0.0] * 11], "sub_category": "Soap", "brand": "B"}
    return oracle.Item(country, code, "Delisted", 4.0, unit_cost=landed * 0.8, landed_cost=landed, **{**values, **more})


def book(items: list[oracle.Item], *transfers: list[object], settings=(), opportunities=()) -> MemoryBook:
    made = book_of(items, opportunities=opportunities)
    sheets = {name: made.read(name).rows for name in made.sheet_names()}
    sheets["Settings"] = [*sheets["Settings"], *settings]
    return MemoryBook(sheets | ({"Transfers": [HEADS, *transfers]} if transfers else {}))


def lines(made: MemoryBook, method: str = "optimal") -> list[tuple[object, ...]]:
    rows = tidy.matching_rows(make_cycle(made))
    return list(rows[rows["method"] == method].drop(columns="method").itertuples(index=False, name=None))


SHORT, LONG = item("Morocco", "1", -30.0), item("Morocco", "2", 50.0)
ABROAD = item("Algeria", "1", 50.0)


def test_a_surplus_covers_a_shortage_of_its_sub_category_and_country() -> None:
    assert lines(book([SHORT, LONG])) == [("2023-08", "Morocco", "1", "Morocco", "2", 30.0, 30_000.0)]
    assert lines(book([SHORT, item("Morocco", "2", 50.0, sub_category="Hair")])) == []
    assert lines(book([SHORT, ABROAD])) == [], "not from abroad unless Transfers says so"
    nameless = [item("Morocco", code, stock, sub_category=None) for code, stock in (("1", -30.0), ("2", 50.0))]
    assert lines(book(nameless)) == [], "items without a sub-category have nothing in common"


def test_a_transfer_takes_its_weeks_and_costs_its_money() -> None:
    late = item("Morocco", "1", 0.0, demand=[0.0, 30.0, *[0.0] * 10])
    way = ["Algeria", "Morocco", "yes", 100.0, None, 5.0]
    assert lines(book([late, ABROAD], way)) == [("2023-09", "Morocco", "1", "Algeria", "1", 30.0, 30_000.0)]
    assert lines(book([SHORT, ABROAD], way)) == [], "what is short in the first month can't wait five weeks"
    assert match(make_cycle(book([late, ABROAD], way))).optimal.cost.tolist() == [3000.0]
    assert lines(book([late, ABROAD], ["Algeria", "Morocco", "no", 100.0, None, 5.0])) == []
    assert lines(book([late, ABROAD], ["Algeria", "Morocco", "yes", 1000.0, None, 5.0])) == [], "at no gain"
    assert lines(book([late, ABROAD], ["Algeria", "Morocco", "yes", None, 31.0, 5.0])) == [], "less than the minimum"
    assert lines(book([late, ABROAD], ["Morocco", "Algeria", "yes", None, None, 5.0])) == [], "the other way round"


def test_goods_leave_before_they_arrive() -> None:
    """A donor that has 50 t only from the second month on can't help abroad in it, if the way takes a month."""
    late = item("Morocco", "1", 0.0, demand=[0.0, 30.0, *[0.0] * 10])
    donor = item("Algeria", "1", 0.0, transit=[0.0, 0.0, 0.0, 50.0, 0.0, 0.0, 0.0, 0.0])
    assert lines(book([late, donor], ["Algeria", "Morocco", "yes", None, None, 0.0]))
    assert lines(book([late, donor], ["Algeria", "Morocco", "yes", None, None, 5.0])) == []


def test_settings_say_what_the_table_does_not() -> None:
    late = item("Morocco", "1", 0.0, demand=[0.0, 30.0, *[0.0] * 10])
    way = ["Algeria", "Morocco", None, None, None, None]
    assert len(lines(book([late, ABROAD], way))) == 1, "four weeks, the default, land in time"
    assert lines(book([late, ABROAD], way, settings=[["Transfer weeks", 9.0]])) == []
    assert lines(book([late, ABROAD], way, settings=[["Minimum transfer (t)", 31.0]])) == []
    assert lines(book([SHORT, LONG], settings=[["Minimum transfer (t)", 31.0]])) == []


def test_a_donor_keeps_its_safety_stock_unless_told() -> None:
    held = {"status": "To be delisted", "demand": [0.0, *[10.0] * 11], "weeks_cover": 4.25}
    donor = oracle.Item("Morocco", "2", opening=60.0, sub_category="Soap", brand="B", landed_cost=900.0, **held)
    assert [one[5] for one in lines(book([SHORT, donor]))] == [30.0], "60 t less 20 t of demand less 10 t to keep"
    more = item("Morocco", "1", -100.0)
    assert [one[5] for one in lines(book([more, donor]))] == [30.0]
    assert [one[5] for one in lines(book([more, donor], settings=[["Donors keep safety stock", False]]))] == [40.0]


def test_what_is_chosen_already_counts_first() -> None:
    chosen = [{"month": 0, "c": "Morocco", "r": "1", "dc": "Morocco", "d": "2", "t": 10.0}]
    assert [one[5] for one in lines(book([SHORT, LONG], opportunities=chosen))] == [20.0]
    short_too = item("Morocco", "3", -45.0, landed=500.0)
    found = lines(book([SHORT, LONG, short_too], opportunities=chosen))
    assert [(one[2], one[5]) for one in found] == [("1", 20.0), ("3", 20.0)]


@pytest.mark.parametrize(
    ("weeks", "landed"), [(0, 0), (3, 0), (3.01, 1), (7, 1), (8, 2), (12, 2), (12.75, 3), (52, 12)]
)
def test_goods_on_the_way_land_as_transit_does(weeks: float, landed: int) -> None:
    assert months_on_the_way(weeks, oracle.RULES["Algeria"].landing) == landed


def test_one_item_or_no_shortage_has_no_lines() -> None:
    for items in ([SHORT], [LONG], [LONG, item("Morocco", "3", 0.0)]):
        rows = tidy.matching_rows(make_cycle(book(items)))
        assert rows.empty
        assert list(rows) == [
            "month",
            "country",
            "risk_sap_code",
            "donor_country",
            "donor_sap_code",
            "tonnes",
            "cash",
            "method",
        ]


# Random books ---------------------------------------------------------------------------------------------------------


def random_book(seed: int) -> MemoryBook:
    chance = np.random.default_rng(seed)
    countries = list(oracle.RULES)
    items = [
        oracle.Item(
            country=countries[place % 3],
            sap_code=str(place // 3),
            status=str(chance.choice(["Regular", "To be delisted", "Delisted"])),
            weeks_cover=float(chance.choice([0, 2, 4])),
            sub_category=str(chance.choice(["Soap", "Hair"])),
            brand="B",
            opening=float(chance.gamma(1, 120)),
            transit=(chance.gamma(1, 10, 8) * (chance.random(8) < 0.4)).tolist(),
            demand=chance.gamma(2, 30, 12).tolist(),
            unit_cost=800.0,
            landed_cost=float(chance.uniform(500, 2000)),
        )
        for place in range(30)
    ]
    transfers = [
        [source, target, str(chance.choice(["yes", "no"])), float(chance.uniform(0, 300)), *settings]
        for source, target in itertools.product(countries, countries)
        for settings in [[float(chance.choice([0, 8])), float(chance.choice([0, 2, 6])) if source != target else 0.0]]
        if chance.random() < 0.7
    ]
    return book(items, *transfers)


def assert_within_limits(cycle: Cycle, cover: Cover, transfers: dict[tuple[str, str], list]) -> None:
    """The limits said again, line by line, from the book's own words."""
    items, closing = cycle.inputs.items, cycle.plan.closing
    countries, subs = items["country"].tolist(), items["sub_category"].tolist()
    given, covered = np.zeros((len(items), DSR_MONTHS)), np.zeros((len(items), DSR_MONTHS))
    rows = zip(cover.month, cover.risk, cover.donor, cover.tonnes, cover.cash, cover.cost, strict=True)
    for when, risk, donor, tonnes, cash, cost in rows:
        assert subs[risk] == subs[donor]
        way = transfers.get((countries[donor], countries[risk]))
        _, _, allowed, price, least, weeks = way or [None, None, "yes", 0.0, 0.0, 0.0]
        assert allowed == "yes"
        assert way or countries[risk] == countries[donor]
        landing = (0, *oracle.RULES[countries[risk]].landing)[int(weeks)]
        assert when - landing >= 0
        assert tonnes >= least
        assert cash == pytest.approx(tonnes * cycle.inputs.landed_cost[risk])
        assert cost == pytest.approx(tonnes * price)
        given[donor, when - landing :] += tonnes
        covered[risk, when] += tonnes
    has = np.maximum(closing[:, :DSR_MONTHS], 0) - cycle.plan.safety[:, :DSR_MONTHS]
    assert (given[given > 0] <= has[given > 0] + 1e-6).all(), "below the safety stock of a donor"
    assert (covered <= np.maximum(-closing[:, :DSR_MONTHS], 0) + 1e-9).all(), "a risk covered twice"


@pytest.mark.parametrize("seed", range(4))
def test_random_books_keep_every_limit_and_all_lines_can_be_accepted(seed: int) -> None:
    made = random_book(seed)
    cycle = make_cycle(made)
    found = match(cycle)
    transfers = (
        {(row[0], row[1]): row for row in made.read("Transfers").rows[1:]} if "Transfers" in made.sheet_names() else {}
    )
    assert len(found.optimal) > 0
    assert found.greedy.value <= found.optimal.value <= found.most * (1 + 1e-9)
    for cover in (found.optimal, found.greedy):
        assert_within_limits(cycle, cover, transfers)
    commands.match(made, WHEN, "all", reports=())
    after = make_cycle(made)
    assert len(after.inputs.opportunities) == len(found.optimal)
    assert after.inputs.fingerprint() == commands.match(made, WHEN).cycle.inputs.fingerprint()
    if found.is_proved:
        assert match(after).optimal.value <= found.most - found.optimal.value + 1e-6, "nothing worth it is left"


# Accepting ------------------------------------------------------------------------------------------------------------

TWO = [SHORT, LONG, item("Morocco", "3", -45.0, landed=500.0)]


def marked(made: MemoryBook, *answers: str) -> MemoryBook:
    """The book with its page Matching, and answers in the last column of its lines."""
    commands.match(made, WHEN)
    grid = made.read("Matching")
    sheets = {name: [list(row) for row in made.read(name).rows] for name in made.sheet_names()}
    header = next(row for row, cells in enumerate(grid.rows) if "Accept" in cells)
    for place, answer in enumerate(answers, start=header + 1):
        sheets["Matching"][place][11] = answer
    return MemoryBook(sheets)


def test_marked_lines_become_rows_below_those_that_are_there() -> None:
    chosen = [{"month": 0, "c": "Morocco", "r": "1", "dc": "Morocco", "d": "2", "t": 5.0}]
    made = marked(book(TWO, opportunities=chosen), "no", "yes")
    before = made.read("Opportunities").rows
    matched = commands.match(made, WHEN, "marked")
    rows = made.read("Opportunities").rows
    assert rows[: len(before)] == before
    assert rows[len(before) :] == [[month(0), "Morocco", "3", "Morocco", "2", 20.0]]
    assert matched.accepted == [1]
    assert not [one for one in find_all(made) if one.severity == "error"]
    grid = made.read("Matching")
    assert sum("Morocco" in row and len(row) == 12 for row in grid.rows) == 1, "what was accepted is proposed no more"
    assert made.pages["DSR"].blocks[0].rows[0][5] == pytest.approx(5000.0 + 20.0 * 500), "and counts in the DSR"


def test_marks_stay_over_a_refresh_as_long_as_the_line_does() -> None:
    made = marked(book(TWO), "yes", "oui")
    commands.refresh(made, WHEN)
    [accept] = [
        [row[11] for row in block.rows[:2]] for block in made.pages["Matching"].blocks if len(block.columns) == 12
    ]
    assert accept == ["yes", "yes"]
    changed = {name: [list(row) for row in made.read(name).rows] for name in made.sheet_names()}
    costs = changed["Costs"]
    changed["SRM"][3][changed["SRM"][1].index("Opening")] = 40.0
    again = MemoryBook({**changed, "Costs": costs})
    commands.refresh(again, WHEN)
    block = again.pages["Matching"].blocks[1]
    assert [(row[8], row[11]) for row in block.rows[:2]] == [(30.0, "yes"), (10.0, None)]


@pytest.mark.parametrize(
    ("answers", "accept", "code"),
    [
        ((), "marked", "none_marked"),
        (("no", "perhaps"), "marked", "none_marked"),
        ((), "3", "no_line"),
        ((), "0", "no_line"),
    ],
)
def test_what_can_not_be_accepted_is_said_and_nothing_written(answers, accept: str, code: str) -> None:
    made = marked(book(TWO), *answers)
    before = made.read("Opportunities").rows
    with pytest.raises(AcceptanceError) as caught:
        commands.match(made, WHEN, accept)
    assert caught.value.code == code
    assert "{" not in caught.value.text("en") + caught.value.text("fr")
    assert made.read("Opportunities").rows == before


@pytest.mark.parametrize("accept", ["marked", "1,2"])
def test_a_line_that_changed_since_is_not_accepted(accept: str) -> None:
    made = marked(book(TWO), "yes", "yes")
    made.renew_values("SRM", 3, made.read("SRM").rows[1].index("Opening"), np.array([[40.0]]))
    with pytest.raises(AcceptanceError) as caught:
        commands.match(made, WHEN, accept)
    assert caught.value.code == "stale"
    assert caught.value.values["lines"] == "2"
    assert commands.match(made, WHEN, "1", reports=()).accepted == [0], "the other one can be"


def test_a_book_without_opportunities_gets_the_sheet() -> None:
    made = book(TWO)
    bare = MemoryBook({name: made.read(name).rows for name in made.sheet_names() if name != "Opportunities"})
    commands.match(bare, WHEN, "1,2", reports=())
    assert [one.tonnes for one in make_cycle(bare).inputs.opportunities] == [30.0, 20.0]


def test_a_table_in_other_order_and_without_dates_is_filled_as_it_is() -> None:
    made = book(TWO)
    heads = ["Note", "Tonnes", "Code SAP du donneur", "Mois", "Pays", "Code SAP du risque"]
    rows = [[], ["keep", 4.0, "2", "2023-08", "Morocco", "1"], ["a note below", None, None, None, None, None]]
    sheets = {name: made.read(name).rows for name in made.sheet_names() if name != "Opportunities"}
    other = MemoryBook({**sheets, "Opportunités": [heads, *rows]})
    commands.match(other, WHEN, "1", reports=())
    found = other.read("Opportunités").rows
    assert found[3] == ["a note below", 26.0, "2", "2023-08", "Morocco", "1"]
    assert found[:3] == [heads, *rows[:2]]


def test_a_line_from_abroad_needs_a_column_for_the_donor_country() -> None:
    late = item("Morocco", "1", 0.0, demand=[0.0, 30.0, *[0.0] * 10])
    made = book([late, ABROAD], ["Algeria", "Morocco", "yes", 100.0, None, 0.0])
    heads = ["Month", "Country", "Risk SAP code", "Donor SAP code", "Tonnes"]
    sheets = {name: made.read(name).rows for name in made.sheet_names()} | {"Opportunities": [heads]}
    with pytest.raises(AcceptanceError) as caught:
        commands.match(MemoryBook(sheets), WHEN, "all")
    assert caught.value.code == "no_donor_country"


# Transfers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        (["Spain", "Morocco", "yes"], "A2", 'the country "Spain" has no row in Countries'),
        (["Morocco", "", "yes"], "B2", "the cell is blank (To country)"),
        (["Morocco", "Algeria", "often"], "C2", '"often" is neither yes nor no'),
        (["Morocco", "Algeria", "yes", -1.0], "D2", "-1"),
        (["Morocco", "Algeria", "yes", None, "much"], "E2", '"much"'),
        (["Morocco", "Algeria", "yes", None, None, 53.0], "F2", "53"),
    ],
)
def test_what_transfers_can_not_say_is_refused_with_its_cell(row: list[object], cell: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        make_cycle(book(TWO, [*row, *[None] * (6 - len(row))]))
    [finding] = [one for one in caught.value.findings if one.severity == "error"]
    assert (finding.sheet, finding.cell) == ("Transfers", cell)
    assert said in finding.text("en")
    assert finding.text("fr") != finding.text("en")


def test_a_way_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        make_cycle(book(TWO, ["Morocco", "Algeria", *[None] * 4], ["morocco", "ALGERIA", *[None] * 4]))
    assert [(one.code, one.cell) for one in caught.value.findings if one.severity == "error"] == [("twice", "B3")]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (["Morocco", "Tunisie"], ["B2"]),  # built in, under the name of the other language
        (["Maroc", "Tunisie"], ["A2", "B2"]),
        (["MOROCCO", "algeria "], []),  # spelled as people type
    ],
)
def test_a_way_that_no_item_can_take_is_a_warning_at_its_cell(row: list[object], cells: list[str]) -> None:
    sheets = book([*TWO, ABROAD], [*row, "yes", None, None, None])
    plain_book = MemoryBook({name: sheets.read(name).rows for name in sheets.sheet_names() if name != "Countries"})
    found = [one for one in make_cycle(plain_book).findings if one.code == "transfer_no_item"]
    assert [(one.severity, one.sheet, one.cell) for one in found] == [("warning", "Transfers", cell) for cell in cells]


def test_a_real_book_of_imports_keeps_every_limit() -> None:
    """Real orders and stocks of the fixtures under tests/cases/scms, with every way between countries open."""
    made = real_book()
    names = sorted({row[0] for row in made.read("Countries").rows[1:]})
    ways = [[a, b, "yes", 50.0, 0.0, 0.0] for a, b in itertools.permutations(names, 2)]
    sheets = {name: made.read(name).rows for name in made.sheet_names()} | {"Transfers": [HEADS, *ways]}
    cycle = make_cycle(MemoryBook(sheets))
    found = match(cycle)
    assert found.is_proved
    assert 0 < found.greedy.value <= found.optimal.value
    closing, safety = cycle.plan.closing[:, :DSR_MONTHS], cycle.plan.safety[:, :DSR_MONTHS]
    given = np.zeros(closing.shape)
    for when, donor, tonnes in zip(found.optimal.month, found.optimal.donor, found.optimal.tonnes, strict=True):
        given[donor, when:] += tonnes
    assert (given <= np.maximum(closing - safety, 0) + 1e-9)[given > 0].all()
    assert (found.optimal.covered(len(closing)) <= np.maximum(-closing, 0) + 1e-9).all()
