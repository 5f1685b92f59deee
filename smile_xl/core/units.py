"""The units and horizons that every module shares."""

from typing import Final

WEEKS_PER_MONTH: Final = 4.25
"""Weeks in one month."""

HORIZON: Final = 12
"""Months that are planned, the current one included."""

TRANSIT_WEEKS: Final = 8
"""Weeks for which stock in transit is known."""

AVAILABILITY_MONTHS: Final = 7
"""Months that the availability report looks at, the current one included."""

DSR_MONTHS: Final = 3
"""Months that demand and supply are reconciled for."""

PROJECTION_MONTHS: Final = 10
"""Months of the financial projections."""

FIRST_ORDER_MONTH: Final = 2
"""First month whose orders add to stock: what lands in months 0 and 1 is in transit already."""

SMALLEST_MULTIPLE: Final = 1e-6
"""Order multiple, in t, below which nothing is ordered in multiples: a gram."""

NOISE: Final = 1e-9
"""Relative size under which a difference of quantities is rounding noise, not tonnes."""
