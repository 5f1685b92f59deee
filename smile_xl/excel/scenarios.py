"""The ribbon's menu of scenarios: compare, promote, drop."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from smile_xl.excel.call import Call, Message
from smile_xl.excel.dialogs import ask_text
from smile_xl.language import say

if TYPE_CHECKING:
    from smile_xl.books.live.book import LiveBook


def scenario(call: Call, what: str) -> Message | None:
    """Do what the menu offers with the scenarios of the open workbook."""
    from smile_xl.books.live.previous import forget_closed  # noqa: PLC0415
    from smile_xl.planning.scenarios import ScenarioError  # noqa: PLC0415

    book = call.live
    forget_closed(call.app)
    try:
        if what == "compare":
            return _compare(call, book)
        return _promote(call, book) if what == "promote" else _drop(call, book)
    except ScenarioError as error:
        place = (str(error.values["sheet"]), str(error.values["cell"])) if "cell" in error.values else None
        return Message(error.text(call.spoken), place, critical=True)


def _compare(call: Call, book: LiveBook) -> Message:
    """Renew the budget, which shows the scenarios beside the base, and go there."""
    from smile_xl import commands  # noqa: PLC0415

    step = call.steps(3)
    cycle = commands.refresh(book, dt.datetime.now(), ("budget",), step)
    step("save")
    book.save(undoable=True)
    spoken = cycle.inputs.settings.language
    sheet = say("headers.sheet.budget", spoken)
    call.session.place = (call.book.name, sheet, "A1")
    lines = cycle.inputs.steering.scenarios
    if not lines:
        return Message(say("scenarios.none_here", call.spoken, sheet=say("headers.sheet.scenarios", spoken)))
    count = len({line.name.casefold() for line in lines})
    return Message(say("scenarios.compared", call.spoken, sheet=sheet, count=count))


def _promote(call: Call, book: LiveBook) -> Message | None:
    from smile_xl import commands  # noqa: PLC0415

    name = _asked(call, book, "ask_promote")
    if name is None:
        return None
    if not call.ask(say("scenarios.sure", call.spoken, name=name)):
        return Message(say("imports.preview.declined", call.spoken))
    step = call.steps(len(commands.refreshed(book)) + 2)
    commands.promote_scenario(book, name, dt.datetime.now(), step)
    step("save")
    book.save(undoable=True)
    return Message(say("scenarios.promoted", call.spoken, file=book.name, name=name))


def _drop(call: Call, book: LiveBook) -> Message | None:
    from smile_xl import commands  # noqa: PLC0415

    name = _asked(call, book, "ask_drop")
    if name is None:
        return None
    commands.drop_scenario(book, name)
    book.save(undoable=True)
    return Message(say("scenarios.dropped", call.spoken, file=book.name, name=name))


def _asked(call: Call, book: LiveBook, question: str) -> str | None:
    """The scenario that the user names, as the sheet spells it; None if they cancel or the book has none."""
    from smile_xl.planning.cycle import make_cycle  # noqa: PLC0415
    from smile_xl.planning.scenarios import ScenarioError  # noqa: PLC0415
    from smile_xl.planning.steering.whatif import find_scenario, scenarios_of  # noqa: PLC0415

    lines = make_cycle(book).inputs.steering.scenarios
    names = [one.name for one in scenarios_of(lines)]
    if not names:
        raise ScenarioError("none_here", sheet=say("headers.sheet.scenarios", call.spoken))
    text = say(f"scenarios.{question}", call.spoken, names="\n".join(names))
    name = ask_text(call.app, text, names[0])
    return find_scenario(lines, name).name if name else None
