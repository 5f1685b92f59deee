"""Sheet functions explained: a call with its arguments, a cell with its formula."""
