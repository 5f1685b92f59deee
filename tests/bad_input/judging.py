"""Good inputs, ways to change them, and what must hold once they are bad."""

from __future__ import annotations

import contextlib
import re

import openpyxl

DATA = {
    "master.csv": """\
country,sap_code,description,status,net_case_weight_kg,sourcing_unit,\
weeks_cover,category,sub_category,brand,moq_t,opening_t,unit_cost,landed_cost
Morocco,00101,Soap,Regular,10,TR,6,S,Soaps,B1,,0,1000,1200
Morocco,00102,Gel,Regular,10,TR,4,S,Soaps,B1,24,400,1000,1200
Algeria,00101,Soap,Regular,10,TR,6,S,Soaps,B1,24,60,1000,1300
Tunisia,00101,Soap,Innovation,10,TR,4,S,Soaps,B2,,40,1000,1250
""",
    "forecast_t.csv": """\
country,sap_code,2023-08,2023-09,2023-10,2023-11,2023-12,2024-01,2024-02,2024-03,2024-04,2024-05,2024-06,2024-07
Morocco,00101,100,100,100,100,100,100,100,100,100,100,100,100
Morocco,00102,50,50,50,50,50,50,50,50,50,50,50,50
Algeria,00101,40,40,40,40,40,40,40,40,40,40,40,40
Tunisia,00101,20,20,20,20,20,20,20,20,20,20,20,20
""",
    "transit_t.csv": """\
country,sap_code,W1,W2,W3,W4,W5,W6,W7,W8
Morocco,00101,0,0,0,0,10,0,0,0
Morocco,00102,0,0,0,0,0,0,0,0
Algeria,00101,0,0,0,30,0,0,0,0
Tunisia,00101,0,0,0,0,20,0,0,0
""",
    "confirmed_orders_t.csv": "country,sap_code,month,tonnes\nTunisia,00101,2023-10,15\n",
    "targets.csv": "country,brand,target_weeks\nAlgeria,B1,3\nMorocco,B1,4\nTunisia,B2,6\n",
    "opportunities.csv": """\
month,country,risk_sap_code,donor_country,donor_sap_code,tonnes
2023-08,Morocco,00101,Morocco,00102,36
""",
}
"""Four items. In SRM the headers stand in row 5, the items in rows 6 to 9; elsewhere in row 4 and from row 5 on."""

LATER = ("--stamp", "2030-01-01T00:00")
"""Without it, a refresh in the minute in which the book was made has nothing to write."""


@contextlib.contextmanager
def untouched(folder):
    """Every file of a folder stays as it is, and none comes or goes."""

    def state():
        return {
            path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()
        }

    before = state()
    yield
    assert state() == before


def edit(path, change):
    """Change cells of a book, given as {"SRM!N7": value}, or anything of it by a function."""
    workbook = openpyxl.load_workbook(path)
    if callable(change):
        change(workbook)
    else:
        for place, value in change.items():
            sheet, cell = place.split("!")
            workbook[sheet][cell] = value
    workbook.save(path)


def counted(count, word):
    """``1 error``, ``2 errors``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def assert_errors(lines, wanted, severity="error"):
    """One line for each of the wanted errors, in their order, each saying what to do as well."""
    assert all(re.match(r"(error|warning|note|erreur|attention): ", line) for line in lines), lines
    errors = [line for line in lines if line.startswith(f"{severity}: ")]
    assert len(errors) == len(wanted), errors
    for line, want in zip(errors, wanted, strict=True):
        assert line.startswith(f"{severity}: {want}"), line
        assert re.search(r"\. [^.].*[.?]$", line), line


def assert_refused(smile, folder, want, *arguments, language="en"):
    """A command exits with 2 and one line on standard error; nothing is written."""
    with untouched(folder):
        code, out, err = smile(*arguments, language=language)
        assert (code, out, len(err)) == (2, [], 1), (code, out, err)
        assert re.search(want, err[0]), err
