"""The sheet Policies: which rule an item has, by a slow resolver; what the rules change, and what they leave alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from itertools import combinations

import numpy as np
import oracle
import pytest
from books_of_items import START, book_of
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from smile_xl.books.csvs import example_folder, read_folder
from smile_xl.books.memory import MemoryBook
from smile_xl.planning import tidy
from smile_xl.planning.cycle import Cycle, find_all, make_cycle
from smile_xl.planning.scenarios import Labels
from smile_xl.planning.steering.policies import SELECTORS, PolicyRule
from smile_xl.planning.steering.resolve import NO_RULE, resolve
from smile_xl.planning.steering.segments import segments
from smile_xl.planning.steering.targets import STATES, item_targets, state_of, stock_path
from smile_xl.reports.stamp import Stamp
from smile_xl.reports.steering.targets import LISTED, targets

HEADS = ["Rule", "Applies to", "Unit", "Target", "Minimum", "Maximum", "Owner", "Valid from", "Valid to", "Reviewed on"]
NOTHING = math.nan


def item(country: str, code: str, **more: object) -> oracle.Item:
    given = {"status": "Regular", "weeks_cover": 3.0, "demand": [10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]}
    given |= {"sub_category": f"S{code}", "brand": f"B{code}", "opening": 40.0, "unit_cost": 2.0, "landed_cost": 3.0}
    return oracle.Item(country, code, **(given | more))


ITEMS = [
    item("Morocco", "1"),
    item("Morocco", "2", status="To be delisted", opening=500.0),
    item("Algeria", "1", opening=900.0),
    item("Tunisia", "3", unit_cost=0.0, landed_cost=0.0),
]


def row(where: str, goal: object = None, **more: object) -> list[object]:
    cells = dict(zip(HEADS, [None] * len(HEADS), strict=True)) | {"Applies to": where, "Target": goal} | more
    return [float(value) if isinstance(value, int) else value for value in cells.values()]


def book(*rows: list[object], items: list[oracle.Item] = ITEMS, **sheets: list[list[object]]) -> MemoryBook:
    made = book_of(items)
    given = {name: made.read(name).rows for name in made.sheet_names()}
    return MemoryBook(given | sheets | {"Policies": [["Our rules"], [], HEADS, *rows]})


def errors(made: MemoryBook) -> list[tuple[str, str, str]]:
    return [(one.code, one.sheet, one.cell) for one in find_all(made) if one.severity == "error"]


# Resolution ---------------------------------------------------------------------------------------------------------

DAYS = st.one_of(st.none(), st.dates(dt.date(2023, 6, 1), dt.date(2023, 10, 31)))
WHERES = st.lists(
    st.tuples(st.sampled_from(["sap_code", "brand", "status", "country"]), st.sampled_from("ab")), max_size=4
)
RULES = st.lists(st.tuples(WHERES, DAYS, DAYS), max_size=7)
ITEM_VALUES = st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=4), min_size=1, max_size=4)


def slow_rule(rules: list[PolicyRule], one: dict[str, str]) -> tuple[int, set[int]]:
    """The rule of an item, and all that tie for it: every two rules compared, attribute by attribute."""

    def selects(rule: PolicyRule) -> bool:
        if not (rule.valid_from or START) <= START <= (rule.valid_to or START):
            return False
        asked = {name: {value for other, value in rule.where if other == name} for name, _ in rule.where}
        return all(one[name] in values for name, values in asked.items())

    def beats(first: PolicyRule, second: PolicyRule) -> bool:
        mine, other = ({name for name, _ in rule.where} for rule in (first, second))
        if ("sap_code" in mine) != ("sap_code" in other):
            return "sap_code" in mine
        if len(mine) != len(other):
            return len(mine) > len(other)
        for name in SELECTORS:
            if (name in mine) != (name in other):
                return name in mine
        return False

    able = [place for place, rule in enumerate(rules) if selects(rule)]
    best = [place for place in able if not any(beats(rules[other], rules[place]) for other in able)]
    return (best[0] if best else NO_RULE), set(best)


@given(RULES, ITEM_VALUES)
@budget(max_examples=80)
def test_the_most_specific_rule_wins_as_a_slow_resolver_finds_it(drawn: list, values: list[list[str]]) -> None:
    names = ("sap_code", "brand", "status", "country")
    rules = [
        PolicyRule(place, "", tuple(where), "weeks", 1.0, NOTHING, NOTHING, "", first, last, None)
        for place, (where, first, last) in enumerate(drawn)
    ]
    attributes = {name: Labels.of([line[column] for line in values]) for column, name in enumerate(names)}
    found = resolve(rules, attributes, len(values), START)
    slow = [slow_rule(rules, dict(zip(names, line, strict=True))) for line in values]
    assert found.of_item.tolist() == [rule for rule, _ in slow]
    tied = {frozenset((one.first, one.second)) for one in found.ties}
    every = {frozenset(pair) for _, best in slow for pair in combinations(sorted(best), 2)}
    assert tied <= every
    assert bool(tied) == bool(every)
    for rule, best in slow:
        assert len(best) < 2 or any(rule in pair for pair in tied)


def rules_of(cycle: Cycle) -> list[int]:
    return cycle.inputs.resolution.of_item.tolist()


def test_a_sap_code_beats_any_number_of_conditions_and_more_conditions_beat_fewer() -> None:
    made = book(
        row("country=Maroc; status=Regular; brand=B1", 4), row("SAP code=0001", 5), row("", 6), row("Pays=Algeria", 7)
    )
    assert rules_of(make_cycle(made)) == [1, 2, 1, 2]


def test_a_condition_that_stands_twice_takes_either_value() -> None:
    assert rules_of(make_cycle(book(row("country=Morocco; country=Tunisia", 4)))) == [0, 0, NO_RULE, 0]


def test_a_tie_is_an_error_that_names_both_rows_and_the_item() -> None:
    made = book(row("country=Morocco", 4), row("sap_code=9", 5), row("Pays = Maroc", 6))
    (finding,) = [one for one in find_all(made) if one.code == "policy_tie"]
    assert (finding.severity, finding.sheet, finding.cell) == ("error", "Policies", "B6")
    for text, words in ((finding.text("en"), "equally specific"), (finding.text("fr"), "aussi précises")):
        assert "B4" in text
        assert "Morocco 1" in text
        assert words in text


def test_no_tie_where_a_more_specific_rule_decides_or_one_follows_the_other_in_time() -> None:
    hidden = [row("country=Tunisia", 4), row("country=Tunisia", 5), row("sap_code=3", 6)]
    assert rules_of(make_cycle(book(*hidden))) == [NO_RULE, NO_RULE, NO_RULE, 2]
    ends, begins = dt.date(2023, 7, 31), dt.date(2023, 8, 1)
    seasons = [row("", 4, **{"Valid to": ends}), row("", 5, **{"Valid from": begins})]
    assert rules_of(make_cycle(book(*seasons))) == [1] * 4


def test_a_rule_may_select_by_the_classes_of_the_segments() -> None:
    # Of Morocco's two items the dearer one has all but a fifth of the value; demand that grows evenly is Y.
    dear = dataclasses.replace(ITEMS[0], unit_cost=50.0, landed_cost=60.0)
    made = book(
        row("ABC = A; country=Morocco", 4),
        row("segment=CY", 5),
        row("demand class = smooth", 6),
        items=[dear, *ITEMS[1:]],
    )
    segments = tidy_segments(make_cycle(made))
    assert segments == [("A", "AY"), ("C", "CY"), ("A", "AY"), ("C", "CY")]
    assert rules_of(make_cycle(made)) == [0, 1, 2, 1]


def tidy_segments(cycle: Cycle) -> list[tuple[str, str]]:
    found = segments(cycle.inputs)
    return list(zip(found.abc.tolist(), found.segment.tolist(), strict=True))


# Targets ------------------------------------------------------------------------------------------------------------


def test_each_item_shows_its_target_its_rule_and_its_owner() -> None:
    made = book(
        row("country=Morocco", 6.5, Minimum=4.25, Owner="Amina"),
        row("sap_code=1; country=Algeria", 800, Unit="cash", Rule="Cash", Maximum=1000),
        Targets=[["Country", "Brand", "Target weeks"], ["Tunisia", "B3", 8.5]],
    )
    rows = tidy.REPORTS["targets"](make_cycle(made))
    assert list(rows.columns) == ["country", "sap_code", "target_t", "minimum_t", "maximum_t", "rule", "owner"]
    # 6.5 weeks from August on: 10 t of August, and 2.25 / 4.25 of the 20 t of September.
    assert rows["target_t"].tolist() == pytest.approx([10 + 20 * 2.25 / 4.25, 10 + 20 * 2.25 / 4.25, 400, 30])
    assert rows["minimum_t"].tolist() == pytest.approx([10, 10, np.nan, np.nan], nan_ok=True)
    assert rows["maximum_t"].tolist() == pytest.approx([np.nan, np.nan, 500, 60], nan_ok=True)
    assert rows["rule"].tolist() == ["Country = Morocco", "Country = Morocco", "Cash", "target weeks of the brand"]
    assert rows["owner"].tolist() == ["Amina", "Amina", "", ""]


def test_without_a_rule_a_target_follows_from_the_brand_the_cover_or_the_run_out() -> None:
    rows = tidy.REPORTS["targets"](make_cycle(book_of(ITEMS)))
    # 3 weeks of cover: 3 / 4.25 of August; the maximum a month more.
    cover = [np.nan, 10 * 3 / 4.25, 10 + 20 * 3 / 4.25]
    assert rows.loc[0, ["minimum_t", "target_t", "maximum_t"]].tolist() == pytest.approx(cover, nan_ok=True)
    # 500 t, of which the demand of 780 t uses all: nothing is too much.
    assert rows.loc[1, ["target_t", "maximum_t"]].tolist() == pytest.approx([500, 500])
    assert rows["rule"].tolist()[:2] == ["wanted cover", "run-out: what the demand still uses"]
    sheet = [["Country", "Brand", "Target weeks"], ["Morocco", "B1", 8.5]]
    brand = tidy.REPORTS["targets"](make_cycle(book(Targets=sheet))).iloc[0]
    assert (brand["rule"], brand["target_t"], brand["maximum_t"]) == ("target weeks of the brand", 30, 60)
    few = make_cycle(book_of([dataclasses.replace(ITEMS[1], demand=[10.0] * 12)]))
    found = item_targets(few)
    assert found.goal[0].tolist() == [120.0 - 10 * month for month in range(13)]  # what is left of the demand
    assert stock_path(few)[0, 0] == 500


def test_an_item_on_plan_is_at_its_built_in_target_at_the_end_of_a_month() -> None:
    bare = [
        ["Status", "Proposes orders", "Holds safety stock"],
        ["Regular", "yes", "yes"],
        ["Made to order", "yes", "no"],
    ]
    items = [item("Morocco", "1", opening=0.0), item("Morocco", "2", opening=0.0, status="Made to order")]
    cycle = make_cycle(book(items=items, Statuses=bare))
    states = [state_of(stock_path(cycle), item_targets(cycle), moment) for moment in range(13)]
    assert [STATES[place] for place in states[0]] == ["under_target", "at_target"]  # there is nothing yet
    assert {STATES[place] for both in states[6:] for place in both} == {"at_target"}
    np.testing.assert_allclose(item_targets(cycle).goal[:, 6:], cycle.plan.closing[:, 5:], rtol=1e-9, atol=1e-9)


WEEKS = st.integers(0, 40).map(lambda quarter: quarter / 4)
DEMANDS = st.lists(st.integers(1, 50).map(float), min_size=12, max_size=12)


@given(DEMANDS, WEEKS, st.integers(0, 300).map(float))
@budget(max_examples=8)
def test_an_item_under_its_target_is_red_in_availability_and_the_other_way_round(
    demand: list[float], weeks: float, opening: float
) -> None:
    made = book(row("", weeks), items=[item("Morocco", "1", demand=demand, opening=opening)])
    cycle = make_cycle(made)
    now = tidy.availability(cycle).query("stock == 'opening' and method == 'exact'").iloc[0]
    assert now["target"] == pytest.approx(weeks)
    goal = item_targets(cycle).goal[0, 0]
    assert now["at_risk"] == (opening < goal * (1 - 1e-9))


def test_the_sheet_targets_goes_before_the_policies_in_availability() -> None:
    sheet = [["Country", "Brand", "Target weeks"], ["Morocco", "B1", 2.0]]
    cycle = make_cycle(book(row("country=Morocco", 9), row("sap_code=3", None, Minimum=2), Targets=sheet))
    targets_of = tidy.availability(cycle).groupby(["country", "brand"])["target"].first().to_dict()
    assert targets_of["Morocco", "B1"] == 2
    assert targets_of["Morocco", "B2"] == pytest.approx(9)
    assert math.isnan(targets_of["Algeria", "B1"])  # no rule
    assert math.isnan(targets_of["Tunisia", "B3"])  # a rule without a target
    assert "target_missing" not in {one.code for one in cycle.findings}


def test_a_maximum_is_the_limit_of_the_overstock() -> None:
    usual = tidy.overstocks(make_cycle(book_of(ITEMS)))
    same = tidy.overstocks(make_cycle(book(row("", None, Maximum=3 + 4.25))))
    np.testing.assert_allclose(same["overstock_t"], usual["overstock_t"], rtol=1e-12)
    cycle = make_cycle(book(row("country=Algeria", None, Unit="tonnes", Maximum=100)))
    own = tidy.overstocks(cycle)
    algeria = own["country"] == "Algeria"
    closing = cycle.plan.closing[2]
    assert own.loc[algeria, "overstock_t"].tolist() == pytest.approx(np.maximum(closing - 100, 0).tolist())
    assert own.loc[algeria, "overstock_cash"].sum() == pytest.approx(2 * np.maximum(closing - 100, 0).sum())
    assert own[~algeria].equals(usual[~algeria])
    weeks = tidy.excess(cycle).set_index("country").loc["Algeria", "weeks_above"]
    stock, limit = (oracle.exact_cover(amount, ITEMS[2].demand[1:])[0] for amount in (closing[0], 100.0))
    beyond = 4.25 * (closing[0] - sum(ITEMS[2].demand[1:])) / 65  # after the year, at the mean demand
    assert weeks == pytest.approx(stock + beyond - limit)


def test_a_book_without_rules_keeps_every_figure_and_its_fingerprint() -> None:
    before, after = make_cycle(book_of(ITEMS)), make_cycle(book())
    assert after.inputs.fingerprint() == before.inputs.fingerprint()
    for name in ("availability", "overstock", "summary", "dsr", "projections"):
        assert tidy.REPORTS[name](after).equals(tidy.REPORTS[name](before))


def test_a_rule_changes_the_fingerprint() -> None:
    prints = {make_cycle(book(row("", weeks))).inputs.fingerprint() for weeks in (4, 5)}
    assert len(prints) == 2


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "code", "cell"),
    [
        pytest.param(row("country", 4), "selector", "B4", id="no value"),
        pytest.param(row("colour=red", 4), "selector", "B4", id="no such attribute"),
        pytest.param(row("country=Morocco"), "policy_empty", "D4", id="no amount"),
        pytest.param(row("", "six"), "not_a_number", "D4", id="a word as the target"),
        pytest.param(row("", -1), "negative", "D4", id="negative"),
        pytest.param(row("", 521), "out_of_range", "D4", id="over ten years of weeks"),
        pytest.param(row("", 4, Minimum=5), "policy_order", "D4", id="minimum above target"),
        pytest.param(row("", None, Minimum=5, Maximum=4), "policy_order", "F4", id="minimum above maximum"),
        pytest.param(row("", 4, Unit="pallets"), "choice_unknown", "C4", id="another unit"),
        pytest.param(row("", 4, **{"Valid to": "soon"}), "date_unknown", "I4", id="no date"),
        pytest.param(row("", 4, **{"Valid from": "2023-09-02", "Valid to": "2023-09-01"}), "policy_dates", "I4", id="ends before it begins"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_an_error_at_its_cell(cells: list[object], code: str, cell: str) -> None:
    assert errors(book(cells)) == [(code, "Policies", cell)]


def test_a_rule_for_nobody_and_one_in_cash_without_cost_are_warnings() -> None:
    found = {one.code: one.cell for one in find_all(book(row("brand=B9", 4), row("brand=B3", 100, Unit="valeur")))}
    assert found["policy_no_item"] == "B4"
    assert found["policy_no_cost"] == "D5"


def test_french_headers_and_values_are_understood() -> None:
    heads = ["S'applique à", "Cible", "Unité", "Responsable"]
    made = book_of(ITEMS)
    given_sheets = {name: made.read(name).rows for name in made.sheet_names()}
    french = MemoryBook(
        given_sheets | {"Politiques": [heads, ["Pays = Maroc; Statut = À délister", 7.0, "tonnes", "Amina"]]}
    )
    rows = tidy.REPORTS["targets"](make_cycle(french))
    assert (rows.loc[1, "target_t"], rows.loc[1, "owner"]) == (7, "Amina")


# The page -----------------------------------------------------------------------------------------------------------


def test_reviews_are_overdue_after_the_interval_of_the_settings() -> None:
    review = [row("country=Morocco", 4, **{"Reviewed on": dt.date(2022, 8, 20)}), row("country=Algeria", 5)]
    later = [row("country=Tunisia", 5, **{"Reviewed on": dt.date(2022, 7, 31)})]
    page = targets(make_cycle(book(*review, *later)), Stamp(dt.datetime(2023, 8, 1)))
    assert [line[3] for line in page.blocks[1].rows[:3]] == ["valid", "review overdue", "review overdue"]
    assert [line[4] for line in page.blocks[1].rows[:2]] == [dt.date(2023, 8, 1), "never reviewed"]
    assert page.blocks[1].rows[0][4] == dt.date(2023, 8, 1)
    made = book(*review, *later)
    slower = make_cycle(
        MemoryBook(
            {name: made.read(name).rows for name in made.sheet_names()}
            | {"Settings": [["Setting", "Value"], ["Review interval (months)", 24.0]]}
        )
    )
    page = targets(slower, Stamp(dt.datetime(2023, 8, 1)))
    assert [line[3] for line in page.blocks[1].rows[:3]] == ["valid", "review overdue", "valid"]


def test_what_rounding_leaves_of_no_gap_is_not_shown_as_minus_nothing() -> None:
    items = targets(make_cycle(read_folder(example_folder(), "en")), Stamp(dt.datetime(2023, 8, 1))).blocks[2]
    figures = [value for line in items.rows for value in line if isinstance(value, float)]
    assert not [value for value in figures if 0 < abs(value) < 1e-9]


def test_the_page_lists_the_largest_gaps_and_its_totals_count_every_item() -> None:
    many = [item("Morocco", str(code), opening=float(code)) for code in range(1, LISTED + 6)]
    cycle = make_cycle(book(row("", 4, Minimum=2, Maximum=30), items=many))
    page = targets(cycle, Stamp(dt.datetime(2023, 8, 1)))
    countries, rules, items = page.blocks
    assert len(items.rows) == LISTED + 2
    assert items.rows[-2][0] == "5 other items"
    rows = tidy.REPORTS["targets"](cycle)
    assert items.rows[-1][6] == pytest.approx(rows["target_t"].sum(), rel=1e-9)
    gaps = [line[10] for line in items.rows]
    assert sum(gaps[:-1]) == pytest.approx(gaps[-1], rel=1e-9)
    assert min(abs(gap) for gap in gaps[:-2]) >= 0
    assert countries.rows[0][2] == items.rows[0][1], "the item of the largest gap of the country"
    assert countries.rows[-1][3:6] == pytest.approx([rules.rows[-1][12], rules.rows[-1][13], gaps[-1]], rel=1e-9)
    states = [line[4] for line in items.rows[:-2]]
    stock = [line[8] for line in items.rows[:-2]]
    low, high = rows["minimum_t"][0], rows["maximum_t"][0]
    assert [state == "under minimum" for state in states] == [one < low for one in stock]
    assert [state == "over maximum" for state in states] == [one > high for one in stock]
    reds = {line for line, column in items.marks if column == 4 and items.marks[line, column] == "risk"}
    assert reds == {line for line, state in enumerate(states) if state == "under minimum"}
