"""Supply planning for imported goods: sheet functions and S&OP reports for Excel workbooks."""

__version__ = "0.1.0"
