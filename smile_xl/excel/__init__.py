"""The edge to Excel: what its VBA calls, the ribbon, the add-in file and its installation."""
