"""The ribbon's button that accepts marked lines of the sheet Matching."""

from __future__ import annotations

import datetime as dt

from smile_xl.excel.call import Call, Message
from smile_xl.language import say


def accept_matching(call: Call) -> Message:
    """Put the lines that are marked with yes into Opportunities, and renew the report pages.

    The results in SRM stay: a chosen opportunity changes none of them.
    """
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.live.previous import forget_closed  # noqa: PLC0415
    from smile_xl.planning.steering.accepted import MARKED  # noqa: PLC0415
    from smile_xl.reports.steering.matching import money  # noqa: PLC0415

    book = call.live
    forget_closed(call.app)
    reports = [name for name in commands.refreshed(book) if name != "srm"]
    step = call.steps(len(reports) + 2)
    matched = commands.match(book, dt.datetime.now(), MARKED, reports, step)
    step("save")
    book.save(undoable=True)
    settings = matched.cycle.inputs.settings
    cash = money(float(matched.found.optimal.cash[matched.accepted].sum()), call.spoken)
    sheet = say("headers.sheet.opportunities", settings.language)
    values = {"count": len(matched.accepted), "sheet": sheet, "cash": cash, "currency": settings.currency}
    return Message(say("steering.accepted", call.spoken, file=book.name, **values))
