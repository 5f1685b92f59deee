"""Adapters of the port ``smile_xl.book``: where a workbook lives decides which one is used."""
