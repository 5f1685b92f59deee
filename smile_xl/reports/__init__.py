"""From planning tables to pages: titles, blocks, formats and marks as plain data, for any book."""

REFRESHED = ("srm", "summary", "availability", "dsr", "projections", "overstock", "checks")
"""What a refresh writes, in this order: the results in SRM, then the report pages."""
