"""Pages as a workbook of their own, written by XlsxWriter: a new Master File, or the pages that a refresh grafts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache, cached_property

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from smile_xl.books.xlsx.archive import zip_of
from smile_xl.books.xlsx.bulk import LARGE, ExactWorkbook, ExactWorksheet
from smile_xl.books.xlsx.drawing import draw_chart, set_rule
from smile_xl.language import Language
from smile_xl.reports.page import SHOWN_LEVELS, SPARE_ROWS, Block, Column, Computed, Kind, Link, Mark, Page, Role

CALC_ID = 191029
"""Calculation engine that the file says it was last calculated by: Excel recalculates only what is older."""

_CREATED = dt.datetime(2020, 1, 1)

_NUMBER_FORMATS: dict[Kind, str] = {
    "tonnes": "#,##0.0;[Red]-#,##0.0;0.0",
    "cash": "#,##0;[Red]-#,##0;0",
    "cost": "#,##0.00",
    "weeks": "0.0",
    "share": "0.0%",
    "whole": "0",
    "difference": "[=0]0;General",
    "date": "yyyy-mm-dd",
}
_MONTH_FORMATS: dict[Language, str] = {"en": "[$-409]mmm\\-yy", "fr": "[$-40C]mmm\\-yy"}
_CAPPED = '[=51]0"+";[=34]0"+";0.00"+"'
"""At least so many weeks: never rounded up."""
_WIDTHS: dict[Kind, float] = {
    "text": 9,
    "any": 11,
    "long_text": 20,
    "sentence": 13,
    "tonnes": 10.5,
    "cash": 13,
    "cost": 11.5,
    "weeks": 9.5,
    "share": 10.5,
    "whole": 8,
    "month": 10,
    "difference": 9.5,
    "date": 11.5,
}

_TEXT_LIMITS: dict[Kind, float] = {"text": 32, "any": 32, "long_text": 130, "sentence": 13}
"""Widest that a column of texts becomes."""
_ONE_PAGE_WIDE = 330
"""Characters of column width that can still be read when squeezed onto one landscape page."""

_PAGE_WIDTH, _PAGE_ROWS = 136, 31
"""Characters of column width and rows of a landscape page at full size: a wider sheet is printed smaller."""

_OTHER_WIDTH, _PIXELS = 8.43, 7
"""Width of a column that no block uses, in characters, and pixels of a character."""

_INK, _DARK, _BAND, _LINE = "#1F2937", "#1F3864", "#D9E2F3", "#BFC7D5"
_INPUT_FILL, _INPUT_INK = "#F4F8FD", "#1F4E9E"
_MARKS: dict[Mark, dict[str, object]] = {
    "risk": {"bg_color": "#F8CBCB", "font_color": "#9C0006", "bold": True},
    "risk_capped": {"bg_color": "#F8CBCB", "font_color": "#9C0006", "bold": True, "num_format": _CAPPED},
    "warning": {"bg_color": "#FFE8B3", "font_color": "#7A4B00"},
    "capped": {"num_format": _CAPPED},
    "warning_capped": {"bg_color": "#FFE8B3", "font_color": "#7A4B00", "num_format": _CAPPED},
}
_ROLES: dict[Role, dict[str, object]] = {
    "subtotal": {"bold": True, "top": 1, "top_color": _LINE, "bg_color": "#EEF2F8"},
    "total": {"bold": True, "top": 1, "bottom": 6, "top_color": _DARK, "bottom_color": _DARK, "bg_color": _BAND},
}


def render(pages: Sequence[Page], *, from_1904: bool = False) -> bytes:
    """The pages as an .xlsx file whose parts are stored as they are, one sheet each."""
    return zip_of(rendered_parts(pages, from_1904=from_1904), packed=False)


def rendered_parts(pages: Sequence[Page], *, recalculated: bool = False, from_1904: bool = False) -> dict[str, bytes]:
    """The parts of the pages' .xlsx file; with ``recalculated`` Excel recalculates it when it is opened.

    ``from_1904`` is for a book that counts its days from 1904.
    """
    book = ExactWorkbook(
        default_date_format="yyyy-mm-dd",
        date_1904=from_1904,
        strings_to_formulas=False,
        strings_to_urls=False,
        strings_to_numbers=False,
    )
    book.set_properties({"created": _CREATED})
    book.set_calc_mode("auto", CALC_ID)
    book.calc_on_load = recalculated
    for page in pages:
        _Sheet(book, page).write()
    return book.to_parts()


class _Sheet:
    """One page being written."""

    def __init__(self, book: Workbook, page: Page) -> None:
        self._book = book
        self._page = page
        self._sheet: ExactWorksheet = book.add_worksheet(page.sheet, worksheet_class=ExactWorksheet)
        self._format = cache(self._make_format)

    def write(self) -> None:
        page, sheet = self._page, self._sheet
        sheet.hide_gridlines(2)
        sheet.set_default_row(15)
        sheet.write_string(
            0, 0, page.title, self._book.add_format({"bold": True, "font_size": 16, "font_color": _DARK})
        )
        sheet.set_row(0, 24)
        note = self._book.add_format({"italic": True, "font_color": "#5B6472"})
        for row, line in enumerate(page.lines, start=1):
            self._write_value(sheet, row, 0, line, note)
        self._set_widths()
        for start, block in zip(page.starts(), page.blocks, strict=True):
            self._write_block(start, block)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer("&L&8&F - &A&R&8&P / &N")
        for chart in page.charts:
            draw_chart(self._book, sheet, chart, _MONTH_FORMATS[page.language])
        self._set_panes()
        if sum(self._widths.values()) <= _ONE_PAGE_WIDE:
            sheet.fit_to_pages(1, 0)
        else:
            sheet.set_print_scale(55)
            sheet.print_across()
            sheet.repeat_columns(0, page.labels - 1)

    def _set_panes(self) -> None:
        """Keep headers in sight, and on each printed page, where they head all that stands below them."""
        page, sheet = self._page, self._sheet
        starts = page.starts()
        same = all(_heads(block) == _heads(page.blocks[0]) for block in page.blocks)
        sheet.freeze_panes(page.first_row() if same else starts[0], page.labels)
        if same:
            sheet.repeat_rows(starts[0] + bool(page.blocks[0].title), page.first_row() - 1)
        else:
            sheet.set_h_pagebreaks(self._page_breaks(starts))

    def _page_breaks(self, starts: list[int]) -> list[int]:
        """Rows before which a printed page ends: as many whole blocks on each as fit.

        A block longer than a page begins on the page that has a third left.
        """
        breaks: list[int] = []
        begin, room = 0, self._rows_a_page()
        for start, end in zip(starts[1:], [*starts[2:], starts[-1] + len(self._page.blocks[-1].rows)], strict=True):
            full = start - begin > room * 2 / 3 if end - start > room else end - begin > room
            if full:
                breaks.append(start)
                begin = start
        return breaks

    def _rows_a_page(self) -> int:
        """Rows that a printed page has room for, all columns and charts squeezed onto its width."""
        columns = [sum(self._widths.values())]
        for chart in self._page.charts:
            left = sum(self._widths.get(place, _OTHER_WIDTH) for place in range(chart.column))
            columns.append(left + chart.width / _PIXELS)
        return int(_PAGE_ROWS * max(1.0, max(columns) / _PAGE_WIDTH))

    def _set_widths(self) -> None:
        for place, width in self._widths.items():
            self._sheet.set_column(place, place, width)

    @cached_property
    def _widths(self) -> dict[int, float]:
        """Width of each column: the widest that a block needs, months of a block alike."""
        widths: dict[int, float] = {}
        for block in self._page.blocks:
            needed = [self._width(block, place, column) for place, column in enumerate(block.columns)]
            months = [place for place, column in enumerate(block.columns) if isinstance(column.header, dt.date)]
            widest = max((needed[place] for place in months), default=0.0)
            for place, width in enumerate(needed):
                widths[place] = max(widths.get(place, 0.0), widest if place in months else width)
        return widths

    def _width(self, block: Block, place: int, column: Column) -> float:
        """Wide enough for the header's words, the texts, and the numbers as shown, within reason."""
        cells = [row[place] for row in block.rows if place < len(row)]
        kinds = set(map(type, cells))
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0) if str in kinds else 0
        word = 0 if isinstance(column.header, dt.date) else max(map(len, column.header.split()), default=0)
        if column.kind in _TEXT_LIMITS:
            return max(_WIDTHS[column.kind], word + 2.5, min(longest + 3.0, _TEXT_LIMITS[column.kind]))
        amounts: list[float] = [cell for cell in cells if isinstance(cell, int | float)]
        largest = max(max(amounts, default=0), -min(amounts, default=0))
        if largest == float("inf"):
            largest = max((abs(cell) for cell in amounts if abs(cell) != float("inf")), default=0)
        digits = len(f"{largest:,.0f}") + (4.0 if column.kind in {"tonnes", "cost"} else 2.5)
        return max(_WIDTHS[column.kind], digits, longest + 1.0, word + 2.0)

    def _write_block(self, row: int, block: Block) -> None:
        sheet = self._sheet
        if block.title:
            sheet.write_string(
                row, 0, block.title, self._book.add_format({"bold": True, "font_size": 12, "font_color": _DARK})
            )
            sheet.set_row(row, 20)
            row += 1
        if block.bands:
            self._write_bands(row, block)
            row += 1
        self._write_headers(row, block.columns)
        row += 1
        in_bulk = len(block.rows) >= LARGE or any(column.formula for column in block.columns)
        if in_bulk:
            self._write_large(row, block)
        for place, column in enumerate(block.columns):
            if not in_bulk:
                self._write_column(row, place, column, block)
            if column.choices:
                self._offer(row, row + len(block.rows) - 1, place, column.choices)
        for rule in block.rules:
            set_rule(sheet, row, rule, lambda mark: self._book.add_format(_MARKS[mark]))
        if block.filter_rows:
            sheet.autofilter(row - 1, 0, row + block.filter_rows - 1, len(block.columns) - 1)
        for offset, level, hidden in block.outline:
            sheet.set_row(row + offset, None, None, {"level": level, "hidden": hidden})
        for offset, level in enumerate(block.levels):
            if level == SHOWN_LEVELS and offset + 1 < len(block.levels) and block.levels[offset + 1] > level:
                sheet.set_row(row + offset, None, None, {"level": level, "collapsed": True})
        if block.levels:
            sheet.outline_settings(True, False, True, False)
        for formula in block.formulas:
            self._write_formula(row, formula.row, formula.column, formula.rows, formula.columns, formula.text, block)

    def _offer(self, first: int, last: int, place: int, choices: Sequence[str] | str) -> None:
        """Let the planner choose, and nothing else be typed; some rows below are offered the same."""
        options = {"validate": "list", "source": f"={choices}" if isinstance(choices, str) else list(choices)}
        self._sheet.data_validation(first, place, last + SPARE_ROWS, place, options)

    def _write_bands(self, row: int, block: Block) -> None:
        style = self._book.add_format(
            {"bold": True, "font_color": _DARK, "bg_color": _BAND, "align": "left", "left": 1, "left_color": "#FFFFFF"}
        )
        for text, first, last in block.bands:
            self._sheet.write_string(row, first, text, style)
            for column in range(first + 1, last + 1):
                self._sheet.write_blank(row, column, None, style)

    def _write_headers(self, row: int, columns: Sequence[Column]) -> None:
        common = {
            "bold": True, "font_color": "#FFFFFF", "bg_color": _DARK, "text_wrap": True, "valign": "vcenter",
            "border": 1, "border_color": "#FFFFFF",
        }  # fmt: skip
        left = self._book.add_format({**common, "align": "left", "indent": 1})
        right = self._book.add_format({**common, "align": "right"})
        month = self._book.add_format({**common, "align": "right", "num_format": _MONTH_FORMATS[self._page.language]})
        lines = 1
        for place, column in enumerate(columns):
            if isinstance(column.header, dt.date):
                self._sheet.write_datetime(row, place, _midnight(column.header), month)
            else:  # a column without a header has the band of the others: no gap
                style = left if column.kind in {*_TEXT_LIMITS, "month"} else right
                self._write_value(self._sheet, row, place, column.header or None, style)
                lines = max(lines, _lines(column.header, self._widths[place] - 2))
        self._sheet.set_row(row, 15 * lines + 4)

    def _write_large(self, top: int, block: Block) -> None:
        """Write all columns at once, each cell as ``_write_column`` would."""

        def style(offset: int, place: int) -> Format:
            column = block.columns[place]
            return self._format(column.kind, column.is_input, block.roles.get(offset), block.marks.get((offset, place)))

        plain = [self._format(column.kind, column.is_input, None, None) for column in block.columns]
        special = {*block.marks, *((offset, place) for offset in block.roles for place in range(len(plain)))}
        exceptions = {(offset, place): style(offset, place) for offset, place in special}
        formulas = {place: column.formula for place, column in enumerate(block.columns) if column.formula}
        for offset, place in self._sheet.write_block(top, 0, block.rows, plain, exceptions, formulas):
            value = block.rows[offset][place]
            self._write_value(self._sheet, top + offset, place, value, style(offset, place))

    def _write_column(self, top: int, place: int, column: Column, block: Block) -> None:
        sheet, marks, roles = self._sheet, block.marks, block.roles
        plain = self._format(column.kind, column.is_input, None, None)
        for offset, values in enumerate(block.rows):
            value = values[place] if place < len(values) else None
            role, mark = roles.get(offset), marks.get((offset, place))
            style = self._format(column.kind, column.is_input, role, mark) if role or mark else plain
            self._write_value(sheet, top + offset, place, value, style)

    def _write_value(self, sheet: Worksheet, row: int, column: int, value: object, style: Format) -> None:
        if value is None:
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int | float):
            if abs(value) == float("inf"):
                sheet.write_formula(row, column, "=NA()", style, "#N/A")
            else:
                sheet.write_number(row, column, float(value) + 0.0, style)
        elif isinstance(value, Link):
            link = self._book.add_format({"font_color": "#0563C1", "underline": 1, "indent": 1, "bottom": 4})
            link.set_bottom_color(_LINE)
            sheet.write_url(row, column, f"internal:'{value.sheet}'!A1", link, value.text)
        elif isinstance(value, Computed):
            sheet.write_formula(row, column, f"={value.formula}", style, _cached(value.value))
        elif isinstance(value, dt.date):
            dated = (_MONTH_FORMATS[self._page.language], _NUMBER_FORMATS["date"])
            style = style if style.num_format in dated else self._format("month", True, None, None)
            sheet.write_datetime(row, column, _midnight(value), style)
        else:
            sheet.write_string(row, column, str(value), style)

    def _write_formula(self, top: int, row: int, column: int, rows: int, columns: int, text: str, block: Block) -> None:
        """The formula over its rectangle, and the values that it has there."""
        kind = block.columns[column].kind
        style = self._format(kind, False, None, None)
        first, last = top + row, top + row + rows - 1
        value = _cached(block.rows[row][column])  # type: ignore[arg-type]
        self._sheet.write_array_formula(first, column, last, column + columns - 1, f"{{={text}}}", style, value)
        for offset in range(rows):
            for place in range(column, column + columns):
                if (offset, place) != (0, column):
                    self._write_value(self._sheet, first + offset, place, block.rows[row + offset][place], style)

    def _make_format(self, kind: Kind, is_input: bool, role: Role | None, mark: Mark | None) -> Format:
        style: dict[str, object] = {"font_color": _INK, "bottom": 4, "bottom_color": _LINE}
        if kind in _NUMBER_FORMATS:
            style |= {"num_format": _NUMBER_FORMATS[kind], "align": "right"}
        elif kind == "month":
            style |= {"num_format": _MONTH_FORMATS[self._page.language], "align": "left", "indent": 1}
        else:
            style |= {"align": "left", "indent": 1}
            if kind == "text":
                style |= {"num_format": "@"}
        if is_input:
            style |= {"font_color": _INPUT_INK, "bg_color": _INPUT_FILL}
        if role:
            style |= _ROLES[role]
        if mark:
            style |= _MARKS[mark]
        return self._book.add_format(style)


def _heads(block: Block) -> tuple[object, ...]:
    return (*block.bands, *(column.header for column in block.columns))


def _cached(value: float | str) -> float | str:
    """A formula's value as the file has it: whole numbers without decimals."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)


def _lines(text: str, width: float) -> int:
    """Lines that a header takes, wrapped between words."""
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + bool(used)
    return lines
