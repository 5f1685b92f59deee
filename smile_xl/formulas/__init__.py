"""Formulas of cells: as a workbook holds them, read into trees, moved to other cells, evaluated where that is sure."""
