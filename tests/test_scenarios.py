"""Scenarios change what they name and nothing else: against the slow reference with the changes made item by item."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import oracle
import pytest
from books_of_items import book_of
from test_portfolio import RULES, portfolio

from smile_xl.core import DomainError, late_landing, late_months, late_orders
from smile_xl.planning.cycle import make_cycle, plan_of
from smile_xl.planning.inputs import Inputs
from smile_xl.planning.scenarios import (
    Change,
    Labels,
    ScenarioError,
    apply,
    attributes_of,
    case_of,
    change_of,
    picked,
    with_changes,
)


def slow_landing(rule: oracle.Rule, week: int) -> int:
    """Month in which a week's transit lands, week 1 being the first, and the weeks after the eighth 4.25 to a month."""
    return rule.landing[week - 1] if week <= 8 else rule.landing[7] + math.floor((week - 8) / 4.25)


def slow_delay(item: oracle.Item, rules: dict[str, oracle.Rule], weeks: int) -> oracle.Item:
    """The item with everything late, under a country of its own."""
    rule, months = rules[item.country], math.floor(weeks / 4.25 + 0.5)
    confirmed = list(item.confirmed)
    if months:
        confirmed[2:] = [None if quantity is None else 0.0 for quantity in item.confirmed[2:]]
        for month in range(2, 12 - months):
            if item.confirmed[month] is not None:
                confirmed[month + months] = (confirmed[month + months] or 0.0) + item.confirmed[month]
    name = f"{item.country} late"
    rules[name] = oracle.Rule(
        frozen=min(rule.frozen + months, 12),
        landing=tuple(slow_landing(rule, week + weeks) for week in range(1, 9)),
        pipeline=min(rule.pipeline + months, 12),
    )
    return replace(item, country=name, confirmed=confirmed)


def assert_planned_alike(
    inputs: Inputs, items: list[oracle.Item], rules: dict[str, oracle.Rule], methods: list[str]
) -> None:
    plan = plan_of(inputs)
    for place, (item, method) in enumerate(zip(items, methods, strict=True)):
        expected = oracle.plan([item], rules, oracle.STATUSES, method)[0]
        for name in ("safety", "orders", "closing", "pipeline"):
            np.testing.assert_allclose(getattr(plan, name)[place], expected[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("seed", range(3))
def test_changed_items_are_planned_as_the_reference_plans_them(seed: int) -> None:
    items = portfolio(seed, 40, 14)
    base = make_cycle(book_of(items, RULES)).inputs
    rules, weeks = dict(RULES), [0, 1, 2, 3, 5, 9, 30][seed * 2 + 1]
    changes = [
        change_of("demand", "brand=b1", "+10 %"),
        change_of("delay", "country=Morocco; country=Algeria", weeks),
        change_of("policy", "sub_category=SOS", "average"),
        change_of("Semaines de couverture", "", "+1,5"),
        change_of("landed_cost", "status=Delisted", "-5%"),
    ]
    changed, methods = [], []
    for item in items:
        factor = 1.1 if item.brand == "B1" else 1.0
        other = replace(
            item, demand=[quantity * factor for quantity in item.demand], weeks_cover=item.weeks_cover + 1.5
        )
        late = item.country in ("Morocco", "Algeria")
        changed.append(slow_delay(other, rules, weeks) if late else other)
        methods.append("average" if item.sub_category == "SOS" else "exact")
    inputs = with_changes(base, changes)
    assert_planned_alike(inputs, changed, rules, methods)
    landed = [item.landed_cost * (0.95 if item.status == "Delisted" else 1) for item in items]
    np.testing.assert_allclose(inputs.landed_cost, landed, rtol=1e-12)
    assert inputs.unit_cost is base.unit_cost


def test_the_base_stays_as_it_was_and_shares_what_no_change_touches() -> None:
    base = make_cycle(book_of(portfolio(3, 30), RULES)).inputs
    before = {name: array.copy() for name, array in vars(base.portfolio).items()}
    everything = [
        change_of(what, "country=Tunisia", change)
        for what, change in (
            ("demand", 0.5),
            ("delay", 8),
            ("policy", "average"),
            ("weeks_cover", -2),
            ("unit_cost", 1),
        )
    ]
    with_changes(base, everything)
    for name, array in before.items():
        np.testing.assert_array_equal(getattr(base.portfolio, name), array)
    case = apply(case_of(base), attributes_of(base.items), [change_of("demand", "", 0.2)])
    assert all(getattr(case.portfolio, name) is getattr(base.portfolio, name) for name in before if name != "demand")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change_of("demand", "", "0 %"), id="demand +0 %"),
        pytest.param(change_of("delay", "", 0), id="no week late"),
        pytest.param(change_of("weeks_cover", "", "0"), id="no week of cover more"),
        pytest.param(change_of("demand", "country=Atlantis", "+90 %"), id="no item picked"),
    ],
)
def test_a_change_of_nothing_changes_no_figure(change: Change) -> None:
    base = make_cycle(book_of(portfolio(5, 30), RULES)).inputs
    after = with_changes(base, [change])
    for name, array in vars(plan_of(base)).items():
        np.testing.assert_array_equal(getattr(plan_of(after), name), array)


def test_late_transit_loses_nothing_within_the_horizon() -> None:
    landing = [[0, 0, 0, 1, 1, 1, 1, 2]]
    assert late_landing(landing, 0).tolist() == landing
    assert late_landing(landing, 4).tolist() == [[1, 1, 1, 2, 2, 2, 2, 2]]
    assert late_landing(landing, 13).tolist() == [[3, 3, 3, 4, 4, 4, 4, 5]]
    once = late_landing(landing, 9)
    assert (once >= landing).all()
    assert (np.diff(once) >= 0).all()


def test_late_orders_keep_their_tonnes_within_the_horizon() -> None:
    confirmed = np.full((1, 12), np.nan)
    confirmed[0, [0, 2, 3, 7]] = 9, 5, 2, 1
    moved = late_orders(confirmed, 9)
    assert moved[0, :2].tolist()[0] == 9
    assert np.isnan(moved[0, 1])
    assert np.nansum(moved) == np.nansum(confirmed)
    assert moved[0, [2, 3, 4, 5, 7, 9]].tolist() == [0, 0, 5, 2, 0, 1]
    assert np.isnan(moved[0, 6])
    assert np.nansum(late_orders(confirmed, 26)) == 9 + 5 + 2  # month 7 has left the horizon


@pytest.mark.parametrize("weeks", [-1, 53, 1.5])
def test_an_impossible_delay_is_refused_by_the_core(weeks: float) -> None:
    with pytest.raises(DomainError):
        late_months(weeks)


@pytest.mark.parametrize(
    ("what", "where", "change", "code"),
    [
        ("colour", "", 1, "what_unknown"),
        ("demand", "", "more", "share_wrong"),
        ("demand", "", "10", "share_wrong"),  # as text it may be ten percent or ten times
        ("demand", "", 10.0, "share_unclear"),  # whoever types 10 means 10 %, not +1000 %
        ("landed_cost", "", 1.5, "share_unclear"),
        ("demand", "", "-101 %", "share_wrong"),
        ("demand", "", math.inf, "share_wrong"),
        ("delay", "", "1.5", "delay_wrong"),
        ("delay", "", "-2", "delay_wrong"),
        ("delay", "", "10 %", "delay_wrong"),
        ("weeks_cover", "", "+10 %", "weeks_wrong"),
        ("weeks_cover", "", None, "weeks_wrong"),
        ("policy", "", "statistical", "policy_unknown"),
        ("demand", "country", 0.1, "where_wrong"),
        ("demand", "country=", 0.1, "where_wrong"),
        ("demand", "colour=red", 0.1, "where_wrong"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_both_languages(what: str, where: str, change: object, code: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        change_of(what, where, change)
    assert refused.value.code == code
    assert refused.value.text("en") != refused.value.text("fr")


def test_a_refused_change_names_the_choices_in_the_words_of_the_reader() -> None:
    with pytest.raises(ScenarioError) as refused:
        change_of("colour", "", 1)
    assert "Choose one of Demand, Delay, Policy, Weeks cover, Unit cost, Landed cost." in refused.value.text("en")
    assert "parmi Demande, Retard, Politique, Semaines de couverture, Coût unitaire" in refused.value.text("fr")
    with pytest.raises(ScenarioError) as refused:
        change_of("unit_cost", "", "more")
    assert "(Coût unitaire)" in refused.value.text("fr")
    with pytest.raises(ScenarioError) as refused:
        change_of("demand", "colour=red", 0.1)
    assert "Attributes: Country, SAP code" in refused.value.text("en")
    assert "Attributs : Pays, Code SAP" in refused.value.text("fr")


def test_selectors_compare_names_as_people_type_them() -> None:
    attributes = {
        "country": Labels.of(["Maroc", "Morocco", "Tunisie"]),
        "sap_code": Labels.of(["0001", "1a", "2"]),
        "brand": Labels.of(["B1", "b1", "B (1)"]),
    }
    found = {
        text: picked(attributes, change_of("demand", text, 0).where).tolist()
        for text in (
            "Pays = morocco",
            "sap_code=1",
            "sap_code=01A",
            "marque=B1",
            "country=Maroc; brand=b1; sap_code=1A",
        )
    }
    assert list(found.values()) == [
        [True, True, False],
        [True, False, False],
        [False, True, False],
        [True, True, False],
        [False, True, False],
    ]
    assert picked(attributes, ()) is None
    assert picked({"country": Labels.of([])}, (("country", "Morocco"),)).tolist() == []
