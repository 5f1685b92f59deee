"""From the tables of a workbook to the plan of all items and the reports' tidy tables."""
