"""Faults in the CSV files of a new book: exit 2, one clear line per finding with its place, and no book."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bad_input.judging import DATA, assert_refused, untouched


def csv(name, changes, *wanted):
    return pytest.param(changes, wanted, id=name)


NEW = [
    *(csv(f"no {name}", {name: None}, f"data lacks {name}") for name in list(DATA)[:3]),
    *(csv(f"an empty {name}", {name: b""}, f"{name} is empty") for name in DATA),
    csv("a master without cost", {"master.csv": ("unit_cost", "x")}, "master.csv: the column unit_cost is missing"),
    csv("a master without code", {"master.csv": ("sap_code", "x")}, "master.csv: the column sap_code is missing"),
    csv("a master without cover", {"master.csv": ("weeks_cover", "x")}, "error: master.csv!A1: the column Weeks cover"),
    csv("a transit without week 8", {"transit_t.csv": ("W8", "x")}, "transit_t.csv: the column W8 is missing"),
    csv("orders without tonnes", {"confirmed_orders_t.csv": ("tonnes", "x")}, "confirmed_orders_t.csv: the column"),
    csv("targets without weeks", {"targets.csv": ("target_weeks", "x")}, "error: targets.csv!A1: the column Target"),
    csv("a forecast without months", {"forecast_t.csv": b"country,sap_code,Aug\n"}, "forecast_t.csv has no month colu"),
    csv("an unknown item", {"forecast_t.csv": ("Morocco,00102", "Morocco,999")}, "forecast_t.csv, row 3: Morocco 999"),
    csv("transit of no item", {"transit_t.csv": ("Algeria", "Spain")}, "transit_t.csv, row 4: Spain 00101 is not in m"),
    csv("an order of no item", {"confirmed_orders_t.csv": ("00101", "9")}, "confirmed_orders_t.csv, row 2: Tunisia 9"),
    csv("a choice of no item", {"opportunities.csv": ("00102", "9")}, "error: opportunities.csv!E2: Morocco 9 is not"),
    csv("a forecast twice", {"forecast_t.csv": ("Morocco,00102", "MOROCCO,101")}, "forecast_t.csv, row 3: MOROCCO 101"),
    csv("an order twice", {"confirmed_orders_t.csv": ("15\n", "15\nTunisia,101,2023-10,5\n")},
        "confirmed_orders_t.csv, row 3: Tunisia 101 stands here again"),
    csv("an order after the plan", {"confirmed_orders_t.csv": ("2023-10", "2025-10")},
        "confirmed_orders_t.csv, row 2: 2025-10 is not one of the planned months (2023-08 to 2024-07)"),
    csv("an order of no month", {"confirmed_orders_t.csv": ("2023-10", "Oct-23")},
        "confirmed_orders_t.csv, row 2: Oct-23 is not one of the planned months"),
    csv("a choice after the quarter", {"opportunities.csv": ("2023-08", "2024-01")}, "error: opportunities.csv!A2: "),
    csv("text that is not UTF-8", {"master.csv": DATA["master.csv"].replace("Gel", "Crème").encode("latin-1")},
        "master.csv is not UTF-8 text (at byte 222)"),
    csv("UTF-16", {"forecast_t.csv": DATA["forecast_t.csv"].encode("utf-16")}, "forecast_t.csv is not UTF-8 text"),
    csv("a text in the forecast", {"forecast_t.csv": ("50,50", "50,lots")}, 'error: forecast_t.csv!D3: "lots" where'),
    csv("a text in the transit", {"transit_t.csv": ("30", "some")}, 'error: transit_t.csv!F4: "some" where a number'),
    csv("a text in the opening", {"master.csv": (",60,", ",?,")}, 'error: master.csv!L4: "?" where a number belongs'),
    csv("a text in a cost", {"master.csv": ("1300", "dear")}, 'error: master.csv!N4: "dear" where a number belongs'),
    csv("a text in an order", {"confirmed_orders_t.csv": ("15", "few")}, 'error: confirmed_orders_t.csv!D2: "few"'),
    csv("a nan in the forecast", {"forecast_t.csv": ("50,50", "50,nan")}, 'error: forecast_t.csv!D3: "nan" where'),
    csv("a negative demand", {"forecast_t.csv": ("50,50", "50,-5")}, "error: forecast_t.csv!D3: -5 is negative (2023-"),
    csv("an unknown status", {"master.csv": ("Innovation", "Zombie")}, 'error: master.csv!D5: the status "Zombie"'),
    csv("a setting that can't be", {"settings.csv": b"setting,value\nLanguage,de\n"}, 'error: settings.csv!B2: "de"'),
    csv("rules without weeks",
        {"countries.csv": b"country,frozen,W1,W2,W3,W4,W5,W6,W7,pipeline\nMorocco,2,0,0,0,0,0,0,0,1\n"},
        "error: countries.csv!A1: the column W8 is missing"),
    csv("two faults in two files", {"forecast_t.csv": ("50,50", "50,lots"), "master.csv": (",60,", ",?,")},
        'error: forecast_t.csv!D3: "lots"', 'error: master.csv!L4: "?"'),
    csv("a file of comments", {"forecast_t.csv": ("Morocco,00102", "Morocco,00102" + "x" * 140_000)},
                "forecast_t.csv"),
    csv("an order in the year 0", {"confirmed_orders_t.csv": ("2023-10", "0000-10")},
                "confirmed_orders_t.csv, row 2: 0000-10 is not one of the planned months"),
    csv("a fault below a blank line", {"forecast_t.csv": ("Morocco,00102,50,50", "\nMorocco,00102,50,lots")},
                'error: forecast_t.csv!D4: "lots" where'),
    csv("an item twice", {"master.csv": ("Tunisia,00101,Soap,Innovation", "Algeria,101,Soap,Innovation"),
                                  "forecast_t.csv": ("Tunisia,00101,20,20,20,20,20,20,20,20,20,20,20,20\n", ""),
                                  "transit_t.csv": ("Tunisia,00101,0,0,0,0,20,0,0,0\n", ""),
                                  "confirmed_orders_t.csv": ("Tunisia,00101,2023-10,15\n", "")},
                "error: master.csv!B5: Algeria 101 stands here again, first in B4"),
    csv("a month of the forecast twice", {"forecast_t.csv": lambda text: re.sub(r"(?m)$(?!\Z)", ",9", text)
                                                  .replace("2024-07,9", "2024-07,2024-07")},
                "forecast_t.csv"),
    csv("a gap in the forecast", {"forecast_t.csv": ("2024-07", "2024-09")}, "error: forecast_t.csv!N1: "),
    csv("eleven months", {"forecast_t.csv": ("2024-07", "Jul-24")}, "error: forecast_t.csv!"),
    csv("a row longer than its header", {"forecast_t.csv": ("50,50,50", "50,1,234,50")},
                "forecast_t.csv, row 3"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "wanted"), NEW)
def test_no_book_is_made_of(changes, wanted, data, smile, tmp_path):
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    for name, change in changes.items():
        path = folder / name
        if change is None:
            path.unlink()
        elif isinstance(change, bytes):
            path.write_bytes(change)
        else:
            text = path.read_text(encoding="utf-8")
            new = change(text) if callable(change) else text.replace(*change, 1)
            assert new != text
            path.write_text(new, encoding="utf-8")
    with untouched(tmp_path):
        code, out, err = smile("new", tmp_path / "plan.xlsx", "--data", folder)
    assert (code, out) == (2, []), err
    if err[0].startswith("error: "):
        assert err.pop() == f"plan.xlsx: errors in the inputs: {len(wanted)}. Nothing was written."
    assert len(err) == len(wanted), err
    for line, want in zip(err, wanted, strict=True):
        assert want in line
        assert line.startswith(want) or "lacks" in line


def test_a_description_may_hold_a_line_separator(data, smile, tmp_path):
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    (folder / "master.csv").write_text(DATA["master.csv"].replace("Gel", "Gel\u2028mild"), encoding="utf-8")
    assert smile("new", tmp_path / "plan.xlsx", "--data", folder)[0] == 0


def test_a_new_book_is_refused_in_french(data, smile, tmp_path):
    folder = Path(shutil.copytree(data, tmp_path / "data"))
    (folder / "transit_t.csv").unlink()
    assert_refused(
        smile, tmp_path, "^Il manque transit_t.csv dans ", "new", tmp_path / "p.xlsx", "--data", folder, language="fr"
    )
