"""Master Files that carry what teams and other programs put into workbooks; each builder is one way to write them.

The content is no real team's: it is one of each kind of part and element that a refresh must leave alone.
"""

from __future__ import annotations

import datetime as dt
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import xlsxwriter
from books.foreign_by_hand import by_hand
from books.foreign_parts import OLE, PNG
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chartsheet import Chartsheet
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule, IconSetRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

DATA = {
    "master.csv": """\
country,sap_code,description,status,net_case_weight_kg,sourcing_unit,\
weeks_cover,category,sub_category,brand,moq_t,opening_t,unit_cost,landed_cost
Morocco,00101,Soap,Regular,10,TR,6,S,Soaps,B1,,0,1000,1200
Algeria,00101,Soap,Regular,10,TR,6,S,Soaps,B1,24,60,1000,1300
Tunisia,00102,Gel,Innovation,10,TR,4,S,Gels,B2,,40,1000,1250
""",
    "forecast_t.csv": """\
country,sap_code,2023-08,2023-09,2023-10,2023-11,2023-12,2024-01,2024-02,2024-03,2024-04,2024-05,2024-06,2024-07
Morocco,00101,100,100,100,100,100,100,100,100,100,100,100,100
Algeria,00101,40,40,40,40,40,40,40,40,40,40,40,40
Tunisia,00102,20,20,20,20,20,20,20,20,20,20,20,20
""",
    "transit_t.csv": """\
country,sap_code,W1,W2,W3,W4,W5,W6,W7,W8
Morocco,00101,0,0,0,0,10,0,0,0
Algeria,00101,0,0,0,30,0,0,0,0
Tunisia,00102,0,0,0,0,20,0,0,0
""",
}
INPUTS = ("SRM", "Costs", "Countries", "Statuses", "Settings")
CALC = "xlsx:Calc MS Excel 2007 XML"


def write_data(folder: Path) -> Path:
    """The CSV files that the books are made of."""
    data = folder / "data"
    data.mkdir()
    for name, text in DATA.items():
        (data / name).write_text(text, encoding="utf-8")
    return data


def by_xlsxwriter(good: Path, folder: Path) -> Path:
    """Input sheets only, so that a refresh adds every report; macros, charts, shapes, tables, sparklines."""
    path = folder / "xlsxwriter.xlsm"
    given = openpyxl.load_workbook(good)
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_vba_project(io.BytesIO(OLE), is_stream=True)
        workbook.set_properties({"title": "Supply plan", "comments": "of the team"})
        workbook.set_custom_property("Owner", "Casablanca")
        month = workbook.add_format({"num_format": "mmm-yy", "bold": True})
        odd = workbook.add_format({"num_format": '0.00"t"', "font_name": "Verdana", "bg_color": "#ABCDEF", "border": 5})
        for name in INPUTS:
            sheet = workbook.add_worksheet(name)
            for cell in (cell for row in given[name].iter_rows() for cell in row if cell.value is not None):
                if isinstance(cell.value, ArrayFormula):
                    sheet.write_array_formula(cell.value.ref, "{" + cell.value.text + "}", odd, 0)
                elif isinstance(cell.value, dt.datetime):
                    sheet.write_datetime(cell.row - 1, cell.column - 1, cell.value, month)
                else:
                    sheet.write(cell.row - 1, cell.column - 1, cell.value)
        srm = workbook.get_worksheet_by_name("SRM")
        srm.write_comment("B6", "counted twice")
        srm.conditional_format("AT6:CC9", {"type": "data_bar", "data_bar_2010": True, "bar_color": "#63C384"})
        srm.data_validation("D6:D99", {"validate": "list", "source": ["Regular", "Innovation"]})
        srm.add_sparkline("CF6", {"range": "SRM!M6:X6"})
        srm.set_column("E:G", 9, None, {"level": 1, "hidden": True})
        srm.set_row(6, 33, None, {"hidden": True})
        srm.insert_image("CG2", "logo.png", {"image_data": io.BytesIO(PNG)})
        srm.write_url("CF2", "https://example.com/?a=1&b=2", string="guide")
        own = workbook.add_worksheet("Team's own")
        own.write_row("A1", ["a", "b", "c"])
        own.write_dynamic_array_formula("E1:E2", "=SORT(A2:A3)", None, 1)
        own.write_formula("F1", "=SUM(A2:A3)", odd, 5)
        own.add_table("A1:C4", {"name": "Prices", "columns": [{"header": name} for name in "abc"]})
        own.insert_textbox("H2", "a note", {"fill": {"color": "yellow"}})
        own.insert_button("H9", {"macro": "Run", "caption": "Run"})
        own.insert_checkbox("J1", True)
        own.set_background(io.BytesIO(PNG))
        own.set_header("&L&G", {"image_left": "logo.png", "image_data_left": io.BytesIO(PNG)})
        own.add_sparkline("G1", {"range": "A2:C2", "type": "column"})
        own.conditional_format("A1:C4", {"type": "icon_set", "icon_style": "3_traffic_lights"})
        own.protect("secret", {"sort": True})
        own.set_row(3, None, odd, {"level": 2, "collapsed": True})
        chart = workbook.add_chart({"type": "scatter"})
        chart.add_series({"categories": "=SRM!$M$5:$X$5", "values": "=SRM!$M$6:$X$6"})
        own.insert_chart("L2", chart)
        wall = workbook.add_chart({"type": "pie"})
        wall.add_series({"values": "=SRM!$AT$6:$BE$6"})
        workbook.add_chartsheet("Wall").set_chart(wall)
        workbook.add_worksheet("Secret").very_hidden()
        workbook.define_name("Rates", "='Team''s own'!$A$2:$C$4")
        workbook.define_name("SRM!Local", "=SRM!$M$6")
    return path


def by_openpyxl(good: Path, folder: Path) -> Path:
    """The whole book loaded and saved: no cached results, reports of an earlier refresh, other part names."""
    path = folder / "openpyxl.xlsx"
    workbook = openpyxl.load_workbook(good)
    workbook["DSR"].sheet_state = "hidden"
    srm = workbook["SRM"]
    srm["C6"].comment = Comment("ask Rabat", "planner")
    srm["C6"].hyperlink = "mailto:planner@example.com"
    srm.conditional_formatting.add("M6:X9", ColorScaleRule("min", None, "FFAA0000", "max", None, "FF00AA00"))
    srm.column_dimensions.group("E", "G", hidden=True)
    own = workbook.create_sheet("Prix d'été", 1)
    for row in (["a", "b"], [1, 2], [3, 4]):
        own.append(row)
    own["D1"] = "=SUM(A2:B3)"
    own["D2"] = dt.datetime(2023, 8, 1)
    own.add_table(Table(displayName="Prix", ref="A1:B3"))
    own.conditional_formatting.add("A2:B3", IconSetRule("3Arrows", "percent", [0, 33, 67]))
    rule = DataValidation(type="whole", operator="between", formula1="0", formula2="10")
    rule.add("A2:B3")
    own.add_data_validation(rule)
    own.row_dimensions.group(2, 3, hidden=True)
    own.print_title_rows = "1:1"
    own.print_area = "A1:D9"
    chart = BarChart()
    chart.add_data(Reference(own, min_col=1, max_col=2, min_row=1, max_row=3), titles_from_data=True)
    own.add_chart(chart, "F2")
    wall = Chartsheet(title="Mur", parent=workbook)
    workbook._sheets.insert(2, wall)
    line = LineChart()
    line.add_data(Reference(own, min_col=1, min_row=1, max_row=3), titles_from_data=True)
    wall.add_chart(line)
    workbook.create_sheet("Secret").sheet_state = "veryHidden"
    workbook.defined_names["Taux"] = DefinedName("Taux", attr_text="'Prix d''été'!$A$2:$B$3", comment="of the team")
    workbook.custom_doc_props.append(StringProperty(name="Owner", value="Tunis"))
    workbook.security = WorkbookProtection(lockStructure=True)
    workbook.save(path)
    return path


def by_libreoffice(good: Path, folder: Path) -> Path:
    """Another writer's whole file: its own part names, styles and way to write cells."""
    inner = folder / "libreoffice"
    inner.mkdir()
    convert([by_xlsxwriter(good, inner).rename(inner / "libreoffice.xlsm")], folder / "out", CALC)
    return folder / "out" / "libreoffice.xlsx"


def convert(files: list[Path], folder: Path, kind: str) -> None:
    """Let LibreOffice open files and save them as another kind, all in one run."""
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)


WRITERS: dict[str, Callable[[Path, Path], Path]] = {
    "XlsxWriter": by_xlsxwriter,
    "openpyxl": by_openpyxl,
    "by hand": by_hand,
}
