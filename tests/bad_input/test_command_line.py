"""Wrong usage and defects of ours, and findings as a user of the installed command gets them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest
from bad_input.judging import assert_errors, assert_refused, edit, untouched

# Usage ---------------------------------------------------------------------------------------------------------------

USAGE = [
    pytest.param(["recalculate"], "there is no command recalculate", id="an unknown command"),
    pytest.param(["check"], "BOOK is missing", id="no book"),
    pytest.param(["check", "."], r"\. is a folder", id="this folder"),
    pytest.param(["native", "{book}"], "^--output is missing", id="an option that is required"),
    pytest.param(["simulate", "{book}", "--runs", "1"], "^--runs: type a whole number from 2 to 100000", id="too few runs"),
    pytest.param(["simulate", "{book}", "--runs", "ten"], "^--runs: type a whole number", id="runs in words"),
    pytest.param(["addin", "build", "--output", "a.zip"], "^a.zip must end in .xlam", id="an add-in of other type"),
    pytest.param(["addin", "build", "--output", "no/a.xlam"], "^a.xlam can't be saved: there is no folder",
                 id="an add-in in a folder that is missing"),
    pytest.param(["libreoffice", "build", "--output", "a.zip"], "^a.zip must end in .oxt", id="an extension of other type"),
    pytest.param(["report"], "NAME is missing", id="no report name"),
    pytest.param(["report", "dsr"], "BOOK is missing", id="a report of no book"),
    pytest.param(["report", "stocks", "{book}"], "NAME: choose one of summary, srm, avail", id="an unknown report"),
    pytest.param(["report", "dsr", "{book}", "--format", "xml"], "--format: choose one of", id="an unknown format"),
    pytest.param(["refresh", "{book}", "--report", "stocks"], "--report: choose one of", id="refresh of no report"),
    pytest.param(["check", "{book}", "{book}"], "unexpected extra argument", id="two books"),
    pytest.param(["check", "--fast", "{book}"], "there is no option --fast", id="an unknown option"),
    pytest.param(["check", "{book}", "--lang", "de"], "--lang: choose one of en, fr", id="an unknown language"),
    pytest.param(["functions", "SUM"], "there is no function SUM", id="an unknown function"),
    pytest.param(["refresh", "{book}", "--values"], "Give --output as well", id="values without output"),
    pytest.param(["refresh", "{book}", "--values", "--output", "{book}"], "Give --output", id="values onto the book"),
    pytest.param(["refresh", "{book}", "--stamp", "noon"], '"noon" is no date and time', id="a bad stamp"),
    pytest.param(["refresh", "{book}", "--stamp", ""], '"" is no date and time', id="an empty stamp"),
    pytest.param(["refresh", "{book}", "--output"], "requires an argument", id="an option without its value"),
    pytest.param(["refresh", "{book}", "--output", "no/o.xlsx"], "^o.xlsx can't be saved: there is no folder .*no",
                 id="an output in a folder that is missing"),
    pytest.param(["refresh", "{book}", "--output", "o.xlsm"], "o.xlsm must end in .xlsx", id="an output of other type"),
    pytest.param(["refresh", "{book}", "--output", "folder.xlsx"], "folder.xlsx is a folder", id="an output folder"),
    pytest.param(["refresh", "{book}", "--output", "kept.xlsx"], "kept.xlsx is marked as read-only",
                 id="a read-only output"),
    pytest.param(["refresh", "{book}", "--output", "open.xlsx"], "open.xlsx is open in Excel", id="an open output"),
    pytest.param(["new", "plan.xlsx"], "plan.xlsx exists already", id="a new book over another one"),
    pytest.param(["new", "plan.xls"], "plan.xls must end in .xlsx", id="a new book of other type"),
    pytest.param(["new", "no/plan.xlsx"], "plan.xlsx can't be saved: there is no folder", id="a new book in no folder"),
    pytest.param(["new", "open.xlsx"], "open.xlsx is open in Excel", id="a new book that is open"),
    pytest.param(["new", "a.xlsx", "--data", "no"], "There is no folder no", id="a data folder that is missing"),
    pytest.param(["new", "a.xlsx", "--data", "{book}"], "There is no folder .*plan.xlsx", id="a file as data folder"),
    pytest.param(["new", "a.xlsx", "--data", "."], "lacks master.csv, forecast_t.csv, transit_t.csv", id="no data"),
    pytest.param(
        ["refresh", "{book}", "--output", "loop.xlsx"], "loop.xlsx", id="an output that links to itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "want"), USAGE)
def test_usage_is_refused(arguments, want, book, smile, monkeypatch):
    folder = book.parent
    monkeypatch.chdir(folder)
    (folder / "folder.xlsx").mkdir()
    (folder / "kept.xlsx").write_bytes(b"kept")
    (folder / "kept.xlsx").chmod(0o444)
    (folder / "~$open.xlsx").write_bytes(b"")
    if hasattr(os, "symlink") and os.name == "posix":
        (folder / "loop.xlsx").symlink_to("loop.xlsx")
    assert_refused(smile, folder, want, *(argument.format(book=book) for argument in arguments))


# When we are wrong ---------------------------------------------------------------------------------------------------


@pytest.fixture
def our_defect(monkeypatch):
    """A check that fails in a way that nobody has foreseen."""

    def fail(book):
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("smile_xl.commands.check", fail)


def test_a_defect_of_ours_is_one_line_and_a_log(our_defect, book, smile, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with untouched(book.parent):
        code, out, err = smile("check", book)
    assert (code, out, len(err)) == (1, [], 1)
    assert "ZeroDivisionError: a slip" in err[0]
    assert "ZeroDivisionError: a slip" in next(tmp_path.glob("smile-xl-error-*.log")).read_text(encoding="utf-8")


def test_a_defect_of_ours_is_one_line_where_no_log_can_be_written(our_defect, book, smile, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    code, out, err = smile("check", book)
    assert (code, out, len(err)) == (1, [], 1)
    assert "ZeroDivisionError: a slip" in err[0]


# As a user runs it ---------------------------------------------------------------------------------------------------


def in_a_process(*arguments, **environment):
    """The installed command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "smile_xl.cli", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=60,
        check=False,
    )


def test_a_check_exits_with_3_and_keeps_findings_and_messages_apart(book):
    edit(book, {"SRM!N7": "x", "Costs!D6": None})
    with untouched(book.parent):
        done = in_a_process("check", book, "--lang", "en")
    assert done.returncode == 3
    assert_errors(done.stdout.splitlines(), ['SRM!N7: "x" where a number', "Costs!D6: the cell is blank (Unit cost)"])
    assert done.stderr.splitlines() == ["plan.xlsx: 2 errors, 0 warnings, 2 notes."]


def test_a_refresh_in_french_exits_with_2(book):
    edit(book, {"SRM!N7": "x"})
    with untouched(book.parent):
        done = in_a_process("refresh", book, LC_ALL="fr_FR.UTF-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-2:] == [
        "erreur: SRM!N7: « x » à la place d'un nombre (2023-09). Saisissez un nombre ou videz la cellule.",
        "plan.xlsx : erreurs dans les données : 1. Rien n'a été écrit.",
    ]


def test_a_check_says_what_the_code_page_can_not(book):
    edit(book, {"SRM!N7": "1\u202f234"})  # a number with the space that French uses, pasted as text
    done = in_a_process("check", book, "--lang", "fr", PYTHONIOENCODING="cp1252")
    assert done.returncode == 3
