"""Charts, through COM."""

from __future__ import annotations

from fake_excel.com import Com


class ChartObjectApi(Com):
    pass


class ChartApi(Com):
    def do_SeriesCollection(self):
        return SeriesCollectionApi(self.excel, chart=self.chart)


class SeriesCollectionApi(Com):
    def get_Count(self):
        return len(self.chart.series)

    def __call__(self, place):
        self.excel.call("SeriesCollection()")
        return SeriesApi(self.excel, chart=self.chart, place=place - 1)


class SeriesApi(Com):
    def get_Formula(self):
        return self.chart.series[self.place]

    def set_Formula(self, value):
        self.chart.series[self.place] = value
