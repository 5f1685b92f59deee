"""What several reports show is found once for each cycle, and anew for another one."""

from __future__ import annotations

import gc
from dataclasses import replace
from weakref import ref

from steering.meeting_books import book, item

from smile_xl.planning.cycle import Cycle, make_cycle, once
from smile_xl.planning.steering.gaps import find_gaps

ITEMS = [item("Morocco", "1", opening=13.0)]


def test_what_is_found_once_is_found_anew_for_a_changed_cycle_and_goes_with_its_cycle() -> None:
    cycle = make_cycle(book(items=ITEMS))
    asked: list[ref[Cycle]] = []
    counted = once(lambda one: asked.append(ref(one)) or len(asked))
    assert [counted(cycle), counted(cycle)] == [1, 1]
    other = replace(cycle, findings=[])
    assert [counted(other), counted(cycle)] == [2, 1]
    del cycle, other
    gc.collect()
    assert [one() for one in asked] == [None, None], "no cycle is kept for what was found of it"


def test_the_gaps_of_a_cycle_are_found_once_and_another_cycle_has_its_own() -> None:
    cycle, dearer = (make_cycle(book(items=ITEMS)) for _ in range(2))
    dearer = replace(dearer, inputs=replace(dearer.inputs, unit_cost=dearer.inputs.unit_cost * 2))
    assert find_gaps(cycle) is find_gaps(cycle)
    assert find_gaps(dearer).gap.tolist() == (find_gaps(cycle).gap * 2).tolist()
