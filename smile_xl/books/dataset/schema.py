"""The columns of a dataset: those of an archived cycle's items, one row per item. docs/scale.md describes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from smile_xl.books.archive.columns import NUMBERS, TEXTS, WEEKS, month_names
from smile_xl.core import HORIZON
from smile_xl.planning.findings import Finding

NEEDED_TEXTS = ("country", "sap_code", "status", "sub_category", "brand")
OPTIONAL_TEXTS = tuple(name for name in TEXTS if name not in NEEDED_TEXTS)
OPTIONAL_NUMBERS = ("net_case_weight_kg", "moq_t", "multiple_t", *month_names("confirmed", HORIZON))
NEEDED_NUMBERS = (
    *(name for name in NUMBERS if name not in OPTIONAL_NUMBERS),
    *WEEKS,
    *month_names("demand", HORIZON),
)

_DEMAND = re.compile(r"demand_(\d{2,})")


@dataclass(frozen=True)
class Schema:
    """What the files of a dataset hold."""

    texts: tuple[str, ...]
    """Columns of text that every file has."""
    numbers: tuple[str, ...]
    """Columns of numbers that every file has."""
    months: int
    """Months of forecast demand, 12 or more."""

    def has(self, name: str) -> bool:
        """Whether there is a column."""
        return name in self.texts or name in self.numbers


def schema_of(files: Sequence[tuple[str, pa.Schema]]) -> tuple[Schema, list[Finding]]:
    """The schema that all files share; a column that one of them lacks, or that is of another kind, is an error."""
    findings: list[Finding] = []
    shared: set[str] | None = None
    months = 0
    for file, schema in files:
        known = [name for name in schema.names if name in _KNOWN or _DEMAND.fullmatch(name)]
        findings += [
            Finding("error", "dataset_column_twice", file, values={"column": name})
            for name in sorted({name for name in known if known.count(name) > 1})
        ]
        missing = [name for name in (*NEEDED_TEXTS, *NEEDED_NUMBERS) if name not in known]
        findings += [Finding("error", "dataset_column", file, values={"column": name}) for name in missing]
        for name in dict.fromkeys(known):
            kind, want = schema.field(schema.names.index(name)).type, "text" if name in TEXTS else "number"
            if not (_is_text(kind) if want == "text" else _is_number(kind)):
                values = {"column": name, "got": str(kind), "want": want}
                findings.append(Finding("error", "dataset_type", file, values=values))
        given = sum(1 for name in known if _DEMAND.fullmatch(name))
        gap = next((name for name in month_names("demand", given) if name not in known), None)
        if gap and not missing:
            findings.append(Finding("error", "dataset_column", file, values={"column": gap}))
        if months and given != months and not missing:
            values = {"got": given, "want": months, "first": files[0][0]}
            findings.append(Finding("error", "dataset_months", file, values=values))
        months = months or given
        shared = set(known) if shared is None else shared & set(known)
    shared = shared or set()
    numbers = (*NUMBERS, *WEEKS, *month_names("demand", months), *month_names("confirmed", HORIZON))
    texts = tuple(name for name in TEXTS if name in shared)
    return Schema(texts, tuple(name for name in numbers if name in shared), months), findings


_KNOWN = frozenset((*TEXTS, *NEEDED_NUMBERS, *OPTIONAL_NUMBERS))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)
    )
