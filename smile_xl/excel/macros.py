"""The ribbon's commands: ``run`` is all that VBA calls.

A command finds its workbook in one place, works on it in silence, and ends with one message, which names what it did or
what is in the way and, for a cell, offers to go there.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl import __version__, language
from smile_xl.books.live.host import host
from smile_xl.defects import log_defect
from smile_xl.excel import cycles, matching, scenarios
from smile_xl.excel.call import TITLE, Call, Message, lines_of, place_of
from smile_xl.excel.session import BusyError, quiet, selected
from smile_xl.excel.sheets import add_sheets, settings
from smile_xl.language import Language, SaidError, say
from smile_xl.reports import REFRESHED, STEERING, sheet_key

if TYPE_CHECKING:
    import xlwings

    from smile_xl.planning.cycle import Cycle
    from smile_xl.planning.findings import Finding

# pandas and the file adapters are imported by the commands that need them: the same process serves formulas.

_REFUSALS = ("com_error", "CommandError", "MacError")
"""What says that Excel refused: of pywin32, of appscript, which only the one or the other system has, and ours."""


def run(command: str, *arguments: str) -> None:
    """Run a command of the ribbon in the Excel that called."""
    run_in(*excel(), command, *arguments)


def run_in(app: xlwings.App, book: xlwings.Book | None, command: str, *arguments: str) -> None:
    """Run a command of the ribbon; whatever happens is said in a message, and Excel is afterwards as it was."""
    spoken = menu_language(app)
    message: Message | None
    try:
        if command in _WITHOUT_BOOK:
            message = _WITHOUT_BOOK[command](app, spoken)
        elif command == "new" or book is not None:
            with quiet(app) as session:
                app.status_bar = f"{TITLE} ..."  # seen while pandas is imported for the first time
                message = _COMMANDS[command](Call(app, book, spoken, session), *arguments)  # type: ignore[arg-type]
        else:
            message = Message(say("macros.no_workbook", spoken), critical=True)
    except Exception as error:
        message = _failure(error, [command, *arguments], spoken)
    if message is not None:
        _show(app, book, spoken, message)


def excel() -> tuple[xlwings.App, xlwings.Book | None]:
    """The Excel that called, and its active workbook: the one place that looks them up.

    The caller is the add-in itself, which is open even where no workbook is.
    """
    import xlwings  # noqa: PLC0415

    try:
        caller = xlwings.Book.caller()
    except Exception as error:  # nobody has called
        running = xlwings.apps.keys()
        if not running:
            raise LookupError(say("macros.no_workbook", language.of_locale())) from error
        app = xlwings.apps[running[0]]
    else:
        app = caller.app
    active = app.books.impl.active
    has_one = active is not None and getattr(active, "xl", active) is not None
    return app, xlwings.Book(impl=active) if has_one else None


def menu_language(app: xlwings.App) -> Language:
    """The language of Excel's menus, as far as we speak it."""
    try:
        return "fr" if host(app).is_french(app) else "en"
    except Exception:  # an Excel that does not say
        return language.of_locale()


def _show(app: xlwings.App, book: xlwings.Book | None, spoken: Language, message: Message) -> None:
    mode = "critical" if message.critical else "info"
    if message.place is None or book is None:
        app.alert(message.text, TITLE, mode=mode)
        return
    sheet, cell = message.place
    question = say("macros.go", spoken, place=f"{sheet}!{cell}")
    if app.alert(f"{message.text}\n\n{question}", TITLE, buttons="yes_no", mode=mode) == "yes":
        host(app).go_to(book, sheet, cell)


def _failure(error: Exception, arguments: Sequence[str], spoken: Language) -> Message:
    """What a command says when it could not be carried out."""
    from smile_xl.planning.findings import InputError  # noqa: PLC0415

    if isinstance(error, BusyError):
        return Message(say("macros.busy", spoken), critical=True)
    if isinstance(error, InputError):
        return _refused(error.findings, spoken)
    if isinstance(error, SaidError):
        place = (str(error.values["sheet"]), str(error.values["cell"])) if "cell" in error.values else None
        return Message(error.text(spoken), place, critical=True)
    if type(error).__name__ in _REFUSALS:
        return Message(say("macros.excel_refuses", spoken, reason=_reason(error)), critical=True)
    log = log_defect(f"ribbon {list(arguments)}", traceback.format_exc())
    text = say("macros.defect", spoken, error=f"{type(error).__name__}: {error}", log=log)
    return Message(text, critical=True)


def _refused(findings: Sequence[Finding], spoken: Language) -> Message:
    from smile_xl.planning.findings import count_of, errors_of  # noqa: PLC0415

    errors = errors_of(findings)
    text = say("macros.refused", spoken, errors=count_of(errors)["errors"], lines=lines_of(errors, spoken))
    return Message(text, place_of(errors), critical=True)


def _reason(error: Exception) -> str:
    """What Excel says of a call that it refused."""
    told = error.args[2] if type(error).__name__ == "com_error" and len(error.args) > 2 else None
    return str(told[2] if told and len(told) > 2 and told[2] else error)


# Commands -----------------------------------------------------------------------------------------------------------


def _refresh(call: Call, reports: Sequence[str] | None = None) -> Message:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.live.previous import forget_closed  # noqa: PLC0415

    started = time.perf_counter()
    book = call.live
    reports = commands.refreshed(book) if reports is None else reports
    step = call.steps(len(reports) + 2)
    if host(call.app).is_pending(call.app):
        step("calculate")
        call.app.calculate()
    forget_closed(call.app)
    cycle = commands.refresh(book, dt.datetime.now(), reports, step)
    step("save")
    book.save(undoable=True)
    told = [_refreshed(call, cycle, reports, time.perf_counter() - started), cycles.after_refresh(call, cycle)]
    return Message("\n\n".join(filter(None, told)))


def _refreshed(call: Call, cycle: Cycle, reports: Sequence[str], seconds: float) -> str:
    from smile_xl.planning.findings import count_of  # noqa: PLC0415
    from smile_xl.planning.months import month_name  # noqa: PLC0415

    spoken = cycle.inputs.settings.language
    return call.say(
        "refreshed",
        items=len(cycle.inputs.items),
        cycle=month_name(cycle.inputs.months[0], call.spoken),
        sheets=", ".join(say(f"headers.sheet.{sheet_key(name)}", spoken) for name in reports),
        seconds=f"{seconds:.1f}".replace(".", "," if call.spoken == "fr" else "."),
        checks=say("headers.sheet.checks", spoken),
        **count_of(cycle.findings),
    )


def _report(call: Call, name: str) -> Message:
    if name not in (*REFRESHED, *STEERING):
        raise ValueError(f"no report {name!r}")
    return _refresh(call, (name,))


def _projections(call: Call) -> Message:
    return _refresh(call, ("projections",))


def _undo(call: Call) -> Message:
    from smile_xl.books.live.book import undo  # noqa: PLC0415

    left = undo(call.book)
    if left is None:
        return Message(call.say("undo_nothing"))
    return Message(call.say("undo_but", sheets=", ".join(left)) if left else call.say("undone"))


def _check(call: Call) -> Message:
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.planning.findings import count_of  # noqa: PLC0415

    call.steps(1)("read")
    findings = commands.check(call.live)
    if not findings:
        return Message(call.say("nothing_found"))
    text = call.say("found", lines=lines_of(findings, call.spoken), **count_of(findings))
    return Message(text, place_of(findings), critical=findings[0].severity == "error")


def _new(call: Call) -> Message:
    """A new Master File as a workbook without a file yet: the planner says where it goes when saving it."""
    from smile_xl import commands  # noqa: PLC0415
    from smile_xl.books.csvs import example_folder, read_folder  # noqa: PLC0415
    from smile_xl.books.xlsx.create import create_book  # noqa: PLC0415

    name = call.say("new_name")
    when = dt.datetime.now()
    pages = commands.master_file(read_folder(example_folder(), call.spoken, name), when)
    with tempfile.TemporaryDirectory(prefix="smile-xl-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"{name}.xlsx"
        book = create_book(path, pages)
        cycle = commands.refresh(book, when, (*REFRESHED, *STEERING))
        book.save()
        opened = host(call.app).add_from(call.app, str(path))
    call.session.place = (opened, pages[0].sheet, "A1")
    return Message(call.say("created", items=len(cycle.inputs.items)))


def _explain(call: Call) -> Message:
    from smile_xl import commands  # noqa: PLC0415

    found = selected(call.app)
    if found is None:
        return Message(call.say("no_cell"))
    _, sheet, _, row, column = found
    book = call.live
    formula = book.formula(sheet, row - 1, column - 1)
    return Message(commands.explain_cell(book, sheet, row - 1, column - 1, formula, spoken=call.spoken))


def _help(app: xlwings.App, spoken: Language) -> None:  # noqa: ARG001
    from smile_xl.excel.manual import open_manual  # noqa: PLC0415

    open_manual()


def _about(app: xlwings.App, spoken: Language) -> Message:
    import platform  # noqa: PLC0415

    import xlwings  # noqa: PLC0415

    from smile_xl.excel.doctor import examine  # noqa: PLC0415
    from smile_xl.excel.machine import Machine  # noqa: PLC0415

    versions = {"python": platform.python_version(), "xlwings": xlwings.__version__, "excel": app.version}
    lines = [say("macros.about", spoken, version=__version__, **versions)]
    points = [point for point in examine(Machine(), calls_excel=False) if point.state != "ok"]
    for point in points:
        key = f"addin.doctor.{point.name}.{point.case}"
        lines.append(f"{say(f'{key}.found', spoken, **point.values)} {say(f'{key}.todo', spoken)}")
    if not points:
        lines.append(say("macros.healthy", spoken))
    return Message("\n\n".join(lines))


_COMMANDS: dict[str, Callable[..., Message | None]] = {
    "refresh": _refresh,
    "report": _report,
    "projections": _projections,
    "undo": _undo,
    "check": _check,
    "explain": _explain,
    "match": matching.accept_matching,
    "scenario": scenarios.scenario,
    "import": cycles.import_lists,
    "archive": cycles.archive,
    "bridge": cycles.bridge,
    "new": _new,
    "add_sheets": add_sheets,
    "settings": settings,
}
_WITHOUT_BOOK: dict[str, Callable[[xlwings.App, Language], Message | None]] = {"help": _help, "about": _about}
"""Commands that touch no workbook, and so run beside others."""
