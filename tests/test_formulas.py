"""Formulas around SMILE_ calls: the expected values are those that LibreOffice Calc 7.4 gave for the same cells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from smile_xl.formulas.cells import Span, TableRange
from smile_xl.formulas.evaluate import Evaluator, Home, NotEvaluatedError, table_span
from smile_xl.formulas.parse import parse
from smile_xl.formulas.tokens import FormulaError, moved, relative
from smile_xl.planning.grid import CellError

NA, DIV = CellError("#N/A"), CellError("#DIV/0!")
SHEET = [[1.0, 2.0, "yes"], [3.0, 4.0, "no"], [None, NA, "Yes"], [5.0, 6.0, "yes"]]


class Sheet:
    def values(self, sheet: str, span: Span, /) -> list[list[object]]:
        rows = range(span.top, span.bottom + 1)
        columns = range(span.left, span.right + 1)
        return [[SHEET[row][column] if row < len(SHEET) and column < 3 else None for column in columns] for row in rows]

    def extent(self, sheet: str) -> tuple[int, int] | None:
        return (len(SHEET), 3) if sheet == "S" else None

    def name(self, sheet: str, name: str) -> str | None:
        return {"rate": "S!$A$1*2", "here": "S!A1"}.get(name)

    def table(self, name: str) -> None:
        return None

    def table_around(self, sheet: str, row: int, column: int) -> None:
        return None


def own(name: str, arguments: Sequence[object]) -> object:
    return [[1.0, 2.0]]


def value(formula: str, *, array: bool = True) -> object:
    return Evaluator(Sheet(), own).formula(formula, Home("S", 9, 9, array))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A1+B1*2^2", 9.0),
        ("-2^2", 4.0),
        ("2^-1", 0.5),
        ("-A1%", -0.01),
        ("A1:A2*{10,20}", [[10.0, 20.0], [30.0, 60.0]]),
        ("A1:A3+B1:B2", [[3.0], [7.0], [NA]]),
        ("1/0", DIV),
        ("A1&C1", "1yes"),
        ('C1="YES"', True),
        ("IF(A1>2,1,\"x\")", "x"),
        ("IF(A1:A3>2,\"big\",\"small\")", [["small"], ["big"], ["small"]]),
        ("IF(B3,1,2)", NA),
        ("IFERROR(A1:B3,0)", [[1.0, 2.0], [3.0, 4.0], [None, 0.0]]),
        ("_xlfn.IFNA(1/0,7)", DIV),
        ("SUM(A:A)", 9.0),
        ("SUM(A1:B3)", NA),
        ("AVERAGE(A1:A3)", 2.0),
        ("AVERAGE(C1:C2)", DIV),
        ("MAX(A1:B2)-MIN(A1:B2)", 3.0),
        ("ROUND(2.5,0)", 3.0),
        ("ROUND(-2.567,2)", -2.57),
        ("SUMPRODUCT((C1:C4=\"yes\")*A1:A4)", 6.0),
        ("COUNTIFS(C1:C4,\"yes\")", 3.0),
        ("A1:A2*COUNTIFS(C1:C4,C1:C2)", [[3.0], [3.0]]),
        ("COUNTIFS(A1:A4,1,C1:C4,\"YES\")", 1.0),
        ("SUMIF(C1:C4,\"yes\",A1:A4)", 6.0),
        ("SUMIFS(A1:A4,C1:C4,\"yes\",A1:A4,1)", 1.0),
        ("INDEX(A1:C3,2,3)", "no"),
        ("INDEX(A1:C1,2)", 2.0),
        ("INDEX(A1:B2,0,2)", [[2.0], [4.0]]),
        ("MATCH(\"NO\",C1:C4,0)", 2.0),
        ("TRANSPOSE(A1:B2)", [[1.0, 3.0], [2.0, 4.0]]),
        ("ROWS(A1:C4)*COLUMNS(A1:C4)", 12.0),
        ("AND(A1,B1>1)", True),
        ("OR(A1>5,B1>5)", False),
        ("ISNUMBER(A1:C1)", [[True, True, False]]),
        ("ISNA(B3)", True),
        ("rate", 2.0),
        ("SMILE_X(A1)+1", [[2.0, 3.0]]),
    ],
)  # fmt: skip
def test_a_formula_gives_what_a_spreadsheet_gives(formula: str, expected: object) -> None:
    assert value(formula) == expected


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("VLOOKUP(1,A1:B2,2)", "function"),
        ("MATCH(2,A1:A4,1)", "arguments"),
        ("COUNTIFS(C1:C4,\"y*\")", "arguments"),
        ("COUNTIFS(A1:A4,\">1\")", "arguments"),
        ("\"5\"*2", "operator"),
        ("Elsewhere!A1", "sheet"),
        ("[2]S!A1", "sheet"),
        ("unknown", "name"),
        ("here", "relative_name"),
        ("Items[Opening]", "table"),
        ("@A1:A2", "operator"),
        ("SUM((A1,B1))", "unreadable"),
        ("IF(", "unreadable"),
    ],
)  # fmt: skip
def test_what_is_not_surely_the_same_is_not_evaluated(formula: str, code: str) -> None:
    with pytest.raises(NotEvaluatedError) as error:
        value(formula)
    assert error.value.code == code


def test_an_ordinary_formula_does_not_calculate_with_ranges() -> None:
    with pytest.raises(NotEvaluatedError):
        value("A1:A2*2", array=False)
    assert value("SUM(A1:A2)", array=False) == 4.0


def test_structured_references_name_cells_of_a_table() -> None:
    table = TableRange("Items", "S", Span(2, 1, 9, 3), 1, 1, ["Code", "Stock (t)", "It's"])
    assert table_span(table, "Code", 0) == Span(3, 1, 8, 1)
    assert table_span(table, "", 0) == Span(3, 1, 8, 3)
    assert table_span(table, "[#All],[Code]:[Stock (t)]", 0) == Span(2, 1, 9, 2)
    assert table_span(table, "[#This Row],[It''s]", 5) == Span(5, 3, 5, 3)
    assert table_span(table, "@Code", 4) == Span(4, 1, 4, 1)
    assert table_span(table, "#Headers", 0) == Span(2, 1, 2, 3)
    assert table_span(table, "#Totals", 0) == Span(9, 1, 9, 3)
    assert table_span(table, "[#This Row],[Code]", 20) is None
    assert table_span(table, "Missing", 0) is None


def test_a_copied_formula_moves_its_relative_references_only() -> None:
    text = "'My, A1 sheet'!B2:$C$3+LOG10(A$1)&\"A1\"+A1B+$D:D+4:$5"
    assert moved(text, 1, 2) == "'My, A1 sheet'!D3:$C$3+LOG10(C$1)&\"A1\"+A1B+$D:F+5:$5"
    assert relative(text, 7, 7) == relative(moved(text, 1, 2), 8, 9)
    assert relative(text, 7, 7) != relative(text, 8, 7)
    assert moved("A1", -1, 0) == "#REF!"


def test_what_can_not_be_read_says_where() -> None:
    with pytest.raises(FormulaError, match="~B1"):
        parse("A1~B1")
