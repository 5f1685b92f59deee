"""The sheet functions under their sheet names, for Python users and for every edge to a spreadsheet.

Blocks are months in a row, one row per item: lists, tuples or numpy arrays. A flat list is one item. The result has
the shape that the arguments have: a float for single numbers, a flat array for flat lists, else (items, months).
Errors are raised: ShapeError and NotNumberError (#VALUE! in a cell), DomainError (#NUM!), UnknownNameError (#N/A).
An infinite or undefined result (cover of no demand) is inf or nan here and #N/A in a cell.
"""

from __future__ import annotations

from smile_xl.functions.classes import (
    SMILE_ABC,
    SMILE_CV,
    SMILE_DEMANDCLASS,
    SMILE_SEGMENT,
    SMILE_VOLATILITYCLASS,
    SMILE_XYZ,
)
from smile_xl.functions.indicators import SMILE_BIAS, SMILE_OTIF, SMILE_TURNS, SMILE_WMAPE
from smile_xl.functions.information import MEANING_OF_ERROR, SMILE_EXPLAIN, SMILE_VERSION, SMILE_WHY
from smile_xl.functions.stock import (
    SMILE_OPPORTUNITY,
    SMILE_OVERSTOCK,
    SMILE_PROJECTION,
    SMILE_RISK,
    SMILE_TARGET,
    SMILE_WEEKSCOVER,
)
from smile_xl.functions.supply import (
    METHODS,
    SMILE_CLOSING,
    SMILE_ORDERS,
    SMILE_PIPELINE,
    SMILE_SAFETYGAIN,
    SMILE_SAFETYSTOCK,
    SMILE_SAFETYSTOCK_Z,
)

__all__ = [
    "MEANING_OF_ERROR",
    "METHODS",
    "SMILE_ABC",
    "SMILE_BIAS",
    "SMILE_CLOSING",
    "SMILE_CV",
    "SMILE_DEMANDCLASS",
    "SMILE_EXPLAIN",
    "SMILE_OPPORTUNITY",
    "SMILE_ORDERS",
    "SMILE_OTIF",
    "SMILE_OVERSTOCK",
    "SMILE_PIPELINE",
    "SMILE_PROJECTION",
    "SMILE_RISK",
    "SMILE_SAFETYGAIN",
    "SMILE_SAFETYSTOCK",
    "SMILE_SAFETYSTOCK_Z",
    "SMILE_SEGMENT",
    "SMILE_TARGET",
    "SMILE_TURNS",
    "SMILE_VERSION",
    "SMILE_VOLATILITYCLASS",
    "SMILE_WEEKSCOVER",
    "SMILE_WHY",
    "SMILE_WMAPE",
    "SMILE_XYZ",
]
