"""Keeping the cycle at each refresh, where the Settings of a book ask for it.

Works without the Parquet library: what is missing is then said.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from smile_xl.books.archive.past import folder_of, has_parquet
from smile_xl.language import Language, say
from smile_xl.planning.cycle import Cycle

if TYPE_CHECKING:
    from smile_xl.books.archive.store import Version


def keep_refreshed(cycle: Cycle, book: Path | None, name: str, when: dt.datetime, spoken: Language) -> str:
    """Keep the cycle of a refresh whose Settings ask for it, and say so.

    Parameters
    ----------
    cycle : Cycle
        What was refreshed.
    book : Path or None
        File of the workbook; None for one that has no folder on this machine.
    name : str
        Name of the workbook, for the manifest.
    when : datetime
        Time of the refresh.

    Returns
    -------
    str
        What to tell: the version, or why there is none. The refresh itself is done either way.
    """
    settings = cycle.inputs.settings
    if not has_parquet():
        return say("cycles.not_archived", spoken, file=name, reason=say("cycles.no_parquet", spoken))
    if book is None and not Path(settings.archive_folder).expanduser().is_absolute():
        return say("cycles.no_place", spoken, file=name)
    from smile_xl.books.archive import store  # noqa: PLC0415

    folder = folder_of(book or Path(name), settings.archive_folder)
    try:
        version, added = store.keep(cycle, name, folder, when)
    except store.ArchiveError as error:
        return say("cycles.not_archived", spoken, file=name, reason=error.text(spoken))
    return kept_text(cycle, name, version, spoken, added=added)


def kept_text(cycle: Cycle, name: str, version: Version, spoken: Language, *, added: bool) -> str:
    """What is said of a version: that it was added or was there, and that it begins an archive beside others."""
    from smile_xl.books.archive import store  # noqa: PLC0415

    values = {"items": len(cycle.inputs.items), "cycle": version.cycle, "number": version.number}
    text = say(f"cycles.{'kept' if added else 'kept_already'}", spoken, file=name, folder=version.path, **values)
    folder = version.path.parent.parent
    others = store.neighbours(folder) if added and len(store.versions(folder)) == 1 else []
    return f"{text} {say('cycles.begun_beside', spoken, others=', '.join(others))}" if others else text
