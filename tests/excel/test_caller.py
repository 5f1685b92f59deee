"""Which Excel and which workbook a command of the ribbon finds, through xlwings' own code for Windows."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from excel import com

from smile_xl.excel import macros, vba


@pytest.mark.parametrize("active", [None, SimpleNamespace(Name="plan.xlsx")], ids=["no workbook", "a workbook"])
def test_the_addin_leads_to_its_own_excel_and_the_workbook_in_front(excel: com.Excel, monkeypatch: pytest.MonkeyPatch, active: object) -> None:  # fmt: skip
    application = SimpleNamespace(ActiveWorkbook=active, Hwnd=7)
    application.Workbooks = SimpleNamespace(Application=application)
    add_in = SimpleNamespace(Application=application)
    monkeypatch.setattr(sys.modules["win32process"], "GetWindowThreadProcessId", lambda _: (1, 2), raising=False)
    excel.server.SetAttr(sys.modules["xlwings._xlwindows"], "BOOK_CALLER", add_in)
    app, book = macros.excel()
    assert app.api is application
    assert (book and book.name) == (active and "plan.xlsx")


def test_vba_names_the_addin_as_the_caller_which_is_always_open() -> None:
    server = vba.modules()["SmileServer.bas"]
    assert '"BOOK_CALLER", ThisWorkbook\n' in server
