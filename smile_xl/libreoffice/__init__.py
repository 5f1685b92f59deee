"""The edge to LibreOffice Calc: the add-in, and recalculation without a screen."""
