"""The planning mathematics: arrays in, arrays out. Knows no country, no sheet, no file.

Months are the last axis, items the one before it. Quantities are tonnes, periods weeks, money EUR (or the currency of
the costs). Arrays never lose an axis: one item and one month keep theirs.
"""

from smile_xl.core.accuracy import bias, wmape
from smile_xl.core.arrivals import arrivals
from smile_xl.core.closing import closing_stock
from smile_xl.core.cover import average_cover, exact_cover
from smile_xl.core.delays import observed_delays, stated_delays
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.gain import SAFETY_METHODS, VOLATILITY_CUTS, safety_gain, safety_stock, volatility_class
from smile_xl.core.indicators import DAYS_A_YEAR, in_full_and_on_time, plan_adherence, stock_turns
from smile_xl.core.items import Portfolio
from smile_xl.core.lateness import late_landing, late_months, late_orders
from smile_xl.core.orders import proposed_orders
from smile_xl.core.overstock import overstock, residual_stock, weeks_above_target
from smile_xl.core.pipeline import pipeline_stock
from smile_xl.core.portfolio import Plan, plan_portfolio
from smile_xl.core.projection import projected_value
from smile_xl.core.risk import opportunity, shortage_risk
from smile_xl.core.safety import average_safety, exact_safety, months_on_mean, statistical_safety
from smile_xl.core.segments import (
    ABC_CUTS,
    DEMAND_CLASSES,
    FEWEST_SEASON_MONTHS,
    NO_DEMAND,
    SEASON,
    abc_class,
    demand_class,
    demand_pattern,
    seasonality,
    segment,
    xyz_class,
)
from smile_xl.core.service import Estimate, Service, Uncertainty, simulate_service
from smile_xl.core.summary import Summary, summarise_portfolio
from smile_xl.core.targets import TARGET_UNITS, stock_target
from smile_xl.core.units import (
    AVAILABILITY_MONTHS,
    DSR_MONTHS,
    HORIZON,
    PROJECTION_MONTHS,
    TRANSIT_WEEKS,
    WEEKS_PER_MONTH,
)
from smile_xl.core.volatility import coefficient_of_variation

__all__ = [
    "ABC_CUTS",
    "AVAILABILITY_MONTHS",
    "DAYS_A_YEAR",
    "DEMAND_CLASSES",
    "DSR_MONTHS",
    "FEWEST_SEASON_MONTHS",
    "HORIZON",
    "NO_DEMAND",
    "PROJECTION_MONTHS",
    "SAFETY_METHODS",
    "SEASON",
    "TARGET_UNITS",
    "TRANSIT_WEEKS",
    "VOLATILITY_CUTS",
    "WEEKS_PER_MONTH",
    "DomainError",
    "Estimate",
    "Plan",
    "Portfolio",
    "Service",
    "ShapeError",
    "Summary",
    "Uncertainty",
    "abc_class",
    "arrivals",
    "average_cover",
    "average_safety",
    "bias",
    "closing_stock",
    "coefficient_of_variation",
    "demand_class",
    "demand_pattern",
    "exact_cover",
    "exact_safety",
    "in_full_and_on_time",
    "late_landing",
    "late_months",
    "late_orders",
    "months_on_mean",
    "observed_delays",
    "opportunity",
    "overstock",
    "pipeline_stock",
    "plan_adherence",
    "plan_portfolio",
    "projected_value",
    "proposed_orders",
    "residual_stock",
    "safety_gain",
    "safety_stock",
    "seasonality",
    "segment",
    "shortage_risk",
    "simulate_service",
    "stated_delays",
    "statistical_safety",
    "stock_target",
    "stock_turns",
    "summarise_portfolio",
    "volatility_class",
    "weeks_above_target",
    "wmape",
    "xyz_class",
]
