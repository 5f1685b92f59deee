"""A team's own workbook: its sheets and headers found, proposed, kept in the sheet Mapping, and read through it."""
