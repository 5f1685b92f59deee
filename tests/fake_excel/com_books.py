"""The application, workbooks, windows, sheets and ranges, through COM: each leads to the others."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

from fake_excel.areas import LAST_COLUMN, LAST_ROW, address_of, area_of, inside, places
from fake_excel.books import Chart, Worksheet, block
from fake_excel.cells import Cell, given2, pointing
from fake_excel.com import Com
from fake_excel.com_charts import ChartObjectApi
from fake_excel.errors import com_error


class AppApi(Com):
    def get_CopyObjectsWithCells(self):
        return self.excel.objects_copied

    def set_CopyObjectsWithCells(self, value):
        self.excel.objects_copied = value

    def get_CalculationState(self):
        return 2 if self.excel.pending else 0

    def get_Selection(self):
        if self.excel.selected is None:
            return ChartObjectApi(self.excel)
        sheet, address = self.excel.selected
        return RangeApi(self.excel, sheet=sheet, area=area_of(address))

    def get_LanguageSettings(self):
        return LanguageApi(self.excel)

    def do_GetOpenFilename(self, kinds, index, title, button, several):
        assert kinds.count(",") == 3 * index
        assert several is True
        return self._chosen(title)

    def do_InputBox(self, prompt, title, default):
        return self._chosen(prompt, default)

    def do_FileDialog(self, kind):
        assert kind == 4  # the folder picker
        return FolderApi(self.excel, state={})

    def _chosen(self, *asked):
        """What the user gives to a dialog: False for Cancel, as Excel says it."""
        self.excel.asked.append(asked)
        return self.excel.chosen.pop(0) if self.excel.chosen else False


class FolderApi(Com):
    def set_Title(self, value):
        self.state["title"] = value

    def do_Show(self):
        self.excel.asked.append((self.state["title"],))
        self.state["chosen"] = self.excel.chosen.pop(0) if self.excel.chosen else False
        return -1 if self.state["chosen"] else 0

    def do_SelectedItems(self, place):
        assert place == 1
        return self.state["chosen"]


class LanguageApi(Com):
    def do_LanguageID(self, which):
        assert which == 2
        return self.excel.language


class BooksApi(Com):
    def do_Add(self, template):
        book = self.excel.load(template, f"{Path(template).stem}1")
        book.path = ""
        return BookApi(self.excel, book=book)


class BookApi(Com):
    def get_Windows(self):
        return WindowsApi(self.excel, book=self.book)

    def get_Sheets(self):
        return SheetsApi(self.excel, book=self.book)

    def do_Worksheets(self, names):
        return GroupApi(self.excel, sheets=[self.book.sheet(name) for name in names])

    def get_Name(self):
        return self.book.name

    def get_Path(self):
        """The folder of its file, blank without one; in a cloud an address."""
        return self.book.path.rpartition("/")[0]

    def get_ProtectStructure(self):
        return self.book.protected

    def get_Saved(self):
        return self.book.saved

    def set_Saved(self, value):
        self.book.saved = value

    def do_Activate(self):
        self.excel._show(self.book)


class WindowsApi(Com):
    def get_Count(self):
        return 1

    def __call__(self, place):
        self.excel.call("Windows()")
        return WindowApi(self.excel, book=self.book)


class WindowApi(Com):
    def get_Hwnd(self):
        return self.book.handle

    def set_Visible(self, value):
        self.book.visible = value
        if not value and self.excel.active is self.book:
            shown = [one for one in self.excel.books if one.visible]
            self.excel.active = None
            if shown:
                self.excel._show(shown[-1])


class SheetsApi(Com):
    def get_Count(self):
        return len(self.book.sheets)

    def __call__(self, place):
        self.excel.call("Sheets()")
        return SheetApi(self.excel, sheet=self.book.sheets[place - 1])

    def __iter__(self) -> Iterator[SheetApi]:
        return iter([SheetApi(self.excel, sheet=sheet) for sheet in self.book.sheets])


class GroupApi(Com):
    def do_Copy(self, Before=None, After=None):
        assert Before is None
        after, names = After.sheet, {sheet.name for sheet in self.sheets}
        book = after.book
        place = book.sheets.index(after) + 1
        for source in self.sheets:
            taken = {sheet.name for sheet in book.sheets}
            new = Worksheet(source.name if source.name not in taken else f"{source.name} (2)", book)
            for key, value in source.seen().items():
                setattr(new, key, value)
            new.rules, new.lists = (
                [pointing(one, source.book.name, names) for one in part] for part in (new.rules, new.lists)
            )
            for cell in new.cells.values():
                cell.formula = pointing(cell.formula, source.book.name, names)
            book.sheets.insert(place, new)
            place += 1
        book.saved = False
        book.active = book.sheets[place - len(self.sheets)]
        self.excel._show(book)


class SheetApi(Com):
    def get_Name(self):
        return self.sheet.name

    def get_Parent(self):
        return BookApi(self.excel, book=self.sheet.book)

    def set_EnableCalculation(self, value):
        self.sheet.calculates = value

    def get_ProtectContents(self):
        return self.sheet.protected

    def get_AutoFilterMode(self):
        return self.sheet.filter is not None

    def set_AutoFilterMode(self, value):
        assert value is False
        self.sheet.filter = None
        self.sheet.hidden_rows.clear()

    def get_AutoFilter(self):
        return FilterApi(self.excel, sheet=self.sheet)

    def get_Cells(self):
        return RangeApi(self.excel, sheet=self.sheet, area=(1, 1, LAST_ROW, LAST_COLUMN))

    def do_Activate(self):
        if self.sheet.book is not self.excel.active:
            raise com_error("the sheet's workbook is not active")
        self.sheet.book.active = self.sheet
        self.excel.selected = (self.sheet, "$A$1")


class FilterApi(Com):
    def get_Range(self):
        return RangeApi(self.excel, sheet=self.sheet, area=area_of(self.sheet.filter))


class RangeApi(Com):
    def get_Worksheet(self):
        return SheetApi(self.excel, sheet=self.sheet)

    def get_Formula(self):
        cell = self.sheet.cells.get(self.area[:2], Cell())
        return cell.formula or ("" if cell.value is None else str(cell.value))

    def get_HasArray(self):
        return bool(self.sheet.cells.get(self.area[:2], Cell()).array)

    def get_CurrentArray(self):
        return RangeApi(self.excel, sheet=self.sheet, area=area_of(self.sheet.cells[self.area[:2]].array))

    def get_Rows(self):
        return CountApi(self.excel, count=self.area[2])

    def get_Columns(self):
        return CountApi(self.excel, count=self.area[3])

    def get_Row(self):
        return self.area[0]

    def get_Column(self):
        return self.area[1]

    def get_EntireRow(self):
        return self

    def set_Hidden(self, value):
        assert value is False
        self.sheet.hidden_rows.clear()

    def do_ClearOutline(self):
        self.sheet.levels.clear()

    def get_Address(self):
        return address_of(self.area)

    def get_Value2(self):
        return block(self, given2)

    def get_HasSpill(self):
        return any(self.sheet.cells.get(place, Cell()).look == "spilled" for place in places(self.area))

    def do_Calculate(self):
        self.excel.calculated.append(f"{self.sheet.name}!{address_of(self.area)}")

    def set_OutlineLevel(self, value):
        for row in range(self.area[0], self.area[0] + self.area[2]):
            self.sheet.levels[row] = value

    def do_AutoFilter(self):
        self.sheet.filter = None if self.sheet.filter else address_of(self.area)

    def do_Select(self):
        if self.sheet.book.active is not self.sheet or self.excel.active is not self.sheet.book:
            raise com_error("Select method of Range class failed")
        self.excel.selected = (self.sheet, address_of(self.area))

    def do_Copy(self, Destination=None):
        whole = self.area[2] == LAST_ROW
        source, target = self.sheet, Destination.sheet
        if target.protected:
            raise com_error("the sheet is protected")
        down, right = Destination.area[0] - self.area[0], Destination.area[1] - self.area[1]
        foreign = source.book is not target.book
        if whole:
            target.cells.clear()
            target.widths, target.rules, target.lists = dict(source.widths), list(source.rules), list(source.lists)
            if self.excel.objects_copied:
                for chart in source.charts:
                    target.charts.append(Chart([pointing(one, source.book.name, set()) if foreign else one for one in chart.series]))  # fmt: skip
        for (row, column), cell in source.cells.items():
            if inside((row, column), self.area):
                new = copy.copy(cell)
                new.formula = pointing(cell.formula, source.book.name, set()) if foreign else cell.formula
                target.cells[row + down, column + right] = new
        for place in places(self.area) if not whole else ():
            if place not in source.cells:
                target.cells.pop((place[0] + down, place[1] + right), None)
        target.book.saved = False


class CountApi(Com):
    def get_Count(self):
        return self.count
