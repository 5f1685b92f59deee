"""The command import: SAP lists in every form into a book, by what evidence, and what is set apart."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from sap_book import CONFIRMED, FILES, FIRST_ROW, ITEMS, OPENING, W1, sap_book, truth

from smile_xl import commands
from smile_xl.books.lists.reading import read_list
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import imports, run
from smile_xl.planning.imports.dates import date_form, date_in
from smile_xl.planning.imports.numbers import amount, proves, value_of
from smile_xl.planning.imports.recognise import recognise

SCMS = Path(__file__).parents[1] / "cases" / "scms"
STAMP = ("--stamp", "2024-11-05T09:00", "--lang", "en")
HEAD = "Material;Plant;Storage Location;BUn;Unrestricted;Quality Inspection\n"
ORDERS = "Material;Plant;Order Unit;Order Quantity;Still to be delivered (qty);Delivery Date\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sap_book(tmp_path / "plan.xlsx")


@pytest.fixture
def preview(book: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict]]:
    """The rows of a preview of some files, the book being left as it is."""

    def rows(*files: Path | str, into: Path = book, code: int = 0) -> list[dict]:
        before = into.read_bytes()
        arguments = ["import", *map(str, files), "--into", str(into), "--preview", "--format", "json", *STAMP]
        assert run(arguments, "en") == code
        assert into.read_bytes() == before
        return json.loads(capsys.readouterr().out) if code == 0 else []

    return rows


def listed(tmp_path: Path, text: str, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert run(["import", *map(str, arguments), *STAMP], "en") == 2
    lines = capsys.readouterr().err.strip().splitlines()
    return lines[-1]


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def srm(path: Path) -> list[list[object]]:
    sheet = openpyxl.load_workbook(path)["SRM"]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW)]


# ------------------------------------------------------------------------------------------------------ the seven files


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name[:2])
def test_each_of_the_seven_files_gives_the_truth(file: Path, preview: Callable) -> None:
    rounded = file.name.startswith("06")
    got: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    want: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in preview(file):
        assert row["table"] == "SRM"
        assert row["status"] == ("taken" if row["field"] == "opening" else "quarantined")
        sums = got[row["sap_code"], row["field"]]
        sums[0] += row["value"]
        sums[1] += row["tonnes"]
    for row in truth():
        for field, value, tonnes in (
            ("opening", "unrestricted", "tons_unrestricted"),
            ("transit",) * 2 + ("tons_transit",),
        ):
            if field == "opening" or (float(row[value]) and not rounded):
                want[row["material_norm"], field][0] += float(row[value])
                want[row["material_norm"], field][1] += float(row[tonnes])
    if rounded:  # the form shows cases without decimals: 1,234 for 1,234.5
        want["67012345", "opening"] = [1234.0, 1234.0 * 4.8 / 1000]
    assert set(got) == set(want)
    for key, sums in want.items():
        assert got[key] == pytest.approx(sums, abs=1e-12)


def test_the_native_file_has_exactly_the_values_of_the_truth_money_included() -> None:
    found = recognise(read_list(FILES[-1])[0])
    got = [(one.sap_code.lstrip("0"), one.plant, one.unit, one.value, one.cash) for one in found.lines
           if one.field == "unrestricted"]  # fmt: skip
    want = [(row["material_norm"], row["plant"], row["unit"], float(row["unrestricted"]), float(row["value"]))
            for row in truth()]  # fmt: skip
    assert got == want


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name[:2])
def test_taken_and_quarantined_add_up_to_the_file(file: Path, book: Path) -> None:
    _, found = commands.read_import(XlsxBook(book), [read_list(file)])
    by_hand = sum(line.value or 0.0 for line in recognise(read_list(file)[0]).lines)
    taken, apart = ([one for one in found.entries if bool(one.reason) is wanted] for wanted in (False, True))
    assert sum(one.line.value for one in taken) + sum(one.line.value for one in apart) == pytest.approx(by_hand)
    cash = sum(line.cash or 0.0 for line in recognise(read_list(file)[0]).lines)
    assert sum(one.line.cash or 0.0 for one in found.entries) == pytest.approx(cash)
    if not file.name.startswith("06"):
        total = sum(float(row["tons_unrestricted"]) + float(row["tons_transit"]) for row in truth())
        assert sum(one.tonnes for one in found.entries) == pytest.approx(total, abs=1e-12)


# ------------------------------------------------------------------------------------------------------------- writing


def test_only_the_cells_of_the_items_and_the_page_change(book: Path, tmp_path: Path) -> None:
    before, sheet = parts(book), srm(book)
    assert run(["import", str(FILES[0]), "--into", str(book), "--yes", *STAMP], "en") == 0
    after = srm(book)
    tonnes = {row["material_norm"]: 0.0 for row in truth()}
    for row in truth():
        tonnes[row["material_norm"]] += float(row["tons_unrestricted"])
    for (_, code, _, _), old, new in zip(ITEMS, sheet, after, strict=True):
        assert new[OPENING - 1] == pytest.approx(tonnes.get(code, old[OPENING - 1]), abs=1e-12)
        assert new[: OPENING - 1] + new[OPENING:] == old[: OPENING - 1] + old[OPENING:]
    changed = {name for name, data in parts(book).items() if before.get(name) != data}
    assert changed <= {
        "xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "docProps/app.xml", "xl/worksheets/_rels/sheet3.xml.rels",
    }, changed  # fmt: skip
    page = [[cell.value for cell in row] for row in openpyxl.load_workbook(book)["Quarantine"].iter_rows()]
    texts = [str(row) for row in page]
    assert any("640" in text and "transit without a date" in text and FILES[0].name in text for text in texts)
    assert run(["check", str(book)], "en") == 0


def test_items_between_those_of_the_list_keep_what_they_have(book: Path, tmp_path: Path) -> None:
    before = srm(book)
    text = HEAD + "67012345;MA01;0001;KG;1500,5;\nABC-0070;TN01;0001;KG;2500,5;\n"
    assert run(["import", str(listed(tmp_path, text)), "--into", str(book), "--yes", *STAMP], "en") == 0
    openings = [row[OPENING - 1] for row in before]
    openings[0], openings[4] = 1.5005, 2.5005
    assert [row[OPENING - 1] for row in srm(book)] == openings
    assert openings[3] is None


def test_a_french_book_is_filled_and_gets_a_french_page(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    assert run(["new", str(path), *STAMP[:2], "--lang", "fr"], "fr") == 0
    code = commands.make_cycle(XlsxBook(path)).inputs.items["sap_code"][0]
    text = f"Article;Division;UQ;Utilis. libre;Bloqué\n{code};MA01;TO;12,5;1,25\n"
    assert (
        run(["import", str(listed(tmp_path, text)), "--into", str(path), "--yes", *STAMP[:2], "--lang", "fr"], "fr")
        == 0
    )
    cycle = commands.make_cycle(XlsxBook(path))
    assert cycle.inputs.items["country"][0] == "Maroc"
    assert cycle.inputs.portfolio.opening[0] == 12.5
    page = str([[cell.value for cell in row] for row in openpyxl.load_workbook(path)["Quarantaine"].iter_rows()])
    assert "l'état de stock Bloqué n'est pas utilisé" in page


def test_the_same_import_twice_gives_the_same_bytes(book: Path) -> None:
    arguments = ["import", str(FILES[1]), "--into", str(book), "--yes", *STAMP]
    assert run(arguments, "en") == 0
    once = book.read_bytes()
    assert run(arguments, "en") == 0
    assert book.read_bytes() == once


def test_an_import_into_the_example_book_keeps_every_formula(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    assert run(["new", str(path), *STAMP], "en") == 0
    before = parts(path)["xl/worksheets/sheet2.xml"]
    cycle = commands.make_cycle(XlsxBook(path))
    code = cycle.inputs.items["sap_code"][3]
    country = cycle.inputs.items["country"][3]
    text = f"Country;SAP code;Opening\n{country};{code};12,5\n"
    assert run(["import", str(listed(tmp_path, text)), "--into", str(path), "--yes", *STAMP], "en") == 0
    after = parts(path)["xl/worksheets/sheet2.xml"]
    assert before.count(b"<f") == after.count(b"<f")
    assert len(re.findall(rb"<c [^>]*>", before)) == len(re.findall(rb"<c [^>]*>", after))
    assert commands.make_cycle(XlsxBook(path)).inputs.portfolio.opening[3] == 12.5


def test_without_a_terminal_it_asks_for_yes_and_writes_nothing(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.read_bytes()
    assert "--yes" in refused(capsys, FILES[0], "--into", book)
    assert book.read_bytes() == before


@pytest.mark.parametrize("answer", [True, False])
def test_on_a_terminal_it_asks(answer: bool, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = book.read_bytes()
    monkeypatch.setattr(imports, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(imports.click, "confirm", lambda *_, **__: answer)
    assert run(["import", str(FILES[0]), "--into", str(book), *STAMP], "en") == 0
    assert (book.read_bytes() != before) is answer


def test_a_formula_in_an_input_cell_is_refused_by_name(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_formula = book.with_name("formula.xlsx")
    data = parts(book)
    sheet = data["xl/worksheets/sheet1.xml"]
    cell = re.search(rb'<c r="T4"[^>]*><v>9</v></c>', sheet)[0]
    data["xl/worksheets/sheet1.xml"] = sheet.replace(cell, cell.replace(b"<v>", b"<f>4+5</f><v>"))
    with zipfile.ZipFile(with_formula, "w") as package:
        for name, content in data.items():
            package.writestr(name, content)
    before = with_formula.read_bytes()
    assert "SRM!T4 holds a formula" in refused(capsys, FILES[0], "--into", with_formula, "--yes")
    assert with_formula.read_bytes() == before


# ------------------------------------------------------------------------------------------------------- decimal signs


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        pytest.param("1.234,500", ",", 1234.5, id="points in thousands, decimal comma"),
        pytest.param("1,234.500", ".", 1234.5, id="commas in thousands, decimal point"),
        pytest.param("8,587,919,058", ".", 8587919058.0, id="a sign that stands twice parts thousands"),
        pytest.param("2.335.800", ",", 2335800.0, id="points that stand twice part thousands"),
        pytest.param("1\u202f234,500", ",", 1234.5, id="a narrow space in thousands"),
        pytest.param("960,00-", ",", -960.0, id="a trailing minus"),
        pytest.param("   6-", None, -6.0, id="a whole number"),
        pytest.param("1.660", None, None, id="1.660 alone could be either"),
    ],
)
def test_what_a_number_proves(text: str, sign: str | None, value: float | None) -> None:
    parts_of = amount(text)
    assert proves(parts_of.digits) == sign
    if value is not None:
        assert value_of(parts_of, sign or ",") == value


def test_numbers_that_decide_nothing_are_refused_with_the_evidence(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], preview: Callable
) -> None:
    file = listed(tmp_path, HEAD + "67012345;MA01;0001;CAR;1.234;\n68000007;MA01;0001;CAR;12;\n")
    message = refused(capsys, file, "--into", book, "--yes")
    assert "1.234" in message
    assert "--decimal" in message
    assert [row["value"] for row in preview(file, "--decimal", "comma")] == [1234.0, 12.0]
    assert [row["value"] for row in preview(file, "--decimal", "point")] == [1.234, 12.0]


def test_a_file_with_both_signs_is_refused(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = listed(tmp_path, HEAD + "67012345;MA01;0001;CAR;1,5;\n68000007;MA01;0001;CAR;2.5;\n")
    message = refused(capsys, file, "--into", book)
    assert "1,5" in message
    assert "2.5" in message
    assert "--decimal says" in refused(capsys, listed(tmp_path, HEAD + "67012345;MA01;;CAR;1,5;\n"), "--into", book,
                                       "--decimal", "point")  # fmt: skip


# ---------------------------------------------------------------------------------------------- what is set apart, why


@pytest.mark.parametrize(
    ("line", "field", "tonnes", "reason"),
    [
        pytest.param("67012345;MA01;0001;XYZ;5,5;", "opening", None, "unit XYZ is unknown", id="an unknown unit"),
        pytest.param("67012345;MA01;0001;ST;5,5;", "opening", None, "counts pieces", id="pieces have no weight"),
        pytest.param("ABC-0070;TN01;0001;CAR;5,5;", "opening", None, "no net case weight", id="no case weight"),
        pytest.param("67012345;XX01;0001;CAR;5,5;", "opening", 0.0264, "plant XX01 has no country", id="a new plant"),
        pytest.param("67012345;TN01;0001;KG;5,5;", "opening", 0.0055, "not in SRM", id="not sold in the country"),
        pytest.param("11111111;MA01;0001;KG;5,5;", "opening", 0.0055, "not in SRM", id="an unknown item"),
        pytest.param(";MA01;0001;KG;5,5;", "opening", 0.0055, "no material", id="no material"),
        pytest.param("67012345;MA01;0001;CAR;five;1,5", "opening", None, "no number: five", id="text for a number"),
        pytest.param("67012345;MA01;0001;CAR;;2,5", "quality", 0.012, "not used", id="stock in quality inspection"),
    ],
)
def test_a_line_is_set_apart_with_its_reason(
    line: str, field: str, tonnes: float | None, reason: str, tmp_path: Path, preview: Callable
) -> None:
    row = preview(listed(tmp_path, HEAD + line + "\n"))[0]
    assert (row["field"], row["status"]) == (field, "quarantined")
    assert row["tonnes"] == (tonnes if tonnes is None else pytest.approx(tonnes, abs=1e-12))
    assert reason in row["reason"]


def test_the_tables_of_the_book_decide_on_plants_and_states(tmp_path: Path, preview: Callable) -> None:
    sheets = {
        "Divisions": [["Division", "Pays"], ["XX01", "Morocco"]],
        "Stock states": [
            ["State", "Use"],
            ["Quality", "opening"],
            ["Transit and Transfer", "W3"],
            ["stock", "excluded"],
        ],
    }
    into = sap_book(tmp_path / "own.xlsx", sheets)
    rows = preview(listed(tmp_path, HEAD + "67012345;XX01;0001;KG;5,5;2,5\n"), into=into)
    assert [(row["country"], row["field"], row["status"]) for row in rows] == [("Morocco", "opening", "taken")] * 2
    transit = [row for row in preview(FILES[0], into=into) if row["field"] == "W3"]
    assert [row["tonnes"] for row in transit if row["tonnes"]] == pytest.approx([3.072, 0.5], abs=1e-12)


def test_a_wrong_state_in_the_book_is_named_with_its_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = sap_book(tmp_path / "own.xlsx", {"Stock states": [["State", "Use"], ["Quality", "perhaps"]]})
    assert "Stock states!B2: perhaps" in refused(capsys, FILES[0], "--into", into)


def test_a_map_of_the_book_names_further_headers(tmp_path: Path, preview: Callable) -> None:
    sheets = {
        "Import maps": [["Map", "Header", "Field"], ["depot", "Ref produit", "material"], ["depot", "Dispo", "stock"]]
    }
    into = sap_book(tmp_path / "own.xlsx", sheets)
    file = listed(tmp_path, "Ref produit,Plant,Unit,Dispo\n67012345,MA01,KG,1500.5\n")
    assert preview(file, into=into, code=2) == []
    assert [row["tonnes"] for row in preview(file, "--map", "depot", into=into)] == [1.5005]


def test_the_same_stock_in_two_lists_is_refused(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "count twice" in refused(capsys, FILES[0], FILES[1], "--into", book)
    assert "named twice" in refused(capsys, FILES[0], FILES[0], "--into", book)


def test_a_column_with_the_sum_of_others_is_not_added_to_them(tmp_path: Path, preview: Callable) -> None:
    text = "Material;Plant;BUn;Unrestricted;Blocked;Total Stock\n67012345;MA01 Casablanca;KG;10,5;2,5;13,0\n"
    assert [(row["field"], row["value"]) for row in preview(listed(tmp_path, text))] == [
        ("opening", 10.5),
        ("blocked", 2.5),
    ]
    preview(listed(tmp_path, "Material;Plant;Opening;Unrestricted\n67012345;MA01;10,5;2,5\n"), code=2)


def test_orders_are_in_their_own_unit_and_date(tmp_path: Path, preview: Callable) -> None:
    head = "Date;Material;Supplying Plant;Plant;BUn;OUn;Open Quantity;Delivery Date\n"
    row = preview(listed(tmp_path, head + "01.11.2024;67012345;TN01;MA01;KG;CAR;1000;20.11.2024\n"))[0]
    assert (row["country"], row["field"], row["tonnes"]) == ("Morocco", "W3", 4.8)


@pytest.mark.parametrize("total", ["*;;;;1.222,5;", ";;;CAR;1.222,5;", "Total;;;;1.222,5;", "Sous-total MA01;;;;1.222,5;",
                                   "Résultat;;;;1.222,5 ***;"])  # fmt: skip
def test_totals_in_any_shape_are_left_out(total: str, tmp_path: Path, preview: Callable) -> None:
    rows = preview(listed(tmp_path, HEAD + f"{total}\n67012345;MA01;0001;KG;1.222,5;\n{total}\n"))
    assert [row["tonnes"] for row in rows] == [1.2225]


@pytest.mark.parametrize("name", ["Total Repair 5", "Résultat éclat"])
def test_an_article_whose_name_begins_like_a_total_is_an_article(name: str, tmp_path: Path, preview: Callable) -> None:
    book = openpyxl.Workbook()
    for row in (["Material", "Material Description", "Plant", "BUn", "Unrestricted"], [67012345, name, "MA01", "KG", 8],
                [67012345, "Total 67012345", None, "KG", 8], [None, "Total général", None, "KG", 8]):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert [row["tonnes"] for row in preview(tmp_path / "list.xlsx")] == [0.008]


def test_the_rules_between_the_rows_of_a_pipe_list_are_no_lines(tmp_path: Path, preview: Callable) -> None:
    rule = "|--------|----|---|------------|\n"
    text = f"|Article |Div.|UQ |Utilis. libre|\n{rule}|67012345|MA01|KG |   1.222,500|\n{rule}"
    assert [row["tonnes"] for row in preview(listed(tmp_path, text, "list.xls"))] == [1.2225]


ME2N = "Article;Division;Date livraison;À livrer (quantité);À livrer (valeur);Unité de qté;Qté commandée\n"


def test_a_column_with_the_value_of_a_quantity_is_not_taken_for_it(tmp_path: Path, preview: Callable) -> None:
    row = preview(listed(tmp_path, ME2N + "67012345;MA01;20.11.2024;1000,5;9999,5;KG;3000\n"))[0]
    assert (row["field"], row["tonnes"]) == ("W3", 1.0005)
    preview(listed(tmp_path, "Article;Division;Stock (EUR);UQ\n67012345;MA01;9999,5;KG\n"), code=2)
    preview(listed(tmp_path, "Article;Division;À livrer (valeur);UQ\n67012345;MA01;9999,5;KG\n"), code=2)


def test_a_unit_in_the_header_and_another_in_the_line_are_set_apart(tmp_path: Path, preview: Callable) -> None:
    text = "Article;Division;Stock (t);UQ\n67012345;MA01;12,5;CAR\n67012345;MA01;1,5;TO\n68000007;MA01;0;CAR\n"
    rows = preview(listed(tmp_path, text))
    assert [(row["tonnes"], row["status"]) for row in rows][1:] == [(1.5, "taken"), (0.0, "taken")]
    assert (rows[0]["tonnes"], rows[0]["status"]) == (None, "quarantined")
    assert "the header says t, the line CAR" in rows[0]["reason"]


def test_the_nodes_of_a_stock_overview_are_not_counted_again(tmp_path: Path, preview: Callable) -> None:
    text = "MMBE\n\nMaterial;Plant;SLoc;Batch;BUn;Unrestricted\n67012345;MA01;;;KG;30,5\n67012345;MA01;0001;;KG;10,5\n"
    rows = preview(listed(tmp_path, text + "67012345;MA01;0002;;KG;20,0\n"))
    assert [row["value"] for row in rows] == [10.5, 20.0]


# -------------------------------------------------------------------------------------------------- orders and the dates


@pytest.mark.parametrize(
    ("date", "field"),
    [
        ("01.11.2024", "W1"), ("08.11.2024", "W1"), ("09.11.2024", "W2"), ("30.11.2024", "W5"), ("29.11.2024", "W4"),
        ("31.12.2024", "W8"), ("01.01.2025", "confirmed 2025-01"), ("2025-10-31", "confirmed 2025-10"),
        ("31.10.2024", "order"), ("01.11.2025", "order"), ("soon", "order"), ("05/06/2025", "order"),
    ],
)  # fmt: skip
def test_an_order_lands_in_the_week_or_month_of_its_date(
    date: str, field: str, tmp_path: Path, preview: Callable
) -> None:
    row = preview(listed(tmp_path, ORDERS + f"67012345;MA01;CAR;2000;1000;{date}\n"))[0]
    assert (row["field"], row["tonnes"]) == (field, 4.8)
    assert (row["status"] == "quarantined") is (field == "order")


def test_orders_replace_the_weeks_of_their_items_and_nothing_else(book: Path, tmp_path: Path) -> None:
    before = srm(book)
    text = ORDERS + "67012345;MA01;CAR;2000;1000;20.11.2024\n67012345;MA01;CAR;500;500;15.02.2025\n"
    assert run(["import", str(listed(tmp_path, text)), "--into", str(book), "--yes", *STAMP], "en") == 0
    after = srm(book)
    assert after[1:] == [[*row, *[None] * (len(after[0]) - len(row))] for row in before[1:]]
    assert after[0][W1 - 1 : W1 + 7] == [0, 0, 4.8, 0, 0, 0, 0, 0]
    assert after[0][CONFIRMED - 1 :][:4] == [None, None, None, 2.4]
    assert after[0][: W1 - 1] == before[0][: W1 - 1]


def test_an_ordered_quantity_is_not_taken_for_an_open_one(tmp_path: Path, preview: Callable) -> None:
    head = "Material;Plant;Order Unit;Order Quantity;Delivery Date\n"
    assert preview(listed(tmp_path, head + "67012345;MA01;KG;2000;20.11.2024\n"))[0]["status"] == "quarantined"
    head = "Material;Plant;Order Unit;Order Quantity;Qty Delivered;Delivery Date\n"
    assert preview(listed(tmp_path, head + "67012345;MA01;KG;2000;500;20.11.2024\n"))[0]["tonnes"] == 1.5


def test_stock_and_orders_of_a_material_come_from_an_md04_list(tmp_path: Path, preview: Callable) -> None:
    text = (
        "Material;67012345\nPlant;MA01\n\nDate;MRP element;Receipt/Reqmt;BUn;Available Qty\n05.11.2024;Stock;;KG;1500,5\n"
        "20.11.2024;POitem;300,5;KG;1801\n21.11.2024;DepReq;200,5-;KG;1600,5\n"
    )
    rows = preview(listed(tmp_path, text))
    assert [(row["field"], row["tonnes"], row["status"]) for row in rows] == [
        ("opening", 1.5005, "taken"), ("W3", 0.3005, "taken"), ("requirement", -0.2005, "quarantined"),
    ]  # fmt: skip


def test_damaged_dates_are_put_right_or_set_apart() -> None:
    """Real dates: month/day/year, of which a spreadsheet has turned those with a day up to 12 into year-month-day."""
    with (SCMS / "mangled_dates_200.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sent = [row["PO Sent to Vendor Date"] for row in rows]
    due = [row["Scheduled Delivery Date"] for row in rows]
    form, plain_form = date_form(sent), date_form(due)
    assert form.mended
    read, wrong_if_iso = 0, 0
    for text, planned in zip(sent, due, strict=True):
        day, reason = date_in(text, form)
        scheduled, _ = date_in(planned, plain_form)
        assert scheduled == dt.datetime.strptime(planned, "%d-%b-%y").date()
        if day is None:
            assert reason
            assert not any(letter.isdigit() for letter in text)
            continue
        read += 1
        if "/" in text:
            assert day == dt.datetime.strptime(text, "%m/%d/%y").date()
        else:
            naive = dt.date.fromisoformat(text)
            assert day == dt.date(2000 + naive.day, naive.year - 2000, naive.month)
            wrong_if_iso += not dt.timedelta(0) <= scheduled - naive <= dt.timedelta(600)
        assert dt.timedelta(0) <= scheduled - day <= dt.timedelta(600), (text, planned)
    assert read > 100
    assert wrong_if_iso > 20


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(["05/11/2024", "06/11/2024"], id="day and month could be swapped"),
        pytest.param(["13/11/2024", "11/14/2024"], id="both orders in one column"),
        pytest.param(["13/11/2024", dt.date(2024, 5, 11)], id="texts beside dates that a spreadsheet has read"),
        pytest.param(["13/11/2024", "2024-05-11"], id="day first beside year first"),
    ],
)
def test_a_date_that_could_be_another_is_set_apart(column: Sequence[object]) -> None:
    form = date_form(column)
    assert date_in(column[-1], form)[0] is None


def test_dates_of_a_1904_workbook_are_right(tmp_path: Path, preview: Callable) -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append(["Material", "Plant", "Order Unit", "Open Quantity", "Delivery Date"])
    workbook.active.append(["67012345", "MA01", "KG", 1000, dt.date(2024, 11, 20)])
    workbook.save(tmp_path / "orders.xlsx")
    assert preview(tmp_path / "orders.xlsx")[0]["field"] == "W3"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "no table", id="an empty file"),
        pytest.param(bytes(range(256)) * 4, "neither text", id="bytes that are no text"),
        pytest.param(b"<html><table><tr><td>Material</td></tr></table></html>", "web page", id="a web page"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old .xls", id="an old workbook"),
        pytest.param(b"a;b;c\n1;2;3\n", "no row of headers", id="another table"),
        pytest.param(b"Material;Unrestricted;Unrestricted Use\n1;2;3\n", "means the same", id="a column twice"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(
    data: bytes, message: str, book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "export.xls").write_bytes(data)
    assert message in refused(capsys, tmp_path / "export.xls", "--into", book, "--yes")


@pytest.mark.parametrize("value", ["NaN", "1e999", "-Infinity"])
def test_a_number_of_a_workbook_that_is_none_is_set_apart(value: str, tmp_path: Path, preview: Callable) -> None:
    path = tmp_path / "list.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(["Material", "Plant", "BUn", "Unrestricted"])
    workbook.active.append(["67012345", "MA01", "KG", 1500.5])
    workbook.save(path)
    data = parts(path)
    name = "xl/worksheets/sheet1.xml"
    data[name] = data[name].replace(b"<v>1500.5</v>", f"<v>{value}</v>".encode())
    with zipfile.ZipFile(path, "w") as package:
        for part, content in data.items():
            package.writestr(part, content)
    assert all(row["status"] == "quarantined" and row["tonnes"] is None for row in preview(path))


@pytest.mark.parametrize(("country", "status"), [("Maroc", "taken"), ("MOROCCO", "taken"), ("Espagne", "quarantined")])
def test_a_country_is_known_in_either_language(country: str, status: str, tmp_path: Path, preview: Callable) -> None:
    [row] = preview(listed(tmp_path, f"Pays;Code SAP;Stock initial\n{country};67012345;12,5\n"))
    assert (row["status"], row["country"]) == (status, "Morocco" if status == "taken" else "Espagne")


def test_a_row_between_items_that_is_none_stays_as_it_is(book: Path, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["SRM"]
    sheet.insert_rows(FIRST_ROW + 2)
    sheet.cell(FIRST_ROW + 2, OPENING).value = None
    workbook.save(book)
    before = srm(book)
    text = HEAD + "67012345;MA01;0001;KG;1500,5;\n70000001;TN01;0001;KG;2500,5;\n"
    assert run(["import", str(listed(tmp_path, text)), "--into", str(book), "--yes", *STAMP], "en") == 0
    after = srm(book)
    assert [row[OPENING - 1] for row in after] == [
        1.5005,
        *(row[OPENING - 1] for row in before[1:4]),
        2.5005,
        *(row[OPENING - 1] for row in before[5:]),
    ]
    assert after[2] == before[2]
