"""The stock-steering loop: its input tables, and what follows from them and the plan."""
