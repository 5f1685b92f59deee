"""Trees, lists' own totals, several lists at once: what a list states must be what its lines add up to."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sap_book import FILES, sap_book

from smile_xl.books.lists.reading import read_list
from smile_xl.books.xlsx.book import XlsxBook
from smile_xl.cli import run
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.imports.allocate import Import, allocate
from smile_xl.planning.imports.listing import RawList
from smile_xl.planning.imports.recognise import Recognised, recognise
from smile_xl.planning.imports.rules import read_rules
from smile_xl.planning.imports.titles import titled
from smile_xl.planning.inputs import Inputs

TREE = """22.11.2024               Stock Overview: Basic List                      1

Material             67012345          GREEN TEA 200G x24
Unit of Measure      CAR               Base Unit of Measure   CAR

-----------------------------------------------------------------------------------------------------
|Client/Company Code/Plant/Storage Location/Batch/Special Stock|Unrestricted use|Qual. inspection|Stock in Transit|
-----------------------------------------------------------------------------------------------------
|Full                                                          |     1.234,500  |       12,000   |      640,000   |
|  1000 SMILE Maroc                                            |     1.034,500  |       12,000   |      640,000   |
|    MA01 Casablanca                                           |     1.034,500  |       12,000   |      640,000   |
|      0001 Main                                               |     1.000,000  |       12,000   |        0,000   |
|        LOT7                                                  |       900,000  |                |                |
|        LOT8                                                  |       100,000  |       12,000   |                |
|      0002 Annex                                              |        34,500  |                |                |
|  2000 SMILE Algérie                                          |       200,000  |                |                |
|    DZ01 Alger                                                |       200,000  |                |                |
-----------------------------------------------------------------------------------------------------
"""
LEAVES = [
    ("67012345", "MA01 Casablanca", "transit", 640.0, 11),
    ("67012345", "MA01 Casablanca", "unrestricted", 900.0, 13),
    ("67012345", "MA01 Casablanca", "unrestricted", 100.0, 14),
    ("67012345", "MA01 Casablanca", "quality", 12.0, 14),
    ("67012345", "MA01 Casablanca", "unrestricted", 34.5, 15),
    ("67012345", "DZ01 Alger", "unrestricted", 200.0, 17),
]
"""What is in the tree, each quantity where it stands deepest, with its row."""


def listed(folder: Path, text: str, name: str = "list.txt") -> Recognised:
    (folder / name).write_text(text, encoding="utf-8")
    [raw] = read_list(folder / name)
    return recognise(raw)


def counted(found: Recognised) -> list[tuple[object, ...]]:
    return [(one.sap_code, one.plant, one.field, one.value, one.row) for one in found.lines if one.value]


def differing(found: Recognised) -> list[tuple[object, ...]]:
    return [(one.row, one.field, one.stated, one.found, one.first, one.last) for one in found.differing]


# Trees ---------------------------------------------------------------------------------------------------------------


def as_tabs(text: str) -> str:
    """The tree as a spreadsheet's text has it: each level in a column of its own."""
    rows = []
    for line in text.splitlines():
        if not line.startswith("|"):
            rows.append("\t".join(part for part in line.split("  ") if part.strip()))
            continue
        name, *cells = line.strip("|").split("|")
        depth = (len(name) - len(name.lstrip())) // 2
        rows.append("\t".join([*[""] * depth, name.strip(), *[""] * (4 - depth), *(cell.strip() for cell in cells)]))
    return "\n".join(rows)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda text: text, id="spaces before the name, between pipes"),
        pytest.param(as_tabs, id="a column for each level"),
        pytest.param(lambda text: text.replace("|  ", "|\u00a0\u00a0"), id="no-break spaces"),
        pytest.param(lambda text: text.replace("|Client/", "|Mandant/").replace("Company Code/Plant/Storage Location/Batch", "Société/Division/Magasin/Lot").replace("|Full ", "|Total"), id="in French"),
        pytest.param(lambda text: "\n".join(line for line in text.splitlines() if "|Full" not in line), id="without its root"),
    ],
)  # fmt: skip
def test_each_quantity_of_a_tree_is_taken_once_where_it_stands_deepest(form, tmp_path: Path) -> None:
    text = form(TREE)
    found = listed(tmp_path, text)
    assert found.kind == "mmbe"
    assert [line[:4] for line in counted(found)] == [line[:4] for line in LEAVES]
    assert {one.unit for one in found.lines} == {"CAR"}
    assert found.differing == []
    places = {one.plant for one in found.lines if "MA01" in one.plant}
    assert places == {"MA01 Casablanca"}
    if text == TREE:
        assert counted(found) == LEAVES


def test_a_tree_of_a_workbook_and_of_two_materials_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for code, stock in (("67012345", 1000.5), ("68000007", 20.0)):
        sheet.append(["Material", code])
        sheet.append(["Base Unit", "CAR"])
        sheet.append(["Cl/CC/Plant/SLoc/Batch", "Unrestricted use"])
        for depth, name in enumerate(("Full", "1000 SMILE", "MA01 Casa", "0001 Main")):
            sheet.append(["   " * depth + name, stock])
    workbook.save(tmp_path / "tree.xlsx")
    [raw] = read_list(tmp_path / "tree.xlsx")
    found = recognise(raw)
    assert counted(found) == [
        ("67012345", "MA01 Casa", "unrestricted", 1000.5, 7),
        ("68000007", "MA01 Casa", "unrestricted", 20.0, 14),
    ]
    assert found.totals == 6


def test_a_node_that_is_not_the_sum_of_what_stands_below_it_is_named(tmp_path: Path) -> None:
    found = listed(tmp_path, TREE.replace("|        34,500  |", "|        33,500  |"))
    assert differing(found) == [
        (9, "unrestricted", 1234.5, 1233.5, 13, 17),
        (10, "unrestricted", 1034.5, 1033.5, 13, 15),
        (11, "unrestricted", 1034.5, 1033.5, 13, 15),
    ]


def test_a_tree_indented_a_thousand_times_is_no_obstacle(tmp_path: Path) -> None:
    rows = "".join(f"|{' ' * depth}N{depth} |  1,5 |\n" for depth in range(3000))
    found = listed(
        tmp_path, f"Material:  67012345\n|Client/Company Code/Plant/Storage Location|Unrestricted use|\n{rows}"
    )
    assert found.lines
    assert len(found.lines) + found.totals == 3000


def test_what_is_too_long_for_a_title_names_nothing() -> None:
    """Taking a hundred thousand letters apart, row by row, took half a minute."""
    assert titled(["Material:  67012345"]) == {"material": "67012345"}
    assert titled(["Material:  67012345" + "; " * 200]) == {}


# Totals --------------------------------------------------------------------------------------------------------------

HEAD = "Material;Plant;Unit;Unrestricted;Blocked\n"


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        pytest.param("A;MA01;KG;10,5;1\nB;MA01;KG;20;2\nTotal;;;30,5;3", [], id="a total at the end"),
        pytest.param("Total;;;30,5;3\nA;MA01;KG;10,5;1\nB;MA01;KG;20;2", [], id="a total at the start"),
        pytest.param("A;MA01;KG;10,5;\n*;;;10,5;\nB;MA01;KG;20;\nC;MA01;KG;5;\n*;;;25;\n**;;;35,5;", [], id="sub-totals and a total"),
        pytest.param("Sous-total;;;10,5;\nA;MA01;KG;10,5;\nSous-total;;;25;\nB;MA01;KG;20;\nC;MA01;KG;5;\nTotal;;;35,5;", [], id="sub-totals above their lines"),
        pytest.param("A;MA01;KG;10,5;\nB;MA01;CAR;20;\n;;KG;10,5;\n;;CAR;20;", [], id="a total for each unit"),
        pytest.param("A;MA01;KG;10,5-;\nB;MA01;KG;20;\n*;;;9,5;", [], id="a line below zero"),
        pytest.param("A;MA01;KG;1,4;\nB;MA01;KG;1;\nC;MA01;KG;2;\n*;;;4,8;", [], id="a total with more decimals than its lines show"),
        pytest.param("A;MA01;KG;1,4;\nB;MA01;KG;1;\nC;MA01;KG;2;\n*;;;5,8;", [(5, "unrestricted", 5.8, 4.4, 2, 4)], id="more than rounding hides"),
        pytest.param("A;MA01;KG;10,5;1\nB;MA01;KG;20;2\nTotal;;;31,5;3", [(4, "unrestricted", 31.5, 30.5, 2, 3)], id="a wrong total"),
        pytest.param("A;MA01;KG;10,5;\n*;;;11,5;\nB;MA01;KG;20;\n*;;;20;\n**;;;30,5;", [(3, "unrestricted", 11.5, 10.5, 2, 2)], id="a wrong sub-total"),
        pytest.param("A;MA01;KG;10,5;1\nTotal;;;10,5;2", [(3, "blocked", 2.0, 1.0, 2, 2)], id="the other column is wrong"),
        pytest.param("A;MA01;KG;10,5;\nB;MA01;CAR;20;\n;;KG;12,5;\n;;CAR;20;", [(4, "unrestricted", 12.5, 10.5, 2, 2)], id="wrong for one unit"),
        pytest.param("Total;;;12,5;", [(2, "unrestricted", 12.5, 0.0, 2, 2)], id="a total of nothing"),
    ],
)  # fmt: skip
def test_a_lists_own_totals_are_the_sums_of_its_lines(
    rows: str, wrong: list[tuple[object, ...]], tmp_path: Path
) -> None:
    assert differing(listed(tmp_path, HEAD + rows)) == wrong


def test_a_total_of_a_thousand_sub_totals_is_found_before_more_lines_and_quickly(tmp_path: Path) -> None:
    rows = "A;MA01;KG;1,5;\n*;;;1,5;\n" * 1500
    found = listed(tmp_path, f"{HEAD}{rows}**;;;2.250,0;\nA;MA01;KG;7,5;\n**;;;1,0;")
    assert differing(found) == [(3004, "unrestricted", 1.0, 7.5, 3003, 3003)]


def test_a_total_that_differs_is_told_with_its_rows_in_the_preview_and_on_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = sap_book(tmp_path / "plan.xlsx")
    arguments = ["import", str(FILES[5]), "--into", str(book)]
    assert run([*arguments, "--preview"], "en") == 0
    assert (
        "TOTAL DIFFERS: row 5 says 1,364.625 for Valuated stock, its lines (rows 6 to 10) give 1,374.125."
        in capsys.readouterr().out
    )
    assert run([*arguments, "--yes"], "fr") == 0
    assert "TOTAL DIFFÉRENT : la ligne 5 indique 1\u202f364,625" in capsys.readouterr().err
    page = [[cell.value for cell in row] for row in openpyxl.load_workbook(book)["Quarantine"].iter_rows()]
    assert [FILES[5].name, 5, "Valuated stock", "", 1364.625, 1374.125, "6 to 10"] in [
        [cell or "" for cell in row[:7]] for row in page
    ]
    assert [row[7] for row in page if row[1] == "stock analysis (MC.9)"] == ["2 differ"]
    assert run(["import", str(FILES[0]), "--into", str(book), "--preview"], "en") == 0
    assert "totals: the list's own are the sums of its lines" in capsys.readouterr().out


def test_nodes_of_a_flat_stock_overview_count_once_even_if_they_are_wrong(tmp_path: Path) -> None:
    text = "Material;Company Code;Plant;Storage Location;Unit;Unrestricted;Transit\n"
    text += "A;10;MA01;;KG;30,5;7,5\nA;10;MA01;0001;KG;10,5;\nA;10;MA01;0002;KG;19;\n"
    found = listed(tmp_path, text)
    assert counted(found) == [
        ("A", "MA01", "transit", 7.5, 2),
        ("A", "MA01", "unrestricted", 10.5, 3),
        ("A", "MA01", "unrestricted", 19.0, 4),
    ]
    assert differing(found) == [(2, "unrestricted", 30.5, 29.5, 3, 4)]


# Several lists -------------------------------------------------------------------------------------------------------


def test_of_two_lists_each_keeps_its_own_decimal_sign_and_the_told_one_serves_the_open_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = sap_book(tmp_path / "plan.xlsx")
    (tmp_path / "a.csv").write_text("Material;Plant;BUn;Unrestricted\n67012345;MA01;KG;1500,5\n")
    (tmp_path / "b.csv").write_text("Material;Plant;BUn;Unrestricted\n69000100;DZ01;TO;1,500\n")
    arguments = ["import", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--into", str(book)]
    assert run([*arguments, "--preview"], "en") == 2
    assert "b.csv: 1,500 can be read" in capsys.readouterr().err
    assert run([*arguments, "--yes", "--decimal", "point"], "en") == 0
    told = capsys.readouterr().err
    assert 'decimal sign ",", shown by 1500,5' in told
    assert 'decimal sign ".", as told' in told
    opening = make_cycle(XlsxBook(book)).inputs.portfolio.opening
    assert (opening[0], opening[2]) == (1.5005, 1500.0)


# Nothing is lost -----------------------------------------------------------------------------------------------------


@cache
def inputs() -> Inputs:
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        return make_cycle(XlsxBook(sap_book(Path(folder) / "plan.xlsx"))).inputs


def number(value: float, chance: random.Random) -> str:
    digits, tail = f"{abs(value):.3f}".split(".")
    parts = [digits[max(0, at - 3) : at] for at in range(len(digits), 0, -3)][::-1]
    text = chance.choice([".", "\u00a0", "\u202f", ""]).join(parts) + f",{tail}"
    return f"{text}-" if value < 0 else text


def random_list(chance: random.Random) -> tuple[RawList, dict[tuple[str, str], float]]:
    """A list in a planner's hands, and what it holds by unit and state."""
    states = {
        "unrestricted": "Utilisation libre",
        "transit": "Transit",
        "blocked": "Bloqué",
        "quality": "Qual. inspection",
    }
    chosen = chance.sample(list(states), chance.randint(1, 4))
    rows: list[Sequence[object]] = [
        ["Stock du 22.11.2024"],
        ["Article", "Division", "UQ", *(states[one] for one in chosen)],
    ]
    held: defaultdict[tuple[str, str], float] = defaultdict(float)
    since: defaultdict[str, float] = defaultdict(float)
    for _ in range(chance.randint(0, 12)):
        code = chance.choice(["67012345", "000000000068000007", "69000100", "70000001", "UNKNOWN", ""])
        unit = chance.choice(["CAR", "KG", "TO", "ST", "XYZ"])
        values = [chance.choice([0.0, round(chance.uniform(-50, 5000), 3)]) for _ in chosen]
        if code:
            for state, value in zip(chosen, values, strict=True):
                held[unit, state] += value
                since[state] += value
            rows.append(
                [code, chance.choice(["MA01", "DZ01", "TN01", "XX9"]), unit, *(number(one, chance) for one in values)]
            )
        if chance.random() < 0.2:
            rows.append([chance.choice(["*", "Sous-total"]), "", "", *(number(since[one], chance) for one in chosen)])
            since.clear()
        if chance.random() < 0.1:
            rows.append(rows[1])  # the headers of the next page
    return RawList("list.txt", "tabs", "utf-8", list(enumerate(rows, 1))), dict(held)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_taken_and_quarantined_add_up_to_what_any_list_holds(seed: int) -> None:
    raw, held = random_list(random.Random(seed))
    if not any(raw.rows[2:]):
        return
    found = recognise(raw, decimal=",")
    result: Import = allocate([found], inputs(), read_rules(_NoTables()))
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    tonnes: defaultdict[str, float] = defaultdict(float)
    for entry in result.entries:
        assert bool(entry.reason) is (entry in result.quarantined)
        sums[entry.line.unit, entry.line.field] += entry.line.value or 0.0
        tonnes["apart" if entry.reason else "taken"] += entry.tonnes or 0.0
    for key in {*held, *sums}:
        assert sums[key] == pytest.approx(held.get(key, 0.0), abs=1e-6), key
    assert tonnes["taken"] == pytest.approx(sum(result.cells.values()), abs=1e-9)
    assert found.differing == []


class _NoTables:
    """A book without the tables of an import."""

    name = "plan"

    def sheet_names(self) -> list[str]:
        return []
