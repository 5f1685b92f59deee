"""From planning tables to pages: titles, blocks, formats and marks as plain data, for any book."""

REFRESHED = ("srm", "summary", "availability", "dsr", "projections", "overstock", "checks")
"""What a refresh writes, in this order: the results in SRM, then the report pages."""

STEERING: tuple[str, ...] = ("segments", "stock", "targets", "gaps", "meetings", "budget", "indicators", "matching")
"""Pages of the stock-steering loop, in the order of their tabs: a refresh renews those whose sheets a book has, and
makes those that are asked for by name; a new Master File has all."""

_SHEETS = {"targets": "item_targets"}


def sheet_key(name: str) -> str:
    """Key of a report's sheet in the catalogue: its own name, unless an input sheet is called that."""
    return _SHEETS.get(name, name)
