"""What stock may be divided by, from the total down to the item."""

STOCK_LEVELS = ("country", "site", "category", "sub_category", "brand", "item")
"""In their usual order; a planner may choose some of them, in any order."""
