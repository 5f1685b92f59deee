"""A book against a fresh calculation: every SMILE_ formula, every result, every report page."""
