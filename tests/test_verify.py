"""verify: each planted fault is found and named by its cell; a fresh book has none."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import oracle
import pytest
import xlsxwriter
from books_of_items import book_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smile_xl import commands, functions
from smile_xl.audit.differences import Difference
from smile_xl.audit.verify import verify
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.books.xlsx.create import create_book
from smile_xl.cli import run
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.grid import address
from smile_xl.reports.pages import PAGES

BOOKS = Path(__file__).parent.parent / "workbook"
SHIPPED = {"en": BOOKS / "master_file.xlsx", "fr": BOOKS / "fichier_maitre.xlsx"}
SHEETS = {
    "en": {"Countries": "Countries", "Projections": "Projections", "Availability": "Availability", "DSR": "DSR"},
    "fr": {"Countries": "Pays", "Projections": "Projections", "Availability": "Disponibilité", "DSR": "DSR"},
}


@pytest.fixture(params=SHIPPED)
def spoken(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def book(spoken: str, tmp_path: Path) -> Path:
    path = tmp_path / SHIPPED[spoken].name
    path.write_bytes(SHIPPED[spoken].read_bytes())
    return path


def plant(path: Path, sheet: str, change: Callable[[str], str]) -> None:
    """Change the XML of a sheet, as another program could have written it."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    names = re.findall(r'<sheet name="([^"]*)"', parts["xl/workbook.xml"].decode())
    part = f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
    before = parts[part].decode()
    after = change(before)
    assert after != before
    parts[part] = after.encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)


def value_of(cell: str, value: str) -> Callable[[str], str]:
    """Put a number into a cell that holds one; its formula stays."""
    pattern = rf'(<c r="{cell}"[^>]*?)(?: t="\w+")?>((?:<f[^>]*/>|<f.*?</f>)?)<v>[^<]*</v>'
    return lambda xml: re.sub(pattern, rf"\1>\2<v>{value}</v>", xml)


def text_of(cell: str, text: str) -> Callable[[str], str]:
    """Put a text into a cell, whatever it holds."""
    pattern = rf'<c r="{cell}"((?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)'
    return lambda xml: re.sub(pattern, rf'<c r="{cell}"\1 t="inlineStr"><is><t>{text}</t></is></c>', xml)


def found(path: Path) -> dict[str, Difference]:
    book = XlsxBook(path)
    audit = verify(book)
    assert audit.unchecked == []
    return {f"{one.sheet}!{address(one.row, one.column)}": one for one in audit.differences(book.sheet_names())}


def codes(one: Difference) -> list[str]:
    return [reason.code for reason in one.reasons]


# ----------------------------------------------------------------------------------------------- a book without faults


def test_a_shipped_book_agrees_in_one_line(book: Path, spoken: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.read_bytes()
    assert run(["verify", str(book)], spoken) == 0
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert (
        f"3 formulas and {len(PAGES)} reports agree" in err or f"3 formules et {len(PAGES)} rapports concordent" in err
    )
    assert book.read_bytes() == before
    assert run(["refresh", str(book), "--stamp", "2031-05-06T07:08"], spoken) == 0  # when it was does not matter
    assert found(book) == {}


def test_a_copy_with_values_instead_of_formulas_agrees(book: Path, spoken: str, tmp_path: Path) -> None:
    copy = tmp_path / "values.xlsx"
    assert run(["refresh", str(book), "--values", "--output", str(copy)], spoken) == 0
    assert found(copy) == {}
    plant(copy, "SRM", value_of("BF9", "123"))
    assert {name: codes(one) for name, one in found(copy).items()} == {"SRM!BF9": ["result"]}


@given(st.integers(0, 10_000), st.sampled_from(["exact", "average"]), st.booleans())
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_freshly_refreshed_book_never_differs(tmp_path: Path, seed: int, method: str, net: bool) -> None:
    when = dt.datetime(2023, 8, 1)
    pages = commands.master_file(book_of(items_of(seed), method=method, net_transit=net), when)
    book = create_book(tmp_path / f"{seed}.xlsx", pages)
    commands.refresh(book, when)
    book.save()
    audit = verify(XlsxBook(book.path))
    assert audit.differences([]) == []
    assert audit.unchecked == []
    assert (audit.formulas, audit.pages) == (3, 6)


def items_of(seed: int) -> list[oracle.Item]:
    random = np.random.default_rng(seed)

    def number(high: float) -> float:
        return float(random.choice([0.0, round(random.uniform(0, high), 3), random.uniform(0, high)]))

    return [
        oracle.Item(
            country=str(random.choice(["Morocco", "Algeria", "Tunisia"])), sap_code=f"{100 + place}",
            status=str(random.choice(["Regular", "Promotion", "To be delisted", "Delisted"])),
            weeks_cover=number(30), category="C", sub_category=f"S{place % 3}", brand=f"B{place % 2}",
            moq=number(200), multiple=number(50), demand=[number(300) for _ in range(random.choice([12, 15]))],
            opening=number(900), transit=[number(200) for _ in range(8)],
            confirmed=[None if random.random() < 0.7 else number(300) for _ in range(12)],
            unit_cost=number(3000), landed_cost=number(4000),
        )
        for place in range(9)
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ planted faults


def test_each_planted_fault_is_named_by_its_cell_and_nothing_else(book: Path, spoken: str) -> None:
    """Typed over, blank and an error in the results; a number, a text, an extra cell and a formula of the reports."""
    sheets = SHEETS[spoken]
    plant(book, "SRM", value_of("BH7", "999"))
    plant(book, "SRM", lambda xml: re.sub(r'<c r="BR8"( s="\d+")><v>[^<]*</v></c>', r'<c r="BR8"\1/>', xml))
    plant(
        book, "SRM", lambda xml: re.sub(r'<c r="BR9"( s="\d+")><v>[^<]*</v>', r'<c r="BR9"\1 t="e"><v>#NAME?</v>', xml)
    )
    plant(book, "Projections", value_of("D8", "1"))
    plant(
        book, "Projections", lambda xml: re.sub(r'(<c r="L7".*?)(</row>)', r'\1<c r="Z7"><v>7</v></c>\2', xml, count=1)
    )
    plant(book, sheets["DSR"], text_of("A25", "typed"))
    plant(book, sheets["Availability"], lambda xml: re.sub(r'(<c r="D11"[^>]*>)<f>.*?</f>', r"\1", xml))
    plant(book, sheets["Availability"], lambda xml: re.sub(r'(<c r="E11"[^>]*>)<f>.*?</f>', r"\1<f>E44</f>", xml))
    differences = found(book)
    assert {name: codes(one) for name, one in differences.items()} == {
        "SRM!BH7": ["stale_array"],
        "SRM!BR8": ["stale_array"],
        "SRM!BR9": ["stale_array"],
        "Projections!D8": ["report"],
        "Projections!Z7": ["not_ours"],
        f"{sheets['DSR']}!A25": ["report"],
        f"{sheets['Availability']}!D11": ["page_formula_gone"],
        f"{sheets['Availability']}!E11": ["page_formula"],
    }
    assert differences["SRM!BH7"].cached == 999
    assert differences["SRM!BH7"].fresh == pytest.approx(113.094470588)
    assert differences["Projections!D8"].cached == 1


def test_a_block_whose_formula_is_gone_is_named_though_its_values_are_right(book: Path) -> None:
    """A value typed over the first cell of an array formula takes the formula of the whole block with it."""
    plant(book, "SRM", lambda xml: re.sub(r'(<c r="BF6"[^>]*>)<f.*?</f>', r"\1", xml))
    assert {name: codes(one) for name, one in found(book).items()} == {"SRM!BF6": ["no_formula"]}


def test_a_row_that_the_formula_does_not_reach_is_named(book: Path) -> None:
    plant(book, "SRM", lambda xml: xml.replace('ref="BR6:CC92"', 'ref="BR6:CC91"'))
    differences = found(book)
    assert {name: codes(one) for name, one in differences.items() if name != "SRM!BR6"} == {
        f"SRM!{address(91, column)}": ["uncovered"] for column in range(69, 81)
    }
    assert set(codes(differences["SRM!BR6"])) == {"range"}  # its ranges are those of one row more


def test_an_input_changed_after_the_refresh_names_what_is_out_of_date(book: Path, spoken: str) -> None:
    """Opening stock of the first item: its closing and what follows, and the reports, whose stamp says it."""
    plant(book, "SRM", value_of("Y6", "5000"))
    differences = found(book)
    assert "SRM!BR6" in differences
    assert {name.split("!")[1][-1] for name in differences if name.startswith("SRM")} == {"6"}
    stamps = [one for one in differences.values() if "inputs" in codes(one)]
    assert len(stamps) == len(PAGES)
    value = next(
        one for name, one in differences.items() if name.startswith("Projections!C") and "report" in codes(one)
    )
    assert value.fresh > value.cached


def test_a_formula_with_a_shifted_range_is_named_with_the_range(book: Path) -> None:
    """Forecast one month to the right in the closing stock."""
    plant(book, "SRM", lambda xml: re.sub(r"(SMILE_CLOSING\([^<]*?)\$M\$6:\$X\$92", r"\1$N$6:$Y$92", xml))
    first = found(book)["SRM!BR6"]
    assert codes(first)[0] == "range"
    assert first.reasons[0].values == {"argument": "demand", "got": "N6:Y92", "want": "M6:X92"}
    assert (first.cached, first.fresh) == (pytest.approx(96.198), pytest.approx(132.007))


def test_a_shifted_range_is_found_when_the_values_were_recalculated_with_it(book: Path) -> None:
    """The cached values agree with the wrong formula, not with the input tables."""
    cycle = make_cycle(XlsxBook(book))
    portfolio, srm = cycle.inputs.portfolio, cycle.inputs.srm
    demand = np.roll(portfolio.demand, -1, axis=0)  # the row below
    demand[-1] = 0
    wrong = functions.SMILE_CLOSING(
        cycle.inputs.items[["country"]].to_numpy(), portfolio.opening, portfolio.transit, demand, cycle.plan.orders
    )
    plant(book, "SRM", lambda xml: re.sub(r"(SMILE_CLOSING\([^<]*?)\$M\$6:\$X\$92", r"\1$M$7:$X$93", xml))
    target = XlsxBook(book)
    target.renew_values("SRM", srm.table.rows[0], min(srm.results["closing"].values()), wrong)
    target.save()
    differences = found(book)
    assert codes(differences["SRM!BR6"]) == ["rows", "range", "not_the_plan"]
    named = {name for name, one in differences.items() if "not_the_plan" in codes(one)}
    changed = np.argwhere(np.abs(wrong - cycle.plan.closing) > 1e-6)
    assert named >= {
        f"SRM!{address(6 - 1 + row, min(srm.results['closing'].values()) + month)}" for row, month in changed
    }


def test_rules_that_leave_out_a_country_are_named(book: Path, spoken: str) -> None:
    sheet = SHEETS[spoken]["Countries"]
    plant(book, "SRM", lambda xml: re.sub(rf"(SMILE_CLOSING\([^<]*?{sheet}!)\$A\$5:\$K\$47", r"\1$A$6:$K$47", xml))
    differences = found(book)
    first = differences["SRM!BR6"]
    assert first.reasons[0].code == "table"
    assert first.reasons[0].values == {"argument": "rules", "got": "A6:K47", "sheet": sheet, "rows": "5"}
    assert str(first.fresh) != str(first.cached)


def test_a_country_rule_changed_after_the_refresh_names_the_orders_of_that_country(book: Path, spoken: str) -> None:
    """Two frozen months in Tunisia instead of three: orders of month 2 are proposed."""
    sheet = SHEETS[spoken]["Countries"]
    plant(book, sheet, value_of("B7", "2"))
    items = make_cycle(XlsxBook(book)).inputs.items
    differences = found(book)
    rows = [int(re.search(r"\d+", name)[0]) for name in differences if name.startswith("SRM!B")]
    assert {items["country"][row - 6] for row in rows} == {"Tunisie" if spoken == "fr" else "Tunisia"}
    assert "stale_array" in codes(differences["SRM!BH17"])


def test_formulas_are_checked_though_the_inputs_contradict_themselves(book: Path, spoken: str, capsys) -> None:
    """With four frozen months in Algeria the chosen opportunities no longer fit."""
    plant(book, SHEETS[spoken]["Countries"], value_of("B6", "4"))
    assert run(["verify", str(book)], spoken) == 3
    out, err = capsys.readouterr()
    assert "SRM!BH7" in out
    assert {line.split("!")[0] for line in out.splitlines()} == {"SRM"}
    assert "Opportuni" in err


def test_another_country_chosen_in_the_report_is_no_difference_but_its_stale_values_are(
    book: Path, spoken: str
) -> None:
    sheet = SHEETS[spoken]["Availability"]
    chosen = "Tunisie" if spoken == "fr" else "Tunisia"
    plant(book, sheet, text_of("B7", "Atlantis"))
    assert codes(found(book)[f"{sheet}!B7"]) == ["choice"]
    plant(book, sheet, text_of("B7", chosen))
    stale = found(book)
    assert stale
    assert {code for one in stale.values() for code in codes(one)} == {"stale"}
    assert f"{sheet}!B7" not in stale

    def recalculated(xml: str) -> str:
        for name, one in stale.items():
            kind, value = ("", repr(one.fresh)) if isinstance(one.fresh, float) else (' t="str"', one.fresh or "")
            pattern = rf'(<c r="{name.split("!")[1]}"(?: s="\d+")?)[^>]*?>(<f>.*?</f>)<v>[^<]*</v>'
            xml = re.sub(pattern, rf"\1{kind}>\2<v>{value}</v>", xml)
        return xml

    plant(book, sheet, recalculated)
    assert found(book) == {}


def test_differences_end_with_exit_code_3_and_one_line_each(
    book: Path, spoken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(book, "SRM", value_of("BH7", "999"))
    assert run(["verify", str(book)], spoken) == 3
    out, err = capsys.readouterr()
    if spoken == "en":
        assert out.startswith("SRM!BH7: shows 999, calculated afresh 113.09447058823")
        assert f"differences: 1. Compared: 3 formulas, {len(PAGES)} reports" in err
    else:
        assert out.startswith("SRM!BH7 : affiche 999, nouveau calcul 113,09447058823")
    assert len(out.splitlines()) == len(err.splitlines()) == 1


def test_inputs_that_can_not_be_planned_are_refused(
    book: Path, spoken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No formula of the book looks at the costs: all of them agree, but no report can be made."""
    sheet = "Coûts" if spoken == "fr" else "Costs"
    plant(book, sheet, text_of("D7", "dear"))
    assert run(["verify", str(book)], spoken) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{sheet}!D7" in err


# ------------------------------------------------------------------------------------------- formulas of any workbook


class Sheetful:
    """A workbook of our own, written cell by cell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = xlsxwriter.Workbook(str(path))
        self.data = self.book.add_worksheet("Data")
        for row in range(12):
            self.data.write_row(row, 0, [row + 1.0, 10.0, 20.0, 30.0 + row])
        self.sheet = self.book.add_worksheet("Mine")

    def audit(self) -> tuple[dict[str, str], dict[str, str]]:
        """What differs and what was not checked: code by place."""
        self.book.close()
        book = XlsxBook(self.path)
        audit = verify(book)
        named = {
            f"{one.sheet}!{address(one.row, one.column)}": " ".join(codes(one))
            for one in audit.differences(book.sheet_names())
        }
        unchecked = {one.place: one.code for one in audit.unchecked if one.code != "no_srm"}
        return named, unchecked


@pytest.fixture
def mine(tmp_path: Path) -> Sheetful:
    return Sheetful(tmp_path / "mine.xlsx")


RIGHT = [
    pytest.param("SMILE_RISK(-Data!D1)", 30.0, id="a sign and another sheet"),
    pytest.param("[1]!SMILE_RISK(-5)", 5.0, id="as Excel stores a call of an add-in"),
    pytest.param("'C:\\Add ins\\smile_xl.xlam'!SMILE_RISK(-5)", 5.0, id="with the path of the add-in"),
    pytest.param("_xll.SMILE_RISK(-5)", 5.0, id="with the prefix of another kind of add-in"),
    pytest.param("smile_risk(-5)", 5.0, id="in small letters"),
    pytest.param("IFERROR(SMILE_PIPELINE(\"Atlantis\",Data!A1:D1),-1)", -1.0, id="an error caught"),
    pytest.param("IF(Data!A1>0,SMILE_OPPORTUNITY(7),0)", 7.0, id="inside IF"),
    pytest.param("SUM(SMILE_OPPORTUNITY(Data!A1:D1))+1", 62.0, id="inside SUM"),
    pytest.param("SMILE_RISK(-SMILE_OPPORTUNITY(4))", 4.0, id="a call inside a call"),
    pytest.param("SMILE_OPPORTUNITY({3,-1})", 3.0, id="a constant array"),
    pytest.param("SMILE_CV(rate)", 0.0, id="a defined name"),
    pytest.param("own_risk", 9.0, id="a name that calls"),
    pytest.param("SMILE_OPPORTUNITY(INDEX(Data!A:D,3,4))", 32.0, id="whole columns"),
    pytest.param("SMILE_WEEKSCOVER(5,Data!A1:D1,)", None, id="an omitted argument"),
    pytest.param("SUM(SMILE_OPPORTUNITY(Sales[b]))", 30.0, id="a structured reference"),
]  # fmt: skip


def prepare(mine: Sheetful) -> None:
    mine.book.define_name("rate", "=Data!$B$1:$B$3")
    mine.book.define_name("own_risk", "=SMILE_RISK(-9)")
    table = mine.book.add_worksheet("Table")
    table.add_table(
        0, 0, 2, 1, {"name": "Sales", "data": [[1, 10], [2, 20]], "columns": [{"header": "a"}, {"header": "b"}]}
    )


@pytest.mark.parametrize(("formula", "value"), RIGHT)
def test_calls_are_understood_in_every_guise(mine: Sheetful, formula: str, value: float | None) -> None:
    prepare(mine)
    value = functions.SMILE_WEEKSCOVER(5, [1, 10, 20, 30]) if value is None else value
    mine.sheet.write_formula("A1", f"={formula}", None, value)
    mine.sheet.write_formula("C1", f"={formula}", None, value + 1)
    named, unchecked = mine.audit()
    assert named == {"Mine!C1": "stale"}
    assert unchecked == {"own_risk": "defined_name"}


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        pytest.param("SMILE_RISK(VLOOKUP(1,Data!A1:B3,2,FALSE))", "function", id="a function not calculated here"),
        pytest.param("SMILE_RISK(OFFSET(Data!A1,1,1))", "function", id="a reference that is computed"),
        pytest.param("SMILE_RISK([2]Data!A1)", "sheet", id="another workbook"),
        pytest.param("SMILE_RISK(nowhere)", "name", id="a name that is missing"),
        pytest.param("SMILE_RISK(Data!A1:B1*2)", "range", id="a range calculated with in an ordinary formula"),
        pytest.param("SMILE_RISK(A1#)", "operator", id="what a formula spills"),
        pytest.param("SMILE_WHY(A2)", "why", id="the reason of an error"),
        pytest.param("SMILE_RISK(B1)", "circular", id="a formula that depends on itself"),
    ],
)
def test_what_is_not_calculated_is_said_with_its_cell(mine: Sheetful, formula: str, code: str) -> None:
    mine.sheet.write_formula("A2", "=NA()", None, "#N/A")
    mine.sheet.write_formula("B1", f"={formula}", None, 1)
    assert mine.audit() == ({}, {"Mine!B1": code})


def test_errors_compare_as_errors(mine: Sheetful) -> None:
    for row, cached in enumerate(["#N/A", "#VALUE!", 0]):
        mine.sheet.write_formula(row, 0, '=SMILE_PIPELINE("Atlantis",Data!A1:D1)', None, cached)
    mine.sheet.write_formula(0, 2, "=SMILE_CV({0,0})", None, "#N/A")
    assert mine.audit()[0] == {"Mine!A2": "stale", "Mine!A3": "stale"}


def test_classes_compare_as_texts(mine: Sheetful) -> None:
    mine.sheet.write_array_formula("A1:A3", "{=SMILE_ABC(Data!A10:A12,{0.3,0.9})}", None, "B")
    for row, cached in enumerate("BX", 1):
        mine.sheet.write_string(row, 0, cached)
    mine.sheet.write_formula("C1", "=SMILE_XYZ(Data!B1:D1)", None, "X")
    mine.sheet.write_formula("C2", "=SMILE_XYZ(Data!B1:D1)", None, "Y")
    assert mine.audit()[0] == {"Mine!A3": "stale_array", "Mine!C2": "stale"}


def test_a_formula_that_was_never_calculated_is_named(tmp_path: Path) -> None:
    path = tmp_path / "never.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "=SMILE_RISK(-1)"
    book.save(path)
    audit = verify(XlsxBook(path))
    assert [codes(one) for one in audit.differences([])] == [["never"]]


def test_a_simulation_is_said_not_to_be_checked(mine: Sheetful) -> None:
    mine.book.add_worksheet("Simulation")
    assert mine.audit() == ({}, {"Simulation": "simulation"})


def test_calls_in_formats_and_validations_are_listed(mine: Sheetful) -> None:
    mine.sheet.conditional_format("B2:B9", {"type": "formula", "criteria": "=SMILE_RISK(B2)>0"})
    mine.sheet.data_validation("C2:C4", {"validate": "custom", "value": "=SMILE_RISK(C2)=0"})
    assert mine.audit() == ({}, {"Mine!B2:B9": "conditional", "Mine!C2:C4": "validation"})


def column_of_risks(mine: Sheetful, odd: dict[int, tuple[str, float] | float]) -> None:
    """SMILE_RISK of a difference, row by row, with some rows otherwise."""
    for row in range(10):
        value = max(0.0, row + 1 - 5.0)
        what = odd.get(row, (f"SMILE_RISK(5-Data!A{row + 1})", value))
        if isinstance(what, tuple):
            mine.sheet.write_formula(row, 0, f"={what[0]}", None, what[1])
        else:
            mine.sheet.write_number(row, 0, what)


def test_a_formula_typed_over_with_its_own_value_is_named(mine: Sheetful) -> None:
    column_of_risks(mine, {6: 2.0})
    assert mine.audit()[0] == {"Mine!A7": "typed_over"}


def test_a_formula_over_another_row_is_named_with_what_it_should_be(mine: Sheetful) -> None:
    column_of_risks(mine, {3: ("SMILE_RISK(5-Data!A5)", 0.0)})
    named, _ = mine.audit()
    assert named == {"Mine!A4": "neighbours"}
    assert "should be SMILE_RISK(5-Data!A4)" in verify(XlsxBook(mine.path)).differences([])[0].line("en")


def test_shared_formulas_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "shared.xlsx"
    column_of_risks(mine := Sheetful(path), {})
    mine.book.close()

    def share(xml: str) -> str:
        xml = re.sub(r"(<c r=\"A1\">)<f>", r'\1<f t="shared" ref="A1:A10" si="0">', xml)
        return re.sub(r"(<c r=\"A(?:[2-9]|10)\">)<f>.*?</f>", r'\1<f t="shared" si="0"/>', xml)

    plant(path, "Mine", share)
    plant(path, "Mine", value_of("A9", "77"))
    audit = verify(XlsxBook(path))
    assert audit.formulas == 10
    assert [(one.row, one.fresh) for one in audit.differences([])] == [(8, 4.0)]


def test_an_array_with_arguments_of_shifted_rows_is_named(mine: Sheetful) -> None:
    for column, first in ((5, 1), (6, 2), (7, 8)):
        text = f"{{=SMILE_PROJECTION(A1:A4,B{first}:B{first + 3},C1:C4,D1:D4)}}"
        values = functions.SMILE_PROJECTION([[1], [2], [3], [4]], [[10]] * 4, [[20]] * 4, [[30], [31], [32], [33]])
        mine.data.write_array_formula(0, column, 3, column, text, None, values[0, 0])
        for row in (1, 2, 3):
            mine.data.write_number(row, column, values[row, 0])
    assert mine.audit()[0] == {"Data!G1": "rows"}  # H1 takes another table of the sheet


def test_an_array_shows_na_beyond_its_result_and_repeats_one_row(mine: Sheetful) -> None:
    mine.sheet.write_array_formula("A1:C2", "{=SMILE_RISK(-Data!A1:B1)}", None, 1)
    for cell, value in {"B1": 10, "A2": 1, "B2": 10}.items():
        mine.sheet.write_number(cell, value)
    assert mine.audit()[0] == {"Mine!C1": "stale_array", "Mine!C2": "stale_array"}


def test_a_formula_over_another_formula_takes_its_fresh_value(mine: Sheetful) -> None:
    """One stale cell is one difference: what depends on it is compared as if it were right."""
    mine.sheet.write_formula("A1", "=SMILE_RISK(-5)", None, 6)
    mine.sheet.write_formula("B1", "=SMILE_OPPORTUNITY(A1)", None, 5)
    assert mine.audit()[0] == {"Mine!A1": "stale"}
