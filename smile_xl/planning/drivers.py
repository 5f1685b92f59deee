"""The drivers of a change of the projection: what a bridge explains it by, and what a decision is to move."""

DRIVERS = ("currency", "calendar", "opening", "demand", "supply", "policy", "cost", "new", "delisted", "moved")
"""The drivers, in the order in which a bridge replaces them."""
