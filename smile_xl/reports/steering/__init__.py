"""Pages of the stock-steering loop."""
