"""Workbooks as files (.xlsx, .xlsm), without Excel: what the product does not own stays byte for byte the same."""
